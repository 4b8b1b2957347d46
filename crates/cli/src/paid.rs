//! `--remote`: asks the service, or the built-in stand-in, about images that pass the free stages.

mod address;
mod error;
pub(crate) mod ledger;
mod map;
mod plan;
mod service;

use std::future;
use std::path::Path;
use std::sync::Arc;

use gate::{Account, Cleared, Code, Detector, Gate, LedgerError, Outcome, Run, Seat, Unlimited};
use remote::Ratio;
use report::{RemoteTotals, counted};
use tokio::runtime::{Builder, Runtime};

use crate::buckets::Buckets;
use crate::interrupt::{Interrupt, Phase};
use crate::paid::address::Addresses;
pub(crate) use crate::paid::address::Local;
use crate::paid::error::PROFILE;
pub(crate) use crate::paid::error::PaidError;
use crate::paid::ledger::KeptLedger;
use crate::paid::plan::Plan;
use crate::scan::Checked;
use crate::settings::{self, Settings};

/// The paid stage of a run.
#[derive(Debug)]
pub(crate) struct Paid {
    detector: Detector,
    run: Run,
    ledger: Option<KeptLedger>,
    addresses: Addresses,
    service: gate::Service,
    ratio: Ratio,
    budget: Budget,
    /// The requests of a dry run, which sends none.
    plan: Option<Plan>,
    /// Keeps the stand-in, the ledger and the watch for Ctrl-C going.
    runtime: Option<Runtime>,
}

/// The paid requests that a run may send.
#[derive(Clone, Copy, Debug)]
struct Budget {
    run: u64,
    /// The rest of the day's budget, in a dry run.
    left_today: Option<u64>,
}

impl Budget {
    fn requests(self) -> u64 {
        self.left_today.map_or(self.run, |left| self.run.min(left))
    }

    fn is_cut_by_the_day(self) -> bool {
        self.requests() < self.run
    }

    fn note(self) -> Option<String> {
        self.is_cut_by_the_day().then(|| {
            let left = counted(self.requests(), "request", "requests");
            format!("note: the day's budget (--budget-per-day) leaves {left}")
        })
    }
}

/// How the paid stage of a run ended.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    /// The requests and charges, from the ledger.
    pub(crate) account: Option<Account>,
    /// Lines for standard error.
    pub(crate) notes: Vec<String>,
    /// The ledger could not be written, so that something is not remembered, or was not sent.
    pub(crate) is_unrecorded: bool,
}

impl Paid {
    /// The paid stage, if the settings ask for it.
    pub(crate) fn open(
        settings: &Settings,
        buckets: &Buckets,
        here: &Path,
        interrupt: &Interrupt,
    ) -> Result<Option<Self>, PaidError> {
        let remote = &settings.remote;
        let Some(whom) = remote.whom() else {
            return Ok(None);
        };
        if settings.profile.name() != PROFILE {
            let found = settings.profile.name().to_owned();
            return Err(PaidError::Profile { found });
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(PaidError::Runtime)?;
        let mut left_today = None;
        let (builder, ledger, addresses, service) = match whom {
            settings::Detector::Standin => {
                let standin = service::start_standin(&runtime, settings, buckets)?;
                let client = service::standin_client(&standin, remote)?;
                let builder = Detector::builder(client);
                let addresses = Addresses::standin(standin);
                (builder, None, addresses, gate::Service::Standin)
            }
            settings::Detector::Service => {
                let client = service::client(remote)?;
                let ledger = KeptLedger::open(remote, &client, here)?;
                left_today = KeptLedger::left_today(remote, here)?;
                let client = match ledger.as_ref().and_then(KeptLedger::pace) {
                    Some(pace) => client.pace(pace),
                    None => client,
                };
                let mut builder = Detector::builder(client.build()?);
                if let Some(ledger) = &ledger {
                    builder = builder.ledger(ledger.shared());
                }
                let addresses = Addresses::public(here, remote);
                (builder, ledger, addresses, gate::Service::Emo)
            }
        };
        // The run has the one budget; the day's is the ledger's. A halt lasts as long as the run.
        let detector = builder
            .allowance(Arc::new(Unlimited))
            .cool_down(None)
            .build();
        runtime.spawn(heed(interrupt.clone(), detector.clone()));
        let budget = Budget {
            run: remote.budget.into(),
            left_today,
        };
        Ok(Some(Self {
            run: detector.run(budget.requests()),
            detector,
            ledger,
            addresses,
            service,
            ratio: remote.ratio,
            budget,
            plan: remote.dry_run.then(Plan::default),
            runtime: Some(runtime),
        }))
    }

    /// Who judges.
    pub(crate) const fn service(&self) -> gate::Service {
        self.service
    }

    /// The place of the next input in the order in which the budget is spent; none in a plan.
    pub(crate) fn seat(&self) -> Option<Seat> {
        self.plan.is_none().then(|| self.run.seat())
    }

    /// Lines for standard error before anything is checked.
    pub(crate) fn opening_notes(&self) -> Vec<String> {
        let ledger = self.ledger.iter();
        let notes = ledger.flat_map(KeptLedger::opening_notes);
        notes.chain(self.budget.note()).collect()
    }

    /// The flag that raises the budget, unless the day's budget is the smaller one.
    pub(crate) fn budget_flag(&self) -> Option<&'static str> {
        (!self.budget.is_cut_by_the_day()).then_some("--budget")
    }

    /// The totals of a run that has not asked anything yet.
    pub(crate) fn totals(&self) -> RemoteTotals {
        let mut totals = RemoteTotals::new(Some(self.budget.requests()));
        totals.is_plan = self.plan.is_some();
        totals
    }

    /// The requests of a dry run, which sends none.
    pub(crate) fn planned(&self) -> Option<RemoteTotals> {
        self.plan.as_ref().map(|plan| plan.totals(self.totals()))
    }

    /// The paid stage of an image that passed the free ones; `None` if it was interrupted before it
    /// could be asked about.
    pub(crate) async fn ask(
        &self,
        gate: &Gate,
        cleared: Cleared,
        seat: Option<Seat>,
        local: Local,
    ) -> Option<Checked> {
        let address = self.addresses.of(&local);
        let Some(seat) = seat else {
            return Some(self.foresee(cleared, address.is_some()).await);
        };
        let public_url = address.as_ref().and_then(address::Address::public_url);
        let mut lent = None;
        let publish = || future::ready(self.addresses.publish(address, local, &mut lent));
        let report = gate.ask(seat, cleared, self.ratio, publish).await;
        let was_reached = report.outcome() != Outcome::Skip;
        was_reached.then(|| Checked {
            public_url,
            ..Checked::of(report)
        })
    }

    /// Counts an image that would be asked about.
    async fn foresee(&self, mut cleared: Cleared, has_address: bool) -> Checked {
        if let Some(plan) = &self.plan {
            match self.detector.estimate(&mut cleared, self.ratio).await {
                Ok(estimate) if estimate.known => plan.known(),
                _ if !has_address => plan.without_address(),
                Ok(estimate) => plan.ask(estimate.question.image),
                // Not known, as far as can be told.
                Err(_) => plan.ask(gate::ImageIdentity::default()),
            }
        }
        Checked::of(cleared.into_report())
    }

    /// Ends the paid stage: what was sent is written down.
    pub(crate) fn close(&self) -> Closing {
        let Some(runtime) = &self.runtime else {
            return Closing::default();
        };
        if self.plan.is_some() {
            return Closing::default();
        }
        let account = runtime.block_on(self.detector.account());
        let halt = self.detector.halted();
        let mut closing = Closing {
            is_unrecorded: halt.is_some_and(|halt| halt.code == Code::NotRecorded),
            ..Closing::default()
        };
        match account {
            Ok(account) => closing.account = Some(account),
            Err(error) => closing.notes.push(unread(&error)),
        }
        if let Some(ledger) = &self.ledger {
            let end = runtime.block_on(ledger.close());
            closing.is_unrecorded |= end.is_unrecorded;
            closing.notes.extend(end.notes);
        }
        closing
    }
}

fn unread(error: &LedgerError) -> String {
    format!("warning: what was charged is counted from the report: {error}")
}

/// Passes the user's wish for an end on to the detector.
async fn heed(interrupt: Interrupt, detector: Detector) {
    interrupt.reached(Phase::Stopping).await;
    detector.stop_sending();
    interrupt.reached(Phase::Dropping).await;
    detector.interrupt();
}

impl Drop for Paid {
    fn drop(&mut self) {
        // The stand-in's calls must not hold the end up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
