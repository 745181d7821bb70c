//! How fast the mock server starts and answers.
//!
//! `cargo bench --package mock-server --bench serve`
//!
//! First the time from the files of the Numspot document and its overlay to the first answer. Then the
//! document is served on a runtime of its own, and called over loopback on kept
//! connections, as many at a time as the columns say: a list, which is judged by its path, query and
//! credentials, and an order of a cluster, which has a body, too. `BESIDE=http://127.0.0.1:4010` has
//! every call made to another server of the same document as well, round by round in turn, and gives
//! the ratio of ours to it.
//!
//! At last 100,000 requests are sent with the last 1,000 recorded: the bytes alive after each tenth
//! of them must not grow, or the benchmark fails.

use std::alloc::System;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mock_server::{MockServer, load};
use openapi_document::Document;
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SPACE: &str = "b9c1a2f0-5d3e-4f7a-8c6b-0e1d2f3a4b5c";

fn main() -> ExitCode {
    start_up();
    let server_runtime = runtime();
    let server = server_runtime.block_on(async {
        let builder = MockServer::from_document(numspot()).record(1_000);
        builder.start().await.expect("starts")
    });
    // The runtime of the server has to be driven by a thread of its own.
    let _driver = std::thread::spawn(move || {
        server_runtime.block_on(std::future::pending::<()>());
    });
    let base_url = server.base_url();
    let beside = std::env::var("BESIDE").ok();
    runtime().block_on(async {
        compare(&base_url, beside.as_deref()).await;
        soak(&base_url).await
    })
}

fn numspot() -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/numspot.yaml");
    load(&path, None).expect("loads").0
}

/// The time that each stage of starting ends at, the fastest of several and the median. On a machine
/// that has other work the fastest is what tells how fast the server is.
fn start_up() {
    const ROUNDS: usize = 21;
    let runtime = runtime();
    let rounds = (0..ROUNDS).map(|_| {
        runtime.block_on(async {
            let start = Instant::now();
            let document = numspot();
            let loaded = start.elapsed();
            let builder = MockServer::from_document(document);
            let server = builder.start().await.expect("starts");
            let started = start.elapsed();
            call(&Client::new(), &server.base_url(), Call::List).await;
            [loaded, started, start.elapsed()]
        })
    });
    let rounds: Vec<[Duration; 3]> = rounds.collect();
    for (index, stage) in ["loaded", "started", "first answer"].iter().enumerate() {
        let mut times: Vec<Duration> = rounds.iter().map(|stages| stages[index]).collect();
        times.sort();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (fastest, median) = (ms(times[0]), ms(times[ROUNDS / 2]));
        print_line(&format!(
            "{stage:<14}{fastest:>8.1} ms, median {median:.1} ms"
        ));
    }
}

#[derive(Clone, Copy)]
enum Call {
    List,
    Order,
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Self::List => "GET roles",
            Self::Order => "POST cluster",
        }
    }

    fn request(self, client: &Client, base_url: &str) -> RequestBuilder {
        let request = match self {
            Self::List => client
                .get(format!("{base_url}/iam/spaces/{SPACE}/roles"))
                .query(&[("page[size]", 20)]),
            Self::Order => client
                .post(format!("{base_url}/openshift/spaces/{SPACE}/clusters"))
                .json(&json!({
                    "name": "billing-prod",
                    "description": "Runs the billing services",
                    "version": "4.14.8",
                    "cidr": "10.0.0.0/16",
                    "nodePools": [{ "name": "workers", "nodeCount": 3, "nodeProfile": "MEDIUM" }],
                })),
        };
        request.bearer_auth("eyJhbGciOiJSUzI1NiJ9.of-the-benchmark")
    }
}

async fn call(client: &Client, base_url: &str, call: Call) {
    let response = call
        .request(client, base_url)
        .send()
        .await
        .expect("answers");
    let status = response.status();
    let body = response.text().await.expect("has a body");
    assert!(
        status.is_success(),
        "{} is answered {status}: {body}",
        call.name()
    );
}

async fn compare(ours: &str, other: Option<&str>) {
    const ROUNDS: usize = 9;
    const CALLS: usize = 256;
    let client = Client::new();
    for call_kind in [Call::List, Call::Order] {
        for concurrent in [1, 16, 64] {
            let mut times: [Vec<f64>; 2] = Default::default();
            // The first round opens the connections.
            for round in 0..=ROUNDS {
                for (times, base_url) in times.iter_mut().zip([Some(ours), other]) {
                    let Some(base_url) = base_url else { continue };
                    let start = Instant::now();
                    join_all((0..concurrent).map(|_| async {
                        for _ in 0..CALLS / concurrent {
                            call(&client, base_url, call_kind).await;
                        }
                    }))
                    .await;
                    if round > 0 {
                        times.push(start.elapsed().as_secs_f64());
                    }
                }
            }
            let [ours, other] = times.map(|mut times| {
                times.sort_by(f64::total_cmp);
                times.get(ROUNDS / 2).map(|time| CALLS as f64 / time)
            });
            let name = format!("{}, {concurrent} at a time", call_kind.name());
            let ours = ours.unwrap_or_default();
            let mut line = format!("{name:<28}{ours:>10.0} requests/s");
            if let Some(other) = other {
                line += &format!("{other:>10.0} beside{:>8.1} times", ours / other);
            }
            print_line(&line);
        }
    }
}

/// Sends a hundred thousand requests and fails if more and more bytes stay alive.
async fn soak(base_url: &str) -> ExitCode {
    const TENTH: usize = 10_000;
    const CONCURRENT: usize = 16;
    /// Buffers of a connection more or less.
    const ALLOWED: usize = 1 << 20;
    let client = Client::new();
    let mut alive_after = Vec::new();
    for _ in 0..10 {
        join_all((0..CONCURRENT).map(|_| async {
            for _ in 0..TENTH / CONCURRENT {
                call(&client, base_url, Call::List).await;
            }
        }))
        .await;
        let stats = ALLOCATOR.stats();
        alive_after.push(
            stats
                .bytes_allocated
                .saturating_sub(stats.bytes_deallocated),
        );
    }
    let (first, last) = (alive_after[0], alive_after[9]);
    print_line(&format!(
        "bytes alive after {TENTH} requests: {first}, after {}: {last}",
        10 * TENTH
    ));
    if last > first + ALLOWED {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One thread: the server's and the callers' are told apart by it.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[allow(clippy::print_stdout)]
fn print_line(line: &str) {
    println!("{line}");
}
