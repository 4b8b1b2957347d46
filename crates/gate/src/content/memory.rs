//! The memory of the content stage, as one ceiling over all images.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// The memory in bytes that whole images may take at a time, files and pixels together. Clones
/// share it: one for the process is what a service wants, however many images it looks at.
///
/// ```
/// use gate::DecodeMemory;
///
/// let memory = DecodeMemory::new(256_000_000);
/// assert_eq!((memory.limit(), memory.used()), (256_000_000, 0));
/// ```
#[derive(Clone, Debug)]
pub struct DecodeMemory {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limit: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    /// The images that wait, in the order in which they came; a small image does not overtake a
    /// large one, which would then wait for ever.
    waiting: VecDeque<(u64, Waker)>,
    next: u64,
}

impl Default for DecodeMemory {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

/// A ceiling in bytes.
impl From<u64> for DecodeMemory {
    fn from(limit: u64) -> Self {
        Self::new(limit)
    }
}

impl DecodeMemory {
    /// Bytes unless told otherwise: enough for the largest image that a profile takes, and little
    /// enough for a CI machine.
    pub const DEFAULT: u64 = 512_000_000;

    /// A ceiling in bytes.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        let state = Mutex::default();
        Self {
            shared: Arc::new(Shared { limit, state }),
        }
    }

    /// The ceiling in bytes.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.shared.limit
    }

    /// Bytes that are set aside at the moment.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.shared.lock().used
    }

    /// Sets bytes aside until the permit is dropped, and waits while others have them. None, at
    /// once, if there are more than the ceiling. Cancel safe: dropped, it waits no longer.
    pub async fn permit(&self, bytes: u64) -> Option<Permit> {
        if bytes > self.shared.limit {
            return None;
        }
        let mut place = Place {
            shared: &self.shared,
            ticket: None,
        };
        poll_fn(|context| place.poll(bytes, context)).await;
        Some(Permit {
            shared: Arc::clone(&self.shared),
            bytes,
        })
    }

    /// As [`permit`](Self::permit), on a thread that may wait.
    #[must_use]
    pub fn permit_blocking(&self, bytes: u64) -> Option<Permit> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut permit = pin!(self.permit(bytes));
        loop {
            if let Poll::Ready(permit) = permit.as_mut().poll(&mut context) {
                return permit;
            }
            thread::park();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue; given up when dropped.
struct Place<'a> {
    shared: &'a Shared,
    ticket: Option<u64>,
}

impl Place<'_> {
    fn poll(&mut self, bytes: u64, context: &Context<'_>) -> Poll<()> {
        let mut state = self.shared.lock();
        let is_first = match (self.ticket, state.waiting.front()) {
            (_, None) => true,
            (Some(ticket), Some((first, _))) => ticket == *first,
            (None, Some(_)) => false,
        };
        if is_first && bytes <= self.shared.limit - state.used {
            state.used += bytes;
            return Poll::Ready(());
        }
        let ticket = *self.ticket.get_or_insert_with(|| {
            state.next += 1;
            state.next
        });
        let waker = context.waker().clone();
        match state.waiting.iter_mut().find(|(other, _)| *other == ticket) {
            Some((_, old)) => *old = waker,
            None => state.waiting.push_back((ticket, waker)),
        }
        Poll::Pending
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(ticket) = self.ticket {
            state.waiting.retain(|(other, _)| *other != ticket);
        }
        state.wake_first();
    }
}

impl State {
    fn wake_first(&self) {
        if let Some((_, waker)) = self.waiting.front() {
            waker.wake_by_ref();
        }
    }
}

/// Bytes of a [`DecodeMemory`] that are set aside. Given back when dropped.
#[derive(Debug)]
#[must_use = "the bytes are set aside for as long as it lives"]
pub struct Permit {
    shared: Arc<Shared>,
    bytes: u64,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.used -= self.bytes;
        state.wake_first();
    }
}

/// Wakes a thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::Waker;

    use super::*;

    #[test]
    fn no_more_is_set_aside_than_there_is_and_everybody_gets_his_turn() {
        let memory = DecodeMemory::new(100);
        let (used, most, served) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for i in 0..64_u64 {
                let (memory, used, most, served) = (&memory, &used, &most, &served);
                scope.spawn(move || {
                    let bytes = 1 + i * 37 % 100;
                    let permit = memory.permit_blocking(bytes).unwrap();
                    let now = used.fetch_add(bytes, Ordering::SeqCst) + bytes;
                    most.fetch_max(now, Ordering::SeqCst);
                    thread::yield_now();
                    used.fetch_sub(bytes, Ordering::SeqCst);
                    drop(permit);
                    served.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(served.into_inner(), 64);
        assert!(most.into_inner() <= 100);
        assert_eq!(memory.used(), 0);
    }

    #[test]
    fn more_than_there_is_is_told_at_once() {
        let memory = DecodeMemory::new(10);
        let all = memory.permit_blocking(10).unwrap();
        assert!(memory.permit_blocking(11).is_none());
        assert_eq!(memory.used(), 10);
        drop(all);
        assert!(memory.permit_blocking(0).is_some());
    }

    #[test]
    fn whoever_gives_up_does_not_hold_the_others() {
        let memory = DecodeMemory::new(10);
        let some = memory.permit_blocking(5).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut large = Box::pin(memory.permit(10));
        assert!(large.as_mut().poll(&mut context).is_pending());
        let mut small = Box::pin(memory.permit(5));
        assert!(
            small.as_mut().poll(&mut context).is_pending(),
            "behind the large one"
        );
        drop(large);
        assert!(small.as_mut().poll(&mut context).is_ready());
        drop(some);
    }
}
