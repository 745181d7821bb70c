//! What a generated client knows of each operation of its API description: a static table.
//!
//! Generated code holds only what depends on Rust types: the builders and their arguments. Everything
//! else about a call (where parameters go, how values are written, which responses are documented) is
//! data of this module, so that the code that reads it is compiled once, in this crate.
//!
//! The table is generated; nobody writes these types by hand except tests.

/// One operation of an API description, as the generated table `OPERATIONS` of a client lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The Rust method that calls it, for instance `list_roles_space`.
    pub rust_name: &'static str,
    /// The `operationId` of the API description, for instance `ListRolesSpace`.
    pub id: &'static str,
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path template, for instance `/iam/spaces/{spaceId}/roles`.
    pub path: &'static str,
    /// The server that only this operation has: a URL, or a path on the host of the base URL.
    pub server: Option<&'static str>,
    /// Which credentials the operation takes: its own `security` or else that of the document, and
    /// `None` where neither is stated.
    pub security: Option<Security>,
    /// The value of the `Accept` header, or `None` to send none.
    pub accept: Option<&'static str>,
    /// Whether it may be repeated without harm, where the API description says so with
    /// `x-idempotent`; otherwise its HTTP method decides.
    pub idempotent: Option<bool>,
    /// Its path, query, header and cookie parameters. Generated code refers to them by index.
    pub parameters: &'static [Parameter],
    /// Its request body, where it takes one.
    pub body: Option<RequestBody>,
    /// Its responses, successes and errors, in the order of the API description.
    pub responses: &'static [DocumentedResponse],
}

/// A parameter of an operation (OpenAPI 3.1.1, Parameter Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the API description, which is the name that is sent.
    pub name: &'static str,
    /// The Rust method of the generated builder that sets it, which error messages name.
    pub argument: &'static str,
    /// How its value is written.
    pub style: Style,
    /// Whether the values of a list or the properties of an object are written one by one
    /// (OpenAPI 3.1.1, Parameter Object, `explode`).
    pub explode: bool,
    /// Whether a call without it is an error.
    pub required: bool,
    /// Whether [`Options::parameters`](crate::Options::parameters) may give its value.
    pub client_default: bool,
    /// Whether reserved characters of a value (RFC 3986 section 2.2) are sent as they are, but for those
    /// that would end it (OpenAPI 3.1.1 and 3.2.0, Parameter Object, `allowReserved`).
    pub allow_reserved: bool,
    /// Whether a value may leave a segment of the path empty, as the API description says with
    /// `x-allow-empty`.
    pub allow_empty: bool,
}

impl Parameter {
    /// A parameter without a name that is optional, and written as `blue,black`.
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

/// How a parameter is written (OpenAPI 3.1.1, Parameter Object, "Style Values").
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
    /// The JSON of the value in one string: a parameter with `content` of a JSON media type.
    Json,
}

/// The request body of an operation (OpenAPI 3.1.1, Request Body Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestBody {
    /// The value of the `Content-Type` header. For [`Encoding::Multipart`] the boundary is added.
    pub media_type: &'static str,
    /// Whether a call without it is an error.
    pub required: bool,
    /// How the value is written.
    pub encoding: Encoding,
}

/// How a request body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As JSON.
    Json,
    /// As `application/x-www-form-urlencoded`.
    Form(&'static [Field]),
    /// As `multipart/form-data`.
    Multipart(&'static [Field]),
    /// As it is: a string, bytes or a stream.
    Raw,
}

/// How one property of a body is written in a form (OpenAPI 3.1.1, Encoding Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The property.
    pub name: &'static str,
    /// How its value is written.
    pub style: FieldStyle,
    /// The media type of its part, where the API description says one.
    pub content_type: Option<&'static str>,
}

/// How the value of a property is written in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldStyle {
    /// A scalar as it is, a list as one field for each value, an object as JSON.
    Plain,
    /// Anything as JSON.
    Json,
    /// One field for each scalar, with the path to it in brackets: `address[city]`,
    /// `items[0][price]`.
    Brackets,
    /// One field for each property of an object, by the property's own name.
    Properties,
    /// A list as one value, its items joined by the character.
    Joined(char),
    /// A [`FilePart`](crate::FilePart), or a list of them.
    File,
}

/// A response that the API description documents (OpenAPI 3.1.1, Responses Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentedResponse {
    /// The statuses that it is for.
    pub status: StatusPattern,
    /// Its media type, which tells apart several entries of one status; a range such as `image/*`
    /// is possible.
    pub media_type: Option<&'static str>,
    /// How its body is read.
    pub body: ResponseBody,
}

/// The statuses that a documented response is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status, for instance 200.
    Code(u16),
    /// All statuses with this first digit, for instance `2` for `2XX`.
    Range(u8),
    /// Every status for which there is no other entry: `default`.
    Default,
}

/// How the body of a documented response is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseBody {
    /// There is none.
    None,
    /// As JSON.
    Json,
    /// As a string.
    Text,
    /// Not at all: the caller reads it while it arrives.
    Stream,
    /// The connection becomes the caller's (101 Switching Protocols).
    Upgrade,
}

/// The security requirement of an operation (OpenAPI 3.1.1, Security Requirement Object): its
/// alternatives, each with the schemes that are met together, by their places in the table of the
/// API's schemes. An alternative without schemes is a request without credentials.
pub type Security = &'static [&'static [usize]];

/// A security scheme of an API description (OpenAPI 3.1.1, Security Scheme Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecurityScheme {
    /// Its name in the API description.
    pub name: &'static str,
    /// The method of the builder that takes its credentials, which error messages name.
    pub method: &'static str,
    /// What it takes.
    pub kind: SchemeKind,
}

/// What a security scheme takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemeKind {
    /// An API key in the header of this name.
    Header(&'static str),
    /// An API key in the query, as the parameter of this name.
    Query(&'static str),
    /// An API key in the cookie of this name.
    Cookie(&'static str),
    /// A user and a password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750), however the client comes by it.
    Bearer,
    /// A client certificate.
    MutualTls,
    /// Something that an [`Authenticator`](crate::Authenticator) knows.
    Other,
}

impl Operation {
    /// An operation without a name, parameters, body, documented responses or credentials.
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
    };

    /// The operation of `table` that the Rust method `rust_name` calls. The table is sorted by
    /// Rust name, as the generated ones are.
    pub fn find<'a>(table: &'a [Operation], rust_name: &str) -> Option<&'a Operation> {
        table
            .binary_search_by(|operation| operation.rust_name.cmp(rust_name))
            .ok()
            .map(|index| &table[index])
    }

    /// Whether a response of it is that the connection becomes the caller's.
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
    fn finds_each_operation_of_a_sorted_table_and_no_other() {
        let table = [operation("a"), operation("b"), operation("c")];
        for name in ["a", "b", "c"] {
            assert_eq!(
                Operation::find(&table, name).map(|found| found.rust_name),
                Some(name)
            );
        }
        assert_eq!(Operation::find(&table, "d"), None);
    }
}
