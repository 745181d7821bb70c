//! The commands `diff`, `update` and `drift-check` in a small Git repository.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace with one API, generated and committed.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(tempfile::tempdir().expect("has a temporary folder"));
        for (file, text) in [
            (
                "specs/apis.toml",
                "[[api]]\nname = 'a'\ntitle = 'A'\ndocument = 'specs/a.yaml'\n\
                 overlay = 'specs/a.overlay.yaml'\ncrate = 'a-client'\n",
            ),
            ("specs/a.yaml", &document("[red, blue]", "colours")),
            (
                "specs/a.overlay.yaml",
                "overlay: 1.0.0\ninfo: {}\nactions:\n  - target: $.paths['/colours'].get\n    update: {x-idempotent: true}\n",
            ),
            (
                "a-client/README.md",
                "# A\n<!-- operations: made by `cargo xtask regen`; do not edit -->\n<!-- end of operations -->\n",
            ),
            ("Cargo.toml", "[workspace.package]\nversion = \"0.3.1\"\n"),
            (
                "Cargo.lock",
                "version = 4\n\n[[package]]\nname = \"a-client\"\nversion = \"0.3.1\"\n",
            ),
            ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 0.3.1\n"),
        ] {
            workspace.write(file, text);
        }
        workspace.xtask(&["regen"]);
        workspace.git(&["init", "--quiet"]);
        workspace.commit();
        workspace
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().expect("has a parent folder"))
            .expect("creates folders");
        std::fs::write(path, text).expect("writes");
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).expect("is present")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath="])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{}", utf8(&output.stderr));
        utf8(&output.stdout)
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "All"]);
    }

    /// The files that differ from what is committed.
    fn changed(&self) -> Vec<String> {
        let status = self.git(&["status", "--porcelain", "--untracked-files=all"]);
        status.lines().map(|line| line[3..].to_owned()).collect()
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("starts")
    }
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn document(values: &str, path: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: Colours, version: '1'}}
paths:
  /{path}:
    get:
      operationId: ListColours
      responses:
        '200':
          description: The colours.
          content:
            application/json:
              schema: {{type: array, items: {{type: string, enum: {values}}}}}
"
    )
}

#[test]
fn diff_exits_with_1_if_a_change_is_breaking() {
    let workspace = Workspace::new();
    workspace.write("more.yaml", &document("[red, blue, green]", "colours"));
    workspace.write("less.yaml", &document("[red]", "colours"));
    for (old, new, code, says) in [
        (
            "a",
            "a",
            0,
            "0 breaking, 0 may break, 0 additive, 0 neutral",
        ),
        (
            "a@HEAD",
            "a",
            0,
            "0 breaking, 0 may break, 0 additive, 0 neutral",
        ),
        (
            "specs/a.yaml",
            "more.yaml",
            0,
            "additive\n  GET /colours (ListColours): the value `green` of `response 200[]` was added",
        ),
        (
            "specs/a.yaml",
            "less.yaml",
            1,
            "breaking in source code only\n  GET /colours (ListColours): the value `blue` of `response 200[]` was removed",
        ),
    ] {
        let output = workspace.xtask(&["diff", old, new]);
        let text = utf8(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{text}{}",
            utf8(&output.stderr)
        );
        assert!(text.contains(says), "{text}");
        assert!(
            !text.contains('\u{1b}'),
            "no colour without a terminal: {text}"
        );
    }
    // Vendored documents have their overlay; files do not.
    let output = workspace.xtask(&["diff", "a", "specs/a.yaml"]);
    assert!(utf8(&output.stdout).contains("[extension-changed "));
}

#[test]
fn a_change_is_shown_with_its_place_in_both_documents() {
    let workspace = Workspace::new();
    workspace.write("less.yaml", &document("\n                [red]", "colours"));
    let output = workspace.xtask(&["diff", "specs/a.yaml", "less.yaml", "--verbose"]);
    let text = utf8(&output.stdout);
    assert!(text.contains("GET /colours (ListColours)"), "{text}");
    assert!(text.contains("old: specs/a.yaml:12 #/paths/~1colours/get/responses/200/content/application~1json/schema/items/enum/1"), "{text}");
    assert!(text.contains("new: less.yaml:12 #/paths/~1colours/get/responses/200/content/application~1json/schema/items (missing)"), "{text}");
    assert!(
        text.contains("in Rust: `ListColoursResponseItem::Blue` was removed"),
        "{text}"
    );
    let markdown = workspace.xtask(&["diff", "specs/a.yaml", "less.yaml", "--format", "markdown"]);
    assert!(
        utf8(&markdown.stdout)
            .contains("- **breaking**: the value `blue` of `response 200[]` was removed")
    );
    let json = workspace.xtask(&["diff", "specs/a.yaml", "less.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("is JSON");
    assert_eq!(json["changes"][0]["old"]["line"], 12);
}

#[test]
fn a_report_shows_what_filters_select_and_fails_from_the_level_that_was_asked_for() {
    let workspace = Workspace::new();
    workspace.write("less.yaml", &document("[red]", "colours"));
    let blue = "the value `blue`";
    for (arguments, shows, code) in [
        (&["--path", "/colours"][..], true, 1),
        (&["--path", "DELETE /colours"], false, 1),
        (&["--tag", "none"], false, 1),
        (&["--check", "enum-value-removed"], true, 1),
        (&["--check", "enum-value-added"], false, 1),
        (&["--level", "breaking"], true, 1),
        (&["--level", "breaking", "--wire-only"], false, 0),
        (&["--wire-only", "--fail-on", "neutral"], true, 1),
        (&["--check", "nothing"], false, 2),
    ] {
        let output = workspace.xtask(&[&["diff", "specs/a.yaml", "less.yaml"], arguments].concat());
        let text = utf8(&output.stdout);
        assert_eq!(text.contains(blue), shows, "{arguments:?}: {text}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    }
}

#[test]
fn an_accepted_change_counts_no_longer_until_its_day() {
    let workspace = Workspace::new();
    workspace.write("specs/a.yaml", &document("[red]", "colours"));
    let report = workspace.xtask(&["diff", "a@HEAD", "a", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).expect("is JSON");
    let id = report["changes"][0]["id"].as_str().expect("has an ID");
    let accept = |day: &str| {
        let accept = [
            "--accept",
            id,
            "--reason",
            "nobody reads it",
            "--until",
            day,
        ];
        workspace.xtask(&[&["diff", "a@HEAD", "a"][..], &accept].concat())
    };
    let expired = accept("2020-01-01");
    assert_eq!(expired.status.code(), Some(0), "{}", utf8(&expired.stderr));
    assert_eq!(
        workspace.xtask(&["diff", "a@HEAD", "a"]).status.code(),
        Some(1)
    );
    assert_eq!(accept("9999-01-01").status.code(), Some(0));
    let text = workspace.xtask(&["diff", "a@HEAD", "a"]);
    assert_eq!(text.status.code(), Some(0));
    assert!(!utf8(&text.stdout).contains("blue"));
    let all = workspace.xtask(&["diff", "a@HEAD", "a", "--all", "--verbose"]);
    assert!(utf8(&all.stdout).contains("accepted: nobody reads it"));
    let unknown = workspace.xtask(&["diff", "a", "a", "--accept", "0", "--reason", "r"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn each_format_tells_the_change() {
    let workspace = Workspace::new();
    workspace.write("less.yaml", &document("[red]", "colours"));
    for (format, says) in [
        (
            "github",
            "::error file=less.yaml,line=12,title=enum-value-removed::the value `blue`",
        ),
        (
            "junit",
            "<testcase classname=\"enum-value-removed\" name=\"GET /colours",
        ),
        ("junit", "failures=\"1\""),
        ("html", "the value <code>blue</code>"),
    ] {
        let output = workspace.xtask(&["diff", "specs/a.yaml", "less.yaml", "--format", format]);
        let text = utf8(&output.stdout);
        assert!(text.contains(says), "{format}: {text}");
    }
}

#[test]
fn a_comparison_that_fails_exits_with_2() {
    let workspace = Workspace::new();
    workspace.write("bad.yaml", "swagger: '2.0'\n");
    for (arguments, says) in [
        (
            &["diff", "a", "bad.yaml"][..],
            "this is Swagger \"2.0\", not OpenAPI 3\n --> bad.yaml:1:1\n",
        ),
        (
            &["diff", "a", "nothing.yaml"],
            "nothing.yaml: cannot be read",
        ),
        (&["diff", "a@nowhere", "a"], "`nowhere` is not a revision"),
        (
            &["diff", "b@HEAD", "a"],
            "the registry of that revision has no API `b`",
        ),
        (
            &["diff", "--explain", "nothing"],
            "there is no check `nothing`",
        ),
        (
            &["update", "b", "--from", "bad.yaml"],
            "there is no API `b`",
        ),
        (&["update", "a", "--from", "bad.yaml"], "bad.yaml:"),
        (
            &["drift-check", "--base", "nowhere"],
            "`nowhere` is not a revision",
        ),
    ] {
        let output = workspace.xtask(arguments);
        let error = utf8(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
    assert_eq!(workspace.changed(), ["bad.yaml"]);
}

#[test]
fn every_check_is_listed_and_explained() {
    let workspace = Workspace::new();
    let list = utf8(&workspace.xtask(&["diff", "--list"]).stdout);
    assert!(list.lines().count() > 90, "{list}");
    let explained = utf8(
        &workspace
            .xtask(&["diff", "--explain", "property-removed"])
            .stdout,
    );
    assert!(explained.contains("on the wire: may break"), "{explained}");
    let limits = utf8(&workspace.xtask(&["diff", "--limits"]).stdout);
    assert!(limits.contains("Webhooks and callbacks"), "{limits}");
}

#[test]
fn an_update_compares_only_the_operations_that_the_client_has() {
    let workspace = Workspace::new();
    let apis = workspace.read("specs/apis.toml");
    workspace.write("specs/apis.toml", &format!("{apis}exclude = ['/shades']\n"));
    let with_shades = |description: &str| {
        let shades = "  /shades:\n    get: {operationId: ListShades, responses: {'204': {description: D}}}\n";
        document("[red, blue]", "colours") + &shades.replace('D', description)
    };
    workspace.write("specs/a.yaml", &with_shades("None"));
    workspace.commit();
    workspace.write(
        "new.yaml",
        &with_shades("Nothing").replace("ListShades", "AllShades"),
    );
    let output = workspace.xtask(&["update", "a", "--from", "new.yaml", "--write"]);
    let text = utf8(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{text}{}",
        utf8(&output.stderr)
    );
    assert!(!text.contains("hades"), "{text}");
    assert!(!workspace.read("a-client/openapi.json").contains("hades"));
}

#[test]
fn an_update_that_breaks_nothing_is_written_and_released() {
    let workspace = Workspace::new();
    workspace.write("new.yaml", &document("[red, blue, green]", "colours"));
    let output = workspace.xtask(&["update", "a", "--from", "new.yaml", "--write"]);
    let text = utf8(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{text}{}",
        utf8(&output.stderr)
    );
    assert!(text.contains("1 × $.paths['/colours'].get"), "{text}");
    assert!(text.contains("version: 0.3.1 -> 0.3.2"), "{text}");
    assert_eq!(
        workspace.changed(),
        [
            "CHANGELOG.md",
            "Cargo.lock",
            "Cargo.toml",
            "a-client/openapi.json",
            "specs/a.yaml",
            "new.yaml",
        ]
    );
    assert_eq!(workspace.read("specs/a.yaml"), workspace.read("new.yaml"));
    assert_eq!(
        workspace.read("CHANGELOG.md"),
        "# Changelog\n\n## Unreleased\n\n## 0.3.2\n\n### Added\n\n- `a-client`: the value `green` of `response 200[]` was added (`list_colours`).\n\n## 0.3.1\n"
    );
    assert!(workspace.read("Cargo.lock").contains("0.3.2"));
    let checked = workspace.xtask(&["regen", "--check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", utf8(&checked.stderr));
    let again = workspace.xtask(&["update", "a", "--from", "new.yaml", "--write"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(utf8(&again.stderr).contains("already a section `## 0.3.2`"));
}

#[test]
fn an_update_that_breaks_something_stops_until_it_is_allowed() {
    let workspace = Workspace::new();
    workspace.write("new.yaml", &document("[red]", "colours"));
    workspace.commit();
    let stopped = workspace.xtask(&["update", "a", "--from", "new.yaml", "--write"]);
    assert_eq!(stopped.status.code(), Some(1));
    assert!(utf8(&stopped.stdout).contains("version: 0.3.1 -> 0.4.0"));
    assert!(utf8(&stopped.stderr).contains("--allow-breaking"));
    assert_eq!(workspace.changed(), [""; 0]);
    let allowed = ["update", "a", "--from", "new.yaml", "--allow-breaking"];
    assert_eq!(workspace.xtask(&allowed).status.code(), Some(0));
    assert_eq!(
        workspace.changed(),
        ["a-client/openapi.json", "specs/a.yaml"]
    );
}

#[test]
fn a_document_of_several_files_is_vendored_as_one() {
    let workspace = Workspace::new();
    let whole = document("[red, blue, green]", "colours");
    let item = "{type: string, enum: [red, blue, green]}";
    assert!(whole.contains(item), "{whole}");
    workspace.write("colour.yaml", "type: string\nenum: [red, blue, green]\n");
    workspace.write("new.yaml", &whole.replace(item, "{$ref: colour.yaml}"));
    let output = workspace.xtask(&["update", "a", "--from", "new.yaml", "--allow-breaking"]);
    let error = utf8(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
    let vendored = workspace.read("specs/a.yaml");
    assert!(
        vendored.contains("#/components/schemas/colour"),
        "{vendored}"
    );
    let checked = workspace.xtask(&["regen", "--check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", utf8(&checked.stderr));
}

#[test]
fn an_unpublished_client_needs_no_release() {
    let workspace = Workspace::new();
    workspace.write("a-client/Cargo.toml", "[package]\npublish = false\n");
    workspace.commit();
    workspace.write("specs/a.yaml", &document("[red]", "colours"));
    let checked = workspace.xtask(&["drift-check", "--base", "HEAD"]);
    assert_eq!(checked.status.code(), Some(0), "{}", utf8(&checked.stderr));
    workspace.write("new.yaml", &document("[red, blue, green]", "colours"));
    let output = workspace.xtask(&["update", "a", "--from", "new.yaml", "--write"]);
    assert_eq!(output.status.code(), Some(0), "{}", utf8(&output.stderr));
    assert!(utf8(&output.stdout).contains("version: unchanged, 0.3.1"));
}

#[test]
fn an_overlay_action_without_a_match_is_reported_with_the_nearest_target() {
    let workspace = Workspace::new();
    workspace.write("new.yaml", &document("[red, blue]", "colors"));
    let refused = workspace.xtask(&["update", "a", "--from", "new.yaml"]);
    let error = utf8(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{error}");
    assert!(
        error.contains(
            "the target `$.paths['/colours'].get` matches nothing\n --> specs/a.overlay.yaml:4:5\n"
        ),
        "{error}"
    );
    assert!(
        error.contains("did you mean `$.paths['/colors'].get`?"),
        "{error}"
    );
    assert_eq!(workspace.changed(), ["new.yaml"]);
}

#[test]
fn a_breaking_pull_request_must_declare_its_changes() {
    let workspace = Workspace::new();
    let check = || workspace.xtask(&["drift-check", "--base", "HEAD"]);
    assert_eq!(check().status.code(), Some(0));
    workspace.write("specs/a.yaml", &document("[red, blue, green]", "colours"));
    assert_eq!(
        check().status.code(),
        Some(0),
        "an addition needs no new version"
    );
    workspace.write("specs/a.yaml", &document("[red]", "colours"));
    let silent = check();
    assert_eq!(silent.status.code(), Some(1));
    let error = utf8(&silent.stderr);
    assert!(
        error.contains("the version is 0.3.1, but the changes need 0.4.0"),
        "{error}"
    );
    assert!(
        error.contains("the changelog has no section `## 0.4.0`"),
        "{error}"
    );
    assert!(utf8(&silent.stdout).starts_with("## What changes for users\n"));
    workspace.write("Cargo.toml", "[workspace.package]\nversion = \"0.4.0\"\n");
    assert_eq!(check().status.code(), Some(1), "the changelog says nothing");
    workspace.write("CHANGELOG.md", "# Changelog\n\n## 0.4.0\n\n- less\n");
    let named = check();
    assert_eq!(named.status.code(), Some(0), "{}", utf8(&named.stderr));
}

#[test]
fn an_update_reads_references_to_urls_from_the_files_of_the_map() {
    let workspace = Workspace::new();
    let reference = "{$ref: 'https://a.example/colours.yaml#/Colour'}";
    let new =
        document("[red, blue]", "colours").replace("{type: string, enum: [red, blue]}", reference);
    workspace.write("new.yaml", &new);
    workspace.write(
        "vendor/colours.yaml",
        "Colour: {type: string, enum: [red, blue]}\n",
    );
    let map = "https://a.example/=vendor";
    let updated = workspace.xtask(&[
        "update",
        "a",
        "--from",
        "new.yaml",
        "--map",
        map,
        "--allow-breaking",
    ]);
    assert!(updated.status.success(), "{}", utf8(&updated.stderr));
    let vendored = workspace.read("specs/a.yaml");
    assert!(
        vendored.contains("\"Colour\": {") && !vendored.contains("a.example"),
        "{vendored}"
    );
}
