//! One JSON object a line: the images, then the summary.
//!
//! Image lines hold no times, so the same input gives the same bytes.

mod line;
mod schema;

pub use self::schema::schema;

use std::io::{self, Write};

use self::line::{ImageLine, ImageResult, Line, SummaryLine};
use crate::image::{Image, Repeated};
use crate::json;
use crate::render::{Context, Render};
use crate::totals::Summary;

/// Renders JSONL.
pub(crate) struct Jsonl {
    profile: String,
    service: Option<&'static str>,
}

impl Jsonl {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            profile: context.profile.name().to_owned(),
            service: context.standin(),
        }
    }
}

impl Render for Jsonl {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let result = ImageResult::Checked(&image.report);
        let mut line = ImageLine::new(&image.name, image.listed.as_ref(), result);
        line.url = line.url.or(image.public_url.as_deref());
        write_line(out, &Line::Image(line))
    }

    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        let result = ImageResult::Repeated {
            same_as: (&repeated.same_as).into(),
            outcome: repeated.outcome,
            stage: repeated.stage,
            findings: [],
        };
        let line = ImageLine::new(&repeated.name, repeated.listed.as_ref(), result);
        write_line(out, &Line::Image(line))
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let line = SummaryLine::new(summary, &self.profile, self.service);
        write_line(out, &Line::Summary(line))
    }
}

fn write_line(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    json::write(out, line)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gate::{Outcome, Stage};
    use serde_json::{Value, json};

    use super::*;
    use crate::format::Format;
    use crate::image::{ImageName, ListLine, SameAs};
    use crate::sample::{listed, passed, rejected, report, skipped};
    use crate::totals::{RemoteTotals, Totals};

    fn lines(images: &[Image]) -> Vec<Value> {
        let report = report(Format::Jsonl, images);
        report
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_holds_what_is_known_and_no_null() {
        let url = "https://cdn.example.com/p/7.png?Signature=exact";
        let lines = lines(&[
            rejected("a.png"),
            listed(url, passed("")),
            skipped("s.png", "why"),
        ]);
        assert_eq!(lines[0]["type"], "image");
        assert_eq!(lines[0]["path"], "a.png");
        assert_eq!(lines[0]["stage"], "limits");
        assert_eq!(lines[0]["findings"][0]["limit"], 400);
        assert_eq!(lines[1]["url"], url);
        assert_eq!(lines[1]["origin"], json!({"file": "urls.txt", "line": 12}));
        assert_eq!(lines[2]["reason"], "why");
        assert_eq!(lines[3]["by_stage"]["limits"], 1);
        assert_eq!(lines[3]["exit_code"], 1);
        assert!(!report(Format::Jsonl, &[rejected("a.png")]).contains("null"));
    }

    /// Found by a mutation: a schema that allows null passed all tests of this crate.
    #[test]
    fn the_schema_allows_no_null() {
        assert!(!schema().to_string().contains("\"null\""));
    }

    #[test]
    fn a_repeated_input_has_a_line_that_refers_to_the_first() {
        let list = |file: &str| ListLine {
            file: file.into(),
            line: 7,
        };
        for (same_as, expected) in [
            (SameAs::Line(7), json!(7)),
            (SameAs::Listed(list("a.txt")), json!("a.txt:7")),
            (
                SameAs::Name(ImageName::Path("a.png".into())),
                json!("a.png"),
            ),
            (SameAs::Name(ImageName::Stdin), json!("-")),
        ] {
            let name = ImageName::Path("./a.png".into());
            let mut repeated = Repeated::new(name, same_as, Outcome::Reject, Stage::Limits);
            repeated.listed = Some(list("b.txt"));
            let mut out = Vec::new();
            let mut jsonl = Jsonl::new(&crate::sample::context());
            jsonl.repeated(&mut out, &repeated).unwrap();
            assert_eq!(
                serde_json::from_slice::<Value>(&out).unwrap(),
                json!({"type": "image", "path": "./a.png", "origin": {"file": "b.txt", "line": 7},
                    "same_as": expected, "outcome": "reject", "stage": "limits", "findings": []})
            );
        }
    }

    #[test]
    fn the_summary_tells_the_most_that_the_paid_stage_cost() {
        let remote = |context: &Context| {
            let mut totals = RemoteTotals::new(None);
            (totals.charged, totals.maybe_charged) = (2, 1);
            let summary = Summary::new(Totals::new(Some(totals)), Duration::ZERO);
            let mut out = Vec::new();
            Jsonl::new(context).finish(&mut out, &summary).unwrap();
            serde_json::from_slice::<Value>(&out).unwrap()["remote"].clone()
        };
        let mut context = crate::sample::context();
        let price = json!({"currency": "CNY", "each": 0.004, "at_most": 0.012});
        assert_eq!(remote(&context)["price"], price);
        context.service = gate::Service::Standin;
        assert_eq!(remote(&context).get("price"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf_8_is_kept_exactly() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let name = OsStr::from_bytes(b"b\xff.png");
        let image = Image {
            name: ImageName::Path(name.into()),
            ..passed("")
        };
        let line = &lines(&[image])[0];
        assert_eq!(line["path"], "b\u{fffd}.png");
        assert_eq!(line["path_b64"], "Yv8ucG5n");
    }
}
