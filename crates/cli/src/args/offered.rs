//! Words that completions offer, where others are taken as well.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use gate::Code;
use preflight::Profile;

/// Takes any word, and offers some.
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

/// The help of `--profile`.
pub(crate) fn profile_help() -> String {
    let profiles = Profile::builtin();
    let names: Vec<_> = profiles.iter().map(Profile::name).collect();
    let names = names.join(", ");
    format!("limits to check against: {names} or one of preflight.toml [default: emo]")
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
