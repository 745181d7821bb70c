//! Calls generated operations by name, with arguments and results as JSON.

use client_runtime::generated::{Api, SchemeKind};
use client_runtime::{
    Authentication, BuildError, Builder, ByteStream, Error, GeneratedClient, Response, Session,
    StaticToken, TryStreamExt as _,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use crate::generated::call;

/// The arguments of one call: setter names and values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments(pub Map<String, Value>);

/// A client without an API, for builders whose API is chosen later.
#[derive(Debug, Clone)]
pub struct AnyClient;

impl From<Session> for AnyClient {
    fn from(_: Session) -> Self {
        Self
    }
}

impl GeneratedClient for AnyClient {
    const API: &'static Api = &Api {
        user_agent: "client-tests",
        ..Api::PLAIN
    };
}

/// Adds credentials to a builder for every security scheme.
pub fn with_credentials<C: GeneratedClient>(mut builder: Builder<C>) -> Builder<C> {
    for (place, scheme) in C::API.schemes.iter().enumerate() {
        let taken = C::API.operations.iter().filter_map(|it| it.security);
        if !taken.flatten().any(|all| all.contains(&place)) {
            continue;
        }
        let authentication = match scheme.kind {
            SchemeKind::Header(name) => Authentication::header(name, "key"),
            SchemeKind::Query(name) => Authentication::query(name, "key"),
            SchemeKind::Cookie(name) => Authentication::cookie(name, "key"),
            SchemeKind::Basic => Authentication::basic("user", "password"),
            SchemeKind::Bearer => Authentication::bearer(StaticToken::from("token")),
            SchemeKind::Other | SchemeKind::MutualTls => {
                Authentication::header("authorization", "Other credentials")
            }
        };
        builder = builder.authentication(scheme.name, authentication);
    }
    builder
}

/// Why a call failed before it was sent.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The client cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The registry has no such API.
    #[error("there is no API `{0}`")]
    Api(String),
    /// The client has no such operation.
    #[error("there is no operation `{0}`")]
    Operation(String),
    /// The value has the wrong type for the setter.
    #[error("the argument `{name}` does not decode: {error}")]
    Argument {
        /// The setter.
        name: &'static str,
        /// The decoding error.
        error: serde_json::Error,
    },
    /// Arguments without a setter.
    #[error("`{operation}` has no setter for {names}")]
    Unknown {
        /// The operation's Rust name.
        operation: &'static str,
        /// The arguments.
        names: String,
    },
}

impl Arguments {
    /// Removes the argument `name` and decodes it as a `T`, if there is one.
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

    /// Checks that no argument is left.
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

/// The outcome of a call.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A success, encoded again from the generated type.
    Success {
        /// The HTTP status.
        status: u16,
        /// The body; `null` if there is none.
        body: Value,
    },
    /// An error status.
    Failure {
        /// The HTTP status.
        status: u16,
        /// The body, encoded again from the generated type of the documented error; `null` if there
        /// is none.
        body: Value,
        /// The error that callers receive.
        error: Error,
    },
    /// Any other error, as its message.
    Other(String),
}

/// Decodes the body of an error into a generated type and encodes it again.
pub type Encoded = fn(&Error) -> Result<Value, Error>;

/// The body of an error as its documented type `T`.
///
/// # Errors
/// A body that does not decode as a `T`.
pub fn encoded<T: DeserializeOwned + Serialize>(error: &Error) -> Result<Value, Error> {
    let decoded: T = error.decode()?;
    serde_json::to_value(decoded).map_err(|error| Error::invalid_request(error.to_string()))
}

/// The outcome of a generated call's result. `errors` are the types of the documented errors by
/// response key; if there are several for one status, the first that decodes is used.
pub fn outcome<T: Serialize, H>(
    result: Result<Response<T, H>, Error>,
    errors: &[(&str, Encoded)],
) -> Outcome {
    let error = match result {
        Ok(response) => {
            let status = response.status().as_u16();
            return match serde_json::to_value(response.into_inner()) {
                Ok(body) => Outcome::Success { status, body },
                Err(error) => Outcome::Other(format!("does not encode: {error}")),
            };
        }
        Err(error) => error,
    };
    let Some(status) = error.status().filter(|_| is_of_status(&error)) else {
        return Outcome::Other(error.to_string());
    };
    let status = status.as_u16();
    let keys = [
        status.to_string(),
        format!("{}XX", status / 100),
        "default".to_owned(),
    ];
    let documented = keys.iter().find_map(|key| {
        let types: Vec<Encoded> = errors
            .iter()
            .filter(|(known, _)| known == key)
            .map(|(_, encoded)| *encoded)
            .collect();
        (!types.is_empty()).then_some(types)
    });
    let Some(types) = documented else {
        return Outcome::Failure {
            status,
            body: Value::Null,
            error,
        };
    };
    match types.iter().find_map(|encoded| encoded(&error).ok()) {
        Some(body) => Outcome::Failure {
            status,
            body,
            error,
        },
        None => Outcome::Other(format!("the error does not decode: {error}")),
    }
}

/// True if the error is a response of the API.
fn is_of_status(error: &Error) -> bool {
    use client_runtime::ErrorKind::{Api, Authentication};
    matches!(error.kind(), Api | Authentication)
}

/// Reads a streamed response to its end; `null` if it is empty.
///
/// # Errors
/// The error of the call or of reading.
pub async fn read<H>(
    result: Result<Response<ByteStream, H>, Error>,
) -> Result<Response<Value, H>, Error> {
    let mut response = result?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.try_next().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(response.map(|_| match bytes.is_empty() {
        true => Value::Null,
        false => String::from_utf8_lossy(&bytes).into(),
    }))
}
