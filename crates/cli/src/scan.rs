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
mod threads;

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::input::{Decided, Input, Inputs};
use crate::interrupt::{Interrupt, Phase};
pub(crate) use crate::scan::checked::{Checked, Finished, Screened};
use crate::scan::network::Network;
use crate::scan::order::{Order, Results, Slot};
use crate::scan::pace::Pace;
use crate::scan::queue::{Queue, Supply};
use crate::scan::threads::Threads;

/// Looks at inputs.
pub(crate) trait Screen: Send + Sync + 'static {
    /// A place in the order of the inputs, given out when an input is taken.
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
    /// The most threads.
    pub(crate) jobs: NonZeroUsize,
    /// Threads to begin with. Each that allocates keeps memory of its own, so that there are more
    /// only while all of them wait for slow files.
    pub(crate) processors: NonZeroUsize,
    /// How long an input that hangs is waited for after an interrupt.
    pub(crate) grace: Duration,
}

/// Results that may wait for an earlier one: some 2 MB of them.
const WINDOW: u64 = 4096;

/// How often the observer is told that there is no result.
const TICK: Duration = Duration::from_millis(100);

/// How long a future may take to end after it was dropped.
const DROP_GRACE: Duration = Duration::from_millis(500);

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
    let queue = Arc::new(Queue::new(inputs, WINDOW));
    // Held until the end, when the threads are gone and futures may still run.
    let network = Arc::new(Network::default());
    let worker = Arc::new(Worker {
        queue: Arc::clone(&queue),
        screen,
        network: Arc::clone(&network),
        interrupt: interrupt.clone(),
        results,
        threads: Threads::new(concurrency.jobs),
    });
    for number in 0..concurrency.processors.min(concurrency.jobs).get() {
        match worker.start_thread() {
            Err(error) if number == 0 => return Err(error),
            // Fewer will do.
            Ok(()) | Err(_) => {}
        }
    }
    let weak = Arc::downgrade(&worker);
    // The threads and futures have the only senders, so that the end of the last one is the end.
    drop(worker);
    listen(
        &finished,
        &queue,
        &weak,
        interrupt,
        concurrency.grace,
        observer,
    );
    drop(network);
    Ok(())
}

/// Passes results on in order until every thread and future has ended, or must not be waited for.
fn listen<S: Screen>(
    finished: &Receiver<Results>,
    queue: &Queue<Inputs>,
    worker: &Weak<Worker<S>>,
    interrupt: &Interrupt,
    grace: Duration,
    observer: &mut dyn Observer,
) {
    let mut order = Order::default();
    let mut deadline = Deadline::new(grace, DROP_GRACE);
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
                    Err(RecvTimeoutError::Timeout) => {
                        if let Some(worker) = worker.upgrade() {
                            worker.reinforce();
                        }
                        Results::new()
                    }
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
        if deadline.is_over(interrupt.phase()) {
            break;
        }
    }
    for outcome in order.into_rest() {
        observer.result(outcome);
    }
}

/// When the scan ends after an interrupt, whatever hangs.
struct Deadline {
    /// How long an input that hangs is waited for.
    grace: Duration,
    /// How long a future may take to end after it was dropped.
    drop_grace: Duration,
    stopped: Option<Instant>,
    dropped: Option<Instant>,
}

impl Deadline {
    const fn new(grace: Duration, drop_grace: Duration) -> Self {
        Self {
            grace,
            drop_grace,
            stopped: None,
            dropped: None,
        }
    }

    fn is_over(&mut self, phase: Phase) -> bool {
        let now = Instant::now();
        let passed = |since: Option<Instant>, grace| since.is_some_and(|at| now - at >= grace);
        if phase >= Phase::Stopping {
            self.stopped.get_or_insert(now);
        }
        if phase >= Phase::Dropping {
            self.dropped.get_or_insert(now);
        }
        passed(self.stopped, self.grace) || passed(self.dropped, self.drop_grace)
    }
}

impl Supply for Inputs {
    fn next_at_hand(&mut self) -> Option<Input> {
        self.next_at_hand()
    }
}

/// The things that every thread works with.
struct Worker<S> {
    queue: Arc<Queue<Inputs>>,
    screen: Arc<S>,
    network: Arc<Network>,
    interrupt: Interrupt,
    results: Sender<Results>,
    threads: Threads,
}

impl<S: Screen> Worker<S> {
    fn start_thread(self: &Arc<Self>) -> io::Result<()> {
        let Some(number) = self.threads.next() else {
            return Ok(());
        };
        let worker = Arc::clone(self);
        // Not joined: a thread that hangs in a system call must not hold the end up.
        let thread = thread::Builder::new().name(format!("check-{number}"));
        thread.spawn(move || worker.run()).map(drop)
    }

    /// Starts another thread if all wait for slow files. Called when no result has come for a while.
    fn reinforce(self: &Arc<Self>) {
        if self.threads.are_all_busy() {
            // Without it, the files wait for those that are there.
            let _ = self.start_thread();
        }
    }

    fn run(self: &Arc<Self>) {
        let mut pace = Pace::new();
        // Seats are taken where inputs are numbered, so that both have one order.
        let accept = |number, input: Input| {
            let seat = input.decided.is_none().then(|| self.screen.seat(&input));
            (number, input, seat)
        };
        while let Some(batch) = self.queue.take(pace.batch(), &self.interrupt, accept) {
            let begun = Instant::now();
            let mut done = Results::with_capacity(batch.len());
            self.threads.begin();
            for (number, input, seat) in batch {
                if self.interrupt.is_raised() {
                    break;
                }
                done.extend(self.check(number, input, seat));
            }
            let took = begun.elapsed();
            if pace.batch() == 1 && took > pace::MOST {
                self.reinforce();
            }
            self.threads.end();
            pace.learn(took);
            if !done.is_empty() && self.results.send(done).is_err() {
                // The scan has ended after an interrupt.
                return;
            }
        }
    }

    /// The result of an input; none if it goes on and will be sent later.
    fn check(&self, number: u64, mut input: Input, seat: Option<S::Seat>) -> Option<(u64, Slot)> {
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
                        let results = self.results.clone();
                        self.network.spawn(number, input, future, results);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by a mutation: with an hour for the grace, a test hung.
    #[test]
    fn after_an_interrupt_a_scan_ends_whatever_hangs() {
        let (none, long) = (Duration::ZERO, Duration::MAX);
        for (grace, drop_grace, [running, stopping, dropping]) in [
            (none, long, [false, true, true]),
            (long, none, [false, false, true]),
            (long, long, [false, false, false]),
        ] {
            let mut deadline = Deadline::new(grace, drop_grace);
            assert_eq!(deadline.is_over(Phase::Running), running);
            assert_eq!(deadline.is_over(Phase::Stopping), stopping);
            assert_eq!(deadline.is_over(Phase::Dropping), dropping);
        }
    }
}
