//! Words that several reports share.

use std::borrow::Cow;
use std::fmt::Write as _;

use gate::{Facts, Finding};

use crate::output::{ImageLine, Subject};

/// The text with its control characters as escapes (`\n`, `\u{1b}`), so that a file's name or a
/// server's words can neither start a line of their own nor talk to the terminal.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_control() && !is_reordering(c);
    if text.chars().all(is_plain) {
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
pub(crate) fn subject(image: &ImageLine) -> String {
    match &image.subject {
        Subject::Path(path) => escaped(&path.to_string_lossy()).into_owned(),
        Subject::Url(url) => escaped(url).into_owned(),
        Subject::Stdin => "standard input".to_owned(),
    }
}

/// Whether the image is a file with a name.
pub(crate) const fn is_path(image: &ImageLine) -> bool {
    matches!(image.subject, Subject::Path(_))
}

/// What was seen of an image, in a few words: `399 x 500 JPEG`.
pub(crate) fn facts(facts: &Facts) -> Option<String> {
    let mut text = match (facts.width, facts.height) {
        (Some(width), Some(height)) => format!("{width} x {height}"),
        _ => String::new(),
    };
    if let Some(format) = facts.format {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format_name(format));
    }
    (!text.is_empty()).then_some(text)
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

/// A format's name for people.
fn format_name(name: &str) -> Cow<'static, str> {
    match name {
        "webp" => "WebP".into(),
        "jxl" => "JPEG XL".into(),
        other => other.to_uppercase().into(),
    }
}

/// Characters that change the order in which text is shown (Unicode, UAX 9, explicit formatting).
const fn is_reordering(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
