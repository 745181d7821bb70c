//! The judgement: whether a request is what the document says, and if not, each way in which it is
//! not.
//!
//! Everything is held to the schemas as they stand in the document. Beyond that, what the document
//! does not know is a mistake as well, unless the server is lenient: a query parameter that no
//! operation declares, and a member of an object whose schemas name members and say nothing of
//! others. Otherwise a client's misspelt optional parameter would go unnoticed.

mod body;
mod outline;
mod phrase;
mod place;
mod style;

use openapi_document::Pointer;
use openapi_document::instances::Direction;
use serde_json::Value;

use self::outline::{Outline, OutlineId, Outlines};
use self::place::Place;
use self::style::{Lean, Pairs, Raw, Style, Unreadable};
use crate::description::is_json;
use crate::members::resolved;
use crate::schemas::Schemas;
use crate::{
    Content, Credential, Description, Location, Operation, Parameter, Received, Violation,
};

pub(crate) use self::body::{content_for, essence, lines};
pub(crate) use self::style::decoded;

/// What requests are judged by. It is made once and never changes.
pub(crate) struct Judge {
    lenient: bool,
    schemas: Schemas,
    outlines: Outlines,
    /// For each operation of the description, in its order.
    operations: Vec<Shapes>,
}

/// The outlines of what a request to one operation is made of.
struct Shapes {
    /// Of its parameters, in their order.
    parameters: Vec<OutlineId>,
    /// Of the contents of its body, in their order; of a body in lines, that of a line.
    body: Vec<OutlineId>,
}

impl Judge {
    /// Prepares to judge the requests to a description's operations.
    pub(crate) fn new(description: &Description, lenient: bool) -> Self {
        let schemas = Schemas::of(description.root(), Direction::Request);
        let mut outlines = Outlines::default();
        let root = schemas.root();
        let operations = description.operations().iter().map(|operation| {
            let parameters = operation.parameters.iter();
            let contents = operation.body.iter().flat_map(|body| &body.content);
            Shapes {
                parameters: parameters
                    .map(|parameter| outlines.of(root, parameter.schema_pointer.clone()))
                    .collect(),
                body: contents
                    .map(|content| {
                        let line = content.line_pointer(root);
                        outlines.of(root, line.unwrap_or_else(|| content.schema_pointer()))
                    })
                    .collect(),
            }
        });
        let operations = operations.collect();
        Self {
            lenient,
            schemas,
            outlines,
            operations,
        }
    }

    /// Every way in which a request to the operation at `index` is not what the document says; none
    /// if it is. `path_values` are the pieces of the path that its template's parameters matched,
    /// by name, not decoded.
    pub(crate) fn violations(
        &self,
        description: &Description,
        index: usize,
        path_values: &[(String, String)],
        received: &Received,
    ) -> Vec<Violation> {
        let mut case = Case {
            judge: self,
            operation: &description.operations()[index],
            shapes: &self.operations[index],
            received,
            violations: Vec::new(),
        };
        case.judge_parameters(path_values);
        case.judge_body();
        case.violations
    }

    /// The value that texts stand for: one that the schema allows if there is one, else the
    /// narrowest.
    fn typed(&self, raw: &Raw, outline: OutlineId, schema: &Pointer) -> Value {
        let narrow = raw.typed(&self.outlines, Some(outline), Lean::Narrow);
        if self.schemas.allow(schema, &narrow) {
            return narrow;
        }
        let text = raw.typed(&self.outlines, Some(outline), Lean::Text);
        match self.schemas.allow(schema, &text) {
            true => text,
            false => narrow,
        }
    }
}

/// One request before the judge.
struct Case<'a> {
    judge: &'a Judge,
    operation: &'a Operation,
    shapes: &'a Shapes,
    received: &'a Received,
    violations: Vec<Violation>,
}

impl Case<'_> {
    fn judge_parameters(&mut self, path_values: &[(String, String)]) {
        let pairs = Pairs::parse(self.received.query.as_deref().unwrap_or_default());
        let all = self
            .operation
            .parameters
            .iter()
            .zip(&self.shapes.parameters);
        let mut all: Vec<_> = all
            .filter(|(parameter, _)| !style::is_said_elsewhere(parameter))
            .collect();
        // What takes the pairs that are left must come last.
        all.sort_by_key(|(parameter, outline)| {
            place::spreads(parameter, self.judge.outlines.get(**outline))
        });
        for (parameter, outline) in all {
            let read = self.read(parameter, *outline, path_values, &pairs);
            self.judge_parameter(parameter, *outline, read);
        }
        self.judge_unknown(&pairs);
    }

    fn read(
        &self,
        parameter: &Parameter,
        outline: OutlineId,
        path_values: &[(String, String)],
        pairs: &Pairs<'_>,
    ) -> Result<Option<Raw>, Unreadable> {
        let outline = self.judge.outlines.get(outline);
        let text = match parameter.location {
            Location::Path => {
                let piece = path_values.iter().find(|(name, _)| *name == parameter.name);
                piece.map(|(_, piece)| piece.as_str())
            }
            Location::Header => self.received.header(&parameter.name),
            Location::Cookie => self.received.header("cookie"),
            Location::Query => None,
        };
        if parameter.content.is_some() {
            let text = match parameter.location {
                Location::Query => pairs.claim(&parameter.name).first().copied(),
                _ => text,
            };
            return text.map(|text| read_content(parameter, text)).transpose();
        }
        match (parameter.location, text) {
            (Location::Query, _) => Style::from(parameter).read_pairs(outline, pairs),
            (_, None) => Ok(None),
            (Location::Path, Some(piece)) => style::read_path(parameter, outline, piece).map(Some),
            (Location::Header, Some(value)) => {
                style::read_header(parameter, outline, value).map(Some)
            }
            (Location::Cookie, Some(header)) => style::read_cookie(parameter, outline, header),
        }
    }

    fn judge_parameter(
        &mut self,
        parameter: &Parameter,
        outline: OutlineId,
        read: Result<Option<Raw>, Unreadable>,
    ) {
        let place = Place::of(parameter, self.judge.outlines.get(outline));
        let whole = Pointer::root();
        match read {
            Err(reason) => self.add(place, &whole, reason, Some(&parameter.pointer)),
            Ok(None) if parameter.required => {
                let reason = "is required".to_owned();
                self.add(place, &whole, reason, Some(&parameter.pointer));
            }
            Ok(None) => {}
            Ok(Some(Raw::Text(text))) if text.is_empty() && parameter.empty => {}
            Ok(Some(raw)) => self.judge_value(&raw, place, outline, &parameter.schema_pointer),
        }
    }

    /// Query parameters that nothing in the operation asks for.
    fn judge_unknown(&mut self, pairs: &Pairs<'_>) {
        if self.judge.lenient {
            return;
        }
        let schemes = self.operation.security.iter();
        let keys: Vec<&str> = schemes
            .flat_map(|requirement| &requirement.schemes)
            .filter_map(|scheme| match &scheme.credential {
                Credential::ApiKey {
                    location: Location::Query,
                    name,
                } => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let known = self.operation.parameters.iter();
        let known: Vec<&str> = known
            .filter(|parameter| parameter.location == Location::Query)
            .map(|parameter| parameter.name.as_str())
            .collect();
        let unknown = pairs.unclaimed().filter(|name| !keys.contains(name));
        for name in unknown {
            let there_are = match known.is_empty() {
                true => "the operation has none".to_owned(),
                false => format!("the operation has `{}`", known.join("`, `")),
            };
            self.violations.push(Violation {
                place: format!("query {name}"),
                reason: format!("is not a query parameter of the operation; {there_are}"),
                pointer: Some(self.operation.pointer.clone()),
            });
        }
    }

    fn judge_body(&mut self) {
        let is_there = !self.received.body.is_empty();
        let Some(body) = &self.operation.body else {
            if is_there && !self.judge.lenient {
                let reason = "is there, but the operation takes none".to_owned();
                let pointer = &self.operation.pointer;
                self.add(Place::Body, &Pointer::root(), reason, Some(pointer));
            }
            return;
        };
        if !is_there {
            if body.required {
                let reason = "is required".to_owned();
                self.add(Place::Body, &Pointer::root(), reason, Some(&body.pointer));
            }
            return;
        }
        let media_type = essence(self.received.header("content-type").unwrap_or_default());
        match content_for(&body.content, &media_type) {
            Some((index, content)) => {
                let outline = self.shapes.body[index];
                self.judge_content(content, &media_type, outline);
            }
            None if body.content.is_empty() => {}
            None => {
                let taken = body.content.iter();
                let taken: Vec<&str> = taken.map(|content| content.media_type.as_str()).collect();
                let taken = taken.join("` or `");
                let reason = match media_type.as_str() {
                    "" => format!("is missing; the operation takes `{taken}`"),
                    other => format!("is `{other}`, but the operation takes `{taken}`"),
                };
                self.violations.push(Violation {
                    place: CONTENT_TYPE.to_owned(),
                    reason,
                    pointer: Some(body.pointer.join("content")),
                });
            }
        }
    }

    fn judge_content(&mut self, content: &Content, media_type: &str, outline: OutlineId) {
        if let Some(line) = content.line_pointer(self.judge.schemas.root()) {
            self.judge_lines(content, outline, &line);
            return;
        }
        if is_json(media_type) && content.is_binary(self.judge.schemas.root()) {
            return;
        }
        let outlines = &self.judge.outlines;
        let shape = outlines.get(outline);
        match body::read(content, media_type, outlines, shape, self.received) {
            Err(reason) => {
                let pointer = &content.pointer;
                self.add(Place::Body, &Pointer::root(), reason, Some(pointer));
            }
            Ok(Some(raw)) if content.schema.is_some() => {
                self.judge_value(&raw, Place::Body, outline, &content.schema_pointer());
            }
            Ok(_) => {}
        }
    }

    /// A body of JSON texts, each in its line, by the schema of a line; and by what the schema of the whole
    /// says of how many there are.
    fn judge_lines(&mut self, content: &Content, outline: OutlineId, schema: &Pointer) {
        let whole = Pointer::root();
        let mut items = Vec::new();
        for (number, line) in lines(&self.received.body) {
            let place = Place::Line(number);
            match line {
                Err(reason) => self.add(place, &whole, reason, Some(&content.pointer)),
                Ok(value) => {
                    let raw = Raw::Json(value);
                    self.judge_value(&raw, place, outline, schema);
                    if let Raw::Json(value) = raw {
                        items.push(value);
                    }
                }
            }
        }
        let list = resolved(self.judge.schemas.root(), &content.schema_pointer());
        let is_list = *schema == list.join("items");
        let validator = self.judge.schemas.validator(&list);
        let Some(validator) = validator.filter(|_| is_list) else {
            return;
        };
        let items = Value::Array(items);
        for error in validator.iter_errors(&items) {
            if error.instance_path().as_str().is_empty() {
                phrase::say(&error, Place::Body, &list, &mut self.violations);
            }
        }
    }

    fn judge_value(&mut self, raw: &Raw, place: Place<'_>, outline: OutlineId, schema: &Pointer) {
        let value = match raw {
            Raw::Json(value) => value,
            raw => &self.judge.typed(raw, outline, schema),
        };
        let validator = self.judge.schemas.validator(schema);
        let wrong = validator.filter(|validator| !validator.is_valid(value));
        for error in wrong
            .iter()
            .flat_map(|validator| validator.iter_errors(value))
        {
            phrase::say(&error, place, schema, &mut self.violations);
        }
        self.judge_members(value, place, outline, &Pointer::root());
    }

    /// Members that nobody knows, and members that only answers may have.
    fn judge_members(
        &mut self,
        value: &Value,
        place: Place<'_>,
        outline: OutlineId,
        here: &Pointer,
    ) {
        let judge = self.judge;
        let shape = judge.outlines.get(outline);
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(outline) = shape.items {
                        self.judge_members(item, place, outline, &here.join(index));
                    }
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let pointer = here.join(name);
                    match (shape.members.get(name), shape.others) {
                        (Some(member), _) if member.read_only => {
                            let reason = "is read-only, and not for requests".to_owned();
                            self.add(place, &pointer, reason, Some(&member.pointer));
                        }
                        (Some(member), _) => {
                            self.judge_members(value, place, member.outline, &pointer);
                        }
                        (None, Some(others)) => {
                            self.judge_members(value, place, others, &pointer);
                        }
                        (None, None) if shape.closed && !judge.lenient => {
                            let reason = format!(
                                "is not a member that the document knows{}",
                                like(name, shape)
                            );
                            self.add(place, &pointer, reason, None);
                        }
                        (None, None) => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, place: Place<'_>, at: &Pointer, reason: String, spec: Option<&Pointer>) {
        self.violations.push(Violation {
            place: place.at(at),
            reason,
            pointer: spec.cloned(),
        });
    }
}

/// The place of a violation of the media type.
pub(crate) const CONTENT_TYPE: &str = "header Content-Type";

fn read_content(parameter: &Parameter, text: &str) -> Result<Raw, Unreadable> {
    let text = match parameter.location {
        Location::Query => style::decoded_form(text)?,
        Location::Header => text.to_owned(),
        Location::Path | Location::Cookie => decoded(text)?,
    };
    let is_json = parameter.content.as_deref().is_some_and(is_json);
    if !is_json {
        return Ok(Raw::Text(text));
    }
    let value = serde_json::from_str(&text)
        .map_err(|error| format!("is not JSON: it breaks at column {}", error.column()))?;
    Ok(Raw::Json(value))
}

/// `; did you mean …?` if a known member's name is nearly the same.
fn like(name: &str, shape: &Outline) -> String {
    let known = shape.members.keys().map(String::as_str);
    match crate::route::nearest(name, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
