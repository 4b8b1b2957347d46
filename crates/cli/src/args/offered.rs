//! Words that completions and help texts list.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use gate::{Code, Language};
use preflight::Profile;
use report::Format;

use crate::settings::FormatChoice;

/// Accepts any word, and offers some.
#[derive(Clone)]
pub(crate) struct Offered(fn() -> Vec<String>);

/// Codes, by id and name.
pub(crate) fn codes() -> Offered {
    Offered(|| {
        let codes = Code::ALL.iter();
        let words = codes.flat_map(|code| [code.id(), code.slug()]);
        words.map(str::to_owned).collect()
    })
}

/// The built-in profiles.
pub(crate) fn profiles() -> Offered {
    Offered(|| {
        let profiles = Profile::builtin();
        let names = profiles.iter().map(|profile| profile.name().to_owned());
        names.collect()
    })
}

/// A language or a locale; the languages are offered.
pub(crate) fn language() -> impl TypedValueParser<Value = Language> {
    let codes = || {
        Language::ALL
            .map(|language| language.code().to_owned())
            .to_vec()
    };
    Offered(codes).try_map(|word| word.parse::<Language>())
}

/// The help of `--profile`.
pub(crate) fn profile_help() -> String {
    let profiles = Profile::builtin();
    let names: Vec<_> = profiles.iter().map(Profile::name).collect();
    let names = names.join(", ");
    format!("limits to check against: {names} or one of preflight.toml [default: emo]")
}

/// The help of `--format`.
pub(crate) fn format_help() -> String {
    let names: Vec<_> = FormatChoice::names().collect();
    format!("format of standard output: {}", names.join(" "))
}

/// The help of `--output`.
pub(crate) fn output_help() -> String {
    let usual = Format::ALL.iter().filter_map(|it| it.extensions().first());
    let endings: Vec<_> = usual.map(|ending| format!(".{ending}")).collect();
    let endings = endings.join(" ");
    format!("also write a report to FILE, in the format of its ending ({endings}), or FORMAT:FILE")
}

impl TypedValueParser for Offered {
    type Value = String;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, word: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(cmd, arg, word)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}
