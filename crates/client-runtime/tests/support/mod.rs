//! A server on the loopback interface with responses of the test, and a client without an API
//! description.

#![allow(dead_code, reason = "each test target uses a part of it")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client_runtime::generated::{Api, Call};
use client_runtime::operation::{
    DocumentedResponse, Operation, Parameter, ResponseBody, SchemeKind, SecurityScheme,
    StatusPattern, Style,
};
use client_runtime::{Builder, GeneratedClient, RetryPolicy, Session};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    /// Names in lower case; several values of one name joined by `, `.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Responds to the n-th request, starting at 0, with the bytes that `respond` returns.
    pub(crate) async fn start<R: Into<Vec<u8>>>(
        respond: impl Fn(usize, &Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
        let address = listener.local_addr().expect("has an address");
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let recorded = Arc::clone(&requests);
        let respond = Arc::new(move |number, request: &Request| respond(number, request).into());
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (recorded, respond) = (Arc::clone(&recorded), Arc::clone(&respond));
                tokio::spawn(async move {
                    let _ = serve(connection, &recorded, &*respond).await;
                });
            }
        });
        Self {
            base_url: format!("http://{address}"),
            requests,
        }
    }

    /// Returns the requests since the previous call.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().expect("is not poisoned"))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().expect("builds")
    }

    /// Returns a builder of a client without noticeable retry delays, which can call without
    /// credentials.
    pub(crate) fn builder(&self) -> Builder<Client> {
        Builder::<Client>::default()
            .base_url(&self.base_url)
            .allow_missing_credentials()
            .retry(RetryPolicy::default().base_delay(Duration::from_micros(1)))
    }
}

/// Reads one request, responds, and closes the connection.
async fn serve(
    mut connection: TcpStream,
    recorded: &Mutex<Vec<Request>>,
    respond: &(dyn Fn(usize, &Request) -> Vec<u8> + Send + Sync),
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if connection.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        if let Some(place) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break place;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (
        first.next().unwrap_or_default(),
        first.next().unwrap_or_default(),
    );
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let known = headers.entry(name.to_lowercase()).or_default();
        if !known.is_empty() {
            known.push_str(", ");
        }
        known.push_str(value);
    }
    let is_done = |bytes: &[u8]| match headers.get("content-length") {
        Some(length) => bytes.len() >= head_end + 4 + length.parse::<usize>().expect("is a length"),
        None => !headers.contains_key("transfer-encoding") || bytes.ends_with(b"0\r\n\r\n"),
    };
    while !is_done(&bytes) && connection.read_buf(&mut bytes).await? > 0 {}
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        body: String::from_utf8_lossy(&bytes[head_end + 4..]).into_owned(),
        headers,
    };
    let number = {
        let mut recorded = recorded.lock().expect("is not poisoned");
        recorded.push(request.clone());
        recorded.len() - 1
    };
    let response = respond(number, &request);
    connection.write_all(&response).await?;
    connection.shutdown().await
}

/// Returns a response with `Content-Length`; `head` contains additional headers.
pub(crate) fn response(status: u16, head: &[(&str, &str)], body: &str) -> String {
    let mut response = format!("HTTP/1.1 {status} Reason\r\nConnection: close\r\n");
    for (name, value) in head {
        response += &format!("{name}: {value}\r\n");
    }
    response + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn json(status: u16, body: &str) -> String {
    response(status, &[("Content-Type", "application/json")], body)
}

pub(crate) fn redirect(status: u16, location: &str) -> String {
    response(status, &[("Location", location)], "")
}

/// A client without an API description.
pub(crate) struct Client(pub(crate) Session);

static API: Api = Api {
    user_agent: "test/1",
    schemes: &[
        scheme("Token", SchemeKind::Bearer),
        scheme("User", SchemeKind::Basic),
        scheme("Header", SchemeKind::Header("X-Key")),
        scheme("Query", SchemeKind::Query("api key")),
        scheme("Cookie", SchemeKind::Cookie("sid")),
        scheme("Certificate", SchemeKind::MutualTls),
        scheme("Signature", SchemeKind::Other),
    ],
    security: &[
        &[TOKEN],
        &[USER],
        &[HEADER, QUERY],
        &[COOKIE],
        &[CERTIFICATE],
        &[SIGNATURE],
    ],
    ..Api::PLAIN
};

/// The indices of the schemes in their table.
pub(crate) const TOKEN: usize = 0;
pub(crate) const USER: usize = 1;
pub(crate) const HEADER: usize = 2;
pub(crate) const QUERY: usize = 3;
pub(crate) const COOKIE: usize = 4;
pub(crate) const CERTIFICATE: usize = 5;
pub(crate) const SIGNATURE: usize = 6;

const fn scheme(name: &'static str, kind: SchemeKind) -> SecurityScheme {
    SecurityScheme {
        name,
        method: name,
        kind,
    }
}

impl From<Session> for Client {
    fn from(session: Session) -> Self {
        Self(session)
    }
}

impl GeneratedClient for Client {
    const API: &'static Api = &API;
}

impl Client {
    pub(crate) fn call(&self, operation: Operation) -> Call<'_> {
        Call::new(&self.0, Box::leak(Box::new(operation)))
    }
}

/// An operation that responds to `GET /things` with JSON of 200.
pub(crate) const LIST: Operation = Operation {
    id: "ListThings",
    method: "GET",
    path: "/things",
    accept: Some("application/json"),
    responses: &[documented(StatusPattern::Code(200), ResponseBody::Json)],
    ..Operation::PLAIN
};

pub(crate) const fn documented(status: StatusPattern, body: ResponseBody) -> DocumentedResponse {
    DocumentedResponse {
        status,
        media_type: None,
        body,
        ..DocumentedResponse::PLAIN
    }
}

pub(crate) const fn parameter(name: &'static str, style: Style) -> Parameter {
    Parameter {
        name,
        argument: name,
        style,
        explode: matches!(style, Style::Form | Style::DeepObject),
        ..Parameter::PLAIN
    }
}
