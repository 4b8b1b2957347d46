//! What each process makes for itself.

use std::mem;
use std::process;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;

/// A value that a process makes when it first wants it. A child that was forked makes its own: the
/// threads of its parent's are not in it, and connections and open files are shared with the parent.
///
/// It is locked while the interpreter is held, and for no longer. So no other thread holds the lock
/// when Python forks.
pub(crate) struct PerProcess<T> {
    slot: Mutex<Option<(u32, T)>>,
}

impl<T: Clone> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self {
            slot: Mutex::new(None),
        }
    }

    /// The value of this process, made now if there is none.
    pub(crate) fn get(&self, _held: Python<'_>, make: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((owner, value)) = &*slot
            && *owner == process::id()
        {
            return Ok(value.clone());
        }
        // To drop a parent's value would wait for threads that are not here.
        mem::forget(slot.take());
        let value = make()?;
        *slot = Some((process::id(), value.clone()));
        Ok(value)
    }

    /// The value of this process, if it made one; there is none from then on.
    pub(crate) fn take(&self, _held: Python<'_>) -> Option<T> {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.take() {
            Some((owner, value)) if owner == process::id() => Some(value),
            parents => {
                mem::forget(parents);
                None
            }
        }
    }
}
