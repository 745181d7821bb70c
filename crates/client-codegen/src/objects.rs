//! Generates code that decodes and encodes structs as JSON objects, instead of serde's derived code.
//!
//! Before: `#[derive(Deserialize, Serialize)] pub struct Job { #[serde(rename = "n")] pub size: i64 }`.
//! After: the struct derives neither. An implementation of `client_runtime::generated::Object` decodes its
//! properties, and one of `Serialize` encodes them.
//!
//! The derived code also accepts a list and decodes its items by position, although the schema allows objects
//! only. It is also three times as long, which increases the compile time of a client.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};

use crate::readers::reader;
use crate::tokens::{Field, attributes, is_punct, last_name, nullable, pieces, serde_options};

/// What is special about a type in responses: integers and times accept all notations of servers, and null is
/// reported where the document does not allow it.
pub(crate) struct Decoding<'a> {
    /// The names in JSON of the optional properties without null.
    pub(crate) without_null: Option<&'a BTreeSet<&'a str>>,
}

/// Returns the implementations for the struct `name`. `head` is its item up to the braces, and `decoding` is
/// `Some` for a type in responses.
///
/// Returns `None` for options of serde that typify does not write.
pub(crate) fn implementations(
    name: &Ident,
    head: &[TokenTree],
    fields: &[Field],
    decoding: Option<&Decoding<'_>>,
) -> Option<TokenStream> {
    let options = Options::of(head)?;
    let mut object = Object {
        name,
        properties: Vec::new(),
        extra: None,
        is_closed: options.has("deny_unknown_fields"),
    };
    for field in fields {
        let options = Options::of(&field.attributes)?;
        match options.has("flatten") {
            true if object.extra.is_none() => {
                object.extra = Some(Extra::of(field, decoding.is_some())?);
            }
            true => return None,
            false => object
                .properties
                .push(Property::of(field, &options, decoding)?),
        }
    }
    let (decode, encode) = (object.decode(), object.encode());
    Some(quote!(#decode #encode))
}

/// The options in the attributes `#[serde(…)]` of an item, with their values.
struct Options(Vec<(String, Option<Literal>)>);

impl Options {
    fn of(tokens: &[TokenTree]) -> Option<Self> {
        const KNOWN: [&str; 6] = [
            "default",
            "deny_unknown_fields",
            "deserialize_with",
            "flatten",
            "rename",
            "skip_serializing_if",
        ];
        let mut options = Vec::new();
        for list in attributes(tokens).filter_map(serde_options) {
            for option in pieces(list) {
                let (name, value) = match option.as_slice() {
                    [TokenTree::Ident(name)] => (name, None),
                    [TokenTree::Ident(name), _, TokenTree::Literal(value)] => (name, Some(value)),
                    _ => return None,
                };
                let name = name.to_string();
                if !KNOWN.contains(&name.as_str()) {
                    return None;
                }
                options.push((name, value.cloned()));
            }
        }
        Some(Self(options))
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<Option<&Literal>> {
        let option = self.0.iter().find(|(known, _)| known == name);
        option.map(|(_, value)| value.as_ref())
    }

    /// Returns the path that the option `name` has as its value.
    fn path(&self, name: &str) -> Option<TokenStream> {
        let value = self.get(name)??.to_string();
        value.trim_matches('"').parse().ok()
    }
}

/// A property that the schema names.
struct Property<'a> {
    field: &'a Ident,
    /// Its name in JSON.
    name: Literal,
    /// The type that decodes its value, if it differs from the type of the value.
    reader: Option<TokenStream>,
    if_missing: IfMissing,
    /// The function that returns true for values that are omitted, if there are such values.
    left_out: Option<TokenStream>,
}

/// What a missing property becomes.
enum IfMissing {
    Error,
    /// The default of its type.
    Default,
    /// `None`, as null does. The document does not allow null.
    NullDeviates,
    /// What this function returns.
    Call(TokenStream),
    /// The field is the decoded value or `None`.
    None,
}

impl<'a> Property<'a> {
    fn of(field: &'a Field, options: &Options, decoding: Option<&Decoding<'_>>) -> Option<Self> {
        let left_out = match options.has("skip_serializing_if") {
            true => Some(options.path("skip_serializing_if")?),
            false => None,
        };
        let name = match options.get("rename") {
            Some(name) => name?.clone(),
            None => Literal::string(field.name.to_string().trim_start_matches("r#")),
        };
        let without_null = decoding.and_then(|decoding| decoding.without_null);
        let null_deviates = || {
            let name: Option<syn::LitStr> = syn::parse2(name.to_token_stream()).ok();
            name.zip(without_null)
                .is_some_and(|(name, without_null)| without_null.contains(&*name.value()))
        };
        let is_option = last_name(&field.ty).as_deref() == Some("Option");
        let optional = field.optional().filter(|ty| nullable(ty).is_some());
        let if_missing = match (optional, options.get("default")) {
            // Null is a separate value here.
            (Some(_), _) => IfMissing::None,
            (None, Some(Some(_))) => IfMissing::Call(options.path("default")?),
            (None, Some(None)) => IfMissing::Default,
            (None, None) if is_option && !options.has("deserialize_with") => {
                match null_deviates() {
                    true => IfMissing::NullDeviates,
                    false => IfMissing::Default,
                }
            }
            (None, None) => IfMissing::Error,
        };
        Some(Self {
            field: &field.name,
            name,
            reader: reader_if(decoding.is_some(), optional.unwrap_or(&field.ty)),
            if_missing,
            left_out,
        })
    }
}

/// The properties that the schema does not name.
struct Extra<'a> {
    field: &'a Ident,
    /// The type of their names.
    key: TokenStream,
    /// The type that decodes each value.
    reader: TokenStream,
}

impl<'a> Extra<'a> {
    fn of(field: &'a Field, is_tolerant: bool) -> Option<Self> {
        let start = field.ty.iter().position(|token| is_punct(token, '<'))?;
        let parameters = field.ty.get(start + 1..field.ty.len() - 1)?;
        let parameters = pieces(parameters.iter().cloned().collect());
        match (last_name(&field.ty)?.as_str(), parameters.as_slice()) {
            ("HashMap" | "Map", [key, value]) => Some(Self {
                field: &field.name,
                key: key.iter().cloned().collect(),
                reader: reader_if(is_tolerant, value).unwrap_or_else(|| {
                    let value: TokenStream = value.iter().cloned().collect();
                    quote!(::client_runtime::generated::Plain<#value>)
                }),
            }),
            _ => None,
        }
    }
}

/// A struct whose fields are the properties of an object.
struct Object<'a> {
    name: &'a Ident,
    properties: Vec<Property<'a>>,
    extra: Option<Extra<'a>>,
    /// True if the schema allows no other properties.
    is_closed: bool,
}

impl Object<'_> {
    fn decode(&self) -> TokenStream {
        let Self {
            name,
            properties,
            is_closed,
            ..
        } = self;
        let names = properties.iter().map(|property| &property.name);
        let locals: Vec<Ident> = properties.iter().map(Property::local).collect();
        let arms = properties.iter().zip(&locals).enumerate();
        let arms = arms.map(|(index, (property, local))| {
            let (index, reader) = (Literal::usize_unsuffixed(index), &property.reader);
            match reader {
                Some(reader) => quote!(#index => object.value_as::<#reader>(&mut #local)?,),
                None => quote!(#index => object.value(&mut #local)?,),
            }
        });
        let fields = properties.iter().zip(&locals).map(|(property, local)| {
            let (field, name) = (property.field, &property.name);
            match &property.if_missing {
                IfMissing::Error => {
                    quote!(#field: ::client_runtime::generated::required(#local, #name)?)
                }
                IfMissing::Default => quote!(#field: #local.unwrap_or_default()),
                IfMissing::NullDeviates => quote!(#field: object.optional(#local, #name)),
                IfMissing::Call(path) => quote!(#field: #local.unwrap_or_else(#path)),
                IfMissing::None => quote!(#field: #local),
            }
        });
        let (extra, others, extra_field) = match &self.extra {
            Some(Extra { field, key, reader }) => (
                quote!(let mut extra = ::std::default::Default::default();),
                quote!(object.other::<#key, #reader, _>(&mut extra)?),
                quote!(#field: extra,),
            ),
            None => (quote!(), quote!(object.skip()?), quote!()),
        };
        let locals = (!locals.is_empty())
            .then(|| quote!(#(let mut #locals = ::std::option::Option::None;)*));
        let is_optional =
            |property: &Property<'_>| !matches!(property.if_missing, IfMissing::Error);
        let requires_none =
            self.extra.is_none() && !properties.is_empty() && properties.iter().all(is_optional);
        let flags = [
            ("IS_CLOSED", *is_closed),
            ("HAS_EXTRA", self.extra.is_some()),
            ("REQUIRES_NONE", requires_none),
        ];
        let flags = flags.into_iter().filter(|(_, is_set)| *is_set);
        let flags = flags.map(|(flag, _)| format_ident!("{flag}"));
        let type_name = name.to_string();
        quote! {
            impl<'de> ::client_runtime::generated::Object<'de> for #name {
                const NAME: &'static str = #type_name;
                const PROPERTIES: &'static [&'static str] = &[#(#names),*];
                #(const #flags: bool = true;)*

                fn read<A: ::serde::de::MapAccess<'de>>(
                    mut object: ::client_runtime::generated::Properties<A, Self>,
                ) -> ::std::result::Result<Self, A::Error> {
                    #locals
                    #extra
                    while let ::std::option::Option::Some(index) = object.next()? {
                        match index {
                            #(#arms)*
                            _ => #others,
                        }
                    }
                    ::std::result::Result::Ok(Self { #(#fields,)* #extra_field })
                }
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<Self, D::Error> {
                    ::client_runtime::generated::object(deserializer)
                }
            }
        }
    }

    fn encode(&self) -> TokenStream {
        let name = self.name;
        let type_name = name.to_string();
        let (method, object) = match self.extra {
            Some(_) => (
                quote!(serialize_entry),
                quote!(serializer.serialize_map(::std::option::Option::None)?),
            ),
            None => {
                let length = self.length();
                (
                    quote!(serialize_field),
                    quote!(serializer.serialize_struct(#type_name, #length)?),
                )
            }
        };
        let properties = self.properties.iter().map(|property| {
            let Property {
                field,
                name,
                left_out,
                ..
            } = property;
            let write = quote!(object.#method(#name, &self.#field)?;);
            match left_out {
                Some(path) => quote!(if !#path(&self.#field) { #write }),
                None => write,
            }
        });
        let extra = self.extra.as_ref().map(|Extra { field, .. }| {
            quote! {
                for (name, value) in &self.#field {
                    object.serialize_entry(name, value)?;
                }
            }
        });
        let writer = match self.extra {
            Some(_) => quote!(SerializeMap),
            None => quote!(SerializeStruct),
        };
        quote! {
            impl ::serde::Serialize for #name {
                fn serialize<S: ::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::std::result::Result<S::Ok, S::Error> {
                    use ::serde::ser::#writer as _;
                    let mut object = #object;
                    #(#properties)*
                    #extra
                    object.end()
                }
            }
        }
    }

    /// Returns the number of properties that are written.
    fn length(&self) -> TokenStream {
        let always = self
            .properties
            .iter()
            .filter(|property| property.left_out.is_none());
        let always = Literal::usize_unsuffixed(always.count());
        let others = self.properties.iter().filter_map(|property| {
            let (field, path) = (property.field, property.left_out.as_ref()?);
            Some(quote!(+ usize::from(!#path(&self.#field))))
        });
        quote!(#always #(#others)*)
    }
}

/// Returns the type that decodes a value of this type in all notations of servers, if `is_tolerant` is set and
/// the type differs.
fn reader_if(is_tolerant: bool, ty: &[TokenTree]) -> Option<TokenStream> {
    is_tolerant.then(|| reader(ty)).flatten()
}

impl Property<'_> {
    /// Returns the name of the local variable for its value.
    fn local(&self) -> Ident {
        let name = self.field.to_string();
        format_ident!("of_{}", name.trim_start_matches("r#"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::fields;

    /// Returns the implementations for `#head pub struct A { #body }`, without spaces.
    fn code_of(head: TokenStream, body: TokenStream, is_tolerant: bool) -> Option<String> {
        let name = format_ident!("A");
        let head: Vec<TokenTree> = head.into_iter().collect();
        let without_null = BTreeSet::from(["at"]);
        let decoding = is_tolerant.then_some(Decoding {
            without_null: Some(&without_null),
        });
        let code = implementations(&name, &head, &fields(body), decoding.as_ref())?;
        Some(code.to_string().replace(' ', ""))
    }

    fn assert_contains(code: &str, expected: &[TokenStream]) {
        for expected in expected {
            let expected = expected.to_string().replace(' ', "");
            assert!(code.contains(&expected), "{expected} in {code}");
        }
    }

    #[test]
    fn a_property_has_its_name_in_json_its_reader_and_its_default() {
        let body = quote! {
            #[doc = "d"]
            #[serde(rename = "j-name")]
            pub name: ::std::string::String,
            pub r#type: i64,
            #[serde(skip_serializing_if = "::std::option::Option::is_none")]
            pub at: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
            #[serde(skip_serializing_if = "::std::option::Option::is_none")]
            pub note: ::std::option::Option<::std::string::String>,
            #[serde(deserialize_with = "::std::option::Option::deserialize")]
            pub or_null: ::std::option::Option<i64>,
            #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
            pub list: ::std::vec::Vec<i64>,
            #[serde(default = "defaults::level")]
            pub level: u8,
            #[serde(skip_serializing_if = "::std::option::Option::is_none")]
            pub patch: ::std::option::Option<::client_runtime::Nullable<(i64, f64)>>,
        };
        let code = code_of(quote!(), body, true).expect("is known");
        let runtime = quote!(::client_runtime::generated);
        assert_contains(
            &code,
            &[
                quote!(&[
                    "j-name", "type", "at", "note", "or_null", "list", "level", "patch"
                ]),
                quote!(0 => object.value(&mut of_name)?,),
                quote!(1 => object.value_as::<#runtime::Read<i64>>(&mut of_type)?,),
                quote!(name: #runtime::required(of_name, "j-name")?,),
                quote!(r#type: #runtime::required(of_type, "type")?,),
                quote!(at: object.optional(of_at, "at"),),
                quote!(note: of_note.unwrap_or_default(),),
                quote!(or_null: #runtime::required(of_or_null, "or_null")?,),
                quote!(list: of_list.unwrap_or_default(),),
                quote!(level: of_level.unwrap_or_else(defaults::level),),
                quote!(patch: of_patch,),
                quote!(object.serialize_field("j-name", &self.name)?;),
                quote! {
                    if !::std::vec::Vec::is_empty(&self.list) {
                        object.serialize_field("list", &self.list)?;
                    }
                },
            ],
        );
        // Null is distinguished from a missing property: the value is read without its `Option`.
        let tuple = quote!((#runtime::Read<i64>, #runtime::Plain<f64>,));
        let tuple = tuple.to_string().replace(' ', "");
        assert!(
            code.contains(&format!(
                "value_as::<::client_runtime::Nullable<{tuple}>>(&mutof_patch)"
            )),
            "{code}"
        );
        assert!(!code.contains("REQUIRES_NONE"));
    }

    #[test]
    fn integers_of_requests_are_read_as_they_are_written() {
        let code = code_of(quote!(), quote!(pub size: i64,), false).expect("is known");
        assert_contains(&code, &[quote!(object.value(&mut of_size)?)]);
    }

    #[test]
    fn other_properties_are_kept_skipped_or_rejected() {
        let extra = quote! {
            #[serde(flatten)]
            pub extra: ::std::collections::HashMap<Key, i64>,
        };
        let code = code_of(quote!(), extra, true).expect("is known");
        assert_contains(
            &code,
            &[
                quote!(
                    const HAS_EXTRA: bool = true;
                ),
                quote!(_ => object.other::<Key, ::client_runtime::generated::Read<i64>, _>(&mut extra)?,),
                quote!(extra: extra,),
                quote!(serializer.serialize_map(::std::option::Option::None)?),
            ],
        );
        let code = code_of(quote!(), quote!(), true).expect("is known");
        assert_contains(
            &code,
            &[
                quote!(_ => object.skip()?,),
                quote!(serialize_struct("A", 0)),
            ],
        );
        let code = code_of(quote!(#[serde(deny_unknown_fields)]), quote!(), true);
        assert_contains(
            &code.expect("is known"),
            &[quote!(
                const IS_CLOSED: bool = true;
            )],
        );
    }

    #[test]
    fn a_struct_with_an_option_that_is_not_known_keeps_what_serde_derives() {
        for body in [
            quote!(#[serde(with = "x")] pub a: i64,),
            quote!(#[serde(flatten)] pub a: Other,),
        ] {
            assert_eq!(code_of(quote!(), body, true), None);
        }
        assert_eq!(code_of(quote!(#[serde(tag = "t")]), quote!(), true), None);
    }
}
