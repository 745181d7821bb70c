//! Says where the numbers stand by which a list is paged, before parameters and schemas are changed.
//!
//! Before: `x-paging: {skip: filter.skip, items: results, total: metadata.totalCount}`, with a parameter
//! `filter` of JSON.
//! After: `x-paging: {skip: {pair: filter, property: [skip]}, items: [results], total: [metadata,
//! totalCount]}`.
//!
//! Later passes split parameters and rename them, but what is sent stays, and so do the names of properties.
//! What the extension means is known to [`openapi_document::paging`]. The check has refused what it could not
//! mean.

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
        if let Some(said) = place.get_mut(root) {
            *said = found;
            notes.add(
                &place,
                "found the places that it names",
                "later passes change parameters",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    #[test]
    fn the_places_are_found_where_they_are_sent() {
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
