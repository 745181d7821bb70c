//! Derives the effect of an operation from its path template, its method and the extension `x-mock`.

use std::collections::BTreeMap;

use http::Method;
use openapi_document::long_running::LongRunning;
use openapi_document::{Pointer, paging as declared};
use serde_json::Value;

use super::{Action, CollectionInfo, Effect, Segment};
use crate::description::{Content, Description, Operation};
use crate::paging::{List, Paging};
use crate::progress::StatusProperty;
use crate::properties::{Properties, normalized};
use crate::response::success;
use crate::tokens;
use crate::wrapper;

/// Derives effects from operations, with knowledge of the operations that share a path.
pub(super) struct EffectReader<'a> {
    description: &'a Description,
    /// The operations by their path template, without parameter names.
    by_shape: BTreeMap<String, Vec<&'a Operation>>,
}

impl<'a> EffectReader<'a> {
    pub(super) fn of(description: &'a Description) -> Self {
        let mut by_shape: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
        for operation in description.operations() {
            let path = path(description.root(), operation);
            by_shape
                .entry(template_shape(&path))
                .or_default()
                .push(operation);
        }
        Self {
            description,
            by_shape,
        }
    }

    fn root(&self) -> &'a Value {
        self.description.root()
    }

    pub(super) fn effect(&self, operation: &Operation) -> Option<Effect> {
        let mut path = path(self.root(), operation);
        let success = success_content(operation).map(Content::schema_pointer);
        let list = self.list(operation, &path);
        let action = match extension(self.root(), operation, "does").as_deref() {
            Some(verb) => Action::named(verb)?,
            None if tokens::is_endpoint(self.description, operation, success.as_ref()) => {
                Action::IssueToken
            }
            None => match self.action(operation, &mut path, list.is_some()) {
                Some(action) => action,
                None => {
                    path = self.started(operation)?;
                    Action::Start
                }
            },
        };
        let on_collection = match action {
            Action::List
            | Action::Create
            | Action::Add
            | Action::Remove
            | Action::Load
            | Action::Pick => true,
            Action::Amend => self.lists(&path),
            _ => false,
        };
        let keys = match trailing_values(&path) {
            _ if on_collection => 0,
            // A singleton is identified by its last segment.
            0 => 1.min(path.len()),
            keys => keys,
        };
        let keys = path.split_off(path.len() - keys);
        let wrapped = success.and_then(|success| wrapper::wrapped(self.root(), &success));
        Some(Effect {
            action,
            collection: path,
            keys,
            list,
            paging: Paging::of(self.root(), operation),
            listed: self.listed(operation),
            job: None,
            work: self
                .work(operation)
                .and_then(|work| StatusProperty::declared(&work)),
            wrapper: wrapped.map(|(name, _)| name),
        })
    }

    fn work(&self, operation: &Operation) -> Option<LongRunning> {
        let declared = LongRunning::of(self.root(), &operation.pointer);
        declared.ok().flatten()
    }

    /// Returns the path of the item whose work an operation starts, if the path of the operation has its
    /// key.
    fn started(&self, operation: &Operation) -> Option<Vec<Segment>> {
        let work = self.work(operation)?;
        let mut all = self.description.operations().iter();
        let read = all.find(|other| other.pointer == work.read)?;
        let is_other = read.pointer != operation.pointer && work.parameters.is_empty();
        is_other.then(|| path(self.root(), read))
    }

    /// Determines the action by the table at [`crate::State`]. May shorten the path to that of the
    /// affected resource.
    fn action(
        &self,
        operation: &Operation,
        path: &mut Vec<Segment>,
        is_list: bool,
    ) -> Option<Action> {
        let has_body = operation.body.is_some();
        let names_item = matches!(path.last(), Some(Segment::Value(_)));
        let method = operation.method.as_str();
        if self.is_amendment(operation) {
            return Some(Action::Amend);
        }
        Some(match (method, names_item) {
            ("GET", _) if is_list => Action::List,
            ("GET" | "HEAD", true) => Action::Read,
            ("PUT", true) => Action::Replace,
            ("PATCH", true) => Action::Merge,
            ("POST", true) if has_body => Action::Merge,
            ("POST", true) => Action::Link,
            ("DELETE", true) => Action::Delete,
            ("POST", false) if has_body => return self.post_action(operation, path),
            ("DELETE", false) if self.lists(path) => {
                self.listed(operation)?;
                Action::Remove
            }
            ("PATCH", false) if self.adds_to_list(operation, path) => Action::Add,
            ("PUT" | "PATCH", false) if self.returns_parent_item(operation, path) => {
                path.pop();
                Action::Merge
            }
            ("PUT" | "PATCH" | "GET" | "HEAD" | "DELETE", false) if self.is_singleton(path) => {
                match method {
                    "PUT" => Action::Replace,
                    "PATCH" => Action::Merge,
                    "DELETE" => Action::Delete,
                    _ => Action::Read,
                }
            }
            _ => return None,
        })
    }

    fn post_action(&self, operation: &Operation, path: &mut Vec<Segment>) -> Option<Action> {
        let word = match path.last() {
            Some(Segment::Fixed(word)) => normalized(word),
            _ => String::new(),
        };
        let above = &path[..path.len().saturating_sub(1)];
        if ["import", "export"].contains(&&*word) && self.is_known(above) {
            path.pop();
            return Some(if word == "import" {
                Action::Load
            } else {
                Action::Pick
            });
        }
        if self.adds_to_list(operation, path) {
            return Some(Action::Add);
        }
        let is_created = success(operation).is_some_and(|selected| selected.status.as_u16() == 201);
        (is_created || self.is_known(path)).then_some(Action::Create)
    }

    /// True if there is a list at the path, an item below it, or an operation at it that creates items.
    fn is_known(&self, path: &[Segment]) -> bool {
        let shape = template_shape(path);
        let is_item = |other: &String| {
            let below = other.strip_prefix(&shape).unwrap_or_default();
            !below.is_empty() && below.split('/').skip(1).all(|segment| segment == "{}")
        };
        let creates = |operation: &&Operation| {
            operation.method == Method::POST
                && success(operation).is_some_and(|c| c.status.as_u16() == 201)
        };
        self.lists(path)
            || self.by_shape.keys().any(is_item)
            || self.at(path).any(|operation| creates(&operation))
    }

    fn at(&self, path: &[Segment]) -> impl Iterator<Item = &'a Operation> {
        self.by_shape
            .get(&template_shape(path))
            .into_iter()
            .flatten()
            .copied()
    }

    fn list(&self, operation: &Operation, path: &[Segment]) -> Option<List> {
        if let Ok(Some(declared)) = declared::Paging::of(self.root(), &operation.pointer) {
            return Some(List::declared(declared));
        }
        let content = success_content(operation)?;
        let mut fixed = path.iter().rev().filter_map(|segment| match segment {
            Segment::Fixed(word) => Some(word.as_str()),
            Segment::Value(_) => None,
        });
        List::of(
            self.root(),
            &content.schema_pointer(),
            fixed.next().unwrap_or_default(),
        )
    }

    fn lists(&self, path: &[Segment]) -> bool {
        self.at(path)
            .any(|other| other.method == Method::GET && self.list(other, path).is_some())
    }

    /// True if there is a single resource at the path that can be read and changed.
    fn is_singleton(&self, path: &[Segment]) -> bool {
        let mut others = self.at(path);
        let reads = self.at(path).any(|other| other.method == Method::GET);
        reads
            && !self.lists(path)
            && others.any(|other| other.method != Method::GET && other.method != Method::POST)
    }

    /// True if an operation on a part of an item responds with the item.
    fn returns_parent_item(&self, operation: &Operation, path: &[Segment]) -> bool {
        let own = self.item_schema(operation);
        let above = &path[..path.len().saturating_sub(1)];
        own.is_some()
            && matches!(above.last(), Some(Segment::Value(_)))
            && self.at(above).any(|item| self.item_schema(item) == own)
    }

    fn item_schema(&self, operation: &Operation) -> Option<Pointer> {
        let item = self.success_item(operation)?;
        Some(item.resolved(self.root()))
    }

    /// The location of the schema of the item in the response.
    fn success_item(&self, operation: &Operation) -> Option<Pointer> {
        let success = success_content(operation)?.schema_pointer();
        Some(wrapper::item(self.root(), success))
    }

    fn body_properties(&self, operation: &Operation) -> Properties {
        let content = body_content(operation);
        content.map_or_else(Properties::default, |content| {
            Properties::of(self.root(), &content.schema_pointer())
        })
    }

    /// The location of the list in a body that consists of one.
    fn listed(&self, operation: &Operation) -> Option<Option<String>> {
        let root = self.root();
        let is_array = |pointer: &Pointer| {
            let schema = pointer.resolved(root);
            schema
                .get(root)
                .and_then(|schema| schema.get("type"))
                .is_some_and(|of| of == "array")
        };
        let content = body_content(operation)?;
        if is_array(&content.schema_pointer()) {
            return Some(None);
        }
        let properties = self.body_properties(operation).named;
        let mut arrays = properties
            .iter()
            .filter(|property| is_array(&property.pointer));
        let array = arrays.next()?;
        // Other properties may be options. A second list would be ambiguous.
        let is_only = arrays.next().is_none()
            && properties
                .iter()
                .all(|m| !m.required || m.name == array.name);
        is_only.then(|| Some(array.name.clone()))
    }

    /// True if the path has a list whose entries match those of the body: they have the same schema, a
    /// subset of its properties, or are keys. False for an item whose only property is a list.
    fn adds_to_list(&self, operation: &Operation, path: &[Segment]) -> bool {
        let root = self.root();
        let listed = self.listed(operation);
        let Some((content, property)) = body_content(operation).zip(listed) else {
            return false;
        };
        let array = match property {
            None => content.schema_pointer(),
            Some(name) => match self.body_properties(operation).get(&name) {
                Some(property) => property.pointer.clone(),
                None => return false,
            },
        };
        let sent = array.resolved(root).join("items").resolved(root);
        let is_key = sent
            .get(root)
            .and_then(|schema| schema.get("type"))
            .is_some_and(|of| of == "string");
        let parts = Properties::of(root, &sent).named;
        let gets = self.at(path).filter(|other| other.method == Method::GET);
        let mut lists = gets.filter_map(|other| self.list(other, path));
        lists.any(|list| {
            let item = list.item.resolved(root);
            let properties = Properties::of(root, &item);
            let has_all = || {
                parts
                    .iter()
                    .all(|part| properties.get(&part.name).is_some())
            };
            is_key || item == sent || (!parts.is_empty() && has_all())
        })
    }

    fn is_amendment(&self, operation: &Operation) -> bool {
        let properties = self.body_properties(operation).named;
        let has = |words: &[&str]| {
            properties
                .iter()
                .any(|property| words.contains(&&*normalized(&property.name)))
        };
        operation.method == Method::PATCH
            && properties.len() == 2
            && has(&["add"])
            && has(&["delete", "remove"])
    }

    /// Adds the information of an operation about the items of its collection.
    pub(super) fn add_operation(
        &self,
        info: &mut CollectionInfo,
        operation: &Operation,
        effect: &Effect,
    ) {
        let success = self.success_item(operation);
        let prefer = |info: &mut CollectionInfo, item: Option<Pointer>, wins: bool| {
            if item.is_some() && (wins || info.item.is_none()) {
                info.item = item;
            }
        };
        match effect.action {
            Action::Read => {
                info.status = info.status.take().or_else(|| effect.work.clone());
                prefer(info, success, true);
            }
            Action::List => {
                info.is_listed = true;
                prefer(
                    info,
                    effect.list.as_ref().map(|list| list.item.clone()),
                    false,
                );
            }
            Action::Create | Action::Replace | Action::Merge => prefer(info, success, false),
            _ => {}
        }
        let adds = matches!(
            effect.action,
            Action::Create | Action::Add | Action::Link | Action::Load
        );
        let is_amendment = effect.action == Action::Amend;
        info.is_writable |= adds || is_amendment && effect.keys.is_empty();
        info.is_amended |= is_amendment && !effect.keys.is_empty();
        if matches!(
            effect.action,
            Action::Create | Action::Replace | Action::Merge
        ) {
            let properties = self.body_properties(operation).named;
            for property in properties {
                let schema = property.pointer.resolved(self.root());
                let default = schema
                    .get(self.root())
                    .and_then(|schema| schema.get("default"));
                let default = default.map(|default| (property.name.clone(), default.clone()));
                info.defaults.extend(default);
                info.settable.insert(property.name);
            }
        }
        if effect.action == Action::Create {
            let parameters = self.work(operation).map(|work| work.parameters);
            for (name, path) in parameters.into_iter().flatten() {
                if let [property] = &path[..] {
                    info.declared_keys.insert(name, property.clone());
                }
            }
        }
        let names = effect.keys.iter().filter_map(Segment::value);
        let names: Vec<String> = names.cloned().collect();
        if info.key_names.len() < names.len() {
            info.key_names = names;
        }
    }
}

/// Returns a string of the extension `x-mock` of an operation.
fn extension(root: &Value, operation: &Operation, property: &str) -> Option<String> {
    let declared = operation.pointer.get(root)?.get("x-mock")?.get(property)?;
    declared.as_str().map(str::to_owned)
}

/// The path template of an operation, without the segments `bulk` and `batch`.
fn path(root: &Value, operation: &Operation) -> Vec<Segment> {
    let declared = extension(root, operation, "path");
    let template = declared.as_deref().unwrap_or(&operation.path);
    let segments = template.split('/').filter(|segment| !segment.is_empty());
    let segments = segments.map(|segment| {
        let name = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) if !name.contains(['{', '}']) => Segment::Value(name.to_owned()),
            _ => Segment::Fixed(segment.to_owned()),
        }
    });
    let many = |segment: &Segment| matches!(segment, Segment::Fixed(word) if ["bulk", "batch"].contains(&&**word));
    segments.filter(|segment| !many(segment)).collect()
}

/// The template without parameter names.
pub(super) fn template_shape(path: &[Segment]) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Fixed(word) => format!("/{word}"),
        Segment::Value(_) => "/{}".to_owned(),
    });
    segments.collect()
}

pub(super) fn trailing_values(path: &[Segment]) -> usize {
    let values = path.iter().rev();
    values
        .take_while(|segment| segment.value().is_some())
        .count()
}

/// The JSON content of the success response.
pub(super) fn success_content(operation: &Operation) -> Option<&Content> {
    let mut content = success(operation)?.response.content.iter();
    content.find(|content| content.is_json() && content.schema.is_some())
}

/// The JSON content of the request body.
fn body_content(operation: &Operation) -> Option<&Content> {
    let mut content = operation.body.as_ref()?.content.iter();
    content.find(|content| content.is_json() && content.schema.is_some())
}
