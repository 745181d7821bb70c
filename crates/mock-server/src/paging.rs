//! Lists that come in pages: how the caller says which page, and how the answer says what follows.
//!
//! An operation can say it with `x-paging` ([`openapi_document::paging`]). Of one that does not, the names
//! say it. Names are compared without regard to case, `_` and `-`; the order is that of preference.
//!
//! | what | names |
//! |---|---|
//! | size of a page | size, pagesize, perpage, limit, maxresults, first, top |
//! | start: a token | nexttoken, pagetoken, nextpagetoken, token, cursor, nextcursor, continuationtoken, marker, after |
//! | start: a number of items | offset, skip, start, startindex |
//! | start: a number of pages | page, pagenumber |
//! | items in the answer | items, data, results, values, entries, records, content, list; or as the path ends |
//! | token in the answer | nextpagetoken, nexttoken, nextcursor, cursor, continuationtoken, nextmarker |
//! | number of all items | totalsize, total, totalcount, totalitems, totalresults |
//! | whether there are more | hasmore, hasnext, hasnextpage |
//!
//! The caller's side is a query parameter; or a property of one that is an object (`page[size]`); or a
//! property of one that is JSON (`filter={"limit": 10}`): by its `content`, or a string whose example is a
//! JSON object.

use std::ops::Range;

use http::StatusCode;
use openapi_document::{Pointer, paging as said};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::description::{Location, Operation, Parameter};
use crate::members::{Member, Members, plain, resolved};
use crate::received::Received;
use crate::reply::{Problem, Violation};
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
const ITEMS: &[&str] = &[
    "items", "data", "results", "values", "entries", "records", "content", "list",
];
const NEXT: &[&str] = &[
    "nextpagetoken",
    "nexttoken",
    "nextcursor",
    "cursor",
    "continuationtoken",
    "nextmarker",
];
const TOTALS: &[&str] = &[
    "totalsize",
    "total",
    "totalcount",
    "totalitems",
    "totalresults",
];
const MORE: &[&str] = &["hasmore", "hasnext", "hasnextpage"];

/// The size of a page where neither the caller nor the document says one.
const USUAL_SIZE: usize = 20;

/// Where the answer of a list has its items and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    /// The properties that lead to the items; none if the response is the array itself.
    items: Vec<String>,
    /// Where the schema of an item stands.
    pub(crate) item: Pointer,
    next: Option<String>,
    /// The properties that lead to the number of all items.
    total: Option<Vec<String>>,
    more: Option<String>,
}

impl List {
    /// That of an operation which says how it is paged.
    pub(crate) fn said(paging: said::Paging) -> Self {
        Self {
            items: paging.items,
            item: paging.list.join("items"),
            next: None,
            total: paging.total,
            more: None,
        }
    }

    /// That of an answer whose schema stands at `pointer`; `last` is the last word of the path.
    pub(crate) fn of(root: &Value, pointer: &Pointer, last: &str) -> Option<Self> {
        let item = |array: &Pointer| {
            let array = resolved(root, array);
            let is_array = array.get(root)?.get("type").is_some_and(|of| of == "array");
            is_array.then(|| array.join("items"))
        };
        if let Some(item) = item(pointer) {
            return Some(Self {
                items: Vec::new(),
                item,
                next: None,
                total: None,
                more: None,
            });
        }
        let members = Members::of(root, pointer);
        let own = plain(last);
        let names = ITEMS.iter().copied().chain([own.as_str()]);
        let mut arrays = names.filter_map(|name| {
            let member = named(&members, name)?;
            Some((member.name.clone(), item(&member.pointer)?))
        });
        let (items, item) = arrays.next()?;
        let one_of = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| named(&members, name));
            found.next().map(|member| member.name.clone())
        };
        Some(Self {
            items: vec![items],
            item,
            next: one_of(NEXT),
            total: one_of(TOTALS).map(|name| vec![name]),
            more: one_of(MORE),
        })
    }

    /// The answer with these items in the place of its own.
    pub(crate) fn answer(&self, mut answer: Value, page: &Page, items: Vec<Value>) -> Value {
        if self.items.is_empty() {
            return Value::Array(items);
        }
        put(&mut answer, &self.items, Value::Array(items));
        if let Some(names) = &self.total {
            put(&mut answer, names, json!(page.total));
        }
        let Some(members) = answer.as_object_mut() else {
            return answer;
        };
        if let Some(name) = &self.next {
            match &page.next {
                Some(next) => members.insert(name.clone(), json!(next)),
                None => members.remove(name),
            };
        }
        if let Some(name) = &self.more {
            members.insert(name.clone(), json!(page.range.end < page.total));
        }
        answer
    }
}

/// Puts a value at the place that `names` lead to, through objects that are made where there are none.
fn put(answer: &mut Value, names: &[String], value: Value) {
    let mut place = answer;
    for name in names {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name.as_str()];
    }
    *place = value;
}

fn named<'a>(members: &'a Members, name: &str) -> Option<&'a Member> {
    members
        .named
        .iter()
        .find(|member| plain(&member.name) == name)
}

/// How the caller of an operation says which page it wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paging {
    size: Option<Spot>,
    start: Option<(Start, Spot)>,
}

/// What the start of a page is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Token,
    Items,
    /// Pages; the number of the first one.
    Pages(usize),
}

/// Where in the query a value stands.
#[derive(Debug, Clone)]
struct Spot {
    /// The name of the pair.
    pair: String,
    /// The properties that lead to it in the JSON that is the value of the pair; none for the value itself.
    property: Vec<String>,
    schema: Value,
}

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Which of all items are on it.
    pub(crate) range: Range<usize>,
    /// The token of the next one; `None` on the last, and where the caller has no use for tokens.
    next: Option<String>,
    total: usize,
}

impl Paging {
    pub(crate) fn of(root: &Value, operation: &Operation) -> Self {
        // What the check refuses is not served.
        if let Ok(Some(said)) = said::Paging::of(root, &operation.pointer) {
            let spot = |spot: said::Spot| Spot {
                schema: schema_at(root, &spot.schema),
                pair: spot.pair,
                property: spot.property,
            };
            return Self {
                size: said.limit.map(spot),
                start: Some((Start::Items, spot(said.skip))),
            };
        }
        let query = operation.parameters.iter();
        let query = query.filter(|parameter| parameter.location == Location::Query);
        let spots: Vec<Spot> = query.flat_map(|parameter| spots(root, parameter)).collect();
        let find = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| {
                let mut spots = spots.iter();
                spots.find(|spot| plain(spot.name()) == *name)
            });
            found.next().cloned()
        };
        let token = find(TOKENS).map(|spot| (Start::Token, spot));
        let items = || find(OFFSETS).map(|spot| (Start::Items, spot));
        let pages = || find(PAGES).map(|spot| (Start::Pages(spot.first_page()), spot));
        Self {
            size: find(SIZES),
            start: token.or_else(items).or_else(pages),
        }
    }

    /// The page of `total` items that a request asks for; all of them where there is no paging.
    /// `purpose` says what the list is, so that a token is good for no other list.
    ///
    /// # Errors
    /// A problem (400) if a number is none, or a token was not issued for this list.
    pub(crate) fn page(
        &self,
        received: &Received,
        seed: Seed,
        purpose: &str,
        total: usize,
    ) -> Result<Page, Problem> {
        let asked = match &self.size {
            Some(spot) => spot.number(received)?.or(spot.default_size()),
            None => None,
        };
        let size = match (asked, &self.start) {
            (Some(size), _) => size,
            (None, None) => total,
            (None, Some(_)) => USUAL_SIZE,
        };
        let from = match &self.start {
            None => 0,
            Some((Start::Token, spot)) => match spot.text(received).filter(|text| !text.is_empty())
            {
                Some(token) => opened(&token, seed, purpose).ok_or_else(|| {
                    spot.refused("is no token of this list: take it from the page before")
                })?,
                None => 0,
            },
            Some((Start::Items, spot)) => spot.number(received)?.unwrap_or(0),
            Some((Start::Pages(first), spot)) => {
                let page = spot.number(received)?.unwrap_or(*first);
                page.saturating_sub(*first).saturating_mul(size)
            }
        };
        let from = from.min(total);
        let end = from.saturating_add(size).min(total);
        let tokens = matches!(self.start, Some((Start::Token, _)));
        // A page of no items leads nowhere.
        let next = (tokens && end < total && end > from).then(|| sealed(end, seed, purpose));
        Ok(Page {
            range: from..end,
            next,
            total,
        })
    }

    /// Whether a pair of the query says which page is wanted.
    pub(crate) fn reads(&self, pair: &str) -> bool {
        let start = self.start.iter().map(|(_, spot)| spot);
        start.chain(&self.size).any(|spot| spot.pair == pair)
    }
}

/// A token for what follows the first `offset` items.
fn sealed(offset: usize, seed: Seed, purpose: &str) -> String {
    let seal = seed.number(["page", purpose, &offset.to_string()]);
    format!("{offset:x}-{seal:016x}")
}

fn opened(token: &str, seed: Seed, purpose: &str) -> Option<usize> {
    let (offset, _) = token.split_once('-')?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    (sealed(offset, seed, purpose) == token).then_some(offset)
}

/// The values that a query parameter holds: itself, or its members.
fn spots(root: &Value, parameter: &Parameter) -> Vec<Spot> {
    let name = &parameter.name;
    let members = Members::of(root, &parameter.schema_pointer).named;
    if !members.is_empty() {
        let spot = |member: Member| {
            let (pair, property) = match (&parameter.content, &*parameter.style) {
                (Some(_), _) => (name.clone(), vec![member.name]),
                (None, "deepObject") => (format!("{name}[{}]", member.name), Vec::new()),
                (None, _) => (member.name, Vec::new()),
            };
            Spot {
                pair,
                property,
                schema: schema_at(root, &member.pointer),
            }
        };
        return members.into_iter().map(spot).collect();
    }
    let object = json_example(root, parameter);
    if let Some(object) = object.as_ref().and_then(Value::as_object) {
        let spot = |member: &String| Spot {
            pair: name.clone(),
            property: vec![member.clone()],
            schema: Value::Null,
        };
        return object.keys().map(spot).collect();
    }
    let schema = schema_at(root, &parameter.schema_pointer);
    vec![Spot {
        pair: name.clone(),
        property: Vec::new(),
        schema,
    }]
}

fn schema_at(root: &Value, pointer: &Pointer) -> Value {
    resolved(root, pointer)
        .get(root)
        .cloned()
        .unwrap_or_default()
}

/// The JSON that the example of a text parameter is the text of.
fn json_example(root: &Value, parameter: &Parameter) -> Option<Value> {
    let place = parameter.pointer.get(root)?;
    let example = place
        .get("example")
        .or_else(|| parameter.schema.get("example"))?;
    serde_json::from_str(example.as_str()?).ok()
}

impl Spot {
    fn name(&self) -> &str {
        let property = self.property.last().map(String::as_str);
        property.unwrap_or_else(|| match self.pair.rsplit_once('[') {
            Some((_, member)) => member.trim_end_matches(']'),
            None => &self.pair,
        })
    }

    fn text(&self, received: &Received) -> Option<String> {
        let (_, value) = pairs(received).find(|(name, _)| *name == self.pair)?;
        if self.property.is_empty() {
            return Some(value);
        }
        let mut value: Value = serde_json::from_str(&value).ok()?;
        for name in &self.property {
            value = value.get_mut(name)?.take();
        }
        match value {
            Value::String(text) => Some(text),
            value => Some(value.to_string()),
        }
    }

    fn number(&self, received: &Received) -> Result<Option<usize>, Problem> {
        let text = self.text(received).filter(|text| !text.is_empty());
        let number = text.map(|text| text.parse());
        number
            .transpose()
            .map_err(|_| self.refused("is not a number of items"))
    }

    fn default_size(&self) -> Option<usize> {
        let number = |keyword: &str| usize::try_from(self.schema.get(keyword)?.as_u64()?).ok();
        number("default").or_else(|| number("maximum").map(|most| most.min(USUAL_SIZE)))
    }

    /// Pages count from 1 unless the document says otherwise.
    fn first_page(&self) -> usize {
        let number = |keyword: &str| self.schema.get(keyword).and_then(Value::as_u64);
        usize::from(number("default").or(number("minimum")) != Some(0))
    }

    fn refused(&self, reason: &str) -> Problem {
        let place = match self.property.as_slice() {
            [] => format!("query {}", self.pair),
            property => format!("query {} /{}", self.pair, property.join("/")),
        };
        let violation = Violation {
            place,
            reason: reason.to_owned(),
            pointer: None,
        };
        let detail = "There is no such page.";
        Problem {
            violations: vec![violation],
            ..Problem::new(StatusCode::BAD_REQUEST, "No such page", detail)
        }
    }
}

/// The pairs of a query, decoded.
pub(crate) fn pairs(received: &Received) -> impl Iterator<Item = (String, String)> {
    let query = received.query.as_deref().unwrap_or_default();
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

#[cfg(test)]
mod tests {
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
    fn tokens_lead_through_the_pages_and_the_last_has_none() {
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
    fn a_token_that_was_not_issued_for_the_list_is_refused() {
        let paging = paging(json!([
            query("limit", json!({"default": 3})),
            query("cursor", json!({}))
        ]));
        let token = page(&paging, "").expect("a page").next.expect("more");
        let other = sealed(3, Seed(1), "b");
        assert_ne!(token, other);
        for token in [
            "3",
            "x-y",
            "4-0000000000000000",
            &other,
            &sealed(3, Seed(2), "a"),
        ] {
            let problem = page(&paging, &format!("cursor={token}")).expect_err(token);
            assert_eq!(
                (problem.status.as_u16(), &*problem.violations[0].place),
                (400, "query cursor")
            );
        }
    }

    #[test]
    fn pages_are_counted_as_the_parameters_say() {
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
        assert_eq!(problem.violations[0].reason, "is not a number of items");
        assert_eq!(page(&offset, "limit=0").expect("a page").range, 0..0);
    }

    #[test]
    fn the_lists_of_the_vendored_documents_are_known() {
        for (name, id, items) in [
            ("numspot", "ListRolesSpace", "items"),
            ("numspot", "ListOperations", "items"),
            ("alumio", "getTasks", "results"),
        ] {
            let description = vendored(name);
            let operation = description.operation(id).expect("an operation");
            let content = operation.answer(200).expect("an answer").content[0].schema_pointer();
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
    fn what_an_operation_says_of_its_pages_goes_before_names() {
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
        let served = |said: Value| {
            description(json!({
                "openapi": "3.1.0", "info": { "title": "t", "version": "1" },
                "paths": { "/a": { "get": {
                    "x-paging": said,
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
        let asked = Paging::of(described.root(), operation);
        assert_eq!(range(&asked, ""), 0..3);
        assert_eq!(
            range(
                &asked,
                "filter=%7B%22page%22:%7B%22from%22:2%7D,%22limit%22:2%7D"
            ),
            2..4
        );
        let said = said::Paging::of(described.root(), &operation.pointer);
        let list = List::said(said.expect("is right").expect("is there"));
        let second = Page {
            range: 3..4,
            next: None,
            total: 9,
        };
        assert_eq!(
            list.answer(json!({ "items": [] }), &second, vec![json!(7)]),
            json!({ "items": [], "data": { "rows": [7] }, "about": { "all": 9 } })
        );
        // By its names, a parameter of JSON is paged too.
        let mut filter = filter.clone();
        filter["content"]["application/json"]["schema"]["properties"]["skip"] =
            json!({ "type": "integer" });
        let by_names = paging(json!([filter]));
        assert_eq!(range(&by_names, "filter=%7B%22skip%22:5%7D"), 5..7);
    }

    #[test]
    fn an_answer_says_what_follows() {
        let root = json!({"properties": {
            "users": {"type": "array", "items": {}}, "total": {}, "next_cursor": {}, "has_more": {},
        }});
        let list = List::of(&root, &Pointer::root(), "users").expect("a list");
        let page = Page {
            range: 0..1,
            next: Some("t".to_owned()),
            total: 2,
        };
        let answer = list.answer(json!({"users": [3, 4]}), &page, vec![json!(1)]);
        assert_eq!(
            answer,
            json!({"users": [1], "next_cursor": "t", "total": 2, "has_more": true})
        );
        let last = Page {
            range: 1..2,
            next: None,
            total: 2,
        };
        let answer = list.answer(answer, &last, vec![json!(2)]);
        assert_eq!(answer, json!({"users": [2], "total": 2, "has_more": false}));
        assert_eq!(List::of(&root, &Pointer::root(), "roles"), None);
    }
}
