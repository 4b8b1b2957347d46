//! One thing that a stage found.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use crate::{Code, Effect};

/// One thing that a stage found: a code of the registry, and what was seen in this image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The code, with its stage, its explanation and how to put it right.
    pub code: Code,
    /// What it does to the outcome of this image.
    pub effect: Effect,
    /// One line for people: lower case, numbers with their units.
    pub message: String,
    /// What was measured, where it is one number (px, bytes, or long side over short side).
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
            measured: None,
            limit: None,
        }
    }

    pub(crate) fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
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

/// `{"code","name","severity","message","measured"?,"limit"?}`.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = 4 + usize::from(self.measured.is_some()) + usize::from(self.limit.is_some());
        let mut out = serializer.serialize_struct("Finding", fields)?;
        out.serialize_field("code", self.code.id())?;
        out.serialize_field("name", self.code.slug())?;
        out.serialize_field("severity", &self.effect.severity())?;
        out.serialize_field("message", &self.message)?;
        if let Some(measured) = &self.measured {
            out.serialize_field("measured", measured)?;
        }
        if let Some(limit) = &self.limit {
            out.serialize_field("limit", limit)?;
        }
        out.end()
    }
}

/// A measured or allowed number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
