//! Which operations of a document a client has, and by which Cargo feature of its crate.
//!
//! `include` and `exclude` select the operations of the client. Features let users of the crate select among these.

use std::collections::{BTreeMap, BTreeSet};

use client_codegen::plan::ClientPlan;
use openapi_document::Pointer;
use openapi_document::walk::operations;
use serde_json::Value;

/// A setting that does not fit the document.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}\n  hint: {hint}")]
pub struct SelectionError {
    /// The problem.
    pub message: String,
    /// How to correct it.
    pub hint: &'static str,
}

/// Removes the operations that a client does not have: those that match an entry of `exclude`, and, unless
/// `include` is empty, those that match none of its entries. An entry is a tag, an `operationId`, or a path,
/// which may end with `*`.
///
/// # Errors
/// An entry that matches no operation.
pub fn select(
    root: &mut Value,
    include: &[String],
    exclude: &[String],
) -> Result<(), SelectionError> {
    let mut unused: BTreeSet<&String> = include.iter().chain(exclude).collect();
    let mut removed = Vec::new();
    for (pointer, path, _) in operations(root) {
        let operation = pointer.get(root).unwrap_or(&Value::Null);
        let mut matches = |entries: &'_ [String]| {
            let matching = entries
                .iter()
                .filter(|entry| is_match(entry, &path, operation));
            matching.fold(false, |_, entry| {
                unused.retain(|other| *other != entry);
                true
            })
        };
        let (is_included, is_excluded) = (matches(include), matches(exclude));
        if is_excluded || !(is_included || include.is_empty()) {
            removed.push(pointer);
        }
    }
    if let Some(entry) = unused.first() {
        return Err(refused(
            format!("no operation matches `{entry}`"),
            "name a tag, an `operationId`, or a path, which may end with `*`, in `include` and `exclude`",
        ));
    }
    for pointer in removed {
        remove(root, &pointer);
    }
    Ok(())
}

fn is_match(entry: &str, path: &str, operation: &Value) -> bool {
    let is_path = match entry.strip_suffix('*') {
        Some(start) => entry.starts_with('/') && path.starts_with(start),
        None => path == entry,
    };
    let mut tags = operation["tags"].as_array().into_iter().flatten();
    is_path || operation["operationId"] == *entry || tags.any(|tag| tag == entry)
}

fn remove(root: &mut Value, pointer: &Pointer) {
    let tokens: Vec<String> = pointer.tokens().collect();
    if let [.., method] = tokens.as_slice()
        && let Some(item) = pointer
            .parent()
            .and_then(|item| item.get_mut(root)?.as_object_mut())
    {
        item.shift_remove(method);
    }
}

/// Sets the features of the operations of a plan. Each feature enables the operations whose first tag is one
/// of its tags.
///
/// # Errors
/// A feature with an invalid name, or with a tag that no operation has; and a tag of several features.
pub fn set_features(
    features: &BTreeMap<String, Vec<String>>,
    plan: &mut ClientPlan,
) -> Result<(), SelectionError> {
    for (index, (feature, tags)) in features.iter().enumerate() {
        let is_name =
            |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        if feature == "default" || !feature.chars().all(is_name) {
            return Err(refused(
                format!("`{feature}` cannot be the name of a feature"),
                "use letters, digits, `-` and `_`",
            ));
        }
        for tag in tags {
            let before = features.iter().take(index);
            if let Some((other, _)) = before.into_iter().find(|(_, tags)| tags.contains(tag)) {
                return Err(refused(
                    format!("the tag `{tag}` is in the features `{other}` and `{feature}`"),
                    "list it once",
                ));
            }
            let mut has_tag = false;
            for operation in &mut plan.operations {
                if operation.tag.as_ref() == Some(tag) {
                    operation.feature = Some(feature.clone());
                    has_tag = true;
                }
            }
            if !has_tag {
                return Err(refused(
                    format!("no operation has the first tag `{tag}`"),
                    "remove it from `[api.features]`, or correct it",
                ));
            }
        }
    }
    Ok(())
}

fn refused(message: String, hint: &'static str) -> SelectionError {
    SelectionError { message, hint }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openapi_document::Document;

    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /roles:
    get: {operationId: ListRoles, tags: [Roles], responses: {'204': {description: None}}}
    post: {operationId: CreateRole, tags: [Roles, Admin], responses: {'204': {description: None}}}
  /volumes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete: {operationId: DeleteVolume, tags: [Volumes], responses: {'204': {description: None}}}
";

    fn strings(strings: &[&str]) -> Vec<String> {
        strings.iter().map(ToString::to_string).collect()
    }

    /// The ids of the remaining operations.
    fn selected(include: &[&str], exclude: &[&str]) -> Result<Vec<String>, SelectionError> {
        let mut document = Document::parse("things.yaml", DOCUMENT).expect("is a document");
        select(&mut document.root, &strings(include), &strings(exclude))?;
        let id = |pointer: Pointer| {
            Some(
                pointer.get(&document.root)?["operationId"]
                    .as_str()?
                    .to_owned(),
            )
        };
        Ok(operations(&document.root)
            .into_iter()
            .filter_map(|(pointer, ..)| id(pointer))
            .collect())
    }

    #[test]
    fn operations_are_selected_by_tag_id_and_path() {
        for (include, exclude, left) in [
            (
                &[][..],
                &[][..],
                &["ListRoles", "CreateRole", "DeleteVolume"][..],
            ),
            (&["Roles"], &[], &["ListRoles", "CreateRole"]),
            (
                &["Admin", "/volumes/*"],
                &[],
                &["CreateRole", "DeleteVolume"],
            ),
            (&["/roles"], &["CreateRole"], &["ListRoles"]),
            (&[], &["Roles"], &["DeleteVolume"]),
        ] {
            let found = selected(include, exclude).expect("all entries match");
            assert_eq!(found, left, "{include:?} {exclude:?}");
        }
    }

    #[test]
    fn an_entry_that_matches_nothing_is_rejected() {
        for entry in ["Role", "roles", "/volumes", "List*", "/nothing*"] {
            let error = selected(&[], &[entry]).expect_err("matches nothing");
            assert!(error.message.contains(entry), "{error}");
        }
    }

    #[test]
    fn an_operation_has_the_feature_of_its_first_tag() {
        let document = Document::parse("things.yaml", DOCUMENT).expect("is a document");
        let mut plan = openapi_lower::lower(&document).expect("is lowered").plan;
        let mut with = |features: &[(&str, &[&str])]| {
            let features = features.iter();
            let features = features.map(|(name, tags)| ((*name).to_owned(), strings(tags)));
            set_features(&features.collect(), &mut plan)?;
            let features = plan
                .operations
                .iter()
                .map(|operation| operation.feature.clone());
            Ok::<_, SelectionError>(features.collect::<Vec<_>>())
        };
        let iam = Some("iam".to_owned());
        assert_eq!(
            with(&[("iam", &["Roles"])]).expect("is valid"),
            [iam.clone(), iam, None]
        );
        for (features, message) in [
            (&[("iam", &["Admin"][..])][..], "`Admin`"),
            (&[("a b", &["Roles"])], "`a b`"),
            (&[("default", &["Roles"])], "`default`"),
            (&[("a", &["Roles"]), ("b", &["Roles"])], "`a` and `b`"),
        ] {
            let error = with(features).expect_err("is invalid");
            assert!(error.message.contains(message), "{error}");
        }
    }
}
