//! The files of a client crate that are made once, when its API is new: its manifest, its root and
//! the text around the table in its README. From then on they are edited by hand.
//!
//! A crate made of them builds as it is, which is also how documents of no API are tried out.

use openapi_document::walk::operations;
use serde_json::Value;

use crate::client_files::NO_TABLE;
use crate::rust_name::snake;

/// The crate's `Cargo.toml`, for a member of this workspace. `about` is its description, a phrase
/// of one line. Of the lowered document it depends which crates the generated code names.
pub fn manifest(package: &str, about: &str, lowered: &Value) -> String {
    let any_has = |extension: &str| {
        operations(lowered).iter().any(|(pointer, _, _)| {
            let operation = pointer.get(lowered);
            operation.is_some_and(|operation| operation.get(extension).is_some())
        })
    };
    let has_web_sockets = any_has("x-dropshot-websocket");
    let mut named = String::new();
    if has_web_sockets || any_has("x-dropshot-pagination") {
        named += "# What the generated code opens web sockets and follows pages with.\n";
        named += "futures.workspace = true\n";
    }
    if has_web_sockets {
        named += "base64.workspace = true\nrand.workspace = true\n";
    }
    format!(
        "\
[package]
name = {package:?}
description = {about}
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
authors.workspace = true
readme = \"README.md\"

[features]
default = [\"rustls\"]
# TLS in Rust, without OpenSSL.
rustls = [\"client-runtime/rustls\", \"reqwest/rustls\"]
# TLS of the operating system (OpenSSL on Linux).
native-tls = [\"client-runtime/native-tls\", \"reqwest/native-tls\"]

[dependencies]
chrono.workspace = true
client-runtime.workspace = true
progenitor.workspace = true
# The code that `progenitor` generates names this crate.
progenitor-client.workspace = true
regress.workspace = true
reqwest.workspace = true
schemars.workspace = true
serde.workspace = true
serde_json.workspace = true
uuid.workspace = true
{named}
[dev-dependencies]
insta.workspace = true
tokio = {{ workspace = true, features = [\"macros\", \"rt-multi-thread\"] }}

[lints]
workspace = true
",
        about = toml::Value::from(about),
    )
}

/// The crate's `src/lib.rs`.
pub const ROOT: &str = "\
#![doc = include_str!(\"../README.md\")]

#[rustfmt::skip]
mod generated;

pub use client_runtime as runtime;
pub use client_runtime::Error;
pub use generated::*;
/// What a generated call returns: the answer of a documented error with its own type, or what else
/// went wrong. It converts into [`Error`] with `?`.
pub use progenitor_client::Error as CallError;
";

/// The crate's `tests/surface.rs`, with a snapshot of its operations.
pub fn test(package: &str) -> String {
    format!(
        "\
//! What the client can call is as it was reviewed.

use {module}::OPERATIONS;

#[test]
fn the_operations_are_as_reviewed() {{
    let lines = OPERATIONS.iter().map(|operation| {{
        let (name, method, path) = (operation.rust_name, operation.method, operation.path);
        format!(\"{{name}}: {{method}} {{path}} ({{:?}})\\n\", operation.authentication)
    }});
    insta::with_settings!({{
        description => \"What the client can call, and how it is authenticated\",
        omit_expression => true,
        prepend_module_to_snapshot => false,
    }}, {{
        insta::assert_snapshot!(\"operations\", lines.collect::<String>());
    }});
}}
",
        module = package.replace('-', "_"),
    )
}

/// The crate's README with an empty table of operations. `lowered` is the document that the crate is
/// generated from.
pub fn readme(package: &str, title: &str, lowered: &Value) -> String {
    let module = package.replace('-', "_");
    format!(
        "\
# {package}

A client of the {title} API. Every operation of the API is an `async` method with a typed builder;
requests and answers are typed.

The code is generated from an OpenAPI document when the crate builds; the document lies in the crate
as `openapi.json`.

## Quick start

```rust,no_run
use {module}::runtime::StaticToken;
use {module}::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let client = Client::builder()
        .base_url(\"https://api.example.com\")
        .credentials(StaticToken::from(std::env::var(\"TOKEN\")?))
        .build()?;
{call}    Ok(())
}}
```

Arguments are checked before anything is sent. Every error of a call converts into [`Error`] with `?`:
the operation, the status, what the API says, the attempts, and whether trying again can help.

## Features

| feature | what it does |
|---|---|
| `rustls` (default) | TLS in Rust, without OpenSSL |
| `native-tls` | TLS of the operating system |

## Operations

The methods are in one trait for each tag of the API; each is a method of the client
itself, too.

{NO_TABLE}
",
        call = first_call(lowered),
    )
}

/// A call of the first operation, as a line of the quick start.
fn first_call(lowered: &Value) -> String {
    let operation = operations(lowered)
        .into_iter()
        .find_map(|(pointer, ..)| pointer.get(lowered)?["operationId"].as_str());
    match operation {
        Some(id) => format!("    client.{}().send().await?;\n", snake(id)),
        None => "    drop(client);\n".to_owned(),
    }
}
