//! The loop that sends a call: attempts, redirects, credentials, retries and limits.
//!
//! It is not generic, so it is compiled once for all calls of all clients.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Method, Request, StatusCode, Url};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::error::Details;
use crate::item_body::ItemError;
use crate::operation::Operation;
use crate::outgoing::Outgoing;
use crate::raw_response::{Body, read_body};
use crate::redirect::{Hop, Limits};
use crate::response_head::Head;
use crate::security::{Authorization, Carrier};
use crate::{
    Attempt, CallInfo, CredentialsError, Decision, DeviationKind, Error, ErrorKind, FailureKind,
    Outcome, RawResponse, Session, failure,
};

impl Session {
    /// Sends a request until there is a final response or the retry policy stops.
    ///
    /// # Errors
    /// There is no response, or the response is not a success.
    pub(crate) async fn exchange(&self, outgoing: Outgoing) -> Result<RawResponse, Error> {
        let operation = outgoing.operation;
        let known = |part: &'static str| (!part.is_empty()).then_some(part);
        let span = tracing::info_span!(
            "call",
            otel.name = known(operation.id),
            otel.kind = "client",
            http.request.method = outgoing.method.as_str(),
            url.template = known(operation.path),
            server.address = tracing::field::Empty,
            http.response.status_code = tracing::field::Empty,
            http.request.resend_count = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        // Pinned here, because moving a future of this size into the span is slow.
        let attempts = std::pin::pin!(self.attempts(outgoing));
        let result = attempts.instrument(span.clone()).await;
        record(&span, &result);
        result
    }

    /// Runs the attempts, each with currently valid tokens, until the retry policy stops.
    async fn attempts(&self, mut outgoing: Outgoing) -> Result<RawResponse, Error> {
        let start = Instant::now();
        let retry = self.options.retry;
        let timeout = self.options.timeout;
        let retry = timeout.map_or(retry, |timeout| retry.within(timeout));
        let deadline = timeout.map(|timeout| start + timeout);
        let mut call = CallInfo::new(outgoing.operation, &outgoing.method);
        let carriers = self.credentials.selected(&outgoing);
        let carriers =
            carriers.map_err(|message| of_call(&call, ErrorKind::Authentication, &message))?;
        let mut is_renewed = false;
        self.budget.deposit();
        loop {
            let url = Url::parse(&outgoing.url).map_err(|_| {
                let message = "the base URL and the path do not form a valid URL";
                of_call(&call, ErrorKind::InvalidRequest, message)
            })?;
            if call.attempts == 0 {
                tracing::Span::current().record("server.address", url.host_str());
            }
            let authorization = self.authorize(&carriers, &call, deadline).await?;
            let limit = self.options.attempt_timeout;
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let limit = left.map_or(limit, |left| limit.min(left));
            let attempt = self.attempt(&mut outgoing, url, &authorization);
            let received = match tokio::time::timeout(limit, attempt).await {
                Ok(Ok(received)) => Ok(received),
                Ok(Err(AttemptError::Connection(error))) => Err(NoResponse::Connection(error)),
                Ok(Err(AttemptError::Credentials(error))) => {
                    return Err(unauthenticated(&call, error));
                }
                Err(_) => Err(NoResponse::Late),
            };
            call.attempts += 1;
            let is_replayable = outgoing.body.is_replayable();
            if authorization.has_tokens()
                && let Ok(received) = &received
                && received.status == StatusCode::UNAUTHORIZED
                && received.is_authorized
                && !is_renewed
                && is_replayable
            {
                tracing::debug!("the token was rejected; renewing it once");
                authorization.reject();
                is_renewed = true;
                continue;
            }
            let attempt = Attempt {
                made: call.attempts,
                elapsed: start.elapsed(),
                method: &outgoing.method,
                idempotent: outgoing.operation.idempotent,
                replayable: is_replayable,
                outcome: outcome_of(&received),
            };
            let reason = match retry.decide(&attempt, &self.budget) {
                Decision::Retry { after } => {
                    tracing::debug!(attempts = call.attempts, ?after, "trying again");
                    tokio::time::sleep(after).await;
                    continue;
                }
                Decision::Stop(reason) => reason,
            };
            let is_retryable = attempt.is_retryable();
            let error = match received {
                Ok(received) => {
                    return self.finish(&outgoing, call, received, is_retryable);
                }
                Err(NoResponse::Connection(error)) => match outgoing.body.failure() {
                    Some(error) => broken_body(error),
                    None => {
                        let (kind, what) = failure::described(&error);
                        Details {
                            source: Some(failure::cause(error)),
                            stopped: Some(reason),
                            ..Details::new(kind, what)
                        }
                    }
                },
                Err(NoResponse::Late) => Details {
                    stopped: Some(reason),
                    ..Details::new(ErrorKind::Timeout, "no response in time")
                },
            };
            return Err(Details {
                call: Some(call),
                // The same body would fail again.
                is_retryable: is_retryable && error.kind != ErrorKind::InvalidRequest,
                ..error
            }
            .into());
        }
    }

    /// Returns the result of a call for its last response.
    fn finish(
        &self,
        outgoing: &Outgoing,
        call: CallInfo,
        received: Received,
        is_retryable: bool,
    ) -> Result<RawResponse, Error> {
        if let Some(recorder) = &self.recorder
            && !outgoing.operation.path.is_empty()
        {
            let body = match &received.body {
                Body::Read(bytes) if received.is_whole => Some(&**bytes),
                _ => None,
            };
            recorder.record(outgoing.operation, received.status, &received.headers, body);
        }
        let head = Head {
            status: received.status,
            headers: received.headers,
            is_repeatable: is_repeatable(outgoing, call.attempts),
            call,
            operation: outgoing.operation,
            documented: received.documented,
            deviations: self.deviations.clone(),
            max_bytes: self.options.max_response_bytes,
        };
        if received.is_success {
            if head.is_undocumented() {
                let kind = DeviationKind::UndocumentedStatus(head.status);
                head.deviations.add(head.operation, kind);
            }
            return match received.body {
                Body::Read(bytes) if !received.is_whole => Err(head.too_large(bytes)),
                body => Ok(RawResponse::new(head, body)),
            };
        }
        let message = match received.unfollowed {
            Some(reason) => format!("the redirect is not followed: {reason}"),
            None if !received.is_whole => {
                format!("the response is larger than {} bytes", head.max_bytes)
            }
            None if head.is_undocumented() => {
                "the API description does not document this status".to_owned()
            }
            None => String::new(),
        };
        let body = match received.body {
            Body::Read(bytes) => bytes,
            Body::Unread(_) => Bytes::new(),
        };
        Err(head.reported(message, body, is_retryable))
    }

    /// Returns the credentials of an attempt, with currently valid tokens.
    async fn authorize<'a>(
        &self,
        carriers: &'a [&'a Carrier],
        call: &CallInfo,
        deadline: Option<Instant>,
    ) -> Result<Authorization<'a>, Error> {
        let authorization = Authorization::of(carriers);
        let authorization = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, authorization).await,
            None => Ok(authorization.await),
        };
        let authorization = authorization.map_err(|_| {
            // Nothing was sent, so a retry is safe.
            Error::from(Details {
                call: Some(call.clone()),
                is_retryable: true,
                ..Details::new(
                    ErrorKind::Timeout,
                    "no token was received within the timeout of the call",
                )
            })
        })?;
        authorization.map_err(|error| unauthenticated(call, error))
    }

    /// Sends the request once, follows redirects, and reads the body up to the limit. If the caller
    /// streams the response, only its head is read.
    async fn attempt(
        &self,
        outgoing: &mut Outgoing,
        first: Url,
        authorization: &Authorization<'_>,
    ) -> Result<Received, AttemptError> {
        let operation = outgoing.operation;
        let mut hop = Hop::first(outgoing.method.clone());
        let mut url = first;
        let http = match &self.http1 {
            Some(http1) if operation.switches_protocols() => http1,
            _ => &self.http,
        };
        loop {
            let mut request = request_of(outgoing, &hop, url);
            if !hop.is_elsewhere {
                authorization.apply(&mut request).await?;
            }
            let mut response = http.execute(request).await?;
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            let documented = operation.documented_response(status, &headers);
            let is_success = operation.is_success(status, documented);
            let mut unfollowed = None;
            if !is_success && status.is_redirection() {
                let limits = || {
                    Some(Limits {
                        first: Url::parse(&outgoing.url).ok()?,
                        is_replayable: outgoing.body.is_replayable(),
                        may_leave: self.is_own_http,
                    })
                };
                match hop.next(response.url(), status, &headers, limits) {
                    Ok(None) => {}
                    Ok(Some((next, there))) => {
                        let host = there.host_str();
                        tracing::debug!(
                            http.response.status_code = status.as_u16(),
                            server.address = host,
                            "following a redirect"
                        );
                        (hop, url) = (next, there);
                        continue;
                    }
                    Err(reason) => unfollowed = Some(reason),
                }
            }
            let is_unread = is_success
                && (status == StatusCode::SWITCHING_PROTOCOLS || operation.is_streamed(documented));
            let (body, is_whole) = if has_no_body(&hop.method, status) {
                (Body::Read(Bytes::new()), true)
            } else if is_unread {
                (Body::Unread(response), true)
            } else {
                let (bytes, is_whole) =
                    read_body(response, self.options.max_response_bytes).await?;
                (Body::Read(bytes), is_whole)
            };
            return Ok(Received {
                status,
                headers,
                documented,
                is_success,
                body,
                is_whole,
                is_authorized: !hop.is_elsewhere,
                unfollowed,
            });
        }
    }
}

/// A response whose body was read up to the limit, or is left to the caller.
struct Received {
    status: StatusCode,
    headers: HeaderMap,
    documented: Option<usize>,
    is_success: bool,
    body: Body,
    /// True if the whole body was read.
    is_whole: bool,
    /// True if the request was sent with the session's credentials.
    is_authorized: bool,
    /// Why the redirect was not followed.
    unfollowed: Option<&'static str>,
}

/// Why an attempt received no response.
enum NoResponse {
    /// The connection could not be made, or was lost.
    Connection(reqwest::Error),
    /// The attempt timed out.
    Late,
}

/// Why an attempt ended before it received a response.
enum AttemptError {
    /// The connection could not be made, or was lost.
    Connection(reqwest::Error),
    /// The credentials could not be added. Nothing was sent.
    Credentials(CredentialsError),
}

impl From<reqwest::Error> for AttemptError {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error)
    }
}

impl From<CredentialsError> for AttemptError {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

/// Sends one request of an attempt.
fn request_of(outgoing: &mut Outgoing, hop: &Hop, url: Url) -> Request {
    let mut request = Request::new(hop.method.clone(), url);
    let mut headers = match hop.is_elsewhere {
        true => {
            let accept = outgoing.accept().map(|accept| (ACCEPT, accept.clone()));
            HeaderMap::from_iter(accept)
        }
        false => outgoing.header_map(),
    };
    // The headers of a `HEAD` response should describe the body that the caller would receive, and a
    // part of a compressed body cannot be decoded.
    if hop.method == Method::HEAD || headers.contains_key(RANGE) {
        let identity = HeaderValue::from_static("identity");
        headers.entry(ACCEPT_ENCODING).or_insert(identity);
    }
    if !hop.is_elsewhere {
        if hop.has_body {
            *request.body_mut() = outgoing.body.take();
        } else {
            headers.remove(CONTENT_TYPE);
        }
    }
    *request.headers_mut() = headers;
    request
}

/// Returns true if a response has no body, regardless of its headers (RFC 9110 sections 6.4.1 and
/// 15.3.6).
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    let statuses = [
        StatusCode::NO_CONTENT,
        StatusCode::RESET_CONTENT,
        StatusCode::NOT_MODIFIED,
    ];
    *method == Method::HEAD || statuses.contains(&status)
}

/// Returns the outcome of an attempt for the retry policy.
fn outcome_of(received: &Result<Received, NoResponse>) -> Outcome<'_> {
    match received {
        Ok(received) if received.is_success && !received.is_whole => {
            Outcome::Failure(FailureKind::Other)
        }
        Ok(received) => Outcome::Response {
            status: received.status,
            headers: &received.headers,
            now: SystemTime::now(),
        },
        Err(NoResponse::Connection(error)) => Outcome::Failure(failure::kind_of(error)),
        Err(NoResponse::Late) => Outcome::Failure(FailureKind::Timeout),
    }
}

/// Returns true if the call may be repeated when the rest of its response does not arrive.
fn is_repeatable(outgoing: &Outgoing, made: u32) -> bool {
    let broken = Attempt {
        made,
        elapsed: Duration::ZERO,
        method: &outgoing.method,
        idempotent: outgoing.operation.idempotent,
        replayable: outgoing.body.is_replayable(),
        outcome: Outcome::Failure(FailureKind::Reset),
    };
    broken.is_retryable()
}

/// Returns the error for a request body whose stream failed.
fn broken_body(error: reqwest::Error) -> Details {
    let mut message = "the request body cannot be read completely".to_owned();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        if let Some(item) = inner.downcast_ref::<ItemError>() {
            message = item.to_string();
        }
        cause = inner.source();
    }
    Details {
        source: Some(Arc::new(error)),
        ..Details::new(ErrorKind::InvalidRequest, message)
    }
}

/// Returns the error for a call without credentials.
fn unauthenticated(call: &CallInfo, error: CredentialsError) -> Error {
    Details {
        call: Some(call.clone()),
        is_retryable: error.is_transient(),
        message: error.to_string(),
        source: Some(Arc::new(error)),
        ..Details::new(ErrorKind::Authentication, "")
    }
    .into()
}

fn of_call(call: &CallInfo, kind: ErrorKind, message: &str) -> Error {
    Details {
        call: Some(call.clone()),
        ..Details::new(kind, message)
    }
    .into()
}

impl Head {
    /// Returns true if the API description documents responses of the operation, but not this one.
    fn is_undocumented(&self) -> bool {
        let Operation { responses, .. } = self.operation;
        !responses.is_empty() && self.documented.is_none()
    }
}

/// Records the result of a call in its span.
fn record(span: &tracing::Span, result: &Result<RawResponse, Error>) {
    let (status, call) = match result {
        Ok(response) => (Some(response.status()), Some(response.call())),
        Err(error) => (error.status(), error.call()),
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if let Some(call) = call {
        span.record("http.request.resend_count", call.attempts.saturating_sub(1));
    }
    match (result, status) {
        (Ok(_), _) => {}
        (Err(_), Some(status)) if status.is_client_error() || status.is_server_error() => {
            span.record("error.type", status.as_str());
        }
        (Err(error), _) => {
            span.record("error.type", tracing::field::debug(error.kind()));
        }
    }
}
