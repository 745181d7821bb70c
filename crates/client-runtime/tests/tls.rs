//! Calls over TLS, with nothing installed for the process.

use std::sync::Arc;

use client_runtime::generated::Api;
use client_runtime::{
    BuildError, Builder, Error, ErrorKind, GeneratedClient, Method, RetryPolicy, Session,
};
use rcgen::CertifiedKey;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A client of nothing but [`Session::request`].
struct Client(Session);

impl From<Session> for Client {
    fn from(session: Session) -> Self {
        Self(session)
    }
}

impl GeneratedClient for Client {
    const API: &'static Api = &Api {
        user_agent: "tls-test/1",
        ..Api::PLAIN
    };
}

/// A server of TLS that responds to each connection with one response, and its certificate (PEM).
async fn start() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("is made");
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("has versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("is a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
    let port = listener.local_addr().expect("has an address").port();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut connection = acceptor.accept(connection).await?;
                let mut request = [0; 4096];
                // A small request arrives in one piece.
                let _ = connection.read(&mut request).await?;
                let response =
                    b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
                connection.write_all(response).await?;
                connection.shutdown().await
            });
        }
    });
    (format!("https://localhost:{port}"), cert.pem())
}

fn builder(base_url: &str) -> Builder<Client> {
    let builder = Builder::<Client>::default().base_url(base_url);
    builder.retry(RetryPolicy::never())
}

async fn text(client: &Client) -> Result<String, Error> {
    let response = client.0.request(Method::GET, "/").send().await?;
    Ok(response.text()?.into_inner())
}

#[tokio::test]
async fn a_server_is_trusted_by_a_root_certificate_that_was_given() {
    let (base_url, certificate) = start().await;
    let client = builder(&base_url).root_certificates(certificate).build();
    let response = text(&client.expect("builds")).await;
    assert_eq!(response.expect("responds"), "hello");
    assert!(
        rustls::crypto::CryptoProvider::get_default().is_none(),
        "a provider was installed for the process"
    );
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_trusted() {
    let (base_url, _) = start().await;
    // A root of another server, so that there are roots on any machine.
    let (_, other) = start().await;
    let client = builder(&base_url).root_certificates(other).build();
    let error = text(&client.expect("builds"))
        .await
        .expect_err("is refused");
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
