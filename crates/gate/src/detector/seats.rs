//! A budget that is spent in the order of the input, however the work is spread.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The places of a batch's images, in the order of its input, and the budget that they share.
///
/// A place is decided once every earlier one is: an image that is rejected for free, or whose
/// verdict is known, gives its place up, and the budget reaches the next. What is decided is
/// forgotten, so that it holds only the images under way.
#[derive(Debug)]
pub(super) struct Seats {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: u64,
    next: u64,
    places: BTreeMap<u64, Place>,
}

/// How far an image has come.
#[derive(Debug)]
enum Place {
    /// Still in the free stages.
    Undecided,
    /// It wants to be asked about.
    Wanting(oneshot::Sender<bool>),
    /// A request is set aside for it, and not sent yet.
    Reserved,
    /// There is nothing left for it.
    Refused,
}

/// An image's place. Dropped, it is given up, with the request that was set aside for it.
#[derive(Debug)]
pub(super) struct Reservation {
    seats: Arc<Seats>,
    number: u64,
}

impl Seats {
    pub(super) const fn new(budget: u64) -> Self {
        Self {
            state: Mutex::new(State {
                left: budget,
                next: 0,
                places: BTreeMap::new(),
            }),
        }
    }

    /// The next place.
    pub(super) fn take(self: &Arc<Self>) -> Reservation {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.places.insert(number, Place::Undecided);
        Reservation {
            seats: Arc::clone(self),
            number,
        }
    }

    /// Requests that are neither sent nor set aside.
    pub(super) fn left(&self) -> u64 {
        self.state().left
    }

    /// A request beyond the one that was set aside, for a retry.
    fn withdraw(&self) -> bool {
        let mut state = self.state();
        let taken = state.left.checked_sub(1);
        state.left = taken.unwrap_or(0);
        taken.is_some()
    }

    /// A request that did not leave.
    pub(super) fn deposit(&self) {
        let mut state = self.state();
        state.left += 1;
        state.decide();
    }

    /// Whole even if a thread panicked while it held the lock: numbers and single insertions.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Decides what can be decided, from the front.
    fn decide(&mut self) {
        let mut set_aside = false;
        for place in self.places.values_mut() {
            match place {
                Place::Undecided => return,
                Place::Reserved => set_aside = true,
                Place::Wanting(_) if self.left > 0 => {
                    self.left -= 1;
                    if let Place::Wanting(told) = std::mem::replace(place, Place::Reserved) {
                        // Fails only where the image was given up, and with it its place.
                        let _ = told.send(true);
                    }
                    set_aside = true;
                }
                // A request that is set aside comes back where its verdict turns out to be known.
                Place::Wanting(_) if set_aside => return,
                Place::Wanting(_) => {
                    if let Place::Wanting(told) = std::mem::replace(place, Place::Refused) {
                        let _ = told.send(false);
                    }
                }
                Place::Refused => {}
            }
        }
    }
}

impl Reservation {
    /// Waits until every earlier place is decided; then whether a request is set aside for this
    /// one.
    pub(super) async fn reserve(&self) -> bool {
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.seats.state();
            state.places.insert(self.number, Place::Wanting(tell));
            state.decide();
        }
        told.await.unwrap_or(false)
    }

    /// Takes the request that was set aside, or another one.
    pub(super) fn withdraw(&self) -> bool {
        let mut state = self.seats.state();
        if matches!(state.places.get(&self.number), Some(Place::Reserved)) {
            state.places.remove(&self.number);
            // One less that may come back.
            state.decide();
            return true;
        }
        drop(state);
        self.seats.withdraw()
    }

    /// Gives a request back that did not leave.
    pub(super) fn deposit(&self) {
        self.seats.deposit();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.seats.state();
        if let Some(Place::Reserved) = state.places.remove(&self.number) {
            state.left += 1;
        }
        state.decide();
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use proptest::prelude::*;

    use super::*;

    fn poll(future: &mut (impl Future<Output = bool> + Unpin)) -> Poll<bool> {
        std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    proptest! {
        /// Whatever the order in which images come out of the free stages, the budget goes to the
        /// first that want it.
        #[test]
        fn the_budget_goes_to_the_first_that_want_it(
            wants in proptest::collection::vec(any::<bool>(), 1..12),
            budget in 0_u64..8,
            order in any::<prop::sample::Index>(),
            seed: u64,
        ) {
            let seats = Arc::new(Seats::new(budget));
            let mut places: Vec<_> = wants.iter().map(|_| Some(seats.take())).collect();
            let mut turns: Vec<usize> = (0..wants.len()).collect();
            turns.rotate_left(order.index(wants.len()));
            let len = turns.len();
            turns.swap(usize::try_from(seed % len as u64).unwrap(), len - 1);

            // Each comes out of the free stages in its turn, and gives its place up or wants to
            // ask.
            let mut kept = Vec::new();
            for turn in turns {
                kept.push((turn, places[turn].take().filter(|_| wants[turn])));
            }
            let kept = kept.iter().filter_map(|(turn, place)| Some((*turn, place.as_ref()?)));
            let mut waiting: Vec<_> = kept
                .map(|(turn, place)| (turn, place, Box::pin(place.reserve())))
                .collect();
            let mut sent = Vec::new();
            // Polled until nobody moves.
            for _ in 0..=len {
                waiting.retain_mut(|(turn, place, told)| match poll(told) {
                    Poll::Ready(true) => {
                        assert!(place.withdraw());
                        sent.push(*turn);
                        false
                    }
                    Poll::Ready(false) => false,
                    Poll::Pending => true,
                });
            }
            prop_assert!(waiting.is_empty(), "somebody waits for ever");
            sent.sort_unstable();
            let first: Vec<usize> = (0..len)
                .filter(|&turn| wants[turn])
                .take(usize::try_from(budget).unwrap())
                .collect();
            prop_assert_eq!(sent, first);
        }
    }

    #[test]
    fn what_is_set_aside_and_not_sent_reaches_the_next() {
        let seats = Arc::new(Seats::new(1));
        let (first, second, third) = (seats.take(), seats.take(), seats.take());
        let mut first_told = Box::pin(first.reserve());
        assert_eq!(poll(&mut first_told), Poll::Ready(true));
        let mut second_told = Box::pin(second.reserve());
        let mut third_told = Box::pin(third.reserve());
        assert!(poll(&mut second_told).is_pending() && poll(&mut third_told).is_pending());
        drop(first_told);
        drop(first);
        assert_eq!(poll(&mut second_told), Poll::Ready(true));
        assert!(poll(&mut third_told).is_pending());
        assert!(second.withdraw());
        assert_eq!(poll(&mut third_told), Poll::Ready(false));
        // The retry of the second finds nothing left; a request that did not leave comes back.
        assert!(!second.withdraw());
        second.deposit();
        assert_eq!(seats.left(), 1);
    }
}
