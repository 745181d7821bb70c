//! Cargo features of a client crate. Each enables the operations of an area, and the types that they use.
//!
//! The macro generates nothing for a feature that is not enabled, so that the compile time is proportional
//! to the operations in use. Operations without a feature are always generated.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use crate::plan::{ClientPlan, OperationPlan};

impl ClientPlan {
    /// Returns the names of the features of all operations.
    pub fn features(&self) -> BTreeSet<&str> {
        let operations = self.operations.iter();
        operations.filter_map(|it| it.feature.as_deref()).collect()
    }

    /// Keeps the operations without a feature and those of the `enabled` features, and removes the schemas
    /// that only others use.
    ///
    /// ```
    /// use client_codegen::plan::ClientPlan;
    ///
    /// let operation = |name: &str, feature: &str, schema: &str| {
    ///     let schema = serde_json::json!({ "$ref": format!("#/components/schemas/{schema}") });
    ///     serde_json::json!({
    ///         "id": name, "methodName": name, "builderName": name, "feature": feature,
    ///         "method": "GET", "path": "/", "responses": [
    ///             { "status": "200", "body": { "json": { "schema": schema } } }
    ///         ],
    ///     })
    /// };
    /// let mut plan: ClientPlan = serde_json::from_value(serde_json::json!({
    ///     "document": { "components": { "schemas": { "Role": {}, "Volume": {} } } },
    ///     "operations": [operation("roles", "iam", "Role"), operation("volumes", "storage", "Volume")],
    /// }))?;
    /// plan.keep_features(&["iam"]);
    /// assert_eq!(plan.operations.len(), 1);
    /// assert_eq!(plan.document["components"]["schemas"], serde_json::json!({ "Role": {} }));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn keep_features(&mut self, enabled: &[&str]) {
        let is_enabled = |feature: &str| enabled.contains(&feature);
        if self.features().into_iter().all(is_enabled) {
            // A schema that no operation uses is kept in a complete client.
            return;
        }
        self.operations
            .retain(|operation| operation.feature.as_deref().is_none_or(is_enabled));
        let payloads = self.payloads.iter().map(|payload| &payload.schema);
        let operations = self.operations.iter().flat_map(schemas_of);
        let used = self.used_schemas(operations.chain(payloads));
        let schemas = self.document.pointer_mut("/components/schemas");
        if let Some(schemas) = schemas.and_then(Value::as_object_mut) {
            schemas.retain(|name, _| used.contains(name));
        }
        self.located_schemas.retain(|name, _| used.contains(name));
    }

    /// Returns the features that need each component schema. A schema of an operation without a feature
    /// needs none.
    pub(crate) fn features_of_schemas(&self) -> BTreeMap<String, BTreeSet<&str>> {
        let mut by_feature: BTreeMap<Option<&str>, Vec<&OperationPlan>> = BTreeMap::new();
        for operation in &self.operations {
            let feature = operation.feature.as_deref();
            by_feature.entry(feature).or_default().push(operation);
        }
        let mut features: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (feature, operations) in &by_feature {
            for name in self.used_schemas(operations.iter().flat_map(|it| schemas_of(it))) {
                features.entry(name).or_default().extend(*feature);
            }
        }
        let without = by_feature.remove(&None).unwrap_or_default();
        let without = without.into_iter().flat_map(schemas_of);
        let payloads = self.payloads.iter().map(|payload| &payload.schema);
        for name in self.used_schemas(without.chain(payloads)) {
            features.remove(&name);
        }
        features
    }

    /// Returns the names of the component schemas that these schemas use, directly or indirectly.
    fn used_schemas<'a>(&self, schemas: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
        let mut open = Vec::new();
        for schema in schemas {
            push_references(schema, &mut open);
        }
        let schemas = &self.document["components"]["schemas"];
        let mut used = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !used.contains(&name) {
                push_references(&schemas[&name], &mut open);
                used.insert(name);
            }
        }
        used
    }
}

fn schemas_of(operation: &OperationPlan) -> impl Iterator<Item = &Value> {
    let paging = operation.paging.iter().map(|paging| &paging.item);
    operation.schemas().chain(paging)
}

/// Adds the names of the components to which a schema refers.
fn push_references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(keywords) => {
            let reference = keywords.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(component_name));
            keywords
                .values()
                .for_each(|inner| push_references(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| push_references(inner, names)),
        _ => {}
    }
}

/// Returns the name of the component to which a reference of a lowered schema points.
pub(crate) fn component_name(reference: &str) -> Option<String> {
    let token = reference.strip_prefix("#/components/schemas/")?;
    Some(token.replace("~1", "/").replace("~0", "~"))
}

/// Returns the attribute by which docs.rs shows that an item needs one of `features`. `None` for an item
/// that needs no feature.
pub(crate) fn shown<'a>(features: impl IntoIterator<Item = &'a str>) -> Option<TokenStream> {
    let features: Vec<&str> = features.into_iter().collect();
    match features.as_slice() {
        [] => None,
        [one] => Some(quote!(#[cfg_attr(docsrs, doc(cfg(feature = #one)))])),
        several => Some(quote!(#[cfg_attr(docsrs, doc(cfg(any(#(feature = #several),*))))])),
    }
}
