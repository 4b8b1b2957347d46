//! Markdown: what a job summary or a comment shows.
//!
//! A job summary may hold 1 MiB a step; beyond that, GitHub shows nothing of it at all.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use gate::{Code, Finding, Outcome, Stage};

use crate::escape::{escaped, shown};
use crate::fix::is_command;
use crate::sentences::paid;
use crate::words::{display_name, facts, thousands};
use crate::{Context, Image, Render, Summary};

/// Rows that stand in the open; the rest is folded away.
const OPEN_ROWS: usize = 200;
/// Bytes of all rows. With what stands around them, the report stays below 1 MiB.
const MAX_ROW_BYTES: usize = 1_000_000;
/// Characters of one cell. A longer name or message is cut: a row is for finding the image.
const MAX_CELL: usize = 300;

/// Renders the verdict, the counts and a table of what did not pass; all of it at the end, since
/// the verdict comes first.
pub(crate) struct Markdown {
    profile: String,
    service: Option<&'static str>,
    budget_flag: Option<&'static str>,
    rows: String,
    /// The bytes of the rows that stand in the open.
    open_bytes: usize,
    count: usize,
    dropped: usize,
}

impl Markdown {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            profile: context.profile.name().to_owned(),
            service: context.standin(),
            budget_flag: context.budget_flag,
            rows: String::new(),
            open_bytes: 0,
            count: 0,
            dropped: 0,
        }
    }

    fn add(&mut self, image: &Image, finding: &Finding) {
        // Once cut, cut: a later, shorter row would hide that one is missing before it.
        if self.dropped > 0 {
            self.dropped += 1;
            return;
        }
        let before = self.rows.len();
        // Writing to a string does not fail.
        let _ = write_row(&mut self.rows, image, finding);
        if self.rows.len() > MAX_ROW_BYTES {
            self.rows.truncate(before);
            self.dropped = 1;
            return;
        }
        self.count += 1;
        if self.count <= OPEN_ROWS {
            self.open_bytes = self.rows.len();
        }
    }

    fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let (open, folded) = self.rows.split_at(self.open_bytes);
        write_rows(out, open)?;
        if !folded.is_empty() {
            let count = self.count - OPEN_ROWS;
            writeln!(out, "\n<details><summary>{count} more</summary>")?;
            write_rows(out, folded)?;
            writeln!(out, "\n</details>")?;
        }
        if self.dropped > 0 {
            writeln!(
                out,
                "\nand {} more, left out to keep this readable.",
                self.dropped
            )?;
        }
        Ok(())
    }
}

impl Render for Markdown {
    fn image(&mut self, _: &mut dyn Write, image: &Image) -> io::Result<()> {
        for finding in image.report.errors() {
            // What the budget left over is one line of the totals.
            if finding.code != Code::BudgetReached {
                self.add(image, finding);
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        writeln!(out, "## preflight: {}\n", verdict(summary))?;
        let totals = &summary.totals;
        writeln!(out, "| images | passed | rejected | unknown | skipped |")?;
        writeln!(out, "|---:|---:|---:|---:|---:|")?;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            totals.images(),
            totals.of(Outcome::Pass),
            totals.of(Outcome::Reject),
            totals.of(Outcome::Unknown),
            totals.of(Outcome::Skip),
        )?;
        if totals.of(Outcome::Reject) > 0 {
            let stages: Vec<_> = Stage::ALL
                .iter()
                .filter(|stage| totals.rejected_at(**stage) > 0)
                .map(|stage| format!("{} at {stage}", totals.rejected_at(*stage)))
                .collect();
            writeln!(out, "\nRejected: {}.", stages.join(", "))?;
        }
        if totals.by_code().len() > 1 {
            writeln!(out, "\n| code | images |\n|---|---:|")?;
            for (code, count) in totals.by_code() {
                writeln!(out, "| {code} | {count} |")?;
            }
        }
        let paid = paid(totals, self.service, self.budget_flag);
        for (index, line) in paid.iter().enumerate() {
            let before = if index == 0 { "\n" } else { "  \n" };
            write!(out, "{before}{}", Cell(line))?;
        }
        if !paid.is_empty() {
            writeln!(out)?;
        }
        self.write_table(out)?;
        write!(out, "\nProfile {}", Cell(&self.profile))?;
        if let Some(service) = self.service {
            write!(out, " · service: {service}")?;
        }
        writeln!(out)
    }
}

/// The heading: what a reader needs who reads nothing else.
pub(super) fn verdict(summary: &Summary) -> String {
    let totals = &summary.totals;
    let (images, rejected, unknown) = (
        totals.images(),
        totals.of(Outcome::Reject),
        totals.of(Outcome::Unknown),
    );
    let mut verdict = match (images, rejected, unknown) {
        (0, _, _) => "nothing was checked".to_owned(),
        (1, 0, 0) if totals.of(Outcome::Skip) == 1 => "1 image skipped".to_owned(),
        (_, 0, 0) if totals.of(Outcome::Skip) == images => format!("all {images} images skipped"),
        (1, 0, 0) if totals.of(Outcome::Skip) == 0 => "1 image passed".to_owned(),
        (_, 0, 0) if totals.of(Outcome::Skip) == 0 => format!("all {images} images passed"),
        (_, 0, 0) => format!(
            "{} of {images} images passed, none rejected",
            totals.of(Outcome::Pass)
        ),
        (_, _, 0) => format!("{rejected} of {images} images rejected"),
        (_, 0, _) => format!("{unknown} of {images} images unknown"),
        (_, _, _) => format!("{rejected} of {images} images rejected, {unknown} unknown"),
    };
    if summary.interrupted {
        verdict.push_str(" (interrupted)");
    }
    verdict
}

fn write_rows(out: &mut dyn Write, rows: &str) -> io::Result<()> {
    writeln!(
        out,
        "\n| image | seen | stage | code | reason | what to do |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    out.write_all(rows.as_bytes())
}

fn write_row(out: &mut String, image: &Image, finding: &Finding) -> fmt::Result {
    let (code, name) = (finding.code, display_name(image));
    write!(out, "| {}", Name(&name))?;
    if let Some(listed) = &image.listed {
        let place = format!("{}:{}", shown(&listed.file), listed.line);
        write!(out, " ({})", Cell(&place))?;
    }
    let seen = image.report.facts();
    let mut facts = facts(seen).map_or_else(String::new, |facts| facts.to_string());
    if let Some(bytes) = seen.bytes {
        let comma = if facts.is_empty() { "" } else { ", " };
        facts.push_str(&format!("{comma}{} bytes", thousands(bytes)));
    }
    let (facts, stage, reason) = (Cell(&facts), code.stage(), Cell(&finding.message));
    write!(out, " | {facts} | {stage} | {code} | {reason} | ")?;
    match &finding.help {
        // A command is for copying.
        Some(help) if is_command(help) => writeln!(out, "{} |", Name(help)),
        Some(help) => writeln!(out, "{} |", Cell(help)),
        None => writeln!(out, "|"),
    }
}

/// What an image is called: a code span, in which nothing is a link or a mention, whatever a reader
/// makes of addresses. What would end the span or the cell is escaped as text.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(['`', '|']) {
            return Cell(self.0).fmt(f);
        }
        let (name, dots) = cut(self.0);
        write!(f, "`{name}{dots}`")
    }
}

/// Text that is nothing but text in a cell: no markup, no end of the cell, no mention of a user.
struct Cell<'a>(&'a str);

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = escaped(self.0);
        let (mut rest, dots) = cut(&text);
        // Everything that means something is ASCII, so that runs without it can be passed on whole.
        while let Some(at) = rest.bytes().position(is_markup) {
            let (plain, markup) = rest.split_at(at);
            let (markup, after) = markup.split_at(1);
            f.write_str(plain)?;
            match markup {
                // These need more than a backslash: GitHub looks for mentions and tags after the
                // escapes are gone.
                "&" => f.write_str("&amp;")?,
                "<" => f.write_str("&lt;")?,
                ">" => f.write_str("&gt;")?,
                "@" => f.write_str("&#64;")?,
                // A backslash takes the meaning from any other (CommonMark 0.31, section 2.4); an
                // escaped colon also keeps an address from becoming a link.
                _ => write!(f, "\\{markup}")?,
            }
            rest = after;
        }
        f.write_str(rest)?;
        f.write_str(dots)
    }
}

/// The start of a text that a cell has room for, and what stands for the rest.
fn cut(text: &str) -> (&str, &str) {
    match text.char_indices().nth(MAX_CELL) {
        Some((at, _)) => (text.get(..at).unwrap_or(text), "…"),
        None => (text, ""),
    }
}

const fn is_markup(byte: u8) -> bool {
    matches!(
        byte,
        b'\\'
            | b'`'
            | b'*'
            | b'_'
            | b'{'
            | b'}'
            | b'['
            | b']'
            | b'('
            | b')'
            | b'#'
            | b'!'
            | b'|'
            | b'~'
            | b':'
            | b'&'
            | b'<'
            | b'>'
            | b'@'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::sample::{self, HOSTILE};

    fn report(images: &[Image]) -> String {
        sample::report(Format::Markdown, images)
    }

    #[test]
    fn the_verdict_comes_first_and_failures_make_the_table() {
        assert_eq!(
            report(&[
                sample::rejected("assets/anna.png"),
                sample::unknown("b.webp"),
                sample::passed("ok.png")
            ]),
            "## preflight: 1 of 3 images rejected, 1 unknown\n\
             \n\
             | images | passed | rejected | unknown | skipped |\n\
             |---:|---:|---:|---:|---:|\n\
             | 3 | 1 | 1 | 1 | 0 |\n\
             \n\
             Rejected: 1 at limits.\n\
             \n\
             | code | images |\n\
             |---|---:|\n\
             | PF004 not-fetched | 1 |\n\
             | PF202 side-too-small | 1 |\n\
             \n\
             | image | seen | stage | code | reason | what to do |\n\
             |---|---|---|---|---|---|\n\
             | `assets/anna.png` | 399 x 500 PNG, 33 bytes | limits | PF202 side-too-small | \
             shorter side is 399 px, needs at least 400 | \
             `magick assets/anna.png -resize 401x503 assets/anna-401.png` |\n\
             | `b.webp` | 130 bytes | input | PF004 not-fetched | \
             this is a Git LFS pointer\\: the image itself \\(12,345 bytes\\) is not here | \
             git lfs pull brings it |\n\
             \n\
             Profile emo\n"
        );
        assert!(report(&[sample::passed("ok.png")]).starts_with("## preflight: 1 image passed\n"));
    }

    #[test]
    fn two_hundred_rows_stand_in_the_open_and_all_stays_under_a_mebibyte() {
        let rejected = |count: usize, name: &str| -> Vec<_> {
            (0..count)
                .map(|n| sample::rejected(&format!("{name}{n}.png")))
                .collect()
        };
        assert!(!report(&rejected(200, "")).contains("<details>"));
        let folded = report(&rejected(203, ""));
        let (open, rest) = folded
            .split_once("<details><summary>3 more</summary>")
            .unwrap();
        assert_eq!(
            (open.matches("PF202").count(), rest.matches("PF202").count()),
            (200, 3)
        );

        let long = "|".repeat(400);
        let cut = report(&rejected(3_000, &long));
        assert!(cut.len() < 1 << 20, "{}", cut.len());
        let rows = cut.matches("PF202").count();
        assert!(cut.contains(&format!("and {} more, left out", 3_000 - rows)));
        assert!(cut.contains("3000 images rejected"));
    }

    #[test]
    fn a_hostile_name_stays_in_its_cell() {
        let report = report(&[sample::rejected(HOSTILE)]);
        let row = report.lines().find(|line| line.contains("PF202")).unwrap();
        // Seven bars that no backslash stands before: those of the row itself.
        let bars = row
            .replace("\\\\", "")
            .replace("\\|", "")
            .matches('|')
            .count();
        assert_eq!(bars, 7, "{row}");
        assert!(!row.contains(['<', '>', '@', '\u{1b}']), "{row}");
    }
}
