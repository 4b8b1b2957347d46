//! Checks many inputs at a time, and tells what came of them in their order.
//!
//! Threads take inputs from one shared iterator, a few at a time. What needs the network goes on as
//! a future on a runtime that is started for the first of them. Results wait in a window of bounded
//! size until all earlier ones are there, so that the report does not depend on how many threads
//! there are and memory does not depend on how many inputs there are.

mod network;
mod order;
mod queue;

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use gate::{Code, Report};
use report::Image;

use crate::input::{Decided, Input};
use crate::interrupt::Interrupt;
use crate::scan::network::Network;
use crate::scan::order::{Order, Slot};
use crate::scan::queue::Queue;

/// Looks at one input.
pub(crate) trait Screen: Send + Sync + 'static {
    /// What came of an input, or what will. Called by many threads at a time.
    fn screen(&self, input: &Input) -> Screened;
}

/// What came of an input, or what will.
#[expect(
    clippy::large_enum_variant,
    reason = "one a thread at a time; a box would cost every file an allocation"
)]
pub(crate) enum Screened {
    Now(Verdict),
    /// Goes on where it waits for servers. After an interrupt it ends soon: with `None` where
    /// nothing can be said of the image.
    Later(Pin<Box<dyn Future<Output = Option<Verdict>> + Send>>),
}

/// What came of an input.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) report: Report,
    /// Where the local file is public, if that was found out.
    pub(crate) public_url: Option<String>,
    /// A pattern or a folder that yields nothing, or something that was not to be looked at.
    pub(crate) fruitless: bool,
}

/// What came of an input, with its name.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) line: Image,
    /// As in [`Verdict`].
    pub(crate) fruitless: bool,
}

/// Hears what came of the inputs, on the thread that called [`scan`].
pub(crate) trait Observer {
    /// The next result, in the order of the inputs.
    fn result(&mut self, scanned: Scanned);

    /// There is nothing to hear just now. Called again every so often while that is so.
    fn idle(&mut self, waiting: u64);
}

/// How to scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concurrency {
    /// Threads.
    pub(crate) jobs: NonZeroUsize,
    /// Inputs that a thread takes at a time: some where each takes microseconds, one where each
    /// may take seconds.
    pub(crate) batch: NonZeroUsize,
}

/// Results that may wait for an earlier one: some 2 MB of them.
const WINDOW: u64 = 4096;

/// How often to look up from waiting for results.
const TICK: Duration = Duration::from_millis(100);

/// How long calls in flight may take to end after an interrupt.
const GRACE: Duration = Duration::from_secs(2);

type Results = Vec<(u64, Slot)>;

/// Screens every input, and tells the observer in their order. After an interrupt, inputs that were
/// not reached are left out.
///
/// # Errors
///
/// Not a single thread could be started.
pub(crate) fn scan(
    inputs: impl Iterator<Item = Input> + Send + 'static,
    screen: Arc<dyn Screen>,
    concurrency: Concurrency,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> io::Result<()> {
    let (results, finished) = mpsc::channel();
    let worker = Arc::new(Worker {
        queue: Queue::new(inputs, concurrency.batch, WINDOW),
        screen,
        network: Network::default(),
        interrupt: interrupt.clone(),
    });
    for number in 0..concurrency.jobs.get() {
        let (worker, results) = (Arc::clone(&worker), results.clone());
        // Not joined: a thread that hangs in a system call must not hold the end up.
        let thread = thread::Builder::new().name(format!("check-{number}"));
        match thread.spawn(move || worker.run(&results)) {
            Ok(_) => {}
            Err(error) if number == 0 => return Err(error),
            // Fewer will do.
            Err(_) => break,
        }
    }
    drop(results);
    listen(&finished, &worker.queue, interrupt, observer);
    Ok(())
}

/// Passes results on in order until every thread and future has ended, or shall not be waited for.
fn listen<I>(
    finished: &Receiver<Results>,
    queue: &Queue<I>,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) {
    let mut order = Order::default();
    let mut deadline = None;
    loop {
        let results = match finished.try_recv() {
            Ok(results) => results,
            Err(_) => {
                observer.idle(order.waiting());
                match finished.recv_timeout(TICK) {
                    Ok(results) => results,
                    Err(RecvTimeoutError::Timeout) => Results::new(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        };
        for (number, slot) in results {
            order.put(number, slot);
        }
        while let Some(scanned) = order.pop() {
            observer.result(scanned);
        }
        queue.emitted(order.next());
        if interrupt.is_raised()
            && Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + GRACE)
        {
            break;
        }
    }
    for scanned in order.into_rest() {
        observer.result(scanned);
    }
}

/// What every thread works with.
struct Worker<I> {
    queue: Queue<I>,
    screen: Arc<dyn Screen>,
    network: Network,
    interrupt: Interrupt,
}

impl<I: Iterator<Item = Input>> Worker<I> {
    fn run(&self, results: &Sender<Results>) {
        while let Some(batch) = self.queue.take(&self.interrupt) {
            let mut done = Results::with_capacity(batch.len());
            for (number, input) in batch {
                if self.interrupt.is_raised() {
                    break;
                }
                match self.look(&input) {
                    Screened::Now(verdict) => done.push((number, input.with(verdict))),
                    Screened::Later(future) => {
                        self.network.spawn(number, input, future, results.clone());
                    }
                }
            }
            if results.send(done).is_err() {
                // Nobody listens any more.
                return;
            }
        }
    }

    /// A panic is a bug of ours that one image brought out. The others are checked all the same.
    fn look(&self, input: &Input) -> Screened {
        if let Some(decided) = &input.decided {
            return Screened::Now(match decided {
                Decided::Report(report) => Verdict::of(report.clone()),
                Decided::Repeats(_) => Verdict::of(Report::skipped("named before")),
                Decided::YieldsNothing(report) => Verdict {
                    fruitless: true,
                    ..Verdict::of(report.clone())
                },
            });
        }
        catch_unwind(AssertUnwindSafe(|| self.screen.screen(input)))
            .unwrap_or_else(|_| Screened::Now(Verdict::broken()))
    }
}

impl Input {
    fn with(self, verdict: Verdict) -> Slot {
        let Verdict {
            report,
            public_url,
            fruitless,
        } = verdict;
        let mut line = Image::new(self.name, report);
        line.real_path = self.real_path;
        line.listed = self.listed;
        line.public_url = public_url;
        Slot::Ready(Box::new(Scanned { line, fruitless }))
    }
}

impl Verdict {
    /// What came of looking at an image, and nothing else.
    pub(crate) const fn of(report: Report) -> Self {
        Self {
            report,
            public_url: None,
            fruitless: false,
        }
    }

    fn broken() -> Self {
        Self::of(Report::refused(
            Code::Unreadable,
            "preflight itself failed on it; please report this",
        ))
    }
}
