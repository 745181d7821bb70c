//! Removes the component schemas that no operation uses.
//!
//! Before: `components: {schemas: {Role: …, PaginatedList: …}}`, where earlier passes have merged
//! `PaginatedList` into every list.
//! After: `components: {schemas: {Role: …}}`.

use openapi_document::{Direction, Pointer};
use serde_json::Value;

use crate::reach::reachable;
use crate::schema::components_mut;
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "unused-schemas",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let mut used = reachable(root, Direction::Request);
    used.extend(reachable(root, Direction::Response));
    components_mut(root).retain(|name, _| {
        let is_used = used.contains(name);
        if !is_used {
            notes.add(
                &Pointer::of(["components", "schemas", name]),
                "removed the component",
                "no operation refers to it after merging and inlining",
            );
        }
        is_used
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run;
    use serde_json::json;

    #[test]
    fn unused_components_are_removed() {
        let (after, notes) = run(
            &PASS,
            json!({
                "paths": { "/a": { "get": { "responses": { "200": { "content": {
                    "application/json": { "schema": reference("A") },
                } } } } } },
                "components": { "schemas": {
                    "A": { "properties": { "b": reference("B") } },
                    "B": { "type": "string" },
                    "C": { "properties": { "a": reference("A") } },
                } },
            }),
        );
        let left: Vec<&String> = after["components"]["schemas"]
            .as_object()
            .expect("has schemas")
            .keys()
            .collect();
        assert_eq!(left, ["A", "B"]);
        assert_eq!(notes.len(), 1);
    }
}
