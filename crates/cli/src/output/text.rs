//! Words that several reports share.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::path::Path;

use gate::{Facts, Finding, RemoteFacts, Stage};
use preflight::http::TargetUrl;

use crate::output::disarm::{disarmed, is_armed, starts_command};
use crate::output::{ImageLine, Subject};

/// The text with its control characters as escapes (`\n`, `\u{1b}`), so that a file's name or a
/// server's words can neither start a line of their own nor talk to the terminal, nor to a CI that
/// reads commands out of what it is told.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    // Nearly every name is printable ASCII, which is told without decoding it.
    let is_ascii = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    let is_plain = is_ascii || !text.chars().any(is_special);
    if is_plain && !is_armed(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (index, piece) in disarmed(text).enumerate() {
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

/// A path as it is shown. One that a CI would take for a command gets a `./` before it, which leads
/// to the same file.
pub(crate) fn shown(path: &Path) -> Cow<'_, str> {
    let name = path.to_string_lossy();
    match name {
        // What a variable that is not set leaves of a word.
        name if name.is_empty() => "\"\"".into(),
        name if starts_command(&name) => escaped(&format!("./{name}")).into_owned().into(),
        Cow::Borrowed(name) => escaped(name),
        Cow::Owned(name) => escaped(&name).into_owned().into(),
    }
}

/// What the image is called where it is shown: without control characters, and without the query
/// of a signed URL.
pub(crate) fn subject(image: &ImageLine) -> Cow<'_, str> {
    match &image.subject {
        Subject::Path(path) => shown(path),
        Subject::Url(url) => escaped(&without_secrets(url)).into_owned().into(),
        Subject::Stdin => "standard input".into(),
    }
}

/// Whether an image is called less than all that it is named by: parts of a URL stay away.
pub(crate) fn is_veiled(image: &ImageLine) -> bool {
    matches!(&image.subject, Subject::Url(url) if subject(image) != url.as_str())
}

/// What stands for the query of a signed URL.
const HIDDEN_QUERY: &str = "?…";

/// A URL for people. What the fetcher would not even parse may hide its secret anywhere, so that
/// loses its query and what stands before an `@`, and is cut.
fn without_secrets(url: &str) -> String {
    /// Enough to recognise it.
    const LONGEST: usize = 200;
    if let Ok(url) = TargetUrl::parse(url) {
        return url.to_string();
    }
    let (rest, query) = match url.split_once('?') {
        Some((rest, _)) => (rest, HIDDEN_QUERY),
        None => (url, ""),
    };
    let rest = match (rest.split_once("://"), rest.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => rest.to_owned(),
    };
    let cut = rest
        .char_indices()
        .nth(LONGEST)
        .and_then(|(at, _)| rest.get(..at));
    match cut {
        Some(cut) => format!("{cut}…"),
        None => rest + query,
    }
}

/// What stands behind a verdict that the stand-in made up, where a report says it image by image.
pub(crate) fn made_up(image: &ImageLine, finding: &Finding) -> &'static str {
    let remote = image.report.remote();
    let is_standin = remote.is_some_and(|remote| remote.service == RemoteFacts::STANDIN);
    if is_standin && finding.code.stage() == Stage::Remote {
        " (standin: made up)"
    } else {
        ""
    }
}

/// What was seen of an image, in a few words: `399 x 500 JPEG`.
pub(crate) fn facts(facts: &Facts) -> Option<InWords> {
    let words = InWords {
        size: facts.width.zip(facts.height),
        format: facts.format,
    };
    (words.size.is_some() || words.format.is_some()).then_some(words)
}

/// A size in px, a format, or both.
pub(crate) struct InWords {
    size: Option<(u32, u32)>,
    format: Option<&'static str>,
}

impl fmt::Display for InWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((width, height)) = self.size {
            write!(f, "{width} x {height}")?;
        }
        if self.size.is_some() && self.format.is_some() {
            f.write_char(' ')?;
        }
        match self.format {
            None => Ok(()),
            Some("webp") => f.write_str("WebP"),
            Some("jxl") => f.write_str("JPEG XL"),
            Some(name) => name
                .chars()
                .try_for_each(|c| f.write_char(c.to_ascii_uppercase())),
        }
    }
}

/// A number with a comma between thousands: `1,204,331`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 image`, `1,204 images`.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// Findings with the how-manieth of its code in the image each is, from 1.
pub(crate) fn numbered(findings: &[Finding]) -> impl Iterator<Item = (&Finding, usize)> {
    findings.iter().enumerate().map(|(index, finding)| {
        let earlier = findings
            .iter()
            .take(index)
            .filter(|other| other.code == finding.code);
        (finding, earlier.count() + 1)
    })
}

/// Characters that no text report shows as they are: controls, line ends of Unicode, and what
/// changes the order in which text is shown (Unicode, UAX 9, explicit formatting).
pub(crate) fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_the_cursor_or_turn_the_text_is_escaped() {
        assert_eq!(
            escaped("a\n\u{1b}[31m\u{202e}ü.png"),
            "a\\n\\u{1b}[31m\\u{202e}ü.png"
        );
        assert!(matches!(escaped("ü.png"), Cow::Borrowed(_)));
    }

    /// Found with a file of that name: GitHub's runner took the line of the report for a command,
    /// and `::stop-commands::` made it deaf to the annotations behind it.
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
                "https://user:word@host.example/a.jpg?x=1",
                "https://…@host.example/a.jpg?…",
            ),
            ("oss://bucket/a.jpg?Signature=s", "oss://bucket/a.jpg?…"),
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

    #[test]
    fn thousands_are_parted() {
        assert_eq!(
            [0, 999, 1_000, 1_204_331].map(thousands),
            ["0", "999", "1,000", "1,204,331"]
        );
    }
}
