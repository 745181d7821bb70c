//! The last step: converts the security schemes and the operations of the document to typed plans.

pub(crate) mod locations;
pub(crate) mod payloads;
pub(crate) mod plans;
pub(crate) mod requirements;
pub(crate) mod security;
