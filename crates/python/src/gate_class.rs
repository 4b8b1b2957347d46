//! `Gate`: all stages, the paid one included.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gate::{ApiKey, BaseUrl, Ratio, UploadFor};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};
use tokio::task::AbortHandle;

use crate::checked::Checked;
use crate::leave::{LEAVE, Leave};
use crate::options::{FreeGate, Options, wrong};
use crate::paid::{AtHand, LedgerPlace, Paid, PaidOptions, StandinOption, failed};
use crate::process::PerProcess;
use crate::report_class::ReportClass;
use crate::runtime;
use crate::screen;
use crate::source::Source;

/// The native part of `preflight_emo.Gate`.
#[pyclass(frozen, subclass, module = "preflight_emo._native", name = "Gate")]
pub(crate) struct GateClass {
    options: Options,
    paid_options: PaidOptions,
    free: PerProcess<Arc<FreeGate>>,
    paid: PerProcess<Arc<Paid>>,
    is_closed: AtomicBool,
}

#[pymethods]
impl GateClass {
    #[new]
    #[pyo3(signature = (
        *, profile="emo", strict=false, decode=false, allow_net=None, timeout=5.0, retries=2,
        budget=100, budget_per_day=None, ledger=None, key=None, base_url=None, standin=None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "Python's keyword arguments")]
    fn new(
        py: Python<'_>,
        profile: &str,
        strict: bool,
        decode: bool,
        allow_net: Option<Vec<String>>,
        timeout: f64,
        retries: u32,
        budget: u64,
        budget_per_day: Option<u64>,
        ledger: Option<&Bound<'_, PyAny>>,
        key: Option<&str>,
        base_url: Option<&str>,
        standin: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let options = Options {
            profile: profile.to_owned(),
            strict,
            decode,
            allow_net: allow_net.unwrap_or_default(),
            timeout,
            retries,
            jobs: None,
        };
        let gate = Self {
            paid_options: PaidOptions {
                budget,
                budget_per_day,
                ledger: ledger_place(ledger)?,
                key: key.map(ApiKey::new).transpose().map_err(wrong)?,
                base_url: base_url.map(BaseUrl::parse).transpose().map_err(wrong)?,
                standin: standin_option(standin)?,
            },
            options,
            free: PerProcess::new(),
            paid: PerProcess::new(),
            is_closed: AtomicBool::new(false),
        };
        // Wrong options are an error here, not at the first image.
        gate.free(py)?;
        gate.refuse_contradictions()?;
        Ok(gate)
    }

    fn screen(&self, py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<ReportClass> {
        let gate = self.free(py)?;
        screen::screen(py, &gate, Source::of(source)?).map(ReportClass::from)
    }

    /// Begins to ask about an image. `deliver` is called once, from another thread, with the report or
    /// `None` if there is none.
    fn _admit(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        ratio: &str,
        upload: &Bound<'_, PyAny>,
        deliver: Py<PyAny>,
    ) -> PyResult<Call> {
        let ratio: Ratio = ratio.parse().map_err(wrong)?;
        let upload = upload_for(upload)?;
        let source = Source::of(source)?;
        let name = source.name();
        let source = AtHand::of(py, source)?;
        let paid = self.paid(py)?;
        // Taken now: the budget is spent in the order in which images come.
        let seat = paid.seat();
        let leave = Arc::new(Leave::default());
        let handle = runtime::handle(py)?;
        let asking = LEAVE.scope(Arc::clone(&leave), async move {
            let report = paid.admit(seat, source, ratio, upload).await;
            Checked::new(name, report)
        });
        let asking = handle.spawn(asking);
        let abort = asking.abort_handle();
        handle.spawn(async move {
            let report = asking.await.ok().map(ReportClass::from);
            // An interpreter that goes away has nobody to tell.
            Python::try_attach(|py| {
                if let Err(error) = deliver.call1(py, (report,)) {
                    error.write_unraisable(py, None);
                }
            });
        });
        Ok(Call { abort, leave })
    }

    fn account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let paid = self.paid(py)?;
        let account = runtime::wait(py, async move { paid.account().await })?;
        let account = account.map_err(|error| failed(&error))?;
        let fields = PyDict::new(py);
        fields.set_item("asked", account.asked)?;
        fields.set_item("cached", account.cached)?;
        fields.set_item("charged", account.charged)?;
        fields.set_item("maybe_charged", account.maybe_charged + account.in_flight)?;
        fields.set_item("not_asked", account.not_asked)?;
        fields.set_item("unsettled", account.open_before)?;
        fields.set_item("left", account.left)?;
        Ok(fields)
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.is_closed.store(true, Ordering::Relaxed);
        let Some(paid) = self.paid.take(py) else {
            return Ok(());
        };
        let closed = runtime::wait(py, async move { paid.close().await })?;
        closed.map_err(|error| failed(&error))
    }

    /// Without the key, which nobody is shown.
    fn __repr__(&self) -> String {
        let standin = if self.paid_options.standin.is_on() {
            ", standin=True"
        } else {
            ""
        };
        format!(
            "Gate(profile='{}', budget={}{standin})",
            self.options.profile, self.paid_options.budget
        )
    }
}

impl GateClass {
    fn free(&self, py: Python<'_>) -> PyResult<Arc<FreeGate>> {
        self.free.get(py, || self.options.build().map(Arc::new))
    }

    /// The paid stage, which is opened at the first image: who only screens needs no key.
    fn paid(&self, py: Python<'_>) -> PyResult<Arc<Paid>> {
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(PyValueError::new_err("this Gate is closed"));
        }
        let free = self.free(py)?;
        self.paid
            .get(py, || Paid::open(py, &self.paid_options, free))
    }

    fn refuse_contradictions(&self) -> PyResult<()> {
        let paid = &self.paid_options;
        let text = if paid.standin.is_on() && (paid.key.is_some() || paid.base_url.is_some()) {
            "expected standin or a key and base_url, but found both: the stand-in has its own"
        } else if matches!(paid.ledger, LedgerPlace::Memory) && paid.budget_per_day.is_some() {
            "expected a ledger with budget_per_day, but found ledger=False: who keeps no ledger knows no \
             day"
        } else {
            return Ok(());
        };
        Err(PyValueError::new_err(text))
    }
}

/// A call that is under way.
#[pyclass(frozen, module = "preflight_emo._native")]
pub(crate) struct Call {
    abort: AbortHandle,
    leave: Arc<Leave>,
}

#[pymethods]
impl Call {
    /// Drops the call if nothing was sent for it. One that was sent goes on until it is answered and
    /// written down.
    fn cancel(&self) {
        if self.leave.cancel() {
            self.abort.abort();
        }
    }
}

fn ledger_place(ledger: Option<&Bound<'_, PyAny>>) -> PyResult<LedgerPlace> {
    let Some(ledger) = ledger else {
        return Ok(LedgerPlace::Usual);
    };
    if let Ok(is_on) = ledger.cast::<PyBool>() {
        return Ok(if is_on.is_true() {
            LedgerPlace::Usual
        } else {
            LedgerPlace::Memory
        });
    }
    match Source::of(ledger)? {
        Source::Path(folder) => Ok(LedgerPlace::Folder(folder)),
        _ => Err(PyTypeError::new_err(
            "expected the path of a folder, True or False as ledger, but found something else",
        )),
    }
}

fn standin_option(standin: Option<&Bound<'_, PyAny>>) -> PyResult<StandinOption> {
    let Some(standin) = standin else {
        return Ok(StandinOption::No);
    };
    if let Ok(is_on) = standin.cast::<PyBool>() {
        return Ok(if is_on.is_true() {
            StandinOption::Yes
        } else {
            StandinOption::No
        });
    }
    match Source::of(standin)? {
        Source::Path(script) => Ok(StandinOption::Script(script)),
        _ => Err(PyTypeError::new_err(
            "expected the path of a script, True or False as standin, but found something else",
        )),
    }
}

fn upload_for(upload: &Bound<'_, PyAny>) -> PyResult<Option<UploadFor>> {
    if let Ok(is_wanted) = upload.cast::<PyBool>() {
        return Ok(is_wanted.is_true().then_some(UploadFor::Detector));
    }
    match upload.extract::<&str>() {
        Ok(model) if model == gate::VIDEO_MODEL => Ok(Some(UploadFor::Video)),
        _ => Err(PyValueError::new_err(format!(
            "expected True, False or '{}' as upload, but found {}",
            gate::VIDEO_MODEL,
            upload.repr()?
        ))),
    }
}
