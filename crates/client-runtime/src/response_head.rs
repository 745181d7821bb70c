//! The status and headers of a response, and the errors about it.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::decode::DecodeError;
use crate::deviation::Deviations;
use crate::error::Details;
use crate::operation::{LocatedSchema, Operation};
use crate::{CallInfo, DeviationKind, Error, ErrorKind, Problem, failure, media_type};

/// The response without its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) call: CallInfo,
    pub(crate) operation: &'static Operation,
    /// The index of the documented response that matches this one.
    pub(crate) documented: Option<usize>,
    pub(crate) deviations: Arc<Deviations>,
    /// Whether the call may be repeated if the rest of the response does not arrive.
    pub(crate) is_repeatable: bool,
    /// The maximum number of body bytes to read into memory.
    pub(crate) max_bytes: usize,
}

impl Head {
    /// Reports how a decoded body differs from the API description.
    pub(crate) fn report(&self, deviations: Vec<DeviationKind>) {
        for kind in deviations {
            self.deviations.add(self.operation, kind);
        }
    }

    /// Returns an error about this response, with its whole body.
    pub(crate) fn error(self, kind: ErrorKind, message: impl Into<String>, body: Bytes) -> Error {
        Details {
            call: Some(self.call),
            status: Some(self.status),
            headers: self.headers,
            body,
            ..Details::new(kind, message)
        }
        .into()
    }

    /// Returns the error that the API reports with this response. It is retryable if the retry policy
    /// would retry it.
    pub(crate) fn reported(
        self,
        message: impl Into<String>,
        body: Bytes,
        is_retryable: bool,
    ) -> Error {
        let kind = match self.status {
            StatusCode::UNAUTHORIZED => ErrorKind::Authentication,
            _ => ErrorKind::Api,
        };
        let problem = Problem::of_body(media_type::of(&self.headers), &body);
        let schema = self.schema();
        Details {
            call: Some(self.call),
            status: Some(self.status),
            headers: self.headers,
            body,
            problem,
            is_retryable,
            schema,
            ..Details::new(kind, message)
        }
        .into()
    }

    /// Returns the error for a body, or an item of a stream, that does not have its documented type.
    pub(crate) fn undecoded(&self, error: &DecodeError, body: Bytes) -> Error {
        let schema = self.schema();
        Details {
            body,
            overlay_actions: schema.and_then(|schema| error.overlay_actions(schema)),
            ..self.clone_error(ErrorKind::Decode, error.to_string())
        }
        .into()
    }

    /// Returns the media type, if it is given and is not JSON.
    pub(crate) fn other_media_type(&self) -> Option<&str> {
        media_type::of(&self.headers).filter(|essence| !media_type::is_json(essence))
    }

    /// Returns the documented schema of the body. An undocumented success has the schema of the
    /// documented one.
    fn schema(&self) -> Option<&'static LocatedSchema> {
        let all = self.operation.responses;
        let documented = self.documented.and_then(|index| all.get(index));
        let documented = documented.or_else(|| all.iter().find(|it| it.is_success()));
        documented?.schema
    }

    /// Returns an error about this response while its body is still being read.
    pub(crate) fn clone_error(&self, kind: ErrorKind, message: impl Into<String>) -> Details {
        Details {
            call: Some(self.call.clone()),
            status: Some(self.status),
            headers: self.headers.clone(),
            ..Details::new(kind, message)
        }
    }

    /// Returns the error for a body that was not received completely.
    pub(crate) fn broken(&self, error: reqwest::Error) -> Error {
        let (kind, message) = failure::described(&error);
        Details {
            is_retryable: self.is_repeatable,
            source: Some(failure::cause(error)),
            ..self.clone_error(kind, message)
        }
        .into()
    }

    /// Returns the error for a body that exceeds the limit; `body` is the part that was read.
    pub(crate) fn too_large(self, body: Bytes) -> Error {
        let message = format!("the response is larger than {} bytes", self.max_bytes);
        self.error(ErrorKind::Decode, message, body)
    }
}
