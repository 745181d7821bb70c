//! What several objects say apart, said by one that takes the instances of them all.

use serde_json::{Map, Value, json};

use crate::schema::constraints;

/// The members that the objects list, in their order, each with the different schemas that its value
/// may be of: those that list it, and those of any member of objects that do not.
pub(crate) fn members<'a>(objects: &[&'a Value]) -> Vec<(&'a str, Vec<&'a Value>)> {
    let mut members: Vec<(&str, Vec<&Value>)> = Vec::new();
    for name in objects.iter().filter_map(listed).flat_map(Map::keys) {
        if members.iter().any(|(known, _)| known == name) {
            continue;
        }
        let mut schemas: Vec<&Value> = Vec::new();
        for object in objects {
            let own = listed(object).and_then(|listed| listed.get(name));
            let Some(schema) = own.or_else(|| of_any_member(object)) else {
                continue;
            };
            let said = constraints(schema);
            if schemas.iter().all(|known| constraints(known) != said) {
                schemas.push(schema);
            }
        }
        members.push((name, schemas));
    }
    members
}

/// The `additionalProperties` of the one object, so that it keeps every member that one of the objects
/// says something of.
pub(crate) fn rest(objects: &[&Value]) -> Option<Value> {
    let said: Vec<Option<&Value>> = objects
        .iter()
        .map(|object| object.get("additionalProperties"))
        .filter(|said| *said != Some(&json!(false)))
        .collect();
    match said.as_slice() {
        [] => Some(false.into()),
        [first, others @ ..] if others.iter().all(|other| other == first) => first.cloned(),
        _ => Some(true.into()),
    }
}

fn listed<'a>(object: &&'a Value) -> Option<&'a Map<String, Value>> {
    object.get("properties").and_then(Value::as_object)
}

/// What the values of members are that the object does not list, where it restricts them.
fn of_any_member<'a>(object: &&'a Value) -> Option<&'a Value> {
    let schema = object.get("additionalProperties")?;
    (!constraints(schema).is_empty()).then_some(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_may_be_what_any_object_says_of_it() {
        let (text, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        let object = json!({ "properties": { "a": text, "b": text } });
        let other = json!({ "properties": { "b": { "type": "string", "description": "d" } } });
        let map = json!({ "additionalProperties": number });
        assert_eq!(
            members(&[&object, &other, &map]),
            [("a", vec![&text, &number]), ("b", vec![&text, &number])]
        );
        assert_eq!(members(&[&object, &other])[1], ("b", vec![&text]));
    }

    #[test]
    fn what_one_object_keeps_is_kept() {
        let of = |said: Value| json!({ "additionalProperties": said });
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
