#![doc = include_str!("../README.md")]

mod base_url;
mod bounded;
mod budget;
mod builder;
mod client_credentials;
mod cookie;
mod credentials;
mod deep_object;
mod encoding;
pub mod env;
mod error;
mod file_part;
mod flatten;
pub mod item_body;
mod joined;
mod json_path;
mod json_text;
mod open_enum;
mod operation;
mod optional_body;
pub mod paging;
mod path_segment;
mod path_style;
mod problem;
mod retry;
mod retry_after;
mod secret;
mod servers;
mod session;
mod stand_in;
pub mod stream;
mod timestamp;
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
pub use deep_object::{DeepObject, Members};
pub use encoding::{Encoding, Field, Style};
pub use error::{Call, Error, ErrorKind};
pub use file_part::FilePart;
pub use futures_util::{Stream, StreamExt, TryStreamExt};
pub use joined::{
    Assignments, CommaSeparated, CommaSeparatedMembers, Joined, JoinedMembers, PipeSeparated,
    PipeSeparatedMembers, SpaceSeparated, SpaceSeparatedMembers,
};
pub use json_text::JsonText;
pub use open_enum::OpenEnum;
pub use operation::{Authentication, Operation, Reading};
pub use optional_body::OptionalJson;
pub use path_segment::{PathSegment, UnusableSegment};
pub use path_style::{
    Label, LabelExploded, List, Matrix, MatrixExploded, Simple, SimpleExploded, Styled, Unnamed,
};
pub use problem::{Problem, Violation};
pub use retry::{Attempt, Decision, FailureKind, Outcome, RetryPolicy, StopReason};
pub use retry_after::retry_after;
pub use secret::SecretString;
pub use session::{Options, Session};
/// Of the standard library, for members through which a type would contain itself.
#[doc(no_inline)]
pub use std::boxed::Box;
pub use timestamp::Timestamp;
pub use token_cache::TokenCache;
