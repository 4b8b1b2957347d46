//! Untrusted text, made safe to show: no control characters, no commands to a CI, no secrets of
//! URLs.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter;
use std::path::Path;

use preflight::http::{TargetUrl, shown_url};

/// The text with its control characters as escapes (`\n`, `\u{1b}`). A file name or a server's
/// message can then neither start a new line, nor control the terminal, nor give a CI a command.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    // Nearly every name is printable ASCII, which needs no decoding.
    let is_ascii = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    let is_plain = is_ascii || !text.chars().any(is_special);
    if is_plain && !has_ci_command(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (index, piece) in split_at_ci_commands(text).enumerate() {
        if index > 0 {
            out.push_str("\\u{23}");
        }
        for c in piece.chars() {
            if c.is_control() {
                out.extend(c.escape_default());
            } else if is_special(c) {
                let _ = write!(out, "{}", c.escape_unicode());
            } else {
                out.push(c);
            }
        }
    }
    out.into()
}

/// A path for people. One that a CI would take for a command gets a `./` in front, which leads to
/// the same file.
#[must_use]
pub fn shown(path: &Path) -> Cow<'_, str> {
    let name = path.to_string_lossy();
    match name {
        // An unset variable of the shell leaves such a word.
        name if name.is_empty() => "\"\"".into(),
        name if starts_command(&name) => escaped(&format!("./{name}")).into_owned().into(),
        Cow::Borrowed(name) => escaped(name),
        Cow::Owned(name) => escaped(&name).into_owned().into(),
    }
}

/// Characters that every report escapes: controls, the line ends of Unicode, characters that
/// reorder text (Unicode, UAX 9, explicit formatting), and invisible ones, in which a text can hide
/// another (UAX 44, `Default_Ignorable_Code_Point`, except the variation selectors of emoji).
pub(crate) fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// A URL for people: a query only if it is known to be harmless, no password, no fragment. A text
/// that is not a URL is cut to a length at which it can be recognised.
pub(crate) fn without_secrets(url: &str) -> Cow<'_, str> {
    const LONGEST: usize = 200;
    let shown = shown_url(url);
    if TargetUrl::parse(url).is_ok() {
        return shown;
    }
    match shown.char_indices().nth(LONGEST) {
        None => shown,
        Some((at, _)) => {
            let start = shown.get(..at).unwrap_or_default();
            format!("{start}…").into()
        }
    }
}

/// Markers of a command anywhere in a line: GitHub's runner (actions/runner,
/// `ActionCommand.TryParse`), Azure's agent (`Command.TryParse`), TeamCity ("Service messages").
const CI_COMMANDS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// Whether a text holds a command to a CI. This runs for every string of every report, and hardly
/// any contains a `#`, so that test comes first.
#[inline]
pub(crate) fn has_ci_command(text: &str) -> bool {
    text.bytes().any(|byte| byte == b'#') && CI_COMMANDS.iter().any(|it| text.contains(it))
}

/// Splits a text at the second `#` of each command to a CI. Joined by an escape of that character,
/// the pieces say the same and command nothing.
pub(crate) fn split_at_ci_commands(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let Some(at) = CI_COMMANDS.iter().filter_map(|it| text.find(it)).min() else {
            return Some(text);
        };
        let (piece, after) = text.split_at(at + 1);
        rest = after.strip_prefix('#');
        Some(piece)
    })
}

/// Whether a line starts with a command in GitHub's newer syntax (`ActionCommand.TryParseV2`).
pub(crate) fn starts_command(line: &str) -> bool {
    line.trim_start().starts_with("::")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_command_is_left_and_the_text_comes_back(
            text in "(#|\\[|vso|teamcity|a|##\\[|##vso\\[|ü){0,12}"
        ) {
            let whole = split_at_ci_commands(&text).collect::<Vec<_>>().join("#");
            prop_assert_eq!(&whole, &text);
            let safe = split_at_ci_commands(&text).collect::<Vec<_>>().join("?");
            prop_assert!(CI_COMMANDS.iter().all(|command| !safe.contains(command)), "{}", safe);
            prop_assert_eq!(safe != text, has_ci_command(&text));
        }
    }

    #[test]
    fn characters_that_control_the_terminal_or_reorder_text_are_escaped() {
        assert_eq!(
            escaped("a\n\u{1b}[31m\u{202e}ü.png"),
            "a\\n\\u{1b}[31m\\u{202e}ü.png"
        );
        // Invisible characters: a zero-width space, a byte order mark, a tag.
        assert_eq!(
            escaped("a\u{200b}b\u{feff}c\u{e0041}.png"),
            "a\\u{200b}b\\u{feff}c\\u{e0041}.png"
        );
        assert!(
            matches!(escaped("👍\u{fe0f}.png"), Cow::Borrowed(_)),
            "as emoji are written"
        );
        assert!(matches!(escaped("ü.png"), Cow::Borrowed(_)));
    }

    /// The ends of each range, and their neighbours that are shown as they are.
    #[test]
    fn every_character_that_hides_or_reorders_text_is_special() {
        for c in "\0\u{1f}\u{7f}\u{9f}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180f}\
                  \u{200b}\u{200f}\u{2028}\u{202e}\u{2060}\u{2069}\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fff0}\
                  \u{fffb}\u{1bca0}\u{1d173}\u{1d17a}\u{e0000}\u{e007f}\u{e0fff}"
            .chars()
        {
            assert!(is_special(c), "{c:?}");
        }
        for c in
            " ~\u{a0}\u{ae}\u{1161}\u{200a}\u{2010}\u{2027}\u{202f}\u{2070}\u{fe0f}\u{fffd}é照👍"
                .chars()
        {
            assert!(!is_special(c), "{c:?}");
        }
    }

    /// Found with a file of that name: GitHub's runner took the line of the report for a command,
    /// and `::stop-commands::` made it ignore the annotations after it.
    #[test]
    fn no_name_is_a_command_to_a_runner() {
        for (name, safe) in [
            ("::error::a.png", "./::error::a.png"),
            (" \t::add-mask::a.png", "./ \\t::add-mask::a.png"),
            ("a##[group]b.png", "a#\\u{23}[group]b.png"),
            ("a::b.png", "a::b.png"),
        ] {
            assert_eq!(shown(Path::new(name)), safe);
        }
        assert_eq!(
            escaped("starts with \"##[error]\""),
            "starts with \"#\\u{23}[error]\""
        );
    }

    #[test]
    fn no_secret_of_a_url_is_shown() {
        for (url, shown) in [
            (
                "https://cdn.example.com/a.jpg?w=400",
                "https://cdn.example.com/a.jpg?w=400",
            ),
            (
                "https://b.oss-cn-beijing.aliyuncs.com/a.jpg?Expires=1&OSSAccessKeyId=k&Signature=s",
                "https://b.oss-cn-beijing.aliyuncs.com/a.jpg?…",
            ),
            (
                "https://user:word@host.example/a.jpg?token=1",
                "https://…@host.example/a.jpg?…",
            ),
            ("oss://bucket/a.jpg?Signature=s", "oss://bucket/a.jpg?…"),
            ("www.host.example/a.jpg?sig=s", "www.host.example/a.jpg?…"),
            (
                "https://cdn.example.com/a.jpg?Expires=1&amp;Signature=s",
                "https://cdn.example.com/a.jpg?…",
            ),
            (
                "https://cdn.example.com/a.jpg?wsSecret=s&wsTime=1",
                "https://cdn.example.com/a.jpg?…",
            ),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
        assert_eq!(
            without_secrets(&format!("ftp://{}", "x".repeat(9_000)))
                .chars()
                .count(),
            201
        );
    }
}
