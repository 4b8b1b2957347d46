//! Holding what was seen against a profile.

use alloc::vec::Vec;
use core::fmt;

use super::Profile;
use crate::{Content, Format};

/// How bad a [`Violation`] is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "lowercase")
)]
#[expect(
    clippy::exhaustive_enums,
    reason = "callers map the three to their own words, all of them"
)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely to be refused, but not documented.
    Warning,
    /// Breaks a documented limit.
    Reject,
}

/// How an image breaks, or touches, a limit.
///
/// `Display` is one sentence with the measured and the allowed number.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "name", rename_all = "kebab-case")
)]
#[expect(
    clippy::exhaustive_enums,
    reason = "callers map each to a code of their own: a new one must not get another's"
)]
pub enum Violation {
    /// The longer side is too many times as long as the shorter one.
    AspectRatio {
        /// The longer side in px.
        longer: u32,
        /// The shorter side in px.
        shorter: u32,
        /// The greatest ratio allowed.
        allowed: f64,
    },
    /// The file has too many bytes.
    FileTooLarge {
        /// The size in bytes.
        measured: u64,
        /// The greatest size allowed, in bytes.
        allowed: u64,
        /// A warning where the limit is not documented.
        severity: Severity,
    },
    /// The format is not accepted.
    Format {
        /// The formats that are.
        accepted: Vec<Format>,
    },
    /// A side is exactly on its limit, where the service's error text words that limit as exclusive.
    /// One side at the least, or both.
    OnTheBoundary {
        /// The shorter side in px, if it is the least length.
        shorter: Option<u32>,
        /// The longer side in px, if it is the greatest length.
        longer: Option<u32>,
    },
    /// The longer side is too long.
    SideTooLarge {
        /// The longer side in px.
        measured: u32,
        /// The greatest length allowed, in px.
        allowed: u32,
    },
    /// The shorter side is too short.
    SideTooSmall {
        /// The shorter side in px.
        measured: u32,
        /// The least length allowed, in px.
        allowed: u32,
    },
}

impl Violation {
    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::FileTooLarge { severity, .. } => *severity,
            Self::OnTheBoundary { .. } => Severity::Note,
            _ => Severity::Reject,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AspectRatio {
                longer,
                shorter,
                allowed,
            } => write!(
                f,
                "the longer side is {:.2} times the shorter one ({longer} to {shorter} px), \
                 needs at most {allowed}",
                f64::from(*longer) / f64::from(*shorter)
            ),
            Self::FileTooLarge {
                measured, allowed, ..
            } => {
                write!(f, "the file is {measured} bytes, needs at most {allowed}")
            }
            Self::Format { accepted } => {
                f.write_str("the format is not accepted, needs one of")?;
                let mut separator = " ";
                accepted.iter().try_for_each(|format| {
                    write!(f, "{separator}{format}")?;
                    separator = ", ";
                    Ok(())
                })
            }
            Self::OnTheBoundary { shorter, longer } => {
                let mut and = "";
                if let Some(px) = shorter {
                    write!(f, "the shorter side is exactly the least length, {px} px")?;
                    and = ", and ";
                }
                if let Some(px) = longer {
                    write!(
                        f,
                        "{and}the longer side is exactly the greatest length, {px} px"
                    )?;
                }
                Ok(())
            }
            Self::SideTooLarge { measured, allowed } => {
                write!(f, "longer side is {measured} px, needs at most {allowed}")
            }
            Self::SideTooSmall { measured, allowed } => {
                write!(f, "shorter side is {measured} px, needs at least {allowed}")
            }
        }
    }
}

impl Profile {
    /// Every violation of this profile, not just the first: format, sides, aspect, bytes, and a
    /// note for a side on the boundary.
    ///
    /// `len` is the length of the file in bytes, where it is known. A file that is not an image, or a
    /// broken one, breaks no limit: there is nothing to measure.
    ///
    /// ```
    /// use preflight::{Profile, Violation, probe_bytes};
    ///
    /// let gif = probe_bytes(b"GIF89a\x40\x01\xC8\x00\x80\0\0");
    /// let violations = Profile::emo().judge(&gif.content, gif.len);
    /// assert!(matches!(violations[0], Violation::Format { .. }));
    /// assert_eq!(violations[1].to_string(), "shorter side is 200 px, needs at least 400");
    /// ```
    #[must_use]
    pub fn judge(&self, content: &Content, len: Option<u64>) -> Vec<Violation> {
        let (accepted, size) = match content {
            Content::Image(header) => (
                self.formats.value.contains(&header.format),
                Some((header.width, header.height)),
            ),
            Content::Foreign(foreign) => (false, foreign.size),
            _ => return Vec::new(),
        };
        let mut violations = Vec::new();
        if !accepted {
            violations.push(Violation::Format {
                accepted: self.formats.value.clone(),
            });
        }
        if let Some((width, height)) = size {
            self.judge_sides(width.min(height), width.max(height), &mut violations);
        }
        let most = self.max_bytes.as_ref().map(|limit| limit.value);
        let beyond = most.and_then(|most| Some((len.filter(|&len| len > most)?, most)));
        if let Some((measured, allowed)) = beyond {
            let is_sure = self.max_bytes_surely.is_none_or(|surely| measured > surely);
            let severity = if is_sure {
                self.max_bytes_severity
            } else {
                self.max_bytes_severity.min(Severity::Warning)
            };
            violations.push(Violation::FileTooLarge {
                measured,
                allowed,
                severity,
            });
        }
        violations
    }

    fn judge_sides(&self, shorter: u32, longer: u32, violations: &mut Vec<Violation>) {
        let min = self.min_side.as_ref().map(|limit| limit.value);
        let max = self.max_side.as_ref().map(|limit| limit.value);
        if let Some(allowed) = min.filter(|&min| shorter < min) {
            violations.push(Violation::SideTooSmall {
                measured: shorter,
                allowed,
            });
        }
        if let Some(allowed) = max.filter(|&max| longer > max) {
            violations.push(Violation::SideTooLarge {
                measured: longer,
                allowed,
            });
        }
        let most = self.max_aspect.as_ref().map(|limit| limit.value);
        // Sides are exact in an f64, and multiplying is more exact than dividing.
        let is_beyond = |most: &f64| f64::from(longer) > f64::from(shorter) * most;
        if let Some(allowed) = most.filter(is_beyond) {
            violations.push(Violation::AspectRatio {
                longer,
                shorter,
                allowed,
            });
        }
        if self.boundary_note {
            let shorter = min.filter(|&min| shorter == min);
            let longer = max.filter(|&max| longer == max);
            if shorter.is_some() || longer.is_some() {
                violations.push(Violation::OnTheBoundary { shorter, longer });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Foreign, ForeignFormat, Header, OtherKind, Quirks};

    fn image(format: Format, width: u32, height: u32) -> Content {
        let header = Header {
            format,
            width,
            height,
            quirks: Quirks::NONE,
            declared_len: None,
        };
        Content::Image(header)
    }

    proptest! {
        #[test]
        fn a_picture_is_rejected_for_its_sides_if_and_only_if_one_is_out_of_range(
            width in prop_oneof![1u32..9000, Just(400), Just(7000)],
            height in prop_oneof![1u32..9000, Just(400), Just(7000)],
        ) {
            let violations = Profile::emo().judge(&image(Format::Png, width, height), None);
            let in_range = |side| (400..=7000).contains(&side);
            prop_assert_eq!(
                violations.iter().all(|v| v.severity() < Severity::Reject),
                in_range(width) && in_range(height)
            );
            // Turning the picture changes nothing.
            prop_assert_eq!(violations, Profile::emo().judge(&image(Format::Png, height, width), None));
        }
    }

    #[test]
    fn all_violations_are_listed_not_just_the_first() {
        let gif = Foreign {
            size: Some((10, 9000)),
            ..Foreign::new(ForeignFormat::Gif)
        };
        let violations = Profile::liveportrait()
            .to_builder()
            .min_side(400)
            .build()
            .unwrap()
            .judge(&Content::Foreign(gif), Some(20_000_000));
        let severities: Vec<_> = violations.iter().map(Violation::severity).collect();
        assert_eq!(severities, [Severity::Reject; 5]);
        assert!(matches!(
            &violations[..],
            [
                Violation::Format { .. },
                Violation::SideTooSmall {
                    measured: 10,
                    allowed: 400
                },
                Violation::SideTooLarge {
                    measured: 9000,
                    allowed: 4096
                },
                Violation::AspectRatio {
                    longer: 9000,
                    shorter: 10,
                    ..
                },
                Violation::FileTooLarge {
                    measured: 20_000_000,
                    allowed: 9_999_999,
                    ..
                },
            ]
        ));
    }

    #[test]
    fn exactly_400_and_7000_pass_with_one_note() {
        for (width, height, shorter, longer) in [
            (400, 500, Some(400), None),
            (7000, 500, None, Some(7000)),
            (7000, 400, Some(400), Some(7000)),
        ] {
            for profile in [Profile::emo(), Profile::emoji(), Profile::s2v()] {
                assert_eq!(
                    profile.judge(&image(Format::Jpeg, width, height), None),
                    [Violation::OnTheBoundary { shorter, longer }]
                );
            }
        }
        assert_eq!(
            Profile::liveportrait().judge(&image(Format::Jpeg, 4096, 4096), None),
            []
        );
    }

    #[test]
    fn a_limit_of_ones_own_has_no_note_of_the_services() {
        let own = Profile::emo().to_builder().min_side(600).build().unwrap();
        assert_eq!(own.judge(&image(Format::Png, 600, 600), None), []);
        let other = Profile::emo()
            .to_builder()
            .max_bytes(5_000)
            .build()
            .unwrap();
        assert_eq!(other.judge(&image(Format::Png, 400, 600), None).len(), 1);
    }

    #[test]
    fn between_two_readings_of_a_unit_a_file_is_a_warning() {
        for profile in [
            Profile::emoji(),
            Profile::liveportrait(),
            Profile::videoretalk(),
        ] {
            let judge = |len| {
                let all = profile.judge(&image(Format::Bmp, 500, 500), Some(len));
                all.first().map(Violation::severity)
            };
            assert_eq!(judge(9_999_999), None, "{}", profile.name());
            assert_eq!(
                judge(10_000_001),
                Some(Severity::Warning),
                "{}",
                profile.name()
            );
            assert_eq!(
                judge(10_485_761),
                Some(Severity::Reject),
                "{}",
                profile.name()
            );
        }
    }

    #[test]
    fn an_aspect_of_exactly_two_passes() {
        let judge = |w, h| {
            Profile::liveportrait()
                .judge(&image(Format::Webp, w, h), None)
                .len()
        };
        assert_eq!(
            (judge(4096, 2048), judge(2048, 4096), judge(4096, 2047)),
            (0, 0, 1)
        );
    }

    #[test]
    fn ten_megabytes_pass_and_one_byte_more_warns_in_emo() {
        let judge = |len| {
            Profile::emo()
                .judge(&image(Format::Bmp, 500, 500), Some(len))
                .first()
                .map(Violation::severity)
        };
        assert_eq!(judge(10_000_000), None);
        assert_eq!(judge(10_000_001), Some(Severity::Warning));
    }

    #[test]
    fn what_is_no_image_breaks_no_limit() {
        let page = Content::NotAnImage(OtherKind::Html);
        assert_eq!(Profile::emo().judge(&page, Some(99_999_999)), []);
        assert_eq!(Profile::emo().judge(&Content::Empty, Some(0)), []);
    }
}
