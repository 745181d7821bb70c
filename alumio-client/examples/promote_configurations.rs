//! Carries configurations over from one environment to another, say from acceptance to production.
//!
//! It shows two clients side by side, and how to read an answer that the API does not document.
//!
//! ```sh
//! export ALUMIO_SOURCE_HOST=acceptance.alumio.com ALUMIO_SOURCE_TOKEN=…
//! export ALUMIO_TARGET_HOST=production.alumio.com ALUMIO_TARGET_TOKEN=…
//! cargo run -p alumio-client --example promote_configurations -- http-client/shop-client
//! cargo run -p alumio-client --example promote_configurations -- --apply http-client/shop-client
//! ```
//!
//! Without `--apply` the target only says what the import would do. What the export has beside the
//! type, identifier, name, description and content of a configuration has no place in an import and
//! stays behind.

use std::fmt;
use std::process::ExitCode;

use alumio_client::runtime::{BuildError, StaticToken, env};
use alumio_client::types::{
    ConfigurationExportRequest, ConfigurationImport, DefaultPrototypeConfiguration, ObjectReference,
};
use alumio_client::{Client, Error};
use serde_json::Value;

const USAGE: &str = "usage: promote_configurations [--apply] TYPE/IDENTIFIER...";

/// What was carried over, and what the target says of it.
#[derive(Debug)]
pub struct Report {
    /// The identifiers of the configurations, in the order of the export.
    pub identifiers: Vec<String>,
    /// The answer to the dry run.
    pub dry_run: Value,
    /// The answer to the import; `None` where there was none.
    pub import: Option<Value>,
}

/// Why configurations were not carried over.
#[derive(Debug)]
pub enum PromoteError {
    /// A call did not succeed.
    Call(Error),
    /// The export is nothing that an import takes; this is why.
    Export(String),
}

impl fmt::Display for PromoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Export(why) => write!(f, "the export cannot be imported: {why}"),
        }
    }
}

impl std::error::Error for PromoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // Its `Display` is ours, so that its cause is ours, too.
            Self::Call(error) => error.source(),
            Self::Export(_) => None,
        }
    }
}

/// Whatever converts into the client's error: an error of any call.
impl<E: Into<Error>> From<E> for PromoteError {
    fn from(error: E) -> Self {
        Self::Call(error.into())
    }
}

/// Exports `objects` from `source` and imports them into `target`: as a dry run, and after it in
/// earnest where `apply` says so.
pub async fn promote(
    source: &Client,
    target: &Client,
    objects: Vec<ObjectReference>,
    apply: bool,
) -> Result<Report, PromoteError> {
    let export = source
        .export_configurations()
        .body(ConfigurationExportRequest::builder().objects(objects.clone()))
        .send()
        .await?
        .into_inner();
    let configurations = configurations(export.0).map_err(PromoteError::Export)?;
    let identifiers: Vec<String> = configurations
        .iter()
        .map(|configuration| configuration.identifier.to_string())
        .collect();
    complete(&objects, &identifiers).map_err(PromoteError::Export)?;

    let dry_run = target
        .import_configurations()
        .dry_run(true)
        .body(configurations.clone())
        .send()
        .await?
        .into_inner();
    let import = if apply {
        // The parameter is left out: of `dry-run=false` a server may see nothing but the name.
        let import = target.import_configurations().body(configurations);
        Some(import.send().await?.into_inner().0)
    } else {
        None
    };
    Ok(Report {
        identifiers,
        dry_run: dry_run.0,
        import,
    })
}

/// The configurations of an export, whose shape is not documented: a list of them, or an object with
/// one such list. The error says what it is instead, without a value of it: it may hold secrets.
fn configurations(export: Value) -> Result<Vec<ConfigurationImport>, String> {
    let came = shape(&export);
    let mut lists: Vec<Vec<Value>> = match export {
        Value::Array(list) => vec![list],
        Value::Object(members) => members
            .into_iter()
            .filter_map(|(_, member)| match member {
                Value::Array(list) => Some(list),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    lists.retain(|list| !list.is_empty());
    match (lists.pop(), lists.is_empty()) {
        (Some(list), true) => list.into_iter().enumerate().map(configuration).collect(),
        _ => Err(format!(
            "expected a list of configurations, or an object with one such list, and got {came}"
        )),
    }
}

/// What a JSON document is, for people.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Array(list) if list.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, member)| match member {
                    Value::Object(_) => format!("`{name}` (an object)"),
                    other => format!("`{name}` ({})", shape(other)),
                })
                .collect();
            format!("an object with the members {}", members.join(", "))
        }
    }
}

fn configuration((index, value): (usize, Value)) -> Result<ConfigurationImport, String> {
    let came = shape(&value);
    if !value.is_object() {
        return Err(format!("entry {index} of its list is {came}"));
    }
    let content = value.get("object").and_then(Value::as_object).cloned();
    let mut configuration: ConfigurationImport =
        serde_json::from_value(value).map_err(|error| {
            format!("entry {index} of its list is no configuration ({error}), but {came}")
        })?;
    if let Some(content) = content {
        // Content that has a prototype, parameters and more decodes without the more.
        configuration.object = DefaultPrototypeConfiguration(content).into();
    }
    Ok(configuration)
}

/// Whether the export has what was asked for.
fn complete(objects: &[ObjectReference], identifiers: &[String]) -> Result<(), String> {
    let missing: Vec<String> = objects
        .iter()
        .filter(|object| !identifiers.contains(&object.identifier))
        .map(|object| format!("{}/{}", object.type_, object.identifier))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("it lacks {}", missing.join(", ")))
}

/// What the command line asks for: the objects, and whether to import them in earnest.
pub fn arguments(
    words: impl Iterator<Item = String>,
) -> Result<(Vec<ObjectReference>, bool), String> {
    let mut objects = Vec::new();
    let mut apply = false;
    for word in words {
        match word.rsplit_once('/') {
            _ if word == "--apply" => apply = true,
            Some((type_, identifier))
                if !type_.is_empty() && !identifier.is_empty() && !word.starts_with('-') =>
            {
                objects.push(ObjectReference {
                    type_: type_.to_owned(),
                    identifier: identifier.to_owned(),
                });
            }
            _ => return Err(format!("`{word}` is no TYPE/IDENTIFIER\n{USAGE}")),
        }
    }
    if objects.is_empty() {
        return Err(format!("no configuration is named\n{USAGE}"));
    }
    Ok((objects, apply))
}

/// A client from the variables `{prefix}_HOST`, a host or a base URL, and `{prefix}_TOKEN`.
fn client_from_env(prefix: &str) -> Result<Client, BuildError> {
    let host = env::required(&format!("{prefix}_HOST"))?;
    let token = env::required(&format!("{prefix}_TOKEN"))?;
    let base_url = if host.contains("://") {
        host
    } else {
        format!("https://{host}/api/v1")
    };
    Client::builder()
        .base_url(base_url)
        .credentials(StaticToken::from(token))
        .build()
}

#[allow(clippy::print_stdout)]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (objects, apply) = arguments(std::env::args().skip(1))?;
    let source = client_from_env("ALUMIO_SOURCE")?;
    let target = client_from_env("ALUMIO_TARGET")?;
    let report = promote(&source, &target, objects, apply).await?;
    println!("configurations: {}", report.identifiers.join(", "));
    println!("dry run: {:#}", report.dry_run);
    match report.import {
        Some(import) => println!("import: {import:#}"),
        None => println!("nothing was imported; --apply does it"),
    }
    Ok(())
}

#[tokio::main]
#[allow(clippy::print_stderr)]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
