//! A TLS server on the loopback interface, for HTTP/1.1 and HTTP/2, that can require a client
//! certificate.

#![allow(dead_code, reason = "each test target uses a part of it")]

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use client_runtime::generated::Api;
use client_runtime::operation::{DocumentedResponse, Operation, ResponseBody, StatusPattern};
use client_runtime::{Builder, Error, GeneratedClient, Method, RetryPolicy, Session};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A client with one operation, `GET /socket`, that switches protocols.
pub(crate) struct Client(pub(crate) Session);

pub(crate) static SOCKET: Operation = Operation {
    rust_name: "socket",
    method: "GET",
    path: "/socket",
    responses: &[DocumentedResponse {
        status: StatusPattern::Code(101),
        media_type: None,
        body: ResponseBody::Upgrade,
        ..DocumentedResponse::PLAIN
    }],
    ..Operation::PLAIN
};

impl From<Session> for Client {
    fn from(session: Session) -> Self {
        Self(session)
    }
}

impl GeneratedClient for Client {
    const API: &'static Api = &Api {
        user_agent: "tls-test/1",
        operations: &[SOCKET],
        ..Api::PLAIN
    };
}

impl Client {
    /// Returns the body of the response to `GET /`.
    pub(crate) async fn get(&self) -> Result<String, Error> {
        let response = self.0.request(Method::GET, "/").send().await?;
        Ok(response.text()?.into_inner())
    }
}

/// Returns a builder of a client without retries.
pub(crate) fn builder(base_url: &str) -> Builder<Client> {
    let builder = Builder::<Client>::default().base_url(base_url);
    builder.retry(RetryPolicy::never())
}

/// A self-signed certificate, and its key.
pub(crate) fn certificate(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed([name.to_owned()]).expect("is made")
}

/// Returns an acceptor of TLS connections for `localhost`, and its certificate (PEM). With `client`, it
/// accepts only clients with this certificate.
pub(crate) fn acceptor(client: Option<&CertifiedKey<KeyPair>>) -> (TlsAcceptor, String) {
    let CertifiedKey { cert, signing_key } = certificate("localhost");
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("has versions");
    let config = match client {
        Some(client) => {
            let mut roots = RootCertStore::empty();
            roots.add(client.cert.der().clone()).expect("is one");
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            config.with_client_cert_verifier(verifier.expect("has roots"))
        }
        None => config.with_no_client_auth(),
    };
    let mut config = config
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("is a certificate");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

/// Starts a server with the responses of `respond`. Returns its base URL and its certificate (PEM).
pub(crate) async fn serve(
    client: Option<&CertifiedKey<KeyPair>>,
    respond: impl Fn(Request<Bytes>) -> Response<Full<Bytes>> + Clone + Send + Sync + 'static,
) -> (String, String) {
    let (acceptor, certificate) = acceptor(client);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
    let port = listener.local_addr().expect("has an address").port();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, respond) = (acceptor.clone(), respond.clone());
            tokio::spawn(async move {
                let Ok(connection) = acceptor.accept(connection).await else {
                    return;
                };
                let is_http2 = connection.get_ref().1.alpn_protocol() == Some(b"h2");
                let connection = TokioIo::new(connection);
                let service = service_fn(move |request: Request<Incoming>| {
                    let respond = respond.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await;
                        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
                        Ok::<_, Infallible>(respond(Request::from_parts(head, body)))
                    }
                });
                let _ = if is_http2 {
                    hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                        .serve_connection(connection, service)
                        .await
                } else {
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(connection, service)
                        .with_upgrades()
                        .await
                };
            });
        }
    });
    (format!("https://localhost:{port}"), certificate)
}

/// Starts a server that responds with the HTTP version of the request.
pub(crate) async fn serve_version(client: Option<&CertifiedKey<KeyPair>>) -> (String, String) {
    serve(client, |request| {
        Response::new(format!("{:?}", request.version()).into())
    })
    .await
}
