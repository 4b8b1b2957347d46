//! Own profiles.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Limit, Profile, Severity};
use crate::Format;

/// Builds a [`Profile`]; made by [`Profile::builder`] and [`Profile::to_builder`].
///
/// A limit that is set anew cites what [`cite`](Self::cite) said last.
#[derive(Clone, Debug)]
#[must_use]
pub struct ProfileBuilder {
    profile: Profile,
    source: Cow<'static, str>,
}

/// Why limits do not make a profile.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The greatest aspect is below 1, or not a number: a longer side is never shorter.
    #[error("expected a greatest aspect of at least 1, but found {found}")]
    Aspect {
        /// The value found.
        found: f64,
    },
    /// No format is accepted.
    #[error("expected at least one accepted format, but found none")]
    NoFormats,
    /// No side can be at least `min` and at most `max`.
    #[error("expected a least side of at most the greatest, {max} px, but found {min} px")]
    Sides {
        /// The least side in px.
        min: u32,
        /// The greatest side in px.
        max: u32,
    },
    /// A limit of zero, which nothing keeps.
    #[error("expected {name} of at least 1, but found 0")]
    Zero {
        /// The limit's name.
        name: &'static str,
    },
}

impl Profile {
    /// A profile without limits but the four formats.
    ///
    /// ```
    /// use preflight::{Format, Profile};
    ///
    /// let banner = Profile::builder("banner")
    ///     .cite("our style guide, 2026-11")
    ///     .formats([Format::Png, Format::Webp])
    ///     .max_side(2000)
    ///     .max_bytes(500_000)
    ///     .build()?;
    /// assert_eq!(banner.max_side().unwrap().source, "our style guide, 2026-11");
    /// assert_eq!(banner.min_side(), None);
    /// # Ok::<(), preflight::ProfileError>(())
    /// ```
    pub fn builder(name: impl Into<String>) -> ProfileBuilder {
        let source = Cow::Borrowed("the caller's own limit");
        ProfileBuilder {
            profile: Self {
                name: Cow::Owned(name.into()),
                formats: Limit {
                    value: Format::ALL.to_vec(),
                    source: source.clone(),
                },
                min_side: None,
                max_side: None,
                max_aspect: None,
                max_bytes: None,
                max_bytes_severity: Severity::Reject,
                max_bytes_surely: None,
                boundary_note: false,
            },
            source,
        }
    }

    /// A builder that starts from this profile.
    pub fn to_builder(&self) -> ProfileBuilder {
        ProfileBuilder {
            source: Cow::Borrowed("the caller's own limit"),
            profile: self.clone(),
        }
    }
}

impl ProfileBuilder {
    /// Where the limits set from here on come from.
    pub fn cite(mut self, source: impl Into<Cow<'static, str>>) -> Self {
        self.source = source.into();
        self
    }

    /// The name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.profile.name = Cow::Owned(name.into());
        self
    }

    /// The accepted formats.
    pub fn formats(mut self, formats: impl IntoIterator<Item = Format>) -> Self {
        let mut value: Vec<_> = formats.into_iter().collect();
        value.sort_unstable();
        value.dedup();
        self.profile.formats = Limit {
            value,
            source: self.source.clone(),
        };
        self
    }

    /// The least length of the shorter side in px, inclusive; `None` for no limit. A side exactly on
    /// a limit of one's own is not worth a note, unless [`boundary_note`](Self::boundary_note) says
    /// so afterwards.
    pub fn min_side(mut self, px: impl Into<Option<u32>>) -> Self {
        self.profile.boundary_note = false;
        self.profile.min_side = self.limit(px.into());
        self
    }

    /// The greatest length of the longer side in px, inclusive; `None` for no limit. As for
    /// [`min_side`](Self::min_side), it ends the note.
    pub fn max_side(mut self, px: impl Into<Option<u32>>) -> Self {
        self.profile.boundary_note = false;
        self.profile.max_side = self.limit(px.into());
        self
    }

    /// The greatest ratio of the longer side to the shorter one, inclusive; `None` for no limit.
    pub fn max_aspect(mut self, ratio: impl Into<Option<f64>>) -> Self {
        self.profile.max_aspect = self.limit(ratio.into());
        self
    }

    /// The greatest size of the file in bytes, inclusive; `None` for no limit. A file above it is
    /// rejected, unless [`max_bytes_severity`](Self::max_bytes_severity) says otherwise afterwards.
    pub fn max_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.profile.max_bytes = self.limit(bytes.into());
        self.profile.max_bytes_severity = Severity::Reject;
        self.profile.max_bytes_surely = None;
        self
    }

    /// How bad a file above [`max_bytes`](Self::max_bytes) is.
    pub fn max_bytes_severity(mut self, severity: Severity) -> Self {
        self.profile.max_bytes_severity = severity;
        self
    }

    /// Whether a side exactly on a limit is worth a note.
    pub fn boundary_note(mut self, note: bool) -> Self {
        self.profile.boundary_note = note;
        self
    }

    /// The profile.
    ///
    /// # Errors
    ///
    /// If no image could keep the limits.
    pub fn build(self) -> Result<Profile, ProfileError> {
        let Self { profile, .. } = self;
        if profile.formats.value.is_empty() {
            return Err(ProfileError::NoFormats);
        }
        let side = |limit: &Option<Limit<u32>>| limit.as_ref().map(|limit| limit.value);
        match (side(&profile.min_side), side(&profile.max_side)) {
            (Some(min), Some(max)) if min > max => return Err(ProfileError::Sides { min, max }),
            _ => {}
        }
        if profile
            .max_side
            .as_ref()
            .is_some_and(|limit| limit.value == 0)
        {
            return Err(ProfileError::Zero { name: "max-side" });
        }
        if profile
            .max_bytes
            .as_ref()
            .is_some_and(|limit| limit.value == 0)
        {
            return Err(ProfileError::Zero { name: "max-bytes" });
        }
        match &profile.max_aspect {
            Some(limit) if limit.value.is_nan() || limit.value < 1.0 => {
                Err(ProfileError::Aspect { found: limit.value })
            }
            _ => Ok(profile),
        }
    }

    fn limit<T>(&self, value: Option<T>) -> Option<Limit<T>> {
        value.map(|value| Limit {
            value,
            source: self.source.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_nothing_can_keep_are_refused() {
        let build = |set: fn(ProfileBuilder) -> ProfileBuilder| {
            set(Profile::builder("own")).build().unwrap_err()
        };
        assert_eq!(build(|b| b.formats([])), ProfileError::NoFormats);
        assert_eq!(
            build(|b| b.min_side(401).max_side(400)),
            ProfileError::Sides { min: 401, max: 400 }
        );
        let builder = || Profile::builder("own");
        assert!(builder().min_side(400).max_side(400).build().is_ok());
        assert!(builder().max_aspect(1.0).build().is_ok());
        assert_eq!(
            build(|b| b.max_side(0)),
            ProfileError::Zero { name: "max-side" }
        );
        assert_eq!(
            build(|b| b.max_bytes(0)),
            ProfileError::Zero { name: "max-bytes" }
        );
        assert_eq!(
            build(|b| b.max_aspect(0.99)),
            ProfileError::Aspect { found: 0.99 }
        );
        assert!(matches!(
            build(|b| b.max_aspect(f64::NAN)),
            ProfileError::Aspect { .. }
        ));
    }

    #[test]
    fn a_limit_is_lifted_with_none_and_the_rest_stays() {
        let lifted = Profile::emo().to_builder().min_side(None).build().unwrap();
        assert_eq!(lifted.min_side(), None);
        assert_eq!(lifted.max_side(), Profile::emo().max_side());
        assert_eq!(lifted.name(), "emo");
    }

    #[test]
    fn an_own_byte_limit_rejects_even_where_the_profile_only_warned() {
        let own = Profile::emo()
            .to_builder()
            .max_bytes(5_000)
            .build()
            .unwrap();
        assert_eq!(own.max_bytes_severity(), Severity::Reject);
        assert_eq!(own.max_bytes().unwrap().source, "the caller's own limit");
    }
}
