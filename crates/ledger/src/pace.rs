//! When the next request of this machine may leave.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::time::sleep;

use crate::clock::{boot_id, machine_micros};
use crate::fault::Fault;
use crate::store::Durability;
use crate::worker::Worker;

/// The pace that all runs with one ledger keep together, whatever they ask: five requests in any
/// one second, unless [`Options::per_second`](crate::Options::per_second) says otherwise, and no
/// burst.
///
/// A turn is written down at the moment at which it is given, so take it last: when the ledger has
/// the intent, and the head of the request can be written. Runs take turns as they come. Where the
/// ledger cannot be written, the run keeps the pace by itself.
///
/// A turn whose future is dropped before it is ready goes back.
#[derive(Clone, Debug)]
pub struct SharedPace {
    worker: Worker,
    rate: Rate,
    own: Arc<Own>,
}

/// The part that this process knows by itself.
#[derive(Debug, Default)]
struct Own {
    /// One of this process asks for a turn at a time, in the order in which they came.
    queue: tokio::sync::Mutex<()>,
    departures: Mutex<Vec<i64>>,
}

impl SharedPace {
    pub(crate) fn new(worker: Worker, per_second: NonZeroU32) -> Self {
        Self {
            worker,
            rate: Rate::new(per_second),
            own: Arc::default(),
        }
    }

    /// Waits for one's turn to send a request.
    pub async fn turn(&self) {
        let _first = self.own.queue.lock().await;
        let mut late = 0;
        loop {
            let wait = match self.shared_turn().await {
                Ok(Ok(given)) if given.is_late() && late < MOST_LATE => {
                    late += 1;
                    Some(Duration::ZERO)
                }
                Ok(Ok(given)) => {
                    given.taken();
                    None
                }
                Ok(Err(wait)) => Some(wait),
                Err(_) => self.own_turn(),
            };
            match wait {
                None => return self.note(machine_micros()),
                Some(wait) => sleep(wait).await,
            }
        }
    }

    /// The turn as all of them take it; or how long to wait for the next attempt.
    async fn shared_turn(&self) -> Result<Result<Given, Duration>, Fault> {
        let (rate, worker) = (self.rate, self.worker.clone());
        let turn = self.worker.ask(move |session| {
            let turn = session
                .store
                .write(Durability::System, |conn, _| depart(conn, rate))?;
            Ok(turn.map(|at| Given {
                at,
                worker: Some(worker),
            }))
        });
        turn.await
    }

    /// The turn as this process alone would take it.
    fn own_turn(&self) -> Option<Duration> {
        let departures = self
            .own
            .departures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.rate.wait(&departures, machine_micros())
    }

    fn note(&self, now: i64) {
        let mut departures = self
            .own
            .departures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        departures.insert(0, now);
        departures.truncate(self.rate.per_window);
    }
}

impl remote::Pace for SharedPace {
    fn turn(&self) -> remote::Pending<'_, ()> {
        Box::pin(Self::turn(self))
    }
}

/// How often a turn is given back because it came late: on a machine that is always late, requests
/// leave all the same.
const MOST_LATE: u32 = 5;

/// A turn that is written down and not taken yet. Dropped, it goes back.
struct Given {
    at: i64,
    worker: Option<Worker>,
}

impl Given {
    /// Whether the process was stopped, or had no time, since the turn was written down: the
    /// request would leave beside another's.
    fn is_late(&self) -> bool {
        const LATE: i64 = 30_000;
        machine_micros() - self.at > LATE
    }

    fn taken(mut self) {
        self.worker = None;
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            let at = self.at;
            worker.tell(move |session| {
                session
                    .store
                    .write(Durability::System, |conn, _| give_back(conn, at))
            });
        }
    }
}

/// At most `per_window` departures in any window, and at least `apart` between two. Times are in
/// microseconds.
#[derive(Clone, Copy, Debug)]
struct Rate {
    per_window: usize,
    apart: i64,
}

impl Rate {
    /// The service counts arrivals, we departures, and the network shakes the distance between
    /// them: 45 ms more than a second leave room for that, and for 95.7 % of what the service
    /// allows.
    const WINDOW: i64 = 1_045_000;

    fn new(per_second: NonZeroU32) -> Self {
        let per_second = per_second.get();
        Self {
            per_window: per_second as usize,
            // A tenth less than the mean distance: one that leaves late does not hold up the rest.
            apart: Self::WINDOW / i64::from(per_second) * 9 / 10,
        }
    }

    /// How long the next must wait, if it must. The departures are the newest first.
    fn wait(&self, departures: &[i64], now: i64) -> Option<Duration> {
        let behind_last = departures.first().map(|last| last + self.apart);
        let behind_window = self
            .per_window
            .checked_sub(1)
            .and_then(|oldest| departures.get(oldest))
            .map(|oldest| oldest + Self::WINDOW);
        let earliest = behind_last.max(behind_window)?;
        let wait = u64::try_from(earliest - now)
            .ok()
            .filter(|wait| *wait > 0)?;
        Some(Duration::from_micros(wait))
    }
}

/// Leaves now, and says when that was; or says how long to wait. Must run inside a transaction.
fn depart(conn: &Connection, rate: Rate) -> Result<Result<i64, Duration>, Fault> {
    // Departures of an earlier start of the machine are of another clock, those of the future of
    // another container's.
    let (boot, now) = (boot_id().unwrap_or_default(), machine_micros());
    let departures: Vec<i64> = conn
        .prepare_cached("SELECT at FROM departure WHERE boot = ?1 AND at <= ?2 ORDER BY at DESC")?
        .query_map(params![boot, now], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if let Some(wait) = rate.wait(&departures, now) {
        return Ok(Err(wait));
    }
    conn.prepare_cached("DELETE FROM departure WHERE boot <> ?1 OR at < ?2 OR at > ?3")?
        .execute(params![boot, now - Rate::WINDOW, now])?;
    conn.prepare_cached("INSERT INTO departure (boot, at) VALUES (?1, ?2)")?
        .execute(params![boot, now])?;
    Ok(Ok(now))
}

fn give_back(conn: &Connection, at: i64) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM departure WHERE at = ?1")?
        .execute([at])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_second_holds_more_than_the_rate(
            per_second in 1..20_u32,
            late in prop::collection::vec(0..40_000_i64, 60),
        ) {
            let rate = Rate::new(NonZeroU32::new(per_second).unwrap());
            let mut departures: Vec<i64> = Vec::new();
            let mut now = 0;
            for late in late {
                if let Some(wait) = rate.wait(&departures, now) {
                    now += i64::try_from(wait.as_micros()).unwrap() + late;
                }
                departures.insert(0, now);
            }
            for window in departures.windows(per_second as usize + 1) {
                prop_assert!(window[0] - window[per_second as usize] > 1_000_000);
            }
            // No burst: of the mean distance, at least nine tenths.
            for pair in departures.windows(2) {
                prop_assert!(pair[0] - pair[1] >= 900_000 / i64::from(per_second));
            }
        }

        #[test]
        fn small_delays_cost_no_pace(late in prop::collection::vec(0..15_000_i64, 100)) {
            let rate = Rate::new(NonZeroU32::new(5).unwrap());
            let mut departures: Vec<i64> = Vec::new();
            let mut now = 0;
            for late in late {
                while let Some(wait) = rate.wait(&departures, now) {
                    now += i64::try_from(wait.as_micros()).unwrap();
                }
                now += late;
                departures.insert(0, now);
            }
            let seconds = (departures[0] - departures[99]) as f64 / 1e6;
            prop_assert!(99.0 / seconds > 0.92 * 5.0, "{}", 99.0 / seconds);
        }
    }
}
