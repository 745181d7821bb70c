//! A server that behaves as an OpenAPI document says, for tests that must not need the network.
//!
//! [`Description`] is the document as it is served: its operations with everything that a request
//! to them, or an answer from them, is held to.

mod answer;
mod description;
mod negotiation;
mod prefer;
mod received;
mod reply;
mod schemas;
#[cfg(test)]
mod testing;

pub use answer::Answers;
pub use description::{
    Answer, Content, Credential, Description, Header, Location, Operation, Parameter, RequestBody,
    Requirement, Scheme, Status,
};
pub use prefer::Preference;
pub use received::Received;
pub use reply::{Problem, Reply, Violation};
