//! Properties that are only sent in one direction: `readOnly` and `writeOnly`.

use serde_json::Value;

use crate::schema::any_schema;

/// The keyword that marks a one-way property, and the extension that the lowering adds to a property that
/// only some of the merged parts mark.
pub(crate) const ONE_WAY: [(&str, &str); 2] = [
    ("readOnly", "x-read-only-in-part"),
    ("writeOnly", "x-write-only-in-part"),
];

/// True if a schema has one-way properties.
pub(crate) fn has_one_way_properties(schema: &Value) -> bool {
    any_schema(schema, |inner| {
        let properties = inner["properties"].as_object();
        properties.is_some_and(|properties| {
            let is_marked = |property: &Value| {
                let mut marks = ONE_WAY.iter().flat_map(|(mark, in_part)| [mark, in_part]);
                marks.any(|mark| property[mark] == true)
            };
            properties.values().any(is_marked)
        })
    })
}
