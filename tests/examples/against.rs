//! Calls every operation of a client on a third-party server, with minimal and maximal arguments.
//!
//! `cargo run --package client-tests --example against -- numspot http://127.0.0.1:4020`
//!
//! The server must be generated from the vendored document. A rejected request, or a response that
//! does not decode, shows that the client and the server interpret the document differently. The
//! example prints a line for each call and exits with 1 if a call failed.

use std::process::ExitCode;

use client_runtime::{Builder, RetryPolicy};
use client_tests::apis::{Extent, Operation, api, document, operations_of};
use client_tests::call::{AnyClient, Outcome, call};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, base_url] = arguments.as_slice() else {
        say("usage: against API BASE_URL");
        return ExitCode::from(2);
    };
    let document = document(&api(name));
    let mut calls = 0;
    let mut failures = 0;
    for operation in operations_of(&document.root) {
        for extent in [Extent::Least, Extent::Most] {
            calls += 1;
            match call_operation(name, base_url, &operation, extent).await {
                Ok(status) => say(&format!("{status}  {} with {extent:?}", operation.id)),
                Err(failure) => {
                    failures += 1;
                    say(&format!("---  {} with {extent:?}: {failure}", operation.id));
                }
            }
        }
    }
    say(&format!("{calls} calls, {failures} failed"));
    match failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// The status of a success, or the error.
async fn call_operation(
    api: &str,
    base_url: &str,
    operation: &Operation<'_>,
    extent: Extent,
) -> Result<u16, String> {
    let arguments = operation.arguments(extent);
    let arguments = arguments.map_err(|error| error.to_string())?;
    // A retry would have the same outcome.
    let builder = Builder::<AnyClient>::default()
        .base_url(base_url)
        .retry(RetryPolicy::never());
    match call(api, builder, &operation.rust_name, arguments).await {
        Ok(Outcome::Success { status, .. }) => Ok(status),
        Ok(Outcome::Failure { status, body, .. }) => Err(format!("{status} {body}")),
        Ok(Outcome::Other(failure)) => Err(failure),
        Err(error) => Err(error.to_string()),
    }
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
