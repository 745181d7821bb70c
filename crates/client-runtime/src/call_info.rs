//! The call that an error or a response belongs to.

use std::borrow::Cow;
use std::fmt;

use reqwest::Method;

use crate::operation::Operation;

/// The operation of a call, and the number of attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallInfo {
    /// The `operationId` of the API description; empty for a request without an operation.
    pub operation: &'static str,
    /// The HTTP method, in upper case.
    pub method: Cow<'static, str>,
    /// The path template, without values; empty for a request without an operation.
    pub path: &'static str,
    /// How many times the request was sent, not counting redirects; 0 if it was not sent.
    pub attempts: u32,
}

impl CallInfo {
    pub(crate) fn new(operation: &'static Operation, method: &Method) -> Self {
        Self {
            operation: operation.id,
            method: match operation.method {
                "" => Cow::Owned(method.as_str().to_owned()),
                method => Cow::Borrowed(method),
            },
            path: operation.path,
            attempts: 0,
        }
    }
}

/// Writes the operation, or the method if there is no operation.
impl fmt::Display for CallInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            "" => write!(f, "the {} request", self.method),
            operation => f.write_str(operation),
        }
    }
}
