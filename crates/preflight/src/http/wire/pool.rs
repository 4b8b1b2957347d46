//! Connections that outlive their URL.
//!
//! A kept connection dials nothing: it leads to an address that was judged when it was dialled, and
//! it is used only for a URL whose own addresses, judged for that URL, hold the same one. It is
//! given up at the first sign that the server and we do not agree where an answer ends.

use core::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::connection::Connection;
use crate::http::limits;
use crate::http::url::TargetUrl;

/// What must be the same for a connection to serve another URL. The address policy is the
/// fetcher's, as the pool is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Origin {
    is_https: bool,
    host: String,
    port: u16,
    receive_buffer: Option<u32>,
    /// A socket moves only while its runtime does.
    runtime: runtime::Id,
}

impl Origin {
    /// Must be called on a Tokio runtime.
    pub(crate) fn of(url: &TargetUrl, receive_buffer: Option<u32>) -> Self {
        Self {
            is_https: url.is_https(),
            host: url.host().to_owned(),
            port: url.port(),
            receive_buffer,
            runtime: runtime::Handle::current().id(),
        }
    }
}

/// Keeps a bounded number of connections for a few seconds.
#[derive(Debug)]
pub(crate) struct Pool {
    kept: Arc<Mutex<Kept>>,
    most: usize,
}

/// Connections without a user, the longest without one first.
#[derive(Debug, Default)]
struct Kept {
    connections: Vec<Idle>,
    /// Closes those that nobody comes back to. It runs while there are any.
    closer: Option<JoinHandle<()>>,
}

struct Idle {
    origin: Origin,
    connection: Connection,
    until: Instant,
}

impl fmt::Debug for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            kept: Arc::default(),
            most,
        }
    }

    /// A connection to one of the addresses, if one is kept and still sound.
    pub(crate) fn take(&self, origin: &Origin, addresses: &[IpAddr]) -> Option<Connection> {
        loop {
            let mut idle = {
                let mut kept = lock(&self.kept);
                let now = Instant::now();
                let found = kept.connections.iter().rposition(|idle| {
                    idle.until > now
                        && idle.origin == *origin
                        && addresses.contains(&idle.connection.address())
                })?;
                kept.connections.remove(found)
            };
            if idle.connection.is_open() {
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection that has just proved sound. The one that was longest without a use makes
    /// room for it.
    pub(crate) fn keep(&self, origin: Origin, connection: Connection) {
        let until = Instant::now() + limits::KEEP;
        let mut kept = lock(&self.kept);
        kept.connections.push(Idle {
            origin,
            connection,
            until,
        });
        if kept.connections.len() > self.most {
            kept.connections.remove(0);
        }
        if kept.closer.as_ref().is_none_or(JoinHandle::is_finished) {
            let closing = close_unused(Arc::downgrade(&self.kept), until);
            kept.closer = Some(tokio::spawn(closing));
        }
    }

    /// Closes them all, and says whether there was one.
    pub(crate) fn clear(&self) -> bool {
        let closed = core::mem::take(&mut lock(&self.kept).connections);
        !closed.is_empty()
    }
}

async fn close_unused(kept: Weak<Mutex<Kept>>, mut next: Instant) {
    loop {
        sleep_until(next).await;
        let Some(kept) = kept.upgrade() else {
            return;
        };
        let mut kept = lock(&kept);
        let now = Instant::now();
        kept.connections.retain(|idle| idle.until > now);
        match kept.connections.first() {
            Some(first) => next = first.until,
            None => {
                kept.closer = None;
                return;
            }
        }
    }
}

/// Nothing outlives the fetcher.
impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(closer) = &self.closer {
            closer.abort();
        }
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
