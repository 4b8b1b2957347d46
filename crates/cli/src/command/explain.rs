//! `preflight explain`: what a code means and how to put it right.

use std::io::{self, Write};

use gate::Code;

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
    word.trim().parse().map_err(|reason| {
        let codes = Code::ALL.iter().map(|code| code.entry());
        let names = codes.flat_map(|entry| {
            [entry.id, entry.slug]
                .into_iter()
                .chain(entry.api_codes.iter().copied())
        });
        NoSuchCode {
            word: word.to_owned(),
            reason,
            suggestion: did_you_mean(word, names),
        }
    })
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
    for (heading, text) in [
        ("What it checks", entry.checks),
        ("Why", entry.why),
        ("Where from", entry.source),
        ("Put it right", entry.remedy),
        ("Change it", entry.change),
    ] {
        paragraph(out, heading, text)?;
    }
    if !entry.api_codes.is_empty() {
        paragraph(out, "API codes", &entry.api_codes.join(", "))?;
    }
    Ok(())
}

/// A line on every code.
///
/// # Errors
///
/// Those of writing.
pub(crate) fn list(out: &mut dyn Write) -> io::Result<()> {
    for code in Code::ALL {
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
                .filter(|line| line.trim().contains(' '))
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
