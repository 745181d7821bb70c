//! The surface of a generated client: what its users can name, read off the generated tokens.
//!
//! The surface is rendered as text for the snapshots that guard it ([`render`]), and from it the
//! code is made that stands beside progenitor's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Fields, FnArg, GenericArgument, ImplItem, Item, PathArguments, ReturnType, Type};

/// All that users of a generated client can name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// The operations, by their Rust name.
    pub operations: BTreeMap<String, Call>,
    /// The types of the module `types`, by their name.
    pub types: BTreeMap<String, Shape>,
}

/// One operation as a Rust caller sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The trait that has the method; `None` for a method of the client itself.
    pub tag: Option<String>,
    /// What the documentation says is sent: `GET /roles/{roleId}`.
    pub request: String,
    /// The setters of the builder, in the order of its fields, with the type each makes of its
    /// argument.
    pub setters: Vec<(String, String)>,
    /// Whether the body can be changed in place with `body_map`.
    pub body_map: bool,
    /// What a success carries.
    pub success: String,
    /// What a documented error carries.
    pub error: String,
}

/// One generated type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// What serde is told of the whole type, without the `serde(…)`.
    pub serde: Vec<String>,
    /// Whether it has a builder.
    pub builder: bool,
    /// What it consists of.
    pub body: Body,
}

/// What a generated type consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A struct: each member's name, type and serde attributes.
    Struct(Vec<Member>),
    /// A struct around one value.
    Newtype(String),
    /// An enum: each variant with what it carries as a `Member` whose type may be empty.
    Enum(Vec<Member>),
    /// Another name for a type.
    Alias(String),
}

/// A field of a struct or a variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its Rust name.
    pub name: String,
    /// Its type, or what a variant carries.
    pub of: String,
    /// What serde is told of it, without the `serde(…)`.
    pub serde: Vec<String>,
}

impl Surface {
    /// Reads the surface off generated tokens.
    ///
    /// # Errors
    /// Tokens that are not a Rust file: progenitor has changed what it emits.
    pub fn of(tokens: TokenStream) -> syn::Result<Self> {
        let file: syn::File = syn::parse2(tokens)?;
        let mut surface = Self::default();
        for item in file.items {
            match item {
                Item::Mod(module) if module.ident == "types" => {
                    surface.read_types(module.content.map(|(_, items)| items));
                }
                Item::Mod(module) if module.ident == "builder" => {
                    surface.read_builders(module.content.map(|(_, items)| items));
                }
                Item::Trait(tag) => {
                    for item in tag.items {
                        if let syn::TraitItem::Fn(method) = item {
                            surface.call(&method.sig).tag = Some(tag.ident.to_string());
                        }
                    }
                }
                Item::Impl(client) if client.trait_.is_none() => {
                    for item in client.items {
                        if let ImplItem::Fn(method) = item
                            && builder_of(&method.sig).is_some()
                        {
                            surface.call(&method.sig);
                        }
                    }
                }
                _ => {}
            }
        }
        surface
            .operations
            .retain(|_, call| !call.request.is_empty());
        Ok(surface)
    }

    fn call(&mut self, signature: &syn::Signature) -> &mut Call {
        self.operations
            .entry(signature.ident.to_string())
            .or_default()
    }

    fn read_builders(&mut self, items: Option<Vec<Item>>) {
        // A builder is called after its operation, in the other case.
        let mut by_builder: BTreeMap<String, Call> = BTreeMap::new();
        for item in items.unwrap_or_default() {
            let Item::Impl(implementation) = item else {
                continue;
            };
            let Type::Path(builder) = &*implementation.self_ty else {
                continue;
            };
            let Some(name) = builder.path.segments.last() else {
                continue;
            };
            let call = by_builder.entry(name.ident.to_string()).or_default();
            for item in implementation.items {
                if let ImplItem::Fn(method) = item {
                    read_builder_method(call, &method);
                }
            }
        }
        for (builder, call) in by_builder {
            let name = crate::rust_name::snake(&builder);
            let existing = self.operations.remove(&name).unwrap_or_default();
            let tag = existing.tag.or(call.tag);
            self.operations.insert(name, Call { tag, ..call });
        }
    }

    fn read_types(&mut self, items: Option<Vec<Item>>) {
        let items = items.unwrap_or_default();
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
                    let variants = variants.map(|variant| Member {
                        name: variant.ident.to_string(),
                        of: carried(&variant.fields),
                        serde: serde_attributes(&variant.attrs),
                    });
                    (&item.ident, &item.attrs, Body::Enum(variants.collect()))
                }
                Item::Type(item) => (&item.ident, &item.attrs, Body::Alias(tidy(&item.ty))),
                _ => continue,
            };
            let name = ident.to_string();
            let shape = Shape {
                serde: serde_attributes(attributes),
                builder: builders.contains(&name),
                body,
            };
            self.types.insert(name, shape);
        }
    }
}

fn builder_of(signature: &syn::Signature) -> Option<String> {
    let ReturnType::Type(_, returned) = &signature.output else {
        return None;
    };
    let text = tidy(&**returned);
    text.strip_prefix("builder::").map(str::to_owned)
}

/// The request of a call by its own method, where the lowering gave it that of another.
fn as_documented(request: &str) -> String {
    for method in ["options", "trace"] {
        let parts = request.split_once(&format!("#{method}"));
        if let Some((sent, way)) = parts
            && let Some((_, path)) = sent.split_once(' ')
        {
            return format!("{} {path}{way}", method.to_uppercase());
        }
    }
    request.to_owned()
}

fn read_builder_method(call: &mut Call, method: &syn::ImplItemFn) {
    let name = method.sig.ident.to_string();
    match name.as_str() {
        "new" | "stream" => {}
        "body_map" => call.body_map = true,
        "send" => {
            let sends = doc(&method.attrs).replace("` request to `", " ");
            let sends = sends.trim().trim_start_matches("Sends a ");
            call.request = as_documented(sends.trim_matches('`'));
            if let ReturnType::Type(_, returned) = &method.sig.output {
                // `Result<ResponseValue<Success>, Error<Error>>`
                let [success, error] = arguments(returned).map(|wrapped| {
                    let inner = wrapped.and_then(|wrapped| arguments::<1>(wrapped)[0]);
                    inner.map(tidy).unwrap_or_default()
                });
                (call.success, call.error) = (success, error);
            }
        }
        _ => {
            let converts = method
                .sig
                .inputs
                .iter()
                .any(|input| matches!(input, FnArg::Typed(_)));
            let made = method.sig.generics.where_clause.as_ref().and_then(made_by);
            if let Some(made) = made.filter(|_| converts) {
                call.setters.push((name, made));
            }
        }
    }
}

/// The `T` of the first `where V: TryInto<T>`.
fn made_by(clause: &syn::WhereClause) -> Option<String> {
    clause.predicates.iter().find_map(|predicate| {
        let syn::WherePredicate::Type(predicate) = predicate else {
            return None;
        };
        predicate.bounds.iter().find_map(|bound| match bound {
            syn::TypeParamBound::Trait(bound) => {
                let last = bound.path.segments.last()?;
                let argument = first_argument(&last.arguments)?;
                (last.ident == "TryInto").then(|| tidy(argument))
            }
            _ => None,
        })
    })
}

fn first_argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    })
}

/// The first `N` type arguments of a type such as `Result<A, B>`.
fn arguments<const N: usize>(of: &Type) -> [Option<&Type>; N] {
    let mut found = [None; N];
    if let Type::Path(path) = of
        && let Some(last) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
    {
        let types = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(argument) => Some(argument),
            _ => None,
        });
        for (place, argument) in found.iter_mut().zip(types) {
            *place = Some(argument);
        }
    }
    found
}

fn struct_body(fields: &Fields) -> Body {
    match fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            Body::Newtype(tidy(&fields.unnamed[0].ty))
        }
        fields => Body::Struct(
            fields
                .iter()
                .map(|field| Member {
                    name: field
                        .ident
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                    of: tidy(&field.ty),
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
            Some(name) => format!("{name}: {}", tidy(&field.ty)),
            None => tidy(&field.ty),
        })
        .collect();
    types.join(", ")
}

fn doc(attributes: &[syn::Attribute]) -> String {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(meta) => match &meta.value {
                syn::Expr::Lit(literal) => match &literal.lit {
                    syn::Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn serde_attributes(attributes: &[syn::Attribute]) -> Vec<String> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::List(list) => Some(shorten(&list.tokens.to_string())),
            _ => None,
        })
        .collect()
}

/// The text of a type as a person writes it: `Option<Vec<types::Role>>`.
fn tidy(tokens: &(impl ToTokens + ?Sized)) -> String {
    shorten(&tokens.to_token_stream().to_string())
}

fn shorten(text: &str) -> String {
    let mut text = text.to_owned();
    for (long, short) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" '", "'"),
        (",>", ">"),
    ] {
        text = text.replace(long, short);
    }
    for prefix in [
        "::std::option::",
        "::std::string::",
        "::std::vec::",
        "std::option::",
        "std::string::",
        "std::vec::",
    ] {
        text = text.replace(prefix, "");
    }
    text
}

/// The surface as text, by file: one for each tag, and `types`.
pub fn render(surface: &Surface) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (name, call) in &surface.operations {
        let file = call.tag.as_deref().unwrap_or("Client").to_owned();
        let text = files.entry(file).or_default();
        let line = |text: &mut String, said: &str| {
            text.push_str(said);
            text.push('\n');
        };
        line(text, &format!("{name}()  // {}", call.request));
        for (setter, made) in &call.setters {
            line(text, &format!("    .{setter}(TryInto<{made}>)"));
        }
        if call.body_map {
            line(text, "    .body_map(…)");
        }
        line(
            text,
            &format!("    -> Result<{}, {}>", call.success, call.error),
        );
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
    let (head, members) = match &shape.body {
        Body::Struct(members) => (format!("struct {name}{builder}"), members.as_slice()),
        Body::Enum(members) => (format!("enum {name}"), members.as_slice()),
        Body::Newtype(inner) => (format!("struct {name}({inner})"), &[][..]),
        Body::Alias(other) => (format!("type {name} = {other}"), &[][..]),
    };
    let is_enum = matches!(shape.body, Body::Enum(_));
    // Writing to a string does not fail.
    let _ = writeln!(out, "{head}{}", serde(&shape.serde));
    for member in members {
        let of = match (is_enum, member.of.as_str()) {
            (true, "") => String::new(),
            (true, carried) => format!("({carried})"),
            (false, of) => format!(": {of}"),
        };
        let _ = writeln!(out, "    {}{of}{}", member.name, serde(&member.serde));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::GeneratorSettings;
    use serde_json::json;

    fn surface() -> Surface {
        let document = json!({
            "openapi": "3.0.3",
            "info": { "title": "T", "version": "1" },
            "paths": { "/roles/{id}": { "put": {
                "operationId": "PutRole",
                "tags": ["Roles"],
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
                    { "name": "dry-run", "in": "query", "schema": { "type": "boolean" } },
                ],
                "requestBody": { "required": true, "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Role" },
                } } },
                "responses": { "200": { "description": "", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Role" },
                } } } },
            } } },
            "components": { "schemas": {
                "Role": { "type": "object", "required": ["kind"], "properties": {
                    "kind": { "$ref": "#/components/schemas/Kind" },
                    "displayName": { "type": "string" },
                } },
                "Kind": { "type": "string", "enum": ["a-b"] },
            } },
        });
        let settings = GeneratorSettings {
            default_parameters: Vec::new(),
            derives: Vec::new(),
            inner_type: "Session".to_owned(),
            crates: BTreeMap::new(),
        };
        let tokens = crate::generate::generate(&document, &settings).expect("generates");
        Surface::of(tokens).expect("is Rust")
    }

    #[test]
    fn an_operation_shows_its_trait_setters_and_outcome() {
        assert_eq!(
            render(&surface())["ClientRolesExt"],
            "put_role()  // PUT /roles/{id}\n\
             \x20   .id(TryInto<::uuid::Uuid>)\n\
             \x20   .dry_run(TryInto<bool>)\n\
             \x20   .body(TryInto<types::Role>)\n\
             \x20   .body_map(…)\n\
             \x20   -> Result<types::Role, ()>\n"
        );
    }

    #[test]
    fn a_call_is_told_by_the_method_of_the_document() {
        assert_eq!(as_documented("GET /a"), "GET /a");
        assert_eq!(as_documented("GET /a#options"), "OPTIONS /a");
        assert_eq!(as_documented("POST /a#trace#as-text"), "TRACE /a#as-text");
    }

    #[test]
    fn a_type_shows_its_members_and_what_serde_is_told() {
        assert_eq!(
            render(&surface())["types"],
            "enum Kind\n\
             \x20   AB  // rename = \"a-b\"\n\
             struct Role (builder)\n\
             \x20   display_name: Option<String>  // rename = \"displayName\", skip_serializing_if = \"Option::is_none\"\n\
             \x20   kind: Kind\n"
        );
    }
}
