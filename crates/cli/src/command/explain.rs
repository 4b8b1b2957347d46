//! `preflight explain`: what a code means and how to put it right.

use std::io::{self, Write};

use gate::{Code, ErrorKind, FailureReason};

use crate::command::flags;
use crate::config::{did_you_mean, hint};

/// A page's width in columns, and where its text starts.
const WIDTH: usize = 80;
const INDENT: usize = 17;

/// A word that names no code.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason}, but found \"{word}\"{}", hint(*suggestion))]
pub(crate) struct NoSuchCode {
    word: String,
    reason: gate::UnknownCode,
    suggestion: Option<&'static str>,
}

/// The code that a word names: an id, a slug, or one of the service's own codes.
///
/// # Errors
///
/// It names none.
pub(crate) fn find(word: &str) -> Result<Code, NoSuchCode> {
    spelled(word).parse().map_err(|reason| {
        let names = Code::ALL
            .iter()
            .flat_map(|code| [code.id(), code.slug()].into_iter().chain(api_codes(*code)));
        NoSuchCode {
            word: word.to_owned(),
            reason,
            suggestion: did_you_mean(word, names),
        }
    })
}

/// A word as people type it: digits alone are a code.
fn spelled(word: &str) -> String {
    let word = word.trim();
    let is_number = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        format!("PF{word}")
    } else {
        word.to_owned()
    }
}

/// The codes whose ids begin with a word.
pub(crate) fn family(word: &str) -> Vec<Code> {
    let word = spelled(word).to_uppercase();
    let is_start = word.len() >= 2 && "PF".len() < word.len() && word.starts_with("PF");
    let all = Code::ALL.iter().copied();
    all.filter(|code| is_start && code.id().starts_with(&word))
        .collect()
}

/// The service's own codes for a code.
fn api_codes(code: Code) -> impl Iterator<Item = &'static str> {
    let reasons = FailureReason::DOCUMENTED.iter();
    let reasons = reasons.filter(move |reason| Code::of(**reason) == code);
    let kinds = ErrorKind::ALL.iter().copied();
    let kinds = kinds.filter(move |kind| Code::of_kind(*kind) == code);
    let reasons = reasons.filter_map(|reason| reason.code());
    reasons.chain(kinds.flat_map(ErrorKind::codes))
}

/// A page on a code.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn page(out: &mut dyn Write, code: Code) -> io::Result<()> {
    let entry = code.entry();
    let title = code.to_string();
    writeln!(
        out,
        "{title:56}stage: {}   outcome: {}\n",
        entry.stage,
        entry.effect.name()
    )?;
    for (heading, text) in rows(code) {
        paragraph(out, heading, &text)?;
    }
    Ok(())
}

/// What there is to say of a code: headings and texts.
pub(crate) fn rows(code: Code) -> Vec<(&'static str, String)> {
    let entry = code.entry();
    let mut rows = vec![
        ("What it checks", entry.checks.to_owned()),
        ("Why", entry.why.to_owned()),
        ("Where from", entry.source.to_owned()),
        ("Put it right", entry.remedy.to_owned()),
        ("Change it", entry.change.to_owned()),
    ];
    if let Some(advice) = flags::advice(code) {
        rows.push(("Flags", advice.to_owned()));
    }
    let api_codes: Vec<_> = api_codes(code).collect();
    if !api_codes.is_empty() {
        rows.push(("API codes", api_codes.join(", ")));
    }
    rows.push(("Read more", vendor_page(code).to_owned()));
    rows
}

/// The vendor's page on what a code is about.
const fn vendor_page(code: Code) -> &'static str {
    const DETECT: &str = "https://www.alibabacloud.com/help/en/model-studio/emo-detect-api";
    const CODES: &str = "https://www.alibabacloud.com/help/en/model-studio/error-code";
    match code.id().as_bytes() {
        [_, _, b'5', ..] => CODES,
        _ => DETECT,
    }
}

/// A line on every code.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn list(out: &mut dyn Write) -> io::Result<()> {
    lines(out, Code::ALL)
}

/// A line on each of these codes.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn lines(out: &mut dyn Write, codes: &[Code]) -> io::Result<()> {
    for code in codes {
        let entry = code.entry();
        let (id, slug, stage, effect) = (entry.id, entry.slug, entry.stage, entry.effect.name());
        writeln!(
            out,
            "{id}  {slug:22}  {stage:7}  {effect:7}  {}",
            entry.summary
        )?;
    }
    Ok(())
}

/// A heading, and a text beside it that is wrapped between its words.
fn paragraph(out: &mut dyn Write, heading: &str, text: &str) -> io::Result<()> {
    write!(out, "{heading:INDENT$}")?;
    let mut column = INDENT;
    for word in text.split(' ') {
        let len = word.chars().count();
        if column > INDENT {
            if column + 1 + len > WIDTH {
                write!(out, "\n{:INDENT$}", "")?;
                column = INDENT;
            } else {
                write!(out, " ")?;
                column += 1;
            }
        }
        write!(out, "{word}")?;
        column += len;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_fits_and_says_everything() {
        for code in Code::ALL {
            let mut out = Vec::new();
            page(&mut out, *code).unwrap();
            let page = String::from_utf8(out).unwrap();
            assert!(page.starts_with(&code.to_string()));
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words(&page).contains(&words(code.entry().why)), "{page}");
            for line in page
                .lines()
                .skip(1)
                // A word that is longer than a line, such as an address, stays whole.
                .filter(|line| line.trim().contains(' ') && !line.contains("://"))
            {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }

    #[test]
    fn slips_are_recognised() {
        assert_eq!(
            find("side-to-small").unwrap_err().suggestion,
            Some("side-too-small")
        );
        assert_eq!(find(" pf202 ").unwrap(), Code::SideTooSmall);
        assert!(
            find("PF9999")
                .unwrap_err()
                .to_string()
                .contains("but found \"PF9999\"")
        );
    }
}
