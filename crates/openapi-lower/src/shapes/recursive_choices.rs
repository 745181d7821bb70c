//! Replaces the branch of a choice that is the choice itself, through references, with its branches.
//!
//! Before: `A: {oneOf: [{type: string}, {$ref: B}]}`, `B: {oneOf: [{type: integer}, {$ref: A}]}`.
//! After: both have the branches `string` and `integer`.
//!
//! Decoding a type that is one of its own branches would not terminate.

use std::collections::BTreeSet;

use openapi_document::compact_clone_object;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value};

use crate::schema::{branches_of, component_at, component_name, components};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "recursive-choices",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let components = compact_clone_object(components(root));
    schemas_mut(root, |pointer, schema| {
        let Some(own) = component_at(pointer) else {
            return;
        };
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = schema.get_mut(keyword) else {
                continue;
            };
            let mut expanded = Vec::new();
            for branch in std::mem::take(branches) {
                if !reaches(&components, &branch, &own) {
                    expanded.push(branch);
                    continue;
                }
                let mut seen = BTreeSet::from([own.clone()]);
                expand(&components, &branch, &mut seen, &mut expanded);
                notes.add(
                    pointer,
                    "replaced a branch with its own branches",
                    "a choice that contains itself would recurse without end",
                );
            }
            *branches = expanded;
        }
    });
}

/// True if a branch is the component `own` again, through references and choices only.
fn reaches(components: &Map<String, Value>, branch: &Value, own: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![branch];
    while let Some(branch) = waiting.pop() {
        let Some(name) = component_name(branch) else {
            continue;
        };
        if name == own {
            return true;
        }
        if let Some(component) = components.get(&name)
            && seen.insert(name)
        {
            waiting.push(component);
            waiting.extend(branches_of(component).map(|(_, _, branch)| branch));
        }
    }
    false
}

/// Adds the branches of a branch to `branches`, except the components in `seen`.
fn expand(
    components: &Map<String, Value>,
    branch: &Value,
    seen: &mut BTreeSet<String>,
    branches: &mut Vec<Value>,
) {
    let Some(name) = component_name(branch) else {
        branches.push(branch.clone());
        return;
    };
    if !seen.insert(name.clone()) {
        return;
    }
    let Some(component) = components.get(&name) else {
        return;
    };
    let mut inner = branches_of(component).peekable();
    if inner.peek().is_none() && component_name(component).is_none() {
        branches.push(branch.clone());
        return;
    }
    if component_name(component).is_some() {
        expand(components, component, seen, branches);
    }
    for (_, _, inner) in inner {
        expand(components, inner, seen, branches);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    #[test]
    fn a_choice_that_contains_itself_has_the_other_branches() {
        let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let (after, notes) = run_on_schemas(
            &PASS,
            json!({
                "A": { "oneOf": [string, reference("B")] },
                "B": { "oneOf": [integer, reference("A")] },
            }),
        );
        let expected = json!({
            "A": { "oneOf": [string, integer] },
            "B": { "oneOf": [integer, string] },
        });
        assert_eq!((after, notes.len()), (expected, 2));
    }
}
