//! Names of locations in reports: `Role.owner.name`, `response 200[].id`.

use openapi_document::Pointer;
use serde_json::Value;

/// The name of a location, in backticks.
pub(super) fn label(root: &Value, pointer: &Pointer) -> String {
    let tokens: Vec<String> = pointer.tokens().collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let (mut name, inside) = match tokens.as_slice() {
        ["components", "schemas", name, inside @ ..] => ((*name).to_owned(), inside),
        [
            "components",
            "parameters" | "headers" | "responses" | "requestBodies",
            name,
            inside @ ..,
        ] => ((*name).to_owned(), inside),
        ["paths", _, inside @ ..] => in_operation(root, pointer, inside),
        other => (String::new(), other),
    };
    let mut tokens = inside.iter();
    while let Some(token) = tokens.next() {
        match *token {
            "properties" => {
                let property = tokens.next().copied().unwrap_or_default();
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(property);
            }
            "items" => name.push_str("[]"),
            "additionalProperties" => name.push_str(".*"),
            "oneOf" | "anyOf" => {
                let index = tokens.next().and_then(|index| index.parse::<usize>().ok());
                name.push_str(&format!("<{}>", index.unwrap_or_default() + 1));
            }
            "allOf" | "content" => {
                tokens.next();
            }
            "schema" => {}
            other => {
                if !name.is_empty() {
                    name.push(' ');
                }
                name.push_str(other);
            }
        }
    }
    format!("`{name}`")
}

/// The name of a location in an operation or a path item, and the rest of the pointer.
fn in_operation<'a>(
    root: &Value,
    pointer: &Pointer,
    tokens: &'a [&'a str],
) -> (String, &'a [&'a str]) {
    match tokens {
        ["parameters", index, inside @ ..] | [_, "parameters", index, inside @ ..] => {
            let mut place = pointer.clone();
            for _ in 0..inside.len() {
                place = place.parent().unwrap_or_default();
            }
            let parameter = place.get(root);
            let name = parameter.and_then(|parameter| parameter["name"].as_str());
            (name.unwrap_or(index).to_owned(), inside)
        }
        [_, "requestBody", inside @ ..] => ("body".to_owned(), inside),
        [_, "responses", status, inside @ ..] => (format!("response {status}"), inside),
        [_, inside @ ..] => (String::new(), inside),
        [] => (String::new(), tokens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_have_readable_names() {
        let root = json!({ "paths": { "/a": { "get": { "parameters": [{ "name": "size" }] } } } });
        for (pointer, called) in [
            (
                "/components/schemas/Role/properties/owner/properties/name",
                "`Role.owner.name`",
            ),
            (
                "/components/schemas/Role/allOf/1/properties/tags/items",
                "`Role.tags[]`",
            ),
            (
                "/paths/~1a/get/responses/200/content/application~1json/schema/items",
                "`response 200[]`",
            ),
            (
                "/paths/~1a/post/requestBody/content/application~1json/schema/properties/a",
                "`body.a`",
            ),
            ("/paths/~1a/get/parameters/0/schema", "`size`"),
            ("/components/schemas/Pet/oneOf/0", "`Pet<1>`"),
        ] {
            let pointer = Pointer::parse(pointer).expect("is a pointer");
            assert_eq!(label(&root, &pointer), called);
        }
    }
}
