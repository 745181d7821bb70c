//! Routing: matches a path to the path templates, segment by segment.
//!
//! At the first segment in which templates differ, a literal takes precedence over a parameter. The
//! path is split into segments before decoding, so that `%2F` does not split.

use std::collections::HashMap;

use http::Method;
use openapi_document::{Segment, nearest_name};

use crate::validation::decoded;
use crate::{Description, Location};

/// The path templates of a document, as a tree.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    root: Node,
    templates: Vec<Template>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    /// In the order of matching.
    patterns: Vec<(Segment, Node)>,
    /// The template that ends at this node.
    template: Option<usize>,
}

#[derive(Debug)]
struct Template {
    path: String,
    segments: Vec<Segment>,
    /// Method, index of the operation in the description, and names of the path parameters.
    operations: Vec<(Method, usize, Vec<String>)>,
}

/// The result of routing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// An operation.
    Operation {
        /// The index in the description.
        index: usize,
        /// The undecoded values of the path parameters, by name.
        path_values: Vec<(String, String)>,
        /// Other values, where a segment has several parameters and can be split in several ways.
        others: Vec<Vec<(String, String)>>,
    },
    /// The path exists, but not with this method.
    NoMethod {
        /// The methods that exist.
        allowed: Vec<Method>,
    },
    /// No path matches.
    NoPath {
        /// The most similar template, with its base path.
        nearest: Option<String>,
    },
}

impl Routes {
    /// Adds the templates of all operations, with their base paths.
    pub(crate) fn of(description: &Description) -> Self {
        let mut routes = Self::default();
        let operations = description.operations().iter().enumerate();
        // A client with a custom base URL also sends operations that have their own server to this URL.
        let bases = operations.flat_map(|(index, operation)| {
            let own = (index, operation, operation.base_path.as_str());
            let shared = (index, operation, description.base_path());
            std::iter::once(own).chain((own.2 != shared.2).then_some(shared))
        });
        for (index, operation, base) in bases {
            let path = format!("{base}{}", operation.path);
            let mut names = Vec::new();
            let mut node = &mut routes.root;
            let may_be_empty = |name: &str| {
                let mut parameters = operation.parameters.iter();
                parameters.any(|parameter| {
                    parameter.location == Location::Path
                        && parameter.name == name
                        && parameter.empty
                })
            };
            let segments = path.split('/').skip(1);
            let segments: Vec<Segment> = segments
                .map(|segment| Segment::parse(segment, &mut names, may_be_empty))
                .collect();
            for segment in &segments {
                node = node.child(segment.clone());
            }
            let template = *node.template.get_or_insert_with(|| {
                let operations = Vec::new();
                routes.templates.push(Template {
                    path,
                    segments,
                    operations,
                });
                routes.templates.len() - 1
            });
            let method = operation.method.clone();
            routes.templates[template]
                .operations
                .push((method, index, names));
        }
        routes
    }

    /// Matches a method and a path.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Route {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let mut values = Vec::new();
        let Some(template) = self.root.find(&segments, &mut values) else {
            let nearest = self.nearest(path);
            return Route::NoPath { nearest };
        };
        let Template {
            segments: template,
            operations,
            ..
        } = &self.templates[template];
        match operations.iter().find(|(known, ..)| known == method) {
            Some((_, index, names)) => {
                let named = |values: Vec<String>| names.iter().cloned().zip(values).collect();
                let all = all_values(template, &segments);
                let others = all.into_iter().filter(|other| *other != values);
                Route::Operation {
                    index: *index,
                    others: others.map(named).collect(),
                    path_values: named(values),
                }
            }
            None => Route::NoMethod {
                allowed: operations
                    .iter()
                    .map(|(method, ..)| method.clone())
                    .collect(),
            },
        }
    }

    fn nearest(&self, path: &str) -> Option<String> {
        let like = |template: &Template| {
            // A parameter matches any segment in its position.
            let mut given = path.split('/');
            let filled = template.path.split('/').map(|segment| {
                let given = given.next().unwrap_or_default();
                if segment.contains('{') {
                    given
                } else {
                    segment
                }
            });
            filled.collect::<Vec<_>>().join("/")
        };
        let filled: Vec<String> = self.templates.iter().map(like).collect();
        let nearest = nearest_name(path, filled.iter().map(String::as_str))?;
        let index = filled.iter().position(|filled| *filled == nearest)?;
        Some(self.templates[index].path.clone())
    }
}

/// All values of the parameters of a path, at most [`MAX_SPLITS`].
fn all_values(template: &[Segment], path: &[&str]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for (segment, text) in template.iter().zip(path) {
        let splits = segment.splits(text, MAX_SPLITS);
        let longer = |values: &Vec<String>| -> Vec<Vec<String>> {
            let splits = splits.iter();
            splits.map(|split| [&values[..], split].concat()).collect()
        };
        all = all.iter().flat_map(longer).take(MAX_SPLITS).collect();
    }
    all
}

/// The maximum number of ways in which the values of a path are split.
const MAX_SPLITS: usize = 16;

impl Node {
    fn child(&mut self, segment: Segment) -> &mut Self {
        if let Some(literal) = segment.literal() {
            return self.literals.entry(literal.to_owned()).or_default();
        }
        let known = self
            .patterns
            .iter()
            .position(|(known, _)| *known == segment);
        let index = known.unwrap_or_else(|| {
            // Patterns with more literal characters are matched first.
            let before =
                |(known, _): &(Segment, Self)| known.specificity() >= segment.specificity();
            let index = self.patterns.partition_point(before);
            self.patterns.insert(index, (segment, Self::default()));
            index
        });
        &mut self.patterns[index].1
    }

    fn find(&self, segments: &[&str], values: &mut Vec<String>) -> Option<usize> {
        let [segment, rest @ ..] = segments else {
            return self.template;
        };
        let literal = decoded(segment).ok();
        let literal = literal.and_then(|literal| self.literals.get(&literal));
        if let Some(found) = literal.and_then(|node| node.find(rest, values)) {
            return Some(found);
        }
        for (pattern, node) in &self.patterns {
            let before = values.len();
            if pattern.matches(segment, values)
                && let Some(found) = node.find(rest, values)
            {
                return Some(found);
            }
            values.truncate(before);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openapi_document::Document;

    fn routes(paths: &[&str]) -> Routes {
        let paths: String = paths
            .iter()
            .map(|path| format!("  '{path}': {{get: {{}}, delete: {{}}}}\n"))
            .collect();
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\nservers: [{{url: /v1}}]\npaths:\n{paths}"
        );
        let document = Document::parse("d", text).expect("parses");
        Routes::of(&Description::of(document).expect("is served"))
    }

    /// The index of the template in the list, and the values.
    fn found(routes: &Routes, path: &str) -> Option<(usize, Vec<String>)> {
        match routes.find(&Method::GET, path) {
            Route::Operation {
                index, path_values, ..
            } => {
                let values = path_values.into_iter().map(|(_, value)| value);
                Some((index / 2, values.collect()))
            }
            _ => None,
        }
    }

    fn values(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn literal_segments_take_precedence_over_parameters() {
        let routes = routes(&["/a/{x}", "/a/me", "/a/{x}.json", "/{x}/b/c", "/a/b/{x}"]);
        for (path, index, expected) in [
            ("/v1/a/you", 0, values(&["you"])),
            ("/v1/a/me", 1, values(&[])),
            ("/v1/a/you.json", 2, values(&["you"])),
            ("/v1/a/b/c", 4, values(&["c"])),
            ("/v1/z/b/c", 3, values(&["z"])),
        ] {
            assert_eq!(found(&routes, path), Some((index, expected)), "{path}");
        }
    }

    #[test]
    fn of_two_templates_that_differ_in_names_only_the_first_is_served() {
        let routes = routes(&["/a/{x}", "/a/{y}"]);
        assert_eq!(found(&routes, "/v1/a/b"), Some((0, values(&["b"]))));
    }

    #[test]
    fn matching_backtracks_from_a_literal_segment() {
        let routes = routes(&["/a/b/c", "/a/{x}/d"]);
        assert_eq!(found(&routes, "/v1/a/b/d"), Some((1, values(&["b"]))));
    }

    #[test]
    fn encoded_slashes_do_not_split_and_literals_may_be_encoded() {
        let routes = routes(&["/a/{x}", "/a b"]);
        assert_eq!(found(&routes, "/v1/a/b%2Fc"), Some((0, values(&["b%2Fc"]))));
        assert_eq!(found(&routes, "/v1/a%20b"), Some((1, values(&[]))));
        assert_eq!(found(&routes, "/v1/%61/b"), Some((0, values(&["b"]))));
    }

    #[test]
    fn several_parameters_share_a_segment() {
        let routes = routes(&["/{x}-{y}"]);
        assert_eq!(
            found(&routes, "/v1/a-b-c"),
            Some((0, values(&["a", "b-c"])))
        );
        assert_eq!(found(&routes, "/v1/-b"), Some((0, values(&["", "b"]))));
    }

    #[test]
    fn a_segment_is_empty_only_where_its_parameter_may_be() {
        let text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\nservers: [{url: /v1}]\npaths:\n  \
                    '/a/{x}':\n    parameters: [{name: x, in: path, required: true, \
                    x-allow-empty: true}]\n    get: {}\n    delete: {}\n  \
                    '/b/{x}': {get: {}, delete: {}}\n";
        let document = Document::parse("d", text.to_owned()).expect("parses");
        let routes = Routes::of(&Description::of(document).expect("is served"));
        assert_eq!(found(&routes, "/v1/a/"), Some((0, values(&[""]))));
        assert_eq!(found(&routes, "/v1/a/c"), Some((0, values(&["c"]))));
        assert_eq!(found(&routes, "/v1/a"), None);
        assert_eq!(found(&routes, "/v1/b/"), None);
    }

    #[test]
    fn an_unknown_method_gets_the_allowed_methods() {
        let allowed = vec![Method::GET, Method::DELETE];
        let found = routes(&["/a"]).find(&Method::PUT, "/v1/a");
        assert_eq!(found, Route::NoMethod { allowed });
    }

    #[test]
    fn an_unknown_path_gets_the_nearest_template() {
        let routes = routes(&["/roles/{role}/users", "/spaces"]);
        for (path, nearest) in [
            ("/v1/role/7/users", Some("/v1/roles/{role}/users")),
            ("/v1/spaces/", Some("/v1/spaces")),
            ("/spaces", Some("/v1/spaces")),
            ("/x", None),
        ] {
            let nearest = nearest.map(str::to_owned);
            assert_eq!(
                routes.find(&Method::GET, path),
                Route::NoPath { nearest },
                "{path}"
            );
        }
    }
}
