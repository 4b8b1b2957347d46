//! The threads that check what is at hand. They never touch Python.

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use report::ImageName;

use super::window::Answer;
use crate::checked::Checked;
use crate::options::FreeGate;

/// The threads of one iterator. They end when it does; nobody waits for that.
#[derive(Debug)]
pub(super) struct Workers {
    jobs: Sender<Vec<Job>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_stopped: AtomicBool,
    bytes_ahead: AtomicU64,
}

/// One image to be checked.
#[derive(Debug)]
pub(super) struct Job {
    name: ImageName,
    image: AtHand,
    answer: Answer,
}

#[derive(Debug)]
enum AtHand {
    Bytes(Bytes),
    Path(PathBuf),
}

impl Job {
    pub(super) const fn bytes(name: ImageName, bytes: Bytes, answer: Answer) -> Self {
        Self {
            name,
            image: AtHand::Bytes(bytes),
            answer,
        }
    }

    pub(super) const fn path(name: ImageName, path: PathBuf, answer: Answer) -> Self {
        Self {
            name,
            image: AtHand::Path(path),
            answer,
        }
    }

    /// Bytes of memory that it holds.
    fn held(&self) -> u64 {
        match &self.image {
            AtHand::Bytes(bytes) => bytes.len() as u64,
            AtHand::Path(_) => 0,
        }
    }

    fn run(self, gate: &FreeGate) {
        let screening = match self.image {
            AtHand::Bytes(bytes) => gate.gate.screen_bytes(bytes),
            AtHand::Path(path) => gate.gate.screen_file(path),
        };
        self.answer
            .put(Checked::new(self.name, screening.into_report()));
    }
}

impl Workers {
    /// Starts so many threads; without a number, one a processor.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub(super) fn start(gate: &Arc<FreeGate>, jobs: Option<NonZeroUsize>) -> io::Result<Self> {
        let count = jobs.map_or_else(thread::available_parallelism, Ok)?;
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let shared = Arc::new(Shared::default());
        for _ in 0..count.get() {
            let (gate, receiver, shared) =
                (Arc::clone(gate), Arc::clone(&receiver), Arc::clone(&shared));
            thread::Builder::new()
                .name("preflight_emo".to_owned())
                .spawn(move || work(&gate, &receiver, &shared))?;
        }
        Ok(Self {
            jobs: sender,
            shared,
        })
    }

    /// Bytes in memory that wait, or are being decoded.
    pub(super) fn bytes_ahead(&self) -> u64 {
        self.shared.bytes_ahead.load(Ordering::Relaxed)
    }

    /// Hands images over.
    pub(super) fn give(&self, batch: Vec<Job>) {
        let held = batch.iter().map(Job::held).sum();
        self.shared.bytes_ahead.fetch_add(held, Ordering::Relaxed);
        if !batch.is_empty() {
            // If all threads have died, the dropped jobs say so.
            let _ = self.jobs.send(batch);
        }
    }
}

impl Drop for Workers {
    /// Has each thread end after the image that it is at.
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }
}

fn work(gate: &FreeGate, jobs: &Mutex<Receiver<Vec<Job>>>, shared: &Shared) {
    loop {
        let batch = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return };
        for job in batch {
            if shared.is_stopped.load(Ordering::Relaxed) {
                return;
            }
            let held = job.held();
            job.run(gate);
            shared.bytes_ahead.fetch_sub(held, Ordering::Relaxed);
        }
    }
}
