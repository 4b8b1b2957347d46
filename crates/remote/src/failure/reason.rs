//! The nine reasons of the reference, in an open set.

mod table;

use std::fmt;

use language::Language;
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
    /// A reason that is not in the table, or none given: see
    /// [`Failure::code`](crate::Failure::code) and [`Failure::message`](crate::Failure::message).
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
    /// let said = "The input image has no human body. Please upload other image with single
    /// person."; assert_eq!(FailureReason::recognise(Some(""), Some(said)),
    /// FailureReason::NoHuman); assert_eq!(FailureReason::recognise(Some("InvalidFile.Value"),
    /// None), FailureReason::Value); assert_eq!(FailureReason::recognise(None, Some("sunglasses")),
    /// FailureReason::Other);
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
        self.row().name
    }

    /// The documented code, or `None` for [`FailureReason::Other`].
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        self.row().code
    }

    /// What the detector found, in one sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.meaning_in(Language::En)
    }

    /// [`FailureReason::meaning`] in a language.
    #[must_use]
    pub const fn meaning_in(self, language: Language) -> &'static str {
        self.row().meaning.in_language(language)
    }

    /// What to do about it, in one sentence for whoever brought the image.
    ///
    /// It depends on the ratio for the one reason that another ratio may cure.
    #[must_use]
    pub const fn suggestion(self, ratio: Ratio) -> &'static str {
        self.suggestion_in(ratio, Language::En)
    }

    /// [`FailureReason::suggestion`] in a language.
    ///
    /// ```
    /// use remote::{FailureReason, Language, Ratio};
    ///
    /// let advice = FailureReason::MultiHuman.suggestion_in(Ratio::Square, Language::Zh);
    /// assert_eq!(advice, "请使用单人照，或将图片裁剪到只剩一人。");
    /// ```
    #[must_use]
    pub const fn suggestion_in(self, ratio: Ratio, language: Language) -> &'static str {
        let suggestion = match (self, ratio) {
            (Self::FullBody, Ratio::ThreeFour) => table::FULL_BODY_AT_THREE_FOUR,
            _ => self.row().suggestion,
        };
        suggestion.in_language(language)
    }

    /// The sentences by which the reason is recognised, or as much of them as tells it from the
    /// others: first that of the reference's "Failure reasons", then the server's own of its
    /// "Status codes", then what newer pages print, and the reference's explanations and
    /// suggestions.
    #[must_use]
    pub const fn sentences(self) -> &'static [&'static str] {
        self.row().sentences
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

    const fn row(self) -> &'static Row {
        match self {
            Self::NoHuman => &table::NO_HUMAN,
            Self::MultiHuman => &table::MULTI_HUMAN,
            Self::BodyProportion => &table::BODY_PROPORTION,
            Self::Resolution => &table::RESOLUTION,
            Self::Value => &table::VALUE,
            Self::FrontBody => &table::FRONT_BODY,
            Self::FullFace => &table::FULL_FACE,
            Self::FacePose => &table::FACE_POSE,
            Self::FullBody => &table::FULL_BODY,
            Self::Other => &table::OTHER,
        }
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
        let reasons = FailureReason::DOCUMENTED
            .into_iter()
            .chain([FailureReason::Other]);
        let rows: Vec<&Row> = reasons.map(FailureReason::row).collect();
        for unique in [
            rows.iter().map(|row| row.name).collect::<HashSet<_>>(),
            rows.iter().filter_map(|row| row.code).chain([""]).collect(),
            rows.iter().map(|row| row.meaning.en).collect(),
            rows.iter().map(|row| row.meaning.zh).collect(),
            rows.iter().map(|row| row.suggestion.en).collect(),
            rows.iter().map(|row| row.suggestion.zh).collect(),
        ] {
            assert_eq!(unique.len(), 10);
        }
        let texts = rows.iter().flat_map(|row| [row.meaning, row.suggestion]);
        for text in texts.chain([table::FULL_BODY_AT_THREE_FOUR]) {
            assert!(
                text.en.ends_with('.') && text.zh.ends_with('。'),
                "{text:?}"
            );
            assert!(
                !crate::is_chinese(text.en) && crate::is_chinese(text.zh),
                "{text:?}"
            );
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
            for (language, word) in [(Language::En, "ratio"), (Language::Zh, "画幅")] {
                let square = reason.suggestion_in(Ratio::Square, language);
                assert!(!square.contains(word), "{reason:?}");
                let half_body = reason.suggestion_in(Ratio::ThreeFour, language);
                let names_the_other = half_body.contains(word) && half_body.contains("1:1");
                assert_eq!(names_the_other, reason == FailureReason::FullBody);
            }
        }
    }
}
