//! Requests and decoded responses for constructs of OpenAPI that the vendored documents lack:
//! `tests/documents/constructs.yaml`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use client_runtime::{FilePart, Null, Nullable, TryStreamExt};
use client_tests::recording_server::{Recorded, RecordingServer, Reply};
use constructs_client::{Client, responses, runtime, types};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

type Failed = Box<dyn std::error::Error>;

fn client(base_url: &str) -> Client {
    let client = Client::builder().base_url(base_url).build();
    client.expect("a server on loopback is a base URL")
}

/// A server that responds to every request with 204, and its client.
async fn recording() -> Result<(RecordingServer, Client), Failed> {
    let server = RecordingServer::start(|_| Reply::empty(204)).await?;
    let client = client(server.base_url());
    Ok((server, client))
}

/// The only received request.
fn only(server: &RecordingServer) -> Recorded {
    let mut requests = server.take_requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn pair(a: &str) -> types::builder::Pair {
    types::Pair::builder().a(a)
}

fn words<T: FromIterator<String>>() -> T {
    ["a,b", "c d"].map(str::to_owned).into_iter().collect()
}

#[tokio::test]
async fn lists_are_serialized_in_their_style() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client
        .lists()
        .commas(words::<Vec<_>>())
        .pipes(words::<Vec<_>>())
        .spaces(words::<Vec<_>>())
        .repeated(words::<Vec<_>>())
        .pairs(vec![types::Pair::try_from(pair("x"))?])
        .x_list(words::<Vec<_>>())
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(
        request.raw_query,
        "commas=a%2Cb,c+d&pipes=a%2Cb%7Cc+d&spaces=a%2Cb%20c+d&repeated=a%2Cb&repeated=c+d\
         &pairs=%7B%22a%22%3A%22x%22%7D"
    );
    assert_eq!(request.headers["x-list"], "a,b,c d");
    client
        .list_in_path()
        .words(words::<Vec<_>>())
        .send()
        .await?;
    assert_eq!(only(&server).path, "/lists/a%2Cb,c%20d");
    Ok(())
}

#[tokio::test]
async fn a_path_has_each_style_of_the_specification() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client
        .simple_in_path()
        .simple(pair("x,y").b(1))
        .members(pair("x"))
        .json(pair("z"))
        .send()
        .await?;
    assert_eq!(
        only(&server).path,
        "/styles/a,x%2Cy,b,1/a=x/%7B%22a%22%3A%22z%22%7D"
    );
    client
        .label_in_path()
        .scalar("x")
        .list(words::<Vec<_>>())
        .each(words::<Vec<_>>())
        .object(pair("x").b(1))
        .members(pair("x").b(1))
        .send()
        .await?;
    assert_eq!(
        only(&server).path,
        "/labels/.x/.a%2Cb,c%20d/.a%2Cb.c%20d/.a,x,b,1/.a=x.b=1"
    );
    client
        .matrix_in_path()
        .scalar(3)
        .list(words::<Vec<_>>())
        .each(words::<Vec<_>>())
        .object(pair("x").b(1))
        .members(pair("x").b(1))
        .send()
        .await?;
    assert_eq!(
        only(&server).path,
        "/matrices/;scalar=3/;list=a%2Cb,c%20d/;each=a%2Cb;each=c%20d/;object=a,x,b,1/;a=x;b=1"
    );
    Ok(())
}

#[tokio::test]
async fn lists_in_queries_have_their_names_and_are_left_out_where_they_are_not_given()
-> Result<(), Failed> {
    let (server, client) = recording().await?;
    let strings = |list: [&str; 2]| list.map(str::to_owned).to_vec();
    client
        .query_lists()
        .ids([1, 2])
        .csv(strings(["a", "b"]))
        .tags(strings(["x", "y"]))
        .sizes([
            types::QueryListsSizesItem::Small,
            types::QueryListsSizesItem::VeryLarge,
        ])
        .maybe(strings(["p", "q"]))
        .one_or_many(strings(["r", "s"]))
        .x_ids([3, 4])
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(
        request.raw_query,
        "ids=1&ids=2&csv=a,b&tags%5B%5D=x&tags%5B%5D=y&sizes=small&sizes=very-large&maybe=p&maybe=q\
         &one-or-many=r&one-or-many=s"
    );
    assert_eq!(request.headers["x-ids"], "3,4");
    let one = types::QueryListsOneOrMany::String("r".to_owned());
    client.query_lists().one_or_many(one).send().await?;
    assert_eq!(only(&server).raw_query, "one-or-many=r");
    client.query_lists().send().await?;
    assert_eq!(only(&server).raw_query, "");
    Ok(())
}

#[tokio::test]
async fn reserved_characters_stay_where_the_document_allows_them() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client
        .reserved_characters()
        .plain("x:y@z")
        .path("https://x.y/?a=b&c=d#e+f g")
        .encoded("quotes/h2g2.txt")
        .commas(["a/b,c", "d"].map(str::to_owned).to_vec())
        .repeated(["a/b,c", "d"].map(str::to_owned).to_vec())
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(
        request.raw_query,
        "path=https://x.y/?a=b%26c=d%23e%2Bf%20g&encoded=quotes%2Fh2g2.txt&commas=a/b%2Cc,d\
         &repeated=a/b,c&repeated=d"
    );
    // Up to OpenAPI 3.1, path parameters have no `allowReserved`.
    assert_eq!(request.path, "/reserved/x%3Ay%40z");
    Ok(())
}

#[tokio::test]
async fn values_beside_literals_of_a_path_are_encoded_once() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client
        .between_literals()
        .base("1.0")
        .head("a/b")
        .send()
        .await?;
    assert_eq!(only(&server).path, "/segments/1.0...a%2Fb");
    client.custom_verb().id("a/b%2Fc d").send().await?;
    assert_eq!(only(&server).path, "/segments/a%2Fb%252Fc%20d:archive");
    client.custom_verb().id("x:y@z").send().await?;
    assert_eq!(only(&server).path, "/segments/x%3Ay%40z:archive");
    client.quoted_key().key("it's").send().await?;
    assert_eq!(only(&server).path, "/segments('it%27s')");
    client.with_slash().id("q").send().await?;
    assert_eq!(only(&server).path, "/segments/q/");
    client.without_slash().id("q").send().await?;
    assert_eq!(only(&server).path, "/segments/q");
    Ok(())
}

#[tokio::test]
async fn an_empty_path_value_is_rejected_if_it_changes_the_resource() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let refused = client.without_slash().id("").send().await;
    let refused = refused.expect_err("would be another resource");
    assert_eq!(refused.kind(), runtime::ErrorKind::InvalidRequest);
    for part in ["`id` is empty", "another resource", "`x-allow-empty: true`"] {
        assert!(refused.to_string().contains(part), "{refused}");
    }
    assert!(server.take_requests().is_empty());

    // Next to a literal.
    client.quoted_key().key("").send().await?;
    assert_eq!(only(&server).path, "/segments('')");
    client.between_literals().base("").head("x").send().await?;
    assert_eq!(only(&server).path, "/segments/...x");

    // If the document allows it.
    client.emptiable_in_path().id("").send().await?;
    assert_eq!(only(&server).path, "/emptiable/");
    let nothing = Vec::<String>::new();
    let call = client.emptiable_list_in_path().id("").words(nothing);
    call.send().await?;
    assert_eq!(only(&server).path, "/emptiable//lists/");
    Ok(())
}

#[tokio::test]
async fn a_list_of_nothing_in_a_path_is_not_sent() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let sent = client.list_in_path().words(Vec::<String>::new()).send();
    let error = sent.await.expect_err("is refused");
    assert_eq!(error.kind(), runtime::ErrorKind::InvalidRequest);
    assert!(server.take_requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_operation_is_sent_to_its_configured_server() -> Result<(), Failed> {
    let (server, _) = recording().await?;
    let (uploads, _) = recording().await?;
    let client = Client::builder()
        .base_url(server.base_url())
        .server("https://uploads.constructs.invalid/v3", uploads.base_url())
        .build()?;
    client.server_of_its_own().send().await?;
    assert_eq!(only(&uploads).path, "/servers");
    client.path_of_its_own().send().await?;
    assert_eq!(only(&server).path, "/v2/servers");
    Ok(())
}

#[tokio::test]
async fn objects_are_serialized_in_their_style() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let deep = types::ObjectsDeep::builder()
        .created(types::ObjectsDeepCreated { gte: Some(3) })
        .tags(vec!["x".to_owned()]);
    client
        .objects()
        .flat_size(1)
        .deep(deep)
        .width(2)
        .json(pair("y"))
        .commas(pair("c"))
        .pipes(pair("p"))
        .spaces(pair("s").b(1))
        .x_pair(pair("x").b(1))
        .x_members(pair("x").b(1))
        .a("crumb")
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(request.headers["x-pair"], "a,x,b,1");
    assert_eq!(request.headers["x-members"], "a=x,b=1");
    assert_eq!(request.headers["cookie"], "a=crumb");
    for joined in ["commas=a,c", "pipes=a%7Cp", "spaces=a%20s%20b%201"] {
        assert!(request.raw_query.contains(joined), "{}", request.raw_query);
    }
    let mut query = request.query;
    query.retain(|(name, _)| !["commas", "pipes", "spaces"].contains(&name.as_str()));
    let expected = [
        ("flat[size]", "1"),
        ("deep[created][gte]", "3"),
        ("deep[tags][0]", "x"),
        ("width", "2"),
        ("json", "{\"a\":\"y\"}"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query, expected);
    Ok(())
}

#[tokio::test]
async fn parameters_of_one_rust_name_arrive_under_their_own() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client
        .new()
        .id("path")
        .id_in_query("query")
        .id_in_header("header")
        .shared("shared")
        .user_id("kebab")
        .user_id_in_query("snake")
        .body_in_query("q")
        .send_in_query("q")
        .header_map("q")
        .self_("q")
        .client("q")
        .request("q")
        .response("q")
        .result("q")
        .url("q")
        .value("q")
        .info("q")
        .body("body")
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(request.path, "/names/path");
    assert_eq!(request.headers["id"], "header");
    assert_eq!(request.body, "\"body\"");
    let of = |value: &str| {
        let pairs = request.query.iter().filter(|(_, given)| given == value);
        pairs.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("query"), ["id"]);
    assert_eq!(of("shared"), ["shared"]);
    assert_eq!(of("kebab"), ["user-id"]);
    assert_eq!(of("snake"), ["user_id"]);
    let others = [
        "body",
        "send",
        "header_map",
        "self",
        "client",
        "request",
        "response",
        "result",
        "url",
        "value",
        "info",
    ];
    assert_eq!(of("q"), others);
    Ok(())
}

#[tokio::test]
async fn cookies_and_headers_arrive_as_the_document_spells_them() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client
        .headers()
        .sid("x; y")
        .theme(types::HeadersTheme::Dark)
        .x_since("2024-02-29T12:00:00Z".parse::<DateTime<Utc>>()?)
        .x_json(pair("ä"))
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(request.headers["cookie"], "SID=x%3B%20y; theme=dark");
    assert_eq!(request.headers["x-since"], "2024-02-29T12:00:00Z");
    assert_eq!(
        request.headers["x-json"].as_bytes(),
        "{\"a\":\"ä\"}".as_bytes()
    );
    let carriers = request
        .headers
        .keys()
        .filter(|name| name.as_str().contains('~'));
    assert_eq!(carriers.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_method_that_generated_code_has_no_call_for_arrives() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client.options().send().await?;
    let request = only(&server);
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("OPTIONS", "/headers")
    );
    Ok(())
}

#[tokio::test]
async fn a_form_is_serialized_with_its_encoding() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let order = types::Order::builder()
        .name("n")
        .words(types::Words(words()))
        .pair(types::Pair::try_from(pair("p"))?)
        .expand(types::Words(vec!["e".to_owned()]))
        .items(vec![types::Pair::try_from(pair("i").b(7))?]);
    client.form().body(order.clone()).send().await?;
    let request = only(&server);
    assert_eq!(
        request.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let pairs = [
        ("expand[0]", "e"),
        ("items[0][a]", "i"),
        ("items[0][b]", "7"),
        ("name", "n"),
        ("pair", "{\"a\":\"p\"}"),
        ("words", "a,b"),
        ("words", "c d"),
    ];
    assert_eq!(
        form(&request),
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    client.optional_form().send().await?;
    let request = only(&server);
    assert!(request.body.is_empty() && !request.headers.contains_key("content-type"));
    client
        .optional_form()
        .body(types::Order::builder().name("n"))
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(
        request.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.body, "name=n");
    Ok(())
}

fn form(request: &Recorded) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&request.body);
    let url = reqwest::Url::parse(&format!("http://127.0.0.1/?{text}")).expect("is a URL");
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_form_with_files_arrives_part_by_part() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let file = FilePart::from(vec![0, 255]).named("a.bin");
    client
        .parts()
        .body(
            types::PartsBody::builder()
                .purpose("test")
                .about(types::Pair::try_from(pair("p")).ok())
                .file(file)
                .previews(vec![
                    FilePart::from("one"),
                    FilePart::from("two").of_type("image/gif"),
                ]),
        )
        .send()
        .await?;
    let request = only(&server);
    let content_type = request.headers["content-type"].to_str()?;
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .expect("has a boundary");
    let body = String::from_utf8_lossy(&request.body).replace(boundary, "B");
    let part = |head: &str, content: &str| {
        format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let expected = [
        part("name=\"purpose\"", "test"),
        part(
            "name=\"about\"\r\nContent-Type: application/json",
            "{\"a\":\"p\"}",
        ),
        part(
            "name=\"file\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream",
            "\0\u{FFFD}",
        ),
        part(
            "name=\"previews\"; filename=\"previews\"\r\nContent-Type: image/png",
            "one",
        ),
        part(
            "name=\"previews\"; filename=\"previews\"\r\nContent-Type: image/gif",
            "two",
        ),
        "--B--\r\n".to_owned(),
    ];
    assert_eq!(body, expected.concat());
    Ok(())
}

#[tokio::test]
async fn each_media_type_of_a_body_has_its_call() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client.media().body(pair("p")).send().await?;
    client.media_with_csv().body("a;b").send().await?;
    client.media_with_items().body("1\n2\n").send().await?;
    client
        .image()
        .body("…")
        .content_type("image/jpeg")
        .send()
        .await?;
    client
        .merge()
        .body(types::PairPatch::builder().a("p"))
        .send()
        .await?;
    let requests = server.take_requests();
    let sent: Vec<(&str, &str)> = requests
        .iter()
        .map(|request| {
            let media_type = request.headers["content-type"].to_str().unwrap_or_default();
            (request.path.as_str(), media_type)
        })
        .collect();
    let expected = [
        ("/media", "application/json"),
        ("/media", "text/csv"),
        ("/media", "application/x-ndjson"),
        ("/media", "image/jpeg"),
        ("/media", "application/merge-patch+json"),
    ];
    assert_eq!(sent, expected);
    assert_eq!(requests[1].body, "a;b");
    assert_eq!(requests[3].body, "…");
    Ok(())
}

/// The received body as lines of JSON.
fn lines(request: &Recorded) -> Result<Vec<Value>, Failed> {
    let text = std::str::from_utf8(&request.body)?;
    Ok(text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

fn import(identifier: &str) -> types::builder::Import {
    types::Import::builder().identifier(identifier)
}

#[tokio::test]
async fn each_item_of_a_list_is_sent_in_its_line() -> Result<(), Failed> {
    let server = RecordingServer::start(|_| Reply::json(200, json!({ "identifier": "x" }))).await?;
    let client = client(server.base_url());
    let second = import("b\n").kind(types::ImportKind::Order);
    client
        .import_with_items()
        .body_items([import("a"), second])
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(request.headers["content-type"], "application/x-ndjson");
    assert_eq!(request.headers["content-length"], "55");
    let expected = [
        json!({ "identifier": "a" }),
        json!({ "identifier": "b\n", "kind": "order" }),
    ];
    assert_eq!(lines(&request)?, expected);
    // The same body as a string, and the other calls of the operation.
    client
        .import_with_items()
        .body("{\"identifier\":\"raw\"}\n")
        .send()
        .await?;
    assert_eq!(lines(&only(&server))?, [json!({ "identifier": "raw" })]);
    client.import().body(import("one")).send().await?;
    assert_eq!(only(&server).headers["content-type"], "application/json");
    let names = types::ImportWithMultipartBody::builder()
        .filename(["a.csv", "b.csv"].map(str::to_owned).to_vec());
    client.import_with_multipart().body(names).send().await?;
    let body = String::from_utf8_lossy(&only(&server).body).into_owned();
    assert_eq!(
        body.matches("name=\"filename\"\r\n\r\n").count(),
        2,
        "{body}"
    );
    Ok(())
}

#[tokio::test]
async fn a_long_list_and_a_stream_are_sent_in_pieces() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let row = |number: i64| types::ImportRowsItem::builder().row(number);
    client
        .import_rows()
        .body_items((1..=50_000).map(row))
        .send()
        .await?;
    let request = only(&server);
    assert_eq!(request.headers.get("content-length"), None);
    let rows = lines(&request)?;
    assert_eq!(
        (rows.len(), &rows[49_999]),
        (50_000, &json!({ "row": 50_000 }))
    );
    let rows =
        futures_util::stream::iter((1..=3).map(move |number| Ok::<_, std::io::Error>(row(number))));
    client.import_rows().body_stream(rows).send().await?;
    let request = only(&server);
    assert_eq!(request.headers["content-type"], "application/jsonl");
    assert_eq!(
        lines(&request)?,
        [
            json!({ "row": 1 }),
            json!({ "row": 2 }),
            json!({ "row": 3 })
        ]
    );
    Ok(())
}

#[tokio::test]
async fn an_item_that_cannot_be_sent_fails_the_call_with_its_reason() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let rows = [1, 0].map(|number| types::ImportRowsItem::builder().row(number));
    let sent = client.import_rows().body_items(rows).send().await;
    let error: runtime::Error = sent.expect_err("0 is too small");
    assert_eq!(error.kind(), runtime::ErrorKind::InvalidRequest);
    let message = error.to_string();
    assert!(
        message.starts_with("import-rows failed: item 2 of the request body cannot be sent: ")
            && message.contains("row"),
        "{message}"
    );
    let broken = [
        Ok(types::ImportRowsItem::builder().row(1)),
        Err("the export broke off"),
    ];
    let sent = client
        .import_rows()
        .body_stream(futures_util::stream::iter(broken));
    let error: runtime::Error = sent.send().await.expect_err("the stream fails");
    assert_eq!(
        error.to_string(),
        "import-rows failed: item 2 of the request body cannot be sent: the export broke off"
    );
    assert!(!error.is_retryable());
    // The requests are incomplete.
    assert!(
        server
            .take_requests()
            .iter()
            .all(|request| request.body.is_empty())
    );
    Ok(())
}

#[tokio::test]
async fn only_a_list_in_one_piece_is_sent_again() -> Result<(), Failed> {
    let server = RecordingServer::start(|_| Reply::empty(429)).await?;
    let client = client(server.base_url()).with(|options| {
        options.retry = runtime::RetryPolicy::default()
            .attempts(3)
            .base_delay(std::time::Duration::ZERO);
    });
    let rows = |count: i64| (1..=count).map(|number| types::ImportRowsItem::builder().row(number));
    let sent = client.import_rows().body_items(rows(2)).send().await;
    let error: runtime::Error = sent.expect_err("is refused");
    assert_eq!(error.call().map(|call| call.attempts), Some(3));
    let bodies: Vec<_> = server
        .take_requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies, vec!["{\"row\":1}\n{\"row\":2}\n"; 3]);
    let sent = client.import_rows().body_items(rows(50_000)).send().await;
    let error: runtime::Error = sent.expect_err("is refused");
    assert_eq!(error.call().map(|call| call.attempts), Some(1));
    assert_eq!(server.take_requests().len(), 1);
    Ok(())
}

#[tokio::test]
async fn each_media_type_of_a_response_is_requested_by_its_call() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let _ = client.responses().send().await;
    let _ = client.responses_as_events().send().await;
    let _ = client.responses_as_items().send().await;
    let _ = client.responses_as_pdf().send().await;
    let _ = client.text().send().await;
    let accepted = server.take_requests();
    let accepted: Vec<&str> = accepted
        .iter()
        .map(|request| request.headers["accept"].to_str().unwrap_or_default())
        .collect();
    let expected = [
        "application/vnd.constructs.v2+json, application/json",
        "text/event-stream",
        "application/x-ndjson",
        "application/pdf",
        "text/plain",
    ];
    assert_eq!(accepted, expected);
    Ok(())
}

#[tokio::test]
async fn text_is_a_string_in_successes_and_in_errors() -> Result<(), Failed> {
    let server = RecordingServer::start(|request| match request.method.as_str() {
        "PUT" => Reply::of_type(200, "text/plain", "a \"text\"\n"),
        _ => Reply::of_type(400, "text/plain; charset=utf-8", "no"),
    })
    .await?;
    let client = client(server.base_url());
    assert_eq!(client.text().send().await?.into_inner(), "a \"text\"\n");
    let error = client.responses().send().await.expect_err("is an error");
    assert_eq!(error.body(), "no");
    assert!(error.to_string().contains(": no"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_success_may_be_of_several_types_or_none() -> Result<(), Failed> {
    use responses::SeveralSuccess::{Accepted, NoContent, NotModified, Ok as Pair};
    for response in [
        Reply::json(200, json!({ "a": "x" })),
        Reply::json(202, json!("word")),
        Reply::empty(204),
        Reply::empty(304),
    ] {
        let server = RecordingServer::start(move |_| response.clone()).await?;
        let response = client(server.base_url()).several().send().await?;
        match (response.status().as_u16(), response.into_inner()) {
            (200, Pair(pair)) => assert_eq!(pair.a, "x"),
            (202, Accepted(word)) => assert_eq!(word, "word"),
            (204, NoContent) | (304, NotModified) => {}
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_status_keeps_the_type_of_its_error() -> Result<(), Failed> {
    let server = RecordingServer::start(|_| Reply::json(400, json!({ "title": "wrong" }))).await?;
    let error = client(server.base_url()).several().send().await;
    let error = error.expect_err("is an error");
    let title = error.problem().and_then(|problem| problem.title.clone());
    assert_eq!(title.as_deref(), Some("wrong"));
    assert_eq!(error.decode::<types::SeveralResponse>()?.title, "wrong");
    let error = client(server.base_url()).undocumented().send().await;
    let error = error.expect_err("is an error");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400));
    let server = RecordingServer::start(|_| Reply::json(409, json!({ "a": "x" }))).await?;
    let error = client(server.base_url()).several().send().await;
    let error = error.expect_err("is an error");
    assert_eq!(error.decode::<types::Pair>()?.a, "x");
    Ok(())
}

/// A server that sends the first half of a response, and the second half when the test sends a
/// signal.
fn tree(name: &str) -> types::builder::Tree {
    types::Tree::builder().name(name)
}

#[tokio::test]
async fn a_body_may_be_null() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    client.plant().body(Null).send().await?;
    assert_eq!(only(&server).body, "null");
    let planted: types::Tree = tree("a").try_into()?;
    client.plant().body(planted.clone()).send().await?;
    assert_eq!(only(&server).body, r#"{"name":"a"}"#);
    Ok(())
}

/// The body of the only request, as JSON.
fn body(server: &RecordingServer) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(&only(server).body)?)
}

#[tokio::test]
async fn a_property_is_absent_null_or_a_value() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let task = types::Task::builder;
    for (patch, sent) in [
        (task(), json!({})),
        (task().assignee("x"), json!({ "assignee": "x" })),
        (
            task().assignee(Some("x".to_owned())),
            json!({ "assignee": "x" }),
        ),
        (task().assignee(None::<String>), json!({})),
        (task().assignee(Null), json!({ "assignee": null })),
        (
            task().tags(words::<Vec<_>>()),
            json!({ "tags": ["a,b", "c d"] }),
        ),
        (task().tags(Some(Null)), json!({ "tags": null })),
    ] {
        client.patch_task().id("1").body(patch).send().await?;
        assert_eq!(body(&server)?, sent);
    }
    let request = client.patch_task().id("1").body(task()).send();
    request.await?;
    let content_type = &only(&server).headers["content-type"];
    assert_eq!(content_type, "application/merge-patch+json");
    Ok(())
}

#[tokio::test]
async fn a_merge_patch_deletes_properties_that_are_not_nullable() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let labels = [("old", None), ("new", Some("x"))];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
    let patch = types::Task::builder()
        .title(Null)
        .pairs(Null)
        .owner(types::OwnerPatch::builder().phone(Null))
        .labels(HashMap::from(labels));
    client.patch_task().id("1").body(patch).send().await?;
    assert_eq!(
        body(&server)?,
        json!({
            "title": null,
            "pairs": null,
            "owner": { "phone": null },
            "labels": { "old": null, "new": "x" },
        })
    );
    Ok(())
}

#[tokio::test]
async fn null_that_came_is_sent_back_as_null() -> Result<(), Failed> {
    for owner in [
        json!({ "name": null, "year": null }),
        json!({}),
        json!({ "name": "x", "year": 2020 }),
    ] {
        let response = owner.clone();
        let server = RecordingServer::start(move |_| Reply::json(200, response.clone())).await?;
        let client = client(server.base_url());
        let call = client.limit_task().id("1");
        let limits = types::Limits::builder().reason(Null);
        let read = call.clone().body(limits.clone()).send().await?.into_inner();
        server.take_requests();
        call.by(read.clone())
            .body(limits.owner(read))
            .send()
            .await?;
        let request = only(&server);
        let sent: Value = serde_json::from_slice(&request.body)?;
        assert_eq!(sent, json!({ "reason": null, "owner": owner }));
        assert_eq!(request.query, [("by".to_owned(), owner.to_string())]);
    }
    Ok(())
}

#[tokio::test]
async fn a_nullable_integer_of_a_response_is_read_in_every_notation() -> Result<(), Failed> {
    let server = RecordingServer::start(|_| Reply::json(200, json!({ "year": 2020.0 }))).await?;
    let limits = types::Limits::builder().reason(Null);
    let client = client(server.base_url());
    let owner = client.limit_task().id("1").body(limits).send().await?;
    assert_eq!(owner.year, Some(Nullable::Value(2020)));
    Ok(())
}

#[tokio::test]
async fn null_and_absent_stay_apart_in_every_nullable_property() -> Result<(), Failed> {
    let values = json!({
        "reason": "r",
        "count": 1,
        "seconds": 60,
        "weight": 0.5,
        "mode": "hard",
        "code": "abc",
        "until": "2030-01-02T03:04:05Z",
        "history": [1, null],
        "names": ["a"],
        "parent": { "reason": null, "count": null },
    });
    let nullable = values.as_object().expect("is an object");
    let mut cases = vec![values.clone(), json!({ "reason": null })];
    for name in nullable.keys() {
        let mut case = values.clone();
        case[name] = Value::Null;
        cases.push(case);
    }
    for case in cases {
        let limits: types::Limits = serde_json::from_value(case.clone())?;
        assert_eq!(serde_json::to_value(limits)?, case);
    }
    Ok(())
}

#[tokio::test]
async fn optional_properties_take_plain_values() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let limits = types::Limits::builder()
        .reason("r")
        .count(5)
        .seconds(Some(60))
        .mode("hard")
        .code("abc")
        .history(vec![Some(1), None])
        .names("a")
        .alias("b")
        .any(7)
        .parent(types::Limits::builder().reason("p"))
        .owner(types::Owner::builder().phone("1"));
    let call = client.limit_task().id("1").body(limits);
    // A status without a body is a decoding error, not an error of the request.
    call.clone().note("n").name("a").send_raw().await?;
    let request = only(&server);
    assert_eq!(request.raw_query, "note=n&name=a");
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body)?,
        json!({
            "reason": "r",
            "count": 5,
            "seconds": 60,
            "mode": "hard",
            "code": "abc",
            "history": [1, null],
            "names": "a",
            "alias": "b",
            "any": 7,
            "parent": { "reason": "p" },
            "owner": { "phone": "1" },
        })
    );
    let names = call
        .clone()
        .note(Some(1))
        .name(vec!["a".to_owned(), "b".to_owned()]);
    names.send_raw().await?;
    assert_eq!(only(&server).raw_query, "note=1&name=a&name=b");
    let nothing = call
        .note(None::<Value>)
        .name(None::<String>)
        .by(None::<types::Owner>);
    nothing.send_raw().await?;
    assert_eq!(only(&server).raw_query, "");
    Ok(())
}

#[tokio::test]
async fn an_invalid_property_is_named_in_the_error() -> Result<(), Failed> {
    let (server, client) = recording().await?;
    let limits = || types::Limits::builder().reason(Null);
    for (body, named) in [
        (
            limits().seconds(61),
            "the property `seconds` is not a valid",
        ),
        (
            limits().code(Some("abcd")),
            "the property `code` is not a valid",
        ),
        (limits().mode("firm"), "the property `mode` is not a valid"),
        (types::Limits::builder(), "the property `reason` is missing"),
    ] {
        let sent = client.limit_task().id("1").body(body).send_raw();
        let error = sent.await.expect_err("is refused");
        assert_eq!(error.kind(), runtime::ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(named), "{error}");
    }
    assert!(server.take_requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn recursive_values_are_sent_and_read_without_missing_properties() -> Result<(), Failed> {
    let sent = json!({
        "name": "a",
        "left": { "name": "b" },
        "label": { "tree": { "name": "c", "right": { "name": "d" } } },
    });
    let response = sent.clone();
    let server = RecordingServer::start(move |_| Reply::json(200, response.clone())).await?;
    let client = client(server.base_url());
    let grafted: types::Tree = serde_json::from_value(sent.clone())?;
    let read = client
        .graft()
        .body(Some(grafted))
        .send()
        .await?
        .into_inner();
    assert_eq!(serde_json::from_slice::<Value>(&only(&server).body)?, sent);
    assert_eq!(serde_json::to_value(read)?, sent);
    Ok(())
}

async fn halves(
    media_type: &str,
    first: &'static str,
    second: &'static str,
) -> Result<(Client, oneshot::Sender<()>), Failed> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let client = client(&format!("http://{}", listener.local_addr()?));
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nConnection: close\r\n\r\n");
    let (go_on, told) = oneshot::channel();
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await?;
        let mut request = [0; 4096];
        let _ = connection.read(&mut request).await?;
        connection.write_all(head.as_bytes()).await?;
        connection.write_all(first.as_bytes()).await?;
        // Without the test's signal, the second half is not sent.
        if told.await.is_ok() {
            connection.write_all(second.as_bytes()).await?;
        }
        connection.shutdown().await
    });
    Ok((client, go_on))
}

#[tokio::test]
async fn items_are_available_while_the_response_is_being_sent() -> Result<(), Failed> {
    let first = "data: {\"a\":\"1\"}\n\ndata: {\"a\":";
    let (client, go_on) = halves("text/event-stream", first, "\"2\"}\n\ndata: [DONE]\n\n").await?;
    let mut items = client.responses_as_events().items().await?;
    assert_eq!(
        items.try_next().await?.map(|item| item.a),
        Some("1".to_owned())
    );
    go_on.send(()).expect("the server waits");
    assert_eq!(
        items.try_next().await?.map(|item| item.a),
        Some("2".to_owned())
    );
    assert!(items.try_next().await?.is_none());

    let (client, go_on) =
        halves("application/x-ndjson", "{\"a\":\"1\"}\n", "{\"a\":\"2\"}").await?;
    let mut items = client.responses_as_items().items().await?;
    assert_eq!(
        items.try_next().await?.map(|item| item.a),
        Some("1".to_owned())
    );
    go_on.send(()).expect("the server waits");
    assert_eq!(
        items.try_next().await?.map(|item| item.a),
        Some("2".to_owned())
    );
    Ok(())
}

#[tokio::test]
async fn bytes_are_available_while_the_response_is_being_sent() -> Result<(), Failed> {
    let (client, go_on) = halves("application/pdf", "one", "two").await?;
    let mut bytes = client.responses_as_pdf().send().await?.into_inner();
    assert_eq!(bytes.try_next().await?.as_deref(), Some(&b"one"[..]));
    go_on.send(()).expect("the server waits");
    assert_eq!(bytes.try_next().await?.as_deref(), Some(&b"two"[..]));
    assert_eq!(bytes.try_next().await?, None);
    Ok(())
}
