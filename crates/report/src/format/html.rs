//! A page that shows the images with their boxes, findings and costs, and texts to copy. It works
//! from disk, needs no network, and runs no script but its own.
//!
//! The page holds the images as data: the lines of the JSON report, without the secrets of signed
//! URLs. The page's script builds the visible part from them, and inserts them as text only.
//! Rejected images come first, so everything is kept until the end, in temporary files.

mod data;
mod group;
mod page;

use std::io::{self, Write};

use gate::{Outcome, Stage};
use remote::PRICE;

use self::data::{Entry, EscapeTags};
use self::group::Group;
use self::page::{Placeholder, Text};
use crate::cost::paid_lines;
use crate::format::jsonl::Jsonl;
use crate::image::{Image, Repeated};
use crate::render::{Context, Render};
use crate::sentences::{images_line, run_line, verdict};
use crate::spool::Spool;
use crate::totals::{Summary, Totals};
use crate::words::{counted, thousands};

/// The outcomes in the order of the page.
const ORDER: [Outcome; Outcome::ALL.len()] = [
    Outcome::Reject,
    Outcome::Unknown,
    Outcome::Pass,
    Outcome::Skip,
];

/// Bytes of each spool that stay in memory.
const IN_MEMORY: usize = 1 << 20;

/// Renders the page, at the end.
pub(crate) struct Html {
    context: Context,
    lines: Jsonl,
    /// In the order of [`Outcome::ALL`].
    groups: [Group; Outcome::ALL.len()],
    repeated: Spool,
    /// A buffer for one entry, empty between images.
    entry: Vec<u8>,
}

impl Html {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
            lines: Jsonl::new(context),
            groups: std::array::from_fn(|_| Group::new(IN_MEMORY)),
            repeated: Spool::holding(IN_MEMORY),
            entry: Vec::new(),
        }
    }

    fn group(&mut self, outcome: Outcome) -> &mut Group {
        #[expect(clippy::indexing_slicing, reason = "as many as there are outcomes")]
        &mut self.groups[outcome as usize]
    }
}

impl Render for Html {
    fn image(&mut self, _: &mut dyn Write, image: &Image) -> io::Result<()> {
        let outcome = image.report.outcome();
        let budget = self.context.thumbnails.clone();
        let group = self.group(outcome);
        let thumbnail = match &image.thumbnail {
            Some(thumbnail) => group.take(thumbnail, &budget)?,
            None => None,
        };
        if group.is_full() {
            budget.use_up(outcome);
        }
        let mut line = Vec::new();
        self.lines.image(&mut line, image)?;
        let mut entry = std::mem::take(&mut self.entry);
        Entry::new(image, &line, thumbnail)?.write(&mut entry)?;
        let kept = self.group(outcome).push(&entry);
        entry.clear();
        self.entry = entry;
        kept
    }

    fn repeated(&mut self, _: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        let mut line = Vec::new();
        self.lines.repeated(&mut line, repeated)?;
        let mut entry = Vec::new();
        Entry::repeated(repeated, &line)?.write(&mut entry)?;
        self.repeated.push(&entry)?;
        self.repeated.push(b",\n")
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let mut room = self.context.thumbnails.clone();
        let thumbnails: usize = ORDER
            .into_iter()
            .map(|outcome| self.group(outcome).claim(&mut room))
            .sum();
        page::write(out, &mut |placeholder, out| match placeholder {
            Placeholder::Title => write!(out, "preflight: {}", Text(&verdict(summary))),
            Placeholder::Verdict => write!(out, "{}", Text(&verdict(summary))),
            Placeholder::Bar => write_bar(out, &summary.totals),
            Placeholder::Totals => self.write_totals(out, summary),
            Placeholder::Images => self.write_images(out, summary),
            Placeholder::Thumbnails => self.write_thumbnails(out),
            Placeholder::About => self.write_about(out, summary, thumbnails),
        })
    }
}

impl Html {
    /// The totals, the money that the free stages saved, and the money spent: a paragraph each.
    fn write_totals(&self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let totals = &summary.totals;
        writeln!(out, "<p>{}</p>", Text(&images_line(totals)))?;
        if let Some(saved) = saved(totals) {
            writeln!(out, "<p>{}</p>", Text(&saved))?;
        }
        for line in paid_lines(totals, &self.context) {
            writeln!(out, "<p>{}</p>", Text(&line))?;
        }
        if self.context.standin().is_some() {
            writeln!(
                out,
                "<p class=\"notice\">The stand-in made up every verdict and every box here.</p>"
            )?;
        }
        if summary.interrupted {
            let words = "The run was interrupted: images that it did not reach are absent.";
            writeln!(out, "<p class=\"notice\">{words}</p>")?;
        }
        Ok(())
    }

    fn write_images(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        write!(out, "{{\"price\":\"{PRICE}\",\n\"images\":{{")?;
        for (index, outcome) in ORDER.into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(out, "{comma}\n\"{outcome}\":[\n")?;
            self.group(outcome).write_entries(out)?;
            out.write_all(b"]")?;
        }
        out.write_all(b"},\n\"repeated\":[\n")?;
        self.repeated.copy_to(out)?;
        // Every entry of the list is followed by a comma, so it needs a last one.
        out.write_all(b"null],\n\"summary\":")?;
        self.lines.finish(&mut EscapeTags(out), summary)?;
        out.write_all(b"}")
    }

    fn write_thumbnails(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{")?;
        for (index, outcome) in ORDER.into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(out, "{comma}\n\"{outcome}\":[")?;
            self.group(outcome).write_thumbnails(out)?;
            out.write_all(b"]")?;
        }
        out.write_all(b"}")
    }

    fn write_about(
        &self,
        out: &mut dyn Write,
        summary: &Summary,
        thumbnails: usize,
    ) -> io::Result<()> {
        let budget = &self.context.thumbnails;
        let previews = format!(
            "{} of {}; a page holds at most {} in {} MB, rejected images first",
            counted(thumbnails as u64, "preview", "previews"),
            counted(summary.totals.images(), "image", "images"),
            thousands(budget.count() as u64),
            budget.bytes() as f64 / 1e6,
        );
        writeln!(
            out,
            "<p>{}</p>",
            Text(&run_line(&self.context.profile, summary))
        )?;
        write!(out, "<p>{previews}</p>")
    }
}

/// The shares of the outcomes, as a bar. The sentences say the same.
fn write_bar(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    for outcome in ORDER {
        let count = totals.of(outcome);
        if count > 0 {
            write!(
                out,
                "<i class=\"{outcome}\" style=\"flex-grow:{count}\"></i>"
            )?;
        }
    }
    Ok(())
}

/// The money not spent on images that the free stages rejected.
fn saved(totals: &Totals) -> Option<String> {
    let rejected = totals.of(Outcome::Reject);
    let free = rejected.saturating_sub(totals.rejected_at(Stage::Remote));
    (free > 0).then(|| {
        format!(
            "the free stages rejected {}: {} not spent on asking about them",
            counted(free, "image", "images"),
            PRICE * free
        )
    })
}
