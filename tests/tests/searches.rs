//! Requests of OpenAPI 3.2 for `tests/documents/constructs.yaml`: the method QUERY, and parameters that are
//! the whole query string.

use client_tests::recording_server::{RecordingServer, Reply};
use constructs_client::{Client, types};
use serde_json::{Value, json};

type Failed = Box<dyn std::error::Error>;

/// A server that sends `reply` to every request, and its client.
async fn responding(reply: Reply) -> Result<(RecordingServer, Client), Failed> {
    let server = RecordingServer::start(move |_| reply.clone()).await?;
    let client = Client::builder().base_url(server.base_url()).build()?;
    Ok((server, client))
}

#[tokio::test]
async fn an_operation_of_the_method_query_sends_its_body() -> Result<(), Failed> {
    let (server, client) = responding(Reply::json(200, json!([3, "first"]))).await?;
    let found = client
        .search()
        .body(types::Pair::builder().a("x"))
        .send()
        .await?;
    assert_eq!(found.into_inner(), (3, "first".to_owned()));
    let request = server.take_requests().remove(0);
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("QUERY", "/searches")
    );
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body)?,
        json!({ "a": "x" })
    );
    Ok(())
}

#[tokio::test]
async fn the_integers_of_a_response_that_is_a_tuple_are_read_in_every_notation()
-> Result<(), Failed> {
    let reply = Reply::of_type(200, "application/json", r#"[3.0, "first"]"#);
    let (_server, client) = responding(reply).await?;
    let found = client
        .search()
        .body(types::Pair::builder().a("x"))
        .send()
        .await?;
    assert_eq!(found.into_inner(), (3, "first".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_parameter_can_be_the_whole_query_string() -> Result<(), Failed> {
    let (server, client) = responding(Reply::empty(204)).await?;
    client
        .search_by_query_string()
        .phrase("a&b c")
        .words(
            ["d".to_owned(), "e".to_owned()]
                .into_iter()
                .collect::<Vec<_>>(),
        )
        .send()
        .await?;
    let request = server.take_requests().remove(0);
    assert_eq!(request.raw_query, "phrase=a%26b+c&words=d&words=e");
    Ok(())
}
