//! Formats locations in a request, for violations.

use openapi_document::Pointer;

use super::outline::Outline;
use super::style::Style;
use crate::{Location, Parameter};

/// The part of a request that a value was read from.
#[derive(Clone, Copy)]
pub(crate) enum ValueSource<'a> {
    Body,
    /// A line of the body, starting at 1.
    Line(usize),
    Parameter(&'a Parameter),
    /// An object parameter whose properties are separate query parameters.
    ExplodedObject(&'a Parameter),
}

impl<'a> ValueSource<'a> {
    pub(crate) fn of(parameter: &'a Parameter, outline: &Outline) -> Self {
        match is_exploded_object(parameter, outline) {
            true => Self::ExplodedObject(parameter),
            false => Self::Parameter(parameter),
        }
    }

    /// Returns the name of a location in the value: `query page[size]`, `body /name`.
    pub(crate) fn at(self, pointer: &Pointer) -> String {
        let brackets = |tokens: &mut dyn Iterator<Item = String>| -> String {
            tokens.map(|token| format!("[{token}]")).collect()
        };
        let mut tokens = pointer.tokens();
        match self {
            Self::Body if pointer.as_str().is_empty() => "body".to_owned(),
            Self::Body => format!("body {}", pointer.as_str()),
            Self::Line(number) if pointer.as_str().is_empty() => format!("body line {number}"),
            Self::Line(number) => format!("body line {number} {}", pointer.as_str()),
            Self::Parameter(parameter) => {
                let location = parameter.location.as_str();
                format!("{location} {}{}", parameter.name, brackets(&mut tokens))
            }
            Self::ExplodedObject(parameter) => {
                let location = parameter.location.as_str();
                let name = tokens.next().unwrap_or_else(|| parameter.name.clone());
                format!("{location} {name}{}", brackets(&mut tokens))
            }
        }
    }
}

/// True if the properties of a parameter are separate query parameters or cookies.
pub(crate) fn is_exploded_object(parameter: &Parameter, outline: &Outline) -> bool {
    let in_pairs = matches!(parameter.location, Location::Query | Location::Cookie);
    in_pairs && parameter.content.is_none() && Style::from(parameter).is_exploded_object(outline)
}
