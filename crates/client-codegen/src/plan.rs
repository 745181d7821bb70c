//! The plan of a client: what a lowered document says of each call, as typed values.
//!
//! The lowering writes plans, and everything else that has to know how a call is made reads them: the
//! macro, the surface, the list of calls of the tests. A plan is serialized beside the component
//! schemas in the file `openapi.json` of a client crate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All that a client is generated from: a lowered document and the plans of its operations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientPlan {
    /// The lowered document: OpenAPI 3.0.3 with the title, the tags, the servers and the component
    /// schemas. It has no paths; the operations are beside it.
    pub document: Value,
    /// The security schemes that operations may take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<SecuritySchemePlan>,
    /// The credentials of requests that no operation makes: alternatives, each with the names of the
    /// schemes that are met together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<Vec<String>>,
    /// The operations, in the order of the document.
    pub operations: Vec<OperationPlan>,
}

/// One generated call.
///
/// An operation of the document that takes several media types, or responds with several, has one call
/// for each.
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
    /// The summary of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The description of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether callers should stop using it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// What tells the call apart from others of the same operation: `with-multipart`, `as-events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The server of its own: a URL, or a path on the host of the other operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The credentials that it takes: alternatives, each with the names of the schemes that are met
    /// together. `None` where the document does not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Vec<Vec<String>>>,
    /// Whether it may be repeated without harm, where the document states it; otherwise the HTTP method
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// Its parameters: those in the path first, in the order of the template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterPlan>,
    /// Its request body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyPlan>,
    /// The value of the header `Accept`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<String>,
    /// Its documented responses, by status.
    pub responses: Vec<ResponsePlan>,
    /// The headers that its successes document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderPlan>,
    /// How its response is a page of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paging: Option<PagingPlan>,
}

/// A security scheme (OpenAPI 3.1.1, Security Scheme Object).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecuritySchemePlan {
    /// Its name in the document.
    pub name: String,
    /// The name of the builder's method that takes its credentials.
    pub method_name: String,
    /// What it takes.
    pub kind: SchemeKind,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where a client exchanges its own credentials for a token: the `tokenUrl` of the OAuth 2 flow
    /// `clientCredentials`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// The scopes of its OAuth 2 flows, with their descriptions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<String, String>,
}

/// What a security scheme takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SchemeKind {
    /// An API key in the header of this name.
    Header(String),
    /// An API key in the query, as the parameter of this name.
    Query(String),
    /// An API key in the cookie of this name.
    Cookie(String),
    /// A user and a password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750): `bearer` of HTTP, OAuth 2 and OpenID Connect.
    Bearer,
    /// A client certificate.
    MutualTls,
    /// Another scheme of HTTP authentication, or a scheme that the document does not declare.
    Other,
}

/// One parameter of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ParameterPlan {
    /// Its name on the wire.
    pub name: String,
    /// The name of the builder's setter.
    pub setter: String,
    /// Where in the request it is.
    pub location: Location,
    /// How its value is serialized.
    pub style: ParameterStyle,
    /// Whether a list or an object is one value for each item or property.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explode: bool,
    /// Whether a call needs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether reserved characters of its value are sent as they are (`allowReserved`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_reserved: bool,
    /// Whether its value may leave a segment of the path empty (`x-allow-empty`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_empty: bool,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The lowered schema of its value.
    pub schema: Value,
}

/// Where in a request a parameter is.
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

/// How a parameter is serialized (OpenAPI 3.1.1, "Style Values").
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
    /// One JSON text: a parameter with `content`.
    Json,
}

/// The request body of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BodyPlan {
    /// Its media type.
    pub media_type: String,
    /// Whether a call needs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// How it is written.
    pub encoding: BodyEncoding,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How a request body is written.
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
        /// The properties that are not written in the default way.
        fields: Vec<FieldPlan>,
    },
    /// As `multipart/form-data`.
    Multipart {
        /// The lowered schema.
        schema: Value,
        /// The properties that are not written in the default way.
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
    /// The schema of the body, or of its items, where it is typed.
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

/// How one property of a form is written (OpenAPI 3.1.1, Encoding Object).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FieldPlan {
    /// The property.
    pub name: String,
    /// How its value is written.
    pub style: FieldStyle,
    /// The media type of its part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// How the value of a property is written in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldStyle {
    /// A scalar as it is, a list as one field for each item, an object as JSON.
    Plain,
    /// As JSON.
    Json,
    /// One field for each scalar, with the way to it in brackets.
    Brackets,
    /// One field for each property of an object.
    Properties,
    /// A list as one value, joined by this character.
    Joined(char),
    /// A file, or a list of files.
    File,
}

/// One documented response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResponsePlan {
    /// The key of the document: `200`, `2XX` or `default`.
    pub status: StatusPattern,
    /// The media type of its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What its body is.
    pub body: ResponseBody,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// One documented header of the successes of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HeaderPlan {
    /// Its name on the wire.
    pub name: String,
    /// The name of the method that reads it.
    pub method_name: String,
    /// What its value is.
    pub value: HeaderValue,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What the value of a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderValue {
    /// One scalar.
    One(HeaderScalar),
    /// A list of scalars, with commas between them.
    List(HeaderScalar),
}

/// What a scalar in a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HeaderScalar {
    /// A string, or what has no simpler type.
    String,
    /// A string that must not be shown.
    Secret,
    /// A boolean.
    Boolean,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// A number with all its digits.
    Decimal,
    /// A date with a time.
    DateTime,
    /// A date.
    Date,
    /// A UUID.
    Uuid,
}

/// The statuses that a documented response is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StatusPattern {
    /// One status code.
    Code(u16),
    /// All status codes that begin with a digit.
    Range(u8),
    /// Every status that no other response is for.
    Default,
}

impl StatusPattern {
    /// Reads a key of `responses`; `None` if it is not one.
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

    /// The first digit of the statuses; `None` for `default`.
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

/// What the body of a response is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResponseBody {
    /// Nothing.
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
    /// The connection itself, after `101 Switching Protocols`.
    Upgrade,
}

impl ResponseBody {
    /// The schema of the body, or of its items, where it is typed.
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

/// How a list comes in pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PagingPlan {
    /// The way from the response to the items.
    pub items: Vec<Step>,
    /// The lowered schema of one item.
    pub item: Value,
    /// What follows a page.
    pub next: NextPage,
}

/// How the next page is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NextPage {
    /// By a token in the response.
    Token {
        /// The setter of the parameter that takes it.
        setter: String,
        /// The way from the response to it.
        token: Vec<Step>,
    },
    /// By the number of items to pass over.
    Position {
        /// Where the request has the number of items to pass over.
        skip: Spot,
        /// Where the request has the number of items of a page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Spot>,
        /// The way from the response to the number of all items.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<Vec<Step>>,
    },
}

/// Where a number is in a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// The name of the pair.
    pub pair: String,
    /// The properties that lead to the number, where the value of the pair is JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub property: Vec<String>,
}

/// From one value of a response to another inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// To a property.
    Property {
        /// Its name.
        name: String,
        /// Whether it may be absent or `null`.
        optional: bool,
    },
    /// To the value that is not null, of the runtime's `Nullable`.
    NotNull,
    /// To the one value that a type is around.
    Inside,
}

impl OperationPlan {
    /// The schemas of its parameters, its body and its responses.
    pub fn schemas(&self) -> impl Iterator<Item = &Value> {
        let parameters = self.parameters.iter().map(|parameter| &parameter.schema);
        let body = self.body.iter().filter_map(|body| body.encoding.schema());
        let responses = self.responses.iter();
        let responses = responses.filter_map(|response| response.body.schema());
        parameters.chain(body).chain(responses)
    }

    /// The request as people write it: `GET /roles`.
    pub fn request(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The responses that are successes, each with its index in `responses`. `default` is one where no
    /// other response is.
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

    /// The responses that are errors.
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
