//! Paging of lists: how a request selects a page, and how the response refers to the next one.
//!
//! An operation can declare the paging with `x-paging` ([`openapi_document::paging`]). Otherwise it is
//! derived from names. Names are compared without case, `_` and `-`, in the order of preference of this
//! table:
//!
//! | meaning | names |
//! |---|---|
//! | page size | size, pagesize, perpage, limit, maxresults, first, top |
//! | start: a token | nexttoken, pagetoken, nextpagetoken, token, cursor, nextcursor, continuationtoken, marker, after |
//! | start: a number of items | offset, skip, start, startindex |
//! | start: a number of pages | page, pagenumber |
//! | items in the response | items, data, results, values, entries, records, content, list; or the last word of the path |
//! | token in the response | nextpagetoken, nexttoken, nextcursor, cursor, continuationtoken, nextmarker |
//! | total number of items | totalsize, total, totalcount, totalitems, totalresults |
//! | whether there are more | hasmore, hasnext, hasnextpage |
//!
//! In a request, the value is a query parameter, a property of an object parameter (`page[size]`), or a
//! property of a JSON parameter (`filter={"limit": 10}`), which has JSON `content` or is a string whose
//! example is a JSON object.

mod list;
mod query_location;

use std::ops::Range;

use openapi_document::paging as declared;
use serde_json::Value;

pub(crate) use self::list::List;
pub(crate) use self::query_location::pairs;
use self::query_location::{QueryLocation, query_locations, schema_at};
use crate::description::{Location, Operation};
use crate::properties::normalized;
use crate::received::Received;
use crate::reply::Problem;
use crate::seed::Seed;

const SIZES: &[&str] = &[
    "size",
    "pagesize",
    "perpage",
    "limit",
    "maxresults",
    "first",
    "top",
];
const TOKENS: &[&str] = &[
    "nexttoken",
    "pagetoken",
    "nextpagetoken",
    "token",
    "cursor",
    "nextcursor",
    "continuationtoken",
    "marker",
    "after",
];
const OFFSETS: &[&str] = &["offset", "skip", "start", "startindex"];
const PAGES: &[&str] = &["page", "pagenumber"];
/// The page size if neither the caller nor the document specifies one.
const DEFAULT_SIZE: usize = 20;

/// How a request of an operation selects a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paging {
    size: Option<QueryLocation>,
    start: Option<(Start, QueryLocation)>,
}

/// The unit of the start of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Token,
    Items,
    /// Pages, with the number of the first one.
    Pages(usize),
}

/// A requested page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// The indices of the items on the page.
    pub(crate) range: Range<usize>,
    /// The token of the next page; `None` on the last page, and if the operation does not use tokens.
    next: Option<String>,
    total: usize,
}

impl Paging {
    pub(crate) fn of(root: &Value, operation: &Operation) -> Self {
        // The check has already rejected an invalid `x-paging`.
        if let Ok(Some(declared)) = declared::Paging::of(root, &operation.pointer) {
            let query_location = |query_location: declared::QueryLocation| QueryLocation {
                schema: schema_at(root, &query_location.schema),
                query_key: query_location.query_key,
                property: query_location.property,
            };
            return Self {
                size: declared.limit.map(query_location),
                start: Some((Start::Items, query_location(declared.skip))),
            };
        }
        let query = operation.parameters.iter();
        let query = query.filter(|parameter| parameter.location == Location::Query);
        let query_locations: Vec<QueryLocation> = query
            .flat_map(|parameter| query_locations(root, parameter))
            .collect();
        let find = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| {
                let mut query_locations = query_locations.iter();
                query_locations.find(|query_location| normalized(query_location.name()) == *name)
            });
            found.next().cloned()
        };
        let token = find(TOKENS).map(|query_location| (Start::Token, query_location));
        let items = || find(OFFSETS).map(|query_location| (Start::Items, query_location));
        let pages = || {
            find(PAGES)
                .map(|query_location| (Start::Pages(query_location.first_page()), query_location))
        };
        Self {
            size: find(SIZES),
            start: token.or_else(items).or_else(pages),
        }
    }

    /// Returns the requested page of `total` items, or all of them if the list is not paged.
    /// `list_name` identifies the list, so that its tokens are invalid for other lists.
    ///
    /// # Errors
    /// A problem (400) if a number is invalid or a token was not issued for this list.
    pub(crate) fn page(
        &self,
        received: &Received,
        seed: Seed,
        list_name: &str,
        total: usize,
    ) -> Result<Page, Problem> {
        let requested = match &self.size {
            Some(query_location) => query_location
                .number(received)?
                .or(query_location.default_size()),
            None => None,
        };
        let size = match (requested, &self.start) {
            (Some(size), _) => size,
            (None, None) => total,
            (None, Some(_)) => DEFAULT_SIZE,
        };
        let from = match &self.start {
            None => 0,
            Some((Start::Token, query_location)) => match query_location
                .text(received)
                .filter(|text| !text.is_empty())
            {
                Some(token) => decode_token(&token, seed, list_name).ok_or_else(|| {
                    query_location
                        .problem("is not a token of this list; use the token of the previous page")
                })?,
                None => 0,
            },
            Some((Start::Items, query_location)) => query_location.number(received)?.unwrap_or(0),
            Some((Start::Pages(first), query_location)) => {
                let page = query_location.number(received)?.unwrap_or(*first);
                page.saturating_sub(*first).saturating_mul(size)
            }
        };
        let from = from.min(total);
        let end = from.saturating_add(size).min(total);
        let tokens = matches!(self.start, Some((Start::Token, _)));
        // An empty page has no next page.
        let next =
            (tokens && end < total && end > from).then(|| encode_token(end, seed, list_name));
        Ok(Page {
            range: from..end,
            next,
            total,
        })
    }

    /// True if a query key selects the page.
    pub(crate) fn uses(&self, query_key: &str) -> bool {
        let start = self.start.iter().map(|(_, query_location)| query_location);
        start
            .chain(&self.size)
            .any(|query_location| query_location.query_key == query_key)
    }
}

/// Creates the token of the page after the first `offset` items.
fn encode_token(offset: usize, seed: Seed, list_name: &str) -> String {
    let checksum = seed.number(["page", list_name, &offset.to_string()]);
    format!("{offset:x}-{checksum:016x}")
}

fn decode_token(token: &str, seed: Seed, list_name: &str) -> Option<usize> {
    let (offset, _) = token.split_once('-')?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    (encode_token(offset, seed, list_name) == token).then_some(offset)
}

#[cfg(test)]
mod tests {
    use openapi_document::Pointer;
    use serde_json::json;

    use super::*;
    use crate::testing::{description, received, vendored};

    /// The paging of an operation with these query parameters.
    fn paging(parameters: Value) -> Paging {
        let description = description(json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": {"parameters": parameters, "responses": {}}}},
        }));
        Paging::of(description.root(), &description.operations()[0])
    }

    fn query(name: &str, schema: Value) -> Value {
        json!({"name": name, "in": "query", "schema": schema})
    }

    fn page(paging: &Paging, query: &str) -> Result<Page, Problem> {
        paging.page(
            &received("GET", &format!("/a?{query}"), &[], ""),
            Seed(1),
            "a",
            7,
        )
    }

    fn range(paging: &Paging, query: &str) -> Range<usize> {
        page(paging, query).expect("a page").range
    }

    #[test]
    fn page_tokens_lead_to_the_last_page_which_has_none() {
        let deep = json!([{"name": "page", "in": "query", "style": "deepObject", "schema": {"properties": {
            "size": {"type": "integer", "default": 3}, "nextToken": {"type": "string"},
        }}}]);
        let flat = json!([
            query("pageSize", json!({"default": 3})),
            query("pageToken", json!({}))
        ]);
        for (paging, token) in [
            (paging(deep), "page[nextToken]"),
            (paging(flat), "pageToken"),
        ] {
            let first = page(&paging, "").expect("a page");
            assert_eq!(first.range, 0..3);
            let second =
                page(&paging, &format!("{token}={}", first.next.expect("more"))).expect("a page");
            assert_eq!(second.range, 3..6);
            let last =
                page(&paging, &format!("{token}={}", second.next.expect("more"))).expect("a page");
            assert_eq!((last.range, last.next), (6..7, None));
        }
    }

    #[test]
    fn a_page_token_of_another_list_is_rejected() {
        let paging = paging(json!([
            query("limit", json!({"default": 3})),
            query("cursor", json!({}))
        ]));
        let token = page(&paging, "").expect("a page").next.expect("more");
        let other = encode_token(3, Seed(1), "b");
        assert_ne!(token, other);
        for token in [
            "3",
            "x-y",
            "4-0000000000000000",
            &other,
            &encode_token(3, Seed(2), "a"),
        ] {
            let problem = page(&paging, &format!("cursor={token}")).expect_err(token);
            assert_eq!(
                (problem.status.as_u16(), &*problem.violations[0].location),
                (400, "query cursor")
            );
        }
    }

    #[test]
    fn offsets_and_page_numbers_select_pages() {
        let offset = paging(json!([
            query("limit", json!({})),
            query("offset", json!({}))
        ]));
        assert_eq!(range(&offset, "limit=2&offset=5"), 5..7);
        assert_eq!(range(&offset, "offset=9"), 7..7);
        let pages = paging(json!([
            query("per_page", json!({"maximum": 4})),
            query("page", json!({}))
        ]));
        assert_eq!((range(&pages, ""), range(&pages, "page=2")), (0..4, 4..7));
        let zero = paging(json!([
            query("limit", json!({})),
            query("page", json!({"minimum": 0}))
        ]));
        assert_eq!(range(&zero, "limit=3&page=1"), 3..6);
        let mut filter = query("filter", json!({"type": "string"}));
        filter["example"] = json!("{\"limit\": 500, \"skip\": 0}");
        let filter = paging(json!([filter]));
        assert_eq!(
            range(&filter, "filter=%7B%22limit%22:2,+%22skip%22:1%7D"),
            1..3
        );
        assert_eq!(range(&paging(json!([query("name", json!({}))])), ""), 0..7);
        let problem = page(&offset, "limit=x").expect_err("no number");
        assert_eq!(
            problem.violations[0].reason,
            "is not a non-negative integer"
        );
        assert_eq!(page(&offset, "limit=0").expect("a page").range, 0..0);
    }

    #[test]
    fn lists_of_the_vendored_documents_are_recognized() {
        for (name, id, items) in [
            ("numspot", "ListRolesSpace", "items"),
            ("numspot", "ListOperations", "items"),
            ("alumio", "getTasks", "results"),
        ] {
            let description = vendored(name);
            let operation = description.operation(id).expect("an operation");
            let content = operation.response(200).expect("a response").content[0].schema_pointer();
            let list = List::of(description.root(), &content, "").expect("a list");
            assert_eq!(list.items, [items]);
            let paging = Paging::of(description.root(), operation);
            assert!(
                paging.size.is_some() && paging.start.is_some(),
                "{id}: {paging:?}"
            );
        }
    }

    #[test]
    fn x_paging_takes_precedence_over_names() {
        let filter = json!({ "name": "filter", "in": "query", "content": { "application/json": { "schema": {
            "properties": {
                "page": { "properties": { "from": { "type": "integer" } } },
                "limit": { "type": "integer", "default": 3 },
            },
        } } } });
        let page = json!({ "properties": {
            "items": { "type": "array", "items": {} },
            "about": { "properties": { "all": { "type": "integer" } } },
            "data": { "properties": { "rows": { "type": "array", "items": { "type": "integer" } } } },
        } });
        let served = |declared: Value| {
            description(json!({
                "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
                "paths": { "/a": { "get": {
                    "x-paging": declared,
                    "parameters": [filter],
                    "responses": { "200": { "description": "", "content": {
                        "application/json": { "schema": page },
                    } } },
                } } },
            }))
        };
        let described = served(json!({
            "skip": "filter.page.from", "limit": "filter.limit", "items": "data.rows", "total": "about.all",
        }));
        let operation = &described.operations()[0];
        let requested = Paging::of(described.root(), operation);
        assert_eq!(range(&requested, ""), 0..3);
        assert_eq!(
            range(
                &requested,
                "filter=%7B%22page%22:%7B%22from%22:2%7D,%22limit%22:2%7D"
            ),
            2..4
        );
        let declared = declared::Paging::of(described.root(), &operation.pointer);
        let list = List::declared(declared.expect("is right").expect("is there"));
        let second = Page {
            range: 3..4,
            next: None,
            total: 9,
        };
        assert_eq!(
            list.fill(json!({ "items": [] }), &second, vec![json!(7)]),
            json!({ "items": [], "data": { "rows": [7] }, "about": { "all": 9 } })
        );
        // A JSON parameter is also recognized by the names of its properties.
        let mut filter = filter.clone();
        filter["content"]["application/json"]["schema"]["properties"]["skip"] =
            json!({ "type": "integer" });
        let by_names = paging(json!([filter]));
        assert_eq!(range(&by_names, "filter=%7B%22skip%22:5%7D"), 5..7);
    }

    #[test]
    fn a_page_states_total_and_next_token() {
        let root = json!({"properties": {
            "users": {"type": "array", "items": {}}, "total": {}, "next_cursor": {}, "has_more": {},
        }});
        let list = List::of(&root, &Pointer::root(), "users").expect("a list");
        let page = Page {
            range: 0..1,
            next: Some("t".to_owned()),
            total: 2,
        };
        let body = list.fill(json!({"users": [3, 4]}), &page, vec![json!(1)]);
        assert_eq!(
            body,
            json!({"users": [1], "next_cursor": "t", "total": 2, "has_more": true})
        );
        let last = Page {
            range: 1..2,
            next: None,
            total: 2,
        };
        let body = list.fill(body, &last, vec![json!(2)]);
        assert_eq!(body, json!({"users": [2], "total": 2, "has_more": false}));
        assert_eq!(List::of(&root, &Pointer::root(), "roles"), None);
    }
}
