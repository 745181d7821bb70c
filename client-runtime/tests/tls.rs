//! Calls over TLS, with nothing installed for the process.

#[path = "support/tls.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use client_runtime::generated::{Argument, Call};
use client_runtime::operation::{Encoding, Operation, RequestBody};
use client_runtime::{BuildError, Builder, ClientCredentials, Credentials as _, ErrorKind, Method};
use futures_util::stream;
use http::{Response, StatusCode};
use rcgen::{CertifiedKey, KeyPair};
use reqwest::Body;
use support::{Client, SOCKET, acceptor, builder, certificate, serve, serve_version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_server_is_trusted_by_a_root_certificate_that_was_given() {
    let (base_url, root) = serve_version(None).await;
    let client = builder(&base_url).root_certificates(root).build();
    client.expect("builds").get().await.expect("responds");
    assert!(
        rustls::crypto::CryptoProvider::get_default().is_none(),
        "a provider was installed for the process"
    );
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_trusted() {
    let (base_url, _) = serve_version(None).await;
    // A root of another server, so that there are roots on any machine.
    let (_, other) = serve_version(None).await;
    let client = builder(&base_url).root_certificates(other).build();
    let error = client.expect("builds").get().await;
    let error = error.expect_err("is refused");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_retryable());
}

#[test]
fn what_is_no_certificate_is_refused_when_the_client_is_built() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let refused = builder("https://localhost")
        .root_certificates(broken)
        .build();
    assert!(matches!(
        refused.map(|_| ()),
        Err(BuildError::Tls(_) | BuildError::Http(_))
    ));
}

#[tokio::test]
async fn http2_is_spoken_with_a_server_that_offers_it() {
    let (base_url, root) = serve_version(None).await;
    let client = builder(&base_url).root_certificates(root).build();
    let version = client.expect("builds").get().await.expect("responds");
    let expected = match cfg!(feature = "http2") {
        true => "HTTP/2.0",
        false => "HTTP/1.1",
    };
    assert_eq!(version, expected);
}

#[tokio::test]
async fn an_operation_that_switches_protocols_speaks_http1() {
    let (base_url, root) = serve(None, |request| {
        assert_eq!(request.version(), http::Version::HTTP_11);
        assert_eq!(request.headers()["upgrade"], "websocket");
        let mut response = Response::new(Default::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert("connection", http::HeaderValue::from_static("upgrade"));
        headers.insert("upgrade", http::HeaderValue::from_static("websocket"));
        response
    })
    .await;
    let client = builder(&base_url).root_certificates(root).build();
    let response = Call::new(&client.expect("builds").0, &SOCKET).send().await;
    response.expect("switches").upgrade().await.expect("is one");
}

/// The certificate and the key, each in PEM.
fn pem(client: &CertifiedKey<KeyPair>) -> (String, String) {
    (client.cert.pem(), client.signing_key.serialize_pem())
}

#[tokio::test]
async fn a_client_certificate_opens_the_server_that_asks_for_it() {
    let known = certificate("client");
    let (base_url, root) = serve_version(Some(&known)).await;
    let with = |certificate: Option<String>| {
        let builder = builder(&base_url).root_certificates(root.clone());
        let builder = match certificate {
            Some(certificate) => builder.client_certificate(certificate),
            None => builder,
        };
        builder.build().expect("builds")
    };
    let (certificate, key) = pem(&known);
    let both = with(Some(format!("{certificate}{key}"))).get().await;
    both.expect("is known");
    // The order of the key and the certificates does not matter.
    let both = with(Some(format!("{key}{certificate}"))).get().await;
    both.expect("is known");

    let (certificate, key) = pem(&support::certificate("client"));
    for stranger in [None, Some(format!("{certificate}{key}"))] {
        let error = with(stranger).get().await.expect_err("is a stranger");
        assert_eq!(error.kind(), ErrorKind::Transport);
    }
}

/// A key in SEC 1, which is what an elliptic curve's PKCS#8 is wrapped around.
#[cfg(not(feature = "native-tls"))]
#[tokio::test]
async fn a_key_in_sec1_is_read() {
    let known = certificate("client");
    let (base_url, root) = serve_version(Some(&known)).await;
    let pkcs8 = known.signing_key.serialize_der();
    // `INTEGER 1` and `OCTET STRING` of 32 bytes, behind the tag and the length of the whole.
    let inside = [2, 1, 1, 4, 32];
    let place = pkcs8.windows(inside.len()).position(|part| part == inside);
    let sec1 = &pkcs8[place.expect("is P-256") - 2..];
    let sec1 = base64::engine::general_purpose::STANDARD.encode(sec1);
    let key = format!("-----BEGIN EC PRIVATE KEY-----\n{sec1}\n-----END EC PRIVATE KEY-----\n");
    let client = builder(&base_url)
        .root_certificates(root)
        .client_certificate(format!("{}{key}", known.cert.pem()))
        .build();
    client.expect("builds").get().await.expect("is known");
}

#[test]
fn a_client_certificate_that_cannot_be_used_is_refused_for_its_reason() {
    let (certificate, key) = pem(&certificate("client"));
    let (_, other_key) = pem(&support::certificate("client"));
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let broken = key.replace("-----END", "?-----END");
    for (given, reason) in [
        (key.clone(), "has no `CERTIFICATE`"),
        (certificate.clone(), "has no private key"),
        (format!("{certificate}{encrypted}"), "is encrypted"),
        (format!("{certificate}{key}{key}"), "several private keys"),
        (format!("{certificate}{broken}"), "broken PEM"),
        (
            format!("{certificate}{other_key}"),
            match cfg!(any(feature = "aws-lc", feature = "native-tls")) {
                // What the library says of it.
                true => "the HTTP client cannot be set up",
                false => "belongs to another certificate",
            },
        ),
    ] {
        let builder = builder("https://localhost").client_certificate(given);
        assert!(!format!("{builder:?}").contains("PRIVATE"));
        let refused = builder.build().map(|_| ()).expect_err(reason);
        assert!(refused.to_string().contains(reason), "{refused}");
        assert!(!refused.to_string().contains("MIGH"), "{refused}");
    }
}

#[tokio::test]
async fn tokens_are_fetched_with_the_trust_and_the_certificate_of_the_calls() {
    let known = certificate("client");
    let (base_url, root) = serve(Some(&known), |request| {
        let body = match request.uri().path() {
            "/token" => r#"{"access_token":"t","token_type":"bearer"}"#.to_owned(),
            _ => format!("{:?}", request.headers()["authorization"]),
        };
        Response::new(body.into())
    })
    .await;
    let token_url: reqwest::Url = format!("{base_url}/token").parse().expect("is a URL");
    let credentials = ClientCredentials::new(token_url, "id", "secret".into());
    credentials
        .clone()
        .token()
        .await
        .expect_err("trusts nobody");

    let (certificate, key) = pem(&known);
    let client = builder(&base_url)
        .root_certificates(root)
        .client_certificate(certificate + &key)
        .credentials(credentials)
        .build();
    let authorization = client.expect("builds").get().await.expect("is known");
    assert_eq!(authorization, "\"Bearer t\"");
}

/// A server of HTTP/2 that responds to its first request, on stream 1, with a frame, and to others with
/// 204.
#[cfg(feature = "http2")]
async fn responding_first(first: &'static [u8]) -> (Client, Arc<AtomicUsize>) {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const HEADERS: u8 = 1;
    let (acceptor, root) = acceptor(None);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
    let port = listener.local_addr().expect("has an address").port();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, counted) = (acceptor.clone(), Arc::clone(&counted));
            tokio::spawn(async move {
                let mut connection = acceptor.accept(connection).await?;
                connection.write_all(&SETTINGS).await?;
                let mut preface = [0; 24];
                connection.read_exact(&mut preface).await?;
                loop {
                    // RFC 9113 section 4.1: three bytes of length, the type, flags, the stream.
                    let mut head = [0; 9];
                    connection.read_exact(&mut head).await?;
                    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                    let mut payload = vec![0; length as usize];
                    connection.read_exact(&mut payload).await?;
                    if head[3] != HEADERS {
                        continue;
                    }
                    if counted.fetch_add(1, Ordering::Relaxed) == 0 {
                        connection.write_all(first).await?;
                    } else {
                        // The field `:status: 204`, the end of the fields and of the stream.
                        let mut response = [0, 0, 1, HEADERS, 5, 0, 0, 0, 0, 0x89];
                        response[5..9].copy_from_slice(&head[5..]);
                        connection.write_all(&response).await?;
                    }
                    connection.flush().await?;
                }
                #[allow(unreachable_code, reason = "it is the type of the errors")]
                std::io::Result::Ok(())
            });
        }
    });
    let client = Builder::<Client>::default()
        .base_url(format!("https://localhost:{port}"))
        .root_certificates(root)
        .build();
    (client.expect("builds"), requests)
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn what_a_server_refused_to_process_is_sent_again_whatever_its_method() {
    // RST_STREAM with REFUSED_STREAM, and GOAWAY with NO_ERROR and no stream processed.
    const REFUSED: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7];
    const GOING_AWAY: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for frame in [REFUSED, GOING_AWAY] {
        let (client, requests) = responding_first(frame).await;
        let response = client.0.request(Method::POST, "/").send().await;
        assert_eq!(response.expect("responds").call().attempts, 2);
        assert_eq!(requests.load(Ordering::Relaxed), 2);
    }
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn what_a_server_may_have_processed_is_not_sent_again() {
    // RST_STREAM with INTERNAL_ERROR.
    let (client, requests) = responding_first(&[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2]).await;
    let response = client.0.request(Method::POST, "/").send().await;
    let error = response.expect_err("is reset");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_retryable());
    assert_eq!(requests.load(Ordering::Relaxed), 1);
}

static UPLOAD: Operation = Operation {
    method: "POST",
    path: "/uploads",
    body: Some(RequestBody {
        media_type: "application/octet-stream",
        required: true,
        encoding: Encoding::Raw,
    }),
    ..Operation::PLAIN
};

#[tokio::test]
async fn a_body_that_ends_with_an_error_is_told_from_a_lost_connection() {
    let (base_url, root) = serve_version(None).await;
    let client: Client = builder(&base_url)
        .root_certificates(root)
        .build()
        .expect("builds");
    let chunks = stream::iter([Ok("a"), Err(std::io::Error::other("the disk is gone"))]);
    let mut body = Argument::default();
    body.set(Body::wrap_stream(chunks));
    let mut call = Call::new(&client.0, &UPLOAD);
    call.raw_body(body);
    let error = call.send().await.expect_err("has no end");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
}
