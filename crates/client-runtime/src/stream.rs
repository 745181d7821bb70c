//! Responses that are streams of items: server-sent events, and sequences of JSON values.
//!
//! The session does not read such a response. Its bytes are read from the connection when the stream is
//! polled, and at most one item is kept in memory.
//!
//! Sources: WHATWG HTML, server-sent events, section 9.2.6. JSON lines are JSON values (RFC 8259), each
//! followed by a line feed. In JSON text sequences (RFC 7464), each is preceded by a record separator.

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::de::DeserializeOwned;

use crate::byte_stream::StreamContext;
use crate::{ByteStream, Error, ErrorKind, decode};

/// A stream of items. An item that cannot be decoded is an error, and the stream continues after it. A
/// lost connection ends the stream with an error.
pub type Items<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// The maximum size of an item in bytes. A larger one ends the stream with an error.
pub const LARGEST_ITEM: usize = 16 << 20;

/// A server-sent event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// The event type; `message` if the server sends none.
    pub kind: String,
    /// The data, without the last line feed.
    pub data: String,
    /// The last event id of the stream, from this event or an earlier one; empty if there was none.
    pub id: String,
}

/// Returns the events of a `text/event-stream` response.
pub fn events(bytes: ByteStream) -> Items<Event> {
    let state = (Pieces::new(bytes, Ends::Lines), Parser::default());
    Box::pin(stream::unfold(state, async |(mut lines, mut parser)| {
        loop {
            let event = match lines.next().await? {
                Err(error) => Err(error),
                Ok(line) => match parser.line(&line) {
                    _ if parser.is_too_long() => {
                        lines.end();
                        Err(lines.too_long())
                    }
                    Some(event) => Ok(event),
                    None => continue,
                },
            };
            return Some((event, (lines, parser)));
        }
    }))
}

/// Decodes the JSON data of the events of a `text/event-stream` response.
///
/// The data `[DONE]`, with which many servers mark the end, ends the stream.
pub fn event_data<T: DeserializeOwned + 'static>(bytes: ByteStream) -> Items<T> {
    let context = bytes.context();
    let data = events(bytes).take_while(|event| {
        let is_last = matches!(event, Ok(event) if event.data.trim() == "[DONE]");
        std::future::ready(!is_last)
    });
    Box::pin(data.map(move |event| decoded(event?.data.as_bytes(), &context)))
}

/// Returns the items of a response of JSON lines (`application/x-ndjson` and similar types), one JSON
/// value in each line.
pub fn json_lines<T: DeserializeOwned + 'static>(bytes: ByteStream) -> Items<T> {
    items(bytes, Ends::Lines)
}

/// Returns the items of a JSON text sequence (`application/json-seq`).
pub fn json_sequence<T: DeserializeOwned + 'static>(bytes: ByteStream) -> Items<T> {
    items(bytes, Ends::Records)
}

fn items<T: DeserializeOwned + 'static>(bytes: ByteStream, ends: Ends) -> Items<T> {
    let context = bytes.context();
    let pieces = Pieces::new(bytes, ends);
    let pieces = stream::unfold(pieces, async |mut pieces| {
        loop {
            let piece = pieces.next().await?;
            let is_blank = matches!(&piece, Ok(piece) if piece.trim_ascii().is_empty());
            if !is_blank {
                return Some((piece, pieces));
            }
        }
    });
    Box::pin(pieces.map(move |piece| decoded(&piece?, &context)))
}

fn decoded<T: DeserializeOwned>(item: &[u8], context: &StreamContext) -> Result<T, Error> {
    decode::json(item).map_err(|error| context.undecoded(&error))
}

/// The delimiter of a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// A line feed, a carriage return, or both.
    Lines,
    /// The next record separator.
    Records,
}

/// Splits a stream of bytes at its delimiters. Only the current part is kept.
struct Pieces {
    bytes: Option<ByteStream>,
    context: StreamContext,
    kept: BytesMut,
    /// The number of kept bytes that contain no delimiter.
    looked_at: usize,
    ends: Ends,
    /// Whether the last line ended with a carriage return, which a line feed may follow.
    after_return: bool,
}

impl Pieces {
    fn new(bytes: ByteStream, ends: Ends) -> Self {
        Self {
            context: bytes.context(),
            bytes: Some(bytes),
            kept: BytesMut::new(),
            looked_at: 0,
            ends,
            after_return: false,
        }
    }

    fn too_long(&self) -> Error {
        let message = format!("an item of the stream is larger than {LARGEST_ITEM} bytes");
        self.context.error(ErrorKind::Decode, message)
    }

    fn end(&mut self) {
        self.bytes = None;
        self.kept.clear();
        self.looked_at = 0;
    }

    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            if let Some(piece) = self.split() {
                return Some(Ok(piece));
            }
            if self.kept.len() > LARGEST_ITEM {
                self.end();
                return Some(Err(self.too_long()));
            }
            let chunk = match &mut self.bytes {
                Some(bytes) => bytes.next().await,
                None => return None,
            };
            match chunk {
                Some(Ok(chunk)) => self.kept.extend_from_slice(&chunk),
                Some(Err(error)) => {
                    self.end();
                    return Some(Err(error));
                }
                None => {
                    let rest = self.kept.split().freeze();
                    self.end();
                    return (!rest.is_empty()).then_some(Ok(rest));
                }
            }
        }
    }

    fn split(&mut self) -> Option<Bytes> {
        if self.after_return && self.kept.first() == Some(&b'\n') {
            let _ = self.kept.split_to(1);
        }
        self.after_return &= self.kept.is_empty();
        let is_end: fn(&u8) -> bool = match self.ends {
            Ends::Lines => |byte| matches!(byte, b'\n' | b'\r'),
            Ends::Records => |byte| *byte == b'\x1e',
        };
        let Some(found) = self.kept[self.looked_at..].iter().position(is_end) else {
            self.looked_at = self.kept.len();
            return None;
        };
        let piece = self.kept.split_to(self.looked_at + found);
        self.after_return = self.kept.split_to(1)[0] == b'\r';
        self.looked_at = 0;
        Some(piece.freeze())
    }
}

/// Parses events line by line.
#[derive(Default)]
struct Parser {
    began: bool,
    kind: String,
    data: String,
    id: String,
}

impl Parser {
    /// Returns the event that the line completes, if any.
    fn line(&mut self, line: &[u8]) -> Option<Event> {
        let line = String::from_utf8_lossy(line);
        let line = match self.began {
            false => line.strip_prefix('\u{FEFF}').unwrap_or(&line),
            true => &line,
        };
        self.began = true;
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "event" => value.clone_into(&mut self.kind),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // Ignores comments (lines that start with a colon), the reconnection time, and unknown
            // fields.
            _ => {}
        }
        None
    }

    fn is_too_long(&self) -> bool {
        self.data.len() > LARGEST_ITEM
    }

    fn dispatch(&mut self) -> Option<Event> {
        let kind = std::mem::take(&mut self.kind);
        let mut data = std::mem::take(&mut self.data);
        // An event without data is ignored. The last line feed of the data is removed.
        data.pop()?;
        Some(Event {
            kind: if kind.is_empty() {
                "message".to_owned()
            } else {
                kind
            },
            data,
            id: self.id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn bytes(chunks: Vec<Vec<u8>>) -> ByteStream {
        ByteStream::of_chunks(chunks.into_iter().map(Bytes::from).collect())
    }

    /// Returns all items of a stream, an error as `Err(())`.
    fn all<T>(items: Items<T>) -> Vec<Result<T, ()>> {
        let all = items.map(|item| item.map_err(|_| ())).collect();
        futures_util::FutureExt::now_or_never(all).expect("never waits")
    }

    fn event(kind: &str, data: &str, id: &str) -> Result<Event, ()> {
        Ok(Event {
            kind: kind.to_owned(),
            data: data.to_owned(),
            id: id.to_owned(),
        })
    }

    const EVENTS: &str = "\u{FEFF}: a comment\nid: 7\ndata: a\ndata:  b\n\nevent: tick\r\ndata\r\n\r\n\
                          retry: 3\n\ndata: {\"c\":1}\r\rdata: cut off\n";

    proptest! {
        #[test]
        fn events_do_not_depend_on_the_chunks(cuts in prop::collection::vec(1..9_usize, 1..40)) {
            let mut rest = EVENTS.as_bytes();
            let mut chunks = Vec::new();
            for cut in cuts {
                let (chunk, after) = rest.split_at(cut.min(rest.len()));
                chunks.push(chunk.to_vec());
                rest = after;
            }
            chunks.push(rest.to_vec());
            let expected = [
                event("message", "a\n b", "7"),
                event("tick", "", "7"),
                event("message", "{\"c\":1}", "7"),
            ];
            prop_assert_eq!(all(events(bytes(chunks))), expected);
        }
    }

    #[test]
    fn typed_events_end_with_the_done_marker() {
        let text = "data: 1\n\ndata: x\n\ndata: 2\n\ndata: [DONE]\n\ndata: 3\n\n";
        let items = all(event_data::<i64>(bytes(vec![text.into()])));
        assert_eq!(items, [Ok(1), Err(()), Ok(2)]);
    }

    #[test]
    fn the_stream_continues_after_a_line_that_cannot_be_decoded() {
        let lines = "{\"a\":1}\r\n\n{\"a\":\n2\n[\"end\"]";
        let items = all(json_lines::<Value>(bytes(vec![lines.into()])));
        assert_eq!(
            items,
            [
                Ok(json!({ "a": 1 })),
                Err(()),
                Ok(json!(2)),
                Ok(json!(["end"]))
            ]
        );
    }

    #[test]
    fn a_record_may_have_several_lines() {
        let records = "\x1e{\"a\":\n1}\n\x1e2\n";
        let items = all(json_sequence::<Value>(bytes(vec![records.into()])));
        assert_eq!(items, [Ok(json!({ "a": 1 })), Ok(json!(2))]);
    }

    #[test]
    fn an_item_that_is_too_large_ends_the_stream_with_an_error() {
        let chunk = vec![b'x'; LARGEST_ITEM / 4];
        let items = all(json_lines::<Value>(bytes(vec![chunk; 6])));
        assert_eq!(items, [Err(())]);
        let line = [b"data:", &vec![b'x'; LARGEST_ITEM / 4][..], b"\n"].concat();
        let items = all(events(bytes(vec![line; 6])));
        assert_eq!(items, [Err(())]);
    }
}
