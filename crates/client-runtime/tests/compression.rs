//! Tests of compressed responses (RFC 9110 section 8.4).

#![cfg(feature = "gzip")]

mod support;

use std::io::Write as _;

use client_runtime::operation::{Operation, ResponseBody, StatusPattern};
use client_runtime::{Error, ErrorKind, Method, RetryPolicy, StreamExt as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use support::{LIST, Server, documented};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("is in memory");
    encoder.finish().expect("is in memory")
}

/// Returns a JSON response with a `Content-Encoding` and any body.
fn compressed(status: u16, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Reason\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_response_is_decoded_and_its_headers_describe_the_decoded_body() {
    let body = gzip(br#"["a","b"]"#);
    let server = Server::start(move |_, _| compressed(200, &body)).await;
    let response = server.client().call(LIST).send().await.expect("responds");
    for absent in ["content-encoding", "content-length"] {
        assert!(!response.headers().contains_key(absent), "{absent}");
    }
    let words = response.json::<Vec<String>>().expect("is decoded");
    assert_eq!(*words, ["a", "b"]);
    let request = server.take().remove(0);
    assert!(request.headers["accept-encoding"].contains("gzip"));
}

#[tokio::test]
async fn the_limit_applies_to_the_decoded_size() {
    // 64 MiB of zeros in about 64 KiB.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let server = Server::start(move |_, _| compressed(200, &bomb)).await;
    let client = server.builder().max_response_bytes(1 << 20).build();
    let error = client.expect("builds").call(LIST).send().await;
    let error = error.expect_err("is too large");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        error.to_string(),
        "ListThings failed: 200 OK: the response is larger than 1048576 bytes"
    );
    assert_eq!(error.body().len(), 1 << 20);

    let fits = gzip(&[b'7'; 1000]);
    let server = Server::start(move |_, _| compressed(200, &fits)).await;
    for (limit, is_enough) in [(999, false), (1000, true)] {
        let client = server.builder().max_response_bytes(limit).build();
        let sent = client.expect("builds").call(LIST).send().await;
        assert_eq!(sent.is_ok(), is_enough, "{limit}");
    }
}

#[tokio::test]
async fn an_error_shows_the_problem_of_its_compressed_body_after_the_retries() {
    let body = gzip(br#"{"title":"Busy","detail":"Come back later."}"#);
    let server = Server::start(move |_, _| compressed(502, &body)).await;
    let client = server.builder().retry(RetryPolicy::default().attempts(2));
    let sent = client.build().expect("builds").call(LIST).send().await;
    let error = sent.expect_err("is an error");
    let problem = error.problem().expect("has a problem");
    assert_eq!(problem.detail.as_deref(), Some("Come back later."));
    assert_eq!(server.take().len(), 2);
}

#[tokio::test]
async fn a_response_without_a_body_is_not_decoded() {
    let server = Server::start(|_, request| match &*request.target {
        "/head" => {
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\
                        Content-Length: 1000\r\n\r\n";
            head.as_bytes().to_vec()
        }
        "/none" => compressed(204, b""),
        _ => compressed(200, b""),
    })
    .await;
    let client = server.client();
    for (method, path) in [
        (Method::HEAD, "/head"),
        (Method::GET, "/none"),
        (Method::GET, "/empty"),
    ] {
        let response = client.0.request(method, path).send().await;
        let response = response.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(response.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn head_and_range_requests_ask_for_no_compression() {
    let server = Server::start(|_, _| {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n".to_owned()
    })
    .await;
    let client = server.client();
    let response = client.0.request(Method::HEAD, "/file").send().await;
    let response = response.expect("responds");
    assert_eq!(response.headers()["content-length"], "1000");
    let range = client.0.request(Method::GET, "/file");
    let _ = range.header("Range", "bytes=0-9").send().await;
    for request in server.take() {
        assert_eq!(request.headers["accept-encoding"], "identity");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_decoded_is_not_a_lost_connection() {
    let whole = gzip(br#"["a","b"]"#);
    let cut = whole[..whole.len() - 10].to_vec();
    for body in [b"no gzip at all".to_vec(), cut] {
        let server = Server::start(move |_, _| compressed(200, &body)).await;
        let error = server.client().call(LIST).send().await;
        let error = error.expect_err("cannot be decoded");
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(!error.is_retryable());
        assert!(
            error
                .to_string()
                .contains("the Content-Encoding does not match"),
            "{error}"
        );
        assert_eq!(server.take().len(), 1);
    }
}

#[tokio::test]
async fn a_truncated_compressed_body_is_a_lost_connection() {
    let server = Server::start(|_, _| {
        let mut response = compressed(200, &gzip(&[b'7'; 1000]));
        response.truncate(response.len() - 8);
        response
    })
    .await;
    let client = server.builder().retry(RetryPolicy::never()).build();
    let error = client.expect("builds").call(LIST).send().await;
    let error = error.expect_err("breaks off");
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(error.is_retryable());
}

const DOWNLOAD: Operation = Operation {
    id: "Download",
    method: "GET",
    path: "/download",
    responses: &[documented(StatusPattern::Code(200), ResponseBody::Stream)],
    ..Operation::PLAIN
};

#[tokio::test]
async fn a_compressed_stream_is_decoded_as_it_arrives() -> Result<(), Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
    let address = listener.local_addr().expect("has an address");
    let (read, has_read) = oneshot::channel();
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await?;
        let mut request = [0; 4096];
        let _ = connection.read(&mut request).await?;
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";
        connection.write_all(head.as_bytes()).await?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(b"first")?;
        encoder.flush()?;
        connection
            .write_all(&std::mem::take(encoder.get_mut()))
            .await?;
        let _ = has_read.await;
        encoder.write_all(b"second")?;
        connection.write_all(&encoder.finish()?).await?;
        connection.shutdown().await
    });
    let client = client_runtime::Builder::<support::Client>::default()
        .base_url(format!("http://{address}"))
        .build()
        .expect("builds");
    let response = client.call(DOWNLOAD).send().await?;
    let mut stream = response.stream()?.into_inner();
    let mut received = Vec::new();
    while received.len() < b"first".len() {
        received.extend(stream.next().await.expect("goes on")?);
    }
    assert_eq!(received, b"first");
    read.send(()).expect("is waited for");
    while let Some(chunk) = stream.next().await {
        received.extend(chunk?);
    }
    assert_eq!(received, b"firstsecond");
    server.await.expect("does not panic").expect("serves");
    Ok(())
}
