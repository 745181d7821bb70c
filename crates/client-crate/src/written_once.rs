//! The files of a client crate that are written once, when its API is added: the manifest,
//! `src/lib.rs`, and the README around its generated parts. Afterwards they are edited by hand.
//!
//! A crate with these files compiles without edits. The command `corpus` uses them as well.

use std::collections::BTreeMap;

use client_codegen::plan::{ClientPlan, SchemeKind, SecuritySchemePlan};
use toml_edit::{Array, DocumentMut};

use crate::builder_call::{BuilderCall, builder_call, taken};
use crate::generated::{QUICK_START, TABLE};

/// The crate's `Cargo.toml`, for a member of this workspace. `about` is its one-line description.
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
documentation = \"https://docs.rs/{package}\"
keywords = [\"api\", \"client\"]
categories = [\"api-bindings\"]

[package.metadata.docs.rs]
rustdoc-args = [\"--cfg\", \"docsrs\"]

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
# Compressed responses, one feature for each content coding.
gzip = [\"client-runtime/gzip\"]
brotli = [\"client-runtime/brotli\"]
deflate = [\"client-runtime/deflate\"]
zstd = [\"client-runtime/zstd\"]
# SOCKS proxies.
socks = [\"client-runtime/socks\"]
# The proxy of the system's settings on macOS and Windows.
system-proxy = [\"client-runtime/system-proxy\"]
# `JsonSchema` for all types.
schemars = [\"dep:schemars\", \"client-runtime/schemars\"]

[dependencies]
chrono.workspace = true
client-macro.workspace = true
client-runtime.workspace = true
regress.workspace = true
schemars = {{ workspace = true, optional = true }}
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

const FEATURES_COMMENT: &str =
    "# The operations of an area and the types that they use; from `specs/apis.toml`.\n";

/// The crate's `Cargo.toml` with exactly these features that enable operations. They enable nothing else,
/// which distinguishes them from other features, and are enabled by default.
///
/// # Errors
/// A manifest that is not TOML.
///
/// ```
/// use std::collections::BTreeMap;
/// use client_crate::written_once::with_features;
///
/// let manifest = "[features]\ndefault = [\"tls\", \"gone\"]\ntls = [\"x/tls\"]\ngone = []\n";
/// let features = BTreeMap::from([("iam".to_owned(), vec!["Roles".to_owned()])]);
/// assert_eq!(
///     with_features(manifest, &features)?,
///     concat!(
///         "[features]\ndefault = [\"tls\", \"iam\"]\ntls = [\"x/tls\"]\n",
///         "# The operations of an area and the types that they use; from `specs/apis.toml`.\n",
///         "iam = []\n",
///     )
/// );
/// # Ok::<(), toml_edit::TomlError>(())
/// ```
pub fn with_features(
    manifest: &str,
    features: &BTreeMap<String, Vec<String>>,
) -> Result<String, toml_edit::TomlError> {
    let mut manifest: DocumentMut = manifest.parse()?;
    if features.is_empty() && !manifest.contains_key("features") {
        return Ok(manifest.to_string());
    }
    let table = manifest.entry("features").or_insert(toml_edit::table());
    if let Some(table) = table.as_table_mut() {
        let before: Vec<String> = table
            .iter()
            .filter(|(_, item)| item.as_array().is_some_and(Array::is_empty))
            .map(|(name, _)| name.to_owned())
            .collect();
        let default = table
            .entry("default")
            .or_insert(toml_edit::value(Array::new()));
        if let Some(default) = default.as_array_mut() {
            default.retain(|entry| !before.iter().any(|name| entry.as_str() == Some(name)));
            default.extend(features.keys());
        }
        for name in before.iter().filter(|name| *name != "default") {
            table.remove(name);
        }
        for name in features.keys() {
            table.insert(name, toml_edit::value(Array::new()));
        }
        let first = features.keys().next();
        if let Some(mut first) = first.and_then(|name| table.key_mut(name)) {
            first.leaf_decor_mut().set_prefix(FEATURES_COMMENT);
        }
    }
    Ok(manifest.to_string())
}

/// The crate's `src/lib.rs`.
pub const ROOT: &str = "\
#![doc = include_str!(\"../README.md\")]
#![cfg_attr(docsrs, feature(doc_cfg))]

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
//! The client's operations match the reviewed snapshot.

use {module}::OPERATIONS;

#[test]
fn the_operations_are_as_reviewed() {{
    let lines = OPERATIONS.iter().map(|operation| {{
        let (name, method, path) = (operation.rust_name, operation.method, operation.path);
        format!(\"{{name}}: {{method}} {{path}} ({{:?}})\\n\", operation.security)
    }});
    insta::with_settings!({{
        description => \"The operations of the client and their security requirements\",
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

/// The crate's README with an empty quick start and table of operations.
pub fn readme(package: &str, title: &str, plan: &ClientPlan) -> String {
    let module = package.replace('-', "_");
    format!(
        "\
# {package}

A client of {api}. Every operation of the API is an `async` method with a typed builder;
requests and responses are typed.

The code is generated from an OpenAPI document when the crate is built; the crate contains the
document as `openapi.json`.

## Quick start

{quick_start}

Arguments are checked before a request is sent. A failed call returns an [`Error`] with the operation, the status, the
problem that the API reports, the number of attempts, and whether a retry can help.

Proxies are read from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. The builder has the settings
`proxy`, `no_proxy`, `root_certificates` and `client_certificate`.

## Credentials

{credentials}
## Features

| feature | effect |
|---|---|
| `rustls` (default) | TLS with rustls and ring |
| `aws-lc` | TLS with rustls and AWS-LC, which takes longer to build |
| `native-tls` | TLS of the operating system |
| `http2` (default) | HTTP/2 with servers that offer it over TLS |
| `gzip` (default), `brotli`, `deflate`, `zstd` | compressed responses; `zstd` requires a C compiler |
| `socks` | SOCKS proxies |
| `system-proxy` | the proxy in the system settings of macOS and Windows |
| `schemars` | `JsonSchema` of the crate schemars for all types |

## Operations

Each operation is a method of the client.

{table}
",
        api = the_api(title),
        credentials = credentials(&module, plan),
        quick_start = QUICK_START.empty(),
        table = TABLE.empty(),
    )
}

/// The phrase for the API in prose. Its title often ends with `API` already.
pub fn the_api(title: &str) -> String {
    match title.ends_with("API") {
        true => format!("the {title}"),
        false => format!("the {title} API"),
    }
}

/// The README section about credentials: an example for each security scheme of the document.
fn credentials(module: &str, plan: &ClientPlan) -> String {
    let taken = taken(plan);
    if taken.is_empty() {
        return format!(
            "\
The document of the API has no security scheme. If the API requires credentials, set them for all operations:

```rust,no_run
use {module}::Client;
use {module}::runtime::Authentication;

# fn build() -> Result<(), Box<dyn std::error::Error>> {{
let key = Authentication::header(\"X-Api-Key\", std::env::var(\"API_KEY\")?);
let client = Client::builder().authentication_for_all(key).build()?;
# Ok(())
# }}
```
"
        );
    }
    let mut out = "\
The builder has a method for each security scheme of the API. A call is sent with the first alternative whose
credentials are complete. If there is none, the call fails with an error that names the missing credentials.
"
    .to_owned();
    for scheme in taken {
        out += &credentials_of(module, scheme);
    }
    out
}

/// The credentials of a scheme, with an example.
fn credentials_of(module: &str, scheme: &SecuritySchemePlan) -> String {
    let SecuritySchemePlan {
        name, method_name, ..
    } = scheme;
    let Some(BuilderCall { import, call }) = builder_call(scheme) else {
        return match scheme.kind {
            SchemeKind::MutualTls => format!(
                "\n`{name}` takes a client certificate, used for mutual TLS: \
                 `Client::builder().client_certificate(pem)`.\n"
            ),
            _ => format!(
                "\n`{name}` takes an authenticator, which adds credentials to each request: \
                 `Client::builder().{method_name}(authenticator)`, with a type that implements the trait \
                 `runtime::Authenticator`.\n"
            ),
        };
    };
    let takes = match &scheme.kind {
        SchemeKind::Header(header) => format!("an API key in the header `{header}`"),
        SchemeKind::Query(pair) => format!("an API key in the query parameter `{pair}`"),
        SchemeKind::Cookie(cookie) => format!("an API key in the cookie `{cookie}`"),
        SchemeKind::Basic => "a user name and a password".to_owned(),
        _ if import == Some("ClientCredentials") => {
            "bearer tokens, here from an OAuth 2.0 client credentials grant".to_owned()
        }
        _ => "bearer tokens".to_owned(),
    };
    let import = import.map_or_else(String::new, |it| format!("use {module}::runtime::{it};\n"));
    format!(
        "
`{name}` takes {takes}:

```rust,no_run
{import}use {module}::{{Client, SecuritySchemes as _}};

# fn build() -> Result<(), Box<dyn std::error::Error>> {{
let client = Client::builder(){call}.build()?;
# Ok(())
# }}
```
"
    )
}
