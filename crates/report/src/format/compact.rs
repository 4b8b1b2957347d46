//! One line a finding, in the form that grep and editors know: `name:1:1: error PF202 limits: …`.

use std::io::{self, Write};

use gate::{Outcome, Severity};

use crate::escape::escaped;
use crate::image::Image;
use crate::render::{Context, Render, Verbosity};
use crate::totals::Summary;
use crate::words::{display_name, facts, standin_note};

/// Renders lines.
pub(crate) struct Compact {
    verbosity: Verbosity,
}

impl Compact {
    pub(crate) const fn new(context: &Context) -> Self {
        Self {
            verbosity: context.verbosity,
        }
    }
}

impl Render for Compact {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let report = &image.report;
        let name = display_name(image);
        for finding in report.findings() {
            let severity = finding.effect.severity();
            let shown_from = match severity {
                Severity::Error => Verbosity::Quiet,
                Severity::Warning => Verbosity::Normal,
                Severity::Note => Verbosity::Verbose,
            };
            if self.verbosity >= shown_from {
                let (severity, code, stage) =
                    (severity.name(), finding.code.id(), finding.code.stage());
                let message = escaped(&finding.message);
                let note = standin_note(image, finding);
                write!(
                    out,
                    "{name}:1:1: {severity} {code} {stage}: {message}{note}"
                )?;
                match &finding.help {
                    Some(help) => writeln!(out, " (help: {})", escaped(help))?,
                    None => writeln!(out)?,
                }
            }
        }
        match report.outcome() {
            Outcome::Pass if self.verbosity >= Verbosity::Verbose => {
                write!(out, "{name}:1:1: pass {}: ", report.stage())?;
                match facts(report.facts()) {
                    Some(facts) => writeln!(out, "{facts}"),
                    None => writeln!(out),
                }
            }
            Outcome::Skip if self.verbosity >= Verbosity::Normal => {
                let reason = escaped(report.reason().unwrap_or("skipped"));
                writeln!(out, "{name}:1:1: skip {}: {reason}", report.stage())
            }
            Outcome::Pass | Outcome::Reject | Outcome::Unknown | Outcome::Skip => Ok(()),
        }
    }

    fn finish(&mut self, _: &mut dyn Write, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::format::Format;
    use crate::sample::{HOSTILE, passed, rejected, report, skipped, unknown};

    #[test]
    fn a_finding_is_a_line() {
        let images = [
            passed("ok.png"),
            rejected("a.png"),
            unknown("u.webp"),
            skipped("s.png", "why\n"),
        ];
        assert_eq!(
            report(Format::Compact, &images),
            "a.png:1:1: error PF202 limits: shorter side is 399 px, needs at least 400 \
             (help: magick a.png -resize 401x503 a-401.png)\n\
             u.webp:1:1: error PF004 input: this is a Git LFS pointer: the image itself (12,345 bytes) \
             is not here (help: git lfs pull brings it)\n\
             s.png:1:1: skip input: why\\n\n"
        );
        assert_eq!(
            report(Format::Compact, &[rejected(HOSTILE)])
                .lines()
                .count(),
            1
        );
    }
}
