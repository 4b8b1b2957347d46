//! The runtime that URLs and paid calls run on, one for each process, and the way to wait for it.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::process::PerProcess;

/// How often a wait looks whether Ctrl-C was pressed.
pub(crate) const SIGNAL_PERIOD: Duration = Duration::from_millis(50);

/// How long the end of the process waits for what cannot be told to stop.
const END_PATIENCE: Duration = Duration::from_secs(1);

static RUNTIME: PerProcess<Shared> = PerProcess::new();

/// The runtime and the way to it, which stays once the runtime has ended.
#[derive(Clone)]
struct Shared {
    handle: Handle,
    runtime: Arc<Mutex<Option<Runtime>>>,
}

/// The runtime of this process.
///
/// # Errors
///
/// If its threads cannot be started.
pub(crate) fn handle(py: Python<'_>) -> PyResult<Handle> {
    let start = || -> io::Result<Shared> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("preflight_emo")
            .enable_all()
            .build()?;
        Ok(Shared {
            handle: runtime.handle().clone(),
            runtime: Arc::new(Mutex::new(Some(runtime))),
        })
    };
    let shared = RUNTIME.get(py, || Ok(start()?))?;
    Ok(shared.handle)
}

/// Waits for something on the runtime, without the interpreter. Ctrl-C ends the wait, and drops what
/// was waited for.
///
/// # Errors
///
/// What a signal handler raised; and if the work ended in a panic.
pub(crate) fn wait<T: Send + 'static>(
    py: Python<'_>,
    work: impl Future<Output = T> + Send + 'static,
) -> PyResult<T> {
    let (answer, mut answered) = mpsc::sync_channel(1);
    let task = handle(py)?.spawn(async move {
        let _ = answer.send(work.await);
    });
    loop {
        let received;
        (answered, received) = py.detach(move || {
            let received = answered.recv_timeout(SIGNAL_PERIOD);
            (answered, received)
        });
        match received {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Timeout) => py.check_signals().inspect_err(|_| task.abort())?,
            Err(RecvTimeoutError::Disconnected) => return Err(lost()),
        }
    }
}

/// Ends the runtime, if this process has one: nothing runs on its own threads afterwards.
pub(crate) fn end(py: Python<'_>) {
    if let Some(shared) = RUNTIME.take(py) {
        let runtime = shared
            .runtime
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        py.detach(move || {
            if let Some(runtime) = runtime {
                runtime.shutdown_timeout(END_PATIENCE);
            }
        });
    }
}

/// A panic, or the end of the process.
pub(crate) fn lost() -> PyErr {
    PyRuntimeError::new_err("a check ended without an answer")
}
