//! The paging of a list in a plan.

use client_codegen::naming::snake;
use client_codegen::plan::{BodyEncoding, NextPage, OperationPlan, PagingPlan, Spot, Step};
use serde::Deserialize as _;
use serde_json::Value;

use super::plans::{Reader, only_json};
use crate::rust_type::not_null;
use crate::schema::{component_name, required, resolved};

impl Reader<'_> {
    /// The paging of a list: by the extension `x-paging`, or by a page token if the call has a parameter
    /// for it and the response has items and the next token.
    ///
    /// # Errors
    /// The reason why the extension cannot be applied.
    pub(super) fn paging(&self, plan: &OperationPlan) -> Result<Option<PagingPlan>, String> {
        let Some(extension) = self.operation.node.value.get("x-paging") else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plans::testing::plan_of;
    use crate::plan::plans::{NAME, take};
    use crate::rust_type::runtime_type;
    use crate::testing::notes_of;
    use openapi_document::Pointer;
    use serde_json::json;

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
