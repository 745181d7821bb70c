//! Overlays: our corrections to a vendored document, kept beside it and applied on every load.
//!
//! The format is the OpenAPI Overlay Specification 1.0: a list of actions, each with a `target`
//! (JSONPath, RFC 9535) and an `update` to merge into every place it selects, or `remove: true`.
//! An action whose target selects nothing is an error: the vendor has changed what it corrects,
//! and somebody has to look.
//!
//! ```yaml
//! overlay: 1.0.0
//! info: {title: Corrections, version: 1.0.0}
//! actions:
//!   - target: $.components.schemas.Token.properties.access_token
//!     description: A token must not be printed.
//!     update: {format: password}
//! ```

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::Diagnostic;
use crate::Document;
use crate::Pointer;

/// Applies every action of `overlay` to `document`, in order.
///
/// # Errors
/// An overlay that is not one, an action without a target or without an effect, a target that is
/// no JSONPath, selects nothing, or selects what cannot be updated. `document` is then partly
/// changed and should be dropped.
pub fn apply(overlay: &Document, document: &mut Document) -> Result<(), Diagnostic> {
    for (index, action) in actions(overlay)?.iter().enumerate() {
        let pointer = Pointer::of(["actions".to_owned(), index.to_string()]);
        Action::read(overlay, &pointer, action)?.apply(&mut document.root)?;
    }
    Ok(())
}

fn actions(overlay: &Document) -> Result<&Vec<Value>, Diagnostic> {
    let version = overlay.root.get("overlay").and_then(Value::as_str);
    if !version.is_some_and(|version| version.starts_with("1.")) {
        return Err(overlay.diagnostic(
            &Pointer::root().join("overlay"),
            "not an OpenAPI Overlay 1.x document",
            "start it with `overlay: 1.0.0`, `info` and `actions`",
        ));
    }
    overlay
        .root
        .get("actions")
        .and_then(Value::as_array)
        .ok_or_else(|| {
            overlay.diagnostic(
                &Pointer::root().join("actions"),
                "the overlay has no list of actions",
                "add `actions: []`, or the corrections that belong there",
            )
        })
}

struct Action<'a> {
    overlay: &'a Document,
    pointer: &'a Pointer,
    target: &'a str,
    path: JsonPath,
    effect: Effect<'a>,
}

enum Effect<'a> {
    Remove,
    Update(&'a Value),
}

impl<'a> Action<'a> {
    fn read(
        overlay: &'a Document,
        pointer: &'a Pointer,
        action: &'a Value,
    ) -> Result<Self, Diagnostic> {
        let Some(target) = action.get("target").and_then(Value::as_str) else {
            return Err(overlay.diagnostic(
                pointer,
                "the action has no target",
                "say with a JSONPath what it changes, such as `target: $.info`",
            ));
        };
        let path = JsonPath::parse(target).map_err(|error| {
            overlay.diagnostic(
                &pointer.join("target"),
                format!("`{target}` is not a JSONPath: {error}"),
                "write it as RFC 9535 says; names with other characters stand in brackets, `['a/b']`",
            )
        })?;
        let remove = action.get("remove").and_then(Value::as_bool) == Some(true);
        let effect = match action.get("update") {
            _ if remove => Effect::Remove,
            Some(update) => Effect::Update(update),
            None => {
                return Err(overlay.diagnostic(
                    pointer,
                    format!("the action on `{target}` neither updates nor removes"),
                    "give it `update`, or `remove: true`",
                ));
            }
        };
        Ok(Self {
            overlay,
            pointer,
            target,
            path,
            effect,
        })
    }

    fn apply(&self, root: &mut Value) -> Result<(), Diagnostic> {
        let mut places: Vec<Pointer> = self
            .path
            .query_located(root)
            .iter()
            .filter_map(|node| Pointer::parse(&node.location().to_json_pointer()))
            .collect();
        if places.is_empty() {
            return Err(self.overlay.diagnostic(
                &self.pointer.join("target"),
                format!("the target `{}` matches nothing", self.target),
                "see what the document calls it now, and correct the target or drop the action",
            ));
        }
        // The last item of an array goes first, so that the others keep their indices.
        places.reverse();
        for place in &places {
            match self.effect {
                Effect::Remove => remove(root, place),
                Effect::Update(update) => self.update(root, place, update)?,
            }
        }
        Ok(())
    }

    fn update(&self, root: &mut Value, place: &Pointer, update: &Value) -> Result<(), Diagnostic> {
        match (place.get_mut(root), update) {
            (Some(Value::Object(target)), Value::Object(update)) => merge(target, update),
            (Some(Value::Array(target)), item) => target.push(item.clone()),
            _ => {
                return Err(self.overlay.diagnostic(
                    &self.pointer.join("update"),
                    format!("the update cannot be merged into {place}"),
                    "target the object that holds the value, and update it with an object",
                ));
            }
        }
        Ok(())
    }
}

/// Objects are merged member by member, arrays are appended, anything else is replaced.
fn merge(target: &mut Map<String, Value>, update: &Map<String, Value>) {
    for (name, value) in update {
        match (target.get_mut(name), value) {
            (Some(Value::Object(target)), Value::Object(update)) => merge(target, update),
            (Some(Value::Array(target)), Value::Array(update)) => {
                target.extend(update.iter().cloned());
            }
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

fn remove(root: &mut Value, place: &Pointer) {
    let (Some(parent), Some(token)) = (place.parent(), place.tokens().last()) else {
        *root = Value::Null;
        return;
    };
    match parent.get_mut(root) {
        Some(Value::Object(members)) => {
            members.shift_remove(&token);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = token.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(actions: &str, document: Value) -> Result<Value, String> {
        let overlay = Document::parse(
            "o.yaml",
            format!("overlay: 1.0.0\ninfo: {{}}\nactions:\n{actions}"),
        )
        .expect("the overlay parses");
        let mut document =
            Document::parse("d.json", document.to_string()).expect("the document parses");
        apply(&overlay, &mut document)
            .map(|()| document.root)
            .map_err(|diagnostic| diagnostic.to_string())
    }

    #[test]
    fn an_update_merges_objects_appends_to_arrays_and_replaces_the_rest() {
        let done = applied(
            "  - target: $.a\n    update: {b: {y: 2}, c: [2], d: 3}\n",
            json!({ "a": { "b": { "x": 1 }, "c": [1], "d": 1 } }),
        );
        assert_eq!(
            done,
            Ok(json!({ "a": { "b": { "x": 1, "y": 2 }, "c": [1, 2], "d": 3 } }))
        );
    }

    #[test]
    fn an_update_of_an_array_appends_one_item() {
        let done = applied("  - target: $.a\n    update: 2\n", json!({ "a": [1] }));
        assert_eq!(done, Ok(json!({ "a": [1, 2] })));
    }

    #[test]
    fn every_selected_place_is_removed() {
        let done = applied(
            "  - target: $.a[?@.in == 'cookie']\n    remove: true\n",
            json!({ "a": [{ "in": "cookie" }, { "in": "query" }, { "in": "cookie" }] }),
        );
        assert_eq!(done, Ok(json!({ "a": [{ "in": "query" }] })));
    }

    #[test]
    fn a_target_that_matches_nothing_is_an_error_that_names_the_action() {
        let refused = applied("  - target: $.b.c\n    remove: true\n", json!({ "a": 1 }))
            .expect_err("is refused");
        assert!(
            refused.starts_with("o.yaml:4:5: the target `$.b.c` matches nothing"),
            "{refused}"
        );
        assert!(refused.contains("#/actions/0/target"), "{refused}");
    }

    #[test]
    fn what_is_no_overlay_is_refused() {
        let mut document = Document::parse("d", "{}").expect("parses");
        let overlay = Document::parse("o", "openapi: 3.1.0").expect("parses");
        assert!(apply(&overlay, &mut document).is_err());
        for action in [
            "  - update: {}\n",
            "  - target: $.a\n",
            "  - target: a b\n    remove: true\n",
            "  - target: $.a\n    update: 3\n",
        ] {
            assert!(applied(action, json!({ "a": 1 })).is_err(), "{action}");
        }
    }
}
