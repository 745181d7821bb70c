//! What a generated client knows of its operations beyond the code that calls them.

use crate::Encoding;

/// One operation of an API description, as the generated table `OPERATIONS` of a client lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The Rust method that calls it, for instance `list_roles_space`.
    pub rust_name: &'static str,
    /// The `operationId` of the API description, for instance `ListRolesSpace`.
    pub id: &'static str,
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path template, for instance `/iam/spaces/{spaceId}/roles`.
    pub path: &'static str,
    /// The server that it has of its own: a URL, or a path on the host of the others.
    pub server: Option<&'static str>,
    /// What the operation asks of a caller's credentials.
    pub authentication: Authentication,
    /// The media type of its request body, where that is not the one that the generated call says.
    pub content_type: Option<&'static str>,
    /// How its request body is written.
    pub encoding: Encoding,
    /// The cookies that it takes, as the API spells them.
    pub cookies: &'static [&'static str],
    /// The media types that it asks for, where those are not the ones that the generated call says.
    pub accept: Option<&'static str>,
    /// How the body of a success is read.
    pub success: Reading,
    /// How the body of an error is read.
    pub error: Reading,
    /// Whether it may be repeated without harm, where the API description says so with
    /// `x-idempotent`; otherwise its HTTP method decides.
    pub idempotent: Option<bool>,
}

/// How the body of an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Whole, and as it is.
    Whole,
    /// Whole, as a string: generated code, which reads JSON, gets the string in JSON, unless the
    /// answer says that it is JSON already.
    Text,
    /// Whole: of an empty body, generated code, which reads JSON, gets a `null`.
    Optional,
    /// Not at all: the caller streams it.
    Stream,
}

/// What an operation asks of a caller's credentials: the `security` in force for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// Nothing is sent (`security: []`, or none at all).
    None,
    /// A bearer token (RFC 6750) is sent when the session has one.
    Bearer,
    /// HTTP Basic credentials (RFC 7617) are sent when the session has some.
    Basic,
    /// A scheme that the runtime does not know; the caller sets it up on the HTTP client.
    Other,
}

impl Operation {
    /// An operation of which nothing is said: it has no name, takes no credentials, and is sent and
    /// answered as the generated code has it.
    pub const PLAIN: Self = Self {
        rust_name: "",
        id: "",
        method: "",
        path: "",
        server: None,
        authentication: Authentication::None,
        content_type: None,
        encoding: Encoding::AsGiven,
        cookies: &[],
        accept: None,
        success: Reading::Whole,
        error: Reading::Whole,
        idempotent: None,
    };

    /// The operation of `table` that the Rust method `rust_name` calls. The table is sorted by
    /// Rust name, as the generated ones are.
    pub fn find<'a>(table: &'a [Operation], rust_name: &str) -> Option<&'a Operation> {
        table
            .binary_search_by(|operation| operation.rust_name.cmp(rust_name))
            .ok()
            .map(|index| &table[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn operation(rust_name: &'static str) -> Operation {
        Operation {
            rust_name,
            ..Operation::PLAIN
        }
    }

    #[test]
    fn finds_each_operation_of_a_sorted_table_and_no_other() {
        let table = [operation("a"), operation("b"), operation("c")];
        for name in ["a", "b", "c"] {
            assert_eq!(
                Operation::find(&table, name).map(|found| found.rust_name),
                Some(name)
            );
        }
        assert_eq!(Operation::find(&table, "d"), None);
    }
}
