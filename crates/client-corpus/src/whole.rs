//! Determines which operations of a document have limitations, from the notes of the lowering.
//!
//! A lossy note limits an operation if its location is in the operation or in anything that the
//! operation refers to, directly or indirectly.

use std::collections::BTreeSet;

use openapi_document::Pointer;
use openapi_document::operation::Operation;
use openapi_document::walk::item_of;
use serde::Serialize;

use super::Operations;
use client_crate::BuiltApi;
use openapi_lower::{Reduced, reached};

/// A limitation of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limitation {
    /// The operation: `GET /roles`.
    pub operation: String,
    /// The loss for users.
    pub loss: String,
}

/// The counts of operations, and their limitations.
pub(super) fn operations(built: &BuiltApi) -> (Operations, Vec<Limitation>) {
    let root = &built.vendored.root;
    let there: BTreeSet<&str> = built
        .surface
        .operations
        .values()
        .map(|call| call.request.as_str())
        .collect();
    let (mut counted, mut short) = (Operations::default(), Vec::new());
    for operation in Operation::all(root) {
        let mut losses = losses(built, &operation.node.pointer);
        let operation = operation.request();
        counted.documented += 1;
        if !there.contains(operation.as_str()) {
            counted.lost += 1;
            losses.insert(0, "the client lacks it".to_owned());
        } else if losses.is_empty() {
            counted.whole += 1;
        } else {
            counted.reduced += 1;
        }
        let operation = &operation;
        short.extend(losses.into_iter().map(|loss| Limitation {
            operation: operation.clone(),
            loss,
        }));
    }
    (counted, short)
}

/// The losses of the operation at `pointer`, without duplicates.
fn losses(built: &BuiltApi, pointer: &Pointer) -> Vec<String> {
    let reduced = reduced(built, pointer).into_iter();
    let losses: BTreeSet<&str> = reduced.map(|reduced| reduced.loss.as_str()).collect();
    losses.into_iter().map(str::to_owned).collect()
}

/// The losses of the operation at `pointer`, in the order of the notes.
pub(super) fn reduced<'a>(built: &'a BuiltApi, pointer: &Pointer) -> Vec<&'a Reduced> {
    let mut reduced = built
        .notes
        .iter()
        .filter_map(|note| note.reduced.as_ref())
        .peekable();
    if reduced.peek().is_none() {
        return Vec::new();
    }
    let root = &built.vendored.root;
    let beside = item_of(pointer).join("parameters");
    let with = |places: Vec<Pointer>| places.into_iter().chain([beside.clone()]).collect();
    let request = ["parameters", "requestBody"].map(|property| pointer.join(property));
    let sent = reached(root, with(request.into()));
    let all = reached(root, with(vec![pointer.clone()]));
    let concerns = |reduced: &&Reduced| {
        let reached = if reduced.of_requests { &sent } else { &all };
        reached
            .iter()
            .any(|around| reduced.place.within(around).is_some())
    };
    reduced.filter(concerns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use client_codegen::plan::ClientPlan;
    use client_codegen::surface::{Call, Surface};
    use openapi_document::Document;
    use openapi_lower::{Note, Origins};
    use serde_json::json;

    #[test]
    fn a_loss_counts_for_the_operations_that_reach_it_and_one_of_requests_for_those_that_send_it() {
        let refers = json!({ "$ref": "#/components/schemas/A" });
        let document = json!({
            "paths": {
                "/a": { "get": { "responses": { "200": refers } }, "put": {}, "post": { "requestBody": refers } },
                "/gone": { "get": {} },
            },
            "components": { "schemas": {
                "A": { "$ref": "#/components/schemas/B" },
                "B": { "properties": {} },
            } },
        });
        let mut surface = Surface::default();
        for request in ["GET /a", "PUT /a", "POST /a"] {
            let call = Call {
                request: request.to_owned(),
                ..Call::default()
            };
            surface.operations.insert(request.to_owned(), call);
        }
        let lost = Pointer::of(["components", "schemas", "B", "properties"]);
        let built = BuiltApi {
            vendored: Document::parse("d", document.to_string()).expect("is JSON"),
            plan: ClientPlan::default(),
            origins: Origins::default(),
            notes: [
                Reduced::removing("lost", &lost),
                Reduced::unchecked("not checked", &lost),
            ]
            .map(|reduced| Note {
                pass: "p",
                pointer: Pointer::root(),
                what: String::new(),
                why: "".into(),
                hint: None,
                reduced: Some(reduced),
            })
            .into(),
            surface,
        };
        let (counted, short) = operations(&built);
        let expected = Operations {
            documented: 4,
            whole: 1,
            reduced: 2,
            lost: 1,
        };
        assert_eq!(counted, expected);
        let short: Vec<_> = short
            .iter()
            .map(|short| (short.operation.as_str(), short.loss.as_str()))
            .collect();
        assert_eq!(
            short,
            [
                ("GET /a", "lost"),
                ("POST /a", "lost"),
                ("POST /a", "not checked"),
                ("GET /gone", "the client lacks it")
            ]
        );
    }
}
