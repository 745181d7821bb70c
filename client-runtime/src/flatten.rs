//! A JSON value as the texts that queries, forms and headers are made of.

use serde::Serialize;
use serde_json::Value;

/// The text of a scalar as it stands in a URL or a form: a string without its quotes, anything else
/// as JSON writes it.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text of a scalar that encodes itself, for instance of a date or an enumeration.
pub(crate) fn text_of<T: Serialize>(scalar: &T) -> serde_json::Result<String> {
    serde_json::to_value(scalar).map(|value| text(&value))
}

/// The scalars of a value, each behind the brackets that lead to it: `[created][gte]`, `[0]`. A
/// scalar alone has no brackets, `null` is nothing.
pub(crate) fn brackets(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // Depth first and in order, without recursion: the depth is the caller's.
    let mut waiting = vec![(String::new(), value)];
    while let Some((path, value)) = waiting.pop() {
        match value {
            Value::Null => {}
            Value::Object(members) => {
                let inner = members.iter().rev();
                waiting.extend(inner.map(|(name, value)| (format!("{path}[{name}]"), value)));
            }
            Value::Array(items) => {
                let inner = items.iter().enumerate().rev();
                waiting.extend(inner.map(|(index, value)| (format!("{path}[{index}]"), value)));
            }
            scalar => found.push((path, text(scalar))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_lead_to_every_scalar_in_order() {
        let value = json!({ "a": { "b": 1, "c": null }, "d": ["x", { "e": true }] });
        let expected = [("[a][b]", "1"), ("[d][0]", "x"), ("[d][1][e]", "true")];
        let expected = expected.map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(brackets(&value), expected);
        assert_eq!(brackets(&json!("x")), [(String::new(), "x".to_owned())]);
    }
}
