//! What a client brings to every call: credentials, time limits, and the loop that sends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, Entry, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use reqwest::{Request, Response, ResponseBuilderExt as _, StatusCode, Url};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::error::{self, AnswerBody, CALL, NO_ANSWER};
use crate::item_body::ItemError;
use crate::paging::Asked;
use crate::servers::Servers;
use crate::token_cache::TokenCache;
use crate::{
    Attempt, Authentication, Call, Credentials, Decision, Error, ErrorKind, FailureKind, Operation,
    Outcome, Reading, RetryBudget, RetryPolicy, SecretString, StaticToken, StopReason, Token,
    cookie, encoding, optional_body, path_segment, stand_in,
};

/// The state that a generated client keeps beside its HTTP client. A clone shares the credentials
/// and the retry budget.
///
/// ```
/// use client_runtime::Session;
///
/// let session = Session::new().with_bearer("token from the environment");
/// assert!(!format!("{session:?}").contains("token from"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Session {
    bearer: Option<Arc<TokenCache>>,
    basic: Option<Arc<(String, SecretString)>>,
    budget: RetryBudget,
    servers: Servers,
    options: Options,
}

/// What may differ from call to call; see the `with` of a client.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// When a request is sent again. By default four attempts within a minute.
    pub retry: RetryPolicy,
    /// How long a whole call may take, all attempts and waits included. By default as long as the
    /// retries allow.
    pub timeout: Option<Duration>,
    /// How long one attempt may take, its answer's body included unless the caller streams it. By
    /// default 30 seconds.
    pub attempt_timeout: Duration,
    /// How many bytes an answer may have that the caller does not stream. By default 32 MiB.
    pub largest_answer: usize,
    /// What stands for a parameter that a call does not give, by its name in the API description,
    /// where the client can have a default for it. By default nothing does.
    pub parameters: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            retry: RetryPolicy::default(),
            timeout: None,
            attempt_timeout: Duration::from_secs(30),
            largest_answer: 32 << 20,
            parameters: BTreeMap::new(),
        }
    }
}

impl Session {
    /// A session without credentials, enough for the operations that need none.
    pub fn new() -> Self {
        Self::default()
    }

    /// The session with a fixed bearer token (RFC 6750) for the operations that take one.
    #[must_use]
    pub fn with_bearer(self, token: impl Into<SecretString>) -> Self {
        self.with_credentials(StaticToken::from(token.into()))
    }

    /// The session with bearer tokens from `credentials` for the operations that take one. A token
    /// is fetched once for all calls, and renewed ahead of its expiry.
    #[must_use]
    pub fn with_credentials(self, credentials: impl Credentials) -> Self {
        Self {
            bearer: Some(Arc::new(TokenCache::new(Arc::new(credentials)))),
            ..self
        }
    }

    /// The session with a user and a password for the operations that take HTTP Basic
    /// authentication (RFC 7617), such as a token endpoint with its client id and secret.
    #[must_use]
    pub fn with_basic(self, user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            basic: Some(Arc::new((user.into(), password.into()))),
            ..self
        }
    }

    /// The session with another limit on the retries of all its calls together.
    #[must_use]
    pub fn with_budget(self, budget: RetryBudget) -> Self {
        Self { budget, ..self }
    }

    pub(crate) fn with_servers(self, servers: Servers) -> Self {
        Self { servers, ..self }
    }

    /// The session with changed options, and the same credentials and budget.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.options);
        changed
    }

    /// What stands for the parameter `name` in calls that do not give it. This is for the generated
    /// code.
    pub fn default_parameter(&self, name: &str) -> Option<&str> {
        self.options.parameters.get(name).map(String::as_str)
    }

    /// Sends a request of `operation` until it is answered or nothing more can be done.
    ///
    /// An answer of an error carries its [`Call`]; where there is no answer, it is one of our own
    /// making that carries the [`Error`], which a generated call gives back when it is converted
    /// into one.
    pub async fn execute(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: Option<&'static Operation>,
    ) -> Response {
        let span = tracing::info_span!(
            "call",
            otel.name = operation.map(|operation| operation.id),
            otel.kind = "client",
            http.request.method = request.method().as_str(),
            url.template = operation.map(|operation| operation.path),
            server.address = tracing::field::Empty,
            http.response.status_code = tracing::field::Empty,
            http.request.resend_count = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        // Pinned here, since a future of this size is not to be moved into the span.
        let call = std::pin::pin!(self.call(http, request, operation));
        match call.instrument(span.clone()).await {
            Ok((answer, call)) => {
                record_answer(&span, answer.status, &call);
                answer.in_json(operation).into_response(call)
            }
            Err(error) => {
                record_error(&span, &error);
                without_answer(error)
            }
        }
    }

    /// The loop of attempts: each with a token that is valid now, until an answer is final or the
    /// policy says to stop.
    async fn call(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        operation: Option<&'static Operation>,
    ) -> Result<(Answer, Call), Error> {
        let asked = Asked::take();
        prepare(&mut request, operation, &self.servers).map_err(|error| {
            let call = Call::new(operation, 0);
            Error::without_answer(ErrorKind::InvalidRequest, call, error.to_string(), None)
        })?;
        if let Some(asked) = &asked {
            asked.write(request.url_mut());
        }
        tracing::Span::current().record("server.address", request.url().host_str());
        let start = Instant::now();
        let Options { retry, timeout, .. } = &self.options;
        let retry = timeout.map_or(*retry, |timeout| retry.within(timeout));
        let deadline = timeout.map(|timeout| start + timeout);
        let mut unsent = Some(request);
        let mut renewed = false;
        let mut attempts = 0;
        self.budget.deposit();
        loop {
            // What cannot be copied, since its body streams, is sent itself, and only once: neither
            // the policy nor a renewal repeats what is not replayable.
            let copy = unsent.as_ref().and_then(Request::try_clone);
            let replayable = copy.is_some();
            let Some(mut request) = copy.or_else(|| unsent.take()) else {
                let message = "the request cannot be sent again: its body is a stream";
                let (kind, call) = (ErrorKind::Transport, Call::new(operation, attempts));
                return Err(Error::without_answer(kind, call, message, None));
            };
            let method = request.method().clone();
            let body = (!replayable).then(|| watch_body(&mut request));
            let token = self
                .authorize(&mut request, operation, attempts, deadline)
                .await?;
            let limit = self.options.attempt_timeout;
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let limit = left.map_or(limit, |left| limit.min(left));
            let sent = self.attempt(http, request, operation, limit).await;
            attempts += 1;
            if let (Some(token), Some(cache)) = (&token, &self.bearer)
                && matches!(&sent, Ok(answer) if answer.status == StatusCode::UNAUTHORIZED)
                && !renewed
                && replayable
            {
                tracing::debug!("the token was refused; renewing it once");
                cache.reject(token);
                renewed = true;
                continue;
            }
            let attempt = Attempt {
                made: attempts,
                elapsed: start.elapsed(),
                method: &method,
                idempotent: operation.and_then(|operation| operation.idempotent),
                replayable,
                outcome: outcome_of(&sent),
            };
            let stopped = match retry.decide(&attempt, &self.budget) {
                Decision::Retry { after } => {
                    tracing::debug!(attempts, ?after, "trying again");
                    tokio::time::sleep(after).await;
                    continue;
                }
                Decision::Stop(reason) => reason,
            };
            let call = Call::new(operation, attempts);
            if let (Err(Broken::Connection(_)), Some(error)) = (&sent, body.and_then(taken)) {
                return Err(broken_body(error, call));
            }
            return match sent {
                Ok(answer) => match answer
                    .is_a_page(operation)
                    .or_else(|| answer.has_stray_body())
                {
                    Some(what) => Err(answer.refuse(call, what)),
                    None => {
                        if let Some(asked) = &asked {
                            asked.responded(&answer.body);
                        }
                        Ok((answer, call))
                    }
                },
                Err(Broken::Connection(error)) => Err(transport(error, call, stopped)),
                Err(Broken::Late) => {
                    let message = format!("no answer in time ({stopped})");
                    Err(Error::without_answer(
                        ErrorKind::Timeout,
                        call,
                        message,
                        None,
                    ))
                }
                Err(Broken::TooLarge(answer)) => {
                    let most = self.options.largest_answer;
                    Err(answer.refuse(call, format!("the answer is larger than {most} bytes")))
                }
            };
        }
    }

    /// Adds the `Authorization` header that the operation takes, and says which token it has.
    /// Credentials of another kind than the operation's stay at home.
    async fn authorize(
        &self,
        request: &mut Request,
        operation: Option<&'static Operation>,
        attempts: u32,
        deadline: Option<Instant>,
    ) -> Result<Option<Token>, Error> {
        let failed =
            |kind: ErrorKind,
             message: String,
             source: Option<Arc<dyn std::error::Error + Send + Sync>>| {
                Error::without_answer(kind, Call::new(operation, attempts), message, source)
            };
        let authentication = operation.map(|operation| operation.authentication);
        let (value, token) = match (authentication, &self.bearer, &self.basic) {
            (Some(Authentication::Bearer), Some(cache), _) => {
                let token = match deadline {
                    Some(deadline) => tokio::time::timeout_at(deadline, cache.token()).await,
                    None => Ok(cache.token().await),
                };
                let token = token.map_err(|_| {
                    let message = "no token in the time of the call".to_owned();
                    failed(ErrorKind::Timeout, message, None)
                })?;
                let token = token.map_err(|error| {
                    let message = "no token could be had".to_owned();
                    failed(ErrorKind::Authentication, message, Some(Arc::new(error)))
                })?;
                (format!("Bearer {}", token.secret().expose()), Some(token))
            }
            (Some(Authentication::Basic), _, Some(basic)) => {
                let (user, password) = &**basic;
                let pair = format!("{user}:{}", password.expose());
                (format!("Basic {}", BASE64.encode(pair)), None)
            }
            _ => return Ok(None),
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            let message = "the credentials hold a character that no header can carry";
            failed(ErrorKind::Authentication, message.to_owned(), None)
        })?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(token)
    }

    /// Sends the request once, and reads all of its answer that the options allow; of one that the
    /// caller streams, nothing but the head.
    async fn attempt(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        operation: Option<&'static Operation>,
        limit: Duration,
    ) -> Result<Answer, Broken> {
        let may_stream = operation.is_some_and(|operation| operation.success == Reading::Stream);
        let mut response = if may_stream {
            let head = tokio::time::timeout(limit, http.execute(request)).await;
            head.map_err(|_| Broken::Late)?
        } else {
            *request.timeout_mut() = Some(limit);
            http.execute(request).await
        }
        .map_err(Broken::Connection)?;
        let mut answer = Answer {
            status: response.status(),
            url: response.url().clone(),
            headers: std::mem::take(response.headers_mut()),
            body: Bytes::new(),
            unread: None,
        };
        let is_streamed = may_stream && answer.status.is_success();
        if is_streamed || answer.status == StatusCode::SWITCHING_PROTOCOLS {
            answer.unread = Some(response);
            return Ok(answer);
        }
        let most = self.options.largest_answer;
        let announced = response.content_length();
        let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|length| length <= most) {
            // The transport holds the answer to its length.
            answer.body = response.bytes().await.map_err(Broken::Connection)?;
            return Ok(answer);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Broken::Connection)? {
            body.extend_from_slice(&chunk);
            // Of what is announced as too large, the first piece is enough to show.
            if body.len() > most || announced.is_some() {
                answer.body = body.into();
                return Err(Broken::TooLarge(Box::new(answer)));
            }
        }
        answer.body = body.into();
        Ok(answer)
    }
}

/// An answer that was read to its end, or is left to the caller to read.
struct Answer {
    status: StatusCode,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    /// What comes after the head, where the caller streams it.
    unread: Option<Response>,
}

/// Why an attempt came to no answer.
enum Broken {
    /// There was no connection, or it was lost.
    Connection(reqwest::Error),
    /// An answer that would be streamed did not begin in time.
    Late,
    /// The answer is larger than the options allow; this is as far as it was read.
    TooLarge(Box<Answer>),
}

/// How an attempt ended, as the retry policy weighs it.
fn outcome_of(sent: &Result<Answer, Broken>) -> Outcome<'_> {
    match sent {
        Ok(answer) => Outcome::Answer {
            status: answer.status,
            headers: &answer.headers,
            now: SystemTime::now(),
        },
        Err(Broken::Connection(error)) => Outcome::Failure(failure_kind(error)),
        Err(Broken::Late) => Outcome::Failure(FailureKind::Timeout),
        Err(Broken::TooLarge(_)) => Outcome::Failure(FailureKind::Other),
    }
}

impl Answer {
    /// What its `Content-Type` says, parameters aside.
    fn media_type(&self) -> Option<&str> {
        let media_type = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(media_type.split(';').next().unwrap_or_default().trim())
    }

    fn is_json(&self) -> bool {
        self.media_type().is_some_and(|essence| {
            let essence = essence.to_ascii_lowercase();
            essence.ends_with("/json") || essence.ends_with("+json")
        })
    }

    /// How the API description says that the answer is read.
    fn reading(&self, operation: Option<&Operation>) -> Reading {
        operation.map_or(Reading::Whole, |operation| match self.status.is_success() {
            true => operation.success,
            false => operation.error,
        })
    }

    /// The answer as generated code reads it, which takes all that it does not stream for JSON.
    fn in_json(mut self, operation: Option<&Operation>) -> Self {
        match self.reading(operation) {
            Reading::Text if !self.is_json() => {
                let text = String::from_utf8_lossy(&self.body).into_owned();
                self.body = serde_json::Value::String(text).to_string().into();
            }
            Reading::Optional if self.body.is_empty() => self.body = "null".into(),
            _ => {}
        }
        self
    }

    /// Says so when the answer is a page for people, such as a proxy sends.
    fn is_a_page(&self, operation: Option<&Operation>) -> Option<String> {
        if self.reading(operation) == Reading::Text {
            return None;
        }
        let essence = self.media_type()?;
        let is_page = ["text/html", "application/xhtml+xml"]
            .iter()
            .any(|page| essence.eq_ignore_ascii_case(page));
        (is_page && !self.body.is_empty()).then(|| format!("a page of {essence} in place of JSON"))
    }

    /// Says so when a 204 announces a body, which it cannot have (RFC 9110 section 15.3.5): nothing
    /// of it was read, and what was meant by it is lost.
    fn has_stray_body(&self) -> Option<String> {
        let length = self.headers.get(CONTENT_LENGTH);
        let announced = length.is_some_and(|length| length != "0")
            || self.headers.contains_key(TRANSFER_ENCODING);
        (self.status == StatusCode::NO_CONTENT && announced)
            .then(|| "an answer without content announces some".to_owned())
    }

    fn refuse(self, call: Call, what: String) -> Error {
        Error::bad_answer(call, self.status, &self.headers, &self.body, what)
    }

    /// As generated code takes it, with what [`Error`] has to know of it.
    fn into_response(self, call: Call) -> Response {
        if self.status == StatusCode::SWITCHING_PROTOCOLS
            && let Some(mut connection) = self.unread
        {
            *connection.headers_mut() = self.headers;
            return connection;
        }
        // A builder that is given nothing but a URL has nothing to refuse.
        let made = http::Response::builder().url(self.url).body(());
        let mut made = made.unwrap_or_default();
        *made.status_mut() = self.status;
        *made.headers_mut() = self.headers;
        if !self.status.is_success() {
            if let Ok(value) = HeaderValue::try_from(call.to_header()) {
                made.headers_mut().insert(CALL, value);
            }
            made.extensions_mut().insert(AnswerBody(self.body.clone()));
        }
        error::remember(&self.body, call, self.status, made.headers());
        let body = match self.unread {
            Some(unread) => unread.into(),
            None => reqwest::Body::from(self.body),
        };
        Response::from(made.map(|()| body))
    }
}

/// The most that can be said of a call without an answer that could be used.
fn record_error(span: &tracing::Span, error: &Error) {
    span.record("error.type", tracing::field::debug(error.kind()));
    if let Some(status) = error.status() {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(call) = error.call() {
        span.record("http.request.resend_count", call.attempts.saturating_sub(1));
    }
}

fn record_answer(span: &tracing::Span, status: StatusCode, call: &Call) {
    span.record("http.response.status_code", status.as_u16());
    span.record("http.request.resend_count", call.attempts.saturating_sub(1));
    if status.is_client_error() || status.is_server_error() {
        span.record("error.type", status.as_str());
    }
}

/// Makes the request that the API takes of the one that generated code can make: puts the body, the
/// cookies and what stands in for something else in their places, writes the body and its media type
/// as the API says it; and takes off what no API asked for.
fn prepare(
    request: &mut Request,
    operation: Option<&'static Operation>,
    servers: &Servers,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    drop_version(request.headers_mut());
    optional_body::unpack(request);
    let cookies = operation.map_or(&[][..], |operation| operation.cookies);
    cookie::bake(request.headers_mut(), cookies);
    stand_in::restore_headers(request.headers_mut());
    stand_in::restore(request.url_mut());
    path_segment::restore(request.url_mut())?;
    let Some(operation) = operation else {
        return Ok(());
    };
    servers.route(request, operation)?;
    // Generated code has calls for the commoner methods only.
    if ["OPTIONS", "TRACE"].contains(&operation.method)
        && let Ok(method) = operation.method.parse()
    {
        *request.method_mut() = method;
    }
    encoding::encode(request, operation.encoding)?;
    if let Some(content_type) = operation.content_type
        && request.body().is_some()
    {
        let value = HeaderValue::from_static(content_type);
        request.headers_mut().insert(CONTENT_TYPE, value);
    }
    // One that the caller has chosen stays; the other is what generated code asks for.
    let accepted = request.headers().get(ACCEPT);
    let is_generated = accepted.is_none_or(|accepted| accepted == "application/json");
    if let Some(accept) = operation.accept.filter(|_| is_generated) {
        let value = HeaderValue::from_static(accept);
        request.headers_mut().insert(ACCEPT, value);
    }
    Ok(())
}

/// Takes off the header by which generated code says the version of the API, which no description
/// asks for; what a caller gave for a parameter of the same name comes after it and stays.
fn drop_version(headers: &mut HeaderMap) {
    static VERSION: HeaderName = HeaderName::from_static("api-version");
    if let Entry::Occupied(entry) = headers.entry(&VERSION) {
        let (name, values) = entry.remove_entry_mult();
        let given: Vec<HeaderValue> = values.skip(1).collect();
        for value in given {
            headers.append(&name, value);
        }
    }
}

fn failure_kind(error: &reqwest::Error) -> FailureKind {
    if is_tls(error) || error.is_builder() || error.is_redirect() {
        // Neither a certificate nor a URL gets better by asking again.
        FailureKind::Other
    } else if error.is_connect() {
        FailureKind::Connect
    } else if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Reset
    }
}

/// Whether the connection failed for its TLS, which the TLS libraries report as invalid data.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>();
        if io.is_some_and(|error| error.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Where the error is kept with which the body of a request ended.
type BodyError = Arc<Mutex<Option<reqwest::Error>>>;

/// Keeps the error with which the body of a request ends, if it does: the transport reports it as a lost
/// connection, and of HTTP/2 without the cause.
fn watch_body(request: &mut Request) -> BodyError {
    let kept = BodyError::default();
    if let Some(body) = request.body_mut().take() {
        let keeper = Arc::clone(&kept);
        let watched = body.map_err(move |error| {
            let shown = error.to_string();
            *keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            std::io::Error::other(shown)
        });
        *request.body_mut() = Some(reqwest::Body::wrap(watched));
    }
    kept
}

fn taken(kept: BodyError) -> Option<reqwest::Error> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The error of a call whose request body ended with an error.
fn broken_body(error: reqwest::Error, call: Call) -> Error {
    let mut message = "the request body cannot be read to its end".to_owned();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        if let Some(item) = inner.downcast_ref::<ItemError>() {
            message = item.to_string();
        }
        cause = inner.source();
    }
    let kind = ErrorKind::InvalidRequest;
    Error::without_answer(kind, call, message, Some(Arc::new(error)))
}

fn transport(error: reqwest::Error, call: Call, stopped: StopReason) -> Error {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Transport
    };
    let what = match failure_kind(&error) {
        FailureKind::Timeout => "no answer in time",
        FailureKind::Connect => "no connection",
        _ => "the connection broke",
    };
    let message = format!("{what} ({stopped})");
    // The URL may have what a caller would not want to see in a log.
    let source = error.without_url();
    Error::without_answer(kind, call, message, Some(Arc::new(source)))
}

/// An answer of our own making that carries the error of a call that got none. Its header is for
/// callers who do not convert progenitor's error into ours: that one prints the headers.
fn without_answer(error: Error) -> Response {
    let mut made = http::Response::new(reqwest::Body::default());
    if let Ok(status) = StatusCode::from_u16(NO_ANSWER) {
        *made.status_mut() = status;
    }
    if let Ok(said) = HeaderValue::try_from(error.to_string()) {
        made.headers_mut().insert("~error", said);
    }
    made.extensions_mut().insert(error);
    Response::from(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_that_a_caller_gave_is_sent() {
        let mut headers = HeaderMap::new();
        headers.append("api-version", HeaderValue::from_static("generated"));
        drop_version(&mut headers);
        assert!(headers.is_empty());
        headers.append("api-version", HeaderValue::from_static("generated"));
        headers.append("api-version", HeaderValue::from_static("given"));
        drop_version(&mut headers);
        let left: Vec<&HeaderValue> = headers.get_all("api-version").iter().collect();
        assert_eq!(left, ["given"]);
    }
}
