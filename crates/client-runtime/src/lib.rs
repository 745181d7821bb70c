#![doc = include_str!("../README.md")]

mod api;
mod argument;
mod base_url;
mod bounded;
mod budget;
mod build_error;
mod builder;
mod byte_stream;
mod call;
mod call_info;
mod client_credentials;
mod credentials;
mod date_time;
mod decimal;
mod decode;
mod deviation;
mod documented_response;
pub mod env;
mod error;
mod exchange;
mod failure;
mod file_part;
mod form;
pub mod generated;
mod into_optional;
pub mod item_body;
mod json_path;
mod located_schema;
mod media_type;
mod nullable;
mod number;
mod object;
mod open_enum;
pub mod operation;
mod outgoing;
pub mod paging;
mod parameter_style;
mod payload;
mod percent;
mod position;
mod problem;
mod raw_response;
mod recorder;
mod redirect;
mod request_builder;
mod request_id;
mod response;
mod response_head;
mod response_header;
mod retry;
mod retry_after;
mod secret;
mod security;
mod servers;
mod session;
pub mod stream;
mod target;
mod tls;
mod token_cache;
mod tolerant;
mod transport;
mod tuple;
mod unparsed;
mod value;
pub mod waiting;
mod web_socket;

/// Attribute macro for implementations of [`Credentials`] or [`Authenticator`].
pub use async_trait::async_trait;
pub use base_url::BaseUrlError;
pub use bounded::{AtLeast, AtMost, Bounded, OutOfBounds};
pub use budget::RetryBudget;
pub use build_error::BuildError;
pub use builder::{Builder, GeneratedClient, http_client_builder};
pub use byte_stream::ByteStream;
pub use call::Sending;
pub use call_info::CallInfo;
pub use client_credentials::{ClientAuthentication, ClientCredentials};
pub use credentials::{Credentials, CredentialsError, StaticToken, Token};
pub use decimal::{Decimal, DecimalError};
pub use deviation::{Deviation, DeviationKind};
pub use error::{Error, ErrorKind};
pub use file_part::FilePart;
pub use futures_util::{Stream, StreamExt, TryStreamExt};
pub use into_optional::{IntoOptional, IntoOptionalJson};
pub use nullable::{IntoNullable, Null, Nullable};
pub use open_enum::OpenEnum;
pub use payload::PayloadError;
pub use problem::{Problem, Violation};
pub use raw_response::RawResponse;
pub use request_builder::RequestBuilder;
/// The HTTP method that [`Session::request`] takes.
pub use reqwest::Method;
/// The connection that [`RawResponse::upgrade`] returns.
pub use reqwest::Upgraded;
/// The request that an [`Authenticator`] changes.
pub use reqwest::{Request, header::HeaderValue};
pub use response::Response;
pub use retry::{Attempt, Decision, FailureKind, Outcome, RetryPolicy, StopReason};
pub use retry_after::retry_after;
pub use secret::SecretString;
pub use security::{Authentication, Authenticator};
pub use session::{Options, Session};
/// From the standard library, for recursive types.
#[doc(no_inline)]
pub use std::boxed::Box;
/// From the standard library, for integers of more than 64 bits.
#[doc(no_inline)]
pub use std::primitive::{i128, u128};
pub use token_cache::TokenCache;
