//! The two boxes of a pass, with the numbers that the service sent, and doubts about them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::ratio::Ratio;

/// The two boxes that the video call takes, exactly as the service gave them.
///
/// They belong to the image that was checked: after resizing, rotating or encoding it anew they are
/// void.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Boxes {
    /// `output.face_bbox`: the area of the face.
    pub face: BoundingBox,
    /// `output.ext_bbox`: the area that moves; its aspect is about that of the [`Ratio`] asked for.
    pub ext: BoundingBox,
}

impl Boxes {
    /// The doubts about the boxes of an image of these sides in px, checked for this ratio.
    ///
    /// A doubt changes no verdict: the service has judged, and the video service decides what it
    /// takes. The sides are those of the image as the service sees it; where it carries an EXIF
    /// orientation, that may be the turned one.
    ///
    /// ```
    /// use remote::{Boxes, Ratio};
    ///
    /// let boxes = Boxes { face: [302, 286, 610, 593].into(), ext: [71, 9, 840, 778].into() };
    /// assert!(boxes.doubts(1000, 1200, Ratio::Square).is_empty());
    /// let doubts = boxes.doubts(800, 1200, Ratio::Square);
    /// let doubt = "ext_bbox [71,9,840,778] reaches out of the image of 800 x 1200 px";
    /// assert_eq!(doubts[0].to_string(), doubt);
    /// ```
    #[must_use]
    pub fn doubts(&self, width: u32, height: u32, ratio: Ratio) -> Vec<BoxDoubt> {
        let mut doubts = Vec::new();
        for (name, area) in [(BoxName::Face, &self.face), (BoxName::Ext, &self.ext)] {
            let [x1, y1, x2, y2] = area.corners();
            let mut doubt = |kind| {
                doubts.push(BoxDoubt {
                    name,
                    area: area.clone(),
                    kind,
                });
            };
            if area.corners().iter().any(|side| side.fract() != 0.0) {
                doubt(DoubtKind::Fractional);
            }
            if area.corners().iter().any(|side| *side < 0.0) {
                doubt(DoubtKind::Negative);
            }
            if !area.has_area() {
                doubt(DoubtKind::NoArea);
            }
            if x1.max(x2) > f64::from(width) || y1.max(y2) > f64::from(height) {
                doubt(DoubtKind::Outside { width, height });
            }
        }
        if !self.face.has_area() || !self.ext.has_area() {
            return doubts;
        }
        let mut of_ext = |kind| {
            doubts.push(BoxDoubt {
                name: BoxName::Ext,
                area: self.ext.clone(),
                kind,
            });
        };
        if !self.ext.holds(&self.face) {
            of_ext(DoubtKind::FaceOutside {
                face: self.face.clone(),
            });
        }
        if !self.ext.has_aspect(ratio) {
            of_ext(DoubtKind::Aspect { ratio });
        }
        doubts
    }
}

/// A box in px: its upper-left corner and its lower-right one, not a width and a height.
///
/// It holds the four numbers of the answer, be they whole, fractional, negative or swapped: the
/// video call gets the numbers that the service gave. [`Boxes::doubts`] looks at them.
///
/// A number keeps its value, as far as a double holds it (RFC 8259, section 6), and not its
/// spelling: `1.10` is written `1.1`. `1e400`, which no double holds and most readers of JSON
/// refuse, becomes the largest double.
///
/// ```
/// use remote::BoundingBox;
///
/// let face = BoundingBox::from([302, 286, 610, 593]);
/// assert_eq!(face.corners(), [302.0, 286.0, 610.0, 593.0]);
/// let odd: BoundingBox = serde_json::from_str("[-1, 10.0, 30.25, 4e1]")?;
/// assert_eq!(serde_json::to_string(&odd)?, "[-1,10.0,30.25,40.0]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoundingBox([Number; 4]);

impl BoundingBox {
    /// How far the aspect of an extended box may be off, in px: real answers are off by one.
    const ASPECT_SLACK: f64 = 2.0;

    /// `[x1, y1, x2, y2]` in px, to reckon with. What is sent on is the box itself, serialised.
    #[must_use]
    pub fn corners(&self) -> [f64; 4] {
        // Without serde_json's arbitrary precision every number is a float or fits into one.
        self.0
            .each_ref()
            .map(|number| number.as_f64().unwrap_or(f64::NAN))
    }

    /// The box that an answer holds, if it is an array of four numbers.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    fn has_area(&self) -> bool {
        let [x1, y1, x2, y2] = self.corners();
        x1 < x2 && y1 < y2
    }

    fn holds(&self, inner: &Self) -> bool {
        let ([x1, y1, x2, y2], [left, top, right, bottom]) = (self.corners(), inner.corners());
        x1 <= left && y1 <= top && right <= x2 && bottom <= y2
    }

    /// Whether the box is about as wide as the ratio wants. For 3:4 the video is 512 x 704 px,
    /// which is 8:11, so that anything between the two is right.
    fn has_aspect(&self, ratio: Ratio) -> bool {
        let [x1, y1, x2, y2] = self.corners();
        let (width, height) = (x2 - x1, y2 - y1);
        let (narrowest, widest) = match ratio {
            Ratio::Square => (height, height),
            Ratio::ThreeFour => (height * 8.0 / 11.0, height * 3.0 / 4.0),
        };
        width >= narrowest - Self::ASPECT_SLACK && width <= widest + Self::ASPECT_SLACK
    }
}

impl From<[u32; 4]> for BoundingBox {
    /// A box from `[x1, y1, x2, y2]` in whole px.
    fn from(corners: [u32; 4]) -> Self {
        Self(corners.map(Number::from))
    }
}

impl fmt::Display for BoundingBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x1, y1, x2, y2] = &self.0;
        write!(f, "[{x1},{y1},{x2},{y2}]")
    }
}

/// Something odd about a box of a pass: a full sentence by `Display`, with the numbers as sent.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxDoubt {
    /// Which box.
    pub name: BoxName,
    /// The box.
    pub area: BoundingBox,
    /// The oddity.
    pub kind: DoubtKind,
}

impl fmt::Display for BoxDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, area, kind } = self;
        write!(f, "{name} {area} {kind}")
    }
}

/// One of the two boxes, by the reference's name.
#[expect(clippy::exhaustive_enums, reason = "the reference has two")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BoxName {
    /// `face_bbox`
    Face,
    /// `ext_bbox`
    Ext,
}

impl fmt::Display for BoxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Face => "face_bbox",
            Self::Ext => "ext_bbox",
        })
    }
}

/// The oddities that a box may have.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoubtKind {
    /// Its aspect is not the one that was asked for: 1:1 within 2 px, or between 8:11 and 3:4
    /// within 2 px.
    Aspect {
        /// The ratio asked for.
        ratio: Ratio,
    },
    /// The area that moves does not hold the whole face.
    FaceOutside {
        /// The box of the face.
        face: BoundingBox,
    },
    /// A coordinate has a fraction of a px.
    Fractional,
    /// A coordinate is below 0.
    Negative,
    /// Its second corner is not to the right of and below the first.
    NoArea,
    /// It reaches beyond the right or the lower edge of the image.
    Outside {
        /// The image's width in px.
        width: u32,
        /// The image's height in px.
        height: u32,
    },
}

impl fmt::Display for DoubtKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aspect { ratio } => {
                write!(f, "does not have the aspect {ratio} that was asked for")
            }
            Self::FaceOutside { face } => write!(f, "does not hold the face_bbox {face}"),
            Self::Fractional => f.write_str("has a fraction of a px"),
            Self::Negative => f.write_str("has a negative coordinate"),
            Self::NoArea => f.write_str("has no area: its corners are swapped or on one line"),
            Self::Outside { width, height } => {
                write!(f, "reaches out of the image of {width} x {height} px")
            }
        }
    }
}

#[cfg(test)]
mod tests;
