//! Names the variants of enumerations that the generator cannot name, or whose names the document
//! specifies.
//!
//! Before: `{type: string, enum: [asc, desc, ASC]}`, `{type: integer, enum: [0, 1]}` with the labels `Off` and
//! `On`.
//! After: the same with `x-enum-varnames: [Asc, Desc, Asc2]`, or `[OFF, ON]`.
//!
//! typify panics if two values have the same variant name. It has no names for integers, which get
//! constants.

use std::collections::{BTreeMap, BTreeSet};

use client_codegen::enum_names::{DESCRIPTIONS, NAMES};
use client_codegen::naming::{constant, type_name};
use openapi_document::Pointer;
use serde_json::Value;

use crate::notation::enum_labels::{LABELS, label};
use crate::schema::{components_mut, is_string_enum};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "enum-names",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for (name, schema) in components_mut(root) {
        let Some(values) = schema["enum"].as_array().cloned() else {
            continue;
        };
        let is_labelled = schema.get(LABELS).is_some();
        let names = match schema["type"].as_str() {
            Some("string") if is_string_enum(schema) && (is_labelled || collide(&values)) => {
                names(schema, &values, type_name)
            }
            Some("integer") if is_labelled => names(schema, &values, constant),
            _ => continue,
        };
        let descriptions: Vec<Value> = values
            .iter()
            .map(|value| {
                label(schema, value, "description")
                    .unwrap_or_default()
                    .into()
            })
            .collect();
        let pointer = Pointer::of(["components", "schemas", name, "enum"]);
        let what = format!("named the values `{}`", names.join("`, `"));
        notes.add(
            &pointer,
            what,
            "the document names them, or two of them would have the same name",
        );
        if let Some(keywords) = schema.as_object_mut() {
            keywords.shift_remove(LABELS);
            keywords.insert(NAMES.to_owned(), names.into());
            keywords.insert(DESCRIPTIONS.to_owned(), descriptions.into());
        }
    }
}

/// The name of each value: its label, or a name derived from the value, with a number if the name is
/// taken.
fn names(schema: &Value, values: &[Value], case: fn(&str) -> String) -> Vec<String> {
    let wanted = values.iter().map(|value| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        case(label(schema, value, "name").unwrap_or(&spelled(&text)))
    });
    let wanted: Vec<String> = wanted.collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::with_capacity(wanted.len());
    for name in &wanted {
        let numbered = (2..).map(|count| format!("{name}{count}"));
        // A number must not take the name of another value. The generator changes the case of the
        // names, which makes `MJ` and `Mj` equal.
        let is_free = |free: &String| {
            !taken.contains(&case(free)) && (free == name || !wanted.contains(free))
        };
        let mut free = std::iter::once(name.clone()).chain(numbered);
        let name = free.find(is_free).unwrap_or_default();
        taken.insert(case(&name));
        names.push(name);
    }
    names
}

/// A value with its symbols spelled out, if it contains neither letters nor digits.
fn spelled(value: &str) -> String {
    const WORDS: [(char, &str); 20] = [
        ('=', "equal"),
        ('!', "not"),
        ('~', "tilde"),
        ('<', "less"),
        ('>', "greater"),
        ('*', "star"),
        ('+', "plus"),
        ('-', "minus"),
        ('/', "slash"),
        ('%', "percent"),
        ('&', "and"),
        ('|', "or"),
        ('^', "caret"),
        ('.', "dot"),
        (',', "comma"),
        (':', "colon"),
        ('?', "question"),
        ('#', "hash"),
        ('@', "at"),
        ('$', "dollar"),
    ];
    if value.chars().any(char::is_alphanumeric) {
        return value.to_owned();
    }
    let words = value.chars().map(|character| {
        let word = WORDS.iter().find(|(known, _)| *known == character);
        word.map_or("symbol", |(_, word)| word)
    });
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        [] => "empty".to_owned(),
        words => words.join("-"),
    }
}

/// True if typify has the same variant name for two values.
fn collide(values: &[Value]) -> bool {
    let strings: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    // If names collide, typify replaces omitted characters with a letter.
    let marked = |value: &str| -> String {
        let is_kept =
            |character: char| unicode_ident::is_xid_continue(character) && character != '_';
        value
            .chars()
            .map(|c| if is_kept(c) { c } else { 'X' })
            .collect()
    };
    let collide = |value: &dyn Fn(&str) -> String| {
        let mut seen: BTreeMap<String, ()> = BTreeMap::new();
        let mut strings = strings.iter();
        strings.any(|string| seen.insert(type_name(&value(string)), ()).is_some())
    };
    collide(&str::to_owned) && collide(&marked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_on_schemas;
    use serde_json::json;

    fn named(schema: Value) -> Value {
        let (after, _) = run_on_schemas(&PASS, json!({ "A": schema }));
        after["A"][NAMES].clone()
    }

    #[test]
    fn each_value_has_a_variant_of_its_own() {
        let strings = |values: Value| json!({ "type": "string", "enum": values });
        for (values, expected) in [
            (
                json!(["asc", "desc", "ASC"]),
                json!(["Asc", "Desc", "Asc2"]),
            ),
            (
                json!(["", "=", "!=", "~", "*"]),
                json!(["Empty", "Equal", "NotEqual", "Tilde", "Star"]),
            ),
            (json!(["a", "A", "a2"]), json!(["A", "A3", "A2"])),
            (
                json!(["MJ", "m/J", "a", "A"]),
                json!(["Mj", "MJ2", "A", "A2"]),
            ),
        ] {
            assert_eq!(named(strings(values.clone())), expected, "{values}");
        }
    }

    #[test]
    fn the_document_names_strings_and_integers() {
        let labels = json!({ "0": { "name": "turned-off" }, "\"x\"": { "name": "the_x" } });
        let strings = json!({ "type": "string", "enum": ["x", "y"], LABELS: labels });
        assert_eq!(named(strings), json!(["TheX", "Y"]));
        let integers = json!({ "type": "integer", "enum": [0, 7], LABELS: labels });
        assert_eq!(named(integers), json!(["TURNED_OFF", "X7"]));
    }

    #[test]
    fn names_that_the_generator_makes_stay() {
        let schemas = json!({
            "A": { "type": "string", "enum": ["<", ">=", "1"] },
            "B": { "type": "integer", "enum": [1, 2] },
        });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }
}
