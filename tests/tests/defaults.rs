//! Default arguments of a client.

use client_runtime::ErrorKind;
use client_tests::recording_server::{RecordingServer, Reply};
use numspot_client::Client;
use uuid::Uuid;

const HERE: Uuid = Uuid::from_u128(1);
const THERE: Uuid = Uuid::from_u128(2);

async fn server() -> RecordingServer {
    RecordingServer::start(|_| Reply::json(200, serde_json::json!({ "items": [] })))
        .await
        .expect("starts")
}

fn client(server: &RecordingServer) -> Client {
    let builder = Client::builder()
        .base_url(server.base_url())
        .allow_missing_credentials();
    builder.build().expect("builds")
}

#[tokio::test]
async fn the_default_space_is_used_only_if_a_call_names_none() {
    let server = server().await;
    let client = client(&server).in_space(HERE);
    client.list_roles_space().send().await.expect("succeeds");
    let named = client.list_roles_space().space_id(THERE);
    named.send().await.expect("succeeds");
    let elsewhere = client.in_space(THERE);
    elsewhere.list_roles_space().send().await.expect("succeeds");
    client.list_roles_space().send().await.expect("succeeds");
    let paths: Vec<String> = server
        .take_requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    let path = |space: Uuid| format!("/iam/spaces/{space}/roles");
    assert_eq!(paths, [path(HERE), path(THERE), path(THERE), path(HERE)]);
}

#[tokio::test]
async fn without_a_space_a_call_that_needs_one_is_refused_by_name() {
    let server = server().await;
    let refused = client(&server).list_roles_space().send().await;
    let error = refused.expect_err("is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("`space_id` is missing"),
        "{error}"
    );
    assert_eq!(server.take_requests().len(), 0);
}

#[tokio::test]
async fn the_subject_of_a_call_has_no_default() {
    let server = server().await;
    let client = client(&server).in_space(HERE);
    let refused = client.delete_space().organisation_id(THERE).send().await;
    let error = refused.expect_err("is refused");
    assert!(
        error.to_string().contains("`space_id` is missing"),
        "{error}"
    );
    assert_eq!(server.take_requests().len(), 0);
}
