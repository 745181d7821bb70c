//! Converts validator errors to violations. Values of the request are never repeated, because they may
//! be secret.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use openapi_document::Pointer;

use super::location::ValueSource;
use crate::Violation;

/// Adds the violations of a validator error; one for each property that it concerns.
pub(crate) fn add_violations(
    error: &ValidationError<'_>,
    source: ValueSource<'_>,
    schema: &Pointer,
    violations: &mut Vec<Violation>,
) {
    let here = Pointer::parse(error.instance_path().as_str()).unwrap_or_default();
    let spec = spec_pointer(error).unwrap_or_else(|| schema.clone());
    let mut add = |pointer: &Pointer, reason: String| {
        violations.push(Violation {
            location: source.at(pointer),
            reason,
            pointer: Some(spec.clone()),
        });
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(&here.join(name), "is required".to_owned());
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                add(
                    &here.join(name),
                    "is not allowed by the document".to_owned(),
                );
            }
        }
        Kind::FalseSchema => add(&here, "is not allowed".to_owned()),
        Kind::Format { format } => add(&here, format!("does not have the format `{format}`")),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            match nearest_branch(&here, context) {
                Some(errors) => {
                    for error in errors {
                        add_violations(error, source, schema, violations);
                    }
                }
                None => add(&here, format!("matches none of {} schemas", context.len())),
            }
        }
        _ => {
            let reason = error.masked_with("the value").to_string();
            let reason = match reason.strip_prefix("the value ") {
                Some(reason) => reason.to_owned(),
                None => reason,
            };
            add(&here, reason);
        }
    }
}

/// Returns the errors of the intended branch, if there is only one that the type of the value matches.
fn nearest_branch<'a>(
    here: &Pointer,
    branches: &'a [Vec<ValidationError<'static>>],
) -> Option<&'a Vec<ValidationError<'static>>> {
    let is_wrong_type = |error: &ValidationError<'_>| {
        matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == here.as_str()
    };
    let mut fitting = branches
        .iter()
        .filter(|errors| !errors.iter().any(is_wrong_type));
    let only = fitting.next();
    only.filter(|_| fitting.next().is_none())
}

/// The location in the document of the violated keyword.
fn spec_pointer(error: &ValidationError<'_>) -> Option<Pointer> {
    let location = error.absolute_keyword_location()?.as_str();
    let (_, fragment) = location.split_once('#')?;
    Pointer::parse(&format!("#{fragment}"))
}
