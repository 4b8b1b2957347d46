//! Values that are one of a few words.

use std::borrow::Cow;
use std::str::FromStr;

use preflight::Format;
use remote::Ratio;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer};

use crate::suggest::{did_you_mean, hint};

/// One of a few words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct OneOf<T>(pub(crate) T);

/// A type whose every value has a word.
pub(crate) trait Choice: Copy + 'static {
    /// The kind of the words, for messages: `the formats`.
    const WHAT: &'static str;

    fn all() -> impl Iterator<Item = Self>;

    fn word(self) -> &'static str;
}

impl Choice for Format {
    const WHAT: &'static str = "the formats";

    fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Choice for Ratio {
    const WHAT: &'static str = "one of the ratios";

    fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl<T: Choice> FromStr for OneOf<T> {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = T::all().find(|choice| choice.word().eq_ignore_ascii_case(word));
        found.map(Self).ok_or_else(|| {
            let words: Vec<_> = T::all().map(Choice::word).collect();
            let hint = hint(did_you_mean(word, words.iter().copied()));
            let (what, words) = (T::WHAT, words.join(", "));
            format!("expected {what} {words}, but found \"{word}\"{hint}")
        })
    }
}

impl<'de, T: Choice> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(de::Error::custom)
    }
}

impl<T: Choice> JsonSchema for OneOf<T> {
    fn schema_name() -> Cow<'static, str> {
        T::WHAT.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<_> = T::all().map(Choice::word).collect();
        json_schema!({ "type": "string", "enum": words })
    }
}
