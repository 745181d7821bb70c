//! Removes fields of the wrong type, such as null instead of a map, or a string instead of an object.
//!
//! The content of schemas is not checked here, but by the readers of schemas.

use serde_json::{Map, Value, json};

use super::Repair;
use crate::walk::{
    ADDITIONAL_OPERATIONS, Container, Kind, METHODS, child, is_extension, operation_pointer,
    visit_from_mut,
};
use crate::{Finding, Pointer};

/// The type of a field that does not contain objects of the walk.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    String,
    Boolean,
    Object,
    Objects,
    Strings,
    /// A list of objects whose values are lists of strings.
    Requirements,
}

pub(super) fn check(repair: &mut Repair<'_>) {
    rename_methods(repair);
    let mut removed: Vec<Finding> = Vec::new();
    let mut root = repair.root.take();
    visit_from_mut(
        Kind::Document,
        &Pointer::root(),
        &mut root,
        &mut |kind, pointer, value| {
            if let Some(fields) = value.as_object_mut().filter(|_| kind != Kind::Schema) {
                correct(kind, pointer, fields, &mut |finding| repair.add(finding));
                // From the end, so that the indices of the other items of a list do not change.
                removed.extend(wrong(kind, pointer, fields).into_iter().rev());
            }
        },
    );
    repair.root = root;
    for finding in removed {
        let place = finding.pointer.clone();
        repair.add(finding);
        repair.remove(&place);
    }
}

/// The fields of an operation, which distinguish it from other objects.
const OF_OPERATIONS: [&str; 4] = ["responses", "operationId", "requestBody", "parameters"];

/// Moves operations that are not under the name of their method in lower case to the field of the method.
fn rename_methods(repair: &mut Repair<'_>) {
    let paths = repair.root.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        for (name, field) in item.as_object().into_iter().flatten() {
            let is_operation = OF_OPERATIONS.iter().any(|of| field.get(of).is_some());
            let is_field = METHODS.contains(&name.as_str())
                || name == ADDITIONAL_OPERATIONS
                || is_extension(name);
            if is_operation && !is_field {
                found.push((path.clone(), name.clone()));
            }
        }
    }
    for (path, name) in found {
        let item = Pointer::of(["paths", &path]);
        let lower = name.to_lowercase();
        let method = match METHODS.contains(&lower.as_str()) {
            true => lower,
            false => name.to_uppercase(),
        };
        let (before, now) = (item.join(&name), operation_pointer(&path, &method));
        let finding = Finding::new(
            &before,
            format!("`{name}` is not a field of a path item"),
            format!("interpreted it as the operation for the method {method}"),
            "write the methods of OpenAPI in lower case, and others in `additionalOperations` of \
             OpenAPI 3.2",
        );
        let Some(operation) = before.get(&repair.root).cloned() else {
            continue;
        };
        if now.get(&repair.root).is_some() {
            let repaired = "removed it, because there is another for the method".to_owned();
            let finding = Finding {
                repair: repaired,
                ..finding
            };
            repair.add(finding.losing("the client lacks the operation"));
            repair.remove(&before);
            continue;
        }
        repair.add(finding);
        repair.moved(&now, &before);
        repair.remove(&before);
        let Some(item) = item.get_mut(&mut repair.root) else {
            continue;
        };
        let holder = match METHODS.contains(&method.as_str()) {
            true => item,
            false => &mut item[ADDITIONAL_OPERATIONS],
        };
        if !holder.is_object() {
            *holder = json!({});
        }
        holder[&method] = operation;
    }
}

/// Replaces values with those that were probably intended.
fn correct(
    kind: Kind,
    pointer: &Pointer,
    fields: &mut Map<String, Value>,
    add: &mut dyn FnMut(Finding),
) {
    for (keyword, field) in fields.iter_mut() {
        let (Some((Container::Map | Container::Extensible, child)), Value::Object(entries)) =
            (child(kind, keyword), field)
        else {
            continue;
        };
        for (name, entry) in entries.iter_mut() {
            if entry.is_object() || is_extension(name) {
                continue;
            }
            // A string instead of a response is probably its description.
            let meant = match child {
                Kind::Response => json!({ "description": entry.as_str().unwrap_or_default() }),
                Kind::MediaType => json!({}),
                _ => continue,
            };
            *entry = meant;
            add(Finding::new(
                &pointer.join(keyword).join(name),
                "the value is not an object",
                "replaced it with an empty object",
                "make it an object",
            ));
        }
    }
    if let Kind::Parameter | Kind::Header = kind
        && let Some(content) = fields.get("content").and_then(Value::as_object)
    {
        let problem = match (content.len(), fields.contains_key("schema")) {
            (0, _) => Some("`content` has no media type"),
            (_, true) => Some("a parameter or header has either `schema` or `content`, not both"),
            (_, false) => None,
        };
        if let Some(problem) = problem {
            add(Finding::new(
                &pointer.join("content"),
                problem,
                "removed `content`",
                "describe the value either with `schema`, or with one media type in `content`",
            ));
            fields.shift_remove("content");
        }
    }
    if let Kind::Parameter = kind
        && let Some(Value::String(place)) = fields.get_mut("in")
    {
        let lower = place.trim().to_lowercase();
        if *place != lower {
            add(Finding::new(
                &pointer.join("in"),
                format!("`{place}` is not a location of parameters"),
                format!("interpreted it as `{lower}`"),
                "write it in lower case",
            ));
            *place = lower;
        }
    }
    for (keyword, wanted) in scalar_fields(kind) {
        let Some(value) = fields.get_mut(*keyword) else {
            continue;
        };
        if let (Type::Requirements, Value::Array(items)) = (wanted, &mut *value) {
            for (index, item) in items.iter_mut().enumerate() {
                complete_requirement(&pointer.join(keyword).join(index), item, add);
            }
            continue;
        }
        let meant: Value = match (wanted, &*value) {
            (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
                true.into()
            }
            (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
                false.into()
            }
            (Type::String, Value::Number(_) | Value::Bool(_)) => value.to_string().into(),
            (Type::Strings, Value::String(_)) => json!([value]),
            (Type::Requirements, Value::Object(_)) => json!([value]),
            _ => continue,
        };
        add(Finding::new(
            &pointer.join(keyword),
            format!("`{keyword}` has the wrong type"),
            format!("interpreted it as {meant}"),
            format!("write it as {}", name_of(*wanted)),
        ));
        *value = meant;
    }
}

/// Adds empty lists of scopes to a security requirement that lacks them.
fn complete_requirement(place: &Pointer, item: &mut Value, add: &mut dyn FnMut(Finding)) {
    let finding = |place: &Pointer, name: &str| {
        Finding::new(
            place,
            format!("the requirement `{name}` has no list of scopes"),
            "interpreted it as a requirement without scopes",
            format!("write `{name}: []`"),
        )
    };
    match item {
        Value::String(name) => {
            add(finding(place, name));
            *item = json!({ &*name: [] });
        }
        Value::Object(schemes) => {
            for (name, scopes) in schemes.iter_mut().filter(|(_, scopes)| scopes.is_null()) {
                add(finding(&place.join(name), name));
                *scopes = json!([]);
            }
        }
        _ => {}
    }
}

/// The findings about values of the wrong type inside an object, in order.
fn wrong(kind: Kind, pointer: &Pointer, fields: &Map<String, Value>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (keyword, value) in fields {
        let place = pointer.join(keyword);
        if let Some((container, child)) = child(kind, keyword) {
            found.extend(wrong_holder(&place, value, container, child));
        } else if let Some((_, wanted)) =
            scalar_fields(kind).iter().find(|(name, _)| name == keyword)
        {
            found.extend(wrong_field(&place, keyword, value, *wanted));
        }
    }
    found
}

/// The findings about values of the wrong type in a field that contains objects of kind `child`.
fn wrong_holder(place: &Pointer, value: &Value, container: Container, child: Kind) -> Vec<Finding> {
    let keyword = place.tokens().last().unwrap_or_default();
    let is_object = |value: &Value| value.is_object() || child == Kind::Schema;
    let holds = match container {
        Container::One => is_object(value),
        Container::List => value.is_array(),
        Container::Map | Container::Extensible => value.is_object(),
    };
    if !holds {
        let wanted = match container {
            Container::List => "a list",
            _ => "an object",
        };
        return vec![not(place, &keyword, value, wanted, child)];
    }
    let named = |name: &str| match container {
        Container::Extensible => !is_extension(name),
        _ => true,
    };
    let entries: Vec<(Pointer, &Value)> = match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, v)| (place.join(i), v))
            .collect(),
        Value::Object(entries) if !matches!(container, Container::One) => {
            let entries = entries.iter().filter(|(name, _)| named(name));
            entries
                .map(|(name, value)| (place.join(name), value))
                .collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (place, entry) in entries {
        let name = place.tokens().last().unwrap_or_default();
        if !is_object(entry) {
            found.push(not(&place, &name, entry, "an object", child));
        } else if child == Kind::Parameter && entry.get("$ref").is_none() {
            found.extend(nameless(&place, entry));
        }
    }
    found
}

/// A parameter that cannot be sent.
fn nameless(place: &Pointer, parameter: &Value) -> Option<Finding> {
    let required: &[&str] = match parameter["in"] == "querystring" {
        true => &["in"],
        false => &["name", "in"],
    };
    let mut required = required.iter();
    let missing = required.find(|field| !parameter[**field].is_string())?;
    let name = parameter["name"].as_str().unwrap_or("without a name");
    Some(
        Finding::new(
            place,
            format!("the parameter has no `{missing}`"),
            "removed the parameter",
            format!("add `{missing}`"),
        )
        .losing(format!("you cannot set the parameter `{name}`")),
    )
}

fn not(place: &Pointer, name: &str, value: &Value, wanted: &str, child: Kind) -> Finding {
    let is = match value {
        Value::Null => "has no value",
        Value::Bool(_) => "is a boolean",
        Value::Number(_) => "is a number",
        Value::String(_) => "is a string",
        Value::Array(_) => "is a list",
        Value::Object(_) => "is an object",
    };
    let finding = Finding::new(
        place,
        format!("`{name}` {is}, but must be {wanted}"),
        format!("removed `{name}`"),
        format!("make it {wanted}, or remove it"),
    );
    let loss = match child {
        _ if value.is_null() => return finding,
        Kind::PathItem | Kind::Operation => format!("the client lacks the content of `{name}`"),
        Kind::Parameter => "you cannot set the parameter".to_owned(),
        Kind::RequestBody => "you cannot send the body".to_owned(),
        _ => return finding,
    };
    finding.losing(loss)
}

/// The fields with other types that several readers rely on.
fn scalar_fields(kind: Kind) -> &'static [(&'static str, Type)] {
    match kind {
        Kind::Document => &[
            ("servers", Type::Objects),
            ("security", Type::Requirements),
            ("tags", Type::Objects),
            ("externalDocs", Type::Object),
        ],
        Kind::PathItem => &[("servers", Type::Objects)],
        Kind::Operation => &[
            ("operationId", Type::String),
            ("summary", Type::String),
            ("description", Type::String),
            ("deprecated", Type::Boolean),
            ("tags", Type::Strings),
            ("servers", Type::Objects),
            ("security", Type::Requirements),
        ],
        Kind::Parameter => &[
            ("name", Type::String),
            ("in", Type::String),
            ("description", Type::String),
            ("style", Type::String),
            ("required", Type::Boolean),
            ("deprecated", Type::Boolean),
            ("explode", Type::Boolean),
            ("allowReserved", Type::Boolean),
            ("allowEmptyValue", Type::Boolean),
        ],
        Kind::Header => &[
            ("description", Type::String),
            ("style", Type::String),
            ("required", Type::Boolean),
            ("explode", Type::Boolean),
        ],
        Kind::RequestBody => &[("description", Type::String), ("required", Type::Boolean)],
        Kind::Response => &[("description", Type::String)],
        Kind::MediaType => &[("encoding", Type::Object)],
        Kind::SecurityScheme => &[
            ("type", Type::String),
            ("scheme", Type::String),
            ("in", Type::String),
            ("name", Type::String),
            ("flows", Type::Object),
        ],
        _ => &[],
    }
}

fn name_of(wanted: Type) -> &'static str {
    match wanted {
        Type::String => "a string",
        Type::Boolean => "a boolean",
        Type::Object => "an object",
        Type::Objects => "a list of objects",
        Type::Strings => "a list of strings",
        Type::Requirements => "a list of objects whose values are lists of strings",
    }
}

/// The field, or the items of it that have the wrong type.
fn wrong_field(place: &Pointer, keyword: &str, value: &Value, wanted: Type) -> Vec<Finding> {
    let finding = |place: &Pointer, what: String| {
        Finding::new(
            place,
            format!("{what} has the wrong type"),
            format!("removed {what}"),
            format!("write `{keyword}` as {}", name_of(wanted)),
        )
    };
    let is_item = |item: &Value| match wanted {
        Type::Strings => item.is_string(),
        Type::Requirements => item.as_object().is_some_and(|schemes| {
            schemes.values().all(|scopes| {
                let scopes = scopes.as_array();
                scopes.is_some_and(|scopes| scopes.iter().all(Value::is_string))
            })
        }),
        _ => item.is_object(),
    };
    let holds = match wanted {
        Type::String => value.is_string(),
        Type::Boolean => value.is_boolean(),
        Type::Object => value.is_object(),
        Type::Objects | Type::Strings | Type::Requirements => value.is_array(),
    };
    if !holds {
        return vec![finding(place, format!("`{keyword}`"))];
    }
    let items = match wanted {
        Type::Objects | Type::Strings | Type::Requirements => value.as_array(),
        _ => None,
    };
    let items = items.into_iter().flatten().enumerate();
    items
        .filter(|(_, item)| !is_item(item))
        .map(|(index, _)| finding(&place.join(index), format!("item {index} of `{keyword}`")))
        .collect()
}
