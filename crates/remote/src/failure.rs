//! Why a portrait is not fit: the reference's nine reasons, in an open set.

use crate::ratio::Ratio;

/// Why the service rejected a portrait, with its own words kept as they came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    reason: FailureReason,
    code: Option<String>,
    message: Option<String>,
}

impl Failure {
    /// Reads `output.code` and `output.message`, or their namesakes at the top level.
    ///
    /// The code decides. Only where it is blank, as in the reference's own sample, the reason is
    /// looked up by the sentence, whose list the reference heads `output.message`.
    pub(crate) fn new(code: Option<String>, message: Option<String>) -> Self {
        let reason = match (&code, &message) {
            (Some(code), _) => FailureReason::from_code(code),
            (None, Some(message)) => FailureReason::from_message(message),
            (None, None) => FailureReason::Other,
        };
        Self {
            reason,
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

    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.code.iter_mut().chain(&mut self.message)
    }
}

/// The reasons of the reference's table "Failure reasons", in its order.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    /// The reason that a code names; [`FailureReason::Other`] for a code that is new to us.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::DOCUMENTED
            .into_iter()
            .find(|reason| reason.code() == Some(code))
            .unwrap_or(Self::Other)
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
            None => "The detector rejected the picture for a reason that is not in the reference.",
        }
    }

    /// What to do about it, in one sentence for whoever brought the picture.
    ///
    /// It depends on the ratio for the one reason that another ratio may cure.
    #[must_use]
    pub const fn suggestion(self, ratio: Ratio) -> &'static str {
        match (self, ratio) {
            (Self::FullBody, Ratio::ThreeFour) => {
                "Use a picture that shows the body down to the hips, or ask for the ratio 1:1."
            }
            _ => match self.row() {
                Some(row) => row.suggestion,
                None => "Read the service's own message, and try another picture.",
            },
        }
    }

    fn from_message(message: &str) -> Self {
        let said = message.trim();
        Self::DOCUMENTED
            .into_iter()
            .find(|reason| {
                reason.row().is_some_and(|row| {
                    row.messages
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(said))
                })
            })
            .unwrap_or(Self::Other)
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

struct Row {
    code: &'static str,
    meaning: &'static str,
    suggestion: &'static str,
    /// The sentences under which the reference lists the reason: first that of "Failure reasons",
    /// then that of "Status codes", which is the server's own (its spelling included).
    messages: [&'static str; 2],
}

static NO_HUMAN: Row = Row {
    code: "InvalidFile.NoHuman",
    meaning: "The detector found no person, or no face, in the picture.",
    suggestion: "Use a picture in which one person's face can be seen.",
    messages: [
        "The input image does not contain a person. Please upload an image of a single person.",
        "The input image has no human body. Please upload other image with single person.",
    ],
};

static MULTI_HUMAN: Row = Row {
    code: "InvalidFile.MultiHuman",
    meaning: "The detector found more than one person in the picture.",
    suggestion: "Use a picture of one person, or crop it to one.",
    messages: [
        "The input image contains multiple people. Please upload an image of a single person.",
        "The input image has multi human bodies. Please upload other image with single person.",
    ],
};

static BODY_PROPORTION: Row = Row {
    code: "InvalidFile.BodyProportion",
    meaning: "The person takes too much or too little of the picture.",
    suggestion: "Crop closer, or use a picture with more room around the person.",
    messages: [
        "The proportion of the person in the image is too large or too small. Please upload a different image.",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
    ],
};

static RESOLUTION: Row = Row {
    code: "InvalidFile.Resolution",
    meaning: "A side of the picture is out of the model's limits.",
    suggestion: "Bring the shorter side to 400 px or more, and the longer to 7,000 px or less.",
    messages: [
        "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels \
         and the shortest side is greater than 400 pixels.",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, \
         and the smallest length of image is larger than 400.",
    ],
};

static VALUE: Row = Row {
    code: "InvalidFile.Value",
    meaning: "The picture is too dark or not clear enough.",
    suggestion: "Use a brighter and sharper picture of the face.",
    messages: [
        "The image quality is invalid. Please upload a clearer image.",
        "The value of the image is invalid, please upload other clearer image.",
    ],
};

static FRONT_BODY: Row = Row {
    code: "InvalidFile.FrontBody",
    meaning: "The person turns their back to the camera.",
    suggestion: "Use a picture taken from the front.",
    messages: [
        "The person's pose is invalid. Please upload a frontal-view image.",
        "The pose of the detected person is invalid, please upload other image with the front view.",
    ],
};

static FULL_FACE: Row = Row {
    code: "InvalidFile.FullFace",
    meaning: "The face is not wholly visible.",
    suggestion: "Use a picture of the whole face, with nothing in front of it.",
    messages: [
        "The facial pose is invalid. Please upload an image that shows the entire face.",
        "The pose of the detected face is invalid, please upload other image with whole face.",
    ],
};

static FACE_POSE: Row = Row {
    code: "InvalidFile.FacePose",
    meaning: "The face is turned or tilted too far.",
    suggestion: "Use a picture in which the head is upright and looks into the camera.",
    messages: [
        "The facial pose is invalid. Please upload an image with the correct orientation.",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
    ],
};

static FULL_BODY: Row = Row {
    code: "InvalidFile.FullBody",
    meaning: "The picture does not show enough of the person for the ratio: the whole head for 1:1, the body \
              above the hips for 3:4.",
    suggestion: "Use a picture in which the whole head can be seen.",
    messages: [
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
            rows.iter().map(|row| row.code).collect::<HashSet<_>>(),
            rows.iter().map(|row| row.meaning).collect(),
            rows.iter().map(|row| row.suggestion).collect(),
        ] {
            assert_eq!(unique.len(), 9);
        }
        assert_eq!(
            rows.iter()
                .flat_map(|row| row.messages)
                .collect::<HashSet<_>>()
                .len(),
            18
        );
    }

    #[test]
    fn the_code_decides_and_the_message_only_without_one() {
        let other = "InvalidFile.Sunglasses";
        let said = FULL_FACE.messages[0];
        let named = Failure::new(Some(other.to_owned()), Some(said.to_owned()));
        assert_eq!(named.reason(), FailureReason::Other);
        assert_eq!((named.code(), named.message()), (Some(other), Some(said)));
        assert_eq!(
            Failure::new(None, Some(said.to_uppercase())).reason(),
            FailureReason::FullFace
        );
        assert_eq!(Failure::new(None, None).reason(), FailureReason::Other);
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
