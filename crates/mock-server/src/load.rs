//! Loads a document with its overlay.

use std::path::{Path, PathBuf};

use openapi_document::{Diagnostic, Document, ReferenceMap, overlay};

/// Reads the document at `path` and applies an overlay: the given one, otherwise the file
/// `NAME.overlay.yaml` beside `NAME.yaml` or `NAME.json`, if it exists. References to URLs are read from
/// the files of `map`. Returns the document and the path of the overlay.
///
/// # Errors
/// A file cannot be read or parsed, or the overlay does not apply.
pub fn load(
    path: &Path,
    map: &ReferenceMap,
    given: Option<&Path>,
) -> Result<(Document, Option<PathBuf>), Diagnostic> {
    let mut document = Document::load_mapped(path, map)?;
    let beside = path.with_extension("overlay.yaml");
    let found = match given {
        Some(given) => Some(given.to_owned()),
        None => beside.exists().then_some(beside),
    };
    if let Some(found) = &found {
        overlay::apply(&Document::load(found)?, &mut document)?;
    }
    Ok((document, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlay_beside_a_document_is_applied_unless_another_is_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("writes");
            path
        };
        let overlay = |title: &str| {
            format!("overlay: 1.0.0\nactions: [{{target: $.info, update: {{title: {title}}}}}]")
        };
        let path = file("api.yaml", "info: {title: plain}");
        let title = |given: Option<&Path>| {
            let (document, found) = load(&path, &ReferenceMap::default(), given).expect("loads");
            (document.root["info"]["title"].clone(), found)
        };
        assert_eq!(title(None), ("plain".into(), None));
        let beside = file("api.overlay.yaml", &overlay("beside"));
        assert_eq!(title(None), ("beside".into(), Some(beside)));
        let other = file("other.yaml", &overlay("other"));
        assert_eq!(title(Some(&other)), ("other".into(), Some(other.clone())));
    }

    #[test]
    fn references_to_urls_are_read_from_the_files_of_the_map() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("api.yaml");
        let reference = "https://a.example/schemas.yaml#/Name";
        let api = format!("components: {{schemas: {{A: {{$ref: '{reference}'}}}}}}");
        std::fs::write(&path, api).expect("writes");
        std::fs::write(folder.path().join("schemas.yaml"), "Name: {type: string}").expect("writes");
        let map = ReferenceMap::from_iter([("https://a.example/", folder.path())]);
        let (document, _) = load(&path, &map, None).expect("loads");
        assert_eq!(
            document.root["components"]["schemas"]["Name"]["type"],
            "string"
        );
    }
}
