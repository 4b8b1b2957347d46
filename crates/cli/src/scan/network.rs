//! Where inputs go on that wait for servers.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::mpsc::Sender;

use gate::{Code, Report};
use tokio::runtime::{Builder, Runtime};

use crate::input::Input;
use crate::scan::Results;
use crate::scan::checked::Checked;
use crate::scan::order::Slot;

/// Threads that turn the wheels of the network. Waiting needs none; two keep TLS going.
const THREADS: usize = 2;

/// A runtime, started for the first input that needs it. A run over files has none.
#[derive(Default)]
pub(crate) struct Network {
    runtime: OnceLock<Option<Runtime>>,
}

impl Network {
    /// Sees an input through, and sends what came of it.
    pub(crate) fn spawn(
        &self,
        number: u64,
        input: Input,
        future: Pin<Box<dyn Future<Output = Option<Checked>> + Send>>,
        results: Sender<Results>,
    ) {
        let runtime = self.runtime.get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(THREADS)
                .enable_all()
                .build()
                .ok()
        });
        let Some(runtime) = runtime else {
            let report = Report::refused(Code::Unreachable, "cannot start the network runtime");
            let _ = results.send(vec![(number, Slot::Ready(input.with(Checked::of(report))))]);
            return;
        };
        runtime.spawn(async move {
            // In a task of its own, so that a panic is an answer and not a missing image.
            let slot = match tokio::spawn(future).await {
                Ok(Some(checked)) => Slot::Ready(input.with(checked)),
                Ok(None) => Slot::Absent,
                Err(_) => Slot::Ready(input.with(Checked::panicked())),
            };
            // Nobody listens after an interrupt.
            let _ = results.send(vec![(number, slot)]);
        });
    }
}

/// Futures still running have been waited for as long as they may be.
impl Drop for Network {
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
