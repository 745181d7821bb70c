//! The files of a client crate that are made once, when its API is new: its manifest, its root and
//! the text around the table in its README. From then on they are edited by hand.
//!
//! A crate made of them builds as it is, which is also how documents of no API are tried out.

use client_codegen::plan::ClientPlan;

use crate::client_files::NO_TABLE;

/// The crate's `Cargo.toml`, for a member of this workspace. `about` is its description, a phrase
/// of one line.
pub fn manifest(package: &str, about: &str) -> String {
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
default = [\"rustls\", \"http2\", \"gzip\"]
# TLS in Rust, with the cryptography of ring.
rustls = [\"client-runtime/rustls\"]
# TLS in Rust, with the cryptography of AWS-LC.
aws-lc = [\"client-runtime/aws-lc\"]
# TLS of the operating system (OpenSSL on Linux).
native-tls = [\"client-runtime/native-tls\"]
# HTTP/2 with the servers that offer it over TLS.
http2 = [\"client-runtime/http2\"]
# Responses that are compressed, each in one coding.
gzip = [\"client-runtime/gzip\"]
brotli = [\"client-runtime/brotli\"]
deflate = [\"client-runtime/deflate\"]
zstd = [\"client-runtime/zstd\"]
# Proxies of SOCKS.
socks = [\"client-runtime/socks\"]
# The proxy of the system's settings on macOS and Windows.
system-proxy = [\"client-runtime/system-proxy\"]

[dependencies]
chrono.workspace = true
client-macro.workspace = true
client-runtime.workspace = true
regress.workspace = true
schemars.workspace = true
serde.workspace = true
serde_json.workspace = true
uuid.workspace = true

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

/// The crate's README with an empty table of operations.
pub fn readme(package: &str, title: &str, plan: &ClientPlan) -> String {
    let module = package.replace('-', "_");
    format!(
        "\
# {package}

A client of the {title} API. Every operation of the API is an `async` method with a typed builder;
requests and responses are typed.

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

Arguments are checked before anything is sent. Every call returns [`Error`] when it fails: it has the
operation, the status, the problem that the API reports, the attempts, and whether a retry can help.

The proxies of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are taken; the builder has `proxy`,
`no_proxy`, `root_certificates` and `client_certificate` for others.

## Features

| feature | what it does |
|---|---|
| `rustls` (default) | TLS in Rust, with the cryptography of ring |
| `aws-lc` | TLS in Rust, with the cryptography of AWS-LC, which takes longer to build |
| `native-tls` | TLS of the operating system |
| `http2` (default) | HTTP/2 with the servers that offer it over TLS |
| `gzip` (default), `brotli`, `deflate`, `zstd` | responses that are compressed with it; `zstd` takes a C compiler |
| `socks` | proxies of SOCKS |
| `system-proxy` | the proxy of the system's settings on macOS and Windows |

## Operations

Each is a method of the client.

{NO_TABLE}
",
        call = first_call(plan),
    )
}

/// A call of the first operation, as a line of the quick start.
fn first_call(plan: &ClientPlan) -> String {
    match plan.operations.first() {
        Some(operation) => format!("    client.{}().send().await?;\n", operation.method_name),
        None => "    drop(client);\n".to_owned(),
    }
}
