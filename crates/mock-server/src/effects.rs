//! Derives the effect of each operation on the state from the path templates of the document.
//!
//! The rules are documented at [`crate::State`]. They are evaluated once, when the server starts: first
//! for each operation, then for the collections that several operations share.

mod reader;

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Pointer;
use serde_json::Value;

use self::reader::{EffectReader, success_content, template_shape, trailing_values};
use crate::description::{Description, Operation};
use crate::paging::{List, Paging};
use crate::progress::StatusProperty;
use crate::properties::{Properties, ends_with_word, normalized};

/// The action of an operation. The names correspond to the values of `does` in `x-mock`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    List,
    Create,
    Read,
    Replace,
    Merge,
    Link,
    Delete,
    Add,
    Remove,
    Amend,
    Load,
    Pick,
    /// Starts the changes of the status of an item.
    Start,
    IssueToken,
}

/// The action of an operation, and the collection or item that it affects.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) action: Action,
    /// The path template of the collection.
    pub(crate) collection: Vec<Segment>,
    /// The path segments with the key of an item; empty if the effect applies to the whole collection.
    pub(crate) keys: Vec<Segment>,
    /// The location of the items in the response, if it is a list.
    pub(crate) list: Option<List>,
    pub(crate) paging: Paging,
    /// The location of the list in the body: `Some(None)` if the body is the list, `Some(Some(name))`
    /// if a property is.
    pub(crate) listed: Option<Option<String>>,
    /// The background work that the response refers to.
    pub(crate) job: Option<Job>,
    /// The status that the operation lets change, as `x-long-running` declares it.
    pub(crate) work: Option<StatusProperty>,
    /// The property of the response that wraps the item, if any.
    pub(crate) wrapper: Option<String>,
}

/// Background work that is a resource itself.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The property of the response that contains the work.
    pub(crate) property: String,
    /// The collection that the work can be read from.
    pub(crate) collection: Vec<Segment>,
}

/// A segment of a path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Fixed(String),
    /// A parameter of this name.
    Value(String),
}

/// Information about the items of a collection, independent of the parameter values in its path.
#[derive(Debug, Clone, Default)]
pub(crate) struct CollectionInfo {
    /// The location of the schema of an item.
    pub(crate) item: Option<Pointer>,
    pub(crate) properties: Properties,
    /// The path parameters that identify an item.
    pub(crate) key_names: Vec<String>,
    /// The properties with the key, in the order of the parameters; `None` if there is no such
    /// property.
    pub(crate) keys: Vec<Option<String>>,
    /// The properties that callers can send.
    pub(crate) settable: BTreeSet<String>,
    /// The default values of these properties.
    pub(crate) defaults: BTreeMap<String, Value>,
    /// True if callers can create items.
    pub(crate) is_writable: bool,
    pub(crate) is_listed: bool,
    /// True if callers can add to and remove from the lists of an item.
    pub(crate) is_amended: bool,
    pub(crate) status: Option<StatusProperty>,
    /// Properties with parts of the key, by path parameters, as `x-long-running` declares them.
    declared_keys: BTreeMap<String, String>,
    /// Collections below an item that are also properties of the item.
    pub(crate) children: Vec<Child>,
}

/// A collection below an item, and the property of the item that contains it.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) property: String,
    pub(crate) segment: String,
}

/// The effects of all operations of a document.
#[derive(Debug)]
pub(crate) struct Effects {
    /// By the location of the operation.
    effects: BTreeMap<Pointer, Effect>,
    /// By the path template of the collection, without parameter names.
    collections: BTreeMap<String, CollectionInfo>,
}

impl Effects {
    pub(crate) fn of(description: &Description) -> Self {
        let reader = EffectReader::of(description);
        let mut effects = BTreeMap::new();
        for operation in description.operations() {
            if let Some(effect) = reader.effect(operation) {
                effects.insert(operation.pointer.clone(), effect);
            }
        }
        let mut collections: BTreeMap<String, CollectionInfo> = BTreeMap::new();
        for operation in description.operations() {
            if let Some(effect) = effects.get(&operation.pointer) {
                reader.add_operation(
                    collections
                        .entry(template_shape(&effect.collection))
                        .or_default(),
                    operation,
                    effect,
                );
            }
        }
        let shapes: BTreeSet<String> = collections.keys().cloned().collect();
        for (shape, info) in &mut collections {
            info.complete(description.root(), shape, &shapes);
        }
        let mut found = Self {
            effects,
            collections,
        };
        found.find_jobs(description);
        found
    }

    pub(crate) fn get(&self, operation: &Operation) -> Option<&Effect> {
        self.effects.get(&operation.pointer)
    }

    pub(crate) fn info(&self, collection: &[Segment]) -> Option<&CollectionInfo> {
        self.collections.get(&template_shape(collection))
    }

    /// True if the document has a token endpoint.
    pub(crate) fn issues_tokens(&self) -> bool {
        let mut effects = self.effects.values();
        effects.any(|effect| effect.action == Action::IssueToken)
    }

    /// Returns the information about the collection at a path.
    pub(crate) fn info_at(&self, path: &[String]) -> Option<&CollectionInfo> {
        let fits = |shape: &str| {
            let mut segments = shape.split('/').skip(1);
            let mut own = path.iter();
            let all = own.all(|own| segments.next().is_some_and(|one| one == "{}" || one == own));
            all && segments.next().is_none()
        };
        // A template with literal segments takes precedence over one with parameters.
        let fitting = self.collections.iter().filter(|(shape, _)| fits(shape));
        let info = fitting.min_by_key(|(shape, _)| shape.matches("{}").count());
        info.map(|(_, info)| info)
    }

    /// Returns the length of the template and the number of keys of the nearest item above a
    /// collection, if callers create such items.
    pub(crate) fn parent(&self, collection: &[Segment]) -> Option<(usize, usize)> {
        (1..collection.len()).rev().find_map(|end| {
            let keys = trailing_values(&collection[..end]);
            let info = self.info(&collection[..end - keys])?;
            (keys > 0 && info.is_writable && info.keys.len() == keys).then_some((end - keys, keys))
        })
    }

    /// Finds the operations that start background work: a property of their response has a status that
    /// changes, and the schema of an item that can be read with the parameters of the call.
    fn find_jobs(&mut self, description: &Description) {
        let root = description.root();
        let readable = |info: &CollectionInfo| info.item.as_ref().map(|item| item.resolved(root));
        let mut jobs = Vec::new();
        for operation in description.operations() {
            let Some(content) = success_content(operation) else {
                continue;
            };
            let known: Vec<&String> = operation.parameters.iter().map(|p| &p.name).collect();
            let properties = Properties::of(root, &content.schema_pointer())
                .named
                .into_iter();
            let job = properties.into_iter().find_map(|property| {
                let schema = property.pointer.resolved(root);
                StatusProperty::of(root, &schema)?;
                let mut reads = self
                    .effects
                    .values()
                    .filter(|effect| effect.action == Action::Read);
                let read = reads.find(|effect| {
                    let names = effect.collection.iter().filter_map(Segment::value);
                    self.info(&effect.collection).and_then(readable) == Some(schema.clone())
                        && names.into_iter().all(|name| known.contains(&name))
                })?;
                Some(Job {
                    property: property.name,
                    collection: read.collection.clone(),
                })
            });
            jobs.extend(job.map(|job| (operation.pointer.clone(), job)));
        }
        for (pointer, job) in jobs {
            if let Some(effect) = self.effects.get_mut(&pointer)
                && !matches!(effect.action, Action::Read | Action::List)
            {
                effect.job = Some(job);
            }
        }
    }
}

impl Segment {
    fn value(&self) -> Option<&String> {
        match self {
            Self::Value(name) => Some(name),
            Self::Fixed(_) => None,
        }
    }
}

impl CollectionInfo {
    /// Evaluates the information after all operations were added.
    fn complete(&mut self, root: &Value, shape: &str, shapes: &BTreeSet<String>) {
        let Some(item) = &self.item else { return };
        self.properties = Properties::of(root, item);
        if self.status.is_none() {
            self.status = StatusProperty::of(root, item);
        }
        if self.key_names.is_empty() {
            // No operation reads an item by its key, so any name is valid.
            self.key_names.push("id".to_owned());
        }
        self.keys = self
            .key_names
            .iter()
            .map(|name| {
                let declared = self.declared_keys.get(name).cloned();
                declared.or_else(|| self.key_property(name))
            })
            .collect();
        let items = format!("{shape}{}", "/{}".repeat(self.key_names.len()));
        let below = shapes
            .iter()
            .filter_map(|other| other.strip_prefix(&items)?.strip_prefix('/'));
        for segment in below.filter(|below| !below.contains('/')) {
            let mut properties = self.properties.named.iter();
            if let Some(property) =
                properties.find(|property| normalized(&property.name) == normalized(segment))
            {
                self.children.push(Child {
                    property: property.name.clone(),
                    segment: segment.to_owned(),
                });
            }
        }
    }

    /// Returns the property that corresponds to a path parameter: the one with the same name, the one
    /// named like the last word of the parameter, or the first of the common key names.
    fn key_property(&self, parameter: &str) -> Option<String> {
        let named = |wanted: &dyn Fn(&str) -> bool| {
            let mut properties = self.properties.named.iter();
            properties
                .find(|property| wanted(&property.name))
                .map(|property| property.name.clone())
        };
        let common = ["id", "uuid", "identifier", "key", "name"];
        // An object without declared properties can have any.
        let is_unknown = self.properties.open && self.properties.named.is_empty();
        named(&|name| normalized(name) == normalized(parameter))
            .or_else(|| named(&|name| ends_with_word(parameter, name)))
            .or_else(|| {
                common
                    .iter()
                    .find_map(|common| named(&|name| normalized(name) == **common))
            })
            .or_else(|| is_unknown.then(|| parameter.to_owned()))
    }
}

impl Action {
    fn named(verb: &str) -> Option<Self> {
        Some(match verb {
            "list" => Self::List,
            "create" => Self::Create,
            "read" => Self::Read,
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            "link" => Self::Link,
            "delete" => Self::Delete,
            "add" => Self::Add,
            "remove" => Self::Remove,
            "amend" => Self::Amend,
            "load" => Self::Load,
            "pick" => Self::Pick,
            _ => return None,
        })
    }
}
