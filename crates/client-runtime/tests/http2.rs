//! Tests of requests that an HTTP/2 server did not process.

#![cfg(feature = "http2")]

#[path = "support/tls.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use client_runtime::{Builder, ErrorKind, Method};
use support::{Client, acceptor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Starts an HTTP/2 server that responds to its first request, on stream 1, with a frame, and to others
/// with 204.
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

#[tokio::test]
async fn an_unprocessed_request_is_retried_with_any_method() {
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

#[tokio::test]
async fn a_request_that_may_have_been_processed_is_not_retried() {
    // RST_STREAM with INTERNAL_ERROR.
    let (client, requests) = responding_first(&[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2]).await;
    let response = client.0.request(Method::POST, "/").send().await;
    let error = response.expect_err("is reset");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_retryable());
    assert_eq!(requests.load(Ordering::Relaxed), 1);
}
