//! The pace that runs share: what is written down of a turn, what goes back, and what holds without a
//! file.
#![cfg(target_os = "linux")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::path::Path;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use ledger::{FILE_NAME, SharedPace, SqliteLedger};
use rusqlite::Connection;
use support::{known, options, question};

/// A ledger with a pace, and another look at its file.
fn paced(folder: &Path, per_second: u32) -> (SqliteLedger, SharedPace, Connection) {
    let options = options(folder).per_second(NonZeroU32::new(per_second).unwrap());
    let ledger = ledger::open(&options).unwrap();
    let pace = ledger.pace().unwrap();
    let conn = Connection::open(folder.join(FILE_NAME)).unwrap();
    (ledger, pace, conn)
}

/// When the turns that stand in the file were given, in microseconds of the machine's clock.
fn turns(conn: &Connection) -> Vec<i64> {
    let mut rows = conn
        .prepare("SELECT at FROM departure ORDER BY at")
        .unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Returns when the ledger has done all that it was told before.
async fn all_is_done(ledger: &SqliteLedger) {
    known(ledger, &question(0)).await;
}

async fn is_ready(turn: std::pin::Pin<&mut impl Future>) -> bool {
    let mut turn = turn;
    poll_fn(|context| Poll::Ready(turn.as_mut().poll(context).is_ready())).await
}

#[tokio::test]
async fn turns_are_written_down_apart_and_without_those_of_other_clocks() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, pace, conn) = paced(dir.path(), 5);
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime).tv_sec * 1_000_000;
    let hour = 3_600_000_000;
    for (boot, at) in [
        ("an earlier start", now),
        (boot.trim(), now + hour),
        (boot.trim(), now - hour),
    ] {
        conn.execute("INSERT INTO departure VALUES (?1, ?2)", (boot, at))
            .unwrap();
    }
    for _ in 0..2 {
        pace.turn().await;
    }
    all_is_done(&ledger).await;
    let [first, second] = turns(&conn)[..] else {
        panic!("{:?}", turns(&conn))
    };
    assert!(first >= now && first < now + hour, "{first} at {now}");
    assert!(second - first >= 180_000, "no burst: {} us", second - first);
    let sql = "SELECT DISTINCT boot FROM departure";
    let found: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(found, boot.trim());
}

#[tokio::test]
async fn a_turn_that_nobody_waits_for_goes_back() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, pace, conn) = paced(dir.path(), 5);
    {
        let mut turn = pin!(pace.turn());
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(!is_ready(turn.as_mut()).await, "it cannot be written down");
        conn.execute_batch("ROLLBACK").unwrap();
        while turns(&conn).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    all_is_done(&ledger).await;
    assert!(turns(&conn).is_empty());
}

/// Takes a turn. Each time that it is written down, the process is stopped for so long before it can
/// see that. How often it was written down.
async fn written(pace: &SharedPace, conn: &Connection, stopped: Duration) -> usize {
    let mut seen = BTreeSet::new();
    let mut turn = pin!(pace.turn());
    loop {
        // As long as this process has the lock, no turn is written down.
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        let before = seen.len();
        seen.extend(turns(conn));
        if seen.len() > before {
            std::thread::sleep(stopped);
        }
        let is_ready = is_ready(turn.as_mut()).await;
        conn.execute_batch("ROLLBACK").unwrap();
        if is_ready {
            return seen.len();
        }
        assert!(seen.len() < 20, "it has an end");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// A process that was stopped in between would send its request beside another's.
#[tokio::test]
async fn a_turn_that_comes_late_goes_back_and_after_five_one_is_taken_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, pace, conn) = paced(dir.path(), 5);
    let times = written(&pace, &conn, Duration::from_millis(40)).await;
    assert_eq!(times, 5 + 1);
    all_is_done(&ledger).await;
    assert_eq!(turns(&conn).len(), 1, "the others went back");
}

#[tokio::test]
async fn a_turn_in_time_is_taken_and_stays() {
    // On a busy machine one may be late; twenty are not.
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, pace, conn) = paced(dir.path(), 5);
        let times = written(&pace, &conn, Duration::ZERO).await;
        all_is_done(&ledger).await;
        assert_eq!(turns(&conn).len(), 1);
        if times == 1 {
            return;
        }
    }
    panic!("each turn went back");
}

#[tokio::test]
async fn a_run_that_cannot_write_keeps_the_pace_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, pace, _) = paced(dir.path(), 2);
    let begun = Instant::now();
    pace.turn().await;
    ledger.close().await.unwrap();
    pace.turn().await;
    assert!(begun.elapsed() >= Duration::from_millis(450), "no burst");
    pace.turn().await;
    assert!(begun.elapsed() > Duration::from_secs(1), "two in a second");
}
