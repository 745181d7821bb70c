//! The changes that a comparison does not find, with the reasons.

/// One limit of the comparison.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is not compared, or not decided.
    pub what: &'static str,
    /// The reason.
    pub why: &'static str,
}

/// All limits.
pub static LIMITS: &[Limit] = &[
    Limit {
        what: "Changes of constraints on responses, such as bounds and patterns, are never breaking.",
        why: "The client accepts values that violate them.",
    },
    Limit {
        what: "Additional values of enumerations in responses are not breaking.",
        why: "The client keeps unknown values. A caller that matches on the values needs a wildcard.",
    },
    Limit {
        what: "It is not determined whether a changed pattern matches more or fewer strings, so the change may break.",
        why: "This comparison is undecidable for the regular expressions of JSON Schema.",
    },
    Limit {
        what: "`not`, `contains`, `if`, `contentSchema`, and `dependentSchemas` with more than `required`, are compared as a whole.",
        why: "Whether a change inside them allows more or less depends on the whole schema.",
    },
    Limit {
        what: "Two alternatives are assumed to overlap unless types, required properties or enumerations exclude it.",
        why: "Patterns and bounds rarely exclude all common values.",
    },
    Limit {
        what: "Alternatives are compared in pairs. An alternative of several types is not compared with several alternatives of one type each.",
        why: "Reports name the alternative that changed.",
    },
    Limit {
        what: "A `oneOf` inside an `anyOf`, or the reverse, is compared as one alternative, unless each of its alternatives lists other values of a required property.",
        why: "Without the nesting it would allow other values, unless its alternatives exclude each other.",
    },
    Limit {
        what: "An `allOf` of alternatives and other schemas is not equal to alternatives that each have these schemas.",
        why: "Reports name alternatives as the document does, and the distribution multiplies them.",
    },
    Limit {
        what: "Two patterns for the same strings are equal only if they differ in escapes or in the group around all of the pattern.",
        why: "With back-references, it is undecidable whether two patterns match the same strings.",
    },
    Limit {
        what: "A pattern such as `^.+$` instead of `minLength: 1` may break.",
        why: "The pattern also rejects strings of line breaks, which clients rarely send.",
    },
    Limit {
        what: "It is not determined whether a value that an alternative of `oneOf` allows since a change also matches another alternative.",
        why: "Documents rarely intend to reject such values.",
    },
    Limit {
        what: "The alternatives of a schema with both `oneOf` and `anyOf` are compared as one list.",
        why: "Such schemas are rare.",
    },
    Limit {
        what: "A schema without `type` describes objects if it describes properties, and arrays if it describes items.",
        why: "Documents that omit `type` rarely intend to allow other values.",
    },
    Limit {
        what: "Patterns are not applied to listed values.",
        why: "A vendor lists values that match its pattern.",
    },
    Limit {
        what: "Properties that `patternProperties` described before count as new.",
        why: "The comparison does not determine which names a pattern matches.",
    },
    Limit {
        what: "Changes of links count as changes of descriptions.",
        why: "The client does not follow them.",
    },
    Limit {
        what: "Webhooks and callbacks are compared on the wire only.",
        why: "The client does not handle incoming requests.",
    },
    Limit {
        what: "`allowEmptyValue` and `xml` are not compared.",
        why: "OpenAPI advises against the first, and the client does not read XML.",
    },
    Limit {
        what: "Changes of operations whose `x-stability-level` was `draft` or `alpha` have the verdict may-break at most.",
        why: "The vendor does not promise compatibility.",
    },
    Limit {
        what: "`x-extensible-enum` is compared where both documents have it.",
        why: "The list does not restrict values, so adding or removing it is not a change of the allowed values.",
    },
    Limit {
        what: "Path parameters that their path does not name are not compared.",
        why: "Clients do not send them.",
    },
    Limit {
        what: "The scopes that a security scheme offers are not compared.",
        why: "Each operation lists the scopes that it requires.",
    },
    Limit {
        what: "Components that no operation uses are not compared.",
        why: "Clients do not send them.",
    },
];
