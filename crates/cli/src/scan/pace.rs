//! How many inputs a thread takes at a time.

use std::time::Duration;

/// A batch that takes less is too small: threads would meet at the queue too often.
const LEAST: Duration = Duration::from_micros(500);

/// A batch that takes more is too large: its first result would wait for its last, and other threads
/// would have nothing to do at the end.
pub(crate) const MOST: Duration = Duration::from_millis(2);

/// Inputs in the largest batch. Twice as many would save less than a hundredth.
const LARGEST: usize = 64;

/// The size of the next batch of a thread, by how long its last ones took: dozens where an image
/// takes microseconds, one where it is decoded or comes from a slow disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    batch: usize,
}

impl Pace {
    pub(crate) const fn new() -> Self {
        Self { batch: 1 }
    }

    /// Inputs to take now.
    pub(crate) const fn batch(self) -> usize {
        self.batch
    }

    /// Learns how long the last batch took.
    pub(crate) fn learn(&mut self, took: Duration) {
        if took < LEAST {
            self.batch = LARGEST.min(self.batch * 2);
        } else if took > MOST {
            self.batch = 1.max(self.batch / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_images_are_quick_and_shrink_when_they_are_not() {
        let mut pace = Pace::new();
        let mut sizes = |took: Duration| {
            let sizes = (0..8).map(|_| {
                pace.learn(took * u32::try_from(pace.batch()).unwrap());
                pace.batch()
            });
            sizes.collect::<Vec<_>>()
        };
        let quick = sizes(Duration::from_micros(7));
        assert_eq!(quick, [2, 4, 8, 16, 32, 64, 64, 64]);
        let slow = sizes(Duration::from_millis(3));
        assert_eq!(slow, [32, 16, 8, 4, 2, 1, 1, 1]);
        let between = sizes(Duration::from_micros(400));
        assert_eq!(between, [2; 8]);
    }
}
