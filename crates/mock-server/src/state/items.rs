//! The values of items: how they are generated, get their keys, and are changed.

use openapi_instances::PlausibleOptions;
use serde_json::{Map, Value, json};

use super::{State, generation_failed};
use crate::effects::CollectionInfo;
use crate::properties::{ends_with_word, normalized};
use crate::reply::Problem;
use crate::store::Path;

impl State {
    pub(super) fn generated_item(
        &self,
        info: &CollectionInfo,
        path: &[String],
        ordinal: usize,
    ) -> Result<Value, Problem> {
        let options = PlausibleOptions {
            seed: self.seed().number(path),
            ordinal,
            examples: true,
        };
        match &info.item {
            Some(pointer) => self
                .generator
                .value_at(pointer, options)
                .map_err(generation_failed),
            None => Ok(json!({})),
        }
    }

    /// Assigns a new key to an item, and writes it to the key properties.
    pub(super) fn assign_key(
        &self,
        info: &CollectionInfo,
        path: &[String],
        value: &mut Value,
        ordinal: usize,
    ) -> Path {
        if info.keys.iter().all(Option::is_none) {
            return vec![value.to_string()];
        }
        let purpose = path.join("/");
        for property in info.keys.iter().flatten() {
            let Some(known) = info.properties.get(property) else {
                continue;
            };
            let uuid = json!(
                self.seed()
                    .uuid(&[&purpose, property, &ordinal.to_string()])
            );
            let is_free = !info.settable.contains(property) || value.get(property).is_none();
            if is_free && self.generator.is_valid_at(&known.pointer, &uuid) {
                set(value, property, uuid);
            } else if is_free {
                let options = PlausibleOptions {
                    ordinal,
                    ..PlausibleOptions::default()
                };
                set(
                    value,
                    property,
                    self.generator
                        .value_at(&known.pointer, options)
                        .unwrap_or(uuid),
                );
            }
        }
        info.key_of(value)
            .unwrap_or_else(|| vec![ordinal.to_string()])
    }

    /// Converts a key to the type of its property: a number if a string is invalid.
    pub(super) fn typed(&self, info: &CollectionInfo, property: &str, key: &str) -> Value {
        let number = || key.parse::<i64>().ok().map(Value::from);
        let fits = |value: &Value| {
            let known = info.properties.get(property);
            known.is_none_or(|known| self.generator.is_valid_at(&known.pointer, value))
        };
        let string = json!(key);
        if fits(&string) {
            string
        } else {
            number().unwrap_or(string)
        }
    }
}

impl CollectionInfo {
    /// Returns the key of an item, if it is complete.
    pub(super) fn key_of(&self, value: &Value) -> Option<Path> {
        let keys = self.keys.iter().map(|property| {
            let value = value.get(property.as_ref()?)?;
            (value.is_string() || value.is_number()).then(|| to_string(value))
        });
        let keys: Option<Path> = keys.collect();
        keys.filter(|keys| !keys.is_empty())
    }

    pub(super) fn is_key(&self, name: &str) -> bool {
        self.keys.iter().flatten().any(|key| key == name)
    }

    /// Renames sent properties to those of the item: an unknown name is replaced by the only property
    /// that ends with it, such as `nodeCount` for `count`.
    pub(super) fn with_item_names(&self, sent: &Value) -> Value {
        let Some(sent) = sent.as_object() else {
            return sent.clone();
        };
        let own = |name: &String| {
            let mut ending = self
                .properties
                .named
                .iter()
                .filter(|property| ends_with_word(&property.name, name));
            match (self.properties.get(name), ending.next(), ending.next()) {
                (None, Some(only), None) => only.name.clone(),
                _ => name.clone(),
            }
        };
        sent.iter()
            .map(|(name, value)| (own(name), value.clone()))
            .collect()
    }
}

/// Sets a property, if the value is an object.
pub(super) fn set(value: &mut Value, name: &str, property: Value) {
    if let Some(properties) = value.as_object_mut() {
        properties.insert(name.to_owned(), property);
    }
}

/// Sets the property that a path of names leads to.
pub(super) fn set_at(value: &mut Value, path: &[String], property: Value) {
    let Some((name, outer)) = path.split_last() else {
        return;
    };
    let mut place = value;
    for name in outer {
        let Some(properties) = place.as_object_mut() else {
            return;
        };
        place = properties
            .entry(name.as_str())
            .or_insert_with(|| Value::Object(Map::new()));
    }
    set(place, name, property);
}

/// Merges objects recursively. In a merge patch, nulls remove properties (RFC 7396); otherwise they are kept,
/// because the schema decides whether they are valid.
pub(super) fn merge(value: &mut Value, sent: &Value, is_merge_patch: bool) {
    match (value, sent) {
        (Value::Object(properties), Value::Object(sent)) => {
            for (name, sent) in sent {
                if is_merge_patch && sent.is_null() {
                    properties.shift_remove(name);
                } else {
                    let property = properties.entry(name.as_str()).or_insert(Value::Null);
                    merge(property, sent, is_merge_patch);
                }
            }
        }
        (value, sent) => *value = sent.clone(),
    }
}

/// Sets the creation and modification times, if the item has properties for them.
pub(super) fn set_timestamps(info: &CollectionInfo, value: &mut Value, changes: u64, is_new: bool) {
    let Some(properties) = value.as_object_mut() else {
        return;
    };
    let seconds = changes % 86_400;
    let day = 1 + changes / 86_400 % 28;
    let time = format!(
        "2024-01-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    for property in &info.properties.named {
        let name = normalized(&property.name);
        let is_time = ["on", "at", "time", "date"]
            .iter()
            .any(|end| name.ends_with(end));
        let created = name.starts_with("creat");
        let updated = name.starts_with("updat") || name.starts_with("modif");
        if is_time && (created && is_new || updated) && properties.contains_key(&property.name) {
            properties.insert(property.name.clone(), json!(time));
        }
    }
}

pub(super) fn to_string(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
