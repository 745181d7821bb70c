//! Compares the messages of an operation: parameters, request bodies, statuses, headers.

use std::collections::BTreeMap;

use openapi_document::{Direction, Pointer, template_parameters};
use openapi_lower::is_json;
use serde_json::{Value, json};

use super::catalogue::{self as checks, Check, Verdict};
use super::facets::is_scalar;
use super::lifecycle::{self, Deprecation, Lookup};
use super::model::{Finding, Place, Subject};
use super::operations::Operation;
use super::schemas::{Form, Schemas};
use super::source::{Node, Source};
use super::view::View;

/// The schema of values without a schema: everything is allowed.
static ANYTHING: Value = Value::Bool(true);

/// Compares the messages of one operation.
pub(super) struct Messages<'s, 'a> {
    old: Source<'a>,
    new: Source<'a>,
    schemas: &'s mut Schemas<'a>,
    /// The direction of the requests of the operation.
    request: Direction,
    pub(super) roots: Vec<Root>,
    pub(super) findings: Vec<Finding>,
}

/// A pair of schemas at the root of an operation.
pub(super) struct Root {
    pub(super) of: Subject,
    pub(super) pair: usize,
    pub(super) direction: Direction,
    /// True if the value may be omitted, so that its default applies.
    pub(super) is_optional: bool,
}

/// A parameter, with references followed.
struct Parameter<'a> {
    node: Node<'a>,
    name: &'a str,
    location: &'a str,
}

impl Parameter<'_> {
    /// How its values are written.
    fn form(&self) -> Form {
        if self.node.property("content").is_some() {
            return Form::Json;
        }
        let [style, explode, ..] = style(self);
        Form::Text {
            repeats: style == "form" && explode == true,
            flat: true,
        }
    }
}

impl<'s, 'a> Messages<'s, 'a> {
    /// Compares all messages of an operation.
    pub(super) fn compare(
        old: &Operation<'a>,
        new: &Operation<'a>,
        schemas: &'s mut Schemas<'a>,
    ) -> Self {
        let mut messages = Self {
            old: schemas.old,
            new: schemas.new,
            schemas,
            // The server calls webhooks and callbacks.
            request: match new.incoming {
                Some(_) => Direction::Response,
                None => Direction::Request,
            },
            roots: Vec::new(),
            findings: Vec::new(),
        };
        messages.parameters(old, new);
        messages.body(old, new);
        messages.responses(old, new);
        messages
    }

    fn response(&self) -> Direction {
        match self.request {
            Direction::Request => Direction::Response,
            Direction::Response => Direction::Request,
        }
    }

    fn find(
        &mut self,
        (check, what): (&'static Check, String),
        old: Place,
        new: Place,
        direction: Direction,
        subjects: Vec<Subject>,
    ) -> &mut Finding {
        let mut finding = Finding::new(check, what, old, new);
        finding.only = Some(direction);
        finding.subjects = subjects;
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
            let check = &checks::PARAMETER_REMOVED;
            let (verdicts, because) = lifecycle::removal(
                &|name| gone.node.property(name),
                [check.request, check.response],
                self.schemas.policy,
            );
            let what = format!(
                "the {} parameter `{}` was removed{because}",
                gone.location, gone.name
            );
            let (was, is) = (
                Place::at(gone.node.pointer),
                Place::missing_in(new.node.pointer.clone()),
            );
            let found = self.parameter_finding(check, what, was, is, &[gone.name]);
            found.verdicts = Some(verdicts);
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
            self.parameter_finding(check, what, was, is, &[come.name]);
        }
    }

    fn parameter_finding(
        &mut self,
        check: &'static Check,
        what: String,
        old: Place,
        new: Place,
        names: &[&str],
    ) -> &mut Finding {
        let names = names.iter();
        let subjects = names.map(|name| Subject::Parameter((*name).to_owned()));
        let subjects = subjects.collect();
        self.find((check, what), old, new, self.request, subjects)
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
        } else if let Some(how) = self.style_change(old, new) {
            let what = format!("the serialization of the parameter `{name}` changed {how}");
            let (was, is) = whole();
            self.parameter_finding(&checks::PARAMETER_STYLE_CHANGED, what, was, is, &names);
        }
        let required = (old.node.is_true("required"), new.node.is_true("required"));
        let change = match required {
            (false, true) => Some((&checks::PARAMETER_BECAME_REQUIRED, "required")),
            (true, false) => Some((&checks::PARAMETER_BECAME_OPTIONAL, "optional")),
            _ => None,
        };
        if let Some((check, how)) = change {
            let what = format!("the parameter `{name}` became {how}");
            let (was, is) = (
                property(&old.node, "required"),
                property(&new.node, "required"),
            );
            self.parameter_finding(check, what, was, is, &names);
        }
        let subject = format!("the parameter `{name}`");
        let subjects = names.map(|name| Subject::Parameter(name.to_owned()));
        self.remarks(
            (&old.node, &new.node),
            &subject,
            &lifecycle::OF_PARAMETERS,
            (self.request, subjects.to_vec()),
        );
        let form = match (old.form(), new.form()) {
            (was, is) if was == is => is,
            // The change of the serialization is told.
            (Form::Json, is) => is,
            (was, _) => was,
        };
        let schemas = (schema(&old.node), schema(&new.node));
        let of = Subject::Parameter(name.to_owned());
        self.schema(of, schemas, self.request, form, required == (false, false));
    }

    /// How the serialization of a parameter changed; `None` if its values are written as before.
    fn style_change(&self, old: &Parameter<'a>, new: &Parameter<'a>) -> Option<String> {
        let (mut was, mut is) = (style(old), style(new));
        let scalar = |source: Source<'a>, parameter: &Parameter<'a>| {
            let view = View::of(source, &[schema(&parameter.node)]);
            let types = view.types;
            types.is_some_and(|types| types.iter().all(|name| is_scalar(name)))
        };
        if scalar(self.old, old) && scalar(self.new, new) {
            // `explode` only concerns lists and objects.
            was[1] = Value::Null;
            is[1] = Value::Null;
        }
        let names = ["style", "explode", "allowReserved", "media type"];
        let changes = names.iter().zip(was.iter().zip(&is));
        let changes: Vec<String> = changes
            .filter(|(_, (was, is))| was != is)
            .map(|(name, (was, is))| format!("from {name} {was} to {is}"))
            .collect();
        (!changes.is_empty()).then(|| changes.join(", "))
    }

    /// Compares the life cycle and the descriptions.
    fn remarks(
        &mut self,
        (old, new): (&Node<'a>, &Node<'a>),
        of: &str,
        deprecation: &Deprecation,
        (direction, subjects): (Direction, Vec<Subject>),
    ) {
        let lookup = Lookup {
            old: &|name| old.property(name),
            new: &|name| new.property(name),
        };
        let place = |pointer: Option<Pointer>, node: &Node<'_>| match pointer {
            Some(pointer) => Place::at(pointer),
            None => Place::missing_in(node.pointer.clone()),
        };
        for change in lifecycle::compare(&lookup, of, deprecation, self.schemas.policy) {
            let (was, is) = (place(change.old, old), place(change.new, new));
            let told = (change.check, change.what);
            self.find(told, was, is, direction, subjects.clone());
        }
        self.descriptions(old, new, of, direction);
    }

    fn descriptions(&mut self, old: &Node<'a>, new: &Node<'a>, of: &str, direction: Direction) {
        for keyword in ["description", "example", "examples"] {
            if old.value.get(keyword) != new.value.get(keyword) {
                let what = format!("`{keyword}` of {of} changed");
                let (was, is) = (property(old, keyword), property(new, keyword));
                self.find(
                    (&checks::TEXT_CHANGED, what),
                    was,
                    is,
                    direction,
                    Vec::new(),
                );
            }
        }
    }

    fn schema(
        &mut self,
        of: Subject,
        (old, new): (Node<'a>, Node<'a>),
        direction: Direction,
        form: Form,
        is_optional: bool,
    ) {
        let pair = self.schemas.compare(&[old], &[new], form);
        self.roots.push(Root {
            of,
            pair,
            direction,
            is_optional,
        });
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
        self.find((check, what), old, new, self.request, vec![Subject::Body]);
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
        self.descriptions(old, new, "the request body", self.request);
        self.content(old, new, "the request body", (self.request, Subject::Body));
    }

    /// Compares the media types of a request body or a response.
    fn content(
        &mut self,
        old: &Node<'a>,
        new: &Node<'a>,
        of: &str,
        (direction, subject): (Direction, Subject),
    ) {
        let mut before = media_types(old);
        let mut after = media_types(new);
        for (name, media) in std::mem::take(&mut before) {
            match after.remove(&name) {
                Some(other) => {
                    self.media(&name, (&media, &other), of, (direction, subject.clone()));
                }
                None => {
                    before.insert(name, media);
                }
            }
        }
        let (is_sent, subjects) = (direction == Direction::Request, vec![subject.clone()]);
        for (name, media) in before {
            // A request must have a media type that is accepted; a response is read by what it is.
            let accepts = |other: &String| match is_sent {
                true => is_range_of(other, &name),
                false => is_range_of(&name, other),
            };
            let other = after
                .keys()
                .find(|other| accepts(other))
                .or_else(|| after.keys().find(|other| is_json(other) && is_json(&name)))
                .cloned();
            let Some((other, renamed)) =
                other.and_then(|other| Some((after.remove(&other)?, other)))
            else {
                let what = format!("the media type `{name}` of {of} was removed");
                let place = Place::missing_in(new.pointer.clone());
                let was = Place::at(media.pointer);
                let told = (&checks::MEDIA_TYPE_REMOVED, what);
                self.find(told, was, place, direction, subjects.clone());
                continue;
            };
            let what = format!("the media type of {of} changed from `{name}` to `{renamed}`");
            let places = (
                Place::at(media.pointer.clone()),
                Place::at(other.pointer.clone()),
            );
            let told = (&checks::MEDIA_TYPE_RENAMED, what);
            let found = self.find(told, places.0, places.1, direction, subjects.clone());
            if is_range_of(&renamed, &name) {
                found.verdicts = Some([Verdict::Additive, Verdict::Neutral]);
            }
            self.media(&name, (&media, &other), of, (direction, subject.clone()));
        }
        for (name, media) in after {
            let what = format!("the media type `{name}` of {of} was added");
            let place = Place::missing_in(old.pointer.clone());
            let told = (&checks::MEDIA_TYPE_ADDED, what);
            let is = Place::at(media.pointer);
            self.find(told, place, is, direction, subjects.clone());
        }
    }

    fn media(
        &mut self,
        name: &str,
        (old, new): (&Node<'a>, &Node<'a>),
        of: &str,
        (direction, subject): (Direction, Subject),
    ) {
        if old.value.get("encoding") != new.value.get("encoding") {
            let what = format!("`encoding` of {of} changed");
            let (was, is) = (property(old, "encoding"), property(new, "encoding"));
            let told = (&checks::ENCODING_CHANGED, what);
            self.find(told, was, is, direction, vec![subject.clone()]);
        }
        let form = match name {
            "application/x-www-form-urlencoded" | "multipart/form-data" => Form::Fields,
            _ => Form::Json,
        };
        self.schema(subject, (schema(old), schema(new)), direction, form, false);
    }

    fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let mut before = responses(self.old, old);
        let mut after = responses(self.new, new);
        let stands_for_all = before.contains_key("2XX") || before.contains_key("DEFAULT");
        let mut kept = Vec::new();
        for (status, response) in std::mem::take(&mut before) {
            match after.remove(&status) {
                Some(other) => {
                    self.one_response(&status, &response, &other);
                    kept.push((status, response));
                }
                None => {
                    before.insert(status, response);
                }
            }
        }
        for (status, response) in before {
            let (other, check) = match after.keys().find(|other| includes(other, &status)) {
                Some(other) => (Some(other.clone()), &checks::STATUS_GENERALIZED),
                None => (
                    after.keys().find(|other| includes(&status, other)).cloned(),
                    &checks::STATUS_SPECIALIZED,
                ),
            };
            match other.and_then(|other| Some((after.remove(&other)?, other))) {
                Some((other, replaced)) => {
                    let what = format!(
                        "response {} was replaced by {}",
                        status.to_lowercase(),
                        replaced.to_lowercase()
                    );
                    let (was, is) = (
                        Place::at(response.pointer.clone()),
                        Place::at(other.pointer.clone()),
                    );
                    let found = self.response_finding(check, what, was, is);
                    if check == &checks::STATUS_GENERALIZED {
                        found.verdicts = Some(match is_success(&status) {
                            true => [Verdict::MayBreak; 2],
                            false => [Verdict::Neutral; 2],
                        });
                    }
                    self.one_response(&replaced, &response, &other);
                }
                None => self.removed_response(&status, &response, new, &kept),
            }
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

    fn removed_response(
        &mut self,
        status: &str,
        response: &Node<'a>,
        new: &Operation<'a>,
        kept: &[(String, Node<'a>)],
    ) {
        let check = match is_success(status) {
            true => &checks::SUCCESS_REMOVED,
            false => &checks::ERROR_REMOVED,
        };
        let what = format!("response {} was removed", status.to_lowercase());
        let (was, is) = (
            Place::at(response.pointer.clone()),
            Place::missing_in(new.node.pointer.join("responses")),
        );
        let found = self.response_finding(check, what, was, is);
        // Clients do not tell successes with the same content apart.
        let alike = kept.iter().any(|(other, kept)| {
            is_success(other) && kept.value.get("content") == response.value.get("content")
        });
        if check == &checks::SUCCESS_REMOVED && alike {
            found.verdicts = Some([Verdict::MayBreak; 2]);
        }
    }

    fn response_finding(
        &mut self,
        check: &'static Check,
        what: String,
        old: Place,
        new: Place,
    ) -> &mut Finding {
        let direction = self.response();
        self.find((check, what), old, new, direction, vec![Subject::Responses])
    }

    fn one_response(&mut self, status: &str, old: &Node<'a>, new: &Node<'a>) {
        let of = format!("response {}", status.to_lowercase());
        let direction = self.response();
        self.descriptions(old, new, &of, direction);
        if old.value.get("links") != new.value.get("links") {
            let what = format!("the links of {of} changed");
            let (was, is) = (property(old, "links"), property(new, "links"));
            self.find(
                (&checks::LINKS_CHANGED, what),
                was,
                is,
                direction,
                Vec::new(),
            );
        }
        self.content(old, new, &of, (direction, Subject::Responses));
        let before = headers(self.old, old);
        let mut after = headers(self.new, new);
        for (name, header) in before {
            match after.remove(&name) {
                Some(other) => self.header(&name, (&header, &other), &of),
                None => self.removed_header(&name, &header, new, &of),
            }
        }
        for (name, header) in after {
            let what = format!("the header `{name}` of {of} was added");
            let was = Place::missing_in(old.pointer.clone());
            self.response_finding(&checks::HEADER_ADDED, what, was, Place::at(header.pointer));
        }
    }

    fn removed_header(&mut self, name: &str, header: &Node<'a>, new: &Node<'a>, of: &str) {
        let verdict = match header.is_true("required") {
            true => Verdict::Breaking,
            false => Verdict::MayBreak,
        };
        let (verdicts, because) = lifecycle::removal(
            &|keyword| header.property(keyword),
            [verdict; 2],
            self.schemas.policy,
        );
        let what = format!("the header `{name}` of {of} was removed{because}");
        let (was, is) = (
            Place::at(header.pointer.clone()),
            Place::missing_in(new.pointer.clone()),
        );
        let found = self.response_finding(&checks::HEADER_REMOVED, what, was, is);
        found.verdicts = Some(verdicts);
    }

    fn header(&mut self, name: &str, (old, new): (&Node<'a>, &Node<'a>), of: &str) {
        let (was, is) = (property(old, "required"), property(new, "required"));
        let change = match (old.is_true("required"), new.is_true("required")) {
            (false, true) => Some((&checks::HEADER_BECAME_REQUIRED, "became required")),
            (true, false) => Some((&checks::HEADER_BECAME_OPTIONAL, "became optional")),
            _ => None,
        };
        let subject = format!("the header `{name}` of {of}");
        if let Some((check, how)) = change {
            self.response_finding(check, format!("{subject} {how}"), was, is);
        }
        let direction = self.response();
        let remarks = (direction, vec![Subject::Responses]);
        self.remarks((old, new), &subject, &lifecycle::OF_HEADERS, remarks);
        let form = match old.property("content").or(new.property("content")) {
            Some(_) => Form::Json,
            None => Form::Text {
                repeats: false,
                flat: true,
            },
        };
        let schemas = (schema(old), schema(new));
        self.schema(Subject::Responses, schemas, direction, form, false);
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

/// The serialization of a parameter, including defaults of the specification: `style`, `explode`,
/// `allowReserved`, media types.
fn style(parameter: &Parameter<'_>) -> [Value; 4] {
    let of = |name: &str| parameter.node.value.get(name).cloned();
    let style = of("style").unwrap_or_else(|| match parameter.location {
        "query" | "cookie" => json!("form"),
        _ => json!("simple"),
    });
    let explode = of("explode").unwrap_or_else(|| json!(style == "form"));
    let media_types: Vec<String> = media_types(&parameter.node).into_keys().collect();
    [
        style,
        explode,
        of("allowReserved").unwrap_or(json!(false)),
        json!(media_types),
    ]
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

/// True if a media type is one of a range, such as `text/*`.
fn is_range_of(range: &str, name: &str) -> bool {
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => name.split('/').next() == Some(kind),
        None => false,
    }
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

/// True if a status is one of a range: `404` of `4XX`. The default response is the range of all.
fn includes(range: &str, status: &str) -> bool {
    match range.strip_suffix("XX") {
        Some(class) => status.starts_with(class) && status.len() == 3 && status != range,
        None => range == "DEFAULT" && status != "DEFAULT",
    }
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
