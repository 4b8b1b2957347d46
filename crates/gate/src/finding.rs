//! One thing that a stage found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Code, Effect, Severity};

/// One thing that a stage found: a code of the registry, and what was seen in this image.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(with = "Line")
)]
#[serde(from = "Line", into = "Line")]
#[non_exhaustive]
pub struct Finding {
    /// The code, with its stage, its explanation and how to put it right.
    pub code: Code,
    /// What it does to the outcome of this image.
    pub effect: Effect,
    /// One line for people: lower case, numbers with their units.
    pub message: String,
    /// What to do about it; on every finding that rejects or leaves unknown.
    pub help: Option<String>,
    /// The measured value, where it is one number (px, bytes, or long side over short side).
    pub measured: Option<Number>,
    /// What the profile allows, in the same unit.
    pub limit: Option<Number>,
}

impl Finding {
    /// A finding with the code's usual effect.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            effect: code.effect(),
            message: message.into(),
            help: None,
            measured: None,
            limit: None,
        }
    }

    /// How severe machine-readable output calls it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.effect.severity()
    }

    pub(crate) fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    pub(crate) fn measured(self, measured: impl Into<Number>) -> Self {
        Self {
            measured: Some(measured.into()),
            ..self
        }
    }

    pub(crate) fn numbers(self, measured: impl Into<Number>, limit: impl Into<Number>) -> Self {
        Self {
            measured: Some(measured.into()),
            limit: Some(limit.into()),
            ..self
        }
    }
}

/// A finding as it is written down.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Line {
    /// `PF` and three digits.
    code: Code,
    /// The code's slug.
    #[serde(default)]
    name: std::borrow::Cow<'static, str>,
    severity: Severity,
    /// One line for people.
    message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The measured value: px, bytes, or long side over short side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measured: Option<Number>,
    /// The allowed value, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<Number>,
}

impl From<Finding> for Line {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            name: finding.code.slug().into(),
            severity: finding.severity(),
            message: finding.message,
            help: finding.help,
            measured: finding.measured,
            limit: finding.limit,
        }
    }
}

/// Of severity `error` are a rejection and an unknown; which of them it was, the code's usual
/// effect tells, and where that is milder the gate was strict or the profile was.
impl From<Line> for Finding {
    fn from(line: Line) -> Self {
        let effect = match (line.severity, line.code.effect()) {
            (Severity::Note, _) => Effect::Note,
            (Severity::Warning, _) => Effect::Warning,
            (Severity::Error, Effect::Unknown) => Effect::Unknown,
            (Severity::Error, _) => Effect::Reject,
        };
        Self {
            code: line.code,
            effect,
            message: line.message,
            help: line.help,
            measured: line.measured,
            limit: line.limit,
        }
    }
}

/// A measured or allowed number.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[non_exhaustive]
pub enum Number {
    /// px or bytes.
    Whole(u64),
    /// A ratio.
    Ratio(f64),
}

/// As in JSON: a ratio is never taken for a whole number.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(n) => n.fmt(f),
            Self::Ratio(ratio) => fmt::Debug::fmt(ratio, f),
        }
    }
}

impl From<u32> for Number {
    fn from(n: u32) -> Self {
        Self::Whole(n.into())
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        Self::Whole(n)
    }
}

impl From<f64> for Number {
    fn from(n: f64) -> Self {
        Self::Ratio(n)
    }
}

/// A number with a comma between thousands: `1,204,331`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// One line with all that an error and its causes say.
#[cfg(feature = "http")]
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<_> = errors.map(ToString::to_string).collect();
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    words.join(": ").chars().map(one_line).collect()
}
