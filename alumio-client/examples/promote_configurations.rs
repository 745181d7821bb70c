//! Copies configurations from one environment to another, for instance from acceptance to production.
//!
//! The export is written to a file of JSON lines, which can be reviewed and kept. The import sends that
//! file twice: first as a dry run, and then to apply it. Neither keeps all configurations in memory.
//!
//! ```sh
//! export ALUMIO_SOURCE_HOST=acceptance.alumio.com ALUMIO_SOURCE_TOKEN=…
//! export ALUMIO_TARGET_HOST=production.alumio.com ALUMIO_TARGET_TOKEN=…
//! cargo run -p alumio-client --example promote_configurations -- shop.ndjson http-client/shop-client
//! cargo run -p alumio-client --example promote_configurations -- --apply shop.ndjson http-client/shop-client
//! ```
//!
//! Without a TYPE/IDENTIFIER, all configurations are exported. Without `--apply`, the target only reports what
//! the import would do.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alumio_client::runtime::{BuildError, StaticToken, Stream, TryStreamExt as _, env};
use alumio_client::types::{
    ConfigurationExportRequest, DiImportResult, ObjectReference, RegisterConfiguration,
};
use alumio_client::{Client, Error, SecuritySchemes as _};
use futures_util::stream;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};

const USAGE: &str = "usage: promote_configurations [--apply] FILE [TYPE/IDENTIFIER...]";

/// The exported configurations, and the results of the target.
#[derive(Debug)]
pub struct Report {
    /// The number of exported configurations.
    pub exported: usize,
    /// The result of the dry run.
    pub dry_run: DiImportResult,
    /// The result of the import; `None` if there was none.
    pub import: Option<DiImportResult>,
}

/// Why configurations were not copied.
#[derive(Debug)]
pub enum PromoteError {
    /// A call failed.
    Call(Error),
    /// The file could not be written or read.
    File(io::Error),
    /// The export does not contain these requested objects.
    Missing(Vec<String>),
}

impl fmt::Display for PromoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::File(error) => write!(f, "the file of the export: {error}"),
            Self::Missing(objects) => {
                write!(f, "the export does not contain {}", objects.join(", "))
            }
        }
    }
}

impl std::error::Error for PromoteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // `Display` shows the error itself, so the cause is that of the error.
            Self::Call(error) => error.source(),
            Self::File(error) => error.source(),
            Self::Missing(_) => None,
        }
    }
}

/// Anything that converts into the client's error: an error of any call.
impl<E: Into<Error>> From<E> for PromoteError {
    fn from(error: E) -> Self {
        Self::Call(error.into())
    }
}

/// What to copy.
#[derive(Debug)]
pub struct Arguments {
    /// The file of the export.
    pub file: PathBuf,
    /// The configurations; all if empty.
    pub objects: Vec<ObjectReference>,
    /// True if the import follows a successful dry run.
    pub apply: bool,
}

/// Exports from `source` into the file and imports the file into `target`.
pub async fn promote(
    source: &Client,
    target: &Client,
    arguments: Arguments,
) -> Result<Report, PromoteError> {
    let Arguments {
        file,
        objects,
        apply,
    } = arguments;
    let exported = export(source, objects, &file).await?;
    let dry_run = import(target, &file, true).await?;
    let import = match apply && dry_run.valid == Some(true) {
        true => Some(import(target, &file, false).await?),
        false => None,
    };
    Ok(Report {
        exported,
        dry_run,
        import,
    })
}

/// Writes the export to the file as it arrives, one configuration per line. Returns the number of configurations.
async fn export(
    source: &Client,
    objects: Vec<ObjectReference>,
    file: &Path,
) -> Result<usize, PromoteError> {
    let mut missing: HashSet<String> = objects.iter().map(|one| one.identifier.clone()).collect();
    let mut configurations = if objects.is_empty() {
        source
            .bulk_export_all_object_configurations()
            .items()
            .await?
    } else {
        let export = ConfigurationExportRequest::builder().objects(objects);
        let call = source.bulk_export_object_configurations().body(export);
        call.items().await?
    };
    let file = File::create(file).await.map_err(PromoteError::File)?;
    let mut file = BufWriter::new(file);
    let mut count = 0;
    while let Some(configuration) = configurations.try_next().await? {
        let line = serde_json::to_string(&configuration).map_err(io::Error::from);
        let line = line.map_err(PromoteError::File)? + "\n";
        let written = file.write_all(line.as_bytes()).await;
        written.map_err(PromoteError::File)?;
        missing.remove(&configuration.identifier);
        count += 1;
    }
    file.flush().await.map_err(PromoteError::File)?;
    if missing.is_empty() {
        return Ok(count);
    }
    let mut missing: Vec<String> = missing.into_iter().collect();
    missing.sort_unstable();
    Err(PromoteError::Missing(missing))
}

/// Sends the file while reading it.
async fn import(
    target: &Client,
    file: &Path,
    dry_run: bool,
) -> Result<DiImportResult, PromoteError> {
    let file = File::open(file).await.map_err(PromoteError::File)?;
    let mut call = target.import_object_configurations_with_items();
    if dry_run {
        call = call.dry_run(true);
    }
    let result = call.body_stream(configurations(file)).send().await?;
    Ok(result.into_inner())
}

/// The configurations in a file with one per line.
fn configurations(
    file: File,
) -> impl Stream<Item = Result<RegisterConfiguration, Box<dyn std::error::Error + Send + Sync>>> {
    let lines = BufReader::new(file).lines();
    stream::try_unfold(lines, async |mut lines| {
        let Some(line) = lines.next_line().await? else {
            return Ok(None);
        };
        Ok(Some((serde_json::from_str(&line)?, lines)))
    })
}

/// The violations of configurations, one per line.
pub fn violations(result: &DiImportResult) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let results = result.results.iter().flatten();
    let lines = results.flat_map(|one| {
        let violations = one.violations.iter().flatten();
        violations.map(move |violation| {
            format!(
                "{}/{}: {}: {}",
                text(&one.type_),
                text(&one.identifier),
                text(&violation.property_path),
                text(&violation.title),
            )
        })
    });
    lines.collect()
}

/// The arguments of the command line.
pub fn arguments(words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let (mut file, mut objects, mut apply) = (None, Vec::new(), false);
    for word in words {
        if word == "--apply" {
            apply = true;
        } else if word.starts_with('-') {
            return Err(format!("unknown option `{word}`\n{USAGE}"));
        } else if file.is_none() {
            file = Some(PathBuf::from(word));
        } else {
            match word.rsplit_once('/') {
                Some((type_, identifier)) if !type_.is_empty() && !identifier.is_empty() => {
                    objects.push(ObjectReference {
                        type_: type_.to_owned(),
                        identifier: identifier.to_owned(),
                    });
                }
                _ => {
                    return Err(format!(
                        "`{word}` does not have the form TYPE/IDENTIFIER\n{USAGE}"
                    ));
                }
            }
        }
    }
    let file = file.ok_or_else(|| format!("the argument FILE is missing\n{USAGE}"))?;
    Ok(Arguments {
        file,
        objects,
        apply,
    })
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
        .api_key(StaticToken::from(token))
        .build()
}

#[allow(clippy::print_stdout)]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments(std::env::args().skip(1))?;
    let (file, apply) = (arguments.file.display().to_string(), arguments.apply);
    let source = client_from_env("ALUMIO_SOURCE")?;
    let target = client_from_env("ALUMIO_TARGET")?;
    let report = promote(&source, &target, arguments).await?;
    println!("{} configurations are in {file}", report.exported);
    for violation in violations(&report.dry_run) {
        println!("{violation}");
    }
    let said = |result: &DiImportResult| result.detail.clone().unwrap_or_default();
    println!("dry run: {}", said(&report.dry_run));
    match report.import {
        Some(import) if import.valid == Some(true) => println!("import: {}", said(&import)),
        Some(import) => return Err(format!("the import failed: {}", said(&import)).into()),
        None if apply => return Err("nothing was imported, because the dry run failed".into()),
        None => println!("nothing was imported; use --apply to import"),
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
