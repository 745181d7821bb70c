//! The changes of the messages of operations beside their JSON schemas: parameters, media types, forms,
//! statuses, webhooks and callbacks.

mod common;

use common::operations::{assert_found, compared, document, found, get, policy};
use openapi_diff::catalogue::Verdict::{Additive as A, Breaking as B, MayBreak as M, Neutral as N};
use openapi_document::Document;

#[test]
fn what_the_server_sends_to_webhooks_and_callbacks_is_a_response() {
    let body = |required: &str| {
        format!(
            "{{post: {{requestBody: {{content: {{application/json: {{schema: {{type: object, required: [{required}], properties: {{a: {{type: string}}}}}}}}}}}}, responses: {{'204': {{description: ''}}}}}}}}"
        )
    };
    let hook = |required: &str| document("", &format!("webhooks: {{made: {}}}", body(required)));
    let callback = |required: &str| {
        document(
            &get(&format!(
                ", callbacks: {{made: {{'{{$request.query.url}}': {}}}}}",
                body(required)
            )),
            "",
        )
    };
    for with in [&hook as &dyn Fn(&str) -> Document, &callback] {
        let (optional, required) = (with(""), with("a"));
        let report = compared(&optional, &required, &policy());
        assert_eq!(found(&report), [("property-became-required", A)]);
        let report = compared(&required, &optional, &policy());
        assert_eq!(found(&report), [("property-became-optional", B)]);
    }
    let body = |required: &str| {
        let hook = format!(
            "webhooks: {{made: {{post: {{requestBody: {{{required}content: {{}}}}, responses: {{'204': {{description: ''}}}}}}}}}}"
        );
        document("", &hook)
    };
    let (optional, required) = (body(""), body("required: true, "));
    let report = compared(&optional, &required, &policy());
    assert_eq!(found(&report), [("body-became-required", A)]);
    let report = compared(&required, &optional, &policy());
    assert_eq!(found(&report), [("body-became-optional", B)]);
    let report = compared(&hook("a"), &document("", ""), &policy());
    assert_eq!(found(&report), [("webhook-removed", B)]);
    assert_eq!(report.changes[0].operations[0].request, "POST webhook made");
}

#[test]
fn webhooks_of_all_methods_are_compared() {
    let responses = "{responses: {'204': {description: ''}}}";
    for operation in [
        format!("post: {responses}"),
        format!("query: {responses}"),
        format!("additionalOperations: {{NOTIFY: {responses}}}"),
    ] {
        let hook = document("", &format!("webhooks: {{made: {{{operation}}}}}"));
        let report = compared(&hook, &document("", ""), &policy());
        assert_eq!(found(&report), [("webhook-removed", B)], "{operation}");
    }
}

#[test]
fn media_types_that_clients_read_alike_are_one() {
    let response = |name: &str| {
        format!(
            "get: {{operationId: t, responses: {{'400': {{description: '', content: {{{name}: {{schema: {{type: string}}}}}}}}}}}}"
        )
    };
    let request = |name: &str| {
        get(&format!(
            ", requestBody: {{content: {{'{name}': {{schema: {{type: string}}}}}}}}"
        ))
    };
    let renamed = "media-type-renamed";
    assert_found(
        &response("application/json"),
        &response("application/problem+json"),
        &[(renamed, N)],
    );
    assert_found(
        &response("application/json"),
        &response("application/json; charset=utf-8"),
        &[],
    );
    assert_found(
        &request("application/json"),
        &request("application/vnd.t+json"),
        &[(renamed, B)],
    );
    assert_found(&request("text/csv"), &request("text/*"), &[(renamed, A)]);
    assert_found(
        &response("application/json"),
        &response("text/csv"),
        &[("media-type-removed", B), ("media-type-added", A)],
    );
}

#[test]
fn a_media_type_is_compared_with_the_range_that_contains_it() {
    let content = |names: &str, kind: &str| {
        let types: Vec<String> = names
            .split(' ')
            .map(|name| format!("'{name}': {{schema: {{type: {kind}}}}}"))
            .collect();
        types.join(", ")
    };
    let response = |content: &str| {
        format!(
            "get: {{operationId: t, responses: {{'200': {{description: '', content: {{{content}}}}}}}}}"
        )
    };
    let request = |content: &str| get(&format!(", requestBody: {{content: {{{content}}}}}"));
    let renamed = "media-type-renamed";
    let (json, any) = (
        content("application/json", "string"),
        content("*/*", "string"),
    );
    assert_found(&response(&json), &response(&any), &[(renamed, M)]);
    assert_found(&response(&any), &response(&json), &[(renamed, N)]);
    assert_found(&request(&json), &request(&any), &[(renamed, A)]);
    assert_found(&request(&any), &request(&json), &[(renamed, B)]);
    let several = content("application/json application/xml", "string");
    assert_found(
        &response(&several),
        &response(&any),
        &[(renamed, M), (renamed, M)],
    );
    let with_range = content("application/json */*", "string");
    assert_found(
        &request(&with_range),
        &request(&any),
        &[("media-type-removed", N)],
    );
    let json_beside = format!("{}, {any}", content("application/json", "integer"));
    assert_found(
        &request(&any),
        &request(&json_beside),
        &[("type-changed", B), ("media-type-added", N)],
    );
}

#[test]
fn a_status_is_compared_with_the_range_that_contains_it() {
    let with = |responses: &[(&str, &str)]| {
        let responses: Vec<String> = responses
            .iter()
            .map(|(status, kind)| {
                format!(
                    "'{status}': {{description: '', content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
                )
            })
            .collect();
        format!(
            "get: {{operationId: t, responses: {{{}}}}}",
            responses.join(", ")
        )
    };
    let (generalized, specialized) = ("status-generalized", "status-specialized");
    let statuses = with(&[("200", "string"), ("201", "string")]);
    let range = with(&[("2XX", "string")]);
    assert_found(&statuses, &range, &[(generalized, A), (generalized, A)]);
    assert_found(&range, &statuses, &[(specialized, N), (specialized, N)]);
    let other = with(&[("200", "string"), ("201", "integer")]);
    assert_found(
        &range,
        &other,
        &[("type-changed", B), (specialized, N), (specialized, N)],
    );
    // The range is kept.
    let both = |kind: &str| with(&[("200", "string"), ("404", kind), ("4XX", "string")]);
    let errors = with(&[("200", "string"), ("4XX", "string")]);
    assert_found(&errors, &both("string"), &[("error-added", A)]);
    assert_found(
        &errors,
        &both("integer"),
        &[("type-changed", B), ("error-added", A)],
    );
    assert_found(
        &both("integer"),
        &errors,
        &[("type-changed", B), ("error-removed", N)],
    );
    let default = with(&[("default", "string")]);
    assert_found(
        &default,
        &with(&[("200", "integer"), ("default", "string")]),
        &[("type-changed", B), ("success-covered", A)],
    );
    // A default response beside a success is for errors.
    let with_default = |more: &[(&str, &str)]| {
        with(&[&[("200", "string"), ("default", "boolean")], more].concat())
    };
    assert_found(
        &with_default(&[("201", "integer")]),
        &with_default(&[]),
        &[("success-removed", B)],
    );
    assert_found(
        &with_default(&[]),
        &with_default(&[("404", "integer")]),
        &[("error-added", A)],
    );
}

#[test]
fn path_parameters_match_by_their_position() {
    let with = |path: &str, of_x: &str, of_y: &str| {
        let parameter = |name: &str, kind: &str| {
            format!("{{name: {name}, in: path, required: true, schema: {{type: {kind}}}}}")
        };
        let (x, y) = (parameter("x", of_x), parameter("y", of_y));
        let text = format!(
            "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths:
  {path}: {{get: {{operationId: t, parameters: [{x}, {y}], responses: {{'204': {{description: ''}}}}}}}}
"
        );
        Document::parse("d.yaml", text).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let old = with("/p/{x}/q/{y}", "string", "integer");
    let report = compared(&old, &with("/p/{y}/q/{x}", "integer", "string"), &policy());
    assert_eq!(found(&report), [("parameter-renamed", N); 2]);
    let report = compared(&old, &with("/p/{y}/q/{x}", "string", "integer"), &policy());
    assert_eq!(report.verdict(), B);
    // Parameters of another path keep their names.
    let report = compared(
        &old,
        &with("/q/{y}/p/{x}/r", "string", "integer"),
        &policy(),
    );
    assert_eq!(found(&report), [("operation-path-changed", B)]);
}

#[test]
fn values_in_xml_and_in_plain_text_are_strings() {
    let body = |name: &str, kind: &str| {
        get(&format!(
            ", requestBody: {{content: {{{name}: {{schema: {{type: object, properties: {{a: {{type: {kind}}}}}}}}}}}}}"
        ))
    };
    for (name, there, back) in [
        ("application/xml", ("type-widened", A), ("type-narrowed", B)),
        ("application/json", ("type-changed", B), ("type-changed", B)),
    ] {
        let (integer, text) = (body(name, "integer"), body(name, "string"));
        assert_found(&integer, &text, &[there]);
        assert_found(&text, &integer, &[back]);
    }
}

#[test]
fn statuses_are_told_apart_as_clients_tell_them_apart() {
    let with = |responses: &str| format!("get: {{operationId: t, responses: {{{responses}}}}}");
    let of = |status: &str, kind: &str| {
        format!(
            "'{status}': {{description: '', content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
        )
    };
    let both = |a: String, b: String| with(&format!("{a}, {b}"));
    let one = with(&of("200", "string"));
    let alike = both(of("200", "string"), of("201", "string"));
    let different = both(of("200", "string"), of("201", "integer"));
    assert_found(&one, &alike, &[("success-added", A)]);
    assert_found(&one, &different, &[("success-added", B)]);
    assert_found(&alike, &one, &[("success-removed", M)]);
    assert_found(&different, &one, &[("success-removed", B)]);
    assert_found(
        &one,
        &with(&of("2XX", "string")),
        &[("status-generalized", A)],
    );
    assert_found(
        &with(&of("2XX", "string")),
        &one,
        &[("status-specialized", N)],
    );
    let error = |status: &str| both(of("200", "string"), of(status, "string"));
    assert_found(&error("404"), &error("4XX"), &[("status-generalized", N)]);
    assert_found(
        &error("404"),
        &error("default"),
        &[("status-generalized", N)],
    );
    assert_found(&error("404"), &one, &[("error-removed", N)]);
}

#[test]
fn the_notation_of_a_parameter_only_matters_where_it_changes_what_is_sent() {
    let query = |more: &str| get(&format!(", parameters: [{{name: q, in: query, {more}}}]"));
    let list = "schema: {type: array, items: {type: string}}";
    let text = "schema: {type: string}";
    let changed = [("parameter-style-changed", B)];
    for (old, new, expected) in [
        (format!("{text}, explode: false"), text.to_owned(), &[][..]),
        (format!("{list}, explode: false"), list.to_owned(), &changed),
        (
            format!("{list}, style: form, explode: true"),
            list.to_owned(),
            &[],
        ),
        (
            format!("{text}, required: false, allowReserved: false"),
            text.to_owned(),
            &[],
        ),
        (
            format!("{text}, style: pipeDelimited"),
            text.to_owned(),
            &[],
        ),
        (
            "content: {text/plain: {schema: {type: string}}}".to_owned(),
            text.to_owned(),
            &[],
        ),
        (
            "content: {application/json: {schema: {type: string}}}".to_owned(),
            text.to_owned(),
            &changed,
        ),
        (
            format!("{text}, allowReserved: true"),
            text.to_owned(),
            &[("parameter-style-changed", N)],
        ),
    ] {
        assert_found(&query(&old), &query(&new), expected);
        assert_found(&query(&new), &query(&old), expected);
    }
    let header = |more: &str| query(&format!("{list}{more}")).replace("query", "header");
    assert_found(&header(""), &header(", explode: true"), &[]);
}

#[test]
fn an_object_whose_properties_are_parameters_is_these_parameters() {
    let query = |parameters: &str| get(&format!(", parameters: [{parameters}]"));
    let one = |name: &str, more: &str| {
        format!("{{name: '{name}', in: query, {more}schema: {{type: integer}}}}")
    };
    let object = |required: &str, more: &str| {
        query(&format!(
            "{{name: q, in: query, required: true, {more}schema: {{type: object, required: [{required}], properties: {{a: {{type: integer}}, b: {{type: integer}}}}}}}}"
        ))
    };
    let (a, b) = (one("a", ""), one("b", ""));
    let deep = [one("q[a]", ""), one("q[b]", "")].join(", ");
    for (separate, object) in [
        (query(&format!("{a}, {b}")), object("", "")),
        (
            query(&format!("{}, {b}", one("a", "required: true, "))),
            object("a", ""),
        ),
        (query(&deep), object("", "style: deepObject, ")),
    ] {
        assert_found(&separate, &object, &[]);
        assert_found(&object, &separate, &[]);
    }
    let both = query(&format!("{a}, {b}"));
    let required = "parameter-became-required";
    assert_found(&both, &object("a", ""), &[(required, B)]);
    assert_found(&query(&a), &object("", ""), &[("parameter-added", A)]);
    assert_found(&object("", ""), &query(&a), &[("parameter-removed", M)]);
    let strings = both.replace("integer", "string");
    let narrowed = "type-narrowed";
    assert_found(&strings, &object("", ""), &[(narrowed, B), (narrowed, B)]);
    assert_found(
        &query(&deep),
        &object("", ""),
        &[
            ("required-parameter-added", B),
            ("parameter-removed", M),
            ("parameter-removed", M),
        ],
    );
}

#[test]
fn the_encoding_of_a_form_only_matters_where_it_is_not_the_default() {
    let form = |media_type: &str, field: &str, encoding: &str| {
        get(&format!(
            ", requestBody: {{content: {{{media_type}: {{schema: {{type: object, properties: {{f: {field}}}}}, encoding: {{{encoding}}}}}}}}}"
        ))
    };
    let (parts, fields) = ("multipart/form-data", "application/x-www-form-urlencoded");
    let changed = [("encoding-changed", B)];
    let list = "{type: array, items: {type: object}}";
    for (media_type, field, encoding, expected) in [
        (
            parts,
            "{type: string}",
            "f: {contentType: text/plain}",
            &[][..],
        ),
        (
            parts,
            "{type: string}",
            "f: {contentType: text/csv}",
            &changed,
        ),
        (
            parts,
            "{type: object}",
            "f: {contentType: application/json}",
            &[],
        ),
        (parts, list, "f: {contentType: application/json}", &[]),
        (parts, "{type: string}", "g: {contentType: text/csv}", &[]),
        (fields, list, "f: {style: form, explode: true}", &[]),
        (fields, list, "f: {explode: false}", &changed),
    ] {
        let (old, new) = (
            form(media_type, field, ""),
            form(media_type, field, encoding),
        );
        assert_found(&old, &new, expected);
        assert_found(&new, &old, expected);
    }
}

#[test]
fn bytes_are_bytes_in_each_notation() {
    let response = |media_type: &str, media: &str| {
        format!(
            "get: {{operationId: t, responses: {{'200': {{description: '', content: {{{media_type}: {media}}}}}}}}}"
        )
    };
    let part = |field: &str| {
        get(&format!(
            ", requestBody: {{content: {{multipart/form-data: {{schema: {{type: object, properties: {{f: {field}}}}}}}}}}}"
        ))
    };
    let binary = "{type: string, format: binary}";
    let schema = format!("{{schema: {binary}}}");
    for name in ["application/octet-stream", "image/png"] {
        assert_found(&response(name, &schema), &response(name, "{}"), &[]);
        assert_found(&response(name, "{}"), &response(name, &schema), &[]);
    }
    let file = "{contentMediaType: application/octet-stream}";
    assert_found(&part(binary), &part(file), &[]);
    assert_found(&part(binary), &part("{}"), &[]);
    assert_found(
        &response("application/json", &schema),
        &response("application/json", "{}"),
        &[("type-widened", B)],
    );
}
