//! Replaces the `content` of parameters with a schema, unless it is JSON.
//!
//! Before: `[{in: query, content: {text/plain: {schema: {type: integer}}}}, {in: query, content: {text/csv:
//! {schema: {type: object}}}}]`.
//! After: `[{in: query, schema: {type: integer}}, {in: query, schema: {type: string}}]`.
//!
//! A scalar is the same string in every media type. The caller serializes values that are neither scalars nor
//! JSON.

use serde_json::{Value, json};

use crate::media_type::is_json;
use crate::parameters::{Parameter, Schemas, replace_each};
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "parameter-content",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    replace_each(root, notes, |mut parameter, _, schemas, notes| {
        take_schema_of_content(&mut parameter, schemas, notes);
        vec![parameter.value]
    });
}

fn take_schema_of_content(parameter: &mut Parameter, schemas: &Schemas, notes: &mut Notes) {
    let Some(content) = parameter.value["content"].as_object() else {
        return;
    };
    let Some((media_type, media)) = content.iter().next() else {
        return;
    };
    if is_json(media_type) {
        // A value with several media types is sent in the first.
        let first = json!({ media_type: media });
        parameter.value["content"] = first;
        return;
    }
    let (media_type, schema) = (media_type.clone(), media["schema"].clone());
    let is_scalar = !matches!(schemas.type_of(&schema), None | Some("array" | "object"));
    if let Some(object) = parameter.value.as_object_mut() {
        object.shift_remove("content");
    }
    parameter.value["schema"] = schema;
    let content = parameter.pointer.join("content");
    if is_scalar {
        let why = "a scalar is the same string in every media type";
        notes.add(&content, "replaced `content` with its schema", why);
    } else {
        let mend = |loss| Reduced::removing(loss, &content);
        parameter.serialize_by_caller(&format!("`{media_type}`"), mend, notes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{losses, run};

    fn document(content: &Value) -> Value {
        let parameter = json!({ "name": "a", "in": "query", "content": content });
        json!({ "paths": { "/a": { "get": { "parameters": [parameter] } } } })
    }

    #[test]
    fn a_scalar_has_its_schema_and_json_the_first_media_type() {
        let integer = json!({ "schema": { "type": "integer" } });
        let (after, notes) = run(&PASS, document(&json!({ "text/plain": integer })));
        let parameter = &after["paths"]["/a"]["get"]["parameters"][0];
        let expected = json!({ "name": "a", "in": "query", "schema": { "type": "integer" } });
        assert_eq!((parameter, notes.len()), (&expected, 1));
        let content = json!({ "application/json": integer, "text/plain": integer });
        let (after, notes) = run(&PASS, document(&content));
        let parameter = &after["paths"]["/a"]["get"]["parameters"][0];
        let expected = json!({ "application/json": integer });
        assert_eq!((&parameter["content"], notes.len()), (&expected, 0));
    }

    #[test]
    fn an_object_in_another_media_type_is_serialized_by_the_caller() {
        let object = json!({ "schema": { "type": "object", "properties": { "a": {} } } });
        let document = document(&json!({ "text/csv": object }));
        assert_eq!(losses(&PASS, document).len(), 1);
    }
}
