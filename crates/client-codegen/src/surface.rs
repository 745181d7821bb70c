//! The surface of a generated client: its public items.
//!
//! The calls are derived from the plans, with the types of the generated code. The types are read from
//! its tokens. [`render`] renders the surface as text for snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::plan::{BodyEncoding, ClientPlan, FieldStyle, OperationPlan, SchemeKind};
use crate::{CallSignature, Generated, written};
use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{Fields, Item, Token};

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
    fn of(plan: &OperationPlan, signature: &CallSignature) -> Self {
        let request = match &plan.variant {
            Some(variant) => format!("{} ({variant})", plan.request()),
            None => plan.request(),
        };
        let bodies = plan.responses.iter().zip(&signature.bodies);
        let bodies = bodies.filter_map(|(response, of)| {
            let media_type = response.media_type.clone()?;
            Some((response.status.to_string(), media_type, of.clone()?))
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
            setters: signature.setters.clone(),
            success: signature.success.clone(),
            variants: signature.variants.clone(),
            headers: signature.headers.clone(),
            errors: signature.errors.clone(),
            bodies: bodies.collect(),
            sends_files,
            line: signature.line.clone(),
            item: signature.item.clone(),
            work: signature.work.clone(),
        }
    }
}

/// One generated type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The serde attributes of the type, without `serde(…)`.
    pub serde: Vec<String>,
    /// True if it has a builder.
    pub builder: bool,
    /// Its definition.
    pub body: Body,
}

/// The definition of a generated type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A struct: name, type and serde attributes of each field.
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
    /// The surface of the code generated from a plan.
    ///
    /// # Errors
    /// If the types are not valid Rust.
    pub fn of(plan: &ClientPlan, generated: &Generated) -> syn::Result<Self> {
        let calls = plan.operations.iter().zip(&generated.calls);
        let operations =
            calls.map(|(plan, signature)| (plan.method_name.clone(), Call::of(plan, signature)));
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
            payloads: generated.payloads.iter().cloned().collect(),
            types: types(generated.types.clone())?,
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

/// The types of the module, by name.
fn types(tokens: TokenStream) -> syn::Result<BTreeMap<String, Shape>> {
    let items = syn::parse2::<syn::File>(tokens)?.items;
    let mut types = BTreeMap::new();
    let builders: BTreeSet<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(module) if module.ident == "builder" => module.content.as_ref(),
            _ => None,
        })
        .flat_map(|(_, items)| items)
        .filter_map(|item| match item {
            Item::Struct(builder) => Some(builder.ident.to_string()),
            _ => None,
        })
        .collect();
    for item in &items {
        let (ident, attributes, body) = match item {
            Item::Struct(item) => (&item.ident, &item.attrs, struct_body(&item.fields)),
            Item::Enum(item) => {
                let variants = item.variants.iter();
                let variants = variants.map(|variant| Field {
                    name: variant.ident.to_string(),
                    of: carried(&variant.fields),
                    serde: serde_attributes(&variant.attrs),
                });
                (&item.ident, &item.attrs, Body::Enum(variants.collect()))
            }
            Item::Type(item) => (&item.ident, &item.attrs, Body::Alias(written(&item.ty))),
            _ => continue,
        };
        let name = ident.to_string();
        let shape = Shape {
            serde: serde_attributes(attributes),
            builder: builders.contains(&name),
            body,
        };
        types.insert(name, shape);
    }
    Ok(types)
}

fn struct_body(fields: &Fields) -> Body {
    match fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            Body::Newtype(written(&fields.unnamed[0].ty))
        }
        fields => Body::Struct(
            fields
                .iter()
                .map(|field| Field {
                    name: field
                        .ident
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                    of: written(&field.ty),
                    serde: serde_attributes(&field.attrs),
                })
                .collect(),
        ),
    }
}

fn carried(fields: &Fields) -> String {
    let types: Vec<String> = fields
        .iter()
        .map(|field| match &field.ident {
            Some(name) => format!("{name}: {}", written(&field.ty)),
            None => written(&field.ty),
        })
        .collect();
    types.join(", ")
}

/// The serde attributes that change the JSON form, conditional ones among them. Options that only change
/// decoding are omitted.
fn serde_attributes(attributes: &[syn::Attribute]) -> Vec<String> {
    let told = attributes.iter().filter_map(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return None;
        };
        if list.path.is_ident("serde") {
            return Some(list.tokens.clone());
        }
        let of = |list: &syn::MetaList| {
            list.parse_args_with(Punctuated::<syn::Meta, Token![,]>::parse_terminated)
        };
        let conditional = list.path.is_ident("cfg_attr").then(|| of(list).ok())??;
        conditional.into_iter().find_map(|meta| match meta {
            syn::Meta::List(list) if list.path.is_ident("serde") => Some(list.tokens),
            _ => None,
        })
    });
    let told = told.map(|told| {
        let told = written(told);
        let options = told
            .split(", ")
            .filter(|option| !option.starts_with("deserialize_with"));
        options.collect::<Vec<_>>().join(", ")
    });
    told.filter(|told| !told.is_empty()).collect()
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
    let builder = if shape.builder { " (builder)" } else { "" };
    let (head, fields) = match &shape.body {
        Body::Struct(fields) => (format!("struct {name}{builder}"), fields.as_slice()),
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
