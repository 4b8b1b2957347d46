//! Puts results back into the order of the inputs.

use std::collections::VecDeque;

use gate::Stage;

use crate::scan::checked::{Finished, Repeating};

/// The state of a number.
#[derive(Debug, Default)]
pub(crate) enum Slot {
    /// Nothing yet.
    #[default]
    Pending,
    Ready(Finished),
    /// The same as at an earlier number.
    Repeats(Box<Repeating>),
    /// Nothing, and nothing to come.
    Absent,
}

/// Numbers and their results, as threads send them.
pub(crate) type Results = Vec<(u64, Slot)>;

/// Results that wait for earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The number of the first slot.
    next: u64,
    slots: VecDeque<Slot>,
    /// The results of all numbers before, a byte each, for inputs that repeat them.
    before: Vec<Ended>,
}

/// The outcome and the stage of an input in one byte; 0 where there is nothing.
#[derive(Clone, Copy, Debug)]
struct Ended(u8);

impl Ended {
    const NOTHING: Self = Self(0);

    fn of(finished: &Finished) -> Self {
        let Finished::Image { image, .. } = finished else {
            return Self::NOTHING;
        };
        let (outcome, stage) = (image.report.outcome() as u8, image.report.stage() as u8);
        Self(1 + outcome * STAGES + stage)
    }

    fn get(self) -> Option<(gate::Outcome, Stage)> {
        let code = self.0.checked_sub(1)?;
        let outcome = gate::Outcome::ALL.get(usize::from(code / STAGES))?;
        let stage = Stage::ALL.get(usize::from(code % STAGES))?;
        Some((*outcome, *stage))
    }
}

const STAGES: u8 = Stage::ALL.len() as u8;

impl Order {
    /// Sets the state of a number.
    pub(crate) fn put(&mut self, number: u64, slot: Slot) {
        let Some(index) = number
            .checked_sub(self.next)
            .and_then(|n| usize::try_from(n).ok())
        else {
            return;
        };
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, Slot::default);
        }
        if let Some(place) = self.slots.get_mut(index) {
            *place = slot;
        }
    }

    /// The next result, if every earlier one has been popped.
    pub(crate) fn pop(&mut self) -> Option<Finished> {
        loop {
            if matches!(self.slots.front()?, Slot::Pending) {
                return None;
            }
            let slot = self.slots.pop_front()?;
            if let Some(outcome) = self.pass(slot) {
                return Some(outcome);
            }
        }
    }

    /// The result of the next slot.
    fn pass(&mut self, slot: Slot) -> Option<Finished> {
        let outcome = match slot {
            Slot::Ready(outcome) => Some(outcome),
            Slot::Repeats(repeating) => {
                // A first that was not reached, or left out, leaves nothing to say.
                let first = usize::try_from(repeating.first).ok();
                let ended = first.and_then(|first| self.before.get(first)?.get());
                ended.map(|(outcome, stage)| {
                    Finished::Repeated(Box::new(repeating.with(outcome, stage)))
                })
            }
            Slot::Pending | Slot::Absent => None,
        };
        self.next += 1;
        self.before
            .push(outcome.as_ref().map_or(Ended::NOTHING, Ended::of));
        outcome
    }

    /// The number that is popped next.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// Results that wait.
    pub(crate) fn waiting(&self) -> u64 {
        let is_there = |slot: &&Slot| matches!(slot, Slot::Ready(_) | Slot::Repeats(_));
        self.slots.iter().filter(is_there).count() as u64
    }

    /// The results that are there, in order, whatever is missing between them.
    pub(crate) fn into_rest(mut self) -> impl Iterator<Item = Finished> {
        std::iter::from_fn(move || {
            loop {
                let slot = self.slots.pop_front()?;
                if let Some(outcome) = self.pass(slot) {
                    return Some(outcome);
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use gate::Report;
    use proptest::prelude::*;

    use super::*;
    use report::{Image, ImageName};

    fn slot(number: u64) -> Slot {
        let line = Image::new(ImageName::Url(number.to_string()), Report::skipped(""));
        Slot::Ready(Finished::Image {
            image: Box::new(line),
            yields_nothing: false,
        })
    }

    fn number(finished: &Finished) -> u64 {
        match finished {
            Finished::Image { image, .. } => match &image.name {
                ImageName::Url(number) => number.parse().unwrap(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_outcome_and_a_stage_take_a_byte() {
        for outcome in gate::Outcome::ALL {
            for stage in Stage::ALL {
                let byte = Ended(1 + outcome as u8 * STAGES + stage as u8);
                assert_eq!(byte.get(), Some((outcome, stage)));
            }
        }
        assert_eq!(Ended::NOTHING.get(), None);
    }

    proptest! {
        #[test]
        fn results_come_out_in_order_whatever_order_they_come_in(
            arrivals in Just((0..50_u64).collect::<Vec<_>>()).prop_shuffle(),
            absent in proptest::collection::btree_set(0..50_u64, 0..10),
            cut in 0..=50_usize,
        ) {
            let mut order = Order::default();
            let mut out = Vec::new();
            for &n in &arrivals[..cut] {
                order.put(n, if absent.contains(&n) { Slot::Absent } else { slot(n) });
                while let Some(outcome) = order.pop() {
                    out.push(number(&outcome));
                }
            }
            // Streamed: exactly what no earlier number is missing for.
            let missing = (0..50).find(|n| !arrivals[..cut].contains(n)).unwrap_or(50);
            let streamed: Vec<_> = (0..missing).filter(|n| !absent.contains(n)).collect();
            prop_assert_eq!(&out, &streamed);
            // At an early end: everything that is there, still in order.
            out.extend(order.into_rest().map(|outcome| number(&outcome)));
            let mut all: Vec<_> = arrivals[..cut].iter().copied().filter(|n| !absent.contains(n)).collect();
            all.sort_unstable();
            prop_assert_eq!(out, all);
        }
    }
}
