//! The socket: HTTP/1.1 by hyper, and the simulation of resets and truncated responses, which no HTTP
//! library supports.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::{Received, Reply};

/// The maximum size of a request body: 64 MiB.
const MAX_BODY_BYTES: usize = 64 << 20;

/// The data that is sent in response to a request.
pub(crate) enum Transmission {
    /// A complete response.
    Whole(Reply),
    /// The head of a response with its full length, half of the body, and the end of the connection.
    Truncated(Reply),
    /// A reset of the connection (RST).
    Reset,
}

/// Handles requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Handles a request. Dropping the future must not leave partial effects.
    fn handle(self: Arc<Self>, received: Received) -> impl Future<Output = Transmission> + Send;
}

/// Serves connections until the future is dropped, which closes them.
pub(crate) async fn serve(listener: TcpListener, handler: Arc<impl Handler>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, Arc::clone(&handler)));
                }
                // Usually there are no free file descriptors; the next connection that ends releases
                // one.
                Err(_) => {
                    let _ = connections.join_next().await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, handler: Arc<impl Handler>) {
    // A response is a single write, so Nagle's algorithm would only delay it.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request: Request<Incoming>| {
        let (handler, reset) = (Arc::clone(&handler), Arc::clone(&reset));
        Box::pin(async move {
            let transmission = match read(request).await {
                Ok(received) => handler.handle(received).await,
                Err(rejected) => Transmission::Whole(*rejected),
            };
            hyper_response(transmission).ok_or_else(|| {
                reset.store(true, Ordering::Relaxed);
                io::Error::from(io::ErrorKind::ConnectionReset)
            })
        })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // The error of a connection that was closed by the client, or deliberately, is ignored.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    if reset.load(Ordering::Relaxed) {
        let stream = connection.into_parts().io.into_inner();
        let _ = stream.set_zero_linger();
    }
}

/// Reads a request completely.
///
/// # Errors
/// The response if the body is too large or incomplete.
async fn read(request: Request<Incoming>) -> Result<Received, Box<Reply>> {
    let (parts, body) = request.into_parts();
    let body = match body.is_end_stream() {
        true => Bytes::new(),
        false => match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let (status, title) = match error.is::<http_body_util::LengthLimitError>() {
                    true => (StatusCode::PAYLOAD_TOO_LARGE, "Payload too large"),
                    false => (StatusCode::BAD_REQUEST, "Bad request"),
                };
                let detail = format!("The body cannot be read: {error}");
                return Err(Box::new(Reply::problem(status, title, detail, Vec::new())));
            }
        },
    };
    Ok(Received {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    })
}

/// Converts to a response for hyper; `None` for a reset.
fn hyper_response(transmission: Transmission) -> Option<Response<ResponseBody>> {
    let (reply, is_truncated) = match transmission {
        Transmission::Whole(reply) => (reply, false),
        Transmission::Truncated(reply) => (reply, true),
        Transmission::Reset => return None,
    };
    let mut response = Response::new(ResponseBody::new(reply.body, is_truncated));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Some(response)
}

/// A response body that may end early.
struct ResponseBody {
    rest: Option<Bytes>,
    content_length: u64,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Whole,
    /// The data before the end has not been written yet.
    Unwritten,
    Cut,
}

impl ResponseBody {
    fn new(body: Bytes, is_truncated: bool) -> Self {
        let length = body.len();
        let (rest, content_length, end) = match is_truncated {
            // One byte more, so that an empty body is truncated as well.
            true => (body.slice(..length / 2), length + 1, End::Unwritten),
            false => (body, length, End::Whole),
        };
        Self {
            rest: (!rest.is_empty()).then_some(rest),
            // A length in memory fits into 64 bits.
            content_length: content_length as u64,
            end,
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(rest) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Unwritten => {
                // While the body is pending, hyper writes its buffer.
                self.end = End::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content_length)
    }
}
