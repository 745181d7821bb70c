//! Gives the parameters of an operation names that stay apart in Rust.
//!
//! Before: `/users/{id}` with another `id` in the query; the headers `X-Id` and `X_Id`; a query
//! parameter `new`.
//! After: the query parameter is called `id`, a private-use character and `in-query`, the header
//! `X_Id~2`, and so on; the session cuts off what follows the character or the tilde.
//!
//! A parameter becomes a method of a builder, which has some methods and names of its own. What is
//! in the path keeps its name before what is in the query, and that before headers.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::Value;

use super::optional_bodies::CARRIER;
use super::{Notes, Pass};
use crate::rust_name::snake;

pub(super) const PASS: Pass = Pass {
    name: "parameter-names",
    run,
};

/// What begins the suffix of a name that is not sent; `client-runtime` knows both as well.
const QUERY_SUFFIX: char = '\u{10FFFD}';
const HEADER_SUFFIX: char = '~';

/// Methods of every builder, and a variable of generated code that a parameter would hide.
const RESERVED: [&str; 12] = [
    "new",
    "send",
    "stream",
    "body_map",
    "body_items",
    "body_stream",
    "clone",
    "pages",
    "items",
    "events",
    "into",
    "header_map",
];

fn run(root: &mut Value, notes: &mut Notes) {
    for (pointer, path, method) in operations(root) {
        let Some(operation) = pointer.get_mut(root) else {
            continue;
        };
        let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
        if operation.get("requestBody").is_some() {
            taken.insert("body".to_owned());
        }
        let Some(parameters) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            continue;
        };
        let mut order: Vec<usize> = (0..parameters.len()).collect();
        order.sort_by_key(|index| match parameters[*index]["in"].as_str() {
            _ if parameters[*index]["name"] == CARRIER => 0,
            Some("path") => 1,
            Some("query") => 2,
            _ => 3,
        });
        let mut in_path = Vec::new();
        for index in order {
            let parameter = &mut parameters[index];
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let place = parameter["in"].as_str().unwrap_or_default().to_owned();
            let free = free(&mut taken, &name, &place);
            if free == name {
                continue;
            }
            notes.add(
                &pointer.join("parameters").join(index),
                format!("`{name}` is `{}` in Rust", snake(&free)),
                "another parameter, or the builder itself, has a method of its name",
            );
            parameter["name"] = free.clone().into();
            if place == "path" {
                in_path.push((name, free));
            }
        }
        rename_in_path(root, &path, method, &in_path);
    }
}

fn free(taken: &mut BTreeSet<String>, name: &str, place: &str) -> String {
    let separator = match place {
        "path" => '-',
        "query" => QUERY_SUFFIX,
        _ => HEADER_SUFFIX,
    };
    let mut free = name.to_owned();
    let mut count = 1;
    while !taken.insert(snake(&free)) {
        free = match count {
            1 => format!("{name}{separator}in-{place}"),
            count => format!("{name}{separator}{count}"),
        };
        count += 1;
    }
    free
}

/// The path of the operation names its parameters as they are called now. It is a path of its own,
/// since the operations beside it may call theirs as before.
fn rename_in_path(root: &mut Value, path: &str, method: &str, renamed: &[(String, String)]) {
    if renamed.is_empty() {
        return;
    }
    let mut new_path = path.to_owned();
    for (old, new) in renamed {
        new_path = new_path.replace(&format!("{{{old}}}"), &format!("{{{new}}}"));
    }
    let item = Pointer::of(["paths", path]);
    let operation = item.get_mut(root).and_then(Value::as_object_mut);
    if let Some(operation) = operation.and_then(|item| item.shift_remove(method)) {
        root["paths"][&new_path][method] = operation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::testing::run;
    use serde_json::json;

    #[test]
    fn each_parameter_has_a_method_of_its_own() {
        let parameters = [
            ("id", "query"),
            ("id", "path"),
            ("user-id", "query"),
            ("user_id", "query"),
            ("X-Id", "header"),
            ("x_id", "header"),
            ("new", "query"),
            ("body", "query"),
            ("send", "path"),
        ]
        .map(|(name, place)| json!({ "name": name, "in": place }));
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/{id}/{send}": {
                "get": {},
                "post": { "parameters": parameters, "requestBody": {} },
            } } }),
        );
        assert!(after["paths"]["/{id}/{send}"]["get"].is_object());
        let parameters = after["paths"]["/{id}/{send-in-path}"]["post"]["parameters"].as_array();
        let names: Vec<&str> = parameters
            .expect("moved")
            .iter()
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        assert_eq!(
            names,
            [
                "id\u{10FFFD}in-query",
                "id",
                "user-id",
                "user_id\u{10FFFD}in-query",
                "X-Id",
                "x_id~in-header",
                "new\u{10FFFD}in-query",
                "body\u{10FFFD}in-query",
                "send-in-path",
            ]
        );
        let rust: BTreeSet<String> = names.iter().map(|name| snake(name)).collect();
        assert_eq!(rust.len(), names.len());
        assert_eq!(notes.len(), 6);
    }
}
