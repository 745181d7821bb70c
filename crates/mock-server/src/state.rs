//! The server's memory, so that the answers of one operation agree with what others have done.
//!
//! What each operation does is decided once, in `deeds`. Here it is done: to collections and
//! items, to background work, to tokens. Every answer stays valid by its schema: what is known is put
//! into the members that the schema has, and what nobody said is made up.
//!

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use openapi_document::instances::PlausibleOptions;
use serde_json::{Map, json};

use self::call::{Call, body, expand, unwrapped};
use crate::clock::Clock;
use crate::description::{Description, Operation};
use crate::effects::{Action, CollectionInfo, Effects};
use crate::prefer::Preference;
use crate::progress::Pace;
use crate::properties::Properties;
use crate::received::Received;
use crate::reply::{Problem, Reply};
use crate::response::ResponseGenerator;
use crate::seed::Seed;
use crate::store::{CapacityExceeded, Store};
use crate::tokens::Tokens;

mod call;
mod items;
mod representation;
mod resources;
#[cfg(test)]
mod tests;
mod work;

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
    pub capacity: usize,
    /// How fast background work goes on.
    pub pace: Pace,
    /// What time it is.
    pub clock: Clock,
    /// How long an issued token is good.
    pub token_lifetime: Duration,
    /// Client ids and secrets that may have tokens; if empty, every client may.
    pub clients: Vec<(String, String)>,
    /// Tokens that are good without having been issued; if there are any, no others are but those that
    /// were issued.
    pub tokens: Vec<String>,
}

impl Default for Settings {
    /// Nothing is remembered; room for 10,000 items; tokens are good for an hour.
    fn default() -> Self {
        Self {
            stateful: false,
            items: None,
            seed: 0,
            capacity: 10_000,
            pace: Pace::default(),
            clock: Clock::new(),
            token_lifetime: Duration::from_secs(3600),
            clients: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

/// What the server remembers, and what follows from it.
///
/// No document says that what one operation creates another one lists. Their paths do: what follows
/// the last fixed segment of a path are the keys of an item, and what comes before is the path of
/// its collection. `/a/{x}/bs/{id}` names an item of the collection `/a/{x}/bs`, and every value of
/// `x` has a collection of its own.
///
/// | method and path | does | if |
/// |---|---|---|
/// | GET `/bs` | lists the items | its answer is a list |
/// | POST `/bs` | creates an item | it has a body, and there is a list, items below, or a 201 |
/// | GET `/bs/{id}` | reads an item | |
/// | PUT `/bs/{id}` | replaces it | |
/// | PATCH `/bs/{id}`, POST `/bs/{id}` with a body | merges the body into it | |
/// | POST `/bs/{id}` without a body | links an item that another collection of this name has | |
/// | DELETE `/bs/{id}` | deletes it, with all below it | |
/// | GET, PUT, PATCH, DELETE `/bs/{id}/part` | the same to a part that there is one of | it can be read, and is no list |
/// | PUT, PATCH `/bs/{id}/part` | merges the body into the item | its answer has the item's schema |
/// | POST, PATCH `/bs` with a list | adds each of the list: objects, or keys of items to link | there is a list |
/// | DELETE `/bs` with a list | removes each | there is a list |
/// | PATCH with `add` and `delete` | adds to the lists of an item, or to a collection, and removes | |
/// | POST `/bs/import` with a list or one object | puts each into the collection | the collection is known |
/// | POST `/bs/export` with a list | answers with the items that the list names | the collection is known |
///
/// A segment `bulk` or `batch` is passed over. A POST to the token endpoint issues a token. Whatever
/// is left only answers.
///
/// What paths cannot say, the extension `x-mock` of an operation can: `path` is the template that it
/// is to be taken to have, made of its own parameters and of properties of its body, and `does` is one of
/// the verbs above: `list`,
/// `create`, `read`, `replace`, `merge`, `link`, `delete`, `add`, `remove`, `amend`, `load`, `pick`, or
/// `nothing`.
///
/// A response may hold its item in a property of its own, as `{object: {…}}` does (`object`, `data`,
/// `result` or `item`, and beside it only what is said about a response). A request that has the item in
/// the same property is read likewise.
///
/// An answer is a list if it is an array, or has one under a usual name (`items`, `data`, `results` and
/// the like) or under the last word of the path. It comes in pages where the query has the usual
/// parameters for that, flat, as members of an object, in a parameter of JSON, or in a text that holds
/// JSON.
///
/// An answer tells of background work if one of its members has a status that moves (of `PENDING`,
/// `RUNNING`, `DONE`, `FAILED`, or words that mean the same) and can be read by itself. What the
/// operation does then happens when the work is done, as fast as [`Pace`] says, and does not happen
/// when it fails. An item that has such a status itself is there at once and moves on likewise.
///
/// Beyond that:
///
/// - A collection that callers fill begins empty, or with as many items as the settings say. One that
///   they can only list begins with two. What is neither listed nor filled is there for every key.
/// - An item above is looked for before anything below it is done, if callers create such items.
/// - What is not there is answered with a 404, and what is there already with a 409, each if the
///   operation documents it; otherwise the operation answers as if all were well.
/// - A member that a caller could have sent and did not is its default, or left out where it may be.
/// - `created…` and `updated…` tell a time that moves on by a second with each change, so that the
///   same requests always have the same answers.
/// - A query parameter named like a member of the items keeps those that have its value. A body of a
///   list that lists keys keeps those.
/// - With `dry-run=true` nothing is changed.
/// - When there is no room for another item, the answer is a 507.
pub struct State {
    generator: Arc<ResponseGenerator>,
    description: Arc<Description>,
    effects: Effects,
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

/// An answer; `None` for the one that the document has, whatever is remembered.
type Outcome = Result<Option<Reply>, Problem>;

impl State {
    /// The memory of a server of `description` that makes its answers with `answers`.
    pub fn of(
        description: Arc<Description>,
        generator: Arc<ResponseGenerator>,
        settings: Settings,
    ) -> Self {
        let tokens = Tokens::of(
            settings.token_lifetime,
            settings.clients.clone(),
            settings.tokens.clone(),
        );
        Self {
            effects: Effects::of(&description),
            generator,
            description,
            memory: Mutex::new(Memory {
                store: Store::with_capacity(settings.capacity),
                tokens,
                changes: 0,
                failing: BTreeSet::new(),
            }),
            settings,
        }
    }

    /// The answer to a request whose bearer token is not good: neither registered, nor issued and
    /// not expired (401, RFC 6750 section 3.1). Every token is good where none is registered and none
    /// that is issued is remembered.
    pub fn rejection(&self, operation: &Operation, received: &Received) -> Option<Reply> {
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
        let is_issued = self.settings.stateful && self.effects.issues_tokens();
        let checks_tokens = is_issued || !self.settings.tokens.is_empty();
        !checks_tokens || self.memory().tokens.accepts(token, now)
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
        let effect = self.effects.get(operation)?;
        let is_handled = match effect.action {
            Action::IssueToken => true,
            Action::List => self.settings.stateful || self.settings.items.is_some(),
            _ => self.settings.stateful,
        };
        if preference.selects_response() || !is_handled {
            return None;
        }
        let unknown = CollectionInfo::default();
        let info = self.effects.info(&effect.collection).unwrap_or(&unknown);
        let body = unwrapped(body(received), effect, info);
        let call = Call {
            operation,
            effect,
            info,
            received,
            preference,
            values,
            path: expand(&effect.collection, values, &body),
            key: expand(&effect.keys, values, &body),
            body,
        };
        let mut memory = self.memory();
        let outcome = if effect.action == Action::IssueToken {
            self.issue_token(&mut memory, &call)
        } else if !self.settings.stateful {
            self.list_without_state(&call)
        } else if call.is_dry_run() {
            Ok(None)
        } else {
            self.advance_by_clock(&mut memory);
            self.perform(&mut memory, &call)
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

    fn perform(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        if !self.parent_exists(memory, call) {
            return call.not_found();
        }
        if call.effect.action != Action::Link {
            self.initialize(memory, call)?;
        }
        match call.effect.action {
            Action::List => self.list(memory, call),
            Action::Create => self.create(memory, call),
            Action::Read => self.read(memory, call),
            Action::Replace | Action::Merge => self.change(memory, call),
            Action::Link => self.link(memory, call),
            Action::Delete => self.delete(memory, call),
            Action::Add | Action::Load => self.add(memory, call),
            Action::Remove => self.remove(memory, call),
            Action::Amend => self.amend(memory, call),
            Action::Pick => self.pick(memory, call),
            Action::IssueToken => Ok(None),
        }
    }

    fn parent_exists(&self, memory: &Memory, call: &Call<'_>) -> bool {
        let Some((end, keys)) = self.effects.parent(&call.effect.collection) else {
            return true;
        };
        let (path, key) = (&call.path[..end], &call.path[end..end + keys]);
        memory.store.get(path, key).is_some()
    }

    fn issue_token(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        if !memory.tokens.accepts_client(call.received, &call.body) {
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
            "expires_in": self.settings.token_lifetime.as_secs(),
            "token_type": "Bearer",
        });
        let pointer = content.schema_pointer();
        let properties = Properties::of(self.description.root(), &pointer);
        let generated = self.lazy_value(&pointer, PlausibleOptions::default());
        // What goes with other grants (RFC 6749 section 4.4.3) is left out where it may be.
        let required = properties.named.iter().filter(|property| property.required);
        let required = required.filter_map(|property| {
            let value = generated.property(&property.name)?;
            Some((property.name.clone(), value.clone()))
        });
        let mut object: Map<_, _> = required.collect();
        object.extend(known.as_object().cloned().unwrap_or_default());
        let body = self.repaired(&pointer, &properties, object, &generated);
        let reply = call.reply(&self.generator, &body);
        let no_store = HeaderValue::from_static("no-store");
        Ok(reply.map(|reply| reply.with_header(header::CACHE_CONTROL, no_store)))
    }
}

fn capacity_exceeded(_: CapacityExceeded) -> Problem {
    let detail = "The server remembers as many items as it was set up to: delete some, or give it more room.";
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "No room", detail)
}

fn generation_failed(error: impl std::fmt::Display) -> Problem {
    let detail = format!("No valid item could be made: {error}.");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "No valid answer", detail)
}
