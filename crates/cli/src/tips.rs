//! Suggests what to type instead of an unknown word.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use report::{Format, escaped};

use crate::config::profile_keys;

/// The error with a tip, if one is certain.
pub(crate) fn with_tip(mut error: clap::Error) -> clap::Error {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let tip = match error.kind() {
        // If a command is similar enough, clap suggests it.
        ErrorKind::InvalidSubcommand if error.get(ContextKind::SuggestedSubcommand).is_none() => {
            word(ContextKind::InvalidSubcommand).map(|word| format!("preflight check {word}"))
        }
        ErrorKind::UnknownArgument => word(ContextKind::InvalidArg).and_then(|word| flag(&word)),
        _ => None,
    };
    if let Some(tip) = tip {
        let tip = StyledStr::from(format!("did you mean '{}'?", escaped(&tip)));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The flag that is meant by a flag of another tool, or by the name of a setting.
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
    fn a_tip_says_what_was_meant() {
        for (word, tip) in [
            ("--json", Some("--format jsonl")),
            ("--sarif", Some("--format sarif")),
            ("--max-side", Some("--set max-side=VALUE")),
            ("--max-side=3", Some("--set max-side=VALUE")),
            ("--frobnicate", None),
        ] {
            assert_eq!(flag(word).as_deref(), tip);
        }
    }
}
