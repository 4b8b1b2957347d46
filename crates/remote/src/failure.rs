//! Why an image is not fit: the reference's nine reasons, in an open set.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::codes::same_code;
use crate::ratio::Ratio;

/// Why the service rejected an image, with its own words kept as they came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    reason: FailureReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Failure {
    /// A failure of this code and sentence, its reason [recognised](FailureReason::recognise) by
    /// them.
    #[must_use]
    pub fn new(code: Option<String>, message: Option<String>) -> Self {
        Self {
            reason: FailureReason::recognise(code.as_deref(), message.as_deref()),
            code,
            message,
        }
    }

    /// Which of the known reasons it is.
    #[must_use]
    pub const fn reason(&self) -> FailureReason {
        self.reason
    }

    /// The service's code, verbatim: `InvalidFile.NoHuman`. Absent where the service left it blank.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The service's sentence, verbatim. Absent where the service left it blank.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn map_texts(self, clean: impl Fn(String) -> String) -> Self {
        Self {
            reason: self.reason,
            code: self.code.map(&clean),
            message: self.message.map(clean),
        }
    }
}

/// The reasons of the reference's table "Failure reasons", in its order.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FailureReason {
    /// `InvalidFile.NoHuman`
    NoHuman,
    /// `InvalidFile.MultiHuman`
    MultiHuman,
    /// `InvalidFile.BodyProportion`
    BodyProportion,
    /// `InvalidFile.Resolution`
    Resolution,
    /// `InvalidFile.Value`
    Value,
    /// `InvalidFile.FrontBody`
    FrontBody,
    /// `InvalidFile.FullFace`
    FullFace,
    /// `InvalidFile.FacePose`
    FacePose,
    /// `InvalidFile.FullBody`
    FullBody,
    /// A reason that is not in the table, or none given: see [`Failure::code`] and
    /// [`Failure::message`].
    Other,
}

impl FailureReason {
    /// The nine documented reasons, in the reference's order.
    pub const DOCUMENTED: [Self; 9] = [
        Self::NoHuman,
        Self::MultiHuman,
        Self::BodyProportion,
        Self::Resolution,
        Self::Value,
        Self::FrontBody,
        Self::FullFace,
        Self::FacePose,
        Self::FullBody,
    ];

    /// The reason that a code names; where it is absent, blank or new to us, the reason that a
    /// sentence of the reference names; else [`FailureReason::Other`].
    ///
    /// ```
    /// use remote::FailureReason;
    ///
    /// let said = "The input image has no human body. Please upload other image with single person.";
    /// assert_eq!(FailureReason::recognise(Some(""), Some(said)), FailureReason::NoHuman);
    /// assert_eq!(FailureReason::recognise(Some("InvalidFile.Value"), None), FailureReason::Value);
    /// assert_eq!(FailureReason::recognise(None, Some("sunglasses")), FailureReason::Other);
    /// ```
    #[must_use]
    pub fn recognise(code: Option<&str>, message: Option<&str>) -> Self {
        let by_code = code.and_then(|code| {
            Self::DOCUMENTED.into_iter().find(|reason| {
                reason
                    .code()
                    .is_some_and(|known| same_code(known, code.trim()))
            })
        });
        by_code
            .or_else(|| Self::of_sentence(message?))
            .unwrap_or(Self::Other)
    }

    /// The reason's name in JSON: `no-human`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.row() {
            Some(row) => row.name,
            None => "other",
        }
    }

    /// The documented code, or `None` for [`FailureReason::Other`].
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self.row() {
            Some(row) => Some(row.code),
            None => None,
        }
    }

    /// What the detector found, in one sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self.row() {
            Some(row) => row.meaning,
            None => "The detector rejected the image for a reason that is not in the reference.",
        }
    }

    /// What to do about it, in one sentence for whoever brought the image.
    ///
    /// It depends on the ratio for the one reason that another ratio may cure.
    #[must_use]
    pub const fn suggestion(self, ratio: Ratio) -> &'static str {
        match (self, ratio) {
            (Self::FullBody, Ratio::ThreeFour) => {
                "Use a image that shows the body down to the hips, or ask for the ratio 1:1."
            }
            _ => match self.row() {
                Some(row) => row.suggestion,
                None => "Read the service's own message, and try another image.",
            },
        }
    }

    /// The sentences by which the reason is recognised: first that of the reference's "Failure
    /// reasons", then the server's own of its "Status codes", then what newer pages print.
    #[must_use]
    pub const fn sentences(self) -> &'static [&'static str] {
        match self.row() {
            Some(row) => row.sentences,
            None => &[],
        }
    }

    /// Copies of the reference differ in case, punctuation and between "other" and "another".
    fn of_sentence(message: &str) -> Option<Self> {
        let bare = |text: &str| -> String {
            let text = text.to_ascii_lowercase().replace("another", "other");
            text.chars().filter(char::is_ascii_alphanumeric).collect()
        };
        let said = bare(message);
        Self::DOCUMENTED.into_iter().find(|reason| {
            let mut known = reason.sentences().iter();
            known.any(|sentence| said.contains(&bare(sentence)))
        })
    }

    const fn row(self) -> Option<&'static Row> {
        Some(match self {
            Self::NoHuman => &NO_HUMAN,
            Self::MultiHuman => &MULTI_HUMAN,
            Self::BodyProportion => &BODY_PROPORTION,
            Self::Resolution => &RESOLUTION,
            Self::Value => &VALUE,
            Self::FrontBody => &FRONT_BODY,
            Self::FullFace => &FULL_FACE,
            Self::FacePose => &FACE_POSE,
            Self::FullBody => &FULL_BODY,
            Self::Other => return None,
        })
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

struct Row {
    name: &'static str,
    code: &'static str,
    meaning: &'static str,
    suggestion: &'static str,
    sentences: &'static [&'static str],
}

static NO_HUMAN: Row = Row {
    name: "no-human",
    code: "InvalidFile.NoHuman",
    meaning: "The detector found no person, or no face, in the image.",
    suggestion: "Use a image in which one person's face can be seen.",
    sentences: &[
        "The input image does not contain a person. Please upload an image of a single person.",
        "The input image has no human body. Please upload other image with single person.",
    ],
};

static MULTI_HUMAN: Row = Row {
    name: "multi-human",
    code: "InvalidFile.MultiHuman",
    meaning: "The detector found more than one person in the image.",
    suggestion: "Use a image of one person, or crop it to one.",
    sentences: &[
        "The input image contains multiple people. Please upload an image of a single person.",
        "The input image has multi human bodies. Please upload other image with single person.",
    ],
};

static BODY_PROPORTION: Row = Row {
    name: "body-proportion",
    code: "InvalidFile.BodyProportion",
    meaning: "The person takes too much or too little of the image.",
    suggestion: "Crop closer, or use a image with more room around the person.",
    sentences: &[
        "The proportion of the person in the image is too large or too small. Please upload a different image.",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
    ],
};

static RESOLUTION: Row = Row {
    name: "resolution",
    code: "InvalidFile.Resolution",
    meaning: "A side of the image is out of the model's limits.",
    suggestion: "Bring the shorter side to 400 px or more, and the longer to 7,000 px or less.",
    sentences: &[
        "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels \
         and the shortest side is greater than 400 pixels.",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, \
         and the smallest length of image is larger than 400.",
    ],
};

static VALUE: Row = Row {
    name: "value",
    code: "InvalidFile.Value",
    meaning: "The image is too dark or not clear enough.",
    suggestion: "Use a brighter and sharper image of the face.",
    sentences: &[
        "The image quality is invalid. Please upload a clearer image.",
        "The value of the image is invalid, please upload other clearer image.",
    ],
};

static FRONT_BODY: Row = Row {
    name: "front-body",
    code: "InvalidFile.FrontBody",
    meaning: "The person turns their back to the camera.",
    suggestion: "Use a image taken from the front.",
    sentences: &[
        "The person's pose is invalid. Please upload a frontal-view image.",
        "The pose of the detected person is invalid, please upload other image with the front view.",
    ],
};

static FULL_FACE: Row = Row {
    name: "full-face",
    code: "InvalidFile.FullFace",
    meaning: "The face is not wholly visible.",
    suggestion: "Use a image of the whole face, with nothing in front of it.",
    sentences: &[
        "The facial pose is invalid. Please upload an image that shows the entire face.",
        "The pose of the detected face is invalid, please upload other image with whole face.",
    ],
};

static FACE_POSE: Row = Row {
    name: "face-pose",
    code: "InvalidFile.FacePose",
    meaning: "The face is turned or tilted too far.",
    suggestion: "Use a image in which the head is upright and looks into the camera.",
    sentences: &[
        "The facial pose is invalid. Please upload an image with the correct orientation.",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
        "The pose of the detected face is invalid, please upload other image with the expected orientation.",
    ],
};

static FULL_BODY: Row = Row {
    name: "full-body",
    code: "InvalidFile.FullBody",
    meaning: "The image does not show enough of the person for the ratio: the whole head for 1:1, the body \
              above the hips for 3:4.",
    suggestion: "Use a image in which the whole head can be seen.",
    sentences: &[
        "The person's pose is invalid. Please upload an image that shows the full body, or change the aspect ratio \
         to 1:1.",
        "The pose of the detected person is invalid, please upload other image with whole body, or change the \
         ratio parameter to 1:1.",
    ],
};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own() {
        let rows: Vec<&Row> = FailureReason::DOCUMENTED
            .iter()
            .filter_map(|reason| reason.row())
            .collect();
        assert_eq!(rows.len(), 9);
        for unique in [
            rows.iter().map(|row| row.name).collect::<HashSet<_>>(),
            rows.iter().map(|row| row.code).collect(),
            rows.iter().map(|row| row.meaning).collect(),
            rows.iter().map(|row| row.suggestion).collect(),
        ] {
            assert_eq!(unique.len(), 9);
        }
        for reason in FailureReason::DOCUMENTED {
            for sentence in reason.sentences() {
                assert_eq!(
                    FailureReason::recognise(None, Some(sentence)),
                    reason,
                    "{sentence}"
                );
            }
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
    }

    #[test]
    fn the_code_decides_and_the_sentence_where_it_says_nothing() {
        let said = FULL_FACE.sentences[0];
        for code in [
            None,
            Some(""),
            Some(" "),
            Some("InvalidFile.Sunglasses"),
            Some("New"),
        ] {
            assert_eq!(
                FailureReason::recognise(code, Some(said)),
                FailureReason::FullFace,
                "{code:?}"
            );
        }
        let named = Failure::new(
            Some("InvalidFile.NoHuman".to_owned()),
            Some(said.to_owned()),
        );
        assert_eq!(named.reason(), FailureReason::NoHuman);
        assert_eq!(
            (named.code(), named.message()),
            (Some("InvalidFile.NoHuman"), Some(said))
        );
        assert_eq!(Failure::new(None, None).reason(), FailureReason::Other);
    }

    #[test]
    fn a_sentence_may_be_spelt_a_little_differently() {
        for (said, reason) in [
            (
                "THE INPUT IMAGE HAS NO HUMAN BODY. please upload another image with single person",
                FailureReason::NoHuman,
            ),
            (
                "Check failed: The value of the image is invalid, please upload another clearer image!",
                FailureReason::Value,
            ),
        ] {
            assert_eq!(FailureReason::recognise(None, Some(said)), reason, "{said}");
        }
        for said in ["", "The input image", "invalid"] {
            assert_eq!(
                FailureReason::recognise(None, Some(said)),
                FailureReason::Other,
                "{said}"
            );
        }
    }

    #[test]
    fn only_a_half_length_portrait_is_told_to_change_its_ratio() {
        for reason in FailureReason::DOCUMENTED {
            assert!(
                !reason.suggestion(Ratio::Square).contains("ratio"),
                "{reason:?}"
            );
            assert_eq!(
                reason.suggestion(Ratio::ThreeFour).contains("1:1"),
                reason == FailureReason::FullBody
            );
        }
    }
}
