//! Removes `allowReserved` where it has no effect.
//!
//! Before: `{in: path, allowReserved: true, …}` in an OpenAPI 3.1 document, or
//! `{in: header, allowReserved: true, …}` in any document.
//! After: neither has the keyword. Query parameters keep it, as do path parameters in OpenAPI 3.2
//! documents.
//!
//! Until OpenAPI 3.1 the keyword only applies to queries (3.1.1, Parameter Object). From 3.2 on it applies
//! wherever values are percent-encoded, which excludes headers. Cookies are sent with reserved characters
//! in any case.

use openapi_document::walk::{Kind, visit_mut};
use serde_json::Value;

use crate::{Notes, Pass};

pub(crate) const PASS: Pass = Pass {
    name: "reserved-characters",
    run,
};

fn run(root: &mut Value, notes: &mut Notes) {
    let version = root["openapi"].as_str().unwrap_or_default();
    let is_for_queries_only = ["3.0", "3.1"].iter().any(|old| version.starts_with(old));
    visit_mut(root, &mut |kind, pointer, value| {
        if kind != Kind::Parameter || value["allowReserved"] != true {
            return;
        }
        let why = match value["in"].as_str() {
            Some("path") if is_for_queries_only => "it only applies to queries until OpenAPI 3.1",
            Some("header") => "header values are not percent-encoded",
            Some("cookie") => "cookies are sent with reserved characters in any case",
            _ => return,
        };
        if let Some(object) = value.as_object_mut() {
            object.shift_remove("allowReserved");
        }
        notes.add(&pointer.join("allowReserved"), "removed the keyword", why);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    /// The locations that keep the keyword, and the number of notes.
    fn kept(version: &str) -> (Vec<&'static str>, usize) {
        let places = ["path", "query", "header", "cookie"];
        let parameters =
            places.map(|place| json!({ "name": "a", "in": place, "allowReserved": true }));
        let document = json!({
            "openapi": version,
            "paths": { "/{a}": { "get": { "parameters": parameters } } },
        });
        let (after, notes) = run(&PASS, document);
        let after = &after["paths"]["/{a}"]["get"]["parameters"];
        let kept = places.iter().enumerate();
        let kept = kept.filter(|(index, _)| after[*index]["allowReserved"] == true);
        (kept.map(|(_, place)| *place).collect(), notes.len())
    }

    #[test]
    fn the_keyword_is_kept_where_the_version_of_the_document_allows_it() {
        assert_eq!(kept("3.0.3"), (vec!["query"], 3));
        assert_eq!(kept("3.1.1"), (vec!["query"], 3));
        assert_eq!(kept("3.2.0"), (vec!["path", "query"], 2));
    }
}
