//! Clocks that are wrong: of a process, or of all that wrote the ledger so far.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use testkit::random::Random;

/// Where Debian has the library that lies to a process about the time. Without it, only the ledger's
/// own times are moved.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// Gives a process a calendar that is off: by a second, or in 1970, or in 2100.
pub(super) fn mislead(command: &mut Command, dice: &mut Random) {
    if !Path::new(FAKETIME).exists() {
        return;
    }
    let off = [
        "-1s",
        "+90s",
        "-1d",
        "+1d",
        "-400d",
        "@1970-01-01 00:00:10",
        "@2100-01-01 00:00:00",
    ];
    let off = off[dice.below(off.len() as u64) as usize];
    command
        .env("LD_PRELOAD", FAKETIME)
        .env("FAKETIME", off)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("NO_FAKE_STAT", "1");
}

/// Moves all times of a ledger, as if the clocks of its runs had been wrong. What a verdict's seal
/// covers stays.
pub(super) fn move_times(ledger: &Path, days: i64) {
    let conn = open(ledger);
    let millis = days * 24 * 60 * 60 * 1_000;
    let moved = conn.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         UPDATE call SET at = at + {millis}, settled = settled + {millis};
         UPDATE run SET started = started + {millis};
         UPDATE day SET day = day + {days};
         UPDATE departure SET at = at + {millis};
         COMMIT;"
    ));
    if let Err(error) = moved {
        // A full device has no room for it.
        eprintln!("    the times stay: {error}");
    }
}

/// Keeps everybody else from the ledger for a while.
pub(super) fn hold(ledger: &Path, time: Duration) {
    let conn = open(ledger);
    if conn.execute_batch("BEGIN EXCLUSIVE").is_ok() {
        std::thread::sleep(time);
        conn.execute_batch("ROLLBACK").unwrap();
    }
}

fn open(ledger: &Path) -> Connection {
    let conn = Connection::open(ledger).unwrap();
    conn.busy_timeout(Duration::from_secs(20)).unwrap();
    conn
}
