//! GitLab's Code Quality report: one array of findings.
//!
//! Fields: GitLab documentation, "Code Quality", "Code Quality report format".

use std::io::{self, Write};

use gate::{Effect, Finding};
use serde::Serialize;

use crate::escape::escaped;
use crate::image::Image;
use crate::json;
use crate::location::{Location, RepositoryRoot};
use crate::render::{Context, Render};
use crate::totals::Summary;
use crate::words::{display_name, facts, hides_part, numbered, standin_note};

/// Renders the array, one finding a line.
pub(crate) struct Gitlab {
    root: RepositoryRoot,
    /// Issues so far.
    issues: u64,
}

impl Gitlab {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            root: context.root.clone(),
            issues: 0,
        }
    }

    fn issue(&self, image: &Image, finding: &Finding, nth: usize) -> Issue {
        let (location, name) = (self.root.locate(image), display_name(image));
        // GitLab demands a path; an image without one gives its name instead.
        let (path, begin) = match &location {
            Some(location) => (location.path().into_owned(), location.line),
            None => (name.clone().into_owned(), 1),
        };
        Issue {
            description: description(image, finding, location.as_ref()),
            check_name: finding.code.id(),
            fingerprint: self.fingerprint(image, finding, nth, location.as_ref()),
            severity: severity(finding.effect),
            location: IssueLocation {
                path,
                lines: Lines { begin },
            },
        }
    }

    /// Stays the same from run to run for the same finding at the same location, so that GitLab can
    /// distinguish new findings from known ones.
    fn fingerprint(
        &self,
        image: &Image,
        finding: &Finding,
        nth: usize,
        location: Option<&Location<'_>>,
    ) -> String {
        let name = display_name(image);
        let identity = match location {
            Some(location) => location.identity(image).into_owned(),
            // Two URLs may look alike; only their positions in the report distinguish them.
            None if hides_part(image) => format!("{name}:{}", self.issues),
            None => name.into_owned(),
        };
        let id = finding.code.id();
        if nth > 1 {
            format!("{id}:{identity}:{nth}")
        } else {
            format!("{id}:{identity}")
        }
    }
}

fn description(image: &Image, finding: &Finding, location: Option<&Location<'_>>) -> String {
    let mut text = String::new();
    if !location.is_some_and(|location| location.is_image) {
        text.push_str(&format!("{}: ", display_name(image)));
    }
    text.push_str(&finding.message);
    text.push_str(standin_note(image, finding));
    if let Some(facts) = facts(image.report.facts()) {
        text.push_str(&format!(". {facts}"));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!(". Help: {help}"));
    }
    escaped(&text).into_owned()
}

/// An issue of Code Quality (GitLab documentation, "Code Quality report format").
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation,
}

#[derive(Serialize)]
struct IssueLocation {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

impl Render for Gitlab {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        for (finding, nth) in numbered(image.report.findings()) {
            out.write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
            self.issues += 1;
            json::write(out, &self.issue(image, finding, nth))?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, _: &Summary) -> io::Result<()> {
        out.write_all(b"\n]\n")
    }
}

const fn severity(effect: Effect) -> &'static str {
    match effect {
        Effect::Reject => "major",
        Effect::Unknown | Effect::Warning => "minor",
        Effect::Note => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use crate::format::Format;
    use crate::sample::{self, HOSTILE};

    #[test]
    fn every_finding_is_an_issue_with_a_fingerprint_of_its_own() {
        let images = [
            sample::rejected("assets/anna.png"),
            sample::rejected(HOSTILE),
            sample::file("x/cgbi.gif", b"GIF89a\x10\x00\x10\x00\x00\x00\x00"),
            sample::listed("https://cdn.example.com/p/7.jpg", sample::unknown("")),
            sample::unlisted("https://cdn.example.com/p/8.jpg", sample::unknown("")),
            // Signed: the shown parts are the same.
            sample::unlisted("https://x.example/a?Signature=1", sample::unknown("")),
            sample::unlisted("https://x.example/a?Signature=2", sample::unknown("")),
            sample::passed("ok.png"),
        ];
        let issues: Vec<Value> =
            serde_json::from_str(&sample::report(Format::Gitlab, &images)).unwrap();
        let findings: usize = images
            .iter()
            .map(|image| image.report.findings().len())
            .sum();
        assert_eq!(issues.len(), findings);
        assert!(findings >= 5);
        assert_eq!(
            issues[0],
            serde_json::json!({
                "description": "shorter side is 399 px, needs at least 400. 399 x 500 PNG. \
                    Help: magick assets/anna.png -resize 401x503 assets/anna-401.png",
                "check_name": "PF202",
                "fingerprint": "PF202:assets/anna.png",
                "severity": "major",
                "location": { "path": "assets/anna.png", "lines": { "begin": 1 } },
            })
        );
        let prints: HashSet<_> = issues
            .iter()
            .map(|issue| issue["fingerprint"].as_str())
            .collect();
        assert_eq!(prints.len(), findings);
    }

    #[test]
    fn nothing_found_is_an_empty_array() {
        let text = sample::report(Format::Gitlab, &[sample::passed("ok.png")]);
        assert_eq!(
            serde_json::from_str::<Vec<Value>>(&text).unwrap(),
            [] as [Value; 0]
        );
    }
}
