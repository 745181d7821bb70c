use serde_json::{Value, json};

use super::*;

const HEAD: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n";

fn checked(text: &str) -> Checked {
    let document = Document::parse("spec.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    check(&document).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Checks a document that starts with [`HEAD`]. Returns its root and its findings as
/// `line: pointer: problem: repair`. Also asserts that a second check does not change the document.
fn repaired(rest: &str) -> (Value, Vec<String>) {
    let text = format!("{HEAD}{rest}");
    let document = Document::parse("spec.yaml", text).unwrap_or_else(|error| panic!("{error}"));
    let checked = check(&document).unwrap_or_else(|error| panic!("{error}\n{rest}"));
    let again = check(&checked.document).unwrap_or_else(|error| panic!("{error}\n{rest}"));
    assert_eq!(again.document.root, checked.document.root, "{rest}");
    let findings = checked.findings.iter().map(|finding| {
        let message = finding.diagnostic(&document);
        let line = message.position.map_or(0, |position| position.line);
        let (pointer, problem, repair) = (&finding.pointer, &finding.problem, &finding.repair);
        format!("{line}: {pointer}: {problem}: {repair}")
    });
    let findings = findings.collect();
    (checked.document.root, findings)
}

/// Asserts that each document has exactly one finding, `line: pointer: problem: repair`, which starts with
/// the given string, and the given value at a pointer; `null` for none.
fn assert_repairs(cases: &[(&str, &str, &str, Value)]) {
    for (rest, expected, pointer, value) in cases {
        let (root, findings) = repaired(rest);
        assert_eq!(findings.len(), 1, "{rest}: {findings:#?}");
        assert!(findings[0].starts_with(expected), "{rest}: {}", findings[0]);
        let found = root.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(found, *value, "{rest}");
    }
}

#[test]
fn other_versions_are_rejected_and_versions_that_are_almost_right_are_read() {
    for (text, message) in [
        ("swagger: '2.0'", "d:1:1: this is Swagger \"2.0\""),
        ("a: 1", "d:1:1: not an OpenAPI document"),
        ("[]", "d:1:1: not an OpenAPI document"),
        (
            "openapi: 4.0.0",
            "d:1:1: OpenAPI \"4.0.0\" is not supported",
        ),
        ("openapi: true", "d:1:1: OpenAPI true is not supported"),
    ] {
        let document = Document::parse("d", text).expect("parses");
        let rejected = check(&document).expect_err("is rejected").to_string();
        assert!(rejected.starts_with(message), "{rejected}");
    }
    for (written, read, findings) in [
        ("3.0.3", "3.0.3", 0),
        ("3.1.0-rc1", "3.1.0-rc1", 0),
        ("3.2.0", "3.2.0", 0),
        ("3.0", "3.0.3", 1),
        ("'3.1'", "3.1.0", 1),
        ("' 3.0.1 '", "3.0.1", 1),
        ("v3.0.1", "3.0.1", 1),
        ("OpenAPI 3.1.1", "3.1.1", 1),
        ("3", "3.0.3", 1),
        ("3.10.0", "3.2.0", 1),
    ] {
        let checked = checked(&format!(
            "openapi: {written}\ninfo: {{title: T, version: '1'}}"
        ));
        let root = &checked.document.root;
        assert_eq!(
            (&root["openapi"], checked.findings.len()),
            (&json!(read), findings),
            "{written}"
        );
    }
}

#[test]
fn a_document_without_version_or_metadata_is_named_after_its_file() {
    for (text, title, version, findings) in [
        ("openapi: 3.1.0", "spec", "0.0.0", 1),
        ("openapi: 3.1.0\ninfo: []", "spec", "0.0.0", 1),
        ("openapi: 3.1.0\ninfo: {title: T}", "T", "0.0.0", 1),
        (
            "openapi: 3.1.0\ninfo: {title: null, version: 1.5}",
            "spec",
            "1.5",
            2,
        ),
        ("paths: {}\ninfo: {title: T, version: '1'}", "T", "1", 1),
        (
            "openapi:\npaths: {}\ninfo: {title: T, version: '1'}",
            "T",
            "1",
            1,
        ),
        (
            "openapi: [3, 0]\npaths: {}\ninfo: {title: T, version: '1'}",
            "T",
            "1",
            1,
        ),
        (
            "openapi: ' '\npaths: {}\ninfo: {title: T, version: '1'}",
            "T",
            "1",
            1,
        ),
    ] {
        let checked = checked(text);
        let info = &checked.document.root["info"];
        assert_eq!(
            *info,
            json!({ "title": title, "version": version }),
            "{text}"
        );
        assert_eq!(checked.findings.len(), findings, "{text}");
    }
}

#[test]
fn a_field_of_the_wrong_type_is_removed_or_read_as_it_is_meant() {
    let get = "/paths/~1a/get";
    let of_get = |field: &str| format!("{get}/{field}");
    assert_repairs(&[
        (
            "components:\n  schemas:\n",
            "4: #/components/schemas: `schemas` has no value, but must be an object: removed",
            "/components",
            json!({}),
        ),
        (
            "components: {headers: {H: 1}}",
            "3: #/components/headers/H: `H` is a number",
            "/components/headers",
            json!({}),
        ),
        (
            "paths: []",
            "3: #/paths: `paths` is a list, but must be an object: removed",
            "/paths",
            Value::Null,
        ),
        (
            "paths: {/a: text}",
            "3: #/paths/~1a: `/a` is a string",
            "/paths",
            json!({}),
        ),
        (
            "paths: {/a: {get: true, put: {}}}",
            "3: #/paths/~1a/get: `get` is a boolean",
            "/paths/~1a",
            json!({ "put": {} }),
        ),
        (
            "paths: {/a: {parameters: , put: {}}}",
            "3: #/paths/~1a/parameters: `parameters` has no value",
            "/paths/~1a",
            json!({ "put": {} }),
        ),
        (
            "paths: {/a: {get: {parameters: [1, {name: a, in: query}]}}}",
            "3: #/paths/~1a/get/parameters/0: `0` is a number",
            &of_get("parameters"),
            json!([{ "name": "a", "in": "query" }]),
        ),
        (
            "paths: {/a: {get: {parameters: [{in: query}]}}}",
            "3: #/paths/~1a/get/parameters/0: the parameter has no `name`",
            &of_get("parameters"),
            json!([]),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: a}]}}}",
            "3: #/paths/~1a/get/parameters/0: the parameter has no `in`",
            &of_get("parameters"),
            json!([]),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: 1, in: query}]}}}",
            "3: #/paths/~1a/get/parameters/0/name: `name` has the wrong type: interpreted it as \"1\"",
            &of_get("parameters/0/name"),
            json!("1"),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: a, in: query, required: 'True'}]}}}",
            "3: #/paths/~1a/get/parameters/0/required",
            &of_get("parameters/0/required"),
            json!(true),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: a, in: query, required: 1}]}}}",
            "3: #/paths/~1a/get/parameters/0/required: `required` has the wrong type: removed",
            &of_get("parameters/0"),
            json!({ "name": "a", "in": "query" }),
        ),
        (
            "paths: {/a: {get: {requestBody: text}}}",
            "3: #/paths/~1a/get/requestBody: `requestBody` is a string",
            get,
            json!({}),
        ),
        (
            "paths: {/a: {get: {responses: }}}",
            "3: #/paths/~1a/get/responses: `responses` has no value",
            get,
            json!({}),
        ),
        (
            "paths: {/a: {get: {responses: {200: Done}}}}",
            "3: #/paths/~1a/get/responses/200: the value is not an object",
            &of_get("responses/200"),
            json!({ "description": "Done" }),
        ),
        (
            "paths: {/a: {get: {responses: {200: {content: {text/csv: }}}}}}",
            "3: #/paths/~1a/get/responses/200/content/text~1csv: the value is not",
            &of_get("responses/200/content"),
            json!({ "text/csv": {} }),
        ),
        (
            "paths: {/a: {get: {tags: one}}}",
            "3: #/paths/~1a/get/tags: `tags` has the wrong type: interpreted it as [\"one\"]",
            &of_get("tags"),
            json!(["one"]),
        ),
        (
            "paths: {/a: {get: {tags: [one, 2]}}}",
            "3: #/paths/~1a/get/tags/1: item 1 of `tags`",
            &of_get("tags"),
            json!(["one"]),
        ),
        (
            "security: {key: []}",
            "3: #/security: `security` has the wrong type",
            "/security",
            json!([{ "key": [] }]),
        ),
        (
            "security: [key]",
            "3: #/security/0: the requirement `key` has no list of scopes",
            "/security",
            json!([{ "key": [] }]),
        ),
        (
            "security: [{key: null}]",
            "3: #/security/0/key: the requirement `key` has no list of scopes",
            "/security",
            json!([{ "key": [] }]),
        ),
        (
            "security: [1]",
            "3: #/security/0: item 0 of `security`",
            "/security",
            json!([]),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: a, in: Query}]}}}",
            "3: #/paths/~1a/get/parameters/0/in: `Query` is not a location of parameters: interpreted it as `query`",
            &of_get("parameters/0/in"),
            json!("query"),
        ),
        (
            "servers: https://a.example",
            "3: #/servers: `servers` has the wrong type",
            "/servers",
            Value::Null,
        ),
    ]);
}

#[test]
fn a_parameter_has_a_schema_or_content() {
    let schema = json!({ "name": "b", "in": "query", "schema": {} });
    let place = "/paths/~1a/get/parameters/0";
    assert_repairs(&[
        (
            "paths: {/a: {get: {parameters: [{name: b, in: query, schema: {}, content: {}}]}}}",
            "3: #/paths/~1a/get/parameters/0/content: `content` has no media type: removed",
            place,
            schema.clone(),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: b, in: query, schema: {}, content: {text/csv: {}}}]}}}",
            "3: #/paths/~1a/get/parameters/0/content: a parameter or header has either `schema` or `content`, not both",
            place,
            schema,
        ),
    ]);
}

#[test]
fn an_operation_of_another_method_is_one_of_the_additional_operations() {
    let responses = json!({ "responses": {} });
    assert_repairs(&[
        (
            "paths: {/a: {GET: {responses: {}}}}",
            "3: #/paths/~1a/GET: `GET` is not a field of a path item: interpreted it as the operation for the method get",
            "/paths/~1a/get",
            responses.clone(),
        ),
        (
            "paths: {/a: {purge: {responses: {}}}}",
            "3: #/paths/~1a/purge: ",
            "/paths/~1a/additionalOperations/PURGE",
            responses.clone(),
        ),
        (
            "paths: {/a: {get: {responses: {}}, Get: {operationId: b}}}",
            "3: #/paths/~1a/Get: ",
            "/paths/~1a",
            json!({ "get": responses }),
        ),
    ]);
}

#[test]
fn a_reference_without_a_target_costs_what_it_stands_for() {
    let any_response = json!({ "description": "", "content": { "*/*": {} } });
    let get = "/paths/~1a/get";
    let of_get = |field: &str| format!("{get}/{field}");
    assert_repairs(&[
        (
            "components: {schemas: {Role: {}, A: {$ref: '#/components/schemas/Rolle'}}}",
            "3: #/components/schemas/A/$ref: the reference `#/components/schemas/Rolle` does not resolve; did you mean `Role`?: replaced it with any value",
            "/components/schemas/A",
            json!({}),
        ),
        (
            "components: {schemas: {A: {$ref: 'other.yaml#/A'}}}",
            "3: #/components/schemas/A/$ref: the reference `other.yaml#/A` points outside the document",
            "/components/schemas/A",
            json!({}),
        ),
        (
            "components: {schemas: {A: {$ref: 3, title: T}}}",
            "3: #/components/schemas/A/$ref: the reference `` does not resolve",
            "/components/schemas/A",
            json!({ "title": "T" }),
        ),
        (
            "components: {schemas: {A: {$ref: '#/info/title'}}}",
            "3: #/components/schemas/A/$ref: ",
            "/components/schemas/A",
            json!({}),
        ),
        (
            "components: {schemas: {Role: {}, A: {$ref: '#/definitions/Role'}}}",
            "3: #/components/schemas/A/$ref: the reference `#/definitions/Role` does not resolve: interpreted it as `#/components/schemas/Role`",
            "/components/schemas/A/$ref",
            json!("#/components/schemas/Role"),
        ),
        (
            "paths: {/a: {get: {parameters: [{$ref: '#/x'}, {name: b, in: query}]}}}",
            "3: #/paths/~1a/get/parameters/0/$ref: ",
            &of_get("parameters"),
            json!([{ "name": "b", "in": "query" }]),
        ),
        (
            "paths: {/a: {get: {parameters: [{$ref: '#/components/schemas/A'}]}}}\ncomponents: {schemas: {A: {}}}",
            "3: #/paths/~1a/get/parameters/0/$ref: ",
            &of_get("parameters"),
            json!([]),
        ),
        (
            "paths: {/a: {get: {requestBody: {$ref: '#/x'}}}}",
            "3: #/paths/~1a/get/requestBody/$ref: ",
            &of_get("requestBody"),
            json!({ "content": { "application/json": {} } }),
        ),
        (
            "paths: {/a: {get: {responses: {200: {$ref: '#/x'}}}}}",
            "3: #/paths/~1a/get/responses/200/$ref: ",
            &of_get("responses/200"),
            any_response,
        ),
        (
            "paths: {/a: {get: {responses: {200: {headers: {X: {$ref: '#/x'}}}}}}}",
            "3: #/paths/~1a/get/responses/200/headers/X/$ref: ",
            &of_get("responses/200/headers"),
            json!({}),
        ),
        (
            "paths: {/a: {get: {responses: {200: {links: {X: {$ref: '#/x'}}}}}}}",
            "3: #/paths/~1a/get/responses/200/links/X/$ref: ",
            &of_get("responses/200/links"),
            json!({}),
        ),
        (
            "paths: {/a: {get: {responses: {200: {content: {text/csv: {examples: {X: {$ref: '#/x'}}}}}}}}}",
            "3: #/paths/~1a/get/responses/200/content/text~1csv/examples/X/$ref: ",
            &of_get("responses/200/content/text~1csv/examples"),
            json!({}),
        ),
        (
            "paths: {/a: {get: {responses: {200: {content: {text/csv: {$ref: '#/x'}}}}}}}",
            "3: #/paths/~1a/get/responses/200/content/text~1csv/$ref: ",
            &of_get("responses/200/content"),
            json!({ "text/csv": {} }),
        ),
        (
            "paths: {/a: {get: {callbacks: {X: {$ref: '#/x'}}}}}",
            "3: #/paths/~1a/get/callbacks/X/$ref: ",
            &of_get("callbacks"),
            json!({}),
        ),
        (
            "paths: {/a: {$ref: '#/x', get: {}}}",
            "3: #/paths/~1a/$ref: ",
            "/paths/~1a",
            json!({ "get": {} }),
        ),
        ("$ref: '#/x'", "3: #/$ref: ", "/info/title", json!("T")),
        (
            "components: {securitySchemes: {X: {$ref: '#/x'}}}",
            "3: #/components/securitySchemes/X/$ref: ",
            "/components/securitySchemes",
            json!({}),
        ),
        (
            "components: {schemas: {A: {discriminator: {propertyName: k, mapping: {a: A, b: B}}}}}",
            "3: #/components/schemas/A/discriminator/mapping/b: the discriminator names `B`, which does not exist: removed the value",
            "/components/schemas/A/discriminator/mapping",
            json!({ "a": "A" }),
        ),
        (
            "components: {schemas: {A: {discriminator: {propertyName: k, mapping: {a: '#/definitions/A'}}}}}",
            "3: #/components/schemas/A/discriminator/mapping/a: ",
            "/components/schemas/A/discriminator/mapping/a",
            json!("#/components/schemas/A"),
        ),
    ]);
}

#[test]
fn a_reference_to_a_component_that_was_removed_goes_too() {
    let (root, findings) = repaired(
        "paths: {/a: {get: {parameters: [{$ref: '#/components/parameters/A'}]}}}\n\
         components: {parameters: {A: {$ref: '#/components/parameters/B'}, B: {$ref: '#/x'}}}\n",
    );
    assert_eq!(root["paths"]["/a"]["get"]["parameters"], json!([]));
    assert_eq!(root["components"]["parameters"], json!({}));
    assert_eq!(findings.len(), 3);
}

#[test]
fn a_circle_that_no_instance_can_satisfy_is_cut() {
    let schema = |name: &str| format!("#/components/schemas/{name}");
    assert_repairs(&[
        (
            "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}",
            "3: #/components/schemas/B/$ref: the reference `#/components/schemas/A` is circular",
            "/components/schemas",
            json!({ "A": { "$ref": schema("B") }, "B": {} }),
        ),
        (
            "components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}, {title: T}]}}}",
            "3: #/components/schemas/A/allOf/0/$ref: ",
            "/components/schemas/A/allOf",
            json!([{}, { "title": "T" }]),
        ),
        (
            "components: {schemas: {A: {allOf: [{allOf: [{$ref: '#/components/schemas/A'}]}]}}}",
            "3: #/components/schemas/A/allOf/0/allOf/0/$ref: ",
            "/components/schemas/A",
            json!({ "allOf": [{ "allOf": [{}] }] }),
        ),
        (
            "components: {responses: {A: {$ref: '#/components/responses/A'}}}",
            "3: #/components/responses/A/$ref: ",
            "/components/responses/A/description",
            json!(""),
        ),
        (
            "components: {parameters: {A: {$ref: '#/components/parameters/A'}}}",
            "3: #/components/parameters/A/$ref: ",
            "/components/parameters",
            json!({}),
        ),
        (
            "paths: {/a: {$ref: '#/paths/~1a'}}",
            "3: #/paths/~1a/$ref: ",
            "/paths/~1a",
            json!({}),
        ),
    ]);
    for recursive in [
        "{properties: {a: {$ref: '#/components/schemas/A'}}}",
        "{allOf: [{items: {$ref: '#/components/schemas/A'}}]}",
        "{properties: {allOf: {$ref: '#/components/schemas/A'}}}",
    ] {
        let (_, findings) = repaired(&format!("components: {{schemas: {{A: {recursive}}}}}"));
        assert_eq!(findings, Vec::<String>::new(), "{recursive}");
    }
}

#[test]
fn a_long_chain_of_references_is_followed() {
    let chain = (0..2000).map(|index| {
        let next = index + 1;
        format!("    A{index}: {{$ref: '#/components/schemas/A{next}'}}\n")
    });
    let chain: String = chain.collect();
    let (_, findings) = repaired(&format!(
        "components:\n  schemas:\n{chain}    A2000: {{}}\n"
    ));
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn a_path_and_its_parameters_are_made_to_agree() {
    let parameters = "/paths/~1a~1{b}/get/parameters";
    let declared =
        json!([{ "name": "b", "in": "path", "required": true, "schema": { "type": "string" } }]);
    let b = json!([{ "name": "b", "in": "path", "required": true }]);
    assert_repairs(&[
        (
            "paths: {'/a/{b}': {get: {}}}",
            "3: #/paths/~1a~1{b}/get: the path `/a/{b}` has the parameter `b`, which is not declared: declared it as a string",
            parameters,
            declared,
        ),
        (
            "paths: {'/a/{b}': {get: {parameters: [{name: c, in: path, required: true}, {name: b, in: path, required: true}]}}}",
            "3: #/paths/~1a~1{b}/get/parameters/0: the path parameter `c` is not in the path `/a/{b}`: removed the parameter `c`",
            parameters,
            b.clone(),
        ),
        (
            "paths: {'/a/{b}': {parameters: [{name: c, in: path, required: true}], get: {parameters: [{name: b, in: path, required: true}]}}}",
            "3: #/paths/~1a~1{b}/parameters/0: ",
            "/paths/~1a~1{b}/parameters",
            json!([]),
        ),
        (
            "paths: {'/a/{b}': {get: {parameters: [{name: B, in: path, required: true}]}}}",
            "3: #/paths/~1a~1{b}/get/parameters/0: the path `/a/{b}` spells the parameter `B` as `b`",
            parameters,
            b,
        ),
        (
            "paths: {a: {get: {}}}",
            "3: #/paths/a: the path `a` does not have the syntax of OpenAPI paths: interpreted it as `/a`",
            "/paths/~1a",
            json!({ "get": {} }),
        ),
        (
            "paths: {'/a/{b': {get: {}}, /c: {}}",
            "3: #/paths/~1a~1{b: ",
            "/paths",
            json!({ "/c": {} }),
        ),
        (
            "paths: {a: {get: {x-a: 1}}, /a: {put: {}}}",
            "3: #/paths/a: ",
            "/paths",
            json!({ "/a": { "put": {}, "get": { "x-a": 1 } } }),
        ),
        (
            "paths: {'/a/{b}': {get: {parameters: [{name: b, in: path}]}}, '/a/{c}': {get: {parameters: [{name: c, in: path}]}}}",
            "3: #/paths/~1a~1{c}/get: two operations for GET on one path: `/a/{b}` and `/a/{c}`: kept both",
            "/paths/~1a~1{c}/get/parameters/0/name",
            json!("c"),
        ),
    ]);
}

#[test]
fn what_an_expression_of_a_template_says_is_said_by_the_parameter() {
    assert_repairs(&[
        (
            "paths: {'/a/{b*}': {get: {parameters: [{name: b, in: path, schema: {}}]}}}",
            "3: #/paths/~1a~1{b*}: ",
            "/paths/~1a~1{b}/get/parameters/0",
            json!({ "name": "b", "in": "path", "schema": {}, "explode": true }),
        ),
        (
            "paths: {'/a{?b}': {get: {parameters: [{name: b, in: path, schema: {}}]}}}",
            "3: #/paths/~1a{?b}: ",
            "/paths/~1a/get/parameters/0",
            json!({ "name": "b", "in": "query", "schema": {} }),
        ),
        (
            "paths: {'/a{;b}': {get: {parameters: [{name: b, in: path, schema: {}}]}}}",
            "3: #/paths/~1a{;b}: ",
            "/paths/~1a{b}/get/parameters/0/style",
            json!("matrix"),
        ),
    ]);
}

#[test]
fn a_form_in_the_query_string_becomes_a_query_parameter() {
    let form = "application/x-www-form-urlencoded: {schema: {type: object}}";
    let (root, findings) = repaired(&format!(
        "paths: {{/a: {{get: {{parameters: [{{in: querystring, content: {{{form}}}}}]}}}}}}"
    ));
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(
        root["paths"]["/a"]["get"]["parameters"][0],
        json!({ "name": "query", "in": "query", "style": "form", "explode": true, "schema": { "type": "object" } })
    );
    assert_repairs(&[(
        "paths: {/a: {get: {parameters: [{in: querystring, name: b, content: {text/csv: {}}}]}}}",
        "3: #/paths/~1a/get/parameters/0: only a form",
        "/paths/~1a/get/parameters",
        json!([]),
    )]);
}

#[test]
fn keywords_of_swagger_2_are_read() {
    let get = "/paths/~1a/get";
    let of_get = |field: &str| format!("{get}/{field}");
    let integer = json!({ "type": "integer" });
    assert_repairs(&[
        (
            "paths: {/a: {get: {parameters: [{name: b, in: query, type: integer}]}}}",
            "3: #/paths/~1a/get/parameters/0/type: the keyword `type` is from Swagger 2, and OpenAPI 3 does not have it here: moved it into a `schema`",
            &of_get("parameters/0/schema"),
            integer.clone(),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: b, in: query, type: array, collectionFormat: pipes}]}}}",
            "3: #/paths/~1a/get/parameters/0/type",
            &of_get("parameters/0/style"),
            json!("pipeDelimited"),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: b, in: body, schema: {type: integer}}]}}}",
            "3: #/paths/~1a/get/parameters/0: `in: body` is from Swagger 2, and OpenAPI 3 does not have it",
            &of_get("requestBody/content/application~1json/schema"),
            integer.clone(),
        ),
        (
            "paths: {/a: {get: {parameters: [{name: b, in: formData, type: file, required: true}]}}}",
            "3: #/paths/~1a/get/parameters/0: `in: formData`",
            &of_get("requestBody/content/multipart~1form-data/schema"),
            json!({ "type": "object", "properties": { "b": { "type": "string", "format": "binary" } }, "required": ["b"] }),
        ),
        (
            "paths: {/a: {get: {responses: {200: {schema: {type: integer}}}}}}",
            "3: #/paths/~1a/get/responses/200/schema",
            &of_get("responses/200/content/application~1json/schema"),
            integer,
        ),
    ]);
}

#[test]
fn positions_of_moved_values_are_those_of_the_source() {
    let text = format!(
        "{HEAD}paths:\n  a:\n    get:\n      parameters:\n        - {{$ref: '#/x'}}\n        - {{name: b, in: query}}\n"
    );
    let document = Document::parse("spec.yaml", text).expect("parses");
    let checked = check(&document).expect("is a document");
    let parameter = Pointer::of(["paths", "/a", "get", "parameters", "0", "name"]);
    let position = checked.document.position(&parameter);
    assert_eq!(position.map(|position| position.line), Some(8));
    let losses: Vec<_> = checked
        .findings
        .iter()
        .filter_map(|finding| finding.loss.as_ref())
        .collect();
    assert_eq!(losses.len(), 1);
    assert_eq!(
        losses[0].place,
        Pointer::of(["paths", "a", "get", "parameters", "0"])
    );
}

#[test]
fn paging_by_an_unknown_parameter_is_rejected_with_a_location_and_a_hint() {
    let text = format!(
        "{HEAD}paths:\n  /a:\n    get:\n      parameters: [{{name: offset, in: query, schema: {{type: integer}}}}]\n\
         \x20     x-paging:\n        skip: offsets\n"
    );
    let document = Document::parse("spec.yaml", text).expect("parses");
    let rejected = check(&document).expect_err("is rejected").to_string();
    assert!(
        rejected.starts_with("spec.yaml:8:9: the operation has no query parameter `offsets`"),
        "{rejected}"
    );
    assert!(
        rejected.contains("at: #/paths/~1a/get/x-paging/skip"),
        "{rejected}"
    );
    assert!(
        rejected.contains("hint: the query parameters are `offset`"),
        "{rejected}"
    );
}
