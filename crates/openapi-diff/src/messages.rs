//! Compares the messages of an operation: parameters, request bodies, statuses, headers.

use std::collections::BTreeMap;

use openapi_document::{Direction, template_parameters};
use serde_json::{Value, json};

use super::catalogue::{self as checks, Check};
use super::model::{Finding, Place};
use super::operations::Operation;
use super::schemas::{Root, Schemas};
use super::source::{Node, Source};
use client_codegen::naming::snake;

/// The schema of values without a schema: everything is allowed.
static ANYTHING: Value = Value::Bool(true);

/// Compares the messages of one operation.
pub(super) struct Messages<'s, 'a> {
    pub(super) old: Source<'a>,
    pub(super) new: Source<'a>,
    pub(super) schemas: &'s mut Schemas<'a>,
    /// The pairs of schemas at the roots of the operation, with the direction of their values.
    pub(super) roots: Vec<(usize, Direction)>,
    pub(super) findings: Vec<Finding>,
    rust_name: String,
}

/// A parameter, with references followed.
struct Parameter<'a> {
    node: Node<'a>,
    name: &'a str,
    location: &'a str,
}

impl<'s, 'a> Messages<'s, 'a> {
    /// Compares all messages of an operation.
    pub(super) fn compare(
        old: (Source<'a>, &Operation<'a>),
        new: (Source<'a>, &Operation<'a>),
        schemas: &'s mut Schemas<'a>,
    ) -> Self {
        let mut messages = Self {
            old: old.0,
            new: new.0,
            schemas,
            roots: Vec::new(),
            findings: Vec::new(),
            rust_name: snake(&new.1.id),
        };
        messages.parameters(old.1, new.1);
        messages.body(old.1, new.1);
        messages.responses(old.1, new.1);
        messages
    }

    fn find(
        &mut self,
        check: &'static Check,
        what: String,
        old: Place,
        new: Place,
        direction: Direction,
    ) -> &mut Finding {
        let mut finding = Finding::new(check, what, old, new);
        finding.only = Some(direction);
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let mut before = parameters(self.old, old);
        let mut after = parameters(self.new, new);
        let renamed: BTreeMap<String, String> = template_parameters(&old.path)
            .into_iter()
            .zip(template_parameters(&new.path))
            .collect();
        type Rule = fn(&Parameter<'_>, &Parameter<'_>, &BTreeMap<String, String>) -> bool;
        let rules: [Rule; 3] = [
            |a, b, _| a.location == b.location && same_name(a, b),
            |a, b, renamed| {
                let both = a.location == "path" && b.location == "path";
                both && renamed.get(a.name).is_some_and(|name| name == b.name)
            },
            |a, b, _| a.name == b.name,
        ];
        for same in rules {
            let mut left = Vec::new();
            for parameter in before {
                let index = after
                    .iter()
                    .position(|other| same(&parameter, other, &renamed));
                match index {
                    Some(index) => {
                        let other = after.remove(index);
                        self.parameter(&parameter, &other);
                    }
                    None => left.push(parameter),
                }
            }
            before = left;
        }
        for gone in before {
            let what = format!(
                "the {} parameter `{}` was removed",
                gone.location, gone.name
            );
            let (was, is) = (
                Place::at(gone.node.pointer),
                Place::missing_in(new.node.pointer.clone()),
            );
            let name = gone.name;
            self.parameter_finding(&checks::PARAMETER_REMOVED, what, was, is, &[name]);
        }
        for come in after {
            let (check, how) = match come.node.is_true("required") {
                true => (&checks::REQUIRED_PARAMETER_ADDED, "required "),
                false => (&checks::PARAMETER_ADDED, ""),
            };
            let what = format!(
                "the {how}{} parameter `{}` was added",
                come.location, come.name
            );
            let (was, is) = (
                Place::missing_in(old.node.pointer.clone()),
                Place::at(come.node.pointer),
            );
            let name = come.name;
            self.parameter_finding(check, what, was, is, &[name]);
        }
    }

    fn parameter_finding(
        &mut self,
        check: &'static Check,
        what: String,
        old: Place,
        new: Place,
        names: &[&str],
    ) {
        let found = self.find(check, what, old, new, Direction::Request);
        found.names.setters = names.iter().map(|name| snake(name)).collect();
    }

    fn parameter(&mut self, old: &Parameter<'a>, new: &Parameter<'a>) {
        let whole = || {
            (
                Place::at(old.node.pointer.clone()),
                Place::at(new.node.pointer.clone()),
            )
        };
        let names = [old.name, new.name];
        let name = new.name;
        if !same_name(old, new) {
            let what = format!("the parameter `{}` was renamed to `{name}`", old.name);
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_RENAMED, what, was, is, &names);
        }
        if old.location != new.location {
            let what = format!(
                "the location of the parameter `{name}` changed from `{}` to `{}`",
                old.location, new.location
            );
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_LOCATION_CHANGED, what, was, is, &names);
        } else if style(old) != style(new) {
            let what = format!("the serialization of the parameter `{name}` changed");
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_STYLE_CHANGED, what, was, is, &names);
        }
        for (keyword, set, cleared, text_set, text_cleared) in [
            (
                "required",
                &checks::PARAMETER_BECAME_REQUIRED,
                &checks::PARAMETER_BECAME_OPTIONAL,
                "became required",
                "became optional",
            ),
            (
                "deprecated",
                &checks::PARAMETER_DEPRECATED,
                &checks::PARAMETER_UNDEPRECATED,
                "was deprecated",
                "is no longer deprecated",
            ),
        ] {
            let (check, how) = match (old.node.is_true(keyword), new.node.is_true(keyword)) {
                (false, true) => (set, text_set),
                (true, false) => (cleared, text_cleared),
                _ => continue,
            };
            let what = format!("the parameter `{name}` {how}");
            let (was, is) = (property(&old.node, keyword), property(&new.node, keyword));
            self.parameter_finding(check, what, was, is, &names);
        }
        self.descriptions(&old.node, &new.node, &format!("the parameter `{name}`"));
        let root = Root::Parameter(name.to_owned());
        self.schema(
            root,
            schema(&old.node),
            schema(&new.node),
            Direction::Request,
        );
    }

    fn descriptions(&mut self, old: &Node<'a>, new: &Node<'a>, of: &str) {
        for keyword in ["description", "example", "examples"] {
            if old.value.get(keyword) != new.value.get(keyword) {
                let what = format!("`{keyword}` of {of} changed");
                let (was, is) = (property(old, keyword), property(new, keyword));
                self.find(&checks::TEXT_CHANGED, what, was, is, Direction::Request);
            }
        }
    }

    fn schema(&mut self, root: Root, old: Node<'a>, new: Node<'a>, direction: Direction) {
        let pair = self.schemas.compare(&self.rust_name, root, old, new);
        self.roots.push((pair, direction));
    }

    fn body(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let before = old.node.property("requestBody");
        let after = new.node.property("requestBody");
        let before = before.map(|body| self.old.follow(body));
        let after = after.map(|body| self.new.follow(body));
        let (check, how) = match (&before, &after) {
            (None, None) => return,
            (Some(before), Some(after)) => return self.bodies(before, after),
            (Some(_), None) => (&checks::BODY_REMOVED, "the request body was removed"),
            (None, Some(body)) if body.is_true("required") => (
                &checks::REQUIRED_BODY_ADDED,
                "a required request body was added",
            ),
            (None, Some(_)) => (&checks::BODY_ADDED, "an optional request body was added"),
        };
        let place = |node: Option<Node<'_>>, operation: &Operation<'_>| match node {
            Some(node) => Place::at(node.pointer),
            None => Place::missing_in(operation.node.pointer.clone()),
        };
        let (was, is) = (place(before, old), place(after, new));
        self.body_finding(check, how.to_owned(), was, is);
    }

    fn body_finding(&mut self, check: &'static Check, what: String, old: Place, new: Place) {
        let found = self.find(check, what, old, new, Direction::Request);
        found.names.setters = vec!["body".to_owned()];
    }

    fn bodies(&mut self, old: &Node<'a>, new: &Node<'a>) {
        let required = (old.is_true("required"), new.is_true("required"));
        let (was, is) = (property(old, "required"), property(new, "required"));
        match required {
            (false, true) => {
                let what = "the request body became required".to_owned();
                self.body_finding(&checks::BODY_BECAME_REQUIRED, what, was, is);
            }
            (true, false) => {
                let what = "the request body became optional".to_owned();
                self.body_finding(&checks::BODY_BECAME_OPTIONAL, what, was, is);
            }
            _ => {}
        }
        self.descriptions(old, new, "the request body");
        self.content(old, new, "the request body", Direction::Request);
    }

    /// Compares the media types of a request body or a response.
    fn content(&mut self, old: &Node<'a>, new: &Node<'a>, of: &str, direction: Direction) {
        let before = media_types(old);
        let mut after = media_types(new);
        let root = match direction {
            Direction::Request => Root::Body,
            Direction::Response => Root::Response,
        };
        for (name, media) in before {
            match after.remove(&name) {
                Some(other) => {
                    let (was, is) = (property(&media, "encoding"), property(&other, "encoding"));
                    if media.value.get("encoding") != other.value.get("encoding") {
                        let what = format!("`encoding` of {of} changed");
                        self.body_finding(&checks::ENCODING_CHANGED, what, was, is);
                    }
                    self.schema(root.clone(), schema(&media), schema(&other), direction);
                }
                None => {
                    let what = format!("the media type `{name}` of {of} was removed");
                    let place = Place::missing_in(new.pointer.clone());
                    let was = Place::at(media.pointer);
                    self.media_finding(&checks::MEDIA_TYPE_REMOVED, what, was, place, direction);
                }
            }
        }
        for (name, media) in after {
            let what = format!("the media type `{name}` of {of} was added");
            let place = Place::missing_in(old.pointer.clone());
            let is = Place::at(media.pointer);
            self.media_finding(&checks::MEDIA_TYPE_ADDED, what, place, is, direction);
        }
    }

    fn media_finding(
        &mut self,
        check: &'static Check,
        what: String,
        old: Place,
        new: Place,
        direction: Direction,
    ) {
        let found = self.find(check, what, old, new, direction);
        match direction {
            Direction::Request => found.names.setters = vec!["body".to_owned()],
            Direction::Response => found.names.result = true,
        }
    }

    fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let before = responses(self.old, old);
        let mut after = responses(self.new, new);
        let stands_for_all = before.contains_key("2XX") || before.contains_key("DEFAULT");
        for (status, response) in before {
            if let Some(other) = after.remove(&status) {
                self.response(&status, &response, &other);
                continue;
            }
            let check = match is_success(&status) {
                true => &checks::SUCCESS_REMOVED,
                false => &checks::ERROR_REMOVED,
            };
            let what = format!("response {} was removed", status.to_lowercase());
            let (was, is) = (
                Place::at(response.pointer),
                Place::missing_in(new.node.pointer.join("responses")),
            );
            self.response_finding(check, what, was, is);
        }
        for (status, response) in after {
            let check = match is_success(&status) {
                true if stands_for_all => &checks::SUCCESS_COVERED,
                true => &checks::SUCCESS_ADDED,
                false => &checks::ERROR_ADDED,
            };
            let what = format!("response {} was added", status.to_lowercase());
            let (was, is) = (
                Place::missing_in(old.node.pointer.join("responses")),
                Place::at(response.pointer),
            );
            self.response_finding(check, what, was, is);
        }
    }

    fn response_finding(&mut self, check: &'static Check, what: String, old: Place, new: Place) {
        let found = self.find(check, what, old, new, Direction::Response);
        found.names.result = true;
    }

    fn response(&mut self, status: &str, old: &Node<'a>, new: &Node<'a>) {
        let of = format!("response {}", status.to_lowercase());
        self.descriptions(old, new, &of);
        self.content(old, new, &of, Direction::Response);
        let before = headers(self.old, old);
        let mut after = headers(self.new, new);
        for (name, header) in before {
            let Some(other) = after.remove(&name) else {
                let what = format!("the header `{name}` of {of} was removed");
                let is = Place::missing_in(new.pointer.clone());
                self.response_finding(&checks::HEADER_REMOVED, what, Place::at(header.pointer), is);
                continue;
            };
            let (was, is) = (property(&header, "required"), property(&other, "required"));
            let change = match (header.is_true("required"), other.is_true("required")) {
                (false, true) => Some((&checks::HEADER_BECAME_REQUIRED, "became required")),
                (true, false) => Some((&checks::HEADER_BECAME_OPTIONAL, "became optional")),
                _ => None,
            };
            if let Some((check, how)) = change {
                let what = format!("the header `{name}` of {of} {how}");
                self.response_finding(check, what, was, is);
            }
            let schemas = (schema(&header), schema(&other));
            self.schema(Root::Response, schemas.0, schemas.1, Direction::Response);
        }
        for (name, header) in after {
            let what = format!("the header `{name}` of {of} was added");
            let was = Place::missing_in(old.pointer.clone());
            self.response_finding(&checks::HEADER_ADDED, what, was, Place::at(header.pointer));
        }
    }
}

/// The parameters of an operation and of its path item. A parameter of the operation overrides one
/// of the path item. Header parameters that OpenAPI ignores are omitted.
fn parameters<'a>(source: Source<'a>, operation: &Operation<'a>) -> Vec<Parameter<'a>> {
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for holder in [&operation.node, &operation.item] {
        for node in holder.items("parameters") {
            let node = source.follow(node);
            let parameter = Parameter {
                name: node.text("name").unwrap_or_default(),
                location: node.text("in").unwrap_or_default(),
                node,
            };
            let reserved = ["accept", "content-type", "authorization"];
            let ignored = parameter.location == "header"
                && reserved.contains(&parameter.name.to_lowercase().as_str());
            let known = found
                .iter()
                .any(|other| other.location == parameter.location && same_name(other, &parameter));
            if !ignored && !known {
                found.push(parameter);
            }
        }
    }
    found
}

fn same_name(a: &Parameter<'_>, b: &Parameter<'_>) -> bool {
    match a.location {
        "header" => a.name.eq_ignore_ascii_case(b.name),
        _ => a.name == b.name,
    }
}

/// The serialization of a parameter, including defaults of the specification.
fn style(parameter: &Parameter<'_>) -> Value {
    let of = |name: &str| parameter.node.value.get(name).cloned();
    let style = of("style").unwrap_or_else(|| match parameter.location {
        "query" | "cookie" => json!("form"),
        _ => json!("simple"),
    });
    let explode = of("explode").unwrap_or_else(|| json!(style == "form"));
    let media_types: Vec<String> = media_types(&parameter.node).into_keys().collect();
    json!([
        style,
        explode,
        of("allowReserved").unwrap_or(json!(false)),
        media_types
    ])
}

/// The schema of a parameter, a header or a media type.
fn schema<'a>(holder: &Node<'a>) -> Node<'a> {
    holder
        .property("schema")
        .or_else(|| {
            let (_, media) = holder.properties("content").into_iter().next()?;
            media.property("schema")
        })
        .unwrap_or_else(|| Node {
            pointer: holder.pointer.clone(),
            value: &ANYTHING,
        })
}

/// The media types of a request body or a response, without their parameters.
fn media_types<'a>(holder: &Node<'a>) -> BTreeMap<String, Node<'a>> {
    let properties = holder.properties("content").into_iter();
    properties
        .map(|(name, media)| {
            let name = name.split(';').next().unwrap_or_default();
            (name.trim().to_lowercase(), media)
        })
        .collect()
}

fn responses<'a>(source: Source<'a>, operation: &Operation<'a>) -> BTreeMap<String, Node<'a>> {
    let responses = operation.node.properties("responses").into_iter();
    responses
        .filter(|(status, _)| !status.starts_with("x-"))
        .map(|(status, response)| (status.to_uppercase(), source.follow(response)))
        .collect()
}

fn headers<'a>(source: Source<'a>, response: &Node<'a>) -> BTreeMap<String, Node<'a>> {
    let headers = response.properties("headers").into_iter();
    headers
        .map(|(name, header)| (name.to_lowercase(), source.follow(header)))
        .filter(|(name, _)| name != "content-type")
        .collect()
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// The place of a keyword, or of the object that lacks it.
fn property(node: &Node<'_>, keyword: &str) -> Place {
    match node.property(keyword) {
        Some(node) => Place::at(node.pointer),
        None => Place::missing_in(node.pointer.clone()),
    }
}
