//! The state of the server: responses of one operation reflect the effects of others.
//!
//! The effects of the operations are determined once, in `effects`. This module applies them to
//! collections and items, background work and tokens. Every response is valid by its schema: known
//! values are written to its properties, and the others are generated.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use openapi_instances::PlausibleOptions;
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

/// The settings of the state.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether the effects of requests are remembered. If false, lists are still paged and tokens are
    /// issued.
    pub stateful: bool,
    /// The initial number of items in each list; `None` for the defaults described at [`State`].
    pub items: Option<usize>,
    /// The seed of generated values.
    pub seed: u64,
    /// The maximum number of items in all collections.
    pub capacity: usize,
    /// How fast background work advances.
    pub pace: Pace,
    /// The clock of the state.
    pub clock: Clock,
    /// The lifetime of issued tokens.
    pub token_lifetime: Duration,
    /// Client ids and secrets that the token endpoint accepts; if empty, it accepts every client.
    pub clients: Vec<(String, String)>,
    /// Registered tokens, which never expire. If there are any, only registered and issued tokens are
    /// accepted.
    pub tokens: Vec<String>,
}

impl Default for Settings {
    /// No state; a capacity of 10,000 items; a token lifetime of one hour.
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

/// The state of a server, and the rules for its changes.
///
/// OpenAPI does not express that one operation lists the items that another one creates. This is
/// derived from the paths: the parameters after the last literal segment of a path are the key of an
/// item, and the path before them is its collection. `/a/{x}/bs/{id}` identifies an item of the
/// collection `/a/{x}/bs`. Every value of `x` has its own collection.
///
/// | method and path | action | condition |
/// |---|---|---|
/// | GET `/bs` | lists the items | the response is a list |
/// | POST `/bs` | creates an item | it has a body, and there is a list, an item path, or a 201 |
/// | GET `/bs/{id}` | reads an item | |
/// | PUT `/bs/{id}` | replaces an item | |
/// | PATCH `/bs/{id}`, POST `/bs/{id}` with a body | merges the body into the item | |
/// | POST `/bs/{id}` without a body | links an item of another collection of the same name | |
/// | DELETE `/bs/{id}` | deletes the item and everything below it | |
/// | GET, PUT, PATCH, DELETE `/bs/{id}/part` | the same for a singleton | it can be read and is not a list |
/// | PUT, PATCH `/bs/{id}/part` | merges the body into the item | the response has the schema of the item |
/// | POST, PATCH `/bs` with a list | adds each entry: objects, or keys of items to link | there is a list |
/// | DELETE `/bs` with a list | removes each entry | there is a list |
/// | PATCH with `add` and `delete` | adds to and removes from the lists of an item, or a collection | |
/// | POST `/bs/import` with a list or one object | stores each object in the collection | the collection is known |
/// | POST `/bs/export` with a list | responds with the listed items | the collection is known |
///
/// The segments `bulk` and `batch` are ignored. A POST to the token endpoint issues a token. All other
/// operations have no effect.
///
/// The extension `x-mock` of an operation overrides these rules. `path` is the effective path template,
/// with parameters of the operation and properties of its body. `does` is one of the actions `list`,
/// `create`, `read`, `replace`, `merge`, `link`, `delete`, `add`, `remove`, `amend`, `load`, `pick` and
/// `nothing`.
///
/// A response may wrap its item in a property, such as `{object: {…}}`. The wrapper is named `object`,
/// `data`, `result` or `item`, and the other properties are metadata of the response. A request body
/// with the same wrapper is unwrapped.
///
/// A response is a list if it is an array, or has an array under a common name (`items`, `data`,
/// `results`, …) or the last word of the path. It is paged if the query has the common paging
/// parameters: as separate parameters, as properties of an object parameter or of a JSON parameter, or
/// in a string that contains JSON.
///
/// An operation starts background work if a property of its response has a status that changes (with
/// values such as `PENDING`, `RUNNING`, `DONE` and `FAILED`) and can be read separately. The effect of
/// the operation then occurs when the work is done, at the [`Pace`] of the settings, and does not occur
/// if the work fails. An item with such a status is stored immediately, and its status changes in the
/// same way. The extension `x-long-running` declares the status and its values where the schema does not
/// show them, and lets an operation that has no other effect change the status of an item.
///
/// Other rules:
///
/// - A collection to which callers can add items is empty at the start, or contains the number of items
///   in the settings. One that they can only list contains two items at the start. An item that can be
///   neither listed nor created exists for every key.
/// - If callers create the parent item of a path, the parent must exist.
/// - A missing item is a 404 and an existing one a 409, if the operation documents the status.
///   Otherwise the operation responds with success.
/// - A property that a caller could have sent but did not is set to its default, or omitted if it is
///   optional.
/// - `created…` and `updated…` contain a time that advances by one second with each change, so that
///   equal sequences of requests result in equal responses.
/// - A query parameter with the name of an item property filters by its value. The body of a list
///   request that lists keys filters by key.
/// - `dry-run=true` prevents changes.
/// - A request that exceeds the capacity gets a 507.
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
    /// The number of changes.
    changes: u64,
    /// The operations whose next background work is to fail.
    failing: BTreeSet<String>,
}

/// The response; `None` for the documented one, independent of the state.
type Outcome = Result<Option<Reply>, Problem>;

impl State {
    /// Creates the state of a server.
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

    /// Returns the rejection of a request with an invalid bearer token (401; RFC 6750, section 3.1). A
    /// token is valid if it is registered, or issued and not expired. Every token is valid if none is
    /// registered and issued tokens are not remembered.
    pub fn rejection(&self, operation: &Operation, received: &Received) -> Option<Reply> {
        let credentials = received.header("authorization")?.split_once(' ');
        let (scheme, token) = credentials?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !operation.security.is_empty();
        if !is_bearer || self.accepts_token(token.trim()) {
            return None;
        }
        let detail = "The access token has expired or was not issued.";
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

    /// Makes the next background work fail that the operation of this id starts.
    pub fn fail_next(&self, operation: &str) {
        self.memory().failing.insert(operation.to_owned());
    }

    /// Applies the effect of an operation and returns its response. Returns `None` if the operation has
    /// no effect or the caller prefers a documented response.
    ///
    /// `values` are the decoded path parameters. The request in `received` must have been validated.
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
        // Each change is a single step, so a panic cannot leave a partial change behind.
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
            Action::Start => self.start(memory, call),
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
            let detail = "The client is unknown or its secret is wrong.";
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
        // Properties of other grants, such as refresh tokens (RFC 6749, section 4.4.3), are omitted if
        // they are optional.
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
    let detail = "The capacity of the server is reached: delete items or increase the capacity.";
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "Capacity reached", detail)
}

fn generation_failed(error: impl std::fmt::Display) -> Problem {
    let detail = format!("No valid item could be generated: {error}.");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "No valid response",
        detail,
    )
}
