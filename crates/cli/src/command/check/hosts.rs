//! Counts the requests in flight by server.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use url::Url;

/// The servers that images are currently fetched from.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    fetching: Mutex<HashMap<String, u64>>,
}

/// A URL that is being fetched. Dropping it ends the count.
pub(crate) struct Fetching<'a> {
    hosts: &'a Hosts,
    host: Option<String>,
}

impl Hosts {
    /// Counts a URL until the returned value is dropped.
    pub(crate) fn fetching(&self, url: &str) -> Fetching<'_> {
        let url = Url::parse(url).ok();
        let host = url.and_then(|url| Some(url.host_str()?.to_owned()));
        if let Some(host) = &host {
            *self.lock().entry(host.clone()).or_default() += 1;
        }
        Fetching { hosts: self, host }
    }

    /// The server with the most URLs in flight, and their number.
    pub(crate) fn busiest(&self) -> Option<(String, u64)> {
        let hosts = self.lock();
        let busiest = hosts.iter().max_by_key(|(host, count)| (**count, *host));
        busiest.map(|(host, count)| (host.clone(), *count))
    }

    /// The counts are valid even if a thread panicked while it held the lock.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.fetching.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Fetching<'_> {
    fn drop(&mut self) {
        let Some(host) = &self.host else {
            return;
        };
        let mut hosts = self.hosts.lock();
        if let Some(count) = hosts.get_mut(host) {
            *count -= 1;
            if *count == 0 {
                hosts.remove(host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_server_is_known_and_none_is_kept() {
        let hosts = Hosts::default();
        let first = hosts.fetching("https://a.example/1");
        let second = hosts.fetching("https://b.example/1");
        let third = hosts.fetching("https://b.example/2");
        drop(hosts.fetching("no URL"));
        assert_eq!(hosts.busiest(), Some(("b.example".to_owned(), 2)));
        drop((first, second, third));
        assert_eq!(hosts.busiest(), None);
        assert!(hosts.lock().is_empty());
    }
}
