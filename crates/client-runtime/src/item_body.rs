//! Request bodies that are streams of items, such as `application/x-ndjson` with one JSON value in each
//! line.
//!
//! Items are encoded when the transport needs more data, so that memory use does not depend on the
//! length of the upload. An item that cannot be encoded, or an error of the caller's stream, ends the
//! upload. The call then fails with an error that contains the number of the item.
//!
//! A streamed body cannot be sent twice. A list of at most [`REPLAYABLE`] bytes is therefore encoded at
//! once: it has a `Content-Length` and can be retried.

use std::error::Error as StdError;
use std::fmt;
use std::iter::Peekable;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use reqwest::Body;
use serde::Serialize;

/// The maximum size in bytes of an encoded list that can be retried. A longer list is sent once, in
/// chunks of about this size.
pub const REPLAYABLE: usize = 256 << 10;

/// Returns a body with these items, each converted into a `T`.
pub fn of_list<T, I>(items: I) -> Body
where
    T: Serialize,
    I: IntoIterator,
    I::IntoIter: Send + 'static,
    I::Item: TryInto<T> + Send,
    <I::Item as TryInto<T>>::Error: fmt::Display,
{
    let mut pieces = Pieces {
        items: items.into_iter().peekable(),
        encode: line::<T, I::Item>,
        number: 0,
    };
    match pieces.next() {
        None => Body::from(Bytes::new()),
        Some(Ok(all)) if pieces.items.peek().is_none() => Body::from(all),
        Some(first) => Body::wrap_stream(stream::iter(std::iter::once(first).chain(pieces))),
    }
}

/// Returns a body with the items of a stream, each converted into a `T` and sent as it arrives.
pub fn of_stream<T, S, V, E>(items: S) -> Body
where
    T: Serialize,
    S: Stream<Item = Result<V, E>> + Send + 'static,
    V: TryInto<T>,
    V::Error: fmt::Display,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    let mut number = 0;
    Body::wrap_stream(items.map(move |item| {
        number += 1;
        let encoded = item.map_err(Into::into).and_then(line::<T, V>);
        encoded
            .map(Bytes::from)
            .map_err(|source| ItemError { number, source })
    }))
}

/// Why an item of a request body could not be sent.
#[derive(Debug)]
pub(crate) struct ItemError {
    /// The number of the item, starting at 1.
    number: u64,
    source: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {} of the request body cannot be sent", self.number)
    }
}

impl StdError for ItemError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

type Encoded = Result<Vec<u8>, Box<dyn StdError + Send + Sync>>;

/// Returns the line of one item. `serde_json` writes no line feed inside a value.
fn line<T, V>(item: V) -> Encoded
where
    T: Serialize,
    V: TryInto<T>,
    V::Error: fmt::Display,
{
    let item: T = item.try_into().map_err(|error| error.to_string())?;
    let mut line = serde_json::to_vec(&item)?;
    line.push(b'\n');
    Ok(line)
}

/// Encodes the lines of a list in chunks.
struct Pieces<I: Iterator> {
    items: Peekable<I>,
    encode: fn(I::Item) -> Encoded,
    number: u64,
}

impl<I: Iterator> Iterator for Pieces<I> {
    type Item = Result<Bytes, ItemError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = Vec::new();
        while piece.len() < REPLAYABLE
            && let Some(item) = self.items.next()
        {
            self.number += 1;
            match (self.encode)(item) {
                Ok(line) => piece.extend_from_slice(&line),
                Err(source) => {
                    let number = self.number;
                    return Some(Err(ItemError { number, source }));
                }
            }
        }
        (!piece.is_empty()).then(|| Ok(piece.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Returns the chunks of a body up to its first error, and the root cause of the error.
    async fn read(mut body: Body) -> (Vec<Bytes>, Option<String>) {
        let mut pieces = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => pieces.extend(frame.into_data()),
                Err(error) => {
                    let mut said = error.to_string();
                    let mut cause = error.source();
                    while let Some(inner) = cause {
                        said += &format!(": {inner}");
                        cause = inner.source();
                    }
                    return (pieces, Some(said));
                }
            }
        }
        (pieces, None)
    }

    #[tokio::test]
    async fn a_short_list_can_be_retried() {
        let body = of_list::<Value, _>([json!({ "a": "x\ny" }), json!(2)]);
        assert_eq!(body.as_bytes(), Some(&b"{\"a\":\"x\\ny\"}\n2\n"[..]));
        assert_eq!(
            of_list::<Value, _>(Vec::<Value>::new()).as_bytes(),
            Some(&b""[..])
        );
    }

    #[tokio::test]
    async fn a_long_list_is_encoded_as_it_is_sent() {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let item = "x".repeat(REPLAYABLE / 4);
        let items = (0..40).map(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            item.clone()
        });
        let mut body = of_list::<Value, _>(items);
        assert_eq!(body.as_bytes(), None);
        let first = body.frame().await.expect("has a piece").expect("is sent");
        let size = first.into_data().expect("is data").len();
        assert!(size < 2 * REPLAYABLE, "{size}");
        // One more item is consumed, to detect the end of the list.
        assert!(taken.load(Ordering::SeqCst) <= 5);
        let (rest, error) = read(body).await;
        assert_eq!(error, None);
        let lines = rest.concat().iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(taken.load(Ordering::SeqCst), 40);
        assert_eq!(lines, 36);
    }

    #[tokio::test]
    async fn an_item_that_cannot_be_encoded_ends_the_body_with_its_number() {
        // JSON objects have no lists as keys.
        let bad = BTreeMap::from([(vec![1], 1)]);
        let items = [BTreeMap::new(), bad, BTreeMap::new()];
        let (pieces, error) = read(of_list::<BTreeMap<Vec<u8>, u8>, _>(items)).await;
        assert_eq!(pieces.concat(), b"");
        let error = error.expect("ends with an error");
        assert!(
            error.contains("item 2") && error.contains("key must be a string"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn an_error_of_a_stream_ends_the_body_after_the_earlier_items() {
        let items = [Ok(1), Err("the file is gone"), Ok(3)];
        let (pieces, error) = read(of_stream::<Value, _, _, _>(stream::iter(items))).await;
        assert_eq!(pieces, ["1\n"]);
        let error = error.expect("ends with an error");
        assert!(
            error.contains("item 2") && error.contains("the file is gone"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_failed_conversion_is_an_error_of_its_item() {
        let (_, error) = read(of_list::<u8, _>([1_i64, 300])).await;
        let error = error.expect("ends with an error");
        assert!(
            error.contains("item 2") && error.contains("out of range"),
            "{error}"
        );
    }
}
