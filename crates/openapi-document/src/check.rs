//! Checks a document before the lowering. Reports what no pass can process, with its position in the
//! source.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Diagnostic;
use crate::Document;
use crate::Pointer;
use crate::long_running::LongRunning;
use crate::paging::Paging;
use crate::walk::{Kind, operations, visit};

/// Checks a loaded document, after its overlay was applied.
///
/// # Errors
/// The first of these errors: the document is not OpenAPI 3.0 or 3.1; a `$ref` points outside the
/// document, does not resolve or is circular; two paths differ only in the names of their parameters;
/// a path parameter is missing from its template; an `x-paging` or `x-long-running` is invalid.
pub fn check(document: &Document) -> Result<(), Diagnostic> {
    check_version(document)?;
    check_references(document)?;
    check_paths(document)?;
    check_path_parameters(document)?;
    check_extensions(document)
}

fn check_extensions(document: &Document) -> Result<(), Diagnostic> {
    let root = &document.root;
    for (operation, _, _) in operations(root) {
        Paging::of(root, &operation)
            .and_then(|_| LongRunning::of(root, &operation))
            .map_err(|error| document.diagnostic(&error.pointer, error.message, error.hint))?;
    }
    Ok(())
}

fn check_version(document: &Document) -> Result<(), Diagnostic> {
    let root = Pointer::root();
    if let Some(version) = document.root.get("swagger") {
        return Err(document.diagnostic(
            &root.join("swagger"),
            format!("this is Swagger {version}, not OpenAPI 3"),
            "convert it first, for instance with `npx swagger2openapi`",
        ));
    }
    let Some(version) = document.root.get("openapi") else {
        return Err(document.diagnostic(
            &root,
            "not an OpenAPI document: it has no `openapi` property",
            "use a document that starts with `openapi: 3.0.x` or `openapi: 3.1.x`",
        ));
    };
    let known = version
        .as_str()
        .is_some_and(|version| version.starts_with("3.0") || version.starts_with("3.1"));
    if !known {
        return Err(document.diagnostic(
            &root.join("openapi"),
            format!("OpenAPI {version} is not supported"),
            "supported versions are 3.0.x and 3.1.x; quote a version that YAML would read as a number",
        ));
    }
    for property in ["paths", "info", "components"] {
        if document
            .root
            .get(property)
            .is_some_and(|value| !value.is_object())
        {
            return Err(document.diagnostic(
                &root.join(property),
                format!("`{property}` is not an object"),
                "make it an object",
            ));
        }
    }
    if !document.root["info"]["title"].is_string() || !document.root["info"]["version"].is_string()
    {
        return Err(document.diagnostic(
            &root.join("info"),
            "the document has no title or no version",
            "add `info` with `title` and `version`, both strings",
        ));
    }
    Ok(())
}

/// Every `$ref` at a location where the specification allows one: `(pointer, kind, reference)`.
fn references(document: &Document) -> Vec<(Pointer, Kind, String)> {
    let mut found = Vec::new();
    visit(&document.root, &mut |kind, pointer, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            found.push((pointer.clone(), kind, reference.to_owned()));
        }
    });
    found
}

fn check_references(document: &Document) -> Result<(), Diagnostic> {
    for (pointer, kind, reference) in references(document) {
        let place = pointer.join("$ref");
        if !reference.starts_with('#') {
            return Err(document.diagnostic(
                &place,
                format!("the reference `{reference}` points outside the document"),
                "load the document from its file to bundle external parts, or add the target to the \
                 document",
            ));
        }
        let target = Pointer::parse(&reference);
        let Some(target) = target.filter(|target| target.get(&document.root).is_some()) else {
            return Err(document.diagnostic(
                &place,
                format!("the reference `{reference}` does not resolve"),
                nearest(document, &reference),
            ));
        };
        check_reference_cycle(document, &pointer, kind, &target)?;
    }
    Ok(())
}

/// Rejects a reference that leads back to itself through references or `allOf` only, because no
/// instance can satisfy it. Cycles through a property or an item are allowed.
fn check_reference_cycle(
    document: &Document,
    start: &Pointer,
    kind: Kind,
    target: &Pointer,
) -> Result<(), Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut pending = vec![target.clone()];
    while let Some(here) = pending.pop() {
        let is_cycle = here == *start
            || start.parent().and_then(|all_of| all_of.parent()) == Some(here.clone())
                && start.as_str().contains("/allOf/");
        if is_cycle {
            return Err(document.diagnostic(
                &start.join("$ref"),
                format!("the reference `{target}` is circular"),
                "refer to something that does not refer back here; a recursive schema must recur \
                     through a property or an item",
            ));
        }
        if !seen.insert(here.clone()) {
            continue;
        }
        let Some(value) = here.get(&document.root) else {
            continue;
        };
        let mut follow = |value: &Value| {
            let reference = value.get("$ref").and_then(Value::as_str);
            pending.extend(reference.and_then(Pointer::parse));
        };
        follow(value);
        if kind == Kind::Schema {
            value["allOf"]
                .as_array()
                .into_iter()
                .flatten()
                .for_each(follow);
        }
    }
    Ok(())
}

/// Suggests an existing target for an unresolved reference.
fn nearest(document: &Document, reference: &str) -> String {
    let target = Pointer::parse(reference);
    let siblings = target
        .as_ref()
        .and_then(Pointer::parent)
        .and_then(|parent| parent.get(&document.root))
        .and_then(Value::as_object);
    let wanted = target.and_then(|target| target.tokens().last());
    let nearest = siblings.zip(wanted).and_then(|(siblings, wanted)| {
        siblings
            .keys()
            .map(|name| (similarity(name, &wanted), name))
            .filter(|(similarity, _)| *similarity > 0.6)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, name)| name.clone())
    });
    match nearest {
        Some(name) => format!("did you mean `{name}`? Otherwise add the target"),
        None => "add the target, or refer to an existing one".to_owned(),
    }
}

fn similarity(a: &str, b: &str) -> f32 {
    similar::TextDiff::from_chars(a, b).ratio()
}

fn check_paths(document: &Document) -> Result<(), Diagnostic> {
    let mut seen: BTreeMap<(String, &str), String> = BTreeMap::new();
    for (pointer, path, method) in operations(&document.root) {
        if !path.starts_with('/') {
            return Err(document.diagnostic(
                &Pointer::of(["paths", &path]),
                format!("the path `{path}` does not start with a slash"),
                "write it as `/…`",
            ));
        }
        if !pointer.get(&document.root).is_some_and(Value::is_object) {
            return Err(document.diagnostic(
                &pointer,
                "the operation is not an object",
                "give it at least `responses`",
            ));
        }
        let mut shape = path.clone();
        for name in template_parameters(&path) {
            shape = shape.replacen(&format!("{{{name}}}"), "{}", 1);
        }
        if let Some(first) = seen.insert((shape, method), path.clone()) {
            return Err(document.diagnostic(
                &pointer,
                format!(
                    "two operations for {} on one path: `{first}` and `{path}`",
                    method.to_uppercase()
                ),
                "the names of path parameters do not distinguish paths; keep one of the two",
            ));
        }
    }
    Ok(())
}

fn check_path_parameters(document: &Document) -> Result<(), Diagnostic> {
    let paths = document.root.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let template = template_parameters(path);
        let mut wrong = None;
        let pointer = Pointer::of(["paths", path]);
        crate::walk::visit_item(&pointer, item, &mut |kind, pointer, value| {
            let parameter = follow(document, value);
            let name = parameter["name"].as_str().unwrap_or_default();
            if kind == Kind::Parameter
                && parameter["in"] == "path"
                && !template.iter().any(|known| known == name)
                && wrong.is_none()
            {
                wrong = Some((pointer.clone(), name.to_owned()));
            }
        });
        if let Some((pointer, name)) = wrong {
            return Err(document.diagnostic(
                &pointer,
                format!("the path parameter `{name}` is not in the path `{path}`"),
                format!("add `{{{name}}}` to the path, or declare the parameter `in: query`"),
            ));
        }
    }
    Ok(())
}

/// Follows a chain of references to its end.
fn follow<'a>(document: &'a Document, value: &'a Value) -> &'a Value {
    let mut value = value;
    while let Some(target) = value
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(Pointer::parse)
        .and_then(|pointer| pointer.get(&document.root))
    {
        value = target;
    }
    value
}

/// The parameter names in a path template, in order.
pub fn template_parameters(path: &str) -> Vec<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(document: &str) -> String {
        let document = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\n{document}");
        let document = Document::parse("spec.yaml", document).expect("parses");
        check(&document).expect_err("is rejected").to_string()
    }

    #[test]
    fn only_openapi_3_0_and_3_1_are_accepted() {
        for (reference, message) in [
            ("swagger: '2.0'", "d:1:1: this is Swagger \"2.0\""),
            ("a: 1", "d:1:1: not an OpenAPI document"),
            (
                "openapi: 3.2.0",
                "d:1:1: OpenAPI \"3.2.0\" is not supported",
            ),
            ("openapi: 3.1.0", "d:1:1: the document has no title"),
        ] {
            let document = Document::parse("d", reference).expect("parses");
            let rejected = check(&document).expect_err("is rejected").to_string();
            assert!(rejected.starts_with(message), "{rejected}");
        }
    }

    #[test]
    fn paging_by_an_unknown_parameter_is_rejected_with_a_location_and_a_hint() {
        let rejected = rejection(
            "paths:\n  /a:\n    get:\n      parameters: [{name: offset, in: query, schema: {type: integer}}]\n\
             \x20     x-paging:\n        skip: offsets\n",
        );
        assert!(
            rejected.starts_with("spec.yaml:8:9: the operation has no query parameter `offsets`"),
            "{rejected}"
        );
        assert!(
            rejected.contains("at: #/paths/~1a/get/x-paging/skip"),
            "{rejected}"
        );
        assert!(
            rejected.contains("hint: the query parameters are `offset`"),
            "{rejected}"
        );
    }

    #[test]
    fn an_unresolved_reference_is_rejected_with_a_location_and_a_suggestion() {
        let rejected = rejection(
            "components:\n  schemas:\n    Role: {type: object}\n    A:\n      $ref: '#/components/schemas/Rolle'\n",
        );
        assert!(rejected.starts_with("spec.yaml:7:7: the reference `#/components/schemas/Rolle`"));
        assert!(rejected.contains("did you mean `Role`?"), "{rejected}");
        assert!(
            rejected.contains("at: #/components/schemas/A/$ref"),
            "{rejected}"
        );
    }

    #[test]
    fn an_external_reference_is_rejected() {
        let rejected = rejection("components: {schemas: {A: {$ref: 'other.yaml#/A'}}}");
        assert!(
            rejected.contains("points outside the document"),
            "{rejected}"
        );
        assert!(rejected.contains("add the target"), "{rejected}");
    }

    #[test]
    fn a_circular_reference_that_no_instance_can_satisfy_is_rejected() {
        for document in [
            "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}",
            "components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}]}}}",
            "components: {responses: {A: {$ref: '#/components/responses/A'}}}",
        ] {
            assert!(rejection(document).contains("is circular"), "{document}");
        }
    }

    #[test]
    fn a_schema_may_refer_to_itself_from_a_property() {
        let document = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\ncomponents: {schemas: {A: {properties: {a: {$ref: '#/components/schemas/A'}}}}}";
        let document = Document::parse("d", document).expect("parses");
        assert_eq!(check(&document), Ok(()));
    }

    #[test]
    fn two_operations_with_the_same_path_and_method_are_rejected() {
        let rejected = rejection("paths:\n  /a/{b}: {get: {}}\n  /a/{c}: {get: {}}\n");
        assert!(
            rejected.contains("spec.yaml:5:12: two operations for GET"),
            "{rejected}"
        );
    }

    #[test]
    fn a_path_parameter_missing_from_the_template_is_rejected() {
        let rejected = rejection(
            "paths:\n  /a/{b}:\n    get:\n      parameters:\n        - {name: c, in: path, required: true}\n",
        );
        assert!(
            rejected
                .starts_with("spec.yaml:7:11: the path parameter `c` is not in the path `/a/{b}`"),
            "{rejected}"
        );
    }
}
