//! Generates the table of the schemas of responses, with their locations in the API description. It has one
//! static for each component.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::json;

use crate::features::component_name;
use crate::plan::{ClientPlan, LocatedProperty, LocatedSchema, ResponsePlan, SchemaContents};

/// The statics for the component schemas of responses.
pub(crate) struct Locations<'a> {
    plan: &'a ClientPlan,
    names: BTreeMap<&'a str, Ident>,
}

impl<'a> Locations<'a> {
    pub(crate) fn of(plan: &'a ClientPlan) -> Self {
        let names = plan.located_schemas.keys().enumerate();
        let names = names.map(|(index, name)| (&**name, format_ident!("S{index}")));
        Self {
            plan,
            names: names.collect(),
        }
    }

    /// The items of the table.
    pub(crate) fn items(&self) -> impl Iterator<Item = TokenStream> {
        self.names.iter().map(|(name, ident)| {
            let schema = self.schema(&self.plan.located_schemas[*name]);
            quote!(static #ident: LocatedSchema = #schema;)
        })
    }

    /// The schema of a response: a reference to a static or to a constant.
    pub(crate) fn response(&self, response: &ResponsePlan) -> TokenStream {
        if let Some(schema) = &response.located {
            let schema = self.schema(schema);
            return quote!(Some(&#schema));
        }
        let reference = response
            .body
            .schema()
            .and_then(|body| body["$ref"].as_str());
        let name = reference.and_then(component_name);
        match name.and_then(|name| self.names.get(&*name)) {
            Some(name) => quote!(Some(&#name)),
            None => quote!(None),
        }
    }

    fn schema(&self, schema: &LocatedSchema) -> TokenStream {
        let LocatedSchema { at, .. } = schema;
        let null = self.null(schema);
        let contents = match &schema.contents {
            None => quote!(None),
            Some(SchemaContents::Reference(name)) => match self.names.get(&**name) {
                Some(ident) => quote!(Reference(&#ident)),
                None => quote!(None),
            },
            Some(SchemaContents::Items(items)) => {
                let items = self.schema(items);
                quote!(Items(&#items))
            }
            Some(SchemaContents::Values(values)) => {
                let values = self.schema(values);
                quote!(Values(&#values))
            }
            Some(SchemaContents::Properties(properties)) => {
                let properties = properties.iter().map(|(name, property)| {
                    let LocatedProperty {
                        required_at,
                        schema,
                    } = property;
                    let schema = self.schema(schema);
                    quote!(LocatedProperty {
                        name: #name, required_at: #required_at, schema: #schema
                    })
                });
                quote!(Properties(&[#(#properties),*]))
            }
        };
        quote!(LocatedSchema { at: #at, null: #null, contents: SchemaContents::#contents })
    }

    /// How the schema can be changed so that it allows null.
    fn null(&self, schema: &LocatedSchema) -> TokenStream {
        let is_type = self.plan.null_is_type;
        if !schema.kind.is_empty() {
            let update = match is_type {
                true => json!({ "type": [schema.kind, "null"] }),
                false => json!({ "nullable": true }),
            };
            let update = update.to_string();
            return quote!(NullSchema::Update(#update));
        }
        if let Some(SchemaContents::Reference(name)) = &schema.contents
            && let Some(target) = self.plan.located_schemas.get(name)
            && !target.at.is_empty()
        {
            let reference = json!({ "$ref": format!("#{}", target.at) });
            let replacement = match is_type {
                true => json!({ "anyOf": [reference, { "type": "null" }] }),
                false => json!({ "nullable": true, "allOf": [reference] }),
            };
            let replacement = replacement.to_string();
            return quote!(NullSchema::Replace(#replacement));
        }
        quote!(NullSchema::Unknown)
    }
}
