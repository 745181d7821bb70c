//! The static data of a generated client about its API.

use crate::operation::{Operation, Security, SecurityScheme};

/// The static data of a generated client about its API.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// The base URL, if the API description has one without variables.
    pub base_url: Option<&'static str>,
    /// The default value of the `User-Agent` header.
    pub user_agent: &'static str,
    /// The operations of the API, sorted by Rust name.
    pub operations: &'static [Operation],
    /// The security schemes of the API.
    pub schemes: &'static [SecurityScheme],
    /// The security requirement of requests without an operation: that of the document, or else all
    /// alternatives of its operations.
    pub security: Security,
    /// The names of properties that are secrets.
    pub secrets: &'static [&'static str],
}

impl Api {
    /// An API without a base URL, operations, security schemes or secrets.
    pub const PLAIN: Self = Self {
        base_url: None,
        user_agent: "",
        operations: &[],
        schemes: &[],
        security: &[],
        secrets: &[],
    };
}
