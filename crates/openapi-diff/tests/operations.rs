//! The changes of operations beside their schemas: life cycle, webhooks and callbacks, media types,
//! statuses, credentials and servers.

use chrono::NaiveDate;
use openapi_diff::catalogue::Verdict::{
    self, Additive as A, Breaking as B, MayBreak as M, Neutral as N,
};
use openapi_diff::documents;
use openapi_diff::model::Report;
use openapi_diff::policy::{Accepted, Policy};
use openapi_document::Document;

/// A policy of 1 June 2030.
fn policy() -> Policy {
    Policy {
        today: NaiveDate::from_ymd_opt(2030, 6, 1).expect("is a day"),
        ..Policy::default()
    }
}

/// A document with one operation, and more at its top.
fn document(operation: &str, top: &str) -> Document {
    let text = format!(
        "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths:
  /kept: {{get: {{operationId: kept, responses: {{'204': {{description: ''}}}}}}}}
  /t: {{{operation}}}
{top}
"
    );
    Document::parse("d.yaml", text).unwrap_or_else(|error| panic!("{operation}: {error}"))
}

fn get(more: &str) -> String {
    format!("get: {{operationId: t, responses: {{'204': {{description: ''}}}}{more}}}")
}

fn compared(old: &Document, new: &Document, policy: &Policy) -> Report {
    documents(old, new, policy).unwrap_or_else(|error| panic!("{error}"))
}

fn found(report: &Report) -> Vec<(&'static str, Verdict)> {
    let changes = report.changes.iter();
    changes
        .map(|change| (change.check.id, change.wire))
        .collect()
}

#[track_caller]
fn assert_found(old: &str, new: &str, expected: &[(&str, Verdict)]) {
    let report = compared(&document(old, ""), &document(new, ""), &policy());
    assert_eq!(found(&report), expected, "{old} -> {new}");
}

#[test]
fn what_was_deprecated_may_go_after_its_sunset() {
    let parameter = |more: &str| {
        get(&format!(
            ", parameters: [{{name: q, in: query, schema: {{type: string}}{more}}}]"
        ))
    };
    let header = |more: &str| {
        format!(
            "get: {{operationId: t, responses: {{'204': {{description: '', headers: {{X-A: {{required: true, schema: {{type: string}}{more}}}}}}}}}}}"
        )
    };
    let property = |more: &str| {
        format!(
            "get: {{operationId: t, responses: {{'200': {{description: '', content: {{application/json: {{schema: {{type: object, required: [b], properties: {{a: {{type: string}}, b: {{type: string{more}}}}}}}}}}}}}}}}}"
        )
    };
    let less = "get: {operationId: t, responses: {'200': {description: '', content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}}}";
    for (more, operation, optional) in [
        ("", B, M),
        (", deprecated: true", M, M),
        (", deprecated: true, x-sunset: '2030-06-01'", N, N),
        (", deprecated: true, x-sunset: '2030-05-31T00:00:00Z'", N, N),
        (", deprecated: true, x-sunset: '2030-06-02'", B, M),
        (", deprecated: true, x-sunset: soon", M, M),
        (", x-sunset: '2030-06-01'", B, M),
    ] {
        assert_found(&get(more), "", &[("operation-removed", operation)]);
        assert_found(
            &parameter(more),
            &get(""),
            &[("parameter-removed", optional)],
        );
        assert_found(&header(more), &get(""), &[("header-removed", operation)]);
        assert_found(&property(more), less, &[("property-removed", operation)]);
    }
}

#[test]
fn sunset_dates_are_compared_wherever_they_stand() {
    let parameter = |date: &str| {
        get(&format!(
            ", parameters: [{{name: q, in: query, schema: {{type: string}}, x-sunset: {date}}}]"
        ))
    };
    let property = |date: &str| {
        get(&format!(
            ", requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{a: {{type: string, x-sunset: {date}}}}}}}}}}}}}"
        ))
    };
    let operation = |date: &str| get(&format!(", x-sunset: {date}"));
    for with in [&parameter as &dyn Fn(&str) -> String, &property, &operation] {
        for (old, new, check, verdict) in [
            ("2031-01-01", "2030-07-01", "sunset-brought-forward", B),
            (
                "2030-07-01",
                "'2031-01-01T10:00:00+02:00'",
                "sunset-postponed",
                A,
            ),
            ("soon", "2031-01-01", "sunset-announced", N),
            ("2031-01-01", "soon", "sunset-invalid", N),
        ] {
            assert_found(&with(old), &with(new), &[(check, verdict)]);
        }
    }
}

#[test]
fn a_deprecation_leaves_the_days_that_are_demanded() {
    let demanding = Policy {
        grace_days: Some(30),
        ..policy()
    };
    for (more, expected) in [
        (", deprecated: true", Some("sunset-missing")),
        (
            ", deprecated: true, x-sunset: '2030-06-30'",
            Some("sunset-too-soon"),
        ),
        (", deprecated: true, x-sunset: '2030-07-01'", None),
    ] {
        let report = compared(
            &document(&get(""), ""),
            &document(&get(more), ""),
            &demanding,
        );
        let too_early = report.changes.iter().find(|change| change.wire == B);
        assert_eq!(too_early.map(|change| change.check.id), expected, "{more}");
    }
}

#[test]
fn changes_of_unstable_operations_never_break() {
    let level = |level: &str| get(&format!(", x-stability-level: {level}"));
    for (name, expected) in [("draft", M), ("alpha", M), ("beta", B), ("stable", B)] {
        assert_found(&level(name), "", &[("operation-removed", expected)]);
    }
}

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
    ] {
        assert_found(&query(&old), &query(&new), expected);
        assert_found(&query(&new), &query(&old), expected);
    }
}

#[test]
fn sentences_have_the_values_that_changed() {
    let scheme = |location: &str| {
        document(
            &get(", security: [{k: []}]"),
            &format!(
                "components: {{securitySchemes: {{k: {{type: apiKey, in: {location}, name: X-Key}}}}}}"
            ),
        )
    };
    let server = |default: &str, values: &str| {
        document(
            &get(""),
            &format!(
                "servers: [{{url: 'https://{{r}}.example', variables: {{r: {{default: {default}, enum: [{values}]}}}}}}]"
            ),
        )
    };
    for (old, new, what) in [
        (
            scheme("header"),
            scheme("query"),
            "the security requirement changed from `k` (apiKey header X-Key) to `k` (apiKey query X-Key)",
        ),
        (
            server("a", "a, b"),
            server("b", "a, b"),
            "the default of the variable `r` of the server `https://{r}.example` changed from `a` to `b`",
        ),
        (
            server("a", "a, b"),
            server("a", "a"),
            "the value `b` of the variable `r` of the server `https://{r}.example` was removed",
        ),
        (
            document(&get(", tags: [a]"), ""),
            document(&get(", tags: [a, b]"), ""),
            "the tags after the first changed from [] to [\"b\"]",
        ),
    ] {
        let report = compared(&old, &new, &policy());
        assert_eq!(report.changes[0].what, what);
    }
}

#[test]
fn changes_at_one_place_are_all_told() {
    let scopes = |names: &str| {
        document(
            &get(&format!(", security: [{{k: [{names}]}}]")),
            "components: {securitySchemes: {k: {type: oauth2, flows: {}}}}",
        )
    };
    let dependent = |names: &str| {
        document(
            &get(&format!(
                ", requestBody: {{content: {{application/json: {{schema: {{type: object, dependentRequired: {{a: [{names}]}}}}}}}}}}"
            )),
            "",
        )
    };
    let server = |values: &str| {
        document(
            &get(""),
            &format!(
                "servers: [{{url: 'https://{{r}}.example', variables: {{r: {{default: a, enum: [{values}]}}}}}}]"
            ),
        )
    };
    for (old, new) in [
        (scopes("r"), scopes("r, w, x")),
        (dependent("b"), dependent("b, c, d")),
        (server("a"), server("a, b, c")),
    ] {
        for (old, new) in [(&old, &new), (&new, &old)] {
            let report = compared(old, new, &policy());
            assert_eq!(report.changes.len(), 2, "{:#?}", report.changes);
        }
    }
}

#[test]
fn decisions_change_verdicts_and_accept_changes() {
    let (old, new) = (document(&get(""), ""), document("", ""));
    let mut decided = policy();
    let report = compared(&old, &new, &decided);
    let [change] = report.changes.as_slice() else {
        panic!("{:#?}", report.changes);
    };
    decided.accepted.push(Accepted {
        id: change.id.clone(),
        reason: "nobody calls it".to_owned(),
        until: Some(decided.today),
    });
    let accepted = compared(&old, &new, &decided);
    assert_eq!((accepted.verdict(), accepted.counted()), (B, N));
    decided.today = decided.today.succ_opt().expect("has a next day");
    assert_eq!(
        compared(&old, &new, &decided).counted(),
        B,
        "it has expired"
    );
    decided.severities.insert("operation-removed".to_owned(), A);
    assert_eq!(compared(&old, &new, &decided).verdict(), A);
}
