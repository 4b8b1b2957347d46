//! The aspect ratio that the check is asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `parameters.ratio`: the aspect ratio of the dynamic area that the video will show.
///
/// The reference marks the parameter as required and gives it a default, `1:1`; the client always
/// sends it.
///
/// ```
/// use remote::Ratio;
///
/// assert_eq!("3:4".parse::<Ratio>()?, Ratio::ThreeFour);
/// assert_eq!(Ratio::default().as_str(), "1:1");
/// assert!("16:9".parse::<Ratio>().is_err());
/// # Ok::<(), remote::RatioError>(())
/// ```
#[non_exhaustive]
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Ratio {
    /// `1:1`, for heads: the whole head must be visible.
    #[default]
    #[serde(rename = "1:1")]
    Square,
    /// `3:4`, for half-length images: the body above the hips must be visible.
    #[serde(rename = "3:4")]
    ThreeFour,
}

impl Ratio {
    /// Every ratio that the reference lists, in its order.
    pub const ALL: [Self; 2] = [Self::Square, Self::ThreeFour];

    /// The value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Square => "1:1",
            Self::ThreeFour => "3:4",
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        Self::ALL
            .into_iter()
            .find(|ratio| ratio.as_str() == text)
            .ok_or_else(|| RatioError(text.chars().take(RatioError::SHOWN).collect()))
    }
}

/// A text that names no [`Ratio`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a ratio, 1:1 or 3:4, but found {0:?}")]
pub struct RatioError(String);

impl RatioError {
    /// Characters of the wrong text that the message repeats.
    const SHOWN: usize = 32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_as_themselves() {
        for ratio in Ratio::ALL {
            assert_eq!(ratio.to_string().parse(), Ok(ratio));
        }
    }

    #[test]
    fn other_words_are_refused_by_name() {
        for text in ["16:9", "1:1 ", "", "1", "4:3"] {
            let error = text.parse::<Ratio>().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("expected a ratio, 1:1 or 3:4, but found {text:?}")
            );
        }
    }
}
