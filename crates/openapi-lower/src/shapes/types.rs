//! Ensures that every schema has one type, and only keywords of that type.
//!
//! Before: `{properties: {a: …}}`, `{type: string, properties: {…}}`, `{type: object, enum: [a, b]}`,
//! `{enum: [1, a]}`, `{minLength: 2}`, `{enum: [null]}`.
//! After: `{type: object, properties: {a: …}}`, `{type: string}`, `{type: string, enum: [a, b]}`,
//! `{anyOf: [{type: integer, enum: [1]}, {type: string, enum: [a]}]}`, `{}`, the type `Null`.
//!
//! JSON Schema ignores keywords that do not apply to the type; typify panics. If the type contradicts all
//! listed values, the values take precedence. The generator has no exact type for lists of numbers,
//! booleans, arrays or objects.

use openapi_document::Pointer;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::kinds::{drop_foreign, kind_of};
use crate::rust_type::replace;
use crate::schema::{constraints, is_annotation, type_of};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass { name: "types", run };

fn run(root: &mut Value, notes: &mut Notes) {
    state_in_branches(root);
    schemas_mut(root, |pointer, schema| {
        if schema.get("$ref").is_some() || schema.get("x-rust-type").is_some() {
            return;
        }
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        if keywords.get("enum") == Some(&json!([null])) {
            keywords.shift_remove("nullable");
            replace(schema, "Null", &[]);
            let why = "the generator has no type for null alone";
            notes.add(pointer, "changed the type to `Null`", why);
            return;
        }
        sort_values(pointer, keywords, notes);
        if !is_of_parameter(pointer) {
            drop_restrictions(pointer, keywords, notes);
        }
        let implied = type_of(&Value::Object(keywords.clone())).map(str::to_owned);
        if let Some(kind) = implied {
            let choice = keywords.contains_key("oneOf") || keywords.contains_key("anyOf");
            let stated = keywords.contains_key("type");
            if !stated && !choice {
                keywords.insert("type".to_owned(), kind.clone().into());
                let what = format!("added the type `{kind}`");
                notes.add(pointer, what, "its other keywords imply the type");
            }
            drop_foreign(pointer, keywords, &kind, notes);
        }
    });
}

/// Adds the type of the whole schema to the branches of choices that have no type.
fn state_in_branches(root: &mut Value) {
    schemas_mut(root, |_, schema| {
        let Some(kind) = type_of(schema).map(str::to_owned) else {
            return;
        };
        for choice in ["oneOf", "anyOf"] {
            let branches = schema.get_mut(choice).and_then(Value::as_array_mut);
            for branch in branches.into_iter().flatten() {
                state(branch, &kind);
            }
        }
    });
}

/// Adds the type to a schema that only restricts values of this type, and to its branches.
fn state(schema: &mut Value, kind: &str) {
    let restricts = constraints(schema)
        .keys()
        .any(|keyword| is_restriction(keyword));
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    if restricts && !keywords.contains_key("type") && !keywords.contains_key("$ref") {
        keywords.insert("type".to_owned(), kind.into());
    }
    for choice in ["oneOf", "anyOf"] {
        let branches = keywords.get_mut(choice).and_then(Value::as_array_mut);
        for branch in branches.into_iter().flatten() {
            state(branch, kind);
        }
    }
}

/// Keywords that restrict values of one type, and do not describe their content. Alone, they do not
/// imply that a value has this type.
fn is_restriction(keyword: &str) -> bool {
    matches!(
        keyword,
        "required"
            | "minProperties"
            | "maxProperties"
            | "minLength"
            | "maxLength"
            | "pattern"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
    )
}

/// True if the location is the schema of a parameter or of a header. Their values are strings, so a
/// restriction also implies the type of the value.
fn is_of_parameter(pointer: &Pointer) -> bool {
    let tokens: Vec<String> = pointer.tokens().collect();
    matches!(
        tokens.as_slice(),
        [.., parameters, _, schema]
            if schema == "schema" && ["parameters", "headers"].contains(&parameters.as_str())
    )
}

/// Removes restrictions from schemas of any type.
fn drop_restrictions(pointer: &Pointer, keywords: &mut Map<String, Value>, notes: &mut Notes) {
    let describes = |keyword: &String| {
        !is_annotation(keyword) && keyword != "nullable" && !is_restriction(keyword)
    };
    if keywords.keys().any(describes) {
        return;
    }
    let restrictions: Vec<String> = keywords
        .keys()
        .filter(|keyword| is_restriction(keyword))
        .cloned()
        .collect();
    for keyword in restrictions {
        keywords.shift_remove(&keyword);
        let place = pointer.join(&keyword);
        let loss = format!("the client does not check `{keyword}` before it sends the value");
        let why = "the schema has no type, so values of other types are also valid";
        notes.add_unchecked(&place, why, &loss);
    }
}

/// Removes keywords that repeat or contradict the listed strings.
fn drop_bounds(pointer: &Pointer, keywords: &mut Map<String, Value>, notes: &mut Notes) {
    for keyword in ["minLength", "maxLength", "pattern"] {
        if keywords.shift_remove(keyword).is_some() {
            let why = "the listed values already restrict the string";
            notes.add(&pointer.join(keyword), "removed the keyword", why);
        }
    }
}

/// Restricts an `enum` to strings, or to integers, of the type beside it.
fn sort_values(pointer: &Pointer, keywords: &mut Map<String, Value>, notes: &mut Notes) {
    let Some(Value::Array(values)) = keywords.get("enum").cloned() else {
        return;
    };
    let stated = keywords
        .get("type")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let fits = |value: &Value| match stated.as_deref() {
        Some("number") => value.is_number(),
        Some(kind) => kind == kind_of(value),
        None => true,
    };
    let fitting: Vec<Value> = values.iter().filter(|value| fits(value)).cloned().collect();
    let agreed = !fitting.is_empty();
    if fitting.len() != values.len() {
        notes.add(
            &pointer.join("enum"),
            if agreed {
                "removed the values of other types"
            } else {
                "changed the type to that of the listed values"
            },
            "the listed values contradict the type",
        );
    }
    let values = if agreed { fitting } else { values };
    let mut by_kind: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for value in values {
        let kind = kind_of(&value);
        match by_kind.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, values)) => values.push(value),
            None => by_kind.push((kind, vec![value])),
        }
    }
    let numeric = by_kind
        .iter()
        .all(|(kind, _)| *kind == "integer" || *kind == "number");
    if let [(kind, values)] = by_kind.as_slice() {
        let kind = if agreed {
            stated.as_deref().unwrap_or(kind)
        } else {
            kind
        };
        keywords.insert("type".to_owned(), kind.into());
        if kind == "string" || kind == "integer" {
            keywords.insert("enum".to_owned(), values.clone().into());
            drop_bounds(pointer, keywords, notes);
            return;
        }
    } else if numeric {
        keywords.insert("type".to_owned(), "number".into());
    } else {
        keywords.shift_remove("enum");
        keywords.shift_remove("type");
        let is_listed = |kind: &str| kind == "string" || kind == "integer";
        if !by_kind.iter().all(|(kind, _)| is_listed(kind)) {
            note_unlisted(pointer, notes);
        }
        let branches: Vec<Value> = by_kind
            .into_iter()
            .map(|(kind, values)| match kind {
                "string" | "integer" => json!({ "type": kind, "enum": values }),
                _ => json!({ "type": kind }),
            })
            .collect();
        keywords.entry("anyOf").or_insert_with(|| branches.into());
        notes.add(
            &pointer.join("enum"),
            "split into a choice with one enumeration per type",
            "the values of an enumeration must have one type",
        );
        return;
    }
    keywords.shift_remove("enum");
    note_unlisted(pointer, notes);
}

fn note_unlisted(pointer: &Pointer, notes: &mut Notes) {
    let loss = "the client does not reject values that are not listed";
    let why = "the generator only has enumerations of strings and integers";
    notes.add_unchecked(&pointer.join("enum"), why, loss);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{losses, run, run_on_schema, run_on_schemas};

    fn lowered(schema: Value) -> Value {
        run_on_schema(&PASS, schema)
    }

    #[test]
    fn a_type_is_added_that_the_content_implies() {
        assert_eq!(
            lowered(json!({ "properties": { "a": {} }, "required": ["a"] })),
            json!({ "properties": { "a": {} }, "required": ["a"], "type": "object" })
        );
    }

    #[test]
    fn restrictions_do_not_imply_a_type() {
        for schema in [
            json!({ "required": ["a"] }),
            json!({ "minLength": 2, "maximum": 3 }),
        ] {
            assert_eq!(lowered(schema.clone()), json!({}), "{schema}");
            let content = json!({ "content": { "application/json": { "schema": schema } } });
            let document = json!({ "paths": { "/a": { "put": { "requestBody": content } } } });
            assert_eq!(
                losses(&PASS, document).len(),
                schema.as_object().map_or(0, Map::len)
            );
        }
    }

    #[test]
    fn restrictions_of_a_parameter_imply_its_type() {
        let parameter = json!({ "name": "p", "in": "query", "schema": { "maxLength": 3 } });
        let document = json!({ "paths": { "/a": { "get": { "parameters": [parameter] } } } });
        let (after, _) = run(&PASS, document);
        let schema = &after["paths"]["/a"]["get"]["parameters"][0]["schema"];
        assert_eq!(*schema, json!({ "maxLength": 3, "type": "string" }));
    }

    #[test]
    fn restrictions_in_a_branch_have_the_type_of_the_whole() {
        let branches = json!([{ "minLength": 2 }, { "anyOf": [{ "pattern": "a" }] }, {}]);
        let (after, _) = run_on_schemas(
            &PASS,
            json!({ "A": { "type": "string", "oneOf": branches } }),
        );
        let expected = json!([
            { "minLength": 2, "type": "string" },
            { "anyOf": [{ "pattern": "a", "type": "string" }] },
            {},
        ]);
        assert_eq!(after["A"]["oneOf"], expected);
    }

    #[test]
    fn null_alone_has_a_type() {
        let null = lowered(json!({ "enum": [null], "nullable": true, "description": "d" }));
        assert_eq!(null["x-rust-type"]["path"], "client_runtime::Null");
        assert_eq!(null["description"], "d");
    }

    #[test]
    fn keywords_of_other_types_are_removed() {
        assert_eq!(
            lowered(json!({ "type": "string", "maxLength": 3, "properties": {}, "minimum": 1 })),
            json!({ "type": "string", "maxLength": 3 })
        );
        assert_eq!(
            lowered(json!({ "type": "boolean", "format": "int32" })),
            json!({ "type": "boolean" })
        );
    }

    #[test]
    fn the_values_take_precedence_over_the_type() {
        assert_eq!(
            lowered(json!({ "type": "object", "enum": ["a", "b"] })),
            json!({ "type": "string", "enum": ["a", "b"] })
        );
        assert_eq!(
            lowered(json!({ "type": "string", "enum": ["a", 1] })),
            json!({ "type": "string", "enum": ["a"] })
        );
    }

    #[test]
    fn values_of_several_types_become_a_choice() {
        assert_eq!(
            lowered(json!({ "enum": [1, "a", true] })),
            json!({ "anyOf": [
                { "type": "integer", "enum": [1] },
                { "type": "string", "enum": ["a"] },
                { "type": "boolean" },
            ] })
        );
    }

    #[test]
    fn values_without_an_exact_type_are_not_listed() {
        assert_eq!(
            lowered(json!({ "enum": [1, 2.5] })),
            json!({ "type": "number" })
        );
        assert_eq!(
            lowered(json!({ "type": "boolean", "enum": [true] })),
            json!({ "type": "boolean" })
        );
        assert_eq!(
            lowered(json!({ "enum": [{ "a": 1 }] })),
            json!({ "type": "object" })
        );
    }

    #[test]
    fn listed_strings_have_no_bounds() {
        let schema =
            json!({ "type": "string", "enum": ["MALE"], "maxLength": 1, "pattern": "^.$" });
        let expected = json!({ "type": "string", "enum": ["MALE"] });
        assert_eq!(lowered(schema), expected);
    }
}
