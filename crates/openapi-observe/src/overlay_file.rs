//! Adds actions to the text of an overlay, whose comments and layout are kept.

use std::fmt::Write as _;

use openapi_document::Document;
use serde_json::Value;

use crate::actions::Action;

/// Why actions cannot be added to an overlay.
#[derive(Debug, thiserror::Error)]
#[error(
    "the actions cannot be added to the overlay: {0}\n  hint: `actions` must be the last key of a YAML file, \
     with one action below the other; or add the printed actions by hand"
)]
pub struct OverlayError(String);

/// Returns the text of an overlay in YAML with more actions at its end.
///
/// # Errors
/// The list of actions is not the end of the text, or is not written in block style.
pub fn with_actions(overlay: &str, actions: &[Action]) -> Result<String, OverlayError> {
    if actions.is_empty() {
        return Ok(overlay.to_owned());
    }
    let before = list(overlay)?;
    let mut text = String::new();
    let mut indent = None;
    let mut in_actions = false;
    for line in overlay.lines() {
        let content = line.trim_start();
        if !line.starts_with(' ') && content.starts_with("actions:") {
            in_actions = true;
            if content.starts_with("actions: []") {
                text.push_str("actions:\n");
                continue;
            }
        } else if in_actions && indent.is_none() && content.starts_with("- ") {
            indent = Some(line.len() - content.len());
        }
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&yaml(actions, indent.unwrap_or(2)));
    let expected: Vec<Value> = before
        .into_iter()
        .chain(actions.iter().map(Action::to_json))
        .collect();
    match list(&text)? == expected {
        true => Ok(text),
        false => Err(OverlayError("its layout is not supported".to_owned())),
    }
}

fn list(overlay: &str) -> Result<Vec<Value>, OverlayError> {
    let document = Document::parse("the overlay", overlay);
    let document = document.map_err(|diagnostic| OverlayError(diagnostic.to_string()))?;
    let actions = document.root["actions"].as_array();
    actions
        .cloned()
        .ok_or_else(|| OverlayError("it has no list `actions`".to_owned()))
}

/// The actions as items of a list in YAML, each line indented by `indent` spaces.
pub fn yaml(actions: &[Action], indent: usize) -> String {
    let mut text = String::new();
    for action in actions {
        let mut lines = String::new();
        mapping(&action.to_json(), 0, &mut lines);
        for (index, line) in lines.lines().enumerate() {
            let start = if index == 0 { "- " } else { "  " };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{:indent$}{start}{line}", "");
        }
    }
    text
}

/// Writes an object in block style.
fn mapping(value: &Value, indent: usize, text: &mut String) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = scalar(name);
        let _ = match value {
            Value::Object(object) if !object.is_empty() => {
                let _ = writeln!(text, "{:indent$}{name}:", "");
                mapping(value, indent + 2, text);
                Ok(())
            }
            value => writeln!(text, "{:indent$}{name}: {}", "", flow(value)),
        };
    }
}

/// A value in flow style, which in YAML includes JSON.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A string, quoted unless it is a plain word.
fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.$-".contains(&byte));
    const KEYWORDS: [&str; 8] = ["true", "false", "null", "yes", "no", "on", "off", "y"];
    match is_word && !KEYWORDS.contains(&text.to_ascii_lowercase().as_str()) && text != "n" {
        true => text.to_owned(),
        false => Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::Effect;
    use serde_json::json;

    fn actions() -> Vec<Action> {
        let action = |target: &str, effect| Action {
            target: target.to_owned(),
            description: "Observed: \"x\" # twice.".to_owned(),
            effect,
        };
        let update = json!({ "yes": "no", "a b": { "enum": ["on", 1, null], "empty": {} } });
        vec![
            action("$.a['b c']", Effect::Update(update)),
            action("$.c", Effect::Remove),
        ]
    }

    #[test]
    fn the_text_of_the_overlay_is_kept() {
        for before in [
            "# Ours.\noverlay: 1.0.0\nactions: []\n",
            "overlay: 1.0.0\nactions:\n  # Kept.\n  - target: $.x\n    remove: true",
            "overlay: 1.0.0\nactions:\n- target: $.x\n  update: {a: [1]}\n",
        ] {
            let after = with_actions(before, &actions()).expect("is added");
            let kept = before.trim_end().trim_end_matches(" []");
            assert!(after.starts_with(kept), "{after}");
            let added = actions().iter().map(Action::to_json).collect::<Vec<_>>();
            assert!(
                list(&after).expect("is an overlay").ends_with(&added),
                "{after}"
            );
        }
    }

    #[test]
    fn a_layout_that_cannot_be_kept_is_an_error() {
        for before in [
            "overlay: 1.0.0\nactions: [{target: $.x, remove: true}]\n",
            "overlay: 1.0.0\nactions:\n  - {target: $.x, remove: true}\ninfo: {}\n",
            "{\"overlay\": \"1.0.0\", \"actions\": []}",
            "overlay: 1.0.0\n",
        ] {
            assert!(with_actions(before, &actions()).is_err(), "{before}");
        }
        assert!(with_actions("whatever", &[]).is_ok());
    }
}
