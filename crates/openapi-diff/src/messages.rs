//! Compares the messages of an operation: request bodies, statuses, headers; `parameters` has the rest.

use std::collections::BTreeMap;

use openapi_document::operation::{Message, schema_of};
use openapi_document::{Direction, Pointer, is_json};
use serde_json::Value;

use super::catalogue::{self as checks, Check, Verdict};
use super::constraints::is_equal;
use super::lifecycle::{self, Deprecation, Lookup};
use super::model::{Finding, Place, Subject};
use super::operations::Operation;
use super::pairs::Form;
use super::schemas::{Schemas, is_raw};
use super::source::{Node, Source};
use super::values::brief;
use super::view::View;

/// The schema of values without a schema: every value is allowed.
static ANYTHING: Value = Value::Bool(true);

/// Compares the messages of one operation.
pub(super) struct Messages<'s, 'a> {
    pub(super) old: Source<'a>,
    pub(super) new: Source<'a>,
    pub(super) schemas: &'s mut Schemas<'a>,
    /// The direction of the requests of the operation.
    pub(super) request: Direction,
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

    pub(super) fn find(
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

    /// Compares the life cycle and the descriptions.
    pub(super) fn remarks(
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
            let found = self.find(told, was, is, direction, subjects.clone());
            found.verdicts = change.verdicts;
        }
        self.descriptions(old, new, of, direction);
    }

    fn descriptions(&mut self, old: &Node<'a>, new: &Node<'a>, of: &str, direction: Direction) {
        for keyword in ["description", "example", "examples"] {
            if old.value.get(keyword) != new.value.get(keyword) {
                let values = (old.property(keyword), new.property(keyword));
                let what = format!(
                    "`{keyword}` of {of} changed from {} to {}",
                    brief(values.0.as_ref()),
                    brief(values.1.as_ref())
                );
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

    pub(super) fn schema(
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
        let (before, after) = (old.request_body(), new.request_body());
        let (check, how) = match (&before, &after) {
            (None, None) => return,
            (Some(before), Some(after)) => return self.bodies(before, after),
            (Some(_), None) => (&checks::BODY_REMOVED, "the request body was removed"),
            (None, Some(body)) if body.node.is_true("required") => (
                &checks::REQUIRED_BODY_ADDED,
                "a required request body was added",
            ),
            (None, Some(_)) => (&checks::BODY_ADDED, "an optional request body was added"),
        };
        let place = |body: Option<Message<'_>>, operation: &Operation<'_>| match body {
            Some(body) => Place::at(body.node.pointer),
            None => Place::missing_in(operation.node.pointer.clone()),
        };
        let (was, is) = (place(before, old), place(after, new));
        self.body_finding(check, how.to_owned(), was, is);
    }

    fn body_finding(&mut self, check: &'static Check, what: String, old: Place, new: Place) {
        self.find((check, what), old, new, self.request, vec![Subject::Body]);
    }

    fn bodies(&mut self, old: &Message<'a>, new: &Message<'a>) {
        let required = (old.node.is_true("required"), new.node.is_true("required"));
        let (was, is) = (
            property(&old.node, "required"),
            property(&new.node, "required"),
        );
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
        self.descriptions(&old.node, &new.node, "the request body", self.request);
        self.content(old, new, "the request body", (self.request, Subject::Body));
    }

    /// Compares the media types of a request body or a response.
    fn content(
        &mut self,
        old: &Message<'a>,
        new: &Message<'a>,
        of: &str,
        (direction, subject): (Direction, Subject),
    ) {
        let (before, after) = (media_types(old), media_types(new));
        let (mut gone, mut come) = (before.clone(), after.clone());
        for (name, media) in &before {
            if let Some(other) = come.remove(name) {
                gone.remove(name);
                self.media(name, (media, &other), of, (direction, subject.clone()));
            }
        }
        let mut replaced = Vec::new();
        for name in gone.keys() {
            let range = after.keys().find(|range| is_range_of(range, name));
            replaced.extend(range.map(|range| (name.clone(), range.clone())));
        }
        for name in come.keys() {
            let range = before.keys().find(|range| is_range_of(range, name));
            replaced.extend(range.map(|range| (range.clone(), name.clone())));
        }
        for (name, other) in &replaced {
            gone.remove(name);
            come.remove(other);
        }
        // Clients read one kind of JSON as another.
        for name in before.keys().filter(|name| is_json(name)) {
            let other = come.keys().find(|other| is_json(other)).cloned();
            if let (true, Some(other)) = (gone.contains_key(name), other) {
                gone.remove(name);
                come.remove(&other);
                replaced.push((name.clone(), other));
            }
        }
        let subjects = vec![subject.clone()];
        for (name, other) in replaced {
            let (Some(media), Some(other_media)) = (before.get(&name), after.get(&other)) else {
                continue;
            };
            let (check, what) = match (before.contains_key(&other), after.contains_key(&name)) {
                (true, _) => (
                    &checks::MEDIA_TYPE_REMOVED,
                    format!(
                        "the media type `{name}` of {of} was removed, and `{other}` contains it"
                    ),
                ),
                (_, true) => (
                    &checks::MEDIA_TYPE_ADDED,
                    format!("the media type `{other}` of {of} was added, and `{name}` contains it"),
                ),
                _ => (
                    &checks::MEDIA_TYPE_RENAMED,
                    format!("the media type of {of} changed from `{name}` to `{other}`"),
                ),
            };
            let verdicts = match (is_range_of(&other, &name), is_range_of(&name, &other)) {
                (false, false) => None,
                _ if check != &checks::MEDIA_TYPE_RENAMED => Some([Verdict::Neutral; 2]),
                (true, _) => Some([Verdict::Additive, Verdict::MayBreak]),
                (_, true) => Some([Verdict::Breaking, Verdict::Neutral]),
            };
            let (was, is) = (
                Place::at(media.pointer.clone()),
                Place::at(other_media.pointer.clone()),
            );
            let found = self.find((check, what), was, is, direction, subjects.clone());
            found.verdicts = verdicts;
            self.media(
                &name,
                (media, other_media),
                of,
                (direction, subject.clone()),
            );
        }
        for (name, media) in gone {
            let what = format!("the media type `{name}` of {of} was removed");
            let place = Place::missing_in(new.node.pointer.clone());
            let told = (&checks::MEDIA_TYPE_REMOVED, what);
            let was = Place::at(media.pointer);
            self.find(told, was, place, direction, subjects.clone());
        }
        for (name, media) in come {
            let what = format!("the media type `{name}` of {of} was added");
            let place = Place::missing_in(old.node.pointer.clone());
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
        let encodings = (encodings(self.old, old), encodings(self.new, new));
        if encodings.0 != encodings.1 {
            let values = (old.property("encoding"), new.property("encoding"));
            let what = format!(
                "`encoding` of {of} changed from {} to {}",
                brief(values.0.as_ref()),
                brief(values.1.as_ref())
            );
            let (was, is) = (property(old, "encoding"), property(new, "encoding"));
            let told = (&checks::ENCODING_CHANGED, what);
            self.find(told, was, is, direction, vec![subject.clone()]);
        }
        let form = match name {
            "application/x-www-form-urlencoded" | "multipart/form-data" => Form::Fields,
            // Everything in plain text and in XML is a string.
            name if name == "text/plain" || name.ends_with("xml") => Form::Text {
                repeats: false,
                flat: true,
            },
            _ => Form::Json,
        };
        let schemas = (schema(old), schema(new));
        let raw = |source: Source<'a>, node: &Node<'a>| {
            is_raw(&View::of(source, std::slice::from_ref(node)))
        };
        if is_bytes(name) && raw(self.old, &schemas.0) && raw(self.new, &schemas.1) {
            return;
        }
        self.schema(subject, schemas, direction, form, false);
    }

    fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let (before, after) = (responses(old), responses(new));
        let covering = |ranges, status| covering(ranges, status, (&before, &after));
        for (status, response) in &before {
            if let Some(other) = after.get(status) {
                self.one_response(status, response, other);
                continue;
            }
            let range = covering(&after, status);
            if let Some(range) = range.filter(|(range, _)| !before.contains_key(*range)) {
                self.replaced((status, response), range, &checks::STATUS_GENERALIZED);
                continue;
            }
            if let Some((range, other)) = range {
                let found = self.removed_response(status, response, new, (&before, &after));
                if range != "DEFAULT" {
                    found.verdicts = Some([Verdict::Neutral; 2]);
                }
                self.one_response(range, response, other);
                continue;
            }
            let mut come = after.keys().filter(|other| !before.contains_key(*other));
            let is_split = come
                .any(|other| covering(&before, other).is_some_and(|(range, _)| range == status));
            // Each status that replaces a range is reported below.
            if !is_split {
                self.removed_response(status, response, new, (&before, &after));
            }
        }
        for (status, response) in &after {
            if before.contains_key(status) {
                continue;
            }
            let range = covering(&before, status);
            if let Some(range) = range.filter(|(range, _)| !after.contains_key(*range)) {
                self.replaced(range, (status, response), &checks::STATUS_SPECIALIZED);
                continue;
            }
            let mut gone = before.keys().filter(|known| !after.contains_key(*known));
            let replaces =
                gone.any(|known| covering(&after, known).is_some_and(|(range, _)| range == status));
            if !replaces {
                self.added_response(status, response, old, &before);
            }
            if let Some((_, other)) = range {
                self.one_response(status, other, response);
            }
        }
    }

    /// A status that another status, of which it is a part or which is a part of it, replaces.
    fn replaced(
        &mut self,
        (status, response): (&str, &Message<'a>),
        (replaced, other): (&str, &Message<'a>),
        check: &'static Check,
    ) {
        let what = format!(
            "response {} was replaced by {}",
            status.to_lowercase(),
            replaced.to_lowercase()
        );
        let (was, is) = (
            Place::at(response.node.pointer.clone()),
            Place::at(other.node.pointer.clone()),
        );
        let found = self.response_finding(check, what, was, is);
        if check == &checks::STATUS_GENERALIZED {
            found.verdicts = Some(match is_success(status) {
                true => [Verdict::Additive; 2],
                false => [Verdict::Neutral; 2],
            });
        }
        self.one_response(replaced, response, other);
    }

    fn added_response(
        &mut self,
        status: &str,
        response: &Message<'a>,
        old: &Operation<'a>,
        before: &Responses<'a>,
    ) {
        let stands_for_all = before.contains_key("2XX") || before.contains_key("DEFAULT");
        let check = match is_success(status) {
            true if stands_for_all => &checks::SUCCESS_COVERED,
            true => &checks::SUCCESS_ADDED,
            false => &checks::ERROR_ADDED,
        };
        let what = format!("response {} was added", status.to_lowercase());
        let (was, is) = (
            Place::missing_in(old.node.pointer.join("responses")),
            Place::at(response.node.pointer.clone()),
        );
        // Clients read a success that they do not know as the one that they know.
        let mut known = before
            .iter()
            .filter(|(status, _)| is_success(status))
            .peekable();
        let alike = known.peek().is_some() && known.all(|(_, known)| self.alike(known, response));
        let found = self.response_finding(check, what, was, is);
        if check == &checks::SUCCESS_ADDED && alike {
            found.verdicts = Some([Verdict::Additive; 2]);
        }
    }

    /// True if two responses have the same content.
    fn alike(&self, old: &Message<'a>, new: &Message<'a>) -> bool {
        match (old.node.property("content"), new.node.property("content")) {
            (None, None) => true,
            (Some(old), Some(new)) => is_equal((self.old, &old), (self.new, &new)),
            _ => false,
        }
    }

    fn removed_response(
        &mut self,
        status: &str,
        response: &Message<'a>,
        new: &Operation<'a>,
        (before, after): (&Responses<'a>, &Responses<'a>),
    ) -> &mut Finding {
        let check = match is_success(status) {
            true => &checks::SUCCESS_REMOVED,
            false => &checks::ERROR_REMOVED,
        };
        let what = format!("response {} was removed", status.to_lowercase());
        let (was, is) = (
            Place::at(response.node.pointer.clone()),
            Place::missing_in(new.node.pointer.join("responses")),
        );
        // Clients do not distinguish successes with the same content.
        let mut kept = after.iter();
        let alike = kept.any(|(other, kept)| {
            is_success(other) && before.contains_key(other) && self.alike(response, kept)
        });
        let found = self.response_finding(check, what, was, is);
        if check == &checks::SUCCESS_REMOVED && alike {
            found.verdicts = Some([Verdict::MayBreak; 2]);
        }
        found
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

    fn one_response(&mut self, status: &str, old: &Message<'a>, new: &Message<'a>) {
        let of = format!("response {}", status.to_lowercase());
        let direction = self.response();
        self.descriptions(&old.node, &new.node, &of, direction);
        if old.node.value.get("links") != new.node.value.get("links") {
            let what = format!("the links of {of} changed");
            let (was, is) = (property(&old.node, "links"), property(&new.node, "links"));
            self.find(
                (&checks::LINKS_CHANGED, what),
                was,
                is,
                direction,
                Vec::new(),
            );
        }
        self.content(old, new, &of, (direction, Subject::Responses));
        let before = headers(old);
        let mut after = headers(new);
        for (name, header) in before {
            match after.remove(&name) {
                Some(other) => self.header(&name, (&header, &other), &of),
                None => self.removed_header(&name, &header, &new.node, &of),
            }
        }
        for (name, header) in after {
            let what = format!("the header `{name}` of {of} was added");
            let was = Place::missing_in(old.node.pointer.clone());
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

/// The schema of a parameter, a header or a media type.
pub(super) fn schema<'a>(holder: &Node<'a>) -> Node<'a> {
    schema_of(holder).unwrap_or_else(|| Node {
        pointer: holder.pointer.clone(),
        value: &ANYTHING,
    })
}

/// The encoding of each field of a form, without the defaults of the specification.
fn encodings<'a>(
    source: Source<'a>,
    media: &Node<'a>,
) -> BTreeMap<&'a str, BTreeMap<&'a str, &'a Value>> {
    let mut encodings = BTreeMap::new();
    if media.value.get("encoding").is_none() {
        return encodings;
    }
    let fields = View::of(source, &[schema(media)]).properties;
    for (name, encoding) in media.properties("encoding") {
        let Some(field) = fields.get(name) else {
            continue;
        };
        let default = default_content_type(&View::of(source, field), source);
        let has_effect = |key: &str, value: &Value| match key {
            "contentType" => value.as_str() != default,
            "style" => value != "form",
            "explode" => value != true,
            "allowReserved" => false,
            _ => true,
        };
        let entries = encoding.entries().into_iter();
        let entries = entries.map(|(key, node)| (key, node.value));
        let entries: BTreeMap<_, _> = entries
            .filter(|(key, value)| has_effect(key, value))
            .collect();
        if !entries.is_empty() {
            encodings.insert(name, entries);
        }
    }
    encodings
}

/// The content type of a part without `contentType` (OpenAPI 3.1.1, Encoding Object).
fn default_content_type(field: &View<'_>, source: Source<'_>) -> Option<&'static str> {
    let types = field.types.as_ref()?;
    if is_raw(field) {
        return Some("application/octet-stream");
    }
    if types.iter().eq(["array"].iter()) {
        return default_content_type(&View::of(source, &field.items), source);
    }
    Some(match types.contains("object") {
        true => "application/json",
        false => "text/plain",
    })
}

/// True if the content of a media type has no structure that a schema describes.
fn is_bytes(name: &str) -> bool {
    let structured = ["json", "xml", "yaml", "form", "text/", "multipart/", "*"];
    !structured.iter().any(|part| name.contains(part))
}

/// The media types of a request body or a response, without their parameters.
fn media_types<'a>(message: &Message<'a>) -> BTreeMap<String, Node<'a>> {
    let content = message.content().into_iter();
    content.map(|media| (media.essence(), media.node)).collect()
}

/// True if a media type is one of a range, such as `text/*`.
fn is_range_of(range: &str, name: &str) -> bool {
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => name.split('/').next() == Some(kind),
        None => false,
    }
}

/// The responses of an operation by their statuses in uppercase.
type Responses<'a> = BTreeMap<String, Message<'a>>;

fn responses<'a>(operation: &Operation<'a>) -> Responses<'a> {
    let responses = operation.responses().into_iter();
    responses
        .map(|(status, response)| (status.to_uppercase(), response))
        .collect()
}

fn headers<'a>(response: &Message<'a>) -> BTreeMap<String, Node<'a>> {
    let headers = response.headers().into_iter();
    headers
        .map(|(name, header)| (name.to_lowercase(), header))
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

/// The closest of the `ranges` that describes a status. A default response beside a success is for
/// errors; if both documents have one, it is for those that nothing else describes.
fn covering<'r, 'a>(
    ranges: &'r Responses<'a>,
    status: &str,
    (before, after): (&Responses<'a>, &Responses<'a>),
) -> Option<(&'r str, &'r Message<'a>)> {
    let is_rest = match is_success(status) {
        true => ranges.keys().any(|known| is_success(known)),
        false => before.contains_key("DEFAULT") && after.contains_key("DEFAULT"),
    };
    // `2XX` comes before `DEFAULT`.
    ranges
        .iter()
        .find(|(range, _)| includes(range, status) && !(is_rest && *range == "DEFAULT"))
        .map(|(range, response)| (range.as_str(), response))
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// The location of a keyword, or of the object that lacks it.
pub(super) fn property(node: &Node<'_>, keyword: &str) -> Place {
    match node.property(keyword) {
        Some(node) => Place::at(node.pointer),
        None => Place::missing_in(node.pointer.clone()),
    }
}
