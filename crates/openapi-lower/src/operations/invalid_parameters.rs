//! Removes the parameters that cannot be sent, and those that OpenAPI ignores.
//!
//! Before: `[{name: a, in: query, schema: …}, {name: a, in: query, schema: …}, {name: Accept, in: header},
//! {name: a b, in: header}, {name: b, in: body}]`.
//! After: `[{name: a, in: query, schema: …}]`, the later of the two.

use serde_json::Value;

use crate::parameters::{Parameter, replace_each};
use crate::{Notes, Pass, Reduced};

pub(crate) const PASS: Pass = Pass {
    name: "invalid-parameters",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    replace_each(root, notes, |parameter, later, _, notes| {
        match is_kept(&parameter, later, notes) {
            true => vec![parameter.value],
            false => Vec::new(),
        }
    });
}

fn is_kept(parameter: &Parameter, later: &[Value], notes: &mut Notes) -> bool {
    let Parameter {
        pointer,
        name,
        value,
    } = parameter;
    let same = |later: &Value| later["name"] == value["name"] && later["in"] == value["in"];
    if later.iter().any(same) {
        let why = "a later parameter has the same name and location";
        notes.add(pointer, "removed the parameter", why);
        return false;
    }
    let location = parameter.location();
    if location == Some("header") && is_reserved(name) {
        let what = format!("removed the header `{name}`");
        notes.add(pointer, what, "OpenAPI ignores parameters with this name");
        return false;
    }
    let why = match location {
        Some("path" | "query") => return true,
        Some("header" | "cookie") if is_token(name) => return true,
        Some("header") => "it is not a valid header name",
        Some("cookie") => "it is not a valid cookie name",
        _ => "its location is not path, query, header or cookie",
    };
    let loss = format!("you cannot set the parameter `{name}`");
    let reduced = Reduced::removing(loss, pointer);
    notes.add_reduced(pointer, format!("removed `{name}`"), why, reduced);
    false
}

/// Definitions of these three headers are ignored (OpenAPI 3.0.3, Parameter Object).
fn is_reserved(header: &str) -> bool {
    ["accept", "content-type", "authorization"].contains(&header.to_ascii_lowercase().as_str())
}

/// True if a name is valid for a header or a cookie (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    let is_token_character =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{losses, run};
    use serde_json::json;

    #[test]
    fn the_last_of_equal_parameters_is_kept_and_reserved_headers_are_removed() {
        let parameters = json!([
            { "name": "AUTHORIZATION", "in": "header", "schema": { "type": "string" } },
            { "name": "a", "in": "query", "schema": { "type": "string" } },
            { "name": "a", "in": "query", "schema": { "type": "integer" } },
        ]);
        let document = json!({ "paths": { "/a": { "get": { "parameters": parameters } } } });
        let (after, notes) = run(&PASS, document);
        assert_eq!(
            after["paths"]["/a"]["get"]["parameters"],
            json!([{ "name": "a", "in": "query", "schema": { "type": "integer" } }])
        );
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn parameters_that_cannot_be_sent_are_losses() {
        for (name, location) in [("a b", "header"), ("a b", "cookie"), ("a", "body")] {
            let parameter = json!({ "name": name, "in": location, "schema": { "type": "string" } });
            let document = json!({ "paths": { "/{a}": { "get": { "parameters": [parameter] } } } });
            assert_eq!(losses(&PASS, document).len(), 1, "{parameter}");
        }
    }
}
