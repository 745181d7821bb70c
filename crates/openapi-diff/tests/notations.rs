//! Equivalent notations of schemas: a comparison finds nothing.

mod common;

use common::{At, compared, verdict};
use openapi_diff::catalogue::Verdict::{Breaking as B, Neutral as N};

#[test]
fn equivalent_notations_are_equal() {
    for (version, old, new) in [
        (
            "3.1.0",
            "{anyOf: [{type: string}, {type: integer}]}",
            "{type: [string, integer]}",
        ),
        (
            "3.1.0",
            "{oneOf: [{type: string, maxLength: 3}, {type: integer}]}",
            "{type: [integer, string], maxLength: 3}",
        ),
        (
            "3.1.0",
            "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: 'null'}]}",
            "{type: [object, 'null'], properties: {a: {type: string}}}",
        ),
        (
            "3.1.0",
            "{type: string, enum: [a, b]}",
            "{oneOf: [{const: b}, {const: a}]}",
        ),
        (
            "3.1.0",
            "{type: string, enum: [a, b]}",
            "{anyOf: [{type: string, enum: [a]}, {const: b, title: B}]}",
        ),
        ("3.1.0", "{type: string, enum: [a]}", "{const: a}"),
        (
            "3.1.0",
            "{type: integer, minimum: 1}",
            "{type: integer, exclusiveMinimum: 0}",
        ),
        (
            "3.1.0",
            "{type: integer, maximum: 9}",
            "{type: integer, exclusiveMaximum: 10}",
        ),
        (
            "3.0.3",
            "{type: integer, minimum: 1}",
            "{type: integer, minimum: 0, exclusiveMinimum: true}",
        ),
        (
            "3.0.3",
            "{type: number, minimum: 0}",
            "{type: number, minimum: 0.0}",
        ),
        (
            "3.1.0",
            "{type: string}",
            "{type: string, minLength: 0, pattern: .*}",
        ),
        (
            "3.1.0",
            "{type: string, pattern: '^a\\/b$'}",
            "{type: string, pattern: ^a/b$}",
        ),
        (
            "3.1.0",
            "{type: string}",
            "{type: string, minimum: 3, minItems: 1, items: {type: string}, required: [a], additionalProperties: false}",
        ),
        (
            "3.1.0",
            "{type: string, pattern: '^((?:a[)]|b)c)$'}",
            "{type: string, pattern: '^(?:a[)]|b)c$'}",
        ),
        (
            "3.1.0",
            "{type: string, pattern: '^[\\s\\S]+$'}",
            "{type: string, minLength: 1}",
        ),
        (
            "3.1.0",
            "{type: object, dependentSchemas: {a: {type: object, required: [b, c]}}}",
            "{type: object, dependentRequired: {a: [c, b]}}",
        ),
        (
            "3.1.0",
            "{anyOf: [{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}, {$ref: '#/components/schemas/Fox'}]}",
            "{anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Fox'}]}",
        ),
        (
            "3.1.0",
            "{type: array}",
            "{type: array, items: {}, minItems: 0}",
        ),
        (
            "3.1.0",
            "{type: array, items: true}",
            "{type: array, items: {description: Any.}}",
        ),
        (
            "3.1.0",
            "{type: object}",
            "{type: object, additionalProperties: true, properties: {}}",
        ),
        (
            "3.1.0",
            "{type: object, additionalProperties: false}",
            "{type: object, unevaluatedProperties: false}",
        ),
        (
            "3.1.0",
            "{type: object, additionalProperties: {type: string}}",
            "{type: object, patternProperties: {.*: {type: string}}}",
        ),
        (
            "3.1.0",
            "{type: object, if: {required: [a]}}",
            "{type: object}",
        ),
        (
            "3.1.0",
            "{type: object, then: {required: [a]}}",
            "{type: object}",
        ),
        (
            "3.1.0",
            "{type: boolean}",
            "{type: boolean, enum: [true, false]}",
        ),
        (
            "3.1.0",
            "{type: string}",
            "{allOf: [{type: string}, {description: A string.}]}",
        ),
        (
            "3.0.3",
            "{$ref: '#/components/schemas/Colour'}",
            "{allOf: [{$ref: '#/components/schemas/Colour'}]}",
        ),
        (
            "3.1.0",
            "{type: string, format: byte}",
            "{type: string, contentEncoding: base64}",
        ),
        (
            "3.1.0",
            "{oneOf: [{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}, {$ref: '#/components/schemas/Fox'}]}",
            "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: '#/components/schemas/Fox'}]}",
        ),
        (
            "3.1.0",
            "{oneOf: [{$ref: '#/components/schemas/Fox'}, {oneOf: [{$ref: '#/components/schemas/Cat'}, {type: 'null'}], description: A cat.}]}",
            "{oneOf: [{type: 'null'}, {$ref: '#/components/schemas/Fox'}, {$ref: '#/components/schemas/Cat'}]}",
        ),
        (
            "3.1.0",
            "{anyOf: [{anyOf: [{$ref: '#/components/schemas/Named'}, {$ref: '#/components/schemas/Cat'}]}, {$ref: '#/components/schemas/Dog'}]}",
            "{anyOf: [{$ref: '#/components/schemas/Named'}, {$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
        ),
        (
            "3.1.0",
            "{anyOf: [{type: string, enum: [a]}, {type: string}]}",
            "{type: string}",
        ),
        ("3.1.0", "{anyOf: [{type: string}, {}]}", "{}"),
        (
            "3.1.0",
            "{}",
            "{type: [string, number, boolean, object, array, 'null']}",
        ),
        (
            "3.1.0",
            "{type: integer, format: int32}",
            "{type: integer, format: int32, minimum: -2147483648, maximum: 2147483647}",
        ),
        (
            "3.1.0",
            "{type: integer, format: uint8}",
            "{type: integer, format: uint8, minimum: 0}",
        ),
        ("3.1.0", "{type: integer}", "{type: number, multipleOf: 1}"),
        (
            "3.1.0",
            "{type: integer, enum: [1, 2]}",
            "{type: number, enum: [1.0, 2]}",
        ),
        ("3.1.0", "{type: integer}", "{type: integer, multipleOf: 1}"),
        (
            "3.1.0",
            "{type: string, pattern: '^\\d[\\dx]$'}",
            "{type: string, pattern: '^[0-9][0-9x]$'}",
        ),
        (
            "3.1.0",
            "{type: string, enum: [a, b]}",
            "{type: string, enum: [a, b], maxLength: 1, pattern: ^.$}",
        ),
        (
            "3.1.0",
            "{type: array, items: {type: string}}",
            "{type: array, prefixItems: [{type: string}], items: {type: string}}",
        ),
        (
            "3.1.0",
            "{type: array, contains: {const: 1}}",
            "{type: array, contains: {const: 1}, minContains: 1}",
        ),
        (
            "3.1.0",
            "{type: array}",
            "{type: array, contains: {const: 1}, minContains: 0}",
        ),
    ] {
        for at in [At::Request, At::Response, At::Query] {
            for (from, to) in [(old, new), (new, old)] {
                let report = compared(version, at, from, to);
                let shown: Vec<&str> = report
                    .shown(false)
                    .map(|change| change.what.as_str())
                    .collect();
                assert_eq!(shown, [""; 0], "{at:?} {from} -> {to}");
            }
        }
    }
}

#[test]
fn nullable_means_nothing_from_openapi_3_1_on() {
    for (version, expected) in [("3.0.3", B), ("3.1.0", N)] {
        let old = "{type: string, nullable: true}";
        assert_eq!(
            verdict(version, At::Request, old, "{type: string}").0,
            expected
        );
    }
}

#[test]
fn notations_with_other_values_are_not_equal() {
    for (old, new) in [
        (
            "{type: string, pattern: '^(?:a|b)$'}",
            "{type: string, pattern: '^a|b$'}",
        ),
        (
            "{type: string, pattern: '(a)(b)'}",
            "{type: string, pattern: 'a)(b'}",
        ),
        (
            "{type: string, pattern: '((a)\\2)'}",
            "{type: string, pattern: '(a)\\2'}",
        ),
        (
            "{type: string, pattern: '^(a\\)$'}",
            "{type: string, pattern: '^a\\$'}",
        ),
        (
            "{type: object, dependentSchemas: {a: {required: [b], minProperties: 3}}}",
            "{type: object, dependentRequired: {a: [b]}}",
        ),
        (
            "{anyOf: [{oneOf: [{$ref: '#/components/schemas/Named'}, {$ref: '#/components/schemas/Sized'}]}, {$ref: '#/components/schemas/Fox'}]}",
            "{anyOf: [{$ref: '#/components/schemas/Named'}, {$ref: '#/components/schemas/Sized'}, {$ref: '#/components/schemas/Fox'}]}",
        ),
    ] {
        let (_, changes) = verdict("3.1.0", At::Request, old, new);
        assert_ne!(changes, [""; 0], "{old} -> {new}");
    }
}
