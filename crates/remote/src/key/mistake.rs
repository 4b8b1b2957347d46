//! What stands where a key should, by mistake.

use std::fmt;

/// A text found in the place of a key. `Display` names it and says what to do.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// `"sk-…"`: Docker's `--env-file`, among others, keeps quotation marks.
    Quoted,
    /// `Bearer sk-…`: the header's value instead of the key.
    Bearer,
    /// `DASHSCOPE_API_KEY=sk-…`: a line of a settings file.
    Assignment,
    /// `${KEY}`, `$KEY`, `{{ key }}`, `%KEY%`: a variable that nobody replaced.
    Variable,
    /// `<YOUR_API_KEY>`, `sk-xxx`, `null`, `changeme`: a line of the documentation as it stands, or
    /// what a program writes for nothing.
    Placeholder,
    /// `sk-1234****`: a key as the console shows it.
    Masked,
    /// `https://…`: where a key may be had, or where it is used.
    Address,
    /// `sk-1,sk-2`, `sk-1;`: several keys, or what stood behind one.
    Listed,
}

/// Words that stand for no value.
const NOTHING: [&str; 12] = [
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "changeme",
    "change_me",
    "change-me",
    "replace_me",
    "replace-me",
    "todo",
];

impl Mistake {
    pub(super) fn in_key(key: &str) -> Option<Self> {
        const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];
        let lower = key.to_ascii_lowercase();
        let body = lower.strip_prefix("sk-").unwrap_or(&lower);
        let only = |set: &str| !body.is_empty() && body.chars().all(|c| set.contains(c));
        let named = ["your_", "your-", "yourkey", "api_key", "api-key", "apikey"]
            .iter()
            .any(|name| lower.contains(name));
        match key {
            _ if key.starts_with(QUOTES) || key.ends_with(QUOTES) => Some(Self::Quoted),
            _ if lower == "bearer"
                || lower.starts_with("bearer ")
                || lower.starts_with("bearer:") =>
            {
                Some(Self::Bearer)
            }
            _ if key.starts_with(['$', '{', '%']) || key.contains("${") => Some(Self::Variable),
            _ if key.starts_with(['<', '[', '(']) || key.ends_with('>') => Some(Self::Placeholder),
            _ if key.contains("://") => Some(Self::Address),
            _ if key.contains([',', ';']) => Some(Self::Listed),
            // Base64 ends in `=`; a name stands before it.
            _ if key.trim_end_matches('=').contains('=') => Some(Self::Assignment),
            _ if key.contains('*') => Some(Self::Masked),
            _ if NOTHING.contains(&body) => Some(Self::Placeholder),
            _ if named || only("x") || only(".") || only("…") => Some(Self::Placeholder),
            _ => None,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Quoted => "one in quotation marks: leave them out",
            Self::Bearer => "the word Bearer before it: give the key alone",
            Self::Assignment => "NAME=VALUE: give the value alone",
            Self::Variable => "the name of a variable that nobody replaced by its value",
            Self::Placeholder => "a placeholder: give a key of your own, from the vendor's console",
            Self::Address => "an address: give the key itself",
            Self::Listed => "a comma or a semicolon in it: give one key alone",
            Self::Masked => "one with asterisks, as the console shows it: copy the whole key",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::key::{ApiKey, ApiKeyError};

    use super::*;

    #[test]
    fn what_cannot_be_a_key_is_told_by_what_it_is_and_not_repeated() {
        for (text, mistake) in [
            ("\"sk-SECRET\"", Mistake::Quoted),
            ("'sk-SECRET'", Mistake::Quoted),
            ("`sk-SECRET`", Mistake::Quoted),
            ("“sk-SECRET”", Mistake::Quoted),
            ("\"sk-SECRET", Mistake::Quoted),
            ("Bearer sk-SECRET", Mistake::Bearer),
            ("bearer  sk-SECRET", Mistake::Bearer),
            ("Bearer:sk-SECRET", Mistake::Bearer),
            ("Bearer", Mistake::Bearer),
            ("DASHSCOPE_API_KEY=sk-SECRET", Mistake::Assignment),
            ("export KEY=sk-SECRET", Mistake::Assignment),
            ("${SECRET_KEY}", Mistake::Variable),
            ("sk-${SECRET}", Mistake::Variable),
            ("$SECRET_KEY", Mistake::Variable),
            ("{{ secrets.SECRET }}", Mistake::Variable),
            ("{SECRET}", Mistake::Variable),
            ("%SECRET%", Mistake::Variable),
            ("<YOUR_SECRET_KEY>", Mistake::Placeholder),
            ("<SECRET>", Mistake::Placeholder),
            ("YOUR_API_KEY", Mistake::Placeholder),
            ("sk-your-key-here", Mistake::Placeholder),
            ("sk-xxxxxxxx", Mistake::Placeholder),
            ("sk-...", Mistake::Placeholder),
            ("[SECRET]", Mistake::Placeholder),
            ("SECRET>", Mistake::Placeholder),
            ("sk-…", Mistake::Placeholder),
            ("(sk-SECRET)", Mistake::Placeholder),
            ("null", Mistake::Placeholder),
            ("None", Mistake::Placeholder),
            ("undefined", Mistake::Placeholder),
            ("CHANGEME", Mistake::Placeholder),
            ("https://SECRET", Mistake::Address),
            ("sk-SECRET,sk-2", Mistake::Listed),
            ("sk-SECRET;", Mistake::Listed),
            ("sk-SECRET****", Mistake::Masked),
            ("********", Mistake::Masked),
        ] {
            let error = ApiKey::new(text).unwrap_err();
            assert_eq!(error, ApiKeyError::Mistaken(mistake), "{text}");
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{text}");
        }
    }

    #[test]
    fn keys_as_they_are_issued_are_taken() {
        for key in [
            "sk-0123456789abcdef0123456789abcdef",
            "sk-ws-H.EXDPMY.ab12.MEUCIQD-x_y",
            "\u{feff}sk-0123456789abcdef\r\n",
            "bG9uZyBiYXNlNjQ=",
            "d1xx2a",
        ] {
            assert!(ApiKey::new(key).is_ok(), "{key}");
        }
    }
}
