//! An in-process server that simulates faults. It writes to the socket directly, because HTTP
//! libraries do not send invalid responses.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The behaviour for one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A valid response: status, additional headers, body.
    Reply(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection without a response.
    Close,
    /// Sends nothing and keeps the connection open.
    Stall,
    /// Announces a longer body than it sends, and closes the connection.
    Truncate(String),
    /// Sends bytes that are not HTTP.
    Garbage,
    /// Sends a body of a given size.
    Flood {
        /// The number of bytes.
        bytes: usize,
        /// True if there is a `Content-Length`; otherwise the body ends with the connection.
        announced: bool,
    },
}

impl Fault {
    /// A response with a JSON body.
    pub fn json(status: u16, body: &str) -> Self {
        let json = ("content-type", "application/json".to_owned());
        Self::Reply(status, vec![json], body.to_owned())
    }
}

/// A running server; it stops when it is dropped.
pub struct FaultServer {
    base_url: String,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl FaultServer {
    /// Starts a server that handles the n-th request with `fault(n, head)`, counted from zero over
    /// all connections; `head` is the request line and the headers.
    ///
    /// # Errors
    /// If no port is available.
    pub async fn start(
        fault: impl Fn(usize, &str) -> Fault + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (fault, seen) = (Arc::new(fault), Arc::clone(&heads));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (fault, seen) = (Arc::clone(&fault), Arc::clone(&seen));
                tokio::spawn(async move {
                    // Some tests are about connections that the client closes.
                    let _ = serve(stream, &*fault, &seen).await;
                });
            }
        });
        Ok(Self {
            base_url,
            heads,
            task,
        })
    }

    /// Its base URL.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The heads of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.heads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    fault: &(dyn Fn(usize, &str) -> Fault + Send + Sync),
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    loop {
        let Some(head) = read_request(&mut stream).await? else {
            return Ok(());
        };
        let number = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(head.clone());
            seen.len() - 1
        };
        match fault(number, &head) {
            Fault::Reply(status, headers, body) => {
                let mut response =
                    format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    response += &format!("{name}: {value}\r\n");
                }
                stream
                    .write_all(format!("{response}\r\n{body}").as_bytes())
                    .await?;
            }
            Fault::Close => return Ok(()),
            Fault::Stall => std::future::pending().await,
            Fault::Truncate(body) => {
                let head = "HTTP/1.1 200 x\r\ncontent-type: application/json\r\n";
                let length = body.len() + 1000;
                let response = format!("{head}content-length: {length}\r\n\r\n{body}");
                stream.write_all(response.as_bytes()).await?;
                return Ok(());
            }
            Fault::Flood { bytes, announced } => {
                let length = match announced {
                    true => format!("content-length: {bytes}"),
                    false => "connection: close".to_owned(),
                };
                let head =
                    format!("HTTP/1.1 200 x\r\ncontent-type: application/json\r\n{length}\r\n\r\n");
                stream.write_all(head.as_bytes()).await?;
                let piece = [b' '; 1 << 16];
                for start in (0..bytes).step_by(piece.len()) {
                    let end = piece.len().min(bytes - start);
                    stream.write_all(&piece[..end]).await?;
                }
                return Ok(());
            }
            Fault::Garbage => {
                stream
                    .write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
                    .await?;
                return Ok(());
            }
        }
    }
}

/// Reads one request with its body and returns its head; `None` if the client closed the
/// connection.
async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    let mut missing = (end + 4 + length).saturating_sub(bytes.len());
    let mut chunk = [0; 4096];
    while missing > 0 {
        let most = missing.min(chunk.len());
        match stream.read(&mut chunk[..most]).await? {
            0 => return Ok(None),
            read => missing -= read,
        }
    }
    Ok(Some(head))
}
