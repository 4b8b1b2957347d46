//! The requests of one question: leave, intent, settlement.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use remote::{Pending, RequestBudget, RequestEnd, Veto};

use super::halt::{Halt, Leave};
use super::line::Place;
use super::seats::Reservation;
use super::{Inner, Phase};
use crate::finding::chain;
use crate::{Answer, Asking, CallId, Code, Finding, LedgerError, Settlement};

/// The requests of one question. Each has leave of everybody who has a say, and is in the ledger,
/// before it leaves.
pub(super) struct Call<'a> {
    inner: &'a Inner,
    place: Option<&'a Reservation>,
    asking: &'a dyn Asking,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether leave was given for a request that did not leave yet.
    has_leave: bool,
    /// The request that was intended, and of which nothing was heard yet.
    open: Option<CallId>,
    in_line: Option<Place>,
    sent: u32,
    is_trial: bool,
    refusal: Option<Refusal>,
    unrecorded: Option<String>,
}

/// Why a request was not sent.
#[derive(Debug)]
pub(super) enum Refusal {
    Stopped,
    Halted(Halt),
    Budget(String),
    Ledger(LedgerError),
    Unpublished(Finding),
}

impl<'a> Call<'a> {
    pub(super) fn new(
        inner: &'a Inner,
        place: Option<&'a Reservation>,
        asking: &'a dyn Asking,
    ) -> Self {
        Self {
            inner,
            place,
            asking,
            state: Mutex::default(),
        }
    }

    /// Whether a request may be on its way.
    pub(super) fn is_open(&self) -> bool {
        self.state().open.is_some()
    }

    /// Requests that left.
    pub(super) fn sent(&self) -> u32 {
        self.state().sent
    }

    pub(super) fn take_refusal(&self) -> Option<Refusal> {
        self.state().refusal.take()
    }

    /// Why an answer could not be written down, if it could not.
    pub(super) fn unrecorded(&self) -> Option<String> {
        self.state().unrecorded.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Written field by field: whole even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave of everybody who has a say.
    async fn leave(&self) -> Result<(), Refusal> {
        let inner = self.inner;
        // Before the first answer it is not known whether any will be of use: few calls begin.
        if !inner.line.is_answering() {
            self.enter_line().await?;
        }
        let leave = inner.halting.leave().map_err(Refusal::Halted)?;
        if self.place.is_some_and(|place| !place.withdraw()) {
            return Err(Refusal::Budget(BUDGET_USED_UP.to_owned()));
        }
        if let Err(veto) = inner.allowance.withdraw().await {
            self.give_back();
            return Err(Refusal::Budget(veto.to_string()));
        }
        let mut state = self.state();
        state.has_leave = true;
        state.is_trial |= leave == Leave::Trial;
        Ok(())
    }

    /// Writes down that the request is about to leave. Its connection stands, and its turn is at
    /// most as far away as the line is long.
    async fn write_down(&self) -> Result<(), Refusal> {
        let inner = self.inner;
        self.enter_line().await?;
        // An answer to another call in the line may have stopped this one.
        let is_trial = self.state().is_trial;
        if let Some(halt) = inner.halting.forbids().filter(|_| !is_trial) {
            return Err(Refusal::Halted(halt));
        }
        match self.asking.intend().await {
            Ok(call) => {
                self.state().open = Some(call);
                Ok(())
            }
            Err(error) => {
                inner.cannot_record(&error);
                Err(match error {
                    LedgerError::DayBudget { .. } => Refusal::Budget(error.to_string()),
                    error => Refusal::Ledger(error),
                })
            }
        }
    }

    async fn enter_line(&self) -> Result<(), Refusal> {
        if self.state().in_line.is_some() {
            return Ok(());
        }
        let inner = self.inner;
        let in_line = tokio::select! {
            biased;
            () = inner.reached(Phase::Stopping) => return Err(Refusal::Stopped),
            in_line = inner.line.enter() => in_line,
        };
        self.state().in_line = in_line;
        Ok(())
    }

    /// The veto that this refusal is. It keeps its place no longer.
    fn refuse(&self, refusal: Refusal) -> Veto {
        let reason = refusal.finding().map(|finding| finding.message);
        let mut state = self.state();
        state.in_line = None;
        state.refusal = Some(refusal);
        Veto::new(reason.unwrap_or_else(|| "stopped".to_owned()))
    }

    fn give_back(&self) {
        if let Some(place) = self.place {
            place.deposit();
        }
    }

    fn recorded(&self, outcome: Result<(), LedgerError>) {
        if let Err(error) = outcome {
            self.inner.cannot_record(&error);
            self.state().unrecorded = Some(chain(&error));
        }
    }
}

pub(super) const BUDGET_USED_UP: &str = "the budget of paid requests is used up";

impl Inner {
    /// Stops what is not sent yet: a call that nobody remembers would be paid for again.
    pub(super) fn cannot_record(&self, error: &LedgerError) {
        if let LedgerError::NotRead(_) | LedgerError::NotWritten(_) = error {
            self.halting.begin(Code::NotRecorded, chain(error));
        }
    }
}

impl Refusal {
    /// The finding for an image that was not asked about; None for one that was not reached.
    pub(super) fn finding(&self) -> Option<Finding> {
        Some(match self {
            Self::Stopped => return None,
            Self::Unpublished(finding) => finding.clone(),
            Self::Halted(halt) => halt.finding(),
            Self::Budget(reason) => {
                Finding::new(Code::BudgetReached, format!("not sent: {reason}"))
            }
            Self::Ledger(error) => match error {
                LedgerError::Busy { .. } => Finding::new(Code::OutcomeLost, chain(error)),
                LedgerError::DayBudget { .. } => {
                    Finding::new(Code::BudgetReached, format!("not sent: {error}"))
                }
                error => Finding::new(Code::NotRecorded, format!("not sent: {}", chain(error))),
            },
        })
    }
}

impl RequestBudget for Call<'_> {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async { self.leave().await.map_err(|refusal| self.refuse(refusal)) })
    }

    fn intend(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            let written = self.write_down().await;
            written.map_err(|refusal| self.refuse(refusal))
        })
    }

    fn deposit(&self) -> Pending<'_, ()> {
        Box::pin(async {
            let (had_leave, call) = {
                let mut state = self.state();
                (std::mem::take(&mut state.has_leave), state.open.take())
            };
            if had_leave {
                self.give_back();
                self.inner.allowance.deposit().await;
            }
            if let Some(call) = call {
                self.recorded(self.asking.withdraw(call).await);
            }
            self.state().in_line = None;
        })
    }

    fn depart(&self) {
        if self.inner.line.is_answering() {
            self.state().in_line = None;
        }
    }

    fn closed(&self) -> Pending<'_, ()> {
        // The call that tries whether a fault is mended is sent in spite of the halt.
        let is_trial = self.state().is_trial;
        Box::pin(async move {
            tokio::select! {
                () = self.inner.reached(Phase::Stopping) => {}
                () = self.inner.halting.begun(), if !is_trial => {}
            }
        })
    }

    fn settle<'a>(&'a self, end: RequestEnd<'a>) -> Pending<'a, ()> {
        Box::pin(async move {
            self.inner.allowance.settle(end).await;
            let (call, is_trial) = {
                let mut state = self.state();
                state.sent += 1;
                state.has_leave = false;
                (state.open.take(), state.is_trial)
            };
            let stops = end.outcome.as_ref().is_err_and(|kind| kind.stops_the_run());
            if is_trial && !stops {
                self.inner.halting.lift();
            }
            if !stops {
                self.inner.line.answered();
                // One that stops everything keeps its place until that is known to the others.
                self.state().in_line = None;
            }
            let Some(call) = call else { return };
            let settlement = Settlement {
                charge: end.charge,
                http_status: end.http_status,
                request_id: end.request_id.map(str::to_owned),
                outcome: end.outcome.map(|detection| Answer {
                    verdict: detection.verdict.clone(),
                    humanoid: detection.humanoid,
                    made_up: detection.made_up,
                }),
                at: Timestamp::now(),
            };
            self.recorded(self.asking.settle(call, &settlement).await);
        })
    }
}

#[cfg(test)]
mod tests;
