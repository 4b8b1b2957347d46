//! Names, numbers and facts, worded alike in all reports.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use gate::{Facts, Finding, Service, Stage};

use crate::escape::{escaped, shown, without_secrets};
use crate::image::{Image, ImageName};

/// The name of an image for people: without control characters, and without the query of a signed
/// URL.
#[must_use]
pub fn display_name(image: &Image) -> Cow<'_, str> {
    shown_name(&image.name)
}

/// A name for people.
pub(crate) fn shown_name(name: &ImageName) -> Cow<'_, str> {
    match name {
        ImageName::Path(path) => shown(path),
        ImageName::Url(url) => escaped(&without_secrets(url)).into_owned().into(),
        ImageName::Stdin => "standard input".into(),
    }
}

/// Whether the name for people leaves out a part of the URL.
pub(crate) fn hides_part(image: &Image) -> bool {
    matches!(&image.name, ImageName::Url(url) if display_name(image) != url.as_str())
}

/// The exact name, for a line of JSON that refers to another one.
pub(crate) fn exact_name(name: &ImageName) -> Cow<'_, str> {
    match name {
        ImageName::Path(path) => path.to_string_lossy(),
        ImageName::Url(url) => url.into(),
        ImageName::Stdin => "-".into(),
    }
}

/// A note for each verdict that the stand-in made up, in reports that have no other place for it.
pub(crate) fn standin_note(image: &Image, finding: &Finding) -> &'static str {
    let remote = image.report.remote();
    let is_standin = remote.is_some_and(|remote| remote.service == Service::Standin);
    if is_standin && finding.code.stage() == Stage::Remote {
        " (standin: made up)"
    } else {
        ""
    }
}

/// The size and the format of an image: `399 x 500 JPEG`.
pub(crate) fn facts(facts: &Facts) -> Option<FactsText<'_>> {
    let words = FactsText {
        size: facts.width.zip(facts.height),
        format: facts.format.as_deref(),
    };
    (words.size.is_some() || words.format.is_some()).then_some(words)
}

/// A size in px, a format, or both.
pub(crate) struct FactsText<'a> {
    size: Option<(u32, u32)>,
    format: Option<&'a str>,
}

impl fmt::Display for FactsText<'_> {
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
#[must_use]
pub fn thousands(n: u64) -> String {
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
#[must_use]
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// Each finding with its index (from 1) among the findings of the same code.
pub(crate) fn numbered(findings: &[Finding]) -> impl Iterator<Item = (&Finding, usize)> {
    findings.iter().enumerate().map(|(index, finding)| {
        let earlier = findings
            .iter()
            .take(index)
            .filter(|other| other.code == finding.code);
        (finding, earlier.count() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        assert_eq!(
            [0, 999, 1_000, 1_204_331].map(thousands),
            ["0", "999", "1,000", "1,204,331"]
        );
    }
}
