//! Changes to the maximal instance. They are recorded while it is generated, so that each requires one
//! value and not a separate pass.

use serde_json::Value;

use super::Variation;

/// A possible change to the maximal instance, and the value for its location.
pub(super) struct Change {
    pub(super) variation: Variation,
    pub(super) value: Value,
}

impl Change {
    /// Applies the change. `pointer` leads from `whole` to the location; it differs from the pointer of
    /// the variation if `whole` is only a part of the instance.
    pub(super) fn apply(&self, whole: &mut Value, pointer: &str) {
        match (whole.pointer_mut(pointer), &self.variation) {
            (Some(Value::Object(properties)), Variation::UnknownProperty { .. }) => {
                let name = unused_name("xUnknownProperty", |name| properties.contains_key(name));
                properties.insert(name, self.value.clone());
            }
            (Some(slot), _) => *slot = self.value.clone(),
            (None, _) => {}
        }
    }
}

/// Returns `string`, extended until `is_listed` is false for it.
pub(super) fn unused_name(string: &str, is_listed: impl Fn(&str) -> bool) -> String {
    let mut string = string.to_owned();
    while is_listed(&string) {
        string.push('X');
    }
    string
}
