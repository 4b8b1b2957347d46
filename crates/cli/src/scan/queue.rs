//! Inputs, numbered, for many threads to take from.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::interrupt::Interrupt;

/// How often a thread that waits for room looks whether it still should.
const TICK: Duration = Duration::from_millis(100);

/// Inputs, one after the other. Some may have to be waited for: who writes a list may be slow.
pub(crate) trait Supply: Iterator {
    /// The next input, unless it has to be waited for or there is none.
    fn next_at_hand(&mut self) -> Option<Self::Item>;
}

/// Inputs, numbered from 0, for many threads to take from, in batches.
pub(crate) struct Queue<I> {
    inputs: Mutex<Numbered<I>>,
    /// How many inputs were taken.
    taken: AtomicU64,
    /// Whether there are no more.
    is_exhausted: AtomicBool,
    window: Window,
}

struct Numbered<I> {
    inputs: I,
    next: u64,
}

/// Bounds how many results are outstanding.
struct Window {
    size: u64,
    /// How many results have left it.
    emitted: AtomicU64,
    /// Whether the thread that holds the inputs waits for room. To wake nobody costs a system call.
    is_awaited: Mutex<bool>,
    room: Condvar,
}

impl<I: Supply> Queue<I> {
    /// A queue of which at most `window` results may be outstanding, and a batch.
    pub(crate) fn new(inputs: I, window: u64) -> Self {
        Self {
            inputs: Mutex::new(Numbered { inputs, next: 0 }),
            taken: AtomicU64::new(0),
            is_exhausted: AtomicBool::new(false),
            window: Window {
                size: window,
                emitted: AtomicU64::new(0),
                is_awaited: Mutex::new(false),
                room: Condvar::new(),
            },
        }
    }

    /// The next inputs, at most `most`, or none if there are no more or nobody wants them. Each is
    /// handed to `accept` in the order of the numbers. Waits for the first input and while the
    /// window is full, and for nothing else. This cannot deadlock: the thread that holds the lowest
    /// number never waits here.
    pub(crate) fn take<T>(
        &self,
        most: usize,
        interrupt: &Interrupt,
        mut accept: impl FnMut(u64, I::Item) -> T,
    ) -> Option<Vec<T>> {
        let mut numbered = lock(&self.inputs);
        self.window.wait_for_room(numbered.next, interrupt);
        if interrupt.is_raised() {
            return None;
        }
        let Some(first) = numbered.inputs.next() else {
            self.is_exhausted
                .store(!interrupt.is_raised(), Ordering::Relaxed);
            return None;
        };
        let mut batch = Vec::with_capacity(most);
        let mut next = Some(first);
        while let Some(input) = next {
            batch.push(accept(numbered.next, input));
            numbered.next += 1;
            self.taken.store(numbered.next, Ordering::Relaxed);
            let is_full = batch.len() >= most || interrupt.is_raised();
            next = (!is_full).then(|| numbered.inputs.next_at_hand()).flatten();
        }
        Some(batch)
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
        self.window.emitted.store(next, Ordering::Release);
        if *lock(&self.window.is_awaited) {
            self.window.room.notify_one();
        }
    }
}

impl Window {
    fn wait_for_room(&self, next: u64, interrupt: &Interrupt) {
        if self.has_room(next) {
            return;
        }
        let mut is_awaited = lock(&self.is_awaited);
        *is_awaited = true;
        while !self.has_room(next) && !interrupt.is_raised() {
            (is_awaited, _) = self
                .room
                .wait_timeout(is_awaited, TICK)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *is_awaited = false;
    }

    fn has_room(&self, next: u64) -> bool {
        next < self
            .emitted
            .load(Ordering::Acquire)
            .saturating_add(self.size)
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

    /// Numbers, of which those that are divisible by `slow` have to be waited for.
    struct Numbers {
        next: u64,
        end: u64,
        slow: u64,
    }

    impl Iterator for Numbers {
        type Item = u64;

        fn next(&mut self) -> Option<u64> {
            self.next += 1;
            (self.next <= self.end).then(|| self.next - 1)
        }
    }

    impl Supply for Numbers {
        fn next_at_hand(&mut self) -> Option<u64> {
            let is_slow = self.next.is_multiple_of(self.slow);
            (!is_slow).then(|| self.next()).flatten()
        }
    }

    fn numbers(end: u64, slow: u64) -> Numbers {
        Numbers { next: 0, end, slow }
    }

    fn take(queue: &Queue<Numbers>, most: usize) -> Option<Vec<u64>> {
        queue.take(most, &Interrupt::default(), |number, input| {
            assert_eq!(number, input);
            input
        })
    }

    /// Found by a mutation: without a window, all tests passed and memory grew with the inputs.
    #[test]
    fn no_more_is_taken_than_the_window_holds() {
        let queue = Queue::new(numbers(u64::MAX, u64::MAX), 3);
        for number in 0..3 {
            assert_eq!(take(&queue, 1), Some(vec![number]));
        }
        let (sender, taken) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| sender.send(take(&queue, 1)));
            // Two looks at the full window, in which a queue without one would have taken the next.
            assert!(taken.recv_timeout(2 * TICK).is_err());
            assert_eq!(queue.taken(), 3);
            queue.emitted(1);
            assert_eq!(taken.recv_timeout(PATIENCE), Ok(Some(vec![3])));
        });
    }

    #[test]
    fn a_batch_ends_where_an_input_has_to_be_waited_for() {
        let queue = Queue::new(numbers(8, 5), 100);
        assert_eq!(take(&queue, 3), Some(vec![0, 1, 2]));
        assert_eq!(take(&queue, 3), Some(vec![3, 4]));
        assert_eq!(queue.total(), None);
        assert_eq!(take(&queue, 9), Some(vec![5, 6, 7]));
        assert_eq!(take(&queue, 9), None);
        assert_eq!(queue.total(), Some(8));
    }
}
