//! How many fetches run at once: in all, and from one host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hands out permits. A permit, or the wait for one, that is dropped gives everything back.
#[derive(Debug)]
pub(super) struct Permits {
    all: Arc<Semaphore>,
    most: usize,
    per_host: usize,
    hosts: Arc<Hosts>,
}

type Hosts = Mutex<HashMap<String, Host>>;

/// A host that someone fetches from or waits for; forgotten with the last of them.
#[derive(Debug)]
struct Host {
    permits: Arc<Semaphore>,
    users: usize,
}

/// The right to one connection to one host.
#[derive(Debug)]
pub(super) struct Permit {
    // Fields are dropped in this order: the permits go back before the host is forgotten.
    _all: Option<OwnedSemaphorePermit>,
    _host: Option<OwnedSemaphorePermit>,
    _user: User,
}

#[derive(Debug)]
struct User {
    hosts: Arc<Hosts>,
    name: String,
}

impl Permits {
    pub(super) fn new(all: usize, per_host: usize) -> Self {
        // A semaphore counts no further; nobody has as many sockets.
        let most = all.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(most)),
            most,
            per_host: per_host.min(Semaphore::MAX_PERMITS),
            hosts: Arc::default(),
        }
    }

    /// How many there are in all.
    pub(super) const fn all(&self) -> usize {
        self.most
    }

    /// How many there are for one host.
    pub(super) const fn per_host(&self) -> usize {
        self.per_host
    }

    /// Waits for a permit: first for the host's, so that those who wait for a slow host do not keep
    /// others from theirs.
    pub(super) async fn enter(&self, host: &str) -> Permit {
        let (user, permits) = self.user_of(host);
        // Neither semaphore is ever closed; if one were, going on without it is the lesser harm.
        let host = permits.acquire_owned().await.ok();
        let all = Arc::clone(&self.all).acquire_owned().await.ok();
        Permit {
            _all: all,
            _host: host,
            _user: user,
        }
    }

    fn user_of(&self, host: &str) -> (User, Arc<Semaphore>) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = hosts.entry(host.to_owned()).or_insert_with(|| Host {
            permits: Arc::new(Semaphore::new(self.per_host)),
            users: 0,
        });
        entry.users += 1;
        let permits = Arc::clone(&entry.permits);
        let user = User {
            hosts: Arc::clone(&self.hosts),
            name: host.to_owned(),
        };
        (user, permits)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get_mut(&self.name) {
            host.users -= 1;
            if host.users == 0 {
                hosts.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_slow_host_does_not_keep_others_waiting() {
        let permits = Permits::new(3, 2);
        let held = [permits.enter("slow").await, permits.enter("slow").await];
        assert!(timeout(SOON, permits.enter("slow")).await.is_err());
        let other = timeout(SOON, permits.enter("other")).await.unwrap();
        assert!(timeout(SOON, permits.enter("third")).await.is_err());
        drop(other);
        assert!(timeout(SOON, permits.enter("third")).await.is_ok());
        drop(held);
        assert!(
            permits.hosts.lock().unwrap().is_empty(),
            "hosts without users are forgotten"
        );
        assert_eq!(permits.all.available_permits(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_gives_its_place_back() {
        let permits = Permits::new(1, 1);
        let held = permits.enter("a").await;
        drop(timeout(SOON, permits.enter("a")).await);
        drop(timeout(SOON, permits.enter("b")).await);
        drop(held);
        assert!(permits.hosts.lock().unwrap().is_empty());
        assert!(timeout(SOON, permits.enter("b")).await.is_ok());
    }
}
