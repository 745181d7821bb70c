//! Tests each check of the catalogue on a minimal pair of documents.

mod pairs;

use std::sync::LazyLock;

use client_crate::BuiltApi;
use client_crate::default_settings;
use openapi_diff::catalogue::{CATALOGUE, Verdict};
use openapi_diff::model::Report;
use openapi_diff::policy::Policy;
use openapi_diff::render::json;
use openapi_diff::{clients, documents};
use openapi_document::{Direction, Document};
use pairs::Pair;
use serde_json::{Value, json};
use xtask::regen::build_with;

fn build(name: &str, document: &Value) -> BuiltApi {
    let document = Document::parse(name, format!("{document:#}")).expect("is JSON");
    build_with(&default_settings(), &document).unwrap_or_else(|error| panic!("{error}"))
}

fn compared(pair: &Pair) -> Report {
    let (old, new) = (build("old", &pair.before), build("new", &pair.after));
    let policy = Policy {
        grace_days: pair.grace_days,
        ..Policy::default()
    };
    clients(&old.client(), &new.client(), &policy)
}

/// The pairs with their reports, which are expensive to compute.
static COMPARED: LazyLock<Vec<(Pair, Report)>> = LazyLock::new(|| {
    let pairs = pairs::all().into_iter();
    pairs
        .map(|pair| {
            let report = compared(&pair);
            (pair, report)
        })
        .collect()
});

#[test]
fn every_check_finds_its_pair_and_nothing_else() {
    let mut wrong = Vec::new();
    for (pair, report) in COMPARED.iter() {
        let found: Vec<(&str, Verdict, Verdict)> = report
            .changes
            .iter()
            .map(|change| {
                (
                    change.check.id,
                    change.wire,
                    change.rust.expect("is compared"),
                )
            })
            .collect();
        let expected = [(pair.check, pair.wire, pair.rust)];
        // A deprecation without enough notice is also a deprecation.
        let has_others = pair.check.starts_with("rust-") || pair.grace_days.is_some();
        let fits = match has_others {
            // The change of the document has its own check.
            true => {
                let wire = found.iter().map(|(_, wire, _)| *wire).max();
                let rust = found.iter().map(|(_, _, rust)| *rust).max();
                let mut surface = report.changes.iter().flat_map(|change| {
                    let in_rust = change.surface.iter();
                    in_rust
                        .map(|in_rust| in_rust.check.id)
                        .chain([change.check.id])
                });
                surface.any(|id| id == pair.check)
                    && (wire, rust) == (Some(pair.wire), Some(pair.rust))
            }
            false => found == expected,
        };
        if !fits {
            let details: Vec<_> = report
                .changes
                .iter()
                .map(|change| (&change.what, &change.surface))
                .collect();
            wrong.push(format!(
                "{}{}: expected {expected:?}, found {found:?}\n    {details:?}",
                pair.check, pair.variant
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_a_pair() {
    let pairs = pairs::all();
    let without: Vec<&str> = CATALOGUE
        .iter()
        .map(|check| check.id)
        .filter(|id| pairs.iter().all(|pair| pair.check != *id))
        .collect();
    assert!(without.is_empty(), "without a pair: {without:?}");
}

#[test]
fn json_reports_match_their_schema() {
    let schema: Value = serde_json::from_str(json::SCHEMA).expect("is JSON");
    let validator = jsonschema::validator_for(&schema).expect("is a schema");
    assert_eq!(schema["properties"]["version"]["const"], json::VERSION);
    for (pair, report) in COMPARED.iter() {
        let report = json::json(report, report.verdict());
        if let Err(error) = validator.validate(&report) {
            panic!("{}: {error}\n{report:#}", pair.check);
        }
    }
}

#[test]
fn a_json_report_has_the_scalars_before_and_after() {
    let document = |maximum: u32| {
        let schema = json!({ "type": "integer", "maximum": maximum });
        json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "paths": { "/a": { "get": {
                "parameters": [{ "name": "size", "in": "query", "schema": schema }],
                "responses": { "204": { "description": "" } },
            } } },
        })
    };
    let (old, new) = (build("old", &document(50)), build("new", &document(20)));
    let report = clients(&old.client(), &new.client(), &Policy::default());
    let report = json::json(&report, report.verdict());
    let change = &report["changes"][0];
    assert_eq!(
        (&change["old"]["value"], &change["new"]["value"]),
        (&json!(50), &json!(20))
    );
}

/// A document with two operations that use a component, one in its request and both in their
/// responses, at several depths.
fn shared(thing: &Value) -> Document {
    let content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Special" } });
    let response =
        |schema: Value| json!({ "200": { "description": "", "content": content(schema) } });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "T", "version": "1" },
        "paths": {
            "/things": {
                "get": { "operationId": "List", "responses": response(list) },
                "post": {
                    "operationId": "Create",
                    "requestBody": { "content": content(json!({ "$ref": "#/components/schemas/Thing" })) },
                    "responses": response(json!({ "$ref": "#/components/schemas/Special" })),
                },
            },
            "/others": { "get": { "operationId": "Others", "responses": {} } },
        },
        "components": { "schemas": {
            "Thing": thing,
            "Special": { "allOf": [{ "$ref": "#/components/schemas/Thing" }, { "type": "object" }] },
        } },
    });
    Document::parse("shared", document.to_string()).expect("is JSON")
}

#[test]
fn a_schema_is_reported_once_for_all_operations_and_weighed_by_its_worse_direction() {
    let object = |required: Value| json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": required });
    let (optional, required) = (shared(&object(json!([]))), shared(&object(json!(["a"]))));
    for (old, new, id) in [
        (&optional, &required, "property-became-required"),
        (&required, &optional, "property-became-optional"),
    ] {
        let report =
            documents(old, new, &Policy::default()).unwrap_or_else(|error| panic!("{error}"));
        let [change] = report.changes.as_slice() else {
            panic!("{:#?}", report.changes);
        };
        assert_eq!(change.check.id, id);
        assert_eq!(change.directions, [Direction::Request, Direction::Response]);
        let methods: Vec<&str> = change
            .operations
            .iter()
            .map(|operation| operation.method.as_str())
            .collect();
        assert_eq!(methods, ["list", "create"]);
        // Either change is breaking in one direction.
        assert_eq!(change.wire, Verdict::Breaking);
    }
}

#[test]
fn a_schema_that_nothing_uses_changes_nothing() {
    let document = |unused: Value| {
        let mut whole = shared(&json!({ "type": "object" }));
        whole.root["components"]["schemas"]["Unused"] = unused;
        whole
    };
    let (old, new) = (
        document(json!({ "type": "string" })),
        document(json!({ "type": "boolean" })),
    );
    let report =
        documents(&old, &new, &Policy::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.changes, []);
}

/// A list that has `pages()` and `items()` if `paged`, with items of a type.
fn list(paged: bool, item: &str) -> Value {
    let parameter =
        |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "integer" } });
    let mut list = json!({
        "operationId": "List",
        "parameters": [parameter("skip"), parameter("limit")],
        "responses": { "200": { "description": "", "content": { "application/json": {
            "schema": { "type": "array", "items": { "type": item } },
        } } } },
    });
    if paged {
        list["x-paging"] = json!({ "skip": "skip", "limit": "limit" });
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": { "/list": { "get": list } },
    })
}

/// The changes of the surface between two lists, with their checks.
fn surface_changes(before: &Value, after: &Value) -> Vec<(&'static str, String)> {
    let (old, new) = (build("old", before), build("new", after));
    let report = clients(&old.client(), &new.client(), &Policy::default());
    let mut all = Vec::new();
    for change in report.changes {
        // A change that no finding explains is itself one of the surface.
        all.push((change.check.id, change.what));
        all.extend(
            change
                .surface
                .into_iter()
                .map(|in_rust| (in_rust.check.id, in_rust.what)),
        );
    }
    all.retain(|(check, _)| check.starts_with("rust-"));
    all
}

#[test]
fn methods_for_pages_are_compared() {
    let (paged, whole) = (list(true, "string"), list(false, "string"));
    let methods = ["pages", "items"];
    let expected = |check, what: &str| -> Vec<(&str, String)> {
        let methods = methods.iter();
        methods
            .map(|method| (check, format!("`list().{method}()` {what}")))
            .collect()
    };
    assert_eq!(
        surface_changes(&paged, &whole),
        expected("rust-method-removed", "was removed")
    );
    assert_eq!(
        surface_changes(&whole, &paged),
        expected("rust-method-added", "was added")
    );
    let other = surface_changes(&paged, &list(true, "boolean"));
    for method in methods {
        let what = format!("the type of `list().{method}()` changed from `String` to `bool`");
        assert!(other.contains(&("rust-result-changed", what)), "{other:?}");
    }
}

#[test]
fn methods_for_json_lines_are_compared() {
    let document = |media_type: &str| {
        json!({
            "openapi": "3.1.0",
            "info": { "title": "T", "version": "1" },
            "paths": { "/events": { "post": {
                "operationId": "Add",
                "requestBody": { "required": true, "content": { media_type: {
                    "schema": { "type": "object", "properties": { "a": { "type": "string" } } },
                } } },
                "responses": { "204": { "description": "" } },
            } } },
        })
    };
    let changes = surface_changes(
        &document("application/jsonl"),
        &document("application/json"),
    );
    for method in ["body_items", "body_stream"] {
        let removed = format!("`add().{method}(…)` was removed");
        assert!(
            changes.contains(&("rust-method-removed", removed)),
            "{changes:?}"
        );
    }
}
