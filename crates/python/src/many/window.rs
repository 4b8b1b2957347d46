//! Places for the reports that were begun, in the order of their sources.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::checked::Checked;

/// Places for reports, in the order of their sources.
#[derive(Debug, Default)]
pub(super) struct Window {
    places: Mutex<Places>,
    first_came: Condvar,
}

#[derive(Debug, Default)]
struct Places {
    /// The number of the first place.
    first: u64,
    slots: VecDeque<Option<Slot>>,
}

/// The content of a place.
#[derive(Debug)]
pub(super) enum Slot {
    Done(Checked),
    /// The check ended in a panic.
    Lost,
}

/// The right to fill one place. Dropped, it says that nothing will come.
#[derive(Debug)]
pub(super) struct Answer {
    /// None once it is filled.
    window: Option<Arc<Window>>,
    number: u64,
}

impl Window {
    /// The next place.
    pub(super) fn reserve(self: &Arc<Self>) -> Answer {
        let mut places = self.places();
        places.slots.push_back(None);
        Answer {
            number: places.first + places.slots.len() as u64 - 1,
            window: Some(Arc::clone(self)),
        }
    }

    /// Places that were reserved and not taken yet.
    pub(super) fn len(&self) -> usize {
        self.places().slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves what is next, as far as it is there.
    pub(super) fn take_ready(&self, ready: &mut VecDeque<Slot>) {
        let mut places = self.places();
        while let Some(slot) = places.slots.front_mut().and_then(Option::take) {
            places.slots.pop_front();
            places.first += 1;
            ready.push_back(slot);
        }
    }

    /// Waits until the first place is filled, but not for ever.
    pub(super) fn wait(&self, patience: Duration) {
        let is_empty = |places: &mut Places| !matches!(places.slots.front(), Some(Some(_)));
        let _ = self
            .first_came
            .wait_timeout_while(self.places(), patience, is_empty);
    }

    fn put(&self, number: u64, slot: Slot) {
        let mut places = self.places();
        let Some(at) = number.checked_sub(places.first) else {
            return;
        };
        if let Some(place) = usize::try_from(at)
            .ok()
            .and_then(|at| places.slots.get_mut(at))
        {
            *place = Some(slot);
        }
        if at == 0 {
            self.first_came.notify_one();
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        // Each step leaves them whole.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    pub(super) fn put(mut self, checked: Checked) {
        if let Some(window) = self.window.take() {
            window.put(self.number, Slot::Done(checked));
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(window) = self.window.take() {
            window.put(self.number, Slot::Lost);
        }
    }
}
