//! Which call an error or a response belongs to.

use std::borrow::Cow;
use std::fmt;

use reqwest::Method;

use crate::operation::Operation;

/// Which operation was called, and how often it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallInfo {
    /// The `operationId` of the API description; empty for a request that is not one of an operation.
    pub operation: &'static str,
    /// The HTTP method in capitals.
    pub method: Cow<'static, str>,
    /// The path template, without any value; empty for a request that is not one of an operation.
    pub path: &'static str,
    /// How many times the request was sent, redirects aside: 0 where it was not sent at all.
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

/// The operation, or the method where there is none.
impl fmt::Display for CallInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            "" => write!(f, "the {} request", self.method),
            operation => f.write_str(operation),
        }
    }
}
