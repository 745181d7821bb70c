//! Background work: starts it, advances it by polls or by time, and applies its changes at the end.

use std::time::Duration;

use serde_json::Value;

use super::call::{Call, expand};
use super::items::{set_at, set_timestamps};
use super::{Memory, Outcome, State, capacity_exceeded};
use crate::progress::{Pace, Stage};
use crate::reply::Problem;
use crate::store::{CapacityExceeded, Change, Item, Work};

impl State {
    /// Applies a change immediately, or when the background work of the operation is done. Returns the
    /// representation of the work.
    pub(super) fn schedule(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        change: Change,
    ) -> Result<Option<Value>, Problem> {
        let Some(job) = &call.effect.job else {
            let place = match &change {
                Change::Put { path, key, .. } => Some((path.clone(), key.clone())),
                Change::Update { path, new_key, .. } => Some((path.clone(), new_key.clone())),
                Change::Remove { .. } => None,
            };
            self.apply(memory, change).map_err(capacity_exceeded)?;
            if let Some((path, key)) = place.filter(|_| call.effect.work.is_some()) {
                self.set_in_motion(memory, call, &path, &key);
            }
            return Ok(None);
        };
        let path = expand(&job.collection, call.values, &call.body);
        let Some(info) = self.effects.info(&job.collection) else {
            return Ok(None);
        };
        memory.changes += 1;
        let ordinal = usize::try_from(memory.changes).unwrap_or(usize::MAX);
        let mut value = self.generated_item(info, &path, ordinal)?;
        let key = self.assign_key(info, &path, &mut value, ordinal);
        set_timestamps(info, &mut value, memory.changes, true);
        let fails = memory.failing.remove(&call.operation.id) || call.preference.failure;
        let work = Work {
            polls: 0,
            since: self.settings.clock.now(),
            fails,
            changes: vec![change],
            status: info.status.clone(),
        };
        let item = Item {
            value,
            stage: None,
            work: Some(work),
        };
        memory
            .store
            .put(&path, &key, item)
            .map_err(capacity_exceeded)?;
        self.advance_work(memory, &path, &key, Stage::Waiting);
        let item = memory.store.get(&path, &key);
        let object = item.zip(info.item.as_ref()).map(|(item, pointer)| {
            let call = Call {
                info,
                path: path.clone(),
                key: key.clone(),
                ..call.copy()
            };
            self.represent(pointer, &call, &item.value, item.stage)
        });
        Ok(object)
    }

    /// Starts the changes of the status of the item of a call. It must exist.
    pub(super) fn start(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        match self.set_in_motion(memory, call, &call.path, &call.key) {
            true => Ok(None),
            false => call.not_found(),
        }
    }

    /// Starts the changes of the status of an item that the operation of the call declares. Returns false if
    /// there is no such item.
    fn set_in_motion(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        path: &[String],
        key: &[String],
    ) -> bool {
        let Some(item) = memory.store.get_mut(path, key) else {
            return false;
        };
        let fails = memory.failing.remove(&call.operation.id) || call.preference.failure;
        item.work = Some(Work {
            polls: 0,
            since: self.settings.clock.now(),
            fails,
            changes: Vec::new(),
            status: call.effect.work.clone(),
        });
        self.advance_work(memory, path, key, Stage::Waiting);
        true
    }

    pub(super) fn apply(
        &self,
        memory: &mut Memory,
        change: Change,
    ) -> Result<(), CapacityExceeded> {
        match change {
            Change::Put { path, key, value } => {
                let info = self.effects.info_at(&path);
                let status = info.and_then(|info| info.status.clone());
                let work = status.map(|status| Work {
                    polls: 0,
                    since: self.settings.clock.now(),
                    fails: false,
                    changes: Vec::new(),
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
                    self.advance_work(memory, &path, &key, Stage::Waiting);
                }
                for child in info.into_iter().flat_map(|info| &info.children) {
                    let below = [&path[..], &key, std::slice::from_ref(&child.segment)].concat();
                    let Some(info) = self.effects.info_at(&below) else {
                        continue;
                    };
                    for value in value[&child.property].as_array().into_iter().flatten() {
                        let key = info
                            .key_of(value)
                            .unwrap_or_else(|| vec![value.to_string()]);
                        memory.store.put(&below, &key, Item::of(value.clone()))?;
                    }
                }
            }
            Change::Update {
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
            Change::Remove { path, key } => {
                memory.store.remove(&path, &key);
            }
        }
        Ok(())
    }

    /// Advances all work by the clock.
    pub(super) fn advance_by_clock(&self, memory: &mut Memory) {
        if matches!(self.settings.pace, Pace::Polls(_)) {
            return;
        }
        let now = self.settings.clock.now();
        for (path, key) in memory.store.with_work() {
            let work = memory
                .store
                .get(&path, &key)
                .and_then(|item| item.work.as_ref());
            if let Some(work) = work {
                let stage = self.settings.pace.stage(0, now.saturating_sub(work.since));
                self.advance_work(memory, &path, &key, stage);
            }
        }
    }

    /// Advances the work of an item by one poll.
    pub(super) fn poll(&self, memory: &mut Memory, path: &[String], key: &[String]) {
        let item = memory.store.get_mut(path, key);
        if let Pace::Polls(_) = self.settings.pace
            && let Some(work) = item.and_then(|item| item.work.as_mut())
        {
            let stage = self.settings.pace.stage(work.polls, Duration::ZERO);
            work.polls += 1;
            self.advance_work(memory, path, key, stage);
        }
    }

    /// Moves work to a stage. When it is done, applies its changes.
    pub(super) fn advance_work(
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
            && let Some(status_value) = status.value(stage)
        {
            set_at(&mut item.value, &status.path, status_value.clone());
        }
        if stage >= Stage::Done {
            let changes = item
                .work
                .take()
                .map(|work| work.changes)
                .unwrap_or_default();
            for change in changes.into_iter().filter(|_| stage == Stage::Done) {
                // If the capacity is exceeded now, the change is lost, because the request has already
                // been accepted.
                let _ = self.apply(memory, change);
            }
        }
    }
}
