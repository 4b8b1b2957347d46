//! Which model may use an upload.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer;

/// Whom an upload that was made for the video model serves.
#[expect(clippy::exhaustive_enums, reason = "the two readings that there are")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UploadBinding {
    /// The model that its policy was made for, and no other: what the documents say. The detector
    /// answers `InvalidURL` about it.
    #[default]
    Strict,
    /// The detector too, so that one upload does for both calls: what one user measured in June
    /// 2026.
    Lenient,
}

impl FromStr for UploadBinding {
    type Err = serde::de::value::Error;

    /// Reads `strict` or `lenient`.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::deserialize(name.into_deserializer())
    }
}
