//! Look-ups that URLs of one host share.

use core::fmt;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::clock::Clock;
use super::resolve::{NoThread, Resolve};
use crate::http::error::{FetchError, FetchErrorKind, Phase, Shortage};
use crate::http::limits;

/// Asks for each name once at a time, and remembers the answers for a while.
pub(crate) struct LookUps {
    resolver: Arc<dyn Resolve>,
    slots: Arc<Semaphore>,
    /// By runtime as well: a look-up moves only while its runtime does.
    names: Mutex<Names>,
}

type Names = HashMap<(runtime::Id, String), watch::Receiver<Progress>>;

/// How far a look-up has come.
#[derive(Clone)]
enum Progress {
    /// Waits for a slot: our own want, not the name's.
    Queued,
    Asking,
    Answered(Answer),
}

#[derive(Clone)]
struct Answer {
    found: Result<Arc<[IpAddr]>, Arc<io::Error>>,
    at: Instant,
}

impl fmt::Debug for LookUps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookUps").finish_non_exhaustive()
    }
}

impl LookUps {
    pub(crate) fn new(resolver: Arc<dyn Resolve>, at_once: usize) -> Self {
        Self {
            resolver,
            slots: Arc::new(Semaphore::new(at_once)),
            names: Mutex::default(),
        }
    }

    /// The addresses of a name, all that were given.
    pub(crate) async fn find(
        &self,
        name: &str,
        clock: &mut Clock,
    ) -> Result<Vec<IpAddr>, FetchError> {
        let mut progress = self.join(name);
        let is_asking = |progress: &Progress| !matches!(progress, Progress::Queued);
        let queued = async {
            timeout(limits::OWN, progress.wait_for(is_asking))
                .await
                .map(drop)
        };
        clock
            .stopped(queued)
            .await
            .map_err(|_| FetchErrorKind::OwnShortage(Shortage::LookUps))?;
        let answered = progress.wait_for(|now| matches!(now, Progress::Answered(_)));
        let answered = clock
            .within(Phase::LookUp, answered)
            .await?
            .map(|answered| answered.clone());
        match answered {
            Ok(Progress::Answered(Answer {
                found: Ok(found), ..
            })) => Ok(found.to_vec()),
            Ok(Progress::Answered(Answer {
                found: Err(error), ..
            })) => Err(not_found(&error)),
            // The runtime that asked is gone.
            Ok(_) | Err(_) => Err(FetchErrorKind::NameNotFound.into()),
        }
    }

    /// The look-up of a name that is under way or was answered a little while ago; else a new one.
    fn join(&self, name: &str) -> watch::Receiver<Progress> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (runtime::Handle::current().id(), name.to_owned());
        let now = Instant::now();
        if let Some(known) = names.get(&key).filter(|known| is_of_use(known, now)) {
            return known.clone();
        }
        if names.len() >= limits::MAX_NAMES {
            names.retain(|_, known| is_of_use(known, now));
        }
        let (tell, progress) = watch::channel(Progress::Queued);
        tokio::spawn(look_up(
            Arc::clone(&self.resolver),
            Arc::clone(&self.slots),
            name.to_owned(),
            tell,
        ));
        if names.len() >= limits::MAX_NAMES {
            if let Some(oldest) = oldest_answer(&names) {
                names.remove(&oldest);
            }
        }
        // With as many look-ups under way, this one is not shared.
        if names.len() < limits::MAX_NAMES {
            names.insert(key, progress.clone());
        }
        progress
    }
}

/// Asks, also when whoever wanted to know has gone: the next may want to know as well, and a slot is
/// free only when the system is done.
async fn look_up(
    resolver: Arc<dyn Resolve>,
    slots: Arc<Semaphore>,
    name: String,
    tell: watch::Sender<Progress>,
) {
    // Never closed; if it were, going on without a slot is the lesser harm.
    let _slot = slots.acquire_owned().await.ok();
    tell.send_replace(Progress::Asking);
    let found = timeout(limits::ABANDONED, resolver.resolve(&name))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let answer = Answer {
        found: found.map(Arc::from).map_err(Arc::new),
        at: Instant::now(),
    };
    tell.send_replace(Progress::Answered(answer));
}

fn is_of_use(progress: &watch::Receiver<Progress>, now: Instant) -> bool {
    match &*progress.borrow() {
        // Its task ended without an answer if nobody is left to tell one.
        Progress::Queued | Progress::Asking => progress.has_changed().is_ok(),
        Progress::Answered(Answer { found: Ok(_), at }) => now < *at + limits::PIN,
        Progress::Answered(Answer {
            found: Err(error),
            at,
        }) => shortage(error).is_none() && now < *at + limits::PIN_FAILURE,
    }
}

fn oldest_answer(names: &Names) -> Option<(runtime::Id, String)> {
    let answered = names
        .iter()
        .filter_map(|(key, known)| match &*known.borrow() {
            Progress::Answered(answer) => Some((answer.at, key.clone())),
            _ => None,
        });
    answered.min_by_key(|(at, _)| *at).map(|(_, key)| key)
}

fn shortage(error: &io::Error) -> Option<Shortage> {
    let inner = error.get_ref()?;
    inner.downcast_ref::<NoThread>().map(|_| Shortage::Threads)
}

fn not_found(error: &io::Error) -> FetchError {
    let kind = shortage(error).map_or(FetchErrorKind::NameNotFound, FetchErrorKind::OwnShortage);
    FetchError::new(kind).with_source(io::Error::new(error.kind(), error.to_string()))
}
