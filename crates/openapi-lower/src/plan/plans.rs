//! The last step: converts the operations of the document to typed plans.
//!
//! Before: `paths: {/roles: {get: {operationId: ListRoles, parameters: [{name: page-size, in: query,
//! schema: …}], responses: {'200': {content: {application/json: {schema: {$ref: RoleList}}}}}}}}`.
//! After: no paths, and the plan of the call `list_roles`, with a parameter whose setter is `page_size` and
//! a response with a JSON body.

use std::collections::BTreeMap;

use client_codegen::naming::{pascal, snake};
use client_codegen::plan::{OperationPlan, ResponseBody, ResponsePlan, WorkPlan};
use openapi_document::Pointer;
use openapi_document::operation::Operation;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::Notes;
use crate::media_type::essence;
use crate::plan::requirements;
use crate::schema::components;
use crate::servers;

/// The name of the step in notes.
pub(crate) const NAME: &str = "plans";

/// Removes the operations from the document and returns their plans in document order.
///
/// # Errors
/// The pointer to an invalid extension, and the reason.
pub(crate) fn take(
    root: &mut Value,
    notes: &mut Notes,
) -> Result<Vec<OperationPlan>, (Pointer, String)> {
    let mut plans = Vec::new();
    for operation in Operation::all(root) {
        let pointer = operation.node.pointer.clone();
        let reader = Reader {
            components: components(root),
            operation,
        };
        let plan = reader.plan(notes);
        plans.push(plan.map_err(|reason| (pointer.join("x-paging"), reason))?);
    }
    find_reads(&mut plans);
    root["paths"] = json!({});
    Ok(plans)
}

/// Replaces the path of each call that reads the state of work with the `id` of the call. Removes the
/// work from a plan if that call does not have exactly one JSON response, or if the call that starts
/// the work is another alternative of the same operation.
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
pub(super) fn only_json(plan: &OperationPlan) -> Option<&Value> {
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
pub(super) struct Reader<'a> {
    pub(super) components: &'a Map<String, Value>,
    pub(super) operation: Operation<'a>,
}

impl Reader<'_> {
    fn plan(&self, notes: &mut Notes) -> Result<OperationPlan, String> {
        let operation = self.operation.node.value;
        let (key, method) = (self.operation.path.as_str(), &self.operation.method);
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
            feature: None,
            tag: self.string(&["tags", "0"]),
            summary: self.string(&["summary"]),
            description: self.string(&["description"]),
            deprecated: operation["deprecated"] == true,
            method: method.to_uppercase(),
            path: path.to_owned(),
            variant,
            server: self.server(notes),
            security: requirements::alternatives(
                self.operation.security().map(|security| security.value),
            ),
            // QUERY is safe, but the HTTP client does not know the method.
            idempotent: operation["x-idempotent"]
                .as_bool()
                .or((method == "query").then_some(true)),
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
        let string = place.get(self.operation.node.value)?.as_str()?;
        (!string.is_empty()).then(|| string.to_owned())
    }

    fn server(&self, notes: &mut Notes) -> Option<String> {
        let own = self.operation.node.property("servers")?;
        let common = &self.operation.root()["servers"];
        servers::own(own.value, common, &own.pointer, notes)
    }

    /// How to poll the work that the call starts, with the path of the call that reads the state. The
    /// pass `long-running` has resolved the extension.
    fn work(&self, plan: &OperationPlan) -> Option<WorkPlan> {
        let mut extension = self
            .operation
            .node
            .value
            .get("x-long-running")?
            .as_object()?
            .clone();
        extension.shift_remove("pending");
        let work = WorkPlan::deserialize(Value::Object(extension)).ok()?;
        plan.variant.is_none().then_some(work)
    }
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

/// The plans of single operations.
#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::testing::notes_of;

    pub(in crate::plan) fn plan_of(
        path: &str,
        method: &str,
        operation: Value,
    ) -> (OperationPlan, Vec<String>) {
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

    pub(in crate::plan) fn setters(plan: &OperationPlan) -> Vec<(&str, &str)> {
        let parameters = plan.parameters.iter();
        parameters
            .map(|parameter| (parameter.name.as_str(), parameter.setter.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plans::testing::{plan_of, setters};
    use crate::testing::notes_of;

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
}
