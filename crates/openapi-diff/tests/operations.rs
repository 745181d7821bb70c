//! The changes of operations beside their messages: life cycle, credentials, servers, decisions.

mod common;

use common::operations::{assert_found, compared, document, found, get, policy};
use openapi_diff::catalogue::Verdict::{Additive as A, Breaking as B, MayBreak as M, Neutral as N};
use openapi_diff::policy::{Accepted, Policy};

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
        // What is deprecated and loses its date can go at any time.
        let deprecated = |date: &str| with(&format!("{date}, deprecated: true"));
        let dated = deprecated("2031-01-01");
        assert_found(&dated, &deprecated("soon"), &[("sunset-invalid", M)]);
        let undated = dated.replace("x-sunset: 2031-01-01, ", "");
        assert_found(&dated, &undated, &[("sunset-withdrawn", M)]);
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
fn clients_use_one_of_the_flows_of_a_scheme() {
    let with = |flows: &str| {
        document(
            &get(", security: [{k: []}]"),
            &format!(
                "components: {{securitySchemes: {{k: {{type: oauth2, flows: {{{flows}}}}}}}}}"
            ),
        )
    };
    let one = "clientCredentials: {tokenUrl: 'https://a.example/t', scopes: {}}";
    let other = "password: {tokenUrl: 'https://a.example/t', scopes: {}}";
    let (old, both) = (with(one), with(&format!("{one}, {other}")));
    let report = compared(&old, &both, &policy());
    assert_eq!(found(&report), [("security-alternative-added", A)]);
    for (old, new) in [
        (&both, &old),
        (&old, &with(other)),
        (&old, &with(&one.replace("a.example", "b.example"))),
    ] {
        let report = compared(old, new, &policy());
        assert_eq!(found(&report), [("security-changed", B)]);
    }
}

#[test]
fn who_satisfied_a_requirement_satisfies_a_part_of_it() {
    let with = |requirements: &str| {
        document(
            &get(&format!(", security: [{requirements}]")),
            "components: {securitySchemes: {a: {type: http, scheme: bearer}, b: {type: apiKey, in: header, name: X-B}}}",
        )
    };
    let (changed, added, removed) = (
        "security-changed",
        "security-alternative-added",
        "security-alternative-removed",
    );
    for (old, new, there, back) in [
        ("{a: []}, {b: []}", "{b: []}, {a: []}", vec![], vec![]),
        (
            "{a: [], b: []}",
            "{a: []}",
            vec![(changed, A)],
            vec![(changed, B)],
        ),
        (
            "{a: [], b: []}",
            "{a: []}, {b: []}",
            vec![(added, A), (changed, A)],
            vec![(removed, B), (changed, B)],
        ),
        (
            "{a: []}, {a: [], b: []}",
            "{a: []}",
            vec![(removed, A)],
            vec![(added, A)],
        ),
        ("{a: []}, {}", "{}", vec![(removed, A)], vec![(added, A)]),
        (
            "{a: []}, {}",
            "{b: []}, {}",
            vec![(changed, M)],
            vec![(changed, M)],
        ),
    ] {
        for (old, new, expected) in [(old, new, there), (new, old, back)] {
            let report = compared(&with(old), &with(new), &policy());
            assert_eq!(found(&report), expected, "{old} -> {new}");
        }
    }
}

#[test]
fn a_server_is_the_url_that_clients_use() {
    let with = |servers: &str| document(&get(""), &format!("servers: [{servers}]"));
    let variable = |more: &str| {
        format!("{{url: 'https://{{r}}.example', variables: {{r: {{default: a{more}}}}}}}")
    };
    let (a, b) = ("{url: 'https://a.example'}", "{url: 'https://b.example'}");
    let (changed, added, removed) = ("server-changed", "server-added", "server-removed");
    for (old, new, there, back) in [
        (a, "{url: 'https://a.example/'}", vec![], vec![]),
        (
            &format!("{a}, {b}"),
            &format!("{b}, {a}"),
            vec![(changed, B)],
            vec![(changed, B)],
        ),
        (a, &variable(""), vec![(changed, A)], vec![(changed, B)]),
        (b, &variable(""), vec![(changed, B)], vec![(changed, B)]),
        (
            &variable(""),
            &variable(", enum: [a, b]"),
            vec![(removed, B)],
            vec![(added, A)],
        ),
    ] {
        for (old, new, expected) in [(old, new, there), (new, old, back)] {
            let report = compared(&with(old), &with(new), &policy());
            assert_eq!(found(&report), expected, "{old} -> {new}");
        }
    }
}

#[test]
fn without_servers_a_document_has_the_server_that_it_was_read_from() {
    let servers = |list: &str| document(&get(""), list);
    let (none, own) = (servers(""), servers("servers: [{url: /}]"));
    assert_eq!(found(&compared(&none, &own, &policy())), []);
    assert_eq!(found(&compared(&own, &none, &policy())), []);
    let other = servers("servers: [{url: 'https://a.example'}]");
    for (old, new, expected) in [
        (&none, &other, ("server-added", A)),
        (&own, &other, ("server-added", A)),
        (&other, &own, ("server-removed", B)),
    ] {
        let report = compared(old, new, &policy());
        assert_eq!(found(&report), [expected]);
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
