//! What to type instead, for words that this command does not know.

use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use report::{Format, escaped};

use crate::config::profile_keys;

/// The error with a tip, where one is certain.
pub(crate) fn with_tip(mut error: clap::Error) -> clap::Error {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand => word(ContextKind::InvalidSubcommand).and_then(input),
        ErrorKind::UnknownArgument => word(ContextKind::InvalidArg).and_then(|word| flag(&word)),
        _ => None,
    };
    if let Some(tip) = tip {
        let tip = StyledStr::from(format!("did you mean '{}'?", escaped(&tip)));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// What somebody means who gives no command, but something to check.
fn input(word: String) -> Option<String> {
    let is_input = word.contains("://")
        || word.contains(['/', '*', '.', std::path::MAIN_SEPARATOR])
        || Path::new(&word).exists();
    is_input.then(|| format!("preflight check {word}"))
}

/// What somebody means by a flag of another tool, or by a setting.
fn flag(word: &str) -> Option<String> {
    let name = word.strip_prefix("--")?.split('=').next()?;
    if name == "json" {
        return Some("--format jsonl".to_owned());
    }
    if let Ok(format) = name.parse::<Format>() {
        return Some(format!("--format {format}"));
    }
    if profile_keys().any(|key| key == name) {
        return Some(format!("--set {name}=VALUE"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_said() {
        for (word, tip) in [
            ("--json", Some("--format jsonl")),
            ("--sarif", Some("--format sarif")),
            ("--max-side", Some("--set max-side=VALUE")),
            ("--max-side=3", Some("--set max-side=VALUE")),
            ("--frobnicate", None),
        ] {
            assert_eq!(flag(word).as_deref(), tip);
        }
        let url = "https://x.example/a.png";
        assert_eq!(
            input(url.to_owned()),
            Some(format!("preflight check {url}"))
        );
        assert_eq!(input("chekc".to_owned()), None);
    }
}
