//! Measures the time of each stage from a document to generated code, and of comparing two documents,
//! and how it grows with the number of operations: for one, four and sixteen copies of the Numspot
//! document, in one run.
//!
//! `cargo bench --package client-tests --bench pipeline`
//!
//! A stage that grows faster than n log n fails the benchmark. The times of the first table are
//! medians. Compare the ratios.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use client_codegen::generate;
use client_codegen::surface::Surface;
use client_tests::apis::{api, apis, workspace};
use openapi_diff::documents;
use openapi_diff::policy::Policy;
use openapi_document::walk::operations;
use openapi_document::{Document, overlay};
use openapi_lower::lower;
use serde_json::{Map, Value};
use xtask::regen;
use xtask::registry::Api;

const TIMES: [usize; 3] = [1, 4, 16];
const STAGES: [&str; 6] = ["load", "overlay", "lower", "surface", "generate", "diff"];
/// The tolerance of ratios above n log n, for noise and cache effects. Quadratic growth is at 3.
const TOLERANCE: f64 = 2.0;

fn main() -> ExitCode {
    let numspot = api("numspot");
    let source = Document::load(&workspace().join(&numspot.document))
        .unwrap_or_else(|error| panic!("{error}"));
    let columns: Vec<(usize, [Duration; STAGES.len()])> = TIMES
        .iter()
        .map(|times| measure(&numspot, &source.root, *times))
        .collect();
    say(&format!(
        "{:<10}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "stage", "1x", "4x", "16x", "4x/1x", "16x/4x"
    ));
    let mut code = ExitCode::SUCCESS;
    for (index, stage) in STAGES.iter().enumerate() {
        let times: Vec<Duration> = columns.iter().map(|(_, times)| times[index]).collect();
        let ratio = |a: usize, b: usize| times[b].as_secs_f64() / times[a].as_secs_f64();
        let mut row = format!("{stage:<10}");
        for time in &times {
            // Writing to a string does not fail.
            let _ = write!(row, "{:>8.1}ms", time.as_secs_f64() * 1e3);
        }
        let _ = write!(row, "{:>10.2}{:>10.2}", ratio(0, 1), ratio(1, 2));
        let allowed = n_log_n(columns[2].0) / n_log_n(columns[1].0) * TOLERANCE;
        if ratio(1, 2) > allowed {
            let _ = write!(row, "   worse than n log n: over {allowed:.2}");
            code = ExitCode::FAILURE;
        }
        say(&row);
    }
    let counts: Vec<String> = columns.iter().map(|(count, _)| count.to_string()).collect();
    say(&format!("operations: {}", counts.join(", ")));

    let all = median(9, || {
        for api in apis() {
            let made = regen::build(&workspace(), &api).unwrap_or_else(|error| panic!("{error}"));
            black_box(regen::changes(&workspace(), &api, &made).map(|changes| changes.len()))
                .unwrap_or_else(|error| panic!("{error}"));
        }
    });
    say(&format!(
        "regen of all APIs: {:.1}ms",
        all.as_secs_f64() * 1e3
    ));
    code
}

fn n_log_n(n: usize) -> f64 {
    let n = n as f64;
    n * n.ln()
}

fn measure(api: &Api, source: &Value, times: usize) -> (usize, [Duration; STAGES.len()]) {
    let runs = if times > 4 { 5 } else { 15 };
    let text = yaml(&repeated(source, times));
    let corrections =
        Document::load(&workspace().join(&api.overlay)).unwrap_or_else(|error| panic!("{error}"));
    let load =
        || Document::parse("numspot", text.clone()).unwrap_or_else(|error| panic!("{error}"));
    let loaded = load();
    let correct = |document: &mut Document| {
        overlay::apply(&corrections, document).unwrap_or_else(|error| panic!("{error}"));
    };
    let mut corrected = loaded.clone();
    correct(&mut corrected);
    let changed = changed(&corrected);
    let lowered = lower(&corrected).unwrap_or_else(|error| panic!("{error}"));

    let stages = [
        median(runs, || black_box(load()).root.is_object()),
        // The overlay modifies its document, so each run gets a copy before its time starts.
        median_from(
            runs,
            || loaded.clone(),
            |mut document| {
                correct(&mut document);
                document
            },
        ),
        median(runs, || {
            black_box(lower(&corrected)).map(|lowered| lowered.notes.len())
        }),
        // A comparison reads the surfaces of both documents instead of generating their code.
        median(runs, || {
            black_box(Surface::of(&lowered.plan, &api.generator)).map(|surface| surface.types.len())
        }),
        median(runs, || black_box(generate(&lowered.plan, &api.generator))),
        // Two documents without shared memory and with changes throughout.
        median(runs, || {
            let report = black_box(documents(&corrected, &changed, &Policy::default()));
            report.map(|report| report.changes.len())
        }),
    ];
    (operations(&loaded.root).len(), stages)
}

/// The document with one property removed from every component object, and other descriptions.
fn changed(document: &Document) -> Document {
    let text = document.root.to_string();
    let text = text.replace("\"description\":\"", "\"description\":\"Now: ");
    let mut changed = Document::parse("changed", text).unwrap_or_else(|error| panic!("{error}"));
    let schemas = changed.root["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        if let Some(properties) = properties
            && let Some(last) = properties.keys().next_back().cloned()
        {
            properties.shift_remove(&last);
        }
    }
    changed
}

fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    median_from(runs, || (), |()| run())
}

/// The median time of `run`, each time with the value of `prepare`. Dropping the result is not
/// timed.
fn median_from<S, T>(
    runs: usize,
    mut prepare: impl FnMut() -> S,
    mut run: impl FnMut(S) -> T,
) -> Duration {
    let mut times: Vec<Duration> = (0..=runs)
        .map(|_| {
            let prepared = prepare();
            let start = Instant::now();
            let result = black_box(run(prepared));
            let elapsed = start.elapsed();
            drop(result);
            elapsed
        })
        .skip(1)
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// The document with all paths and components `times` times, renamed except for the first.
fn repeated(source: &Value, times: usize) -> Value {
    let mut whole = source.clone();
    for copy in 1..times {
        let renamed = rename(source, copy);
        let paths = renamed["paths"].as_object().into_iter().flatten();
        for (path, item) in paths {
            whole["paths"][format!("/copy{copy}{path}")] = item.clone();
        }
        for kind in ["schemas", "parameters", "responses"] {
            let components = renamed["components"][kind]
                .as_object()
                .into_iter()
                .flatten();
            for (name, component) in components {
                whole["components"][kind][format!("{name}{copy}")] = component.clone();
            }
        }
    }
    whole
}

/// The same value with another number in every operation ID and reference.
fn rename(value: &Value, copy: usize) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let renamed = match (name.as_str(), value) {
                        ("operationId" | "$ref", Value::String(text)) => {
                            Value::String(format!("{text}{copy}"))
                        }
                        _ => rename(value, copy),
                    };
                    (name.clone(), renamed)
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => items.iter().map(|item| rename(item, copy)).collect(),
        other => other.clone(),
    }
}

/// The value as YAML in block style, like a vendored document.
fn yaml(value: &Value) -> String {
    fn write(out: &mut String, value: &Value, indent: usize) {
        let pad = " ".repeat(indent);
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (name, value) in members {
                    let _ = write!(out, "\n{pad}{}:", Value::from(name.as_str()));
                    write(out, value, indent + 2);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for item in items {
                    let _ = write!(out, "\n{pad}-");
                    write(out, item, indent + 2);
                }
            }
            other => {
                let _ = write!(out, " {other}");
            }
        }
    }
    let mut out = String::from("# the document, repeated");
    write(&mut out, value, 0);
    out.push('\n');
    out
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
