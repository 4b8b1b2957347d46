//! The objects of a JSON Lines report. The schema derives from these types.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::{Outcome, Report, Stage};
use remote::{Currency, PRICE};
use schemars::JsonSchema;
use serde::Serialize;

use crate::image::{ImageName, ListLine, SameAs};
use crate::totals::{PassedOver, RemoteTotals, Summary, Totals};
use crate::words::exact_name;

/// The version of the lines. It changes when a key goes away or changes its meaning; a version may
/// gain keys.
const SCHEMA: u32 = 2;

/// A line of a report of `preflight check --format jsonl`: images in the order of the inputs, then
/// one summary. A key whose value is not known is absent, never null. Keys may be added; the
/// summary's `schema` changes when one goes away or changes its meaning.
#[derive(JsonSchema, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(title = "preflight report line")]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, and written at once"
)]
pub(super) enum Line<'a> {
    /// The result of one image.
    Image(ImageLine<'a>),
    /// The totals of the run.
    Summary(SummaryLine<'a>),
}

/// The result of one image. It has a `path`, a `url` or both.
#[derive(JsonSchema, Serialize)]
pub(super) struct ImageLine<'a> {
    /// The file, relative as typed; `-` for standard input. Bytes that are not UTF-8 are U+FFFD.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Cow<'a, str>>,
    /// The exact bytes of a path that is not UTF-8, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    /// The exact URL of the image, or of the file's public copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<&'a str>,
    /// The list that named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a ListLine>,
    #[serde(flatten)]
    result: ImageResult<'a>,
}

/// The result of an image.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
pub(super) enum ImageResult<'a> {
    Checked(&'a Report),
    /// An earlier line names the same image and holds its findings.
    Repeated {
        /// The first mention.
        same_as: FirstMention,
        /// The outcome of the first.
        outcome: Outcome,
        /// The stage at which the first ended.
        stage: Stage,
        /// Always empty.
        findings: [(); 0],
    },
}

impl<'a> ImageLine<'a> {
    pub(super) fn new(
        name: &'a ImageName,
        listed: Option<&'a ListLine>,
        result: ImageResult<'a>,
    ) -> Self {
        let (path, url) = match name {
            ImageName::Path(path) => (Some(path.as_path()), None),
            ImageName::Url(url) => (None, Some(url.as_str())),
            ImageName::Stdin => (Some(Path::new("-")), None),
        };
        Self {
            path: path.map(Path::to_string_lossy),
            path_b64: path.and_then(exact),
            url,
            origin: listed,
            result,
        }
    }
}

/// The first mention of an image: a line of the same list, else a name, or `LIST:LINE`.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(untagged)]
pub(super) enum FirstMention {
    Line(u64),
    Name(String),
}

impl From<&SameAs> for FirstMention {
    fn from(first: &SameAs) -> Self {
        match first {
            SameAs::Line(line) => Self::Line(*line),
            SameAs::Listed(listed) => {
                Self::Name(format!("{}:{}", listed.file.display(), listed.line))
            }
            SameAs::Name(name) => Self::Name(exact_name(name).into_owned()),
        }
    }
}

/// The totals of the run.
#[derive(JsonSchema, Serialize)]
pub(super) struct SummaryLine<'a> {
    /// The version of the lines.
    schema: u32,
    /// The version of the program.
    version: &'a str,
    /// The profile that the images were checked against.
    profile: &'a str,
    /// `standin` where verdicts are made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    /// Whether the run was interrupted; images not reached are absent.
    interrupted: bool,
    /// All images of the report.
    images: u64,
    /// Images that passed every stage.
    pass: u64,
    /// Images that were rejected.
    reject: u64,
    /// Images that could not be judged.
    unknown: u64,
    /// Images that were skipped because a setting says so.
    skip: u64,
    /// Rejected images by the stage that rejected them.
    by_stage: ByStage,
    /// Images by the codes of their errors and warnings.
    by_code: BTreeMap<&'a str, u64>,
    /// Inputs that repeat an earlier one; they are not among the images.
    duplicates: u64,
    /// Files that walking passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a PassedOver>,
    /// The work and the cost of the paid stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<RemoteSummary>,
    /// The exit code of the program, unless a report could not be written.
    exit_code: u8,
    /// The duration of the run in ms.
    elapsed_ms: u64,
}

impl<'a> SummaryLine<'a> {
    pub(super) fn new(summary: &'a Summary, profile: &'a str, service: Option<&'a str>) -> Self {
        let totals = &summary.totals;
        let passed_over = &summary.passed_over;
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            profile,
            service,
            interrupted: summary.interrupted,
            images: totals.images(),
            pass: totals.of(Outcome::Pass),
            reject: totals.of(Outcome::Reject),
            unknown: totals.of(Outcome::Unknown),
            skip: totals.of(Outcome::Skip),
            by_stage: ByStage::of(totals),
            by_code: totals.by_code().map(|(code, n)| (code.id(), n)).collect(),
            duplicates: totals.duplicates,
            left_out: (*passed_over != PassedOver::new()).then_some(passed_over),
            remote: totals
                .remote
                .map(|remote| RemoteSummary::of(&remote, service)),
            exit_code: summary.exit_code,
            elapsed_ms: u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
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

impl ByStage {
    fn of(totals: &Totals) -> Self {
        Self {
            input: totals.rejected_at(Stage::Input),
            header: totals.rejected_at(Stage::Header),
            limits: totals.rejected_at(Stage::Limits),
            content: totals.rejected_at(Stage::Content),
            remote: totals.rejected_at(Stage::Remote),
        }
    }
}

/// The work and the cost of the paid stage; in a plan, those of the run that it plans.
#[derive(Debug, JsonSchema, Serialize)]
struct RemoteSummary {
    /// Whether this is a plan: nothing was sent, and the counts are those of a run to come.
    plan: bool,
    /// The most requests of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u64>,
    /// Images that passed the free stages and have an address for the service.
    eligible: u64,
    /// Images that the run asks about: eligible, not known, and within the budget.
    to_ask: u64,
    /// Requests sent; each retry counts.
    asked: u64,
    /// Verdicts that were known.
    cached: u64,
    /// Requests that were charged.
    charged: u64,
    /// Requests that may have been charged: nobody knows.
    maybe_charged: u64,
    /// Eligible images that were not asked about.
    not_asked: u64,
    /// Requests of earlier runs that were never answered, and may have been charged.
    unsettled: u64,
    /// The cost; absent where verdicts are made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Cost>,
}

/// The cost of requests.
#[derive(Debug, JsonSchema, Serialize)]
struct Cost {
    /// ISO 4217.
    currency: Currency,
    /// The price of one request.
    each: f64,
    /// The most that the plan costs, or that the run has cost.
    at_most: f64,
}

impl RemoteSummary {
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
            price: service.is_none().then(|| Cost {
                currency: PRICE.currency,
                each: PRICE.amount(),
                at_most: (PRICE * totals.charged_at_most()).amount(),
            }),
        }
    }
}

/// The exact bytes of a name that JSON cannot hold, in base64 (RFC 4648, section 4).
#[cfg(unix)]
fn exact(path: &Path) -> Option<String> {
    use std::os::unix::ffi::OsStrExt as _;

    let bytes = path.as_os_str().as_bytes();
    path.to_str().is_none().then(|| STANDARD.encode(bytes))
}

/// The exact name where JSON cannot hold it: UTF-16LE with lone surrogates, in base64.
#[cfg(windows)]
fn exact(path: &Path) -> Option<String> {
    use std::os::windows::ffi::OsStrExt as _;

    let units = || path.as_os_str().encode_wide();
    let bytes = || units().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    path.to_str().is_none().then(|| STANDARD.encode(bytes()))
}
