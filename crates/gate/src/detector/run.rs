//! A batch: a budget, and the order of the input.

use std::sync::Arc;

use super::seats::{Reservation, Seats};
use crate::Detector;

/// A batch of images that asks at most so many requests, retries included, and spends them in the
/// order of its input, whichever image is through the free stages first.
///
/// Take a [`seat`](Self::seat) for each image in the order of the input, and ask with it. An image
/// that is not asked about gives its place up when its seat is dropped: until then, and until it is
/// decided, later images wait. Known verdicts cost no budget. The detector's own allowance counts
/// as well; a batch that shall know no other limit uses [`Unlimited`](remote::Unlimited) there.
#[derive(Clone, Debug)]
pub struct Run {
    detector: Detector,
    seats: Arc<Seats>,
}

/// The one who asks about an image: a detector's caller, or the place of an image in a [`Run`].
#[derive(Debug)]
#[must_use = "an image without a seat is not asked about"]
pub struct Seat {
    pub(super) detector: Detector,
    pub(super) place: Option<Reservation>,
}

impl Run {
    pub(super) fn new(detector: Detector, budget: u64) -> Self {
        Self {
            detector,
            seats: Arc::new(Seats::new(budget)),
        }
    }

    /// The place of the next image of the input.
    pub fn seat(&self) -> Seat {
        Seat {
            detector: self.detector.clone(),
            place: Some(self.seats.take()),
        }
    }

    /// Requests that are neither sent nor set aside for an image.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.seats.left()
    }

    /// The detector that is asked.
    #[must_use]
    pub const fn detector(&self) -> &Detector {
        &self.detector
    }
}

impl From<&Detector> for Seat {
    /// Asks in no order, for as long as the allowance lasts.
    fn from(detector: &Detector) -> Self {
        Self {
            detector: detector.clone(),
            place: None,
        }
    }
}
