//! Tests `cargo xtask observe` with the recordings of a client, from the call to the overlay.

use client_runtime::StaticToken;
use client_tests::apis::{api, document};
use client_tests::fault_server::{Fault, FaultServer};
use numspot_client::{Client, SecuritySchemes as _};
use openapi_observe::{Exchange, Kind, REDACTED, observe};

const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

#[tokio::test]
async fn recorded_responses_are_compared_with_the_document_and_have_no_secrets() {
    let server = FaultServer::start(|number, _| match number {
        // `link` is a secret only because the document declares it, `access_token` because of its name.
        0 => Fault::json(
            200,
            r#"{"items": [], "surprise": 1, "link": "s3cret-link"}"#,
        ),
        _ => Fault::json(206, r#"{"items": [], "access_token": "s3cret-token"}"#),
    })
    .await
    .expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let (sink, reported) = std::sync::mpsc::channel();
    let client = Client::builder()
        .base_url(server.base_url())
        .bearer_auth(StaticToken::from("s3cret-credentials"))
        .record(&path)
        .on_deviation(move |deviation| sink.send(deviation.to_string()).expect("is received"))
        .build()
        .expect("can be built");
    for _ in 0..2 {
        let list = client.list_roles_space().space_id(SPACE);
        list.name("s3cret-query").send().await.expect("succeeds");
    }
    drop(client);
    let undocumented = "ListRolesSpace: the status 206 is not documented";
    assert_eq!(Vec::from_iter(reported), [undocumented]);

    let text = std::fs::read_to_string(&path).expect("was recorded");
    assert!(!text.contains("s3cret"), "{text}");

    let exchanges = Exchange::read(&path).expect("is a recording");
    let observation = observe(&document(&api("numspot")), &exchanges).expect("is compared");
    assert_eq!((observation.matched, observation.unmatched.len()), (2, 0));
    let kinds: Vec<&Kind> = observation.deviations.iter().map(|one| &one.kind).collect();
    let property = |name: &str| Kind::Undocumented(name.to_owned());
    for expected in [
        property("surprise"),
        property("link"),
        property("access_token"),
        Kind::Status(206),
    ] {
        assert!(
            kinds.contains(&&expected),
            "{expected:?} is not among {kinds:?}"
        );
    }
}

#[tokio::test]
async fn what_a_client_records_in_place_of_a_secret_is_not_a_deviation() {
    // The names contain "auth".
    let session = format!(
        r#"{{"id": "{SPACE}", "authenticated_at": "2026-01-01T00:00:00Z",
            "authenticator_assurance_level": "aal1"}}"#
    );
    let server = FaultServer::start(move |_, _| Fault::json(200, &session))
        .await
        .expect("starts");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let client = Client::builder()
        .base_url(server.base_url())
        .record(&path)
        .allow_missing_credentials()
        .build()
        .expect("can be built");
    client.to_session().send().await.expect("succeeds");
    drop(client);

    let text = std::fs::read_to_string(&path).expect("was recorded");
    assert_eq!(text.matches(REDACTED).count(), 2, "{text}");
    let exchanges = Exchange::read(&path).expect("is a recording");
    let observation = observe(&document(&api("numspot")), &exchanges).expect("is compared");
    assert_eq!(observation.matched, 1);
    assert!(observation.deviations.is_empty(), "{observation}");
}
