//! Paths: their templates, and the parameters that they name.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Repair;
use super::template::{self, Modified, shape};
use crate::walk::{is_extension, item_of, operations};
use crate::{Finding, Pointer, followed, template_parameters};

pub(super) fn check(repair: &mut Repair<'_>) {
    correct_templates(repair);
    for (operation, path, _) in operations(&repair.root) {
        declare(repair, &operation, &path);
    }
    remove_strangers(repair);
    same_routes(repair);
}

/// Converts templates to the syntax of OpenAPI, and removes those that cannot be called.
fn correct_templates(repair: &mut Repair<'_>) {
    let paths = repair.root.get("paths").and_then(Value::as_object);
    let written = paths.into_iter().flat_map(Map::keys);
    let written: Vec<String> = written
        .filter(|path| !is_extension(path))
        .cloned()
        .collect();
    for written in written {
        let place = Pointer::of(["paths", &written]);
        let Some(read) = template::read(&written) else {
            let problem = format!(
                "the path `{written}` has a brace without a counterpart, or a parameter without a name"
            );
            let finding = Finding::new(
                &place,
                problem,
                "removed the path",
                "write each parameter as `{name}`",
            );
            repair.add(finding.losing("the client lacks its operations"));
            repair.remove(&place);
            continue;
        };
        if read.path == written {
            continue;
        }
        repair.add(Finding::new(
            &place,
            format!("the path `{written}` does not have the syntax of OpenAPI paths"),
            format!("interpreted it as `{}`", read.path),
            "start it with a slash, and write each parameter as `{name}`",
        ));
        rename(repair, &place, &written, &read.path);
        for (operation, path, _) in operations(&repair.root) {
            if path == read.path {
                modify(repair, &operation, &read.modified);
            }
        }
    }
}

/// Moves a path item to another path. If both have an operation for the same method, that of the other
/// path is kept.
fn rename(repair: &mut Repair<'_>, place: &Pointer, written: &str, path: &str) {
    let Some(Value::Object(paths)) = repair.root.get_mut("paths") else {
        return;
    };
    let now = Pointer::of(["paths", path]);
    if !paths.contains_key(path) {
        // The order of the operations is that of the document.
        let renamed = std::mem::take(paths)
            .into_iter()
            .map(|(key, item)| match key == written {
                true => (path.to_owned(), item),
                false => (key, item),
            });
        *paths = renamed.collect();
        repair.moved(&now, place);
        return;
    }
    let item = paths.shift_remove(written).unwrap_or_default();
    for (name, field) in item.as_object().into_iter().flatten() {
        let (before, now) = (place.join(name), now.join(name));
        if now.get(&repair.root).is_none() {
            repair.root["paths"][path][name] = field.clone();
            repair.moved(&now, &before);
        } else if crate::walk::METHODS.contains(&name.as_str()) {
            let finding = Finding::new(
                &before,
                format!("there is another operation for this method of `{path}`"),
                "removed the operation",
                "keep one of the two",
            );
            repair.add(finding.losing("the client lacks the operation"));
        }
    }
}

/// Applies the operators and modifiers in a template's expressions to the parameters of an operation.
fn modify(repair: &mut Repair<'_>, operation: &Pointer, modified: &[Modified]) {
    for one in modified {
        let found = parameters(&repair.root, operation)
            .find(|(_, parameter)| parameter["name"] == *one.name)
            .map(|(place, parameter)| (place, parameter.clone()));
        let mut parameter = match &found {
            Some((_, parameter)) => parameter.clone(),
            None => json!({ "name": one.name, "in": one.location }),
        };
        if let Some(fields) = parameter.as_object_mut() {
            if one.location != "path" && fields["in"] == "path" {
                fields.insert("in".to_owned(), one.location.into());
                fields.shift_remove("required");
            }
            if let Some(style) = one.style {
                fields.entry("style").or_insert(style.into());
            }
            if one.explode {
                fields.entry("explode").or_insert(true.into());
            }
            if !["schema", "content"]
                .iter()
                .any(|name| fields.contains_key(*name))
            {
                fields.insert("schema".to_owned(), json!({ "type": "string" }));
            }
        }
        match found {
            Some((place, _)) => {
                if let Some(value) = place.get_mut(&mut repair.root) {
                    *value = parameter;
                }
            }
            None if one.location == "query" => push(repair, operation, parameter),
            None => {
                parameter["required"] = true.into();
                push(repair, operation, parameter);
            }
        }
    }
}

/// The parameters of an operation and of its path item, with references resolved.
fn parameters<'a>(
    root: &'a Value,
    operation: &Pointer,
) -> impl Iterator<Item = (Pointer, &'a Value)> {
    let lists = [operation.clone(), item_of(operation)];
    lists.into_iter().flat_map(move |holder| {
        let list = holder.join("parameters");
        let items = list.get(root).and_then(Value::as_array);
        let items = items.into_iter().flatten().enumerate();
        items.map(move |(index, item)| (list.join(index), followed(root, item)))
    })
}

fn push(repair: &mut Repair<'_>, operation: &Pointer, parameter: Value) {
    let Some(Value::Object(fields)) = operation.get_mut(&mut repair.root) else {
        return;
    };
    let list = fields.entry("parameters").or_insert(json!([]));
    if let Value::Array(list) = list {
        list.push(parameter);
    }
}

/// Declares the parameters that a template names and the operation does not.
fn declare(repair: &mut Repair<'_>, operation: &Pointer, path: &str) {
    let mut names = template_parameters(path);
    names.sort_unstable();
    names.dedup();
    for name in names {
        let is_of_path = |parameter: &Value| parameter["in"] == "path";
        let declared = parameters(&repair.root, operation)
            .any(|(_, parameter)| is_of_path(parameter) && parameter["name"] == *name);
        if declared {
            continue;
        }
        let template = template_parameters(path);
        let similar = parameters(&repair.root, operation).find_map(|(place, parameter)| {
            let other = parameter["name"].as_str()?;
            let is_meant = is_of_path(parameter)
                && loose(other) == loose(&name)
                && !template.iter().any(|known| known == other);
            is_meant.then(|| (place, parameter.clone(), other.to_owned()))
        });
        if let Some((place, mut parameter, other)) = similar {
            repair.add(Finding::new(
                &place,
                format!("the path `{path}` spells the parameter `{other}` as `{name}`"),
                format!("changed the name to `{name}`"),
                "use the same spelling in both",
            ));
            parameter["name"] = name.into();
            if let Some(value) = place.get_mut(&mut repair.root) {
                *value = parameter;
            }
            continue;
        }
        repair.add(Finding::new(
            operation,
            format!("the path `{path}` has the parameter `{name}`, which is not declared"),
            "declared it as a string",
            "add the parameter with `in: path`",
        ));
        let schema = json!({ "type": "string" });
        let parameter = json!({ "name": name, "in": "path", "required": true, "schema": schema });
        push(repair, operation, parameter);
    }
}

/// A name without case and punctuation.
fn loose(name: &str) -> String {
    let letters = name.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Removes the path parameters that their path does not name.
fn remove_strangers(repair: &mut Repair<'_>) {
    let mut lists: Vec<(Pointer, String)> = Vec::new();
    for (operation, path, _) in operations(&repair.root) {
        for holder in [item_of(&operation), operation] {
            lists.push((holder.join("parameters"), path.clone()));
        }
    }
    lists.dedup();
    for (list, path) in lists {
        let names = template_parameters(&path);
        let items = list.get(&repair.root).and_then(Value::as_array);
        let strangers: Vec<(usize, String)> = items
            .into_iter()
            .flatten()
            .map(|item| followed(&repair.root, item))
            .enumerate()
            .filter(|(_, parameter)| parameter["in"] == "path")
            .map(|(index, parameter)| (index, parameter["name"].as_str().unwrap_or_default()))
            .filter(|(_, name)| !names.iter().any(|known| known == name))
            .map(|(index, name)| (index, name.to_owned()))
            .collect();
        // From the end, so that the indices of the others do not change.
        for (index, name) in strangers.into_iter().rev() {
            let place = list.join(index);
            let finding = Finding::new(
                &place,
                format!("the path parameter `{name}` is not in the path `{path}`"),
                format!("removed the parameter `{name}`"),
                format!("add `{{{name}}}` to the path, or declare the parameter `in: query`"),
            );
            let loss = format!("you cannot set the parameter `{name}`");
            let action = "update: {in: query, required: false}";
            repair.add(finding.losing_unless(loss, place.clone(), action));
            repair.remove(&place);
        }
    }
}

/// Reports operations whose routes differ only in the names of their parameters.
fn same_routes(repair: &mut Repair<'_>) {
    let mut seen: BTreeMap<(String, String), String> = BTreeMap::new();
    for (operation, path, method) in operations(&repair.root) {
        let first = seen
            .entry((shape(&path), method.clone()))
            .or_insert_with(|| path.clone());
        if *first == path {
            continue;
        }
        let finding = Finding::new(
            &operation,
            format!(
                "two operations for {} on one path: `{first}` and `{path}`",
                method.to_uppercase()
            ),
            "kept both; a server that routes by path serves the first",
            "the names of path parameters do not distinguish paths; keep one of the two if it is not \
             meant",
        );
        repair.add(finding);
    }
}
