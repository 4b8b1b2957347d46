//! A service under attack: a gate that lives long, and servers that do all they can to hold it up.
//!
//! `cargo test -p preflight-emo-gate --all-features --test load -- --ignored --nocapture`. `LOAD_HOSTS` says how
//! many servers are visited at once (100), `LOAD_SECONDS` for how long (4).
//!
//! The servers are another process. What this one holds is told by the kernel, so that this file has
//! one test. The first visits are a warm-up: allocators keep memory, TLS its roots, and what comes
//! after must not add to that.
#![cfg(all(feature = "http", target_os = "linux"))]
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod tally;

use std::sync::Arc;
use std::time::Duration;

use gate::{AddressPolicy, Fetcher, Gate, Profile};
use testkit::crowd::{self, Crowd, Shows};
use testkit::footprint::{Footprint, number};
use testkit::random::Random;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::tally::Tally;

const NAME: &str = "a_gate_holds_nothing_of_a_thousand_hostile_servers";

/// Nine servers of ten are hostile. The others must be seen all the same.
const CROWD: Crowd = Crowd {
    seed: 17,
    hostile: 900,
};

/// Time for one URL, where the load lasts: what the library takes by default.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the first visits take, where the load lasts longer.
const WARM_UP: Duration = Duration::from_secs(60);

/// How long connections, look-ups and threads may take to end: a name server that does not answer is
/// waited for by the system, up to 30 s.
const SETTLE: Duration = Duration::from_secs(60);

/// Memory that ten thousand fetches or a million may add: what an allocator does not give back.
const SLACK: u64 = 12 << 20;

/// Memory of one fetch: the library promises 100 KiB, and a task and the kernel's pages come to it.
const MEMORY: u64 = 160 << 10;

#[test]
#[ignore = "twenty seconds, and ten minutes at full size"]
fn a_gate_holds_nothing_of_a_thousand_hostile_servers() {
    if crowd::serve_apart() {
        return;
    }
    let hosts = u32::try_from(number("LOAD_HOSTS", 100)).unwrap();
    let lasts = Duration::from_secs(number("LOAD_SECONDS", 4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(load(hosts, lasts));
}

async fn load(hosts: u32, lasts: Duration) {
    let mut servers = CROWD.apart(NAME);
    let patience = PATIENCE.min(lasts / 2);
    let load = Load {
        service: service(hosts as usize, patience),
        hosts,
        port: servers.port(),
        patience,
    };
    let start = Footprint::here();

    load.visit(WARM_UP.min(lasts)).await;
    let warm = Footprint::here();
    let (tally, resident, most) = load.visit(lasts).await;
    let end = settled(start).await;

    let seen = servers.settled();
    eprintln!("{hosts} servers for {lasts:?}: {tally}");
    eprintln!("MiB in each tenth of the time: {resident:?}");
    eprintln!(
        "at first {start:?}\nwarm     {warm:?}\nat most  {most:?}\nat last  {end:?}\n{seen:?}"
    );
    tally.check();
    assert!(
        end.resident <= warm.resident + SLACK,
        "memory has grown by {} bytes",
        end.resident - warm.resident
    );
    let grown = end.peak - start.resident;
    let allowed = SLACK + u64::from(hosts) * MEMORY;
    assert!(grown <= allowed, "{grown} bytes at the peak");
    let descriptors = most.descriptors - start.descriptors;
    assert!(
        (hosts as usize / 2..=2 * hosts as usize + 64).contains(&descriptors),
        "{descriptors} descriptors at the peak"
    );
}

/// A gate that may fetch from this machine, as many URLs at once as there are servers.
fn service(hosts: usize, patience: Duration) -> Gate {
    let policy = AddressPolicy::public().allow("127.0.0.0/8".parse().unwrap());
    let fetcher = Fetcher::builder()
        .policy(policy)
        .timeout(patience)
        .concurrency(hosts)
        .build()
        .unwrap();
    assert_eq!(
        fetcher.concurrency(),
        hosts,
        "raise `ulimit -n` to {}",
        2 * hosts + 64
    );
    Gate::builder(Profile::emo()).fetcher(fetcher).build()
}

/// Visitors of all servers at once. Clones are the same service.
#[derive(Clone)]
struct Load {
    service: Gate,
    hosts: u32,
    port: u16,
    patience: Duration,
}

impl Load {
    /// Has all servers visited, again and again for so long, and looks at what that takes: the memory
    /// in each tenth of the time in MiB, and the most of each.
    async fn visit(&self, lasts: Duration) -> (Tally, Vec<u64>, Footprint) {
        let tally = Arc::new(Tally::default());
        let begin = Instant::now();
        let mut visitors = JoinSet::new();
        for host in 0..self.hosts {
            let (load, tally) = (self.clone(), Arc::clone(&tally));
            visitors.spawn(async move { load.visit_one(host, begin + lasts, &tally).await });
        }
        let mut resident = vec![0; 10];
        let mut most = Footprint::default();
        while begin.elapsed() < lasts {
            let now = Footprint::here();
            let tenth = begin.elapsed().as_secs_f64() / lasts.as_secs_f64() * 10.0;
            if let Some(resident) = resident.get_mut(tenth as usize) {
                *resident = now.resident.max(*resident << 20) >> 20;
            }
            most = most.most(now);
            sleep(Duration::from_millis(100)).await;
        }
        visitors.join_all().await;
        (Arc::into_inner(tally).unwrap(), resident, most)
    }

    async fn visit_one(&self, host: u32, end: Instant, tally: &Tally) {
        let manner = CROWD.manner(host);
        let mut dice = Random::new(CROWD.seed ^ u64::from(host));
        for visit in 0_u64.. {
            // Who fails at once must leave the processor to the others.
            let next = Instant::now() + self.patience.mul_f64(dice.between(80, 120) as f64 / 100.0);
            // One visit of 50 is to a name that nobody has: the system is asked on a thread.
            let is_nobody = dice.below(50) == 0;
            let url = match is_nobody {
                true => format!("http://h{host}-{visit}.invalid/a.jpg"),
                false => CROWD.url(host, self.port, "/portrait"),
            };
            // One of eight is given up by who asked for it, at any moment.
            let patience = match dice.below(8) {
                0 => self.patience.mul_f64(dice.below(100) as f64 / 100.0),
                _ => self.patience * 4,
            };
            match timeout(patience, self.service.screen_url(&url)).await {
                Ok(screening) if is_nobody => {
                    tally.note(None, Shows::Nothing, &screening.into_report());
                }
                Ok(screening) => {
                    let shows = CROWD.shows(host, 3);
                    tally.note(Some(manner), shows, &screening.into_report());
                }
                Err(_) => tally.give_up(),
            }
            if next >= end {
                return;
            }
            sleep_until(next).await;
        }
    }
}

/// The footprint once descriptors and threads are as many as they were.
async fn settled(start: Footprint) -> Footprint {
    let deadline = Instant::now() + SETTLE;
    loop {
        let now = Footprint::here();
        if (now.descriptors, now.threads) == (start.descriptors, start.threads) {
            return now;
        }
        assert!(
            Instant::now() < deadline,
            "expected the descriptors and threads of {start:?}, but found {now:?}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}
