//! Limits, where they come from, and what breaks them.

mod builder;
mod builtin;
mod judge;

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::Format;

pub use builder::{ProfileBuilder, ProfileError};
pub use judge::{Severity, Violation};

/// A limit and the page it comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Limit<T> {
    /// The value, inclusive.
    pub value: T,
    /// The page and its date.
    pub source: Cow<'static, str>,
}

/// Limits that an image must keep, each with where it comes from.
///
/// ```
/// use preflight::Profile;
///
/// let emo = Profile::emo();
/// let min_side = emo.min_side().unwrap();
/// assert_eq!(min_side.value, 400);
/// assert!(min_side.source.contains("emo-detect"));
///
/// let stricter = emo.to_builder().min_side(512).build()?;
/// assert_eq!(stricter.min_side().unwrap().value, 512);
/// # Ok::<(), preflight::ProfileError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Profile {
    name: Cow<'static, str>,
    formats: Limit<Vec<Format>>,
    min_side: Option<Limit<u32>>,
    max_side: Option<Limit<u32>>,
    max_aspect: Option<Limit<f64>>,
    max_bytes: Option<Limit<u64>>,
    max_bytes_severity: Severity,
    max_bytes_surely: Option<u64>,
    boundary_note: bool,
}

impl Profile {
    /// The name, such as `emo`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The accepted formats.
    #[must_use]
    pub const fn formats(&self) -> &Limit<Vec<Format>> {
        &self.formats
    }

    /// The least length of the shorter side in px, inclusive.
    #[must_use]
    pub const fn min_side(&self) -> Option<&Limit<u32>> {
        self.min_side.as_ref()
    }

    /// The greatest length of the longer side in px, inclusive.
    #[must_use]
    pub const fn max_side(&self) -> Option<&Limit<u32>> {
        self.max_side.as_ref()
    }

    /// The greatest ratio of the longer side to the shorter one, inclusive.
    #[must_use]
    pub const fn max_aspect(&self) -> Option<&Limit<f64>> {
        self.max_aspect.as_ref()
    }

    /// The greatest size of the file in bytes, inclusive.
    #[must_use]
    pub const fn max_bytes(&self) -> Option<&Limit<u64>> {
        self.max_bytes.as_ref()
    }

    /// How bad a file above [`max_bytes`](Self::max_bytes) is: a warning where the limit is not
    /// documented, a rejection where it is.
    #[must_use]
    pub const fn max_bytes_severity(&self) -> Severity {
        self.max_bytes_severity
    }

    /// Bytes above which a file breaks [`max_bytes`](Self::max_bytes) however its unit is read: "10 MB"
    /// is 10,000,000 or 10,485,760 bytes. Between the two it is a warning. None where the limit is
    /// clear.
    #[must_use]
    pub const fn max_bytes_surely(&self) -> Option<u64> {
        self.max_bytes_surely
    }

    /// Whether a side exactly on a limit is worth a note, because the service's own error text
    /// words that limit as exclusive.
    #[must_use]
    pub const fn boundary_note(&self) -> bool {
        self.boundary_note
    }
}
