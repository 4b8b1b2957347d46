//! How the free stages are to run, and the gates that run so.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gate::{AddressPolicy, DecodeMemory, Fetcher, Gate, Profile};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::process::PerProcess;

/// How the free stages are to run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) profile: String,
    pub(crate) strict: bool,
    pub(crate) decode: bool,
    pub(crate) allow_net: Vec<String>,
    /// Seconds.
    pub(crate) timeout: f64,
    pub(crate) retries: u32,
    /// How many at a time, where the caller says.
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// A gate, and whether it looks at pixels: that takes milliseconds, and not microseconds.
#[derive(Debug)]
pub(crate) struct FreeGate {
    pub(crate) gate: Gate,
    pub(crate) decodes: bool,
    policy: AddressPolicy,
}

impl FreeGate {
    /// The addresses that it fetches from.
    pub(crate) fn policy(&self) -> AddressPolicy {
        self.policy.clone()
    }
}

impl Options {
    /// A gate of its own.
    ///
    /// # Errors
    ///
    /// `ValueError` names the option that cannot be right.
    pub(crate) fn build(&self) -> PyResult<FreeGate> {
        let profile = self.profile()?;
        let policy = self.policy()?;
        let mut fetcher = Fetcher::builder()
            .policy(policy.clone())
            .timeout(self.timeout()?)
            .retries(self.retries);
        if let Some(jobs) = self.jobs {
            fetcher = fetcher.concurrency(jobs.get()).per_host(jobs.get());
        }
        let fetcher = fetcher.build().map_err(wrong)?;
        let mut gate = Gate::builder(profile).strict(self.strict).fetcher(fetcher);
        if self.decode {
            gate = gate.decode(DecodeMemory::default());
        }
        Ok(FreeGate {
            gate: gate.build(),
            decodes: self.decode,
            policy,
        })
    }

    fn profile(&self) -> PyResult<Profile> {
        Profile::by_name(&self.profile).ok_or_else(|| {
            let known = Profile::builtin();
            let known: Vec<_> = known.iter().map(Profile::name).collect();
            PyValueError::new_err(format!(
                "expected one of the profiles {}, but found '{}'",
                known.join(", "),
                self.profile
            ))
        })
    }

    fn policy(&self) -> PyResult<AddressPolicy> {
        let mut policy = AddressPolicy::public();
        for network in &self.allow_net {
            let network = network.parse().map_err(|error| {
                PyValueError::new_err(format!("allow_net, '{network}': {error}"))
            })?;
            policy = policy.allow(network);
        }
        Ok(policy)
    }

    fn timeout(&self) -> PyResult<Duration> {
        Duration::try_from_secs_f64(self.timeout).map_err(|_| {
            PyValueError::new_err(format!(
                "expected a timeout of 0.001 to 600 seconds, but found {}",
                self.timeout
            ))
        })
    }
}

/// Gates that are kept for the next call with the same options: a gate keeps connections open, and
/// what is known of hosts. A program has few options; those longest unused go first.
const KEPT: usize = 8;

/// The last is the one that was used last.
type Gates = Vec<(Options, Arc<FreeGate>)>;

static GATES: PerProcess<Arc<Mutex<Gates>>> = PerProcess::new();

/// The gate of this process for these options.
///
/// # Errors
///
/// `ValueError` names the option that cannot be right.
pub(crate) fn shared(py: Python<'_>, options: &Options) -> PyResult<Arc<FreeGate>> {
    let gates = GATES.get(py, || Ok(Arc::default()))?;
    // Locked while the interpreter is held, as all of a process's own values are.
    let mut gates = gates.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = gates.iter().position(|(kept, _)| kept == options) {
        let kept = gates.remove(at);
        let gate = Arc::clone(&kept.1);
        gates.push(kept);
        return Ok(gate);
    }
    let gate = Arc::new(options.build()?);
    if gates.len() >= KEPT {
        gates.remove(0);
    }
    gates.push((options.clone(), Arc::clone(&gate)));
    Ok(gate)
}

/// `ValueError` with all that an error and its causes say.
pub(crate) fn wrong(error: impl std::error::Error) -> PyErr {
    PyValueError::new_err(chain(&error))
}

/// All that an error and its causes say.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<_> = errors.map(ToString::to_string).collect();
    words.join(": ")
}

/// More threads than any machine has a use for.
const MAX_JOBS: usize = 1024;

/// How many at a time: `None` for as many as there are processors.
///
/// # Errors
///
/// `ValueError` for none, and for more than [`MAX_JOBS`].
pub(crate) fn jobs(asked: Option<isize>) -> PyResult<Option<NonZeroUsize>> {
    let Some(asked) = asked else {
        return Ok(None);
    };
    let jobs = usize::try_from(asked).ok().filter(|jobs| *jobs <= MAX_JOBS);
    jobs.and_then(NonZeroUsize::new).map(Some).ok_or_else(|| {
        PyValueError::new_err(format!("expected 1 to {MAX_JOBS} jobs, but found {asked}"))
    })
}
