//! How many threads there are, and how many of them work.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The threads of a scan.
#[derive(Debug)]
pub(crate) struct Threads {
    most: usize,
    started: AtomicUsize,
    busy: AtomicUsize,
}

impl Threads {
    pub(crate) const fn new(most: NonZeroUsize) -> Self {
        Self {
            most: most.get(),
            started: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
        }
    }

    /// The number of a thread that is started now, if there may be another one.
    pub(crate) fn next(&self) -> Option<usize> {
        let next = |started| (started < self.most).then_some(started + 1);
        self.started
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .ok()
    }

    /// A thread begins a batch.
    pub(crate) fn begin(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// A thread has come to the end of its batch.
    pub(crate) fn end(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether none waits for inputs.
    pub(crate) fn are_all_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) >= self.started.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_threads_than_jobs() {
        let threads = Threads::new(NonZeroUsize::new(2).unwrap());
        assert_eq!([(); 3].map(|()| threads.next()), [Some(0), Some(1), None]);
        threads.begin();
        assert!(!threads.are_all_busy());
        threads.begin();
        assert!(threads.are_all_busy());
        threads.end();
        assert!(!threads.are_all_busy());
    }
}
