//! Validates requests by the document and reports every violation.
//!
//! Values are validated by the schemas of the document. Unless the server is lenient, undeclared query
//! parameters are also violations, as are undeclared properties of objects whose schemas declare
//! properties but do not mention additional ones. Otherwise a misspelled optional parameter of a client
//! would not be detected.

mod body;
mod location;
mod messages;
mod outline;
mod style;

use std::borrow::Cow;

use openapi_document::{Direction, Pointer};
use serde_json::Value;

use self::location::ValueSource;
use self::outline::{Outline, OutlineId, Outlines};
use self::style::{DecodeError, Raw, Style, TypePreference};
use crate::description::is_json;
use crate::schemas::Schemas;
use crate::{
    Content, Credential, Description, Location, Operation, Parameter, Received, Violation,
};

pub(crate) use self::body::{content_for, essence, lines};
pub(crate) use self::style::{Pairs, decoded};

/// Validates requests by a description. Immutable after creation.
pub(crate) struct RequestValidator {
    lenient: bool,
    schemas: Schemas,
    outlines: Outlines,
    /// For each operation of the description, in order.
    operations: Vec<OperationOutlines>,
}

/// The outlines of the parts of a request to one operation.
struct OperationOutlines {
    /// The outlines of its parameters, in order.
    parameters: Vec<OutlineId>,
    /// The outlines of the contents of its body, in order. For JSON Lines, that of a line.
    body: Vec<OutlineId>,
}

impl RequestValidator {
    /// Prepares the validation of requests by a description.
    pub(crate) fn new(description: &Description, lenient: bool) -> Self {
        let schemas = Schemas::of(description.root(), Direction::Request);
        let mut outlines = Outlines::default();
        let root = schemas.root();
        let operations = description.operations().iter().map(|operation| {
            let parameters = operation.parameters.iter();
            let contents = operation.body.iter().flat_map(|body| &body.content);
            OperationOutlines {
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

    /// Returns the violations of a request to the operation at `index`. `path_values` are the undecoded
    /// values of the path parameters, by name.
    pub(crate) fn violations(
        &self,
        description: &Description,
        index: usize,
        path_values: &[(String, String)],
        received: &Received,
    ) -> Vec<Violation> {
        let mut validation = Validation {
            validator: self,
            operation: &description.operations()[index],
            outlines: &self.operations[index],
            received,
            violations: Vec::new(),
        };
        validation.validate_parameters(path_values);
        validation.validate_body();
        validation.violations
    }

    /// Converts strings to typed values. Prefers a value that is valid by the schema, otherwise the
    /// narrowest type.
    fn typed(&self, raw: &Raw, outline: OutlineId, schema: &Pointer) -> Value {
        let narrow = raw.typed(&self.outlines, Some(outline), TypePreference::Narrow);
        if self.schemas.is_valid(schema, &narrow) {
            return narrow;
        }
        let text = raw.typed(&self.outlines, Some(outline), TypePreference::String);
        match self.schemas.is_valid(schema, &text) {
            true => text,
            false => narrow,
        }
    }
}

/// The validation of one request.
struct Validation<'a> {
    validator: &'a RequestValidator,
    operation: &'a Operation,
    outlines: &'a OperationOutlines,
    received: &'a Received,
    violations: Vec<Violation>,
}

impl Validation<'_> {
    fn validate_parameters(&mut self, path_values: &[(String, String)]) {
        let pairs = Pairs::parse(self.received.query.as_deref().unwrap_or_default());
        let all = self
            .operation
            .parameters
            .iter()
            .zip(&self.outlines.parameters);
        let mut all: Vec<_> = all
            .filter(|(parameter, _)| !style::is_ignored_header(parameter))
            .collect();
        // Exploded objects use the remaining query parameters, so they are last.
        all.sort_by_key(|(parameter, outline)| {
            location::is_exploded_object(parameter, self.validator.outlines.get(**outline))
        });
        for (parameter, outline) in all {
            let read = self.read(parameter, *outline, path_values, &pairs);
            self.validate_parameter(parameter, *outline, read);
        }
        self.report_unknown_parameters(&pairs);
    }

    fn read(
        &self,
        parameter: &Parameter,
        outline: OutlineId,
        path_values: &[(String, String)],
        pairs: &Pairs<'_>,
    ) -> Result<Option<Raw>, DecodeError> {
        let outline = self.validator.outlines.get(outline);
        let text = match parameter.location {
            Location::Path => {
                let piece = path_values.iter().find(|(name, _)| *name == parameter.name);
                piece.map(|(_, piece)| Cow::from(piece.as_str()))
            }
            Location::Header => self.received.joined_header(&parameter.name, ", "),
            Location::Cookie => self.received.joined_header("cookie", "; "),
            Location::Query => None,
        };
        let text = text.as_deref();
        if parameter.content.is_some() {
            let text = match parameter.location {
                Location::Query => pairs.take(&parameter.name).first().copied(),
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

    fn validate_parameter(
        &mut self,
        parameter: &Parameter,
        outline: OutlineId,
        read: Result<Option<Raw>, DecodeError>,
    ) {
        let source = ValueSource::of(parameter, self.validator.outlines.get(outline));
        let whole = Pointer::root();
        match read {
            Err(reason) => self.add(source, &whole, reason, Some(&parameter.pointer)),
            Ok(None) if parameter.required => {
                let reason = "is required".to_owned();
                self.add(source, &whole, reason, Some(&parameter.pointer));
            }
            Ok(None) => {}
            Ok(Some(Raw::Scalar(text))) if text.is_empty() && parameter.empty => {}
            Ok(Some(raw)) => self.validate_value(&raw, source, outline, &parameter.schema_pointer),
        }
    }

    /// Reports query parameters that the operation does not declare.
    fn report_unknown_parameters(&mut self, pairs: &Pairs<'_>) {
        if self.validator.lenient {
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
        let unknown = pairs.remaining().filter(|name| !keys.contains(name));
        for name in unknown {
            let declared = match known.is_empty() {
                true => "the operation has none".to_owned(),
                false => format!("the operation has `{}`", known.join("`, `")),
            };
            self.violations.push(Violation {
                location: format!("query {name}"),
                reason: format!("is not a query parameter of the operation; {declared}"),
                pointer: Some(self.operation.pointer.clone()),
            });
        }
    }

    fn validate_body(&mut self) {
        let is_present = !self.received.body.is_empty();
        let Some(body) = &self.operation.body else {
            if is_present && !self.validator.lenient {
                let reason = "is present, but the operation has no request body".to_owned();
                let pointer = &self.operation.pointer;
                self.add(ValueSource::Body, &Pointer::root(), reason, Some(pointer));
            }
            return;
        };
        if !is_present {
            if body.required {
                let reason = "is required".to_owned();
                self.add(
                    ValueSource::Body,
                    &Pointer::root(),
                    reason,
                    Some(&body.pointer),
                );
            }
            return;
        }
        let media_type = essence(self.received.header("content-type").unwrap_or_default());
        match content_for(&body.content, &media_type) {
            Some((index, content)) => {
                let outline = self.outlines.body[index];
                self.validate_content(content, &media_type, outline);
            }
            None if body.content.is_empty() => {}
            None => {
                let accepted = body.content.iter();
                let accepted: Vec<&str> = accepted
                    .map(|content| content.media_type.as_str())
                    .collect();
                let accepted = accepted.join("` or `");
                let reason = match media_type.as_str() {
                    "" => format!("is missing; the operation accepts `{accepted}`"),
                    other => format!("is `{other}`, but the operation accepts `{accepted}`"),
                };
                self.violations.push(Violation {
                    location: CONTENT_TYPE.to_owned(),
                    reason,
                    pointer: Some(body.pointer.join("content")),
                });
            }
        }
    }

    fn validate_content(&mut self, content: &Content, media_type: &str, outline: OutlineId) {
        if let Some(line) = content.line_pointer(self.validator.schemas.root()) {
            self.validate_lines(content, outline, &line);
            return;
        }
        if is_json(media_type) && content.is_binary(self.validator.schemas.root()) {
            return;
        }
        let is_merge_patch = media_type == MERGE_PATCH;
        let outlines = &self.validator.outlines;
        let shape = outlines.get(outline);
        match body::read(content, media_type, outlines, shape, self.received) {
            Err(reason) => {
                let pointer = &content.pointer;
                self.add(ValueSource::Body, &Pointer::root(), reason, Some(pointer));
            }
            Ok(Some(mut raw)) if content.schema.is_some() => {
                if let Raw::Json(patch) = &mut raw
                    && is_merge_patch
                {
                    drop_nulls(patch);
                }
                self.validate_value(&raw, ValueSource::Body, outline, &content.schema_pointer());
            }
            Ok(_) => {}
        }
    }

    /// Validates each line of JSON Lines by the schema of a line, and their number by the schema of the
    /// whole body.
    fn validate_lines(&mut self, content: &Content, outline: OutlineId, schema: &Pointer) {
        let whole = Pointer::root();
        let mut items = Vec::new();
        for (number, line) in lines(&self.received.body) {
            let source = ValueSource::Line(number);
            match line {
                Err(reason) => self.add(source, &whole, reason, Some(&content.pointer)),
                Ok(value) => {
                    let raw = Raw::Json(value);
                    self.validate_value(&raw, source, outline, schema);
                    if let Raw::Json(value) = raw {
                        items.push(value);
                    }
                }
            }
        }
        let list = content
            .schema_pointer()
            .resolved(self.validator.schemas.root());
        let is_list = *schema == list.join("items");
        let validator = self.validator.schemas.validator(&list);
        let Some(validator) = validator.filter(|_| is_list) else {
            return;
        };
        let items = Value::Array(items);
        for error in validator.iter_errors(&items) {
            if error.instance_path().as_str().is_empty() {
                messages::add_violations(&error, ValueSource::Body, &list, &mut self.violations);
            }
        }
    }

    fn validate_value(
        &mut self,
        raw: &Raw,
        source: ValueSource<'_>,
        outline: OutlineId,
        schema: &Pointer,
    ) {
        let value = match raw {
            Raw::Json(value) => value,
            raw => &self.validator.typed(raw, outline, schema),
        };
        let validator = self.validator.schemas.validator(schema);
        let failing = validator.filter(|validator| !validator.is_valid(value));
        for error in failing
            .iter()
            .flat_map(|validator| validator.iter_errors(value))
        {
            messages::add_violations(&error, source, schema, &mut self.violations);
        }
        self.validate_properties(value, source, outline, &Pointer::root());
    }

    /// Reports undeclared and read-only properties.
    fn validate_properties(
        &mut self,
        value: &Value,
        source: ValueSource<'_>,
        outline: OutlineId,
        here: &Pointer,
    ) {
        let validator = self.validator;
        let shape = validator.outlines.get(outline);
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(outline) = shape.items {
                        self.validate_properties(item, source, outline, &here.join(index));
                    }
                }
            }
            Value::Object(properties) => {
                for (name, value) in properties {
                    let pointer = here.join(name);
                    match (shape.properties.get(name), shape.additional) {
                        (Some(property), _) if property.read_only => {
                            let reason = "is read-only and not allowed in requests".to_owned();
                            self.add(source, &pointer, reason, Some(&property.pointer));
                        }
                        (Some(property), _) => {
                            self.validate_properties(value, source, property.outline, &pointer);
                        }
                        (None, Some(additional)) => {
                            self.validate_properties(value, source, additional, &pointer);
                        }
                        (None, None) if shape.closed && !validator.lenient => {
                            let reason = format!(
                                "is not declared in the document{}",
                                suggestion(name, shape)
                            );
                            self.add(source, &pointer, reason, None);
                        }
                        (None, None) => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn add(
        &mut self,
        source: ValueSource<'_>,
        at: &Pointer,
        reason: String,
        spec: Option<&Pointer>,
    ) {
        self.violations.push(Violation {
            location: source.at(at),
            reason,
            pointer: spec.cloned(),
        });
    }
}

/// The media type of merge patches (RFC 7396).
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// Drops the nulls of a merge patch, which remove properties regardless of their schemas (RFC 7396, section
/// 2).
fn drop_nulls(patch: &mut Value) {
    if let Value::Object(properties) = patch {
        properties.retain(|_, value| !value.is_null());
        properties.values_mut().for_each(drop_nulls);
    }
}

/// The location of a violation of the media type.
pub(crate) const CONTENT_TYPE: &str = "header Content-Type";

fn read_content(parameter: &Parameter, text: &str) -> Result<Raw, DecodeError> {
    let text = match parameter.location {
        Location::Query => style::decoded_form(text)?,
        Location::Header => text.to_owned(),
        Location::Path | Location::Cookie => decoded(text)?,
    };
    let is_json = parameter.content.as_deref().is_some_and(is_json);
    if !is_json {
        return Ok(Raw::Scalar(text));
    }
    let value = serde_json::from_str(&text)
        .map_err(|error| format!("is not JSON: syntax error at column {}", error.column()))?;
    Ok(Raw::Json(value))
}

/// Returns `; did you mean …?` if a declared property has a similar name.
fn suggestion(name: &str, shape: &Outline) -> String {
    let known = shape.properties.keys().map(String::as_str);
    match openapi_document::nearest_name(name, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
