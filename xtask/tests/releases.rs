//! The report on a large release: hundreds of changes of hundreds of operations fit on a few screens,
//! and each is reported once.

use client_crate::default_settings;
use openapi_diff::clients;
use openapi_diff::filter::Filter;
use openapi_diff::model::Report;
use openapi_diff::policy::Policy;
use openapi_diff::render::markdown::{LONGEST, markdown};
use openapi_diff::render::text::text;
use openapi_document::Document;
use serde_json::{Map, Value, json};
use xtask::regen::build_with;

/// The number of resources, each with five operations.
const RESOURCES: usize = 56;

/// The document of a release. Both releases have the same resources; `second` has the changes that
/// releases of real APIs have.
fn release(second: bool) -> Document {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for index in 0..RESOURCES {
        resource(index, second, &mut paths, &mut schemas);
    }
    // One component that every error refers to is renamed.
    let (problem, kind) = match second {
        true => ("Problem", "ProblemKind"),
        false => ("Error", "ErrorKind"),
    };
    schemas.insert(
        problem.to_owned(),
        json!({
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": { "type": "string" },
                "kind": { "$ref": format!("#/components/schemas/{kind}") },
                "causes": { "type": "array", "items": { "type": "object", "properties": { "field": { "type": "string" } } } },
            },
        }),
    );
    let kinds = match second {
        true => json!(["client", "server", "limit"]),
        false => json!(["client", "server"]),
    };
    schemas.insert(kind.to_owned(), json!({ "type": "string", "enum": kinds }));
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Release", "version": if second { "2" } else { "1" } },
        "servers": [{ "url": "https://release.example" }],
        "paths": paths,
        "components": { "schemas": schemas },
    });
    let name = if second { "second.json" } else { "first.json" };
    Document::parse(name, document.to_string()).expect("is JSON")
}

fn resource(
    index: usize,
    second: bool,
    paths: &mut Map<String, Value>,
    schemas: &mut Map<String, Value>,
) {
    let name = format!("Thing{index}");
    let tag = format!("Area {}", index / 8);
    let is_changed = |every: usize| second && index.is_multiple_of(every);
    // Some schemas are renamed, and some inline schemas get a name.
    let component = match is_changed(7) {
        true => format!("{name}Resource"),
        false => name.clone(),
    };
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let problem = reference(if second { "Problem" } else { "Error" });
    let list = json!({ "type": "object", "properties": { "items": { "type": "array", "items": reference(&component) } } });
    let list = match is_changed(9) {
        true => {
            schemas.insert(format!("{name}List"), list);
            reference(&format!("{name}List"))
        }
        false => list,
    };
    let operation = |id: &str, success: &str, schema: Option<Value>, more: Value| {
        let success_response = match schema {
            Some(schema) => json!({ "description": "", "content": content(schema) }),
            None => json!({ "description": "" }),
        };
        let mut operation = json!({
            "operationId": format!("{id}{name}"),
            "tags": [tag],
            "responses": {
                success: success_response,
                "400": { "description": "", "content": content(problem.clone()) },
                "404": { "description": "", "content": content(problem.clone()) },
            },
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            operation[key] = value.clone();
        }
        operation
    };
    let body = |name: String| json!({ "requestBody": { "required": true, "content": content(reference(&name)) } });
    let id =
        json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
    let page = match is_changed(5) {
        true => {
            json!({ "parameters": [{ "name": "page", "in": "query", "schema": { "type": "integer" } }] })
        }
        false => json!({}),
    };
    let collection = json!({
        "get": operation(if is_changed(11) { "Find" } else { "List" }, "200", Some(list), page),
        "post": operation("Create", if is_changed(6) { "202" } else { "201" }, Some(reference(&component)), body(format!("{name}Input"))),
    });
    let mut item = json!({
        "parameters": [id],
        "get": operation("Get", "200", Some(reference(&component)), json!({})),
        "delete": operation("Delete", "204", None, json!({})),
        "patch": operation("Update", "200", Some(reference(&component)), body(format!("{name}Input"))),
    });
    if is_changed(8) {
        item.as_object_mut()
            .expect("is an object")
            .shift_remove("patch");
        paths.insert(
            format!("/things{index}/search"),
            json!({ "post": operation("Search", "200", Some(reference(&component)), json!({})) }),
        );
    }
    paths.insert(format!("/things{index}"), collection);
    paths.insert(format!("/things{index}/{{id}}"), item);

    let mut output = json!({
        "type": "object",
        "required": ["id", "name", "state"],
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "name": { "type": "string" },
            "state": { "type": "string", "enum": ["on", "off", "broken"] },
            "owner": { "type": "object", "properties": { "name": { "type": "string" }, "quota": { "type": "integer", "format": "int32" } } },
            "createdAt": { "type": "string", "format": "date-time" },
        },
    });
    let mut input = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "maxLength": 64 },
            "size": { "type": "integer", "minimum": 1 },
            "zone": { "type": "string" },
        },
    });
    if is_changed(2) {
        output["properties"]["updatedAt"] = json!({ "type": "string", "format": "date-time" });
        output["properties"]["owner"]["properties"]["quota"]["format"] = json!("int64");
        input["properties"]["name"]["maxLength"] = json!(32);
        input["properties"]["labels"] = json!({ "type": "array", "items": { "type": "string" } });
    }
    if is_changed(3) {
        output["required"] = json!(["id", "name"]);
        output["properties"]["state"]["enum"] = json!(["on", "off", "new"]);
        input["required"] = json!(["name", "zone"]);
    }
    if is_changed(4) {
        output["properties"]
            .as_object_mut()
            .expect("is an object")
            .shift_remove("createdAt");
        input["properties"]
            .as_object_mut()
            .expect("is an object")
            .shift_remove("size");
        input["properties"]["kind"] = json!({ "type": "string", "enum": ["small", "large"] });
        input["additionalProperties"] = json!(false);
    }
    schemas.insert(component, output);
    schemas.insert(format!("{name}Input"), input);
}

fn compared() -> Report {
    let built = [false, true].map(|second| {
        build_with(&default_settings(), &release(second)).unwrap_or_else(|error| panic!("{error}"))
    });
    let [old, new] = &built;
    clients(&old.client(), &new.client(), &Policy::default())
}

#[test]
fn a_release_of_hundreds_of_changes_is_told_on_few_lines() {
    let report = compared();
    let shown = Filter::default().of(&report);
    let changes = shown.changes.len();
    assert!(changes > 300, "{changes} changes");
    let brief = text(&shown, false, false);
    assert!(
        brief.lines().count() <= 200,
        "{} lines\n{brief}",
        brief.lines().count()
    );
    let verbose = text(&shown, true, false);
    for change in &shown.changes {
        assert!(verbose.contains(&change.what), "{}", change.what);
    }
    let comment = markdown(&shown, LONGEST);
    assert!(comment.chars().count() <= LONGEST);
    assert!(
        comment.contains("more changes do not fit"),
        "{}",
        comment.chars().count()
    );

    // Each change of the client has a cause in the document, and is reported once.
    let unexplained: Vec<&str> = shown
        .changes
        .iter()
        .filter(|change| change.check.rust.is_some() && change.check.id != "rust-type-renamed")
        .map(|change| change.what.as_str())
        .collect();
    assert_eq!(unexplained, [""; 0]);
    let mut in_rust: Vec<&str> = shown
        .changes
        .iter()
        .flat_map(|change| &change.surface)
        .map(|in_rust| in_rust.what.as_str())
        .collect();
    in_rust.sort_unstable();
    let all = in_rust.len();
    in_rust.dedup();
    assert_eq!(in_rust.len(), all, "each change of the client is told once");

    // A renamed component is one change, regardless of the number of operations that use it.
    let renamed: Vec<_> = shown
        .changes
        .iter()
        .filter(|change| change.what == "`Error` was renamed to `Problem`")
        .collect();
    let [renamed] = renamed.as_slice() else {
        panic!("{renamed:#?}");
    };
    assert!(renamed.operations.is_empty() || renamed.operations.len() > 4 * RESOURCES);
}

/// A document of this many operations, whose errors refer to a component of this name, with a
/// description beside the reference, as OpenAPI 3.1 allows.
fn errors(operations: usize, component: &str, status: &str) -> Document {
    let reference = format!("#/components/schemas/{component}");
    let paths = (0..operations).map(|index| {
        let error = json!({ "type": "object", "properties": {
            "error": { "$ref": reference, "description": "What went wrong." },
        } });
        let response =
            json!({ "description": "", "content": { "application/json": { "schema": error } } });
        let operation =
            json!({ "operationId": format!("Get{index}"), "responses": { "200": response } });
        (format!("/things{index}"), json!({ "get": operation }))
    });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Errors", "version": "1" },
        "paths": paths.collect::<Map<String, Value>>(),
        "components": { "schemas": { component: {
            "type": "object",
            "properties": { "status": { "type": status }, "title": { "type": "string" } },
        } } },
    });
    Document::parse("errors.json", document.to_string()).expect("is JSON")
}

#[test]
fn the_lines_grow_with_the_changes_and_not_with_their_uses() {
    let told = |operations: usize, (component, status): (&str, &str)| {
        let documents = [
            errors(operations, "Error", "string"),
            errors(operations, component, status),
        ];
        let [old, new] = documents.map(|document| {
            build_with(&default_settings(), &document).unwrap_or_else(|error| panic!("{error}"))
        });
        let report = clients(&old.client(), &new.client(), &Policy::default());
        let changes = report.changes.iter();
        let changes: Vec<String> = changes.map(|change| change.what.clone()).collect();
        (changes, text(&report, false, false).lines().count())
    };
    let renamed = "`Error` was renamed to `Problem`".to_owned();
    let changed = "the type of `Error.status` changed from `string` to `integer`".to_owned();
    for (after, expected) in [
        (("Problem", "string"), renamed),
        (("Error", "integer"), changed),
    ] {
        let (few, lines) = told(3, after);
        assert_eq!(few, [expected]);
        assert_eq!(told(30, after), (few, lines));
    }
}
