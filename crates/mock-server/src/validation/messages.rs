//! What a validator found, in the words of a violation. Values of the request are never repeated,
//! for they may be secrets.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use openapi_document::Pointer;

use super::location::ValueSource;
use crate::Violation;

/// Says one error of the validator, as several violations where it is about several members.
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
                    "is a member that the document does not allow".to_owned(),
                );
            }
        }
        Kind::FalseSchema => add(&here, "is not allowed".to_owned()),
        Kind::Format { format } => add(&here, format!("is not of the format `{format}`")),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            match nearest_branch(&here, context) {
                Some(errors) => {
                    for error in errors {
                        add_violations(error, source, schema, violations);
                    }
                }
                None => add(&here, format!("fits none of its {} schemas", context.len())),
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

/// The branch that was probably meant: the only one that the value's type fits.
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

/// Where in the document the keyword stands that was not met.
fn spec_pointer(error: &ValidationError<'_>) -> Option<Pointer> {
    let location = error.absolute_keyword_location()?.as_str();
    let (_, fragment) = location.split_once('#')?;
    Pointer::parse(&format!("#{fragment}"))
}
