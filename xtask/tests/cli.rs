//! The commands with their output, exit codes and written files.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace with two small APIs, `a` and `b`, not generated yet.
fn workspace() -> TempDir {
    let root = tempfile::tempdir().expect("has a temporary folder");
    let mut registry = String::new();
    for name in ["a", "b"] {
        registry += &format!(
            "[[api]]\nname = '{name}'\ntitle = '{name}'\ndocument = 'specs/{name}.yaml'\n\
             overlay = 'specs/{name}.overlay.yaml'\ncrate = '{name}-client'\n"
        );
        write(root.path(), &format!("specs/{name}.yaml"), &document("red"));
        write(
            root.path(),
            &format!("specs/{name}.overlay.yaml"),
            "overlay: 1.0.0\nactions: []\n",
        );
        write(
            root.path(),
            &format!("{name}-client/README.md"),
            "# A\n<!-- operations: made by `cargo xtask regen`; do not edit -->\n<!-- end of operations -->\n",
        );
    }
    write(root.path(), "specs/apis.toml", &registry);
    root
}

fn document(colour: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: Colours, version: '1'}}
paths:
  /colours:
    get:
      operationId: ListColours
      responses:
        '200':
          description: The colours.
          content:
            application/json:
              schema: {{type: array, items: {{type: string, enum: [blue, {colour}]}}}}
"
    )
}

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().expect("has a parent folder")).expect("creates folders");
    std::fs::write(path, text).expect("writes");
}

fn xtask(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(root)
        .output()
        .expect("starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All files below `root` with content and modification time.
fn files(root: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("is a folder") {
            let path = entry.expect("can be read").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("can be read");
                let modified = path.metadata().and_then(|data| data.modified());
                let name = path.strip_prefix(root).expect("is below the root");
                found.insert(
                    name.display().to_string(),
                    (bytes, modified.expect("is known")),
                );
            }
        }
    }
    found
}

#[test]
fn after_regen_the_check_finds_nothing_out_of_date() {
    let root = workspace();
    let built = xtask(root.path(), &["regen"]);
    assert_eq!(built.status.code(), Some(0), "{}", stderr(&built));
    let output = stdout(&built);
    assert!(output.contains("a: 1 operations, 1 schemas"), "{output}");
    for file in ["openapi.json", "src/generated.rs", "README.md"] {
        assert!(
            output.contains(&format!("wrote a-client/{file}")),
            "{output}"
        );
    }
    let before = files(root.path());
    let checked = xtask(root.path(), &["regen", "--check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    let again = xtask(&root.path().join("specs"), &["regen"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert_eq!(
        files(root.path()),
        before,
        "up-to-date files are not touched"
    );
}

#[test]
fn regen_prints_the_changes_of_a_document_and_check_writes_nothing() {
    let root = workspace();
    xtask(root.path(), &["regen"]);
    write(root.path(), "specs/a.yaml", &document("green"));
    let before = files(root.path());
    let checked = xtask(root.path(), &["regen", "--check"]);
    assert_eq!(checked.status.code(), Some(1));
    let diff = stdout(&checked);
    assert!(diff.contains("--- a/a-client/openapi.json"), "{diff}");
    assert!(diff.contains("-            \"red\""), "{diff}");
    assert!(diff.contains("+            \"green\""), "{diff}");
    assert!(stderr(&checked).contains("run `cargo xtask regen`"));
    assert_eq!(files(root.path()), before);
    let built = stdout(&xtask(root.path(), &["regen"]));
    assert!(
        built.contains("  - enum ListColoursResponseItem: Red"),
        "{built}"
    );
    assert!(
        built.contains("  + enum ListColoursResponseItem: Green"),
        "{built}"
    );
}

#[test]
fn an_api_that_fails_leaves_its_crate_and_the_others_go_on() {
    let root = workspace();
    xtask(root.path(), &["regen"]);
    write(root.path(), "specs/a.yaml", "title: T\nswagger: '2.0'\n");
    write(root.path(), "specs/b.yaml", &document("green"));
    let before = files(root.path());
    let built = xtask(root.path(), &["regen"]);
    assert_eq!(built.status.code(), Some(1));
    assert!(
        stderr(&built).contains(" --> specs/a.yaml:2:1\n"),
        "{}",
        stderr(&built)
    );
    let after = files(root.path());
    for (name, file) in &before {
        if name.starts_with("a-client") {
            assert_eq!(after.get(name), Some(file), "{name}");
        }
    }
    let lowered = String::from_utf8_lossy(&after["b-client/openapi.json"].0).into_owned();
    assert!(lowered.contains("green"));
}

#[test]
fn a_single_api_can_be_generated_and_an_unknown_one_is_rejected() {
    let root = workspace();
    let built = xtask(root.path(), &["regen", "b"]);
    assert_eq!(built.status.code(), Some(0), "{}", stderr(&built));
    assert!(!root.path().join("a-client/openapi.json").exists());
    let refused = xtask(root.path(), &["regen", "c"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("the APIs are a, b"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn the_code_of_a_client_is_printed_whole_and_by_tag_and_feature() {
    let root = workspace();
    let paint =
        "    post: {tags: [Paint], operationId: Paint, responses: {'204': {description: Done}}}\n";
    write(root.path(), "specs/b.yaml", &(document("red") + paint));
    let registry = std::fs::read_to_string(root.path().join("specs/apis.toml")).expect("is there");
    let features = "[api.features]\npainting = ['Paint']\n";
    write(root.path(), "specs/apis.toml", &(registry + features));
    for (arguments, paints, lists) in [
        (&[][..], true, true),
        (&["--features", "painting"], true, true),
        (&["--features", ""], false, true),
        (&["--tag", "Paint"], true, false),
    ] {
        let code = xtask(root.path(), &[&["expand", "b"], arguments].concat());
        let code = stdout(&code);
        assert_eq!(code.contains("pub fn paint("), paints, "{arguments:?}");
        assert_eq!(
            code.contains("pub fn list_colours("),
            lists,
            "{arguments:?}"
        );
    }
    for arguments in [["--features", "paint"], ["--tag", "paint"]] {
        let refused = xtask(root.path(), &[&["expand", "b"][..], &arguments].concat());
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            stderr(&refused).contains("hint: its "),
            "{}",
            stderr(&refused)
        );
    }
}

#[test]
fn lower_works_on_any_document_and_gives_the_same_bytes_each_time() {
    let root = workspace();
    let first = xtask(root.path(), &["lower", "specs/a.yaml"]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(stdout(&first).starts_with("{\n  \"document\": {\n    \"openapi\": \"3.0.3\""));
    assert_eq!(
        first.stdout,
        xtask(root.path(), &["lower", "specs/a.yaml"]).stdout
    );
    let noted = xtask(
        root.path(),
        &[
            "lower",
            "specs/a.yaml",
            "-o",
            "out.json",
            "--notes",
            "--all",
        ],
    );
    assert_eq!(
        std::fs::read(root.path().join("out.json")).expect("was written"),
        first.stdout
    );
    let notes = stdout(&noted);
    assert!(
        notes.contains("version: #/openapi: changed \"3.1.0\" to \"3.0.3\""),
        "{notes}"
    );
}

#[test]
fn a_document_that_cannot_be_read_is_rejected_with_its_place_and_nothing_is_written() {
    for (text, place, output, hint) in [
        ("a: [1\nb: 2\n", ":2:", "not YAML", "correct the syntax"),
        ("{\"a\": }x", ":1:7\n", "not JSON", "correct the syntax"),
        (
            "title: T\n",
            ":1:1\n",
            "not an OpenAPI document",
            "openapi: 3",
        ),
        ("swagger: '2.0'\n", ":1:1\n", "Swagger", "swagger2openapi"),
    ] {
        let root = tempfile::tempdir().expect("has a temporary folder");
        write(root.path(), "bad", text);
        let refused = xtask(root.path(), &["lower", "bad", "-o", "out"]);
        let error = stderr(&refused);
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.contains(&format!(" --> bad{place}")), "{error}");
        assert!(error.contains(output), "{error}");
        assert!(error.contains(hint), "{error}");
        assert!(!root.path().join("out").exists(), "{error}");
    }
}

#[test]
fn a_bad_place_is_a_note_with_line_and_hint_and_an_error_with_strict() {
    let head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n";
    for (rest, place, output, hint) in [
        (
            "components: {schemas: {A: {$ref: '#/components/schemas/B'}}}\n",
            ":3:28\n",
            "does not resolve",
            "add the target",
        ),
        (
            "components: {schemas: {A: {$ref: 'https://a.example/b'}}}\n",
            ":3:28\n",
            "is a URL",
            "--map https://a.example/b=FILE",
        ),
        (
            "paths:\n  /a:\n    get: {}\n    get: {}\n",
            ":6:5\n",
            "duplicate key",
            "different names, paths or methods",
        ),
        (
            "paths:\n  /a:\n    parameters: [{name: b, in: path}]\n    get: {}\n",
            ":5:18\n",
            "is not in the path `/a`",
            "add `{b}` to the path",
        ),
    ] {
        let root = tempfile::tempdir().expect("has a temporary folder");
        write(root.path(), "bad", &format!("{head}{rest}"));
        let noted = xtask(root.path(), &["lower", "bad", "--notes"]);
        let notes = stdout(&noted);
        assert_eq!(noted.status.code(), Some(0), "{notes}");
        for expected in [output, hint, &format!("  in bad{place}")] {
            assert!(notes.contains(expected), "{notes}");
        }
        let refused = xtask(root.path(), &["lower", "bad", "--strict", "-o", "out"]);
        let error = stderr(&refused);
        assert_eq!(refused.status.code(), Some(1), "{error}");
        for expected in [output, hint, &format!(" --> bad{place}")] {
            assert!(error.contains(expected), "{error}");
        }
        assert!(!root.path().join("out").exists(), "{error}");
    }
}

#[test]
fn regen_prints_the_bad_places_of_a_document_and_rejects_them_with_strict() {
    let root = workspace();
    let text = format!("{}x-a: 1\nx-a: 2\n", document("red"));
    write(root.path(), "specs/a.yaml", &text);
    let done = xtask(root.path(), &["regen", "a"]);
    assert!(
        stdout(&done).contains("duplicate key `x-a`"),
        "{}",
        stdout(&done)
    );
    let refused = xtask(root.path(), &["regen", "a", "--strict"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("duplicate key `x-a`"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn references_to_urls_are_read_from_the_files_of_the_map() {
    let root = tempfile::tempdir().expect("has a temporary folder");
    let operation = "responses: {'200': {$ref: 'https://a.example/replies.yaml#/Done'}}";
    let api = format!(
        "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{/a: {{get: {{operationId: a, {operation}}}}}}}\n"
    );
    write(root.path(), "api.yaml", &api);
    write(
        root.path(),
        "vendor/replies.yaml",
        "Done: {description: Quite done}\n",
    );
    let map = "https://a.example/=vendor";
    let lowered = xtask(
        root.path(),
        &["lower", "api.yaml", "--strict", "--map", map],
    );
    assert_eq!(lowered.status.code(), Some(0), "{}", stderr(&lowered));
    assert!(stdout(&lowered).contains("Quite done"));
    write(
        root.path(),
        "old.yaml",
        &api.replace("https://a.example", "https://b.example"),
    );
    write(
        root.path(),
        "vendor/more/replies.yaml",
        "Done: {description: Done, headers: {X: {schema: {type: string}}}}\n",
    );
    let others = "https://b.example/=vendor/more";
    let compared = xtask(
        root.path(),
        &[
            "diff",
            "old.yaml",
            "api.yaml",
            "--wire-only",
            "--map",
            map,
            "--map",
            others,
        ],
    );
    assert!(
        stdout(&compared).contains("[header-removed "),
        "{}{}",
        stdout(&compared),
        stderr(&compared)
    );
}

#[test]
fn an_overlay_action_without_a_match_is_refused_by_its_place_in_the_overlay() {
    let root = workspace();
    write(
        root.path(),
        "specs/a.overlay.yaml",
        "overlay: 1.0.0\nactions:\n  - target: $.paths['/gone']\n    remove: true\n",
    );
    let refused = xtask(root.path(), &["regen", "a"]);
    assert_eq!(refused.status.code(), Some(1));
    let error = stderr(&refused);
    assert!(
        error.starts_with("error: the target") && error.contains(" --> specs/a.overlay.yaml:3:5\n"),
        "{error}"
    );
    assert!(!root.path().join("a-client/openapi.json").exists());
}

#[test]
fn regen_outside_a_workspace_is_an_error() {
    let elsewhere = tempfile::tempdir().expect("has a temporary folder");
    let refused = xtask(elsewhere.path(), &["regen"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("specs/apis.toml"));
}

#[test]
fn a_document_that_cannot_be_tried_out_has_its_row_and_fails() {
    let root = workspace();
    write(root.path(), "bad.yaml", "swagger: '2.0'\n");
    let tried = xtask(root.path(), &["corpus", "bad.yaml"]);
    assert_eq!(tried.status.code(), Some(1), "{}", stderr(&tried));
    let output = stdout(&tried);
    assert!(
        output.contains("refused\n    bad.yaml:1:1: this is Swagger"),
        "{output}"
    );
    assert!(output.contains("0 of 1 documents passed"), "{output}");
    let json = xtask(root.path(), &["corpus", "bad.yaml", "--json"]);
    assert_eq!(json.status.code(), Some(1), "{}", stderr(&json));
    let examined: serde_json::Value = serde_json::from_slice(&json.stdout).expect("is JSON");
    assert_eq!(examined[0]["verdict"], "refused");
}

#[test]
fn documents_are_tried_out_without_compiling_and_reasons_are_counted() {
    let root = workspace();
    write(root.path(), "bad.yaml", "swagger: '2.0'\n");
    write(root.path(), "worse.yaml", "swagger: '2.0'\n");
    let files = ["specs/a.yaml", "bad.yaml", "worse.yaml"];
    let tried = xtask(
        root.path(),
        &[&["corpus", "--no-compile"], &files[..]].concat(),
    );
    let output = stdout(&tried);
    assert_eq!(tried.status.code(), Some(1), "{output}");
    assert!(
        output.contains("    2  refused: this is Swagger \"2.0\", not OpenAPI 3\n"),
        "{output}"
    );
    assert!(output.contains("1 of 3 documents passed"), "{output}");
    assert!(!root.path().join("target/corpus").exists());
}

/// A workspace with the other files that `new` edits.
fn workspace_of_crates() -> TempDir {
    let root = workspace();
    let members = "# Members of this workspace.\na-client = { path = \"a-client\" }\nb-client = { path = \"b-client\" }\n";
    let workspace =
        format!("[workspace]\nmembers = [\"*-client\"]\n\n[workspace.dependencies]\n{members}");
    write(root.path(), "Cargo.toml", &workspace);
    let tests = "[dependencies]\na-client.workspace = true\nb-client.workspace = true\n\n[lints]\nworkspace = true\n";
    write(root.path(), "tests/Cargo.toml", tests);
    let built = xtask(root.path(), &["regen"]);
    assert_eq!(built.status.code(), Some(0), "{}", stderr(&built));
    root
}

fn bytes(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = files(root).into_iter();
    files.map(|(name, (bytes, _))| (name, bytes)).collect()
}

#[test]
fn an_api_that_is_added_is_up_to_date_and_removing_it_undoes_all() {
    let root = workspace_of_crates();
    let vendor = tempfile::tempdir().expect("has a temporary folder");
    write(vendor.path(), "colours.yml", &document("green"));
    let file = vendor.path().join("colours.yml").display().to_string();
    let before = bytes(root.path());
    for name in ["zebra", "aardvark", "a-b"] {
        let added = xtask(root.path(), &["new", name, &file, "--no-snapshots"]);
        assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    }
    let after = bytes(root.path());
    let text = |file: &str| String::from_utf8_lossy(&after[file]).into_owned();
    assert_eq!(text("specs/zebra.yaml"), document("green"), "unchanged");
    assert!(text("specs/apis.toml").contains("title = \"Colours\""));
    assert!(text("tests/Cargo.toml").starts_with(
        "[dependencies]\na-b-client.workspace = true\na-client.workspace = true\n\
         aardvark-client.workspace = true\nb-client.workspace = true\nzebra-client.workspace = true\n\n"
    ));
    assert!(text("zebra-client/README.md").contains("client.list_colours().send().await?;"));
    assert!(text("zebra-client/README.md").contains("| `list_colours` | `GET /colours` |"));
    assert!(text("tests/src/generated/mod.rs").contains("\"a-b\" => {"));
    let checked = xtask(root.path(), &["regen", "--check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));

    write(
        root.path(),
        "tests/tests/snapshots/lowering__zebra.snap",
        "a snapshot",
    );
    write(root.path(), "zebra-client/src/more.rs", "// written since");
    for file in ["seed-operations/zebra.txt", "expectations/zebra.toml"] {
        write(root.path(), &format!("tests/{file}"), "");
    }
    for name in ["aardvark", "zebra", "a-b"] {
        let removed = xtask(root.path(), &["remove", name]);
        assert_eq!(removed.status.code(), Some(0), "{}", stderr(&removed));
    }
    assert_eq!(bytes(root.path()), before);
    assert!(!root.path().join("zebra-client").exists());
}

#[test]
fn a_name_or_document_that_cannot_be_added_is_refused_and_nothing_is_written() {
    let root = workspace_of_crates();
    write(root.path(), "new.yaml", &document("green"));
    write(root.path(), "bad.yaml", "title: T\nswagger: '2.0'\n");
    write(
        root.path(),
        "Cargo.lock",
        "[[package]]\nname = \"taken-client\"\n",
    );
    write(root.path(), "there-client/notes", "");
    let before = files(root.path());
    for (name, file, output) in [
        ("a", "new.yaml", "the name is taken"),
        ("Shop", "new.yaml", "lowercase letters"),
        ("../shop", "new.yaml", "lowercase letters"),
        ("big--shop", "new.yaml", "lowercase letters"),
        ("match", "new.yaml", "a Rust keyword"),
        ("taken", "new.yaml", "already uses a crate"),
        ("there", "new.yaml", "`there-client` already exists"),
        ("shop", "bad.yaml", "--> bad.yaml:2:1"),
        ("shop", "none.yaml", "none.yaml"),
    ] {
        let refused = xtask(root.path(), &["new", name, file, "--no-snapshots"]);
        assert_eq!(refused.status.code(), Some(1), "{name} {file}");
        assert!(stderr(&refused).contains(output), "{}", stderr(&refused));
    }
    let refused = xtask(root.path(), &["remove", "shop"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("has no API of this name"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(files(root.path()), before);
}

#[test]
fn errors_and_notes_are_json_on_request() {
    let root = workspace();
    write(root.path(), "bad.yaml", "a: [1\nb: 2\n");
    let refused = xtask(root.path(), &["--json", "lower", "bad.yaml"]);
    let error: serde_json::Value = serde_json::from_slice(&refused.stderr).expect("is JSON");
    assert_eq!(
        (&error["file"], &error["line"]),
        (&"bad.yaml".into(), &2.into())
    );
    assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    let unknown = xtask(root.path(), &["regen", "c", "--json"]);
    let error: serde_json::Value = serde_json::from_slice(&unknown.stderr).expect("is JSON");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|output| output.contains("`c`"))
    );
    let noted = xtask(
        root.path(),
        &["lower", "specs/a.yaml", "--notes", "--all", "--json"],
    );
    let note = stdout(&noted)
        .lines()
        .next()
        .map(serde_json::from_str::<serde_json::Value>);
    let note = note.expect("has notes").expect("is JSON");
    assert!(
        note["why"].is_string() && note["reduced"].is_null(),
        "{note}"
    );
}

#[test]
fn what_is_observed_of_a_server_is_accepted_by_the_overlay() {
    let root = workspace();
    let line = r#"{"method":"GET","path":"/colours","status":200,"content_type":"application/json","json":["blue","green"]}"#;
    write(root.path(), "run.jsonl", &format!("{line}\n"));
    let observe = |arguments: &[&str]| {
        xtask(
            root.path(),
            &[&["observe", "a", "--har", "run.jsonl"], arguments].concat(),
        )
    };
    let before = files(root.path());
    let found = observe(&[]);
    assert_eq!(found.status.code(), Some(1), "{}", stderr(&found));
    assert!(stdout(&found).contains("\"green\""), "{}", stdout(&found));
    assert_eq!(
        files(root.path()),
        before,
        "nothing is written without --write"
    );
    let written = observe(&["--write"]);
    assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    assert!(stdout(&written).contains("wrote specs/a.overlay.yaml"));
    let after = files(root.path());
    for _ in 0..2 {
        let again = observe(&["--write"]);
        assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
        assert!(
            stdout(&again).contains("nothing deviates"),
            "{}",
            stdout(&again)
        );
    }
    assert_eq!(files(root.path()), after, "the overlay is written once");
    write(
        root.path(),
        "run.jsonl",
        &line.replace("/colours", "/other"),
    );
    let other = observe(&[]);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        stderr(&other).contains("no recorded request belongs to"),
        "{}",
        stderr(&other)
    );
}

#[test]
fn the_notes_of_the_lowering_are_those_that_a_user_must_know() {
    let root = workspace();
    let listed = xtask(root.path(), &["lower", "specs/a.yaml", "--notes"]);
    let all = xtask(root.path(), &["lower", "specs/a.yaml", "--notes", "--all"]);
    let changed = |output: &Output| stdout(output).contains("version: #/openapi");
    assert!(!changed(&listed) && changed(&all), "{}", stdout(&all));
    assert!(
        stdout(&listed).contains("`--all` lists them"),
        "{}",
        stdout(&listed)
    );
}
