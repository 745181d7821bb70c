//! An in-process server on loopback that records requests and sends given replies.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use openapi_document::is_json_lines;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A received request.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The method, in uppercase.
    pub method: String,
    /// The path, as in the request line, not decoded.
    pub path: String,
    /// The query, as in the request line, not decoded.
    pub raw_query: String,
    /// The decoded names and values of the query, in order.
    pub query: Vec<(String, String)>,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// A reply of the server.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The media type and the body, if any.
    pub body: Option<(&'static str, Bytes)>,
    /// The other headers.
    pub headers: Vec<(&'static str, &'static str)>,
}

impl Reply {
    /// A reply with a JSON body.
    pub fn json(status: u16, body: Value) -> Self {
        Self::of_type(status, "application/json", body.to_string())
    }

    /// A reply with a body of another media type.
    pub fn of_type(status: u16, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: Some((media_type, body.into())),
            headers: Vec::new(),
        }
    }

    /// A reply without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            headers: Vec::new(),
        }
    }

    /// The reply with an additional header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

type Respond = dyn Fn(&Recorded) -> Reply + Send + Sync;

struct Shared {
    requests: Mutex<Vec<Recorded>>,
    respond: Box<Respond>,
}

/// A running server; it stops when it is dropped.
pub struct RecordingServer {
    base_url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl RecordingServer {
    /// Starts a server on a free port of the loopback interface.
    ///
    /// # Errors
    /// If no port is available.
    pub async fn start(
        respond: impl Fn(&Recorded) -> Reply + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            requests: Mutex::default(),
            respond: Box::new(respond),
        });
        let router = Router::new()
            .fallback(response)
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // The task is aborted on drop; an earlier error becomes visible in the calls.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            base_url,
            shared,
            task,
        })
    }

    /// The base URL: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Removes and returns the requests received so far.
    pub fn take_requests(&self) -> Vec<Recorded> {
        std::mem::take(&mut lock(&self.shared.requests))
    }
}

impl Drop for RecordingServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(requests: &Mutex<Vec<Recorded>>) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
    // The list is valid even if a thread panicked while holding the lock.
    requests.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn response(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    const LARGEST: usize = 64 << 20;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST)
        .await
        .unwrap_or_default();
    let recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        raw_query: parts.uri.query().unwrap_or_default().to_owned(),
        query: reqwest::Url::parse(&format!("http://127.0.0.1{}", parts.uri))
            .map(|url| url.query_pairs().into_owned().collect())
            .unwrap_or_default(),
        headers: parts.headers,
        body,
    };
    let reply = (shared.respond)(&recorded);
    lock(&shared.requests).push(recorded);
    let (media_type, body) = reply.body.unzip();
    let mut response = Response::new(Body::from(body.unwrap_or_default()));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(media_type) = media_type {
        let media_type = header::HeaderValue::from_static(media_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
    }
    for (name, value) in reply.headers {
        let value = header::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Method, path, sorted query, relevant headers and body, for snapshots. Only the kind of
/// credentials is shown.
impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Headers that depend on the HTTP client.
        const TRANSPORT: [&str; 4] = ["host", "content-length", "user-agent", "accept-encoding"];
        let media_type = self.headers.get(header::CONTENT_TYPE);
        let media_type = media_type.map_or("", |value| value.to_str().unwrap_or_default());
        let boundary = media_type
            .split_once("boundary=")
            .map(|(_, boundary)| boundary);
        // The value differs for each request.
        let settled = |text: String| match boundary {
            Some(boundary) => text.replace(boundary, "BOUNDARY"),
            None => text,
        };
        writeln!(f, "{} {}", self.method, self.path)?;
        let mut query = self.query.clone();
        query.sort();
        for (name, value) in query {
            writeln!(f, "  ? {name} = {value}")?;
        }
        let mut headers: Vec<(&str, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| !TRANSPORT.contains(&name.as_str()))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                let shown = match (name.as_str(), value.split_once(' ')) {
                    ("authorization", Some((kind, _))) => format!("{kind} (redacted)"),
                    ("authorization", None) => "(redacted)".to_owned(),
                    _ => settled(value.into_owned()),
                };
                (name.as_str(), shown)
            })
            .collect();
        headers.sort();
        for (name, value) in headers {
            writeln!(f, "  {name}: {value}")?;
        }
        if self.body.is_empty() {
            return Ok(());
        }
        let text = match serde_json::from_slice::<Value>(&self.body) {
            Ok(json) if !is_json_lines(media_type) => {
                serde_json::to_string_pretty(&json).map_err(|_| fmt::Error)?
            }
            _ => String::from_utf8_lossy(&self.body).into_owned(),
        };
        for line in settled(text).lines() {
            writeln!(f, "  | {line}")?;
        }
        Ok(())
    }
}
