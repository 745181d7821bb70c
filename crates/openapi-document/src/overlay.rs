//! Applies overlays: corrections to a vendored document that are kept in a separate file.
//!
//! The format is the OpenAPI Overlay Specification 1.0: a list of actions, each with a `target`
//! (JSONPath, RFC 9535) and either an `update` that is merged into every selected location, or `remove:
//! true`. An action whose target selects nothing is an error: the vendor has changed the document, and
//! the action must be reviewed.
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
use crate::nearest_name;

/// The result of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedAction {
    /// Its JSONPath.
    pub target: String,
    /// The locations that it changed.
    pub pointers: Vec<Pointer>,
}

/// Applies every action of `overlay` to `document`, in order.
///
/// # Errors
/// The overlay is invalid; an action has no target or no effect; a target is not a JSONPath, selects
/// nothing, or selects a value that cannot be updated. After an error, `document` may be partly changed
/// and should be discarded.
pub fn apply(overlay: &Document, document: &mut Document) -> Result<(), Diagnostic> {
    let (_, unmatched) = apply_matching(overlay, document)?;
    unmatched.into_iter().next().map_or(Ok(()), Err)
}

/// Applies the actions whose targets match. Returns what each of them changed, and for each other
/// action a diagnostic that names the nearest match.
///
/// # Errors
/// Those of [`apply`], except for targets that select nothing.
pub fn apply_matching(
    overlay: &Document,
    document: &mut Document,
) -> Result<(Vec<AppliedAction>, Vec<Diagnostic>), Diagnostic> {
    let mut applied = Vec::new();
    let mut unmatched = Vec::new();
    for (index, action) in actions(overlay)?.iter().enumerate() {
        let pointer = Pointer::of(["actions".to_owned(), index.to_string()]);
        let action = Action::read(overlay, &pointer, action)?;
        let pointers = action.apply(&mut document.root)?;
        if pointers.is_empty() {
            unmatched.push(action.unmatched(&document.root));
        } else {
            applied.push(AppliedAction {
                target: action.target.to_owned(),
                pointers,
            });
        }
    }
    Ok((applied, unmatched))
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
                "add `actions: []` or the corrections",
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
                "add a JSONPath, such as `target: $.info`",
            ));
        };
        let path = JsonPath::parse(target).map_err(|error| {
            overlay.diagnostic(
                &pointer.join("target"),
                format!("`{target}` is not a JSONPath: {error}"),
                "use the syntax of RFC 9535; write names with special characters in brackets, `['a/b']`",
            )
        })?;
        let remove = action.get("remove").and_then(Value::as_bool) == Some(true);
        let effect = match action.get("update") {
            _ if remove => Effect::Remove,
            Some(update) => Effect::Update(update),
            None => {
                return Err(overlay.diagnostic(
                    pointer,
                    format!("the action on `{target}` has neither `update` nor `remove`"),
                    "add `update` or `remove: true`",
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

    /// Applies the action to every selected location, and returns these locations.
    fn apply(&self, root: &mut Value) -> Result<Vec<Pointer>, Diagnostic> {
        let mut pointers = selected(&self.path, root);
        // The last item of an array is removed first, so that the indices of the others remain valid.
        pointers.reverse();
        for pointer in &pointers {
            match self.effect {
                Effect::Remove => remove(root, pointer),
                Effect::Update(update) => self.update(root, pointer, update)?,
            }
        }
        Ok(pointers)
    }

    fn unmatched(&self, root: &Value) -> Diagnostic {
        let hint = match nearest(self.target, root) {
            Some(nearest) => format!(
                "did you mean `{nearest}`? If the vendor has made the correction, remove the action"
            ),
            None => {
                "find its new name in the document and correct the target, or remove the action"
                    .to_owned()
            }
        };
        self.overlay.diagnostic(
            &self.pointer.join("target"),
            format!("the target `{}` matches nothing", self.target),
            hint,
        )
    }

    fn update(
        &self,
        root: &mut Value,
        pointer: &Pointer,
        update: &Value,
    ) -> Result<(), Diagnostic> {
        match (pointer.get_mut(root), update) {
            (Some(Value::Object(target)), Value::Object(update)) => merge(target, update),
            (Some(Value::Array(target)), item) => target.push(item.clone()),
            _ => {
                return Err(self.overlay.diagnostic(
                    &self.pointer.join("update"),
                    format!("the update cannot be merged into {pointer}"),
                    "target the object that contains the value, and use an object as the update",
                ));
            }
        }
        Ok(())
    }
}

fn selected(path: &JsonPath, root: &Value) -> Vec<Pointer> {
    let located = path.query_located(root);
    let pointers = located.iter();
    pointers
        .filter_map(|node| Pointer::parse(&node.location().to_json_pointer()))
        .collect()
}

/// Suggests a JSONPath similar to a `target` that selects nothing: the longest prefix that matches,
/// followed by the most similar name. `None` if no name is similar.
fn nearest(target: &str, root: &Value) -> Option<String> {
    let segments = segments(target);
    let select = |count: usize| {
        let text = segments[..count].concat();
        let path = JsonPath::parse(&text).ok()?;
        let first = selected(&path, root).into_iter().next()?;
        Some((text, first))
    };
    let (count, (found, pointer)) = (1..segments.len())
        .rev()
        .find_map(|count| Some((count, select(count)?)))?;
    let wanted = segments[count].trim_matches(|c: char| ".[]'\"".contains(c));
    let properties = pointer.get(root)?.as_object()?;
    let name = nearest_name(wanted, properties.keys().map(String::as_str))?;
    let rest = segments[count + 1..].concat();
    Some(
        match name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            true => format!("{found}.{name}{rest}"),
            false => format!("{found}['{name}']{rest}"),
        },
    )
}

/// Splits a JSONPath into `$` and its segments, each with its dot or brackets.
fn segments(target: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut quote = None;
    for character in target.chars() {
        let starts_segment = quote.is_none() && (character == '.' || character == '[');
        let last = segments.last().map_or("", String::as_str);
        // `..` is one token, and brackets may follow it.
        if starts_segment && !last.is_empty() && !matches!(last, "." | "..") {
            segments.push(String::new());
        }
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
        if let Some(last) = segments.last_mut() {
            last.push(character);
        }
    }
    segments
}

/// Merges objects recursively, appends arrays, and replaces other values.
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

fn remove(root: &mut Value, pointer: &Pointer) {
    let (Some(parent), Some(token)) = (pointer.parent(), pointer.tokens().last()) else {
        *root = Value::Null;
        return;
    };
    match parent.get_mut(root) {
        Some(Value::Object(properties)) => {
            properties.shift_remove(&token);
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
        let result = applied(
            "  - target: $.a\n    update: {b: {y: 2}, c: [2], d: 3}\n",
            json!({ "a": { "b": { "x": 1 }, "c": [1], "d": 1 } }),
        );
        assert_eq!(
            result,
            Ok(json!({ "a": { "b": { "x": 1, "y": 2 }, "c": [1, 2], "d": 3 } }))
        );
    }

    #[test]
    fn an_update_of_an_array_appends_one_item() {
        let result = applied("  - target: $.a\n    update: 2\n", json!({ "a": [1] }));
        assert_eq!(result, Ok(json!({ "a": [1, 2] })));
    }

    #[test]
    fn every_selected_place_is_removed() {
        let result = applied(
            "  - target: $.a[?@.in == 'cookie']\n    remove: true\n",
            json!({ "a": [{ "in": "cookie" }, { "in": "query" }, { "in": "cookie" }] }),
        );
        assert_eq!(result, Ok(json!({ "a": [{ "in": "query" }] })));
    }

    #[test]
    fn a_target_that_matches_nothing_is_an_error_that_names_the_action() {
        let rejected = applied("  - target: $.b.c\n    remove: true\n", json!({ "a": 1 }))
            .expect_err("is rejected");
        assert!(
            rejected.starts_with("o.yaml:4:5: the target `$.b.c` matches nothing"),
            "{rejected}"
        );
        assert!(rejected.contains("#/actions/0/target"), "{rejected}");
    }

    #[test]
    fn an_unmatched_target_is_reported_with_the_nearest_match() {
        for (target, near) in [
            ("$.paths['/tokens'].post", "$.paths['/token'].post"),
            ("$.schemas.Rolle.format", "$.schemas.Role.format"),
            ("$.schemas['Rolle', 'Role2'].format", ""),
            ("$..nothing", ""),
        ] {
            let rejected = applied(
                &format!("  - target: {target}\n    remove: true\n"),
                json!({ "paths": { "/token": { "post": {} } }, "schemas": { "Role": { "format": "f" } } }),
            )
            .expect_err("is rejected");
            match near {
                "" => assert!(!rejected.contains("did you mean"), "{rejected}"),
                near => assert!(
                    rejected.contains(&format!("did you mean `{near}`?")),
                    "{rejected}"
                ),
            }
        }
    }

    #[test]
    fn matching_actions_are_applied_and_others_reported() {
        let overlay = Document::parse(
            "o.yaml",
            "overlay: 1.0.0\ninfo: {}\nactions:\n  - {target: $.b, remove: true}\n  - {target: $.a, update: {c: 1}}\n",
        )
        .expect("parses");
        let mut document = Document::parse("d", r#"{ "a": {} }"#).expect("parses");
        let (applied, unmatched) = apply_matching(&overlay, &mut document).expect("is an overlay");
        assert_eq!(document.root, json!({ "a": { "c": 1 } }));
        assert_eq!(applied[0].pointers, [Pointer::of(["a"])]);
        assert!(unmatched[0].message.contains("`$.b` matches nothing"));
    }

    #[test]
    fn an_invalid_overlay_is_rejected() {
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
