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
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn kinds(face: &Value, ext: &Value, ratio: Ratio) -> Vec<(BoxName, DoubtKind)> {
        let area = |value| BoundingBox::of(value).unwrap();
        let boxes = Boxes {
            face: area(face),
            ext: area(ext),
        };
        let doubts = boxes.doubts(1000, 1200, ratio);
        doubts
            .into_iter()
            .map(|doubt| (doubt.name, doubt.kind))
            .collect()
    }

    #[test]
    fn real_answers_raise_no_doubt() {
        for (face, ext) in [
            (json!([302, 286, 610, 593]), json!([71, 9, 840, 778])),
            (json!([387, 188, 769, 570]), json!([225, 0, 931, 706])),
            (json!([212, 194, 460, 441]), json!([63, 30, 609, 575])),
            (json!([344.0, 180, 515, 351]), json!([0, 0, 1000, 1000])),
        ] {
            assert_eq!(kinds(&face, &ext, Ratio::Square), [], "{face} {ext}");
        }
        for ext in [
            json!([0, 0, 750, 1000]),
            json!([0, 0, 512, 704]),
            json!([0, 0, 740, 1000]),
        ] {
            assert_eq!(
                kinds(&json!([1, 1, 9, 9]), &ext, Ratio::ThreeFour),
                [],
                "{ext}"
            );
        }
    }

    #[test]
    fn each_oddity_is_told_once() {
        use BoxName::{Ext, Face};
        let (face, ext) = (json!([10, 10, 20, 20]), json!([0, 0, 100, 100]));
        let image = DoubtKind::Outside {
            width: 1000,
            height: 1200,
        };
        let square = DoubtKind::Aspect {
            ratio: Ratio::Square,
        };
        for (face, ext, expected) in [
            (
                json!([10, 10.5, 20, 20]),
                ext.clone(),
                vec![(Face, DoubtKind::Fractional)],
            ),
            (
                face.clone(),
                json!([-1, 0, 100, 100]),
                vec![(Ext, DoubtKind::Negative)],
            ),
            (
                face.clone(),
                json!([0, 0, 1001, 1001]),
                vec![(Ext, image.clone())],
            ),
            (face.clone(), json!([0, 0, 829, 391]), vec![(Ext, square)]),
            (
                json!([20, 20, 10, 10]),
                ext.clone(),
                vec![(Face, DoubtKind::NoArea)],
            ),
            (
                face.clone(),
                json!([100, 100, 0, 0]),
                vec![(Ext, DoubtKind::NoArea)],
            ),
        ] {
            assert_eq!(kinds(&face, &ext, Ratio::Square), expected, "{face} {ext}");
        }
        let outside = kinds(&json!([90, 90, 110, 110]), &ext, Ratio::Square);
        assert!(
            matches!(outside[..], [(Ext, DoubtKind::FaceOutside { .. })]),
            "{outside:?}"
        );
    }

    /// What is just right, and what is a px off, on each side.
    #[test]
    fn every_bound_of_a_doubt_is_where_it_should_be() {
        use BoxName::{Ext, Face};
        let told = |face: [i64; 4], ext: [i64; 4], ratio| -> Vec<(BoxName, &str)> {
            let told = kinds(&json!(face), &json!(ext), ratio);
            let word = |kind| match kind {
                DoubtKind::Aspect { .. } => "aspect",
                DoubtKind::FaceOutside { .. } => "face outside",
                DoubtKind::NoArea => "no area",
                DoubtKind::Outside { .. } => "outside",
                _ => "another",
            };
            told.into_iter()
                .map(|(name, kind)| (name, word(kind)))
                .collect()
        };
        let (face, ext) = ([10, 10, 20, 20], [0, 0, 100, 100]);
        // The image has 1000 x 1200 px.
        let (square, three_four) = (Ratio::Square, Ratio::ThreeFour);
        for (face, ext, ratio, doubt) in [
            (
                face,
                [0, 200, 1000, 1200],
                square,
                Some((Ext, "face outside")),
            ),
            ([10, 210, 20, 220], [0, 200, 1000, 1200], square, None),
            (
                [10, 210, 20, 220],
                [1, 200, 1001, 1200],
                square,
                Some((Ext, "outside")),
            ),
            (
                [10, 210, 20, 220],
                [0, 201, 1000, 1201],
                square,
                Some((Ext, "outside")),
            ),
            ([10, 10, 10, 20], ext, square, Some((Face, "no area"))),
            ([10, 10, 20, 10], ext, square, Some((Face, "no area"))),
            ([20, 10, 10, 20], ext, square, Some((Face, "no area"))),
            ([10, 20, 20, 10], ext, square, Some((Face, "no area"))),
            ([0, 0, 100, 100], ext, square, None),
            ([-1, 0, 100, 100], ext, square, Some((Face, "another"))),
            (
                [9, 10, 20, 20],
                [10, 10, 100, 100],
                square,
                Some((Ext, "face outside")),
            ),
            (
                [10, 9, 20, 20],
                [10, 10, 100, 100],
                square,
                Some((Ext, "face outside")),
            ),
            ([10, 10, 101, 20], ext, square, Some((Ext, "face outside"))),
            ([10, 10, 20, 101], ext, square, Some((Ext, "face outside"))),
            (face, [0, 0, 98, 100], square, None),
            (face, [0, 0, 102, 100], square, None),
            (face, [0, 0, 97, 100], square, Some((Ext, "aspect"))),
            (face, [0, 0, 103, 100], square, Some((Ext, "aspect"))),
            // 8:11 of 1100 px is 800 px, 3:4 of it 825 px.
            (face, [0, 0, 798, 1100], three_four, None),
            (face, [0, 0, 827, 1100], three_four, None),
            (face, [0, 0, 797, 1100], three_four, Some((Ext, "aspect"))),
            (face, [0, 0, 828, 1100], three_four, Some((Ext, "aspect"))),
        ] {
            let told = told(face, ext, ratio);
            match doubt {
                Some(doubt) => assert!(told.contains(&doubt), "{face:?} {ext:?}: {told:?}"),
                None => assert_eq!(told, [], "{face:?} {ext:?}"),
            }
        }
    }

    #[test]
    fn only_four_numbers_are_a_box() {
        for value in [
            json!(null),
            json!([]),
            json!([1, 2, 3]),
            json!([1, 2, 3, 4, 5]),
            json!(["1", "2", "3", "4"]),
            json!([1, 2, 3, null]),
            json!([[1, 2], [3, 4]]),
            json!({"x1": 1, "y1": 2, "x2": 3, "y2": 4}),
            json!("1,2,3,4"),
        ] {
            assert_eq!(BoundingBox::of(&value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn numbers_come_out_as_they_went_in(whole: [i64; 2], float in [-1e9..1e9, -1e300..1e300]) {
            let sent = json!([whole[0], whole[1], float[0], float[1]]);
            let area = BoundingBox::of(&sent).unwrap();
            prop_assert_eq!(serde_json::to_value(&area).unwrap(), sent.clone());
            let text = sent.to_string();
            prop_assert_eq!(serde_json::from_str::<BoundingBox>(&text).unwrap().to_string(), text);
            let _ = Boxes { face: area.clone(), ext: area }.doubts(9, 9, Ratio::ThreeFour);
        }
    }
}
