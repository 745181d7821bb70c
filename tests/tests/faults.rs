//! Errors and retries when the server, the network or the responses fail.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client_runtime::{
    ClientCredentials, Credentials, CredentialsError, Error, ErrorKind, RetryBudget, RetryPolicy,
    StaticToken, Token,
};
use client_tests::fault_server::{Fault, FaultServer};
use client_tests::recording_server::{RecordingServer, Reply};
use numspot_client::{Client, SecuritySchemes as _, types};

const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";
const EMPTY_PAGE: &str = r#"{"items": []}"#;
const PROBLEM: &str = r#"{"type": "about:blank", "title": "Not now", "violations": [{"field": "name", "description": "is taken"}], "balance": 30}"#;

fn client(server: &FaultServer) -> Client {
    built(server, StaticToken::from("t0ken"))
}

/// A client with negligible retry delays.
fn built(server: &FaultServer, credentials: impl Credentials) -> Client {
    Client::builder()
        .base_url(server.base_url())
        .bearer_auth(credentials)
        .retry(RetryPolicy::default().base_delay(Duration::from_micros(10)))
        .build()
        .expect("can be built")
}

async fn list(client: &Client) -> Result<usize, Error> {
    let page = client.list_roles_space().space_id(SPACE).send().await?;
    Ok(page.items.len())
}

async fn create(client: &Client) -> Result<(), Error> {
    let account = types::ServiceAccount::builder().name("a");
    let create = client.create_service_account_space().space_id(SPACE);
    create.body(account).send().await?;
    Ok(())
}

async fn server(fault: impl Fn(usize, &str) -> Fault + Send + Sync + 'static) -> FaultServer {
    FaultServer::start(fault).await.expect("starts")
}

#[tokio::test]
async fn transient_failures_are_retried_until_the_call_succeeds() {
    for first in [
        Fault::Reply(503, vec![], String::new()),
        Fault::json(502, PROBLEM),
        Fault::Reply(429, vec![("retry-after", "0".to_owned())], String::new()),
        Fault::Close,
        Fault::Garbage,
    ] {
        let case = format!("{first:?}");
        let server = server(move |number, _| match number {
            0 => first.clone(),
            _ => Fault::json(200, EMPTY_PAGE),
        })
        .await;
        let outcome = list(&client(&server)).await;
        assert_eq!(outcome.unwrap_or_else(|error| panic!("{case}: {error}")), 0);
        assert_eq!(server.requests().len(), 2, "{case}");
    }
}

#[tokio::test]
async fn a_truncated_response_is_retried_if_that_is_safe() {
    let server = server(|number, _| match number {
        0 => Fault::Truncate(EMPTY_PAGE.to_owned()),
        _ => Fault::json(200, EMPTY_PAGE),
    })
    .await;
    assert_eq!(list(&client(&server)).await.expect("succeeds"), 0);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_request_that_may_have_been_processed_is_sent_once() {
    for fault in [
        Fault::json(500, PROBLEM),
        Fault::json(502, PROBLEM),
        Fault::json(503, PROBLEM),
        Fault::Close,
    ] {
        let case = format!("{fault:?}");
        let server = server(move |_, _| fault.clone()).await;
        let error = create(&client(&server)).await.expect_err("fails");
        assert_eq!(server.requests().len(), 1, "{case}");
        assert_eq!(error.call().expect("is known").attempts, 1, "{case}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_have_been_processed_is_sent_again() {
    let server = server(|number, _| match number {
        0 => Fault::Reply(429, vec![], String::new()),
        1 => Fault::Reply(503, vec![("retry-after", "0".to_owned())], String::new()),
        _ => Fault::json(409, PROBLEM),
    })
    .await;
    let error = create(&client(&server)).await.expect_err("fails");
    assert_eq!(server.requests().len(), 3);
    assert!(error.is_conflict());
    assert_eq!(
        error.to_string(),
        "CreateServiceAccountSpace failed: 409 Conflict: Not now; name: is taken (after 3 attempts)"
    );
    assert_eq!(
        error.problem().expect("is present").extensions["balance"],
        30
    );
}

#[tokio::test]
async fn attempts_are_bounded_and_counted() {
    let server = server(|_, _| Fault::json(503, PROBLEM)).await;
    let error = list(&client(&server)).await.expect_err("fails");
    assert_eq!(server.requests().len(), 4);
    let call = error.call().expect("is known");
    assert_eq!((call.operation, call.attempts), ("ListRolesSpace", 4));
    assert_eq!(call.path, "/iam/spaces/{spaceId}/roles");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn options_hold_for_the_clone_they_were_given_to() {
    let server = server(|_, _| Fault::json(503, PROBLEM)).await;
    let client = client(&server);
    let once = client.with(|options| options.retry = RetryPolicy::never());
    assert!(list(&once).await.is_err());
    assert_eq!(server.requests().len(), 1);
    assert!(list(&client).await.is_err());
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn an_outage_does_not_multiply_the_requests() {
    let server = server(|_, _| Fault::json(503, PROBLEM)).await;
    let client = client(&server);
    for _ in 0..100 {
        assert!(list(&client).await.is_err());
    }
    // A hundred first attempts, an initial budget of ten retries, and one more for each ten calls.
    let requests = server.requests().len();
    assert!((110..=120).contains(&requests), "{requests}");
}

#[tokio::test]
async fn a_refused_connection_is_a_transport_error() {
    let server = server(|_, _| Fault::Close).await;
    let client = client(&server);
    drop(server);
    tokio::task::yield_now().await;
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_retryable());
    assert!(
        !format!("{error} {error:?}").contains("127.0.0.1/"),
        "{error:?}"
    );
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let server = server(|_, _| Fault::Stall).await;
    let client = client(&server).with(|options| {
        options.attempt_timeout = Duration::from_millis(20);
        options.retry = RetryPolicy::never();
    });
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn the_time_of_a_whole_call_is_bounded() {
    let server = server(|_, _| Fault::Stall).await;
    let client = client(&server).with(|options| {
        options.timeout = Some(Duration::from_millis(30));
    });
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        server.requests().len() <= 1,
        "there was no time for another"
    );
}

#[tokio::test]
async fn invalid_responses_are_clear_errors() {
    let page = "<html><body>Log in to the proxy</body></html>";
    let html = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    for (fault, kind, message) in [
        (
            Fault::Reply(200, html.clone(), page.to_owned()),
            ErrorKind::Decode,
            "text/html",
        ),
        (
            Fault::Reply(502, html, page.to_owned()),
            ErrorKind::Api,
            "502",
        ),
        (Fault::json(200, ""), ErrorKind::Decode, "at $"),
        (
            Fault::json(200, r#"{"items": [{"name": 7"#),
            ErrorKind::Decode,
            "$.items[0].name",
        ),
        (Fault::json(418, PROBLEM), ErrorKind::Api, "418"),
        (
            Fault::Truncate(EMPTY_PAGE.to_owned()),
            ErrorKind::Transport,
            "lost the connection",
        ),
    ] {
        let server = server(move |_, _| fault.clone()).await;
        let client = client(&server).with(|options| options.retry = RetryPolicy::never());
        let error = list(&client).await.expect_err("fails");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert!(
            error.to_string().starts_with("ListRolesSpace failed: "),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("Log in"), "{error:?}");
    }
}

#[tokio::test]
async fn a_response_beyond_the_limit_is_not_read_to_its_end() {
    let server = server(|_, _| Fault::json(200, &"x".repeat(1 << 20))).await;
    let client = client(&server).with(|options| options.max_response_bytes = 1000);
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("larger than 1000 bytes"),
        "{error}"
    );
    assert!(error.body().len() < 1 << 20);
}

#[tokio::test]
async fn a_hundred_megabytes_are_not_read() {
    for announced in [true, false] {
        let server = server(move |_, _| Fault::Flood {
            bytes: 100 << 20,
            announced,
        })
        .await;
        let error = list(&client(&server)).await.expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Decode);
        let message = error.to_string();
        assert!(message.contains("larger than 33554432 bytes"), "{message}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_response_that_can_have_no_content_has_none_whatever_is_sent() {
    let server = server(|_, _| Fault::Reply(204, vec![], "{}".to_owned())).await;
    let client = client(&server);
    let deleted = client.delete_role_space().space_id(SPACE).role_uuid(SPACE);
    assert_eq!(deleted.send().await.expect("succeeds").status(), 204);
}

#[tokio::test]
async fn a_redirect_to_another_server_carries_no_credentials_and_no_body() {
    let other = server(|_, _| Fault::json(200, EMPTY_PAGE)).await;
    let there = other.base_url().to_owned();
    let server = server(move |_, _| {
        Fault::Reply(
            307,
            vec![("location", format!("{there}/roles"))],
            String::new(),
        )
    })
    .await;
    let client = client(&server);
    assert_eq!(list(&client).await.expect("is followed"), 0);
    let followed = other.requests();
    assert_eq!(followed.len(), 1);
    assert!(!followed[0].contains("t0ken"), "{}", followed[0]);

    let error = create(&client).await.expect_err("is not followed");
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.status().expect("has a status"), 307);
    assert_eq!(other.requests().len(), 1);
}

/// Credentials that count their uses and return a new token each time.
#[derive(Debug, Clone, Default)]
struct Counting(Arc<AtomicUsize>);

#[async_trait::async_trait]
impl Credentials for Counting {
    async fn token(&self) -> Result<Token, CredentialsError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(Token::new(format!("t0ken-{number}")))
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    let server = server(|_, head| {
        if head.contains("Bearer t0ken-0") {
            Fault::json(401, PROBLEM)
        } else {
            Fault::json(200, EMPTY_PAGE)
        }
    })
    .await;
    let credentials = Counting::default();
    let client = built(&server, credentials.clone());
    assert_eq!(list(&client).await.expect("succeeds"), 0);
    assert_eq!(server.requests().len(), 2);
    assert_eq!(credentials.0.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_stays_refused_is_reported() {
    let server = server(|_, _| Fault::json(401, PROBLEM)).await;
    let client = built(&server, Counting::default());
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(server.requests().len(), 2);
    let shown = format!("{error} {error:?} {client:?}");
    assert!(!shown.contains("t0ken"), "{shown}");
}

#[tokio::test]
async fn hundreds_of_calls_at_once_fetch_one_token_and_none_is_lost_or_sent_twice() {
    // Each call uses two sockets of this process, whose limit may be a thousand descriptors.
    const CALLS: usize = 300;
    let server = server(|_, _| Fault::json(200, EMPTY_PAGE)).await;
    let credentials = Counting::default();
    let client = built(&server, credentials.clone());
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { list(&client).await })
        })
        .collect();
    for call in calls {
        call.await.expect("does not panic").expect("succeeds");
    }
    assert_eq!(server.requests().len(), CALLS);
    assert_eq!(credentials.0.load(Ordering::SeqCst), 1);
}

/// Client credentials with the token endpoint of a server.
fn client_credentials(server: &FaultServer) -> ClientCredentials {
    let token_url = format!("{}/iam/token", server.base_url());
    let token_url = token_url.parse().expect("is a URL");
    ClientCredentials::new(token_url, "id", "s3cret".into())
}

#[tokio::test]
async fn a_token_is_fetched_with_the_clients_secret_and_used_for_every_call() {
    let server = server(|_, head| {
        if head.starts_with("POST /iam/token") {
            let token = r#"{"access_token": "t0ken", "expires_in": 3600, "token_type": "Bearer"}"#;
            Fault::json(200, token)
        } else if head.contains("Bearer t0ken") {
            Fault::json(200, EMPTY_PAGE)
        } else {
            Fault::json(401, PROBLEM)
        }
    })
    .await;
    let client = built(&server, client_credentials(&server));
    for _ in 0..3 {
        assert_eq!(list(&client).await.expect("succeeds"), 0);
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert!(
        requests[0].contains("Basic aWQ6czNjcmV0"),
        "{}",
        requests[0]
    );
}

#[tokio::test]
async fn a_token_that_lives_a_second_is_renewed_for_whoever_comes_after() {
    let issued = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&issued);
    let server = server(move |_, head| {
        if head.starts_with("POST /iam/token") {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let token = format!(
                r#"{{"access_token": "t0ken-{number}", "expires_in": 1, "token_type": "Bearer"}}"#
            );
            return Fault::json(200, &token);
        }
        // Only the newest token is valid: rounds are further apart than its lifetime.
        let newest = counted.load(Ordering::SeqCst) - 1;
        match head.contains(&format!("Bearer t0ken-{newest}")) {
            true => Fault::json(200, EMPTY_PAGE),
            false => Fault::json(401, PROBLEM),
        }
    })
    .await;
    let client = built(&server, client_credentials(&server));
    for round in 1..=3 {
        for _ in 0..5 {
            assert_eq!(list(&client).await.expect("succeeds"), 0);
        }
        assert_eq!(issued.load(Ordering::SeqCst), round);
        // Time is only paused between calls; otherwise it would advance while a call waits for its
        // socket.
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(1100)).await;
        tokio::time::resume();
    }
    assert_eq!(server.requests().len(), 3 * 6, "no call was refused");
}

#[tokio::test]
async fn a_thousand_calls_under_faults_end_each_once_and_within_the_policy() {
    const CALLS: usize = 1000;
    /// The number of requests with this name, and how often they were processed.
    #[derive(Default)]
    struct Seen {
        requests: usize,
        done: usize,
    }
    let seen: Arc<Mutex<BTreeMap<String, Seen>>> = Arc::default();
    let recorded = Arc::clone(&seen);
    let server = RecordingServer::start(move |request| {
        let name = match request.method.as_str() {
            "POST" => serde_json::from_slice::<serde_json::Value>(&request.body).expect("is JSON")
                ["name"]
                .as_str()
                .expect("is present")
                .to_owned(),
            _ => request.query[0].1.clone(),
        };
        if request.headers["authorization"] == "Bearer t0ken-0" {
            return Reply::empty(401);
        }
        let number: usize = name.parse().expect("is a number");
        let mut seen = recorded.lock().expect("is not poisoned");
        let seen = seen.entry(name).or_default();
        seen.requests += 1;
        // On the first attempt three of five requests meet a fault; a POST may be repeated after
        // the first two kinds.
        match (number / 2 % 5, seen.requests) {
            (0, 1) => return Reply::empty(429).with_header("retry-after", "0"),
            (1, 1) => return Reply::empty(503).with_header("retry-after", "0"),
            (2, 1) => return Reply::empty(502),
            _ => {}
        }
        seen.done += 1;
        match request.method.as_str() {
            "POST" => Reply::json(
                200,
                serde_json::json!({
                    "name": "a", "description": "b", "tenantType": [], "custom": true, "uuid": SPACE,
                    "createdOn": "2026-01-02T03:04:05Z", "updatedOn": "2026-01-02T03:04:05Z",
                }),
            ),
            _ => Reply::json(200, serde_json::json!({ "items": [] })),
        }
    })
    .await
    .expect("starts");
    // All calls share one connection, so that limits of the machine do not matter.
    let http = client_runtime::http_client_builder().expect("has TLS");
    let http = http.http2_prior_knowledge().build();
    let credentials = Counting::default();
    let client = Client::builder()
        .base_url(server.base_url())
        .http_client(http.expect("can be built"))
        .bearer_auth(credentials.clone())
        .retry_budget(RetryBudget::unlimited())
        .retry(RetryPolicy::default().base_delay(Duration::from_micros(10)))
        .build()
        .expect("can be built")
        .in_space(SPACE.parse().expect("is a UUID"));
    let calls: Vec<_> = (0..CALLS)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let name = number.to_string();
                if number % 2 == 0 {
                    let list = client.list_roles_space().name(name);
                    list.send().await.map(drop)
                } else {
                    let role = types::Role::builder()
                        .name(name)
                        .description("b")
                        .tenant_type([]);
                    let create = client.create_role_space().body(role);
                    create.send().await.map(drop)
                }
            })
        })
        .collect();
    let mut failed = 0;
    for (number, call) in calls.into_iter().enumerate() {
        let outcome = call.await.expect("does not panic");
        let seen = seen.lock().expect("is not poisoned");
        let seen = &seen[&number.to_string()];
        let is_post_with_502 = number % 2 == 1 && number / 2 % 5 == 2;
        let attempts = if is_post_with_502 {
            1
        } else {
            1 + usize::from(number / 2 % 5 < 3)
        };
        assert_eq!(seen.requests, attempts, "{number}");
        assert_eq!(seen.done, usize::from(outcome.is_ok()), "{number}");
        assert_eq!(outcome.is_err(), is_post_with_502, "{number}");
        failed += usize::from(outcome.is_err());
    }
    assert_eq!(failed, CALLS / 10);
    assert_eq!(
        credentials.0.load(Ordering::SeqCst),
        2,
        "one renewal for all"
    );
}

#[tokio::test]
async fn a_token_endpoint_that_refuses_or_stalls_is_an_error_without_the_secret() {
    let refusing = server(|_, _| Fault::json(401, r#"{"error": "invalid_client"}"#)).await;
    let client = built(&refusing, client_credentials(&refusing));
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(error.call().expect("is known").attempts, 0);
    assert!(error.to_string().contains("invalid_client"), "{error}");
    assert!(!format!("{error} {error:?} {client:?}").contains("s3cret"));

    let stalling = server(|_, _| Fault::Stall).await;
    let client = built(&stalling, client_credentials(&stalling));
    let client = client.with(|options| options.timeout = Some(Duration::from_millis(20)));
    let error = list(&client).await.expect_err("fails");
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn an_operation_without_security_carries_no_token() {
    let token = r#"{"access_token": "s3cret", "expires_in": 60, "token_type": "bearer"}"#;
    let server = server(move |_, _| Fault::json(200, token)).await;
    let response = client(&server)
        .token()
        .body(types::TokenReq::builder().grant_type("client_credentials"))
        .send()
        .await
        .expect("succeeds");
    assert!(
        !server.requests()[0]
            .to_lowercase()
            .contains("authorization")
    );
    assert!(!format!("{response:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_call_dropped_at_any_poll_leaves_the_client_usable() {
    let server = server(|_, _| Fault::json(200, EMPTY_PAGE)).await;
    let client = built(&server, Counting::default());
    for polls in 0..20 {
        let mut call = Box::pin(list(&client));
        for _ in 0..polls {
            if futures_util::poll!(&mut call).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
        assert_eq!(
            list(&client).await.expect("succeeds"),
            0,
            "after {polls} polls"
        );
    }
}

#[tokio::test]
async fn an_invalid_call_sends_no_request() {
    let server = server(|_, _| Fault::json(200, EMPTY_PAGE)).await;
    let client = client(&server);
    for name in ["", ".", ".."] {
        let refused = client
            .delete_node_pool()
            .space_id(SPACE)
            .cluster_id("c")
            .node_pool_name(name)
            .send()
            .await;
        let error = refused.expect_err("is refused");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains("node_pool_name"), "{error}");
    }
    assert_eq!(server.requests().len(), 0);
}
