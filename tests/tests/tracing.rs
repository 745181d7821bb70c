//! The contents of a call's trace, and what it must not contain.

use std::io::Write;
use std::sync::{Arc, Mutex};

use client_runtime::{RetryPolicy, StaticToken};
use client_tests::fault_server::{Fault, FaultServer};
use numspot_client::{Client, SecuritySchemes as _, types};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("is not poisoned").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_call_is_one_span_with_the_names_of_opentelemetry_and_nothing_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = FaultServer::start(|number, _| match number {
        0 => Fault::json(503, "{}"),
        1 => Fault::json(200, r#"{"items": []}"#),
        _ => Fault::json(409, r#"{"type": "about:blank", "title": "Taken"}"#),
    })
    .await
    .expect("starts");
    let client = Client::builder()
        .base_url(server.base_url())
        .bearer_auth(StaticToken::from("s3cret-token"))
        .retry(RetryPolicy::default().base_delay(std::time::Duration::from_micros(1)))
        .build()
        .expect("builds");
    let list = client.list_roles_space().space_id(SPACE);
    list.name("s3cret-query").send().await.expect("succeeds");
    let role = types::Role::builder()
        .name("s3cret-body")
        .description("d")
        .tenant_type([]);
    let create = client.create_role_space().space_id(SPACE).body(role);
    assert!(create.send().await.is_err());

    let text = String::from_utf8(log.0.lock().expect("is not poisoned").clone());
    let text = text.expect("is UTF-8");
    let ours = |line: &&str| line.contains("client_runtime");
    let closed: Vec<&str> = text
        .lines()
        .filter(ours)
        .filter(|line| line.contains("close"))
        .collect();
    let [listed, created] = closed.as_slice() else {
        panic!("two calls, but these spans: {text}");
    };
    for attribute in [
        "otel.name=\"ListRolesSpace\"",
        "http.request.method=\"GET\"",
        "url.template=\"/iam/spaces/{spaceId}/roles\"",
        "server.address=\"127.0.0.1\"",
        "http.response.status_code=200",
        "http.request.resend_count=1",
    ] {
        assert!(listed.contains(attribute), "{attribute} is not in {listed}");
    }
    assert!(created.contains("error.type=\"409\""), "{created}");
    assert!(text.contains("trying again"), "{text}");

    let unreachable = FaultServer::start(|_, _| Fault::Close)
        .await
        .expect("starts");
    let client = Client::builder()
        .base_url(unreachable.base_url())
        .allow_missing_credentials()
        .retry(RetryPolicy::default().base_delay(std::time::Duration::from_micros(1)))
        .build()
        .expect("builds");
    assert!(
        client
            .list_roles_space()
            .space_id(SPACE)
            .send()
            .await
            .is_err()
    );
    let text = String::from_utf8(log.0.lock().expect("is not poisoned").clone());
    let text = text.expect("is UTF-8");
    let mut closed = text
        .lines()
        .filter(ours)
        .filter(|line| line.contains("close"));
    let failed = closed.next_back().expect("is present");
    for attribute in ["error.type=Transport", "http.request.resend_count=3"] {
        assert!(failed.contains(attribute), "{attribute} is not in {failed}");
    }
    for line in text.lines().filter(ours) {
        assert!(!line.contains("s3cret"), "{line}");
    }
}
