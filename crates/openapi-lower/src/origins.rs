//! Maps locations of the lowered document to locations of the original document.
//!
//! Passes name schemas, merge parts, resolve references and copy operations. A note of a late pass about
//! `#/components/schemas/SpaceOwner/minimum` refers to
//! `#/components/schemas/Space/properties/owner/minimum` in the original document. Passes record the
//! locations that they create; merging and resolving can be derived from the document.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

/// The origins of the locations of a lowered document.
#[derive(Debug, Clone, Default)]
pub struct Origins(BTreeMap<Pointer, Vec<Pointer>>);

impl Origins {
    /// The origin of a location of the lowered document in the original `document`, or of the nearest
    /// enclosing location that has one.
    pub fn of(&self, document: &Value, place: &Pointer) -> Pointer {
        self.found(document, place).0
    }

    /// Records that `place` was created from `sources`, which are locations before the pass.
    pub(crate) fn record(&mut self, place: &Pointer, sources: &[Pointer]) {
        for source in sources {
            for (inside, origins) in self.inside(source) {
                self.0.insert(inside.below(place), origins);
            }
        }
        let before = sources.iter().flat_map(|source| self.before(source));
        let before = before.collect();
        self.0.insert(place.clone(), before);
    }

    /// Records that the content of the second location of each pair has moved to the first.
    pub(crate) fn put(&mut self, moved: Vec<(Pointer, Pointer)>) {
        let moved: Vec<_> = moved
            .into_iter()
            .map(|(place, source)| (place, self.before(&source)))
            .collect();
        self.0.extend(moved);
    }

    /// The recorded locations inside `outer`.
    fn inside(&self, outer: &Pointer) -> Vec<(Pointer, Vec<Pointer>)> {
        // Pointers that start with this one and a slash are adjacent.
        self.0
            .range(outer.join("")..)
            .map_while(|(place, origins)| Some((place.within(outer)?, origins.clone())))
            .collect()
    }

    /// The recorded sources of `place`, most likely first, or `place` itself.
    pub(crate) fn before(&self, place: &Pointer) -> Vec<Pointer> {
        // The number of sources is limited, because it can grow exponentially.
        const MOST: usize = 16;
        let mut outer = Some(place.clone());
        while let Some(around) = outer {
            if let (Some(sources), Some(inside)) = (self.0.get(&around), place.within(&around)) {
                let branch = in_branch(&inside).filter(|_| sources.len() > 1);
                let insides = branch.iter().chain([&inside]);
                return insides
                    .flat_map(|inside| sources.iter().map(|source| inside.below(source)))
                    .take(MOST)
                    .collect();
            }
            outer = around.parent();
        }
        vec![place.clone()]
    }

    /// The origin of `place` in the original document. The flag is true if it is exact, and false if it is
    /// only the nearest enclosing location that exists.
    pub(crate) fn found(&self, document: &Value, place: &Pointer) -> (Pointer, bool) {
        let candidates = self.before(place);
        for depth in 0.. {
            for candidate in &candidates {
                let mut tokens: Vec<String> = candidate.tokens().collect();
                let Some(kept) = tokens.len().checked_sub(depth) else {
                    return (Pointer::root(), place == &Pointer::root());
                };
                tokens.truncate(kept);
                let mut search = Search {
                    document,
                    seen: BTreeSet::new(),
                };
                if let Some(found) = search.find(&Pointer::root(), document, &tokens) {
                    return (found, depth == 0);
                }
            }
        }
        unreachable!("the loop ends at the root of the document");
    }
}

/// The rest of a pointer that leads into a branch, after the branch. Merging can turn several sources into
/// a choice.
fn in_branch(inside: &Pointer) -> Option<Pointer> {
    let tokens: Vec<String> = inside.tokens().collect();
    match tokens.as_slice() {
        [keyword, _, rest @ ..] if keyword == "oneOf" => Some(Pointer::of(rest)),
        _ => None,
    }
}

/// Searches for a location through references, parts and status ranges.
struct Search<'a> {
    document: &'a Value,
    /// The number of tokens for which a location was already searched.
    seen: BTreeSet<(Pointer, usize)>,
}

impl Search<'_> {
    fn find(&mut self, at: &Pointer, value: &Value, tokens: &[String]) -> Option<Pointer> {
        let Some((token, rest)) = tokens.split_first() else {
            return Some(at.clone());
        };
        if !self.seen.insert((at.clone(), tokens.len())) {
            return None;
        }
        let inside = at.join(token);
        if let Some(child) = Pointer::of([token]).get(value)
            && let Some(found) = self.find(&inside, child, rest)
        {
            return Some(found);
        }
        self.find_behind_reference(value, tokens)
            .or_else(|| self.find_in_parts(at, value, tokens))
            .or_else(|| self.find_beside(at, value, rest))
            .or_else(|| match in_branch(&Pointer::of(tokens)) {
                // A choice of the schemas that several objects have for a property.
                Some(inside) if value.get("oneOf").is_none() => {
                    let rest: Vec<String> = inside.tokens().collect();
                    self.find(at, value, &rest)
                }
                _ => None,
            })
    }

    fn find_behind_reference(&mut self, value: &Value, tokens: &[String]) -> Option<Pointer> {
        let target = value.get("$ref").and_then(Value::as_str)?;
        let target = Pointer::parse(target)?;
        let value = target.get(self.document)?;
        self.find(&target, value, tokens)
    }

    fn find_in_parts(&mut self, at: &Pointer, value: &Value, tokens: &[String]) -> Option<Pointer> {
        ["allOf", "oneOf", "anyOf"].iter().find_map(|keyword| {
            let parts = value.get(keyword)?.as_array()?;
            let at = at.join(keyword);
            parts.iter().enumerate().find_map(|(index, part)| {
                let at = at.join(index);
                self.find(&at, part, tokens)
            })
        })
    }

    /// Searches another media type, the default response, or another branch.
    fn find_beside(&mut self, at: &Pointer, value: &Value, rest: &[String]) -> Option<Pointer> {
        match (at.tokens().last()?.as_str(), value) {
            ("content", Value::Object(media_types)) => {
                media_types.iter().find_map(|(name, child)| {
                    let at = at.join(name);
                    self.find(&at, child, rest)
                })
            }
            ("responses", Value::Object(_)) => {
                let at = at.join("default");
                self.find(&at, value.get("default")?, rest)
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(branches)) => {
                branches.iter().enumerate().find_map(|(index, branch)| {
                    let at = at.join(index);
                    self.find(&at, branch, rest)
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn assert_found(origins: &Origins, document: &Value, place: &str, expected: (&str, bool)) {
        let place = Pointer::parse(place).expect("is a pointer");
        let (found, exact) = origins.found(document, &place);
        assert_eq!((found.as_str(), exact), expected);
    }

    #[test]
    fn the_origin_is_found_through_several_passes() {
        let document = json!({
            "paths": { "/a": { "get": { "responses": {
                "default": { "$ref": "#/components/responses/Bad" },
            } } } },
            "components": {
                "responses": { "Bad": { "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Space" },
                } } } },
                "schemas": {
                    "Part": { "properties": { "owner": { "minimum": 1 } } },
                    "Space": { "allOf": [
                        { "$ref": "#/components/schemas/Space" },
                        { "$ref": "#/components/schemas/Part" },
                    ] },
                },
            },
        });
        let schema = |name: &str| Pointer::of(["components", "schemas", name]);
        let mut origins = Origins::default();
        let owner = schema("Space").join("properties").join("owner");
        origins.record(&schema("SpaceOwner"), &[owner]);
        origins.record(&schema("SpaceOwnerOutput"), &[schema("SpaceOwner")]);
        let get = Pointer::of(["paths", "/a", "get"]);
        let bad = get.join("responses").join("default");
        origins.record(&get.join("responses").join("5XX"), &[bad]);
        origins.record(&Pointer::of(["paths", "/a#as-text", "get"]), &[get]);
        let minimum = "/components/schemas/Part/properties/owner/minimum";
        for (place, expected) in [
            (
                "/components/schemas/SpaceOwnerOutput/minimum",
                (minimum, true),
            ),
            (
                "/paths/~1a#as-text/get/responses/5XX/content/application~1json/schema/properties/owner/minimum",
                (minimum, true),
            ),
            (
                "/components/schemas/SpaceOwner/maximum",
                ("/components/schemas/Part/properties/owner", false),
            ),
            ("/components/schemas/Gone", ("/components/schemas", false)),
            ("", ("", true)),
        ] {
            assert_found(&origins, &document, place, expected);
        }
    }

    #[test]
    fn the_source_that_contains_the_location_is_found() {
        let document = json!({ "components": { "schemas": {
            "Error": { "properties": { "title": {} } },
            "BadRequest": { "properties": { "violations": {} } },
        } } });
        let schema = |name: &str| Pointer::of(["components", "schemas", name]);
        let mut origins = Origins::default();
        origins.record(&schema("Error"), &[schema("Error"), schema("BadRequest")]);
        for name in ["title", "violations"] {
            let place = schema("Error").join("properties").join(name);
            let (_, exact) = origins.found(&document, &place);
            assert!(exact, "{name}");
        }
    }
}
