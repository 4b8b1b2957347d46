//! Puts results back into the order of the inputs.

use std::collections::VecDeque;

use crate::scan::Scanned;

/// What there is at a number.
#[derive(Debug, Default)]
pub(crate) enum Slot {
    /// Nothing yet.
    #[default]
    Pending,
    Ready(Box<Scanned>),
    /// Nothing, and nothing to come.
    Absent,
}

/// Results that wait for earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The number of the first slot.
    next: u64,
    slots: VecDeque<Slot>,
}

impl Order {
    /// Keeps what there is at a number.
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
    pub(crate) fn pop(&mut self) -> Option<Scanned> {
        loop {
            if matches!(self.slots.front()?, Slot::Pending) {
                return None;
            }
            self.next += 1;
            if let Slot::Ready(scanned) = self.slots.pop_front()? {
                return Some(*scanned);
            }
        }
    }

    /// The number that is popped next.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// Results that wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.slots
            .iter()
            .filter(|slot| matches!(slot, Slot::Ready(_)))
            .count() as u64
    }

    /// What is there, in order, whatever is missing between.
    pub(crate) fn into_rest(self) -> impl Iterator<Item = Scanned> {
        self.slots.into_iter().filter_map(|slot| match slot {
            Slot::Ready(scanned) => Some(*scanned),
            Slot::Pending | Slot::Absent => None,
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
        Slot::Ready(Box::new(Scanned {
            line,
            fruitless: false,
        }))
    }

    fn number(scanned: &Scanned) -> u64 {
        match &scanned.line.name {
            ImageName::Url(number) => number.parse().unwrap(),
            other => panic!("{other:?}"),
        }
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
                while let Some(scanned) = order.pop() {
                    out.push(number(&scanned));
                }
            }
            // Streamed: exactly what no earlier number is missing for.
            let missing = (0..50).find(|n| !arrivals[..cut].contains(n)).unwrap_or(50);
            let streamed: Vec<_> = (0..missing).filter(|n| !absent.contains(n)).collect();
            prop_assert_eq!(&out, &streamed);
            // At an early end: everything that is there, still in order.
            out.extend(order.into_rest().map(|scanned| number(&scanned)));
            let mut all: Vec<_> = arrivals[..cut].iter().copied().filter(|n| !absent.contains(n)).collect();
            all.sort_unstable();
            prop_assert_eq!(out, all);
        }
    }
}
