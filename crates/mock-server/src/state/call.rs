//! One call of an operation, with its path, key and body.

use http::StatusCode;
use openapi_document::is_json_lines;
use serde_json::{Value, json};

use super::Outcome;
use super::items::{set, to_string};
use crate::description::{Content, Operation, is_json};
use crate::effects::{Action, CollectionInfo, Effect, Segment};
use crate::negotiation::negotiate;
use crate::paging::pairs;
use crate::prefer::Preference;
use crate::properties::normalized;
use crate::received::Received;
use crate::reply::{Problem, Reply};
use crate::response::{ResponseGenerator, success};
use crate::store::Path;
use crate::validation::{MERGE_PATCH, essence, lines};

/// One call of an operation.
pub(super) struct Call<'a> {
    pub(super) operation: &'a Operation,
    pub(super) effect: &'a Effect,
    pub(super) info: &'a CollectionInfo,
    pub(super) received: &'a Received,
    pub(super) preference: &'a Preference,
    /// The decoded path parameters.
    pub(super) values: &'a [(String, String)],
    pub(super) path: Path,
    pub(super) key: Path,
    pub(super) body: Value,
}

impl<'a> Call<'a> {
    /// Copies the call, for modification.
    pub(super) fn copy(&self) -> Self {
        Self {
            path: self.path.clone(),
            key: self.key.clone(),
            body: self.body.clone(),
            ..*self
        }
    }

    /// True if nulls in the body remove properties (RFC 7396).
    pub(super) fn is_merge_patch(&self) -> bool {
        let content_type = self.received.header("content-type");
        content_type.is_some_and(|value| essence(value) == MERGE_PATCH)
    }

    pub(super) fn is_dry_run(&self) -> bool {
        pairs(self.received).any(|(name, value)| normalized(&name) == "dryrun" && value == "true")
    }

    /// Returns a 404 if the operation documents one.
    pub(super) fn not_found(&self) -> Outcome {
        if self.operation.response(404).is_none() {
            return Ok(None);
        }
        let location = [&self.path[..], &self.key].concat().join("/");
        let detail = format!("/{location} does not exist.");
        Err(Problem::new(StatusCode::NOT_FOUND, "Not found", detail))
    }

    /// The content of the response; `None` if it has no body.
    pub(super) fn content(&self) -> Result<Option<&'a Content>, Problem> {
        match success(self.operation) {
            Some(selected) => negotiate(&selected.response.content, self.received),
            None => Ok(None),
        }
    }

    pub(super) fn reply(&self, generator: &ResponseGenerator, body: &Value) -> Option<Reply> {
        let selected = success(self.operation)?;
        let content = self.content().ok()??;
        Some(generator.reply(
            self.operation,
            selected,
            Some((content, self.received, body)),
        ))
    }

    /// The path parameter of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.values.iter();
        let value = values.find(|(known, _)| known == name);
        value.map(|(_, value)| value.as_str())
    }

    /// The list in the body, if there is one. An import may also be a single object.
    pub(super) fn listed(&self) -> Option<Vec<Value>> {
        let list = match self.effect.listed.as_ref() {
            Some(Some(property)) => self.body.get(property)?,
            _ => &self.body,
        };
        match list {
            Value::Object(_) if self.effect.action == Action::Load => Some(vec![list.clone()]),
            list => list.as_array().cloned(),
        }
    }

    /// Writes the path parameters to the properties of the same names.
    pub(super) fn fill_from_path(&self, info: &CollectionInfo, value: &mut Value) {
        for (name, text) in self.values {
            if info.properties.get(name).is_some() && value.is_object() {
                set(value, name, json!(text));
            }
        }
    }

    /// Replaces the properties that a caller can send. Those that were not sent get their defaults or
    /// are removed.
    pub(super) fn replace(&self, value: &mut Value, sent: &Value) {
        let (Some(properties), Some(sent)) = (value.as_object_mut(), sent.as_object()) else {
            *value = sent.clone();
            return;
        };
        for name in self
            .info
            .settable
            .iter()
            .filter(|name| !self.info.is_key(name))
        {
            properties.remove(name);
        }
        for (name, default) in &self.info.defaults {
            properties.insert(name.clone(), default.clone());
        }
        properties.extend(
            sent.iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }

    /// True if an existing item has the same name as the body. Applies only if the body does not
    /// contain the key.
    pub(super) fn is_same(&self, item: &Value) -> bool {
        let names = ["identifier", "email", "slug", "username", "name"];
        let mut named = names
            .iter()
            .filter_map(|name| Some((name, self.body.get(name)?)));
        let is_named_by_key = self.info.key_of(&self.body).is_some();
        let name = named.next().filter(|_| !is_named_by_key);
        name.is_some_and(|(name, value)| item.get(name) == Some(value))
    }

    /// True if an item has the values that the query filters by.
    pub(super) fn passes_filters(&self, item: &Value) -> bool {
        let mut filters: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in pairs(self.received) {
            if self.info.properties.get(&name).is_none() || self.effect.paging.uses(&name) {
                continue;
            }
            match filters.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => filters.push((name, vec![value])),
            }
        }
        filters.iter().all(|(name, wanted)| match &item[name] {
            Value::Array(values) => values
                .iter()
                .any(|value| wanted.contains(&to_string(value))),
            value => wanted.contains(&to_string(value)),
        })
    }
}

/// Expands a path template with path parameters, otherwise with properties of the body.
pub(super) fn expand(template: &[Segment], values: &[(String, String)], body: &Value) -> Path {
    let segments = template.iter().map(|segment| match segment {
        Segment::Fixed(word) => word.clone(),
        Segment::Value(name) => {
            let mut values = values.iter();
            let value = values.find(|(known, _)| known == name);
            let value = value.map(|(_, value)| value.clone());
            let sent = || body.get(name).map(to_string);
            value.or_else(sent).unwrap_or_default()
        }
    });
    segments.collect()
}

/// Unwraps the item in a body if it has the wrapper of the response.
pub(super) fn unwrapped(mut body: Value, effect: &Effect, info: &CollectionInfo) -> Value {
    let wrapper = effect.wrapper.as_deref();
    let wrapper = wrapper.filter(|name| info.properties.get(name).is_none());
    let item = wrapper.and_then(|name| body.get_mut(name)).map(Value::take);
    item.unwrap_or(body)
}

/// Parses the body: JSON, JSON Lines as an array, or a form as an object; null for other media types.
pub(super) fn body(received: &Received) -> Value {
    let media_type = received.header("content-type").unwrap_or_default();
    if is_json(media_type) || received.body.is_empty() {
        return serde_json::from_slice(&received.body).unwrap_or_default();
    }
    if is_json_lines(media_type) {
        let items = lines(&received.body).filter_map(|(_, line)| line.ok());
        return items.collect();
    }
    if essence(media_type) != "application/x-www-form-urlencoded" {
        return Value::Null;
    }
    let query = String::from_utf8_lossy(&received.body).into_owned();
    let form = Received {
        query: Some(query),
        ..received.clone()
    };
    pairs(&form)
        .map(|(name, value)| (name, json!(value)))
        .collect()
}
