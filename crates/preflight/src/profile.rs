//! Limits, where they come from, and what breaks them.

use std::borrow::Cow;
use std::vec::Vec;

use crate::{Format, Sighting};

/// A limit and the page it comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limit<T> {
    /// The value, inclusive.
    pub value: T,
    /// The page and its date.
    pub source: Cow<'static, str>,
}

/// Limits that an image must keep.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Profile {}

/// Builds a [`Profile`].
#[derive(Clone, Debug)]
pub struct ProfileBuilder {}

/// How an image breaks, or touches, a limit. `Violation::{Format, SideTooSmall, SideTooLarge, FileTooLarge, AspectRatio, OnTheBoundary}` carry measured and allowed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Violation {
    /// The format is not accepted.
    Format {
        /// The formats that are.
        accepted: Vec<Format>,
    },
}

impl Profile {
    /// Every violation of this profile, not just the first.
    #[must_use]
    pub fn judge(&self, _sighting: &Sighting) -> Vec<Violation> {
        Vec::new()
    }
}
