//! Merges object schemas into one schema that accepts the instances of all of them.

use serde_json::{Map, Value, json};

use crate::schema::constraints;

/// The properties that the objects list, in order, each with its possible schemas: those of the objects
/// that list it, and the `additionalProperties` of those that do not.
pub(crate) fn properties<'a>(objects: &[&'a Value]) -> Vec<(&'a str, Vec<&'a Value>)> {
    let mut properties: Vec<(&str, Vec<&Value>)> = Vec::new();
    for name in objects.iter().filter_map(listed).flat_map(Map::keys) {
        if properties.iter().any(|(known, _)| known == name) {
            continue;
        }
        let mut schemas: Vec<&Value> = Vec::new();
        for object in objects {
            let own = listed(object).and_then(|listed| listed.get(name));
            let Some(schema) = own.or_else(|| of_any_property(object)) else {
                continue;
            };
            let own = constraints(schema);
            if schemas.iter().all(|known| constraints(known) != own) {
                schemas.push(schema);
            }
        }
        properties.push((name, schemas));
    }
    properties
}

/// The `additionalProperties` of the merged object, so that it keeps every property that one of the objects
/// keeps.
pub(crate) fn rest(objects: &[&Value]) -> Option<Value> {
    let others: Vec<Option<&Value>> = objects
        .iter()
        .map(|object| object.get("additionalProperties"))
        .filter(|rest| *rest != Some(&json!(false)))
        .collect();
    match others.as_slice() {
        [] => Some(false.into()),
        [first, others @ ..] if others.iter().all(|other| other == first) => first.cloned(),
        _ => Some(true.into()),
    }
}

fn listed<'a>(object: &&'a Value) -> Option<&'a Map<String, Value>> {
    object.get("properties").and_then(Value::as_object)
}

/// The schema of properties that the object does not list, if it restricts them.
fn of_any_property<'a>(object: &&'a Value) -> Option<&'a Value> {
    let schema = object.get("additionalProperties")?;
    (!constraints(schema).is_empty()).then_some(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_has_the_schemas_of_all_objects() {
        let (string, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        let object = json!({ "properties": { "a": string, "b": string } });
        let other = json!({ "properties": { "b": { "type": "string", "description": "d" } } });
        let map = json!({ "additionalProperties": number });
        assert_eq!(
            properties(&[&object, &other, &map]),
            [("a", vec![&string, &number]), ("b", vec![&string, &number])]
        );
        assert_eq!(properties(&[&object, &other])[1], ("b", vec![&string]));
    }

    #[test]
    fn additional_properties_of_one_object_are_kept() {
        let of = |schema: Value| json!({ "additionalProperties": schema });
        let (none, closed, open) = (json!({}), of(json!(false)), of(json!(true)));
        let numbers = of(json!({ "type": "number" }));
        for (objects, expected) in [
            ([&none, &none], None),
            ([&none, &closed], None),
            ([&closed, &closed], Some(json!(false))),
            ([&none, &open], Some(json!(true))),
            ([&numbers, &closed], Some(json!({ "type": "number" }))),
            ([&numbers, &none], Some(json!(true))),
            ([&numbers, &open], Some(json!(true))),
        ] {
            assert_eq!(rest(&objects), expected, "{objects:?}");
        }
    }
}
