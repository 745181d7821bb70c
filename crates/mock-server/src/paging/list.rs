//! The items and the paging metadata in the response of a list.

use openapi_document::{Pointer, paging as declared};
use serde_json::{Value, json};

use super::Page;
use crate::properties::{Properties, Property, normalized};

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

/// The locations of the items and of the paging metadata in the response of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    /// The property path to the items; empty if the response is the array.
    pub(super) items: Vec<String>,
    /// The location of the schema of an item.
    pub(crate) item: Pointer,
    next: Option<String>,
    /// The property path to the total number of items.
    total: Option<Vec<String>>,
    more: Option<String>,
}

impl List {
    /// Creates the list of an operation with `x-paging`.
    pub(crate) fn declared(paging: declared::Paging) -> Self {
        Self {
            items: paging.items,
            item: paging.array_schema.join("items"),
            next: None,
            total: paging.total,
            more: None,
        }
    }

    /// Recognizes a list by names. `pointer` is the location of the response schema; `last` is the last
    /// word of the path.
    pub(crate) fn of(root: &Value, pointer: &Pointer, last: &str) -> Option<Self> {
        let item = |array: &Pointer| {
            let array = array.resolved(root);
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
        let properties = Properties::of(root, pointer);
        let own = normalized(last);
        let names = ITEMS.iter().copied().chain([own.as_str()]);
        let mut arrays = names.filter_map(|name| {
            let property = named(&properties, name)?;
            Some((property.name.clone(), item(&property.pointer)?))
        });
        let (items, item) = arrays.next()?;
        let one_of = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| named(&properties, name));
            found.next().map(|property| property.name.clone())
        };
        Some(Self {
            items: vec![items],
            item,
            next: one_of(NEXT),
            total: one_of(TOTALS).map(|name| vec![name]),
            more: one_of(MORE),
        })
    }

    /// Returns `body` with its items and paging metadata replaced.
    pub(crate) fn fill(&self, mut body: Value, page: &Page, items: Vec<Value>) -> Value {
        if self.items.is_empty() {
            return Value::Array(items);
        }
        set_at(&mut body, &self.items, Value::Array(items));
        if let Some(names) = &self.total {
            set_at(&mut body, names, json!(page.total));
        }
        let Some(properties) = body.as_object_mut() else {
            return body;
        };
        if let Some(name) = &self.next {
            match &page.next {
                Some(next) => properties.insert(name.clone(), json!(next)),
                None => properties.remove(name),
            };
        }
        if let Some(name) = &self.more {
            properties.insert(name.clone(), json!(page.range.end < page.total));
        }
        body
    }
}

/// Sets the value at a property path; creates objects where they are missing.
fn set_at(body: &mut Value, names: &[String], value: Value) {
    let mut target = body;
    for name in names {
        if !target.is_object() {
            *target = json!({});
        }
        target = &mut target[name.as_str()];
    }
    *target = value;
}

fn named<'a>(properties: &'a Properties, name: &str) -> Option<&'a Property> {
    properties
        .named
        .iter()
        .find(|property| normalized(&property.name) == name)
}
