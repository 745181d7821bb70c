//! Runs the examples of the clients against in-process servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use alumio_client::SecuritySchemes as _;
use alumio_client::types::RegisterConfiguration;
use client_runtime::{StaticToken, TryStreamExt as _};
use client_tests::apis::{api, document};
use client_tests::recording_server::{Recorded, RecordingServer, Reply};
use mock_server::MockServer;
use numspot_client::SecuritySchemes as _;
use serde_json::{Value, json};
use uuid::Uuid;

#[path = "../../numspot-client/examples/audit_access.rs"]
#[allow(dead_code, unreachable_pub)]
mod audit_access;
#[path = "../../numspot-client/examples/inventory.rs"]
#[allow(dead_code, unreachable_pub)]
mod inventory;
#[path = "../../numspot-client/examples/network_with_vm.rs"]
#[allow(dead_code, unreachable_pub)]
mod network_with_vm;
#[path = "../../alumio-client/examples/promote_configurations.rs"]
#[allow(dead_code, unreachable_pub)]
mod promote_configurations;

use audit_access::{Acls, Format, Row};
use promote_configurations::{PromoteError, Report};

/// The ID of a user, service account, role or permission, by number.
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

/// Two users on two pages, the second one without a policy; a service account; and a role that the
/// space does not list.
fn small_space(request: &Recorded) -> Reply {
    let path = request
        .path
        .trim_start_matches(&format!("/iam/spaces/{}", id(1)));
    let page = query(request, "page[nextToken]");
    if path == "/roles" {
        let roles = [role(VIEWER, "viewer"), role(OPERATOR, "run, \"and\" halt")];
        Reply::json(200, json!({ "items": roles }))
    } else if path == "/users" && page.is_none() {
        let users = [user(ADA, "ada@example.com")];
        Reply::json(200, json!({ "items": users, "nextPageToken": "2" }))
    } else if path == "/users" {
        Reply::json(200, json!({ "items": [user(BOB, "bob@example.com")] }))
    } else if path == "/serviceAccounts" {
        let account = json!({ "id": id(ROBOT).to_string(), "name": "deploy, nightly" });
        Reply::json(200, json!({ "items": [account] }))
    } else if path == format!("/iampolicy/users/{}", id(ADA)) {
        let roles = [id(VIEWER), id(OPERATOR)];
        Reply::json(200, json!({ "roles": roles, "permissions": [id(READ)] }))
    } else if path == format!("/iampolicy/serviceAccounts/{}", id(ROBOT)) {
        Reply::json(200, json!({ "roles": [id(UNKNOWN)] }))
    } else if path == format!("/users/{}/acl", id(ADA)) {
        assert_eq!(query(request, "service"), Some("network"));
        assert_eq!(query(request, "resource"), Some("vpc"));
        let acl = json!({
            "service": "network", "resource": "vpc", "resourceId": "vpc-1",
            "permissionId": id(READ), "name": "Read VPCs",
        });
        Reply::json(200, json!({ "items": [acl] }))
    } else if path.ends_with("/acl") {
        Reply::json(200, json!({ "items": [] }))
    } else {
        Reply::json(404, json!({ "type": "about:blank", "title": "Not found" }))
    }
}

async fn audit(
    server: &RecordingServer,
    acls: Option<Acls>,
) -> Result<Vec<Row>, numspot_client::Error> {
    let client = numspot_client::Client::builder()
        .base_url(server.base_url())
        .bearer_auth(StaticToken::from("t"))
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
async fn an_audit_in_json_separates_its_lists() {
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
            Reply::json(403, json!({ "type": "about:blank", "title": "Forbidden" }))
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

/// The server counts concurrent requests; each handler sleeps.
#[tokio::test(flavor = "multi_thread", worker_threads = 16)]
async fn an_audit_sends_eight_requests_at_once_and_no_more_and_keeps_the_order() {
    const USERS: u128 = 60;
    let (under_way, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = RecordingServer::start(move |request| {
        let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
        seen.fetch_max(now, Ordering::SeqCst);
        // Requests for earlier subjects take longer.
        let early = request.path.ends_with('0');
        std::thread::sleep(Duration::from_millis(if early { 40 } else { 10 }));
        let start: u128 =
            query(request, "page[nextToken]").map_or(0, |page| page.parse().expect("is a number"));
        let response = if request.path.ends_with("/users") {
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
        Reply::json(200, response)
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
        "undocumented": true,
    })
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn items(body: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(body).expect("is UTF-8");
    let items = text.lines().map(serde_json::from_str);
    items.collect::<Result<_, _>>().expect("is JSON")
}

/// A promotion between two servers, with the requests that each received.
struct Promotion {
    report: Result<Report, PromoteError>,
    exports: Vec<Recorded>,
    imports: Vec<Recorded>,
    file: Vec<u8>,
}

/// Promotes the objects that the command line words select. The source exports `export`; the target
/// responds to each import with `result`.
async fn promote(export: &[Value], result: Value, words: &[&str]) -> Promotion {
    let export = lines(export);
    let source = RecordingServer::start(move |_| {
        Reply::of_type(200, "application/x-ndjson", export.clone())
    })
    .await
    .expect("starts");
    let target = RecordingServer::start(move |_| Reply::json(201, result.clone()))
        .await
        .expect("starts");
    let [from, to] = [&source, &target].map(|server| {
        let builder = alumio_client::Client::builder().base_url(server.base_url());
        let builder = builder.allow_missing_credentials();
        builder.build().expect("builds")
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("export.ndjson");
    let words = std::iter::once(file.to_str().expect("is UTF-8")).chain(words.iter().copied());
    let arguments = promote_configurations::arguments(words.map(str::to_owned));
    let arguments = arguments.expect("are right");
    let report = promote_configurations::promote(&from, &to, arguments).await;
    Promotion {
        report,
        exports: source.take_requests(),
        imports: target.take_requests(),
        file: std::fs::read(file).expect("is present"),
    }
}

const SHOP: &str = "http-client/shop-client";

#[tokio::test]
async fn without_apply_a_promotion_is_one_dry_run() {
    let done = promote(&[shop()], json!({ "valid": true }), &[SHOP]).await;
    let report = done.report.expect("promotes");
    assert_eq!((report.exported, report.dry_run.valid), (1, Some(true)));
    assert!(report.import.is_none());
    assert_eq!(items(&done.file), [shop()]);

    let [export] = &done.exports[..] else {
        panic!("{:?}", done.exports)
    };
    assert_eq!((&*export.method, &*export.path), ("POST", "/di/export"));
    let wanted = json!({ "objects": [{ "type": "http-client", "identifier": "shop-client" }] });
    assert_eq!(items(&export.body), [wanted]);

    let [import] = &done.imports[..] else {
        panic!("{:?}", done.imports)
    };
    assert_eq!((&*import.method, &*import.path), ("POST", "/di/import"));
    assert_eq!(query(import, "dry-run"), Some("true"));
    assert_eq!(import.headers["content-type"], "application/x-ndjson");
    // The whole configuration is sent, including undocumented properties.
    assert_eq!(items(&import.body), [shop()]);
}

#[tokio::test]
async fn with_apply_a_promotion_imports_after_the_dry_run() {
    let mut other = shop();
    other["identifier"] = json!("other-client");
    let both = [shop(), other];
    let done = promote(&both, json!({ "valid": true }), &["--apply"]).await;
    let report = done.report.expect("promotes");
    assert_eq!(report.exported, 2);
    assert_eq!(report.import.expect("imports").valid, Some(true));
    assert_eq!(done.exports[0].method, "GET");
    let dry: Vec<_> = done
        .imports
        .iter()
        .map(|one| query(one, "dry-run"))
        .collect();
    assert_eq!(dry, [Some("true"), None]);
    for import in &done.imports {
        assert_eq!(items(&import.body), both);
        // A streamed body has no known length.
        assert_eq!(import.headers.get("content-length"), None);
    }
}

#[tokio::test]
async fn a_promotion_ends_with_a_dry_run_that_finds_something_wrong() {
    let violation = json!({ "propertyPath": "object.url", "title": "This is blank." });
    let result = json!({ "valid": false, "results": [
        { "type": "http-client", "identifier": "shop-client", "violations": [violation] },
        { "type": "route", "identifier": "orders" },
    ] });
    let done = promote(&[shop()], result, &["--apply", SHOP]).await;
    let report = done.report.expect("has a report");
    assert!(report.import.is_none());
    assert_eq!(done.imports.len(), 1);
    assert_eq!(
        promote_configurations::violations(&report.dry_run),
        ["http-client/shop-client: object.url: This is blank."]
    );
}

#[tokio::test]
async fn an_incomplete_export_is_not_imported() {
    let words = [SHOP, "route/orders", "route/returns"];
    let done = promote(&[shop()], json!({ "valid": true }), &words).await;
    let error = done.report.expect_err("is refused");
    assert_eq!(
        error.to_string(),
        "the export does not contain orders, returns"
    );
    assert!(done.imports.is_empty());
}

#[tokio::test]
async fn a_configuration_that_no_import_takes_is_an_error_that_names_it() {
    let mut wrong = shop();
    wrong["identifier"] = json!("Shop!");
    let done = promote(&[shop(), wrong], json!({ "valid": true }), &["--apply"]).await;
    let error = done.report.expect_err("is refused");
    assert!(matches!(error, PromoteError::Call(_)), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("item 2"), "{message}");
}

#[tokio::test]
async fn a_promotion_conforms_to_the_document() {
    let start = async || {
        let server = MockServer::from_document(document(&api("alumio")));
        let server = server.stateful().token("t").start().await.expect("starts");
        let client = alumio_client::Client::builder().base_url(server.base_url());
        let client = client.api_key(StaticToken::from("t")).build();
        (server, client.expect("builds"))
    };
    let ((from, source), (to, target)) = (start().await, start().await);
    let shop: RegisterConfiguration = serde_json::from_value(shop()).expect("is one");
    let import = source.import_object_configurations().body(shop);
    import.send().await.expect("imports");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("export.ndjson").display().to_string();
    let words = [file, "--apply".to_owned()].into_iter();
    let arguments = promote_configurations::arguments(words).expect("are right");
    let report = promote_configurations::promote(&source, &target, arguments).await;
    assert_eq!(report.expect("promotes").exported, 1);
    let there = target.bulk_export_all_object_configurations().items().await;
    let there: Vec<_> = there.expect("exports").try_collect().await.expect("reads");
    assert_eq!(there[0].identifier, "shop-client");
    for request in from.requests().iter().chain(&to.requests()) {
        assert!(request.is_conforming(), "{request:?}");
    }
}

#[test]
fn the_arguments_of_a_promotion_are_checked() {
    let read = |line: &str| {
        let words = line.split_whitespace().map(str::to_owned);
        let read = promote_configurations::arguments(words);
        read.map(|read| (read.objects.len(), read.apply))
    };
    assert_eq!(read("file a/b --apply c/d"), Ok((2, true)));
    assert_eq!(read("file"), Ok((0, false)));
    for wrong in [
        "",
        "--apply",
        "file a",
        "file a/",
        "file /b",
        "file --dry/run",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

/// A mock server of Numspot with state, and a client of a space there.
async fn numspot() -> (MockServer, numspot_client::Client) {
    let server = MockServer::from_document(document(&api("numspot")))
        .stateful()
        .token("t");
    let server = server.start().await.expect("the document can be served");
    let client = numspot_client::Client::builder()
        .base_url(server.base_url())
        .bearer_auth(StaticToken::from("t"))
        .build()
        .expect("builds");
    (server, client.in_space(id(1)))
}

fn wanted_vm() -> network_with_vm::Wanted {
    let words = ["ami-0b7df82c", "deploy"].map(str::to_owned);
    network_with_vm::arguments(words.into_iter()).expect("are right")
}

const EVERY: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_network_with_a_vm_is_made_and_torn_down_completely() {
    let (server, client) = numspot().await;
    let mut made = Vec::new();
    let built = network_with_vm::build(&client, &wanted_vm(), EVERY, &mut made).await;
    built.expect("is built");
    assert_eq!(made.len(), 10, "{made:?}");
    network_with_vm::tear_down(&client, EVERY, &mut made)
        .await
        .expect("is torn down");
    assert!(made.is_empty(), "{made:?}");
    let left = client
        .read_vpcs()
        .send()
        .await
        .expect("is listed")
        .into_inner();
    assert!(left.items.is_none_or(|vpcs| vpcs.is_empty()));
    for request in server.requests() {
        assert!(request.is_conforming(), "{request:?}");
    }
}

#[tokio::test]
async fn a_network_that_fails_half_way_is_torn_down() {
    let (server, client) = numspot().await;
    server.fail_next("CreateVms").expect("is an operation");
    let mut made = Vec::new();
    let error = network_with_vm::build(&client, &wanted_vm(), EVERY, &mut made).await;
    let error = error.expect_err("the VM fails").to_string();
    assert!(error.contains("quarantine"), "{error}");
    assert!(
        matches!(made.last(), Some(network_with_vm::Made::Vm(_))),
        "{made:?}"
    );
    network_with_vm::tear_down(&client, EVERY, &mut made)
        .await
        .expect("is torn down");
    assert!(made.is_empty(), "{made:?}");
}

#[tokio::test]
async fn an_inventory_is_one_record_of_csv_for_each_resource_of_all_pages() {
    let resource = |kind: &str, name: Value, parent: Value| {
        json!({
            "source": "compute", "type": kind, "id": kind.to_lowercase(), "reference": id(7),
            "state": "RUNNING", "details": {}, "name": name, "parent": parent,
        })
    };
    let parent = json!({ "parentId": id(8), "parentType": "VIRTUAL_PRIVATE_CLOUD", "parentName": "net, main" });
    let server = RecordingServer::start(move |request| {
        let page = match query(request, "page[nextToken]") {
            None => json!({
                "items": [resource("VOLUME", json!("data"), Value::Null)],
                "totalSize": 2, "nextPageToken": "2",
            }),
            Some(_) => {
                json!({ "items": [resource("SUBNET", Value::Null, parent.clone())], "totalSize": 2 })
            }
        };
        Reply::json(200, page)
    });
    let server = server.await.expect("starts");
    let client = numspot_client::Client::builder()
        .base_url(server.base_url())
        .bearer_auth(StaticToken::from("t"))
        .build()
        .expect("builds")
        .in_space(id(1));
    let bar = indicatif::ProgressBar::hidden();
    let mut out = Vec::new();
    let count = inventory::export(&client, &bar, &mut out)
        .await
        .expect("lists");
    assert_eq!((count, bar.length(), bar.position()), (2, Some(2), 2));
    assert_eq!(
        String::from_utf8(out).expect("is UTF-8"),
        "service,type,id,name,state,parent\n\
         compute,VOLUME,volume,data,RUNNING,\n\
         compute,SUBNET,subnet,,RUNNING,\"net, main\"\n"
    );
}
