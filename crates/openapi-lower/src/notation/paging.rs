//! Records the locations of the numbers that select a page, before parameters and schemas change.
//!
//! Before: `x-paging: {skip: filter.skip, items: results, total: metadata.totalCount}`, with a parameter
//! `filter` of JSON.
//! After: `x-paging: {skip: {pair: filter, property: [skip]}, items: [results], total: [metadata,
//! totalCount]}`.
//!
//! Later passes split and rename parameters. The query string that is sent, and the names of properties, do
//! not change. [`openapi_document::paging`] defines the extension; the check has already rejected invalid
//! ones.

use openapi_document::paging::{Paging, QueryLocation};
use openapi_document::walk::operations;
use serde_json::{Value, json};

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "paging",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    for (pointer, _, _) in operations(root) {
        let Ok(Some(paging)) = Paging::of(root, &pointer) else {
            continue;
        };
        let place = pointer.join("x-paging");
        let spot =
            |spot: &QueryLocation| json!({ "pair": spot.query_key, "property": spot.property });
        let mut found = json!({ "skip": spot(&paging.skip), "items": paging.items });
        if let Some(limit) = &paging.limit {
            found["limit"] = spot(limit);
        }
        if let Some(total) = paging.total {
            found["total"] = total.into();
        }
        if let Some(extension) = place.get_mut(root) {
            *extension = found;
            notes.add(
                &place,
                "resolved the parameters and properties that it names",
                "later passes split and rename parameters",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    #[test]
    fn parameters_and_properties_are_resolved() {
        let integer = json!({ "type": "integer" });
        let filter = json!({ "properties": { "skip": integer, "limit": integer } });
        let (after, notes) = run(
            &PASS,
            json!({ "paths": { "/a": { "get": {
                "x-paging": {
                    "skip": "filter.skip", "limit": "page.limit",
                    "items": "results", "total": "about.total",
                },
                "parameters": [
                    { "name": "filter", "in": "query", "content": { "application/json": { "schema": filter } } },
                    { "name": "page", "in": "query", "style": "deepObject", "schema": filter },
                ],
                "responses": { "200": { "content": { "application/json": { "schema": { "properties": {
                    "results": { "type": "array", "items": {} },
                    "about": { "properties": { "total": integer } },
                } } } } } },
            } } } }),
        );
        assert_eq!(
            after["paths"]["/a"]["get"]["x-paging"],
            json!({
                "skip": { "pair": "filter", "property": ["skip"] },
                "limit": { "pair": "page[limit]", "property": [] },
                "items": ["results"],
                "total": ["about", "total"],
            })
        );
        assert_eq!(notes.len(), 1);
    }
}
