//! The version and the metadata of the API.

use std::path::Path;

use serde_json::{Value, json};

use super::Repair;
use crate::{Diagnostic, Finding, Pointer};

/// The versions that replace versions of only two numbers.
const VERSIONS: [(&str, &str); 3] = [("3.0", "3.0.3"), ("3.1", "3.1.0"), ("3.2", "3.2.0")];

pub(super) fn check(repair: &mut Repair<'_>) -> Result<(), Diagnostic> {
    let refuse = |repair: &Repair<'_>, pointer: &Pointer, message: String, hint: &str| {
        Err(repair.document.diagnostic(pointer, message, hint))
    };
    let here = Pointer::root();
    let has = |name: &str| repair.root.get(name).is_some_and(Value::is_object);
    let is_described = has("paths") || has("components") || has("webhooks");
    let version = match repair.root.get("openapi") {
        Some(version) if has_digit(version) || !is_described => version.clone(),
        Some(_) => Value::Null,
        None => match repair.root.get("swagger") {
            Some(version) => {
                let message = format!("this is Swagger {version}, not OpenAPI 3");
                let hint = "convert it first, for instance with `npx swagger2openapi`";
                return refuse(repair, &here.join("swagger"), message, hint);
            }
            None if is_described => Value::Null,
            None => {
                let message = "not an OpenAPI document: it has no `openapi` property".to_owned();
                let hint = "use a document that starts with `openapi: 3.0.x`, `3.1.x` or `3.2.x`";
                return refuse(repair, &here, message, hint);
            }
        },
    };
    let written = match &version {
        Value::String(text) => {
            let start = text.find(|character: char| character.is_ascii_digit());
            text[start.unwrap_or_default()..].trim().to_owned()
        }
        Value::Null => "3.0".to_owned(),
        other => other.to_string(),
    };
    let known = VERSIONS.iter().find(|(prefix, _)| {
        let rest = written.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    });
    let read = match known {
        Some((prefix, version)) if written == *prefix => (*version).to_owned(),
        Some(_) => written.clone(),
        None if written == "3" => "3.0.3".to_owned(),
        // A later minor version extends the earlier ones.
        None if written.starts_with("3.") => "3.2.0".to_owned(),
        None => {
            let message = format!("OpenAPI {version} is not supported");
            let hint = "supported versions are 3.0.x, 3.1.x and 3.2.x";
            return refuse(repair, &here.join("openapi"), message, hint);
        }
    };
    if version != read {
        let problem = match version {
            Value::Null => "the document has no version of OpenAPI".to_owned(),
            version => format!("{version} is not a version of OpenAPI"),
        };
        repair.add(Finding::new(
            &here.join("openapi"),
            problem,
            format!("interpreted the document as OpenAPI {read}"),
            "write `openapi` as a string of three numbers, such as '3.1.0'",
        ));
        repair.root["openapi"] = read.into();
    }
    info(repair);
    Ok(())
}

/// True for a number, and for a string that contains one.
fn has_digit(version: &Value) -> bool {
    match version {
        Value::String(text) => text.contains(|character: char| character.is_ascii_digit()),
        version => version.is_number(),
    }
}

/// Adds the title and the version of the API, which name the client.
fn info(repair: &mut Repair<'_>) {
    let here = Pointer::of(["info"]);
    if !repair.root.get("info").is_some_and(Value::is_object) {
        let problem = match repair.root.get("info") {
            None => "the document has no `info`",
            Some(_) => "`info` is not an object",
        };
        repair.add(Finding::new(
            &here,
            problem,
            "named the API after the file, with the version 0.0.0",
            "add `info` with `title` and `version`",
        ));
        repair.root["info"] = json!({});
    }
    let file = Path::new(&repair.document.file).file_stem();
    let stem = file.map_or("API".into(), std::ffi::OsStr::to_string_lossy);
    let is_reported = repair.root["info"] == json!({});
    for (name, default) in [("title", &*stem), ("version", "0.0.0")] {
        let (problem, meant) = match repair.root["info"].get(name) {
            Some(Value::String(_)) => continue,
            Some(value @ (Value::Number(_) | Value::Bool(_))) => (
                format!("the {name} of the API is not a string"),
                value.to_string(),
            ),
            _ => (
                format!("the document has no {name} of the API"),
                default.to_owned(),
            ),
        };
        if !is_reported {
            repair.add(Finding::new(
                &here.join(name),
                problem,
                format!("read `{meant}`"),
                format!("add a {name} to `info`, as a string"),
            ));
        }
        repair.root["info"][name] = meant.into();
    }
}
