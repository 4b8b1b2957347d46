//! Checks many inputs at a time, and passes the results on in the order of the inputs.
//!
//! Threads take inputs from one shared queue, as many at a time as take about a millisecond. An input
//! that needs the network goes on as a future on a runtime that is started for the first of them.
//! Results wait in a window of bounded size until all earlier ones are there: the report does not
//! depend on how many threads there are, and at most [`WINDOW`] inputs and results are held.

mod checked;
mod network;
mod order;
mod pace;
mod queue;

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::input::{Decided, Input, Inputs};
use crate::interrupt::{Interrupt, Phase};
pub(crate) use crate::scan::checked::{Checked, Finished, Screened};
use crate::scan::network::Network;
use crate::scan::order::{Order, Slot};
use crate::scan::pace::Pace;
use crate::scan::queue::{Queue, Supply};

/// Looks at inputs.
pub(crate) trait Screen: Send + Sync + 'static {
    /// What an input brings with it from the moment when it is taken, in the order of the inputs.
    type Seat: Send + 'static;

    /// The seat of the next input. Called in the order of the inputs.
    fn seat(&self, input: &Input) -> Self::Seat;

    /// The result of an input, or the future that ends with it. Called by many threads at a time.
    fn screen(&self, input: &Input, seat: Self::Seat) -> Screened;

    /// Whether an input is left out of this run, and of its report.
    fn is_left_out(&self, input: &Input) -> bool;
}

/// Receives the results, on the thread that called [`scan`].
pub(crate) trait Observer {
    /// The next result, in the order of the inputs.
    fn result(&mut self, finished: Finished);

    /// There is no result at the moment. Called again every [`TICK`] while that is so.
    fn idle(&mut self, state: ScanState);
}

/// How far a scan is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScanState {
    /// Results that wait for an earlier one.
    pub(crate) waiting: u64,
    /// Inputs that were taken and whose results were not passed on.
    pub(crate) in_flight: u64,
    /// All inputs, once the last was taken.
    pub(crate) total: Option<u64>,
}

/// How to scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concurrency {
    /// Threads.
    pub(crate) jobs: NonZeroUsize,
    /// How long an input that hangs is waited for after an interrupt.
    pub(crate) grace: Duration,
}

/// Results that may wait for an earlier one: some 2 MB of them.
const WINDOW: u64 = 4096;

/// How often the observer is told that there is no result.
const TICK: Duration = Duration::from_millis(100);

/// How long a future may take to end after it was dropped.
const DROP_GRACE: Duration = Duration::from_millis(500);

type Results = Vec<(u64, Slot)>;

/// Screens every input, and passes the results to the observer in the order of the inputs. After an
/// interrupt, inputs that were not reached are left out.
///
/// # Errors
///
/// Not a single thread could be started.
pub(crate) fn scan<S: Screen>(
    inputs: Inputs,
    screen: Arc<S>,
    concurrency: Concurrency,
    interrupt: &Interrupt,
    observer: &mut dyn Observer,
) -> io::Result<()> {
    let (results, finished) = mpsc::channel();
    let worker = Arc::new(Worker {
        queue: Queue::new(inputs, WINDOW),
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
    listen(
        &finished,
        &worker.queue,
        interrupt,
        concurrency.grace,
        observer,
    );
    Ok(())
}

/// Passes results on in order until every thread and future has ended, or must not be waited for.
fn listen(
    finished: &Receiver<Results>,
    queue: &Queue<Inputs>,
    interrupt: &Interrupt,
    grace: Duration,
    observer: &mut dyn Observer,
) {
    let mut order = Order::default();
    let mut deadline = Deadline::default();
    loop {
        let results = match finished.try_recv() {
            Ok(results) => results,
            Err(_) => {
                observer.idle(ScanState {
                    waiting: order.waiting(),
                    in_flight: queue.taken().saturating_sub(order.next()),
                    total: queue.total(),
                });
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
        while let Some(outcome) = order.pop() {
            observer.result(outcome);
        }
        queue.emitted(order.next());
        if deadline.is_over(interrupt.phase(), grace) {
            break;
        }
    }
    for outcome in order.into_rest() {
        observer.result(outcome);
    }
}

/// When the scan ends after an interrupt, whatever hangs.
#[derive(Default)]
struct Deadline {
    stopped: Option<Instant>,
    dropped: Option<Instant>,
}

impl Deadline {
    fn is_over(&mut self, phase: Phase, grace: Duration) -> bool {
        let now = Instant::now();
        let passed = |since: Option<Instant>, grace| since.is_some_and(|at| now - at > grace);
        if phase >= Phase::Stopping {
            self.stopped.get_or_insert(now);
        }
        if phase >= Phase::Dropping {
            self.dropped.get_or_insert(now);
        }
        passed(self.stopped, grace) || passed(self.dropped, DROP_GRACE)
    }
}

impl Supply for Inputs {
    fn next_at_hand(&mut self) -> Option<Input> {
        self.next_at_hand()
    }
}

/// The things that every thread works with.
struct Worker<S> {
    queue: Queue<Inputs>,
    screen: Arc<S>,
    network: Network,
    interrupt: Interrupt,
}

impl<S: Screen> Worker<S> {
    fn run(&self, results: &Sender<Results>) {
        let mut pace = Pace::new();
        // Seats are taken where inputs are numbered, so that both have one order.
        let accept = |number, input: Input| {
            let seat = input.decided.is_none().then(|| self.screen.seat(&input));
            (number, input, seat)
        };
        while let Some(batch) = self.queue.take(pace.batch(), &self.interrupt, accept) {
            let begun = Instant::now();
            let mut done = Results::with_capacity(batch.len());
            for (number, input, seat) in batch {
                if self.interrupt.is_raised() {
                    break;
                }
                done.extend(self.check(number, input, seat, results));
            }
            pace.learn(begun.elapsed());
            if !done.is_empty() && results.send(done).is_err() {
                // Nobody listens any more.
                return;
            }
        }
    }

    /// The result of an input; none if it goes on and will be sent later.
    fn check(
        &self,
        number: u64,
        mut input: Input,
        seat: Option<S::Seat>,
        results: &Sender<Results>,
    ) -> Option<(u64, Slot)> {
        let slot = if self.screen.is_left_out(&input) {
            Slot::Absent
        } else {
            match (input.decided.take(), seat) {
                (Some(Decided::Repeats(repeat)), _) => {
                    Slot::Repeats(Box::new(input.repeating(repeat)))
                }
                (Some(Decided::Report(report)), _) => Slot::Ready(input.with(Checked::of(report))),
                (Some(Decided::YieldsNothing(report)), _) => {
                    Slot::Ready(input.with(Checked::without_image(report)))
                }
                // Each input that is not decided was given a seat.
                (None, None) => Slot::Ready(input.with(Checked::panicked())),
                (None, Some(seat)) => match self.screen(&input, seat) {
                    Screened::Now(checked) => Slot::Ready(input.with(checked)),
                    Screened::Later(future) => {
                        self.network.spawn(number, input, future, results.clone());
                        return None;
                    }
                },
            }
        };
        Some((number, slot))
    }

    /// A panic is a bug of ours that one image brought out. The others are checked all the same.
    fn screen(&self, input: &Input, seat: S::Seat) -> Screened {
        catch_unwind(AssertUnwindSafe(|| self.screen.screen(input, seat)))
            .unwrap_or_else(|_| Screened::Now(Checked::panicked()))
    }
}
