//! How many URLs are fetched at once, and from which servers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use preflight::http::Fetcher;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// Turns for fetching, as many as the fetcher has connections. A URL waits here, where it takes a
/// few hundred bytes, and not inside a fetch, which takes some kilobytes.
#[derive(Debug)]
pub(crate) struct Hosts {
    all: Arc<Semaphore>,
    per_host: usize,
    servers: Mutex<Servers>,
}

#[derive(Debug, Default)]
struct Servers {
    /// Those that a URL is fetched from or waits for.
    busy: HashMap<String, Server>,
    /// The one that held most URLs up, and how many.
    slowest: Option<(String, u64)>,
}

#[derive(Debug)]
struct Server {
    turns: Arc<Semaphore>,
    /// URLs that are fetched from it or wait for it.
    users: u64,
    fetching: u64,
    /// URLs that waited for a turn although there was one for another server.
    held_up: u64,
}

/// The turn of a URL, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    // Fields are dropped in this order: the permits go back before the server is forgotten.
    _all: Option<OwnedSemaphorePermit>,
    _of_server: Option<OwnedSemaphorePermit>,
    _user: User<'a>,
}

#[derive(Debug)]
struct User<'a> {
    hosts: &'a Hosts,
    server: String,
    is_fetching: bool,
}

impl Hosts {
    /// As many turns as a fetcher has connections.
    pub(crate) fn of(fetcher: &Fetcher) -> Self {
        Self::new(fetcher.concurrency(), fetcher.per_host())
    }

    fn new(all: usize, per_host: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            per_host: per_host.min(Semaphore::MAX_PERMITS),
            servers: Mutex::default(),
        }
    }

    /// Waits for the turn of a URL: first for the server's, so that URLs of a slow server do not keep
    /// those of others waiting. Cancel safe.
    pub(crate) async fn turn(&self, url: &str) -> Turn<'_> {
        let url = Url::parse(url).ok();
        let server = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let (mut user, turns) = self.user(server);
        // Neither semaphore is ever closed; if one were, going on without it is the lesser harm.
        let of_server = match Arc::clone(&turns).try_acquire_owned() {
            Ok(turn) => Some(turn),
            Err(_) => {
                if self.all.available_permits() > 0 {
                    self.change(&user.server, |server| server.held_up += 1);
                }
                turns.acquire_owned().await.ok()
            }
        };
        let all = Arc::clone(&self.all).acquire_owned().await.ok();
        self.change(&user.server, |server| server.fetching += 1);
        user.is_fetching = true;
        Turn {
            _all: all,
            _of_server: of_server,
            _user: user,
        }
    }

    /// The server that most URLs are fetched from at the moment, and how many.
    pub(crate) fn busiest(&self) -> Option<(String, u64)> {
        let servers = self.lock();
        let busy = servers.busy.iter();
        let (name, server) = busy.max_by_key(|(name, server)| (server.fetching, *name))?;
        (server.fetching > 0).then(|| (name.clone(), server.fetching))
    }

    /// The server that held most URLs up, and how many are fetched from it at once; none if no URL
    /// had to wait for its server alone.
    pub(crate) fn slowest(&self) -> Option<(String, usize)> {
        let servers = self.lock();
        let slowest = servers.slowest.as_ref();
        slowest.map(|(name, _)| (name.clone(), self.per_host))
    }

    fn user(&self, server: &str) -> (User<'_>, Arc<Semaphore>) {
        let mut servers = self.lock();
        let entry = servers.busy.entry(server.to_owned());
        let entry = entry.or_insert_with(|| Server {
            turns: Arc::new(Semaphore::new(self.per_host)),
            users: 0,
            fetching: 0,
            held_up: 0,
        });
        entry.users += 1;
        let turns = Arc::clone(&entry.turns);
        let user = User {
            hosts: self,
            server: server.to_owned(),
            is_fetching: false,
        };
        (user, turns)
    }

    fn change(&self, server: &str, change: impl FnOnce(&mut Server)) {
        if let Some(server) = self.lock().busy.get_mut(server) {
            change(server);
        }
    }

    /// The counts are valid even if a thread panicked while it held the lock.
    fn lock(&self) -> MutexGuard<'_, Servers> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        let mut servers = self.hosts.lock();
        let Entry::Occupied(mut busy) = servers.busy.entry(self.server.clone()) else {
            return;
        };
        let server = busy.get_mut();
        server.fetching -= u64::from(self.is_fetching);
        server.users -= 1;
        if server.users > 0 {
            return;
        }
        let (name, server) = busy.remove_entry();
        let most = servers.slowest.as_ref().map_or(0, |(_, held_up)| *held_up);
        if server.held_up > most {
            servers.slowest = Some((name, server.held_up));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn the_busiest_server_is_known_and_none_is_kept() {
        let hosts = Hosts::new(9, 4);
        let first = hosts.turn("https://a.example/1").await;
        let second = hosts.turn("https://b.example/1").await;
        let third = hosts.turn("https://b.example/2").await;
        drop(hosts.turn("no URL").await);
        assert_eq!(hosts.busiest(), Some(("b.example".to_owned(), 2)));
        drop((first, second, third));
        assert_eq!(hosts.busiest(), None);
        assert!(hosts.lock().busy.is_empty());
        assert_eq!(hosts.slowest(), None);
        assert_eq!(hosts.all.available_permits(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_server_keeps_no_other_waiting_and_is_told() {
        let hosts = Hosts::new(3, 2);
        let turn = async |url| timeout(SOON, hosts.turn(url)).await.ok();
        let held = [turn("http://slow/1").await, turn("http://slow/2").await];
        assert!(held.iter().all(Option::is_some));
        assert!(turn("http://slow/3").await.is_none());
        let other = turn("http://other/1").await;
        assert!(other.is_some());
        // There is no turn for anybody now, which is not this server's fault.
        assert!(turn("http://third/1").await.is_none());
        drop(other);
        assert!(turn("http://third/1").await.is_some());
        drop(held);
        assert!(turn("http://slow/3").await.is_some());
        assert!(hosts.lock().busy.is_empty());
        assert_eq!(hosts.slowest(), Some(("slow".to_owned(), 2)));
    }
}
