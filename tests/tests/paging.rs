//! Lists as streams, through the generated clients.

use alumio_client::TaskFilter;
use client_codegen::naming::snake;
use client_runtime::{StaticToken, TryStreamExt as _};
use client_tests::apis::{Operation, apis, document, follow, operations_of, workspace};
use client_tests::expectations::Expectations;
use client_tests::recording_server::{Answer, Recorded, RecordingServer};
use serde_json::{Value, json};
use xtask::regen::make;
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

/// How many operations of an API have streams, which are those that are paged by a token.
fn paged_operations(api: &Api) -> usize {
    let document = document(api);
    let made = make(&workspace(), api).unwrap_or_else(|error| panic!("{error}"));
    let mut paged = 0;
    for operation in operations_of(&document.root) {
        let lists_pages = operation.answers().iter().any(|(status, schema)| {
            let schema = schema.filter(|_| status.starts_with('2'));
            let has = |name| schema.is_some_and(|schema| has(&document.root, schema, name));
            has("next_page_token") && has("items")
        });
        let mut plans = made.plan.operations.iter();
        let plan = plans.find(|plan| plan.id == operation.id);
        let streams = plan.expect("has a plan").paging.is_some();
        let expected = takes_token(&operation) && lists_pages;
        assert_eq!(streams, expected, "{} of {}", operation.id, api.name);
        paged += usize::from(streams);
    }
    paged
}

/// Whether the call has a setter `page_next_token`, for a parameter or a property of one.
fn takes_token(operation: &Operation<'_>) -> bool {
    operation.parameters().any(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let schema = follow(operation.root, &parameter["schema"]);
        let properties = schema["properties"].as_object().into_iter().flatten();
        let setters: Vec<String> = match parameter["style"].as_str() {
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

/// Whether a schema has a property that is a field `name` in Rust.
fn has(root: &Value, schema: &Value, name: &str) -> bool {
    let schema = follow(root, schema);
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
async fn ten_thousand_items_come_in_order_with_the_page_size_that_was_asked_for() {
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
        Answer::json(200, json!({ "items": items, "nextPageToken": next }))
    })
    .await
    .expect("starts");
    use numspot_client::Client;
    let client = Client::builder()
        .base_url(server.base_url())
        .credentials(StaticToken::from("t"))
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
        Answer::json(200, json!({ "items": [], "nextPageToken": "again" }))
    })
    .await
    .expect("starts");
    let client = numspot_client::Client::builder()
        .base_url(server.base_url())
        .build()
        .expect("builds");
    let mut pages = client.list_roles_space().space_id(SPACE).pages();
    let error = loop {
        match pages.try_next().await {
            Ok(page) => assert!(page.is_some(), "ended without an error"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("circle"), "{error}");
    assert!(pages.try_next().await.expect("ends").is_none());
    assert_eq!(server.take_requests().len(), 2);
}

#[tokio::test]
async fn tasks_are_paged_by_skipping() {
    let server = RecordingServer::start(|request| {
        let (_, filter) = &request.query[0];
        let filter: Value = serde_json::from_str(filter).expect("is JSON");
        assert_eq!(filter["where"], json!({ "route": "r" }));
        let skip = filter["skip"].as_u64().expect("is there");
        let limit = filter["limit"].as_u64().expect("is there");
        let task = |number: u64| {
            json!({
                "identifier": number.to_string(), "entityType": "e", "entityIdentifier": "i",
                "route": "r", "status": "finished",
                "createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z",
            })
        };
        let tasks: Vec<Value> = (skip..(skip + limit).min(7)).map(task).collect();
        Answer::json(200, json!({ "results": tasks }))
    })
    .await
    .expect("starts");
    use alumio_client::Client;
    let client = Client::builder()
        .base_url(server.base_url())
        .build()
        .expect("builds");
    let filter = TaskFilter::new().route("r").limit(3);
    let tasks = client.list_tasks().items(filter.clone());
    let tasks: Vec<_> = tasks.try_collect().await.expect("lists");
    let seen: Vec<&str> = tasks.iter().map(|task| task.identifier.as_str()).collect();
    assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6"]);
    let pages = client.list_tasks().pages(filter.skip(1));
    let pages: Vec<_> = pages.try_collect().await.expect("lists");
    let sizes: Vec<usize> = pages.iter().map(|page| page.results.len()).collect();
    assert_eq!(sizes, [3, 3, 0]);
}
