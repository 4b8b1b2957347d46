//! One JSON object a line: the images, then the summary.
//!
//! No times on the image lines, so that the same input gives the same bytes.

pub(crate) mod schema;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use gate::{Outcome, Report, Stage};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Context, Image, ImageName, ListLine, PassedOver, Render, Summary, json};

/// The version of the lines. It changes when a key goes away or changes its meaning; keys may be
/// added to a version.
const SCHEMA: u32 = 1;

/// Renders JSONL.
pub(crate) struct Jsonl {
    profile: String,
    service: Option<&'static str>,
}

impl Jsonl {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            profile: context.profile.name().to_owned(),
            service: context.service,
        }
    }
}

impl Render for Jsonl {
    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        let (path, url) = match &image.name {
            ImageName::Path(path) => (Some(path.as_path()), image.public_url.as_deref()),
            ImageName::Url(url) => (None, Some(url.as_str())),
            ImageName::Stdin => (Some(Path::new("-")), None),
        };
        let line = Line::Image {
            path: path.map(Path::to_string_lossy),
            path_b64: path.and_then(exact),
            url,
            origin: image.listed.as_ref().map(ListLineFields::of),
            report: &image.report,
        };
        write_line(out, &line)
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
            passed_over: PassedOverFields::of(&summary.passed_over),
            remote: totals.remote.map(|totals| RemoteFields {
                eligible: totals.eligible,
                asked: totals.asked,
                cached: totals.cached,
                charged: totals.charged,
                maybe_charged: totals.maybe_charged,
            }),
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

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Image {
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<Cow<'a, str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        path_b64: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        origin: Option<ListLineFields>,
        #[serde(flatten)]
        report: &'a Report,
    },
    Summary(SummaryFields<'a>),
}

/// Where an input was named.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct ListLineFields {
    /// The list; `-` for standard input.
    file: String,
    /// Counted from 1; with `-0`, the entry.
    line: u64,
}

/// What came of all images together.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct SummaryFields<'a> {
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
    /// What walking passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_over: Option<PassedOverFields>,
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

/// What the paid stage did and cost.
#[derive(Debug, JsonSchema, Serialize)]
struct RemoteFields {
    /// Images whose verdict was asked for or known.
    eligible: u64,
    /// Requests sent, each retry one.
    asked: u64,
    /// Verdicts that were known.
    cached: u64,
    /// Images charged.
    charged: u64,
    /// Images of which nobody knows whether they are charged.
    maybe_charged: u64,
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
            special,
            misnamed,
            duplicates,
        } = passed_over.clone();
        (*passed_over != PassedOver::default()).then_some(Self {
            by_extension,
            excluded,
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
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place)) as usize & 0x3f;
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'=');
            out.push(if place > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    out
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

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
