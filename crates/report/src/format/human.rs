//! The report for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use gate::{Charge, Code, Effect, Finding, HttpFacts, Outcome, RemoteFacts, Report, Stage};
use preflight::Profile;

use crate::escape::{escaped, shown};
use crate::fix::help;
use crate::sentences::{images_line, paid_line, run_line};
use crate::words::{display_name, facts, thousands};
use crate::{Context, Image, Render, Summary, Verbosity};

/// Renders text.
pub(crate) struct Human {
    profile: Profile,
    service: Option<&'static str>,
    verbosity: Verbosity,
    paint: Palette,
    /// Whether an image was shown, and the totals need room above them.
    shown: bool,
}

impl Human {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            profile: context.profile.clone(),
            service: context.service,
            verbosity: context.verbosity,
            paint: if context.color {
                Palette::colored()
            } else {
                Palette::default()
            },
            shown: false,
        }
    }

    /// The least verbosity that shows an image.
    fn least(report: &Report) -> Verbosity {
        let warns = || {
            report
                .findings()
                .iter()
                .any(|finding| finding.effect == Effect::Warning)
        };
        match report.outcome() {
            Outcome::Reject | Outcome::Unknown => Verbosity::Quiet,
            Outcome::Skip => Verbosity::Normal,
            Outcome::Pass if warns() => Verbosity::Normal,
            Outcome::Pass => Verbosity::Verbose,
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
                writeln!(
                    out,
                    "{name}  {} at {stage}",
                    painted("REJECTED", paint.reject)
                )
            }
            Outcome::Unknown => {
                writeln!(
                    out,
                    "{name}  {} at {stage}",
                    painted("UNKNOWN", paint.unknown)
                )
            }
            Outcome::Skip => {
                let reason = escaped(report.reason().unwrap_or("told not to look")).into_owned();
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
        let code = painted(finding.code.id(), style);
        // What does not decide is told apart from what does.
        let weight = match finding.effect {
            Effect::Note => "note: ",
            Effect::Warning => "warning: ",
            Effect::Reject | Effect::Unknown => "",
        };
        let message = escaped(&finding.message);
        write!(out, "  {code} {}: {weight}{message}", finding.code.slug())?;
        if let Some(HttpFacts {
            final_url: Some(url),
            redirects: redirects @ 1..,
            ..
        }) = http
            && finding.code.stage() == Stage::Input
        {
            let noun = if *redirects == 1 {
                "redirect"
            } else {
                "redirects"
            };
            // A status has somebody who gave it; what else went wrong may have got no answer.
            if finding.code == Code::HTTP_STATUS {
                write!(out, " from {} ({redirects} {noun})", escaped(url))?;
            } else {
                write!(out, " (after {redirects} {noun})")?;
            }
        }
        writeln!(out)
    }
}

impl Render for Human {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let report = &image.report;
        if self.verbosity < Self::least(report) {
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
        if let Some(help) = help(image, &self.profile) {
            writeln!(
                out,
                "  {}: {}",
                painted("help", self.paint.help),
                escaped(&help)
            )?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        if self.verbosity == Verbosity::Silent {
            return Ok(());
        }
        if self.shown {
            writeln!(out)?;
        }
        writeln!(out, "{}", images_line(&summary.totals))?;
        if let Some(remote) = paid_line(&summary.totals, self.service) {
            writeln!(out, "{remote}")?;
        }
        if self.verbosity > Verbosity::Quiet {
            writeln!(out, "{}", run_line(&self.profile, summary))?;
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
    if let (Some(face), Some(ext)) = (remote.face_bbox, remote.ext_bbox) {
        writeln!(out, "        face {face:?}, moving area {ext:?}")?;
    }
    let charge = match (remote.cached, remote.charge) {
        (true, _) => "from cache",
        (false, Charge::No) => "not charged",
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
  PF004 lfs-pointer: Git LFS pointer, the image itself (12,345 bytes) is not here
old.png  SKIPPED: excluded by --exclude 'old*'

4 images: 1 passed, 1 rejected (1 limits), 1 unknown, 1 skipped
profile emo (limits as documented 2026-03-10) · read 196 of 196 bytes · 0.00 s
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
