//! A cache of values that are the same for every request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use openapi_document::Pointer;

/// Values by the location in the document that they are derived from.
#[derive(Debug)]
pub(crate) struct Cache<T>(Mutex<HashMap<Pointer, T>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Cache<T> {
    /// Returns the value for a location; creates it on first use. Concurrent first calls may each
    /// create the value, so that none waits for another.
    pub(crate) fn get(&self, pointer: &Pointer, create: impl FnOnce() -> T) -> T {
        match self.try_get::<std::convert::Infallible>(pointer, || Ok(create())) {
            Ok(value) => value,
        }
    }

    /// Like [`get`](Self::get), for values that may fail. An error is not cached.
    ///
    /// # Errors
    /// The error of `create`.
    pub(crate) fn try_get<E>(
        &self,
        pointer: &Pointer,
        create: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic cannot leave a partial entry behind.
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
