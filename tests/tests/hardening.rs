//! Tests that the server receives every string argument unchanged.

use client_tests::recording_server::{Recorded, RecordingServer, Reply};
use numspot_client::Client;
use proptest::prelude::*;

const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

/// Any string, with a preference for characters that are special in URLs.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(?s).{0,12}",
        "[./\\\\%?#&+=;:@\\[\\] 2eEfF5cC\u{10FFFD}\r\n\t\0]{0,8}",
    ]
}

fn segments(request: &Recorded) -> Vec<String> {
    let encoded = request.path.split('/').skip(1);
    encoded
        .map(|segment| {
            let decoded = percent_encoding::percent_decode_str(segment).decode_utf8();
            decoded.expect("is UTF-8").into_owned()
        })
        .collect()
}

#[test]
fn parameters_arrive_as_they_were_given() {
    let runtime = tokio::runtime::Runtime::new().expect("starts");
    let server = runtime
        .block_on(RecordingServer::start(|_| Reply::empty(418)))
        .expect("starts");
    let client = Client::builder()
        .base_url(server.base_url())
        .allow_missing_credentials()
        .build()
        .expect("builds");
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    };
    proptest!(config, |(in_path in text(), in_query in text(), deep in text())| {
        let call = client.get_cluster().space_id(SPACE).cluster_id(in_path.as_str());
        // The response does not matter.
        let _ = runtime.block_on(call.send());
        let requests = server.take_requests();
        if ["", ".", ".."].contains(&in_path.as_str()) {
            prop_assert!(requests.is_empty(), "{in_path:?} was sent");
        } else {
            let expected = ["openshift", "spaces", SPACE, "clusters", in_path.as_str()];
            prop_assert_eq!(segments(&requests[0]), expected);
            prop_assert!(requests[0].query.is_empty());
        }

        let call = client.list_roles_space().space_id(SPACE);
        let call = call.name(in_query.clone()).page_next_token(deep.clone());
        let _ = runtime.block_on(call.send());
        let request = server.take_requests().remove(0);
        prop_assert_eq!(segments(&request), ["iam", "spaces", SPACE, "roles"]);
        let mut query = request.query;
        query.sort();
        let expected = [("name".to_owned(), in_query), ("page[nextToken]".to_owned(), deep)];
        prop_assert_eq!(query, expected);
    });
}
