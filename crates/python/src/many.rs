//! `check_many`: many images through the free stages, in the order of their sources.

mod window;
mod workers;

use std::collections::VecDeque;
use std::mem;
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use tokio::task::JoinSet;

use self::window::{Slot, Window};
use self::workers::{Job, Workers};
use crate::checked::Checked;
use crate::options::{self, FreeGate, Options};
use crate::report_class::ReportClass;
use crate::runtime;
use crate::screen::screen_view;
use crate::source::Source;

/// Sources that are taken before the report of the first of them is. More than the fetches that run
/// at once, so that a slow server holds up nobody but those behind it.
const MAX_AHEAD: usize = 1024;

/// Bytes in memory that wait to be decoded.
const MAX_BYTES_AHEAD: u64 = 64_000_000;

/// Sources that are taken at a time, and files that a thread takes at a time, each of which takes
/// microseconds.
const BATCH: usize = 32;

/// A batch that took longer to come was a slow one.
const SLOW: Duration = Duration::from_millis(1);

/// How long a report is waited for before another slow source is.
const PATIENCE: Duration = Duration::from_millis(20);

/// Checks many images as `check` does, and yields their reports in the order of the sources.
///
/// `sources` is any iterable of what `check` takes, also one without an end: at most 1,024 sources are
/// taken ahead of the report that is asked for. Other Python threads run while images are checked.
///
/// `jobs` is how many files are checked at once (default: one a processor). URLs are fetched 64 at
/// once and 4 from one host, or `jobs` where it is given. The other options are those of `check`.
///
/// An exception of `sources` is raised after the reports of all sources before it; so is the
/// `TypeError` for a source that cannot be right. Ctrl-C ends the iteration at once.
///
/// >>> import preflight_emo
/// >>> names = ["fixtures/gallery/anna.jpg", "fixtures/gallery/banner.png"]
/// >>> [report.outcome for report in preflight_emo.check_many(names)]
/// ['pass', 'reject']
#[pyfunction]
#[pyo3(signature = (sources, *, jobs=None, profile="emo", strict=false, decode=false, allow_net=None, timeout=5.0, retries=2))]
#[expect(clippy::too_many_arguments, reason = "Python's keyword arguments")]
pub(crate) fn check_many(
    py: Python<'_>,
    sources: &Bound<'_, PyAny>,
    jobs: Option<isize>,
    profile: &str,
    strict: bool,
    decode: bool,
    allow_net: Option<Vec<String>>,
    timeout: f64,
    retries: u32,
) -> PyResult<CheckMany> {
    let options = Options {
        profile: profile.to_owned(),
        strict,
        decode,
        allow_net: allow_net.unwrap_or_default(),
        timeout,
        retries,
        jobs: options::jobs(jobs)?,
    };
    let gate = options::shared(py, &options)?;
    let run = Run {
        sources: Some(sources.try_iter()?.unbind()),
        failure: None,
        workers: Workers::start(&gate, options.jobs)?,
        gate,
        fetches: JoinSet::new(),
        window: Arc::default(),
        ready: VecDeque::new(),
        batch: 1,
    };
    Ok(CheckMany {
        run: Some(Box::new(run)),
        owner: process::id(),
    })
}

/// The iterator of `check_many`.
#[pyclass(module = "preflight_emo._native", name = "CheckMany")]
pub(crate) struct CheckMany {
    /// None once it has ended.
    run: Option<Box<Run>>,
    owner: u32,
}

/// What an iterator has under way.
struct Run {
    gate: Arc<FreeGate>,
    /// None once it has ended.
    sources: Option<Py<PyIterator>>,
    /// What it ended with.
    failure: Option<PyErr>,
    workers: Workers,
    fetches: JoinSet<()>,
    window: Arc<Window>,
    /// Reports that are next.
    ready: VecDeque<Slot>,
    /// Sources that are taken at a time.
    batch: usize,
}

#[pymethods]
impl CheckMany {
    const fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<ReportClass>> {
        if self.owner != process::id() {
            let text =
                "check_many() was called in another process, and cannot go on in a fork of it";
            return Err(PyRuntimeError::new_err(text));
        }
        let Some(run) = &mut self.run else {
            return Ok(None);
        };
        let next = run.next(py);
        if !matches!(next, Ok(Some(_))) {
            // The checks in progress are dropped.
            self.run = None;
        }
        next
    }
}

impl Drop for CheckMany {
    fn drop(&mut self) {
        // The threads of a parent process are not in its child, and may have held a lock.
        if self.owner != process::id() {
            mem::forget(self.run.take());
        }
    }
}

impl Run {
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<ReportClass>> {
        loop {
            if self.ready.is_empty() {
                self.window.take_ready(&mut self.ready);
            }
            // Where sources come fast, one more batch at each report, so that nobody idles while reports
            // are read. A slow source is waited for only where no report is ready.
            let is_fast = self.batch == BATCH;
            if self.has_room() && (is_fast || self.ready.is_empty()) {
                self.take_batch(py)?;
            }
            match self.ready.pop_front() {
                Some(Slot::Done(checked)) => return Ok(Some(checked.into())),
                Some(Slot::Lost) => return Err(runtime::lost()),
                None if self.window.is_empty() && self.sources.is_none() => {
                    return self.failure.take().map_or(Ok(None), Err);
                }
                None if is_fast && self.has_room() => {}
                None => self.wait(py)?,
            }
        }
    }

    /// Waits for the next report: not long, if more sources may be taken meanwhile.
    fn wait(&mut self, py: Python<'_>) -> PyResult<()> {
        let patience = if self.has_room() {
            PATIENCE
        } else {
            runtime::SIGNAL_PERIOD
        };
        let window = Arc::clone(&self.window);
        py.detach(|| window.wait(patience));
        py.check_signals()
    }

    fn has_room(&self) -> bool {
        self.sources.is_some()
            && self.window.len() + self.ready.len() + BATCH <= MAX_AHEAD
            && self.workers.bytes_ahead() <= MAX_BYTES_AHEAD
    }

    /// Takes sources, and has them checked: one at first, and more each time as long as they come fast.
    fn take_batch(&mut self, py: Python<'_>) -> PyResult<()> {
        let begun = Instant::now();
        let mut jobs = Vec::new();
        for _ in 0..self.batch {
            match self.take_source(py) {
                Ok(Some(source)) => jobs.extend(self.begin(py, source)?),
                Ok(None) => break,
                Err(error) if error.is_instance_of::<PyException>(py) => {
                    self.failure = Some(error);
                    self.sources = None;
                    break;
                }
                // Ctrl-C, or the end of the program: at once.
                Err(error) => return Err(error),
            }
            // Pixels take long: each image is for a thread of its own.
            if self.gate.decodes {
                self.workers.give(mem::take(&mut jobs));
            }
            if begun.elapsed() >= SLOW {
                break;
            }
        }
        self.workers.give(jobs);
        self.batch = if begun.elapsed() < SLOW {
            BATCH.min(self.batch * 2)
        } else {
            1
        };
        Ok(())
    }

    fn take_source(&mut self, py: Python<'_>) -> PyResult<Option<Source>> {
        let Some(sources) = &self.sources else {
            return Ok(None);
        };
        let Some(source) = sources.bind(py).clone().next() else {
            self.sources = None;
            return Ok(None);
        };
        Source::of(&source?).map(Some)
    }

    /// Has one image checked: at once if that takes no time, by the runtime if it is behind a URL, and
    /// else by a job for the workers.
    fn begin(&mut self, py: Python<'_>, source: Source) -> PyResult<Option<Job>> {
        let name = source.name();
        let answer = self.window.reserve();
        match source {
            Source::Bytes(bytes) if !self.gate.decodes => {
                let report = self.gate.gate.screen_bytes(bytes).into_report();
                answer.put(Checked::new(name, report));
            }
            Source::View(view) if !self.gate.decodes => {
                let report = screen_view(py, &self.gate.gate, &view)?;
                answer.put(Checked::new(name, report));
            }
            Source::Bytes(bytes) => return Ok(Some(Job::bytes(name, bytes, answer))),
            Source::View(view) => return Ok(Some(Job::bytes(name, view.all(py)?, answer))),
            Source::Path(path) => return Ok(Some(Job::path(name, path, answer))),
            Source::Url(url) => {
                while self.fetches.try_join_next().is_some() {}
                let gate = Arc::clone(&self.gate);
                let fetch = async move {
                    let report = gate.gate.screen_url(&url).await.into_report();
                    answer.put(Checked::new(name, report));
                };
                self.fetches.spawn_on(fetch, &runtime::handle(py)?);
            }
        }
        Ok(None)
    }
}
