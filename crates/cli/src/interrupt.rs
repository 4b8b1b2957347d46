//! Ctrl-C: the first asks for an end with complete reports, the second ends at once.

use std::future::poll_fn;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::runtime;
use tokio::sync::Notify;

use crate::exit::Exit;

/// Whether the user asked for an end. Clones share the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    raised: AtomicBool,
    notify: Notify,
}

impl Interrupt {
    /// Listens from here on: once this returns, a signal is heard. What waits in the system (a FIFO
    /// that nobody else opens) does not hear the first; the second ends it. Without a listener (no thread to be
    /// had), Ctrl-C ends the process as it does by default.
    ///
    /// `clean_up` runs before the second ends the process, in which nothing is dropped.
    pub(crate) fn listen(clean_up: fn()) -> Self {
        let interrupt = Self::default();
        if let Err(error) = interrupt.clone().start(clean_up) {
            tracing::warn!("Ctrl-C will not leave complete reports: {error}");
        }
        interrupt
    }

    fn start(self, clean_up: fn()) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        // Registered here and not on the thread, which may begin long after reports are opened.
        let signals = {
            let _inside = runtime.enter();
            Signals::new()?
        };
        thread::Builder::new()
            .name("interrupt".to_owned())
            .spawn(move || runtime.block_on(self.heed(signals, clean_up)))?;
        Ok(())
    }

    async fn heed(self, mut signals: Signals, clean_up: fn()) {
        signals.next().await;
        self.raise();
        signals.next().await;
        clean_up();
        process::exit(Exit::Interrupted.code().into());
    }

    /// Whether it came.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Relaxed)
    }

    /// Ends when it comes. Cancel safe.
    pub(crate) async fn raised(&self) {
        let notified = self.0.notify.notified();
        let mut notified = std::pin::pin!(notified);
        // Registered before the flag is looked at, or a call between the two would be lost.
        notified.as_mut().enable();
        if !self.is_raised() {
            notified.await;
        }
    }

    /// As if Ctrl-C had come.
    pub(crate) fn raise(&self) {
        self.0.raised.store(true, Ordering::Relaxed);
        self.0.notify.notify_waiters();
    }
}

/// What asks for an end: Ctrl-C, and on Unix what a CI sends to a job that it cancels.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        poll_fn(|cx| {
            let interrupt = self.interrupt.poll_recv(cx).is_ready();
            if interrupt || self.terminate.poll_recv(cx).is_ready() {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            ctrl_c: tokio::signal::windows::ctrl_c()?,
        })
    }

    async fn next(&mut self) {
        poll_fn(|cx| self.ctrl_c.poll_recv(cx)).await;
    }
}
