//! The store: collections by path, items by key, in order of insertion.
//!
//! A path is the list of its decoded segments, so that everything below an item is found by its prefix.
//! The number of items is limited.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::progress::{Stage, StatusProperty};

/// The decoded segments of a path.
pub(crate) type Path = Vec<String>;

/// A stored item.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) value: Value,
    /// The stage of the work that the item represents, if any.
    pub(crate) stage: Option<Stage>,
    /// The work, until it has ended.
    pub(crate) work: Option<Work>,
}

/// Background work that has not ended.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) polls: u32,
    pub(crate) since: Duration,
    pub(crate) fails: bool,
    /// The status property of the item.
    pub(crate) status: Option<StatusProperty>,
    /// The changes to apply when the work is done.
    pub(crate) changes: Vec<Change>,
}

/// A change to the store.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// Inserts or replaces an item.
    Put { path: Path, key: Path, value: Value },
    /// Updates an existing item, and possibly its key.
    Update {
        path: Path,
        key: Path,
        new_key: Path,
        value: Value,
    },
    /// Removes an item and everything below it.
    Remove { path: Path, key: Path },
}

/// The error of a store that has no capacity for another item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CapacityExceeded;

#[derive(Debug)]
pub(crate) struct Store {
    collections: BTreeMap<Path, Vec<(Path, Item)>>,
    count: usize,
    capacity: usize,
}

impl Item {
    /// Creates an item without background work.
    pub(crate) fn of(value: Value) -> Self {
        Self {
            value,
            stage: None,
            work: None,
        }
    }
}

impl Store {
    /// Creates an empty store for up to `capacity` items.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            collections: BTreeMap::new(),
            count: 0,
            capacity,
        }
    }

    /// The items of a collection; `None` if it was never used.
    pub(crate) fn items(&self, path: &[String]) -> Option<&[(Path, Item)]> {
        self.collections.get(path).map(Vec::as_slice)
    }

    pub(crate) fn get(&self, path: &[String], key: &[String]) -> Option<&Item> {
        let mut items = self.items(path)?.iter();
        items.find(|(known, _)| known == key).map(|(_, item)| item)
    }

    pub(crate) fn get_mut(&mut self, path: &[String], key: &[String]) -> Option<&mut Item> {
        let mut items = self.collections.get_mut(path)?.iter_mut();
        items.find(|(known, _)| known == key).map(|(_, item)| item)
    }

    /// Inserts an item, or replaces the one with the same key.
    pub(crate) fn put(
        &mut self,
        path: &[String],
        key: &[String],
        item: Item,
    ) -> Result<(), CapacityExceeded> {
        if let Some(known) = self.get_mut(path, key) {
            *known = item;
            return Ok(());
        }
        if self.count >= self.capacity {
            return Err(CapacityExceeded);
        }
        self.count += 1;
        let items = self.collections.entry(path.to_vec()).or_default();
        items.push((key.to_vec(), item));
        Ok(())
    }

    /// Creates an empty collection.
    pub(crate) fn touch(&mut self, path: &[String]) -> Result<(), CapacityExceeded> {
        // Collections count like items, because they also take memory.
        if self.collections.len() >= self.capacity {
            return Err(CapacityExceeded);
        }
        self.collections.entry(path.to_vec()).or_default();
        Ok(())
    }

    /// Changes the key of an item, unless another item has it. Its position stays the same.
    pub(crate) fn rename(&mut self, path: &[String], key: &[String], new_key: &[String]) {
        if self.get(path, new_key).is_some() {
            return;
        }
        let items = self.collections.get_mut(path).into_iter().flatten();
        for (known, _) in items.filter(|(known, _)| known == key) {
            *known = new_key.to_vec();
        }
    }

    /// Removes an item and everything below it.
    pub(crate) fn remove(&mut self, path: &[String], key: &[String]) -> Option<Item> {
        let items = self.collections.get_mut(path)?;
        let at = items.iter().position(|(known, _)| known == key)?;
        let (_, item) = items.remove(at);
        let below = [path, key].concat();
        self.collections.retain(|path, _| !path.starts_with(&below));
        self.count = self.collections.values().map(Vec::len).sum();
        Some(item)
    }

    /// Returns an item with this key in any other collection of the same name.
    pub(crate) fn in_other_collection(&self, path: &[String], key: &[String]) -> Option<&Item> {
        let same_name = self
            .collections
            .iter()
            .filter(|(other, _)| other.last() == path.last());
        let mut items = same_name.flat_map(|(_, items)| items);
        items.find(|(known, _)| known == key).map(|(_, item)| item)
    }

    /// The paths and keys of items with background work.
    pub(crate) fn with_work(&self) -> Vec<(Path, Path)> {
        let all = self.collections.iter();
        let all =
            all.flat_map(|(path, items)| items.iter().map(move |(key, item)| (path, key, item)));
        let working = all.filter(|(_, _, item)| item.work.is_some());
        working
            .map(|(path, key, _)| (path.clone(), key.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> Path {
        text.split('/').map(str::to_owned).collect()
    }

    fn store(entries: &[(&str, &str)], capacity: usize) -> Store {
        let mut store = Store::with_capacity(capacity);
        for (at, key) in entries {
            store
                .put(&path(at), &path(key), Item::of(json!(key)))
                .expect("room");
        }
        store
    }

    #[test]
    fn items_keep_their_order_and_keys_are_unique() {
        let mut store = store(&[("a", "2"), ("a", "1"), ("a", "2")], 9);
        let keys = |store: &Store| -> Vec<String> {
            let items = store.items(&path("a")).expect("a collection");
            items.iter().map(|(key, _)| key.join("/")).collect()
        };
        assert_eq!(keys(&store), ["2", "1"]);
        store.rename(&path("a"), &path("2"), &path("3"));
        assert_eq!(keys(&store), ["3", "1"]);
        store.rename(&path("a"), &path("3"), &path("1"));
        assert_eq!(keys(&store), ["3", "1"]);
    }

    #[test]
    fn removing_an_item_removes_its_children_and_frees_capacity() {
        let mut store = store(
            &[
                ("a", "1"),
                ("a/1/b", "x"),
                ("a/1/b/x/c", "y"),
                ("a/12/b", "z"),
            ],
            4,
        );
        assert_eq!(
            store.put(&path("a"), &path("2"), Item::of(json!(0))),
            Err(CapacityExceeded)
        );
        store.remove(&path("a"), &path("1")).expect("was there");
        assert!(store.items(&path("a/1/b")).is_none() && store.items(&path("a/1/b/x/c")).is_none());
        assert!(store.get(&path("a/12/b"), &path("z")).is_some());
        assert!(
            store
                .put(&path("a"), &path("2"), Item::of(json!(0)))
                .is_ok()
        );
    }

    #[test]
    fn an_item_is_found_in_another_collection_of_the_same_name() {
        let store = store(&[("a/1/b", "x"), ("a/1/c", "y")], 9);
        assert!(
            store
                .in_other_collection(&path("d/b"), &path("x"))
                .is_some()
        );
        assert!(
            store
                .in_other_collection(&path("d/b"), &path("y"))
                .is_none()
        );
    }
}
