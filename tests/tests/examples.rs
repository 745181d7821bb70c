//! The examples of the clients, against servers in the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use client_runtime::StaticToken;
use client_tests::recording_server::{Answer, Recorded, RecordingServer};
use serde_json::{Value, json};
use uuid::Uuid;

#[path = "../../numspot-client/examples/audit_access.rs"]
#[allow(dead_code, unreachable_pub)]
mod audit_access;
#[path = "../../alumio-client/examples/promote_configurations.rs"]
#[allow(dead_code, unreachable_pub)]
mod promote_configurations;

use audit_access::{Acls, Format, Row};
use promote_configurations::{PromoteError, Report};

/// The id of a user, service account, role or permission: its number.
fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

const ADA: u128 = 0xa1;
const BOB: u128 = 0xa2;
const ROBOT: u128 = 0xb1;
const VIEWER: u128 = 0xc1;
const OPERATOR: u128 = 0xc2;
const UNKNOWN: u128 = 0xc9;
const READ: u128 = 0xd1;

const TIME: &str = "2026-01-02T03:04:05Z";

fn user(number: u128, email: &str) -> Value {
    json!({
        "id": id(number), "email": email, "firstname": "F", "lastname": "L", "active": true,
        "createdOn": TIME, "updatedOn": TIME,
    })
}

fn role(number: u128, name: &str) -> Value {
    json!({
        "uuid": id(number), "name": name, "description": "", "tenantType": ["space"],
        "custom": true, "createdOn": TIME, "updatedOn": TIME,
    })
}

fn query<'a>(request: &'a Recorded, name: &str) -> Option<&'a str> {
    let (_, value) = request.query.iter().find(|(query, _)| query == name)?;
    Some(value)
}

/// Two users over two pages, the second of them without a policy; one service account; a role that
/// the space does not list.
fn small_space(request: &Recorded) -> Answer {
    let path = request
        .path
        .trim_start_matches(&format!("/iam/spaces/{}", id(1)));
    let page = query(request, "page[nextToken]");
    if path == "/roles" {
        let roles = [role(VIEWER, "viewer"), role(OPERATOR, "run, \"and\" halt")];
        Answer::json(200, json!({ "items": roles }))
    } else if path == "/users" && page.is_none() {
        let users = [user(ADA, "ada@example.com")];
        Answer::json(200, json!({ "items": users, "nextPageToken": "2" }))
    } else if path == "/users" {
        Answer::json(200, json!({ "items": [user(BOB, "bob@example.com")] }))
    } else if path == "/serviceAccounts" {
        let account = json!({ "id": id(ROBOT).to_string(), "name": "deploy, nightly" });
        Answer::json(200, json!({ "items": [account] }))
    } else if path == format!("/iampolicy/users/{}", id(ADA)) {
        let roles = [id(VIEWER), id(OPERATOR)];
        Answer::json(200, json!({ "roles": roles, "permissions": [id(READ)] }))
    } else if path == format!("/iampolicy/serviceAccounts/{}", id(ROBOT)) {
        Answer::json(200, json!({ "roles": [id(UNKNOWN)] }))
    } else if path == format!("/users/{}/acl", id(ADA)) {
        assert_eq!(query(request, "service"), Some("network"));
        assert_eq!(query(request, "resource"), Some("vpc"));
        let acl = json!({
            "service": "network", "resource": "vpc", "resourceId": "vpc-1",
            "permissionId": id(READ), "name": "Read VPCs",
        });
        Answer::json(200, json!({ "items": [acl] }))
    } else if path.ends_with("/acl") {
        Answer::json(200, json!({ "items": [] }))
    } else {
        Answer::json(404, json!({ "type": "about:blank", "title": "Not found" }))
    }
}

async fn audit(
    server: &RecordingServer,
    acls: Option<Acls>,
) -> Result<Vec<Row>, numspot_client::Error> {
    let client = numspot_client::Client::builder()
        .base_url(server.base_url())
        .credentials(StaticToken::from("t"))
        .build()
        .expect("builds");
    audit_access::audit(&client.in_space(id(1)), acls).await
}

fn written(rows: &[Row], format: Format) -> String {
    let mut out = Vec::new();
    audit_access::write(rows, format, &mut out).expect("writes");
    String::from_utf8(out).expect("is UTF-8")
}

fn vpcs() -> Acls {
    Acls {
        service: "network".to_owned(),
        resource: "vpc".to_owned(),
    }
}

#[tokio::test]
async fn an_audit_is_one_record_of_csv_for_each_subject() {
    let server = RecordingServer::start(small_space).await.expect("starts");
    let rows = audit(&server, None).await.expect("audits");
    assert_eq!(
        written(&rows, Format::Csv),
        "subject,id,name,roles,permissions\r\n\
         users,00000000-0000-0000-0000-0000000000a1,ada@example.com,\
         \"viewer; run, \"\"and\"\" halt\",00000000-0000-0000-0000-0000000000d1\r\n\
         users,00000000-0000-0000-0000-0000000000a2,bob@example.com,,\r\n\
         serviceAccounts,00000000-0000-0000-0000-0000000000b1,\"deploy, nightly\",\
         00000000-0000-0000-0000-0000000000c9,\r\n"
    );
    let requests = server.take_requests();
    let asked = |end: &str| {
        requests
            .iter()
            .filter(|request| request.path.ends_with(end))
            .count()
    };
    assert_eq!((asked("/roles"), asked("/users"), asked("/acl")), (1, 2, 0));
}

#[tokio::test]
async fn an_audit_with_acls_has_a_column_for_them() {
    let server = RecordingServer::start(small_space).await.expect("starts");
    let rows = audit(&server, Some(vpcs())).await.expect("audits");
    let csv = written(&rows, Format::Csv);
    let last: Vec<&str> = csv
        .lines()
        .map(|line| line.rsplit(',').next().unwrap_or_default())
        .collect();
    let entry = "Read VPCs on network/vpc vpc-1";
    assert_eq!(last, ["acls", entry, "", ""]);
}

#[tokio::test]
async fn an_audit_in_json_keeps_what_it_lists_apart() {
    let server = RecordingServer::start(small_space).await.expect("starts");
    let rows = audit(&server, Some(vpcs())).await.expect("audits");
    let text = written(&rows, Format::Json);
    assert!(text.ends_with("]\n"), "{text}");
    let json: Value = serde_json::from_str(&text).expect("is JSON");
    assert_eq!(
        json,
        json!([
            {
                "subject": "users", "id": id(ADA), "name": "ada@example.com",
                "roles": [
                    { "id": id(VIEWER), "name": "viewer" },
                    { "id": id(OPERATOR), "name": "run, \"and\" halt" },
                ],
                "permissions": [id(READ)],
                "acls": [{
                    "name": "Read VPCs", "permissionId": id(READ), "resource": "vpc",
                    "resourceId": "vpc-1", "service": "network",
                }],
            },
            {
                "subject": "users", "id": id(BOB), "name": "bob@example.com",
                "roles": [], "permissions": [], "acls": [],
            },
            {
                "subject": "serviceAccounts", "id": id(ROBOT), "name": "deploy, nightly",
                "roles": [{ "id": id(UNKNOWN), "name": null }], "permissions": [], "acls": [],
            },
        ])
    );
}

#[tokio::test]
async fn an_audit_ends_with_the_first_error() {
    let server = RecordingServer::start(|request| match small_space(request) {
        _ if request.path.contains("/iampolicy/serviceAccounts/") => {
            Answer::json(403, json!({ "type": "about:blank", "title": "Forbidden" }))
        }
        other => other,
    })
    .await
    .expect("starts");
    let error = audit(&server, None).await.expect_err("is refused");
    let message = error.to_string();
    assert!(
        message.starts_with("GetIAMPolicySpace failed: 403"),
        "{message}"
    );
}

/// The server counts what it is answering; a worker sleeps for each.
#[tokio::test(flavor = "multi_thread", worker_threads = 16)]
async fn an_audit_sends_eight_requests_at_once_and_no_more_and_keeps_the_order() {
    const USERS: u128 = 60;
    let (under_way, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = RecordingServer::start(move |request| {
        let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
        seen.fetch_max(now, Ordering::SeqCst);
        // The earlier subjects take longer.
        let early = request.path.ends_with('0');
        std::thread::sleep(Duration::from_millis(if early { 40 } else { 10 }));
        let start: u128 =
            query(request, "page[nextToken]").map_or(0, |page| page.parse().expect("is a number"));
        let answer = if request.path.ends_with("/users") {
            let end = (start + 20).min(USERS);
            let users: Vec<Value> = (start..end)
                .map(|number| user(number, "u@example.com"))
                .collect();
            let next = (end < USERS).then(|| end.to_string());
            json!({ "items": users, "nextPageToken": next.unwrap_or_default() })
        } else {
            json!({ "items": [] })
        };
        under_way.fetch_sub(1, Ordering::SeqCst);
        Answer::json(200, answer)
    })
    .await
    .expect("starts");
    let rows = audit(&server, None).await.expect("audits");
    let order: Vec<String> = rows.into_iter().map(|row| row.id).collect();
    let expected: Vec<String> = (0..USERS).map(|number| id(number).to_string()).collect();
    assert_eq!(order, expected);
    let most = most.load(Ordering::SeqCst);
    assert!((2..=8).contains(&most), "{most}");
}

#[test]
fn the_arguments_of_an_audit_are_checked() {
    let read = |line: &str| audit_access::arguments(line.split_whitespace().map(str::to_owned));
    assert_eq!(read(""), Ok((Format::Csv, None)));
    let all = read("--service network --format json --resource vpc");
    assert_eq!(all, Ok((Format::Json, Some(vpcs()))));
    for wrong in [
        "--service s",
        "--format xml",
        "--format",
        "json",
        "--resource r",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

fn shop() -> Value {
    json!({
        "type": "http-client", "identifier": "shop-client", "name": "Shop",
        "object": { "prototype": "http", "parameters": { "timeout": 1.5 }, "version": 2 },
    })
}

/// Promotes the shop between two servers, and gives what the target was asked, too.
async fn promote(export: Value, apply: bool) -> (Result<Report, PromoteError>, Vec<Recorded>) {
    let source = RecordingServer::start(move |request| {
        assert_eq!(request.path, "/configurations/export");
        let body: Value = serde_json::from_slice(&request.body).expect("is JSON");
        let shop = json!({ "type": "http-client", "identifier": "shop-client" });
        assert_eq!(body, json!({ "objects": [shop] }));
        Answer::json(200, export.clone())
    })
    .await
    .expect("starts");
    let target = RecordingServer::start(|request| {
        let dry = query(request, "dry-run").is_some();
        Answer::json(200, json!({ "stored": !dry }))
    })
    .await
    .expect("starts");
    let [from, to] = [&source, &target].map(|server| {
        let builder = alumio_client::Client::builder().base_url(server.base_url());
        builder.build().expect("builds")
    });
    let named = ["http-client/shop-client".to_owned()].into_iter();
    let (objects, _) = promote_configurations::arguments(named).expect("are right");
    let report = promote_configurations::promote(&from, &to, objects, apply).await;
    assert_eq!(source.take_requests().len(), 1);
    (report, target.take_requests())
}

fn body(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).expect("is JSON")
}

#[tokio::test]
async fn without_apply_a_promotion_is_one_dry_run() {
    let (report, imports) = promote(json!([shop()]), false).await;
    let report = report.expect("promotes");
    assert_eq!(report.identifiers, ["shop-client"]);
    assert_eq!(report.dry_run, json!({ "stored": false }));
    assert_eq!(report.import, None);
    assert_eq!(imports.len(), 1);
    assert_eq!(imports[0].path, "/configurations/import");
    assert_eq!(query(&imports[0], "dry-run"), Some("true"));
    // All of the content arrives, what the API does not document included.
    assert_eq!(body(&imports[0]), json!([shop()]));
}

#[tokio::test]
async fn with_apply_a_promotion_imports_after_the_dry_run() {
    let mut exported = shop();
    exported["createdAt"] = json!(TIME);
    let export = json!({ "version": 1, "configurations": [exported], "warnings": [] });
    let (report, imports) = promote(export, true).await;
    let report = report.expect("promotes");
    assert_eq!(report.import, Some(json!({ "stored": true })));
    let dry: Vec<_> = imports
        .iter()
        .map(|import| query(import, "dry-run"))
        .collect();
    assert_eq!(dry, [Some("true"), None]);
    for import in &imports {
        assert_eq!(body(import), json!([shop()]));
    }
}

#[tokio::test]
async fn an_export_that_cannot_be_read_is_an_error_that_says_what_came() {
    let other = json!({ "type": "route", "identifier": "orders", "name": "O", "object": {} });
    let list = "expected a list of configurations, or an object with one such list, and got ";
    for (export, expected) in [
        (json!("hunter2"), format!("{list}a string")),
        (json!([]), format!("{list}an empty list")),
        (
            json!({ "file": "hunter2", "size": 7, "meta": {} }),
            format!(
                "{list}an object with the members `file` (a string), `size` (a number), `meta` (an object)"
            ),
        ),
        (
            json!({ "configurations": [shop()], "relations": [1] }),
            format!(
                "{list}an object with the members `configurations` (a list), `relations` (a list)"
            ),
        ),
        (
            json!([shop(), { "identifier": "xy" }]),
            "entry 1 of its list is no configuration (missing field `name`), \
             but an object with the members `identifier` (a string)"
                .to_owned(),
        ),
        (
            json!(["hunter2"]),
            "entry 0 of its list is a string".to_owned(),
        ),
        (
            json!([other]),
            "it lacks http-client/shop-client".to_owned(),
        ),
    ] {
        let (report, imports) = promote(export, true).await;
        let error = report.expect_err("is refused");
        assert!(matches!(error, PromoteError::Export(_)), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!("the export cannot be imported: {expected}")
        );
        assert!(imports.is_empty(), "{imports:?}");
    }
}

#[test]
fn the_arguments_of_a_promotion_are_checked() {
    let read = |line: &str| {
        let words = line.split_whitespace().map(str::to_owned);
        promote_configurations::arguments(words).map(|(objects, apply)| (objects.len(), apply))
    };
    assert_eq!(read("a/b --apply c/d"), Ok((2, true)));
    assert_eq!(read("a/b"), Ok((1, false)));
    for wrong in ["", "--apply", "a", "a/", "/b", "--dry/run"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}
