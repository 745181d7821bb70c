//! Calling a generated operation by its name, with JSON for arguments and for what comes back.

use futures_util::TryStreamExt as _;
use progenitor_client::{ByteStream, Error, ResponseValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use crate::generated::call;

/// The arguments of one call: the names of the builder's setters, and what to give them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments(pub Map<String, Value>);

/// Why a call could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The registry has no such API.
    #[error("there is no API `{0}`")]
    Api(String),
    /// The client has no such operation.
    #[error("there is no operation `{0}`")]
    Operation(String),
    /// The builder's setter takes another type.
    #[error("the argument `{name}` does not decode: {error}")]
    Argument {
        /// The setter.
        name: &'static str,
        /// Why the value is not of its type.
        error: serde_json::Error,
    },
    /// Arguments that the builder has no setters for.
    #[error("`{operation}` takes no {names}")]
    Unknown {
        /// The operation's Rust name.
        operation: &'static str,
        /// The arguments.
        names: String,
    },
}

impl Arguments {
    /// Takes the argument `name`, if it is there, as a `T`.
    ///
    /// # Errors
    /// [`CallError::Argument`].
    pub fn take<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, CallError> {
        self.0
            .shift_remove(name)
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| CallError::Argument { name, error })
    }

    /// Makes sure that no argument is left.
    ///
    /// # Errors
    /// [`CallError::Unknown`].
    pub fn finish(self, operation: &'static str) -> Result<(), CallError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.0.into_iter().map(|(name, _)| name).collect();
        Err(CallError::Unknown {
            operation,
            names: names.join(", "),
        })
    }
}

/// What a call came to.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A documented success, encoded again from the generated type.
    Success {
        /// The HTTP status.
        status: u16,
        /// `null` where there is no body.
        body: Value,
    },
    /// A documented error, encoded again from the generated type.
    Failure {
        /// The HTTP status.
        status: u16,
        /// `null` where there is no body.
        body: Value,
        /// The same as callers see it.
        error: client_runtime::Error,
    },
    /// Anything else, as its message.
    Other(String),
}

/// What the result of a generated call came to.
pub fn outcome<S: Serialize, E: Serialize>(result: Result<ResponseValue<S>, Error<E>>) -> Outcome {
    let encoded = match result {
        Ok(answer) => {
            let status = answer.status().as_u16();
            serde_json::to_value(answer.into_inner()).map(|body| Outcome::Success { status, body })
        }
        Err(Error::ErrorResponse(answer)) => {
            let status = answer.status().as_u16();
            serde_json::to_value(&*answer).map(|body| Outcome::Failure {
                status,
                body,
                error: Error::ErrorResponse(answer).into(),
            })
        }
        Err(Error::InvalidRequest(message)) => Ok(Outcome::Other(message)),
        Err(Error::Custom(message)) => Ok(Outcome::Other(message)),
        Err(Error::InvalidResponsePayload(_, error)) => {
            Ok(Outcome::Other(format!("does not decode: {error}")))
        }
        Err(Error::UnexpectedResponse(answer)) => Ok(Outcome::Other(format!(
            "not documented: status {}",
            answer.status()
        ))),
        Err(
            Error::CommunicationError(error)
            | Error::InvalidUpgrade(error)
            | Error::ResponseBodyError(error),
        ) => Ok(Outcome::Other(error.to_string())),
    };
    encoded.unwrap_or_else(|error| Outcome::Other(format!("does not encode: {error}")))
}

/// An answer whose bytes are of no type, read to the end; `null` where there are none.
///
/// # Errors
/// That of the call, or of reading.
pub async fn read<E>(
    result: Result<ResponseValue<ByteStream>, Error<E>>,
) -> Result<ResponseValue<Value>, Error<E>> {
    let answer = result?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes: Vec<bytes::Bytes> = answer
        .into_inner_stream()
        .try_collect()
        .await
        .map_err(Error::ResponseBodyError)?;
    let body = match bytes.concat() {
        bytes if bytes.is_empty() => Value::Null,
        bytes => String::from_utf8_lossy(&bytes).into(),
    };
    Ok(ResponseValue::new(body, status, headers))
}

/// What the result of a generated call came to whose errors have no type.
pub async fn outcome_of_bytes<S: Serialize>(
    result: Result<ResponseValue<S>, Error<ByteStream>>,
) -> Outcome {
    match result {
        Err(Error::ErrorResponse(answer)) => match read::<()>(Ok(answer)).await {
            Ok(answer) => Outcome::Failure {
                status: answer.status().as_u16(),
                body: (*answer).clone(),
                error: Error::ErrorResponse(answer).into(),
            },
            Err(error) => Outcome::Other(error.to_string()),
        },
        other => outcome(other.map_err(Error::into_untyped)),
    }
}
