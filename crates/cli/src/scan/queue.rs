//! Inputs, numbered, for many threads to take from.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::interrupt::Interrupt;

/// How often a thread that waits for room looks whether it still should.
const TICK: Duration = Duration::from_millis(100);

/// Inputs, numbered from 0, for many threads to take from, in batches.
pub(crate) struct Queue<I> {
    inputs: Mutex<Numbered<I>>,
    /// How many results have left the window.
    emitted: Mutex<u64>,
    room: Condvar,
    /// How many inputs were taken.
    taken: AtomicU64,
    /// Whether there are no more.
    is_exhausted: AtomicBool,
    batch: usize,
    /// How many results may be outstanding.
    window: u64,
}

struct Numbered<I> {
    inputs: I,
    next: u64,
}

impl<I: Iterator> Queue<I> {
    pub(crate) fn new(inputs: I, batch: NonZeroUsize, window: u64) -> Self {
        Self {
            inputs: Mutex::new(Numbered { inputs, next: 0 }),
            emitted: Mutex::new(0),
            room: Condvar::new(),
            taken: AtomicU64::new(0),
            is_exhausted: AtomicBool::new(false),
            batch: batch.get(),
            window,
        }
    }

    /// The next inputs, or none if there are no more or nobody wants them. Waits while the window
    /// is full. This cannot deadlock: the thread that holds the lowest number never waits here.
    pub(crate) fn take(&self, interrupt: &Interrupt) -> Option<Vec<(u64, I::Item)>> {
        let mut numbered = lock(&self.inputs);
        self.wait_for_room(numbered.next, interrupt);
        if interrupt.is_raised() {
            return None;
        }
        let mut batch = Vec::with_capacity(self.batch);
        while batch.len() < self.batch
            && !interrupt.is_raised()
            && let Some(input) = numbered.inputs.next()
        {
            batch.push((numbered.next, input));
            numbered.next += 1;
            self.taken.store(numbered.next, Ordering::Relaxed);
        }
        if batch.len() < self.batch && !interrupt.is_raised() {
            self.is_exhausted.store(true, Ordering::Relaxed);
        }
        (!batch.is_empty()).then_some(batch)
    }

    fn wait_for_room(&self, next: u64, interrupt: &Interrupt) {
        let mut emitted = lock(&self.emitted);
        while next >= emitted.saturating_add(self.window) && !interrupt.is_raised() {
            (emitted, _) = self
                .room
                .wait_timeout(emitted, TICK)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<I> Queue<I> {
    /// How many inputs were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many inputs there are, once the last was taken.
    pub(crate) fn total(&self) -> Option<u64> {
        self.is_exhausted
            .load(Ordering::Relaxed)
            .then(|| self.taken())
    }

    /// Says that all results before number `next` have left the window.
    pub(crate) fn emitted(&self, next: u64) {
        *lock(&self.emitted) = next;
        self.room.notify_one();
    }
}

/// A panic of another thread leaves the numbers whole: they change after the input is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// Found by a mutation: without a window, all tests passed and memory grew with the inputs.
    #[test]
    fn no_more_is_taken_than_the_window_holds() {
        let queue = Queue::new(0_u32.., NonZeroUsize::MIN, 3);
        let interrupt = Interrupt::default();
        for number in 0..3 {
            assert_eq!(queue.take(&interrupt).unwrap()[0].0, number);
        }
        let (sender, taken) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| sender.send(queue.take(&interrupt).unwrap()[0].0));
            // Two looks at the full window, in which a queue without one would have taken the next.
            assert!(taken.recv_timeout(2 * TICK).is_err());
            assert_eq!(queue.taken(), 3);
            queue.emitted(1);
            assert_eq!(taken.recv_timeout(PATIENCE), Ok(3));
        });
    }
}
