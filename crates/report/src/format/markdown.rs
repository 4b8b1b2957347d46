//! Markdown, for job summaries and comments.
//!
//! A job summary may hold 1 MiB a step; GitHub shows nothing of a longer one.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use gate::{Code, Finding, Outcome, Stage};

use crate::cost::paid_lines;
use crate::escape::{escaped, shown};
use crate::fix::is_command;
use crate::image::Image;
use crate::render::{Context, Render};
use crate::sentences::verdict;
use crate::totals::Summary;
use crate::words::{display_name, facts, thousands};

/// The most rows that are visible at once; further ones are folded.
const OPEN_ROWS: usize = 200;
/// The most bytes of all rows. The whole report then stays below 1 MiB.
const MAX_ROW_BYTES: usize = 1_000_000;
/// The most characters of one cell. A longer name or message is cut: a row is for finding the
/// image.
const MAX_CELL: usize = 300;

/// Renders the verdict, the counts and a table of the errors; all of it at the end, since the
/// verdict comes first.
pub(crate) struct Markdown {
    context: Context,
    rows: String,
    /// The bytes of the rows that are visible at once.
    open_bytes: usize,
    count: usize,
    dropped: usize,
}

impl Markdown {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
            rows: String::new(),
            open_bytes: 0,
            count: 0,
            dropped: 0,
        }
    }

    fn add(&mut self, image: &Image, finding: &Finding) {
        // After the first dropped row all are dropped: a shorter one would hide the gap.
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
            // Images that the budget left over are one line of the totals.
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
        let paid = paid_lines(totals, &self.context);
        for (index, line) in paid.iter().enumerate() {
            let before = if index == 0 { "\n" } else { "  \n" };
            write!(out, "{before}{}", Cell(line))?;
        }
        if !paid.is_empty() {
            writeln!(out)?;
        }
        self.write_table(out)?;
        write!(out, "\nProfile {}", Cell(self.context.profile.name()))?;
        if let Some(service) = self.context.standin() {
            write!(out, " · service: {service}")?;
        }
        writeln!(out)
    }
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
    write!(out, "| {}", CodeSpan(&name))?;
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
        // A code span, so that a command can be copied.
        Some(help) if is_command(help) => writeln!(out, "{} |", CodeSpan(help)),
        Some(help) => writeln!(out, "{} |", Cell(help)),
        None => writeln!(out, "|"),
    }
}

/// A code span, in which nothing is a link or a mention. A text that would end the span or the cell
/// is escaped as plain text instead.
struct CodeSpan<'a>(&'a str);

impl fmt::Display for CodeSpan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(['`', '|']) {
            return Cell(self.0).fmt(f);
        }
        let (name, dots) = cut(self.0);
        write!(f, "`{name}{dots}`")
    }
}

/// Plain text in a cell: no markup, no end of the cell, no mention of a user.
struct Cell<'a>(&'a str);

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = escaped(self.0);
        let (mut rest, dots) = cut(&text);
        // All markup is ASCII, so runs without it are written whole.
        while let Some(at) = rest.bytes().position(is_markup) {
            let (plain, markup) = rest.split_at(at);
            let (markup, after) = markup.split_at(1);
            f.write_str(plain)?;
            match markup {
                // A backslash is not enough here: GitHub looks for mentions and tags after it has
                // removed the backslashes.
                "&" => f.write_str("&amp;")?,
                "<" => f.write_str("&lt;")?,
                ">" => f.write_str("&gt;")?,
                "@" => f.write_str("&#64;")?,
                // A backslash is enough for all others (CommonMark 0.31, section 2.4); an escaped
                // colon also keeps an address from becoming a link.
                _ => write!(f, "\\{markup}")?,
            }
            rest = after;
        }
        f.write_str(rest)?;
        f.write_str(dots)
    }
}

/// The start of a text that fits a cell, and an ellipsis for the rest.
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
    use crate::format::Format;
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
    fn two_hundred_rows_are_visible_and_all_stays_below_a_mebibyte() {
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
        // Seven bars without a backslash: those of the row itself.
        let bars = row
            .replace("\\\\", "")
            .replace("\\|", "")
            .matches('|')
            .count();
        assert_eq!(bars, 7, "{row}");
        assert!(!row.contains(['<', '>', '@', '\u{1b}']), "{row}");
    }
}
