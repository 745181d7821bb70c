//! Tests that requests have the credentials of their operation's security requirements, and no others.

use client_runtime::{
    Authentication, Authenticator, Builder, CredentialsError, ErrorKind, HeaderValue, Method,
    Request, SecretString, StaticToken, async_trait,
};
use client_tests::recording_server::{Recorded, RecordingServer, Reply};
use constructs_client::{Client, SecuritySchemes as _, types};

type Failed = Box<dyn std::error::Error>;

async fn server() -> Result<RecordingServer, Failed> {
    Ok(RecordingServer::start(|_| Reply::empty(204)).await?)
}

fn builder(server: &RecordingServer) -> Builder<Client> {
    Client::builder().base_url(server.base_url())
}

/// A header of the only request.
fn header(request: &Recorded, name: &str) -> Option<String> {
    let value = request.headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

fn only(server: &RecordingServer) -> Recorded {
    let mut requests = server.take_requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// The `Authorization` header of the one request that was received.
fn authorization(server: &RecordingServer) -> Option<String> {
    header(&only(server), "authorization")
}

/// Asserts that a request has no credentials.
fn assert_bare(request: &Recorded) {
    for name in ["authorization", "cookie", "x-construct-key"] {
        assert_eq!(header(request, name), None);
    }
    assert_eq!(request.query, []);
}

#[tokio::test]
async fn an_api_key_is_sent_in_its_header() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server).key_in_header("k3y").build()?;
    client.secured_by_header().send().await?;
    let request = only(&server);
    assert_eq!(header(&request, "x-construct-key").as_deref(), Some("k3y"));
    assert_eq!(header(&request, "authorization"), None);
    Ok(())
}

#[tokio::test]
async fn schemes_of_one_alternative_are_sent_together_beside_parameters() -> Result<(), Failed> {
    let server = server().await?;
    let builder = builder(&server)
        .key_in_query("a&b c")
        .key_in_cookie("s1d;x");
    let client = builder.build()?;
    let call = client.secured_by_query_and_cookie();
    call.theme("dark").page(2).send().await?;
    let request = only(&server);
    assert_eq!(
        request.query,
        [
            ("page".to_owned(), "2".to_owned()),
            ("key[]".to_owned(), "a&b c".to_owned()),
        ]
    );
    assert_eq!(
        header(&request, "cookie").as_deref(),
        Some("theme=dark; SID=s1d%3Bx")
    );
    Ok(())
}

#[tokio::test]
async fn the_first_alternative_with_all_its_credentials_is_sent() -> Result<(), Failed> {
    const TOKEN: &str = "Bearer t0ken";
    const USER: &str = "Basic dTpw";
    let server = server().await?;
    for (has_token, has_user, expected) in [
        (true, false, [TOKEN, TOKEN, TOKEN]),
        (false, true, [USER, USER, ""]),
        (true, true, [TOKEN, USER, TOKEN]),
    ] {
        let mut builder = builder(&server);
        if has_token {
            builder = builder.bearer(StaticToken::from("t0ken"));
        }
        if has_user {
            builder = builder.basic("u", "p");
        }
        let client = builder.build()?;
        client.secured_by_bearer_or_basic().send().await?;
        client.secured_by_basic_or_bearer().send().await?;
        client.secured_if_possible().send().await?;
        let requests = server.take_requests();
        let sent = requests
            .iter()
            .map(|it| header(it, "authorization").unwrap_or_default());
        assert_eq!(sent.collect::<Vec<_>>(), expected);
    }
    Ok(())
}

#[tokio::test]
async fn an_alternative_of_which_a_part_is_missing_is_not_sent() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server)
        .basic("u", "p")
        .o_auth(StaticToken::from("t0ken"))
        .build()?;
    client.secured_by_several().send().await?;
    assert_eq!(authorization(&server).as_deref(), Some("Bearer t0ken"));

    let client = builder(&server)
        .basic("u", "p")
        .key_in_header("k3y")
        .o_auth(StaticToken::from("t0ken"))
        .build()?;
    client.secured_by_several().send().await?;
    let request = only(&server);
    assert_eq!(
        header(&request, "authorization").as_deref(),
        Some("Basic dTpw")
    );
    assert_eq!(header(&request, "x-construct-key").as_deref(), Some("k3y"));
    Ok(())
}

#[tokio::test]
async fn an_operation_without_security_is_sent_no_credentials() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server)
        .bearer(StaticToken::from("t"))
        .key_in_query("k")
        .key_in_header("k")
        .build()?;
    client.not_secured().send().await?;
    assert_bare(&only(&server));
    // And one without a security requirement.
    client.lists().send().await?;
    assert_bare(&only(&server));
    Ok(())
}

#[tokio::test]
async fn credentials_for_all_cover_operations_without_a_stated_requirement() -> Result<(), Failed> {
    let server = server().await?;
    let token = Authentication::bearer(StaticToken::from("t0ken"));
    let client = builder(&server).authentication_for_all(token).build()?;
    client.lists().send().await?;
    assert_eq!(authorization(&server).as_deref(), Some("Bearer t0ken"));
    client.not_secured().send().await?;
    assert_bare(&only(&server));
    client.secured_if_possible().send().await?;
    assert_bare(&only(&server));
    Ok(())
}

#[tokio::test]
async fn a_call_without_its_credentials_is_an_error_that_names_them() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server).key_in_cookie("c").build()?;
    let error = client.secured_by_query_and_cookie().send().await;
    let error = error.expect_err("has no credentials");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "secured-by-query-and-cookie failed: the operation requires credentials for \
         `KeyInQuery` and `KeyInCookie`, which were not all set; set them on the builder with \
         `.key_in_query(…)` and `.key_in_cookie(…)`"
    );
    let error = client.secured_by_several().send().await;
    let message = error.expect_err("has no credentials").to_string();
    assert!(
        message.contains("`Basic` and `KeyInHeader`, or `OAuth`"),
        "{message}"
    );
    assert_eq!(server.take_requests().len(), 0);
    // Unless another component adds them.
    let client = builder(&server).allow_missing_credentials().build()?;
    client.secured_by_several().send().await?;
    assert_bare(&only(&server));
    Ok(())
}

#[tokio::test]
async fn credentials_that_no_operation_takes_are_an_error_of_build() -> Result<(), Failed> {
    let server = server().await?;
    let error = builder(&server).unused("u", "p").build();
    assert_eq!(
        error.expect_err("is unused").to_string(),
        "the credentials would never be sent: no operation uses the security scheme `Unused`"
    );
    let key = Authentication::header("x", "k3y");
    let error = builder(&server).authentication("Key", key).build();
    let message = error.expect_err("is unknown").to_string();
    assert!(
        message.starts_with(
            "the API description has no security scheme `Key`; it has `KeyInHeader`, `KeyInQuery`, "
        ),
        "{message}"
    );
    let client = numspot_client::Client::builder();
    let token = Authentication::bearer(StaticToken::from("t"));
    let error = client.authentication_for_all(token).build();
    let message = error.expect_err("is unused").to_string();
    assert!(
        message.contains("has a security requirement for every operation"),
        "{message}"
    );
    Ok(())
}

#[tokio::test]
async fn credentials_that_cannot_be_sent_are_an_error_of_build_that_does_not_show_them()
-> Result<(), Failed> {
    let server = server().await?;
    for builder in [
        builder(&server).key_in_header("s3cret\n"),
        builder(&server).basic("us:er", "s3cret"),
        builder(&server).authentication("KeyInHeader", Authentication::header("x y", "s3cret")),
    ] {
        let message = builder.build().expect_err("cannot be sent").to_string();
        assert!(
            message.starts_with("the credentials for the security scheme `"),
            "{message}"
        );
        assert!(!message.contains("s3cret"), "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn credentials_that_a_call_sets_override_those_of_the_client() -> Result<(), Failed> {
    let server = server().await?;
    for client in [
        builder(&server).build()?,
        builder(&server).key_in_header("of the client").build()?,
    ] {
        let call = client.secured_by_parameter().x_construct_key("of the call");
        call.send().await?;
        let request = only(&server);
        let sent = request.headers.get_all("x-construct-key").iter();
        assert_eq!(sent.collect::<Vec<_>>(), ["of the call"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_scheme_of_mutual_tls_takes_the_certificate_of_the_connection() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server).build()?;
    let error = client.secured_by_certificate().send().await;
    let message = error.expect_err("has no certificate").to_string();
    assert!(message.contains("`.client_certificate(…)`"), "{message}");
    // The HTTP client of a caller may have one.
    let http = client_runtime::http_client_builder()?.build()?;
    let client = builder(&server).http_client(http).build()?;
    client.secured_by_certificate().send().await?;
    assert_bare(&only(&server));
    Ok(())
}

#[tokio::test]
async fn tokens_of_open_id_connect_are_bearers() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server)
        .open_id(StaticToken::from("t0ken"))
        .build()?;
    client.secured_by_open_id().send().await?;
    assert_eq!(authorization(&server).as_deref(), Some("Bearer t0ken"));
    Ok(())
}

/// Signs the method, the URL and the body in a readable form.
#[derive(Debug)]
struct Signer(SecretString);

#[async_trait]
impl Authenticator for Signer {
    async fn authenticate(&self, request: &mut Request) -> Result<(), CredentialsError> {
        let body = request.body().and_then(|body| body.as_bytes());
        let length = body.map_or(0, <[u8]>::len);
        let (method, path) = (request.method(), request.url().path());
        let value = format!("HMAC {method} {path} {length} {}", self.0.expose());
        let value = HeaderValue::try_from(value);
        let value = value.map_err(|error| CredentialsError::transport("no signature", error))?;
        request.headers_mut().insert("authorization", value);
        Ok(())
    }
}

#[tokio::test]
async fn an_authenticator_sees_each_request_as_it_is_sent() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server).signature(Signer("k3y".into())).build()?;
    let pair = types::Pair::builder().a("1");
    client.secured_by_signature().body(pair).send().await?;
    let request = only(&server);
    assert_eq!(
        header(&request, "authorization"),
        Some(format!(
            "HMAC POST /security/signature {} k3y",
            request.body.len()
        ))
    );
    // Its error is the error of the call, and nothing is sent.
    let client = builder(&server).signature(Signer("k3\n".into())).build()?;
    let pair = types::Pair::builder().a("1");
    let error = client.secured_by_signature().body(pair).send().await;
    let error = error.expect_err("is not signed");
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(error.is_retryable());
    assert_eq!(server.take_requests().len(), 0);
    Ok(())
}

#[tokio::test]
async fn an_undocumented_request_carries_matching_credentials() -> Result<(), Failed> {
    let server = server().await?;
    let client = builder(&server).key_in_header("k3y").build()?;
    client.request(Method::GET, "/x").send().await?;
    let request = only(&server);
    assert_eq!(header(&request, "x-construct-key").as_deref(), Some("k3y"));
    // It may have none.
    let client = builder(&server).build()?;
    client.request(Method::GET, "/x").send().await?;
    assert_bare(&only(&server));
    let token = Authentication::query("token", "t0ken");
    let client = builder(&server).authentication_for_all(token).build()?;
    client.request(Method::GET, "/x").send().await?;
    let token = ("token".to_owned(), "t0ken".to_owned());
    assert_eq!(only(&server).query, [token]);
    Ok(())
}

#[tokio::test]
async fn credentials_are_shown_nowhere() -> Result<(), Failed> {
    // No server listens on this port.
    let client = Client::builder()
        .base_url("http://127.0.0.1:1")
        .key_in_header("s3cret")
        .key_in_query("s3cret")
        .key_in_cookie("s3cret")
        .basic("u", "s3cret")
        .bearer(StaticToken::from("s3cret"))
        .signature(Signer("s3cret".into()))
        .retry(client_runtime::RetryPolicy::never());
    let mut shown = vec![format!("{client:?}")];
    let client = client.build()?;
    shown.push(format!("{client:?}"));
    let error = client.secured_by_query_and_cookie().send().await;
    let error = error.expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Transport);
    shown.push(format!("{error} {error:?} {error:#?}"));
    for shown in shown {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    Ok(())
}
