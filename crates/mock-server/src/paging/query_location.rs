//! The location of a value in a query: a parameter, or a property of one.

use http::StatusCode;
use openapi_document::Pointer;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::DEFAULT_SIZE;
use crate::description::Parameter;
use crate::properties::{Properties, Property};
use crate::received::Received;
use crate::reply::{Problem, Violation};

/// The location of a value in the query.
#[derive(Debug, Clone)]
pub(super) struct QueryLocation {
    /// The key in the query string.
    pub(super) query_key: String,
    /// The property path within the JSON value of the key; empty for the value itself.
    pub(super) property: Vec<String>,
    pub(super) schema: Value,
}

/// The values in a query parameter: the parameter itself, or its properties.
pub(super) fn query_locations(root: &Value, parameter: &Parameter) -> Vec<QueryLocation> {
    let name = &parameter.name;
    let properties = Properties::of(root, &parameter.schema_pointer).named;
    if !properties.is_empty() {
        let query_location = |property: Property| {
            let (query_key, path) = match (&parameter.content, &*parameter.style) {
                (Some(_), _) => (name.clone(), vec![property.name]),
                (None, "deepObject") => (format!("{name}[{}]", property.name), Vec::new()),
                (None, _) => (property.name, Vec::new()),
            };
            QueryLocation {
                query_key,
                property: path,
                schema: schema_at(root, &property.pointer),
            }
        };
        return properties.into_iter().map(query_location).collect();
    }
    let object = json_example(root, parameter);
    if let Some(object) = object.as_ref().and_then(Value::as_object) {
        let query_location = |property: &String| QueryLocation {
            query_key: name.clone(),
            property: vec![property.clone()],
            schema: Value::Null,
        };
        return object.keys().map(query_location).collect();
    }
    let schema = schema_at(root, &parameter.schema_pointer);
    vec![QueryLocation {
        query_key: name.clone(),
        property: Vec::new(),
        schema,
    }]
}

pub(super) fn schema_at(root: &Value, pointer: &Pointer) -> Value {
    pointer
        .resolved(root)
        .get(root)
        .cloned()
        .unwrap_or_default()
}

/// The JSON value of the example of a string parameter.
fn json_example(root: &Value, parameter: &Parameter) -> Option<Value> {
    let target = parameter.pointer.get(root)?;
    let example = target
        .get("example")
        .or_else(|| parameter.schema.get("example"))?;
    serde_json::from_str(example.as_str()?).ok()
}

impl QueryLocation {
    pub(super) fn name(&self) -> &str {
        let property = self.property.last().map(String::as_str);
        property.unwrap_or_else(|| match self.query_key.rsplit_once('[') {
            Some((_, property)) => property.trim_end_matches(']'),
            None => &self.query_key,
        })
    }

    pub(super) fn text(&self, received: &Received) -> Option<String> {
        let (_, value) = pairs(received).find(|(name, _)| *name == self.query_key)?;
        if self.property.is_empty() {
            return Some(value);
        }
        let mut value: Value = serde_json::from_str(&value).ok()?;
        for name in &self.property {
            value = value.get_mut(name)?.take();
        }
        match value {
            Value::String(text) => Some(text),
            value => Some(value.to_string()),
        }
    }

    pub(super) fn number(&self, received: &Received) -> Result<Option<usize>, Problem> {
        let text = self.text(received).filter(|text| !text.is_empty());
        let number = text.map(|text| text.parse());
        number
            .transpose()
            .map_err(|_| self.problem("is not a non-negative integer"))
    }

    pub(super) fn default_size(&self) -> Option<usize> {
        let number = |keyword: &str| usize::try_from(self.schema.get(keyword)?.as_u64()?).ok();
        number("default").or_else(|| number("maximum").map(|most| most.min(DEFAULT_SIZE)))
    }

    /// Page numbers start at 1 unless the document specifies otherwise.
    pub(super) fn first_page(&self) -> usize {
        let number = |keyword: &str| self.schema.get(keyword).and_then(Value::as_u64);
        usize::from(number("default").or(number("minimum")) != Some(0))
    }

    pub(super) fn problem(&self, reason: &str) -> Problem {
        let location = match self.property.as_slice() {
            [] => format!("query {}", self.query_key),
            property => format!("query {} /{}", self.query_key, property.join("/")),
        };
        let violation = Violation {
            location,
            reason: reason.to_owned(),
            pointer: None,
        };
        let detail = "The page does not exist.";
        Problem {
            violations: vec![violation],
            ..Problem::new(StatusCode::BAD_REQUEST, "No such page", detail)
        }
    }
}

/// The decoded pairs of a query.
pub(crate) fn pairs(received: &Received) -> impl Iterator<Item = (String, String)> {
    let query = received.query.as_deref().unwrap_or_default();
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}
