#![doc = include_str!("../README.md")]

mod cache;
mod choices;
mod clock;
mod coverage;
mod description;
mod effects;
mod fault;
mod load;
mod negotiation;
mod paging;
mod prefer;
mod problem;
mod progress;
mod properties;
mod received;
mod reply;
mod request_log;
mod response;
mod route;
mod schemas;
mod security;
mod seed;
mod server;
mod state;
mod store;
#[cfg(test)]
mod testing;
mod tokens;
mod validation;
mod wire;
mod wrapper;

pub use clock::Clock;
pub use coverage::{Coverage, Covered};
pub use description::{
    Content, Credential, Description, Header, Location, Operation, Parameter, RequestBody,
    Requirement, Response, Scheme, Status,
};
pub use fault::{FAULT_HEADER, Fault};
pub use load::load;
pub use prefer::Preference;
pub use progress::Pace;
pub use received::Received;
pub use reply::{Problem, Reply, Violation};
pub use request_log::RecordedRequest;
pub use response::ResponseGenerator;
pub use server::{Builder, MockServer, NoSuchOperation, StartError};
pub use state::{Settings, State};
