//! What a comparison does not find, with the reasons.

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
        what: "Constraints of values in responses, such as bounds and patterns, never break.",
        why: "The client reads values outside of them.",
    },
    Limit {
        what: "Additional values of enumerations in responses do not break.",
        why: "The client keeps values that it does not know. A caller that matches all of them needs a wildcard.",
    },
    Limit {
        what: "Whether one pattern matches more strings than another is not decided: the change may break.",
        why: "It is undecidable for the regular expressions of JSON Schema.",
    },
    Limit {
        what: "`not`, `contains`, `if`, `dependentSchemas` and `contentSchema` are compared as a whole.",
        why: "Whether a change inside them allows more or less depends on the whole schema.",
    },
    Limit {
        what: "Two alternatives overlap unless types, required properties or enumerations exclude it.",
        why: "Patterns and bounds that exclude a common value are too rare to look for.",
    },
    Limit {
        what: "A `oneOf` inside an `anyOf`, or the reverse, is compared as one alternative.",
        why: "Without the nesting it would allow other values, unless its alternatives exclude each other.",
    },
    Limit {
        what: "Properties that were described by `patternProperties` before count as new.",
        why: "Which names a pattern matches is not decided.",
    },
    Limit {
        what: "Links only count as descriptions.",
        why: "The client does not follow them.",
    },
    Limit {
        what: "Webhooks and callbacks are compared on the wire only.",
        why: "The client has no code for requests that it receives.",
    },
    Limit {
        what: "`allowEmptyValue` and `xml` are not compared.",
        why: "OpenAPI advises against the first, and the client does not read XML.",
    },
    Limit {
        what: "Changes of operations whose `x-stability-level` was `draft` or `alpha` may break, but never do.",
        why: "Their vendor promises nothing.",
    },
    Limit {
        what: "`x-extensible-enum` is compared where both documents have it.",
        why: "The list restricts nothing, so adding or removing it does not either.",
    },
    Limit {
        what: "Components that no operation uses are not compared.",
        why: "No value of them is sent.",
    },
];
