#![doc = include_str!("../README.md")]

mod base_url;
mod bounded;
mod budget;
mod builder;
mod client_credentials;
mod credentials;
pub mod env;
mod error;
mod json_path;
mod open_enum;
mod operation;
mod optional_body;
pub mod paging;
mod path_segment;
mod problem;
mod retry;
mod retry_after;
mod secret;
mod session;
mod token_cache;
pub mod waiting;

/// For whoever implements [`Credentials`].
pub use async_trait::async_trait;
pub use base_url::BaseUrlError;
pub use bounded::{AtLeast, AtMost, Bounded, OutOfBounds};
pub use budget::RetryBudget;
pub use builder::{BuildError, Builder, GeneratedClient};
pub use client_credentials::{ClientAuthentication, ClientCredentials};
pub use credentials::{Credentials, CredentialsError, StaticToken, Token};
pub use error::{Call, Error, ErrorKind};
pub use futures_util::{Stream, StreamExt, TryStreamExt};
pub use open_enum::OpenEnum;
pub use operation::{Authentication, Operation};
pub use optional_body::{OptionalForm, OptionalJson};
pub use path_segment::{PathSegment, UnusableSegment};
pub use problem::{Problem, Violation};
pub use retry::{Attempt, Decision, FailureKind, Outcome, RetryPolicy, StopReason};
pub use retry_after::retry_after;
pub use secret::SecretString;
pub use session::{Options, Session};
pub use token_cache::TokenCache;
