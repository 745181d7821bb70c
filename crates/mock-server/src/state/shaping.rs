//! What is known of an item, in the shape of the answer that tells it.

use std::cell::OnceCell;

use openapi_document::Pointer;
use openapi_document::instances::Plan;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::making::set;
use super::{Memory, Outcome, State, unmade};
use crate::answer::Answers;
use crate::deeds::Kind;
use crate::members::{Members, ends_in};
use crate::progress::{Stage, is_premature};
use crate::wrapper::wrapped;

/// How often something else is tried where a member breaks the schema.
const MENDINGS: usize = 3;

impl State {
    /// An item, with the collections below it in the members that show them.
    pub(super) fn with_children(
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
                set(
                    &mut value,
                    &child.member,
                    items.iter().map(|(_, item)| item.value.clone()).collect(),
                );
            }
        }
        value
    }

    pub(super) fn respond(
        &self,
        call: &Call<'_>,
        key: &[String],
        value: &Value,
        job: Option<&Value>,
    ) -> Outcome {
        self.respond_at(call, key, value, job, None)
    }

    /// The documented answer with what is known in it.
    pub(super) fn respond_at(
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
                set(&mut known, name, json!(key));
            }
        }
        if let Some((job, value)) = call.deed.job.as_ref().zip(job) {
            set(&mut known, &job.member, value.clone());
        }
        let pointer = content.schema_pointer();
        let body = match wrapped(self.description.root(), &pointer) {
            None => self.shaped(&pointer, call, &known, stage),
            Some((name, item)) => {
                let item = self.shaped(&item, call, &known, stage);
                let mut body = Value::clone(&*self.answers.usual(content).map_err(unmade)?);
                set(&mut body, &name, item);
                body
            }
        };
        Ok(call.reply(&self.answers, &body))
    }

    /// What is known of an item, as the schema at `pointer` has it, and valid by it.
    pub(super) fn shaped(
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
        let made = self.made_up_by(pointer, plan);
        let Value::Object(known) = known else {
            return match self.answers.allow_at(pointer, known) {
                true => known.clone(),
                false => made.value().clone(),
            };
        };
        let members = Members::of(self.description.root(), pointer);
        let mut shaped = Map::new();
        for member in &members.named {
            let name = &member.name;
            if !member.required && stage.is_some_and(|stage| is_premature(name, stage)) {
                continue;
            }
            let is_foreign = call.kind.members.get(name).is_none();
            let made_up = || made.member(name).filter(|_| member.required || is_foreign);
            let value = called(known, name, is_foreign).cloned();
            let value = value.or_else(|| call.value(name).map(|value| json!(value)));
            if let Some(value) = value.or_else(|| made_up().cloned()) {
                shaped.insert(name.clone(), value);
            }
        }
        if members.open || members.named.is_empty() {
            let others = known.iter().filter(|(name, _)| members.get(name).is_none());
            shaped.extend(others.map(|(name, value)| (name.clone(), value.clone())));
        }
        self.mended(pointer, &members, shaped, &made)
    }

    /// Puts something else where a member breaks the schema: nothing, or what is made up.
    pub(super) fn mended(
        &self,
        pointer: &Pointer,
        members: &Members,
        mut shaped: Map<String, Value>,
        made: &MadeUp<'_>,
    ) -> Value {
        for _ in 0..MENDINGS {
            let value = Value::Object(shaped);
            let places = self.answers.faults_at(pointer, &value);
            if places.is_empty() {
                return value;
            }
            let Value::Object(rest) = value else { break };
            shaped = rest;
            let names = places
                .iter()
                .filter_map(|place| Pointer::parse(place)?.tokens().next());
            for name in names {
                let is_needed = members.get(&name).is_none_or(|member| member.required);
                match made.member(&name).filter(|_| is_needed) {
                    Some(value) => shaped.insert(name, value.clone()),
                    None => shaped.remove(&name),
                };
            }
        }
        made.value().clone()
    }

    /// A value by the schema at `pointer`, made up when it is needed first.
    pub(super) fn made_up_by<'a>(&'a self, pointer: &'a Pointer, plan: Plan) -> MadeUp<'a> {
        MadeUp {
            answers: &self.answers,
            pointer,
            plan,
            value: OnceCell::new(),
        }
    }
}

/// A value that is made up when it is needed first, for most often nothing is missing.
pub(super) struct MadeUp<'a> {
    answers: &'a Answers,
    pointer: &'a Pointer,
    plan: Plan,
    value: OnceCell<Value>,
}

impl MadeUp<'_> {
    /// The value; null if none could be made.
    pub(super) fn value(&self) -> &Value {
        let make = || self.answers.value_at(self.pointer, self.plan);
        self.value.get_or_init(|| make().unwrap_or_default())
    }

    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.value().get(name)
    }
}

/// The member of this name, or, for a name that items do not have, the one that it ends in.
fn called<'a>(known: &'a Map<String, Value>, name: &str, is_foreign: bool) -> Option<&'a Value> {
    known.get(name).or_else(|| {
        let mut others = known.iter().filter(|_| is_foreign);
        let other = others.find(|(other, _)| ends_in(name, other));
        other.map(|(_, value)| value)
    })
}
