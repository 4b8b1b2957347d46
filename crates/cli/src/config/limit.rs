//! The settings of a profile: those that `[profiles.*]` and `--set` both take.

use std::str::FromStr;

use preflight::{Format, ProfileBuilder};
use toml::Spanned;

use crate::config::file::ProfileTable;
use crate::config::suggest::{did_you_mean, hint};
use crate::config::units::ByteSize;

/// One setting of a profile, with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Limit {
    Formats(Vec<Format>),
    MinSide(u32),
    MaxSide(u32),
    MaxAspect(f64),
    MaxBytes(ByteSize),
    DecodeMemory(ByteSize),
}

impl Limit {
    /// The names of all settings of a profile.
    pub(crate) const KEYS: [&'static str; 6] = [
        "formats",
        "min-side",
        "max-side",
        "max-aspect",
        "max-bytes",
        "decode-memory",
    ];

    /// The setting of `--set KEY=VALUE`.
    ///
    /// # Errors
    ///
    /// What was expected, and what was found.
    pub(crate) fn parse(key: &str, value: &str) -> Result<Self, String> {
        let number = || whole(value, "a number of px");
        match key {
            "formats" => {
                let names: Vec<_> = value
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .collect();
                formats(&names).map(Self::Formats)
            }
            "min-side" => number().map(Self::MinSide),
            "max-side" => number().map(Self::MaxSide),
            "max-aspect" => {
                whole(value, "a number, the longer side over the shorter one").map(Self::MaxAspect)
            }
            "max-bytes" => size(value).map(Self::MaxBytes),
            "decode-memory" => size(value).map(Self::DecodeMemory),
            _ => {
                let known = Self::KEYS.join(", ");
                let hint = hint(did_you_mean(key, Self::KEYS));
                Err(format!(
                    "expected one of the settings {known}, but found \"{key}\"{hint}"
                ))
            }
        }
    }

    /// The settings of a table of the file.
    ///
    /// # Errors
    ///
    /// What was expected and what was found.
    pub(crate) fn of_table(table: &ProfileTable) -> Result<Vec<Spanned<Self>>, Spanned<String>> {
        let formats = match &table.formats {
            Some(names) => match formats(names.get_ref()) {
                Ok(formats) => Some(Spanned::new(names.span(), Self::Formats(formats))),
                Err(message) => return Err(Spanned::new(names.span(), message)),
            },
            None => None,
        };
        let numbers = [
            spanned(table.min_side.as_ref(), Self::MinSide),
            spanned(table.max_side.as_ref(), Self::MaxSide),
            spanned(table.max_aspect.as_ref(), Self::MaxAspect),
            spanned(table.max_bytes.as_ref(), Self::MaxBytes),
            spanned(table.decode_memory.as_ref(), Self::DecodeMemory),
        ];
        Ok(formats
            .into_iter()
            .chain(numbers.into_iter().flatten())
            .collect())
    }

    /// Sets it, where it is a limit of the profile itself.
    pub(crate) fn apply(&self, builder: ProfileBuilder) -> ProfileBuilder {
        match self {
            Self::Formats(formats) => builder.formats(formats.iter().copied()),
            Self::MinSide(px) => builder.min_side(*px),
            Self::MaxSide(px) => builder.max_side(*px),
            Self::MaxAspect(ratio) => builder.max_aspect(*ratio),
            Self::MaxBytes(size) => builder.max_bytes(size.0),
            Self::DecodeMemory(_) => builder,
        }
    }
}

fn spanned<T: Copy>(
    value: Option<&Spanned<T>>,
    limit: impl FnOnce(T) -> Limit,
) -> Option<Spanned<Limit>> {
    value.map(|value| Spanned::new(value.span(), limit(*value.get_ref())))
}

fn formats(names: &[String]) -> Result<Vec<Format>, String> {
    names
        .iter()
        .map(|name| {
            let found = Format::ALL
                .into_iter()
                .find(|format| format.name().eq_ignore_ascii_case(name));
            found.ok_or_else(|| {
                let known = Format::ALL.map(Format::name);
                let hint = hint(did_you_mean(name, known));
                format!(
                    "expected the formats {}, but found \"{name}\"{hint}",
                    known.join(", ")
                )
            })
        })
        .collect()
}

fn whole<T: FromStr>(text: &str, what: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("expected {what}, but found \"{text}\""))
}

fn size(text: &str) -> Result<ByteSize, String> {
    text.parse()
        .map_err(|error| format!("{error}, but found \"{text}\""))
}
