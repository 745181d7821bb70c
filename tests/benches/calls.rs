//! The cost of a call with a generated client, compared with the same call written by hand with
//! `reqwest`, in one run.
//!
//! `cargo bench --package client-tests --bench calls`
//!
//! Both request the same page of roles from the same server with the same `reqwest::Client`, a
//! bearer header and a time limit, and decode it into the same type. There is no trace subscriber,
//! and there are no retries. The server has its own thread and allocates nothing per response, so
//! that only the caller is measured. Latency is the median of alternating single calls; throughput is
//! the median of alternating rounds, on one thread; allocations and bytes are means. Compare the last
//! column, which is the result of the generated call divided by that of the hand-written one. Smaller
//! is better, except for calls per second. A page of one role shows the cost of the call itself, a page
//! of fifty that of typical use.
//!
//! The last measurement is a list as a stream of items: the maximum of live bytes when an item is
//! returned, minus those before the first item. If it grows with the number of items, the benchmark
//! fails.
//!
//! Instructions are counted with callgrind (`-- instructions`, requires valgrind), in runs of this
//! program that only make calls. The caller is the first thread; the cost of startup is subtracted
//! with a run without calls. `-- count generated 50 1000` is such a run, for `callgrind_annotate`.

use std::alloc::System;
use std::ffi::OsString;
use std::hint::black_box;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use client_runtime::{StaticToken, TryStreamExt as _};
use futures_util::future::join_all;
use numspot_client::types::RolesPaginatedList;
use numspot_client::{Client, SecuritySchemes as _};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SPACE: Uuid = Uuid::from_u128(0xb9c1_a2f0_5d3e_4f7a_8c6b_0e1d_2f3a_4b5c);
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.a-token-of-the-benchmark";
const TIME_LIMIT: Duration = Duration::from_secs(30);
const LARGEST_PAGE: usize = 50;

fn main() -> ExitCode {
    // Cargo adds an argument.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => {
            compare();
            stream()
        }
        [
            "count",
            caller @ ("generated" | "hand-written"),
            roles,
            calls,
        ] => {
            let number = |text: &str| text.parse().expect("a number");
            count(*caller == "generated", number(roles), number(calls));
            ExitCode::SUCCESS
        }
        ["instructions"] => match instructions() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&format!("valgrind failed: {error}"));
                ExitCode::FAILURE
            }
        },
        _ => {
            say(
                "arguments: none, `instructions`, or `count (generated | hand-written) ROLES CALLS`",
            );
            ExitCode::FAILURE
        }
    }
}

/// The instructions of both callers for a small and a large page, counted by callgrind.
fn instructions() -> std::io::Result<()> {
    const CALLS: u32 = 500;
    let folder = tempfile::tempdir()?;
    for roles in [1, LARGEST_PAGE] {
        let mut both = [0.0; 2];
        for (cost, caller) in both.iter_mut().zip(["generated", "hand-written"]) {
            let of = |calls| counted(folder.path(), caller, roles, calls);
            *cost = (of(CALLS)? - of(0)?) / f64::from(CALLS);
        }
        row(&format!("instructions, a page of {roles}"), both);
    }
    Ok(())
}

/// The instructions of the first thread of a run with `calls` calls.
fn counted(folder: &Path, caller: &str, roles: usize, calls: u32) -> std::io::Result<f64> {
    let out = folder.join(format!("{caller}-{roles}-{calls}"));
    let mut to = OsString::from("--callgrind-out-file=");
    to.push(&out);
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--separate-threads=yes"])
        .arg(to)
        .arg(std::env::current_exe()?)
        .args(["count", caller, &roles.to_string(), &calls.to_string()])
        .status()?;
    let mut first = out.into_os_string();
    first.push("-01");
    let text = std::fs::read_to_string(first)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.and_then(|total| total.trim().parse().ok());
    total
        .filter(|_| status.success())
        .ok_or_else(|| std::io::Error::other("the file of callgrind has no total"))
}

/// All measurements of both callers, for a small and a large page.
fn compare() {
    let runtime = runtime();
    say(&format!(
        "{:<34}{:>12}{:>14}{:>8}",
        "", "generated", "hand-written", "ratio"
    ));
    for roles in [1, LARGEST_PAGE] {
        let responses = pages(1, roles);
        let size = responses[0].len();
        let callers = Callers::of(&serve(responses));
        runtime.block_on(async {
            say(&format!("a page of {roles}, {size} bytes"));
            let latency = latency(&callers).await;
            row("latency, µs", latency.map(|time| time.as_secs_f64() * 1e6));
            for concurrent in [1, 16, 256] {
                let name = format!("calls/s, {concurrent} concurrent");
                row(&name, throughput(&callers, concurrent).await);
            }
            let [generated, by_hand] = allocated(&callers).await;
            row("allocations per call", [generated.0, by_hand.0]);
            row("bytes allocated per call", [generated.1, by_hand.1]);
        });
    }
}

fn row(name: &str, [generated, by_hand]: [f64; 2]) {
    let ratio = generated / by_hand;
    say(&format!(
        "  {name:<32}{generated:>12.1}{by_hand:>14.1}{ratio:>8.2}"
    ));
}

/// The two implementations of the call.
struct Callers {
    client: Client,
    http: reqwest::Client,
    base_url: String,
}

impl Callers {
    fn of(base_url: &str) -> Self {
        let http = client_runtime::http_client_builder().expect("has TLS");
        let http = http.build().expect("builds");
        let client = Client::builder()
            .base_url(base_url)
            .bearer_auth(StaticToken::from(TOKEN))
            .attempt_timeout(TIME_LIMIT)
            .http_client(http.clone())
            .build()
            .expect("builds");
        Self {
            client,
            http,
            base_url: base_url.to_owned(),
        }
    }

    async fn call(&self, generated: bool) -> RolesPaginatedList {
        if generated {
            self.generated().await
        } else {
            self.by_hand().await
        }
    }

    async fn generated(&self) -> RolesPaginatedList {
        let call = self.client.list_roles_space().space_id(SPACE).page_size(50);
        call.send().await.expect("succeeds").into_inner()
    }

    async fn by_hand(&self) -> RolesPaginatedList {
        let response = self
            .http
            .get(format!("{}/iam/spaces/{SPACE}/roles", self.base_url))
            .query(&[("page[size]", 50)])
            .bearer_auth(TOKEN)
            .timeout(TIME_LIMIT)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .expect("succeeds");
        response.json().await.expect("decodes")
    }
}

/// The results of the generated and the hand-written caller.
type Both<T> = [T; 2];

async fn latency(callers: &Callers) -> Both<Duration> {
    const WARM_UP: usize = 500;
    const CALLS: usize = 5_000;
    let mut times: Both<Vec<Duration>> = Default::default();
    for _ in 0..WARM_UP + CALLS {
        for (times, generated) in times.iter_mut().zip([true, false]) {
            let start = Instant::now();
            black_box(callers.call(generated).await);
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| median(&mut times[WARM_UP..]))
}

/// Calls per second.
async fn throughput(callers: &Callers, concurrent: usize) -> Both<f64> {
    /// Many short rounds, so that other load affects both callers.
    const ROUNDS: usize = 61;
    const CALLS: usize = 512;
    let mut times: Both<Vec<Duration>> = Default::default();
    // The first round opens the connections.
    for _ in 0..=ROUNDS {
        for (times, generated) in times.iter_mut().zip([true, false]) {
            let start = Instant::now();
            join_all((0..concurrent).map(|_| async {
                for _ in 0..CALLS / concurrent {
                    black_box(callers.call(generated).await);
                }
            }))
            .await;
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| CALLS as f64 / median(&mut times[1..]).as_secs_f64())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Allocations per call, including reallocations, and their bytes.
async fn allocated(callers: &Callers) -> Both<(f64, f64)> {
    const CALLS: usize = 1_000;
    let mut both = [(0.0, 0.0); 2];
    for (both, generated) in both.iter_mut().zip([true, false]) {
        let before = ALLOCATOR.stats();
        for _ in 0..CALLS {
            black_box(callers.call(generated).await);
        }
        let made = ALLOCATOR.stats() - before;
        let allocations = made.allocations + made.reallocations;
        let a_call = |all: usize| all as f64 / CALLS as f64;
        *both = (a_call(allocations), a_call(made.bytes_allocated));
    }
    both
}

/// Streams a thousand items and ten times as many, and fails if more bytes are live for the longer
/// list.
fn stream() -> ExitCode {
    /// Less than a pointer for each item; variations of the connection's buffers are far smaller.
    const ALLOWED: f64 = 8.0;
    let runtime = runtime();
    let [few, many] = [20, 200].map(|count| {
        let server = serve(pages(count, LARGEST_PAGE));
        let (items, peak) = runtime.block_on(most_alive(&Callers::of(&server).client));
        assert_eq!(items, count * LARGEST_PAGE);
        say(&format!(
            "{items} items over {count} pages: at most {peak} bytes alive"
        ));
        (items as f64, peak as f64)
    });
    let growth = (many.1 - few.1) / (many.0 - few.0);
    say(&format!(
        "bytes alive for each further item: {growth:.2}, of {ALLOWED:.2} allowed"
    ));
    if growth > ALLOWED {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The number of items, and the maximum of live bytes when one was returned.
async fn most_alive(client: &Client) -> (usize, usize) {
    let list = client.list_roles_space().space_id(SPACE).page_size(50);
    // The connection and its buffers exist before the stream and remain.
    black_box(list.clone().send().await.expect("succeeds"));
    let before = alive();
    let mut items = list.items();
    let (mut count, mut most) = (0, 0);
    while let Some(item) = items.try_next().await.expect("lists") {
        most = most.max(alive().saturating_sub(before));
        count += 1;
        black_box(item);
    }
    (count, most)
}

fn alive() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Only makes calls, for callgrind.
fn count(generated: bool, roles: usize, calls: usize) {
    let callers = Callers::of(&serve(pages(1, roles)));
    runtime().block_on(async {
        // One-time setup of the first call is not counted.
        black_box((callers.call(true).await, callers.call(false).await));
        for _ in 0..calls {
            black_box(callers.call(generated).await);
        }
    });
}

/// The complete responses of a list of `count` pages. The token of a page is its number.
fn pages(count: usize, roles: usize) -> Arc<[Vec<u8>]> {
    let role = |number: usize| {
        json!({
            "uuid": Uuid::from_u128(number as u128),
            "name": format!("Storage Object Admin {number}"),
            "description": "Manage the resourcemanager.storage domain",
            "tenantType": ["space"],
            "createdOn": "2026-01-02T03:04:05Z",
            "updatedOn": "2026-01-02T03:04:05Z",
            "custom": false,
        })
    };
    let page = |number: usize| {
        let next = (number + 1 < count).then(|| (number + 1).to_string());
        let roles: Vec<Value> = (0..roles).map(role).collect();
        let body = json!({ "items": roles, "nextPageToken": next.unwrap_or_default() }).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        (head + &body).into_bytes()
    };
    (0..count).map(page).collect()
}

/// Serves `responses` on loopback, on a thread that ends with the process, and returns the base
/// URL.
fn serve(responses: Arc<[Vec<u8>]>) -> String {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.set_nonblocking(true).expect("does not block");
    let address = listener.local_addr().expect("has an address");
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::from_std(listener).expect("listens");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&responses)));
            }
        });
    });
    format!("http://{address}")
}

/// Responds to requests in turn until the caller closes the connection.
async fn converse(mut stream: TcpStream, responses: Arc<[Vec<u8>]>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    let mut length = 0;
    loop {
        match stream.read(&mut request[length..]).await? {
            0 => return Ok(()),
            read => length += read,
        }
        // The requests have no body, and each is sent after the previous response.
        if request[..length].ends_with(b"\r\n\r\n") {
            let page = page_token(&request[..length]).unwrap_or(0);
            stream.write_all(&responses[page]).await?;
            length = 0;
        }
    }
}

fn page_token(request: &[u8]) -> Option<usize> {
    let (_, rest) = std::str::from_utf8(request)
        .ok()?
        .split_once("nextToken%5D=")?;
    rest.split([' ', '&']).next()?.parse().ok()
}

/// One thread: other threads belong to the server and only affect the times.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
