//! GitLab's Code Quality report: one array of findings.
//!
//! Fields: GitLab documentation, "Code Quality", "Code Quality report format".

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use gate::{Effect, Finding};

use crate::escape::escaped;
use crate::json::Json;
use crate::location::RepositoryRoot;
use crate::words::{display_name, facts, hides_part, numbered, standin_note};
use crate::{Context, Image, Render, Summary};

/// What nearly every issue takes, so that it is seldom moved while it grows.
const ISSUE_BYTES: usize = 512;

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

    /// An issue, as JSON.
    fn issue(&self, image: &Image, finding: &Finding, nth: usize) -> String {
        let (location, name) = (self.root.locate(image), display_name(image));
        // GitLab demands a path; what has none is named in its place.
        let (path, line) = match &location {
            Some(location) => (location.path(), location.line),
            None => (Cow::Borrowed(&*name), 1),
        };
        let is_image = location.as_ref().is_some_and(|location| location.is_image);
        let mut description = String::with_capacity(ISSUE_BYTES / 4);
        if !is_image {
            description.extend([&*name, ": "]);
        }
        description.extend([&*finding.message, standin_note(image, finding)]);
        if let Some(facts) = facts(image.report.facts()) {
            let _ = write!(description, ". {facts}");
        }
        // The same finding in the same place next time, so that GitLab can tell new from known.
        let identity = match &location {
            Some(location) => location.identity(image),
            // Nothing but its place in the report tells it from another that is called the same.
            None if hides_part(image) => format!("{name}:{}", self.issues).into(),
            None => Cow::Borrowed(&*name),
        };
        let mut fingerprint = [finding.code.id(), ":", &identity].concat();
        if nth > 1 {
            let _ = write!(fingerprint, ":{nth}");
        }
        let (check_name, severity) = (finding.code.id(), severity(finding.effect));
        let description = escaped(&description);
        let (description, fingerprint) = (Json(&description), Json(&fingerprint));
        let path = Json(&path);
        let mut json = String::with_capacity(ISSUE_BYTES);
        // Writing to a string does not fail.
        let _ = write!(
            json,
            "{{\"description\":{description},\"check_name\":\"{check_name}\",\
             \"fingerprint\":{fingerprint},\"severity\":\"{severity}\",\
             \"location\":{{\"path\":{path},\"lines\":{{\"begin\":{line}}}}}}}"
        );
        json
    }
}

impl Render for Gitlab {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        for (finding, nth) in numbered(image.report.findings()) {
            out.write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
            self.issues += 1;
            out.write_all(self.issue(image, finding, nth).as_bytes())?;
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

    use crate::Format;
    use crate::sample::{self, HOSTILE};

    #[test]
    fn every_finding_is_an_issue_with_a_fingerprint_of_its_own() {
        let images = [
            sample::rejected("assets/anna.png"),
            sample::rejected(HOSTILE),
            sample::file("x/cgbi.gif", b"GIF89a\x10\x00\x10\x00\x00\x00\x00"),
            sample::listed("https://cdn.example.com/p/7.jpg", sample::unknown("")),
            sample::unlisted("https://cdn.example.com/p/8.jpg", sample::unknown("")),
            // Signed: what is shown of them is the same.
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
                "description": "shorter side is 399 px, needs at least 400. 399 x 500 PNG",
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
