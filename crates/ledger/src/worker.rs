//! The thread that the open file lives on, so that no caller's runtime is blocked by it.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::fault::Fault;
use crate::run::Run;
use crate::store::Store;

/// The open file, and the run that has it open: `None` if it only reads.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) store: Store,
    pub(crate) run: Option<Run>,
}

type Job = Box<dyn FnOnce(&mut Option<Session>) + Send>;

/// A handle to the thread. The thread ends, and closes the file, when the last handle is dropped
/// and all that was handed over is done.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    jobs: mpsc::Sender<Job>,
    lock_wait: Duration,
}

/// How much longer than for the lock an answer is waited for: for the disk, and for a process that
/// was stopped meanwhile.
const DISK_WAIT: Duration = Duration::from_secs(5);

impl Worker {
    pub(crate) fn start(session: Session, lock_wait: Duration) -> io::Result<Self> {
        let (jobs, handed_over) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                let mut session = Some(session);
                for job in handed_over {
                    job(&mut session);
                }
            })?;
        Ok(Self { jobs, lock_wait })
    }

    /// Runs a job on the thread and waits for its answer, with a deadline. The job is done even if
    /// the caller stops waiting.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        let begun = Instant::now();
        let deadline = begun + self.lock_wait;
        self.hand_over(move |session| {
            // If the caller has gone, the answer is dropped.
            let _ = answer.send(bounded(session, deadline, begun, job));
        })?;
        tokio::pin!(answered);
        // Twice: a process that was stopped finds its first wait over when it wakes.
        for wait in [self.lock_wait, DISK_WAIT] {
            if let Ok(answer) = timeout(wait, &mut answered).await {
                return answer.unwrap_or(Err(Fault::Closed));
            }
        }
        Err(Fault::Locked {
            waited: begun.elapsed(),
        })
    }

    /// Runs a job on the thread, and waits for nothing.
    pub(crate) fn tell(
        &self,
        job: impl FnOnce(&mut Session) -> Result<(), Fault> + Send + 'static,
    ) {
        let begun = Instant::now();
        let deadline = begun + self.lock_wait;
        // Where it fails, a later run finds what this one has left, and tells.
        let _ = self.hand_over(move |session| drop(bounded(session, deadline, begun, job)));
    }

    /// Runs the last job, and closes the file.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Session) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let done = self.ask(job).await;
        let (closed, is_closed) = oneshot::channel();
        self.hand_over(move |session| {
            drop(session.take());
            let _ = closed.send(());
        })?;
        let _ = timeout(DISK_WAIT, is_closed).await;
        done
    }

    fn hand_over(
        &self,
        job: impl FnOnce(&mut Option<Session>) + Send + 'static,
    ) -> Result<(), Fault> {
        self.jobs.send(Box::new(job)).map_err(|_| Fault::Closed)
    }
}

fn bounded<T>(
    session: &mut Option<Session>,
    deadline: Instant,
    begun: Instant,
    job: impl FnOnce(&mut Session) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let session = session.as_mut().ok_or(Fault::Closed)?;
    session.store.wait_until(deadline)?;
    job(session).map_err(|fault| fault.after(begun.elapsed()))
}
