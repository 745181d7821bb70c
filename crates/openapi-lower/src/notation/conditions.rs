//! Adds the properties that conditions define.
//!
//! Before (3.1): `{properties: {kind: …}, if: A, then: {properties: {value: {type: string}}}, else:
//! {properties: {value: {type: integer}}}}`, `{dependentSchemas: {card: {properties: {address: {type:
//! string}}}}}`.
//! After: the property `value: {anyOf: [{type: string}, {type: integer}]}`, and `address: {anyOf: [{type:
//! string}, {}]}`, because without `card` it can have any value.
//!
//! The schema of a property is a choice of the schemas that apply under some condition. A property that
//! is listed beside the conditions keeps its schema, which always applies. The conditions are not
//! checked; the pass `json-schema-keywords` adds a note about that.

use std::mem;

use openapi_document::compact_clone_object;
use openapi_document::walk::schemas_mut;
use serde_json::{Map, Value, json};

use crate::schema::{component_at, component_name, components, has_keyword};
use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "conditions",
    run,
};

/// The schemas of the listed properties. Other properties can have any value.
type Properties = Map<String, Value>;

fn run(root: &mut Value, notes: &mut Notes) {
    if !has_keyword(root, &["if", "dependentSchemas"]) {
        return;
    }
    let components = compact_clone_object(components(root));
    schemas_mut(root, |pointer, schema| {
        let Some(keywords) = schema.as_object_mut() else {
            return;
        };
        let mut reader = Reader {
            components: &components,
            within: component_at(pointer).into_iter().collect(),
        };
        let mut added = reader.conditional(keywords).unwrap_or_default();
        let listed = keywords.get("properties").and_then(Value::as_object);
        added.retain(|name, _| listed.is_none_or(|listed| !listed.contains_key(name)));
        if added.is_empty() {
            return;
        }
        let names: Vec<&str> = added.keys().map(String::as_str).collect();
        notes.add(
            pointer,
            format!("added the properties `{}`", names.join("`, `")),
            "a condition defines them",
        );
        if let Value::Object(listed) = keywords.entry("properties").or_insert_with(|| json!({})) {
            listed.append(&mut added);
        }
    });
}

/// Collects the properties that schemas list. `None` means a schema that no value satisfies.
struct Reader<'a> {
    components: &'a Map<String, Value>,
    /// The components being read.
    within: Vec<String>,
}

impl Reader<'_> {
    fn listed(&mut self, schema: &Value) -> Option<Properties> {
        let Some(keywords) = schema.as_object() else {
            return (*schema != false).then(Properties::new);
        };
        if let Some(name) = component_name(schema) {
            return self.listed_by_component(&name);
        }
        let own = keywords.get("properties").and_then(Value::as_object);
        let mut listed = own.cloned().unwrap_or_default();
        for part in parts(keywords, "allOf") {
            listed = all(listed, self.listed(part)?);
        }
        for choice in ["anyOf", "oneOf"] {
            let branches: Vec<Properties> = parts(keywords, choice)
                .filter_map(|branch| self.listed(branch))
                .collect();
            listed = all(listed, any(branches));
        }
        Some(all(listed, self.conditional(keywords)?))
    }

    fn listed_by_component(&mut self, name: &str) -> Option<Properties> {
        let components = self.components;
        let component = components.get(name);
        let Some(component) = component.filter(|_| !self.within.iter().any(|outer| outer == name))
        else {
            return Some(Properties::new());
        };
        self.within.push(name.to_owned());
        let listed = self.listed(component);
        self.within.pop();
        listed
    }

    /// The properties that the conditions of a schema define.
    fn conditional(&mut self, keywords: &Map<String, Value>) -> Option<Properties> {
        let mut defined = Properties::new();
        if let Some(condition) = keywords.get("if") {
            let anything = json!({});
            let then = self.listed(keywords.get("then").unwrap_or(&anything));
            let met = self.listed(condition).zip(then);
            let unmet = match *condition == true {
                true => None,
                false => self.listed(keywords.get("else").unwrap_or(&anything)),
            };
            let met = met.map(|(condition, then)| all(condition, then));
            let outcomes: Vec<Properties> = met.into_iter().chain(unmet).collect();
            if outcomes.is_empty() {
                return None;
            }
            defined = any(outcomes);
        }
        let dependent = keywords.get("dependentSchemas").and_then(Value::as_object);
        for (name, schema) in dependent.into_iter().flatten() {
            let Some(present) = self.listed(schema) else {
                continue;
            };
            let own = present.get(name).cloned();
            let mut outcome = any(vec![present, Properties::new()]);
            // Without the property, its schema has no effect.
            outcome.extend(own.map(|own| (name.clone(), own)));
            defined = all(defined, outcome);
        }
        Some(defined)
    }
}

fn parts<'a>(
    keywords: &'a Map<String, Value>,
    keyword: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    let parts = keywords.get(keyword).and_then(Value::as_array);
    parts.into_iter().flatten()
}

/// The properties of values that have those of both.
fn all(mut ours: Properties, theirs: Properties) -> Properties {
    for (name, their) in theirs {
        match ours.get_mut(&name) {
            None => {
                ours.insert(name, their);
            }
            Some(our) if *our == their => {}
            Some(our) => *our = json!({ "allOf": [mem::take(our), their] }),
        }
    }
    ours
}

/// The properties of values that have those of any of the outcomes.
fn any(outcomes: Vec<Properties>) -> Properties {
    let mut joined = Properties::new();
    for name in outcomes.iter().flat_map(Map::keys) {
        if joined.contains_key(name) {
            continue;
        }
        let mut schemas: Vec<Value> = Vec::new();
        for outcome in &outcomes {
            let schema = outcome.get(name).cloned().unwrap_or_else(|| json!({}));
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        if schemas.contains(&json!({})) {
            // Listed values add nothing to any value.
            schemas.retain(|schema| schema.get("const").is_none() && schema.get("enum").is_none());
        }
        let schema = match schemas.as_slice() {
            [only] => only.clone(),
            _ => json!({ "anyOf": schemas }),
        };
        joined.insert(name.clone(), schema);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference;
    use crate::testing::run_on_schemas;

    fn properties(schema: Value) -> Value {
        let string = json!({ "properties": { "b": { "type": "string" } } });
        let (mut after, _) = run_on_schemas(&PASS, json!({ "A": schema, "String": string }));
        after["A"]["properties"].take()
    }

    fn listing(schema: Value) -> Value {
        json!({ "properties": { "b": schema } })
    }

    #[test]
    fn a_property_has_any_of_the_schemas_that_hold_under_a_condition() {
        let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        let condition = json!({ "properties": { "kind": { "const": "text" } } });
        let either = json!({ "anyOf": [string, integer] });
        let maybe = json!({ "anyOf": [string, {}] });
        let listed = |schema: &Value| listing(schema.clone());
        for (conditions, expected) in [
            (
                json!({ "then": listed(&string), "else": listed(&integer) }),
                json!({ "kind": {}, "b": either }),
            ),
            (
                json!({ "then": listed(&string) }),
                json!({ "kind": {}, "b": maybe }),
            ),
            (
                json!({ "then": reference("String") }),
                json!({ "kind": {}, "b": maybe }),
            ),
            (
                json!({ "then": { "allOf": [listed(&string)] }, "else": false }),
                json!({ "kind": { "const": "text" }, "b": string }),
            ),
            (
                json!({ "else": { "if": {}, "then": listed(&string), "else": listed(&integer) } }),
                json!({ "kind": {}, "b": { "anyOf": [{}, either] } }),
            ),
        ] {
            let mut schema = conditions.clone();
            schema["if"] = condition.clone();
            assert_eq!(properties(schema), expected, "{conditions}");
        }
    }

    #[test]
    fn a_property_that_depends_on_another_can_be_anything_without_it() {
        let string = json!({ "type": "string" });
        let dependent = json!({ "properties": { "a": string, "b": string } });
        let schema = json!({ "dependentSchemas": { "a": dependent, "gone": false } });
        let maybe = json!({ "anyOf": [string, {}] });
        assert_eq!(properties(schema), json!({ "a": string, "b": maybe }));
    }

    #[test]
    fn a_property_that_is_listed_beside_a_condition_keeps_its_schema() {
        let mut schema = listing(json!({ "type": "string" }));
        let listed = schema["properties"].clone();
        schema["if"] = json!({ "required": ["a"] });
        schema["then"] = listing(json!({ "const": "x" }));
        assert_eq!(properties(schema), listed);
    }

    #[test]
    fn without_a_condition_then_and_else_have_no_effect() {
        let schema = json!({ "then": listing(json!({})), "else": listing(json!({})) });
        let schemas = json!({ "A": schema });
        assert_eq!(run_on_schemas(&PASS, schemas.clone()), (schemas, vec![]));
    }

    #[test]
    fn a_component_that_refers_to_itself_in_a_condition_is_read_once() {
        let schema = json!({ "if": reference("A"), "then": listing(reference("A")) });
        let expected = json!({ "b": { "anyOf": [reference("A"), {}] } });
        assert_eq!(properties(schema), expected);
    }
}
