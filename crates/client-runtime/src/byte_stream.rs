//! Streams of response bytes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, Stream};

use crate::decode::DecodeError;
use crate::error::Details;
use crate::response_head::Head;
use crate::{Error, ErrorKind};

/// A response body as a stream of bytes, read from the connection as the stream is polled. A compressed
/// body is decoded, depending on the features of the client.
///
/// A broken connection ends the stream with an error ([`ErrorKind::Transport`]). Dropping the stream
/// closes the connection.
pub struct ByteStream {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    context: StreamContext,
}

/// The response of the stream, for errors about its items. `None` in tests.
#[derive(Clone)]
pub(crate) struct StreamContext(Option<Arc<Head>>);

impl StreamContext {
    /// Returns an error about the data received so far.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        match &self.0 {
            Some(head) => head.clone_error(kind, message).into(),
            None => Details::new(kind, message).into(),
        }
    }

    /// Returns the error for an item that does not have its documented type.
    pub(crate) fn undecoded(&self, error: &DecodeError) -> Error {
        match &self.0 {
            Some(head) => head.undecoded(error, Bytes::new()),
            None => Details::new(ErrorKind::Decode, error.to_string()).into(),
        }
    }
}

impl ByteStream {
    pub(crate) fn of_response(response: reqwest::Response, head: Head) -> Self {
        Self {
            chunks: Box::pin(response.bytes_stream()),
            context: StreamContext(Some(Arc::new(head))),
        }
    }

    pub(crate) fn of_bytes(bytes: Bytes, head: Head) -> Self {
        let chunks = (!bytes.is_empty()).then_some(Ok(bytes));
        Self {
            chunks: Box::pin(stream::iter(chunks)),
            context: StreamContext(Some(Arc::new(head))),
        }
    }

    pub(crate) fn context(&self) -> StreamContext {
        self.context.clone()
    }

    #[cfg(test)]
    pub(crate) fn of_chunks(chunks: Vec<Bytes>) -> Self {
        Self {
            chunks: Box::pin(stream::iter(chunks.into_iter().map(Ok))),
            context: StreamContext(None),
        }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.chunks.as_mut().poll_next(context);
        next.map(|chunk| {
            chunk.map(|chunk| {
                chunk.map_err(|error| match &self.context.0 {
                    Some(head) => head.broken(error),
                    None => Error::of_no_call(ErrorKind::Transport, "the connection was lost"),
                })
            })
        })
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").finish_non_exhaustive()
    }
}
