//! The stages, the outcomes, and how much a finding weighs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A stage of the pipeline, in pipeline order.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the pipeline has these five stages for good"
)]
pub enum Stage {
    /// Getting at the bytes.
    #[default]
    Input,
    /// The first bytes: format and header.
    Header,
    /// The header against the profile.
    Limits,
    /// The pixels, when asked for.
    Content,
    /// The paid detector, when asked for.
    Remote,
}

impl Stage {
    /// Every stage, in pipeline order.
    pub const ALL: [Self; 5] = [
        Self::Input,
        Self::Header,
        Self::Limits,
        Self::Content,
        Self::Remote,
    ];

    /// The lower-case name: `input`, `header`, `limits`, `content`, `remote`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Header => "header",
            Self::Limits => "limits",
            Self::Content => "content",
            Self::Remote => "remote",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The outcome for an image.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "four outcomes for good, so that a match is total"
)]
pub enum Outcome {
    /// Every stage that ran let it through.
    #[default]
    Pass,
    /// The image is bad, for sure.
    Reject,
    /// We could not find out. Neither a pass nor a rejection.
    Unknown,
    /// We were told not to look, or cannot look from here.
    Skip,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Reject, Self::Unknown, Self::Skip];

    /// The lower-case name: `pass`, `reject`, `unknown`, `skip`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Reject => "reject",
            Self::Unknown => "unknown",
            Self::Skip => "skip",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The effect of a finding on the image's outcome.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a finding can do these four things for good"
)]
pub enum Effect {
    /// Nothing: worth knowing.
    Note,
    /// Nothing, unless the gate is strict: then it rejects.
    Warning,
    /// Leaves the image unknown.
    Unknown,
    /// Rejects the image.
    Reject,
}

impl Effect {
    /// How severe machine-readable output calls it.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Note => Severity::Note,
            Self::Warning => Severity::Warning,
            Self::Unknown | Self::Reject => Severity::Error,
        }
    }

    /// The word for it in the explanation of a code: `note`, `warning`, `unknown`, `reject`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Reject => "reject",
        }
    }
}

/// The severity of a finding in machine-readable output.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "part of the versioned output schema"
)]
pub enum Severity {
    /// Worth knowing; the image passes.
    Note,
    /// Worth a look; the image passes unless the gate is strict.
    Warning,
    /// Rejects the image, or leaves it unknown.
    Error,
}

impl Severity {
    /// The lower-case name: `note`, `warning`, `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
