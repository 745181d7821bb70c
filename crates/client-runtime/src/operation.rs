//! Static tables of the operations of an API description.
//!
//! Generated code contains only what depends on Rust types: the builders and their arguments. All other
//! information about a call (the location of parameters, their styles, the documented responses) is
//! data of this module, so that the code that uses it is compiled once, in this crate.
//!
//! The tables are generated. Only tests write these types by hand.

pub use crate::located_schema::{LocatedProperty, LocatedSchema, NullSchema, SchemaContents};

/// An operation of an API description, as an entry of the generated table `OPERATIONS`.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The name of the Rust method, for example `list_roles_space`.
    pub rust_name: &'static str,
    /// The `operationId` in the API description, for example `ListRolesSpace`.
    pub id: &'static str,
    /// The HTTP method, in upper case.
    pub method: &'static str,
    /// The path template, for example `/iam/spaces/{spaceId}/roles`.
    pub path: &'static str,
    /// The operation's own server: a URL, or a path on the host of the base URL.
    pub server: Option<&'static str>,
    /// The security requirement of the operation, or else of the document. `None` if neither has one.
    pub security: Option<Security>,
    /// The value of the `Accept` header, or `None` to omit the header.
    pub accept: Option<&'static str>,
    /// Whether the operation is idempotent, from the extension `x-idempotent`. `None` if the HTTP
    /// method decides.
    pub idempotent: Option<bool>,
    /// The path, query, header and cookie parameters. Generated code refers to them by index.
    pub parameters: &'static [Parameter],
    /// The request body, if there is one.
    pub body: Option<RequestBody>,
    /// The documented responses, successes and errors, in the order of the API description.
    pub responses: &'static [DocumentedResponse],
    /// How to poll the work that the operation starts or reads, from the extension `x-long-running`.
    pub work: Option<Work>,
}

/// How to poll long-running work; see [`waiting`](crate::waiting). Properties are paths in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Path parameters of the operation that reads the state, by properties of the response of the
    /// operation that starts the work.
    pub parameters: &'static [(&'static str, &'static [&'static str])],
    /// The property with the state; empty if the work is done as soon as it can be read.
    pub state: &'static [&'static str],
    /// The states in which the work is done.
    pub done: &'static [&'static str],
    /// The states in which the work has failed.
    pub failed: &'static [&'static str],
    /// The property with the reason of a failure; empty if there is none.
    pub reason: &'static [&'static str],
    /// Whether the work is done when the resource no longer exists.
    pub gone: bool,
}

impl Work {
    /// Work without a state, which is done as soon as it can be read.
    pub const UNKNOWN: Self = Self {
        parameters: &[],
        state: &[],
        done: &[],
        failed: &[],
        reason: &[],
        gone: false,
    };
}

/// A parameter of an operation (OpenAPI 3.1.1, Parameter Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the API description, which is sent.
    pub name: &'static str,
    /// The name of the builder's setter, for error messages.
    pub argument: &'static str,
    /// How the value is serialized.
    pub style: Style,
    /// Whether the items of a list or the properties of an object are separate values (OpenAPI 3.1.1,
    /// Parameter Object, `explode`).
    pub explode: bool,
    /// Whether the parameter is required.
    pub required: bool,
    /// Whether [`Options::parameters`](crate::Options::parameters) can provide a default.
    pub client_default: bool,
    /// Whether reserved characters (RFC 3986 section 2.2) are sent unencoded, except those that would
    /// end the value (OpenAPI 3.1.1 and 3.2.0, Parameter Object, `allowReserved`).
    pub allow_reserved: bool,
    /// Whether the value may be empty where that leaves a path segment empty, from the extension
    /// `x-allow-empty`.
    pub allow_empty: bool,
}

impl Parameter {
    /// An optional parameter without a name, in the style `simple`.
    pub const PLAIN: Self = Self {
        name: "",
        argument: "",
        style: Style::Simple,
        explode: false,
        required: false,
        client_default: false,
        allow_reserved: false,
        allow_empty: false,
    };
}

/// The style of a parameter (OpenAPI 3.1.1, Parameter Object, "Style Values").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `blue,black`, in a path or a header.
    Simple,
    /// `.blue,black`, in a path.
    Label,
    /// `;color=blue,black`, in a path.
    Matrix,
    /// `color=blue&color=black`, in a query or a cookie.
    Form,
    /// `color=blue%20black`, in a query.
    SpaceDelimited,
    /// `color=blue%7Cblack`, in a query.
    PipeDelimited,
    /// `color[R]=100&color[G]=200`, in a query.
    DeepObject,
    /// The value as JSON: a parameter with `content` of a JSON media type.
    Json,
}

/// The request body of an operation (OpenAPI 3.1.1, Request Body Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestBody {
    /// The value of the `Content-Type` header. The boundary of [`Encoding::Multipart`] is added to it.
    pub media_type: &'static str,
    /// Whether the body is required.
    pub required: bool,
    /// How the value is encoded.
    pub encoding: Encoding,
}

/// The encoding of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As JSON.
    Json,
    /// As `application/x-www-form-urlencoded`.
    Form(&'static [Field]),
    /// As `multipart/form-data`.
    Multipart(&'static [Field]),
    /// Unchanged: a string, bytes or a stream.
    Raw,
}

/// How a property of a form is encoded (OpenAPI 3.1.1, Encoding Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name of the property.
    pub name: &'static str,
    /// How its value is encoded.
    pub style: FieldStyle,
    /// The media type of its part, if the API description has one.
    pub content_type: Option<&'static str>,
}

/// The encoding of a property of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldStyle {
    /// Scalars as strings, lists as one field for each item, objects as JSON.
    Plain,
    /// All values as JSON.
    Json,
    /// One field for each scalar, with its path in brackets: `address[city]`, `items[0][price]`.
    Brackets,
    /// One field for each property of an object, with the name of that property.
    Properties,
    /// A list as one value, with its items joined by the character.
    Joined(char),
    /// A [`FilePart`](crate::FilePart), or a list of them.
    File,
}

/// A documented response (OpenAPI 3.1.1, Responses Object).
#[derive(Debug, Clone, Copy)]
pub struct DocumentedResponse {
    /// The statuses of the response.
    pub status: StatusPattern,
    /// The media type, which distinguishes several entries of one status. May be a range such as
    /// `image/*`.
    pub media_type: Option<&'static str>,
    /// How the body is read.
    pub body: ResponseBody,
    /// The schema of the body, or of the items of a stream.
    pub schema: Option<&'static LocatedSchema>,
}

impl DocumentedResponse {
    /// The response of every status, without a body.
    pub const PLAIN: Self = Self {
        status: StatusPattern::Default,
        media_type: None,
        body: ResponseBody::None,
        schema: None,
    };
}

/// The statuses of a documented response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status, for example 200.
    Code(u16),
    /// All statuses with this first digit, for example `2` for `2XX`.
    Range(u8),
    /// All statuses without another entry: `default`.
    Default,
}

/// How the body of a documented response is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseBody {
    /// There is no body.
    None,
    /// As JSON.
    Json,
    /// As a string.
    Text,
    /// Not read: the caller streams it.
    Stream,
    /// Not read: the caller takes over the connection (101 Switching Protocols).
    Upgrade,
}

/// The security requirement of an operation (OpenAPI 3.1.1, Security Requirement Object): its
/// alternatives, each a list of schemes that are all required, as indices into the table of schemes. An
/// empty alternative means that no credentials are required.
pub type Security = &'static [&'static [usize]];

/// A security scheme of an API description (OpenAPI 3.1.1, Security Scheme Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecurityScheme {
    /// The name in the API description.
    pub name: &'static str,
    /// The name of the builder's method, for error messages.
    pub method: &'static str,
    /// The kind of credentials.
    pub kind: SchemeKind,
}

/// The credentials of a security scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemeKind {
    /// An API key in the header of this name.
    Header(&'static str),
    /// An API key in the query parameter of this name.
    Query(&'static str),
    /// An API key in the cookie of this name.
    Cookie(&'static str),
    /// A user and a password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750) from any source.
    Bearer,
    /// A client certificate.
    MutualTls,
    /// Any other scheme, for an [`Authenticator`](crate::Authenticator).
    Other,
}

impl Operation {
    /// An operation without a name, parameters, body, documented responses or security requirement.
    pub const PLAIN: Self = Self {
        rust_name: "",
        id: "",
        method: "",
        path: "",
        server: None,
        security: None,
        accept: None,
        idempotent: None,
        parameters: &[],
        body: None,
        responses: &[],
        work: None,
    };

    /// Returns the operation of the Rust method `rust_name`. `table` must be sorted by Rust name, as
    /// the generated ones are.
    pub fn find<'a>(table: &'a [Operation], rust_name: &str) -> Option<&'a Operation> {
        table
            .binary_search_by(|operation| operation.rust_name.cmp(rust_name))
            .ok()
            .map(|index| &table[index])
    }

    /// Returns true if a response of the operation switches protocols.
    pub(crate) fn switches_protocols(&self) -> bool {
        let is_upgrade = |response: &DocumentedResponse| response.body == ResponseBody::Upgrade;
        self.responses.iter().any(is_upgrade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn operation(rust_name: &'static str) -> Operation {
        Operation {
            rust_name,
            ..Operation::PLAIN
        }
    }

    #[test]
    fn each_operation_of_a_sorted_table_is_found() {
        let table = [operation("a"), operation("b"), operation("c")];
        for name in ["a", "b", "c"] {
            assert_eq!(
                Operation::find(&table, name).map(|found| found.rust_name),
                Some(name)
            );
        }
        assert!(Operation::find(&table, "d").is_none());
    }
}
