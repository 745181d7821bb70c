//! HAR 1.2 files, as browsers and proxies export them. Headers of requests are not read.

use serde::Deserialize;

use super::{Body, Exchange, RequestPath, from_base64, query_of_url};

#[derive(Deserialize)]
pub(super) struct File {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    content: Content,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Content {
    size: Option<i64>,
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}

impl File {
    /// The exchanges that have a response. `name` is the name of the file.
    pub(super) fn exchanges(self, name: &str) -> Vec<Exchange> {
        let entries = self.log.entries.into_iter().enumerate();
        // An aborted request has the status 0.
        let completed = entries.filter(|(_, entry)| entry.response.status != 0);
        let exchanges = completed.map(|(index, entry)| Exchange {
            source: format!("{name}, entry {}", index + 1),
            method: entry.request.method.to_ascii_uppercase(),
            path: RequestPath::of_url(&entry.request.url),
            query: query_of_url(&entry.request.url),
            status: entry.response.status,
            content_type: entry.response.content_type(),
            body: entry.response.content.body(),
        });
        exchanges.collect()
    }
}

impl Response {
    fn content_type(&self) -> Option<String> {
        let of_content = self.content.mime_type.clone();
        let mut headers = self.headers.iter();
        let header = headers.find(|header| header.name.eq_ignore_ascii_case("content-type"));
        // Chromium writes `x-unknown` for a response without a media type.
        of_content
            .filter(|media_type| !media_type.is_empty() && media_type != "x-unknown")
            .or_else(|| header.map(|header| header.value.clone()))
    }
}

impl Content {
    fn body(self) -> Body {
        let is_base64 = self.encoding.as_deref() == Some("base64");
        match self.text {
            Some(text) if is_base64 => from_base64(&text).map_or(Body::Unrecorded, Body::Bytes),
            Some(text) => Body::Bytes(text.into_bytes()),
            None if self.size.unwrap_or_default() <= 0 => Body::Bytes(Vec::new()),
            None => Body::Unrecorded,
        }
    }
}
