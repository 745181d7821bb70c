//! Compares the query of a request with the parameters of its operation.
//!
//! A client sends documented parameters only, so that a caller cannot use one that the document lacks. Bodies
//! of requests are not compared: responses use the same schemas, and the requests of another program are no
//! reason to change how a client decodes responses.

use openapi_document::operation::{self, Parameter, schema_of};
use openapi_document::{Node, Pointer};
use serde_json::{Value, json};

use crate::deviation::{Deviations, Kind};
use crate::exchange::Exchange;
use crate::judge::Finding;
use crate::operations::Operation;
use crate::parts::Parts;

/// Adds the query parameters of an exchange that the operation does not document. Those of requests without a
/// success are not added, because the parameter may be the reason for the rejection.
pub(crate) fn compare(
    root: &Value,
    operation: &Operation,
    exchange: &Exchange,
    deviations: &mut Deviations,
) {
    if exchange.query.is_empty() || !(200..300).contains(&exchange.status) {
        return;
    }
    let Some(documented) = Documented::of(root, &operation.pointer) else {
        return;
    };
    let mut names = exchange.query.clone();
    names.sort();
    for same in names.chunk_by(|one, other| one == other) {
        if documented.has(&same[0]) {
            continue;
        }
        let value = match same {
            [_] => json!(""),
            several => json!(vec![""; several.len()]),
        };
        let finding = Finding {
            kind: Kind::Parameter(same[0].clone()),
            location: operation.pointer.clone(),
            path: "the query".to_owned(),
            value: &value,
        };
        deviations.add(&operation.id, &exchange.source, &finding);
    }
}

/// The names in the query that an operation documents.
#[derive(Default)]
struct Documented {
    names: Vec<String>,
    /// True if any name is documented.
    is_open: bool,
}

impl Documented {
    fn of(root: &Value, operation: &Pointer) -> Option<Self> {
        let operation = operation::Operation::at(root, operation)?;
        let mut documented = Self::default();
        for parameter in operation.parameters() {
            match parameter.location {
                "query" => documented.add(root, &parameter),
                "querystring" => documented.is_open = true,
                _ => {}
            }
        }
        let components = Node::document(root).property("components");
        let schemes = components.map(|components| components.properties("securitySchemes"));
        for (_, scheme) in schemes.unwrap_or_default() {
            let scheme = scheme.followed(root);
            if scheme.string("in") == Some("query") {
                let name = scheme.string("name").unwrap_or_default();
                documented.names.push(name.to_owned());
            }
        }
        Some(documented)
    }

    fn add(&mut self, root: &Value, parameter: &Parameter<'_>) {
        self.names.push(parameter.name.to_owned());
        let is_form = parameter
            .node
            .string("style")
            .is_none_or(|style| style == "form");
        let is_exploded = parameter.node.value.get("explode") != Some(&Value::Bool(false));
        if let Some(schema) = schema_of(&parameter.node)
            && is_form
            && is_exploded
        {
            self.add_properties(root, &schema.pointer);
        }
    }

    /// Adds the properties of an object, each of which is a parameter (OpenAPI 3.1.1, Style Examples).
    fn add_properties(&mut self, root: &Value, schema: &Pointer) {
        let mut parts = Parts::default();
        parts.add(root, schema);
        let mut index = 0;
        while let Some(part) = parts.list.get(index).cloned() {
            if let Some(keyword) = part.choice() {
                let branches = part.schema[keyword].as_array().map_or(0, Vec::len);
                for branch in 0..branches {
                    parts.add(root, &part.pointer.join(keyword).join(branch));
                }
            }
            let properties = part.schema.get("properties").and_then(Value::as_object);
            let names = properties.into_iter().flat_map(|all| all.keys().cloned());
            self.names.extend(names);
            let is_map = match part.schema.get("additionalProperties") {
                Some(additional) => *additional != Value::Bool(false),
                None => part.schema.get("type") == Some(&json!("object")) && properties.is_none(),
            };
            self.is_open |= is_map;
            index += 1;
        }
        self.is_open |= parts.is_open;
    }

    /// True if a name is documented. The names of a `deepObject` have brackets.
    fn has(&self, name: &str) -> bool {
        let mut names = self.names.iter();
        self.is_open
            || names.any(|known| {
                let rest = name.strip_prefix(known.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_query_are_documented_by_parameters_objects_and_keys() {
        let of_query =
            |name: &str, schema: Value| json!({ "name": name, "in": "query", "schema": schema });
        let root = |parameters: Vec<Value>| {
            json!({
                "paths": { "/a": {
                    "parameters": [of_query("shared", json!({ "type": "string" }))],
                    "get": { "parameters": parameters },
                } },
                "components": {
                    "schemas": { "Filter": { "allOf": [
                        { "type": "object", "properties": { "from": {} } },
                        { "oneOf": [{ "properties": { "to": {} } }] },
                    ] } },
                    "securitySchemes": { "Key": { "type": "apiKey", "in": "query", "name": "key" } },
                },
            })
        };
        let filter = json!({ "$ref": "#/components/schemas/Filter" });
        let deep = |schema: &Value| json!({ "name": "f", "in": "query", "style": "deepObject", "schema": schema });
        let text = of_query("q", json!({ "type": "string" }));
        for (parameter, given, expected) in [
            (text.clone(), "q", true),
            (text.clone(), "q[]", true),
            (text.clone(), "query", false),
            (text.clone(), "shared", true),
            (text.clone(), "key", true),
            (text, "f", false),
            (of_query("f", filter.clone()), "to", true),
            (of_query("f", filter.clone()), "until", false),
            (deep(&filter), "f[to]", true),
            (deep(&filter), "to", false),
            (of_query("f", json!({ "type": "object" })), "any", true),
            (json!({ "name": "f", "in": "querystring" }), "any", true),
            (json!({ "name": "any", "in": "header" }), "any", false),
        ] {
            let root = root(vec![parameter.clone()]);
            let location = Pointer::of(["paths", "/a", "get"]);
            let documented = Documented::of(&root, &location).expect("is an operation");
            assert_eq!(documented.has(given), expected, "{given} by {parameter}");
        }
    }
}
