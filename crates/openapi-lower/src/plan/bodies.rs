//! The body of a request in a plan, with the encodings of its properties.

use client_codegen::plan::{BodyEncoding, BodyPlan, FieldPlan, FieldStyle};
use serde_json::{Value, json};

use super::plans::Reader;
use crate::media_type::{Notation, all_properties, is_json};
use crate::rust_type::{not_null, runtime_path};
use crate::schema::{resolved, type_of};

impl Reader<'_> {
    pub(super) fn body(&self) -> Option<BodyPlan> {
        let body = self.operation.request_body()?;
        let content = body.content().into_iter().next()?;
        let (media_type, media) = (content.name, content.node.value);
        let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
        let notation = Notation::of(self.components, media_type, media);
        let lists_none = all_properties(self.components, &schema).is_empty();
        let (fallback, encoding) = match notation {
            Notation::Json => ("application/json", BodyEncoding::Json { schema }),
            Notation::Form => {
                let fields = self.fields(&schema, &media["encoding"], false);
                let media_type = "application/x-www-form-urlencoded";
                (media_type, BodyEncoding::Form { schema, fields })
            }
            Notation::Multipart if !lists_none => {
                let fields = self.fields(&schema, &media["encoding"], true);
                (
                    "multipart/form-data",
                    BodyEncoding::Multipart { schema, fields },
                )
            }
            Notation::Text => ("text/plain", BodyEncoding::Text),
            Notation::JsonLines if media.get("itemSchema").is_some() => {
                let item = media["itemSchema"].clone();
                ("application/x-ndjson", BodyEncoding::JsonLines { item })
            }
            _ => ("application/octet-stream", BodyEncoding::Bytes),
        };
        let media_type = match media_type.contains('*') {
            true => fallback,
            false => media_type,
        };
        Some(BodyPlan {
            media_type: media_type.to_owned(),
            required: body.node.is_true("required"),
            encoding,
            description: body.node.string("description").map(str::to_owned),
        })
    }

    /// The encodings of the properties of a form: those that `encoding` names, and in a multipart form all
    /// of them, in document order.
    fn fields(&self, schema: &Value, encoding: &Value, all: bool) -> Vec<FieldPlan> {
        all_properties(self.components, schema)
            .into_iter()
            .filter(|(name, _)| all || encoding.get(name).is_some())
            .map(|(name, schema)| self.field(&schema, &encoding[&name], name))
            .collect()
    }

    /// The encoding of one property (OpenAPI 3.1.1, Encoding Object): `style` and `explode` as in a query
    /// if they are given, otherwise according to the content type.
    fn field(&self, schema: &Value, encoding: &Value, name: String) -> FieldPlan {
        let has_style = ["style", "explode", "allowReserved"]
            .iter()
            .any(|keyword| encoding.get(keyword).is_some());
        let style = encoding["style"].as_str().unwrap_or("form");
        let exploded = encoding["explode"].as_bool().unwrap_or(style == "form");
        // The first of several content types is used, unless it is a wildcard.
        let content_type = encoding["contentType"].as_str();
        let content_type = content_type
            .and_then(|types| types.split(',').next())
            .map(str::trim)
            .filter(|name| !name.contains('*'));
        let schema = resolved(self.components, not_null(schema));
        let is_list = type_of(schema) == Some("array");
        let style = if is_file(schema) || is_file(&schema["items"]) {
            FieldStyle::File
        } else if content_type.is_some_and(is_json) {
            FieldStyle::Json
        } else if !has_style {
            FieldStyle::Plain
        } else {
            match (style, exploded, is_list) {
                ("deepObject", ..) => FieldStyle::Brackets,
                ("spaceDelimited", false, true) => FieldStyle::Joined(' '),
                ("pipeDelimited", false, true) => FieldStyle::Joined('|'),
                (_, false, true) => FieldStyle::Joined(','),
                (_, true, false) => FieldStyle::Properties,
                _ => FieldStyle::Plain,
            }
        };
        FieldPlan {
            name,
            style,
            content_type: content_type.filter(|_| !has_style).map(str::to_owned),
        }
    }
}

fn is_file(schema: &Value) -> bool {
    runtime_path(schema) == Some("FilePart")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plans::testing::plan_of;

    #[test]
    fn a_form_has_the_encoding_of_its_properties() {
        let list = json!({ "type": "array", "items": { "type": "string" } });
        let file = json!({ "x-rust-type": { "path": "client_runtime::FilePart" } });
        let media = json!({
            "schema": { "type": "object", "properties": {
                "a": list, "b": list, "c": { "type": "object" }, "d": {}, "e": list,
                "f": { "type": "array", "items": file },
            } },
            "encoding": {
                "a": { "style": "deepObject", "explode": true },
                "b": { "explode": false },
                "c": { "style": "form" },
                "d": { "contentType": "application/json" },
                "f": { "contentType": "image/png, image/jpeg" },
            },
        });
        let field = |name: &str, style, content_type: Option<&str>| FieldPlan {
            name: name.to_owned(),
            style,
            content_type: content_type.map(str::to_owned),
        };
        let encoded = [
            field("a", FieldStyle::Brackets, None),
            field("b", FieldStyle::Joined(','), None),
            field("c", FieldStyle::Properties, None),
            field("d", FieldStyle::Json, Some("application/json")),
            field("e", FieldStyle::Plain, None),
            field("f", FieldStyle::File, Some("image/png")),
        ];
        for (name, expected) in [
            ("multipart/form-data", encoded.to_vec()),
            (
                "application/x-www-form-urlencoded",
                encoded
                    .iter()
                    .filter(|field| field.name != "e")
                    .cloned()
                    .collect(),
            ),
        ] {
            let body = json!({ "content": { name: media } });
            let (plan, _) = plan_of(
                "/a",
                "post",
                json!({ "operationId": "a", "requestBody": body }),
            );
            let body = plan.body.expect("has a body");
            assert_eq!(body.media_type, name);
            match body.encoding {
                BodyEncoding::Form { fields, .. } | BodyEncoding::Multipart { fields, .. } => {
                    assert_eq!(fields, expected);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
