//! Which place of a document, as it was found, a place of the document in the making comes from.
//!
//! Passes name schemas, merge parts, put references out and copy operations, so what a late pass notes
//! at `#/components/schemas/SpaceOwner/minimum` its reader has to look for at
//! `#/components/schemas/Space/properties/owner/minimum`. A pass that makes a place of others says so;
//! what merging and resolving did can be seen in the document itself.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

/// What passes made places of.
#[derive(Debug, Default)]
pub(crate) struct Origins(BTreeMap<Pointer, Vec<Pointer>>);

impl Origins {
    /// Remembers that `place` was made of what stood at `sources`, in the document as the pass found
    /// it.
    pub(crate) fn remember(&mut self, place: &Pointer, sources: &[Pointer]) {
        for source in sources {
            for (inside, origins) in self.inside(source) {
                self.0.insert(inside.below(place), origins);
            }
        }
        let before = sources.iter().flat_map(|source| self.before(source));
        let before = before.collect();
        self.0.insert(place.clone(), before);
    }

    /// Remembers that what stood at the second place of each pair stands at the first now, all at once.
    pub(crate) fn put(&mut self, moved: Vec<(Pointer, Pointer)>) {
        let moved: Vec<_> = moved
            .into_iter()
            .map(|(place, source)| (place, self.before(&source)))
            .collect();
        self.0.extend(moved);
    }

    /// What is remembered of places inside `outer`.
    fn inside(&self, outer: &Pointer) -> Vec<(Pointer, Vec<Pointer>)> {
        // What begins with the pointer and a slash stands side by side.
        self.0
            .range(outer.join("")..)
            .map_while(|(place, origins)| Some((place.within(outer)?, origins.clone())))
            .collect()
    }

    /// The places that `place` was made of, likeliest first, by what passes have said; else itself.
    pub(crate) fn before(&self, place: &Pointer) -> Vec<Pointer> {
        // What is made of several, of which each was, would soon be made of too many.
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

    /// The place in the document as it was found that `place` comes from, and whether it is that very
    /// place and not only the nearest one around it that is there.
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
        unreachable!("the loop ends at the document itself");
    }
}

/// The way on from a branch, of a way that leads into one: what was made of several may be a choice of
/// them.
fn in_branch(inside: &Pointer) -> Option<Pointer> {
    let tokens: Vec<String> = inside.tokens().collect();
    match tokens.as_slice() {
        [keyword, _, rest @ ..] if keyword == "oneOf" => Some(Pointer::of(rest)),
        _ => None,
    }
}

/// Looks for a place through what passes take out: references, parts, ranges of answers.
struct Search<'a> {
    document: &'a Value,
    /// Where it has looked for how many tokens already.
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
        if let Some(member) = Pointer::of([token]).get(value)
            && let Some(found) = self.find(&inside, member, rest)
        {
            return Some(found);
        }
        self.find_behind_reference(value, tokens)
            .or_else(|| self.find_in_parts(at, value, tokens))
            .or_else(|| self.find_beside(at, value, rest))
            .or_else(|| match in_branch(&Pointer::of(tokens)) {
                // A choice that was made of what several objects say of a member.
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

    /// Another media type, the answer for all that are not listed, another branch.
    fn find_beside(&mut self, at: &Pointer, value: &Value, rest: &[String]) -> Option<Pointer> {
        match (at.tokens().last()?.as_str(), value) {
            ("content", Value::Object(members)) => members.iter().find_map(|(name, member)| {
                let at = at.join(name);
                self.find(&at, member, rest)
            }),
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
    fn a_place_is_found_through_all_that_was_made_of_it() {
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
        origins.remember(&schema("SpaceOwner"), &[owner]);
        origins.remember(&schema("SpaceOwnerOutput"), &[schema("SpaceOwner")]);
        let get = Pointer::of(["paths", "/a", "get"]);
        let bad = get.join("responses").join("default");
        origins.remember(&get.join("responses").join("5XX"), &[bad]);
        origins.remember(&Pointer::of(["paths", "/a#as-text", "get"]), &[get]);
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
    fn of_several_sources_the_one_that_has_the_place_is_found() {
        let document = json!({ "components": { "schemas": {
            "Error": { "properties": { "title": {} } },
            "BadRequest": { "properties": { "violations": {} } },
        } } });
        let schema = |name: &str| Pointer::of(["components", "schemas", name]);
        let mut origins = Origins::default();
        origins.remember(&schema("Error"), &[schema("Error"), schema("BadRequest")]);
        for name in ["title", "violations"] {
            let place = schema("Error").join("properties").join(name);
            let (_, exact) = origins.found(&document, &place);
            assert!(exact, "{name}");
        }
    }
}
