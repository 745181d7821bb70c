//! The direction in which a value is sent.

/// The direction in which a value is sent. `readOnly` properties are omitted from requests and
/// `writeOnly` properties from responses, even if they are required (OpenAPI 3.0.3, Schema Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}
