//! What the service answered, in its parsed form.

use std::fmt;

use crate::failure::Failure;
use crate::ratio::Ratio;

/// An answered check: the verdict, and what the answer says beside it.
///
/// A rejected portrait is a `Detection` too: the service did what it was asked to.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// Whether the portrait is fit, with the boxes or the reason.
    pub verdict: Verdict,
    /// The service's id of the request: `request_id`, else the header `x-request-id`.
    pub request_id: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The ratio that was asked for; the extended box has about this aspect.
    pub ratio: Ratio,
    /// Whether this check was paid for. A 200 is; a verdict sent as HTTP 400 is not.
    pub charge: Charge,
    /// The tries that it took, this answer's included; 1 to 3.
    pub attempts: u32,
    /// How many of the tries handed their request to a connection; at most `attempts`.
    pub sent: u32,
    /// `output.humanoid`, which newer copies of the reference show: whether the figure is human-like.
    pub humanoid: Option<bool>,
    /// `usage`, which the service sends with what it charges.
    pub usage: Option<Usage>,
    /// The HTTP status that carried the verdict: 200, or 400 for the other shape of a failed check.
    pub http_status: u16,
}

impl Detection {
    /// The boxes, if the portrait passed.
    #[must_use]
    pub fn boxes(&self) -> Option<Boxes> {
        match self.verdict {
            Verdict::Pass(boxes) => Some(boxes),
            Verdict::Fail(_) => None,
        }
    }
}

/// `output.check_pass` and what comes with each of its values.
#[expect(
    clippy::exhaustive_enums,
    reason = "a check passes or fails: there is no third verdict"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The portrait is fit for the video model, which wants these boxes.
    Pass(Boxes),
    /// The portrait is not fit, for this reason.
    Fail(Failure),
}

/// The two boxes that the video call takes, exactly as the service gave them.
///
/// They belong to the picture that was checked: after resizing, rotating or encoding it anew they
/// are void.
#[expect(
    clippy::exhaustive_structs,
    reason = "the video call takes these two and no other"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Boxes {
    /// `output.face_bbox`: the area of the face.
    pub face: BoundingBox,
    /// `output.ext_bbox`: the area that moves; its aspect is about that of the [`Ratio`] asked for.
    pub ext: BoundingBox,
}

/// A box in px: its upper-left corner and its lower-right one, not a width and a height.
///
/// The lower-right corner lies to the right of and below the other: a box without area cannot be
/// made.
///
/// ```
/// use remote::BoundingBox;
///
/// let face = BoundingBox::from_corners([302, 286, 610, 593]).expect("a sound box");
/// assert_eq!((face.width(), face.height()), (308, 307));
/// assert_eq!(face.corners(), [302, 286, 610, 593]);
/// assert_eq!(BoundingBox::from_corners([610, 593, 302, 286]), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BoundingBox {
    x1: u32,
    y1: u32,
    x2: u32,
    y2: u32,
}

impl BoundingBox {
    /// A box from `[x1, y1, x2, y2]` in px, or `None` if it would have no area.
    #[must_use]
    pub const fn from_corners([x1, y1, x2, y2]: [u32; 4]) -> Option<Self> {
        if x1 < x2 && y1 < y2 {
            Some(Self { x1, y1, x2, y2 })
        } else {
            None
        }
    }

    /// `[x1, y1, x2, y2]` in px: the form in which the video call takes the box.
    #[must_use]
    pub const fn corners(self) -> [u32; 4] {
        [self.x1, self.y1, self.x2, self.y2]
    }

    /// The width in px; at least 1.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.x2 - self.x1
    }

    /// The height in px; at least 1.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.y2 - self.y1
    }

    /// Whether the whole box lies in a picture of these sides in px.
    #[must_use]
    pub const fn fits(self, width: u32, height: u32) -> bool {
        self.x2 <= width && self.y2 <= height
    }
}

impl fmt::Display for BoundingBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { x1, y1, x2, y2 } = self;
        write!(f, "[{x1},{y1},{x2},{y2}]")
    }
}

/// `usage`: what the service counts for the bill.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Usage {
    /// `usage.image_count`: images charged; the reference says that it is always 1.
    pub image_count: u64,
}

/// Whether a call was paid for, as far as we can know.
#[expect(
    clippy::exhaustive_enums,
    reason = "three values for good: callers add them up"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Charge {
    /// Certainly not: nothing was sent, or the service answered that the request failed.
    No,
    /// Perhaps: the request was sent, and what became of it is not known.
    Unknown,
    /// Certainly: the service answered the request.
    Yes,
}

impl Charge {
    /// `no`, `unknown` or `yes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_box_has_area_and_keeps_its_corners(corners: [u32; 4]) {
            let [x1, y1, x2, y2] = corners;
            match BoundingBox::from_corners(corners) {
                Some(area) => {
                    prop_assert!(area.width() > 0 && area.height() > 0);
                    prop_assert_eq!(area.corners(), corners);
                    prop_assert!(area.fits(x2, y2));
                    prop_assert!(!area.fits(x2 - 1, y2) && !area.fits(x2, y2 - 1));
                }
                None => prop_assert!(x1 >= x2 || y1 >= y2),
            }
        }
    }
}
