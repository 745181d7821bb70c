//! The cases of the decode test: the values that a generated type must decode, and the check of the
//! result.
//!
//! The values are instances of the schemas of responses and request bodies in the *document*,
//! before the lowering. The types are those of the generated methods.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use openapi_document::operation::{Message, Operation};
use openapi_document::{Direction, Node, Pointer, is_json};
use openapi_instances::{Generator, Seen};
use serde_json::{Map, Value};

use super::Decoded;
use super::meaning::{self, Meaning};
use super::scratch::{Asked, DecodedType, Scratch};
use client_codegen::reader_of;
use client_codegen::surface::{Call, Surface};
use openapi_instances::same;

/// Types whose values are bytes, not JSON.
const RAW: [&str; 2] = ["::client_runtime::generated::Body", ""];

/// A value that a type must decode.
struct Case {
    /// The origin: `GET /roles, response 200, least`.
    about: String,
    /// The generated type.
    of: DecodedType,
    /// The location of the schema in the document.
    schema: Pointer,
    value: Value,
}

/// All cases of a document.
pub(super) struct Cases {
    cases: Vec<Case>,
    untyped: usize,
    unmade: Vec<String>,
}

impl Cases {
    /// The cases of each JSON response and request body. A schema that has the same type in two
    /// operations is used once, and parts used in several locations are varied in one of them. JSON
    /// bodies of operations that send files are skipped.
    pub(super) fn of(root: &Value, surface: &Surface) -> Self {
        let by_request: BTreeMap<&str, &Call> = surface
            .operations
            .values()
            .map(|call| (call.request.as_str(), call))
            .collect();
        let (mut built, mut seen) = (
            Self {
                cases: Vec::new(),
                untyped: 0,
                unmade: Vec::new(),
            },
            BTreeSet::new(),
        );
        let (mut sent, mut received) = (Seen::default(), Seen::default());
        for operation in Operation::all(root) {
            let request = operation.request();
            let Some(call) = by_request.get(request.as_str()) else {
                continue;
            };
            let bodies = bodies(root, &operation, call).into_iter();
            for body in bodies.filter(|body| body.is_response || !call.sends_files) {
                let Some(schema) = Node::at(root, body.schema.clone()) else {
                    continue;
                };
                let schema = follow(root, schema).pointer;
                if RAW.contains(&body.of) {
                    built.untyped += 1;
                } else if seen.insert((body.of, schema.clone(), body.is_response)) {
                    let known = if body.is_response {
                        &mut received
                    } else {
                        &mut sent
                    };
                    built.add(root, &request, &body, schema, known);
                }
            }
        }
        built
    }

    fn add<'a>(
        &mut self,
        root: &'a Value,
        request: &str,
        body: &Body<'_>,
        schema: Pointer,
        seen: &mut Seen<'a>,
    ) {
        let direction = match body.is_response {
            true => Direction::Response,
            false => Direction::Request,
        };
        let about = format!("{request}, {}", body.name);
        let Some(value) = schema.get(root) else {
            return;
        };
        let of = DecodedType {
            of: body.of.to_owned(),
            reader: body.is_response.then(|| reader_of(body.of)).flatten(),
        };
        match Generator::new(root, direction).unseen(value, seen) {
            Ok(instances) => self
                .cases
                .extend(instances.into_iter().map(|instance| Case {
                    about: format!("{about}, {}", instance.variation),
                    of: of.clone(),
                    schema: schema.clone(),
                    value: instance.value,
                })),
            Err(error) => self.unmade.push(format!("{about}: {error}")),
        }
    }

    /// The generated types, each once.
    pub(super) fn types(&self) -> Vec<DecodedType> {
        let types: BTreeSet<&DecodedType> = self.cases.iter().map(|case| &case.of).collect();
        types.into_iter().cloned().collect()
    }

    /// Runs `program`, which was compiled from the scratch crate, on every case and checks the
    /// results.
    ///
    /// # Errors
    /// A program that does not respond to every case.
    pub(super) fn run(
        &self,
        scratch: &Scratch,
        program: &Path,
        root: &Value,
    ) -> Result<Decoded, String> {
        let types = self.types();
        let asked = self.cases.iter().map(|case| Asked {
            of: types.partition_point(|of| *of < case.of),
            value: &case.value,
        });
        let responses = scratch.decode(program, asked)?;
        let meaning = Meaning::of(root);
        let registry = meaning.registry();
        let mut validators = BTreeMap::new();
        let mut failures = Vec::new();
        for (case, response) in self.cases.iter().zip(responses) {
            let validator = validators.entry(&case.schema).or_insert_with(|| {
                let registry = registry.as_ref()?;
                meaning::validator(registry, &case.schema)
            });
            if let Err(reason) = validate(case, response, validator.as_ref()) {
                failures.push(format!("{}, as {}: {reason}", case.about, case.of.of));
            }
        }
        Ok(Decoded {
            cases: self.cases.len(),
            wrong: failures.len(),
            untyped: self.untyped,
            unmade: self.unmade.clone(),
            failures,
        })
    }
}

fn validate(
    case: &Case,
    response: Result<Value, String>,
    validator: Option<&jsonschema::Validator>,
) -> Result<(), String> {
    let validator = validator.filter(|validator| validator.is_valid(&case.value));
    let got = response.map_err(|error| format!("does not decode: {error}"))?;
    same(&case.value, &got)?;
    match validator {
        Some(validator) => validator
            .validate(&got)
            .map_err(|error| format!("the encoded value is not valid: {error}")),
        None => Ok(()),
    }
}

/// A JSON body of an operation: the location of its schema, and its type in the client.
struct Body<'a> {
    name: String,
    is_response: bool,
    schema: Pointer,
    of: &'a str,
}

fn bodies<'a>(root: &'a Value, operation: &Operation<'a>, call: &'a Call) -> Vec<Body<'a>> {
    let mut found = Vec::new();
    for (key, response) in operation.responses() {
        found.extend(json_schema(root, &response).map(|(media_type, schema)| {
            let typed = call
                .bodies
                .iter()
                .find(|(status, name, _)| status.eq_ignore_ascii_case(key) && name == media_type);
            Body {
                name: format!("response {key}"),
                is_response: true,
                schema,
                of: typed.map_or("", |(_, _, of)| of),
            }
        }));
    }
    let of = call.setters.iter().find(|(setter, _)| setter == "body");
    if let (Some(body), Some((_, of))) = (operation.request_body(), of) {
        found.extend(json_schema(root, &body).map(|(_, schema)| Body {
            name: "request".to_owned(),
            is_response: false,
            schema,
            of,
        }));
    }
    found
}

/// The JSON media type that a client prefers, and the location of its schema. Binary content is
/// ignored.
fn json_schema<'a>(root: &'a Value, message: &Message<'a>) -> Option<(&'a str, Pointer)> {
    let content = message.content();
    let mut content = content.iter();
    let plain = content
        .clone()
        .find(|media| media.name == "application/json");
    let media = plain.or_else(|| content.find(|media| is_json(media.name)))?;
    let schema = media.schema()?;
    let described = follow(root, schema.clone()).value;
    let has_media_type = described.get("contentMediaType").is_some();
    let is_encoded = described.get("contentEncoding").is_some();
    if described["format"] == "binary" || has_media_type && !is_encoded {
        return None;
    }
    Some((media.name, schema.pointer))
}

/// The target of a chain of references, or the schema itself. A reference with sibling keywords is not
/// followed.
fn follow<'a>(root: &'a Value, schema: Node<'a>) -> Node<'a> {
    let stands_alone = |node: &Node<'a>| {
        let mut keys = node.value.as_object().into_iter().flat_map(Map::keys);
        keys.all(|key| ["$ref", "summary", "description"].contains(&key.as_str()))
    };
    let mut schema = schema;
    while let Some(target) = Some(&schema)
        .filter(|node| stands_alone(node))
        .and_then(|node| node.target(root))
    {
        schema = target;
    }
    schema
}
