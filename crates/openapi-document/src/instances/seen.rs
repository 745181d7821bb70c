//! Which schemas were varied already.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde_json::{Map, Value};

type Schema = Map<String, Value>;

/// The schemas of one document whose places were varied, for [`Generator::unseen`].
///
/// [`Generator::unseen`]: super::Generator::unseen
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// The schemas that a place is held to, by where they are in memory: each is a part of the document.
    schemas: BTreeSet<Vec<*const Schema>>,
    /// The same in the order in which they were added.
    order: Vec<Vec<*const Schema>>,
    document: PhantomData<&'a Value>,
}

impl<'a> Seen<'a> {
    pub(super) fn contains(&self, schemas: &[&'a Schema]) -> bool {
        self.schemas.contains(&addresses(schemas))
    }

    pub(super) fn add(&mut self, schemas: &[&'a Schema]) {
        let addresses = addresses(schemas);
        if self.schemas.insert(addresses.clone()) {
            self.order.push(addresses);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Forgets all but the first `length` that were added.
    pub(super) fn truncate(&mut self, length: usize) {
        for addresses in self.order.drain(length.min(self.order.len())..) {
            self.schemas.remove(&addresses);
        }
    }
}

fn addresses(schemas: &[&Schema]) -> Vec<*const Schema> {
    // What only refers to others is not what they are.
    let relevant = schemas.iter().filter(|schema| !schema.keys().eq(["$ref"]));
    relevant.map(|schema| std::ptr::from_ref(*schema)).collect()
}
