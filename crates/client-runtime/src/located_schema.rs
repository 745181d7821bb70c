//! Derives overlay actions from responses that the API description does not allow.
//!
//! If a server deviates from its API description, an overlay can correct the description (OpenAPI Overlay
//! 1.0). The tables of a generated client contain the location of each schema of a response, so that a
//! decoding error can name the action.

use std::fmt;

use serde_json::json;

use crate::json_path::Step;

/// How a value differs from its documented schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The property of this name is missing.
    Missing(String),
    /// The value is null.
    Null,
    /// The value has another type.
    Other,
}

/// A schema of a response, with its location in the API description. Only generated code has such values.
#[derive(Clone, Copy)]
pub struct LocatedSchema {
    /// The JSON Pointer (RFC 6901) of the schema. Empty if it is not exactly known.
    pub at: &'static str,
    /// How the schema can be changed so that it allows null.
    pub null: NullSchema,
    /// The schemas inside it.
    pub contents: SchemaContents,
}

/// How a schema can be changed so that it allows null.
#[derive(Clone, Copy)]
pub enum NullSchema {
    /// By merging this JSON object into it.
    Update(&'static str),
    /// By replacing it with this JSON object.
    Replace(&'static str),
    /// Only by a schema that allows every value.
    Unknown,
}

/// The schemas inside a schema.
#[derive(Clone, Copy)]
pub enum SchemaContents {
    /// None, or unknown ones.
    None,
    /// Another schema, to which this one refers.
    Reference(&'static LocatedSchema),
    /// The schema of the items of a list.
    Items(&'static LocatedSchema),
    /// The schema of the values of a map.
    Values(&'static LocatedSchema),
    /// The properties of an object.
    Properties(&'static [LocatedProperty]),
}

/// A property of an object in a response.
#[derive(Clone, Copy)]
pub struct LocatedProperty {
    /// The name.
    pub name: &'static str,
    /// The JSON Pointer of the schema whose `required` has the name. Empty if there is none.
    pub required_at: &'static str,
    /// The schema of the value.
    pub schema: LocatedSchema,
}

impl LocatedSchema {
    /// Returns overlay actions, as a JSON array, after which the API description allows the response.
    /// `path` leads from a value of this schema to the rejected value. `None` if no location is known.
    pub(crate) fn overlay_actions(&self, path: &[Step], mismatch: &Mismatch) -> Option<String> {
        let (schema, is_exact) = self.follow(path);
        let at = schema.location()?;
        let missing = match mismatch {
            Mismatch::Missing(name) => schema.property(name),
            Mismatch::Null | Mismatch::Other => None,
        };
        Some(match (mismatch, schema.null, missing) {
            (Mismatch::Null, NullSchema::Update(schema), _) if is_exact => {
                let target = json!(json_path(at));
                format!(r#"[{{"target":{target},"update":{schema}}}]"#)
            }
            (Mismatch::Null, NullSchema::Replace(schema), _) if is_exact => replace(at, schema),
            (_, _, Some(property)) if is_exact && !property.required_at.is_empty() => {
                let (object, name) = (json_path(property.required_at), quoted(property.name));
                let target = json!(format!("{object}.required[?@ == {name}]"));
                format!(r#"[{{"target":{target},"remove":true}}]"#)
            }
            _ => replace(at, "{}"),
        })
    }

    /// Returns the innermost schema on a path whose location is known, and whether the path ends there.
    fn follow(&self, path: &[Step]) -> (&Self, bool) {
        let mut known = (self, path.is_empty());
        let mut schema = self;
        for (index, step) in path.iter().enumerate() {
            let Some(inner) = schema.inner(step) else {
                break;
            };
            schema = inner;
            if schema.location().is_some() {
                known = (schema, index + 1 == path.len());
            }
        }
        known
    }

    /// Returns the location of the schema, or else of the schema to which it refers.
    fn location(&self) -> Option<&'static str> {
        match (self.at, self.contents) {
            ("", SchemaContents::Reference(target)) => target.location(),
            ("", _) => None,
            (at, _) => Some(at),
        }
    }

    /// Returns the schema of a value inside a value of this schema.
    fn inner(&self, step: &Step) -> Option<&Self> {
        match (self.contents, step) {
            (SchemaContents::Reference(target), _) => target.inner(step),
            (SchemaContents::Items(items), Step::Index(_)) => Some(items),
            (SchemaContents::Values(values), Step::Property(_)) => Some(values),
            (SchemaContents::Properties(_), Step::Property(name)) => {
                self.property(name).map(|property| &property.schema)
            }
            _ => None,
        }
    }

    fn property(&self, name: &str) -> Option<&'static LocatedProperty> {
        match self.contents {
            SchemaContents::Reference(target) => target.property(name),
            SchemaContents::Properties(all) => all.iter().find(|property| property.name == name),
            _ => None,
        }
    }
}

/// Shows the location only, because schemas can contain themselves.
impl fmt::Debug for LocatedSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocatedSchema({:?})", self.at)
    }
}

/// Returns the actions that replace the schema at `at` with `schema`, which is JSON.
fn replace(at: &str, schema: &str) -> String {
    let (parent, name) = at.rsplit_once('/').unwrap_or_default();
    // An overlay can only append to a list, so the schema with the list is replaced.
    if is_index(parent, name) {
        let around = parent.rsplit_once('/').unwrap_or_default().0;
        return replace(around, schema);
    }
    let [target, around, name] = [json_path(at), json_path(parent), unescaped(name)];
    let [target, around, name] = [json!(target), json!(around), json!(name)];
    let remove = format!(r#"{{"target":{target},"remove":true}}"#);
    format!(r#"[{remove},{{"target":{around},"update":{{{name}:{schema}}}}}]"#)
}

/// Returns true if the last token of a pointer is an index in a list of schemas.
fn is_index(parent: &str, token: &str) -> bool {
    let keyword = parent.rsplit('/').next().unwrap_or_default();
    matches!(keyword, "allOf" | "anyOf" | "oneOf" | "prefixItems") && token.parse::<usize>().is_ok()
}

/// Returns the JSONPath (RFC 9535) of the JSON Pointer (RFC 6901) of a schema.
fn json_path(pointer: &str) -> String {
    let Some((parent, token)) = pointer.rsplit_once('/') else {
        return "$".to_owned();
    };
    let path = json_path(parent);
    if is_index(parent, token) {
        return format!("{path}[{token}]");
    }
    let token = unescaped(token);
    let is_first = |character: char| character.is_ascii_alphabetic() || character == '_';
    let is_name = |character: char| is_first(character) || character.is_ascii_digit();
    match token.starts_with(is_first) && token.chars().all(is_name) {
        true => format!("{path}.{token}"),
        false => format!("{path}[{}]", quoted(&token)),
    }
}

fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn schema(at: &'static str, contents: SchemaContents) -> LocatedSchema {
        LocatedSchema {
            at,
            null: NullSchema::Unknown,
            contents,
        }
    }

    static ROLE: LocatedSchema = schema(
        "/components/schemas/Role",
        SchemaContents::Properties(&[
            LocatedProperty {
                name: "name",
                required_at: "/components/schemas/Role",
                schema: LocatedSchema {
                    null: NullSchema::Update(r#"{"nullable":true}"#),
                    ..schema(
                        "/components/schemas/Role/properties/name",
                        SchemaContents::None,
                    )
                },
            },
            LocatedProperty {
                name: "parent's",
                required_at: "",
                schema: LocatedSchema {
                    null: NullSchema::Replace(r##"{"anyOf":[{"$ref":"#/x"}]}"##),
                    ..schema(
                        "/components/schemas/Role/properties/parent's",
                        SchemaContents::Reference(&ROLE),
                    )
                },
            },
            LocatedProperty {
                name: "choice",
                required_at: "",
                schema: schema("/components/schemas/Role/oneOf/1", SchemaContents::None),
            },
            LocatedProperty {
                name: "unknown",
                required_at: "",
                schema: schema("", SchemaContents::None),
            },
        ]),
    );

    static ROLES: LocatedSchema = schema("", SchemaContents::Items(&ROLE));

    fn property(name: &str) -> Step {
        Step::Property(name.to_owned())
    }

    #[test]
    fn the_actions_allow_what_was_rejected() {
        let any_role = concat!(
            r#"[{"target":"$.components.schemas.Role","remove":true},"#,
            r#"{"target":"$.components.schemas","update":{"Role":{}}}]"#,
        );
        let missing = |name: &str| Mismatch::Missing(name.to_owned());
        for (path, mismatch, expected) in [
            (
                vec![property("name")],
                Mismatch::Null,
                r#"[{"target":"$.components.schemas.Role.properties.name","update":{"nullable":true}}]"#,
            ),
            (
                vec![property("name")],
                Mismatch::Other,
                concat!(
                    r#"[{"target":"$.components.schemas.Role.properties.name","remove":true},"#,
                    r#"{"target":"$.components.schemas.Role.properties","update":{"name":{}}}]"#,
                ),
            ),
            (
                vec![property("parent's")],
                Mismatch::Null,
                concat!(
                    r#"[{"target":"$.components.schemas.Role.properties['parent\\'s']","remove":true},"#,
                    r#"{"target":"$.components.schemas.Role.properties","#,
                    r##""update":{"parent's":{"anyOf":[{"$ref":"#/x"}]}}}]"##,
                ),
            ),
            (
                vec![property("parent's"), property("name")],
                Mismatch::Null,
                r#"[{"target":"$.components.schemas.Role.properties.name","update":{"nullable":true}}]"#,
            ),
            (
                vec![property("parent's")],
                missing("name"),
                r#"[{"target":"$.components.schemas.Role.required[?@ == 'name']","remove":true}]"#,
            ),
            // Not documented as required, so no narrower action is known.
            (vec![], missing("choice"), any_role),
            // The innermost location that is known.
            (vec![property("unknown")], Mismatch::Null, any_role),
            (vec![property("undocumented")], Mismatch::Null, any_role),
            // An overlay cannot replace a branch.
            (vec![property("choice")], Mismatch::Other, any_role),
        ] {
            let actions = ROLE.overlay_actions(&path, &mismatch);
            assert_eq!(actions.as_deref(), Some(expected), "{path:?} {mismatch:?}");
            let path: Vec<Step> = [Step::Index(3)].into_iter().chain(path).collect();
            let in_list = ROLES.overlay_actions(&path, &mismatch);
            assert_eq!(in_list, actions, "{path:?} {mismatch:?}");
        }
    }

    #[test]
    fn there_are_no_actions_without_a_location() {
        assert_eq!(ROLES.overlay_actions(&[], &Mismatch::Other), None);
    }
}
