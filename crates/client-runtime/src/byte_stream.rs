//! The bytes of a response while they arrive.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, Stream};

use crate::error::Details;
use crate::raw_response::Head;
use crate::{Error, ErrorKind};

/// The body of a response that the session does not read: its bytes are taken from the connection as
/// the stream is polled. A body that is compressed is decoded, as the features of the client allow.
///
/// An error ends it: the connection broke ([`ErrorKind::Transport`]). Dropping the stream closes the
/// connection.
pub struct ByteStream {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    context: StreamContext,
}

/// Which response a stream belongs to, for errors about its items; `None` for a stream of a test.
#[derive(Clone)]
pub(crate) struct StreamContext(Option<Arc<Head>>);

impl StreamContext {
    /// An error about what was received so far.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        match &self.0 {
            Some(head) => head.clone_error(kind, message).into(),
            None => Details::new(kind, message).into(),
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
                    None => Error::of_no_call(ErrorKind::Transport, "the connection broke"),
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
