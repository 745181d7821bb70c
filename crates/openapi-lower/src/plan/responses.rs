//! The responses of a plan.

use client_codegen::plan::{ResponseBody, ResponsePlan, StatusPattern};
use serde_json::{Value, json};

use super::plans::Reader;
use crate::media_type::Notation;

/// The extension with which dropshot marks an operation that opens a WebSocket.
const WEB_SOCKET: &str = "x-dropshot-websocket";

impl Reader<'_> {
    /// The documented responses. A status with several media types has one for each.
    pub(super) fn responses(&self) -> Vec<ResponsePlan> {
        let opens_web_socket = self.operation.node.property(WEB_SOCKET).is_some();
        let mut plans = Vec::new();
        if opens_web_socket {
            plans.push(ResponsePlan {
                status: StatusPattern::Code(101),
                media_type: None,
                body: ResponseBody::Upgrade,
                located: None,
                description: None,
            });
        }
        for (key, response) in self.operation.responses() {
            let Some(status) = StatusPattern::parse(key) else {
                continue;
            };
            if status == StatusPattern::Code(101) && opens_web_socket {
                continue;
            }
            let description = described(&response.node.value["description"]);
            let content = response.content();
            if content.is_empty() {
                plans.push(ResponsePlan {
                    status,
                    media_type: None,
                    body: match status {
                        StatusPattern::Code(101) => ResponseBody::Upgrade,
                        _ => ResponseBody::None,
                    },
                    located: None,
                    description,
                });
                continue;
            }
            let is_error = status.class().is_some_and(|class| class > 3);
            for media in content {
                plans.push(ResponsePlan {
                    status,
                    media_type: Some(media.name.to_owned()),
                    body: self.response_body(media.name, media.node.value, is_error),
                    located: None,
                    description: description.clone(),
                });
            }
        }
        plans
    }

    fn response_body(&self, media_type: &str, media: &Value, is_error: bool) -> ResponseBody {
        let schema = media.get("schema").cloned();
        match Notation::of(self.components, media_type, media) {
            Notation::Json => ResponseBody::Json {
                schema: schema.unwrap_or_else(|| json!({})),
            },
            Notation::Text | Notation::Form | Notation::Multipart => ResponseBody::Text,
            // The body of an error is read completely.
            _ if is_error => ResponseBody::Text,
            Notation::Bytes => ResponseBody::Bytes,
            Notation::Events => ResponseBody::Events { item: schema },
            Notation::JsonLines => ResponseBody::JsonLines { item: schema },
            Notation::JsonSequence => ResponseBody::JsonSequence { item: schema },
        }
    }
}

/// A description that is not empty.
pub(super) fn described(description: &Value) -> Option<String> {
    let description = description
        .as_str()
        .filter(|description| !description.is_empty());
    description.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plans::testing::plan_of;
    use serde_json::Map;

    #[test]
    fn every_status_and_media_type_keeps_its_body() {
        let content = |names: &[&str]| {
            let entries = names
                .iter()
                .map(|name| ((*name).to_owned(), json!({ "schema": {} })));
            json!({ "description": "d", "content": entries.collect::<Map<_, _>>() })
        };
        let (plan, _) = plan_of(
            "/a",
            "get",
            json!({ "operationId": "a", "responses": {
                "200": content(&["application/vnd.x+json"]),
                "2XX": content(&["application/pdf"]),
                "204": { "description": "" },
                "400": content(&["application/json", "application/problem+json"]),
                "default": content(&["text/html"]),
                "x-note": {},
            } }),
        );
        let bodies: Vec<(String, bool)> = plan
            .responses
            .iter()
            .map(|response| {
                let is_json = matches!(response.body, ResponseBody::Json { .. });
                (response.status.to_string(), is_json)
            })
            .collect();
        let expected = [
            ("200", true),
            ("2XX", false),
            ("204", false),
            ("400", true),
            ("400", true),
            ("default", false),
        ];
        assert_eq!(
            bodies,
            expected.map(|(status, is_json)| (status.to_owned(), is_json))
        );
        assert_eq!(
            plan.accept.as_deref(),
            Some("application/vnd.x+json, application/pdf")
        );
        assert_eq!(plan.successes().len(), 3);
    }
}
