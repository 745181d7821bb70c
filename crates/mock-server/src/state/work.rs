//! Background work: set off, moved on by polls or by time, and at its end carried out.

use std::time::Duration;

use serde_json::Value;

use super::call::{Call, concrete};
use super::making::{set, stamp};
use super::{Memory, State, full};
use crate::progress::{Pace, Stage};
use crate::reply::Problem;
use crate::store::{Effect, Full, Item, Work};

impl State {
    /// Carries out a change, now or when the background work is done that the answer tells of. That
    /// work is returned.
    pub(super) fn carry_out(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        effect: Effect,
    ) -> Result<Option<Value>, Problem> {
        let Some(job) = &call.deed.job else {
            return self.apply(memory, effect).map(|()| None).map_err(full);
        };
        let path = concrete(&job.collection, call.values, &call.body);
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

    pub(super) fn apply(&self, memory: &mut Memory, effect: Effect) -> Result<(), Full> {
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
    pub(super) fn pass_time(&self, memory: &mut Memory) {
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
    pub(super) fn poll(&self, memory: &mut Memory, path: &[String], key: &[String]) {
        let item = memory.store.get_mut(path, key);
        if let Pace::Polls(_) = self.settings.pace
            && let Some(work) = item.and_then(|item| item.work.as_mut())
        {
            let stage = self.settings.pace.stage(work.polls, Duration::ZERO);
            work.polls += 1;
            self.settle(memory, path, key, stage);
        }
    }

    /// Brings work to a stage; at its end, what it was for happens.
    pub(super) fn settle(
        &self,
        memory: &mut Memory,
        path: &[String],
        key: &[String],
        stage: Stage,
    ) {
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
            set(&mut item.value, &status.name, word.clone());
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
}
