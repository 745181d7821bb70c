//! Values in the notations of servers, and numbers with all their digits, for the operations of
//! `tests/documents/constructs.yaml` about values.

use chrono::{DateTime, Utc};
use client_runtime::{ByteStream, Decimal, Error, ErrorKind, Response, RetryPolicy, TryStreamExt};
use client_tests::recording_server::{RecordingServer, Reply};
use constructs_client::{Client, responses, types};

type Failed = Box<dyn std::error::Error>;

/// A server that sends `reply` to every request, and its client without retries.
async fn responding(response: Reply) -> Result<(RecordingServer, Client), Failed> {
    let server = RecordingServer::start(move |_| response.clone()).await?;
    let builder = Client::builder().base_url(server.base_url());
    let client = builder.retry(RetryPolicy::never()).build()?;
    Ok((server, client))
}

fn json(body: &str) -> Reply {
    Reply::of_type(200, "application/json", body.to_owned())
}

async fn reading(body: &str) -> Result<Result<types::Reading, Error>, Failed> {
    let (_server, client) = responding(json(body)).await?;
    let response = client.read_values().send().await;
    Ok(response.map(Response::into_inner))
}

fn time(rfc_3339: &str) -> DateTime<Utc> {
    rfc_3339.parse().expect("is a time")
}

const OPENING: &str = r#"{"kind":"open","id":7}"#;

#[tokio::test]
async fn times_of_responses_are_read_as_servers_write_them() -> Result<(), Failed> {
    let expected = time("2026-11-26T01:55:50.834795Z");
    for written in [
        "2026-11-26T01:55:50.834795",
        "2026-11-26T01:55:50.834795Z",
        "2026-11-26t01:55:50.834795z",
        "2026-11-26 01:55:50.834795",
        "2026-11-26T01:55:50.834795+0000",
        "2026-11-26T02:55:50.834795+01",
        "2026-11-26T01:55:50.834795000000",
    ] {
        let body = format!(
            r#"{{
                "at": "{written}", "until": "{written}", "times": ["{written}"],
                "named": {{"a": "{written}"}}, "when": "{written}", "count": 1,
                "happening": {{"kind": "close", "code": 1, "at": "{written}"}}
            }}"#
        );
        let reading = reading(&body).await??;
        assert_eq!(reading.at, expected, "{written}");
        assert_eq!(reading.until, Some(expected));
        assert_eq!(reading.times, Some(vec![expected]));
        assert_eq!(reading.named.expect("is present")["a"], expected);
        let when = reading.when.expect("is present");
        assert!(matches!(when, types::ReadingWhen::DateTime(at) if at == expected));
        let happening = reading.happening;
        assert!(matches!(happening, types::Happening::Closing(it) if it.at == expected));
    }
    Ok(())
}

#[tokio::test]
async fn an_invalid_date_time_is_an_error_with_its_place() -> Result<(), Failed> {
    for (at, until) in [
        ("\"2026-11-26\"", "null"),
        ("1764122150", "null"),
        ("\"2026-11-26T01:55:50\"", "\"tomorrow\""),
    ] {
        let body = format!(r#"{{"at":{at},"until":{until},"count":1,"happening":{OPENING}}}"#);
        let error = reading(&body).await?.expect_err("is refused");
        assert_eq!(error.kind(), ErrorKind::Decode);
        let place = if until == "null" { "$.at" } else { "$.until" };
        assert!(
            error.to_string().contains(&format!("at {place}:")),
            "{error}"
        );
        assert!(!error.to_string().contains("tomorrow"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn nullable_and_optional_values_are_accepted() -> Result<(), Failed> {
    let body = format!(
        r#"{{"at":"2026-11-26T01:55:50","until":null,"small":null,"count":1,"happening":{OPENING}}}"#
    );
    let read = reading(&body).await??;
    assert_eq!((read.until, read.small, read.large), (None, None, None));
    let body = format!(r#"{{"at":"2026-11-26T01:55:50","count":1,"happening":{OPENING}}}"#);
    let error = reading(&body).await?.expect_err("`until` has to be there");
    assert!(
        error.to_string().contains("missing field `until`"),
        "{error}"
    );
    Ok(())
}

/// A reading whose integers have a fraction of zero or an exponent.
const WHOLE: &str = r#"{
    "at": "2026-11-26T01:55:50Z", "until": null,
    "count": 1753000000.0, "small": -3.0, "large": 1e3, "level": 2.0,
    "sizes": [1.0, null, -0.0], "counts": {"a": 30.00}, "ratio": 1.0, "anything": 1.0, "when": 5.0,
    "happening": {"kind": "open", "id": 7.0}, "signal": {"code": 1.0, "volume": 11.0}
}"#;

fn is_whole(reading: types::Reading) {
    assert_eq!(reading.count, 1_753_000_000);
    assert_eq!(
        (reading.small, reading.large, reading.level),
        (Some(-3), Some(1000), Some(2))
    );
    assert_eq!(reading.sizes, Some(vec![Some(1), None, Some(0)]));
    assert_eq!(reading.counts.expect("is present")["a"], 30);
    assert_eq!(reading.ratio, Some(1.0));
    // Numbers whose schema is not an integer are kept as they were written.
    assert_eq!(reading.anything.expect("is present").to_string(), "1.0");
    assert!(matches!(reading.when, Some(types::ReadingWhen::Integer(5))));
    assert!(matches!(reading.happening, types::Happening::Opening(it) if it.id == 7));
    let signal = reading.signal.expect("is present");
    assert!(matches!(signal, types::ReadingSignal::On(it) if it.volume == Some(11)));
}

#[tokio::test]
async fn integers_of_responses_may_have_a_fraction_of_zero() -> Result<(), Failed> {
    is_whole(reading(WHOLE).await??);
    Ok(())
}

#[tokio::test]
async fn null_is_a_deviation_only_where_the_document_does_not_allow_it() -> Result<(), Failed> {
    let body = format!(
        r#"{{
            "at": "2026-11-26T01:55:50Z", "until": null, "count": 1, "happening": {OPENING},
            "note": null, "tags": null, "anything": null,
            "small": null, "times": null, "when": null
        }}"#
    );
    let server = RecordingServer::start(move |_| json(&body)).await?;
    let (sink, found) = std::sync::mpsc::channel();
    let builder = Client::builder()
        .base_url(server.base_url())
        .on_deviation(move |deviation| sink.send(deviation.to_string()).expect("is received"));
    let reading = builder.build()?.read_values().send().await?;
    assert_eq!((reading.small, reading.times.as_ref()), (None, None));
    let found: Vec<String> = found.try_iter().collect();
    assert_eq!(
        found,
        [
            "read-values: the property `small` of `Reading` is null",
            "read-values: the property `times` of `Reading` is null",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn the_items_of_a_stream_are_read_like_a_response() -> Result<(), Failed> {
    let event = format!("data: {}\n\n", WHOLE.replace('\n', " "));
    let (_server, client) = responding(Reply::of_type(200, "text/event-stream", event)).await?;
    let mut items = client.read_values_as_events().items().await?;
    is_whole(items.try_next().await?.expect("is one"));
    Ok(())
}

#[tokio::test]
async fn an_integer_that_the_type_does_not_hold_is_an_error_and_never_rounded() -> Result<(), Failed>
{
    for (count, found) in [
        ("1.5", "floating point"),
        ("9223372036854775808", "integer"),
        ("12345678901234567890123", "floating point"),
        ("12345678901234567890.0", "floating point"),
        ("9007199254740993.0", "floating point"),
    ] {
        let body = format!(
            r#"{{"at":"2026-11-26T01:55:50Z","until":null,"count":{count},"happening":{OPENING}}}"#
        );
        let error = reading(&body).await?.expect_err(count);
        let expected = format!("at $.count: invalid type: {found}, expected i64");
        let message = error
            .to_string()
            .replace("invalid value: ", "invalid type: ");
        assert!(message.contains(&expected), "{error}");
    }
    // A listed kind is not confused with another because of its ID.
    let body = format!(
        r#"{{"at":"2026-11-26T01:55:50Z","until":null,"count":1,"happening":{}}}"#,
        r#"{"kind":"open","id":7.5}"#
    );
    let reading = reading(&body).await??;
    assert!(matches!(reading.happening, types::Happening::Other(_)));
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_one_value_is_read_like_a_field() -> Result<(), Failed> {
    let (_server, client) = responding(json("30.0")).await?;
    let count = client.count_readings().send().await?.into_inner();
    assert!(matches!(count, responses::CountReadingsSuccess::Ok(30)));
    let times = Reply::of_type(202, "application/json", r#"["2026-11-26 01:55:50"]"#);
    let (_server, client) = responding(times).await?;
    let times = client.count_readings().send().await?.into_inner();
    let expected = [time("2026-11-26T01:55:50Z")];
    assert!(matches!(times, responses::CountReadingsSuccess::Accepted(times) if times == expected));
    Ok(())
}

#[tokio::test]
async fn headers_are_read_as_bodies_are() -> Result<(), Failed> {
    let response = json(WHOLE)
        .with_header("x-since", "2026-11-26 01:55:50")
        .with_header("x-price", "12345678901234567.890");
    let (_server, client) = responding(response).await?;
    let response = client.read_values().send().await?;
    let headers = response.headers();
    assert_eq!(headers.x_since()?, Some(time("2026-11-26T01:55:50Z")));
    let price = headers.x_price()?.expect("is present");
    assert_eq!(price.as_str(), "12345678901234567.890");
    Ok(())
}

/// A quote with numbers that neither a float nor a 64-bit integer can represent.
const QUOTE: &str = r#"{"fee":{"amount":0.12345678901234567890},"parts":[0.10,1E-30,100.00],"price":12345678901234567.89,"rates":{"a":1234567890.12345678901},"signed":-170141183460469231731687303715884105728,"wide":340282366920938463463374607431768211455,"written":"0.100"}"#;

#[tokio::test]
async fn numbers_keep_their_digits_both_ways() -> Result<(), Failed> {
    let (server, client) = responding(json(QUOTE)).await?;
    let quote = client
        .quote()
        .body(types::Quote::builder().price(1))
        .send()
        .await?;
    assert_eq!(quote.price.as_str(), "12345678901234567.89");
    assert_eq!(quote.written.as_deref(), Some("0.100"));
    assert_eq!(
        (quote.wide, quote.signed),
        (Some(u128::MAX), Some(i128::MIN))
    );
    let quote = quote.into_inner();
    assert_eq!(serde_json::to_string(&quote)?, QUOTE);
    // The same digits are sent.
    let sent: types::Quote = serde_json::from_str(QUOTE)?;
    server.take_requests();
    client.quote().body(sent).send().await?;
    assert_eq!(server.take_requests()[0].body, QUOTE);
    Ok(())
}

#[tokio::test]
async fn branches_of_choices_have_all_digits() -> Result<(), Failed> {
    let fee = async |fee: &str| {
        let body = format!(r#"{{"price":1,"fee":{fee}}}"#);
        let (_server, client) = responding(json(&body)).await?;
        let quote = client
            .quote()
            .body(types::Quote::builder().price(1))
            .send()
            .await?;
        Ok::<_, Failed>(quote.into_inner().fee.expect("is present"))
    };
    let types::FeeOutput::Fixed(fixed) = fee(r#"{"amount":12345678901234567.890}"#).await? else {
        panic!("is another branch");
    };
    assert_eq!(fixed.amount.as_str(), "12345678901234567.890");
    let types::FeeOutput::Integer(wide) = fee("123456789012345678901234567890.0").await? else {
        panic!("is another branch");
    };
    assert_eq!(wide, 123_456_789_012_345_678_901_234_567_890);
    let types::FeeOutput::Share(share) = fee(r#"{"share":0.1,"since":3.0}"#).await? else {
        panic!("is another branch");
    };
    assert_eq!((share.share, share.since), (0.1, 3));
    Ok(())
}

#[tokio::test]
async fn a_float_is_the_nearest_to_the_written_number() -> Result<(), Failed> {
    let written = 31.245270191439438_f64;
    let body = WHOLE.replace("\"ratio\": 1.0", &format!("\"ratio\": {written}"));
    assert_eq!(reading(&body).await??.ratio, Some(written));
    Ok(())
}

#[tokio::test]
async fn setters_accept_any_decimal_number() -> Result<(), Failed> {
    let (server, client) = responding(json(r#"{"price":1}"#)).await?;
    let builder = types::Quote::builder;
    for (body, expected) in [
        (builder().price(12), "12"),
        (builder().price("12.30"), "12.30"),
        (builder().price(String::from("12.30")), "12.30"),
        (builder().price(0.1), "0.1"),
        (builder().price(u64::MAX), "18446744073709551615"),
    ] {
        client
            .quote()
            .body(body)
            .limit("0.10")
            .x_wide(u64::MAX)
            .send()
            .await?;
        let request = server.take_requests().remove(0);
        assert_eq!(request.body, format!("{{\"price\":{expected}}}"));
        assert_eq!(request.raw_query, "limit=0.10");
        assert_eq!(request.headers["x-wide"], "18446744073709551615");
    }
    let sent = client.quote().body(builder().price("12,30")).send().await;
    let error = sent.expect_err("is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("not a decimal number"),
        "{error}"
    );
    let price = Decimal::try_from("1e2")?;
    assert_eq!(price, Decimal::from(100));
    Ok(())
}

async fn read(mut bytes: ByteStream) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    while let Some(chunk) = bytes.try_next().await? {
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

#[tokio::test]
async fn a_binary_response_is_bytes_whatever_its_media_type_is() -> Result<(), Failed> {
    for (media_type, file) in [
        ("application/json", "[{\"a\": 1}]"),
        ("text/csv", "a,b\n1,2\n"),
        ("application/json", "\u{1}\u{0}"),
        ("application/json", ""),
    ] {
        let (server, client) = responding(Reply::of_type(200, media_type, file)).await?;
        let bytes = client.export_file().send().await?.into_inner();
        assert_eq!(read(bytes).await?, file.as_bytes());
        assert_eq!(
            server.take_requests()[0].headers["accept"],
            "application/json"
        );
    }
    let fault = serde_json::json!({ "code": 3.0, "message": "gone" });
    let (_server, client) = responding(Reply::json(404, fault)).await?;
    let Err(error) = client.export_file().send().await else {
        panic!("is an error");
    };
    assert_eq!(error.decode::<types::Fault>()?.code, 3);
    Ok(())
}

#[tokio::test]
async fn a_binary_request_is_bytes_whatever_its_media_type_is() -> Result<(), Failed> {
    let (server, client) = responding(Reply::empty(204)).await?;
    client.import_file().body("[1]").send().await?;
    let request = server.take_requests().remove(0);
    assert_eq!(request.body, "[1]");
    assert_eq!(request.headers["content-type"], "application/json");
    Ok(())
}
