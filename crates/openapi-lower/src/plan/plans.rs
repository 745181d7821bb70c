//! The last step: converts the operations of the document to typed plans.
//!
//! Before: `paths: {/roles: {get: {operationId: ListRoles, parameters: [{name: page-size, in: query,
//! schema: …}], responses: {'200': {content: {application/json: {schema: {$ref: RoleList}}}}}}}}`.
//! After: no paths, and the plan of the call `list_roles`, with a parameter whose setter is `page_size` and
//! a response with a JSON body.
//!
//! If two parameters would have the same setter in Rust, they get different ones. Path parameters have
//! priority over query parameters, and those over headers and cookies.

use std::collections::{BTreeMap, BTreeSet};

use client_codegen::naming::{pascal, snake};
use client_codegen::plan::{
    BodyEncoding, BodyPlan, FieldPlan, FieldStyle, HeaderPlan, HeaderScalar, HeaderValue, Location,
    NextPage, OperationPlan, PagingPlan, ParameterPlan, ParameterStyle, ResponseBody, ResponsePlan,
    Spot, StatusPattern, Step, WorkPlan,
};
use openapi_document::walk::{is_extension, operations};
use openapi_document::{Pointer, template_parameters};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::Notes;
use crate::media_type::{Notation, all_properties, essence, is_json};
use crate::plan::requirements;
use crate::rust_type::{not_null, runtime_path};
use crate::schema::{component_name, components, required, resolved, type_of};
use crate::servers;

/// The name of the step in notes.
pub(crate) const NAME: &str = "plans";

/// The extension with which dropshot marks an operation that opens a WebSocket.
const WEB_SOCKET: &str = "x-dropshot-websocket";

/// Removes the operations from the document and returns their plans in document order.
///
/// # Errors
/// The pointer to an invalid extension, and the reason.
pub(crate) fn take(
    root: &mut Value,
    notes: &mut Notes,
) -> Result<Vec<OperationPlan>, (Pointer, String)> {
    let mut plans = Vec::new();
    for (pointer, key, method) in operations(root) {
        let Some(operation) = pointer.get(root) else {
            continue;
        };
        let reader = Reader {
            root,
            components: components(root),
            operation,
            pointer: &pointer,
        };
        let plan = reader.plan(&key, method, notes);
        plans.push(plan.map_err(|reason| (pointer.join("x-paging"), reason))?);
    }
    find_reads(&mut plans);
    root["paths"] = json!({});
    Ok(plans)
}

/// Replaces the path of each call that reads the state of work by the `id` of the call. Work is not
/// followed if that call does not have exactly one JSON response, or the call that starts it is another
/// alternative of the same operation.
fn find_reads(plans: &mut [OperationPlan]) {
    let reads: BTreeMap<String, String> = plans
        .iter()
        .filter(|plan| plan.method == "GET" && plan.variant.is_none())
        .filter(|plan| only_json(plan).is_some())
        .map(|plan| (plan.path.clone(), plan.id.clone()))
        .collect();
    for plan in plans {
        plan.work = plan.work.take().and_then(|work| {
            let read = reads.get(&work.read)?.clone();
            Some(WorkPlan { read, ..work })
        });
    }
}

/// The schema of the only success of a call.
fn only_json(plan: &OperationPlan) -> Option<&Value> {
    match plan.successes()[..] {
        [
            (
                _,
                ResponsePlan {
                    body: ResponseBody::Json { schema },
                    ..
                },
            ),
        ] => Some(schema),
        _ => None,
    }
}

/// Reads one operation.
struct Reader<'a> {
    root: &'a Value,
    components: &'a Map<String, Value>,
    operation: &'a Value,
    pointer: &'a Pointer,
}

impl Reader<'_> {
    fn plan(&self, key: &str, method: &str, notes: &mut Notes) -> Result<OperationPlan, String> {
        let operation = self.operation;
        let id = operation["operationId"].as_str().unwrap_or_default();
        let method_name = snake(id);
        // The key of an alternative operation ends in the fragment that distinguishes it.
        let (path, variant) = match key.split_once('#') {
            Some((path, variant)) => (path, Some(variant.to_owned())),
            None => (key, None),
        };
        let responses = self.responses();
        let mut plan = OperationPlan {
            id: id.to_owned(),
            builder_name: pascal(&method_name),
            method_name,
            tag: self.string(&["tags", "0"]),
            summary: self.string(&["summary"]),
            description: self.string(&["description"]),
            deprecated: operation["deprecated"] == true,
            method: method.to_uppercase(),
            path: path.to_owned(),
            variant,
            server: self.server(notes),
            security: requirements::alternatives(
                operation.get("security").or(self.root.get("security")),
            ),
            idempotent: operation["x-idempotent"].as_bool(),
            parameters: self.parameters(path, notes),
            body: self.body(),
            accept: None,
            responses,
            headers: Vec::new(),
            paging: None,
            work: None,
        };
        plan.headers = self.headers(&plan, notes);
        plan.accept = accept(&plan);
        plan.paging = self.paging(&plan)?;
        plan.work = self.work(&plan);
        Ok(plan)
    }

    fn string(&self, tokens: &[&str]) -> Option<String> {
        let place = Pointer::of(tokens.iter().copied());
        let string = place.get(self.operation)?.as_str()?;
        (!string.is_empty()).then(|| string.to_owned())
    }

    fn server(&self, notes: &mut Notes) -> Option<String> {
        let own = self.operation.get("servers")?;
        servers::own(
            own,
            &self.root["servers"],
            &self.pointer.join("servers"),
            notes,
        )
    }

    fn parameters(&self, path: &str, notes: &mut Notes) -> Vec<ParameterPlan> {
        let listed = self.operation["parameters"].as_array();
        let mut plans: Vec<(usize, ParameterPlan)> = listed
            .into_iter()
            .flatten()
            .enumerate()
            .filter_map(|(index, parameter)| Some((index, parameter_plan(parameter)?)))
            .collect();
        let template = template_parameters(path);
        plans.sort_by_key(|(_, plan)| {
            let place = template.iter().position(|name| *name == plan.name);
            (
                plan.location,
                place.filter(|_| plan.location == Location::Path),
            )
        });
        let mut setters = Setters::of([
            ("body", self.operation.get("requestBody").is_some()),
            ("wait", self.operation.get("x-long-running").is_some()),
        ]);
        for (index, plan) in &mut plans {
            plan.setter = setters.free(&plan.name, plan.location);
            if plan.setter != snake(&plan.name) {
                notes.add(
                    &self.pointer.join("parameters").join(*index),
                    format!("the setter of `{}` is `{}`", plan.name, plan.setter),
                    "another parameter or the builder has a method with its name",
                );
            }
        }
        plans.into_iter().map(|(_, plan)| plan).collect()
    }

    fn body(&self) -> Option<BodyPlan> {
        let body = self.operation.get("requestBody")?;
        let (media_type, media) = body["content"].as_object()?.iter().next()?;
        let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
        let notation = Notation::of(self.components, media_type, media);
        let lists_none = all_properties(self.components, &schema).is_empty();
        let (fallback, encoding) = match notation {
            Notation::Json => ("application/json", BodyEncoding::Json { schema }),
            Notation::Form => {
                let fields = self.fields(&schema, &media["encoding"], false);
                let media_type = "application/x-www-form-urlencoded";
                (media_type, BodyEncoding::Form { schema, fields })
            }
            Notation::Multipart if !lists_none => {
                let fields = self.fields(&schema, &media["encoding"], true);
                (
                    "multipart/form-data",
                    BodyEncoding::Multipart { schema, fields },
                )
            }
            Notation::Text => ("text/plain", BodyEncoding::Text),
            Notation::JsonLines if media.get("itemSchema").is_some() => {
                let item = media["itemSchema"].clone();
                ("application/x-ndjson", BodyEncoding::JsonLines { item })
            }
            _ => ("application/octet-stream", BodyEncoding::Bytes),
        };
        let media_type = match media_type.contains('*') {
            true => fallback,
            false => media_type,
        };
        Some(BodyPlan {
            media_type: media_type.to_owned(),
            required: body["required"] == true,
            encoding,
            description: body["description"].as_str().map(str::to_owned),
        })
    }

    /// The encodings of the properties of a form: those that `encoding` names, and in a multipart form all
    /// of them, in document order.
    fn fields(&self, schema: &Value, encoding: &Value, all: bool) -> Vec<FieldPlan> {
        all_properties(self.components, schema)
            .into_iter()
            .filter(|(name, _)| all || encoding.get(name).is_some())
            .map(|(name, schema)| self.field(&schema, &encoding[&name], name))
            .collect()
    }

    /// The encoding of one property (OpenAPI 3.1.1, Encoding Object): `style` and `explode` as in a query
    /// if they are given, otherwise according to the content type.
    fn field(&self, schema: &Value, encoding: &Value, name: String) -> FieldPlan {
        let has_style = ["style", "explode", "allowReserved"]
            .iter()
            .any(|keyword| encoding.get(keyword).is_some());
        let style = encoding["style"].as_str().unwrap_or("form");
        let exploded = encoding["explode"].as_bool().unwrap_or(style == "form");
        // Of several content types, the first is used. A wildcard is left to the caller.
        let content_type = encoding["contentType"].as_str();
        let content_type = content_type
            .and_then(|types| types.split(',').next())
            .map(str::trim)
            .filter(|name| !name.contains('*'));
        let schema = resolved(self.components, not_null(schema));
        let is_list = type_of(schema) == Some("array");
        let style = if is_file(schema) || is_file(&schema["items"]) {
            FieldStyle::File
        } else if content_type.is_some_and(is_json) {
            FieldStyle::Json
        } else if !has_style {
            FieldStyle::Plain
        } else {
            match (style, exploded, is_list) {
                ("deepObject", ..) => FieldStyle::Brackets,
                ("spaceDelimited", false, true) => FieldStyle::Joined(' '),
                ("pipeDelimited", false, true) => FieldStyle::Joined('|'),
                (_, false, true) => FieldStyle::Joined(','),
                (_, true, false) => FieldStyle::Properties,
                _ => FieldStyle::Plain,
            }
        };
        FieldPlan {
            name,
            style,
            content_type: content_type.filter(|_| !has_style).map(str::to_owned),
        }
    }

    /// The documented responses. A status with several media types has one for each.
    fn responses(&self) -> Vec<ResponsePlan> {
        let documented = self.operation["responses"].as_object();
        let documented = documented.into_iter().flatten();
        let opens_web_socket = self.operation.get(WEB_SOCKET).is_some();
        let mut plans = Vec::new();
        if opens_web_socket {
            plans.push(ResponsePlan {
                status: StatusPattern::Code(101),
                media_type: None,
                body: ResponseBody::Upgrade,
                description: None,
            });
        }
        for (key, response) in documented.filter(|(key, _)| !is_extension(key)) {
            let Some(status) = StatusPattern::parse(key) else {
                continue;
            };
            if status == StatusPattern::Code(101) && opens_web_socket {
                continue;
            }
            let description = response["description"].as_str();
            let description = description
                .filter(|description| !description.is_empty())
                .map(str::to_owned);
            let content = response["content"].as_object();
            let bodies: Vec<(&String, &Value)> = content.into_iter().flatten().collect();
            if bodies.is_empty() {
                plans.push(ResponsePlan {
                    status,
                    media_type: None,
                    body: match status {
                        StatusPattern::Code(101) => ResponseBody::Upgrade,
                        _ => ResponseBody::None,
                    },
                    description,
                });
                continue;
            }
            let is_error = status.class().is_some_and(|class| class > 3);
            for (media_type, media) in bodies {
                plans.push(ResponsePlan {
                    status,
                    media_type: Some(media_type.clone()),
                    body: self.response_body(media_type, media, is_error),
                    description: description.clone(),
                });
            }
        }
        plans
    }

    fn response_body(&self, media_type: &str, media: &Value, is_error: bool) -> ResponseBody {
        let schema = media.get("schema").cloned();
        match Notation::of(self.components, media_type, media) {
            Notation::Json => ResponseBody::Json {
                schema: schema.unwrap_or_else(|| json!({})),
            },
            Notation::Text | Notation::Form | Notation::Multipart => ResponseBody::Text,
            // The body of an error is read completely.
            _ if is_error => ResponseBody::Text,
            Notation::Bytes => ResponseBody::Bytes,
            Notation::Events => ResponseBody::Events { item: schema },
            Notation::JsonLines => ResponseBody::JsonLines { item: schema },
            Notation::JsonSequence => ResponseBody::JsonSequence { item: schema },
        }
    }

    /// The headers of all success responses, except `Content-Type` (OpenAPI 3.1.1, Response Object).
    fn headers(&self, plan: &OperationPlan, notes: &mut Notes) -> Vec<HeaderPlan> {
        let successes = plan.successes();
        let is_success = |status| {
            successes
                .iter()
                .any(|(_, success)| success.status == status)
        };
        let responses = self.operation["responses"].as_object();
        let mut plans: Vec<HeaderPlan> = Vec::new();
        for (key, response) in responses.into_iter().flatten() {
            if !StatusPattern::parse(key).is_some_and(is_success) {
                continue;
            }
            let headers = response["headers"].as_object().into_iter().flatten();
            for (name, header) in headers {
                if name.eq_ignore_ascii_case("content-type") || !is_header_name(name) {
                    continue;
                }
                let value = header_value(self.components, header);
                let known = plans
                    .iter_mut()
                    .find(|known| known.name.eq_ignore_ascii_case(name));
                let Some(known) = known else {
                    plans.push(HeaderPlan {
                        name: name.clone(),
                        method_name: header_method(name, &plans),
                        value,
                        description: described(&header["description"]),
                    });
                    continue;
                };
                if known.value != value {
                    known.value = HeaderValue::One(HeaderScalar::String);
                    let pointer = self.pointer.join("responses").join(key);
                    notes.add(
                        &pointer.join("headers").join(name),
                        "the header is read as a string",
                        "it has different types in different success responses",
                    );
                }
            }
        }
        plans
    }

    /// The paging of a list: by the extension `x-paging`, or by a page token if the call has a parameter
    /// for it and the response has items and the next token.
    ///
    /// # Errors
    /// The reason why the extension cannot be applied.
    fn paging(&self, plan: &OperationPlan) -> Result<Option<PagingPlan>, String> {
        let Some(extension) = self.operation.get("x-paging") else {
            return Ok(self.paging_by_token(plan));
        };
        match self.paging_by_position(plan, extension) {
            Ok(paging) => Ok(Some(paging)),
            // Another alternative of the same operation, such as a stream.
            Err(_) if plan.variant.is_some() => Ok(None),
            Err(reason) => Err(format!("the list `{}` cannot be paged: {reason}", plan.id)),
        }
    }

    fn paging_by_token(&self, plan: &OperationPlan) -> Option<PagingPlan> {
        const TOKEN: &str = "page_next_token";
        plan.parameters
            .iter()
            .find(|parameter| parameter.setter == TOKEN && parameter.schema["type"] == "string")?;
        let page = self.page(plan).ok()?;
        let properties = resolved(self.components, page)["properties"].as_object()?;
        let named = |wanted: &str| {
            let name = properties.keys().find(|name| snake(name) == wanted)?;
            self.way(page, &[name]).ok()
        };
        let (token, schema) = named("next_page_token")?;
        let (items, list) = named("items")?;
        let item = list.get("items").filter(|_| schema["type"] == "string")?;
        Some(PagingPlan {
            items,
            item: item.clone(),
            next: NextPage::Token {
                setter: TOKEN.to_owned(),
                token,
            },
        })
    }

    /// The pass `paging` has resolved the extension.
    fn paging_by_position(
        &self,
        plan: &OperationPlan,
        extension: &Value,
    ) -> Result<PagingPlan, String> {
        let body = plan.body.as_ref().map(|body| &body.encoding);
        if let Some(BodyEncoding::Bytes | BodyEncoding::JsonLines { .. }) = body {
            return Err("its body is a stream, which cannot be sent for each page".to_owned());
        }
        let page = self.page(plan)?;
        let names = |keyword: &str| -> Vec<&str> {
            let names = extension[keyword].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).collect()
        };
        let spot = |keyword: &str| Spot::deserialize(&extension[keyword]).ok();
        let (items, list) = self.way(page, &names("items"))?;
        let item = list
            .get("items")
            .cloned()
            .filter(|_| list["type"] == "array");
        let total = match extension.get("total") {
            None => None,
            Some(_) => {
                let (total, number) = self.way(page, &names("total"))?;
                if number["type"] != "integer" {
                    return Err("the type of its total is not an integer".to_owned());
                }
                Some(total)
            }
        };
        Ok(PagingPlan {
            items,
            item: item.ok_or("the type of its items is not a list")?,
            next: NextPage::Position {
                skip: spot("skip")
                    .ok_or("it does not name the parameter for the number of items to skip")?,
                limit: spot("limit"),
                total,
            },
        })
    }

    fn page<'a>(&self, plan: &'a OperationPlan) -> Result<&'a Value, String> {
        only_json(plan).ok_or_else(|| "it does not have exactly one JSON response".to_owned())
    }

    /// How the work that the call starts is followed, with the path of the call that reads the state. The
    /// pass `long-running` has resolved the extension.
    fn work(&self, plan: &OperationPlan) -> Option<WorkPlan> {
        let mut extension = self.operation.get("x-long-running")?.as_object()?.clone();
        extension.shift_remove("pending");
        let work = WorkPlan::deserialize(Value::Object(extension)).ok()?;
        plan.variant.is_none().then_some(work)
    }

    /// The path from a value of a schema to a nested property, through wrapper types, and the schema of the
    /// property.
    fn way(&self, schema: &Value, names: &[&str]) -> Result<(Vec<Step>, Value), String> {
        let mut steps = Vec::new();
        let mut schema = self.inside(schema.clone(), &mut steps);
        for name in names {
            let property = schema["properties"].get(name);
            let property = property.ok_or_else(|| format!("its type has no field for `{name}`"))?;
            let is_required = required(&schema).any(|required| required == *name);
            steps.push(Step::Property {
                name: (*name).to_owned(),
                optional: !is_required || property["nullable"] == true,
            });
            let not_null = not_null(property);
            if not_null != property {
                steps.push(Step::NotNull);
            }
            schema = self.inside(not_null.clone(), &mut steps);
        }
        Ok((steps, schema))
    }

    /// The schema inside a wrapper type, if the component is not an object.
    fn inside(&self, mut schema: Value, steps: &mut Vec<Step>) -> Value {
        // A chain of components is at most as long as the number of components.
        for _ in 0..self.components.len() {
            let Some(component) =
                component_name(&schema).and_then(|name| self.components.get(&name))
            else {
                break;
            };
            if component.get("properties").is_none() {
                steps.push(Step::Inside);
            }
            schema = component.clone();
        }
        schema
    }
}

/// A parameter without its final setter.
fn parameter_plan(parameter: &Value) -> Option<ParameterPlan> {
    let location = match parameter["in"].as_str()? {
        "path" => Location::Path,
        "query" => Location::Query,
        "header" => Location::Header,
        "cookie" => Location::Cookie,
        _ => return None,
    };
    let content = parameter["content"].as_object();
    let content = content.and_then(|content| content.values().next());
    let default = match location {
        Location::Path | Location::Header => "simple",
        Location::Query | Location::Cookie => "form",
    };
    let style = match parameter["style"].as_str().unwrap_or(default) {
        _ if content.is_some() => ParameterStyle::Json,
        "label" => ParameterStyle::Label,
        "matrix" => ParameterStyle::Matrix,
        "spaceDelimited" => ParameterStyle::SpaceDelimited,
        "pipeDelimited" => ParameterStyle::PipeDelimited,
        "deepObject" => ParameterStyle::DeepObject,
        _ if default == "form" => ParameterStyle::Form,
        _ => ParameterStyle::Simple,
    };
    let schema = content.unwrap_or(parameter).get("schema").cloned();
    let described = parameter["description"].as_str();
    Some(ParameterPlan {
        name: parameter["name"].as_str()?.to_owned(),
        setter: String::new(),
        location,
        style,
        explode: parameter["explode"]
            .as_bool()
            .unwrap_or(style == ParameterStyle::Form),
        required: parameter["required"] == true,
        allow_reserved: parameter["allowReserved"] == true && content.is_none(),
        allow_empty: parameter["x-allow-empty"] == true && location == Location::Path,
        description: described
            .filter(|description| !description.is_empty())
            .map(str::to_owned),
        schema: schema.unwrap_or_else(|| json!({ "type": "string" })),
    })
}

fn described(description: &Value) -> Option<String> {
    let description = description
        .as_str()
        .filter(|description| !description.is_empty());
    description.map(str::to_owned)
}

/// True if a header can have this name (RFC 9110 section 5.6.2).
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// The type of a header value. Values without a simple type are read as strings.
fn header_value(components: &Map<String, Value>, header: &Value) -> HeaderValue {
    let schema = resolved(components, &header["schema"]);
    if type_of(schema) == Some("array")
        && let Some(scalar) = header_scalar(resolved(components, &schema["items"]))
    {
        return HeaderValue::List(scalar);
    }
    HeaderValue::One(header_scalar(schema).unwrap_or(HeaderScalar::String))
}

/// The scalar type of a schema, or `None` if there may be several.
fn header_scalar(schema: &Value) -> Option<HeaderScalar> {
    if let Some([part]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return header_scalar(part);
    }
    if let Some(path) = runtime_path(schema) {
        let is_bounded = ["Bounded<", "AtLeast<", "AtMost<"]
            .iter()
            .any(|start| path.starts_with(start));
        return match path {
            "SecretString" => Some(HeaderScalar::Secret),
            "Decimal" => Some(HeaderScalar::Decimal),
            _ if is_bounded => Some(HeaderScalar::Integer),
            _ => None,
        };
    }
    match (type_of(schema)?, schema["format"].as_str()) {
        ("string", Some("date-time")) => Some(HeaderScalar::DateTime),
        ("string", Some("date")) => Some(HeaderScalar::Date),
        ("string", Some("uuid")) => Some(HeaderScalar::Uuid),
        ("string", _) => Some(HeaderScalar::String),
        ("boolean", _) => Some(HeaderScalar::Boolean),
        ("integer", _) => Some(HeaderScalar::Integer),
        ("number", _) => Some(HeaderScalar::Number),
        _ => None,
    }
}

/// A unique name for the method that reads a header. It differs from the methods of other headers and of
/// the map of all headers.
fn header_method(name: &str, others: &[HeaderPlan]) -> String {
    const OF_THE_MAP: [&str; 24] = [
        "append",
        "borrow",
        "capacity",
        "clear",
        "clone",
        "contains_key",
        "deref",
        "drain",
        "entry",
        "eq",
        "fmt",
        "from",
        "get",
        "get_all",
        "get_mut",
        "insert",
        "into",
        "is_empty",
        "iter",
        "keys",
        "len",
        "remove",
        "values",
        "with_capacity",
    ];
    let is_taken = |method: &str| {
        OF_THE_MAP.contains(&method) || others.iter().any(|other| other.method_name == method)
    };
    let wanted = snake(name);
    if !is_taken(&wanted) {
        return wanted;
    }
    let numbered = (2..).map(|count| snake(&format!("{name}-header-{count}")));
    let mut free = std::iter::once(snake(&format!("{name}-header")))
        .chain(numbered)
        .filter(|method| !is_taken(method));
    // The range is infinite.
    free.next().unwrap_or(wanted)
}

fn is_file(schema: &Value) -> bool {
    runtime_path(schema) == Some("FilePart")
}

/// The media types to accept: those of the successes, or JSON if only errors have a body.
fn accept(plan: &OperationPlan) -> Option<String> {
    const JSON: &str = "application/json";
    let mut names: Vec<&str> = Vec::new();
    for (_, response) in plan.successes() {
        let Some(name) = response.media_type.as_deref() else {
            continue;
        };
        let is_json = matches!(response.body, ResponseBody::Json { .. });
        let name = match name {
            // The client decodes a wildcard body as JSON.
            wildcard if is_json && wildcard.contains('*') => JSON,
            name if essence(name) == JSON => JSON,
            name => name,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let is_error_json =
        |(_, response): (usize, &ResponsePlan)| matches!(response.body, ResponseBody::Json { .. });
    if names.is_empty() && plan.errors().any(is_error_json) {
        names.push(JSON);
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// The setters that one builder already has.
struct Setters(BTreeSet<String>);

impl Setters {
    /// The methods that every builder has, and those of `others` that this one has.
    fn of(others: [(&str, bool); 2]) -> Self {
        const METHODS: [&str; 10] = [
            "send",
            "send_raw",
            "body_items",
            "body_stream",
            "pages",
            "items",
            "item_stream",
            "events",
            "clone",
            "into",
        ];
        let others = others.into_iter().filter(|(_, is_there)| *is_there);
        let methods = METHODS.into_iter().chain(others.map(|(name, _)| name));
        Self(methods.map(str::to_owned).collect())
    }

    fn free(&mut self, name: &str, location: Location) -> String {
        let place = match location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        };
        let others = (2..).map(|count| format!("{name}-{count}"));
        let mut wanted = [name.to_owned(), format!("{name}-in-{place}")]
            .into_iter()
            .chain(others)
            .map(|name| snake(&name));
        // The range is infinite.
        loop {
            let setter = wanted.next().unwrap_or_default();
            if self.0.insert(setter.clone()) {
                return setter;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_type::runtime_type;
    use crate::testing::notes_of;

    fn plan_of(path: &str, method: &str, operation: Value) -> (OperationPlan, Vec<String>) {
        let mut root = json!({
            "servers": [{ "url": "https://a.invalid/v1" }],
            "paths": { path: { method: operation } },
            "components": {
                "schemas": { "Page": {
                    "type": "object",
                    "properties": {
                        "items": { "type": "array", "items": { "type": "integer" } },
                        "nextPageToken": { "type": "string", "nullable": true },
                    },
                } },
            },
        });
        let (plans, notes) = notes_of(NAME, &mut root, take);
        assert_eq!(root["paths"], json!({}));
        let plans = plans.expect("can be followed");
        let [plan] = <[OperationPlan; 1]>::try_from(plans).expect("there is one operation");
        (plan, notes)
    }

    fn setters(plan: &OperationPlan) -> Vec<(&str, &str)> {
        let parameters = plan.parameters.iter();
        parameters
            .map(|parameter| (parameter.name.as_str(), parameter.setter.as_str()))
            .collect()
    }

    #[test]
    fn each_parameter_has_a_unique_setter() {
        let parameters = [
            ("id", "query"),
            ("id", "path"),
            ("user-id", "query"),
            ("user_id", "query"),
            ("X-Id", "header"),
            ("x_id", "header"),
            ("body", "query"),
            ("send", "path"),
        ]
        .map(|(name, place)| json!({ "name": name, "in": place, "schema": { "type": "string" } }));
        let body = json!({ "content": { "application/json": {} } });
        let operation =
            json!({ "operationId": "a", "parameters": parameters, "requestBody": body });
        let (plan, notes) = plan_of("/{send}/{id}", "post", operation);
        assert_eq!(
            setters(&plan),
            [
                ("send", "send_in_path"),
                ("id", "id"),
                ("id", "id_in_query"),
                ("user-id", "user_id"),
                ("user_id", "user_id_in_query"),
                ("body", "body_in_query"),
                ("X-Id", "x_id"),
                ("x_id", "x_id_in_header"),
            ]
        );
        assert_eq!(notes.len(), 5);
    }

    #[test]
    fn call_names_are_decided_once() {
        for (id, method_name, builder_name) in [
            (
                "get_thing_v2_v2_things",
                "get_thing_v2_v2_things",
                "GetThingV2V2Things",
            ),
            ("get_x_y", "get_x_y", "GetXY"),
            ("list_l2_a", "list_l2_a", "ListL2A"),
            ("ListRoles", "list_roles", "ListRoles"),
        ] {
            let (plan, _) = plan_of("/a", "get", json!({ "operationId": id }));
            assert_eq!(
                (plan.method_name.as_str(), plan.builder_name.as_str()),
                (method_name, builder_name)
            );
        }
    }

    #[test]
    fn a_parameter_keeps_its_style() {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let json = json!({ "application/json": { "schema": list } });
        for (parameter, style, explode) in [
            (
                json!({ "in": "query", "schema": list }),
                ParameterStyle::Form,
                true,
            ),
            (
                json!({ "in": "query", "explode": false, "schema": list }),
                ParameterStyle::Form,
                false,
            ),
            (
                json!({ "in": "query", "style": "pipeDelimited", "schema": list }),
                ParameterStyle::PipeDelimited,
                false,
            ),
            (
                json!({ "in": "query", "style": "deepObject", "schema": {} }),
                ParameterStyle::DeepObject,
                false,
            ),
            (
                json!({ "in": "query", "content": json }),
                ParameterStyle::Json,
                false,
            ),
            (
                json!({ "in": "header", "schema": list }),
                ParameterStyle::Simple,
                false,
            ),
            (
                json!({ "in": "cookie", "schema": list }),
                ParameterStyle::Form,
                true,
            ),
            (
                json!({ "in": "path", "style": "matrix", "explode": true, "schema": list }),
                ParameterStyle::Matrix,
                true,
            ),
        ] {
            let mut named = parameter.clone();
            named["name"] = "x".into();
            let path = if named["in"] == "path" { "/{x}" } else { "/a" };
            let (plan, _) = plan_of(
                path,
                "get",
                json!({ "operationId": "a", "parameters": [named] }),
            );
            let found = &plan.parameters[0];
            assert_eq!(
                (found.style, found.explode),
                (style, explode),
                "{parameter}"
            );
        }
    }

    #[test]
    fn a_form_has_the_encoding_of_its_properties() {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let file = json!({ "x-rust-type": { "path": "client_runtime::FilePart" } });
        let media = json!({
            "schema": { "type": "object", "properties": {
                "a": list, "b": list, "c": { "type": "object" }, "d": {}, "e": list,
                "f": { "type": "array", "items": file },
            } },
            "encoding": {
                "a": { "style": "deepObject", "explode": true },
                "b": { "explode": false },
                "c": { "style": "form" },
                "d": { "contentType": "application/json" },
                "f": { "contentType": "image/png, image/jpeg" },
            },
        });
        let field = |name: &str, style, content_type: Option<&str>| FieldPlan {
            name: name.to_owned(),
            style,
            content_type: content_type.map(str::to_owned),
        };
        let encoded = [
            field("a", FieldStyle::Brackets, None),
            field("b", FieldStyle::Joined(','), None),
            field("c", FieldStyle::Properties, None),
            field("d", FieldStyle::Json, Some("application/json")),
            field("e", FieldStyle::Plain, None),
            field("f", FieldStyle::File, Some("image/png")),
        ];
        for (name, expected) in [
            ("multipart/form-data", encoded.to_vec()),
            (
                "application/x-www-form-urlencoded",
                encoded
                    .iter()
                    .filter(|field| field.name != "e")
                    .cloned()
                    .collect(),
            ),
        ] {
            let body = json!({ "content": { name: media } });
            let (plan, _) = plan_of(
                "/a",
                "post",
                json!({ "operationId": "a", "requestBody": body }),
            );
            let body = plan.body.expect("has a body");
            assert_eq!(body.media_type, name);
            match body.encoding {
                BodyEncoding::Form { fields, .. } | BodyEncoding::Multipart { fields, .. } => {
                    assert_eq!(fields, expected);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn every_status_and_media_type_keeps_its_body() {
        let content = |names: &[&str]| {
            let entries = names
                .iter()
                .map(|name| ((*name).to_owned(), json!({ "schema": {} })));
            json!({ "description": "d", "content": entries.collect::<Map<_, _>>() })
        };
        let (plan, _) = plan_of(
            "/a",
            "get",
            json!({ "operationId": "a", "responses": {
                "200": content(&["application/vnd.x+json"]),
                "2XX": content(&["application/pdf"]),
                "204": { "description": "" },
                "400": content(&["application/json", "application/problem+json"]),
                "default": content(&["text/html"]),
                "x-note": {},
            } }),
        );
        let bodies: Vec<(String, bool)> = plan
            .responses
            .iter()
            .map(|response| {
                let is_json = matches!(response.body, ResponseBody::Json { .. });
                (response.status.to_string(), is_json)
            })
            .collect();
        let expected = [
            ("200", true),
            ("2XX", false),
            ("204", false),
            ("400", true),
            ("400", true),
            ("default", false),
        ];
        assert_eq!(
            bodies,
            expected.map(|(status, is_json)| (status.to_owned(), is_json))
        );
        assert_eq!(
            plan.accept.as_deref(),
            Some("application/vnd.x+json, application/pdf")
        );
        assert_eq!(plan.successes().len(), 3);
    }

    #[test]
    fn the_headers_of_successes_have_simple_types() {
        let header = |schema: Value| json!({ "schema": schema });
        let response = |headers: Value| json!({ "description": "", "headers": headers });
        let (plan, notes) = plan_of(
            "/a",
            "get",
            json!({ "operationId": "a", "responses": {
                "200": response(json!({
                    "X-Total": { "description": "How many.", "schema": { "type": "integer" } },
                    "X-Ids": header(json!({ "type": "array", "items": { "type": "string", "format": "uuid" } })),
                    "X-Matrix": header(json!({ "type": "array", "items": { "type": "array", "items": {} } })),
                    "X-Json": { "content": { "application/json": { "schema": { "type": "integer" } } } },
                    "X-Page": header(json!({ "$ref": "#/components/schemas/Page" })),
                    "Keys": header(json!({ "type": "boolean" })),
                    "Content-Type": header(json!({ "type": "string" })),
                    "not a name": header(json!({ "type": "string" })),
                })),
                "201": response(json!({
                    "x-total": header(json!({ "type": "string" })),
                    "x_json": header(json!({ "type": "string", "format": "date-time" })),
                })),
                "400": response(json!({ "X-Reason": header(json!({ "type": "string" })) })),
            } }),
        );
        let of = HeaderValue::One;
        let expected = [
            ("X-Total", "x_total", of(HeaderScalar::String)),
            ("X-Ids", "x_ids", HeaderValue::List(HeaderScalar::Uuid)),
            ("X-Matrix", "x_matrix", of(HeaderScalar::String)),
            ("X-Json", "x_json", of(HeaderScalar::String)),
            ("X-Page", "x_page", of(HeaderScalar::String)),
            ("Keys", "keys_header", of(HeaderScalar::Boolean)),
            ("x_json", "x_json_header", of(HeaderScalar::DateTime)),
        ];
        let found = plan.headers.iter();
        let found: Vec<_> = found
            .map(|h| (&*h.name, &*h.method_name, h.value))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(plan.headers[0].description.as_deref(), Some("How many."));
        assert_eq!(notes.len(), 1, "{notes:?}");
    }

    #[test]
    fn work_is_followed_by_the_call_that_reads_it_if_that_returns_json() {
        let json = |status: &str| json!({ status: { "description": "", "content": { "application/json": { "schema": {} } } } });
        for (responses, is_followed) in [
            (json("200"), true),
            (json!({ "200": { "description": "" } }), false),
        ] {
            let work = json!({
                "read": "/a/{id}", "parameters": { "id": ["id"] }, "state": ["state"],
                "pending": ["P"], "done": ["D"], "failed": [], "reason": [], "gone": true,
            });
            let wait = json!({ "name": "wait", "in": "query", "schema": { "type": "boolean" } });
            let mut root = json!({ "paths": {
                "/a": { "post": {
                    "operationId": "Start", "x-long-running": work, "responses": json("201"),
                    "parameters": [wait],
                } },
                "/a/{id}": { "get": { "operationId": "ReadIt", "responses": responses } },
            } });
            let (plans, _) = notes_of(NAME, &mut root, take);
            let plans = plans.expect("can be followed");
            let expected = is_followed.then(|| WorkPlan {
                read: "ReadIt".to_owned(),
                parameters: BTreeMap::from([("id".to_owned(), vec!["id".to_owned()])]),
                state: vec!["state".to_owned()],
                done: vec!["D".to_owned()],
                failed: Vec::new(),
                reason: Vec::new(),
                gone: true,
            });
            assert_eq!(plans[0].work, expected);
            // The builder has a method of this name.
            assert_eq!(setters(&plans[0]), [("wait", "wait_in_query")]);
            assert_eq!(plans[1].work, None);
        }
    }

    #[test]
    fn a_list_with_a_page_token_has_pages() {
        let page = json!({ "schema": { "$ref": "#/components/schemas/Page" } });
        let operation = |parameter: &str| {
            json!({
                "operationId": "a",
                "parameters": [{ "name": parameter, "in": "query", "schema": { "type": "string" } }],
                "responses": { "200": { "content": { "application/json": page } } },
            })
        };
        let (plan, _) = plan_of("/a", "get", operation("page[nextToken]"));
        let paging = plan.paging.expect("has pages");
        let way = |name: &str, optional| {
            vec![Step::Property {
                name: name.to_owned(),
                optional,
            }]
        };
        assert_eq!(paging.items, way("items", true));
        assert_eq!(paging.item, json!({ "type": "integer" }));
        let next = NextPage::Token {
            setter: "page_next_token".to_owned(),
            token: way("nextPageToken", true),
        };
        assert_eq!(paging.next, next);
        assert_eq!(plan_of("/a", "get", operation("other")).0.paging, None);
    }

    #[test]
    fn a_list_with_the_extension_has_pages_by_position() {
        let page = json!({ "type": "object", "required": ["about"], "properties": {
            "results": { "$ref": "#/components/schemas/List" },
            "about": { "type": "object", "properties": {
                "total": runtime_type("Nullable", &[json!({ "type": "integer" })]),
            } },
        } });
        let operation = |items: &str| {
            json!({
                "operationId": "a",
                "x-paging": {
                    "skip": { "pair": "filter", "property": ["skip"] },
                    "items": [items],
                    "total": ["about", "total"],
                },
                "responses": { "200": { "content": { "application/json": { "schema": page } } } },
            })
        };
        let mut root = json!({
            "paths": { "/a": { "get": operation("results") }, "/b": { "get": operation("other") } },
            "components": { "schemas": { "List": { "type": "array", "items": { "type": "string" } } } },
        });
        let error = notes_of(NAME, &mut root.clone(), take)
            .0
            .expect_err("is refused");
        assert_eq!(error.0, Pointer::of(["paths", "/b", "get", "x-paging"]));
        assert!(error.1.contains("no field for `other`"), "{}", error.1);
        if let Some(paths) = root["paths"].as_object_mut() {
            paths.shift_remove("/b");
        }
        let plans = notes_of(NAME, &mut root, take).0.expect("can be followed");
        let paging = plans[0].paging.as_ref().expect("has pages");
        let property = |name: &str, optional| Step::Property {
            name: name.to_owned(),
            optional,
        };
        assert_eq!(paging.items, [property("results", true), Step::Inside]);
        let total = vec![
            property("about", false),
            property("total", true),
            Step::NotNull,
        ];
        let skip = Spot {
            pair: "filter".to_owned(),
            property: vec!["skip".to_owned()],
        };
        let next = NextPage::Position {
            skip,
            limit: None,
            total: Some(total),
        };
        assert_eq!(paging.next, next);
    }
}
