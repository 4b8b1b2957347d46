//! The profiles of the documented detectors. Each limit cites its page.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::{Limit, Profile, Severity};
use crate::Format;

/// The vendor writes "10 MB", and nobody can tell which: up to the smaller reading a file is fine,
/// above the larger one it is surely too large.
const TEN_MB: u64 = 10_000_000;
const TEN_MIB: u64 = 10 << 20;

impl Profile {
    /// EMO (`emo-detect-v1`): 400 to 7000 px, four formats. Its page states no byte limit, so that
    /// more than 10 MB, the limit of its siblings, is only a warning.
    #[must_use]
    pub fn emo() -> Self {
        const PAGE: &str =
            "emo-detect API reference (alibabacloud.com), \"Input limitations\", 2026-03-10";
        const SIBLINGS: &str = "not documented for emo-detect; the limit of its sibling \
                                emoji-detect (help.aliyun.com, 2026)";
        Self {
            max_bytes: Some(Limit {
                value: TEN_MB,
                source: Cow::Borrowed(SIBLINGS),
            }),
            max_bytes_severity: Severity::Warning,
            ..square("emo", PAGE)
        }
    }

    /// Emoji (`emoji-detect-v1`): 400 to 7000 px, at most 10 MB.
    #[must_use]
    pub fn emoji() -> Self {
        const PAGE: &str = "emoji-detect API reference (help.aliyun.com), input limits, 2026";
        Self {
            max_bytes: Some(Limit {
                value: TEN_MB,
                source: Cow::Borrowed(PAGE),
            }),
            max_bytes_surely: Some(TEN_MIB),
            ..square("emoji", PAGE)
        }
    }

    /// Speech to video (`wan2.2-s2v-detect`): 400 to 7000 px.
    #[must_use]
    pub fn s2v() -> Self {
        square(
            "s2v",
            "wan-s2v-detect API reference (alibabacloud.com), input limits, 2026-10-12",
        )
    }

    /// LivePortrait (`liveportrait-detect`): sides up to 4096 px and no more than twice as long as
    /// wide, below 10 MB.
    #[must_use]
    pub fn liveportrait() -> Self {
        const PAGE: &str =
            "liveportrait-detect API reference (help.aliyun.com), input limits, 2026";
        Self {
            min_side: None,
            max_side: Some(Limit {
                value: 4096,
                source: Cow::Borrowed(PAGE),
            }),
            max_aspect: Some(Limit {
                value: 2.0,
                source: Cow::Borrowed(PAGE),
            }),
            // The page says "<10 MB"; our limits are inclusive.
            max_bytes: Some(Limit {
                value: TEN_MB - 1,
                source: Cow::Borrowed(PAGE),
            }),
            max_bytes_surely: Some(TEN_MIB - 1),
            boundary_note: false,
            ..square("liveportrait", PAGE)
        }
    }

    /// The reference image of VideoRetalk (`videoretalk`): four formats, at most 10 MB. Its page
    /// limits the sides of the film, not of the image.
    #[must_use]
    pub fn videoretalk() -> Self {
        const PAGE: &str =
            "videoretalk API reference (alibabacloud.com), input limits, 2026-01-21; no detector";
        Self {
            min_side: None,
            max_side: None,
            max_bytes: Some(Limit {
                value: TEN_MB,
                source: Cow::Borrowed(PAGE),
            }),
            max_bytes_surely: Some(TEN_MIB),
            boundary_note: false,
            ..square("videoretalk", PAGE)
        }
    }

    /// Every built-in profile, [`emo`](Self::emo) first.
    #[must_use]
    pub fn builtin() -> Vec<Self> {
        Vec::from([
            Self::emo(),
            Self::emoji(),
            Self::s2v(),
            Self::liveportrait(),
            Self::videoretalk(),
        ])
    }

    /// The built-in profile with a name, or for a model.
    ///
    /// ```
    /// use preflight::Profile;
    ///
    /// assert_eq!(Profile::by_name("emo"), Some(Profile::emo()));
    /// assert_eq!(Profile::by_name("wan2.2-s2v-detect"), Some(Profile::s2v()));
    /// assert_eq!(Profile::by_name("nosuch"), None);
    /// ```
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::builtin().into_iter().find(|profile| {
            let mut models = profile.models().iter();
            profile.name() == name || models.any(|model| *model == name)
        })
    }

    /// The models whose input a built-in profile describes, the detector and what it detects for.
    /// None for a profile of one's own.
    #[must_use]
    pub fn models(&self) -> &'static [&'static str] {
        match self.name() {
            "emo" => &["emo-detect-v1", "emo-detect", "emo-v1"],
            "emoji" => &["emoji-detect-v1", "emoji-detect", "emoji-v1"],
            "s2v" => &["wan2.2-s2v-detect", "wan-s2v-detect", "wan2.2-s2v"],
            "liveportrait" => &["liveportrait-detect"],
            _ => &[],
        }
    }
}

/// What the detectors behind the `face-detect` path share: five file names of four formats, and
/// both sides in 400 ..= 7000 px.
fn square(name: &'static str, page: &'static str) -> Profile {
    Profile {
        name: Cow::Borrowed(name),
        formats: Limit {
            value: Format::ALL.to_vec(),
            source: Cow::Borrowed(page),
        },
        min_side: Some(Limit {
            value: 400,
            source: Cow::Borrowed(page),
        }),
        max_side: Some(Limit {
            value: 7000,
            source: Cow::Borrowed(page),
        }),
        max_aspect: None,
        max_bytes: None,
        max_bytes_severity: Severity::Reject,
        max_bytes_surely: None,
        boundary_note: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Content, Header, Quirks, Violation};

    #[test]
    fn the_profiles_are_the_documented_ones() {
        // Name, shorter side at least, longer side at most, aspect at most, bytes at most, how bad.
        let table: Vec<_> = Profile::builtin()
            .iter()
            .map(|p| {
                (
                    p.name().to_owned(),
                    p.min_side().map(|l| l.value),
                    p.max_side().map(|l| l.value),
                    p.max_aspect().map(|l| l.value),
                    p.max_bytes().map(|l| l.value),
                    p.max_bytes_severity(),
                    p.boundary_note(),
                )
            })
            .collect();
        let own = str::to_owned;
        assert_eq!(
            table,
            [
                (
                    own("emo"),
                    Some(400),
                    Some(7000),
                    None,
                    Some(10_000_000),
                    Severity::Warning,
                    true
                ),
                (
                    own("emoji"),
                    Some(400),
                    Some(7000),
                    None,
                    Some(10_000_000),
                    Severity::Reject,
                    true
                ),
                (
                    own("s2v"),
                    Some(400),
                    Some(7000),
                    None,
                    None,
                    Severity::Reject,
                    true
                ),
                (
                    own("liveportrait"),
                    None,
                    Some(4096),
                    Some(2.0),
                    Some(9_999_999),
                    Severity::Reject,
                    false
                ),
                (
                    own("videoretalk"),
                    None,
                    None,
                    None,
                    Some(10_000_000),
                    Severity::Reject,
                    false
                ),
            ]
        );
    }

    #[test]
    fn every_limit_cites_a_page_and_a_year() {
        for profile in Profile::builtin() {
            let sources = [
                Some(&profile.formats.source),
                profile.min_side.as_ref().map(|l| &l.source),
                profile.max_side.as_ref().map(|l| &l.source),
                profile.max_aspect.as_ref().map(|l| &l.source),
                profile.max_bytes.as_ref().map(|l| &l.source),
            ];
            for source in sources.into_iter().flatten() {
                assert!(
                    source.contains("detect") && source.contains("2026"),
                    "{source}"
                );
            }
        }
    }

    /// A megabyte has two sizes: between them nobody knows, above both it is certain.
    #[test]
    fn a_file_is_surely_too_large_beyond_both_megabytes() {
        for (profile, surely) in [
            (Profile::emoji(), Some(10_485_760)),
            (Profile::liveportrait(), Some(10_485_759)),
            (Profile::videoretalk(), Some(10_485_760)),
            (Profile::s2v(), None),
        ] {
            assert_eq!(profile.max_bytes_surely(), surely, "{}", profile.name());
        }
        let severity = |len| {
            let image = Content::Image(Header {
                format: Format::Jpeg,
                width: 500,
                height: 500,
                quirks: Quirks::NONE,
                declared_len: None,
            });
            let violations = Profile::emoji().judge(&image, Some(len));
            let large = violations
                .iter()
                .find(|violation| matches!(violation, Violation::FileTooLarge { .. }));
            large.map(Violation::severity)
        };
        assert_eq!(severity(10_000_000), None);
        assert_eq!(severity(10_000_001), Some(Severity::Warning));
        assert_eq!(severity(10_485_760), Some(Severity::Warning));
        assert_eq!(severity(10_485_761), Some(Severity::Reject));
    }

    #[test]
    fn a_profile_is_found_by_its_name_and_by_each_of_its_models() {
        for profile in Profile::builtin() {
            for name in [profile.name()].iter().chain(profile.models()) {
                assert_eq!(Profile::by_name(name).as_ref(), Some(&profile), "{name}");
            }
        }
        let models: Vec<_> = Profile::builtin().iter().map(Profile::models).collect();
        assert_eq!(models.concat().len(), 10);
        assert!(Profile::videoretalk().models().is_empty());
        assert_eq!(Profile::by_name("nosuch"), None);
    }
}
