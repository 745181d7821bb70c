//! The actions on collections and items.

use http::{HeaderValue, StatusCode, header};
use openapi_instances::PlausibleOptions;
use serde_json::{Value, json};

use super::call::Call;
use super::items::{merge, set, set_timestamps, to_string};
use super::{Memory, Outcome, State, capacity_exceeded, generation_failed};
use crate::effects::Action;
use crate::paging::Page;
use crate::properties::normalized;
use crate::reply::Problem;
use crate::store::{Change, Item, Path};

/// The number of items in a collection to which callers cannot add items.
const INITIAL_READ_ONLY_ITEMS: usize = 2;

impl State {
    /// Creates the initial items of a collection on first use.
    pub(super) fn initialize(&self, memory: &mut Memory, call: &Call<'_>) -> Result<(), Problem> {
        let info = call.info;
        let default_count = if info.is_writable {
            0
        } else {
            INITIAL_READ_ONLY_ITEMS
        };
        let count = self.settings.items.unwrap_or(default_count);
        if !info.is_listed || count == 0 || memory.store.items(&call.path).is_some() {
            return Ok(());
        }
        memory.store.touch(&call.path).map_err(capacity_exceeded)?;
        for ordinal in 0..count {
            let mut value = self.generated_item(info, &call.path, ordinal)?;
            call.fill_from_path(info, &mut value);
            let key = self.assign_key(info, &call.path, &mut value, ordinal);
            memory
                .store
                .put(&call.path, &key, Item::of(value))
                .map_err(capacity_exceeded)?;
        }
        Ok(())
    }

    pub(super) fn list(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let items = memory.store.items(&call.path).unwrap_or_default();
        let keys = call
            .listed()
            .map(|keys| keys.iter().map(to_string).collect::<Vec<_>>());
        let is_wanted = |(key, item): &&(Path, Item)| {
            let named = |keys: &Vec<String>| keys.iter().any(|one| key.first() == Some(one));
            keys.as_ref().is_none_or(named) && call.passes_filters(&item.value)
        };
        let wanted: Vec<&(Path, Item)> = items.iter().filter(is_wanted).collect();
        let page = self.page(call, wanted.len())?;
        let values = wanted[page.range.clone()].iter().map(|(key, item)| {
            let value = self.with_children(memory, call.info, &call.path, key, &item.value);
            match &call.effect.list {
                Some(list) => self.represent(&list.item, call, &value, item.stage),
                None => value,
            }
        });
        self.paged(call, &page, values.collect())
    }

    /// Returns a list without state, with as many items as the settings specify.
    pub(super) fn list_without_state(&self, call: &Call<'_>) -> Outcome {
        let (Action::List, Some(total), Some(list)) =
            (call.effect.action, self.settings.items, &call.effect.list)
        else {
            return Ok(None);
        };
        let page = self.page(call, total)?;
        let seed = self.seed().number(&call.path);
        let values = page.range.clone().map(|ordinal| {
            let options = PlausibleOptions {
                seed,
                ordinal,
                examples: true,
            };
            let mut value = self
                .generator
                .value_at(&list.item, options)
                .map_err(generation_failed)?;
            call.fill_from_path(call.info, &mut value);
            self.assign_key(call.info, &call.path, &mut value, ordinal);
            Ok(self.represent(&list.item, call, &value, None))
        });
        self.paged(call, &page, values.collect::<Result<_, Problem>>()?)
    }

    pub(super) fn page(&self, call: &Call<'_>, total: usize) -> Result<Page, Problem> {
        let list_name = call.path.join("/");
        call.effect
            .paging
            .page(call.received, self.seed(), &list_name, total)
    }

    pub(super) fn paged(&self, call: &Call<'_>, page: &Page, values: Vec<Value>) -> Outcome {
        let (Some(list), Some(content)) = (&call.effect.list, call.content()?) else {
            return Ok(None);
        };
        let default_body = self
            .generator
            .default_body(content)
            .map_err(generation_failed)?;
        let body = list.fill(Value::clone(&default_body), page, values);
        Ok(call.reply(&self.generator, &body))
    }

    pub(super) fn create(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let (key, value) = self.new_item(memory, call, &call.body)?;
        let items = memory.store.items(&call.path).unwrap_or_default();
        let is_duplicate =
            |(known, item): &(Path, Item)| *known == key || call.is_same(&item.value);
        if items.iter().any(is_duplicate) && call.operation.response(409).is_some() {
            let detail = format!(
                "An item with this key or name exists in /{}.",
                call.path.join("/")
            );
            return Err(Problem::new(StatusCode::CONFLICT, "Already exists", detail));
        }
        let path = call.path.clone();
        let put = Change::Put {
            path,
            key: key.clone(),
            value: value.clone(),
        };
        let job = self.schedule(memory, call, put)?;
        let value = match memory.store.get(&call.path, &key) {
            Some(item) => item.value.clone(),
            None => value,
        };
        let reply = self.respond(call, &key, &value, job.as_ref())?;
        let location = format!(
            "{}/{}/{}",
            call.operation.base_path,
            call.path.join("/"),
            key.join("/")
        );
        Ok(reply.map(|reply| match HeaderValue::from_str(&location) {
            Ok(location) if reply.headers.contains_key(header::LOCATION) => {
                reply.with_header(header::LOCATION, location)
            }
            _ => reply,
        }))
    }

    pub(super) fn read(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        self.create_if_implicit(memory, call)?;
        self.poll(memory, &call.path, &call.key);
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.not_found();
        };
        let value = self.with_children(memory, call.info, &call.path, &call.key, &item.value);
        self.respond_at(call, &call.key, &value, None, item.stage)
    }

    pub(super) fn change(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        self.create_if_implicit(memory, call)?;
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.not_found();
        };
        let mut value = item.value.clone();
        let sent = call.info.with_item_names(&call.body);
        match call.effect.action {
            Action::Replace => call.replace(&mut value, &sent),
            _ => merge(&mut value, &sent, call.is_merge_patch()),
        }
        memory.changes += 1;
        set_timestamps(call.info, &mut value, memory.changes, false);
        let new_key = call.info.key_of(&value).unwrap_or_else(|| call.key.clone());
        if new_key != call.key && memory.store.get(&call.path, &new_key).is_some() {
            let detail = format!("Another item has the key {}.", new_key.join("/"));
            return Err(Problem::new(StatusCode::CONFLICT, "Already exists", detail));
        }
        let change = Change::Update {
            path: call.path.clone(),
            key: call.key.clone(),
            new_key: new_key.clone(),
            value: value.clone(),
        };
        let job = self.schedule(memory, call, change)?;
        let value = self.with_children(memory, call.info, &call.path, &new_key, &value);
        self.respond(call, &new_key, &value, job.as_ref())
    }

    pub(super) fn link(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let known = memory.store.get(&call.path, &call.key);
        let known = known.or_else(|| memory.store.in_other_collection(&call.path, &call.key));
        let Some(value) = known.map(|item| item.value.clone()) else {
            return call.not_found();
        };
        memory
            .store
            .put(&call.path, &call.key, Item::of(value.clone()))
            .map_err(capacity_exceeded)?;
        self.respond(call, &call.key, &value, None)
    }

    pub(super) fn delete(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let Some(item) = memory.store.get(&call.path, &call.key) else {
            return call.not_found();
        };
        let value = item.value.clone();
        let (path, key) = (call.path.clone(), call.key.clone());
        let job = self.schedule(memory, call, Change::Remove { path, key })?;
        self.respond(call, &call.key, &value, job.as_ref())
    }

    pub(super) fn add(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        for sent in call.listed().unwrap_or_default() {
            let (key, value) = match &sent {
                Value::String(key) => {
                    let key = vec![key.clone()];
                    let value = match memory.store.in_other_collection(&call.path, &key) {
                        Some(item) => item.value.clone(),
                        None => self.item_with_key(memory, call, &key)?,
                    };
                    (key, value)
                }
                sent => self.new_item(memory, call, sent)?,
            };
            memory
                .store
                .put(&call.path, &key, Item::of(value))
                .map_err(capacity_exceeded)?;
        }
        Ok(None)
    }

    pub(super) fn remove(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        for sent in call.listed().unwrap_or_default() {
            let items = memory.store.items(&call.path).unwrap_or_default();
            let is_selected = |(key, item): &&(Path, Item)| match &sent {
                Value::String(wanted) => key.first() == Some(wanted),
                sent => contains(&item.value, sent),
            };
            let selected: Vec<Path> = items
                .iter()
                .filter(is_selected)
                .map(|(key, _)| key.clone())
                .collect();
            for key in selected {
                memory.store.remove(&call.path, &key);
            }
        }
        Ok(None)
    }

    pub(super) fn amend(&self, memory: &mut Memory, call: &Call<'_>) -> Outcome {
        let properties = call.body.as_object().into_iter().flatten();
        for (verb, changes) in properties {
            let adds = normalized(verb) == "add";
            let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
            if call.effect.keys.is_empty() {
                let part = Call {
                    body: changes.clone(),
                    ..call.copy()
                };
                match adds {
                    true => self.add(memory, &part)?,
                    false => self.remove(memory, &part)?,
                };
                continue;
            }
            self.create_if_implicit(memory, call)?;
            let Some(item) = memory.store.get_mut(&call.path, &call.key) else {
                return call.not_found();
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
            let keys = listed.iter().map(|sent| call.info.key_of(sent));
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
        let item = content.schema_pointer().resolved(root).join("items");
        let picked = picked.map(|(_, picked)| match item.get(root) {
            Some(_) => self.represent(&item, call, &picked.value, picked.stage),
            None => picked.value.clone(),
        });
        let picked = Value::Array(picked.collect());
        let fits = self.generator.is_valid(content, &picked);
        Ok(fits.then(|| call.reply(&self.generator, &picked)).flatten())
    }

    /// Creates an item from a request. The key is that of the request, or a new one.
    fn new_item(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        sent: &Value,
    ) -> Result<(Path, Value), Problem> {
        memory.changes += 1;
        let info = call.info;
        let ordinal = usize::try_from(memory.changes).unwrap_or(usize::MAX);
        let mut value = self.generated_item(info, &call.path, ordinal)?;
        call.fill_from_path(info, &mut value);
        call.replace(&mut value, &info.with_item_names(sent));
        set_timestamps(info, &mut value, memory.changes, true);
        let key = match info.key_of(sent) {
            Some(key) => key,
            None => self.assign_key(info, &call.path, &mut value, ordinal),
        };
        Ok((key, value))
    }

    /// Creates an item of which only the key is known.
    fn item_with_key(
        &self,
        memory: &mut Memory,
        call: &Call<'_>,
        key: &[String],
    ) -> Result<Value, Problem> {
        memory.changes += 1;
        let ordinal = usize::try_from(memory.changes).unwrap_or(usize::MAX);
        let mut value = self.generated_item(call.info, &call.path, ordinal)?;
        call.fill_from_path(call.info, &mut value);
        for (property, key) in call.info.keys.iter().zip(key) {
            if let Some(property) = property {
                set(&mut value, property, self.typed(call.info, property, key));
            }
        }
        Ok(value)
    }

    /// Creates the item of a call if callers can neither create nor list such items. It always exists.
    fn create_if_implicit(&self, memory: &mut Memory, call: &Call<'_>) -> Result<(), Problem> {
        let always = !call.info.is_writable && !call.info.is_listed;
        if always && memory.store.get(&call.path, &call.key).is_none() {
            let mut value = self.item_with_key(memory, call, &call.key)?;
            if call.effect.action == Action::Amend || call.info.is_amended {
                let properties = value.as_object_mut().into_iter().flatten();
                for (_, list) in properties.filter(|(_, value)| value.is_array()) {
                    *list = json!([]);
                }
            }
            memory
                .store
                .put(&call.path, &call.key, Item::of(value))
                .map_err(capacity_exceeded)?;
        }
        Ok(())
    }
}

/// True if a value contains all of `part`, recursively.
fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(value), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| value.get(name).is_some_and(|value| contains(value, part))),
        (value, part) => value == part,
    }
}
