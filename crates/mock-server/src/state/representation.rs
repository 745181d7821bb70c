//! The representation of items in responses.

use std::cell::OnceCell;

use openapi_document::Pointer;
use openapi_instances::PlausibleOptions;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::items::set;
use super::{Memory, Outcome, State, generation_failed};
use crate::effects::CollectionInfo;
use crate::progress::{Stage, is_premature};
use crate::properties::{Properties, ends_with_word};
use crate::response::ResponseGenerator;
use crate::wrapper::wrapped;

/// The maximum number of attempts to repair an invalid value.
const MAX_REPAIRS: usize = 3;

impl State {
    /// Returns an item with the collections below it in the properties for them.
    pub(super) fn with_children(
        &self,
        memory: &Memory,
        info: &CollectionInfo,
        path: &[String],
        key: &[String],
        value: &Value,
    ) -> Value {
        let mut value = value.clone();
        for child in &info.children {
            let below = [path, key, std::slice::from_ref(&child.segment)].concat();
            if let Some(items) = memory.store.items(&below) {
                set(
                    &mut value,
                    &child.property,
                    items.iter().map(|(_, item)| item.value.clone()).collect(),
                );
            }
        }
        value
    }

    pub(super) fn respond(
        &self,
        call: &Call<'_>,
        key: &[String],
        value: &Value,
        job: Option<&Value>,
    ) -> Outcome {
        self.respond_at(call, key, value, job, None)
    }

    /// Returns the documented response with the known values.
    pub(super) fn respond_at(
        &self,
        call: &Call<'_>,
        key: &[String],
        value: &Value,
        job: Option<&Value>,
        stage: Option<Stage>,
    ) -> Outcome {
        let Some(content) = call.content()? else {
            return Ok(None);
        };
        if content.schema.is_none() {
            return Ok(call.reply(&self.generator, value));
        }
        let mut known = value.clone();
        for (name, key) in call.info.key_names.iter().zip(key) {
            if call.info.properties.get(name).is_none() && known.get(name).is_none() {
                set(&mut known, name, json!(key));
            }
        }
        if let Some((job, value)) = call.effect.job.as_ref().zip(job) {
            set(&mut known, &job.property, value.clone());
        }
        let pointer = content.schema_pointer();
        let body = match wrapped(self.description.root(), &pointer) {
            None => self.represent(&pointer, call, &known, stage),
            Some((name, item)) => {
                let item = self.represent(&item, call, &known, stage);
                let mut body = Value::clone(
                    &*self
                        .generator
                        .default_body(content)
                        .map_err(generation_failed)?,
                );
                set(&mut body, &name, item);
                body
            }
        };
        Ok(call.reply(&self.generator, &body))
    }

    /// Returns the known values of an item as a valid instance of the schema at `pointer`.
    pub(super) fn represent(
        &self,
        pointer: &Pointer,
        call: &Call<'_>,
        known: &Value,
        stage: Option<Stage>,
    ) -> Value {
        let options = PlausibleOptions {
            seed: self.seed().number(&call.path),
            ordinal: 0,
            examples: true,
        };
        let generated = self.lazy_value(pointer, options);
        let Value::Object(known) = known else {
            return match self.generator.is_valid_at(pointer, known) {
                true => known.clone(),
                false => generated.value().clone(),
            };
        };
        let properties = Properties::of(self.description.root(), pointer);
        let mut object = Map::new();
        for property in &properties.named {
            let name = &property.name;
            if !property.required && stage.is_some_and(|stage| is_premature(name, stage)) {
                continue;
            }
            let is_foreign = call.info.properties.get(name).is_none();
            let generated_value = || {
                generated
                    .property(name)
                    .filter(|_| property.required || is_foreign)
            };
            let value = known_value(known, name, is_foreign).cloned();
            let value = value.or_else(|| call.value(name).map(|value| json!(value)));
            if let Some(value) = value.or_else(|| generated_value().cloned()) {
                object.insert(name.clone(), value);
            }
        }
        if properties.open || properties.named.is_empty() {
            let others = known
                .iter()
                .filter(|(name, _)| properties.get(name).is_none());
            object.extend(others.map(|(name, value)| (name.clone(), value.clone())));
        }
        self.repaired(pointer, &properties, object, &generated)
    }

    /// Replaces invalid properties with generated values, or removes them if they are optional.
    pub(super) fn repaired(
        &self,
        pointer: &Pointer,
        properties: &Properties,
        mut object: Map<String, Value>,
        generated: &LazyValue<'_>,
    ) -> Value {
        for _ in 0..MAX_REPAIRS {
            let value = Value::Object(object);
            let pointers = self.generator.invalid_pointers(pointer, &value);
            if pointers.is_empty() {
                return value;
            }
            let Value::Object(rest) = value else { break };
            object = rest;
            let names = pointers
                .iter()
                .filter_map(|pointer| Pointer::parse(pointer)?.tokens().next());
            for name in names {
                let is_needed = properties
                    .get(&name)
                    .is_none_or(|property| property.required);
                match generated.property(&name).filter(|_| is_needed) {
                    Some(value) => object.insert(name, value.clone()),
                    None => object.remove(&name),
                };
            }
        }
        generated.value().clone()
    }

    /// Creates a value of the schema at `pointer` that is generated on first use.
    pub(super) fn lazy_value<'a>(
        &'a self,
        pointer: &'a Pointer,
        options: PlausibleOptions,
    ) -> LazyValue<'a> {
        LazyValue {
            generator: &self.generator,
            pointer,
            options,
            value: OnceCell::new(),
        }
    }
}

/// A value that is generated on first use, because it is rarely needed.
pub(super) struct LazyValue<'a> {
    generator: &'a ResponseGenerator,
    pointer: &'a Pointer,
    options: PlausibleOptions,
    value: OnceCell<Value>,
}

impl LazyValue<'_> {
    /// The value; null if none can be generated.
    pub(super) fn value(&self) -> &Value {
        let make = || self.generator.value_at(self.pointer, self.options);
        self.value.get_or_init(|| make().unwrap_or_default())
    }

    pub(super) fn property(&self, name: &str) -> Option<&Value> {
        self.value().get(name)
    }
}

/// Returns the known value of a property. For a name that items do not have, returns the value of the
/// property that the name ends with.
fn known_value<'a>(
    known: &'a Map<String, Value>,
    name: &str,
    is_foreign: bool,
) -> Option<&'a Value> {
    known.get(name).or_else(|| {
        let mut others = known.iter().filter(|_| is_foreign);
        let other = others.find(|(other, _)| ends_with_word(name, other));
        other.map(|(_, value)| value)
    })
}
