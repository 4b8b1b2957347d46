//! Ten minutes of kills, stops and reruns, seeded: `cargo test -p preflight-emo-ledger --test soak -- --ignored`.
//! `LEDGER_SOAK_SECONDS` and `LEDGER_SOAK_SEED` say how long, and which one again.
#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::collections::BTreeMap;
use std::process::Child;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use standin::Standin;
use support::asker::{help, lend, spawn};
use support::options;
use support::process::signal;

#[test]
#[ignore = "not a test: the process that the test starts"]
fn helper() {
    help();
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|text| text.parse().unwrap())
}

/// SplitMix64: what a seed gives is the same for ever.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    async fn pause(&mut self, longest_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.below(longest_ms))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes"]
async fn whatever_happens_told_charges_are_never_below_the_bill() {
    let lasts = Duration::from_secs(number("LEDGER_SOAK_SECONDS").unwrap_or(600));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("LEDGER_SOAK_SEED").unwrap_or(now.as_secs());
    println!("LEDGER_SOAK_SEED={seed}");
    let (mut dice, began) = (Dice(seed), Instant::now());
    while began.elapsed() < lasts {
        round(&mut dice).await;
    }
}

/// Two processes at a time on one ledger and some images, until each image has its verdict.
async fn round(dice: &mut Dice) {
    let dir = tempfile::tempdir().unwrap();
    let service_time = Duration::from_millis(dice.below(1_500));
    let standin = Standin::builder()
        .service_time(service_time)
        .start()
        .await
        .unwrap();
    let images = 8 + dice.below(12) as usize;
    let lent = lend(&standin, images);
    let (mut killed, mut stopped) = (0, 0);
    let mut children: Vec<Child> = Vec::new();
    for _ in 0..6 + dice.below(8) {
        while children.len() < 2 {
            children.push(spawn(dir.path(), &standin, &lent));
        }
        dice.pause(2_500).await;
        let at = dice.below(2) as usize;
        match dice.below(4) {
            0 | 1 => {
                let mut child = children.swap_remove(at);
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
            }
            2 => {
                signal(&children[at], Signal::STOP);
                dice.pause(2_000).await;
                stopped += 1;
                signal(&children[at], Signal::CONT);
            }
            _ => {
                signal(&children[at], Signal::TERM);
                children.swap_remove(at).wait().unwrap();
                killed += 1;
            }
        }
        children.retain_mut(|child| child.try_wait().unwrap().is_none());
    }
    for mut child in children {
        child.wait().unwrap();
    }
    let mut last = spawn(dir.path(), &standin, &lent);
    assert!(last.wait().unwrap().success());
    // Calls whose process was killed are billed all the same.
    tokio::time::sleep(service_time + Duration::from_millis(500)).await;

    let stats = standin.stats();
    let info = ledger::info(&options(dir.path())).unwrap();
    let open: u64 = info.open.iter().map(|run| run.calls).sum();
    println!(
        "{images} images, {killed} killed, {stopped} stopped: billed {}, charged {}, maybe {}, open \
         {open}",
        stats.billable, info.ever.charged, info.ever.maybe_charged
    );
    assert!(info.open.iter().all(|run| !run.alive), "{info:?}");
    let told = info.ever.charged + info.ever.maybe_charged + open;
    assert!(
        told >= stats.billable,
        "told {told}, billed {}: {info:?}",
        stats.billable
    );
    assert_eq!(info.verdicts.sealed, Some(images as u64));
    let mut bill = BTreeMap::<_, u64>::new();
    for call in &stats.bill {
        *bill.entry(&call.sha256).or_default() += 1;
    }
    // Each time beyond the first, a call of the same image was never answered.
    let twice: u64 = bill.values().map(|times| times - 1).sum();
    assert!(
        twice <= open + info.ever.maybe_charged,
        "{twice} paid twice: {info:?}"
    );
}
