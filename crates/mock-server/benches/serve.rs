//! Measures how fast the mock server starts and responds.
//!
//! `cargo bench --package mock-server --bench serve`
//!
//! First, the time from loading the Numspot document and its overlay to the first response. Then the
//! throughput over loopback with kept connections, at the concurrency of each line: a list, which has a
//! path, a query and credentials to validate, and the creation of a cluster, which also has a body.
//! With `BESIDE=http://127.0.0.1:4010`, the same calls are made to another server of the same document
//! in alternating rounds, and the ratio is printed.
//!
//! Finally, 100,000 requests are sent while the last 1,000 are recorded. The benchmark fails if the
//! number of allocated bytes grows.

use std::alloc::System;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mock_server::{MockServer, load};
use openapi_document::{Document, ReferenceMap};
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
    // A separate thread drives the runtime of the server.
    let _driver = std::thread::spawn(move || {
        server_runtime.block_on(std::future::pending::<()>());
    });
    let base_url = server.base_url();
    let other = std::env::var("BESIDE").ok();
    runtime().block_on(async {
        compare(&base_url, other.as_deref()).await;
        soak(&base_url).await
    })
}

fn numspot() -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/numspot.yaml");
    load(&path, &ReferenceMap::default(), None)
        .expect("loads")
        .0
}

/// Prints the time at which each stage of the start ends: the fastest and the median of several rounds.
/// On a machine with other load, the fastest is the better measure.
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
    for (index, stage) in ["loaded", "started", "first response"].iter().enumerate() {
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
        .expect("responds");
    let status = response.status();
    let body = response.text().await.expect("has a body");
    assert!(
        status.is_success(),
        "{} returned {status}: {body}",
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
                line += &format!("{other:>10.0} other{:>8.1} times", ours / other);
            }
            print_line(&line);
        }
    }
}

/// Sends 100,000 requests and fails if the number of allocated bytes grows.
async fn soak(base_url: &str) -> ExitCode {
    const TENTH: usize = 10_000;
    const CONCURRENT: usize = 16;
    /// Tolerates the buffers of a few connections.
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
        "bytes allocated after {TENTH} requests: {first}, after {}: {last}",
        10 * TENTH
    ));
    if last > first + ALLOWED {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A runtime with one thread, so that the server and the callers do not share threads.
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
