//! The server's memory, so that the answers of one operation agree with what others have done.
//!
//! What each operation does is decided once, in [`crate::deeds`]. Here it is done: to collections and
//! items, to background work, to tokens. Every answer stays valid by its schema: what is known is put
//! into the members that the schema has, and what nobody said is made up.
//!
//! Rules beyond the table of deeds:
//!
//! - A collection that callers fill begins empty, or with as many items as the settings say. One that
//!   they can only list begins with two. What is neither listed nor filled is there for every key.
//! - An item above is looked for before anything below it is done, if callers create such items.
//! - What is not there is answered with a 404, and what is there already with a 409, each if the
//!   operation documents it; otherwise the operation answers as if all were well.
//! - A member that a caller could have sent and did not is its default, or left out where it may be.
//! - `created…` and `updated…` tell a time that moves on by a second with each change, so that the
//!   same requests always have the same answers.
//! - A query parameter named like a member of the items keeps those that have its value. A body of a
//!   list that lists keys keeps those.
//! - With `dry-run=true` nothing is changed.
//! - When there is no room for another item, the answer is a 507 and nothing is changed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderValue, StatusCode, header};
use openapi_document::Pointer;
use openapi_document::instances::Plan;
use serde_json::{Map, Value, json};

use crate::answer::{Answers, success};
use crate::clock::Clock;
use crate::deeds::{Deed, Deeds, Does, Kind, Segment};
use crate::description::{Content, Description, Operation, is_json};
use crate::members::{Members, ends_in, plain};
use crate::negotiation::acceptable;
use crate::paging::{Page, pairs};
use crate::prefer::Preference;
use crate::progress::{Pace, Stage, is_premature};
use crate::received::Received;
use crate::reply::{Problem, Reply};
use crate::seed::Seed;
use crate::store::{Effect, Full, Item, Path, Store, Work};
use crate::tokens::Tokens;

/// How many items a collection begins with that callers cannot fill.
const CATALOGUE: usize = 2;

/// How the server's memory behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether what callers do is remembered. Without it lists may still come in pages, and tokens
    /// are issued.
    pub stateful: bool,
    /// How many items each list has to begin with; `None` for what its schema suggests.
    pub items: Option<usize>,
    /// Sets made-up values apart from those of another seed.
    pub seed: u64,
    /// The most items that are remembered, all collections together.
    pub room: usize,
    /// How fast background work goes on.
    pub pace: Pace,
    /// What time it is.
    pub clock: Clock,
    /// How long an issued token is good.
    pub token_life: std::time::Duration,
    /// Client ids and secrets that may have tokens; if empty, every client may.
    pub clients: Vec<(String, String)>,
    /// Tokens that are good without having been issued.
    pub tokens: Vec<String>,
}

impl Default for Settings {
    /// Nothing is remembered; room for 10,000 items; tokens are good for an hour.
    fn default() -> Self {
        Self {
            stateful: false,
            items: None,
            seed: 0,
            room: 10_000,
            pace: Pace::default(),
            clock: Clock::new(),
            token_life: std::time::Duration::from_secs(3600),
            clients: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

/// What the server remembers, and what follows from it.
pub struct State {
    answers: Arc<Answers>,
    root: Arc<Description>,
    deeds: Deeds,
    settings: Settings,
    memory: Mutex<Memory>,
}

struct Memory {
    store: Store,
    tokens: Tokens,
    /// How many changes there were.
    changes: u64,
    /// Operations whose next background work is to fail.
    failing: BTreeSet<String>,
}

/// One call of an operation.
struct Call<'a> {
    operation: &'a Operation,
    deed: &'a Deed,
    kind: &'a Kind,
    received: &'a Received,
    preference: &'a Preference,
    /// The parameters of the path, decoded.
    values: &'a [(String, String)],
    path: Path,
    key: Path,
    body: Value,
}

/// An answer; `None` for the one that the document has, whatever is remembered.
type Outcome = Result<Option<Reply>, Problem>;

impl State {
    /// The memory of a server of `description` that makes its answers with `answers`.
    pub fn of(description: Arc<Description>, answers: Arc<Answers>, settings: Settings) -> Self {
        let tokens = Tokens::of(
            settings.token_life,
            settings.clients.clone(),
            settings.tokens.clone(),
        );
        Self {
            deeds: Deeds::of(&description),
            answers,
            root: description,
            memory: Mutex::new(Memory {
                store: Store::with_room(settings.room),
                tokens,
                changes: 0,
                failing: BTreeSet::new(),
            }),
            settings,
        }
    }

    /// The answer to a request whose bearer token is not good: neither registered, nor issued and
    /// not expired (401, RFC 6750 section 3.1). Every token is good where nothing is remembered, and
    /// where there are none to be had.
    pub fn refusal(&self, operation: &Operation, received: &Received) -> Option<Reply> {
        let credentials = received.header("authorization")?.split_once(' ');
        let (scheme, token) = credentials?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !operation.security.is_empty();
        if !is_bearer || self.accepts_token(token.trim()) {
            return None;
        }
        let detail = "The access token is expired, or was never issued.";
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        let reply = Reply::problem(StatusCode::UNAUTHORIZED, "Unauthorized", detail, Vec::new());
        Some(reply.with_header(header::WWW_AUTHENTICATE, challenge))
    }

    fn accepts_token(&self, token: &str) -> bool {
        let now = self.settings.clock.now();
        let can_be_had = self.deeds.issue_tokens() || !self.settings.tokens.is_empty();
        !self.settings.stateful || !can_be_had || self.memory().tokens.accept(token, now)
    }

    /// The next background work that the operation of this id sets off will fail.
    pub fn fail_next(&self, operation: &str) {
        self.memory().failing.insert(operation.to_owned());
    }

    /// Does what the operation does, and answers accordingly. `None` if the operation has no part in
    /// what is remembered, or the caller prefers an answer of the document: then that is to be sent.
    ///
    /// `values` are the parameters of the path, decoded; `received` has been found to be what the
    /// document says.
    pub fn serve(
        &self,
        operation: &Operation,
        values: &[(String, String)],
        received: &Received,
        preference: &Preference,
    ) -> Option<Reply> {
        let deed = self.deeds.get(operation)?;
        if preference.chooses() {
            return None;
        }
        let nothing_known = Kind::default();
        let call = Call {
            operation,
            deed,
            kind: self.deeds.kind(&deed.collection).unwrap_or(&nothing_known),
            received,
            preference,
            values,
            path: concrete(&deed.collection, values),
            key: concrete(&deed.keys, values),
            body: body(received),
        };
        let mut memory = self.memory();
        let outcome = if deed.does == Does::IssueToken {
            self.issue_token(&mut memory, &call)
        } else if !self.settings.stateful {
            self.list_of_nothing(&call)
        } else if call.is_dry_run() {
            Ok(None)
        } else {
            self.pass_time(&mut memory);
            self.act(&mut memory, &call)
        };
        outcome.unwrap_or_else(|problem| Some(Reply::from(problem)))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // Every change is made in one step, so whoever panicked with the lock left none half made.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seed(&self) -> Seed {
        Seed(self.settings.seed)
    }

    fn act(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        if !self.parent_is_there(memory, call) {
            return call.missing();
        }
        if call.deed.does != Does::Link {
            self.begin(memory, call)?;
        }
        match call.deed.does {
            Does::List => self.list(memory, call),
            Does::Create => self.create(memory, call),
            Does::Read => self.read(memory, call),
            Does::Replace | Does::Merge => self.change(memory, call),
            Does::Link => self.link(memory, call),
            Does::Delete => self.delete(memory, call),
            Does::Add | Does::Load => self.add(memory, call),
            Does::Remove => self.remove(memory, call),
            Does::Amend => self.amend(memory, call),
            Does::Pick => self.pick(memory, call),
            Does::IssueToken => Ok(None),
        }
    }

    fn parent_is_there(&self, memory: &Memory, call: &Call<'_>) -> bool {
        let Some((end, keys)) = self.deeds.parent(&call.deed.collection) else {
            return true;
        };
        let (path, key) = (&call.path[..end], &call.path[end..end + keys]);
        memory.store.get(path, key).is_some()
    }

    /// Fills a collection that was never touched with what it begins with.
    fn begin(&self, memory: &mut Memory, call: &Call<'_>) -> Result<(), Problem> {
        let kind = call.kind;
        let usual = if kind.is_filled { 0 } else { CATALOGUE };
        let count = self.settings.items.unwrap_or(usual);
        if !kind.is_listed || count == 0 || memory.store.items(&call.path).is_some() {
            return Ok(());
        }
        memory.store.touch(&call.path).map_err(full)?;
        for ordinal in 0..count {
            let mut value = self.made_up(kind, &call.path, ordinal)?;
            call.fill_from_path(kind, &mut value);
            let key = self.name(kind, &call.path, &mut value, ordinal);
            memory
                .store
                .put(&call.path, &key, Item::of(value))
                .map_err(full)?;
        }
        Ok(())
    }

    fn list(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let items = memory.store.items(&call.path).unwrap_or_default();
        let keys = call
            .listed()
            .map(|keys| keys.iter().map(text).collect::<Vec<_>>());
        let is_wanted = |(key, item): &&(Path, Item)| {
            let named = |keys: &Vec<String>| keys.iter().any(|one| key.first() == Some(one));
            keys.as_ref().is_none_or(named) && call.passes_filters(&item.value)
        };
        let wanted: Vec<&(Path, Item)> = items.iter().filter(is_wanted).collect();
        let page = self.page(call, wanted.len())?;
        let values = wanted[page.range.clone()].iter().map(|(key, item)| {
            let value = self.with_children(memory, call.kind, &call.path, key, &item.value);
            match &call.deed.list {
                Some(list) => self.shaped(&list.item, call, &value, item.stage),
                None => value,
            }
        });
        self.paged(call, &page, values.collect())
    }

    /// A list where nothing is remembered: as long as the settings say.
    fn list_of_nothing(&self, call: &Call<'_>) -> Outcome {
        let (Does::List, Some(total), Some(list)) =
            (call.deed.does, self.settings.items, &call.deed.list)
        else {
            return Ok(None);
        };
        let page = self.page(call, total)?;
        let seed = self.seed().number(&call.path);
        let values = page.range.clone().map(|ordinal| {
            let plan = Plan {
                seed,
                ordinal,
                examples: true,
            };
            let mut value = self.answers.value_at(&list.item, plan).map_err(unmade)?;
            call.fill_from_path(call.kind, &mut value);
            self.name(call.kind, &call.path, &mut value, ordinal);
            Ok(self.shaped(&list.item, call, &value, None))
        });
        self.paged(call, &page, values.collect::<Result<_, Problem>>()?)
    }

    fn page(&self, call: &Call<'_>, total: usize) -> Result<Page, Problem> {
        let purpose = call.path.join("/");
        call.deed
            .paging
            .page(call.received, self.seed(), &purpose, total)
    }

    fn paged(&self, call: &Call<'_>, page: &Page, values: Vec<Value>) -> Outcome {
        let (Some(list), Some(content)) = (&call.deed.list, call.content()?) else {
            return Ok(None);
        };
        let plan = Plan {
            examples: true,
            ..Plan::default()
        };
        let answer = self.answers.value(content, plan).map_err(unmade)?;
        Ok(call.reply(&self.answers, &list.answer(answer, page, values)))
    }

    fn create(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let (key, value) = self.new_item(memory, call, &call.body)?;
        let items = memory.store.items(&call.path).unwrap_or_default();
        let taken = |(known, item): &(Path, Item)| *known == key || call.is_same(&item.value);
        if items.iter().any(taken) && call.operation.answer(409).is_some() {
            let detail = format!("There is such an item in /{} already.", call.path.join("/"));
            return Err(Problem::new(StatusCode::CONFLICT, "Already there", detail));
        }
        let path = call.path.clone();
        let put = Effect::Put {
            path,
            key: key.clone(),
            value: value.clone(),
        };
        let job = self.carry_out(memory, call, put)?;
        let value = match memory.store.get(&call.path, &key) {
            Some(item) => item.value.clone(),
            None => value,
        };
        let reply = self.respond(call, &key, &value, job.as_ref())?;
        let place = format!(
            "{}/{}/{}",
            call.operation.base_path,
            call.path.join("/"),
            key.join("/")
        );
        Ok(reply.map(|reply| match HeaderValue::from_str(&place) {
            Ok(place) if reply.headers.contains_key(header::LOCATION) => {
                reply.with_header(header::LOCATION, place)
            }
            _ => reply,
        }))
    }

    fn read(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        self.make_if_always_there(memory, call)?;
        self.poll(memory, &call.path, &call.key);
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.missing();
        };
        let value = self.with_children(memory, call.kind, &call.path, &call.key, &item.value);
        self.respond_at(call, &call.key, &value, None, item.stage)
    }

    fn change(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        self.make_if_always_there(memory, call)?;
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.missing();
        };
        let mut value = item.value.clone();
        let sent = call.kind.renamed(&call.body);
        match call.deed.does {
            Does::Replace => call.replace(&mut value, &sent),
            _ => merge(&mut value, &sent),
        }
        memory.changes += 1;
        stamp(call.kind, &mut value, memory.changes, false);
        let new_key = call.kind.key_of(&value).unwrap_or_else(|| call.key.clone());
        let change = Effect::Change {
            path: call.path.clone(),
            key: call.key.clone(),
            new_key: new_key.clone(),
            value: value.clone(),
        };
        let job = self.carry_out(memory, call, change)?;
        let value = self.with_children(memory, call.kind, &call.path, &new_key, &value);
        self.respond(call, &new_key, &value, job.as_ref())
    }

    fn link(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let known = memory.store.get(&call.path, &call.key);
        let known = known.or_else(|| memory.store.elsewhere(&call.path, &call.key));
        let Some(value) = known.map(|item| item.value.clone()) else {
            return call.missing();
        };
        memory
            .store
            .put(&call.path, &call.key, Item::of(value.clone()))
            .map_err(full)?;
        self.respond(call, &call.key, &value, None)
    }

    fn delete(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.missing();
        };
        let value = item.value.clone();
        let (path, key) = (call.path.clone(), call.key.clone());
        let job = self.carry_out(memory, call, Effect::Remove { path, key })?;
        self.respond(call, &call.key, &value, job.as_ref())
    }

    fn add(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        for sent in call.listed().unwrap_or_default() {
            let (key, value) = match &sent {
                Value::String(key) => {
                    let key = vec![key.clone()];
                    let value = match memory.store.elsewhere(&call.path, &key) {
                        Some(item) => item.value.clone(),
                        None => self.item_of_key(memory, call, &key)?,
                    };
                    (key, value)
                }
                sent => self.new_item(memory, call, sent)?,
            };
            memory
                .store
                .put(&call.path, &key, Item::of(value))
                .map_err(full)?;
        }
        Ok(None)
    }

    fn remove(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        for sent in call.listed().unwrap_or_default() {
            let items = memory.store.items(&call.path).unwrap_or_default();
            let is_meant = |(key, item): &&(Path, Item)| match &sent {
                Value::String(wanted) => key.first() == Some(wanted),
                sent => covers(&item.value, sent),
            };
            let meant: Vec<Path> = items
                .iter()
                .filter(is_meant)
                .map(|(key, _)| key.clone())
                .collect();
            for key in meant {
                memory.store.remove(&call.path, &key);
            }
        }
        Ok(None)
    }

    fn amend(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let members = call.body.as_object().into_iter().flatten();
        for (verb, changes) in members {
            let adds = plain(verb) == "add";
            let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
            if call.deed.keys.is_empty() {
                let part = Call {
                    body: changes.clone(),
                    ..call.again()
                };
                match adds {
                    true => self.add(memory, &part)?,
                    false => self.remove(memory, &part)?,
                };
                continue;
            }
            self.make_if_always_there(memory, call)?;
            let Some(item) = memory.store.get_mut(&call.path, &call.key) else {
                return call.missing();
            };
            for (name, values) in changes.as_object().into_iter().flatten() {
                let mut kept = listed(&item.value[name]);
                let values = listed(values);
                kept.retain(|value| !values.contains(value));
                if adds {
                    kept.extend(values);
                }
                item.value[name] = Value::Array(kept);
            }
        }
        Ok(None)
    }

    fn pick(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let wanted = call.listed().map(|listed| {
            let keys = listed.iter().map(|sent| call.kind.key_of(sent));
            keys.collect::<Vec<_>>()
        });
        let items = memory.store.items(&call.path).unwrap_or_default().iter();
        let picked = items.filter(|(key, _)| {
            let among = |keys: &Vec<Option<Path>>| keys.iter().any(|one| one.as_ref() == Some(key));
            wanted.as_ref().is_none_or(among)
        });
        let picked = picked.map(|(_, item)| item.value.clone()).collect();
        let Some(content) = call.content()? else {
            return Ok(None);
        };
        let picked = Value::Array(picked);
        let fits = self.answers.allow(content, &picked);
        Ok(fits.then(|| call.reply(&self.answers, &picked)).flatten())
    }

    /// Makes the item that a caller sends the members of; the key is its own or a new one.
    fn new_item(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        sent: &Value,
    ) -> Result<(Path, Value), Problem> {
        memory.changes += 1;
        let kind = call.kind;
        let ordinal = usize::try_from(memory.changes).unwrap_or(usize::MAX);
        let mut value = self.made_up(kind, &call.path, ordinal)?;
        call.fill_from_path(kind, &mut value);
        call.replace(&mut value, &kind.renamed(sent));
        stamp(kind, &mut value, memory.changes, true);
        let key = match kind.key_of(sent) {
            Some(key) => key,
            None => self.name(kind, &call.path, &mut value, ordinal),
        };
        Ok((key, value))
    }

    /// Makes an item of which no more is known than its key.
    fn item_of_key(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        key: &[String],
    ) -> Result<Value, Problem> {
        memory.changes += 1;
        let ordinal = usize::try_from(memory.changes).unwrap_or(usize::MAX);
        let mut value = self.made_up(call.kind, &call.path, ordinal)?;
        call.fill_from_path(call.kind, &mut value);
        for (member, key) in call.kind.keys.iter().zip(key) {
            if let Some(member) = member {
                value[member] = self.typed(call.kind, member, key);
            }
        }
        Ok(value)
    }

    fn make_if_always_there(&self, memory: &mut Memory, call: &Call<'_>) -> Result<(), Problem> {
        let always = !call.kind.is_filled && !call.kind.is_listed;
        if always && memory.store.get(&call.path, &call.key).is_none() {
            let mut value = self.item_of_key(memory, call, &call.key)?;
            if call.deed.does == Does::Amend || call.kind.is_amended {
                let members = value.as_object_mut().into_iter().flatten();
                for (_, list) in members.filter(|(_, value)| value.is_array()) {
                    *list = json!([]);
                }
            }
            memory
                .store
                .put(&call.path, &call.key, Item::of(value))
                .map_err(full)?;
        }
        Ok(())
    }

    fn made_up(&self, kind: &Kind, path: &[String], ordinal: usize) -> Result<Value, Problem> {
        let plan = Plan {
            seed: self.seed().number(path),
            ordinal,
            examples: true,
        };
        match &kind.item {
            Some(pointer) => self.answers.value_at(pointer, plan).map_err(unmade),
            None => Ok(json!({})),
        }
    }

    /// Gives an item a key of its own, and says it where the item has room for it.
    fn name(&self, kind: &Kind, path: &[String], value: &mut Value, ordinal: usize) -> Path {
        if kind.keys.iter().all(Option::is_none) {
            return vec![value.to_string()];
        }
        let purpose = path.join("/");
        for member in kind.keys.iter().flatten() {
            let Some(known) = kind.members.get(member) else {
                continue;
            };
            let uuid = json!(self.seed().uuid(&[&purpose, member, &ordinal.to_string()]));
            let is_free = !kind.sent.contains(member) || value.get(member).is_none();
            if is_free && self.answers.allow_at(&known.pointer, &uuid) {
                value[member] = uuid;
            } else if is_free {
                let plan = Plan {
                    ordinal,
                    ..Plan::default()
                };
                value[member] = self.answers.value_at(&known.pointer, plan).unwrap_or(uuid);
            }
        }
        kind.key_of(value)
            .unwrap_or_else(|| vec![ordinal.to_string()])
    }

    /// A key as its member takes it: a number where it must be one.
    fn typed(&self, kind: &Kind, member: &str, key: &str) -> Value {
        let number = || key.parse::<i64>().ok().map(Value::from);
        let fits = |value: &Value| {
            let known = kind.members.get(member);
            known.is_none_or(|known| self.answers.allow_at(&known.pointer, value))
        };
        let text = json!(key);
        if fits(&text) {
            text
        } else {
            number().unwrap_or(text)
        }
    }

    /// Carries out a change, now or when the background work is done that the answer tells of. That
    /// work is returned.
    fn carry_out(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        effect: Effect,
    ) -> Result<Option<Value>, Problem> {
        let Some(job) = &call.deed.job else {
            return self.apply(memory, effect).map(|()| None).map_err(full);
        };
        let path = concrete(&job.collection, call.values);
        let Some(kind) = self.deeds.kind(&job.collection) else {
            return Ok(None);
        };
        memory.changes += 1;
        let ordinal = usize::try_from(memory.changes).unwrap_or(usize::MAX);
        let mut value = self.made_up(kind, &path, ordinal)?;
        let key = self.name(kind, &path, &mut value, ordinal);
        stamp(kind, &mut value, memory.changes, true);
        let fails = memory.failing.remove(&call.operation.id) || call.preference.failure;
        let work = Work {
            polls: 0,
            since: self.settings.clock.now(),
            fails,
            effects: vec![effect],
            status: kind.status.clone(),
        };
        let item = Item {
            value,
            stage: None,
            work: Some(work),
        };
        memory.store.put(&path, &key, item).map_err(full)?;
        self.settle(memory, &path, &key, Stage::Waiting);
        let item = memory.store.get(&path, &key);
        let shaped = item.zip(kind.item.as_ref()).map(|(item, pointer)| {
            let call = Call {
                kind,
                path: path.clone(),
                key: key.clone(),
                ..call.again()
            };
            self.shaped(pointer, &call, &item.value, item.stage)
        });
        Ok(shaped)
    }

    fn apply(&self, memory: &mut Memory, effect: Effect) -> Result<(), Full> {
        match effect {
            Effect::Put { path, key, value } => {
                let kind = self.deeds.kind_at(&path);
                let status = kind.and_then(|kind| kind.status.clone());
                let work = status.map(|status| Work {
                    polls: 0,
                    since: self.settings.clock.now(),
                    fails: false,
                    effects: Vec::new(),
                    status: Some(status),
                });
                let is_work = work.is_some();
                memory.store.put(
                    &path,
                    &key,
                    Item {
                        value: value.clone(),
                        stage: None,
                        work,
                    },
                )?;
                if is_work {
                    self.settle(memory, &path, &key, Stage::Waiting);
                }
                for child in kind.into_iter().flat_map(|kind| &kind.children) {
                    let below = [&path[..], &key, std::slice::from_ref(&child.segment)].concat();
                    let Some(kind) = self.deeds.kind_at(&below) else {
                        continue;
                    };
                    for value in value[&child.member].as_array().into_iter().flatten() {
                        let key = kind
                            .key_of(value)
                            .unwrap_or_else(|| vec![value.to_string()]);
                        memory.store.put(&below, &key, Item::of(value.clone()))?;
                    }
                }
            }
            Effect::Change {
                path,
                key,
                new_key,
                value,
            } => {
                if let Some(item) = memory.store.get_mut(&path, &key) {
                    item.value = value;
                    memory.store.rename(&path, &key, &new_key);
                }
            }
            Effect::Remove { path, key } => {
                memory.store.remove(&path, &key);
            }
        }
        Ok(())
    }

    /// Moves on what goes by time.
    fn pass_time(&self, memory: &mut Memory) {
        if matches!(self.settings.pace, Pace::Polls(_)) {
            return;
        }
        let now = self.settings.clock.now();
        for (path, key) in memory.store.at_work() {
            let work = memory
                .store
                .get(&path, &key)
                .and_then(|item| item.work.as_ref());
            if let Some(work) = work {
                let stage = self.settings.pace.stage(0, now.saturating_sub(work.since));
                self.settle(memory, &path, &key, stage);
            }
        }
    }

    /// Moves on what goes by being asked for.
    fn poll(&self, memory: &mut Memory, path: &[String], key: &[String]) {
        let item = memory.store.get_mut(path, key);
        if let Pace::Polls(_) = self.settings.pace
            && let Some(work) = item.and_then(|item| item.work.as_mut())
        {
            let stage = self
                .settings
                .pace
                .stage(work.polls, std::time::Duration::ZERO);
            work.polls += 1;
            self.settle(memory, path, key, stage);
        }
    }

    /// Brings work to a stage; at its end, what it was for happens.
    fn settle(&self, memory: &mut Memory, path: &[String], key: &[String], stage: Stage) {
        let Some(item) = memory.store.get_mut(path, key) else {
            return;
        };
        let Some(work) = &item.work else { return };
        let stage = if stage == Stage::Done && work.fails {
            Stage::Failed
        } else {
            stage
        };
        item.stage = Some(stage);
        if let Some(status) = &work.status
            && let Some(word) = status.word(stage)
        {
            item.value[&status.name] = word.clone();
        }
        if stage >= Stage::Done {
            let effects = item
                .work
                .take()
                .map(|work| work.effects)
                .unwrap_or_default();
            for effect in effects.into_iter().filter(|_| stage == Stage::Done) {
                // The work was promised; if there is no room for it, it is lost as in a real accident.
                let _ = self.apply(memory, effect);
            }
        }
    }

    /// An item, with the collections below it in the members that show them.
    fn with_children(
        &self,
        memory: &Memory,
        kind: &Kind,
        path: &[String],
        key: &[String],
        value: &Value,
    ) -> Value {
        let mut value = value.clone();
        for child in &kind.children {
            let below = [path, key, std::slice::from_ref(&child.segment)].concat();
            if let Some(items) = memory.store.items(&below) {
                value[&child.member] = items.iter().map(|(_, item)| item.value.clone()).collect();
            }
        }
        value
    }

    fn respond(
        &self,
        call: &Call<'_>,
        key: &[String],
        value: &Value,
        job: Option<&Value>,
    ) -> Outcome {
        self.respond_at(call, key, value, job, None)
    }

    /// The documented answer with what is known in it.
    fn respond_at(
        &self,
        call: &Call<'_>,
        key: &[String],
        value: &Value,
        job: Option<&Value>,
        stage: Option<Stage>,
    ) -> Outcome {
        let Some(content) = call.content()? else {
            return Ok(None);
        };
        if content.schema.is_none() {
            return Ok(call.reply(&self.answers, value));
        }
        let mut known = value.clone();
        for (name, key) in call.kind.key_names.iter().zip(key) {
            if call.kind.members.get(name).is_none() && known.get(name).is_none() {
                known[name] = json!(key);
            }
        }
        if let Some((job, value)) = call.deed.job.as_ref().zip(job) {
            known[&job.member] = value.clone();
        }
        let body = self.shaped(&content.schema_pointer(), call, &known, stage);
        Ok(call.reply(&self.answers, &body))
    }

    /// What is known of an item, as the schema at `pointer` has it, and valid by it.
    fn shaped(
        &self,
        pointer: &Pointer,
        call: &Call<'_>,
        known: &Value,
        stage: Option<Stage>,
    ) -> Value {
        let plan = Plan {
            seed: self.seed().number(&call.path),
            ordinal: 0,
            examples: true,
        };
        let made = self.answers.value_at(pointer, plan).unwrap_or_default();
        let members = Members::of(self.root.root(), pointer);
        let (Value::Object(made), Value::Object(known)) = (&made, known) else {
            return if self.answers.allow_at(pointer, known) {
                known.clone()
            } else {
                made
            };
        };
        let mut shaped = Map::new();
        for member in &members.named {
            let name = &member.name;
            let premature = stage.is_some_and(|stage| is_premature(name, stage));
            let own = known.get(name).or_else(|| {
                let is_foreign = call.kind.members.get(name).is_none();
                let mut others = known.iter().filter(|_| is_foreign);
                others
                    .find(|(other, _)| ends_in(name, other))
                    .map(|(_, value)| value)
            });
            let of_path = || {
                let mut values = call.values.iter();
                values
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| json!(value))
            };
            let is_made_up = member.required || call.kind.members.get(name).is_none();
            let value = own.cloned().or_else(of_path);
            let value = value.or_else(|| made.get(name).filter(|_| is_made_up).cloned());
            if let Some(value) = value.filter(|_| member.required || !premature) {
                shaped.insert(name.clone(), value);
            }
        }
        if members.open || members.named.is_empty() {
            let others = known.iter().filter(|(name, _)| members.get(name).is_none());
            shaped.extend(others.map(|(name, value)| (name.clone(), value.clone())));
        }
        self.mended(pointer, &members, shaped, made)
    }

    /// Puts something else where a member breaks the schema: nothing, or what was made up.
    fn mended(
        &self,
        pointer: &Pointer,
        members: &Members,
        mut shaped: Map<String, Value>,
        made: &Map<String, Value>,
    ) -> Value {
        for _ in 0..3 {
            let value = Value::Object(shaped);
            let places = self.answers.faults_at(pointer, &value);
            let Value::Object(rest) = value else { break };
            shaped = rest;
            if places.is_empty() {
                return Value::Object(shaped);
            }
            for name in places
                .iter()
                .filter_map(|place| Pointer::parse(place)?.tokens().next())
            {
                let required = members.get(&name).is_none_or(|member| member.required);
                match made.get(&name).filter(|_| required) {
                    Some(value) => shaped.insert(name, value.clone()),
                    None => shaped.remove(&name),
                };
            }
        }
        Value::Object(made.clone())
    }

    fn issue_token(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        if !memory.tokens.knows(call.received, &call.body) {
            let detail = "The client is not known, or its secret is another one.";
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                detail,
            ));
        }
        let token = memory.tokens.issue(self.seed(), self.settings.clock.now());
        let Some(content) = call.content()? else {
            return Ok(None);
        };
        let known = json!({
            "access_token": token,
            "expires_in": self.settings.token_life.as_secs(),
            "token_type": "Bearer",
        });
        let pointer = content.schema_pointer();
        let members = Members::of(self.root.root(), &pointer);
        let made = self
            .answers
            .value(content, Plan::default())
            .map_err(unmade)?;
        let Value::Object(made) = made else {
            return Ok(None);
        };
        // What goes with other grants (RFC 6749 section 4.4.3) is left out where it may be.
        let is_needed = |name: &str| members.get(name).is_some_and(|member| member.required);
        let mut shaped: Map<String, Value> = made
            .clone()
            .into_iter()
            .filter(|(name, _)| is_needed(name))
            .collect();
        shaped.extend(known.as_object().cloned().unwrap_or_default());
        let body = self.mended(&pointer, &members, shaped, &made);
        let reply = call.reply(&self.answers, &body);
        let no_store = HeaderValue::from_static("no-store");
        Ok(reply.map(|reply| reply.with_header(header::CACHE_CONTROL, no_store)))
    }
}

impl<'a> Call<'a> {
    /// The same call, to be changed.
    fn again(&self) -> Self {
        Self {
            path: self.path.clone(),
            key: self.key.clone(),
            body: self.body.clone(),
            ..*self
        }
    }

    fn is_dry_run(&self) -> bool {
        pairs(self.received).any(|(name, value)| plain(&name) == "dryrun" && value == "true")
    }

    /// A 404 if the operation documents one.
    fn missing(&self) -> Outcome {
        if self.operation.answer(404).is_none() {
            return Ok(None);
        }
        let place = [&self.path[..], &self.key].concat().join("/");
        let detail = format!("There is no /{place}.");
        Err(Problem::new(StatusCode::NOT_FOUND, "Not found", detail))
    }

    /// The media type to answer in; `None` for no body.
    fn content(&self) -> Result<Option<&'a Content>, Problem> {
        match success(self.operation) {
            Some(chosen) => acceptable(&chosen.answer.content, self.received),
            None => Ok(None),
        }
    }

    fn reply(&self, answers: &Answers, body: &Value) -> Option<Reply> {
        let chosen = success(self.operation)?;
        let content = self.content().ok()??;
        Some(answers.reply(self.operation, chosen, Some((content, self.received, body))))
    }

    /// What the body lists, if it is a list.
    fn listed(&self) -> Option<Vec<Value>> {
        let list = match self.deed.listed.as_ref() {
            Some(Some(member)) => self.body.get(member)?,
            _ => &self.body,
        };
        list.as_array().cloned()
    }

    /// Says in a value what the path says.
    fn fill_from_path(&self, kind: &Kind, value: &mut Value) {
        for (name, text) in self.values {
            if kind.members.get(name).is_some() && value.is_object() {
                value[name] = json!(text);
            }
        }
    }

    /// Puts what was sent into a value; what could have been sent and was not, is not there.
    fn replace(&self, value: &mut Value, sent: &Value) {
        let (Some(members), Some(sent)) = (value.as_object_mut(), sent.as_object()) else {
            *value = sent.clone();
            return;
        };
        for name in self.kind.sent.iter().filter(|name| !self.kind.is_key(name)) {
            members.remove(name);
        }
        for (name, default) in &self.kind.defaults {
            members.insert(name.clone(), default.clone());
        }
        members.extend(
            sent.iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }

    /// Whether an item that is there is called what the body calls its own.
    fn is_same(&self, item: &Value) -> bool {
        let names = ["identifier", "email", "slug", "username", "name"];
        let mut named = names
            .iter()
            .filter_map(|name| Some((name, self.body.get(name)?)));
        let is_named_by_key = self.kind.key_of(&self.body).is_some();
        let name = named.next().filter(|_| !is_named_by_key);
        name.is_some_and(|(name, value)| item.get(name) == Some(value))
    }

    /// Whether an item has the values that the query asks for.
    fn passes_filters(&self, item: &Value) -> bool {
        let mut asked: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in pairs(self.received) {
            if self.kind.members.get(&name).is_none() || self.deed.paging.reads(&name) {
                continue;
            }
            match asked.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => asked.push((name, vec![value])),
            }
        }
        asked.iter().all(|(name, wanted)| match &item[name] {
            Value::Array(values) => values.iter().any(|value| wanted.contains(&text(value))),
            value => wanted.contains(&text(value)),
        })
    }
}

impl Kind {
    /// The key of an item, if it has all of it.
    fn key_of(&self, value: &Value) -> Option<Path> {
        let keys = self.keys.iter().map(|member| {
            let value = value.get(member.as_ref()?)?;
            (value.is_string() || value.is_number()).then(|| text(value))
        });
        let keys: Option<Path> = keys.collect();
        keys.filter(|keys| !keys.is_empty())
    }

    fn is_key(&self, name: &str) -> bool {
        self.keys.iter().flatten().any(|key| key == name)
    }

    /// What was sent, under the names that an item has: a member that it does not know is taken for
    /// the only one that ends in its name, as `count` for `nodeCount`.
    fn renamed(&self, sent: &Value) -> Value {
        let Some(sent) = sent.as_object() else {
            return sent.clone();
        };
        let own = |name: &String| {
            let mut ending = self
                .members
                .named
                .iter()
                .filter(|member| ends_in(&member.name, name));
            match (self.members.get(name), ending.next(), ending.next()) {
                (None, Some(only), None) => only.name.clone(),
                _ => name.clone(),
            }
        };
        sent.iter()
            .map(|(name, value)| (own(name), value.clone()))
            .collect()
    }
}

fn concrete(template: &[Segment], values: &[(String, String)]) -> Path {
    let segments = template.iter().map(|segment| match segment {
        Segment::Fixed(word) => word.clone(),
        Segment::Value(name) => {
            let mut values = values.iter();
            let value = values.find(|(known, _)| known == name);
            value.map(|(_, value)| value.clone()).unwrap_or_default()
        }
    });
    segments.collect()
}

/// The body as a value: JSON, or the pairs of a form.
fn body(received: &Received) -> Value {
    let media_type = received.header("content-type").unwrap_or_default();
    if is_json(media_type) || received.body.is_empty() {
        return serde_json::from_slice(&received.body).unwrap_or_default();
    }
    let query = String::from_utf8_lossy(&received.body).into_owned();
    let form = Received {
        query: Some(query),
        ..received.clone()
    };
    pairs(&form)
        .map(|(name, value)| (name, json!(value)))
        .collect()
}

/// Members that were sent take the place of those that are there, object by object (RFC 7396).
/// A null is kept, for the schema says whether it may stand there.
fn merge(value: &mut Value, sent: &Value) {
    match (value, sent) {
        (Value::Object(members), Value::Object(sent)) => {
            for (name, sent) in sent {
                merge(members.entry(name.as_str()).or_insert(Value::Null), sent);
            }
        }
        (value, sent) => *value = sent.clone(),
    }
}

/// Whether a value has all that `part` says.
fn covers(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(value), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| value.get(name).is_some_and(|value| covers(value, part))),
        (value, part) => value == part,
    }
}

/// Says when an item came into being or was changed, where it has members for that.
fn stamp(kind: &Kind, value: &mut Value, changes: u64, is_new: bool) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    let seconds = changes % 86_400;
    let day = 1 + changes / 86_400 % 28;
    let time = format!(
        "2024-01-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    for member in &kind.members.named {
        let name = plain(&member.name);
        let is_time = ["on", "at", "time", "date"]
            .iter()
            .any(|end| name.ends_with(end));
        let created = name.starts_with("creat");
        let updated = name.starts_with("updat") || name.starts_with("modif");
        if is_time && (created && is_new || updated) && members.contains_key(&member.name) {
            members.insert(member.name.clone(), json!(time));
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn full(_: Full) -> Problem {
    let detail = "The server remembers as many items as it was set up to: delete some, or give it more room.";
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "No room", detail)
}

fn unmade(error: impl std::fmt::Display) -> Problem {
    let detail = format!("No valid item could be made: {error}.");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "No valid answer", detail)
}

#[cfg(test)]
mod tests;
