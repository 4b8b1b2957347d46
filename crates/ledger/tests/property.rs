//! Whatever happens in whatever order: told charges are never below the bill, and nothing is bought
//! twice unless its first answer never came.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use gate::{Asking, CallId, Claim, Ledger};
use ledger::SqliteLedger;
use proptest::prelude::*;
use remote::{Charge, ErrorKind};
use support::{options, pass, question, settlement};

const IMAGES: u64 = 4;

/// The next thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A run asks about an image, if it is not known, and stops at some point.
    Ask {
        run: usize,
        image: u64,
        until: Until,
    },
    /// A call that was left in the air ends after all.
    Answer { call: usize },
    /// A run ends well, and another takes its place.
    Close { run: usize },
    /// A run is dropped without an end, as in a crash, and another takes its place.
    Crash { run: usize },
}

#[derive(Clone, Copy, Debug)]
enum Until {
    Claimed,
    Intended,
    Withdrawn,
    /// It left, it is billed, and no answer came yet.
    Sent,
    Answered,
    /// It left, and the service answers that it failed.
    Failed,
    /// It left, it is billed, and the answer is lost.
    Lost,
}

fn step() -> impl Strategy<Value = Step> {
    let until = prop::sample::select(vec![
        Until::Claimed,
        Until::Intended,
        Until::Withdrawn,
        Until::Sent,
        Until::Answered,
        Until::Answered,
        Until::Failed,
        Until::Lost,
    ]);
    prop_oneof![
        6 => (0..3_usize, 0..IMAGES, until).prop_map(|(run, image, until)| Step::Ask { run, image, until }),
        2 => (0..4_usize).prop_map(|call| Step::Answer { call }),
        1 => (0..3_usize).prop_map(|run| Step::Close { run }),
        1 => (0..3_usize).prop_map(|run| Step::Crash { run }),
    ]
}

/// A request that is on its way.
struct InFlight {
    run: u64,
    image: u64,
    asking: Box<dyn Asking>,
    call: CallId,
}

struct World<'a> {
    folder: &'a Path,
    runs: Vec<(u64, SqliteLedger)>,
    begun: u64,
    in_flight: Vec<InFlight>,
    bill: BTreeMap<u64, u64>,
    /// How often the answer to a billed call never came.
    unanswered: BTreeMap<u64, u64>,
}

impl<'a> World<'a> {
    fn new(folder: &'a Path) -> Self {
        let mut world = Self {
            folder,
            runs: Vec::new(),
            begun: 0,
            in_flight: Vec::new(),
            bill: BTreeMap::new(),
            unanswered: BTreeMap::new(),
        };
        for _ in 0..3 {
            world.begin();
        }
        world
    }

    fn begin(&mut self) {
        let ledger = ledger::open(&options(self.folder)).unwrap();
        self.runs.push((self.begun, ledger));
        self.begun += 1;
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Ask { run, image, until } => self.ask(run, image, until).await,
            Step::Answer { call } if call < self.in_flight.len() => {
                let InFlight {
                    image,
                    asking,
                    call,
                    ..
                } = self.in_flight.remove(call);
                let end = settlement(Charge::Yes, Ok(pass(image)));
                asking.settle(call, &end).await.unwrap();
            }
            Step::Answer { .. } => {}
            Step::Close { run } => {
                let (id, ledger) = self.runs.remove(run);
                self.forget(id);
                ledger.close().await.unwrap();
                self.begin();
            }
            Step::Crash { run } => {
                let (id, _ledger) = self.runs.remove(run);
                self.forget(id);
                self.begin();
            }
        }
    }

    /// The calls that a run has in flight when it ends are never answered.
    fn forget(&mut self, run: u64) {
        for call in self.in_flight.extract_if(.., |call| call.run == run) {
            *self.unanswered.entry(call.image).or_default() += 1;
        }
    }

    async fn ask(&mut self, run: usize, image: u64, until: Until) {
        let (id, ledger) = self.runs[run].clone();
        let question = question(image);
        let claim = ledger.claim(&question);
        if self.in_flight.iter().any(|call| call.image == image) {
            let waiting = tokio::time::timeout(Duration::from_millis(60), claim).await;
            assert!(waiting.is_err(), "somebody asks it");
            return;
        }
        let asking = match claim.await.unwrap() {
            Claim::Known(known) => {
                assert_eq!(known.answer, pass(image));
                return;
            }
            Claim::Granted(asking) => asking,
        };
        if let Until::Claimed = until {
            return;
        }
        let call = asking.intend().await.unwrap();
        let mut sent = || *self.bill.entry(image).or_default() += 1;
        match until {
            Until::Claimed | Until::Intended => {}
            Until::Withdrawn => asking.withdraw(call).await.unwrap(),
            Until::Failed => {
                let end = settlement(Charge::No, Err(ErrorKind::ServiceFailed));
                asking.settle(call, &end).await.unwrap();
            }
            Until::Sent => {
                sent();
                self.in_flight.push(InFlight {
                    run: id,
                    image,
                    asking,
                    call,
                });
            }
            Until::Answered => {
                sent();
                let end = settlement(Charge::Yes, Ok(pass(image)));
                asking.settle(call, &end).await.unwrap();
            }
            Until::Lost => {
                sent();
                let end = settlement(Charge::Unknown, Err(ErrorKind::OutcomeUnknown));
                asking.settle(call, &end).await.unwrap();
                *self.unanswered.entry(image).or_default() += 1;
            }
        }
    }

    /// Holds at any time.
    fn check(&self) {
        let info = ledger::info(&options(self.folder)).unwrap();
        let open: u64 = info.open.iter().map(|run| run.calls).sum();
        let billed: u64 = self.bill.values().sum();
        let told = info.ever.charged + info.ever.maybe_charged + open;
        assert!(told >= billed, "told {told}, billed {billed}: {info:?}");
        assert!(info.ever.charged <= billed);
        for (image, times) in &self.bill {
            let unanswered = self.unanswered.get(image).copied().unwrap_or_default();
            assert!(
                *times <= 1 + unanswered,
                "image {image} was bought {times} times"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_charge_is_forgotten_and_nothing_is_bought_twice(
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let mut world = World::new(dir.path());
            for step in steps {
                world.take(step).await;
                world.check();
            }
        });
    }
}
