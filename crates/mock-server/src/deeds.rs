//! What each operation does to the server's state, read off the path templates of the document.
//!
//! The rules are those that [`crate::State`] tells its users. They are decided once, when the server
//! starts, for every operation by itself and then for what several say about one collection.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use openapi_document::{Pointer, paging as said};
use serde_json::Value;

use crate::answer::success;
use crate::description::{Content, Description, Operation};
use crate::members::{Members, ends_in, plain, resolved};
use crate::paging::{List, Paging};
use crate::progress::StatusMember;
use crate::tokens;
use crate::wrapper;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
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
    IssueToken,
}

/// What an operation does, and to what.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) does: Does,
    /// The template of the collection.
    pub(crate) collection: Vec<Segment>,
    /// The segments that name an item of it; empty if the deed is about the whole collection.
    pub(crate) keys: Vec<Segment>,
    /// How the answer lists items, for a list.
    pub(crate) list: Option<List>,
    pub(crate) paging: Paging,
    /// The member of the body that is a list; `None` within if the body is the list itself.
    pub(crate) listed: Option<Option<String>>,
    /// The background work that the answer tells of.
    pub(crate) job: Option<Job>,
    /// The property of the response that holds the item, where it is wrapped.
    pub(crate) wrapper: Option<String>,
}

/// Background work that has a resource of its own.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The member of the answer that is the work.
    pub(crate) member: String,
    /// Where it can be read.
    pub(crate) collection: Vec<Segment>,
}

/// A segment of a path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Fixed(String),
    /// The parameter of this name.
    Value(String),
}

/// What is known about the items of a collection, whatever the values in its path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kind {
    /// Where the schema of an item stands.
    pub(crate) item: Option<Pointer>,
    pub(crate) members: Members,
    /// The parameters that name an item.
    pub(crate) key_names: Vec<String>,
    /// The members that hold the keys, where there is one.
    pub(crate) keys: Vec<Option<String>>,
    /// Members that a caller can send.
    pub(crate) sent: BTreeSet<String>,
    /// The values of those that a caller leaves out.
    pub(crate) defaults: BTreeMap<String, Value>,
    /// Whether callers put items into it.
    pub(crate) is_filled: bool,
    pub(crate) is_listed: bool,
    /// Whether callers add to the lists of an item.
    pub(crate) is_amended: bool,
    pub(crate) status: Option<StatusMember>,
    /// Collections below an item that one of its members shows, too.
    pub(crate) children: Vec<Child>,
}

/// A collection below an item, and the member of the item that shows it.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) member: String,
    pub(crate) segment: String,
}

/// What all operations of a document do.
#[derive(Debug)]
pub(crate) struct Deeds {
    /// By where the operation stands.
    deeds: BTreeMap<Pointer, Deed>,
    /// By the shape of the collection's path.
    kinds: BTreeMap<String, Kind>,
}

impl Deeds {
    pub(crate) fn of(description: &Description) -> Self {
        let reader = Reader::of(description);
        let mut deeds = BTreeMap::new();
        for operation in description.operations() {
            if let Some(deed) = reader.deed(operation) {
                deeds.insert(operation.pointer.clone(), deed);
            }
        }
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        for operation in description.operations() {
            if let Some(deed) = deeds.get(&operation.pointer) {
                reader.learn(
                    kinds.entry(shape(&deed.collection)).or_default(),
                    operation,
                    deed,
                );
            }
        }
        let shapes: BTreeSet<String> = kinds.keys().cloned().collect();
        for (shape, kind) in &mut kinds {
            kind.finish(description.root(), shape, &shapes);
        }
        let mut found = Self { deeds, kinds };
        found.find_jobs(description);
        found
    }

    pub(crate) fn get(&self, operation: &Operation) -> Option<&Deed> {
        self.deeds.get(&operation.pointer)
    }

    pub(crate) fn kind(&self, collection: &[Segment]) -> Option<&Kind> {
        self.kinds.get(&shape(collection))
    }

    /// Whether the document has an operation that issues tokens.
    pub(crate) fn issue_tokens(&self) -> bool {
        let mut deeds = self.deeds.values();
        deeds.any(|deed| deed.does == Does::IssueToken)
    }

    /// What is known about the collection at a path.
    pub(crate) fn kind_at(&self, path: &[String]) -> Option<&Kind> {
        let fits = |shape: &str| {
            let mut segments = shape.split('/').skip(1);
            let mut own = path.iter();
            let all = own.all(|own| segments.next().is_some_and(|one| one == "{}" || one == own));
            all && segments.next().is_none()
        };
        // A path that names its segments is meant rather than one that leaves them open.
        let fitting = self.kinds.iter().filter(|(shape, _)| fits(shape));
        let kind = fitting.min_by_key(|(shape, _)| shape.matches("{}").count());
        kind.map(|(_, kind)| kind)
    }

    /// The template and the number of keys of the nearest item above a collection that callers create.
    pub(crate) fn parent(&self, collection: &[Segment]) -> Option<(usize, usize)> {
        (1..collection.len()).rev().find_map(|end| {
            let keys = trailing_values(&collection[..end]);
            let kind = self.kind(&collection[..end - keys])?;
            (keys > 0 && kind.is_filled && kind.keys.len() == keys).then_some((end - keys, keys))
        })
    }

    /// An answer tells of background work if a member of it has a status that moves, and the schema
    /// of something that can be read by itself with the parameters of the call.
    fn find_jobs(&mut self, description: &Description) {
        let root = description.root();
        let readable = |kind: &Kind| kind.item.as_ref().map(|item| resolved(root, item));
        let mut jobs = Vec::new();
        for operation in description.operations() {
            let Some(content) = answer_content(operation) else {
                continue;
            };
            let known: Vec<&String> = operation.parameters.iter().map(|p| &p.name).collect();
            let members = Members::of(root, &content.schema_pointer())
                .named
                .into_iter();
            let job = members.into_iter().find_map(|member| {
                let schema = resolved(root, &member.pointer);
                StatusMember::of(root, &schema)?;
                let mut reads = self.deeds.values().filter(|deed| deed.does == Does::Read);
                let read = reads.find(|deed| {
                    let names = deed.collection.iter().filter_map(Segment::value);
                    self.kind(&deed.collection).and_then(readable) == Some(schema.clone())
                        && names.into_iter().all(|name| known.contains(&name))
                })?;
                Some(Job {
                    member: member.name,
                    collection: read.collection.clone(),
                })
            });
            jobs.extend(job.map(|job| (operation.pointer.clone(), job)));
        }
        for (pointer, job) in jobs {
            if let Some(deed) = self.deeds.get_mut(&pointer)
                && !matches!(deed.does, Does::Read | Does::List)
            {
                deed.job = Some(job);
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

/// Decides, knowing which operations share a path.
struct Reader<'a> {
    description: &'a Description,
    /// The operations by the shape of their path.
    by_shape: BTreeMap<String, Vec<&'a Operation>>,
}

impl<'a> Reader<'a> {
    fn of(description: &'a Description) -> Self {
        let mut by_shape: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
        for operation in description.operations() {
            let path = path(description.root(), operation);
            by_shape.entry(shape(&path)).or_default().push(operation);
        }
        Self {
            description,
            by_shape,
        }
    }

    fn root(&self) -> &'a Value {
        self.description.root()
    }

    fn deed(&self, operation: &Operation) -> Option<Deed> {
        let mut path = path(self.root(), operation);
        let answer = answer_content(operation).map(Content::schema_pointer);
        let list = self.list(operation, &path);
        let does = match said(self.root(), operation, "does").as_deref() {
            Some(verb) => Does::said(verb)?,
            None if tokens::is_endpoint(self.description, operation, answer.as_ref()) => {
                Does::IssueToken
            }
            None => self.does(operation, &mut path, list.is_some())?,
        };
        let on_collection = match does {
            Does::List | Does::Create | Does::Add | Does::Remove | Does::Load | Does::Pick => true,
            Does::Amend => self.lists(&path),
            _ => false,
        };
        let keys = match trailing_values(&path) {
            _ if on_collection => 0,
            // A part that there is one of is named by its last segment.
            0 => 1.min(path.len()),
            keys => keys,
        };
        let keys = path.split_off(path.len() - keys);
        let wrapped = answer.and_then(|answer| wrapper::wrapped(self.root(), &answer));
        Some(Deed {
            does,
            collection: path,
            keys,
            list,
            paging: Paging::of(self.root(), operation),
            listed: self.listed(operation),
            job: None,
            wrapper: wrapped.map(|(name, _)| name),
        })
    }

    /// What the table says. A path may be cut to what the deed is about.
    fn does(&self, operation: &Operation, path: &mut Vec<Segment>, is_list: bool) -> Option<Does> {
        let has_body = operation.body.is_some();
        let names_item = matches!(path.last(), Some(Segment::Value(_)));
        let method = operation.method.as_str();
        if self.amends(operation) {
            return Some(Does::Amend);
        }
        Some(match (method, names_item) {
            ("GET", _) if is_list => Does::List,
            ("GET" | "HEAD", true) => Does::Read,
            ("PUT", true) => Does::Replace,
            ("PATCH", true) => Does::Merge,
            ("POST", true) if has_body => Does::Merge,
            ("POST", true) => Does::Link,
            ("DELETE", true) => Does::Delete,
            ("POST", false) if has_body => return self.posted(operation, path),
            ("DELETE", false) if self.lists(path) => {
                self.listed(operation)?;
                Does::Remove
            }
            ("PATCH", false) if self.adds_to_list(operation, path) => Does::Add,
            ("PUT" | "PATCH", false) if self.is_of_item(operation, path) => {
                path.pop();
                Does::Merge
            }
            ("PUT" | "PATCH" | "GET" | "HEAD" | "DELETE", false) if self.is_part(path) => {
                match method {
                    "PUT" => Does::Replace,
                    "PATCH" => Does::Merge,
                    "DELETE" => Does::Delete,
                    _ => Does::Read,
                }
            }
            _ => return None,
        })
    }

    fn posted(&self, operation: &Operation, path: &mut Vec<Segment>) -> Option<Does> {
        let word = match path.last() {
            Some(Segment::Fixed(word)) => plain(word),
            _ => String::new(),
        };
        let above = &path[..path.len().saturating_sub(1)];
        if ["import", "export"].contains(&&*word) && self.is_known(above) {
            path.pop();
            return Some(if word == "import" {
                Does::Load
            } else {
                Does::Pick
            });
        }
        if self.adds_to_list(operation, path) {
            return Some(Does::Add);
        }
        let made = success(operation).is_some_and(|chosen| chosen.status.as_u16() == 201);
        (made || self.is_known(path)).then_some(Does::Create)
    }

    /// Whether there is a list at a path, or an item or a create below or at it.
    fn is_known(&self, path: &[Segment]) -> bool {
        let shape = shape(path);
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
            .get(&shape(path))
            .into_iter()
            .flatten()
            .copied()
    }

    fn list(&self, operation: &Operation, path: &[Segment]) -> Option<List> {
        if let Ok(Some(said)) = said::Paging::of(self.root(), &operation.pointer) {
            return Some(List::said(said));
        }
        let content = answer_content(operation)?;
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

    /// Whether there is one thing at a path, which can be read and changed.
    fn is_part(&self, path: &[Segment]) -> bool {
        let mut others = self.at(path);
        let reads = self.at(path).any(|other| other.method == Method::GET);
        reads
            && !self.lists(path)
            && others.any(|other| other.method != Method::GET && other.method != Method::POST)
    }

    /// Whether an operation on a part of an item answers with the item.
    fn is_of_item(&self, operation: &Operation, path: &[Segment]) -> bool {
        let own = self.answer_schema(operation);
        let above = &path[..path.len().saturating_sub(1)];
        own.is_some()
            && matches!(above.last(), Some(Segment::Value(_)))
            && self.at(above).any(|item| self.answer_schema(item) == own)
    }

    fn answer_schema(&self, operation: &Operation) -> Option<Pointer> {
        let item = self.answer_item(operation)?;
        Some(resolved(self.root(), &item))
    }

    /// Where the schema stands of the item that the response has.
    fn answer_item(&self, operation: &Operation) -> Option<Pointer> {
        let answer = answer_content(operation)?.schema_pointer();
        Some(wrapper::item(self.root(), answer))
    }

    fn body_members(&self, operation: &Operation) -> Members {
        let content = body_content(operation);
        content.map_or_else(Members::default, |content| {
            Members::of(self.root(), &content.schema_pointer())
        })
    }

    /// Where the list is that a body consists of.
    fn listed(&self, operation: &Operation) -> Option<Option<String>> {
        let root = self.root();
        let is_array = |pointer: &Pointer| {
            let schema = resolved(root, pointer);
            schema
                .get(root)
                .and_then(|schema| schema.get("type"))
                .is_some_and(|of| of == "array")
        };
        let content = body_content(operation)?;
        if is_array(&content.schema_pointer()) {
            return Some(None);
        }
        let members = self.body_members(operation).named;
        let mut arrays = members.iter().filter(|member| is_array(&member.pointer));
        let array = arrays.next()?;
        // Others beside it may say how, but a second list would leave open which.
        let is_only =
            arrays.next().is_none() && members.iter().all(|m| !m.required || m.name == array.name);
        is_only.then(|| Some(array.name.clone()))
    }

    /// Whether there is a list at the path, and what a body lists is what the path lists, a part of
    /// that, or keys of it; and not one item whose only property happens to be a list.
    fn adds_to_list(&self, operation: &Operation, path: &[Segment]) -> bool {
        let root = self.root();
        let listed = self.listed(operation);
        let Some((content, member)) = body_content(operation).zip(listed) else {
            return false;
        };
        let array = match member {
            None => content.schema_pointer(),
            Some(name) => match self.body_members(operation).get(&name) {
                Some(member) => member.pointer.clone(),
                None => return false,
            },
        };
        let sent = resolved(root, &resolved(root, &array).join("items"));
        let is_key = sent
            .get(root)
            .and_then(|schema| schema.get("type"))
            .is_some_and(|of| of == "string");
        let parts = Members::of(root, &sent).named;
        let gets = self.at(path).filter(|other| other.method == Method::GET);
        let mut lists = gets.filter_map(|other| self.list(other, path));
        lists.any(|list| {
            let item = resolved(root, &list.item);
            let members = Members::of(root, &item);
            let has_all = || parts.iter().all(|part| members.get(&part.name).is_some());
            is_key || item == sent || (!parts.is_empty() && has_all())
        })
    }

    fn amends(&self, operation: &Operation) -> bool {
        let members = self.body_members(operation).named;
        let has = |words: &[&str]| {
            members
                .iter()
                .any(|member| words.contains(&&*plain(&member.name)))
        };
        operation.method == Method::PATCH
            && members.len() == 2
            && has(&["add"])
            && has(&["delete", "remove"])
    }

    /// What an operation says about the items of its collection.
    fn learn(&self, kind: &mut Kind, operation: &Operation, deed: &Deed) {
        let answer = self.answer_item(operation);
        let prefer = |kind: &mut Kind, item: Option<Pointer>, wins: bool| {
            if item.is_some() && (wins || kind.item.is_none()) {
                kind.item = item;
            }
        };
        match deed.does {
            Does::Read => prefer(kind, answer, true),
            Does::List => {
                kind.is_listed = true;
                prefer(
                    kind,
                    deed.list.as_ref().map(|list| list.item.clone()),
                    false,
                );
            }
            Does::Create | Does::Replace | Does::Merge => prefer(kind, answer, false),
            _ => {}
        }
        let adds = matches!(
            deed.does,
            Does::Create | Does::Add | Does::Link | Does::Load
        );
        let amends = deed.does == Does::Amend;
        kind.is_filled |= adds || amends && deed.keys.is_empty();
        kind.is_amended |= amends && !deed.keys.is_empty();
        if matches!(deed.does, Does::Create | Does::Replace | Does::Merge) {
            let members = self.body_members(operation).named;
            for member in members {
                let schema = resolved(self.root(), &member.pointer);
                let default = schema
                    .get(self.root())
                    .and_then(|schema| schema.get("default"));
                let default = default.map(|default| (member.name.clone(), default.clone()));
                kind.defaults.extend(default);
                kind.sent.insert(member.name);
            }
        }
        let names = deed.keys.iter().filter_map(Segment::value);
        let names: Vec<String> = names.cloned().collect();
        if kind.key_names.len() < names.len() {
            kind.key_names = names;
        }
    }
}

impl Kind {
    /// Draws the conclusions, once all operations are known.
    fn finish(&mut self, root: &Value, shape: &str, shapes: &BTreeSet<String>) {
        let Some(item) = &self.item else { return };
        self.members = Members::of(root, item);
        self.status = StatusMember::of(root, item);
        if self.key_names.is_empty() {
            // Nobody asks for an item by its key, so any name will do.
            self.key_names.push("id".to_owned());
        }
        self.keys = self
            .key_names
            .iter()
            .map(|name| self.key_member(name))
            .collect();
        let items = format!("{shape}{}", "/{}".repeat(self.key_names.len()));
        let below = shapes
            .iter()
            .filter_map(|other| other.strip_prefix(&items)?.strip_prefix('/'));
        for segment in below.filter(|below| !below.contains('/')) {
            let mut members = self.members.named.iter();
            if let Some(member) = members.find(|member| plain(&member.name) == plain(segment)) {
                self.children.push(Child {
                    member: member.name.clone(),
                    segment: segment.to_owned(),
                });
            }
        }
    }

    /// The member that a path parameter names an item by: of the same name, or of the parameter's
    /// last word, or else the first of the usual ones.
    fn key_member(&self, parameter: &str) -> Option<String> {
        let named = |wanted: &dyn Fn(&str) -> bool| {
            let mut members = self.members.named.iter();
            members
                .find(|member| wanted(&member.name))
                .map(|member| member.name.clone())
        };
        let usual = ["id", "uuid", "identifier", "key", "name"];
        // An object whose properties are not listed can have any.
        let is_unknown = self.members.open && self.members.named.is_empty();
        named(&|name| plain(name) == plain(parameter))
            .or_else(|| named(&|name| ends_in(parameter, name)))
            .or_else(|| {
                usual
                    .iter()
                    .find_map(|usual| named(&|name| plain(name) == **usual))
            })
            .or_else(|| is_unknown.then(|| parameter.to_owned()))
    }
}

impl Does {
    fn said(verb: &str) -> Option<Self> {
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

/// What the extension `x-mock` of an operation says.
fn said(root: &Value, operation: &Operation, member: &str) -> Option<String> {
    let said = operation.pointer.get(root)?.get("x-mock")?.get(member)?;
    said.as_str().map(str::to_owned)
}

/// The template of an operation, without the words that only say that there are many.
fn path(root: &Value, operation: &Operation) -> Vec<Segment> {
    let said = said(root, operation, "path");
    let template = said.as_deref().unwrap_or(&operation.path);
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

/// The template with its parameters' names left out.
fn shape(path: &[Segment]) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Fixed(word) => format!("/{word}"),
        Segment::Value(_) => "/{}".to_owned(),
    });
    segments.collect()
}

fn trailing_values(path: &[Segment]) -> usize {
    let values = path.iter().rev();
    values
        .take_while(|segment| segment.value().is_some())
        .count()
}

/// The JSON that an operation answers with if all goes well.
fn answer_content(operation: &Operation) -> Option<&Content> {
    let mut content = success(operation)?.answer.content.iter();
    content.find(|content| content.is_json() && content.schema.is_some())
}

/// The JSON that an operation takes.
fn body_content(operation: &Operation) -> Option<&Content> {
    let mut content = operation.body.as_ref()?.content.iter();
    content.find(|content| content.is_json() && content.schema.is_some())
}
