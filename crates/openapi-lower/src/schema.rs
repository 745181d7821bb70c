//! Queries and edits of schemas that several passes need.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use openapi_document::walk::{Kind, visit, visit_from};
use openapi_document::{Pointer, unescaped};
use serde_json::{Map, Value, json};

use client_codegen::naming::type_name;

const COMPONENT: &str = "#/components/schemas/";

/// Keywords that do not restrict the instances.
const ANNOTATIONS: [&str; 12] = [
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "discriminator",
    "$comment",
];

/// True if a keyword does not restrict the instances.
pub(crate) fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-") && keyword != "x-rust-type"
}

/// The keywords of a schema that restrict its instances.
pub(crate) fn constraints(schema: &Value) -> Map<String, Value> {
    let keywords = schema.as_object().into_iter().flatten();
    keywords
        .filter(|(keyword, _)| !is_annotation(keyword))
        .map(|(keyword, value)| (keyword.clone(), value.clone()))
        .collect()
}

/// The name of the component at exactly `pointer`.
pub(crate) fn component_at(pointer: &Pointer) -> Option<String> {
    let tokens: Vec<String> = pointer.tokens().collect();
    match tokens.as_slice() {
        [components, schemas, name] if components == "components" && schemas == "schemas" => {
            Some(name.clone())
        }
        _ => None,
    }
}

/// The name of the component that `schema` refers to with a `$ref`, or with an `allOf` of one `$ref` beside
/// which only annotations and `nullable` are allowed.
pub(crate) fn component_name(schema: &Value) -> Option<String> {
    let keywords = schema.as_object()?;
    if let Some(reference) = keywords.get("$ref") {
        return reference
            .as_str()?
            .strip_prefix(COMPONENT)
            .map(|name| unescaped(name).into_owned());
    }
    let [only] = keywords.get("allOf")?.as_array()?.as_slice() else {
        return None;
    };
    let rest = keywords.keys().filter(|keyword| *keyword != "allOf");
    rest.into_iter()
        .all(|keyword| is_annotation(keyword) || keyword == "nullable")
        .then(|| component_name(only))?
}

/// True if the location is inside an `allOf` with one part. Such parts are handled with the `allOf`.
pub(crate) fn is_wrapped(pointer: &Pointer) -> bool {
    pointer.as_str().ends_with("/allOf/0")
}

/// A `$ref` to a component schema.
pub(crate) fn reference(name: &str) -> Value {
    let name = name.replace('~', "~0").replace('/', "~1");
    serde_json::json!({ "$ref": format!("{COMPONENT}{name}") })
}

/// Makes a schema nullable.
pub(crate) fn set_nullable(schema: &mut Value) {
    if schema.get("$ref").is_some() {
        *schema = json!({ "allOf": [schema.take()] });
    }
    schema["nullable"] = true.into();
}

/// Removes `nullable` from a schema, and an `allOf` of one schema that it no longer needs.
pub(crate) fn remove_nullable(schema: &mut Value) {
    if let Some(keywords) = schema.as_object_mut() {
        keywords.shift_remove("nullable");
        // The schema was only wrapped to be nullable.
        if keywords.len() == 1
            && let Some([only]) = keywords
                .get("allOf")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
        {
            *schema = only.clone();
        }
    }
}

/// The schema with references to components resolved.
pub(crate) fn resolved<'a>(components: &'a Map<String, Value>, schema: &'a Value) -> &'a Value {
    last_component(components, schema).map_or(schema, |(_, component)| component)
}

/// The component that a schema refers to, through any number of references, with the last name.
pub(crate) fn last_component<'a>(
    components: &'a Map<String, Value>,
    schema: &Value,
) -> Option<(String, &'a Value)> {
    let next = |schema: &Value| {
        let name = component_name(schema)?;
        let component = components.get(&name)?;
        Some((name, component))
    };
    let mut last = next(schema)?;
    // A chain that is longer than the number of components would be a cycle, which the check rejects.
    for _ in 0..components.len() {
        match next(last.1) {
            Some(further) => last = further,
            None => break,
        }
    }
    Some(last)
}

/// The branches of a choice, each with its keyword and index.
pub(crate) fn branches_of(schema: &Value) -> impl Iterator<Item = (&'static str, usize, &Value)> {
    ["oneOf", "anyOf"].into_iter().flat_map(|keyword| {
        let branches = schema[keyword].as_array().into_iter().flatten();
        branches
            .enumerate()
            .map(move |(index, branch)| (keyword, index, branch))
    })
}

/// True if `f` is true for `schema` or for a schema inside it.
pub(crate) fn any_schema(schema: &Value, f: impl Fn(&Value) -> bool) -> bool {
    let mut found = false;
    visit_from(
        Kind::Schema,
        &Pointer::root(),
        schema,
        &mut |_, _, inner| {
            found |= f(inner);
        },
    );
    found
}

/// True if a schema of the document has one of these keywords.
pub(crate) fn has_keyword(root: &Value, keywords: &[&str]) -> bool {
    let mut found = false;
    visit(root, &mut |kind, _, schema| {
        let has = |keyword: &&str| schema.get(*keyword).is_some();
        found = found || kind == Kind::Schema && keywords.iter().any(has);
    });
    found
}

/// The names of the properties that an object requires.
pub(crate) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str)
}

/// The component schemas of a document.
pub(crate) fn components(root: &Value) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    root.pointer("/components/schemas")
        .and_then(Value::as_object)
        .unwrap_or(&NONE)
}

/// The mutable component schemas of a document; created if missing.
pub(crate) fn components_mut(root: &mut Value) -> &mut Map<String, Value> {
    let Value::Object(root) = root else {
        unreachable!("the check rejects documents that are not objects");
    };
    let components = object_field(root, "components");
    object_field(components, "schemas")
}

fn object_field<'a>(parent: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let field = parent
        .entry(name)
        .or_insert_with(|| Value::Object(Map::new()));
    if !field.is_object() {
        *field = Value::Object(Map::new());
    }
    match field {
        Value::Object(field) => field,
        _ => unreachable!("it was replaced with an object above"),
    }
}

/// The names of component schemas, compared as the Rust type names they become.
pub(crate) struct Names(BTreeSet<String>);

/// The names in Rust's prelude. A type with one of these names would hide it in the generated code.
const PRELUDE: [&str; 29] = [
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Extend",
    "Fn",
    "From",
    "FromIterator",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Some",
    "String",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

impl Names {
    /// The names of these components.
    pub(crate) fn of(components: &Map<String, Value>) -> Self {
        let taken = components.keys().map(|name| type_name(name));
        Self(taken.chain(PRELUDE.map(str::to_owned)).collect())
    }

    /// Returns an unused name similar to `wanted` and reserves it.
    pub(crate) fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut count = 2;
        while !self.0.insert(type_name(&name)) {
            name = format!("{wanted}{count}");
            count += 1;
        }
        name
    }
}

/// The JSON type of the instances of a schema, if it is given or implied by other keywords.
pub(crate) fn type_of(schema: &Value) -> Option<&str> {
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        return Some(kind);
    }
    let implied = [
        ("properties", "object"),
        ("additionalProperties", "object"),
        ("required", "object"),
        ("items", "array"),
        ("prefixItems", "array"),
        ("minLength", "string"),
        ("maxLength", "string"),
        ("pattern", "string"),
        ("minimum", "number"),
        ("maximum", "number"),
        ("multipleOf", "number"),
    ];
    implied
        .iter()
        .find(|(keyword, _)| schema.get(keyword).is_some())
        .map(|(_, kind)| *kind)
        .or_else(|| match schema.get("format")?.as_str()? {
            "int32" | "int64" => Some("integer"),
            "float" | "double" => Some("number"),
            _ => Some("string"),
        })
}

/// True if a schema is a scalar without constraints except a format.
pub(crate) fn is_plain_scalar(schema: &Value) -> bool {
    let scalar = matches!(
        schema["type"].as_str(),
        Some("string" | "integer" | "number" | "boolean")
    );
    let unconstrained = |keyword: &String| {
        is_annotation(keyword) || ["type", "format", "nullable"].contains(&keyword.as_str())
    };
    scalar
        && schema
            .as_object()
            .is_some_and(|object| object.keys().all(unconstrained))
}

/// True if a schema is an enumeration of strings.
pub(crate) fn is_string_enum(schema: &Value) -> bool {
    schema["type"] == "string"
        && schema["enum"]
            .as_array()
            .is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_string))
}

/// The formats of strings that have a specific Rust type.
const NATIVE_FORMATS: [&str; 6] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6"];

/// True if the format of a schema has a specific Rust type, which accepts no other strings.
pub(crate) fn has_native_format(schema: &Value) -> bool {
    let format = schema["format"].as_str();
    format.is_some_and(|format| NATIVE_FORMATS.contains(&format))
}

/// True if a schema is a string that its Rust type checks: one with a pattern, a length, or another format.
pub(crate) fn is_constrained_string(schema: &Value) -> bool {
    let bounded = ["pattern", "minLength", "maxLength"]
        .iter()
        .any(|bound| schema.get(bound).is_some());
    schema["type"] == "string" && bounded && !has_native_format(schema)
}
