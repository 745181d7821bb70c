//! Lists as streams, with the generated clients.

use client_codegen::naming::snake;
use client_runtime::{StaticToken, TryStreamExt as _};
use client_tests::apis::{Operation, api, apis, document, operations_of, workspace};
use client_tests::expectations::Expectations;
use client_tests::recording_server::{Recorded, RecordingServer, Reply};
use constructs_client::types;
use mock_server::MockServer;
use openapi_document::followed;
use serde_json::{Value, json};
use xtask::regen::build;
use xtask::registry::Api;

const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

/// Every list that takes a page token and responds with one has both streams.
#[test]
fn every_paged_operation_has_its_streams() {
    for api in apis() {
        let paged = paged_operations(&api);
        if let Some(expected) = Expectations::of(&api.name).paged_operations {
            assert_eq!(paged, expected, "of {}", api.name);
        }
    }
}

/// The number of operations with streams: those paged by a token, and those with `x-paging`.
fn paged_operations(api: &Api) -> usize {
    let document = document(api);
    let made = build(&workspace(), api).unwrap_or_else(|error| panic!("{error}"));
    let mut paged = 0;
    for operation in operations_of(&document.root) {
        let lists_pages = operation.responses().iter().any(|(status, schema)| {
            let schema = schema.filter(|_| status.starts_with('2'));
            let has = |name| schema.is_some_and(|schema| has(&document.root, schema, name));
            has("next_page_token") && has("items")
        });
        let mut plans = made.plan.operations.iter();
        let plan = plans.find(|plan| plan.id == operation.id);
        let streams = plan.expect("has a plan").paging.is_some();
        let by_token = takes_token(&operation) && lists_pages;
        let expected = by_token || operation.is_paged_by_position();
        assert_eq!(streams, expected, "{} of {}", operation.id, api.name);
        paged += usize::from(streams);
    }
    paged
}

/// True if the call has a setter `page_next_token`, for a parameter or a property of one.
fn takes_token(operation: &Operation<'_>) -> bool {
    operation.parameters().any(|parameter| {
        let name = parameter.name;
        let schema = followed(operation.root, &parameter.node.value["schema"]);
        let properties = schema["properties"].as_object().into_iter().flatten();
        let setters: Vec<String> = match parameter.node.string("style") {
            Some("deepObject") => properties
                .map(|(property, _)| format!("{name}[{property}]"))
                .collect(),
            _ => vec![name.to_owned()],
        };
        setters
            .iter()
            .any(|setter| snake(setter) == "page_next_token")
    })
}

/// True if a schema has a property that becomes the Rust field `name`.
fn has(root: &Value, schema: &Value, name: &str) -> bool {
    let schema = followed(root, schema);
    let mut properties = schema["properties"].as_object().into_iter().flatten();
    let parts = schema["allOf"].as_array().into_iter().flatten();
    properties.any(|(property, _)| snake(property) == name)
        || parts.into_iter().any(|part| has(root, part, name))
}

fn number(request: &Recorded, name: &str) -> Option<u64> {
    let (_, value) = request.query.iter().find(|(query, _)| query == name)?;
    value.parse().ok()
}

#[tokio::test]
async fn ten_thousand_items_arrive_in_order_with_the_requested_page_size() {
    const ALL: u64 = 10_000;
    let server = RecordingServer::start(|request| {
        let start = number(request, "page[nextToken]").unwrap_or(0);
        let size = number(request, "page[size]").unwrap_or(20);
        let end = (start + size).min(ALL);
        let items: Vec<Value> = (start..end)
            .map(|number| json!({ "id": uuid::Uuid::from_u128(number.into()) }))
            .collect();
        let next = if end < ALL {
            end.to_string()
        } else {
            String::new()
        };
        Reply::json(200, json!({ "items": items, "nextPageToken": next }))
    })
    .await
    .expect("starts");
    use numspot_client::{Client, SecuritySchemes as _};
    let client = Client::builder()
        .base_url(server.base_url())
        .bearer_auth(StaticToken::from("t"))
        .build()
        .expect("builds");
    let list = client.list_spaces_of_user();
    let list = list.organisation_id(SPACE).user_id(SPACE);
    let mut spaces = list.page_size(50).items();
    let mut seen = 0;
    while let Some(space) = spaces.try_next().await.expect("lists") {
        assert_eq!(space.id.as_u128(), seen);
        seen += 1;
    }
    assert_eq!(seen, u128::from(ALL));
    assert_eq!(server.take_requests().len(), 200);
}

#[tokio::test]
async fn a_page_token_that_comes_again_ends_the_list_with_an_error() {
    let server = RecordingServer::start(|_| {
        Reply::json(200, json!({ "items": [], "nextPageToken": "again" }))
    })
    .await
    .expect("starts");
    let client = numspot_client::Client::builder()
        .base_url(server.base_url())
        .allow_missing_credentials()
        .build()
        .expect("builds");
    let mut pages = client.list_roles_space().space_id(SPACE).pages();
    let error = loop {
        match pages.try_next().await {
            Ok(page) => assert!(page.is_some(), "ended without an error"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("cycle"), "{error}");
    assert!(pages.try_next().await.expect("ends").is_none());
    assert_eq!(server.take_requests().len(), 2);
}

#[tokio::test]
async fn tasks_are_paged_by_their_filter() {
    let server = RecordingServer::start(|request| {
        let filter = filter_of(request);
        let skip = filter["skip"].as_u64().unwrap_or_default();
        let limit = filter["limit"].as_u64().expect("is present");
        let task = |number: u64| json!({ "identifier": number.to_string() });
        let tasks: Vec<Value> = (skip..(skip + limit).min(7)).map(task).collect();
        Reply::json(
            200,
            json!({ "results": tasks, "metadata": { "totalCount": 7 } }),
        )
    })
    .await
    .expect("starts");
    let client = alumio_client::Client::builder().base_url(server.base_url());
    let client = client.allow_missing_credentials().build().expect("builds");
    let filter = alumio_client::types::ListFilter::builder()
        .where_(json!({ "route": "r" }).as_object().cloned())
        .limit(3);
    let tasks = client.get_tasks().filter(filter).items();
    let tasks: Vec<_> = tasks.try_collect().await.expect("lists");
    let seen = tasks.iter().filter_map(|task| task.identifier.as_deref());
    assert!(seen.eq(["0", "1", "2", "3", "4", "5", "6"]));
    let asked: Vec<Value> = server.take_requests().iter().map(filter_of).collect();
    let conditions = json!({ "route": "r" });
    assert_eq!(
        asked,
        [
            json!({ "limit": 3, "where": conditions }),
            json!({ "limit": 3, "where": conditions, "skip": 3 }),
            json!({ "limit": 3, "where": conditions, "skip": 6 }),
        ]
    );
}

fn constructs(base_url: &str) -> constructs_client::Client {
    let client = constructs_client::Client::builder()
        .base_url(base_url)
        .build();
    client.expect("a server on loopback is a base URL")
}

/// The filter of a request, which is JSON in its query.
fn filter_of(request: &Recorded) -> Value {
    let filter = request.query.iter().find(|(name, _)| name == "filter");
    filter.map_or(Value::Null, |(_, filter)| {
        serde_json::from_str(filter).expect("is JSON")
    })
}

/// The page of ten entries that a filter selects, with the total.
fn page_of_ten(request: &Recorded) -> Reply {
    let filter = filter_of(request);
    let skip = filter["skip"].as_u64().unwrap_or(0);
    let limit = filter["limit"].as_u64().unwrap_or(4);
    let entries: Vec<Value> = (skip..(skip + limit).min(10))
        .map(|id| json!({ "id": id }))
        .collect();
    Reply::json(
        200,
        json!({ "results": entries, "metadata": { "totalCount": 10 } }),
    )
}

#[tokio::test]
async fn a_list_by_position_keeps_all_else_of_the_callers_filter() {
    let server = RecordingServer::start(page_of_ten).await.expect("starts");
    let client = constructs(server.base_url());
    let conditions = serde_json::Map::from_iter([("kind".to_owned(), json!("a, b"))]);
    let filter = types::Filter::builder()
        .limit(3)
        .skip(2)
        .order("id desc")
        .where_(conditions);
    let entries = client.list_by_filter().filter(filter).items();
    let entries: Vec<types::Entry> = entries.try_collect().await.expect("lists");
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, [2, 3, 4, 5, 6, 7, 8, 9]);
    // The total shows that there is no fourth page.
    let asked: Vec<Value> = server.take_requests().iter().map(filter_of).collect();
    let expected = [2, 5, 8].map(
        |skip| json!({ "limit": 3, "skip": skip, "order": "id desc", "where": { "kind": "a, b" } }),
    );
    assert_eq!(asked, expected);
    // Without a filter the server determines the page size.
    let pages = client.list_by_filter().pages();
    let pages: Vec<_> = pages.try_collect().await.expect("lists");
    let sizes: Vec<usize> = pages.iter().map(|page| page.results.len()).collect();
    assert_eq!(sizes, [4, 4, 2]);
    let asked: Vec<Value> = server.take_requests().iter().map(filter_of).collect();
    assert_eq!(
        asked,
        [Value::Null, json!({ "skip": 4 }), json!({ "skip": 8 })]
    );
}

#[tokio::test]
async fn a_list_without_a_total_ends_with_a_page_that_is_not_full() {
    let server = RecordingServer::start(|request| {
        let skip = number(request, "offset").unwrap_or(0);
        let limit = number(request, "limit").unwrap_or(5);
        let entries: Vec<Value> = (skip..(skip + limit).min(10))
            .map(|id| json!({ "id": id }))
            .collect();
        Reply::json(200, entries.into())
    })
    .await
    .expect("starts");
    let client = constructs(server.base_url());
    let list = || client.list_by_offset().order("a,b");
    for (call, queries) in [
        (
            list().limit(4),
            &[
                "limit=4&order=a%2Cb",
                "limit=4&order=a%2Cb&offset=4",
                "limit=4&order=a%2Cb&offset=8",
            ][..],
        ),
        (
            list(),
            &[
                "order=a%2Cb",
                "order=a%2Cb&offset=5",
                "order=a%2Cb&offset=10",
            ],
        ),
    ] {
        let entries: Vec<types::Entry> = call.items().try_collect().await.expect("lists");
        assert!(entries.iter().map(|entry| entry.id).eq(0..10));
        let requests = server.take_requests();
        let sent: Vec<&str> = requests.iter().map(|request| &*request.raw_query).collect();
        assert_eq!(sent, queries);
    }
}

#[tokio::test]
async fn a_failed_page_by_position_is_requested_again() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let server = RecordingServer::start(move |request| {
        match calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            1 => Reply::empty(418),
            _ => page_of_ten(request),
        }
    })
    .await
    .expect("starts");
    let client = constructs(server.base_url());
    let mut pages = client.list_by_filter().pages();
    assert!(pages.try_next().await.expect("is a page").is_some());
    assert!(pages.try_next().await.is_err());
    let rest: Vec<_> = pages.try_collect().await.expect("lists");
    assert_eq!(rest.len(), 2);
    let skips: Vec<Value> = server
        .take_requests()
        .iter()
        .map(|request| filter_of(request)["skip"].clone())
        .collect();
    assert_eq!(skips, [Value::Null, json!(4), json!(4), json!(8)]);
}

#[tokio::test]
async fn the_mock_server_pages_as_documented() {
    let document = document(&api("constructs"));
    let server = MockServer::from_document(document).items(11).record(9);
    let server = server.start().await.expect("can be served");
    let client = constructs(&server.base_url());
    let filter = types::Filter::builder().limit(4).skip(1);
    let pages = client.list_by_filter().filter(filter).pages();
    let pages: Vec<_> = pages.try_collect().await.expect("lists");
    let sizes: Vec<usize> = pages.iter().map(|page| page.results.len()).collect();
    assert_eq!(sizes, [4, 4, 2]);
    let total = pages[0]
        .metadata
        .as_ref()
        .and_then(|about| about.total_count);
    assert_eq!(total, Some(11));
    let entries = client.list_by_offset().limit(4).items();
    let entries: Vec<types::Entry> = entries.try_collect().await.expect("lists");
    assert_eq!(entries.len(), 11);
    let words: Vec<String> = client
        .list_by_brackets()
        .page_skip(3)
        .items()
        .try_collect()
        .await
        .expect("lists");
    assert_eq!(words.len(), 8);
    for recorded in server.requests() {
        assert_eq!(recorded.violations, []);
    }
}
