//! Access tokens by the OAuth 2.0 client credentials grant (RFC 6749 section 4.4).
//!
//! The grant is implemented here instead of with a general OAuth library, because the details matter:
//! how the client id and secret are encoded, that they are sent to the token endpoint only, and that no
//! error shows them.

use std::borrow::Cow;
use std::env::{self, VarError};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, Url};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{Credentials, CredentialsError, SecretString, Token, failure, http_client_builder};

/// The default timeout of a token request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The maximum size of a token response in bytes.
const RESPONSE_LIMIT: usize = 64 * 1024;

/// The maximum length of an `error_description` in an error, in characters.
const EXPLANATION_LIMIT: usize = 500;

/// OAuth 2.0 client credentials (RFC 6749 section 4.4): exchanges a client id and a secret for tokens
/// at a token endpoint.
///
/// Token requests use the HTTP client of the session, or that of [`http_client`](Self::http_client), or
/// else one with default settings. Redirects are not followed, because that would send the secret to
/// another location, unless a client set with [`http_client`](Self::http_client) follows them. `Debug`
/// shows neither the secret nor the query of the URL.
///
/// ```
/// use std::sync::Arc;
///
/// use client_runtime::{ClientCredentials, TokenCache};
///
/// let token_url = "https://auth.example.com/token".parse().expect("is a URL");
/// let credentials = ClientCredentials::new(token_url, "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw".into())
///     .scopes(["volumes.read", "volumes.write"]);
/// let cache = TokenCache::new(Arc::new(credentials));
/// ```
#[derive(Clone)]
pub struct ClientCredentials {
    token_url: Url,
    client_id: String,
    client_secret: SecretString,
    authentication: ClientAuthentication,
    /// Separated by spaces, as sent. Empty if the server decides.
    scope: String,
    /// Additional request parameters, in order.
    parameters: Vec<(Cow<'static, str>, String)>,
    timeout: Duration,
    /// The HTTP client of the caller or the session. Otherwise created on first use, because that is
    /// slow and can fail.
    http_client: OnceLock<Client>,
}

/// How the token request sends the client id and secret (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// In an `Authorization: Basic` header, each form-encoded first. All servers must support this.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the body, for servers that support only this.
    Body,
}

impl ClientCredentials {
    /// Returns credentials of the client `client_id` for tokens from `token_url`.
    ///
    /// The URL should use `https`, because the request contains the secret. A user and a password in
    /// the URL are removed.
    pub fn new(
        mut token_url: Url,
        client_id: impl Into<String>,
        client_secret: SecretString,
    ) -> Self {
        // Both fail only for URLs that cannot have a user.
        let _ = token_url.set_username("");
        let _ = token_url.set_password(None);
        Self {
            token_url,
            client_id: client_id.into(),
            client_secret,
            authentication: ClientAuthentication::default(),
            scope: String::new(),
            parameters: Vec::new(),
            timeout: TIMEOUT,
            http_client: OnceLock::new(),
        }
    }

    /// Returns credentials from two environment variables, which are read immediately.
    ///
    /// # Errors
    /// [`CredentialsError::Configuration`] names a variable that is not set, empty, not UTF-8, or
    /// contains a control character, such as a line break at the end.
    ///
    /// ```
    /// use client_runtime::ClientCredentials;
    ///
    /// let token_url = "https://auth.example.com/token".parse().expect("is a URL");
    /// let error = ClientCredentials::from_env(token_url, "NO_SUCH_ID", "NO_SUCH_SECRET").unwrap_err();
    /// assert_eq!(error.to_string(), "the environment variable NO_SUCH_ID is not set");
    /// ```
    pub fn from_env(
        token_url: Url,
        id_variable: &str,
        secret_variable: &str,
    ) -> Result<Self, CredentialsError> {
        Self::from_lookup(token_url, id_variable, secret_variable, |name| {
            env::var(name)
        })
    }

    /// Takes the environment as a closure, so that tests do not change that of the process.
    fn from_lookup(
        token_url: Url,
        id_variable: &str,
        secret_variable: &str,
        lookup: impl Fn(&str) -> Result<String, VarError>,
    ) -> Result<Self, CredentialsError> {
        let id = usable(id_variable, lookup(id_variable))?;
        let secret = usable(secret_variable, lookup(secret_variable))?;
        Ok(Self::new(token_url, id, secret.into()))
    }

    /// Sets the scopes of the token (RFC 6749 section 3.3). By default, the server decides.
    #[must_use]
    pub fn scopes<S: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scope.clear();
        for scope in scopes {
            if !self.scope.is_empty() {
                self.scope.push(' ');
            }
            self.scope.push_str(scope.as_ref());
        }
        self
    }

    /// Adds an audience: the logical name of an API, which many servers support as in RFC 8693 section
    /// 2.1. Can be called several times.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.parameter("audience", audience)
    }

    /// Adds a resource: the absolute URI of an API (RFC 8707 section 2). Can be called several times.
    #[must_use]
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.parameter("resource", resource)
    }

    /// Adds a request parameter that the server defines (RFC 6749 section 8.2).
    #[must_use]
    pub fn parameter(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets where the client id and secret are sent. The default is the `Authorization` header.
    #[must_use]
    pub fn authentication(self, authentication: ClientAuthentication) -> Self {
        Self {
            authentication,
            ..self
        }
    }

    /// Sets the timeout of a token request, including its response. The default is 30 seconds.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets the HTTP client for token requests, for example for another proxy or other certificates
    /// than those of the session.
    ///
    /// Build it with [`reqwest::redirect::Policy::none`]. A client that follows redirects forwards the
    /// secret in the body, and within one host also in the header.
    #[must_use]
    pub fn http_client(self, http_client: Client) -> Self {
        Self {
            http_client: http_client.into(),
            ..self
        }
    }
}

fn usable(variable: &str, value: Result<String, VarError>) -> Result<String, CredentialsError> {
    crate::env::usable(value).map_err(|problem| {
        let problem = format!("the environment variable {variable} {problem}");
        CredentialsError::configuration(problem)
    })
}

#[async_trait::async_trait]
impl Credentials for ClientCredentials {
    async fn token(&self) -> Result<Token, CredentialsError> {
        // The lifetime starts before the response arrives.
        let asked_at = Instant::now();
        let request = self.request()?;
        let response = self.client()?.execute(request).await.map_err(transport)?;
        let status = response.status();
        let body = read(response).await;
        if !status.is_success() {
            // If the body cannot be used, the status is sufficient.
            let response = body.and_then(|body| parse(&body)).unwrap_or_default();
            return Err(self.refusal(status, &response));
        }
        let response = parse(&body?)?;
        // Some servers report errors with a success status.
        if response.get("error").is_some_and(Value::is_string) {
            return Err(self.refusal(status, &response));
        }
        token(response, asked_at)
    }

    fn use_http_client(&self, http: &Client) {
        // A client that is already set stays.
        let _ = self.http_client.set(http.clone());
    }
}

impl ClientCredentials {
    fn client(&self) -> Result<&Client, CredentialsError> {
        let unusable = |source| CredentialsError::Configuration {
            problem: "the HTTP client for the token endpoint cannot be set up".to_owned(),
            source: Some(source),
        };
        if let Some(client) = self.http_client.get() {
            return Ok(client);
        }
        let builder = http_client_builder().map_err(|error| unusable(Arc::new(error)))?;
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| unusable(Arc::new(error)))?;
        Ok(self.http_client.get_or_init(|| client))
    }

    fn request(&self) -> Result<reqwest::Request, CredentialsError> {
        let secret = self.client_secret.expose();
        let mut form = vec![("grant_type", "client_credentials")];
        if !self.scope.is_empty() {
            form.push(("scope", &self.scope));
        }
        let parameters = self.parameters.iter();
        form.extend(parameters.map(|(name, value)| (&**name, &**value)));
        if self.authentication == ClientAuthentication::Body {
            form.push(("client_id", &self.client_id));
            form.push(("client_secret", secret));
        }

        let mut request = reqwest::Request::new(reqwest::Method::POST, self.token_url.clone());
        *request.timeout_mut() = Some(self.timeout);
        *request.body_mut() = Some(encode(&form).into());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if self.authentication == ClientAuthentication::Basic {
            headers.insert(AUTHORIZATION, basic(&self.client_id, secret)?);
        }
        Ok(request)
    }

    /// Returns the error of an error response (RFC 6749 section 5.2).
    fn refusal(
        &self,
        status: reqwest::StatusCode,
        response: &Map<String, Value>,
    ) -> CredentialsError {
        let text = |name| {
            let text = response.get(name)?.as_str()?;
            Some(self.printable(text)).filter(|text| !text.is_empty())
        };
        CredentialsError::refused(status, text("error"), text("error_description"))
    }

    /// Shortens an `error_description` to one line of limited length and removes the secret, which a
    /// server might repeat.
    fn printable(&self, text: &str) -> String {
        let secret = self.client_secret.expose();
        let sent = [
            basic_pair(&self.client_id, secret),
            encode_one(secret),
            secret.to_owned(),
        ];
        sent.iter()
            .filter(|sent| !sent.is_empty())
            .fold(text.to_owned(), |text, sent| {
                text.replace(sent, "(redacted)")
            })
            .replace(char::is_control, " ")
            .chars()
            .take(EXPLANATION_LIMIT)
            .collect()
    }
}

/// Returns the `Authorization` header (RFC 6749 section 2.3.1). Unlike plain HTTP Basic authentication,
/// both parts are form-encoded first, so that the first colon separates them.
fn basic(client_id: &str, client_secret: &str) -> Result<HeaderValue, CredentialsError> {
    let value = format!("Basic {}", basic_pair(client_id, client_secret));
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        CredentialsError::configuration("the client id and secret cannot be sent in a header")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn basic_pair(client_id: &str, client_secret: &str) -> String {
    BASE64.encode(format!(
        "{}:{}",
        encode_one(client_id),
        encode_one(client_secret)
    ))
}

/// Encodes a string as `application/x-www-form-urlencoded` (RFC 6749 appendix B).
fn encode_one(text: &str) -> String {
    let mut encoded = encode(&[(text, "")]);
    // Removes the equals sign before the empty value.
    encoded.pop();
    encoded
}

fn encode(form: &[(&str, &str)]) -> String {
    // Encoding pairs of strings never fails: serde_urlencoded only rejects other shapes.
    serde_urlencoded::to_string(form).expect("pairs of strings are a form")
}

async fn read(mut response: Response) -> Result<Vec<u8>, CredentialsError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport)? {
        if body.len() + chunk.len() > RESPONSE_LIMIT {
            return Err(CredentialsError::malformed("is longer than 64 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn transport(error: reqwest::Error) -> CredentialsError {
    let host = error.url().and_then(failure::host);
    // Errors about the body have no URL.
    let place = host.map_or(String::new(), |host| format!(" on {host}"));
    // The query of the URL may contain a secret.
    let error = error.without_url();
    if error.is_builder() {
        return CredentialsError::Configuration {
            problem: "the URL of the token endpoint cannot be requested".to_owned(),
            source: Some(Arc::new(error)),
        };
    }
    let problem = if error.is_connect() {
        format!("no connection to the token endpoint{place}")
    } else if error.is_timeout() {
        format!("no response in time from the token endpoint{place}")
    } else {
        format!("lost the connection to the token endpoint{place}")
    };
    CredentialsError::transport(problem, error)
}

fn parse(body: &[u8]) -> Result<Map<String, Value>, CredentialsError> {
    // Omits the error of serde_json, which may quote the token.
    serde_json::from_slice(body).map_err(|_| CredentialsError::malformed("is not a JSON object"))
}

/// Returns the token of a success response (RFC 6749 section 5.1).
fn token(mut response: Map<String, Value>, asked_at: Instant) -> Result<Token, CredentialsError> {
    let is_bearer = response
        .get("token_type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !is_bearer {
        return Err(CredentialsError::malformed(
            "has no `token_type` that is \"bearer\"",
        ));
    }
    let secret = match response.remove("access_token") {
        // RFC 6749 appendix A.12 allows no other characters.
        Some(Value::String(text)) if !text.is_empty() && text.bytes().all(is_vschar) => text,
        _ => {
            return Err(CredentialsError::malformed(
                "has no `access_token` that is a string of printable ASCII characters",
            ));
        }
    };
    let token = Token::new(secret);
    Ok(match life(response.get("expires_in"))? {
        Some(life) => token.expires_in(life.saturating_sub(asked_at.elapsed())),
        None => token,
    })
}

fn is_vschar(byte: u8) -> bool {
    (0x20..=0x7e).contains(&byte)
}

/// Returns a number of seconds, which some servers write as a string. Negative numbers mean that the
/// token has expired; numbers beyond the range of `Duration` mean that it never expires.
fn life(expires_in: Option<&Value>) -> Result<Option<Duration>, CredentialsError> {
    let seconds = match expires_in {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let seconds = seconds
        .filter(|seconds: &f64| !seconds.is_nan())
        .ok_or_else(|| CredentialsError::malformed("has an `expires_in` that is not a number"))?;
    Ok(Duration::try_from_secs_f64(seconds.max(0.0)).ok())
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown_url = self.token_url.clone();
        shown_url.set_query(None);
        f.debug_struct("ClientCredentials")
            .field("token_url", &shown_url.as_str())
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("authentication", &self.authentication)
            .field("scope", &self.scope)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use reqwest::StatusCode;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinHandle;

    use super::*;

    /// A client id and a secret with all characters that are encoded specially.
    const ID: &str = "a:b c%d";
    const SECRET: &str = "p+w/:é%20&=~";
    /// The same, encoded by RFC 6749 appendix B: a space as a plus, other bytes of UTF-8 as percent
    /// escapes.
    const ENCODED_ID: &str = "a%3Ab+c%25d";
    const ENCODED_SECRET: &str = "p%2Bw%2F%3A%C3%A9%2520%26%3D%7E";

    const GOOD: &str = r#"{"access_token":"2YotnFZFEjr1","token_type":"Bearer","expires_in":3600}"#;

    /// Accepts one connection, reads one request, writes `response`, and returns the request.
    async fn serve(response: impl Into<Vec<u8>>) -> (ClientCredentials, JoinHandle<String>) {
        let response = response.into();
        let (listener, credentials) = listen().await;
        let server = tokio::spawn(async move {
            let (mut stream, request) = accept(&listener).await;
            // A client that has read enough closes the connection early.
            let _ = stream.write_all(&response).await;
            request
        });
        (credentials, server)
    }

    async fn listen() -> (TcpListener, ClientCredentials) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("is bound");
        let url = format!("http://{address}/oauth/token");
        let url = url.parse().expect("is a URL");
        (listener, ClientCredentials::new(url, ID, SECRET.into()))
    }

    async fn accept(listener: &TcpListener) -> (TcpStream, String) {
        let (mut stream, _) = listener.accept().await.expect("is called");
        let mut request = Vec::new();
        loop {
            stream.read_buf(&mut request).await.expect("reads");
            let text = String::from_utf8_lossy(&request);
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && body.len() >= header(head, "content-length").map_or(0, |n| n.parse().expect("n"))
            {
                return (stream, text.into_owned());
            }
        }
    }

    fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
        let mut lines = request.split("\r\n\r\n").next()?.lines().skip(1);
        lines.find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn http(status: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")
    }

    /// Returns the error of a response, after checks that apply to all errors.
    async fn error_of(response: impl Into<Vec<u8>>) -> CredentialsError {
        let (credentials, server) = serve(response).await;
        let error = credentials.token().await.expect_err("is no token");
        server.await.expect("serves");
        assert_shows_nothing(&error);
        error
    }

    fn assert_shows_nothing(error: &CredentialsError) {
        let mut shown = format!("{error} {error:?}");
        let mut source = error.source();
        while let Some(error) = source {
            shown += &format!(" {error} {error:?}");
            source = error.source();
        }
        for secret in [SECRET, ENCODED_SECRET, "2YotnFZFEjr1", "p+w", "p%2Bw"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    async fn problem_of(body: &str) -> &'static str {
        match error_of(http("200 OK", body)).await {
            CredentialsError::Malformed { problem } => problem,
            other => panic!("{other:?} for {body}"),
        }
    }

    async fn token_of(body: &str) -> Token {
        let (credentials, _server) = serve(http("200 OK", body)).await;
        credentials.token().await.expect(body)
    }

    #[tokio::test]
    async fn basic_authentication_encodes_the_id_and_the_secret_each_first() {
        let (credentials, server) = serve(http("200 OK", GOOD)).await;
        credentials.token().await.expect("is issued");
        let request = server.await.expect("serves");
        assert!(request.starts_with("POST /oauth/token HTTP/1.1\r\n"));
        assert_eq!(
            header(&request, "authorization"),
            Some("Basic YSUzQWIrYyUyNWQ6cCUyQnclMkYlM0ElQzMlQTklMjUyMCUyNiUzRCU3RQ==")
        );
        let pair = BASE64.encode(format!("{ENCODED_ID}:{ENCODED_SECRET}"));
        assert_eq!(
            header(&request, "authorization"),
            Some(format!("Basic {pair}").as_str())
        );
        assert_eq!(header(&request, "accept"), Some("application/json"));
        assert_eq!(
            header(&request, "content-type"),
            Some("application/x-www-form-urlencoded")
        );
        assert!(request.ends_with("\r\n\r\ngrant_type=client_credentials"));
    }

    #[tokio::test]
    async fn body_authentication_has_no_header() {
        let (credentials, server) = serve(http("200 OK", GOOD)).await;
        let credentials = credentials
            .authentication(ClientAuthentication::Body)
            .scopes(["volumes.read", "volumes:write"])
            .audience("https://api.example.com")
            .resource("https://one.example.com/")
            .resource("https://two.example.com/")
            .parameter("tenant", "a b");
        credentials.token().await.expect("is issued");
        let request = server.await.expect("serves");
        assert_eq!(header(&request, "authorization"), None);
        let body = request.split("\r\n\r\n").nth(1).expect("has a body");
        assert_eq!(
            body,
            format!(
                "grant_type=client_credentials&scope=volumes.read+volumes%3Awrite\
                 &audience=https%3A%2F%2Fapi.example.com\
                 &resource=https%3A%2F%2Fone.example.com%2F\
                 &resource=https%3A%2F%2Ftwo.example.com%2F&tenant=a+b\
                 &client_id={ENCODED_ID}&client_secret={ENCODED_SECRET}"
            )
        );
    }

    #[test]
    fn the_authorization_header_is_marked_sensitive() {
        let url = "http://127.0.0.1/token".parse().expect("is a URL");
        let credentials = ClientCredentials::new(url, ID, SECRET.into());
        let request = credentials.request().expect("is made");
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
    }

    #[tokio::test]
    async fn a_user_and_a_password_in_the_url_are_left_out() {
        let (credentials, server) = serve(http("200 OK", GOOD)).await;
        let url = credentials.token_url.as_str().replace("//", "//user:pw@");
        let url = url.parse().expect("is a URL");
        let credentials = ClientCredentials::new(url, "id", "secret".into());
        assert!(!format!("{credentials:?}").contains("pw"));
        credentials.token().await.expect("is issued");
        let request = server.await.expect("serves");
        assert_eq!(
            header(&request, "authorization"),
            Some("Basic aWQ6c2VjcmV0")
        );
        assert_eq!(request.matches("uthorization").count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lifetime_starts_with_the_request() {
        let asked_at = Instant::now();
        tokio::time::advance(Duration::from_secs(10)).await;
        let response = parse(GOOD.as_bytes()).expect("is an object");
        let token = token(response, asked_at).expect("is a token");
        assert_eq!(token.secret().expose(), "2YotnFZFEjr1");
        let expires_at = asked_at + Duration::from_secs(3600);
        assert_eq!(token.expires_at(), Some(expires_at));
    }

    #[tokio::test]
    async fn the_token_type_is_bearer_in_any_case() {
        for kind in ["bearer", "BEARER", "Bearer"] {
            token_of(&format!(r#"{{"access_token":"t","token_type":"{kind}"}}"#)).await;
        }
        for body in [
            r#"{"access_token":"2YotnFZFEjr1"}"#,
            r#"{"access_token":"2YotnFZFEjr1","token_type":"mac"}"#,
            r#"{"access_token":"2YotnFZFEjr1","token_type":7}"#,
        ] {
            assert_eq!(
                problem_of(body).await,
                "has no `token_type` that is \"bearer\""
            );
        }
    }

    #[tokio::test]
    async fn a_response_without_a_usable_token_is_malformed() {
        for token in ["null", "7", r#""""#, r#""a\nb""#, r#""é""#] {
            let body = format!(r#"{{"access_token":{token},"token_type":"bearer"}}"#);
            assert_eq!(
                problem_of(&body).await,
                "has no `access_token` that is a string of printable ASCII characters"
            );
        }
        let body = r#"{"error":null}"#;
        assert_eq!(
            problem_of(body).await,
            "has no `token_type` that is \"bearer\""
        );
        for body in ["", "<html>2YotnFZFEjr1</html>", "[]", "null", "{"] {
            assert_eq!(problem_of(body).await, "is not a JSON object");
        }
    }

    #[test]
    fn any_number_of_seconds_is_handled() {
        let seconds = |text: &str| {
            let value: Value = serde_json::from_str(text).expect("is JSON");
            life(Some(&value)).map_err(|error| error.to_string())
        };
        let some = |seconds| Ok(Some(Duration::from_secs_f64(seconds)));
        assert_eq!(seconds("3600"), some(3600.0));
        assert_eq!(seconds("\"3600\""), some(3600.0));
        assert_eq!(seconds("0.5"), some(0.5));
        for over in ["0", "-1", "-1e300", "\"-inf\"", "-9223372036854775808"] {
            assert_eq!(seconds(over), some(0.0), "{over}");
        }
        for endless in ["null", "1e300", "\"inf\"", "1e20"] {
            assert_eq!(seconds(endless), Ok(None), "{endless}");
        }
        for wrong in ["true", "{}", "\"soon\"", "\"nan\"", "\"\""] {
            let error = seconds(wrong).expect_err(wrong);
            assert!(error.ends_with("has an `expires_in` that is not a number"));
        }
        assert_eq!(life(None).ok(), Some(None));
    }

    #[tokio::test]
    async fn a_lifetime_beyond_the_clock_never_expires() {
        let body =
            r#"{"access_token":"t","token_type":"bearer","expires_in":18446744073709551615}"#;
        assert_eq!(token_of(body).await.expires_at(), None);
    }

    #[tokio::test]
    async fn an_error_response_is_reported_with_its_code_and_description() {
        let body = r#"{"error":"invalid_client","error_description":"No such client"}"#;
        let error = error_of(http("401 Unauthorized", body)).await;
        assert!(!error.is_transient());
        assert_eq!(
            error.to_string(),
            "the token endpoint responded with 401 Unauthorized: invalid_client (No such client)"
        );
        let CredentialsError::Refused {
            status,
            code,
            description,
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(code.as_deref(), Some("invalid_client"));
        assert_eq!(description.as_deref(), Some("No such client"));
    }

    #[tokio::test]
    async fn an_error_with_a_success_status_is_an_error() {
        let error = error_of(http("200 OK", r#"{"error":"invalid_scope"}"#)).await;
        assert_eq!(
            error.to_string(),
            "the token endpoint responded with 200 OK: invalid_scope"
        );
    }

    #[tokio::test]
    async fn an_error_response_in_another_format_has_its_status() {
        let long = "x".repeat(RESPONSE_LIMIT + 1);
        for body in ["", "<html>", r#"{"error":{"code":7}}"#, &long] {
            let error = error_of(http("503 Service Unavailable", body)).await;
            assert!(error.is_transient());
            assert_eq!(
                error.to_string(),
                "the token endpoint responded with 503 Service Unavailable"
            );
        }
        assert!(
            error_of(http("429 Too Many Requests", ""))
                .await
                .is_transient()
        );
    }

    #[tokio::test]
    async fn a_secret_that_the_endpoint_repeats_is_not_shown() {
        let pair = basic_pair(ID, SECRET);
        let body = serde_json::json!({
            "error": format!("wrong: {SECRET}"),
            "error_description": format!("{ENCODED_SECRET}\n{pair} {}", "x".repeat(1000)),
        });
        let error = error_of(http("400 Bad Request", &body.to_string())).await;
        let shown = error.to_string();
        assert!(
            shown.contains("wrong: (redacted) ((redacted) (redacted) xxx"),
            "{shown}"
        );
        assert!(!shown.contains(&pair));
        assert!(shown.len() < 700);
    }

    #[tokio::test]
    async fn an_empty_secret_removes_nothing_from_a_description() {
        let url = "http://127.0.0.1/token".parse().expect("is a URL");
        let credentials = ClientCredentials::new(url, "id", "".into());
        assert_eq!(credentials.printable("a\tb"), "a b");
    }

    #[tokio::test]
    async fn a_response_is_read_up_to_its_limit() {
        let padded = |length: usize| {
            let body = format!("{GOOD}{}", " ".repeat(length - GOOD.len()));
            // Without a length, so that the client does not know how many bytes follow.
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}")
        };
        let (credentials, _server) = serve(padded(RESPONSE_LIMIT)).await;
        credentials.token().await.expect("is short enough");
        let error = error_of(padded(RESPONSE_LIMIT + 1)).await;
        assert_eq!(
            error.to_string(),
            "the response of the token endpoint is longer than 64 KiB"
        );
    }

    #[tokio::test]
    async fn redirects_are_not_followed() {
        for status in [
            "302 Found",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
        ] {
            let response =
                format!("HTTP/1.1 {status}\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n");
            let error = error_of(response).await;
            assert_eq!(
                error.to_string(),
                format!("the token endpoint responded with {status}")
            );
        }
    }

    #[tokio::test]
    async fn a_custom_http_client_is_used() {
        let (credentials, server) = serve(http("200 OK", GOOD)).await;
        let client = http_client_builder()
            .expect("has TLS")
            .user_agent("mine")
            .build()
            .expect("builds");
        let credentials = credentials.http_client(client);
        credentials.token().await.expect("is issued");
        let request = server.await.expect("serves");
        assert_eq!(header(&request, "user-agent"), Some("mine"));
    }

    #[tokio::test]
    async fn an_endpoint_that_cannot_be_reached_is_a_transport_error() {
        let (listener, credentials) = listen().await;
        let address = listener.local_addr().expect("is bound");
        drop(listener);
        let error = credentials.token().await.expect_err("is no token");
        assert_shows_nothing(&error);
        assert!(error.is_transient());
        assert_eq!(
            error.to_string(),
            format!("no token was received: no connection to the token endpoint on {address}")
        );
    }

    #[tokio::test]
    async fn an_endpoint_that_no_request_can_reach_is_a_configuration_error() {
        let url = "ftp://127.0.0.1/token".parse().expect("is a URL");
        let credentials = ClientCredentials::new(url, ID, SECRET.into());
        let error = credentials.token().await.expect_err("is no token");
        assert_shows_nothing(&error);
        assert!(
            matches!(error, CredentialsError::Configuration { .. }),
            "{error:?}"
        );
        assert!(!error.is_transient());
    }

    #[tokio::test]
    async fn a_truncated_response_is_a_transport_error() {
        for response in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
            let error = error_of(response).await;
            assert!(
                matches!(error, CredentialsError::Transport { .. }),
                "{error:?}"
            );
            let start = "no token was received: lost the connection to the token endpoint";
            assert!(error.to_string().starts_with(start), "{error}");
        }
    }

    #[tokio::test]
    async fn no_error_shows_the_query_of_the_url() {
        let (listener, credentials) = listen().await;
        drop(listener);
        let mut url = credentials.token_url.clone();
        url.set_query(Some("key=p+w"));
        let credentials = ClientCredentials::new(url, ID, SECRET.into());
        assert!(!format!("{credentials:?}").contains("p+w"));
        assert_shows_nothing(&credentials.token().await.expect_err("is no token"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_never_responds_is_a_transport_error_after_the_timeout() {
        // The system accepts the connection, but no program reads from it.
        let (_listener, credentials) = listen().await;
        for (credentials, seconds) in [
            (credentials.clone(), 30),
            (credentials.timeout(Duration::from_secs(5)), 5),
        ] {
            let before = Instant::now();
            let error = credentials.token().await.expect_err("is no token");
            assert_shows_nothing(&error);
            assert!(error.is_transient());
            assert_timed_out(&error);
            assert_eq!(before.elapsed().as_secs(), seconds);
        }
    }

    fn assert_timed_out(error: &CredentialsError) {
        const START: &str = "no token was received: no response in time from the token endpoint";
        assert!(error.to_string().starts_with(START), "{error}");
    }

    #[tokio::test]
    async fn the_timeout_is_for_the_rest_of_the_response_too() {
        let (listener, credentials) = listen().await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = accept(&listener).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
            stream.write_all(head.as_bytes()).await.expect("writes");
            stream
        });
        let client = credentials.client().expect("is built").clone();
        let request = credentials.request().expect("is made");
        let response = client.execute(request).await.expect("begins to respond");
        let _stream = server.await.expect("serves");
        // From here on, only the timeout advances the clock.
        tokio::time::pause();
        let error = read(response).await.expect_err("never ends");
        assert_timed_out(&error);
    }

    #[test]
    fn debug_shows_no_secret() {
        let url = "https://auth.example.com/token?key=p%2Bw"
            .parse()
            .expect("is a URL");
        let credentials = ClientCredentials::new(url, ID, SECRET.into());
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(
            shown.contains("https://auth.example.com/token\""),
            "{shown}"
        );
        assert!(
            !shown.contains("p+w") && !shown.contains("p%2Bw"),
            "{shown}"
        );
    }

    fn from_variables(
        variables: &[(&str, Result<&str, VarError>)],
    ) -> Result<ClientCredentials, CredentialsError> {
        let url = "https://auth.example.com/token".parse().expect("is a URL");
        ClientCredentials::from_lookup(url, "THE_ID", "THE_SECRET", |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            let (_, value) = found.ok_or(VarError::NotPresent)?;
            value.clone().map(ToOwned::to_owned)
        })
    }

    #[test]
    fn the_variables_of_the_environment_are_read() {
        let credentials = from_variables(&[("THE_ID", Ok(ID)), ("THE_SECRET", Ok(SECRET))])
            .expect("are both there");
        assert_eq!(credentials.client_id, ID);
        assert_eq!(credentials.client_secret.expose(), SECRET);
    }

    #[test]
    fn an_unusable_variable_is_named_and_its_value_is_not_shown() {
        let not_unicode = || Err(VarError::NotUnicode(SECRET.into()));
        let id = ("THE_ID", Ok(ID));
        let with_line_break = format!("{SECRET}\n");
        for (variables, expected) in [
            (vec![], "THE_ID is not set"),
            (vec![id.clone()], "THE_SECRET is not set"),
            (vec![("THE_ID", Ok(""))], "THE_ID is empty"),
            (vec![("THE_ID", not_unicode())], "THE_ID is not UTF-8"),
            (
                vec![id.clone(), ("THE_SECRET", not_unicode())],
                "THE_SECRET is not UTF-8",
            ),
            (
                vec![id, ("THE_SECRET", Ok(with_line_break.as_str()))],
                "THE_SECRET contains a control character, such as a line break at the end",
            ),
        ] {
            let error = from_variables(&variables).expect_err(expected);
            assert_shows_nothing(&error);
            assert!(matches!(error, CredentialsError::Configuration { .. }));
            assert_eq!(
                error.to_string(),
                format!("the environment variable {expected}")
            );
        }
    }
}
