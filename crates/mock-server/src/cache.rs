//! What is the same for every request, made when it is asked for first and kept from then on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use openapi_document::Pointer;

/// Values by the places of the document that they are made from.
#[derive(Debug)]
pub(crate) struct Cache<T>(Mutex<HashMap<Pointer, T>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Cache<T> {
    /// The value of a place, which `make` makes if it is not there yet. Two that ask for the first
    /// time at once both make it, for nobody waits for another's making.
    pub(crate) fn get(&self, pointer: &Pointer, create: impl FnOnce() -> T) -> T {
        match self.try_get::<std::convert::Infallible>(pointer, || Ok(create())) {
            Ok(value) => value,
        }
    }

    /// The same of what cannot always be made; a failure is not kept.
    ///
    /// # Errors
    /// That of `make`.
    pub(crate) fn try_get<E>(
        &self,
        pointer: &Pointer,
        create: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        // Whoever panicked with the lock left whole entries behind.
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(pointer) {
            return Ok(known.clone());
        }
        let value = create()?;
        lock().insert(pointer.clone(), value.clone());
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_created_once() {
        let cache = Cache::default();
        let pointer = Pointer::of(["a"]);
        assert_eq!(cache.get(&pointer, || 1), 1);
        assert_eq!(cache.get(&pointer, || 2), 1);
        assert_eq!(cache.get(&pointer.join("b"), || 3), 3);
    }

    #[test]
    fn a_failure_is_not_cached() {
        let cache = Cache::default();
        let pointer = Pointer::root();
        assert_eq!(cache.try_get(&pointer, || Err("no")), Err("no"));
        assert_eq!(cache.try_get(&pointer, || Ok::<_, &str>(1)), Ok(1));
    }
}
