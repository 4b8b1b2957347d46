//! What is known already, so that nothing is paid for twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::{KnownVerdict, VerdictKey, Verdicts};

/// The verdicts of this run, those of earlier runs, and what is being asked at the moment.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Where verdicts outlive the run, if anywhere.
    store: Option<Arc<dyn Verdicts>>,
    run: Mutex<HashMap<VerdictKey, KnownVerdict>>,
    asking: Mutex<HashMap<VerdictKey, Arc<AsyncMutex<()>>>>,
    /// The first failure to write a verdict down.
    failure: OnceLock<String>,
}

/// The right to ask about a key: whoever wants the same waits, and then finds the verdict.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    known: &'a Known,
    key: VerdictKey,
    lock: Option<OwnedMutexGuard<()>>,
}

impl Known {
    pub(super) fn new(store: Option<Arc<dyn Verdicts>>) -> Self {
        Self {
            store,
            ..Self::default()
        }
    }

    pub(super) async fn turn(&self, key: &VerdictKey) -> Turn<'_> {
        let lock = Arc::clone(locked(&self.asking).entry(key.clone()).or_default());
        Turn {
            known: self,
            key: key.clone(),
            lock: Some(lock.lock_owned().await),
        }
    }

    pub(super) fn find(&self, key: &VerdictKey) -> Option<KnownVerdict> {
        let of_run = locked(&self.run).get(key).cloned();
        of_run.or_else(|| self.store.as_ref()?.find(key))
    }

    pub(super) fn keep(&self, key: &VerdictKey, verdict: KnownVerdict) {
        if let Some(Err(error)) = self.store.as_ref().map(|store| store.keep(key, &verdict)) {
            tracing::warn!(%error, "a verdict could not be kept");
            let _ = self.failure.set(error.to_string());
        }
        locked(&self.run).insert(key.clone(), verdict);
    }

    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // The lock first: the count below must not see our own guard's.
        self.lock = None;
        let mut asking = locked(&self.known.asking);
        if let Entry::Occupied(entry) = asking.entry(self.key.clone())
            && Arc::strong_count(entry.get()) == 1
        {
            entry.remove();
        }
    }
}

/// The maps are whole even if a thread panicked while it held a lock: they are only inserted into
/// and removed from.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_wants_the_same_waits_and_nothing_is_left_behind() {
        let known = Known::default();
        let question = crate::verdicts::Question {
            model: "m",
            ratio: "1:1",
            base_url: "u",
        };
        let key = VerdictKey::of_content("k", &question);
        let turn = known.turn(&key).await;
        let mut second = Box::pin(known.turn(&key));
        assert!(futures_poll_once(&mut second).await, "the second must wait");
        drop(turn);
        drop(second.await);
        let abandoned = known.turn(&key).await;
        drop(Box::pin(known.turn(&key)));
        drop(abandoned);
        assert!(locked(&known.asking).is_empty());
    }

    /// Whether a future is still pending after one poll.
    async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> bool {
        std::future::poll_fn(|context| {
            let pending = std::pin::Pin::new(&mut *future).poll(context).is_pending();
            std::task::Poll::Ready(pending)
        })
        .await
    }
}
