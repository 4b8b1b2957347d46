//! The cost of a ledger of a million verdicts. Run it on a quiet machine:
//! `cargo test -p preflight-emo-ledger --test measure -- --ignored --nocapture`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use ledger::FILE_NAME;
use rusqlite::Connection;
use support::process::{Orders, output_of, spawn};
use support::till::Till;
use support::{granted, known, open, options, pass, pay, question};

const VERDICTS: u64 = 1_000_000;
/// Verdicts that this key has sealed, and that are looked up.
const OWN: u64 = 200;

/// Fills a ledger with rows such as a service's answers give.
fn fill(folder: &Path, url: &str) {
    let conn = Connection::open(folder.join(FILE_NAME)).unwrap();
    conn.pragma_update(None, "synchronous", "OFF").unwrap();
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {VERDICTS})
         INSERT INTO verdict (question, sha256, url, at, boxes, made_up, request_id, seal)
         SELECT 1, randomblob(32), {url}, 1795000000000 + i * 200,
           printf('[[%d,%d,%d,%d],[%d,%d,%d,%d]]', 200 + i % 700, 100 + i % 500, 900 + i % 90,
             1000 + i % 700, 10 + i % 90, 10 + i % 80, 1200 + i % 700, 1300 + i % 600),
           0, randomblob(16), randomblob(16)
         FROM n"
    );
    conn.execute(&sql, []).unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Time that this process has had a core (proc_pid_stat(5)).
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = text.rsplit_once(')').unwrap();
    // Fields 14 and 15, in ticks of 10 ms: all threads, in user mode and in the kernel.
    let ticks = after_name.split_ascii_whitespace().skip(11).take(2);
    Duration::from_millis(ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
}

/// The most memory that this process ever had.
fn peak_kilobytes() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap().trim_end_matches("kB").trim().to_owned()
}

#[tokio::test]
#[ignore = "measures: two minutes, and a quiet machine"]
async fn a_million_verdicts() {
    for (what, url) in [
        ("one identity", "NULL"),
        ("both identities", "randomblob(32)"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let ledger = open(dir.path());
        for n in 0..OWN {
            pay(&ledger, &question(n), pass(n)).await;
        }
        ledger.close().await.unwrap();
        fill(dir.path(), url);
        let bytes = std::fs::metadata(dir.path().join(FILE_NAME)).unwrap().len() / VERDICTS;

        let mut starts = Vec::new();
        for _ in 0..20 {
            let began = Instant::now();
            let ledger = open(dir.path());
            starts.push(began.elapsed());
            ledger.close().await.unwrap();
        }
        let ledger = open(dir.path());
        let mut look_ups = Vec::new();
        for n in 0..OWN {
            let began = Instant::now();
            assert!(known(&ledger, &question(n)).await.is_some());
            look_ups.push(began.elapsed());
        }
        let (mut intents, mut calls) = (Vec::new(), Vec::new());
        for n in 0..OWN {
            let question = question(VERDICTS + n);
            let asking = granted(&ledger, &question).await;
            let began = Instant::now();
            let call = asking.intend().await.unwrap();
            intents.push(began.elapsed());
            let end = support::settlement(remote::Charge::Yes, Ok(pass(1)));
            asking.settle(call, &end).await.unwrap();
            drop(asking);
            calls.push(began.elapsed());
        }
        let (began, cpu_before) = (Instant::now(), cpu_time());
        let info = ledger::info(&options(dir.path())).unwrap();
        let (info_took, info_cpu) = (began.elapsed(), cpu_time() - cpu_before);
        assert_eq!(info.verdicts.total, VERDICTS + 2 * OWN);
        let began = Instant::now();
        let exported = ledger::export(&options(dir.path())).unwrap().count() as u64;
        assert!(exported > VERDICTS);
        let export_took = began.elapsed();
        println!(
            "{what}: {bytes} bytes a verdict; medians: start {:?}, look-up {:?}, intent {:?}, intent and \
             settlement {:?}; info {info_took:?} ({info_cpu:?} of a core), export {export_took:?}; peak {} kB",
            median(starts),
            median(look_ups),
            median(intents),
            median(calls),
            peak_kilobytes()
        );
        assert!(bytes < 200, "{bytes} bytes a verdict");
    }
}

#[test]
#[ignore = "not a test: the process that the measurement starts"]
fn helper() {
    support::process::help();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: half a minute, and a quiet machine"]
async fn the_pace_of_two_processes() {
    let dir = tempfile::tempdir().unwrap();
    let till = Till::start(Duration::from_millis(100)).await;
    let orders = Orders {
        service: till.address,
        images: 120,
        budget_per_day: None,
    };
    let children = [spawn(dir.path(), orders), spawn(dir.path(), orders)];
    for child in children {
        assert!(output_of(child).await.status.success());
    }
    println!(
        "two processes together: {:.2} requests a second, at most {} in one second",
        till.per_second(),
        till.most_in_a_second()
    );
}
