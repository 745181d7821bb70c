//! Calls of operations.
//!
//! Generated code passes the arguments one by one, and each is written to its location in the request.
//! The first argument that cannot be sent is stored and returned by [`Call::send`], so that generated
//! code has no error paths. The generic methods only serialize; the functions that they call are
//! compiled once.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;

use crate::argument::Argument;
use crate::error::Details;
use crate::operation::{Encoding, Operation, Parameter, RequestBody};
use crate::outgoing::{Outgoing, Payload, header_value};
use crate::position::{Position, RequestedRange};
use crate::target::Target;
use crate::value::{Value, ValueError};
use crate::{CallInfo, Error, ErrorKind, RawResponse, Session, form, parameter_style, web_socket};

/// The future of a call. It resolves to the response or the error of the call.
#[must_use = "a call does nothing until it is awaited"]
pub struct Sending<'a, T = RawResponse> {
    raw: Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + 'a>>,
    decode: fn(RawResponse) -> Result<T, Error>,
}

impl<'a> Sending<'a> {
    /// Wraps an exchange, or an immediate error.
    pub(crate) fn new(
        exchange: Result<impl Future<Output = Result<RawResponse, Error>> + Send + 'a, Error>,
    ) -> Self {
        Self {
            raw: match exchange {
                Ok(exchange) => Box::pin(exchange),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            },
            decode: Ok,
        }
    }
}

impl<T> Future for Sending<'_, T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let decode = self.decode;
        self.raw.as_mut().poll(context).map(|raw| decode(raw?))
    }
}

impl<T> fmt::Debug for Sending<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

/// A call whose arguments are being set.
#[must_use = "a call does nothing until `send`"]
pub struct Call<'a> {
    session: &'a Session,
    operation: &'static Operation,
    target: Target,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: String,
    body: Payload,
    /// The content type of a multipart form, with its boundary.
    content_type: Option<HeaderValue>,
    /// The first reason why the call cannot be sent.
    rejected: Option<String>,
    /// The buffer for scalars, which are written one at a time.
    buffer: String,
}

impl<'a> Call<'a> {
    /// Starts a call of `operation` without arguments.
    pub fn new(session: &'a Session, operation: &'static Operation) -> Self {
        let server = session.servers.of(operation);
        let (base_url, rejected) = match server {
            Ok(base_url) => (base_url, None),
            Err(error) => ("", Some(error.to_string())),
        };
        Self {
            session,
            operation,
            target: Target::new(base_url, operation.path),
            headers: Vec::new(),
            cookies: String::new(),
            body: Payload::None,
            content_type: None,
            rejected,
            buffer: String::new(),
        }
    }

    /// Writes an argument to the path. `index` is the index of the parameter in the operation's table.
    pub fn path<T: Serialize>(&mut self, index: usize, argument: &Argument<T>) {
        let value = argument.get().map(|given| self.value_of(given));
        self.write(index, value, Self::write_path);
    }

    /// Writes an argument to the query; see [`path`](Self::path).
    pub fn query<T: Serialize>(&mut self, index: usize, argument: &Argument<T>) {
        let value = argument.get().map(|given| self.value_of(given));
        self.write(index, value, Self::write_query);
    }

    /// Writes an argument to a header; see [`path`](Self::path).
    pub fn header<T: Serialize>(&mut self, index: usize, argument: &Argument<T>) {
        let value = argument.get().map(|given| self.value_of(given));
        self.write(index, value, Self::write_header);
    }

    /// Writes an argument to a cookie; see [`path`](Self::path).
    pub fn cookie<T: Serialize>(&mut self, index: usize, argument: &Argument<T>) {
        let value = argument.get().map(|given| self.value_of(given));
        self.write(index, value, Self::write_cookie);
    }

    /// Sets the body of an operation with a JSON body.
    pub fn body<T: Serialize>(&mut self, argument: &Argument<T>) {
        let json = argument.get().map(|given| given.map(serde_json::to_vec));
        self.write_json(json);
    }

    /// Sets the body of an operation with a form body.
    pub fn form<T: Serialize>(&mut self, argument: &Argument<T>) {
        let value = argument.get().map(|given| given.map(Value::of));
        self.write_form(value);
    }

    /// Sets the body to the given bytes or stream.
    pub fn raw_body(&mut self, argument: Argument<reqwest::Body>) {
        let Some((_, body)) = self.given_body(argument.into_inner()) else {
            return;
        };
        self.body = body.into();
    }

    /// Sets the body to the given string.
    pub fn text_body(&mut self, argument: Argument<String>) {
        let Some((_, body)) = self.given_body(argument.into_inner()) else {
            return;
        };
        self.body = reqwest::Body::from(body).into();
    }

    /// Changes the query to request the page after the first `passed` items, and returns what the
    /// original query requests. Must be called after all arguments are set.
    pub(crate) fn at(&mut self, position: &Position, passed: u64) -> RequestedRange {
        // An invalid URL is an error of `send`.
        let Ok(mut url) = Url::parse(&self.target.as_url()) else {
            return RequestedRange::default();
        };
        let asked = position.write(&mut url, passed);
        if passed > 0 {
            self.target.set_query(url.query());
        }
        asked
    }

    /// Returns the operation of the call.
    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Returns a call of `reader`. Its path parameters have the values of this call's parameters of the same
    /// name.
    pub(crate) fn reading(&self, reader: &'static Operation) -> Call<'a> {
        let mut read = Call::new(self.session, reader);
        for parameter in reader.parameters {
            if let Some(value) = self.target.value(self.operation.path, parameter.name) {
                read.target.fill(parameter, value);
            }
        }
        read
    }

    /// Writes a string or number of a response to a path parameter.
    pub(crate) fn fill(&mut self, name: &str, value: &serde_json::Value) {
        let mut parameters = self.operation.parameters.iter();
        let Some(parameter) = parameters.find(|parameter| parameter.name == name) else {
            return;
        };
        let value = match value {
            serde_json::Value::String(value) => value.clone(),
            value => value.to_string(),
        };
        self.write_path(parameter, &Value::String(value));
    }

    /// Returns the same call again, without its body.
    pub(crate) fn repeat(&self) -> Call<'a> {
        Call {
            session: self.session,
            operation: self.operation,
            target: self.target.clone(),
            headers: self.headers.clone(),
            cookies: self.cookies.clone(),
            body: Payload::None,
            content_type: None,
            rejected: self.rejected.clone(),
            buffer: String::new(),
        }
    }

    /// Sends the request, and retries it as the retry policy allows.
    ///
    /// # Errors
    /// An argument that cannot be sent ([`ErrorKind::InvalidRequest`]; nothing is sent), missing
    /// credentials, no response, or a response that is not a success.
    pub fn send(self) -> Sending<'a> {
        let session = self.session;
        let operation = self.operation;
        let outgoing = self.outgoing().map_err(|message| {
            let method = Method::from_bytes(operation.method.as_bytes()).unwrap_or_default();
            Error::from(Details {
                call: Some(CallInfo::new(operation, &method)),
                ..Details::new(ErrorKind::InvalidRequest, message)
            })
        });
        Sending::new(outgoing.map(|outgoing| session.exchange(outgoing)))
    }

    /// Like [`send`](Self::send), and decodes the response.
    pub fn send_decoded<T>(self, decode: fn(RawResponse) -> Result<T, Error>) -> Sending<'a, T> {
        let Sending { raw, .. } = self.send();
        Sending { raw, decode }
    }

    /// Returns the value of an argument. It may use the buffer.
    fn value_of<T: Serialize>(&mut self, given: Option<&T>) -> Option<Result<Value, ValueError>> {
        given.map(|given| Value::with_buffer(given, &mut self.buffer))
    }

    fn reject(&mut self, message: impl FnOnce() -> String) {
        if self.rejected.is_none() {
            self.rejected = Some(message());
        }
    }

    /// Writes a value with `write`. For a missing value, writes the client's default or reports the
    /// missing argument.
    fn write(
        &mut self,
        index: usize,
        value: Result<Option<Result<Value, ValueError>>, String>,
        write: fn(&mut Self, &'static Parameter, &Value),
    ) {
        let Some(parameter) = self.operation.parameters.get(index) else {
            let operation = self.operation.id;
            self.reject(|| format!("the operation {operation} has no parameter {index}"));
            return;
        };
        let name = parameter.argument;
        match value {
            Ok(Some(Ok(value))) => {
                write(self, parameter, &value);
                value.recycle(&mut self.buffer);
            }
            Ok(Some(Err(error))) => {
                self.reject(|| format!("the argument `{name}` cannot be sent: {error}"));
            }
            Ok(None) => {
                let default = match parameter.client_default {
                    true => self.session.options.parameters.get(parameter.name),
                    false => None,
                };
                if let Some(default) = default {
                    write(self, parameter, &Value::String(default.clone()));
                } else if parameter.required {
                    self.reject(|| format!("the argument `{name}` is missing"));
                }
            }
            Err(error) => self.reject(|| format!("the argument `{name}` {error}")),
        }
    }

    fn write_path(&mut self, parameter: &'static Parameter, value: &Value) {
        let part = parameter_style::in_path(parameter, value);
        self.target.fill(parameter, &part);
    }

    fn write_query(&mut self, parameter: &'static Parameter, value: &Value) {
        parameter_style::push_to_query(self.target.query(), parameter, value);
    }

    fn write_header(&mut self, parameter: &'static Parameter, value: &Value) {
        let Some(value) = parameter_style::in_header(parameter, value) else {
            return;
        };
        let (name, argument) = (parameter.name, parameter.argument);
        match header_value(value) {
            Some(value) => match HeaderName::from_bytes(name.as_bytes()) {
                Ok(name) => self.headers.push((name, value)),
                Err(_) => self.reject(|| format!("{name:?} is not a header name")),
            },
            None => self.reject(|| {
                format!(
                    "the argument `{argument}` contains a character that is not allowed in a header"
                )
            }),
        }
    }

    fn write_cookie(&mut self, parameter: &'static Parameter, value: &Value) {
        parameter_style::push_cookies(&mut self.cookies, parameter, value);
    }

    /// Returns the body if it is given. Reports an error if it is required and missing, or if the
    /// operation has none.
    fn given_body<T>(&mut self, given: Result<Option<T>, String>) -> Option<(RequestBody, T)> {
        let Some(body) = self.operation.body else {
            let operation = self.operation.id;
            self.reject(|| format!("the operation {operation} has no request body"));
            return None;
        };
        match given {
            Ok(Some(given)) => return Some((body, given)),
            Ok(None) if body.required => {
                self.reject(|| "the argument `body` is missing".to_owned());
            }
            Ok(None) => {}
            Err(error) => self.reject(|| format!("the argument `body` {error}")),
        }
        None
    }

    fn write_json(&mut self, json: Result<Option<serde_json::Result<Vec<u8>>>, String>) {
        let Some((body, json)) = self.given_body(json) else {
            return;
        };
        match (body.encoding, json) {
            (Encoding::Json, Ok(json)) => self.body = Payload::Bytes(json.into()),
            (Encoding::Json, Err(error)) => {
                self.reject(|| format!("the argument `body` cannot be sent: {error}"));
            }
            _ => self.reject(|| "the body of this operation is not JSON".to_owned()),
        }
    }

    fn write_form(&mut self, value: Result<Option<Result<Value, ValueError>>, String>) {
        let Some((body, value)) = self.given_body(value) else {
            return;
        };
        let written = value
            .map_err(form::FormError::from)
            .and_then(|value| form::encode(body.encoding, value));
        match written {
            Ok(form::Encoded { body, content_type }) => {
                self.body = Payload::Bytes(Bytes::from(body));
                self.content_type = content_type;
            }
            Err(error) => self.reject(|| format!("the argument `body` cannot be sent: {error}")),
        }
    }

    /// Returns the request, or the reason why it cannot be sent.
    fn outgoing(mut self) -> Result<Outgoing, String> {
        if let Some(rejected) = self.rejected {
            return Err(rejected);
        }
        let operation = self.operation;
        let url = self.target.finish(operation)?;
        let method = Method::from_bytes(operation.method.as_bytes())
            .map_err(|_| format!("{:?} is not an HTTP method", operation.method))?;
        let has = |headers: &[(HeaderName, HeaderValue)], wanted: &HeaderName| {
            headers.iter().any(|(name, _)| name == wanted)
        };
        let accept = match operation.accept {
            Some(accept) if !has(&self.headers, &ACCEPT) => Some(static_value(accept)?),
            _ => None,
        };
        if !matches!(self.body, Payload::None) {
            if let Some(content_type) = self.content_type {
                self.headers.retain(|(name, _)| name != CONTENT_TYPE);
                self.headers.push((CONTENT_TYPE, content_type));
            } else if let Some(body) = operation.body
                && !has(&self.headers, &CONTENT_TYPE)
            {
                self.headers
                    .push((CONTENT_TYPE, static_value(body.media_type)?));
            }
        }
        if operation.switches_protocols() {
            web_socket::add_handshake(&mut self.headers);
        }
        if !self.cookies.is_empty() {
            let mut value = header_value(self.cookies)
                .ok_or("a cookie contains a character that is not allowed in a header")?;
            value.set_sensitive(true);
            self.headers.push((COOKIE, value));
        }
        Ok(Outgoing {
            operation,
            method,
            url,
            accept,
            headers: self.headers,
            body: self.body,
        })
    }
}

fn static_value(value: &'static str) -> Result<HeaderValue, String> {
    // `from_static` panics on other bytes.
    match value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        true => Ok(HeaderValue::from_static(value)),
        false => Err(format!("{value:?} is not a media type")),
    }
}
