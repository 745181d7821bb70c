//! The schemas that have already been varied.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde_json::{Map, Value};

type Schema = Map<String, Value>;

/// The schemas of one document whose locations were varied, for [`Generator::unseen`].
///
/// [`Generator::unseen`]: super::Generator::unseen
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// The schemas that apply to a location, identified by their addresses in the document.
    schemas: BTreeSet<Vec<*const Schema>>,
    /// The same in order of insertion.
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

    /// Removes all but the first `length` entries.
    pub(super) fn truncate(&mut self, length: usize) {
        for addresses in self.order.drain(length.min(self.order.len())..) {
            self.schemas.remove(&addresses);
        }
    }
}

fn addresses(schemas: &[&Schema]) -> Vec<*const Schema> {
    // A schema that consists of a `$ref` only does not identify a location.
    let relevant = schemas.iter().filter(|schema| !schema.keys().eq(["$ref"]));
    relevant.map(|schema| std::ptr::from_ref(*schema)).collect()
}
