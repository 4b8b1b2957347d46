//! This test binary once more, as a process that asks and can be killed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gate::{Claim, Ledger, LedgerError};
use ledger::Options;
use remote::Charge;

use super::{options, pass, question, settlement, till};

const FOLDER: &str = "LEDGER_TEST_FOLDER";
const SERVICE: &str = "LEDGER_TEST_SERVICE";
const IMAGES: &str = "LEDGER_TEST_IMAGES";
const BUDGET: &str = "LEDGER_TEST_BUDGET_PER_DAY";

/// The orders of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Orders {
    pub(crate) service: SocketAddr,
    pub(crate) images: u64,
    pub(crate) budget_per_day: Option<u64>,
}

/// Starts a process that asks about each image. The test binary must have a test `helper` that calls
/// [`help`].
pub(crate) fn spawn(folder: &Path, orders: Orders) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["helper", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(SERVICE, orders.service.to_string())
        .env(IMAGES, orders.images.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(budget) = orders.budget_per_day {
        command.env(BUDGET, budget.to_string());
    }
    command.spawn().unwrap()
}

/// Reads what a process has told at its end: `told charged=1 maybe=0 before=0 over=0`.
pub(crate) fn told(output: &Output) -> Told {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text
        .lines()
        .find(|line| line.starts_with("told "))
        .unwrap_or_else(|| {
            panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr));
        });
    let number = |name: &str| {
        let word = line.split(' ').find_map(|word| word.strip_prefix(name));
        word.unwrap().parse::<u64>().unwrap()
    };
    Told {
        charged: number("charged="),
        maybe_charged: number("maybe="),
        open_before: number("before="),
        over_budget: number("over="),
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) charged: u64,
    pub(crate) maybe_charged: u64,
    pub(crate) open_before: u64,
    pub(crate) over_budget: u64,
}

/// The other side of [`spawn`]: asks about each image, ten at a time.
pub(crate) fn help() {
    let variable = |name| std::env::var(name).unwrap();
    let mut options: Options = options(Path::new(&variable(FOLDER)));
    if let Ok(budget) = std::env::var(BUDGET) {
        options = options.budget_per_day(budget.parse().unwrap());
    }
    let service = variable(SERVICE).parse().unwrap();
    let images: u64 = variable(IMAGES).parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let ledger = ledger::open(&options).unwrap();
        let permits = Arc::new(tokio::sync::Semaphore::new(10));
        let mut tasks = tokio::task::JoinSet::new();
        for image in 0..images {
            let (ledger, permits) = (ledger.clone(), Arc::clone(&permits));
            tasks.spawn(async move {
                let _permit = permits.acquire().await.unwrap();
                match ledger.claim(&question(image)).await.unwrap() {
                    Claim::Known(known) => {
                        assert_eq!(known.answer, pass(image));
                        0
                    }
                    Claim::Granted(asking) => {
                        let call = match asking.intend().await {
                            Ok(call) => call,
                            Err(LedgerError::DayBudget { .. }) => return 1,
                            Err(error) => panic!("{error:?}"),
                        };
                        ledger.pace().unwrap().turn().await;
                        if till::ask(service, image).await.is_ok() {
                            let end = settlement(Charge::Yes, Ok(pass(image)));
                            asking.settle(call, &end).await.unwrap();
                        }
                        0
                    }
                }
            });
        }
        let over: u64 = tasks.join_all().await.into_iter().sum();
        let spent = ledger.spent().await.unwrap();
        println!(
            "\ntold charged={} maybe={} before={} over={over}",
            spent.charged, spent.maybe_charged, spent.open_before
        );
        ledger.close().await.unwrap();
    });
}

/// Sends a signal.
pub(crate) fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Waits until something holds, for at most a minute.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "waited in vain until {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) async fn output_of(child: Child) -> Output {
    tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap()
}
