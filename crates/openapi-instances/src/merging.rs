//! Merges schemas: follows `$ref`, flattens `allOf`, and combines what the schemas specify about null.
//! This is the only module that reads the document. It detects endless and unresolved references.

use openapi_document::Pointer;
use serde_json::{Map, Value};

use super::location::Location;
use super::merged::{Choice, ChoiceKind, MergedSchema, is_true};
use super::{Generator, Result};

/// How often the same `$ref` is followed on the path from the root of an instance to a leaf.
const MAX_REPEATS: usize = 2;
/// The maximum depth of an instance. It bounds the recursion.
const MAX_DEPTH: usize = 64;

impl<'s> Generator<'s> {
    /// Merges the schemas that apply to one location.
    pub(super) fn merged(
        &self,
        schemas: &[&'s Value],
        location: &Location<'s>,
    ) -> Result<MergedSchema<'s>> {
        let mut merged = MergedSchema::default();
        for schema in schemas {
            self.add(&mut merged, schema, location, &[])?;
        }
        Ok(merged)
    }

    /// Adds a schema to `merged`. `active_refs` are the references that are currently being followed.
    fn add(
        &self,
        merged: &mut MergedSchema<'s>,
        schema: &'s Value,
        location: &Location<'s>,
        active_refs: &[&'s str],
    ) -> Result<()> {
        let part = match schema {
            Value::Object(part) => part,
            Value::Bool(allowed) => {
                merged.is_false |= !allowed;
                return Ok(());
            }
            _ => return Err(location.unsupported("schema", "neither an object nor a boolean")),
        };
        let null_before = merged.null;
        if let Some(target) = part.get("$ref").and_then(Value::as_str) {
            self.follow(merged, target, location, active_refs)?;
            if self.refs_stand_alone() {
                return Ok(());
            }
        }
        let all = part.get("allOf").and_then(Value::as_array);
        for schema in all.into_iter().flatten() {
            self.add(merged, schema, location, active_refs)?;
        }
        for (keyword, kind) in [("oneOf", ChoiceKind::One), ("anyOf", ChoiceKind::Any)] {
            if let Some(branches) = part.get(keyword).and_then(Value::as_array) {
                merged.choices.push(Choice {
                    part,
                    kind,
                    branches: branches.iter().map(|branch| vec![branch]).collect(),
                });
            }
        }
        if let Some(condition) = part.get("if") {
            let met = [Some(condition), part.get("then")];
            let branches = [met, [part.get("else"), None]];
            merged.choices.push(Choice {
                part,
                kind: ChoiceKind::Condition,
                branches: branches
                    .map(|branch| branch.into_iter().flatten().collect())
                    .into(),
            });
        }
        merged.null = if is_true(part, "nullable") {
            both(null_before, Some(true))
        } else {
            both(merged.null, own_null(part))
        };
        merged.parts.push(part);
        Ok(())
    }

    fn follow(
        &self,
        merged: &mut MergedSchema<'s>,
        target: &'s str,
        location: &Location<'s>,
        active_refs: &[&'s str],
    ) -> Result<()> {
        let times = location
            .followed_refs
            .iter()
            .filter(|seen| **seen == target)
            .count();
        if active_refs.contains(&target) || times >= MAX_REPEATS || location.depth() > MAX_DEPTH {
            return Err(location.impossible("$ref", format!("{target} recurs without end")));
        }
        if merged.refs.contains(&target) {
            return Ok(());
        }
        if merged.refs.len() > MAX_DEPTH {
            return Err(location.unsupported(
                "$ref",
                format!("{target} follows too many other references"),
            ));
        }
        let local = Pointer::parse(target).filter(|_| target.starts_with('#'));
        let Some(schema) = local.and_then(|pointer| pointer.get(self.root)) else {
            return Err(location.unsupported("$ref", format!("{target} does not resolve")));
        };
        merged.refs.push(target);
        // No reference leads to the schema at the top.
        let part = schema.as_object();
        if part.is_some_and(|part| merged.parts.iter().any(|known| std::ptr::eq(*known, part))) {
            return Ok(());
        }
        self.add(merged, schema, location, &[active_refs, &[target]].concat())
    }

    /// OpenAPI 3.0 ignores the keywords beside a `$ref`.
    fn refs_stand_alone(&self) -> bool {
        let version = self.root.get("openapi").and_then(Value::as_str);
        version.is_some_and(|version| version.starts_with("3.0"))
    }

    /// Adds the schemas of one branch of a choice to a copy of `merged`.
    pub(super) fn with_branch(
        &self,
        merged: &MergedSchema<'s>,
        choice: &Choice<'s>,
        branch: &[&'s Value],
        location: &Location<'s>,
    ) -> Result<MergedSchema<'s>> {
        let mut selected = merged.clone();
        for schema in branch {
            let target = schema.get("$ref").and_then(Value::as_str);
            if target.is_some_and(|target| merged.refs.contains(&target)) {
                return Err(location.impossible("oneOf", "a branch leads back to its own choice"));
            }
            self.add(&mut selected, schema, location, &[])?;
            if let (Some(discriminator), Some(target)) = (choice.part.get("discriminator"), target)
                && let Some(Value::String(property)) = discriminator.get("propertyName")
            {
                selected
                    .discriminators
                    .push((property, discriminator_value(discriminator, target)));
            }
        }
        Ok(selected)
    }

    /// Adds the schemas of all branches of a choice to a copy of `merged`.
    pub(super) fn with_all_branches(
        &self,
        merged: &MergedSchema<'s>,
        choice: &Choice<'s>,
        location: &Location<'s>,
    ) -> Result<MergedSchema<'s>> {
        let branches = choice.branches.iter();
        branches
            .filter(|branch| !self.is_null(branch))
            .try_fold(merged.clone(), |all, branch| {
                self.with_branch(&all, choice, branch, location)
            })
    }

    /// True if the only value of a branch is null.
    fn is_null(&self, branch: &[&'s Value]) -> bool {
        branch
            .iter()
            .any(|schema| schema.get("type").is_some_and(|kind| kind == "null"))
    }

    /// True if null is allowed explicitly, by the schema itself and by each of its choices.
    pub(super) fn allows_null(&self, merged: &MergedSchema<'s>, location: &Location<'s>) -> bool {
        let by_branch = |branch: &Vec<&'s Value>| {
            let mut only = MergedSchema {
                refs: merged.refs.clone(),
                ..MergedSchema::default()
            };
            let mut schemas = branch.iter();
            schemas.all(|schema| self.add(&mut only, schema, location, &[]).is_ok())
                && self.allows_null(&only, location)
        };
        let by_choice = |choice: &Choice<'s>| {
            is_true(choice.part, "nullable") || choice.branches.iter().any(by_branch)
        };
        let choices = merged.choices.iter();
        let mut choices = choices.filter(|choice| choice.kind != ChoiceKind::Condition);
        let allowed = merged.null.unwrap_or_else(|| choices.clone().count() > 0);
        allowed && !merged.is_false && choices.all(by_choice)
    }
}

/// The value of the discriminator property for a branch: its key in `mapping`, or the name of its
/// schema.
fn discriminator_value(discriminator: &Value, target: &str) -> String {
    let name = target.rsplit('/').next().unwrap_or(target);
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let mut mapping = mapping.into_iter().flatten();
    let mapped = mapping.find(|(_, to)| *to == target || *to == name);
    mapped.map_or(name, |(key, _)| key).to_owned()
}

/// Whether a single schema allows null; `None` if it does not specify it.
fn own_null(part: &Map<String, Value>) -> Option<bool> {
    let of_type = part.get("type").map(|names| match names {
        Value::Array(names) => names.iter().any(|name| name == "null"),
        name => name == "null",
    });
    let values = part.get("enum").and_then(Value::as_array);
    if values.is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null)) {
        return Some(true);
    }
    let of_enum = values.map(|values| values.contains(&Value::Null));
    let of_const = part.get("const").map(Value::is_null);
    both(both(of_type, of_enum), of_const)
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left && right),
        _ => left.or(right),
    }
}
