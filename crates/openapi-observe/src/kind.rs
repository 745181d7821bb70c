//! The kinds of deviations.

/// How responses, or the query of a request, differ from the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The operation does not document the status.
    Status(u16),
    /// The response does not document the media type, or documents no body.
    MediaType(String),
    /// The body is not JSON although its media type is JSON, or is a web page instead of documented JSON.
    /// No overlay accepts this.
    NotJson,
    /// Null, or an empty body, where the document does not allow it.
    Null,
    /// A required property is missing.
    Missing(String),
    /// The value has another type.
    Type,
    /// The value does not have this format.
    Format(String),
    /// A notation of this format that clients accept, so that no action is needed.
    Notation(String),
    /// A value that the enumeration lacks.
    Enumeration,
    /// A value of a discriminator that names no schema.
    Discriminator(String),
    /// A property that the document lacks.
    Undocumented(String),
    /// An object without any property of its schema, none of which is required.
    NothingMatches,
    /// A query parameter that the document lacks, in a request that succeeded.
    Parameter(String),
}
