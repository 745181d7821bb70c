//! The wire verdicts on small changes of schemas: in a request and in a response, written as JSON or
//! as strings.

mod common;

use common::{At, assert_verdicts, both, compared};
use openapi_diff::catalogue::Verdict::{Additive as A, Breaking as B, MayBreak as M, Neutral as N};

#[test]
fn more_values_are_fine_in_requests_and_fewer_in_responses() {
    assert_verdicts(
        "3.1.0",
        &[
            ("{type: integer}", "{type: number}", both!(A B, B N)),
            (
                "{type: string}",
                "{type: [string, integer]}",
                both!(A B, B N),
            ),
            (
                "{type: string}",
                "{type: [string, 'null']}",
                both!(A B, B A),
            ),
            (
                "{type: integer, format: int32}",
                "{type: integer, format: int64}",
                both!(A B, B N),
            ),
            (
                "{type: integer, format: int32}",
                "{type: number, format: double}",
                both!(A B, B N),
            ),
            (
                "{type: number, format: float}",
                "{type: number, format: double}",
                both!(A B, B N),
            ),
            (
                "{type: string, format: uri}",
                "{type: string, format: uri-reference}",
                both!(A B, B N),
            ),
            (
                "{type: string, format: uuid}",
                "{type: string}",
                both!(A M, B N),
            ),
            (
                "{type: string, format: date}",
                "{type: string, format: uuid}",
                both!(B B, B B),
            ),
            (
                "{type: string, pattern: ^a$}",
                "{type: string}",
                both!(A B, N N),
            ),
            (
                "{type: string, pattern: ^a$}",
                "{type: string, pattern: ^b$}",
                both!(M M, N N),
            ),
            (
                "{type: string, pattern: ^a$}",
                "{allOf: [{type: string, pattern: ^a$}, {pattern: b}]}",
                both!(B A, N N),
            ),
            (
                "{type: integer, maximum: 10}",
                "{type: integer, maximum: 11}",
                both!(A B, N N),
            ),
            (
                "{type: array, items: {type: string}}",
                "{type: array}",
                both!(A B, B N),
            ),
            (
                "{type: array, items: {type: integer}}",
                "{type: array, items: {type: number}}",
                both!(A B, B N),
            ),
            (
                "{type: array, prefixItems: [{type: string}]}",
                "{type: array}",
                both!(A B, N N),
            ),
            (
                "{type: array, prefixItems: [{type: integer}]}",
                "{type: array, prefixItems: [{type: string}]}",
                both!(B B, B B),
            ),
            (
                "{type: object, additionalProperties: {type: integer}}",
                "{type: object, additionalProperties: {type: number}}",
                both!(A B, B N),
            ),
            (
                "{type: object, patternProperties: {^a: {type: integer}}}",
                "{type: object, patternProperties: {^a: {type: number}}}",
                both!(A B, B N),
            ),
            (
                "{type: object, propertyNames: {maxLength: 3}}",
                "{type: object, propertyNames: {maxLength: 4}}",
                both!(A B, N N),
            ),
            (
                "{type: object, dependentRequired: {a: [b]}}",
                "{type: object}",
                both!(A B, N N),
            ),
            (
                "{type: object, dependentRequired: {a: [b]}}",
                "{type: object, dependentRequired: {a: [b, c]}}",
                both!(B A, N N),
            ),
            (
                "{type: object, dependentSchemas: {a: {required: [b]}}}",
                "{type: object}",
                both!(A B, N N),
            ),
            (
                "{type: object, unevaluatedProperties: false}",
                "{type: object}",
                both!(A B, A N),
            ),
            (
                "{type: string, not: {enum: [a]}}",
                "{type: string}",
                both!(A B, N N),
            ),
            (
                "{type: string, not: {enum: [a]}}",
                "{type: string, not: {enum: [b]}}",
                both!(M M, N N),
            ),
            (
                "{type: object, if: {required: [a]}, then: {required: [b]}}",
                "{type: object}",
                both!(A B, N N),
            ),
            (
                "{type: array, contains: {const: 1}}",
                "{type: array}",
                both!(A B, N N),
            ),
            (
                "{type: string, x-extensible-enum: [a, b]}",
                "{type: string, x-extensible-enum: [a]}",
                both!(B A, N A),
            ),
            (
                "{type: object, properties: {a: {type: string}}}",
                "{type: object, properties: {a: {type: string, default: x}}}",
                both!(N B, N N),
            ),
            ("{minLength: 3}", "{}", both!(A B, N N)),
            (
                "{type: string, pattern: ^.+$}",
                "{type: string, minLength: 1}",
                both!(A M, N N),
            ),
            (
                "{type: string, pattern: ^.+$}",
                "{type: string, minLength: 2}",
                both!(B M, N N),
            ),
            (
                "{type: number}",
                "{type: number, format: double}",
                both!(N N, N N),
            ),
            (
                "{type: integer, format: int32}",
                "{type: integer, minimum: -2147483648, maximum: 2147483647}",
                both!(A N, N N),
            ),
            (
                "{type: integer, format: int32}",
                "{type: integer, minimum: 0, maximum: 9}",
                both!(B A, N N),
            ),
            (
                "{type: integer, format: int32}",
                "{type: integer, minimum: 0}",
                both!(B M, B N),
            ),
            (
                "{type: object, dependentRequired: {a: [b]}}",
                "{type: object, required: [b]}",
                both!(B A, A B),
            ),
            (
                "{type: object, required: [a], minProperties: 1}",
                "{type: object, required: [a], minProperties: 2}",
                both!(B A, N N),
            ),
            (
                "{type: object, required: [a]}",
                "{type: object, required: [a], minProperties: 1}",
                both!(N N, N N),
            ),
            (
                "{type: object, required: [a]}",
                "{type: object, minProperties: 1}",
                both!(A B, B A),
            ),
            (
                "{type: integer}",
                "{type: number, format: double}",
                both!(A B, B N),
            ),
            (
                "{type: [object, 'null'], properties: {a: {type: string}}}",
                "{properties: {a: {type: string}}}",
                both!(N A, A B),
            ),
        ],
    );
}

#[test]
fn a_property_had_the_schema_of_additional_properties_before_it_was_described() {
    let map = |properties: &str| {
        format!(
            "{{type: object, additionalProperties: {{type: string}}, properties: {{{properties}}}}}"
        )
    };
    assert_verdicts(
        "3.1.0",
        &[
            (&map(""), &map("n: {type: string}"), both!(A M, A M)),
            (&map(""), &map("n: {type: integer}"), both!(B B, B M)),
            (
                &map(""),
                &map("n: {type: string, format: uuid}"),
                both!(B M, A M),
            ),
            (
                "{type: object}",
                "{type: object, properties: {n: false}}",
                both!(B A, N N),
            ),
        ],
    );
}

#[test]
fn properties_that_match_a_pattern_are_additional_properties_without_it() {
    let object = |patterns: &str, additional: &str| {
        format!(
            "{{type: object, patternProperties: {{{patterns}}}, additionalProperties: {additional}}}"
        )
    };
    let (integers, strings) = ("^x-: {type: integer}", "^x-: {type: string}");
    assert_verdicts(
        "3.1.0",
        &[
            (
                &object(integers, "false"),
                &object("", "false"),
                both!(B A, N A),
            ),
            (
                &object(integers, "true"),
                &object("", "true"),
                both!(A B, B N),
            ),
            (
                &object("^x-: {}", "true"),
                &object("", "true"),
                both!(N N, N N),
            ),
            (
                &object(integers, "{type: integer}"),
                &object("", "{type: integer}"),
                both!(N N, N N),
            ),
            (
                &object(strings, "{type: integer}"),
                &object("", "{type: integer}"),
                both!(B B, B B),
            ),
        ],
    );
}

#[test]
fn what_restricts_listed_values_excludes_some_of_them() {
    assert_verdicts(
        "3.1.0",
        &[
            (
                "{type: integer, enum: [2, 3]}",
                "{type: integer, minimum: 1}",
                both!(A B, A N),
            ),
            (
                "{type: integer, enum: [2, 3]}",
                "{type: integer, minimum: 3}",
                both!(B B, A N),
            ),
            (
                "{type: string, enum: [a, ab]}",
                "{type: string, enum: [a, ab], maxLength: 1}",
                both!(B A, N A),
            ),
            (
                "{enum: [a]}",
                "{enum: [a], type: [string, boolean]}",
                both!(N N, N N),
            ),
            (
                "{const: a, enum: [a, b]}",
                "{enum: [a, b]}",
                both!(A B, A N),
            ),
            (
                "{type: [string, 'null'], enum: [a, null]}",
                "{type: [string, 'null'], enum: [a]}",
                both!(B A, A B),
            ),
        ],
    );
}

#[test]
fn what_stands_beside_alternatives_is_compared() {
    let named = "{$ref: '#/components/schemas/Named'}";
    assert_verdicts(
        "3.1.0",
        &[
            (
                "{type: boolean}",
                "{type: integer, anyOf: [{type: boolean}, {type: [integer, boolean]}]}",
                both!(B B, B B),
            ),
            (
                named,
                &format!(
                    "{{type: object, required: [size], anyOf: [{named}, {{$ref: '#/components/schemas/Sized'}}]}}"
                ),
                both!(B A, N N),
            ),
            (
                "{type: array, items: {type: [boolean, 'null']}}",
                "{type: array, items: {anyOf: [{anyOf: [{type: [boolean, 'null']}, {const: true}]}, {const: b}]}}",
                both!(A B, B N),
            ),
        ],
    );
}

#[test]
fn null_is_compared_beside_alternatives() {
    let pets = "oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]";
    assert_verdicts(
        "3.0.3",
        &[(
            &format!("{{{pets}}}"),
            &format!("{{{pets}, nullable: true}}"),
            both!(A B, B A),
        )],
    );
    let cat = "{$ref: '#/components/schemas/Cat'}";
    let with_null = format!("{{oneOf: [{{{pets}}}, {{type: 'null'}}]}}");
    let overlapping =
        "oneOf: [{$ref: '#/components/schemas/Named'}, {$ref: '#/components/schemas/Sized'}]";
    assert_verdicts(
        "3.1.0",
        &[
            (&format!("{{{pets}}}"), &with_null, both!(A B, B A)),
            (
                &format!("{{oneOf: [{cat}, {{type: 'null'}}]}}"),
                &with_null,
                both!(A B, B N),
            ),
            (
                "{$ref: '#/components/schemas/Named'}",
                &format!("{{oneOf: [{{{overlapping}}}, {{type: 'null'}}]}}"),
                both!(B B, B A),
            ),
        ],
    );
}

#[test]
fn everything_else_is_compared_where_a_type_widens_or_narrows() {
    assert_verdicts(
        "3.1.0",
        &[
            (
                "{type: integer, maximum: 100}",
                "{type: number, maximum: 10}",
                both!(B B, B N),
            ),
            (
                "{type: string, maxLength: 9}",
                "{type: [string, integer], maxLength: 5}",
                both!(B B, B N),
            ),
            (
                "{type: [integer, string], format: int32}",
                "{type: integer, format: int64}",
                both!(B B, B B),
            ),
            (
                "{type: object, properties: {a: {type: string}}}",
                "{type: [object, 'null'], properties: {a: {type: boolean}}}",
                both!(B B, B B),
            ),
            (
                "{type: [string, array], items: {type: string}}",
                "{type: array, items: {type: boolean}}",
                both!(B B, B B),
            ),
            (
                "{type: [string, integer], enum: [a, b, 1]}",
                "{type: string, enum: [a]}",
                both!(B A, N B),
            ),
        ],
    );
}

#[test]
fn alternatives_are_compared_by_the_values_that_they_allow() {
    let (cat, dog, fox) = (
        "{$ref: '#/components/schemas/Cat'}",
        "{$ref: '#/components/schemas/Dog'}",
        "{$ref: '#/components/schemas/Fox'}",
    );
    let named = "{$ref: '#/components/schemas/Named'}";
    let also_named = "{type: object, required: [name], properties: {name: {type: string}}}";
    let overlapping =
        "{oneOf: [{$ref: '#/components/schemas/Named'}, {$ref: '#/components/schemas/Sized'}]}";
    let pets = format!("{{oneOf: [{cat}, {dog}]}}");
    let more = format!("{{oneOf: [{cat}, {dog}, {fox}]}}");
    let any = format!("{{anyOf: [{cat}, {dog}]}}");
    assert_verdicts(
        "3.1.0",
        &[
            // The client keeps the values of unknown tags.
            (&pets, &more, both!(A B, A N)),
            (cat, &pets, both!(A B, B N)),
            (&pets, &any, both!(N N, N N)),
            (
                // No value matched exactly one of the equal alternatives.
                &format!("{{oneOf: [{named}, {also_named}]}}"),
                &format!("{{oneOf: [{named}, {also_named}, {cat}]}}"),
                both!(A B, B N),
            ),
            (
                &format!("{{oneOf: [{named}, {cat}]}}"),
                &format!("{{oneOf: [{named}, {cat}, {{$ref: '#/components/schemas/Sized'}}]}}"),
                both!(M B, B N),
            ),
            // No value of the alternatives is refused without them.
            (named, overlapping, both!(B A, A N)),
            (
                &format!("{{anyOf: [{named}, {{type: string}}]}}"),
                &format!(
                    "{{anyOf: [{named}, {{$ref: '#/components/schemas/Sized'}}, {{type: string}}]}}"
                ),
                both!(A B, B N),
            ),
            (
                &format!("{{anyOf: [{named}, {{type: string}}]}}"),
                &format!("{{anyOf: [{named}, {also_named}, {{type: string}}]}}"),
                both!(A A, A N),
            ),
            (
                &format!("{{anyOf: [{cat}, {{type: string, maxLength: 3}}]}}"),
                &format!("{{anyOf: [{cat}, {dog}, {{type: string, maxLength: 2}}]}}"),
                both!(B B, B N),
            ),
            // The schema is compared with the alternative that looks like it.
            (
                "{$ref: '#/components/schemas/Sized'}",
                &format!("{{anyOf: [{named}, {{$ref: '#/components/schemas/Sized'}}]}}"),
                both!(N N, N N),
            ),
            (&pets, "{type: object}", both!(A B, B N)),
            (
                &pets,
                &format!("{{oneOf: [{pets}, {fox}]}}"),
                both!(A B, A N),
            ),
            (
                "{oneOf: [{type: string, format: uuid}, {type: string, format: date}]}",
                "{type: string}",
                both!(A B, B N),
            ),
            (
                "{oneOf: [{type: integer}, {type: string}]}",
                "{type: integer}",
                both!(B A, N B),
            ),
            (
                "{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}",
                "{type: object, properties: {a: {type: string}}, anyOf: [{required: [a]}, {required: [b]}, {required: [c]}]}",
                both!(A B, A N),
            ),
            (
                "{type: object, properties: {a: {type: string}}}",
                "{type: object, properties: {a: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}",
                both!(B A, N N),
            ),
        ],
    );
}

#[test]
fn a_discriminator_only_matters_where_it_selects_another_alternative() {
    let pets = |discriminator: &str| {
        format!(
            "{{oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/Dog'}}]{discriminator}}}"
        )
    };
    let mapped = |mapping: &str| pets(&format!(", discriminator: {{propertyName: kind{mapping}}}"));
    let (cat, dog) = ("'#/components/schemas/Cat'", "'#/components/schemas/Dog'");
    let by = |a: &str, b: &str| mapped(&format!(", mapping: {{cat: {a}, dog: {b}}}"));
    assert_verdicts(
        "3.1.0",
        &[
            (&pets(""), &by(cat, dog), both!(N N, N N)),
            (
                &mapped(""),
                &mapped(", mapping: {Cat: Cat, Dog: Dog}"),
                both!(N N, N N),
            ),
            (&by(cat, dog), &by(dog, cat), both!(B B, B B)),
            (
                &by(cat, dog),
                &by(cat, dog).replace("kind", "type"),
                both!(B B, B B),
            ),
            (
                &by(cat, dog),
                &by(cat, dog).replace("}}", ", hound: Dog}}"),
                both!(A B, A N),
            ),
        ],
    );
}

#[test]
fn values_that_are_written_as_strings_are_compared_as_strings() {
    let place = |there, back| [(At::Query, there, back), (At::Form, there, back)];
    let (wider, alike) = (place(A, B), place(N, N));
    assert_verdicts(
        "3.1.0",
        &[
            ("{type: integer}", "{type: string}", &wider),
            ("{type: boolean}", "{type: string}", &wider),
            (
                "{type: string}",
                "{type: array, items: {type: string}}",
                &wider,
            ),
            (
                "{type: integer}",
                "{type: array, items: {type: string}}",
                &wider,
            ),
            (
                "{type: array, items: {type: integer}}",
                "{type: array, items: {type: string}}",
                &wider,
            ),
            (
                "{type: string, format: uuid}",
                "{oneOf: [{type: string}, {type: integer}]}",
                &[(At::Query, A, M)],
            ),
            (
                "{type: string, enum: ['1', '2']}",
                "{type: string, enum: ['2', '1']}",
                &alike,
            ),
            (
                "{type: integer, enum: [1, 2]}",
                "{type: string, enum: ['1', '2']}",
                &alike,
            ),
            (
                "{type: integer, enum: [1, 2]}",
                "{type: string, enum: ['1']}",
                &[(At::Query, B, A)],
            ),
            ("{type: integer}", "{type: object}", &[(At::Query, B, B)]),
            (
                "{type: string}",
                "{anyOf: [{type: string, enum: [a]}, {type: boolean}]}",
                &[(At::Query, B, A)],
            ),
            (
                "{type: string}",
                "{anyOf: [{type: string, enum: [a]}, {type: integer}]}",
                &[(At::Query, B, A)],
            ),
            (
                "{type: boolean}",
                "{anyOf: [{type: string, enum: [a]}, {type: integer}]}",
                &[(At::Query, B, B)],
            ),
            (
                "{type: string, enum: [a, '1']}",
                "{anyOf: [{type: string, enum: [b]}, {type: integer}]}",
                &[(At::Query, B, B)],
            ),
            (
                "{type: string, enum: [b, '1']}",
                "{anyOf: [{type: string, enum: [b]}, {type: integer}]}",
                &[(At::Query, A, B)],
            ),
            (
                "{type: integer, enum: [5, 10]}",
                "{type: string, minLength: 2}",
                &[(At::Query, B, B)],
            ),
            (
                "{type: integer}",
                "{type: string, minLength: 1}",
                &[(At::Query, A, B)],
            ),
            (
                "{type: boolean}",
                "{type: string, enum: ['true', 'false']}",
                &alike,
            ),
            (
                "{type: integer}",
                "{type: string, format: uuid}",
                &[(At::Query, B, B), (At::Header, B, B)],
            ),
            (
                "{type: integer}",
                "{type: string, pattern: ^a$}",
                &[(At::Query, B, B)],
            ),
            (
                "{type: string}",
                "{type: array, items: {type: string}, minItems: 1}",
                &[(At::Query, A, B)],
            ),
            (
                "{type: string}",
                "{type: array, items: {type: string}, minItems: 2}",
                &[(At::Query, B, B)],
            ),
            (
                "{type: integer}",
                "{type: string, maxLength: 3}",
                &[(At::Query, B, B)],
            ),
            ("{type: string}", "{type: integer}", &[(At::Header, N, B)]),
            (
                "{type: array, items: {type: string}}",
                "{type: array, items: {type: integer}}",
                &[(At::Header, N, B)],
            ),
        ],
    );
}

#[test]
fn what_is_not_sent_in_a_direction_is_not_compared_in_it() {
    let object = |property: &str, required: &str| {
        format!("{{type: object, required: [{required}], properties: {{a: {property}}}}}")
    };
    let values =
        |flag: &str, list: &str| object(&format!("{{type: string, {flag}enum: [{list}]}}"), "");
    for (at, old, new, expected) in [
        (
            At::Request,
            values("", "x, y"),
            values("readOnly: true, ", "x"),
            vec!["became-read-only"],
        ),
        (
            At::Response,
            values("", "x"),
            values("writeOnly: true, ", "x, y"),
            vec!["became-write-only"],
        ),
        (
            At::Request,
            values("readOnly: true, ", "x"),
            values("readOnly: true, ", "y"),
            vec![],
        ),
        (
            At::Response,
            values("writeOnly: true, ", "x"),
            values("writeOnly: true, ", "y"),
            vec![],
        ),
        (
            At::Request,
            object("{type: string, readOnly: true}", ""),
            object("{type: string, readOnly: true}", "a"),
            vec![],
        ),
        // A default only applies where a value is omitted.
        (
            At::Request,
            object("{type: string, default: x}", "a"),
            object("{type: string, default: y}", "a"),
            vec![],
        ),
        (
            At::Request,
            object("{type: string, default: x}", ""),
            object("{type: string, default: y}", ""),
            vec!["default-changed"],
        ),
        (
            At::Request,
            "{type: string, default: x}".to_owned(),
            "{type: string, default: y}".to_owned(),
            vec![],
        ),
        (
            At::Query,
            "{type: string, default: x}".to_owned(),
            "{type: string, default: y}".to_owned(),
            vec!["default-changed"],
        ),
    ] {
        let report = compared("3.1.0", at, &old, &new);
        let found: Vec<&str> = report.shown(false).map(|change| change.check.id).collect();
        assert_eq!(found, expected, "{at:?} {old} -> {new}");
    }
    let required = compared(
        "3.1.0",
        At::Request,
        &object("{type: string, readOnly: true}", "a"),
        &object("{type: string}", "a"),
    );
    assert_eq!(required.verdict(), B, "requests must have the property now");
}

#[test]
fn a_change_of_null_is_placed_where_null_is_allowed() {
    let object = |property: &str| format!("{{type: object, properties: {{a: {property}}}}}");
    let plain = object("{$ref: '#/components/schemas/Colour'}");
    let nullable = object("{oneOf: [{type: 'null'}, {$ref: '#/components/schemas/Colour'}]}");
    let place = "/paths/~1t/post/requestBody/content/application~1json/schema/properties/a";
    let report = compared("3.1.0", At::Request, &plain, &nullable);
    let [change] = report.changes.as_slice() else {
        panic!("{:#?}", report.changes);
    };
    assert_eq!(change.what, "`body.a` became nullable");
    assert_eq!(change.old.pointer.as_str(), place);
    assert_eq!(change.new.pointer.as_str(), format!("{place}/oneOf/0"));
    assert_eq!(change.advice, "None.");
    let report = compared("3.1.0", At::Response, &plain, &nullable);
    assert_eq!(report.changes[0].advice, "Handle null in responses.");
}
