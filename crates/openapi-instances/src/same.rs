//! Compares a value with the result of decoding it into a generated type and encoding it again.
//!
//! Only differences that a tolerant client causes on purpose are allowed. The tests of the clients
//! and the corpus share this rule.

use serde_json::Value;

/// Compares `got`, which was decoded and encoded again, with `sent`. Properties that no schema
/// describes may be missing (`openapi_instances` calls them `xUnknownProperty`), and so
/// may optional properties that were `null`. Date-times may have another notation.
///
/// # Errors
/// The first difference, with its JSON pointer.
pub fn same(sent: &Value, got: &Value) -> Result<(), String> {
    same_at(sent, got, "")
}

fn same_at(sent: &Value, got: &Value, at: &str) -> Result<(), String> {
    match (sent, got) {
        (Value::Object(sent), Value::Object(got)) => {
            for (name, sent) in sent {
                let at = format!("{at}/{name}");
                match got.get(name) {
                    Some(got) => same_at(sent, got, &at)?,
                    None if sent.is_null() || name == "xUnknownProperty" => {}
                    None => return Err(format!("{at} is missing")),
                }
            }
            match got.keys().find(|name| !sent.contains_key(*name)) {
                Some(added) => Err(format!("{at}/{added} was added")),
                None => Ok(()),
            }
        }
        (Value::Array(sent), Value::Array(got)) if sent.len() == got.len() => sent
            .iter()
            .zip(got)
            .enumerate()
            .try_for_each(|(index, (sent, got))| same_at(sent, got, &format!("{at}/{index}"))),
        (Value::String(sent), Value::String(got)) if sent != got => {
            let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            match (time(sent), time(got)) {
                (Some(sent), Some(got)) if sent == got => Ok(()),
                _ => Err(format!("{at}: {sent:?} was encoded as {got:?}")),
            }
        }
        (Value::Number(sent), Value::Number(got)) if sent.as_f64() == got.as_f64() => Ok(()),
        (sent, got) if sent == got => Ok(()),
        (sent, got) => Err(format!("{at}: {sent} was encoded as {got}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_lost_or_changed_property_is_noticed() {
        let sent = json!({ "a": [{ "b": 1 }], "n": null });
        assert_eq!(same(&sent, &json!({ "a": [{ "b": 1.0 }] })), Ok(()));
        for got in [
            json!({ "n": null }),
            json!({ "a": [{}] }),
            json!({ "a": [{ "b": 2 }] }),
            json!({ "a": [{ "b": 1 }], "c": 1 }),
        ] {
            assert!(same(&sent, &got).is_err(), "{got}");
        }
    }
}
