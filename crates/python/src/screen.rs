//! `check` and `size`: one image through the free stages.

use std::sync::Arc;

use gate::{Gate, Report};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::checked::Checked;
use crate::options::{self, FreeGate, Options};
use crate::report_class::ReportClass;
use crate::runtime;
use crate::source::{Source, View};

/// Bytes that are copied first of an object that is not `bytes`: they decide about nearly every image.
const FIRST_COPY: usize = 64 * 1024;

/// Checks one image by its header, free of charge, and says what came of it.
///
/// `source` is a path (`str` or `os.PathLike`), a URL (a `str` with a scheme, such as `https://`),
/// or bytes: `bytes`, which are not copied, or any object with a buffer, of which as much is copied
/// as is looked at.
///
/// An image that is bad, or cannot be read or fetched, is no error but a report: see `outcome`.
///
/// Options:
///
/// * `profile`: the limits, by the name of a profile or a model: `"emo"`, `"emoji"`, `"s2v"`,
///   `"liveportrait"` or `"videoretalk"`.
/// * `strict`: warnings reject.
/// * `decode`: read the whole image, and look for every pixel. Takes milliseconds.
/// * `allow_net`: networks that URLs may be fetched from besides the public ones, such as
///   `["10.2.0.0/16"]`. Without it private addresses are refused.
/// * `timeout`: the longest that a URL may take, in seconds, 0.001 to 600.
/// * `retries`: how often a request that failed for the moment is sent again, 0 to 5.
///
/// Bytes and files take microseconds; a URL blocks for at most `timeout` (with `decode`, 12 times
/// that), and Ctrl-C ends the wait. Other Python threads run meanwhile.
///
/// Raises `TypeError` and `ValueError` for a source or an option that cannot be right.
///
/// >>> import preflight_emo
/// >>> report = preflight_emo.check("fixtures/gallery/thumbnail.jpg")
/// >>> report.outcome, report.stage, report.width, report.height
/// ('reject', 'limits', 399, 500)
/// >>> report.findings[0]["code"]
/// 'PF202'
/// >>> preflight_emo.check("no/such/file.png").outcome
/// 'unknown'
#[pyfunction]
#[pyo3(signature = (source, *, profile="emo", strict=false, decode=false, allow_net=None, timeout=5.0, retries=2))]
#[expect(clippy::too_many_arguments, reason = "Python's keyword arguments")]
pub(crate) fn check(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    profile: &str,
    strict: bool,
    decode: bool,
    allow_net: Option<Vec<String>>,
    timeout: f64,
    retries: u32,
) -> PyResult<ReportClass> {
    let options = Options {
        profile: profile.to_owned(),
        strict,
        decode,
        allow_net: allow_net.unwrap_or_default(),
        timeout,
        retries,
        jobs: None,
    };
    let gate = options::shared(py, &options)?;
    screen(py, &gate, Source::of(source)?).map(ReportClass::from)
}

/// The width and height of an image in px, as stored: before any EXIF orientation.
///
/// `source` is a path or bytes, as `check` takes them. Gives `None` where there is no size: the file
/// is not there or cannot be read, or it is no image; `check` says why.
///
/// Takes microseconds. Raises `TypeError` for what is no source, and `ValueError` for a URL.
///
/// >>> import preflight_emo
/// >>> preflight_emo.size("fixtures/gallery/anna.jpg")
/// (480, 640)
/// >>> preflight_emo.size(b"no image") is None
/// True
#[pyfunction]
pub(crate) fn size(py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<Option<(u32, u32)>> {
    let gate = options::shared(py, &DEFAULT)?;
    let source = Source::of(source)?;
    if let Source::Url(_) = source {
        let text = "expected a path or bytes, but found a URL; check() fetches URLs";
        return Err(PyValueError::new_err(text));
    }
    let report = report(py, &gate, source)?;
    let facts = report.facts();
    Ok(facts.width.zip(facts.height))
}

/// What applies where a caller says nothing.
static DEFAULT: std::sync::LazyLock<Options> = std::sync::LazyLock::new(|| Options {
    profile: "emo".to_owned(),
    strict: false,
    decode: false,
    allow_net: Vec::new(),
    timeout: 5.0,
    retries: 2,
    jobs: None,
});

/// One image through the free stages of a gate.
///
/// # Errors
///
/// What a signal handler raised.
pub(crate) fn screen(py: Python<'_>, gate: &Arc<FreeGate>, source: Source) -> PyResult<Checked> {
    let name = source.name();
    Ok(Checked::new(name, report(py, gate, source)?))
}

fn report(py: Python<'_>, gate: &Arc<FreeGate>, source: Source) -> PyResult<Report> {
    match source {
        Source::Bytes(bytes) if gate.decodes => {
            Ok(py.detach(|| gate.gate.screen_bytes(bytes).into_report()))
        }
        // To let the interpreter go would take as long as to look.
        Source::Bytes(bytes) => Ok(gate.gate.screen_bytes(bytes).into_report()),
        Source::View(view) if gate.decodes => {
            let bytes = view.all(py)?;
            Ok(py.detach(|| gate.gate.screen_bytes(bytes).into_report()))
        }
        Source::View(view) => screen_view(py, &gate.gate, &view),
        Source::Path(path) => Ok(py.detach(|| gate.gate.screen_file(path).into_report())),
        Source::Url(url) => {
            let gate = Arc::clone(gate);
            runtime::wait(
                py,
                async move { gate.gate.screen_url(&url).await.into_report() },
            )
        }
    }
}

/// Copies as much of an object as decides.
pub(crate) fn screen_view(py: Python<'_>, gate: &Gate, view: &View) -> PyResult<Report> {
    let mut copied = FIRST_COPY;
    while copied < view.len() {
        let start = view.start(py, copied)?;
        if let Some(report) = gate.screen_prefix(&start, Some(view.len() as u64)) {
            return Ok(report);
        }
        copied = copied.saturating_mul(4);
    }
    Ok(gate.screen_bytes(view.all(py)?).into_report())
}
