//! Long-running work: the `x-long-running` extension of an operation.
//!
//! OpenAPI cannot express that a call starts work that continues after its response. The document or an
//! overlay specifies how to poll the work. On the operation that reads the state:
//!
//! ```yaml
//! x-long-running:
//!   state: status.state         # the property with the state; omitted if the work is done when it can be read
//!   pending: [CREATING]         # optional: states of running work, like all unlisted states
//!   done: [RUNNING]             # states in which the work is done
//!   failed: [FAILED]            # optional: states in which it has failed
//!   reason: status.message      # optional: the property with the reason of a failure
//! ```
//!
//! On an operation that starts work, with the differences from the operation that reads it:
//!
//! ```yaml
//! x-long-running:
//!   read: GetCluster            # the operationId of the operation that reads the state
//!   parameters: {clusterId: id} # its path parameters, by properties of the response of this operation
//!   gone: true                  # optional: the work is done when the read operation returns 404
//! ```
//!
//! A path parameter of the read operation that `parameters` does not name has the value of the path
//! parameter of the same name. `state`, `reason` and `parameters` have dotted paths to properties of the
//! JSON of the first success response. Names that contain a dot are not supported.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::extension::{ExtensionError, dotted, json_response, property};
use crate::walk::{is_extension, operation_pointer};
use crate::{Pointer, template_parameters};

/// The name of the extension.
const NAME: &str = "x-long-running";

/// How to poll the work of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongRunning {
    /// The location of the operation that reads the state, which may be the operation itself.
    pub read: Pointer,
    /// Path parameters of that operation, with the property path to their values in the response of
    /// the operation.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The property path to the state; empty if the work is done as soon as the state can be read.
    pub state: Vec<String>,
    /// States of running work.
    pub pending: Vec<String>,
    /// States in which the work is done.
    pub done: Vec<String>,
    /// States in which the work has failed.
    pub failed: Vec<String>,
    /// The property path to the reason of a failure; empty if there is none.
    pub reason: Vec<String>,
    /// True if the work is done when the resource no longer exists.
    pub gone: bool,
}

impl LongRunning {
    /// Reads the extension of the operation at `operation`, if there is one.
    ///
    /// # Errors
    /// The extension is malformed, or names an operation, a parameter or a property that does not exist.
    pub fn of(root: &Value, operation: &Pointer) -> Result<Option<Self>, ExtensionError> {
        let pointer = operation.join(NAME);
        let Some(value) = pointer.get(root) else {
            return Ok(None);
        };
        let extension = Extension {
            root,
            pointer,
            value,
        };
        extension.read(operation).map(Some)
    }
}

/// The extension of one operation.
struct Extension<'a> {
    root: &'a Value,
    pointer: Pointer,
    value: &'a Value,
}

impl Extension<'_> {
    fn read(&self, operation: &Pointer) -> Result<LongRunning, ExtensionError> {
        const KNOWN: [&str; 8] = [
            "read",
            "parameters",
            "state",
            "pending",
            "done",
            "failed",
            "reason",
            "gone",
        ];
        let form = "the properties are `read`, `parameters`, `state`, `pending`, `done`, `failed`, \
                    `reason` and `gone`";
        let Some(object) = self.value.as_object() else {
            return Err(self.error("", format!("`{NAME}` is not an object"), form));
        };
        if let Some(name) = object.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            let message = format!("`{NAME}` has the unknown property `{name}`");
            return Err(self.error(name, message, form));
        }
        let read = self.read_operation(operation)?;
        let base = match (read == *operation, read.join(NAME).get(self.root)) {
            (false, Some(value)) => Some(Extension {
                root: self.root,
                pointer: read.join(NAME),
                value,
            }),
            _ => None,
        };
        // The properties that this operation omits are those of the operation that reads the state.
        let of = |key: &str| match &base {
            Some(base) if self.value.get(key).is_none() => base,
            _ => self,
        };
        let found = LongRunning {
            parameters: self.parameters(operation, &read)?,
            pending: of("pending").states("pending")?,
            done: of("done").states("done")?,
            failed: of("failed").states("failed")?,
            reason: of("reason").path("reason", &read)?,
            gone: self.value.get("gone") == Some(&Value::Bool(true)),
            state: of("state").path("state", &read)?,
            read,
        };
        if found.state.is_empty() != found.done.is_empty() && !found.gone {
            let message = format!("`{NAME}` has only one of `state` and `done`");
            return Err(self.error(
                "",
                message,
                "specify both, or neither if the work is done when the resource can be read",
            ));
        }
        Ok(found)
    }

    fn error(&self, key: &str, message: String, hint: &str) -> ExtensionError {
        ExtensionError::new(self.root, &self.pointer, key, message, hint)
    }

    /// Returns the operation that reads the state: the one that `read` names, or the operation itself.
    fn read_operation(&self, operation: &Pointer) -> Result<Pointer, ExtensionError> {
        let Some(named) = self.value.get("read") else {
            let is_get = operation.as_str().ends_with("/get");
            return is_get.then(|| operation.clone()).ok_or_else(|| {
                let message = format!("`{NAME}` has no `read`, and the operation is not a GET");
                self.error("", message, "name the operation that reads the state")
            });
        };
        let items = self.root.get("paths").and_then(Value::as_object);
        let found = items
            .into_iter()
            .flatten()
            .filter(|(path, _)| !is_extension(path))
            .find(|(_, item)| item["get"].get("operationId") == Some(named));
        let found = found.map(|(path, _)| operation_pointer(path, "get"));
        found.ok_or_else(|| {
            let message = format!("`read` of `{NAME}` names {named}, which is not a GET operation");
            self.error(
                "read",
                message,
                "write the operationId of the GET operation",
            )
        })
    }

    fn parameters(
        &self,
        operation: &Pointer,
        read: &Pointer,
    ) -> Result<BTreeMap<String, Vec<String>>, ExtensionError> {
        // The location of an operation is `/paths/PATH/METHOD`.
        let names =
            |place: &Pointer| template_parameters(&place.tokens().nth(1).unwrap_or_default());
        let [wanted, own] = [read, operation].map(names);
        let given = self.value.get("parameters").and_then(Value::as_object);
        let mut found = BTreeMap::new();
        for (name, place) in given.into_iter().flatten() {
            if !wanted.contains(name) {
                let message = format!("the read operation has no path parameter `{name}`");
                let hint = format!("its path parameters are `{}`", wanted.join("`, `"));
                return Err(self.error("parameters", message, &hint));
            }
            let place = dotted(place)
                .filter(|place| self.has(operation, place))
                .ok_or_else(|| {
                    let message = format!("the response has no property {place}");
                    self.error(
                        "parameters",
                        message,
                        "name a property of the response, such as `id`",
                    )
                })?;
            found.insert(name.clone(), place);
        }
        let missing = wanted
            .iter()
            .find(|name| !own.contains(name) && !found.contains_key(*name));
        match missing {
            Some(name) => {
                let message =
                    format!("the path parameter `{name}` of the read operation has no value");
                let hint = "name the property of the response with its value in `parameters`";
                Err(self.error("parameters", message, hint))
            }
            None => Ok(found),
        }
    }

    /// Returns the property path under `key`, which is a property of the response of `read`.
    fn path(&self, key: &str, read: &Pointer) -> Result<Vec<String>, ExtensionError> {
        let Some(value) = self.value.get(key) else {
            return Ok(Vec::new());
        };
        dotted(value)
            .filter(|path| self.has(read, path))
            .ok_or_else(|| {
                let message =
                    format!("`{key}` of `{NAME}` names {value}, which the response does not have");
                self.error(
                    key,
                    message,
                    "name a property, with dots before nested ones: `status.state`",
                )
            })
    }

    fn has(&self, operation: &Pointer, path: &[String]) -> bool {
        let Some(schema) = json_response(self.root, operation) else {
            return false;
        };
        let found = path
            .iter()
            .try_fold(schema, |schema, name| property(self.root, &schema, name));
        found.is_some()
    }

    fn states(&self, key: &str) -> Result<Vec<String>, ExtensionError> {
        let Some(value) = self.value.get(key) else {
            return Ok(Vec::new());
        };
        let states = value.as_array().and_then(|states| {
            let states = states.iter().map(|state| state.as_str().map(str::to_owned));
            states.collect()
        });
        states.ok_or_else(|| {
            let message = format!("`{key}` of `{NAME}` is not a list of strings");
            self.error(key, message, "write the values of the state: `[RUNNING]`")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(read: Value, create: Value) -> Value {
        let response = |schema: Value| json!({ "200": { "content": { "application/json": { "schema": schema } } } });
        let work = json!({ "properties": {
            "id": { "type": "string" },
            "status": { "properties": { "state": { "type": "string" }, "message": { "type": "string" } } },
        } });
        json!({ "paths": {
            "/zones/{zone}/works": { "post": {
                "operationId": "Create",
                "x-long-running": create,
                "responses": response(json!({ "properties": { "work": work } })),
            } },
            "/zones/{zone}/works/{id}": {
                "get": {
                    "operationId": "Read",
                    "x-long-running": read,
                    "responses": response(json!({ "allOf": [work] })),
                },
            },
        } })
    }

    fn good() -> (Value, Value) {
        (
            json!({
                "state": "status.state", "done": ["DONE"], "failed": ["BROKEN"],
                "reason": "status.message",
            }),
            json!({ "read": "Read", "parameters": { "id": "work.id" }, "done": ["READY"] }),
        )
    }

    fn of(
        read: Value,
        create: Value,
        path: &str,
        method: &str,
    ) -> Result<LongRunning, ExtensionError> {
        let found = LongRunning::of(
            &document(read, create),
            &Pointer::of(["paths", path, method]),
        );
        found.map(|found| found.expect("is there"))
    }

    #[test]
    fn an_operation_that_starts_work_takes_the_rest_from_the_one_that_reads_it() {
        let (read, create) = good();
        let found = of(read, create, "/zones/{zone}/works", "post").expect("is right");
        assert_eq!(
            found.read,
            Pointer::of(["paths", "/zones/{zone}/works/{id}", "get"])
        );
        assert_eq!(found.parameters["id"], ["work", "id"]);
        assert_eq!(found.state, ["status", "state"]);
        assert_eq!(
            (found.done, found.failed),
            (vec!["READY".into()], vec!["BROKEN".into()])
        );
        assert_eq!(found.reason, ["status", "message"]);
        assert!(!found.gone);
    }

    #[test]
    fn an_operation_that_reads_the_state_follows_itself() {
        let (read, create) = good();
        let found = of(read, create, "/zones/{zone}/works/{id}", "get").expect("is right");
        assert_eq!(
            found.read,
            Pointer::of(["paths", "/zones/{zone}/works/{id}", "get"])
        );
        assert!(found.parameters.is_empty());
        assert_eq!(found.done, ["DONE"]);
    }

    #[test]
    fn work_without_a_state_is_done_when_it_can_be_read_or_is_gone() {
        for gone in [true, false] {
            let create = json!({ "read": "Read", "parameters": { "id": "work.id" }, "gone": gone });
            let found = of(json!({}), create, "/zones/{zone}/works", "post").expect("is right");
            assert_eq!((found.gone, found.state.is_empty()), (gone, true));
        }
    }

    #[test]
    fn a_mistake_is_rejected_at_its_location() {
        for (key, value, place, message) in [
            ("read", json!("Reed"), "/read", "not a GET operation"),
            ("read", json!("Create"), "/read", "not a GET operation"),
            (
                "parameters",
                json!({ "id": "work.ident" }),
                "/parameters",
                "no property \"work.ident\"",
            ),
            (
                "parameters",
                json!({ "work": "work.id" }),
                "/parameters",
                "no path parameter `work`",
            ),
            (
                "parameters",
                json!({}),
                "/parameters",
                "the path parameter `id` of the read operation has no value",
            ),
            (
                "state",
                json!("status.stat"),
                "/state",
                "which the response does not have",
            ),
            (
                "reason",
                json!("status."),
                "/reason",
                "which the response does not have",
            ),
            ("done", json!("READY"), "/done", "is not a list of strings"),
            ("failed", json!([1]), "/failed", "is not a list of strings"),
            ("dun", json!(["READY"]), "/dun", "unknown property `dun`"),
        ] {
            let (read, mut create) = good();
            create[key] = value;
            let error = of(read, create, "/zones/{zone}/works", "post").expect_err(message);
            let pointer = format!("/paths/~1zones~1{{zone}}~1works/post/x-long-running{place}");
            assert_eq!(error.pointer.as_str(), pointer, "{message}");
            assert!(error.message.contains(message), "{}", error.message);
            assert_ne!(error.hint, "");
        }
        let without_read = json!({ "parameters": {} });
        let error = of(good().0, without_read, "/zones/{zone}/works", "post").expect_err("no read");
        assert!(error.message.contains("has no `read`"), "{}", error.message);
        let state_only = json!({ "state": "status.state" });
        let error =
            of(state_only, good().1, "/zones/{zone}/works/{id}", "get").expect_err("no done");
        assert!(error.message.contains("only one of"), "{}", error.message);
    }
}
