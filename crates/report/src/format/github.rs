//! GitHub's workflow commands: annotations beside a pull request.
//!
//! A step may show ten errors and ten warnings (actions/toolkit, docs/problem-matchers.md); GitHub
//! drops the rest silently. So if there are more, the tenth says how many.

use std::fmt::Write as _;
use std::io::{self, Write};

use gate::{Effect, Finding};

use crate::escape::escaped;
use crate::image::Image;
use crate::location::RepositoryRoot;
use crate::render::{Context, Render};
use crate::totals::Summary;
use crate::words::{display_name, facts, standin_note};

/// The annotations of each severity that a step shows.
const SHOWN: usize = 10;

/// Renders annotations, all of them at the end.
pub(crate) struct Github {
    root: RepositoryRoot,
    profile: String,
    errors: Annotations,
    warnings: Annotations,
}

/// The annotations of one severity: the first ten lines, and the counts beyond nine.
struct Annotations {
    command: &'static str,
    lines: Vec<String>,
    findings: usize,
    /// Findings before the current image.
    findings_before: usize,
    /// Images without a line among the first nine.
    more_images: usize,
}

impl Github {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            root: context.root.clone(),
            profile: escaped(context.profile.name()).into_owned(),
            errors: Annotations::new("error"),
            warnings: Annotations::new("warning"),
        }
    }
}

impl Render for Github {
    fn image(&mut self, _: &mut dyn Write, image: &Image) -> io::Result<()> {
        for finding in image.report.findings() {
            let annotations = match finding.effect {
                Effect::Reject => &mut self.errors,
                Effect::Unknown | Effect::Warning => &mut self.warnings,
                Effect::Note => continue,
            };
            annotations.add(|| message(&self.root, &self.profile, image, finding));
        }
        self.errors.end_image();
        self.warnings.end_image();
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, _: &Summary) -> io::Result<()> {
        self.errors.print(out, "more rejected images")?;
        self.warnings
            .print(out, "more images with warnings or without an answer")
    }
}

impl Annotations {
    const fn new(command: &'static str) -> Self {
        Self {
            command,
            lines: Vec::new(),
            findings: 0,
            findings_before: 0,
            more_images: 0,
        }
    }

    fn add(&mut self, rest: impl FnOnce() -> String) {
        self.findings += 1;
        if self.findings <= SHOWN {
            self.lines.push(format!("::{} {}", self.command, rest()));
        }
    }

    fn end_image(&mut self) {
        let has_any = self.findings > self.findings_before;
        if has_any && self.findings_before >= SHOWN - 1 {
            self.more_images += 1;
        }
        self.findings_before = self.findings;
    }

    fn print(&self, out: &mut dyn Write, more: &str) -> io::Result<()> {
        let is_cut = self.findings > SHOWN;
        let shown = if is_cut { SHOWN - 1 } else { SHOWN };
        for line in self.lines.iter().take(shown) {
            writeln!(out, "{line}")?;
        }
        if is_cut {
            let rest = match self.more_images {
                0 => format!("{} more findings", self.findings - shown),
                images => format!("{images} {more}"),
            };
            writeln!(
                out,
                "::{} title=preflight::and {rest}, see the job summary",
                self.command
            )?;
        }
        Ok(())
    }
}

/// The rest of the line after the command: its properties and the text.
fn message(root: &RepositoryRoot, profile: &str, image: &Image, finding: &Finding) -> String {
    let location = root.locate(image);
    let mut line = format!("title=preflight {}", property(&finding.code.to_string()));
    if let Some(location) = &location {
        let file = property(&escaped(&location.path()));
        // Without a line, GitHub shows an annotation on no file.
        let _ = write!(line, ",file={file},line={}", location.line);
    }
    let mut text = String::new();
    // The properties name the image itself or its list; a list's image is named in the text.
    if !location.is_some_and(|location| location.is_image) {
        let _ = write!(text, "{}: ", display_name(image));
    }
    let _ = write!(text, "{}", escaped(&finding.message));
    if finding.limit.is_some() {
        let _ = write!(text, " ({profile})");
    }
    text.push_str(standin_note(image, finding));
    if let Some(facts) = facts(image.report.facts()) {
        let _ = write!(text, "\n{facts}");
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {}", escaped(help));
    }
    let _ = write!(line, "::{}", data(&text));
    line
}

/// Escapes the text of a command (actions/toolkit, `escapeData`).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a command (actions/toolkit, `escapeProperty`).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::Format;
    use crate::sample::{self, HOSTILE};

    /// A line as GitHub parses it: the command, its properties and the text.
    fn unescaped(line: &str) -> (String, Vec<(String, String)>, String) {
        let (head, text) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        let data = |text: &str| {
            text.replace("%0A", "\n")
                .replace("%0D", "\r")
                .replace("%25", "%")
        };
        let properties = properties.split(',').map(|property| {
            let (key, value) = property.split_once('=').unwrap();
            (
                key.to_owned(),
                data(&value.replace("%2C", ",").replace("%3A", ":")),
            )
        });
        (command.to_owned(), properties.collect(), data(text))
    }

    fn lines(images: &[Image]) -> Vec<String> {
        sample::report(Format::Github, images)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_rejection_is_an_error_on_line_1_of_its_file() {
        assert_eq!(
            lines(&[
                sample::rejected("assets/anna.png"),
                sample::passed("ok.png")
            ]),
            [
                "::error title=preflight PF202 side-too-small,file=assets/anna.png,line=1::\
              shorter side is 399 px, needs at least 400 (emo)%0A399 x 500 PNG\
              %0Ahelp: magick assets/anna.png -resize 401x503 assets/anna-401.png"
            ]
        );
    }

    #[test]
    fn an_unknown_is_a_warning_and_a_url_is_reported_at_its_line() {
        let url = "https://cdn.example.com/p/7.png";
        let found = lines(&[sample::listed(url, sample::unknown("x"))]);
        let (command, properties, text) = unescaped(&found[0]);
        assert_eq!(command, "warning");
        assert_eq!(
            properties[1..],
            [
                ("file".into(), "urls.txt".into()),
                ("line".into(), "12".into())
            ]
        );
        assert!(
            text.starts_with(&format!("{url}: this is a Git LFS pointer")),
            "{text}"
        );
        let found = lines(&[sample::unlisted(url, sample::rejected("x"))]);
        assert!(
            found[0].starts_with("::error title=preflight PF202 side-too-small::https://"),
            "{found:?}"
        );
    }

    #[test]
    fn ten_are_shown_and_of_more_nine_and_a_count() {
        let rejected = |count: usize| -> Vec<_> {
            (0..count)
                .map(|n| sample::rejected(&format!("{n}.png")))
                .collect()
        };
        assert!(
            lines(&rejected(10))
                .iter()
                .all(|line| line.contains("file="))
        );
        let found = lines(&rejected(36));
        assert_eq!(found.len(), 10);
        assert_eq!(
            found[9],
            "::error title=preflight::and 27 more rejected images, see the job summary"
        );
        // Warnings have ten lines of their own.
        let mut images = rejected(11);
        images.extend((0..11).map(|n| sample::unknown(&format!("{n}.webp"))));
        let found = lines(&images);
        assert_eq!(found.len(), 20);
        assert!(
            found[19].starts_with("::warning title=preflight::and 2 more images"),
            "{found:?}"
        );
    }

    #[test]
    fn a_hostile_name_stays_in_its_property() {
        let found = lines(&[sample::rejected(HOSTILE)]);
        assert_eq!(found.len(), 1);
        let (_, properties, text) = unescaped(&found[0]);
        assert_eq!(
            properties[1],
            ("file".into(), escaped(HOSTILE).into_owned())
        );
        assert_eq!(properties.len(), 3);
        let start =
            "shorter side is 399 px, needs at least 400 (emo)\n399 x 500 PNG\nhelp: magick $'";
        assert!(text.starts_with(start), "{text}");
    }

    proptest! {
        #[test]
        fn escapes_give_the_text_back(text in any::<String>()) {
            let line = format!("::error a={},b=1::{}", property(&text), data(&text));
            prop_assert!(!line.contains(['\n', '\r']));
            let (_, properties, found) = unescaped(&line);
            prop_assert_eq!(&properties[0].1, &text);
            prop_assert_eq!(found, text);
        }
    }
}
