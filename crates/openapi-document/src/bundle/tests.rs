use super::*;
use serde_json::json;

const HEAD: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("has a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("has a folder")).expect("makes folders");
        std::fs::write(path, text).expect("writes");
    }
    folder
}

fn load(files: &[(&str, &str)]) -> Document {
    let loaded = Document::load(&folder(files).path().join("api.yaml"));
    loaded.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn positions_are_those_in_the_files_of_the_parts() {
    let api = format!(
        "{HEAD}paths: {{}}\ncomponents:\n  schemas:\n    All: {{items: {{$ref: 'role.yaml'}}}}\n    One: {{$ref: \"o.json#/One\"}}\n"
    );
    let document = load(&[
        ("api.yaml", &api),
        ("role.yaml", "\n\ntype: string\n\n\nenum: [a, b]\n"),
        ("o.json", "{\n\n\n\"One\": {\"type\": \"string\"}}"),
    ]);
    let lines = [
        ("/components/schemas/All/items", 6),
        ("/components/schemas/role/type", 3),
        ("/components/schemas/role/enum/1", 6),
        ("/components/schemas/o_One/type", 4),
        ("/components/schemas/o_One/not/there", 4),
    ];
    let wanted = lines.map(|(pointer, _)| Pointer::parse(pointer).expect("is a pointer"));
    for (pointer, (_, line)) in wanted.iter().zip(lines) {
        let position = document.position(pointer);
        assert_eq!(
            position.map(|position| position.line),
            Some(line),
            "{pointer}"
        );
    }
}

#[test]
fn operations_and_media_types_of_other_files_are_inlined() {
    let api = format!(
        "{HEAD}paths:\n  /a:\n    get: {{$ref: 'ops/get.yaml'}}\n    put: {{$ref: '#/paths/~1a/get'}}\n"
    );
    let get = "responses:\n  '200':\n    description: d\n    content:\n      application/json:\n        \
               $ref: '../media.yaml#/json'\n";
    let media = "json:\n  $ref: '#/own'\nown:\n  schema: {$ref: 'role.yaml'}\n";
    let document = load(&[
        ("api.yaml", &api),
        ("ops/get.yaml", get),
        ("media.yaml", media),
        ("role.yaml", "type: string\n"),
    ]);
    let item = &document.root["paths"]["/a"];
    assert_eq!(item["put"]["$ref"], "#/paths/~1a/get");
    assert_eq!(
        item["get"]["responses"]["200"]["content"]["application/json"],
        json!({ "schema": { "$ref": "#/components/schemas/role" } })
    );
    let schema = Pointer::of(["paths", "/a", "get", "responses", "200", "content"]);
    let schema = schema.join("application/json").join("schema");
    let message = document.diagnostic(&schema, "m", "h");
    assert!(message.file.ends_with("media.yaml"), "{}", message.file);
    assert_eq!(message.position.map(|position| position.line), Some(4));
}

#[test]
fn parts_of_other_files_become_components_with_unique_names() {
    let api = format!(
        "{HEAD}paths:\n  /roles:\n    $ref: paths/roles.yaml\n    summary: s\ncomponents:\n  schemas:\n    \
         Role: {{type: string}}\n    All: {{items: {{$ref: 'schemas/role.yaml'}}}}\n"
    );
    let document = load(&[
        ("api.yaml", &api),
        (
            "paths/roles.yaml",
            "get:\n  responses:\n    '200':\n      $ref: '../common.json#/replies/Roles'\n",
        ),
        (
            "common.json",
            r##"{"replies": {"Roles": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/Role"}}}}},
                "Role": {"properties": {"of": {"$ref": "schemas/role.yaml"}}}}"##,
        ),
        (
            "schemas/role.yaml",
            "properties:\n  up: {$ref: 'role.yaml'}\n  own: {$ref: '../api.yaml#/components/schemas/Role'}\n  common: {$ref: '../common.json#/Role'}\n",
        ),
    ]);
    assert_eq!(
        document.root["paths"]["/roles"]["get"]["responses"]["200"]["$ref"],
        "#/components/responses/Roles"
    );
    assert_eq!(document.root["paths"]["/roles"]["summary"], "s");
    let schemas = &document.root["components"]["schemas"];
    assert_eq!(
        *schemas,
        json!({
            "Role": { "type": "string" },
            "All": { "items": { "$ref": "#/components/schemas/role" } },
            "role": { "properties": {
                "up": { "$ref": "#/components/schemas/role" },
                "own": { "$ref": "#/components/schemas/Role" },
                "common": { "$ref": "#/components/schemas/common_Role" },
            } },
            "common_Role": { "properties": {
                "of": { "$ref": "#/components/schemas/role" },
            } },
        })
    );
    assert_eq!(crate::check(&document).expect("is a document").findings, []);
}

#[test]
fn a_diagnostic_about_a_part_names_its_file_and_line() {
    let api = format!("{HEAD}components:\n  schemas:\n    A: {{$ref: 'more/b.yaml#/B'}}\n");
    let files = [
        ("api.yaml", api.as_str()),
        ("more/b.yaml", "B:\n  properties:\n    c: {type: string}\n"),
    ];
    let document = load(&files);
    let pointer = Pointer::of(["components", "schemas", "B", "properties", "c"]);
    let message = document.diagnostic(&pointer, "m", "h").to_string();
    assert!(message.contains("/more/b.yaml:3:5: m"), "{message}");
    let message = document.diagnostic(&Pointer::root(), "m", "h").to_string();
    assert!(message.contains("/api.yaml:1:1: m"), "{message}");
}

#[test]
fn a_discriminator_mapping_to_a_file_becomes_a_mapping_to_a_component() {
    let api = format!(
        "{HEAD}components:\n  schemas:\n    A:\n      oneOf: [{{$ref: b.yaml}}]\n      \
         discriminator: {{propertyName: k, mapping: {{b: ./b.yaml, own: A}}}}\n"
    );
    let document = load(&[("api.yaml", &api), ("b.yaml", "type: object\n")]);
    let mapping = &document.root["components"]["schemas"]["A"]["discriminator"]["mapping"];
    assert_eq!(
        *mapping,
        json!({ "b": "#/components/schemas/b", "own": "A" })
    );
}

#[test]
fn the_discriminator_mapping_of_another_file_names_schemas_of_that_file() {
    let api = format!(
        "{HEAD}components:\n  schemas:\n    A: {{$ref: 'b.yaml#/components/schemas/Pet'}}\n"
    );
    let b = "components:\n  schemas:\n    Pet:\n      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]\n      \
             discriminator: {propertyName: k, mapping: {c: '#/components/schemas/Cat', d: Dog}}\n    Cat: {type: object}\n    Dog: {type: object}\n";
    let document = load(&[("api.yaml", &api), ("b.yaml", b)]);
    let mapping = &document.root["components"]["schemas"]["Pet"]["discriminator"]["mapping"];
    assert_eq!(
        *mapping,
        json!({ "c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog" })
    );
}

#[test]
fn a_reference_in_the_place_of_a_section_stands_for_its_entries() {
    let api = format!(
        "{HEAD}paths: {{$ref: more/paths.yaml}}\ncomponents:\n  schemas:\n    $ref: 'more/all.yaml#/schemas'\n    Own: {{type: string}}\n"
    );
    let paths = "/a:\n  get:\n    responses:\n      '200': {$ref: 'all.yaml#/replies/Done'}\n";
    let all = "schemas: {Role: {type: integer}}\nreplies: {Done: {description: d}}\n";
    let document = load(&[
        ("api.yaml", &api),
        ("more/paths.yaml", paths),
        ("more/all.yaml", all),
    ]);
    let root = &document.root;
    assert_eq!(
        root["paths"]["/a"]["get"]["responses"]["200"]["$ref"],
        "#/components/responses/Done"
    );
    assert_eq!(
        root["components"]["schemas"],
        json!({ "Own": { "type": "string" }, "Role": { "type": "integer" } })
    );
    assert_eq!(crate::check(&document).expect("is a document").findings, []);
}

#[test]
fn a_reference_to_an_anchor_of_another_file_is_resolved() {
    let api = format!("{HEAD}components:\n  schemas:\n    A: {{$ref: 'b.json#role'}}\n");
    let b = r#"{"$defs": {"Role": {"$anchor": "role", "type": "string"}}}"#;
    let document = load(&[("api.yaml", &api), ("b.json", b)]);
    let schemas = &document.root["components"]["schemas"];
    assert_eq!(schemas["A"]["$ref"], "#/components/schemas/Role");
    assert_eq!(schemas["Role"]["type"], "string");
}

#[test]
fn urls_are_read_from_the_files_of_the_map() {
    let url = "https://schemas.example/v1/common.yaml";
    let api = format!(
        "{HEAD}components:\n  schemas:\n    A: {{$ref: '{url}#/Role'}}\n  responses:\n    \
         B: {{$ref: 'https://schemas.example/v2/other.yaml'}}\n"
    );
    let folder = folder(&[
        ("api/api.yaml", &api),
        (
            "vendor/v1/common.yaml",
            "Role: {items: {$ref: 'more.yaml'}}\n",
        ),
        ("vendor/v1/more.yaml", "type: string\n"),
        ("second.yaml", "description: d\n"),
    ]);
    let map = ReferenceMap::from_iter([
        ("https://schemas.example/", folder.path().join("vendor")),
        (
            "https://schemas.example/v2/other.yaml",
            folder.path().join("second.yaml"),
        ),
    ]);
    let document = Document::load_mapped(&folder.path().join("api/api.yaml"), &map);
    let document = document.unwrap_or_else(|error| panic!("{error}"));
    let components = &document.root["components"];
    assert_eq!(
        components["schemas"]["Role"]["items"]["$ref"],
        "#/components/schemas/more"
    );
    assert_eq!(components["responses"]["second"]["description"], "d");
    let role = Pointer::of(["components", "schemas", "Role"]);
    let message = document.diagnostic(&role, "m", "h");
    assert!(message.file.ends_with("vendor/v1/common.yaml"), "{message}");
}

#[test]
fn a_reference_that_does_not_resolve_is_kept_with_the_reason() {
    for (reference, problem) in [
        ("https://example.com/a.yaml", "is a URL"),
        ("//example.com/a.yaml", "is a URL"),
        ("/etc/passwd", "is an absolute path"),
        ("file:/etc/passwd", "is an absolute path"),
        ("none.yaml", "cannot be read"),
        ("b.yaml#/C", "there is no `#/C` in b.yaml"),
        ("b.yaml#C", "there is no `#C` in b.yaml"),
        ("c.yaml", "line 1: not YAML"),
    ] {
        let api = format!("{HEAD}components:\n  schemas:\n    A: {{$ref: '{reference}'}}\n");
        let files = [
            ("api.yaml", &*api),
            ("b.yaml", "type: object\n"),
            ("c.yaml", "a: [\n"),
        ];
        let document = load(&files);
        let place = Pointer::of(["components", "schemas", "A", "$ref"]);
        assert_eq!(place.get(&document.root), Some(&json!(reference)));
        let checked = crate::check(&document).expect("is a document");
        let [finding] = checked.findings.as_slice() else {
            panic!("{:?}", checked.findings);
        };
        assert!(finding.problem.contains(problem), "{}", finding.problem);
        let message = finding.diagnostic(&document);
        assert_eq!(
            message.position.map(|at| (at.line, at.column)),
            Some((5, 9))
        );
    }
}

#[test]
fn circular_path_item_references_do_not_resolve() {
    let api = format!("{HEAD}paths:\n  /a: {{$ref: a.yaml}}\n");
    let document = load(&[("api.yaml", api.as_str()), ("a.yaml", "$ref: a.yaml\n")]);
    let checked = crate::check(&document).expect("is a document");
    assert!(checked.findings[0].problem.contains("is circular"));
}

#[test]
fn a_mistake_in_another_file_is_a_finding_of_the_document() {
    let api = format!("{HEAD}components:\n  schemas:\n    A: {{$ref: 'b.yaml#/B'}}\n");
    let b = "B:\n  title: one\n  title: two\nC:\n  a: 1\n  a: 2\n";
    let document = load(&[("api.yaml", &api), ("b.yaml", b)]);
    let [finding] = document.findings.as_slice() else {
        panic!("{:?}", document.findings);
    };
    assert_eq!(finding.pointer.to_string(), "#/components/schemas/B/title");
    let message = finding.diagnostic(&document).to_string();
    assert!(
        message.contains("b.yaml:3:3: duplicate key `title` in line 2 and line 3"),
        "{message}"
    );
}
