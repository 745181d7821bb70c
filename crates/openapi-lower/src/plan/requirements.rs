//! The security requirements of operations and of the whole document.

use client_codegen::plan::OperationPlan;
use serde_json::Value;

/// The alternatives of a security requirement, each with the names of its schemes.
type Alternatives = Vec<Vec<String>>;

/// The alternatives in `security`, or `None` without that field.
pub(crate) fn alternatives(security: Option<&Value>) -> Option<Alternatives> {
    let security = security?.as_array()?;
    let alternatives = security.iter().filter_map(Value::as_object);
    Some(
        alternatives
            .map(|alternative| alternative.keys().cloned().collect())
            .collect(),
    )
}

/// The credentials of requests that do not belong to an operation: those of the whole document, or those
/// that all operations accept.
pub(crate) fn of_requests(root: &Value, operations: &[OperationPlan]) -> Alternatives {
    if let Some(stated) = alternatives(root.get("security")) {
        return stated;
    }
    let mut all = Alternatives::new();
    for alternative in operations
        .iter()
        .filter_map(|plan| plan.security.as_ref())
        .flatten()
    {
        if !alternative.is_empty() && !all.contains(alternative) {
            all.push(alternative.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_alternatives_are_those_of_the_requirement() {
        for (security, expected) in [
            (json!([]), vec![]),
            (json!([{}]), vec![vec![]]),
            (
                json!([{ "A": [], "B": ["x"] }, {}]),
                vec![vec!["A", "B"], vec![]],
            ),
        ] {
            let expected: Alternatives = expected
                .into_iter()
                .map(|all: Vec<&str>| all.into_iter().map(str::to_owned).collect())
                .collect();
            assert_eq!(alternatives(Some(&security)), Some(expected));
        }
        assert_eq!(alternatives(None), None);
    }
}
