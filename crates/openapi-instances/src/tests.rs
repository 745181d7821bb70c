//! Validates every instance with a JSON Schema validator, and covers the difficult cases.

use serde_json::json;

use super::*;

/// Generates all instances of `schema`, which is its own document, and validates them by `meaning`: the
/// same schema in JSON Schema 2020-12.
fn check(schema: &Value, meaning: &Value, direction: Direction) -> Vec<Instance> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(meaning);
    let validator = validator.expect("the meaning should be a schema");
    let generator = Generator::new(schema, direction);
    let instances = generator
        .all(schema)
        .unwrap_or_else(|error| panic!("{schema}: {error}"));
    for Instance { variation, value } in &instances {
        let valid = !matches!(variation, Variation::UnknownEnumValue { .. });
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(
            errors.is_empty(),
            valid,
            "{schema}\n{variation}: {value}\n{errors:?}"
        );
    }
    assert_eq!(
        Some(&instances[0].value),
        generator.minimal(schema).as_ref().ok()
    );
    assert_eq!(
        Some(&instances[1].value),
        generator.maximal(schema).as_ref().ok()
    );
    assert_eq!(
        Ok(&instances),
        generator.all(schema).as_ref(),
        "the same again"
    );
    instances
}

/// The variations without those of the notation of integers, which each integer has.
fn variations(instances: &[Instance]) -> String {
    let changes = instances.iter().skip(2).map(|instance| &instance.variation);
    let changes = changes.filter(|change| !matches!(change, Variation::Fraction { .. }));
    let changes: Vec<String> = changes.map(ToString::to_string).collect();
    changes.join(", ")
}

fn least_and_most(schema: Value) -> (Value, Value) {
    let generator = Generator::new(&schema, Direction::Response);
    let both = (generator.minimal(&schema), generator.maximal(&schema));
    (both.0.expect("minimal"), both.1.expect("maximal"))
}

fn rejected(schema: Value) -> String {
    let error = Generator::new(&schema, Direction::Response).maximal(&schema);
    error.expect_err("there should be no instance").to_string()
}

#[test]
fn every_construct_gives_valid_instances_and_its_variations() {
    let table = [
        (json!({}), ""),
        (json!(true), ""),
        (json!({"type": "boolean"}), ""),
        (json!({"type": "null"}), ""),
        (json!({"type": ["null", "string"]}), "null at the root"),
        (json!({"const": 7}), ""),
        (json!({"enum": ["A"]}), ""),
        (
            json!({"enum": [1, "b", null]}),
            "enum value \"b\" at the root, null at the root",
        ),
        (
            json!({"type": "string", "enum": ["A", "B"]}),
            "enum value \"B\" at the root, unknown enum value at the root",
        ),
        (
            json!({"properties": {"a/b": {"type": ["integer", "null"]}}, "additionalProperties": false}),
            "null at /a~1b",
        ),
        (
            json!({"type": "object", "required": ["inner", "bare"], "properties": {"inner": {
                "type": "object", "properties": {"id": {"type": "integer"}}}}}),
            "unknown property at /inner, unknown property at the root",
        ),
        (
            json!({"type": "array", "items": {"enum": ["A", "B", "C"]}}),
            "enum value \"B\" at /0, enum value \"C\" at /0, unknown enum value at /0",
        ),
        (
            json!({"type": "array", "items": {"enum": ["A", "B", "C"]}, "uniqueItems": true, "minItems": 2}),
            "enum value \"C\" at /0, unknown enum value at /0",
        ),
        (
            json!({"items": {"type": "boolean"}, "uniqueItems": true, "minItems": 2}),
            "",
        ),
        (
            json!({"items": {"type": "integer", "minimum": 1, "maximum": 4}, "uniqueItems": true, "minItems": 4}),
            "",
        ),
        (
            json!({"items": {"maxLength": 1}, "uniqueItems": true, "minItems": 9}),
            "",
        ),
        (
            json!({"items": {"pattern": "^[ab]{2}$"}, "uniqueItems": true, "minItems": 3}),
            "",
        ),
        (
            json!({"prefixItems": [{"type": "integer"}, {"format": "date"}], "items": {"type": "boolean"}, "minItems": 3}),
            "",
        ),
        (
            json!({"prefixItems": [{"type": "integer"}], "items": false}),
            "",
        ),
        (json!({"type": "array", "items": {}, "maxItems": 0}), ""),
        (
            json!({"oneOf": [{"type": "null"}, {"type": "integer"}, {"type": "string"}]}),
            "branch 2 at the root, null at the root",
        ),
        (
            json!({"oneOf": [{"type": "integer"}, {"type": "string"}], "anyOf": [{"maxLength": 1}, {"maximum": 3}]}),
            "branch 3 at the root, all branches at the root, branch 1 at the root",
        ),
        (
            json!({"additionalProperties": false, "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                "anyOf": [false, {"required": ["a"]}, {"required": ["b"]}]}),
            "branch 2 at the root",
        ),
        (
            json!({"additionalProperties": {"type": "integer"}, "minProperties": 2, "maxProperties": 2}),
            "",
        ),
        (
            json!({"oneOf": [{"type": "object", "required": ["b"], "properties": {"a": {"type": ["string", "null"]}, "b": false}},
                {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}, {"enum": [null]}]}),
            "null at the root",
        ),
        (
            json!({"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "minProperties": 2, "maxProperties": 2}),
            "",
        ),
        (
            json!({"patternProperties": {"^x-[a-z]+$": {"type": "integer"}}, "additionalProperties": false}),
            "",
        ),
        (
            json!({"propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 3}),
            "",
        ),
        (
            json!({"properties": {"no": false, "yes": true}, "additionalProperties": false}),
            "",
        ),
        (
            json!({"$ref": "#/$defs/a%7E1%25b", "maxLength": 3, "$defs": {"a/%b": {"type": "string", "minLength": 2}}}),
            "",
        ),
        (
            json!({"$ref": "#/$defs/node", "$defs": {"node": {"additionalProperties": false, "required": ["id"],
                "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/$defs/node"},
                "all": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}),
            "",
        ),
        (
            json!({"$ref": "#/$defs/tree", "$defs": {"tree": {"oneOf": [
                {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/tree"}}, {"type": "integer"}]}}}),
            "branch 1 at the root",
        ),
        (
            json!({"allOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}},
                {"properties": {"a": {"minLength": 9}, "b": {"type": "number"}}}], "required": ["b"]}),
            "unknown property at the root",
        ),
        (
            json!({"allOf": [{"type": "string", "pattern": "^[a-z]+$"}, {"minLength": 30, "maxLength": 30}]}),
            "",
        ),
        (
            json!({"allOf": [{"enum": ["A", "B", "C"]}, {"enum": ["C", "B"]}, {"not": {"const": 1}}], "const": "B"}),
            "",
        ),
        (
            json!({"allOf": [{"multipleOf": 4}, {"multipleOf": 6, "minimum": 1, "type": "integer"}]}),
            "",
        ),
        (
            json!({"type": ["number", "null"], "allOf": [{"type": ["integer", "string"]}]}),
            "",
        ),
    ];
    for (schema, expected) in table {
        let instances = check(&schema, &schema, Direction::Response);
        assert_eq!(variations(&instances), expected, "{schema}");
        check(&schema, &schema, Direction::Request);
    }
}

#[test]
fn an_integer_of_a_response_is_also_written_with_a_fraction() {
    let schema = json!({"properties": {"a": {"type": "integer", "maximum": 3, "minimum": 3}, "b": {"enum": [1]}}});
    let written = |direction: Direction| {
        let instances = Generator::new(&schema, direction)
            .all(&schema)
            .expect("has instances");
        let mut instances = instances.into_iter();
        let fraction =
            |instance: &Instance| matches!(instance.variation, Variation::Fraction { .. });
        instances
            .find(fraction)
            .map(|instance| instance.value["a"].to_string())
    };
    assert_eq!(written(Direction::Response).as_deref(), Some("3.0"));
    assert_eq!(written(Direction::Request), None);
}

#[test]
fn the_branches_of_any_of_are_also_valid_together() {
    let object = |name: &str| json!({"required": [name], "properties": {name: {"type": "string"}}});
    let schema = json!({"anyOf": [object("a"), object("b"), {"type": "null"}]});
    let instances = check(&schema, &schema, Direction::Request);
    let changes = "branch 1 at the root, all branches at the root, null at the root";
    assert_eq!(variations(&instances), changes);
    let together = instances
        .iter()
        .find(|instance| matches!(instance.variation, Variation::AllBranches { .. }));
    assert_eq!(
        together.map(|both| &both.value),
        Some(&json!({"a": "a", "b": "b"}))
    );
    let one = json!({"oneOf": [object("a"), object("b")]});
    assert_eq!(
        variations(&check(&one, &one, Direction::Request)),
        "branch 1 at the root"
    );
}

#[test]
fn a_condition_is_met_and_not_met() {
    let schema = json!({
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "text"}}},
        "then": {"required": ["text"], "properties": {"text": {"type": "string"}}},
        "else": {"required": ["count"], "properties": {"count": {"type": "integer"}}},
    });
    let instances = check(&schema, &schema, Direction::Request);
    assert_eq!(variations(&instances), "branch 1 at the root");
    assert_eq!(instances[1].value, json!({"kind": "text", "text": "text"}));
    assert_eq!(instances[2].value, json!({"kind": "kind", "count": 13}));
}

#[test]
fn an_open_tuple_has_more_items_than_it_lists() {
    let tuple = |rest: Value| json!({"prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": rest});
    for (rest, length) in [
        (json!({}), 3),
        (json!({"type": "string"}), 3),
        (json!(false), 2),
    ] {
        let (_, most) = least_and_most(tuple(rest));
        assert_eq!(most.as_array().map(Vec::len), Some(length), "{most}");
    }
}

#[test]
fn an_extension_of_a_choice_does_not_choose_again() {
    let schema = json!({
        "oneOf": [{"$ref": "#/$defs/gold"}, {"$ref": "#/$defs/silver"}],
        "$defs": {
            "gold": {"allOf": [{"$ref": "#"}, {"required": ["perks"], "properties": {"perks": {}}}]},
            "silver": {"allOf": [{"$ref": "#"}, {"required": ["since"], "properties": {"since": {}}}]},
        },
    });
    let (least, _) = least_and_most(schema);
    assert_eq!(least, json!({"perks": ""}));
}

#[test]
fn a_string_has_its_format_and_its_pattern() {
    let (least, _) = least_and_most(json!({"format": "uuid", "pattern": "^0"}));
    let uuid = least.as_str().unwrap_or_default();
    assert!(uuid.starts_with('0') && uuid.len() == 36, "{uuid}");
}

#[test]
fn openapi_3_0_keywords_equal_their_json_schema_counterparts() {
    let table = [
        (
            json!({"type": "integer", "minimum": 3, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": true}),
            json!({"const": 4}),
        ),
        (
            json!({"type": "string", "enum": [null]}),
            json!({"const": null}),
        ),
        (
            json!({"type": "string", "nullable": true}),
            json!({"type": ["string", "null"]}),
        ),
        (
            json!({"nullable": true, "allOf": [{"type": "integer"}], "enum": [1, 2]}),
            json!({"enum": [1, 2, null]}),
        ),
        (
            json!({"nullable": true, "oneOf": [{"type": "integer"}, {"type": "boolean"}]}),
            json!({"type": ["integer", "boolean", "null"]}),
        ),
        (
            json!({"openapi": "3.0.3", "$ref": "#/a", "nullable": true, "a": {"type": "integer"}}),
            json!({"type": "integer"}),
        ),
    ];
    for (schema, meaning) in table {
        let instances = check(&schema, &meaning, Direction::Response);
        let nullable = jsonschema::is_valid(&meaning, &Value::Null);
        assert_eq!(
            instances.iter().any(|instance| instance.value.is_null()),
            nullable,
            "{schema}"
        );
    }
}

#[test]
fn strings_match_every_format_and_pattern() {
    let formats = "uuid date-time date time duration email uri uri-reference hostname ipv4 ipv6 password binary byte";
    for format in formats.split(' ') {
        let schema = json!({"type": "string", "format": format});
        check(&schema, &schema, Direction::Request);
        let long = json!({"additionalProperties": {"format": format, "minLength": 1, "maxLength": 64},
            "minProperties": 1, "propertyNames": {"const": "User_Name 1é"}});
        check(&long, &long, Direction::Request);
    }
    let padded = json!({"format": "uri", "minLength": 60});
    check(&padded, &padded, Direction::Request);
    let patterns = [
        r"^[a-z0-9]+[a-z0-9\-]*[a-z0-9]+$",
        r"^\d+$",
        r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$",
        r"^(?![0-9a-f]{8}$)^[a-z][a-z0-9-]*[a-zA-Z0-9]$",
        r"^(?=.*[A-Z])(?=.*\d)(?=.*[!@#])[A-Za-z\d!@#]{8,}$",
        r"^(([0-9]|1[0-9])\.){3}([0-9]|25[0-5])/(3[0-2]|[8-9])$",
        r"[a-z-]+\.[a-z-]+",
        r"^[^[&\]]+\/[\w.-]*$",
        r"\bfoo\b",
        r"^a$|^[^\x00-\x7F]{2}$",
        r"^(whsec_)?[a-zA-Z0-9+/=]{32,100}$",
        r"^\s\S\D\W$",
        "",
    ];
    for pattern in patterns {
        let schema = json!({"type": "string", "pattern": pattern});
        check(&schema, &schema, Direction::Request);
    }
    let digits = least_and_most(json!({"pattern": r"^\d+$", "minLength": 3}));
    assert!(
        digits
            .1
            .as_str()
            .is_some_and(|string| string.bytes().all(|byte| byte.is_ascii_digit()))
    );
    assert_eq!(digits.0.as_str().map(str::len), Some(3));
    let bounded = json!({"pattern": "^(ab|cde)*$", "minLength": 7, "maxLength": 7});
    check(&bounded, &bounded, Direction::Request);
    let several =
        json!({"allOf": [{"pattern": "^[a-z]+$"}, {"pattern": "^.{20}$"}, {"pattern": "z"}]});
    check(&several, &several, Direction::Request);
    let long = json!({"pattern": "^[a-z]+$", "minLength": 1000, "format": "uuid"});
    check(&long, &json!({"minLength": 1000}), Direction::Request);
    let unanchored = json!({"pattern": "[0-9]", "minLength": 12});
    check(&unanchored, &unanchored, Direction::Request);
}

#[test]
fn numbers_respect_bounds_and_multiple_of() {
    let table = [
        (json!({"type": "integer"}), "0"),
        (json!({"type": "number"}), "0.0"),
        (json!({"type": "number", "format": "int64"}), "0"),
        (
            json!({"type": "integer", "maximum": -5, "multipleOf": 2}),
            "-6",
        ),
        (
            json!({"type": "integer", "minimum": 2.5, "exclusiveMaximum": 4}),
            "3",
        ),
        (
            json!({"type": "integer", "minimum": 9_007_199_254_740_993_u64}),
            "9007199254740993",
        ),
        (
            json!({"type": "integer", "minimum": u64::MAX}),
            "18446744073709551615",
        ),
        (
            json!({"type": "integer", "minimum": -1e9, "multipleOf": 0.5}),
            "-1000000000",
        ),
        (
            json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.1}),
            "0.025",
        ),
        (
            json!({"type": "number", "minimum": 0.25, "multipleOf": 0.1}),
            "0.3",
        ),
        (json!({"type": "number", "exclusiveMaximum": 0}), "-0.5"),
        (json!({"minimum": 1.5, "maximum": 1.5}), "1.5"),
    ];
    for (schema, minimal) in table {
        let instances = check(&schema, &schema, Direction::Response);
        assert_eq!(instances[0].value.to_string(), minimal, "{schema}");
    }
}

#[test]
fn minimal_has_required_properties_only_and_maximal_has_all() {
    let schema = json!({"type": "object", "required": ["name", "tags"], "properties": {
        "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
        "isDone": {"type": "boolean"}}});
    let (minimal, maximal) = least_and_most(schema);
    assert_eq!(minimal, json!({"name": "", "tags": []}));
    assert_eq!(
        maximal,
        json!({"name": "name", "tags": ["tags", "tags2"], "isDone": true})
    );
}

#[test]
fn read_only_and_write_only_properties_are_omitted_by_direction() {
    let schema = json!({"required": ["id", "secret"], "properties": {"id": {"allOf": [{"readOnly": true}]},
        "secret": {"writeOnly": true}, "status": {"enum": ["A", "B"]}}});
    let instances = |direction| {
        Generator::new(&schema, direction)
            .all(&schema)
            .expect("all")
    };
    let request = instances(Direction::Request);
    assert_eq!(request[0].value, json!({"secret": ""}));
    assert_eq!(variations(&request), "enum value \"B\" at /status");
    let response = instances(Direction::Response);
    assert_eq!(response[0].value, json!({"id": ""}));
    assert_eq!(
        response[3].value,
        json!({"id": "id", "status": "UNKNOWN_VALUE"})
    );
    assert_eq!(
        response[4].value,
        json!({"id": "id", "status": "A", "xUnknownProperty": "unknown"})
    );
}

#[test]
fn the_discriminator_property_names_the_branch() {
    let pet = json!({"type": "object", "properties": {"kind": {"type": "string"}}});
    let schema = json!({"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"dog": "#/$defs/Dog"}},
        "$defs": {"Cat": pet, "Dog": pet}});
    let instances = Generator::new(&schema, Direction::Request)
        .all(&schema)
        .expect("all");
    assert_eq!(instances[0].value, json!({"kind": "Cat"}));
    assert_eq!(instances[2].value, json!({"kind": "dog"}));
}

#[test]
fn an_unsatisfiable_schema_is_reported_with_location_keyword_and_reason() {
    let node = json!({"$ref": "#/$defs/n", "$defs": {"n": {"required": ["n"], "properties": {"n": {"$ref": "#/$defs/n"}}}}});
    let table = [
        (
            node,
            "no value is possible at /n/n: $ref: #/$defs/n recurs without end",
        ),
        (
            json!({"$ref": "#"}),
            "no value is possible at the root: $ref: # recurs without end",
        ),
        (
            json!({"$ref": "#/no"}),
            "cannot make a value at the root: $ref: #/no does not resolve",
        ),
        (
            json!({"$ref": "other.json#/a"}),
            "other.json#/a does not resolve",
        ),
        (
            json!({"properties": {"a": {"pattern": r"(a)\1"}}}),
            "at /a: pattern: (a)\\1: backreferences are not supported",
        ),
        (
            json!({"pattern": "^a$", "minLength": 2}),
            "found no string for ^a$",
        ),
        (json!({"pattern": "a{4000000000}{9}"}), "not generated"),
        (
            json!({"minLength": 3, "maxLength": 2}),
            "minLength: 3 is above maxLength 2",
        ),
        (json!({"minLength": 1e18}), "too many"),
        (
            json!({"format": "ipv4", "maxLength": 2}),
            "cannot generate ipv4 of 0 to 2 characters",
        ),
        (
            json!({"type": "integer", "minimum": 3, "maximum": 2}),
            "no 64-bit integer",
        ),
        (
            json!({"type": "integer", "minimum": -1e300, "multipleOf": 1e300}),
            "no 64-bit integer",
        ),
        (
            json!({"exclusiveMinimum": 3, "maximum": 3}),
            "no number lies between",
        ),
        (
            json!({"items": {"type": "boolean"}, "minItems": 3, "uniqueItems": true}),
            "only 2 distinct items",
        ),
        (json!({"items": {}, "minItems": 3e6}), "too many"),
        (
            json!({"allOf": [{"type": "string"}, {"type": "object"}]}),
            "type: no type satisfies all schemas",
        ),
        (
            json!({"enum": ["a"], "const": "b"}),
            "enum: no value satisfies all schemas",
        ),
        (
            json!({"required": ["a"], "additionalProperties": false}),
            "at /a: schema: false",
        ),
        (
            json!({"minProperties": 1, "additionalProperties": false}),
            "0 properties, not 1 to",
        ),
        (json!({"oneOf": [false]}), "schema: false allows nothing"),
        (json!("no schema"), "neither an object nor a boolean"),
    ];
    for (schema, expected) in table {
        let message = rejected(schema.clone());
        assert!(message.contains(expected), "{schema}: {message}");
    }
}

#[test]
fn deep_and_wide_documents_do_not_overflow() {
    let link = |n: usize| json!({"required": ["a"], "properties": {"a": {"$ref": format!("#/c/{}", n + 1)}}});
    let chain: Vec<Value> = (0..500).map(link).collect();
    let document = json!({"c": chain, "$ref": "#/c/0"});
    assert!(rejected(document).contains("recurs without end"));
    let choice = |n: usize| json!({"oneOf": [{"allOf": [{"$ref": format!("#/c/{}", n + 1)}]}]});
    let chain: Vec<Value> = (0..500).map(choice).collect();
    assert!(rejected(json!({"c": chain, "$ref": "#/c/0"})).contains("too many other references"));
}

/// Generates a plausible value of `schema`, which is its own document and its own validator.
fn plausible(schema: &Value, options: PlausibleOptions) -> Result<Value> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema");
    let violations = |value: &Value| -> Vec<String> {
        let errors = validator.iter_errors(value);
        errors.map(|e| e.instance_path().to_string()).collect()
    };
    Generator::new(schema, Direction::Response).plausible(schema, options, violations)
}

fn with_examples(ordinal: usize) -> PlausibleOptions {
    PlausibleOptions {
        ordinal,
        examples: true,
        ..PlausibleOptions::default()
    }
}

#[test]
fn valid_examples_are_used_in_plausible_values() {
    let schema = json!({"type": "object", "properties": {
        "city": {"type": "string", "example": "Lyon"},
        "zip": {"type": "string", "pattern": "^\\d{5}$", "examples": ["Lyon", "69001", "69002"]},
        "since": {"type": "string", "format": "date", "default": "yesterday"},
        "lines": {"type": "array", "maxItems": 1, "items": {"enum": ["A", "B"]}, "example": ["B", "A"]},
        "code": {"type": "string", "writeOnly": true, "example": "secret"},
    }});
    let first = plausible(&schema, with_examples(0)).expect("a value");
    assert_eq!(
        first,
        json!({"city": "Lyon", "zip": "69001", "since": "2019-08-10", "lines": ["A"]})
    );
    let second = plausible(&schema, with_examples(1)).expect("a value");
    assert_eq!(second["zip"], "69002");
    assert_ne!(second["city"], "Lyon");
}

#[test]
fn an_example_that_violates_a_subschema_is_not_used() {
    let mut schema = json!({"type": "object", "example": {"n": "3"}, "required": ["n"],
        "properties": {"n": {"type": "integer", "example": 3}}});
    let value = plausible(&schema, with_examples(0)).expect("a value");
    assert_eq!(value, json!({"n": 3}));
    schema["example"]["n"] = 5.into();
    let value = plausible(&schema, with_examples(0)).expect("a value");
    assert_eq!(value, json!({"n": 5}));
}

#[test]
fn a_value_that_matches_two_one_of_branches_is_replaced_by_another_branch() {
    let either = json!({"oneOf": [
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"type": "integer"},
    ]});
    let schema = json!({"type": "object", "properties": {"one": either, "two": {"items": either}}});
    for ordinal in 0..3 {
        let value = plausible(&schema, with_examples(ordinal)).expect("a value");
        assert!(value["one"].is_i64(), "{value}");
    }
}

#[test]
fn unsupported_keywords_are_satisfied_by_retrying() {
    let table = [
        json!({"type": "string", "enum": ["a", "b", "c"], "not": {"enum": ["a", "b"]}}),
        json!({"type": "object", "properties": {"n": {"type": "integer", "not": {"maximum": 9}}}}),
        json!({"type": "array", "items": {"enum": [1, 2]}, "contains": {"const": 2}, "maxItems": 1}),
    ];
    for schema in table {
        plausible(&schema, PlausibleOptions::default()).unwrap_or_else(|e| panic!("{schema}: {e}"));
    }
    let error = plausible(
        &json!({"type": "integer", "not": {}}),
        PlausibleOptions::default(),
    );
    let error = error.expect_err("nothing fits").to_string();
    assert!(error.contains("attempts is valid"), "{error}");
}

#[test]
fn plausible_numbers_start_at_zero_when_bounds_allow() {
    let lowest = i64::from(i32::MIN);
    let table = [
        (json!({"type": "integer", "minimum": lowest}), 0..100),
        (
            json!({"type": "integer", "minimum": lowest, "maximum": 0}),
            0..1,
        ),
        (
            json!({"type": "integer", "minimum": -9, "multipleOf": 7}),
            0..700,
        ),
        (
            json!({"type": "integer", "minimum": -9, "maximum": -2}),
            -9..-1,
        ),
        (
            json!({"type": "integer", "minimum": -9, "maximum": 0, "exclusiveMaximum": true}),
            -9..0,
        ),
        (json!({"type": "number", "minimum": lowest}), 0..100),
        (
            json!({"type": "number", "minimum": -9, "maximum": 0}),
            -9..1,
        ),
    ];
    for (schema, expected) in table {
        // The boolean form of `exclusiveMaximum` (3.0) is not valid for the validator.
        let value = Generator::new(&schema, Direction::Response)
            .plausible(&schema, PlausibleOptions::default(), |_| Vec::new())
            .expect("a value");
        let number = value.as_f64().expect("a number") as i64;
        assert!(expected.contains(&number), "{schema}: {value}");
    }
    let schema = json!({"type": "integer", "minimum": lowest});
    let minimal = Generator::new(&schema, Direction::Response).minimal(&schema);
    assert_eq!(minimal, Ok(json!(lowest)));
}

#[test]
fn equal_options_give_equal_values_and_other_seeds_give_others() {
    let schema = json!({"type": "object", "properties": {
        "id": {"type": "string", "format": "uuid"}, "kind": {"enum": ["a", "b", "c", "d", "e"]},
    }});
    let by_seed = |seed| {
        let options = PlausibleOptions {
            seed,
            ..PlausibleOptions::default()
        };
        plausible(&schema, options).expect("a value")
    };
    assert_eq!(by_seed(7), by_seed(7));
    assert_ne!(by_seed(7)["id"], by_seed(8)["id"]);
    let kinds: Vec<Value> = (0..5).map(|seed| by_seed(seed)["kind"].clone()).collect();
    assert!(kinds.iter().any(|kind| *kind != kinds[0]), "{kinds:?}");
    let maximal = Generator::new(&schema, Direction::Response).maximal(&schema);
    assert_eq!(maximal, plausible(&schema, PlausibleOptions::default()));
}

#[test]
fn a_schema_used_twice_is_varied_once() {
    let user = json!({ "$ref": "#/User" });
    let document = json!({
        "User": { "properties": { "kind": { "enum": ["a", "b"] } } },
        "A": { "properties": { "first": user, "second": user } },
        "B": { "properties": { "user": user, "own": { "enum": [1, 2] } } },
    });
    let generator = Generator::new(&document, Direction::Request);
    let mut seen = Seen::default();
    let mut variations = |name: &str| {
        let instances = generator.unseen(&document[name], &mut seen);
        let instances = instances.expect("has instances").into_iter();
        instances
            .map(|instance| instance.variation.to_string())
            .collect::<Vec<_>>()
    };
    let first = r#"enum value "b" at /first/kind"#;
    assert_eq!(variations("A"), ["minimal", "maximal", first]);
    assert_eq!(
        variations("B"),
        ["minimal", "maximal", "enum value 2 at /own"]
    );
}

#[test]
fn the_number_of_instances_of_a_large_schema_is_bounded() {
    let properties: serde_json::Map<String, Value> = (0..2_000)
        .map(|index| (format!("m{index}"), json!({ "enum": ["a", "b"] })))
        .collect();
    let schema = json!({ "properties": properties });
    let generator = Generator::new(&schema, Direction::Request);
    let instances = generator.unseen(&schema, &mut Seen::default());
    let count = instances.map(|instances| instances.len());
    assert!(matches!(count, Ok(50..=120)), "{count:?}");
}
