//! The runtime of the inputs that wait for servers.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::mpsc::Sender;
use std::task::Poll;

use gate::{Code, Report};
use tokio::runtime::{Builder, Runtime};

use crate::input::Input;
use crate::scan::checked::{Checked, CheckedLater};
use crate::scan::order::{Results, Slot};

/// Threads of the runtime. Waiting needs none; two keep TLS going.
const THREADS: usize = 2;

/// A runtime, started for the first input that needs it. A run over files has none.
#[derive(Default)]
pub(crate) struct Network {
    runtime: OnceLock<Option<Runtime>>,
}

impl Network {
    /// Sees an input through, and sends its result.
    pub(crate) fn spawn(
        &self,
        number: u64,
        input: Input,
        future: CheckedLater,
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
            let slot = match caught(future).await {
                Ok(Some(checked)) => Slot::Ready(input.with(checked)),
                Ok(None) => Slot::Absent,
                Err(Panicked) => Slot::Ready(input.with(Checked::panicked())),
            };
            // After an interrupt the scan may have ended.
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

/// A future panicked.
struct Panicked;

/// The answer of a future. A panic is an answer, too, and not a missing image.
async fn caught<T>(mut future: Pin<Box<dyn Future<Output = T> + Send>>) -> Result<T, Panicked> {
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        assert!(caught(Box::pin(async { 1 })).await.is_ok_and(|it| it == 1));
        let panics = async {
            tokio::task::yield_now().await;
            panic!("a bug that one image brings out")
        };
        assert!(caught::<()>(Box::pin(panics)).await.is_err());
    }
}
