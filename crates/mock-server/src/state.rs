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
use openapi_document::instances::Plan;
use serde_json::{Map, json};

use self::call::{Call, body, concrete, unwrapped};
use crate::answer::Answers;
use crate::clock::Clock;
use crate::deeds::{Deeds, Does, Kind};
use crate::description::{Description, Operation};
use crate::members::Members;
use crate::prefer::Preference;
use crate::progress::Pace;
use crate::received::Received;
use crate::reply::{Problem, Reply};
use crate::seed::Seed;
use crate::store::{Full, Store};
use crate::tokens::Tokens;

mod call;
mod making;
mod resources;
mod shaping;
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
    pub room: usize,
    /// How fast background work goes on.
    pub pace: Pace,
    /// What time it is.
    pub clock: Clock,
    /// How long an issued token is good.
    pub token_life: Duration,
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
            room: 10_000,
            pace: Pace::default(),
            clock: Clock::new(),
            token_life: Duration::from_secs(3600),
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
    answers: Arc<Answers>,
    description: Arc<Description>,
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
            description,
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
    /// not expired (401, RFC 6750 section 3.1). Every token is good where none is registered and none
    /// that is issued is remembered.
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
        let is_issued = self.settings.stateful && self.deeds.issue_tokens();
        let is_held_to = is_issued || !self.settings.tokens.is_empty();
        !is_held_to || self.memory().tokens.accept(token, now)
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
        let is_due = match deed.does {
            Does::IssueToken => true,
            Does::List => self.settings.stateful || self.settings.items.is_some(),
            _ => self.settings.stateful,
        };
        if preference.chooses() || !is_due {
            return None;
        }
        let nothing_known = Kind::default();
        let kind = self.deeds.kind(&deed.collection).unwrap_or(&nothing_known);
        let body = unwrapped(body(received), deed, kind);
        let call = Call {
            operation,
            deed,
            kind,
            received,
            preference,
            values,
            path: concrete(&deed.collection, values, &body),
            key: concrete(&deed.keys, values, &body),
            body,
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
        let members = Members::of(self.description.root(), &pointer);
        let made = self.made_up_by(&pointer, Plan::default());
        // What goes with other grants (RFC 6749 section 4.4.3) is left out where it may be.
        let needed = members.named.iter().filter(|member| member.required);
        let needed = needed.filter_map(|member| {
            let value = made.member(&member.name)?;
            Some((member.name.clone(), value.clone()))
        });
        let mut shaped: Map<_, _> = needed.collect();
        shaped.extend(known.as_object().cloned().unwrap_or_default());
        let body = self.mended(&pointer, &members, shaped, &made);
        let reply = call.reply(&self.answers, &body);
        let no_store = HeaderValue::from_static("no-store");
        Ok(reply.map(|reply| reply.with_header(header::CACHE_CONTROL, no_store)))
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
