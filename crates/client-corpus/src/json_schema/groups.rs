//! Reads the files of a JSON Schema test suite, and puts each schema into an OpenAPI document.
//!
//! A file has the name of a keyword and contains groups: a schema, and instances that are valid or
//! invalid against it (<https://github.com/json-schema-org/JSON-Schema-Test-Suite>).

use std::io;
use std::path::{Path, PathBuf};

use openapi_document::Pointer;
use openapi_document::walk::{Kind, visit_from_mut};
use serde::Deserialize;
use serde_json::{Value, json};

/// The component of the group's schema in its document.
const COMPONENT: &str = "#/components/schemas/Value";

/// One schema with its instances.
pub(super) struct Group {
    /// The keyword: the name of the file.
    pub(super) keyword: String,
    /// The index in the file.
    pub(super) index: usize,
    /// The schema, as in the file.
    pub(super) schema: Value,
    /// The instances.
    pub(super) instances: Vec<TestInstance>,
}

/// One instance of a group.
#[derive(Deserialize)]
pub(super) struct TestInstance {
    /// The instance.
    #[serde(rename = "data")]
    pub(super) value: Value,
    /// Whether the schema allows it.
    pub(super) valid: bool,
}

/// The groups of all `.json` files of a folder, in order.
///
/// # Errors
/// The path and error of a file or folder that cannot be read.
pub(super) fn read(folder: &Path) -> Result<Vec<Group>, (PathBuf, io::Error)> {
    #[derive(Deserialize)]
    struct Listed {
        schema: Value,
        tests: Vec<TestInstance>,
    }

    let failed = |error| (folder.to_owned(), error);
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let files: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut files = files.map_err(failed)?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let mut groups = Vec::new();
    for file in files {
        let listed =
            std::fs::read(&file).and_then(|text| Ok(serde_json::from_slice::<Vec<Listed>>(&text)?));
        let listed = listed.map_err(|error| (file.clone(), error))?;
        let keyword = file.file_stem().unwrap_or_default().to_string_lossy();
        let listed = listed.into_iter().enumerate();
        groups.extend(listed.map(|(index, Listed { schema, tests })| Group {
            keyword: keyword.clone().into_owned(),
            index,
            schema,
            instances: tests,
        }));
    }
    Ok(groups)
}

impl Group {
    /// The name of the group: its keyword and its index.
    pub(super) fn name(&self) -> String {
        format!("{}#{}", self.keyword, self.index)
    }

    /// A document with the schema as that of a response and of a request.
    pub(super) fn document(&self) -> Value {
        let content = json!({ "application/json": { "schema": { "$ref": COMPONENT } } });
        json!({
            "openapi": "3.1.0",
            "info": { "title": self.name(), "version": "1" },
            "paths": { "/value": {
                "get": {
                    "operationId": "get",
                    "responses": { "200": { "description": "", "content": content } },
                },
                "post": {
                    "operationId": "post",
                    "requestBody": { "required": true, "content": content },
                    "responses": { "204": { "description": "" } },
                },
            } },
            "components": { "schemas": { "Value": placed(self.schema.clone()) } },
        })
    }
}

/// The schema as a component: its references to itself become references to the component. Those
/// inside a schema with an `$id` are relative to that and stay as they are.
fn placed(mut schema: Value) -> Value {
    let mut bases = Vec::new();
    let mut references = Vec::new();
    visit_from_mut(
        Kind::Schema,
        &Pointer::root(),
        &mut schema,
        &mut |_, pointer, inner| {
            if inner.get("$id").is_some() {
                bases.push(pointer.clone());
            }
            let target = inner.get("$ref").and_then(Value::as_str);
            if target.is_some_and(|target| target == "#" || target.starts_with("#/")) {
                references.push(pointer.clone());
            }
        },
    );
    references.retain(|place| !bases.iter().any(|base| place.within(base).is_some()));
    for place in references {
        if let Some(Value::String(target)) = place.join("$ref").get_mut(&mut schema) {
            *target = format!("{COMPONENT}{}", target.trim_start_matches('#'));
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_the_schema_itself_refer_to_its_component() {
        let schema = json!({
            "properties": { "next": { "$ref": "#" }, "name": { "$ref": "#/$defs/name" } },
            "items": { "$id": "urn:inner", "$ref": "#/$defs/other" },
        });
        let placed = placed(schema);
        assert_eq!(placed["properties"]["next"]["$ref"], COMPONENT);
        let name = format!("{COMPONENT}/$defs/name");
        assert_eq!(placed["properties"]["name"]["$ref"], name);
        assert_eq!(placed["items"]["$ref"], "#/$defs/other");
    }

    #[test]
    fn a_folder_has_the_groups_of_its_files_in_order() {
        let folder = tempfile::tempdir().expect("has a temporary folder");
        let group = r#"[{"description":"d","schema":true,"tests":[{"data":1,"valid":true}]}]"#;
        for file in ["b.json", "a.json", "notes.txt"] {
            std::fs::write(folder.path().join(file), group).expect("writes");
        }
        let groups = read(folder.path())
            .map_err(|(_, error)| error)
            .expect("is read");
        let names: Vec<String> = groups.iter().map(Group::name).collect();
        assert_eq!(names, ["a#0", "b#0"]);
    }
}
