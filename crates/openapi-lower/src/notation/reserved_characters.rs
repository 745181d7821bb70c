//! Leaves `allowReserved` where it has an effect.
//!
//! Before: `{in: path, allowReserved: true, …}` in a document of OpenAPI 3.1, the same of a header in one of
//! any version.
//! After: neither has it; a query parameter keeps it, and in a document of OpenAPI 3.2 a path parameter, too.
//!
//! Up to OpenAPI 3.1 the keyword is for queries only (3.1.1, Parameter Object). From 3.2 on it is for every
//! place in which values are percent-encoded, which a header is not. A cookie has reserved characters as
//! they are anyway.

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
            Some("path") if is_for_queries_only => "up to OpenAPI 3.1 it is for queries only",
            Some("header") => "the value of a header is not percent-encoded",
            Some("cookie") => "a cookie has reserved characters as they are",
            _ => return,
        };
        if let Some(members) = value.as_object_mut() {
            members.shift_remove("allowReserved");
        }
        notes.add(&pointer.join("allowReserved"), "dropped", why);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;
    use serde_json::json;

    /// The places that keep the keyword, and how many notes say why the others do not.
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
    fn the_keyword_stays_where_the_version_of_the_document_has_it() {
        assert_eq!(kept("3.0.3"), (vec!["query"], 3));
        assert_eq!(kept("3.1.1"), (vec!["query"], 3));
        assert_eq!(kept("3.2.0"), (vec!["path", "query"], 2));
    }
}
