//! Building a client from the environment variables that Numspot's own tools use.

use client_runtime::{BuildError, Builder, ClientCredentials, GeneratedClient, env};
use uuid::Uuid;

use crate::Client;

const HOST: &str = "NUMSPOT_HOST";
const CLIENT_ID: &str = "NUMSPOT_CLIENT_ID";
const CLIENT_SECRET: &str = "NUMSPOT_CLIENT_SECRET";
const SPACE_ID: &str = "NUMSPOT_SPACE_ID";

impl Client {
    /// A builder with the host of `NUMSPOT_HOST`, or else the documented one, and the credentials
    /// of `NUMSPOT_CLIENT_ID` and `NUMSPOT_CLIENT_SECRET`, with which it fetches tokens from that
    /// host as it needs them.
    ///
    /// # Errors
    /// [`BuildError::Environment`] for a variable that is missing or cannot be used, by its name.
    ///
    /// ```no_run
    /// let client = numspot_client::Client::builder_from_env()?.build()?;
    /// # Ok::<(), numspot_client::runtime::BuildError>(())
    /// ```
    pub fn builder_from_env() -> Result<Builder<Client>, BuildError> {
        let host = match env::optional(HOST)? {
            Some(host) if host.contains("://") => host,
            Some(host) => format!("https://{host}"),
            None => <Client as GeneratedClient>::BASE_URL
                .ok_or(BuildError::NoBaseUrl)?
                .to_owned(),
        };
        let token_url = format!("{}/iam/token", host.trim_end_matches('/'));
        let token_url = token_url
            .parse()
            .map_err(|_| env::unusable(HOST, "is not the URL of a host"))?;
        let (id, secret) = (env::required(CLIENT_ID)?, env::required(CLIENT_SECRET)?);
        let credentials = ClientCredentials::new(token_url, id, secret.into());
        Ok(Client::builder().base_url(host).credentials(credentials))
    }

    /// The space of `NUMSPOT_SPACE_ID`. It is for callers to pass on: no call uses it by itself.
    ///
    /// # Errors
    /// [`BuildError::Environment`], when it is missing or no UUID.
    pub fn space_from_env() -> Result<Uuid, BuildError> {
        let space = env::required(SPACE_ID)?;
        space
            .parse()
            .map_err(|_| env::unusable(SPACE_ID, "is not a UUID"))
    }
}
