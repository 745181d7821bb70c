//! Lists that are paged by position: the `x-paging` extension of an operation.
//!
//! OpenAPI cannot express that a list is paged. If requests contain the number of items to skip, the
//! document or an overlay declares it:
//!
//! ```yaml
//! x-paging:
//!   skip: filter.skip           # number of items to skip
//!   limit: filter.limit         # optional: maximum number of items in a page
//!   items: results              # the items in the response; omitted if the response is the array
//!   total: metadata.totalCount  # optional: total number of items
//! ```
//!
//! `skip` and `limit` name a query parameter, optionally followed by a dotted path to a property of its
//! value. The parameter then has JSON `content`, the style `deepObject`, or is an exploded object whose
//! properties are separate query parameters. `items` and `total` are paths to properties of the JSON of
//! the first success response. Names that contain a dot are not supported. All numbers must be
//! integers, and `items` must be an array.

use serde_json::Value;

use crate::Pointer;
use crate::extension::{ExtensionError, dotted, json_response, of_type, property};
use crate::operation::Operation;

/// How a list is paged by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The location of the number of items to skip in a request.
    pub skip: QueryLocation,
    /// The location of the maximum number of items of a page in a request.
    pub limit: Option<QueryLocation>,
    /// The property path to the items in the response; empty if the response is the array.
    pub items: Vec<String>,
    /// The location of the schema of the array of items.
    pub array_schema: Pointer,
    /// The property path to the total number of items.
    pub total: Option<Vec<String>>,
}

/// The location of a number in the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryLocation {
    /// The key in the query string, such as `offset` or `page[skip]`.
    pub query_key: String,
    /// The property path to the number within the JSON value of the key; empty if the value is the
    /// number.
    pub property: Vec<String>,
    /// The location of the schema of the number.
    pub schema: Pointer,
}

impl Paging {
    /// Reads the extension of the operation at `operation`, if there is one.
    ///
    /// # Errors
    /// The extension is malformed, or names a parameter or property that does not exist or has the
    /// wrong type.
    pub fn of(root: &Value, operation: &Pointer) -> Result<Option<Self>, ExtensionError> {
        let pointer = operation.join("x-paging");
        let Some(value) = pointer.get(root) else {
            return Ok(None);
        };
        let extension = Extension {
            root,
            operation,
            pointer: &pointer,
            value,
        };
        extension.read().map(Some)
    }
}

/// The extension of one operation.
struct Extension<'a> {
    root: &'a Value,
    operation: &'a Pointer,
    pointer: &'a Pointer,
    value: &'a Value,
}

impl Extension<'_> {
    fn read(&self) -> Result<Paging, ExtensionError> {
        const KNOWN: [&str; 4] = ["skip", "limit", "items", "total"];
        let form =
            "use an object with `skip` and optionally `limit`, `items` and `total`, all strings";
        let Some(object) = self.value.as_object() else {
            return Err(self.error("", "`x-paging` is not an object".to_owned(), form));
        };
        if let Some(name) = object.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(self.error(
                name,
                format!("`x-paging` has the unknown property `{name}`"),
                form,
            ));
        }
        let Some(skip) = self.path("skip")? else {
            return Err(self.error("", "`x-paging` has no `skip`".to_owned(), form));
        };
        let skip = self.query_location("skip", skip)?;
        let limit = self.path("limit")?;
        let limit = limit
            .map(|path| self.query_location("limit", path))
            .transpose()?;
        let items = self.path("items")?.unwrap_or_default();
        let response = self.response()?;
        let array_schema = self.property("items", response.clone(), &items)?;
        let Some(array_schema) = of_type(self.root, &array_schema, "array") else {
            let what = match items.is_empty() {
                true => "the response is not an array".to_owned(),
                false => format!("`{}` of the response is not an array", items.join(".")),
            };
            let hint = "name the property that lists the items, such as `items: results`";
            return Err(self.error("items", what, hint));
        };
        let total = self.path("total")?;
        if let Some(path) = &total {
            let number = self.property("total", response, path)?;
            self.integer("total", &path.join("."), &number)?;
        }
        Ok(Paging {
            skip,
            limit,
            items,
            array_schema,
            total,
        })
    }

    fn error(&self, key: &str, message: String, hint: &str) -> ExtensionError {
        ExtensionError::new(self.root, self.pointer, key, message, hint)
    }

    /// The dotted path under `key`, split into names.
    fn path(&self, key: &str) -> Result<Option<Vec<String>>, ExtensionError> {
        let Some(value) = self.value.get(key) else {
            return Ok(None);
        };
        let path = dotted(value).ok_or_else(|| {
            let message = format!("`{key}` of `x-paging` is not a dotted path");
            self.error(key, message, "write it like `filter.skip`")
        })?;
        Ok(Some(path))
    }

    /// Returns the location in the query that `path` names.
    fn query_location(
        &self,
        key: &str,
        path: Vec<String>,
    ) -> Result<QueryLocation, ExtensionError> {
        let (name, property) = match path.split_first() {
            Some((name, property)) => (name, property.to_vec()),
            None => {
                return Err(self.error(key, format!("`{key}` is empty"), "name a parameter"));
            }
        };
        let parameter = self.parameter(key, name)?;
        let at = |keyword: &str| parameter.join(keyword).get(self.root);
        let content = at("content").and_then(Value::as_object);
        let (query_key, property, schema) = match content.and_then(|content| content.keys().next())
        {
            Some(media_type) if !media_type.contains("json") => {
                let message = format!(
                    "the parameter `{name}` has the media type `{media_type}`, which is not JSON"
                );
                return Err(self.error(key, message, "use a parameter with JSON content"));
            }
            Some(media_type) => {
                let schema = parameter.join("content").join(media_type).join("schema");
                let schema = self.property(key, schema, &property)?;
                (name.clone(), property, schema)
            }
            None => {
                let whole = parameter.join("schema");
                let is_string = of_type(self.root, &whole, "string").is_some();
                if is_string && !property.is_empty() {
                    let message =
                        format!("the parameter `{name}` is a string, which has no properties");
                    let hint = "describe the content of the string: replace its `schema` with `content: {application/json: \
                                {schema: …}}`";
                    return Err(self.error(key, message, hint));
                }
                let schema = self.property(key, whole, &property)?;
                let style = at("style").and_then(Value::as_str).unwrap_or("form");
                let explode = at("explode").and_then(Value::as_bool);
                let query_key = match (property.as_slice(), style) {
                    ([], _) => name.clone(),
                    (property, "deepObject") => {
                        let brackets = property.iter().map(|name| format!("[{name}]"));
                        format!("{name}{}", brackets.collect::<String>())
                    }
                    ([property], "form") if explode != Some(false) => property.clone(),
                    _ => {
                        let message = format!(
                            "the parameter `{name}` does not send each property as a query parameter"
                        );
                        let hint =
                            "use the style `deepObject`, or `content: {application/json: …}`";
                        return Err(self.error(key, message, hint));
                    }
                };
                (query_key, Vec::new(), schema)
            }
        };
        self.integer(key, &path.join("."), &schema)?;
        Ok(QueryLocation {
            query_key,
            property,
            schema,
        })
    }

    /// Returns the query parameter of this name, of the operation or of its path item.
    fn parameter(&self, key: &str, name: &str) -> Result<Pointer, ExtensionError> {
        let operation = Operation::at(self.root, self.operation);
        let parameters = operation.map_or(Vec::new(), |operation| operation.parameters());
        let of_query = parameters.iter().filter(|one| one.location == "query");
        if let Some(found) = of_query.clone().find(|one| one.name == name) {
            return Ok(found.node.pointer.clone());
        }
        let known: Vec<&str> = of_query.map(|one| one.name).collect();
        let message = format!("the operation has no query parameter `{name}`");
        let hint = match known.is_empty() {
            true => "the operation has no query parameters".to_owned(),
            false => format!("the query parameters are `{}`", known.join("`, `")),
        };
        Err(self.error(key, message, &hint))
    }

    /// Returns the schema of the JSON of the first success response.
    fn response(&self) -> Result<Pointer, ExtensionError> {
        json_response(self.root, self.operation).ok_or_else(|| {
            let message = "the operation has no JSON success response".to_owned();
            self.error("", message, "describe the response, or remove `x-paging`")
        })
    }

    fn property(
        &self,
        key: &str,
        schema: Pointer,
        path: &[String],
    ) -> Result<Pointer, ExtensionError> {
        path.iter().try_fold(schema, |schema, name| {
            property(self.root, &schema, name).ok_or_else(|| {
                let message = format!(
                    "`{key}` of `x-paging` names the property `{name}`, which does not exist"
                );
                let hint = format!("use a property of `{schema}`, or add it there");
                self.error(key, message, &hint)
            })
        })
    }

    fn integer(&self, key: &str, name: &str, schema: &Pointer) -> Result<(), ExtensionError> {
        if of_type(self.root, schema, "integer").is_some() {
            return Ok(());
        }
        let message = format!("`{name}`, which is `{key}` of `x-paging`, is not an integer");
        Err(self.error(
            key,
            message,
            &format!("set the type of `{schema}` to `integer`"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(paging: Value) -> Value {
        let integer = json!({ "type": ["integer", "null"] });
        let filter = json!({ "$ref": "#/components/schemas/Filter" });
        json!({
            "paths": { "/a": {
                "parameters": [{ "$ref": "#/components/parameters/Offset" }],
                "get": {
                    "x-paging": paging,
                    "parameters": [
                        { "name": "filter", "in": "query", "content": { "application/json": { "schema": filter } } },
                        { "name": "deep", "in": "query", "style": "deepObject", "schema": filter },
                        { "name": "pairs", "in": "query", "schema": filter },
                        { "name": "joined", "in": "query", "explode": false, "schema": filter },
                        { "name": "text", "in": "query", "schema": { "type": "string" } },
                        { "name": "head", "in": "header", "schema": integer },
                    ],
                    "responses": { "200": { "content": { "application/json": { "schema": { "allOf": [
                        { "properties": { "about": { "properties": { "total": { "type": "integer" } } } } },
                        { "properties": { "results": { "type": "array", "items": {} } } },
                    ] } } } } },
                },
            } },
            "components": {
                "parameters": { "Offset": { "name": "offset", "in": "query", "schema": integer } },
                "schemas": { "Filter": { "properties": { "skip": integer, "order": { "type": "string" } } } },
            },
        })
    }

    fn read(paging: Value) -> Result<Option<Paging>, ExtensionError> {
        Paging::of(&document(paging), &Pointer::of(["paths", "/a", "get"]))
    }

    #[test]
    fn numbers_are_located_in_every_query_style() {
        for (skip, query_key, property) in [
            ("filter.skip", "filter", &["skip"][..]),
            ("deep.skip", "deep[skip]", &[]),
            ("pairs.skip", "skip", &[]),
            ("offset", "offset", &[]),
        ] {
            let paging = read(json!({ "skip": skip, "items": "results", "total": "about.total" }));
            let paging = paging.expect("is right").expect("is there");
            assert_eq!(paging.skip.query_key, query_key);
            assert_eq!(paging.skip.property, property);
            assert_eq!(paging.items, ["results"]);
            assert_eq!(
                paging.total,
                Some(vec!["about".to_owned(), "total".to_owned()])
            );
            assert_eq!(paging.limit, None);
        }
        let root = json!({ "paths": { "/a": { "get": {} } } });
        assert_eq!(
            Paging::of(&root, &Pointer::of(["paths", "/a", "get"])),
            Ok(None)
        );
    }

    #[test]
    fn a_missing_or_mistyped_target_is_rejected_at_its_location() {
        let good = json!({ "skip": "filter.skip", "items": "results" });
        for (key, value, place, message) in [
            ("skip", json!("skip"), "/skip", "no query parameter `skip`"),
            ("skip", json!("head"), "/skip", "no query parameter `head`"),
            ("skip", json!("filter.skap"), "/skip", "the property `skap`"),
            ("skip", json!("filter.order"), "/skip", "is not an integer"),
            ("skip", json!("filter"), "/skip", "is not an integer"),
            ("skip", json!("text.skip"), "/skip", "is a string"),
            (
                "skip",
                json!("joined.skip"),
                "/skip",
                "does not send each property",
            ),
            ("skip", json!(3), "/skip", "dotted path"),
            (
                "limit",
                json!("filter.limit"),
                "/limit",
                "the property `limit`",
            ),
            (
                "items",
                json!("about"),
                "/items",
                "`about` of the response is not an array",
            ),
            ("items", json!("result"), "/items", "the property `result`"),
            (
                "total",
                json!("about.count"),
                "/total",
                "the property `count`",
            ),
            ("total", json!("results"), "/total", "is not an integer"),
            (
                "itmes",
                json!("results"),
                "/itmes",
                "unknown property `itmes`",
            ),
        ] {
            let mut paging = good.clone();
            paging[key] = value;
            let error = read(paging).expect_err(message);
            let pointer = format!("/paths/~1a/get/x-paging{place}");
            assert_eq!(error.pointer.as_str(), pointer, "{message}");
            assert!(error.message.contains(message), "{}", error.message);
            assert_ne!(error.hint, "");
        }
        let error = read(json!({ "items": "results" })).expect_err("has no skip");
        assert_eq!(error.pointer.as_str(), "/paths/~1a/get/x-paging");
        let error = read(json!({ "skip": "offset" })).expect_err("is no array");
        assert!(error.message.contains("the response"), "{}", error.message);
    }
}
