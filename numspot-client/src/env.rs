//! Building a client from the environment variables that Numspot's own tools use.

use client_runtime::{BuildError, Builder, ClientCredentials, GeneratedClient, Options, env};
use uuid::Uuid;

use crate::{Client, SecuritySchemes as _};

const HOST: &str = "NUMSPOT_HOST";
const CLIENT_ID: &str = "NUMSPOT_CLIENT_ID";
const CLIENT_SECRET: &str = "NUMSPOT_CLIENT_SECRET";
const SPACE_ID: &str = "NUMSPOT_SPACE_ID";

impl Client {
    /// A builder with the host of `NUMSPOT_HOST`, or else the documented one, and the credentials
    /// of `NUMSPOT_CLIENT_ID` and `NUMSPOT_CLIENT_SECRET`, with which it obtains tokens from that
    /// host when calls need them. If `NUMSPOT_SPACE_ID` is set, it is the space of calls that do not
    /// name one; see [`Client::in_space`].
    ///
    /// # Errors
    /// [`BuildError::Environment`] with the name of a variable that is missing or invalid.
    ///
    /// ```no_run
    /// let client = numspot_client::Client::builder_from_env()?.build()?;
    /// # Ok::<(), numspot_client::runtime::BuildError>(())
    /// ```
    pub fn builder_from_env() -> Result<Builder<Client>, BuildError> {
        let host = match env::optional(HOST)? {
            Some(host) if host.contains("://") => host,
            Some(host) => format!("https://{host}"),
            None => <Client as GeneratedClient>::API
                .base_url
                .ok_or(BuildError::NoBaseUrl)?
                .to_owned(),
        };
        let token_url = format!("{}/iam/token", host.trim_end_matches('/'));
        let token_url = token_url
            .parse()
            .map_err(|_| env::unusable(HOST, "is not the URL of a host"))?;
        let (id, secret) = (env::required(CLIENT_ID)?, env::required(CLIENT_SECRET)?);
        let credentials = ClientCredentials::new(token_url, id, secret.into());
        let builder = Client::builder().base_url(host).bearer_auth(credentials);
        let Some(space) = env::optional(SPACE_ID)? else {
            return Ok(builder);
        };
        let space: Uuid = space
            .parse()
            .map_err(|_| env::unusable(SPACE_ID, "is not a UUID"))?;
        Ok(builder.options(|options| set_space(options, space)))
    }

    /// The same client with a space for the calls that do not name one. Credentials, connections and the
    /// retry budget are shared.
    ///
    /// ```
    /// # async fn example(client: numspot_client::Client) -> Result<(), numspot_client::Error> {
    /// let client = client.in_space("b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c".parse().expect("is a UUID"));
    /// let here = client.list_roles_space().send().await?;
    /// let there = client.list_roles_space().space_id(uuid::Uuid::nil()).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn in_space(&self, space: Uuid) -> Client {
        self.with(|options| set_space(options, space))
    }
}

fn set_space(options: &mut Options, space: Uuid) {
    let parameters = &mut options.parameters;
    parameters.insert("spaceId".to_owned(), space.to_string());
}
