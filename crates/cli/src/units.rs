//! Sizes in bytes and durations, as people write them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo, SpanRound, Unit};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A number of bytes: `10 MB` is 10,000,000 of them, `10 MiB` is 10,485,760.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct ByteSize(pub(crate) u64);

/// The age up to which something counts: `30d`, `12h`, `2w`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Age(pub(crate) Duration);

/// The longest time that something may take: `20s`, `500ms`, at most a day.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Timeout(pub(crate) Duration);

/// The greatest timeout. Nobody waits longer, and a much greater one would overflow a clock.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

/// The word is not a size, an age or a timeout.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum UnitError {
    #[error("expected a size such as 10 MB or 512 KiB")]
    Size,
    #[error("expected a size in whole bytes")]
    SizeFraction,
    #[error("expected a size under 16 EiB")]
    SizeOverflow,
    #[error("expected a time such as 30d, 12h, 45m or 90s")]
    Time,
    #[error("expected a time above zero and of at most 1d, such as 20s or 500ms")]
    Timeout,
}

/// The units of a size in bytes; only those with an i are binary.
const SIZE_UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split_unit(text);
        let unit = SIZE_UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|&(_, bytes)| u128::from(bytes))
            .ok_or(UnitError::Size)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let numerator = u128::from(digits(whole).ok_or(UnitError::Size)?)
            .checked_mul(unit)
            .ok_or(UnitError::SizeOverflow)?;
        let scale = u32::try_from(fraction.len())
            .ok()
            .and_then(|places| 10_u128.checked_pow(places))
            .ok_or(UnitError::SizeFraction)?;
        let part = u128::from(digits(fraction).ok_or(UnitError::Size)?)
            .checked_mul(unit)
            .ok_or(UnitError::SizeOverflow)?;
        if part % scale != 0 {
            return Err(UnitError::SizeFraction);
        }
        u64::try_from(numerator + part / scale)
            .map(Self)
            .map_err(|_| UnitError::SizeOverflow)
    }
}

/// In the largest unit that gives a whole number, so that the text parses to the same size.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [(&str, u64); 5] = [
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("GB", 1_000_000_000),
            ("MB", 1_000_000),
            ("kB", 1_000),
        ];
        match NAMES
            .iter()
            .find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit))
        {
            Some((name, unit)) => write!(f, "{} {name}", self.0 / unit),
            None => write!(f, "{} B", self.0),
        }
    }
}

impl FromStr for Age {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let span: Span = text.parse().map_err(|_| UnitError::Time)?;
        let time = span.to_duration(SpanRelativeTo::days_are_24_hours());
        let time = time.and_then(Duration::try_from);
        time.map(Self).map_err(|_| UnitError::Time)
    }
}

impl FromStr for Timeout {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let Age(time) = text.parse().map_err(|_| UnitError::Timeout)?;
        if time.is_zero() || time > MAX_TIMEOUT {
            return Err(UnitError::Timeout);
        }
        Ok(Self(time))
    }
}

/// In days, hours, minutes and seconds, so that the text parses to the same age.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let round = SpanRound::new().largest(Unit::Day).days_are_24_hours();
        let span = SignedDuration::try_from(self.0)
            .and_then(Span::try_from)
            .and_then(|span| span.round(round));
        match span {
            Ok(span) => write!(f, "{span:#}"),
            // Beyond the range of jiff.
            Err(_) => write!(f, "{}s", self.0.as_secs()),
        }
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Age(self.0).fmt(f)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeVisitor;

        impl Visitor<'_> for SizeVisitor {
            type Value = ByteSize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as \"10 MB\", or a number of bytes")
            }

            fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<ByteSize, E> {
                u64::try_from(bytes)
                    .map(ByteSize)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(bytes), &self))
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
                Ok(ByteSize(bytes))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
                found(text)
            }
        }

        deserializer.deserialize_any(SizeVisitor)
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        found(&String::deserialize(deserializer)?)
    }
}

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        found(&String::deserialize(deserializer)?)
    }
}

impl JsonSchema for ByteSize {
    fn schema_name() -> Cow<'static, str> {
        "ByteSize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(([kKmMgGtT][iI]?)?[bB])?\s*$" },
        ] })
    }
}

/// Parses a word of a file; an error quotes the word.
fn found<T: FromStr<Err = UnitError>, E: de::Error>(text: &str) -> Result<T, E> {
    text.parse()
        .map_err(|error| E::custom(format_args!("{error}, but found {text:?}")))
}

/// The number and the unit of a word, each without the spaces around it.
fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

/// A number of digits only: neither a sign nor nothing at all.
fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_units_with_an_i_are_binary() {
        for (text, bytes) in [
            ("10 MB", 10_000_000),
            ("10MB", 10_000_000),
            ("10 mb", 10_000_000),
            ("10 MiB", 10_485_760),
            ("1.5 GB", 1_500_000_000),
            ("0.5 KiB", 512),
            (" 48211 ", 48_211),
            ("7 B", 7),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn invalid_sizes_are_refused() {
        for (text, why) in [
            ("", UnitError::Size),
            ("MB", UnitError::Size),
            ("-1 MB", UnitError::Size),
            ("10 MBit", UnitError::Size),
            ("1,000", UnitError::Size),
            ("1..5 MB", UnitError::Size),
            (".5 MB", UnitError::Size),
            ("1. MB", UnitError::Size),
            ("0.0001 kB", UnitError::SizeFraction),
            ("18446744073709551616 B", UnitError::Size),
            ("16777216 TiB", UnitError::SizeOverflow),
        ] {
            assert_eq!(text.parse::<ByteSize>(), Err(why), "{text:?}");
        }
        let endless = format!("0.{} MB", "0".repeat(60));
        assert_eq!(endless.parse::<ByteSize>(), Err(UnitError::SizeFraction));
    }

    #[test]
    fn times_are_read_and_refused() {
        for (text, seconds) in [
            ("30d", 2_592_000),
            ("12 h", 43_200),
            ("45m", 2_700),
            ("90s", 90),
            ("0s", 0),
            ("2w", 1_209_600),
        ] {
            let time = Age(Duration::from_secs(seconds));
            assert_eq!(text.parse(), Ok(time), "{text}");
        }
        for text in ["30", "d", "-1d", "1mo", "99999999999999999999d", ""] {
            assert_eq!(text.parse::<Age>(), Err(UnitError::Time), "{text:?}");
        }
        assert_eq!("500ms".parse(), Ok(Timeout(Duration::from_millis(500))));
        for text in ["0s", "25h", "soon"] {
            assert_eq!(text.parse::<Timeout>(), Err(UnitError::Timeout), "{text:?}");
        }
        let shown = ["60s", "90s", "30d", "500ms"].map(|text| text.parse::<Age>().unwrap());
        assert_eq!(
            shown.map(|age| age.to_string()),
            ["1m", "1m 30s", "30d", "500ms"]
        );
    }

    proptest! {
        #[test]
        fn the_text_of_a_value_parses_to_the_same_value(bytes: u64, seconds in 0..100_000_000_000_u64) {
            prop_assert_eq!(ByteSize(bytes).to_string().parse(), Ok(ByteSize(bytes)));
            let age = Age(Duration::from_secs(seconds));
            prop_assert_eq!(age.to_string().parse(), Ok(age));
        }

        #[test]
        fn no_word_panics(text in "\\PC*") {
            let _ = text.parse::<ByteSize>();
            let _ = text.parse::<Age>();
        }
    }
}
