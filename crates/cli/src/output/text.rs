//! Words that several reports share.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use gate::{Facts, Finding};
use preflight::http::TargetUrl;

use crate::output::{ImageLine, Subject};

/// The text with its control characters as escapes (`\n`, `\u{1b}`), so that a file's name or a
/// server's words can neither start a line of their own nor talk to the terminal.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_control() && !is_reordering(c);
    // Nearly every name is printable ASCII, which is told without decoding it.
    let is_ascii = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    if is_ascii || text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .fold(String::with_capacity(text.len() + 8), |mut out, c| {
            if is_plain(c) {
                out.push(c);
            } else if c.is_control() {
                out.extend(c.escape_default());
            } else {
                let _ = write!(out, "{}", c.escape_unicode());
            }
            out
        })
        .into()
}

/// What the image is called where it is shown: without control characters, and without the query
/// of a signed URL.
pub(crate) fn subject(image: &ImageLine) -> Cow<'_, str> {
    match &image.subject {
        Subject::Path(path) => match path.to_str() {
            Some(name) => escaped(name),
            None => escaped(&path.to_string_lossy()).into_owned().into(),
        },
        Subject::Url(url) => escaped(&without_secrets(url)).into_owned().into(),
        Subject::Stdin => "standard input".into(),
    }
}

/// A URL for people. What the fetcher would not even parse may hide its secret anywhere, so that
/// loses its query and what stands before an `@`, and is cut.
fn without_secrets(url: &str) -> String {
    /// Enough to recognise it.
    const LONGEST: usize = 200;
    if let Ok(url) = TargetUrl::parse(url) {
        return url.to_string();
    }
    let (rest, query) = match url.split_once('?') {
        Some((rest, _)) => (rest, "?…"),
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

/// Whether the image is a file with a name.
pub(crate) const fn is_path(image: &ImageLine) -> bool {
    matches!(image.subject, Subject::Path(_))
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

/// Characters that change the order in which text is shown (Unicode, UAX 9, explicit formatting).
const fn is_reordering(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
