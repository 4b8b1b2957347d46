//! The paid stage of a `Gate`: who is asked, what was spent, where it is written down.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use gate::{
    Account, ApiKey, BaseUrl, Detector, ImageUrl, LedgerError, Publication, Ratio, Report, Run,
    Seat, UploadFor,
};
use ledger::{Options as LedgerOptions, SealKey, SqliteLedger};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use remote::{Client, ClientBuilder};
use standin::{LocalUrl, Script, Standin};

use crate::leave::UnlessCancelled;
use crate::options::{FreeGate, chain, wrong};
use crate::runtime;
use crate::source::Source;

/// The one profile whose detector is spoken.
const PROFILE: &str = "emo";

/// How long calls that were sent may take to be answered when a gate is closed: as long as the
/// command's, after Ctrl-C.
const ANSWER_GRACE: Duration = Duration::from_secs(5);

/// How often a closing gate looks whether all calls are answered.
const GRACE_PERIOD: Duration = Duration::from_millis(20);

/// How the paid stage is to run.
#[derive(Clone, Debug)]
pub(crate) struct PaidOptions {
    /// Requests of one gate in one process, each retry one.
    pub(crate) budget: u64,
    /// Requests of all runs of this machine on one day.
    pub(crate) budget_per_day: Option<u64>,
    pub(crate) ledger: LedgerPlace,
    pub(crate) key: Option<ApiKey>,
    pub(crate) base_url: Option<BaseUrl>,
    pub(crate) standin: StandinOption,
}

/// Where calls and verdicts are written down.
#[derive(Clone, Debug)]
pub(crate) enum LedgerPlace {
    /// The command's: one for the user and the machine.
    Usual,
    Folder(PathBuf),
    /// In memory, for as long as the gate lives.
    Memory,
}

/// Whether verdicts are made up.
#[derive(Clone, Debug)]
pub(crate) enum StandinOption {
    No,
    /// Everything passes.
    Yes,
    /// As a script says, image by image.
    Script(PathBuf),
}

impl StandinOption {
    pub(crate) const fn is_on(&self) -> bool {
        !matches!(self, Self::No)
    }
}

/// The paid stage, open.
#[derive(Debug)]
pub(crate) struct Paid {
    free: Arc<FreeGate>,
    run: Run,
    ledger: Option<SqliteLedger>,
    standin: Option<Standin>,
}

/// Those that are open in this process and its parents, to be closed at the end.
static OPEN: Mutex<Vec<(u32, Weak<Paid>)>> = Mutex::new(Vec::new());

impl Paid {
    /// Opens the paid stage: from here on calls can be made and are written down.
    ///
    /// # Errors
    ///
    /// `ValueError` for a key, an address or a script that cannot be right; `OSError` for a ledger
    /// that cannot be opened or a stand-in that cannot be started.
    pub(crate) fn open(
        py: Python<'_>,
        options: &PaidOptions,
        free: Arc<FreeGate>,
    ) -> PyResult<Arc<Self>> {
        let profile = free.gate.profile().name();
        if profile != PROFILE {
            return Err(PyValueError::new_err(format!(
                "expected the profile {PROFILE}, whose detector is asked, but found {profile}"
            )));
        }
        let standin = start_standin(py, options, &free)?;
        let client = match &standin {
            Some(standin) => standin_client(standin)?,
            None => client(options)?,
        };
        let ledger = options.open_ledger(&client)?;
        let client = match ledger.as_ref().and_then(SqliteLedger::pace) {
            Some(pace) if standin.is_none() => client.pace(Arc::new(pace)),
            _ => client,
        };
        let mut detector =
            Detector::builder(client.build().map_err(wrong)?).allowance(Arc::new(UnlessCancelled));
        if standin.is_some() {
            detector = detector.standin();
        }
        if let Some(ledger) = &ledger {
            detector = detector.ledger(Arc::new(ledger.clone()));
        }
        let paid = Arc::new(Self {
            free,
            run: detector.build().run(options.budget),
            ledger,
            standin,
        });
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(_, paid)| paid.strong_count() > 0);
        open.push((std::process::id(), Arc::downgrade(&paid)));
        Ok(paid)
    }

    /// The place of the next image in the order in which the budget is spent.
    pub(crate) fn seat(&self) -> Seat {
        self.run.seat()
    }

    /// One image through all stages.
    pub(crate) async fn admit(
        &self,
        seat: Seat,
        source: AtHand,
        ratio: Ratio,
        upload: Option<UploadFor>,
    ) -> Report {
        let gate = &self.free.gate;
        let mut lent = None;
        match source {
            AtHand::Url(url) => gate.admit_url(seat, &url, ratio).await,
            AtHand::Path(path) => {
                let publish = || {
                    let loan = self.standin.as_ref().map(|standin| standin.lend(&path));
                    std::future::ready(publication(loan, upload, &mut lent))
                };
                gate.admit_file(seat, &path, ratio, publish).await
            }
            AtHand::Bytes(bytes) => {
                let publish = || {
                    let lend = |standin: &Standin| standin.lend_bytes("bytes", bytes.clone());
                    let loan = self.standin.as_ref().map(lend);
                    std::future::ready(publication(loan, upload, &mut lent))
                };
                gate.admit_bytes(seat, bytes.clone(), ratio, publish).await
            }
        }
    }

    /// The requests that were sent and charged, and those that the budget leaves.
    pub(crate) async fn account(&self) -> Result<Account, LedgerError> {
        let mut account = self.run.detector().account().await?;
        account.left = Some(self.run.left());
        Ok(account)
    }

    /// Sends nothing more, lets what was sent be answered for some seconds, and writes down what is
    /// left to write.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub(crate) async fn close(&self) -> Result<(), LedgerError> {
        let detector = self.run.detector();
        detector.stop_sending();
        let begun = Instant::now();
        while detector.account().await?.in_flight > 0 && begun.elapsed() < ANSWER_GRACE {
            tokio::time::sleep(GRACE_PERIOD).await;
        }
        detector.interrupt();
        match &self.ledger {
            Some(ledger) => ledger.close().await,
            None => Ok(()),
        }
    }
}

/// An image without the interpreter.
pub(crate) enum AtHand {
    Bytes(bytes::Bytes),
    Path(PathBuf),
    Url(String),
}

impl AtHand {
    pub(crate) fn of(py: Python<'_>, source: Source) -> PyResult<Self> {
        Ok(match source {
            Source::Bytes(bytes) => Self::Bytes(bytes),
            Source::View(view) => Self::Bytes(view.all(py)?),
            Source::Path(path) => Self::Path(path),
            Source::Url(url) => Self::Url(url),
        })
    }
}

/// Closes what is open in this process.
pub(crate) fn close_all(py: Python<'_>) {
    let open = std::mem::take(&mut *OPEN.lock().unwrap_or_else(PoisonError::into_inner));
    let own = open
        .into_iter()
        .filter(|(owner, _)| *owner == std::process::id());
    for paid in own.filter_map(|(_, paid)| paid.upgrade()) {
        // Nobody is left to be told. What is not written down stays open in the ledger, and the next
        // run tells.
        let _ = runtime::wait(py, async move { paid.close().await });
    }
}

/// How the service gets at an image. What the stand-in is lent stays lent for as long as `lent` is
/// held.
fn publication(
    loan: Option<std::io::Result<LocalUrl>>,
    upload: Option<UploadFor>,
    lent: &mut Option<LocalUrl>,
) -> Publication {
    match (upload, loan) {
        (Some(model), _) => Publication::Upload(model),
        (None, None) => Publication::None,
        (None, Some(Err(error))) => Publication::Failed(error.into()),
        (None, Some(Ok(loan))) => match ImageUrl::parse(lent.insert(loan).url()) {
            Ok(url) => Publication::Vouched(url),
            Err(error) => Publication::Failed(error.into()),
        },
    }
}

fn start_standin(
    py: Python<'_>,
    options: &PaidOptions,
    free: &FreeGate,
) -> PyResult<Option<Standin>> {
    let policy = free.policy();
    // It fetches URLs by itself, and must dial no address that the guard would not.
    let standin = Standin::builder().fetch_only_from(move |address| policy.permits(address));
    let standin = match &options.standin {
        StandinOption::No => return Ok(None),
        StandinOption::Yes => standin,
        StandinOption::Script(script) => standin.script(Script::load(script).map_err(wrong)?),
    };
    // With the interpreter held, since the gate's own lock is; to open a port takes no time.
    let started = runtime::handle(py)?.block_on(standin.start());
    started.map(Some).map_err(|error| failed(&error))
}

fn standin_client(standin: &Standin) -> PyResult<ClientBuilder> {
    let key = ApiKey::new(standin.key()).map_err(wrong)?;
    let base_url = BaseUrl::parse(&standin.base_url()).map_err(wrong)?;
    Ok(Client::builder(key).base_url(base_url).unpaced())
}

/// A client as the options say, and where they say nothing, the environment.
fn client(options: &PaidOptions) -> PyResult<ClientBuilder> {
    let builder = match &options.key {
        Some(key) => Client::builder(key.clone()),
        None => ClientBuilder::from_env().map_err(wrong)?,
    };
    Ok(match &options.base_url {
        Some(base_url) => builder.base_url(base_url.clone()),
        None => builder,
    })
}

impl PaidOptions {
    fn open_ledger(&self, client: &ClientBuilder) -> PyResult<Option<SqliteLedger>> {
        let folder = match &self.ledger {
            LedgerPlace::Memory => return Ok(None),
            LedgerPlace::Folder(folder) => folder.clone(),
            // Made-up verdicts must not stand among the user's.
            LedgerPlace::Usual if self.standin.is_on() => return Ok(None),
            LedgerPlace::Usual => {
                ledger::place(|name| std::env::var_os(name)).ok_or_else(|| {
                    PyValueError::new_err(
                        "the system names no folder for the ledger; name one with ledger= or \
                     PREFLIGHT_CACHE_DIR, or keep none with ledger=False",
                    )
                })?
            }
        };
        let mut options = LedgerOptions::new(folder).seal_key(SealKey::of(client.key()));
        if let Some(requests) = self.budget_per_day {
            options = options.budget_per_day(requests);
        }
        ledger::open(&options)
            .map(Some)
            .map_err(|error| failed(&error))
    }
}

/// `OSError` with all that an error and its causes say.
pub(crate) fn failed(error: &dyn std::error::Error) -> PyErr {
    PyOSError::new_err(chain(error))
}
