//! The last step: the security schemes and the operations of the document become typed plans.

pub(crate) mod plans;
pub(crate) mod security;
