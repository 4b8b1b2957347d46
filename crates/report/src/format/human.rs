//! The report for people.

use std::collections::HashMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use gate::{
    Charge, Code, Effect, Finding, HttpFacts, Outcome, RemoteFacts, Report, Service, Stage,
};
use preflight::Profile;

use crate::escape::{escaped, shown};
use crate::sentences::{images_line, paid, run_line};
use crate::words::{counted, display_name, facts, shown_name, thousands};
use crate::wrap::write_wrapped;
use crate::{Context, Image, Render, Repeated, SameAs, Summary, Verbosity};

/// Images with the same code that are shown; the others are counted at the end.
const SHOWN_OF_A_CODE: u64 = 10;

/// Where what belongs to an image starts, and where its text goes on.
const INDENT: usize = 2;
const DETAILS: usize = 8;

/// Renders text.
pub(crate) struct Human {
    profile: Profile,
    service: Option<&'static str>,
    budget_flag: Option<&'static str>,
    verbosity: Verbosity,
    width: Option<usize>,
    paint: Palette,
    /// Whether an image was shown, and the totals need room above them.
    shown: bool,
    /// Images by the code that decided them, for those that repeat.
    repeats: HashMap<Code, u64>,
    /// Images by code that were not shown.
    folded: Vec<(Code, u64)>,
}

impl Human {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            profile: context.profile.clone(),
            service: context.standin(),
            budget_flag: context.budget_flag,
            verbosity: context.verbosity,
            width: context.width,
            paint: if context.color {
                Palette::colored()
            } else {
                Palette::default()
            },
            shown: false,
            repeats: HashMap::new(),
            folded: Vec::new(),
        }
    }

    /// The least verbosity that shows an image.
    fn least(report: &Report) -> Verbosity {
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

    /// Whether an image is counted at the end instead of shown: it says nothing that was not said
    /// often enough. What the budget left over is one line of the totals.
    fn is_folded(&mut self, report: &Report) -> bool {
        let Some(code) = report.errors().next().map(|finding| finding.code) else {
            return false;
        };
        if self.verbosity >= Verbosity::Verbose {
            return false;
        }
        if code == Code::BudgetReached {
            return true;
        }
        let count = self.repeats.entry(code).or_default();
        *count += 1;
        if *count <= SHOWN_OF_A_CODE {
            return false;
        }
        match self.folded.iter_mut().find(|(folded, _)| *folded == code) {
            Some((_, count)) => *count += 1,
            None => self.folded.push((code, 1)),
        }
        true
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
            // What could not be read says so by its finding.
            Outcome::Unknown => {
                let word = painted("UNKNOWN", paint.unknown);
                writeln!(out, "{name}  {word} at {stage}")
            }
            Outcome::Skip => {
                let reason = escaped(report.reason().unwrap_or("skipped")).into_owned();
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
        // What does not decide is told apart from what does.
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
            // A status has somebody who gave it; what else went wrong may have got no answer.
            if finding.code == Code::HttpStatus {
                text.push_str(&format!(" from {} ({redirects})", escaped(url)));
            } else {
                text.push_str(&format!(" (after {redirects})"));
            }
        }
        let (code, slug) = (finding.code.id(), finding.code.slug());
        let head = format!("  {} {slug}: ", painted(code, style));
        let column = INDENT + code.len() + slug.len() + 3;
        write_wrapped(out, &head, column, DETAILS, &text, self.width)?;
        Ok(())
    }

    /// What to do, each advice once.
    fn helps(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        let mut said = Vec::new();
        let shown = report
            .findings()
            .iter()
            .filter(|finding| finding.effect != Effect::Note);
        for help in shown.filter_map(|finding| finding.help.as_deref()) {
            if !said.contains(&help) {
                said.push(help);
                let head = format!("  {}: ", painted("help", self.paint.help));
                let column = INDENT + "help: ".len();
                write_wrapped(out, &head, column, DETAILS, &escaped(help), self.width)?;
            }
        }
        Ok(())
    }

    /// What was not shown, and how often each code was found where there is more than one.
    fn codes(&self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        for (code, count) in &self.folded {
            let more = counted(*count, "more image", "more images");
            writeln!(out, "{code}: {more}, not shown")?;
        }
        let codes = summary.totals.by_code();
        if codes.len() > 1 && self.verbosity > Verbosity::Quiet {
            if !self.folded.is_empty() {
                writeln!(out)?;
            }
            for (code, count) in codes {
                writeln!(out, "{:>7}  {code}", thousands(count))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

impl Render for Human {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let report = &image.report;
        if self.verbosity < Self::least(report) || self.is_folded(report) {
            return Ok(());
        }
        self.shown = true;
        self.headline(out, image)?;
        for finding in report.findings() {
            if finding.effect != Effect::Note || self.verbosity >= Verbosity::Verbose {
                self.finding(out, finding, report.http())?;
            }
        }
        if let Some(details) = details(report) {
            writeln!(out, "        {details}")?;
        }
        if let Some(remote) = report.remote() {
            remote_details(out, remote, self.verbosity)?;
        }
        self.helps(out, report)
    }

    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        if self.verbosity < Verbosity::Verbose {
            return Ok(());
        }
        self.shown = true;
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
        if self.verbosity == Verbosity::Silent {
            return Ok(());
        }
        if self.shown {
            writeln!(out)?;
        }
        self.codes(out, summary)?;
        let mut lines = vec![images_line(&summary.totals)];
        lines.extend(paid(&summary.totals, self.service, self.budget_flag));
        if self.verbosity > Verbosity::Quiet {
            lines.push(run_line(&self.profile, summary));
        }
        for line in lines {
            write_wrapped(out, "", 0, INDENT, &line, self.width)?;
        }
        Ok(())
    }
}

/// `399 x 500 JPEG, 48,211 bytes`, where the size in px is known.
fn details(report: &Report) -> Option<String> {
    let seen = report.facts();
    seen.width?;
    let mut line = facts(seen)?.to_string();
    if let Some(bytes) = seen.bytes {
        line.push_str(&format!(", {} bytes", thousands(bytes)));
    }
    Some(line)
}

/// The service's own words, its name for the request, and what it costs.
fn remote_details(
    out: &mut dyn Write,
    remote: &RemoteFacts,
    verbosity: Verbosity,
) -> io::Result<()> {
    if let Some(message) = remote
        .api_message
        .as_deref()
        .filter(|message| !message.is_empty())
    {
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
        // Nobody is charged by the stand-in; a rehearsal says what the service would do.
        (false, Charge::Yes) if remote.service == Service::Standin => "would be charged",
        (false, Charge::Yes) => "charged",
        (false, Charge::Unknown) => "perhaps charged",
    };
    match &remote.request_id {
        Some(id) => writeln!(out, "        request {}, {charge}", escaped(id)),
        None => writeln!(out, "        {charge}"),
    }
}

/// The colours; none by default.
#[derive(Clone, Copy, Debug, Default)]
struct Palette {
    pass: Style,
    reject: Style,
    unknown: Style,
    aside: Style,
    help: Style,
}

impl Palette {
    const fn colored() -> Self {
        Self {
            pass: AnsiColor::Green.on_default(),
            reject: AnsiColor::Red.on_default().bold(),
            unknown: AnsiColor::Yellow.on_default().bold(),
            aside: Style::new().dimmed(),
            help: AnsiColor::Cyan.on_default(),
        }
    }
}

fn painted(word: &str, style: Style) -> String {
    format!("{style}{word}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::sample::{self, HOSTILE, listed, passed, rejected, report, skipped, unknown};

    #[test]
    fn failures_are_told_with_what_to_do() {
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
    fn how_much_is_said_is_for_the_user_to_say() {
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
        // What is rejected takes four lines, the totals one or two and a blank one.
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
