//! The parameters of a plan, with their setters.
//!
//! If two parameters would have the same setter in Rust, they get different ones. Path parameters take
//! precedence over query parameters, which take precedence over headers and cookies.

use std::collections::BTreeSet;

use client_codegen::naming::snake;
use client_codegen::plan::{Location, ParameterPlan, ParameterStyle};
use openapi_document::{Pointer, template_parameters};
use serde_json::{Value, json};

use super::plans::Reader;
use crate::Notes;

impl Reader<'_> {
    pub(super) fn parameters(&self, path: &str, notes: &mut Notes) -> Vec<ParameterPlan> {
        let listed = self.operation.node.items("parameters").into_iter();
        let mut plans: Vec<(Pointer, ParameterPlan)> = listed
            .filter_map(|node| Some((node.pointer, parameter_plan(node.value)?)))
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
            (
                "body",
                self.operation.node.property("requestBody").is_some(),
            ),
            (
                "wait",
                self.operation.node.property("x-long-running").is_some(),
            ),
        ]);
        for (place, plan) in &mut plans {
            plan.setter = setters.free(&plan.name, plan.location);
            if plan.setter != snake(&plan.name) {
                notes.add(
                    place,
                    format!("the setter of `{}` is `{}`", plan.name, plan.setter),
                    "another parameter or the builder has a method with its name",
                );
            }
        }
        plans.into_iter().map(|(_, plan)| plan).collect()
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
    use crate::plan::plans::testing::{plan_of, setters};

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
}
