//! The overlay actions that make a document accept deviations.

use openapi_document::{Diagnostic, Document, Pointer, overlay};
use serde_json::{Map, Value, json};

use crate::deviation::{Deviation, Kind};
use crate::responses::similar_response;
use crate::shape::Version;

/// An action of an overlay (OpenAPI Overlay 1.0, Action Object).
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The JSONPath of its target.
    pub target: String,
    /// The reason for the action.
    pub description: String,
    /// Its effect.
    pub effect: Effect,
}

/// The effect of an action on its target.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Merges a value into the target.
    Update(Value),
    /// Removes the target.
    Remove,
}

impl Action {
    /// The action as an object of an overlay.
    pub fn to_json(&self) -> Value {
        let mut action = Map::new();
        action.insert("target".to_owned(), json!(self.target));
        action.insert("description".to_owned(), json!(self.description));
        match &self.effect {
            Effect::Update(update) => action.insert("update".to_owned(), update.clone()),
            Effect::Remove => action.insert("remove".to_owned(), json!(true)),
        };
        Value::Object(action)
    }
}

/// Applies the actions for `deviations` to `document`, and returns them in the order in which they apply.
///
/// # Errors
/// An action does not apply. That is a defect of this crate.
pub(crate) fn accept(
    document: &mut Document,
    mut deviations: Vec<&Deviation>,
) -> Result<Vec<Action>, Diagnostic> {
    // An action that encloses a schema in a choice moves the locations inside it, so inner locations are
    // first. Responses are last, because they refer to schemas.
    deviations.sort_by_key(|deviation| {
        let depth = deviation.location.tokens().count();
        (rank(&deviation.kind), std::cmp::Reverse(depth))
    });
    let mut all = Vec::new();
    for deviation in deviations {
        let editor = Editor {
            root: &document.root,
            version: Version::of(&document.root),
            deviation,
        };
        let actions = editor.actions();
        apply(&actions, document)?;
        all.extend(actions);
    }
    Ok(all)
}

/// The order of actions: those that keep the locations of schemas, those that enclose a schema, and
/// responses.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Null | Kind::Type => 1,
        Kind::MediaType(_) | Kind::Status(_) => 2,
        _ => 0,
    }
}

fn apply(actions: &[Action], document: &mut Document) -> Result<(), Diagnostic> {
    let actions: Vec<Value> = actions.iter().map(Action::to_json).collect();
    let text = json!({ "overlay": "1.0.0", "actions": actions }).to_string();
    overlay::apply(&Document::parse("the new actions", text)?, document)
}

struct Editor<'a> {
    root: &'a Value,
    version: Version,
    deviation: &'a Deviation,
}

impl Editor<'_> {
    fn actions(&self) -> Vec<Action> {
        let Deviation {
            kind,
            location,
            shape,
            ..
        } = self.deviation;
        match kind {
            Kind::Notation(_) | Kind::NotJson => Vec::new(),
            Kind::Status(status) => {
                let response = self.response(*status);
                vec![self.update(location, json!({ status.to_string(): response }))]
            }
            Kind::MediaType(media_type) => {
                let media = json!({ media_type: { "schema": self.body_schema(media_type) } });
                vec![self.update(location, json!({ "content": media }))]
            }
            Kind::Null => self.allow_null(location),
            Kind::Type => self.allow_type(location),
            Kind::Missing(name) => {
                let quoted = quoted(name);
                let target = format!("{}[?@ == {quoted}]", self.path(&location.join("required")));
                vec![self.action(target, Effect::Remove)]
            }
            Kind::Format(_) => vec![self.remove(&location.join("format"))],
            Kind::Enumeration => self.enumerate(location),
            Kind::Discriminator(value) => self.add_subtype(location, value),
            Kind::Undocumented(name) => {
                let schema = shape.named_schema(name, self.version);
                vec![self.update(location, json!({ "properties": { name: schema } }))]
            }
            Kind::Parameter(name) => {
                let schema = shape.schema(self.version);
                let parameter = json!({ "name": name, "in": "query", "schema": schema });
                vec![self.update(location, json!({ "parameters": [parameter] }))]
            }
            Kind::NothingMatches => {
                let location = location.resolved(self.root);
                let properties = shape.property_schemas(self.version);
                vec![self.update(&location, json!({ "properties": properties }))]
            }
        }
    }

    /// A response for an undocumented status: that of another status if the body fits, or one with the
    /// schema of the observed bodies.
    fn response(&self, status: u16) -> Value {
        let Deviation {
            location,
            shape,
            values,
            ..
        } = self.deviation;
        let body = values.first().filter(|body| !body.is_null());
        let description = "Observed; the vendor does not document it.";
        let Some(body) = body else {
            return json!({ "description": description });
        };
        match similar_response(self.root, location, status, body) {
            Some((response, _)) => json!({ "$ref": response.to_string() }),
            None => json!({
                "description": description,
                "content": { "application/json": { "schema": shape.schema(self.version) } },
            }),
        }
    }

    fn body_schema(&self, media_type: &str) -> Value {
        match media_type {
            json if openapi_document::is_json(json) => self.deviation.shape.schema(self.version),
            text if text.starts_with("text/") => json!({ "type": "string" }),
            _ if self.version == Version::V3_0 => json!({ "type": "string", "format": "binary" }),
            _ => json!({}),
        }
    }

    fn allow_null(&self, location: &Pointer) -> Vec<Action> {
        let schema = self.object(location);
        if self.version == Version::V3_0 {
            let mut actions = Vec::new();
            let mut update = json!({ "nullable": true });
            // Beside a reference, other keywords have no effect.
            if let Some(target) = schema.get("$ref") {
                actions.push(self.remove(&location.join("$ref")));
                update["allOf"] = json!([{ "$ref": target }]);
            }
            if let Some(values) = schema.get("enum").and_then(Value::as_array)
                && !values.contains(&Value::Null)
            {
                update["enum"] = json!([Value::Null]);
            }
            actions.push(self.update(location, update));
            return actions;
        }
        let null = json!({ "type": "null" });
        let choice = ["oneOf", "anyOf"]
            .into_iter()
            .find(|name| schema.contains_key(*name));
        let is_plain = |name: &&String| {
            ![
                "type", "oneOf", "anyOf", "allOf", "$ref", "enum", "const", "not",
            ]
            .contains(&name.as_str())
        };
        let constrains: Vec<&String> = schema.keys().filter(|name| !is_plain(name)).collect();
        match constrains.as_slice() {
            [only] if *only == "type" => {
                let types = match &schema["type"] {
                    Value::Array(_) => json!(["null"]),
                    one => json!([one, "null"]),
                };
                vec![self.update(location, json!({ "type": types }))]
            }
            [only] if choice == Some(only.as_str()) => {
                vec![self.update(location, json!({ only.as_str(): [null] }))]
            }
            _ => self.enclose(location, &[null]),
        }
    }

    /// Allows the observed values in addition to those of the schema.
    fn allow_type(&self, location: &Pointer) -> Vec<Action> {
        let schema = self.object(location);
        let observed = self.deviation.shape.schema(self.version);
        let choice = ["oneOf", "anyOf"]
            .into_iter()
            .find(|name| schema.contains_key(*name));
        if let Some(choice) = choice {
            return vec![self.update(location, json!({ choice: [observed] }))];
        }
        if schema.get("type") == Some(&json!("integer")) && observed["type"] == "number" {
            let mut actions = Vec::new();
            if schema.contains_key("format") {
                actions.push(self.remove(&location.join("format")));
            }
            actions.push(self.update(location, json!({ "type": "number" })));
            return actions;
        }
        self.enclose(location, &[observed])
    }

    /// Replaces a schema with a choice of itself and others.
    fn enclose(&self, location: &Pointer, others: &[Value]) -> Vec<Action> {
        let mut branches = vec![Value::Object(self.object(location))];
        branches.extend_from_slice(others);
        let everything = format!("{}.*", self.path(location));
        vec![
            self.action(everything, Effect::Remove),
            self.update(location, json!({ "anyOf": branches })),
        ]
    }

    fn enumerate(&self, location: &Pointer) -> Vec<Action> {
        let values = &self.deviation.values;
        match self.object(location).get("const") {
            Some(only) => {
                let mut all = vec![only.clone()];
                all.extend(values.iter().cloned());
                let constant = self.remove(&location.join("const"));
                vec![constant, self.update(location, json!({ "enum": all }))]
            }
            None => vec![self.update(location, json!({ "enum": values }))],
        }
    }

    /// Adds a schema for a value of a discriminator.
    fn add_subtype(&self, location: &Pointer, value: &str) -> Vec<Action> {
        let schema = self.object(location);
        let choice = match schema.contains_key("oneOf") {
            true => "oneOf",
            false => "anyOf",
        };
        let schemas = Pointer::of(["components", "schemas"]);
        let taken = |name: &str| schemas.join(name).get(self.root).is_some();
        let word: String = value
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .collect();
        let mut name = format!("Observed{word}");
        while taken(&name) {
            name.push('_');
        }
        let target = json!(format!("#/components/schemas/{name}"));
        let observed = self.deviation.shape.schema(self.version);
        vec![
            self.update(&schemas, json!({ name: observed })),
            self.update(
                location,
                json!({
                    choice: [{ "$ref": target }],
                    "discriminator": { "mapping": { value: target } },
                }),
            ),
        ]
    }

    fn object(&self, location: &Pointer) -> Map<String, Value> {
        let schema = location.get(self.root).and_then(Value::as_object);
        schema.cloned().unwrap_or_default()
    }

    fn update(&self, location: &Pointer, update: Value) -> Action {
        self.action(self.path(location), Effect::Update(update))
    }

    fn remove(&self, location: &Pointer) -> Action {
        self.action(self.path(location), Effect::Remove)
    }

    fn action(&self, target: String, effect: Effect) -> Action {
        let Deviation {
            operations, count, ..
        } = self.deviation;
        let times = match count {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        let first = operations.first().map_or("", String::as_str);
        let others = match operations.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        Action {
            target,
            description: format!(
                "Observed {times} in {first}{others}: {}.",
                self.deviation.describe()
            ),
            effect,
        }
    }

    /// The JSONPath of a location (RFC 9535).
    fn path(&self, location: &Pointer) -> String {
        let mut path = "$".to_owned();
        let mut parent = Some(self.root);
        let mut pointer = Pointer::root();
        for token in location.tokens() {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if parent.is_some_and(Value::is_array) {
                path.push_str(&format!("[{token}]"));
            } else if token.chars().all(is_name)
                && token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            {
                path.push_str(&format!(".{token}"));
            } else {
                path.push_str(&format!("[{}]", quoted(&token)));
            }
            pointer = pointer.join(token);
            parent = pointer.get(self.root);
        }
        path
    }
}

/// A string of a JSONPath.
fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '\\' | '\'' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("'{}'", text.chars().map(escape).collect::<String>())
}
