//! Replaces a reference to a whole section with the entries of the section: with references, or with
//! components.
//!
//! Before: `paths: {$ref: paths.yaml}`. After: `paths: {/roles: {$ref: 'paths.yaml#/~1roles'}}`.
//!
//! OpenAPI has no such references, but common bundlers follow them.

use serde_json::{Map, Value};

use super::{Bundler, COMPONENTS, Target, section_of};
use crate::Pointer;

impl Bundler<'_> {
    /// Replaces the references to a whole `paths`, `webhooks`, `components` or section of the components.
    pub(super) fn expand_sections(&mut self, root: &mut Value) {
        let components = Pointer::of(["components"]);
        for section in ["paths", "webhooks", "components"] {
            self.expand_section(root, &Pointer::of([section]));
        }
        let sections = components.get(root).and_then(Value::as_object);
        let sections: Vec<String> = sections.into_iter().flat_map(Map::keys).cloned().collect();
        for section in sections {
            self.expand_section(root, &components.join(section));
        }
    }

    fn expand_section(&mut self, root: &mut Value, section: &Pointer) {
        let reference = section.get(root).and_then(|section| section.get("$ref"));
        let Some(reference) = reference.and_then(Value::as_str).map(str::to_owned) else {
            return;
        };
        let entry = self.entry.clone();
        let (file, pointer) = match self.target(&reference, &entry) {
            Ok(target) => target,
            Err(reason) => {
                self.unresolved.insert(section.join("$ref"), reason);
                return;
            }
        };
        let names = self.value(&file, &pointer).and_then(Value::as_object);
        let names: Vec<String> = names.into_iter().flat_map(Map::keys).cloned().collect();
        let Some(Value::Object(entries)) = section.get_mut(root) else {
            return;
        };
        entries.shift_remove("$ref");
        let text = reference.split('#').next().unwrap_or_default();
        let last = section.tokens().last().unwrap_or_default();
        let kind = COMPONENTS
            .into_iter()
            .find(|kind| section_of(*kind) == Some(&last));
        let names = names.into_iter().filter(|name| !entries.contains_key(name));
        for name in names.collect::<Vec<_>>() {
            let pointer = pointer.join(&name);
            let Some((kind, section)) = kind.and_then(|kind| Some((kind, section_of(kind)?)))
            else {
                let reference = format!("{text}{pointer}");
                entries.insert(name, serde_json::json!({ "$ref": reference }));
                continue;
            };
            // The component keeps its name.
            let key = (file.clone(), pointer.clone(), section);
            self.component_names.insert(key, name.clone());
            self.used_names
                .entry(section)
                .or_default()
                .push(name.clone());
            self.queue.push_back(Target {
                file: file.clone(),
                pointer,
                kind,
                name,
            });
        }
    }
}
