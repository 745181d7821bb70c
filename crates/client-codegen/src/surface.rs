//! The surface of a generated client: its public items.
//!
//! Only the types are generated for it, not the code of the client. [`render`] renders the surface as text
//! for snapshots.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::emit::call::{self, CallArgument};
use crate::emit::calls;
use crate::emit::headers::header_type;
use crate::emit::success::{Success, Variant};
use crate::plan::{BodyEncoding, ClientPlan, FieldStyle, ResponseBody, SchemeKind};
use crate::tokens::{Declaration, Item, attributes, pieces, serde_options, split_attributes};
use crate::types::Types;
use crate::{GenerateError, Settings, written};

/// The public items of a generated client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// The methods of the builder for security schemes, with their arguments.
    pub schemes: BTreeMap<String, String>,
    /// The calls, by method name.
    pub operations: BTreeMap<String, Call>,
    /// The functions of the module `webhooks`, with the types that they return.
    pub payloads: BTreeMap<String, String>,
    /// The types of the module `types`, by name.
    pub types: BTreeMap<String, Shape>,
}

/// The Rust signature of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The tag of its operation.
    pub tag: Option<String>,
    /// The request: `GET /roles/{roleId}`, with a suffix in parentheses that distinguishes several
    /// calls of an operation.
    pub request: String,
    /// The security requirement: `Key and Token, or none`; `None` if the document does not state
    /// it.
    pub security: Option<String>,
    /// The setters of the builder, with the type that each converts its argument into.
    pub setters: Vec<(String, String)>,
    /// The type of a success.
    pub success: String,
    /// The variants of that type, if it has one for each status.
    pub variants: Vec<(String, String)>,
    /// The methods for the documented headers of a success, with the types of their values.
    pub headers: Vec<(String, String)>,
    /// The types of the documented errors, by response key.
    pub errors: Vec<(String, String)>,
    /// The types of the JSON response bodies: response key, media type, type.
    pub bodies: Vec<(String, String, String)>,
    /// True if the request contains files.
    pub sends_files: bool,
    /// The type of one item of a JSON lines request body, which the builder accepts as a list or
    /// stream.
    pub line: Option<String>,
    /// The type of one item of a paged list, which the builder returns as a stream.
    pub item: Option<String>,
    /// The type that `wait` returns.
    pub work: Option<String>,
}

impl Call {
    fn of(call: &call::Call<'_>) -> Self {
        let (plan, types) = (call.plan, call.types);
        let request = match &plan.variant {
            Some(variant) => format!("{} ({variant})", plan.request()),
            None => plan.request(),
        };
        let setters = call.arguments().into_iter();
        let setters = setters.map(|CallArgument { name, of, .. }| (name.to_string(), written(of)));
        let (success, variants) = match &call.success {
            Success::One { of, .. } => (written(of), Vec::new()),
            Success::Several(variants) => {
                let variants = variants.iter().map(|Variant { name, of, .. }| {
                    let of = of.as_ref().map(written).unwrap_or_default();
                    (name.to_string(), of)
                });
                (
                    format!("responses::{}", call.enum_name()),
                    variants.collect(),
                )
            }
        };
        let headers = plan.headers.iter().map(|header| {
            let (of, _) = header_type(header.value);
            (header.method_name.clone(), written(of))
        });
        let bodies = plan.responses.iter().zip(&types.responses);
        let bodies = bodies.filter_map(|(response, of)| {
            let ResponseBody::Json { .. } = response.body else {
                return None;
            };
            let media_type = response.media_type.clone()?;
            Some((
                response.status.to_string(),
                media_type,
                written(of.as_ref()?),
            ))
        });
        let encoding = plan.body.as_ref().map(|body| &body.encoding);
        let sends_files = match encoding {
            Some(BodyEncoding::Multipart { fields, .. }) => {
                fields.iter().any(|field| field.style == FieldStyle::File)
            }
            _ => false,
        };
        Self {
            tag: plan.tag.clone(),
            request,
            security: plan.security.as_deref().map(alternatives),
            setters: setters.collect(),
            success,
            variants,
            headers: headers.collect(),
            errors: call.documented_errors(),
            bodies: bodies.collect(),
            sends_files,
            line: call.line().map(written),
            item: types.item.as_ref().map(written),
            work: call.work().map(written),
        }
    }
}

/// One generated type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The serde attributes of the type, without `serde(…)`.
    pub serde: Vec<String>,
    /// Its definition.
    pub body: Body,
}

/// The definition of a generated type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A struct, which has a builder: name, type and serde attributes of each field.
    Struct(Vec<Field>),
    /// A newtype.
    Newtype(String),
    /// An enum: each variant, with its content as the type of a `Field`, which may be empty.
    Enum(Vec<Field>),
    /// A type alias.
    Alias(String),
}

/// A field of a struct or a variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its Rust name.
    pub name: String,
    /// Its type, or the content of a variant.
    pub of: String,
    /// Its serde attributes, without `serde(…)`.
    pub serde: Vec<String>,
}

impl Surface {
    /// The surface of the code that [`generate`](crate::generate) generates from a plan.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn of(plan: &ClientPlan, settings: &Settings) -> Result<Self, GenerateError> {
        let types = Types::of(plan, settings)?;
        let calls = calls(plan, &types);
        let operations = calls.iter();
        let operations = operations.map(|call| (call.plan.method_name.clone(), Call::of(call)));
        let payloads = plan.payloads.iter().zip(&types.payloads);
        let payloads = payloads.map(|(payload, of)| (payload.function.clone(), written(of)));
        let schemes = plan.schemes.iter().filter_map(|scheme| {
            let arguments = match scheme.kind {
                SchemeKind::Header(_) | SchemeKind::Query(_) | SchemeKind::Cookie(_) => "key",
                SchemeKind::Basic => "user, password",
                SchemeKind::Bearer => "credentials",
                SchemeKind::Other => "authenticator",
                // This scheme uses the certificate of the connection.
                SchemeKind::MutualTls => return None,
            };
            Some((scheme.method_name.clone(), arguments.to_owned()))
        });
        Ok(Self {
            schemes: schemes.collect(),
            operations: operations.collect(),
            payloads: payloads.collect(),
            types: shapes(&types),
        })
    }
}

/// The alternatives of a security requirement, as a string.
fn alternatives(security: &[Vec<String>]) -> String {
    let alternatives = security.iter().map(|all| match all.as_slice() {
        [] => "none".to_owned(),
        all => all.join(" and "),
    });
    match security {
        [] => "none".to_owned(),
        _ => alternatives.collect::<Vec<_>>().join(", or "),
    }
}

/// The types of the module `types`, by name.
fn shapes(types: &Types) -> BTreeMap<String, Shape> {
    let mut shapes = BTreeMap::new();
    let mut items = types.items.clone().into_iter();
    while let Some(Item { head, body }) = Item::next(&mut items) {
        let (attributes, _) = split_attributes(&head);
        let Some(Declaration {
            keyword,
            name,
            rest,
        }) = Declaration::of(&head)
        else {
            continue;
        };
        let body = match (keyword, rest, body) {
            ("struct", [], Some(fields)) => Body::Struct(fields_of(&fields)),
            ("struct", [TokenTree::Group(of), _], None) => Body::Newtype(unnamed(of)),
            ("enum", [], Some(variants)) => {
                let renamed = types.enums.variants(name, &variants);
                Body::Enum(variants_of(&renamed.unwrap_or(variants)))
            }
            ("type", [_, of @ .., _], None) => Body::Alias(joined(of)),
            _ => continue,
        };
        let serde = serde_attributes(attributes);
        shapes.insert(name.to_string(), Shape { serde, body });
    }
    shapes
}

/// The fields of a struct.
fn fields_of(body: &Group) -> Vec<Field> {
    let fields = pieces(body.stream()).into_iter().filter_map(|field| {
        let (attributes, field) = split_attributes(&field);
        let [_, TokenTree::Ident(name), _, of @ ..] = field else {
            return None;
        };
        Some(Field {
            name: name.to_string(),
            of: joined(of),
            serde: serde_attributes(attributes),
        })
    });
    fields.collect()
}

/// The variants of an enum.
fn variants_of(body: &Group) -> Vec<Field> {
    let variants = pieces(body.stream()).into_iter().filter_map(|variant| {
        let (attributes, variant) = split_attributes(&variant);
        let [TokenTree::Ident(name), content @ ..] = variant else {
            return None;
        };
        let of = match content {
            [TokenTree::Group(content)] => unnamed(content),
            _ => String::new(),
        };
        Some(Field {
            name: name.to_string(),
            of,
            serde: serde_attributes(attributes),
        })
    });
    variants.collect()
}

/// The types of fields without names.
fn unnamed(fields: &Group) -> String {
    let types = pieces(fields.stream())
        .into_iter()
        .map(|field| match field.as_slice() {
            [TokenTree::Ident(public), of @ ..] if public == "pub" => joined(of),
            of => joined(of),
        });
    types.collect::<Vec<_>>().join(", ")
}

fn joined(of: &[TokenTree]) -> String {
    written(of.iter().cloned().collect::<TokenStream>())
}

/// The serde attributes that change the JSON form. Options that only change decoding are omitted.
fn serde_attributes(tokens: &[TokenTree]) -> Vec<String> {
    let options = attributes(tokens).filter_map(serde_options).map(|options| {
        let options = written(options);
        let options = options
            .split(", ")
            .filter(|option| !option.starts_with("deserialize_with"));
        options.collect::<Vec<_>>().join(", ")
    });
    options.filter(|options| !options.is_empty()).collect()
}

/// The file of calls without a tag, and of the methods of the builder.
const UNTAGGED: &str = "Client";

/// The surface as text, by file: one for each tag, `Client` and `types`.
pub fn render(surface: &Surface) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    if !surface.schemes.is_empty() {
        let methods = surface.schemes.iter();
        let methods = methods.map(|(name, arguments)| format!("builder().{name}({arguments})\n"));
        files.insert(UNTAGGED.to_owned(), methods.collect());
    }
    for (name, call) in &surface.operations {
        let file = call.tag.as_deref().map(crate::naming::pascal);
        let text = files
            .entry(file.unwrap_or_else(|| UNTAGGED.to_owned()))
            .or_default();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}()  // {}", call.request);
        if let Some(security) = &call.security {
            let _ = writeln!(text, "    credentials: {security}");
        }
        for (setter, of) in &call.setters {
            let _ = writeln!(text, "    .{setter}(TryInto<{of}>)");
        }
        if let Some(line) = &call.line {
            let _ = writeln!(
                text,
                "    .body_items(…), .body_stream(…) of TryInto<{line}>"
            );
        }
        let _ = writeln!(text, "    -> Response<{}>", call.success);
        if let Some(work) = &call.work {
            let _ = writeln!(text, "    .wait() of {work}");
        }
        if let Some(item) = &call.item {
            let _ = writeln!(text, "    .pages(), .items() of {item}");
        }
        for (variant, of) in &call.variants {
            let _ = match of.as_str() {
                "" => writeln!(text, "        {variant}"),
                of => writeln!(text, "        {variant}({of})"),
            };
        }
        for (method, of) in &call.headers {
            let _ = writeln!(text, "        .headers().{method}() -> Option<{of}>");
        }
        for (status, of) in &call.errors {
            let _ = writeln!(text, "    {status}: {of}");
        }
    }
    for (name, of) in &surface.payloads {
        let text = files.entry(UNTAGGED.to_owned()).or_default();
        let _ = writeln!(text, "webhooks::{name}(&[u8]) -> {of}");
    }
    let mut types = String::new();
    for (name, shape) in &surface.types {
        render_type(&mut types, name, shape);
    }
    files.insert("types".to_owned(), types);
    files
}

fn render_type(out: &mut String, name: &str, shape: &Shape) {
    let serde = |attributes: &[String]| match attributes {
        [] => String::new(),
        attributes => format!("  // {}", attributes.join(", ")),
    };
    let (head, fields) = match &shape.body {
        Body::Struct(fields) => (format!("struct {name} (builder)"), fields.as_slice()),
        Body::Enum(fields) => (format!("enum {name}"), fields.as_slice()),
        Body::Newtype(inner) => (format!("struct {name}({inner})"), &[][..]),
        Body::Alias(other) => (format!("type {name} = {other}"), &[][..]),
    };
    let is_enum = matches!(shape.body, Body::Enum(_));
    // Writing to a string does not fail.
    let _ = writeln!(out, "{head}{}", serde(&shape.serde));
    for field in fields {
        let of = match (is_enum, field.of.as_str()) {
            (true, "") => String::new(),
            (true, carried) => format!("({carried})"),
            (false, of) => format!(": {of}"),
        };
        let _ = writeln!(out, "    {}{of}{}", field.name, serde(&field.serde));
    }
}
