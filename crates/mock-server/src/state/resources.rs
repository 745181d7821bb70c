//! What happens to collections and their items, one function a deed.

use http::{HeaderValue, StatusCode, header};
use openapi_document::instances::Plan;
use serde_json::Value;

use super::call::Call;
use super::making::{merge, set, stamp, text};
use super::{Memory, Outcome, State, full, unmade};
use crate::deeds::Does;
use crate::members::{plain, resolved};
use crate::paging::Page;
use crate::reply::Problem;
use crate::store::{Effect, Item, Path};

/// How many items a collection begins with that callers cannot fill.
const CATALOGUE: usize = 2;

impl State {
    /// Fills a collection that was never touched with what it begins with.
    pub(super) fn begin(&self, memory: &mut Memory, call: &Call<'_>) -> Result<(), Problem> {
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

    pub(super) fn list(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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
    pub(super) fn list_of_nothing(&self, call: &Call<'_>) -> Outcome {
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

    pub(super) fn page(&self, call: &Call<'_>, total: usize) -> Result<Page, Problem> {
        let purpose = call.path.join("/");
        call.deed
            .paging
            .page(call.received, self.seed(), &purpose, total)
    }

    pub(super) fn paged(&self, call: &Call<'_>, page: &Page, values: Vec<Value>) -> Outcome {
        let (Some(list), Some(content)) = (&call.deed.list, call.content()?) else {
            return Ok(None);
        };
        let usual = self.answers.usual(content).map_err(unmade)?;
        let answer = list.answer(Value::clone(&usual), page, values);
        Ok(call.reply(&self.answers, &answer))
    }

    pub(super) fn create(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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

    pub(super) fn read(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        self.make_if_always_there(memory, call)?;
        self.poll(memory, &call.path, &call.key);
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.missing();
        };
        let value = self.with_children(memory, call.kind, &call.path, &call.key, &item.value);
        self.respond_at(call, &call.key, &value, None, item.stage)
    }

    pub(super) fn change(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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

    pub(super) fn link(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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

    pub(super) fn delete(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.missing();
        };
        let value = item.value.clone();
        let (path, key) = (call.path.clone(), call.key.clone());
        let job = self.carry_out(memory, call, Effect::Remove { path, key })?;
        self.respond(call, &call.key, &value, job.as_ref())
    }

    pub(super) fn add(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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

    pub(super) fn remove(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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

    pub(super) fn amend(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
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
                set(&mut item.value, name, Value::Array(kept));
            }
        }
        Ok(None)
    }

    pub(super) fn pick(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let wanted = call.listed().map(|listed| {
            let keys = listed.iter().map(|sent| call.kind.key_of(sent));
            keys.collect::<Vec<_>>()
        });
        let items = memory.store.items(&call.path).unwrap_or_default().iter();
        let picked = items.filter(|(key, _)| {
            let among = |keys: &Vec<Option<Path>>| keys.iter().any(|one| one.as_ref() == Some(key));
            wanted.as_ref().is_none_or(among)
        });
        let Some(content) = call.content()? else {
            return Ok(None);
        };
        let root = self.description.root();
        let item = resolved(root, &content.schema_pointer()).join("items");
        let picked = picked.map(|(_, picked)| match item.get(root) {
            Some(_) => self.shaped(&item, call, &picked.value, picked.stage),
            None => picked.value.clone(),
        });
        let picked = Value::Array(picked.collect());
        let fits = self.answers.allow(content, &picked);
        Ok(fits.then(|| call.reply(&self.answers, &picked)).flatten())
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
