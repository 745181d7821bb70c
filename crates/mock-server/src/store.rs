//! What the server remembers: collections by their path, items by their key, in the order they came.
//!
//! A path is the list of its decoded segments, so that everything below an item is found by what its
//! path begins with. The store holds so many items and no more; whoever puts one more is told.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::progress::{Stage, StatusProperty};

/// The decoded segments of a path.
pub(crate) type Path = Vec<String>;

/// Something that is stored.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) value: Value,
    /// How far the work has come that it stands for, if it stands for any.
    pub(crate) stage: Option<Stage>,
    /// The work itself, until it has ended.
    pub(crate) work: Option<Work>,
}

/// Work that goes on.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) polls: u32,
    pub(crate) since: Duration,
    pub(crate) fails: bool,
    /// The member of the item that tells the stage.
    pub(crate) status: Option<StatusProperty>,
    /// What happens to the store when it is done.
    pub(crate) changes: Vec<Change>,
}

/// A change of the store.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// An item comes into being, or another takes its place.
    Put { path: Path, key: Path, value: Value },
    /// An item that is there still becomes another; its key may be a new one.
    Update {
        path: Path,
        key: Path,
        new_key: Path,
        value: Value,
    },
    /// An item goes, with everything below it.
    Remove { path: Path, key: Path },
}

/// There is no room for another item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CapacityExceeded;

#[derive(Debug)]
pub(crate) struct Store {
    collections: BTreeMap<Path, Vec<(Path, Item)>>,
    count: usize,
    capacity: usize,
}

impl Item {
    /// An item that stands for no work.
    pub(crate) fn of(value: Value) -> Self {
        Self {
            value,
            stage: None,
            work: None,
        }
    }
}

impl Store {
    /// An empty store with room for `most` items.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            collections: BTreeMap::new(),
            count: 0,
            capacity,
        }
    }

    /// The items of a collection; `None` if it was never touched.
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

    /// Puts an item into a collection, in the place of the one of the same key if there is one.
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

    /// Remembers a collection that has no items.
    pub(crate) fn touch(&mut self, path: &[String]) -> Result<(), CapacityExceeded> {
        // Each costs memory as an item does.
        if self.collections.len() >= self.capacity {
            return Err(CapacityExceeded);
        }
        self.collections.entry(path.to_vec()).or_default();
        Ok(())
    }

    /// Gives an item another key and keeps its place.
    pub(crate) fn rename(&mut self, path: &[String], key: &[String], new_key: &[String]) {
        let items = self.collections.get_mut(path).into_iter().flatten();
        for (known, _) in items.filter(|(known, _)| known == key) {
            *known = new_key.to_vec();
        }
    }

    /// Takes an item out, and everything whose path begins with its own.
    pub(crate) fn remove(&mut self, path: &[String], key: &[String]) -> Option<Item> {
        let items = self.collections.get_mut(path)?;
        let at = items.iter().position(|(known, _)| known == key)?;
        let (_, item) = items.remove(at);
        let below = [path, key].concat();
        self.collections.retain(|path, _| !path.starts_with(&below));
        self.count = self.collections.values().map(Vec::len).sum();
        Some(item)
    }

    /// An item of this key in any other collection of the same name.
    pub(crate) fn in_other_collection(&self, path: &[String], key: &[String]) -> Option<&Item> {
        let same_name = self
            .collections
            .iter()
            .filter(|(other, _)| other.last() == path.last());
        let mut items = same_name.flat_map(|(_, items)| items);
        items.find(|(known, _)| known == key).map(|(_, item)| item)
    }

    /// Where work goes on.
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
