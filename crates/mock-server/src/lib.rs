#![doc = include_str!("../README.md")]

mod answer;
mod cache;
mod clock;
mod coverage;
mod deeds;
mod description;
mod fault;
mod judge;
mod load;
mod members;
mod negotiation;
mod paging;
mod prefer;
mod problem;
mod progress;
mod received;
mod record;
mod reply;
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
mod wire;
mod wrapper;

pub use answer::Answers;
pub use clock::Clock;
pub use coverage::{Coverage, Covered};
pub use description::{
    Answer, Content, Credential, Description, Header, Location, Operation, Parameter, RequestBody,
    Requirement, Scheme, Status,
};
pub use fault::{FAULT_HEADER, Fault};
pub use load::load;
pub use prefer::Preference;
pub use progress::Pace;
pub use received::Received;
pub use record::Recorded;
pub use reply::{Problem, Reply, Violation};
pub use server::{Builder, MockServer, NoSuchOperation, StartError};
pub use state::{Settings, State};
