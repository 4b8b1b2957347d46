//! The two boxes of a pass: made up for a portrait that nobody looked at, or as a script has them.

use serde::Deserialize;
use serde_json::{Number, Value};

/// Upper-left and lower-right corner, px: `[x1, y1, x2, y2]`.
pub(crate) type BoundingBox = [i64; 4];

/// The two boxes of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Boxes {
    pub(crate) face: BoundingBox,
    pub(crate) ext: BoundingBox,
}

/// A box as a script has it: any numbers, as many as there are, or none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum ScriptedBox {
    Absent(Absence),
    Numbers(Vec<Number>),
}

/// How a box is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Absence {
    /// The answer has no such field.
    Missing,
    /// The field is `null`.
    Null,
}

impl ScriptedBox {
    /// The field's value; None if the field is missing.
    pub(crate) fn value(&self) -> Option<Value> {
        match self {
            Self::Absent(Absence::Missing) => None,
            Self::Absent(Absence::Null) => Some(Value::Null),
            Self::Numbers(numbers) => Some(numbers.clone().into()),
        }
    }
}

/// The aspect that a caller may ask for ("parameters.ratio").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ratio {
    /// `1:1`, a head.
    Square,
    /// `3:4`, a half body.
    ThreeToFour,
}

impl Ratio {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "1:1" => Some(Self::Square),
            "3:4" => Some(Self::ThreeToFour),
            _ => None,
        }
    }

    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Square => "1:1",
            Self::ThreeToFour => "3:4",
        }
    }

    /// Width and height in units of one another.
    fn units(self) -> (u32, u32) {
        match self {
            Self::Square => (1, 1),
            Self::ThreeToFour => (3, 4),
        }
    }
}

impl Boxes {
    /// Boxes that a sound portrait of `width` × `height` px might have: the dynamic area is nine
    /// tenths of the largest box of that ratio, exactly in it and in the middle; the face is a
    /// square in its upper half.
    pub(crate) fn made_up(width: u32, height: u32, ratio: Ratio) -> Self {
        let (across, down) = ratio.units();
        let unit = (width / across).min(height / down) * 9 / 10;
        let (ext_width, ext_height) = (unit * across, unit * down);
        let (left, top) = ((width - ext_width) / 2, (height - ext_height) / 2);
        let side = ext_width * 2 / 5;
        let (face_left, face_top) = (left + (ext_width - side) / 2, top + ext_height / 5);
        Self {
            face: corners(face_left, face_top, side, side),
            ext: corners(left, top, ext_width, ext_height),
        }
    }
}

fn corners(left: u32, top: u32, width: u32, height: u32) -> BoundingBox {
    [left, top, left + width, top + height].map(i64::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn inside(inner: BoundingBox, outer: BoundingBox) -> bool {
        inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
    }

    proptest! {
        #[test]
        fn made_up_boxes_are_what_the_reference_promises(
            width in 400..=7000_u32,
            height in 400..=7000_u32,
            three_to_four in any::<bool>(),
        ) {
            let ratio = if three_to_four { Ratio::ThreeToFour } else { Ratio::Square };
            let Boxes { face, ext } = Boxes::made_up(width, height, ratio);
            let (across, down) = ratio.units();
            prop_assert!(inside(ext, [0, 0, width.into(), height.into()]));
            prop_assert!(inside(face, ext));
            prop_assert!(face[2] > face[0] && face[3] > face[1]);
            prop_assert!(ext[2] > ext[0] && ext[3] > ext[1]);
            prop_assert_eq!((ext[2] - ext[0]) * i64::from(down), (ext[3] - ext[1]) * i64::from(across));
        }
    }
}
