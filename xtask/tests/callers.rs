//! Checks the Rust verdicts with the compiler: a caller of the old surface is compiled against the
//! new client. It must fail to compile exactly if the verdict is breaking.
//!
//! All pairs are modules of one crate, and errors name the module. Because some errors hide others,
//! failed modules are removed and the rest is compiled again until nothing fails.

// The wire verdicts are not checked here.
#[allow(dead_code)]
mod pairs;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use client_codegen::generate;
use client_codegen::surface::{Body, Call, Shape, Surface};
use client_crate::BuiltApi;
use client_crate::default_settings;
use openapi_diff::catalogue::Verdict;
use openapi_document::Document;
use serde_json::Value;
use xtask::regen::build_with;

fn build(document: &Value) -> BuiltApi {
    let document = Document::parse("pair", document.to_string()).expect("is JSON");
    build_with(&default_settings(), &document).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
#[ignore = "compiles a crate of all pairs, which takes a minute; `.ci/run` does it"]
fn a_caller_of_the_old_client_compiles_unless_the_verdict_is_breaking() {
    let pairs = pairs::all();
    let crate_folder = tempfile::tempdir().expect("has a temporary folder");
    let folder = crate_folder.path();
    std::fs::create_dir(folder.join("src")).expect("creates folders");
    write(folder, "Cargo.toml", &manifest());
    write(
        folder,
        "Cargo.lock",
        &std::fs::read_to_string(workspace().join("Cargo.lock")).expect("is present"),
    );
    for (index, pair) in pairs.iter().enumerate() {
        let (old, new) = (build(&pair.before), build(&pair.after));
        let client = generate(&new.plan, &default_settings());
        let client = client.unwrap_or_else(|error| panic!("{error}"));
        write(
            folder,
            &format!("src/client_{index}.rs"),
            &client.tokens().to_string(),
        );
        let caller = caller(&old.surface, &format!("client_{index}"));
        write(folder, &format!("src/caller_{index}.rs"), &caller);
    }
    let mut failing = BTreeSet::new();
    loop {
        write(folder, "src/lib.rs", &modules(pairs.len(), &failing));
        let failed = check(folder);
        if failed.is_empty() {
            break;
        }
        assert!(
            failed.iter().all(|index| !failing.contains(index)),
            "the same modules fail again"
        );
        failing.extend(failed);
    }
    let wrong: Vec<String> = pairs
        .iter()
        .enumerate()
        .filter(|(index, pair)| (pair.rust == Verdict::Breaking) != failing.contains(index))
        .map(|(index, pair)| {
            let (check, variant, rust) = (pair.check, pair.variant, pair.rust);
            let compiles = if failing.contains(&index) {
                "does not compile"
            } else {
                "compiles"
            };
            format!("{check}{variant}: {rust}, and the caller {compiles}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("is in the workspace").to_owned()
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).expect("writes");
}

/// The manifest of a crate with the dependencies of a client, in the versions of the workspace.
fn manifest() -> String {
    let text = std::fs::read_to_string(workspace().join("Cargo.toml")).expect("is present");
    let root: toml::Table = text.parse().expect("is TOML");
    let mut dependencies = toml::Table::new();
    for name in [
        "chrono",
        "client-runtime",
        "regress",
        "schemars",
        "serde",
        "serde_json",
        "uuid",
    ] {
        let mut dependency = root["workspace"]["dependencies"][name].clone();
        if let Some(toml::Value::String(path)) = dependency.get_mut("path") {
            *path = workspace().join(&*path).display().to_string();
        }
        dependencies.insert(name.to_owned(), dependency);
    }
    let mut manifest = toml::Table::new();
    manifest.insert(
        "package".to_owned(),
        toml::toml! {
            name = "callers"
            version = "0.0.0"
            edition = "2024"
        }
        .into(),
    );
    manifest.insert("dependencies".to_owned(), dependencies.into());
    manifest.insert("profile".to_owned(), root["profile"].clone());
    // Its own workspace, independent of the temporary folder.
    manifest.insert("workspace".to_owned(), toml::Table::new().into());
    manifest.to_string()
}

fn modules(count: usize, without: &BTreeSet<usize>) -> String {
    let mut out = "#![allow(warnings)]\n".to_owned();
    for index in 0..count {
        // Writing to a string does not fail.
        let _ = writeln!(out, "mod client_{index};");
        if !without.contains(&index) {
            let _ = writeln!(out, "mod caller_{index};");
        }
    }
    out
}

/// The callers that do not compile.
fn check(folder: &Path) -> BTreeSet<usize> {
    let output = Command::new(env!("CARGO"))
        .current_dir(folder)
        .args(["check", "--quiet", "--offline", "--message-format=json"])
        // Reuses the build output of the workspace.
        .env("CARGO_TARGET_DIR", workspace().join("target"))
        .output()
        .expect("cargo starts");
    let mut failed = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).expect("is JSON");
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        for span in message["spans"].as_array().into_iter().flatten() {
            let file = span["file_name"].as_str().unwrap_or_default();
            let caller = file.strip_prefix("src/caller_");
            if let Some(index) = caller.and_then(|rest| rest.strip_suffix(".rs")?.parse().ok()) {
                failed.insert(index);
            } else {
                assert!(
                    span["is_primary"] != true || !file.starts_with("src/"),
                    "a client does not compile: {}",
                    message["rendered"].as_str().unwrap_or_default()
                );
            }
        }
    }
    assert!(
        output.status.success() || !failed.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    failed
}

/// A program that uses the whole surface in the supported ways: setters and builders, fields and
/// headers read by name, variants matched one at a time.
fn caller(surface: &Surface, client: &str) -> String {
    let mut out = format!(
        "use super::{client}::{{Client, types, types::*}};\n\
         fn given<T>() -> T {{ loop {{}} }}\n"
    );
    if surface
        .operations
        .values()
        .any(|call| !call.variants.is_empty())
    {
        let _ = writeln!(out, "use super::{client}::responses;");
    }
    for (name, call) in &surface.operations {
        out += &call_of(name, call);
    }
    for (name, shape) in &surface.types {
        out += &use_of(name, shape);
    }
    out
}

fn call_of(name: &str, call: &Call) -> String {
    let setters: String = call
        .setters
        .iter()
        .map(|(setter, made)| format!("    let call = call.{setter}(given::<{made}>());\n"))
        .collect();
    let headers: String = call
        .headers
        .iter()
        .map(|(method, of)| {
            format!("    let _: Option<{of}> = response.headers().{method}().unwrap();\n")
        })
        .collect();
    format!(
        "async fn call_{name}(client: &Client) {{\n    let call = client.{name}();\n{setters}    \
         let response: Result<client_runtime::Response<{}, _>, client_runtime::Error> = \
         call.send().await;\n    let response = response.unwrap();\n{headers}}}\n",
        call.success
    )
}

fn use_of(name: &str, shape: &Shape) -> String {
    let mut out = format!("fn use_{name}(value: &types::{name}) {{\n");
    match &shape.body {
        Body::Struct(fields) => {
            for field in fields {
                let _ = writeln!(out, "    let _: &{} = &value.{};", field.of, field.name);
            }
            let _ = writeln!(out, "    let made = types::{name}::builder();");
            for field in fields {
                let _ = writeln!(
                    out,
                    "    let made = made.{}(given::<{}>());",
                    field.name, field.of
                );
            }
            let _ = writeln!(
                out,
                "    let _: Result<types::{name}, _> = made.try_into();"
            );
        }
        Body::Enum(variants) => {
            for variant in variants {
                let (path, of) = (format!("types::{name}::{}", variant.name), &variant.of);
                let _ = match (of.as_str(), of.split_once(": ")) {
                    ("", _) => writeln!(out, "    if let {path} = value {{}}"),
                    (_, Some(_)) => {
                        let fields = of.split(", ").filter_map(|field| field.split_once(": "));
                        let fields: Vec<&str> = fields.map(|(name, _)| name).collect();
                        let fields = fields.join(", ");
                        writeln!(out, "    if let {path} {{ {fields}, .. }} = value {{}}")
                    }
                    (of, None) => writeln!(
                        out,
                        "    if let {path}(carried) = value {{ let _: &{of} = carried; }}"
                    ),
                };
            }
        }
        Body::Newtype(inner) => {
            let _ = writeln!(out, "    let _: &{inner} = value;");
        }
        Body::Alias(other) => {
            let _ = writeln!(out, "    let _: &{other} = value;");
        }
    }
    out + "}\n"
}
