//! Tests of calls over TLS, without a provider installed for the process.

#[path = "support/tls.rs"]
mod support;

use client_runtime::generated::{Argument, Call};
use client_runtime::operation::{Encoding, Operation, RequestBody};
use client_runtime::{Authentication, BuildError, ClientCredentials, Credentials as _, ErrorKind};
use futures_util::stream;
use http::{Response, StatusCode};
use rcgen::{CertifiedKey, KeyPair};
use reqwest::Body;
use support::{Client, SOCKET, builder, certificate, serve, serve_version};

#[tokio::test]
async fn a_given_root_certificate_is_trusted() {
    let (base_url, root) = serve_version(None).await;
    let client = builder(&base_url).root_certificates(root).build();
    client.expect("builds").get().await.expect("responds");
    assert!(
        rustls::crypto::CryptoProvider::get_default().is_none(),
        "a provider was installed for the process"
    );
}

#[tokio::test]
async fn an_unknown_certificate_is_not_trusted() {
    let (base_url, _) = serve_version(None).await;
    // The root of another server, so that any machine has roots.
    let (_, other) = serve_version(None).await;
    let client = builder(&base_url).root_certificates(other).build();
    let error = client.expect("builds").get().await;
    let error = error.expect_err("is rejected");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_retryable());
}

#[test]
fn invalid_root_certificates_are_rejected_when_the_client_is_built() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let rejected = builder("https://localhost")
        .root_certificates(broken)
        .build();
    assert!(matches!(
        rejected.map(|_| ()),
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
async fn an_operation_that_switches_protocols_uses_http1() {
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
async fn a_server_accepts_the_client_certificate_that_it_asks_for() {
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

/// Returns a key in SEC 1 format, which the PKCS#8 format of an elliptic curve key contains.
#[cfg(not(feature = "native-tls"))]
#[tokio::test]
async fn a_key_in_sec1_is_read() {
    use base64::Engine as _;

    let known = certificate("client");
    let (base_url, root) = serve_version(Some(&known)).await;
    let pkcs8 = known.signing_key.serialize_der();
    // `INTEGER 1` and `OCTET STRING` of 32 bytes, after the tag and the length of the whole.
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
fn an_invalid_client_certificate_is_rejected_with_the_reason() {
    let (certificate, key) = pem(&certificate("client"));
    let (_, other_key) = pem(&support::certificate("client"));
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let broken = key.replace("-----END", "?-----END");
    for (given, reason) in [
        (key.clone(), "has no `CERTIFICATE`"),
        (certificate.clone(), "has no private key"),
        (format!("{certificate}{encrypted}"), "is encrypted"),
        (format!("{certificate}{key}{key}"), "several private keys"),
        (format!("{certificate}{broken}"), "not valid PEM"),
        #[cfg(feature = "native-tls")]
        (
            format!("{certificate}{}", key.replace("PRIVATE", "EC PRIVATE")),
            "is not in PKCS#8",
        ),
        (
            format!("{certificate}{other_key}"),
            match cfg!(any(feature = "aws-lc", feature = "native-tls")) {
                // The library's own message.
                true => "the HTTP client cannot be set up",
                false => "belongs to another certificate",
            },
        ),
    ] {
        let builder = builder("https://localhost").client_certificate(given);
        assert!(!format!("{builder:?}").contains("PRIVATE"));
        let rejected = builder.build().map(|_| ()).expect_err(reason);
        assert!(rejected.to_string().contains(reason), "{rejected}");
        assert!(!rejected.to_string().contains("MIGH"), "{rejected}");
    }
}

#[tokio::test]
async fn tokens_are_fetched_with_the_certificates_of_the_calls() {
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
        .authentication_for_all(Authentication::bearer(credentials))
        .build();
    let authorization = client.expect("builds").get().await.expect("is known");
    assert_eq!(authorization, "\"Bearer t\"");
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
async fn a_failed_request_body_is_distinguished_from_a_lost_connection() {
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
