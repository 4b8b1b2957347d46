//! From a name to addresses.

use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::http::guard::host_names;

/// A look-up under way.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Looks names up. The answers are judged by the [`AddressPolicy`](crate::http::AddressPolicy), all
/// of them, whoever gives them; literal addresses never come here.
///
/// A fetcher asks for a name once while it waits for the answer, however many URLs have it, and uses
/// the answer for 10 s, a failure for 2 s.
pub trait Resolve: Send + Sync {
    /// The addresses of a name: in its ASCII form, in lower case, without a dot at its end.
    ///
    /// A public name should be taken as absolute, so that no search list of this machine turns it
    /// into a name of its own network.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;
}

/// The operating system's look-up, with its hosts file and its configuration.
///
/// It cannot be interrupted: a look-up that is given up goes on in its own thread until the system
/// gives up too, some 5 to 30 s later. A thread that is done serves the next look-up, and ends after
/// 5 s without one.
#[derive(Clone, Debug)]
pub struct SystemResolver {
    workers: Arc<Workers>,
    local_names: bool,
}

impl SystemResolver {
    /// The system's resolver for public names, each taken as absolute.
    #[must_use]
    pub fn new() -> Self {
        Self {
            workers: Arc::default(),
            local_names: false,
        }
    }

    /// Also finds names that only this machine's network has, as they are written, by its hosts file
    /// and its search list. A name that may be public is tried as absolute first.
    #[must_use]
    pub fn with_local_names() -> Self {
        Self {
            local_names: true,
            ..Self::new()
        }
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self::new()
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        let (answer, answered) = oneshot::channel();
        let look_up = LookUp {
            name: name.to_owned(),
            local_names: self.local_names,
            answer,
        };
        let asked = Workers::ask(&self.workers, look_up);
        Box::pin(async move {
            asked?;
            answered.await.map_err(io::Error::other)?
        })
    }
}

/// No thread could be started to look a name up: a shortage of this machine, not a fault of the name.
#[derive(Debug, thiserror::Error)]
#[error("no thread could be started")]
pub(crate) struct NoThread(#[source] io::Error);

struct LookUp {
    name: String,
    local_names: bool,
    answer: oneshot::Sender<io::Result<Vec<IpAddr>>>,
}

impl LookUp {
    fn run(self) {
        // Nobody waits for it any more.
        if self.answer.is_closed() {
            return;
        }
        let found = find(&self.name, self.local_names);
        let _ = self.answer.send(found);
    }
}

fn find(name: &str, local_names: bool) -> io::Result<Vec<IpAddr>> {
    let ask = |name: &str| -> io::Result<Vec<IpAddr>> {
        Ok((name, 0)
            .to_socket_addrs()?
            .map(|found| found.ip())
            .collect())
    };
    let absolute = format!("{name}.");
    match (local_names, host_names::judge(name)) {
        (false, _) => ask(&absolute),
        (true, Ok(())) => ask(&absolute).or_else(|_| ask(name)),
        (true, Err(_)) => ask(name),
    }
}

/// Threads of their own rather than the runtime's: nobody waits for them at the end.
#[derive(Debug, Default)]
struct Workers {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<LookUp>,
    threads: usize,
    idle: usize,
}

impl core::fmt::Debug for LookUp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("LookUp").finish_non_exhaustive()
    }
}

/// `getaddrinfo` of glibc and its modules needs some 100 KiB.
const STACK: usize = 256 * 1024;

/// How long a thread waits for another name.
const LINGER: Duration = Duration::from_secs(5);

impl Workers {
    /// Hands a look-up to a thread that has none, or to a new one.
    fn ask(workers: &Arc<Self>, look_up: LookUp) -> io::Result<()> {
        let mut state = workers.lock();
        state.waiting.push_back(look_up);
        if state.idle >= state.waiting.len() {
            workers.work.notify_one();
            return Ok(());
        }
        let theirs = Arc::clone(workers);
        let started = thread::Builder::new()
            .name("preflight-dns".to_owned())
            .stack_size(STACK)
            .spawn(move || theirs.work());
        match started {
            Ok(_) => state.threads += 1,
            // Another thread will come to it.
            Err(_) if state.threads > 0 => {}
            Err(error) => {
                state.waiting.pop_back();
                return Err(io::Error::other(NoThread(error)));
            }
        }
        Ok(())
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(look_up) = state.waiting.pop_front() {
                drop(state);
                look_up.run();
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let (woken, timeout) = self
                .work
                .wait_timeout_while(state, LINGER, |state| state.waiting.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if timeout.timed_out() && state.waiting.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_thread_serves_look_ups_that_follow_each_other() {
        let resolver = SystemResolver::with_local_names();
        for _ in 0..20 {
            let found = resolver.resolve("localhost").await.unwrap();
            assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty());
            // The thread has answered; it has to come back for more.
            while resolver.workers.lock().idle == 0 {
                thread::yield_now();
            }
        }
        assert_eq!(resolver.workers.lock().threads, 1);
    }
}
