//! Finds the locations of response schemas in the original document. With them, a client can name the
//! overlay action that accepts a response which its schema does not allow.
//!
//! Before: the component `RoleOutput`, which a pass created, with the property `name`. After: the
//! component is located at `/components/schemas/Role`, and its property at
//! `/components/schemas/Role/properties/name`.

use std::collections::BTreeMap;

use client_codegen::plan::{
    LocatedProperty, LocatedSchema, OperationPlan, ResponsePlan, SchemaContents,
};
use openapi_document::{Document, Pointer};
use serde_json::Value;

use crate::origins::Origins;
use crate::schema::{component_name, components, required};

/// Locates the schemas of all responses. `places` are the locations that the operations had in the
/// lowered document. Returns the component schemas by name.
pub(crate) fn locate(
    root: &Value,
    places: &[Pointer],
    operations: &mut [OperationPlan],
    origins: &Origins,
    document: &Document,
) -> BTreeMap<String, LocatedSchema> {
    let mut locator = Locator {
        origins,
        document: &document.root,
        reached: Vec::new(),
    };
    for (place, operation) in places.iter().zip(operations) {
        for response in &mut operation.responses {
            response.located = locator.response(place, response);
        }
    }
    let mut located = BTreeMap::new();
    while let Some(name) = locator.reached.pop() {
        if let Some(schema) = components(root).get(&name)
            && !located.contains_key(&name)
        {
            let place = Pointer::of(["components", "schemas", &name]);
            let schema = locator.schema(&place, schema);
            located.insert(name, schema);
        }
    }
    located
}

struct Locator<'a> {
    origins: &'a Origins,
    document: &'a Value,
    /// The names of the components that were referred to.
    reached: Vec<String>,
}

impl Locator<'_> {
    fn response(&mut self, operation: &Pointer, response: &ResponsePlan) -> Option<LocatedSchema> {
        let schema = response.body.schema()?;
        if let Some(name) = component_name(schema) {
            self.reached.push(name);
            return None;
        }
        let status = response.status.to_string();
        let media_type = response.media_type.as_deref().unwrap_or_default();
        let tokens = ["responses", &status, "content", media_type, "schema"];
        let place = Pointer::of(tokens).below(operation);
        Some(self.schema(&place, schema))
    }

    fn schema(&mut self, place: &Pointer, schema: &Value) -> LocatedSchema {
        // A type of the runtime that contains another: `Nullable`, `OpenEnum`.
        if let Some([inner]) = schema["x-rust-type"]["parameters"]
            .as_array()
            .map(Vec::as_slice)
        {
            return self.schema(place, inner);
        }
        let at = self.original(place);
        let kind = at.as_ref().and_then(|at| at.get(self.document));
        let kind = kind.and_then(|original| original["type"].as_str());
        let kind = kind.unwrap_or_default().to_owned();
        let contents = self.contents(place, at.as_ref(), schema);
        LocatedSchema {
            at: at.map_or_else(String::new, |at| at.as_str().to_owned()),
            kind,
            contents,
        }
    }

    fn contents(
        &mut self,
        place: &Pointer,
        at: Option<&Pointer>,
        schema: &Value,
    ) -> Option<SchemaContents> {
        if let Some(name) = component_name(schema) {
            self.reached.push(name.clone());
            return Some(SchemaContents::Reference(name));
        }
        if let Some(properties) = schema["properties"].as_object() {
            let required: Vec<&str> = required(schema).collect();
            let properties = properties.iter().map(|(name, property)| {
                let place = place.join("properties").join(name);
                let schema = self.schema(&place, property);
                let required_at = match required.contains(&&**name) {
                    true => self.required_at(at, &schema, name),
                    false => String::new(),
                };
                (
                    name.clone(),
                    LocatedProperty {
                        required_at,
                        schema,
                    },
                )
            });
            return Some(SchemaContents::Properties(properties.collect()));
        }
        let inside = |keyword: &str| schema.get(keyword).filter(|inner| inner.is_object());
        if let Some(items) = inside("items") {
            let items = self.schema(&place.join("items"), items);
            return Some(SchemaContents::Items(Box::new(items)));
        }
        let values = inside("additionalProperties")?;
        let values = self.schema(&place.join("additionalProperties"), values);
        Some(SchemaContents::Values(Box::new(values)))
    }

    /// The schema of the original document whose `required` has a property: the object itself, or the
    /// part of it that declares the property.
    fn required_at(
        &self,
        object: Option<&Pointer>,
        property: &LocatedSchema,
        name: &str,
    ) -> String {
        let part = Pointer::parse(&property.at).and_then(|at| at.parent()?.parent());
        let mut candidates = object.into_iter().chain(&part);
        let has_name = |at: &&Pointer| {
            let schema = at.get(self.document);
            schema.is_some_and(|schema| required(schema).any(|required| required == name))
        };
        let found = candidates.find(has_name);
        found.map_or_else(String::new, |at| at.as_str().to_owned())
    }

    fn original(&self, place: &Pointer) -> Option<Pointer> {
        let (at, is_exact) = self.origins.found(self.document, place);
        is_exact.then_some(at)
    }
}
