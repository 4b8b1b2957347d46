//! The ledger of one process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use remote::{Charge, Ratio};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::{
    Asking, CallId, Claim, Known, Ledger, LedgerError, Pending, Question, Settlement, Spent,
};
use crate::{Sha256, UrlIdentity};

/// A [`Ledger`] in memory, for as long as the process lives. Clones share it.
///
/// It remembers as many verdicts as it has room for, and forgets first what was not asked for the
/// longest; an image with two identities takes the room of two. A verdict takes about 500 bytes,
/// and at most some 9,000 where the service is talkative.
///
/// ```
/// use gate::MemoryLedger;
///
/// let ledger = MemoryLedger::new(10_000);
/// assert_eq!((ledger.len(), ledger.capacity()), (0, 10_000));
/// ledger.forget();
/// ```
#[derive(Clone, Debug)]
pub struct MemoryLedger {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    capacity: usize,
    patience: Duration,
    verdicts: Mutex<Verdicts>,
    /// The questions that are being asked.
    asking: Mutex<HashSet<Key>>,
    /// A question was freed.
    freed: Notify,
    totals: Totals,
}

/// Verdicts, and the order in which they were last asked for.
#[derive(Debug, Default)]
struct Verdicts {
    known: HashMap<Key, (u64, Arc<Known>)>,
    order: BTreeMap<u64, Key>,
    clock: u64,
}

#[derive(Debug, Default)]
struct Totals {
    calls: AtomicU64,
    asked: AtomicU64,
    charged: AtomicU64,
    maybe_charged: AtomicU64,
    in_flight: AtomicU64,
}

/// A question by one of its image's identities.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Key {
    image: Identity,
    model: String,
    ratio: Ratio,
    base_url: String,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Identity {
    Bytes(Sha256),
    Url(UrlIdentity),
}

impl MemoryLedger {
    /// Verdicts that are remembered unless told otherwise: some 5 MB.
    pub const DEFAULT_CAPACITY: usize = 10_000;

    /// How long a question is waited for that somebody else asks: an upload may take 180 s, a call
    /// 60 s, and both wait for the pace.
    pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(300);

    /// A ledger that remembers at most so many verdicts.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with_patience(capacity, Self::DEFAULT_PATIENCE)
    }

    /// A ledger that remembers at most so many verdicts, and waits at most so long for somebody
    /// else who asks the same question.
    #[must_use]
    pub fn with_patience(capacity: usize, patience: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                capacity,
                patience,
                verdicts: Mutex::default(),
                asking: Mutex::default(),
                freed: Notify::new(),
                totals: Totals::default(),
            }),
        }
    }

    /// Verdicts that it remembers now.
    #[must_use]
    pub fn len(&self) -> usize {
        locked(&self.shared.verdicts).known.len()
    }

    /// Whether it remembers no verdict.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Verdicts that it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }

    /// Forgets every verdict. What was spent stays counted.
    pub fn forget(&self) {
        *locked(&self.shared.verdicts) = Verdicts::default();
    }
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl Ledger for MemoryLedger {
    fn recall<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pending<'a, Result<Option<Known>, LedgerError>> {
        Box::pin(async { Ok(self.shared.find(&keys(question))) })
    }

    fn claim<'a>(&'a self, question: &'a Question) -> Pending<'a, Result<Claim, LedgerError>> {
        Box::pin(async {
            let shared = &self.shared;
            let keys = keys(question);
            let deadline = Instant::now() + shared.patience;
            loop {
                let freed = shared.freed.notified();
                tokio::pin!(freed);
                // Heard from here on, so that no end is missed between the look and the wait.
                freed.as_mut().enable();
                if let Some(asking) = shared.begin(&keys) {
                    // Looked up last: whoever asked before has settled by now.
                    return Ok(match shared.find(&keys) {
                        Some(known) => Claim::Known(known),
                        None => Claim::Granted(Box::new(asking)),
                    });
                }
                if timeout_at(deadline, freed).await.is_err() {
                    let waited = shared.patience;
                    return Err(LedgerError::Busy { waited });
                }
            }
        })
    }

    fn spent(&self) -> Pending<'_, Result<Spent, LedgerError>> {
        let Totals {
            asked,
            charged,
            maybe_charged,
            in_flight,
            ..
        } = &self.shared.totals;
        let read = |total: &AtomicU64| total.load(Ordering::Relaxed);
        let spent = Spent {
            asked: read(asked),
            charged: read(charged),
            maybe_charged: read(maybe_charged),
            in_flight: read(in_flight),
            open_before: 0,
        };
        Box::pin(async move { Ok(spent) })
    }
}

impl Shared {
    /// The right to ask, unless somebody else has it.
    fn begin(self: &Arc<Self>, keys: &[Key]) -> Option<Claimed> {
        let mut asking = locked(&self.asking);
        if keys.iter().any(|key| asking.contains(key)) {
            return None;
        }
        asking.extend(keys.iter().cloned());
        Some(Claimed {
            shared: Arc::clone(self),
            keys: keys.to_vec(),
            open: Mutex::default(),
        })
    }

    fn find(&self, keys: &[Key]) -> Option<Known> {
        let mut verdicts = locked(&self.verdicts);
        keys.iter().find_map(|key| verdicts.find(key))
    }
}

impl Verdicts {
    fn find(&mut self, key: &Key) -> Option<Known> {
        let (used, known) = self.known.get_mut(key)?;
        let known = Known::clone(known);
        self.order.remove(used);
        self.clock += 1;
        *used = self.clock;
        self.order.insert(self.clock, key.clone());
        Some(known)
    }

    fn keep(&mut self, key: &Key, known: &Arc<Known>, capacity: usize) {
        self.clock += 1;
        let kept = (self.clock, Arc::clone(known));
        if let Some((used, _)) = self.known.insert(key.clone(), kept) {
            self.order.remove(&used);
        }
        self.order.insert(self.clock, key.clone());
        while self.known.len() > capacity
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.known.remove(&oldest);
        }
    }
}

/// One question that is being asked.
#[derive(Debug)]
struct Claimed {
    shared: Arc<Shared>,
    keys: Vec<Key>,
    /// Its calls that were intended, and neither withdrawn nor settled.
    open: Mutex<HashSet<CallId>>,
}

impl Claimed {
    /// Ends a call that is open; one that is not stays as it was.
    fn end(&self, call: CallId, count: impl FnOnce(&Totals)) {
        if locked(&self.open).remove(&call) {
            self.shared.totals.in_flight.fetch_sub(1, Ordering::Relaxed);
            count(&self.shared.totals);
        }
    }
}

impl Asking for Claimed {
    fn intend(&self) -> Pending<'_, Result<CallId, LedgerError>> {
        Box::pin(async {
            let totals = &self.shared.totals;
            let call = CallId(totals.calls.fetch_add(1, Ordering::Relaxed));
            locked(&self.open).insert(call);
            totals.asked.fetch_add(1, Ordering::Relaxed);
            totals.in_flight.fetch_add(1, Ordering::Relaxed);
            Ok(call)
        })
    }

    fn withdraw(&self, call: CallId) -> Pending<'_, Result<(), LedgerError>> {
        Box::pin(async move {
            self.end(call, |totals| {
                totals.asked.fetch_sub(1, Ordering::Relaxed);
            });
            Ok(())
        })
    }

    fn settle<'a>(
        &'a self,
        call: CallId,
        settlement: &'a Settlement,
    ) -> Pending<'a, Result<(), LedgerError>> {
        Box::pin(async move {
            self.end(call, |totals| match settlement.charge {
                Charge::No => {}
                Charge::Unknown => drop(totals.maybe_charged.fetch_add(1, Ordering::Relaxed)),
                Charge::Yes => drop(totals.charged.fetch_add(1, Ordering::Relaxed)),
            });
            if let Some(known) = settlement.known() {
                let known = Arc::new(known);
                let mut verdicts = locked(&self.shared.verdicts);
                for key in &self.keys {
                    verdicts.keep(key, &known, self.shared.capacity);
                }
            }
            Ok(())
        })
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        let open: Vec<_> = locked(&self.open).iter().copied().collect();
        for call in open {
            self.end(call, |totals| {
                totals.maybe_charged.fetch_add(1, Ordering::Relaxed);
            });
        }
        let mut asking = locked(&self.shared.asking);
        for key in &self.keys {
            asking.remove(key);
        }
        drop(asking);
        self.shared.freed.notify_waiters();
    }
}

/// A question under each identity of its image.
fn keys(question: &Question) -> Vec<Key> {
    let Question {
        image,
        model,
        ratio,
        base_url,
    } = question;
    let bytes = image.sha256.map(Identity::Bytes);
    let url = image.url.map(Identity::Url);
    let key = |image| Key {
        image,
        model: model.clone(),
        ratio: *ratio,
        base_url: base_url.clone(),
    };
    bytes.into_iter().chain(url).map(key).collect()
}

/// The values behind these locks are whole even if a thread panicked while it held one: single
/// insertions and removals of plain data.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
