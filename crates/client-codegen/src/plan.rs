//! The plan of a client: the calls of a lowered document, as typed values.
//!
//! Lowering writes plans. The macro, the surface and the test list of calls read them. A plan is stored
//! with the component schemas in the file `openapi.json` of a client crate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

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

/// The request body of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BodyPlan {
    /// The media type.
    pub media_type: String,
    /// Whether it is required.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// How it is encoded.
    pub encoding: BodyEncoding,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The encoding of a request body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyEncoding {
    /// As JSON.
    Json {
        /// The lowered schema.
        schema: Value,
    },
    /// As `application/x-www-form-urlencoded`.
    Form {
        /// The lowered schema.
        schema: Value,
        /// The properties with an encoding other than the default.
        fields: Vec<FieldPlan>,
    },
    /// As `multipart/form-data`.
    Multipart {
        /// The lowered schema.
        schema: Value,
        /// The properties with an encoding other than the default.
        fields: Vec<FieldPlan>,
    },
    /// As a string.
    Text,
    /// As bytes.
    Bytes,
    /// As JSON lines.
    JsonLines {
        /// The lowered schema of one line.
        item: Value,
    },
}

impl BodyEncoding {
    /// Returns the schema of the body, or of its items, if it is typed.
    pub fn schema(&self) -> Option<&Value> {
        match self {
            Self::Json { schema }
            | Self::Form { schema, .. }
            | Self::Multipart { schema, .. }
            | Self::JsonLines { item: schema } => Some(schema),
            Self::Text | Self::Bytes => None,
        }
    }
}

/// The encoding of a property of a form (OpenAPI 3.1.1, Encoding Object).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FieldPlan {
    /// The name of the property.
    pub name: String,
    /// The encoding of its value.
    pub style: FieldStyle,
    /// The media type of its part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// The encoding of the value of a property of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldStyle {
    /// Scalars as strings, lists as one field for each item, objects as JSON.
    Plain,
    /// As JSON.
    Json,
    /// One field for each scalar, with its path in brackets.
    Brackets,
    /// One field for each property of an object.
    Properties,
    /// A list as one value, with its items joined by this character.
    Joined(char),
    /// A file, or a list of files.
    File,
}

/// One documented response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResponsePlan {
    /// The key in the document: `200`, `2XX` or `default`.
    pub status: StatusPattern,
    /// The media type of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The kind of the body.
    pub body: ResponseBody,
    /// The schema of the body, or of its items, with its location in the API description, unless it is
    /// a reference to a component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located: Option<LocatedSchema>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A schema of a response with its location in the API description. From it, a client derives the
/// overlay action that accepts a response which the schema does not allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LocatedSchema {
    /// The JSON pointer of the schema in the API description. Empty if it is not exactly known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The `type` that the schema has there. Empty if it has none or several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The schemas inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<SchemaContents>,
}

/// The schemas inside a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SchemaContents {
    /// The component of this name.
    Reference(String),
    /// The schema of the items.
    Items(Box<LocatedSchema>),
    /// The schema of the values of a map.
    Values(Box<LocatedSchema>),
    /// The properties, by name.
    Properties(BTreeMap<String, LocatedProperty>),
}

/// A property of an object in a response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LocatedProperty {
    /// The JSON pointer of the schema whose `required` has the property. Empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub required_at: String,
    /// The schema of the value.
    pub schema: LocatedSchema,
}

/// A documented header of the successes of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HeaderPlan {
    /// The name that is sent.
    pub name: String,
    /// The name of the method that reads it.
    pub method_name: String,
    /// The type of the value.
    pub value: HeaderValue,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The type of the value of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderValue {
    /// One scalar.
    One(HeaderScalar),
    /// A list of scalars, separated by commas.
    List(HeaderScalar),
}

/// The type of a scalar in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderScalar {
    /// A string, or a value without a simpler type.
    String,
    /// A secret, which is never printed.
    Secret,
    /// A boolean.
    Boolean,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// A decimal number with all its digits.
    Decimal,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A UUID.
    Uuid,
}

/// The statuses of a documented response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StatusPattern {
    /// One status code.
    Code(u16),
    /// All status codes with this first digit.
    Range(u8),
    /// All statuses without another response.
    Default,
}

impl StatusPattern {
    /// Parses a key of `responses`; `None` if it is invalid.
    pub fn parse(key: &str) -> Option<Self> {
        if key == "default" {
            return Some(Self::Default);
        }
        let first = key
            .bytes()
            .next()
            .filter(|byte| (b'1'..=b'5').contains(byte))?;
        if key.len() == 3 && key[1..].eq_ignore_ascii_case("xx") {
            return Some(Self::Range(first - b'0'));
        }
        key.parse()
            .ok()
            .filter(|code| (100..600).contains(code))
            .map(Self::Code)
    }

    /// Returns the first digit of the statuses; `None` for `default`.
    pub fn class(self) -> Option<u8> {
        match self {
            Self::Code(code) => u8::try_from(code / 100).ok(),
            Self::Range(class) => Some(class),
            Self::Default => None,
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl From<StatusPattern> for String {
    fn from(pattern: StatusPattern) -> Self {
        pattern.to_string()
    }
}

impl TryFrom<String> for StatusPattern {
    type Error = String;

    fn try_from(key: String) -> Result<Self, String> {
        Self::parse(&key)
            .ok_or_else(|| format!("`{key}` is not a status code, a range or `default`"))
    }
}

/// The body of a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResponseBody {
    /// No body.
    None,
    /// JSON.
    Json {
        /// The lowered schema.
        schema: Value,
    },
    /// A string.
    Text,
    /// Bytes, which the caller streams.
    Bytes,
    /// Server-sent events, which the caller streams.
    Events {
        /// The lowered schema of the data of one event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Value>,
    },
    /// JSON lines, which the caller streams.
    JsonLines {
        /// The lowered schema of one line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Value>,
    },
    /// A JSON text sequence (RFC 7464), which the caller streams.
    JsonSequence {
        /// The lowered schema of one record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<Value>,
    },
    /// The connection, after `101 Switching Protocols`.
    Upgrade,
}

impl ResponseBody {
    /// Returns the schema of the body, or of its items, if it is typed.
    pub fn schema(&self) -> Option<&Value> {
        match self {
            Self::Json { schema } => Some(schema),
            Self::Events { item } | Self::JsonLines { item } | Self::JsonSequence { item } => {
                item.as_ref()
            }
            Self::None | Self::Text | Self::Bytes | Self::Upgrade => None,
        }
    }
}

/// How a list is paginated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PagingPlan {
    /// The path from the response to the items.
    pub items: Vec<Step>,
    /// The lowered schema of one item.
    pub item: Value,
    /// How the next page is requested.
    pub next: NextPage,
}

/// How the next page is requested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NextPage {
    /// By a token in the response.
    Token {
        /// The setter of the parameter for the token.
        setter: String,
        /// The path from the response to the token.
        token: Vec<Step>,
    },
    /// By an offset: the number of items to skip.
    Position {
        /// The location of the offset in the request.
        skip: Spot,
        /// The location of the page size in the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Spot>,
        /// The path from the response to the total number of items.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<Vec<Step>>,
    },
}

/// The location of a number in a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// The name of the query parameter.
    pub pair: String,
    /// The properties that lead to the number, if the value of the parameter is JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub property: Vec<String>,
}

/// How to poll long-running work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WorkPlan {
    /// The `id` of the call that reads the state, which may be the call itself.
    pub read: String,
    /// Path parameters of that call, each with the properties that lead to its value in the response of
    /// this call. The others have the values of this call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The properties that lead to the state; empty if the work is done as soon as it can be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
    /// The states in which the work is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
    /// The states in which the work has failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    /// The properties that lead to the reason of a failure; empty if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason: Vec<String>,
    /// Whether the work is done when the resource no longer exists.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// A step from a value of a response to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// To a property.
    Property {
        /// The name of the property.
        name: String,
        /// Whether it may be absent or `null`.
        optional: bool,
    },
    /// To the value of a `Nullable` that is not null.
    NotNull,
    /// To the only value of a newtype.
    Inside,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_key_is_read_and_written_as_the_document_has_it() {
        for key in ["200", "404", "2XX", "default"] {
            let pattern = StatusPattern::parse(key).expect("is a key");
            assert_eq!(pattern.to_string(), key);
        }
        assert_eq!(StatusPattern::parse("4xx"), Some(StatusPattern::Range(4)));
        for key in ["", "20", "2000", "6XX", "x-note", "99"] {
            assert_eq!(StatusPattern::parse(key), None, "{key}");
        }
    }
}
