//! The report for people.

mod folding;
mod palette;

use std::io::{self, Write};

use gate::{
    Charge, Code, Effect, Finding, HttpFacts, Outcome, RemoteFacts, Report, Service, Stage,
};

use self::folding::Folding;
use self::palette::{Palette, painted};
use crate::cost::paid_lines;
use crate::escape::{escaped, shown};
use crate::image::{Image, Repeated, SameAs};
use crate::render::{Context, Render, Verbosity};
use crate::sentences::{images_line, run_line};
use crate::totals::Summary;
use crate::words::{counted, display_name, facts, shown_name, thousands};
use crate::wrap::write_wrapped;

/// The columns at which the parts of an image start, and at which their text continues.
const INDENT: usize = 2;
const DETAILS: usize = 8;

/// Renders text.
pub(crate) struct Human {
    context: Context,
    paint: Palette,
    /// Whether an image was shown, so that a blank line separates the totals from it.
    has_shown: bool,
    folding: Folding,
}

impl Human {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            context: context.clone(),
            paint: if context.color {
                Palette::colored()
            } else {
                Palette::default()
            },
            has_shown: false,
            folding: Folding::default(),
        }
    }

    fn headline(&self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let report = &image.report;
        if let Some(listed) = &image.listed {
            write!(out, "{}:{}  ", shown(&listed.file), listed.line)?;
        }
        let (name, stage, paint) = (display_name(image), report.stage(), &self.paint);
        match report.outcome() {
            Outcome::Pass => writeln!(out, "{name}  {}", painted("passed", paint.pass)),
            Outcome::Reject => {
                let word = painted("REJECTED", paint.reject);
                writeln!(out, "{name}  {word} at {stage}")
            }
            Outcome::Unknown => {
                let word = painted("UNKNOWN", paint.unknown);
                writeln!(out, "{name}  {word} at {stage}")
            }
            Outcome::Skip => {
                let reason = escaped(report.reason().unwrap_or("skipped"));
                writeln!(out, "{name}  {}: {reason}", painted("SKIPPED", paint.aside))
            }
        }
    }

    fn finding(
        &self,
        out: &mut dyn Write,
        finding: &Finding,
        http: Option<&HttpFacts>,
    ) -> io::Result<()> {
        let style = match finding.effect {
            Effect::Reject => self.paint.reject,
            Effect::Unknown | Effect::Warning => self.paint.unknown,
            Effect::Note => self.paint.aside,
        };
        // A finding that does not decide the outcome says so.
        let weight = match finding.effect {
            Effect::Note => "note: ",
            Effect::Warning => "warning: ",
            Effect::Reject | Effect::Unknown => "",
        };
        let mut text = format!("{weight}{}", escaped(&finding.message));
        if let Some(HttpFacts {
            final_url: Some(url),
            redirects: redirects @ 1..,
            ..
        }) = http
            && finding.code.stage() == Stage::Input
        {
            let redirects = counted(u64::from(*redirects), "redirect", "redirects");
            // A status came from that server; other failures may have had no answer at all.
            if finding.code == Code::HttpStatus {
                text.push_str(&format!(" from {} ({redirects})", escaped(url)));
            } else {
                text.push_str(&format!(" (after {redirects})"));
            }
        }
        let (code, slug) = (finding.code.id(), finding.code.slug());
        let head = format!("  {} {slug}: ", painted(code, style));
        let column = INDENT + code.len() + slug.len() + 3;
        write_wrapped(out, &head, column, DETAILS, &text, self.context.width)
    }

    /// The advice of all findings, each once.
    fn helps(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        let mut written = Vec::new();
        let findings = report.findings().iter();
        let findings = findings.filter(|finding| finding.effect != Effect::Note);
        for help in findings.filter_map(|finding| finding.help.as_deref()) {
            if !written.contains(&help) {
                written.push(help);
                let head = format!("  {}: ", painted("help", self.paint.help));
                let (column, text) = (INDENT + "help: ".len(), escaped(help));
                write_wrapped(out, &head, column, DETAILS, &text, self.context.width)?;
            }
        }
        Ok(())
    }
}

impl Render for Human {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let (report, verbosity) = (&image.report, self.context.verbosity);
        if verbosity < shown_from(report) || self.folding.folds(report, verbosity) {
            return Ok(());
        }
        self.has_shown = true;
        self.headline(out, image)?;
        for finding in report.findings() {
            if finding.effect != Effect::Note || verbosity >= Verbosity::Verbose {
                self.finding(out, finding, report.http())?;
            }
        }
        if let Some(details) = details(report) {
            writeln!(out, "        {details}")?;
        }
        if let Some(remote) = report.remote() {
            remote_details(out, remote, verbosity)?;
        }
        self.helps(out, report)
    }

    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        if self.context.verbosity < Verbosity::Verbose {
            return Ok(());
        }
        self.has_shown = true;
        if let Some(listed) = &repeated.listed {
            write!(out, "{}:{}  ", shown(&listed.file), listed.line)?;
        }
        let name = shown_name(&repeated.name);
        match &repeated.same_as {
            SameAs::Line(line) => writeln!(out, "{name}  the same as line {line}"),
            SameAs::Listed(listed) => {
                let (file, line) = (shown(&listed.file), listed.line);
                writeln!(out, "{name}  the same as {file}:{line}")
            }
            SameAs::Name(first) => writeln!(out, "{name}  the same as {}", shown_name(first)),
        }
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let verbosity = self.context.verbosity;
        if verbosity == Verbosity::Silent {
            return Ok(());
        }
        if self.has_shown {
            writeln!(out)?;
        }
        self.folding.write(out, &summary.totals, verbosity)?;
        let mut lines = vec![images_line(&summary.totals)];
        lines.extend(paid_lines(&summary.totals, &self.context));
        if verbosity > Verbosity::Quiet {
            lines.push(run_line(&self.context.profile, summary));
        }
        for line in lines {
            write_wrapped(out, "", 0, INDENT, &line, self.context.width)?;
        }
        Ok(())
    }
}

/// The least verbosity that shows an image.
fn shown_from(report: &Report) -> Verbosity {
    let warns = || {
        let mut findings = report.findings().iter();
        findings.any(|finding| finding.effect == Effect::Warning)
    };
    match report.outcome() {
        Outcome::Reject | Outcome::Unknown => Verbosity::Quiet,
        Outcome::Skip => Verbosity::Normal,
        Outcome::Pass if warns() => Verbosity::Normal,
        Outcome::Pass => Verbosity::Verbose,
    }
}

/// `399 x 500 JPEG, 48,211 bytes`, if the size in px is known.
fn details(report: &Report) -> Option<String> {
    let seen = report.facts();
    seen.width?;
    let mut line = facts(seen)?.to_string();
    if let Some(bytes) = seen.bytes {
        line.push_str(&format!(", {} bytes", thousands(bytes)));
    }
    Some(line)
}

/// The service's message, its id of the request, and the cost.
fn remote_details(
    out: &mut dyn Write,
    remote: &RemoteFacts,
    verbosity: Verbosity,
) -> io::Result<()> {
    let message = remote.api_message.as_deref();
    if let Some(message) = message.filter(|message| !message.is_empty()) {
        writeln!(out, "        \"{}\"", escaped(message))?;
    }
    if remote.check_pass == Some(true) && verbosity < Verbosity::Verbose {
        return Ok(());
    }
    if let (Some(face), Some(ext)) = (&remote.face_bbox, &remote.ext_bbox) {
        writeln!(out, "        face {face}, moving area {ext}")?;
    }
    let charge = match (remote.cached, remote.charge) {
        (true, _) => "from cache",
        (false, Charge::No) => "not charged",
        // The stand-in charges nobody; a rehearsal says what the service would do.
        (false, Charge::Yes) if remote.service == Service::Standin => "would be charged",
        (false, Charge::Yes) => "charged",
        (false, Charge::Unknown) => "perhaps charged",
    };
    match &remote.request_id {
        Some(id) => writeln!(out, "        request {}, {charge}", escaped(id)),
        None => writeln!(out, "        {charge}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::sample::{self, HOSTILE, listed, passed, rejected, report, skipped, unknown};

    #[test]
    fn failures_are_shown_with_what_to_do() {
        let images = [
            passed("ok.png"),
            rejected("assets/anna.png"),
            listed("https://cdn.example.com/p/7.png", unknown("")),
            skipped("old.png", "excluded by --exclude 'old*'"),
        ];
        assert_eq!(
            report(Format::Human, &images),
            "\
assets/anna.png  REJECTED at limits
  PF202 side-too-small: shorter side is 399 px, needs at least 400
        399 x 500 PNG, 33 bytes
  help: magick assets/anna.png -resize 401x503 assets/anna-401.png
urls.txt:12  https://cdn.example.com/p/7.png  UNKNOWN at input
  PF004 not-fetched: this is a Git LFS pointer: the image itself (12,345 bytes) is not here
  help: git lfs pull brings it
old.png  SKIPPED: excluded by --exclude 'old*'

      1  PF004 not-fetched
      1  PF202 side-too-small

4 images: 1 passed, 1 rejected (1 limits), 1 unknown, 1 skipped
profile emo (limits of 2026-03-10) · read 196 of 196 bytes · 0.00 s
"
        );
    }

    #[test]
    fn the_verbosity_decides_how_much_is_shown() {
        let images = [passed("ok.png"), rejected("a.png"), skipped("s.png", "why")];
        let lines = |verbosity| {
            let mut out = Vec::new();
            let mut human = Human::new(&Context {
                verbosity,
                ..sample::context()
            });
            if verbosity > Verbosity::Silent {
                for image in &images {
                    human.image(&mut out, image).unwrap();
                }
            }
            human
                .finish(&mut out, &sample::summary(&images, false))
                .unwrap();
            String::from_utf8(out).unwrap().lines().count()
        };
        // A rejection takes four lines, the totals one or two and a blank one.
        assert_eq!(lines(Verbosity::Silent), 0);
        assert_eq!(lines(Verbosity::Quiet), 4 + 2);
        assert_eq!(lines(Verbosity::Normal), 4 + 1 + 3);
        assert_eq!(lines(Verbosity::Verbose), 2 + 4 + 1 + 3);
    }

    /// Found with a budget of 20 on 5,000 URLs, which printed 14,658 lines of the same news.
    #[test]
    fn a_code_that_repeats_is_folded() {
        let images: Vec<_> = (0..40).map(|n| rejected(&format!("{n}.png"))).collect();
        let text = report(Format::Human, &images);
        assert_eq!(text.matches("REJECTED").count(), 10);
        assert!(
            text.contains("\nPF202 side-too-small: 30 more images, not shown\n"),
            "{text}"
        );
        let compact = report(Format::Compact, &images);
        assert_eq!(compact.lines().count(), 40, "a line each");
    }

    #[test]
    fn a_repeated_input_is_shown_with_v_only_and_says_of_what() {
        use gate::{Outcome, Stage};

        use crate::image::ImageName;

        let first = SameAs::Name(ImageName::Path("a.png".into()));
        let name = ImageName::Path("b.png".into());
        let repeated = Repeated::new(name, first, Outcome::Pass, Stage::Limits);
        for (verbosity, expected) in [
            (Verbosity::Normal, ""),
            (Verbosity::Verbose, "b.png  the same as a.png\n"),
        ] {
            let mut out = Vec::new();
            let context = Context {
                verbosity,
                ..sample::context()
            };
            Human::new(&context).repeated(&mut out, &repeated).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn words_wrap_on_a_narrow_terminal() {
        let mut context = sample::context();
        context.width = Some(50);
        let mut human = Human::new(&context);
        let mut out = Vec::new();
        human.image(&mut out, &rejected("a.png")).unwrap();
        human
            .finish(&mut out, &sample::summary(&[], false))
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("shorter side is 399 px,\n        needs at least 400\n"),
            "{text}"
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 50),
            "{text}"
        );
    }

    #[test]
    fn a_hostile_name_stays_on_its_lines() {
        let report = report(Format::Human, &[rejected(HOSTILE)]);
        assert!(
            report.chars().all(|c| c == '\n' || !c.is_control()),
            "{report:?}"
        );
        assert_eq!(report.lines().count(), 7);
    }
}
