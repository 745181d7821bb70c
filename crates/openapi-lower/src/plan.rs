//! The last step: converts the security schemes and the operations of the document to typed plans.

mod bodies;
mod headers;
pub(crate) mod locations;
mod paging;
mod parameters;
pub(crate) mod payloads;
pub(crate) mod plans;
pub(crate) mod requirements;
mod responses;
pub(crate) mod security;
