//! The plan of a client: the calls of a lowered document, as typed values.
//!
//! Lowering writes plans. The macro, the surface and the test list of calls read them. A plan is stored
//! with the component schemas in the file `openapi.json` of a client crate.

mod body;
mod paging;
mod response;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use body::{BodyEncoding, BodyPlan, FieldPlan, FieldStyle};
pub use paging::{NextPage, PagingPlan, Spot, Step, WorkPlan};
pub use response::{
    HeaderPlan, HeaderScalar, HeaderValue, LocatedProperty, LocatedSchema, ResponseBody,
    ResponsePlan, SchemaContents, StatusPattern,
};

/// The input of code generation: a lowered document and the plans of its operations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClientPlan {
    /// The lowered document: OpenAPI 3.0.3 with the title, the tags, the servers and the component
    /// schemas. It has no paths; see `operations`.
    pub document: Value,
    /// The security schemes of the operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<SecuritySchemePlan>,
    /// The security requirement of requests without an operation: alternatives, each with the names of
    /// the schemes that are all required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<Vec<String>>,
    /// The operations, in the order of the document.
    pub operations: Vec<OperationPlan>,
    /// The component schemas of responses, by name, with their locations in the API description.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub located_schemas: BTreeMap<String, LocatedSchema>,
    /// Whether the API description specifies null as a type (OpenAPI 3.1 and later), and not as
    /// `nullable`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub null_is_type: bool,
    /// The payloads of the requests that the server sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payloads: Vec<PayloadPlan>,
}

/// The payload of a webhook or callback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PayloadPlan {
    /// The name of the function that reads it.
    pub function: String,
    /// The summary and the description of its operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The lowered schema.
    pub schema: Value,
}

/// One generated call.
///
/// An operation that accepts several request media types, or returns several response media types, has
/// one call for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OperationPlan {
    /// The `operationId`, made unique.
    pub id: String,
    /// The name of the client's method.
    pub method_name: String,
    /// The name of the builder's type.
    pub builder_name: String,
    /// The first tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The Cargo feature of the client crate that enables the call. `None` if the call is always
    /// enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// The summary of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The description of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the operation is deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The suffix that distinguishes the call from others of the same operation: `with-multipart`,
    /// `as-events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Its own server: a URL, or a path on the host of the base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The security requirement: alternatives, each with the names of the schemes that are all
    /// required. `None` if the document has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Vec<Vec<String>>>,
    /// Whether the operation is idempotent, if the document states it. Otherwise the HTTP method
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// The parameters: those in the path first, in the order of the template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterPlan>,
    /// The request body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyPlan>,
    /// The value of the `Accept` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<String>,
    /// The documented responses, by status.
    pub responses: Vec<ResponsePlan>,
    /// The documented headers of its successes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderPlan>,
    /// How the list in its response is paginated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paging: Option<PagingPlan>,
    /// How to poll the work that it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkPlan>,
}

/// A security scheme (OpenAPI 3.1.1, Security Scheme Object).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecuritySchemePlan {
    /// The name in the document.
    pub name: String,
    /// The name of the builder's method.
    pub method_name: String,
    /// The kind of credentials.
    pub kind: SchemeKind,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The token endpoint of the client credentials grant: the `tokenUrl` of the OAuth 2 flow
    /// `clientCredentials`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// The scopes of its OAuth 2 flows, with their descriptions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<String, String>,
}

/// The credentials of a security scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SchemeKind {
    /// An API key in the header of this name.
    Header(String),
    /// An API key in the query parameter of this name.
    Query(String),
    /// An API key in the cookie of this name.
    Cookie(String),
    /// A user and a password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750): HTTP `bearer`, OAuth 2 and OpenID Connect.
    Bearer,
    /// A client certificate.
    MutualTls,
    /// Another HTTP authentication scheme, or a scheme that the document does not declare.
    Other,
}

/// One parameter of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ParameterPlan {
    /// The name that is sent.
    pub name: String,
    /// The name of the builder's setter.
    pub setter: String,
    /// Its location in the request.
    pub location: Location,
    /// Its style.
    pub style: ParameterStyle,
    /// Whether the items of a list or the properties of an object are separate values (`explode`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explode: bool,
    /// Whether it is required.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether reserved characters are sent unencoded (`allowReserved`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_reserved: bool,
    /// Whether it may leave a segment of the path empty (`x-allow-empty`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_empty: bool,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The lowered schema of the value.
    pub schema: Value,
}

/// The location of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

/// The style of a parameter (OpenAPI 3.1.1, "Style Values").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ParameterStyle {
    /// `simple`.
    Simple,
    /// `label`.
    Label,
    /// `matrix`.
    Matrix,
    /// `form`.
    Form,
    /// `spaceDelimited`.
    SpaceDelimited,
    /// `pipeDelimited`.
    PipeDelimited,
    /// `deepObject`.
    DeepObject,
    /// JSON: a parameter with `content`.
    Json,
}

impl OperationPlan {
    /// Returns the schemas of the parameters, the body and the responses.
    pub fn schemas(&self) -> impl Iterator<Item = &Value> {
        let parameters = self.parameters.iter().map(|parameter| &parameter.schema);
        let body = self.body.iter().filter_map(|body| body.encoding.schema());
        let responses = self.responses.iter();
        let responses = responses.filter_map(|response| response.body.schema());
        parameters.chain(body).chain(responses)
    }

    /// Returns the request as a string: `GET /roles`.
    pub fn request(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns the success responses, each with its index in `responses`. `default` is a success if
    /// there is no other response.
    pub fn successes(&self) -> Vec<(usize, &ResponsePlan)> {
        let is_success = |response: &ResponsePlan| matches!(response.status.class(), Some(1..=3));
        let all = || self.responses.iter().enumerate();
        let found: Vec<_> = all().filter(|(_, response)| is_success(response)).collect();
        match found.is_empty() {
            true => all()
                .filter(|(_, response)| response.status == StatusPattern::Default)
                .collect(),
            false => found,
        }
    }

    /// Returns the error responses.
    pub fn errors(&self) -> impl Iterator<Item = (usize, &ResponsePlan)> {
        let all = self.responses.iter().enumerate();
        all.filter(|(_, response)| !matches!(response.status.class(), Some(1..=3)))
    }
}
