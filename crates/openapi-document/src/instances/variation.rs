//! Departures from `most`. A walk collects them while it makes `most`, so that each costs one value
//! at one place and not a walk of its own.

use serde_json::Value;

use super::Variation;

/// A possible departure from `most`, and the value that it puts at its place.
pub(super) struct Change {
    pub(super) variation: Variation,
    pub(super) value: Value,
}

impl Change {
    /// `pointer` leads from `whole` to the place, which need not be the variation's own pointer:
    /// `whole` may be a part of the instance.
    pub(super) fn apply(&self, whole: &mut Value, pointer: &str) {
        match (whole.pointer_mut(pointer), &self.variation) {
            (Some(Value::Object(properties)), Variation::UnknownProperty { .. }) => {
                let name = unused_name("xUnknownMember", |name| properties.contains_key(name));
                properties.insert(name, self.value.clone());
            }
            (Some(slot), _) => *slot = self.value.clone(),
            (None, _) => {}
        }
    }
}

/// `text`, or a longer one if it is listed already.
pub(super) fn unused_name(string: &str, is_listed: impl Fn(&str) -> bool) -> String {
    let mut string = string.to_owned();
    while is_listed(&string) {
        string.push('X');
    }
    string
}
