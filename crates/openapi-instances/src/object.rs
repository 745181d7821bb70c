//! Generates objects: selects the named and unnamed properties that are sent in the direction.

use serde_json::{Map, Value};

use super::location::Location;
use super::merged::MergedSchema;
use super::string::{parsed, patterned_string};
use super::walk::{EXTRA_ATTEMPTS, Walk};
use super::{MAX_SIZE, Result, Variation, possible};
use openapi_document::Direction;

/// A property that an object may have.
struct NamedProperty<'s> {
    name: &'s str,
    required: bool,
    merged: MergedSchema<'s>,
    location: Location<'s>,
}

impl<'s> Walk<'s> {
    pub(super) fn object(
        &mut self,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
    ) -> Result<Value> {
        let min = merged.lower_limit("minProperties");
        let max = merged.upper_limit("maxProperties");
        if min > MAX_SIZE {
            return Err(location.unsupported("minProperties", format!("{min} are too many")));
        }
        let properties = self.properties(merged, location)?;
        let required = properties
            .iter()
            .filter(|property| property.required)
            .count();
        let limit = if location.maximal { max } else { min };
        let mut remaining = limit.saturating_sub(required);
        let mut object = Map::new();
        for property in properties {
            let optional = !property.required;
            if optional && remaining == 0 {
                continue;
            }
            let value = match discriminator_value(merged, &property) {
                Some(value) => Ok(value),
                None => self.fill(property.merged, &property.location),
            };
            if let Some(value) = possible(value, optional)? {
                remaining -= usize::from(optional);
                object.insert(property.name.to_owned(), value);
            }
        }
        self.add_unnamed(merged, location, &mut object)?;
        if object.len() < min || object.len() > max {
            let reason = format!("{} properties, not {min} to {max}", object.len());
            return Err(location.impossible("minProperties", reason));
        }
        let is_response = self.generator.direction == Direction::Response;
        if is_response && object.len() < max && merged.is_open() {
            self.record(location, "unknown".into(), |pointer| {
                Variation::UnknownProperty { pointer }
            });
        }
        Ok(Value::Object(object))
    }

    /// The named properties that are sent in this direction, in schema order.
    fn properties(
        &self,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
    ) -> Result<Vec<NamedProperty<'s>>> {
        let discriminators = merged.discriminators.iter().map(|(name, _)| *name);
        let required = merged
            .arrays("required")
            .flatten()
            .filter_map(Value::as_str);
        let required: Vec<&str> = required.chain(discriminators).collect();
        let mut properties: Vec<NamedProperty<'_>> = Vec::new();
        for name in merged.keys("properties").chain(required.iter().copied()) {
            if properties.iter().any(|property| property.name == name) {
                continue;
            }
            let required = required.contains(&name);
            let below = location.below(merged, name, name, location.ordinal);
            let property = self.generator.merged(&merged.property(name), &below);
            let Some(property) = possible(property, !required)? else {
                continue;
            };
            if !property.is_omitted(self.generator.direction) {
                properties.push(NamedProperty {
                    name,
                    required,
                    merged: property,
                    location: below,
                });
            }
        }
        Ok(properties)
    }

    /// Adds unnamed properties: for a maximal instance, one for each `patternProperties` entry and for
    /// an `additionalProperties` schema; and as many as `minProperties` requires.
    fn add_unnamed(
        &mut self,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
        object: &mut Map<String, Value>,
    ) -> Result<()> {
        let min = merged.lower_limit("minProperties");
        let max = merged.upper_limit("maxProperties");
        let mapped = merged
            .values_of("additionalProperties")
            .any(Value::is_object);
        let patterns = merged.keys("patternProperties").map(Some);
        let sources = patterns.chain(mapped.then_some(None));
        let sources = sources
            .filter(|_| location.maximal)
            .map(|source| (source, true));
        let reserve = std::iter::repeat_n((None, false), min + EXTRA_ATTEMPTS);
        for (tried, (pattern, wanted)) in sources.chain(reserve).enumerate() {
            if object.len() >= max || (!wanted && object.len() >= min) {
                break;
            }
            let Some(key) = self.key(merged, location, pattern, tried)? else {
                break;
            };
            if object.contains_key(&key) {
                continue;
            }
            let below = location.below(merged, &key, &key, location.ordinal + tried);
            let value = self.value(&merged.property(&key), &below);
            if let Some(value) = possible(value, true)? {
                object.insert(key, value);
            }
        }
        Ok(())
    }

    /// Generates a name for an unnamed property, by `propertyNames` or a pattern if present.
    fn key(
        &mut self,
        merged: &MergedSchema<'s>,
        location: &Location<'s>,
        pattern: Option<&str>,
        tried: usize,
    ) -> Result<Option<String>> {
        let location = Location {
            pointer: location.pointer.clone(),
            varied: false,
            ..location.below(merged, "", "key", tried)
        };
        if let Some(pattern) = pattern {
            let patterns = [parsed(pattern, &location)?];
            return patterned_string(&patterns, &(0..=MAX_SIZE), &location).map(Some);
        }
        let names: Vec<&Value> = merged.values_of("propertyNames").collect();
        if names.is_empty() {
            return Ok(Some(format!("key{}", location.suffix())));
        }
        let key = possible(self.value(&names, &location), true)?;
        Ok(key.and_then(|key| key.as_str().map(str::to_owned)))
    }
}

/// The value that a discriminator property must have for the selected branch, unless its own schema
/// excludes it.
fn discriminator_value(merged: &MergedSchema<'_>, property: &NamedProperty<'_>) -> Option<Value> {
    let (_, discriminator_value) = merged
        .discriminators
        .iter()
        .find(|(name, _)| *name == property.name)?;
    let discriminator_value = Value::from(discriminator_value.as_str());
    let values = property.merged.values();
    let listed = values.is_none_or(|values| values.contains(&&discriminator_value));
    (listed && property.merged.choices.is_empty()).then_some(discriminator_value)
}
