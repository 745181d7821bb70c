//! Tests of calls through proxies, set on the builder or by environment variables.

mod support;
#[path = "support/tls.rs"]
mod tls;

use std::process::Command;
use std::sync::{Arc, Mutex};

use client_runtime::{Authentication, BuildError, Builder, ClientCredentials, Method};
use support::{Server, json, response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy for `CONNECT` (RFC 9110 section 9.3.6) that requires no credentials.
struct Tunnel {
    url: String,
    /// The head of each request.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
        let address = listener.local_addr().expect("has an address");
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let recorded = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let recorded = Arc::clone(&recorded);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(near.read_u8().await?);
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    let mut words = head.split(' ');
                    assert_eq!(words.next(), Some("CONNECT"), "{head}");
                    let to = words.next().unwrap_or_default().to_owned();
                    recorded.lock().expect("is not poisoned").push(head);
                    let mut far = TcpStream::connect(to).await?;
                    near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                    copy_bidirectional(&mut near, &mut far).await
                });
            }
        });
        Self {
            url: format!("http://{address}"),
            requests,
        }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("is not poisoned"))
    }
}

/// A URL with a user and a password.
fn with_password(url: &str) -> String {
    url.replace("://", "://me:hunter2@")
}

const BASIC: &str = "Basic bWU6aHVudGVyMg==";

#[tokio::test]
async fn https_goes_through_a_tunnel() {
    let (base_url, root) = tls::serve_version(None).await;
    let tunnel = Tunnel::start().await;
    let client = tls::builder(&base_url)
        .root_certificates(root)
        .proxy(with_password(&tunnel.url))
        .build();
    client.expect("builds").get().await.expect("responds");
    let requests = tunnel.take();
    assert_eq!(requests.len(), 1);
    let host = base_url.trim_start_matches("https://");
    let first = format!("CONNECT {host} HTTP/1.1\r\n");
    assert!(requests[0].starts_with(&first), "{}", requests[0]);
    assert!(requests[0].contains(BASIC), "{}", requests[0]);
}

#[tokio::test]
async fn http_is_forwarded() {
    let proxy = Server::start(|_, _| response(204, &[], "")).await;
    let builder = Builder::<support::Client>::default()
        .base_url("http://api.example.com/v1")
        .allow_http()
        .proxy(with_password(&proxy.base_url));
    let client = builder.build().expect("builds");
    let sent = client.0.request(Method::GET, "/things").send().await;
    sent.expect("responds");
    let requests = proxy.take();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].target, "http://api.example.com/v1/things");
    assert_eq!(requests[0].headers["proxy-authorization"], BASIC);
}

#[tokio::test]
async fn tokens_are_fetched_through_the_proxy_of_the_calls() {
    let proxy = Server::start(|number, _| match number {
        0 => json(200, r#"{"access_token":"t","token_type":"bearer"}"#),
        _ => response(204, &[], ""),
    })
    .await;
    let token_url = "http://auth.example.com/token";
    let credentials =
        ClientCredentials::new(token_url.parse().expect("is a URL"), "id", "secret".into());
    let client = Builder::<support::Client>::default()
        .base_url("http://api.example.com")
        .allow_http()
        .proxy(&*proxy.base_url)
        .authentication_for_all(Authentication::bearer(credentials))
        .build()
        .expect("builds");
    let sent = client.0.request(Method::GET, "/things").send().await;
    sent.expect("responds");
    let targets: Vec<String> = proxy.take().into_iter().map(|sent| sent.target).collect();
    assert_eq!(targets, [token_url, "http://api.example.com/things"]);
}

#[test]
fn an_invalid_proxy_is_rejected_without_showing_its_password() {
    for (url, reason) in [
        ("ftp://me:hunter2@127.0.0.1", "its scheme"),
        ("http://me:hunter2@", "its URL is invalid"),
        #[cfg(not(feature = "socks"))]
        ("socks5h://me:hunter2@127.0.0.1", "the feature `socks`"),
    ] {
        let builder = Builder::<support::Client>::default()
            .base_url("https://api.example.com")
            .proxy(url);
        assert!(!format!("{builder:?}").contains("hunter2"));
        let rejected = builder.build().map(|_| ()).expect_err(url);
        assert!(matches!(rejected, BuildError::Proxy(_)), "{rejected}");
        assert!(rejected.to_string().contains(reason), "{rejected}");
        assert!(!rejected.to_string().contains("hunter2"));
    }
}

/// The variable with the arguments of a child process: the base URL, the root certificates (may be
/// empty), and whether proxies are disabled.
const CALL: &str = "CLIENT_RUNTIME_TEST_CALL";

/// The code of the child process. It is a test so that the test executable can be the child. As a test
/// it does nothing.
#[tokio::test]
async fn a_call_of_a_child_process() {
    let Ok(call) = std::env::var(CALL) else {
        return;
    };
    let mut parts = call.split('|');
    let mut next = || parts.next().unwrap_or_default();
    let mut builder = Builder::<support::Client>::default()
        .base_url(next())
        .allow_http();
    let (root, disregards) = (next(), next());
    if !root.is_empty() {
        builder = builder.root_certificates(root);
    }
    if !disregards.is_empty() {
        builder = builder.no_proxy();
    }
    let client = builder.build().expect("builds");
    let sent = client.0.request(Method::GET, "/things").send().await;
    sent.expect("responds");
}

/// Makes a call in a child process.
async fn call(base_url: &str, root: &str, disregards: &str, variables: &[(&str, &str)]) {
    const PROXIES: [&str; 4] = ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
    let mut child = Command::new(std::env::current_exe().expect("has a path"));
    child.args(["--exact", "a_call_of_a_child_process"]);
    for name in PROXIES {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    child.env(CALL, format!("{base_url}|{root}|{disregards}"));
    child.envs(variables.iter().copied());
    // Not on the thread of the servers.
    let output = tokio::task::spawn_blocking(move || child.output()).await;
    let output = output.expect("does not panic").expect("runs");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("1 passed"), "{shown}");
}

#[tokio::test]
async fn the_proxies_of_the_environment_are_used() {
    let (base_url, root) = tls::serve_version(None).await;
    let tunnel = Tunnel::start().await;
    let forward = Server::start(|_, _| response(204, &[], "")).await;
    let proxies = [
        ("HTTPS_PROXY", &*tunnel.url),
        ("HTTP_PROXY", &*forward.base_url),
    ];
    call(&base_url, &root, "", &proxies).await;
    assert_eq!((tunnel.take().len(), forward.take().len()), (1, 0));

    call("http://api.example.com", "", "", &proxies).await;
    assert_eq!((tunnel.take().len(), forward.take().len()), (0, 1));

    call(&base_url, &root, "", &[("ALL_PROXY", &tunnel.url)]).await;
    assert_eq!(tunnel.take().len(), 1);

    let no_proxy = [proxies[0], ("NO_PROXY", "localhost")];
    call(&base_url, &root, "", &no_proxy).await;
    call(&base_url, &root, "no_proxy()", &proxies).await;
    assert_eq!(tunnel.take().len(), 0);
}
