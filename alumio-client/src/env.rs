//! Building a client from environment variables.

use client_runtime::{BuildError, Builder, StaticToken, env};

use crate::{Client, SecuritySchemes as _};

const HOST: &str = "ALUMIO_HOST";
const ENVIRONMENT: &str = "ALUMIO_ENVIRONMENT";
const TOKEN: &str = "ALUMIO_TOKEN";

impl Client {
    /// A builder for the environment of `ALUMIO_ENVIRONMENT` (`demo` for
    /// `https://demo.alumio.com/api/v1`), or the base URL of `ALUMIO_HOST`, with the API key of
    /// `ALUMIO_TOKEN`.
    ///
    /// # Errors
    /// [`BuildError::Environment`] with the name of a variable that is missing or invalid.
    ///
    /// ```no_run
    /// let client = alumio_client::Client::builder_from_env()?.build()?;
    /// # Ok::<(), alumio_client::runtime::BuildError>(())
    /// ```
    pub fn builder_from_env() -> Result<Builder<Client>, BuildError> {
        let base_url = match env::optional(HOST)? {
            Some(host) if host.contains("://") => host,
            Some(host) => format!("https://{host}/api/v1"),
            None => {
                let environment = env::optional(ENVIRONMENT)?.ok_or_else(|| {
                    env::unusable(ENVIRONMENT, &format!("is not set, and neither is {HOST}"))
                })?;
                base_url_of(&environment).ok_or_else(|| {
                    env::unusable(ENVIRONMENT, "is not the name of an environment")
                })?
            }
        };
        let token = StaticToken::from(env::required(TOKEN)?);
        Ok(Client::builder().base_url(base_url).api_key(token))
    }
}

/// The base URL of an environment; `None` if the name cannot be part of a host name.
fn base_url_of(environment: &str) -> Option<String> {
    let is_label = environment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_label.then(|| format!("https://{environment}.alumio.com/api/v1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_one_label_of_a_host() {
        assert_eq!(
            base_url_of("demo").as_deref(),
            Some("https://demo.alumio.com/api/v1")
        );
        for other in ["evil.example/", "a.b", "a@b", "a#"] {
            assert_eq!(base_url_of(other), None, "{other}");
        }
    }
}
