//! What a generated client knows of its operations beyond the code that calls them.

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
    /// What the operation asks of a caller's credentials.
    pub authentication: Authentication,
    /// The media type of its request body, where that is not the one that the generated call says.
    pub content_type: Option<&'static str>,
    /// Whether it may be repeated without harm, where the API description says so with
    /// `x-idempotent`; otherwise its HTTP method decides.
    pub idempotent: Option<bool>,
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
            id: rust_name,
            method: "GET",
            path: "/",
            authentication: Authentication::None,
            content_type: None,
            idempotent: None,
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
