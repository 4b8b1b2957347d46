//! JUnit's XML, as CI servers read it: one suite for the profile, one case for each image.
//!
//! There is no standard; this is the form on which Jenkins, GitLab and junitparser agree. A
//! rejected image is a `failure`, an unknown one an `error`.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::path::{MAIN_SEPARATOR, Path};

use gate::{Effect, Finding, Outcome};

use crate::escape::{escaped, shown};
use crate::image::{Image, ImageName};
use crate::render::{Context, Render};
use crate::spool::Spool;
use crate::totals::Summary;
use crate::words::{display_name, facts};

/// Renders the suite, at the end.
pub(crate) struct Junit {
    profile: String,
    service: Option<&'static str>,
    /// The cases. The counts come before them, and are known only after the last one.
    cases: Spool,
    /// A buffer for one case, empty between images.
    case: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Junit {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            profile: context.profile.name().to_owned(),
            service: context.standin(),
            cases: Spool::default(),
            case: String::new(),
            tests: 0,
            failures: 0,
            errors: 0,
            skipped: 0,
        }
    }
}

impl Render for Junit {
    fn image(&mut self, _: &mut dyn Write, image: &Image) -> io::Result<()> {
        self.tests += 1;
        match image.report.outcome() {
            Outcome::Pass => {}
            Outcome::Reject => self.failures += 1,
            Outcome::Unknown => self.errors += 1,
            Outcome::Skip => self.skipped += 1,
        }
        // Writing to a string does not fail.
        let _ = write_case(&mut self.case, image);
        let kept = self.cases.push(self.case.as_bytes());
        self.case.clear();
        kept
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let Self {
            tests,
            failures,
            errors,
            skipped,
            ..
        } = self;
        let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"preflight\" {counts}>")?;
        let name = Xml(&self.profile);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" {counts} skipped=\"{skipped}\">"
        )?;
        self.write_properties(out, summary)?;
        self.cases.copy_to(out)?;
        out.write_all(b"  </testsuite>\n</testsuites>\n")
    }
}

impl Junit {
    /// Properties of the run that a reader must know before it trusts the cases.
    fn write_properties(&self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let interrupted = summary.interrupted.then_some(("interrupted", "true"));
        let service = self.service.map(|service| ("service", service));
        let properties: Vec<_> = interrupted.into_iter().chain(service).collect();
        if properties.is_empty() {
            return Ok(());
        }
        out.write_all(b"    <properties>\n")?;
        for (name, value) in properties {
            writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>")?;
        }
        out.write_all(b"    </properties>\n")
    }
}

/// Writes the element of one image, with the line ends around it.
fn write_case(out: &mut String, image: &Image) -> fmt::Result {
    let whole = display_name(image);
    let (class, name) = split_name(&whole);
    let (class, name) = (Xml(class), Xml(name));
    write!(out, "    <testcase name=\"{name}\" classname=\"{class}\"")?;
    match (&image.name, &image.listed) {
        (ImageName::Path(_), _) => write!(out, " file=\"{}\"", Xml(&whole))?,
        // A list on standard input is not a file.
        (_, Some(listed)) if listed.file != Path::new("-") => {
            let file = shown(&listed.file);
            write!(out, " file=\"{}\" line=\"{}\"", Xml(&file), listed.line)?;
        }
        (_, _) => {}
    }
    let head = out.len();
    out.push('>');
    write_content(out, image)?;
    if out.len() == head + 1 {
        out.truncate(head);
        out.push_str("/>\n");
    } else {
        out.push_str("</testcase>\n");
    }
    Ok(())
}

/// Writes the content of the element of an image.
fn write_content(out: &mut String, image: &Image) -> fmt::Result {
    let report = &image.report;
    match report.outcome() {
        Outcome::Reject => write_problem(out, "failure", image)?,
        Outcome::Unknown => write_problem(out, "error", image)?,
        Outcome::Skip => {
            let reason = Xml(report.reason().unwrap_or_default());
            write!(out, "<skipped message=\"{reason}\"/>")?;
        }
        Outcome::Pass => {}
    }
    let mut opening = "\n      <system-out>";
    for finding in report.findings().iter().filter(|it| !decides(it)) {
        write!(out, "{opening}{}: {}", finding.code, Xml(&finding.message))?;
        opening = "\n";
    }
    if opening == "\n" {
        out.push_str("</system-out>");
    }
    Ok(())
}

/// Writes a `failure` or `error` with every finding that decided it, named after the gravest.
fn write_problem(out: &mut String, element: &str, image: &Image) -> fmt::Result {
    let findings = || image.report.findings().iter().filter(|it| decides(it));
    // The first of the gravest; `max` alone would take the last.
    let Some(first) = findings().rev().max_by_key(|finding| finding.effect) else {
        return write!(out, "<{element}/>");
    };
    let (code, message) = (first.code.id(), Xml(&first.message));
    let stage = image.report.stage();
    write!(
        out,
        "\n      <{element} type=\"{code}\" message=\"{message}\">stage: {stage}"
    )?;
    if let Some(facts) = facts(image.report.facts()) {
        write!(out, "\n{facts}")?;
    }
    if findings().count() > 1 {
        for finding in findings() {
            write!(out, "\n{}: {}", finding.code, Xml(&finding.message))?;
        }
    }
    for help in findings().filter_map(|finding| finding.help.as_deref()) {
        write!(out, "\nhelp: {}", Xml(help))?;
    }
    write!(out, "</{element}>")
}

fn decides(finding: &Finding) -> bool {
    matches!(finding.effect, Effect::Reject | Effect::Unknown)
}

/// Splits a name into the part before its last one, and the last part.
fn split_name(name: &str) -> (&str, &str) {
    let is_separator = |c| c == '/' || c == MAIN_SEPARATOR;
    match name.trim_end_matches(is_separator).rfind(is_separator) {
        Some(0) => ("/", name.get(1..).unwrap_or_default()),
        Some(at) => (
            name.get(..at).unwrap_or_default(),
            name.get(at + 1..).unwrap_or_default(),
        ),
        None => (".", name),
    }
}

/// Text in XML. Control characters are escaped as in every text report; the two non-characters that
/// XML 1.0 forbids (section 2.2) become U+FFFD.
struct Xml<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = escaped(self.0);
        // The non-characters start with EF in UTF-8.
        let is_plain = |byte| !matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xEF);
        if text.bytes().all(is_plain) {
            return f.write_str(&text);
        }
        text.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use roxmltree::{Document, Node};

    use super::*;
    use crate::format::Format;
    use crate::sample::{self, HOSTILE};

    fn cases<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
        document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
            .collect()
    }

    fn child<'a>(case: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
        case.children().find(Node::is_element)
    }

    #[test]
    fn failure_error_and_skipped_are_distinct_and_counted() {
        let xml = sample::report(
            Format::Junit,
            &[
                sample::rejected("assets/anna.png"),
                sample::listed("https://cdn.example.com/p/7.jpg", sample::unknown("")),
                sample::skipped(
                    "assets/old.png",
                    "excluded by preflight.toml:6 exclude = 'assets/old*'",
                ),
                sample::passed("ok.png"),
            ],
        );
        let document = Document::parse(&xml).unwrap();
        let suites = document.root_element();
        let suite = child(suites).unwrap();
        for element in [suites, suite] {
            let count = |name| element.attribute(name).unwrap();
            assert_eq!(
                (count("tests"), count("failures"), count("errors")),
                ("4", "1", "1")
            );
        }
        assert_eq!(
            (suites.attribute("name"), suite.attribute("name")),
            (Some("preflight"), Some("emo"))
        );
        assert_eq!(suite.attribute("skipped"), Some("1"));

        let cases = cases(&document);
        let names = |case: &Node<'_, '_>| {
            ["name", "classname", "file", "line"]
                .map(|name| case.attribute(name).map(str::to_owned))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            names(&cases[0]),
            [
                some("anna.png"),
                some("assets"),
                some("assets/anna.png"),
                None
            ]
        );
        assert_eq!(
            names(&cases[1]),
            [
                some("7.jpg"),
                some("https://cdn.example.com/p"),
                some("urls.txt"),
                some("12")
            ]
        );
        let failure = child(cases[0]).unwrap();
        assert_eq!(failure.tag_name().name(), "failure");
        assert_eq!(failure.attribute("type"), Some("PF202"));
        assert_eq!(
            failure.attribute("message"),
            Some("shorter side is 399 px, needs at least 400")
        );
        assert_eq!(
            failure.text(),
            Some(
                "stage: limits\n399 x 500 PNG\n\
                 help: magick assets/anna.png -resize 401x503 assets/anna-401.png"
            )
        );
        assert_eq!(child(cases[1]).unwrap().tag_name().name(), "error");
        let skipped = child(cases[2]).unwrap();
        assert_eq!(
            skipped.attribute("message"),
            Some("excluded by preflight.toml:6 exclude = 'assets/old*'")
        );
        assert_eq!(child(cases[3]), None);
    }

    #[test]
    fn a_hostile_name_breaks_no_xml() {
        let xml = sample::report(Format::Junit, &[sample::rejected(HOSTILE)]);
        let document = Document::parse(&xml).unwrap();
        let file = cases(&document)[0].attribute("file").unwrap().to_owned();
        assert_eq!(file, escaped(HOSTILE).replace('\u{fffe}', "\u{fffd}"));
    }

    #[test]
    fn all_findings_stand_in_one_failure_and_notes_in_system_out() {
        let both = sample::file("x.gif", b"GIF89a\x10\x00\x10\x00\x00\x00\x00");
        assert_eq!(both.report.findings().len(), 2, "{:?}", both.report);
        let edge = sample::file("x.png", &sample::png(400, 500));
        let xml = sample::report(Format::Junit, &[both, edge]);
        let document = Document::parse(&xml).unwrap();
        let cases = cases(&document);
        let failures = cases[0].children().filter(Node::is_element).count();
        assert_eq!(failures, 1);
        let text = child(cases[0]).unwrap().text().unwrap();
        assert!(
            text.contains("PF201 format-not-accepted: ") && text.contains("PF202 "),
            "{text}"
        );
        let note = child(cases[1]).unwrap();
        assert_eq!(note.tag_name().name(), "system-out");
        assert!(note.text().unwrap().starts_with("PF205 on-the-boundary: "));
    }

    #[test]
    fn an_interrupted_run_says_so() {
        let xml = sample::report_of_run(Format::Junit, &[sample::passed("a.png")], true);
        assert!(Document::parse(&xml).is_ok());
        assert!(xml.contains("<property name=\"interrupted\" value=\"true\"/>"));
    }

    #[test]
    fn names_are_split_at_their_last_part() {
        for (whole, class, name) in [
            ("assets/a/b.png", "assets/a", "b.png"),
            ("b.png", ".", "b.png"),
            ("/b.png", "/", "b.png"),
            ("https://x.example/", "https:/", "x.example/"),
        ] {
            assert_eq!(split_name(whole), (class, name), "{whole}");
        }
    }
}
