//! Money under chaos: processes that share a ledger, a service that keeps its own bill, and whatever
//! can happen to either, at random. At each step the told charges must cover the bill, and no image
//! may be billed twice unless its first answer never came.
//!
//! `cargo test -p preflight-emo-cli --test cli money_under_chaos -- --ignored --nocapture`.
//! `CHAOS_SECONDS` says how long (600). `CHAOS_SEED` repeats a round that failed: each prints its own.
//! The order of events follows from the seed; their timing is that of the machine.

mod books;
mod clock;
mod device;
mod faults;
mod process;
mod world;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::chaos::world::World;

#[test]
#[ignore = "ten minutes"]
fn money_under_chaos() {
    let lasts = Duration::from_secs(number("CHAOS_SECONDS").unwrap_or(600));
    let began = Instant::now();
    let mut totals = Totals::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut seed = number("CHAOS_SEED").unwrap_or(now.as_secs() * 1_000);
    while began.elapsed() < lasts {
        totals.round(seed);
        seed += 1;
    }
    eprintln!(
        "{} rounds, {} processes, {} steps, {} images, {} billed",
        totals.rounds, totals.processes, totals.steps, totals.images, totals.billed
    );
    assert!(totals.billed > 0, "nothing was ever paid for");
}

/// The size of a soak.
#[derive(Debug, Default)]
struct Totals {
    rounds: u64,
    processes: u64,
    steps: u64,
    images: u64,
    billed: u64,
}

impl Totals {
    fn round(&mut self, seed: u64) {
        eprintln!("CHAOS_SEED={seed}");
        let mut world = World::new(seed);
        let steps = world.chaos();
        world.peace();
        self.rounds += 1;
        self.steps += steps;
        self.processes += world.processes();
        self.images += world.images();
        self.billed += world.billed();
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}
