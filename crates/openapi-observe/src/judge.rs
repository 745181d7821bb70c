//! Compares a value with a schema, and finds where they differ.
//!
//! It considers everything that affects how a client decodes a value: types, null, properties, enumerations,
//! formats, choices. Bounds, lengths and patterns are not compared, because clients do not check them in
//! responses.

use openapi_document::Pointer;
use serde_json::{Map, Value};

use crate::format::{Conformance, conformance};
use crate::kind::Kind;
use crate::parts::{Part, Parts, allows_null};

/// The string that clients record instead of a secret. Every schema of a string allows it.
pub const REDACTED: &str = "[redacted]";

/// The number of nested choices for which each branch is compared with the whole value. In deeper ones,
/// only the value itself is compared.
const MAX_TRIALS: usize = 2;

/// One location at which a value differs from its schema.
#[derive(Debug, Clone)]
pub(crate) struct Finding<'v> {
    pub(crate) kind: Kind,
    /// The schema that the value differs from.
    pub(crate) location: Pointer,
    /// The location in the body, as a JSONPath in which `[*]` is any item and `.*` any entry of a map.
    pub(crate) path: String,
    /// The value.
    pub(crate) value: &'v Value,
}

/// Compares `value` with the schema at `location` of the document `root`.
pub(crate) fn findings<'v>(root: &Value, location: &Pointer, value: &'v Value) -> Vec<Finding<'v>> {
    let judge = Judge { root, trials: 0 };
    judge.value(location, value, "$")
}

#[derive(Clone, Copy)]
struct Judge<'a> {
    root: &'a Value,
    /// The number of choices whose branches are being tried.
    trials: usize,
}

/// The schemas of a value after its choices were decided, and the deviations of the decisions.
struct Decided<'a, 'v> {
    parts: Parts<'a>,
    found: Vec<Finding<'v>>,
}

impl<'a> Judge<'a> {
    fn value<'v>(self, location: &Pointer, value: &'v Value, path: &str) -> Vec<Finding<'v>> {
        if value.is_null() {
            return match allows_null(self.root, location) {
                true => Vec::new(),
                false => vec![finding(Kind::Null, location, path, value)],
            };
        }
        let mut parts = Parts::default();
        parts.add(self.root, location);
        let Decided { parts, mut found } = self.decided(location, parts, 0, value, path);
        found.extend(self.together(location, &parts, value, path));
        found
    }

    /// Decides the choices of `parts` from the index `from` on, and adds the schemas of their branches.
    fn decided<'v>(
        self,
        location: &Pointer,
        mut parts: Parts<'a>,
        from: usize,
        value: &'v Value,
        path: &str,
    ) -> Decided<'a, 'v> {
        for index in from..usize::MAX {
            let Some(part) = parts.list.get(index).cloned() else {
                break;
            };
            let tag = tag(&part, value);
            if let Some(branch) = tag.and_then(|tag| self.named(&part, tag)) {
                parts.add(self.root, &branch);
                continue;
            }
            let Some(keyword) = part.choice() else {
                continue;
            };
            let branches = part.schema[keyword].as_array().map_or(0, Vec::len);
            let branches = (0..branches).map(|branch| part.pointer.join(keyword).join(branch));
            let trial = Self {
                trials: self.trials + 1,
                ..self
            };
            let with = |branch: &Pointer, parts: &Parts<'a>| {
                let mut parts = parts.clone();
                parts.add(self.root, branch);
                let decided = trial.decided(location, parts, index + 1, value, path);
                let found = trial.together(location, &decided.parts, value, path);
                let found = decided.found.iter().chain(&found);
                (found.map(|one| weight(one, path)).sum::<usize>(), decided)
            };
            let branches: Vec<Pointer> = branches.collect();
            let tried: Vec<_> = branches.iter().map(|branch| with(branch, &parts)).collect();
            let matching = tried.iter().filter(|(weight, _)| *weight == 0).count();
            if let Some(tag) = tag.filter(|_| matching != 1)
                && branches
                    .iter()
                    .all(|branch| branch.join("$ref").get(self.root).is_some())
            {
                // No branch has this name, and nothing else distinguishes the branches.
                parts.is_open = true;
                let kind = Kind::Discriminator(tag.to_owned());
                let mut rest = self.decided(location, parts, index + 1, value, path);
                rest.found.push(finding(kind, &part.pointer, path, value));
                return rest;
            }
            let best = tried.into_iter().min_by_key(|(weight, _)| *weight);
            let Some((mut weight, mut best)) = best else {
                continue;
            };
            if keyword == "anyOf" {
                // A value may have the properties of several branches.
                for branch in &branches {
                    let (joint_weight, joint) = with(branch, &best.parts);
                    if joint_weight < weight {
                        (weight, best) = (joint_weight, joint);
                    }
                }
            }
            return best;
        }
        Decided {
            parts,
            found: Vec::new(),
        }
    }

    /// The schema that a discriminator selects for a value (OpenAPI 3.1.1, Discriminator Object).
    fn named(self, part: &Part<'a>, tag: &str) -> Option<Pointer> {
        let mapped = part.schema.get("discriminator")?["mapping"][tag].as_str();
        let location = match mapped {
            Some(mapped) if mapped.starts_with('#') => Pointer::parse(mapped)?,
            _ => Pointer::of(["components", "schemas", mapped.unwrap_or(tag)]),
        };
        location.get(self.root).is_some().then_some(location)
    }

    /// Compares a value with schemas without choices.
    fn together<'v>(
        self,
        location: &Pointer,
        parts: &Parts<'a>,
        value: &'v Value,
        path: &str,
    ) -> Vec<Finding<'v>> {
        if !parts.list.iter().all(|part| has_type(part.schema, value)) {
            return vec![finding(Kind::Type, location, path, value)];
        }
        let mut found = Vec::new();
        for Part { pointer, schema } in &parts.list {
            if !is_enumerated(schema, value) {
                found.push(finding(Kind::Enumeration, pointer, path, value));
            }
            let format = schema.get("format").and_then(Value::as_str);
            let Some(format) = format.filter(|_| value != REDACTED) else {
                continue;
            };
            let kind = match conformance(format, value) {
                Conformance::Conforms => continue,
                Conformance::Tolerated => Kind::Notation,
                Conformance::Deviates => Kind::Format,
            };
            found.push(finding(kind(format.to_owned()), pointer, path, value));
        }
        match value {
            Value::Object(object) => {
                found.extend(self.object(location, parts, object, value, path));
            }
            Value::Array(items) if self.trials <= MAX_TRIALS => {
                for Part { pointer, schema } in &parts.list {
                    let tuple = schema.get("prefixItems").and_then(Value::as_array);
                    let tuple = tuple.map_or(0, Vec::len);
                    for (index, item) in items.iter().enumerate() {
                        let path = format!("{path}[*]");
                        let location = match index < tuple {
                            true => pointer.join("prefixItems").join(index),
                            false => pointer.join("items"),
                        };
                        found.extend(self.value(&location, item, &path));
                    }
                }
            }
            _ => {}
        }
        found
    }

    fn object<'v>(
        self,
        location: &Pointer,
        parts: &Parts<'a>,
        object: &'v Map<String, Value>,
        value: &'v Value,
        path: &str,
    ) -> Vec<Finding<'v>> {
        let properties = |part: &Part<'a>| part.schema.get("properties").and_then(Value::as_object);
        let documented = |name: &str| -> Vec<Pointer> {
            let with = parts
                .list
                .iter()
                .filter(|part| properties(part).is_some_and(|all| all.contains_key(name)));
            with.map(|part| part.pointer.join("properties").join(name))
                .collect()
        };
        let required = parts.list.iter().flat_map(|part| {
            let names = part.schema.get("required").and_then(Value::as_array);
            let names = names.into_iter().flatten().filter_map(Value::as_str);
            names.map(move |name| (part, name))
        });
        let required: Vec<(&Part<'a>, &str)> = required.collect();
        let additional = Additional::of(parts);
        let has_properties = parts
            .list
            .iter()
            .any(|part| properties(part).is_some_and(|all| !all.is_empty()));
        let is_closed = matches!(additional, Additional::Closed)
            || has_properties && matches!(additional, Additional::Unstated);
        let matches_nothing = || object.keys().all(|name| documented(name).is_empty());
        if is_closed && has_properties && !object.is_empty() && matches_nothing() {
            let kind = match required.is_empty() {
                true => Kind::NothingMatches,
                // No property of the documented object is present.
                false => Kind::Type,
            };
            return vec![finding(kind, location, path, value)];
        }
        let mut found = Vec::new();
        for (part, name) in required {
            let is_sent = || {
                !documented(name)
                    .iter()
                    .any(|location| is_write_only(self.root, location))
            };
            if !object.contains_key(name) && is_sent() {
                let kind = Kind::Missing(name.to_owned());
                found.push(finding(kind, &part.pointer, path, value));
            }
        }
        // The schema to which undocumented properties are added.
        let holder = parts
            .list
            .iter()
            .find(|part| part.schema.get("additionalProperties") == Some(&Value::Bool(false)));
        let holder = holder.or_else(|| parts.list.iter().find(|part| properties(part).is_some()));
        for (name, value) in object {
            let locations = documented(name);
            if locations.is_empty() {
                match (&additional, holder) {
                    (Additional::Schema(location), _) if self.trials <= MAX_TRIALS => {
                        found.extend(self.value(location, value, &format!("{path}.*")));
                    }
                    (Additional::Unstated | Additional::Closed, Some(holder)) if is_closed => {
                        let kind = Kind::Undocumented(name.clone());
                        found.push(finding(kind, &holder.pointer, path, value));
                    }
                    _ => {}
                }
            }
            if self.trials <= MAX_TRIALS {
                let path = member(path, name);
                for location in locations {
                    found.extend(self.value(&location, value, &path));
                }
            }
        }
        found
    }
}

/// The properties that an object may have beside those in `properties`.
enum Additional {
    /// The schema does not mention them.
    Unstated,
    /// None.
    Closed,
    /// Any.
    Any,
    /// Those with values of this schema.
    Schema(Pointer),
}

impl Additional {
    fn of(parts: &Parts<'_>) -> Self {
        let mut additional = match parts.is_open {
            true => Self::Any,
            false => Self::Unstated,
        };
        for Part { pointer, schema } in &parts.list {
            if schema.contains_key("patternProperties") {
                return Self::Any;
            }
            for keyword in ["additionalProperties", "unevaluatedProperties"] {
                match schema.get(keyword) {
                    Some(Value::Bool(true)) => return Self::Any,
                    Some(Value::Object(_)) => return Self::Schema(pointer.join(keyword)),
                    Some(Value::Bool(false)) => additional = Self::Closed,
                    _ => {}
                }
            }
        }
        additional
    }
}

fn finding<'v>(kind: Kind, location: &Pointer, path: &str, value: &'v Value) -> Finding<'v> {
    Finding {
        kind,
        location: location.clone(),
        path: path.to_owned(),
        value,
    }
}

/// The value of the property that a discriminator names.
fn tag<'v>(part: &Part<'_>, value: &'v Value) -> Option<&'v str> {
    let name = part.schema.get("discriminator")?["propertyName"].as_str()?;
    let tag = value.get(name)?.as_str()?;
    (tag != REDACTED).then_some(tag)
}

/// The weight of a deviation as evidence against a branch of a choice for the value at `path`.
fn weight(finding: &Finding<'_>, path: &str) -> usize {
    match &finding.kind {
        Kind::Type if finding.path == path => 1000,
        Kind::Enumeration | Kind::NothingMatches => 100,
        Kind::Missing(_) | Kind::Type => 20,
        Kind::Null | Kind::Format(_) => 5,
        Kind::Notation(_) => 0,
        _ => 1,
    }
}

/// True if a value has a type of the schema. A number without a fractional part is an integer.
fn has_type(schema: &Map<String, Value>, value: &Value) -> bool {
    let is = |name: &Value| match (name.as_str(), value) {
        (Some("integer"), Value::Number(number)) => {
            !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        (Some("number"), Value::Number(_))
        | (Some("string"), Value::String(_))
        | (Some("boolean"), Value::Bool(_))
        | (Some("array"), Value::Array(_))
        | (Some("object"), Value::Object(_)) => true,
        // Not a type of JSON Schema.
        (name, _) => !name.is_some_and(|name| TYPES.contains(&name)),
    };
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(is),
        Some(kind) => is(kind),
        None if schema.contains_key("properties") => value.is_object(),
        None => true,
    }
}

const TYPES: [&str; 7] = [
    "integer", "number", "string", "boolean", "array", "object", "null",
];

fn is_enumerated(schema: &Map<String, Value>, value: &Value) -> bool {
    if value == REDACTED {
        return true;
    }
    match schema.get("enum").and_then(Value::as_array) {
        Some(values) => values.iter().any(|known| is_equal(known, value)),
        None => schema.get("const").is_none_or(|only| is_equal(only, value)),
    }
}

/// True if two values are equal, where `1` equals `1.0`.
fn is_equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// True if responses do not contain the property at `location`.
fn is_write_only(root: &Value, location: &Pointer) -> bool {
    let mut parts = Parts::default();
    parts.add(root, location);
    let mut schemas = parts.list.iter().map(|part| part.schema.get("writeOnly"));
    schemas.any(|keyword| keyword == Some(&Value::Bool(true)))
}

/// The JSONPath of a property.
fn member(path: &str, name: &str) -> String {
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match is_name && !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty() {
        true => format!("{path}.{name}"),
        false => format!(
            "{path}['{}']",
            name.replace('\\', "\\\\").replace('\'', "\\'")
        ),
    }
}
