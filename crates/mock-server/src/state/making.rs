//! New items: what was sent, over what is made up, under a key of their own.

use openapi_document::instances::Plan;
use serde_json::{Value, json};

use super::call::Call;
use super::{Memory, State, full, unmade};
use crate::deeds::{Does, Kind};
use crate::members::{ends_in, plain};
use crate::reply::Problem;
use crate::store::{Item, Path};

impl State {
    /// Makes the item that a caller sends the members of; the key is its own or a new one.
    pub(super) fn new_item(
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
    pub(super) fn item_of_key(
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
                set(&mut value, member, self.typed(call.kind, member, key));
            }
        }
        Ok(value)
    }

    pub(super) fn make_if_always_there(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
    ) -> Result<(), Problem> {
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

    pub(super) fn made_up(
        &self,
        kind: &Kind,
        path: &[String],
        ordinal: usize,
    ) -> Result<Value, Problem> {
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
    pub(super) fn name(
        &self,
        kind: &Kind,
        path: &[String],
        value: &mut Value,
        ordinal: usize,
    ) -> Path {
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
                set(value, member, uuid);
            } else if is_free {
                let plan = Plan {
                    ordinal,
                    ..Plan::default()
                };
                set(
                    value,
                    member,
                    self.answers.value_at(&known.pointer, plan).unwrap_or(uuid),
                );
            }
        }
        kind.key_of(value)
            .unwrap_or_else(|| vec![ordinal.to_string()])
    }

    /// A key as its member takes it: a number where it must be one.
    pub(super) fn typed(&self, kind: &Kind, member: &str, key: &str) -> Value {
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
}

impl Kind {
    /// The key of an item, if it has all of it.
    pub(super) fn key_of(&self, value: &Value) -> Option<Path> {
        let keys = self.keys.iter().map(|member| {
            let value = value.get(member.as_ref()?)?;
            (value.is_string() || value.is_number()).then(|| text(value))
        });
        let keys: Option<Path> = keys.collect();
        keys.filter(|keys| !keys.is_empty())
    }

    pub(super) fn is_key(&self, name: &str) -> bool {
        self.keys.iter().flatten().any(|key| key == name)
    }

    /// What was sent, under the names that an item has: a member that it does not know is taken for
    /// the only one that ends in its name, as `count` for `nodeCount`.
    pub(super) fn renamed(&self, sent: &Value) -> Value {
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

/// Puts a member into a value, if that is an object.
pub(super) fn set(value: &mut Value, name: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}

/// Members that were sent take the place of those that are there, object by object (RFC 7396).
/// A null is kept, for the schema says whether it may stand there.
pub(super) fn merge(value: &mut Value, sent: &Value) {
    match (value, sent) {
        (Value::Object(members), Value::Object(sent)) => {
            for (name, sent) in sent {
                merge(members.entry(name.as_str()).or_insert(Value::Null), sent);
            }
        }
        (value, sent) => *value = sent.clone(),
    }
}

/// Says when an item came into being or was changed, where it has members for that.
pub(super) fn stamp(kind: &Kind, value: &mut Value, changes: u64, is_new: bool) {
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

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
