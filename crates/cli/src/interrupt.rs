//! Ctrl-C, the TERM of a CI and a terminal that is closed. The first signal stops sending, but waits
//! for requests in flight; the second, or some seconds, drops those. Reports are complete either way.
//! If the command still does not end, one more signal ends it.

use std::future::poll_fn;
use std::io;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::watch;

use crate::exit::Exit;

/// How long requests in flight may take after the first signal.
pub(crate) const ANSWER_GRACE: Duration = Duration::from_secs(5);

/// How long the command may take to write its reports after the second signal. It may hang in the
/// system, for example on a pipe that nobody writes to, and is ended then.
const REPORT_GRACE: Duration = Duration::from_secs(2);

/// The phases of an interrupt.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Phase {
    #[default]
    Running,
    /// Nothing new is started or sent.
    Stopping,
    /// Requests in flight are dropped.
    Dropping,
}

/// The phase of this run. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    phase: Arc<watch::Sender<Phase>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self {
            phase: Arc::new(watch::Sender::new(Phase::Running)),
        }
    }
}

impl Interrupt {
    /// Listens for signals from now on. If no thread can be started for that, Ctrl-C ends the
    /// process at once, as it does by default.
    ///
    /// `clean_up` runs before this ends the process, since no destructor runs then.
    pub(crate) fn listen(clean_up: fn()) -> Self {
        let interrupt = Self::default();
        if let Err(error) = interrupt.clone().start(clean_up) {
            tracing::warn!("Ctrl-C will not leave complete reports: {error}");
        }
        interrupt
    }

    fn start(self, clean_up: fn()) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // Registered here, because the thread may start long after reports are opened.
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
        self.advance(Phase::Stopping);
        let is_second = tokio::select! {
            () = signals.next() => true,
            () = tokio::time::sleep(ANSWER_GRACE) => false,
        };
        self.advance(Phase::Dropping);
        tokio::select! {
            () = signals.next() => {}
            () = tokio::time::sleep(REPORT_GRACE), if is_second => {}
        }
        clean_up();
        process::exit(Exit::Interrupted.code().into());
    }

    /// The current phase.
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Whether the run is interrupted.
    pub(crate) fn is_raised(&self) -> bool {
        self.phase() >= Phase::Stopping
    }

    /// Completes when the run is interrupted. Cancel safe.
    pub(crate) async fn raised(&self) {
        self.reached(Phase::Stopping).await;
    }

    /// Completes when a phase is reached. Cancel safe.
    pub(crate) async fn reached(&self, phase: Phase) {
        // It fails only without a sender, and we hold one.
        let _ = self.phase.subscribe().wait_for(|now| *now >= phase).await;
    }

    /// Advances to a phase, never back.
    pub(crate) fn advance(&self, phase: Phase) {
        self.phase.send_modify(|now| *now = phase.max(*now));
    }
}

/// The signals that interrupt: Ctrl-C, and on Unix the TERM that a CI sends to a cancelled job and the
/// HUP that the system sends when a terminal or a connection is closed.
struct Signals {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        if !is_hangup_ignored() {
            kinds.push(SignalKind::hangup());
        }
        Ok(Self {
            signals: kinds.into_iter().map(signal).collect::<Result<_, _>>()?,
        })
    }

    async fn next(&mut self) {
        poll_fn(|cx| {
            let mut signals = self.signals.iter_mut();
            if signals.any(|signal| signal.poll_recv(cx).is_ready()) {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }
}

/// Whether the command was started with `nohup`, which listening would undo. Where the system does
/// not tell, it is left as it is.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signal 1 is the lowest bit (proc_pid_status(5)).
    mask.is_none_or(|mask| mask & 1 == 1)
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
