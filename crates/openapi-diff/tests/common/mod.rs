//! Documents with one schema at a location, and their comparison; `operations` has those with one
//! operation.

#![allow(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "each test uses a part"
)]

pub(crate) mod operations;

use openapi_diff::catalogue::Verdict::{
    self, Additive as A, Breaking as B, MayBreak as M, Neutral as N,
};
use openapi_diff::documents;
use openapi_diff::model::Report;
use openapi_diff::policy::Policy;
use openapi_document::Document;

/// Where a schema is used.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At {
    Request,
    Response,
    Query,
    Header,
    Form,
}

/// A document of this version with a schema at a location, and with components.
fn document(version: &str, at: At, schema: &str) -> Document {
    let (parameters, body, headers, content) = match at {
        At::Request => ("[]", json_of(schema), String::new(), String::new()),
        At::Response => ("[]", String::new(), String::new(), json_of(schema)),
        At::Query => (
            "[{name: q, in: query, schema: SCHEMA}]",
            String::new(),
            String::new(),
            String::new(),
        ),
        At::Header => (
            "[]",
            String::new(),
            format!("X-A: {{schema: {schema}}}"),
            String::new(),
        ),
        At::Form => (
            "[]",
            format!(
                "application/x-www-form-urlencoded: {{schema: {{type: object, properties: {{f: {schema}}}}}}}"
            ),
            String::new(),
            String::new(),
        ),
    };
    let parameters = parameters.replace("SCHEMA", schema);
    let body = match body.is_empty() {
        true => String::new(),
        false => format!("requestBody: {{required: true, content: {{{body}}}}},"),
    };
    let text = format!(
        "openapi: {version}
info: {{title: T, version: '1'}}
paths:
  /t:
    post: {{operationId: t, parameters: {parameters}, {body} responses: {{'200': {{description: '', headers: {{{headers}}}, content: {{{content}}}}}}}}}
components:
  schemas:
    Cat: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [cat]}}, claws: {{type: integer}}}}}}
    Dog: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [dog]}}, tail: {{type: integer}}}}}}
    Fox: {{type: object, required: [kind], properties: {{kind: {{type: string, enum: [fox]}}, fur: {{type: integer}}}}}}
    Named: {{type: object, required: [name], properties: {{name: {{type: string}}}}}}
    Sized: {{type: object, required: [name], properties: {{name: {{type: string}}, size: {{type: integer}}}}}}
    Colour: {{type: string, enum: [red, blue]}}
"
    );
    Document::parse("d.yaml", text).unwrap_or_else(|error| panic!("{schema}: {error}"))
}

fn json_of(schema: &str) -> String {
    format!("application/json: {{schema: {schema}}}")
}

pub(crate) fn compared(version: &str, at: At, old: &str, new: &str) -> Report {
    let (old, new) = (document(version, at, old), document(version, at, new));
    documents(&old, &new, &Policy::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The highest verdict, and the changes.
pub(crate) fn verdict(version: &str, at: At, old: &str, new: &str) -> (Verdict, Vec<String>) {
    let report = compared(version, at, old, new);
    let changes = report.changes.iter();
    let told = changes.map(|change| format!("{:?} {}", change.wire, change.what));
    (report.verdict(), told.collect())
}

/// An old and a new schema, and the verdicts on the change there and back at some locations.
pub(crate) type Row<'t> = (&'t str, &'t str, &'t [(At, Verdict, Verdict)]);

/// Checks the verdicts on changes there and back.
#[track_caller]
pub(crate) fn assert_verdicts(version: &str, table: &[Row<'_>]) {
    let mut wrong = Vec::new();
    for (old, new, places) in table {
        for (at, there, back) in *places {
            for (from, to, expected) in [(old, new, there), (new, old, back)] {
                let (found, told) = verdict(version, *at, from, to);
                if found != *expected {
                    wrong.push(format!(
                        "{at:?} {from} -> {to}: {found:?}, not {expected:?}: {told:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The verdicts in a request and in a response, there and back.
macro_rules! both {
    ($request:ident $request_back:ident, $response:ident $response_back:ident) => {
        &[
            (At::Request, $request, $request_back),
            (At::Response, $response, $response_back),
        ]
    };
}
pub(crate) use both;
