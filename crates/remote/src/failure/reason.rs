//! The nine reasons of the reference, in an open set.

mod table;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::codes::same_code;
use crate::ratio::Ratio;
use table::Row;

/// The reasons of the reference's table "Failure reasons", in its order.
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever maps a reason to a code of its own must be told of a new one"
)]
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
    /// A reason that is not in the table, or none given: see [`Failure::code`](crate::Failure::code) and
    /// [`Failure::message`](crate::Failure::message).
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
                "Use an image that shows the body down to the hips, or ask for the ratio 1:1."
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
            Self::NoHuman => &table::NO_HUMAN,
            Self::MultiHuman => &table::MULTI_HUMAN,
            Self::BodyProportion => &table::BODY_PROPORTION,
            Self::Resolution => &table::RESOLUTION,
            Self::Value => &table::VALUE,
            Self::FrontBody => &table::FRONT_BODY,
            Self::FullFace => &table::FULL_FACE,
            Self::FacePose => &table::FACE_POSE,
            Self::FullBody => &table::FULL_BODY,
            Self::Other => return None,
        })
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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
        let said = FailureReason::FullFace.sentences()[0];
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
