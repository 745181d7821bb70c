//! A server that behaves as an OpenAPI document says, for tests that must not need the network.
//!
//! [`Description`] is the document as it is served: its operations with everything that a request
//! to them, or an answer from them, is held to.

mod description;
mod received;
mod reply;

pub use description::{
    Answer, Content, Credential, Description, Header, Location, Operation, Parameter, RequestBody,
    Requirement, Scheme, Status,
};
pub use received::Received;
pub use reply::{Problem, Reply, Violation};
