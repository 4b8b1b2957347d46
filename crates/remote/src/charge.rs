//! Whether a call was paid for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether a call was paid for, as far as we can know.
#[expect(
    clippy::exhaustive_enums,
    reason = "three values for good: callers add them up"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Charge {
    /// Certainly not: nothing was sent, or the service answered that the request failed.
    No,
    /// Perhaps: the request was sent, and what became of it is not known.
    Unknown,
    /// Certainly: the service answered the request.
    Yes,
}

impl Charge {
    /// `no`, `unknown` or `yes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Yes => "yes",
        }
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
