//! One JSON object a line: the images, then the summary.
//!
//! No times on the image lines, so that the same input gives the same bytes.

mod schema;

pub use self::schema::schema;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine as _;
use gate::{Outcome, Report, Stage};
use remote::{Currency, PRICE};
use schemars::JsonSchema;
use serde::Serialize;

use crate::words::exact_name;
use crate::{
    Context, Image, ImageName, ListLine, PassedOver, RemoteTotals, Render, Repeated, SameAs,
    Summary, json,
};

/// The version of the lines. It changes when a key goes away or changes its meaning; keys may be
/// added to a version.
const SCHEMA: u32 = 2;

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

/// The line of one image, as a JSON Lines report has it, without its line feed.
///
/// ```
/// use gate::{Gate, Profile};
/// use report::{Image, ImageName};
///
/// let report = Gate::builder(Profile::emo()).build().screen_bytes(&b"GIF89a"[..]).into_report();
/// let line = report::json_line(&Image::new(ImageName::Path("anna.gif".into()), report));
/// assert!(line.starts_with(r#"{"type":"image","path":"anna.gif","outcome":"reject""#));
/// ```
#[must_use]
pub fn json_line(image: &Image) -> String {
    let mut line = Vec::with_capacity(USUAL_LINE);
    // Memory takes all that is written, and every key is a text.
    let written = json::write(&mut line, &Line::Image(ImageLine::of(image)));
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8(line).unwrap_or_else(|line| String::from_utf8_lossy(line.as_bytes()).into())
}

/// Bytes that the line of most images fits in.
const USUAL_LINE: usize = 512;

impl Render for Jsonl {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        write_line(out, &Line::Image(ImageLine::of(image)))
    }

    fn repeated(&mut self, out: &mut dyn Write, repeated: &Repeated) -> io::Result<()> {
        let Repeated {
            name,
            listed,
            same_as,
            outcome,
            stage,
        } = repeated;
        let came = Came::OfTheFirst {
            same_as: SameAsField::of(same_as),
            outcome: *outcome,
            stage: *stage,
            findings: [],
        };
        let line = ImageLine::named(name, listed.as_ref(), came);
        write_line(out, &Line::Image(line))
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let totals = &summary.totals;
        let line = Line::Summary(SummaryFields {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            profile: &self.profile,
            service: self.service,
            interrupted: summary.interrupted,
            images: totals.images(),
            pass: totals.of(Outcome::Pass),
            reject: totals.of(Outcome::Reject),
            unknown: totals.of(Outcome::Unknown),
            skip: totals.of(Outcome::Skip),
            by_stage: ByStage {
                input: totals.rejected_at(Stage::Input),
                header: totals.rejected_at(Stage::Header),
                limits: totals.rejected_at(Stage::Limits),
                content: totals.rejected_at(Stage::Content),
                remote: totals.rejected_at(Stage::Remote),
            },
            left_out: PassedOverFields::of(&summary.passed_over),
            by_code: totals
                .by_code()
                .map(|(code, count)| (code.id().to_owned(), count))
                .collect(),
            duplicates: totals.duplicates,
            remote: totals
                .remote
                .map(|remote| RemoteFields::of(&remote, self.service)),
            exit_code: summary.exit_code,
            elapsed_ms: u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
        });
        write_line(out, &line)
    }
}

fn write_line(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    json::write(out, line)?;
    out.write_all(b"\n")
}

/// A line of a report of `preflight check --format jsonl`: images in the order of the inputs, then
/// one summary. Keys whose value is not known are absent, never null. Keys may be added; the
/// summary's `schema` changes when one goes away or changes its meaning.
#[derive(JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(title = "preflight report line")]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, and written at once"
)]
enum Line<'a> {
    /// What came of one image.
    Image(ImageLine<'a>),
    /// What came of all images together.
    Summary(SummaryFields<'a>),
}

/// What came of one image. It has a `path`, a `url` or both.
#[derive(JsonSchema, Serialize)]
struct ImageLine<'a> {
    /// The file, relative as typed; `-` for standard input. Bytes that are not UTF-8 are U+FFFD.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Cow<'a, str>>,
    /// The exact bytes of a path that is not UTF-8, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    /// The exact URL of the image, or of the file's public copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    /// The list that named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<ListLineFields>,
    #[serde(flatten)]
    came: Came<'a>,
}

/// What came of an image.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
enum Came<'a> {
    Of(&'a Report),
    /// It was named before, and is reported there: the outcome and the stage are of the first.
    OfTheFirst {
        /// The first mention.
        same_as: SameAsField,
        /// What came of the first.
        outcome: Outcome,
        /// Where the first ended.
        stage: Stage,
        /// None here.
        findings: [(); 0],
    },
}

impl<'a> ImageLine<'a> {
    fn of(image: &'a Image) -> Self {
        let mut line = Self::named(&image.name, image.listed.as_ref(), Came::Of(&image.report));
        line.url = line.url.or(image.public_url.as_deref());
        line
    }

    fn named(name: &'a ImageName, listed: Option<&ListLine>, came: Came<'a>) -> Self {
        let (path, url) = match name {
            ImageName::Path(path) => (Some(path.as_path()), None),
            ImageName::Url(url) => (None, Some(url.as_str())),
            ImageName::Stdin => (Some(Path::new("-")), None),
        };
        Self {
            path: path.map(Path::to_string_lossy),
            path_b64: path.and_then(exact),
            url,
            origin: listed.map(ListLineFields::of),
            came,
        }
    }
}

/// The first mention of an image: a line of the same list, else a name, or `LIST:LINE`.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(untagged)]
enum SameAsField {
    Line(u64),
    Name(String),
}

impl SameAsField {
    fn of(first: &SameAs) -> Self {
        match first {
            SameAs::Line(line) => Self::Line(*line),
            SameAs::Listed(listed) => {
                Self::Name(format!("{}:{}", listed.file.display(), listed.line))
            }
            SameAs::Name(name) => Self::Name(exact_name(name).into_owned()),
        }
    }
}

/// Where an input was named.
#[derive(Debug, JsonSchema, Serialize)]
struct ListLineFields {
    /// The list; `-` for standard input.
    file: String,
    /// Counted from 1; with `-0`, the entry.
    line: u64,
}

/// What came of all images together.
#[derive(Debug, JsonSchema, Serialize)]
struct SummaryFields<'a> {
    /// The version of the lines.
    schema: u32,
    /// The version of the program.
    version: &'a str,
    /// The profile that was checked against.
    profile: &'a str,
    /// `standin` where verdicts are made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    /// Whether the run was interrupted; images not reached are absent.
    interrupted: bool,
    /// All images of the report.
    images: u64,
    /// Images that every stage let through.
    pass: u64,
    /// Images that are bad.
    reject: u64,
    /// Images that could not be judged.
    unknown: u64,
    /// Images that were not to be looked at.
    skip: u64,
    /// Rejected images by the stage that rejected them.
    by_stage: ByStage,
    /// Images by the codes of their errors and warnings.
    by_code: BTreeMap<String, u64>,
    /// Inputs that repeat an earlier one; they are not among the images.
    duplicates: u64,
    /// What walking passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<PassedOverFields>,
    /// What the paid stage did and cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<RemoteFields>,
    /// What the program ended with, unless a report could not be written.
    exit_code: u8,
    /// How long the run took, in ms.
    elapsed_ms: u64,
}

/// Rejected images by the stage that rejected them.
#[derive(Debug, JsonSchema, Serialize)]
struct ByStage {
    input: u64,
    header: u64,
    limits: u64,
    content: u64,
    remote: u64,
}

/// What walking folders and patterns passed over.
#[derive(Debug, JsonSchema, Serialize)]
struct PassedOverFields {
    /// Images of other formats, by their extension in lower case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    by_extension: BTreeMap<String, u64>,
    /// Files and folders that an exclude matched.
    #[serde(skip_serializing_if = "is_zero")]
    excluded: u64,
    /// Images that an ignore file left out, or that their own names hide.
    #[serde(skip_serializing_if = "is_zero")]
    ignored: u64,
    /// FIFOs, sockets and devices.
    #[serde(skip_serializing_if = "is_zero")]
    special: u64,
    /// Files with a name like an image's that are none.
    #[serde(skip_serializing_if = "is_zero")]
    misnamed: u64,
    /// Mentions of an image that was already named.
    #[serde(skip_serializing_if = "is_zero")]
    duplicates: u64,
}

/// What the paid stage did and cost, or in a plan: would do and cost.
#[derive(Debug, JsonSchema, Serialize)]
struct RemoteFields {
    /// Whether nothing was sent, and the counts say what a run would do.
    plan: bool,
    /// The most requests of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u64>,
    /// Images that passed the free stages and have an address for the service.
    eligible: u64,
    /// Images that the run asks about: eligible, not known, and within the budget.
    to_ask: u64,
    /// Requests sent, each retry one.
    asked: u64,
    /// Verdicts that were known.
    cached: u64,
    /// Requests charged.
    charged: u64,
    /// Requests of which nobody knows whether they are charged.
    maybe_charged: u64,
    /// Eligible images that were not asked about.
    not_asked: u64,
    /// Requests of earlier runs that were never answered, and may have been charged.
    unsettled: u64,
    /// What that costs; absent where verdicts are made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<PriceFields>,
}

/// What requests cost.
#[derive(Debug, JsonSchema, Serialize)]
struct PriceFields {
    /// ISO 4217.
    currency: Currency,
    /// One request.
    each: f64,
    /// What the plan costs at most, or what the run has cost at most.
    at_most: f64,
}

impl RemoteFields {
    fn of(totals: &RemoteTotals, service: Option<&str>) -> Self {
        Self {
            plan: totals.is_plan,
            budget: totals.budget,
            eligible: totals.eligible,
            to_ask: totals.to_ask(),
            asked: totals.asked,
            cached: totals.cached,
            charged: totals.charged,
            maybe_charged: totals.maybe_charged,
            not_asked: totals.not_asked,
            unsettled: totals.unsettled,
            price: service.is_none().then(|| PriceFields {
                currency: PRICE.currency,
                each: PRICE.amount(),
                at_most: (PRICE * totals.charged_at_most()).amount(),
            }),
        }
    }
}

impl ListLineFields {
    fn of(listed: &ListLine) -> Self {
        Self {
            file: listed.file.to_string_lossy().into_owned(),
            line: listed.line,
        }
    }
}

impl PassedOverFields {
    fn of(passed_over: &PassedOver) -> Option<Self> {
        let PassedOver {
            by_extension,
            excluded,
            ignored,
            special,
            misnamed,
            duplicates,
        } = passed_over.clone();
        (*passed_over != PassedOver::default()).then_some(Self {
            by_extension,
            excluded,
            ignored,
            special,
            misnamed,
            duplicates,
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// The exact bytes of a name that JSON cannot hold, in base64 (RFC 4648, section 4).
#[cfg(unix)]
fn exact(path: &Path) -> Option<String> {
    use std::os::unix::ffi::OsStrExt as _;

    path.to_str()
        .is_none()
        .then(|| base64(path.as_os_str().as_bytes()))
}

/// The exact name where JSON cannot hold it: UTF-16LE with lone surrogates, in base64.
#[cfg(windows)]
fn exact(path: &Path) -> Option<String> {
    use std::os::windows::ffi::OsStrExt as _;

    let bytes = || {
        path.as_os_str()
            .encode_wide()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    path.to_str().is_none().then(|| base64(&bytes()))
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Format;
    use crate::sample::{listed, passed, rejected, report, skipped};

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
