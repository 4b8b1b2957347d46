//! From a name to addresses.

use core::future::Future;
use core::pin::Pin;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread;

use tokio::sync::{Semaphore, oneshot};

/// A look-up under way.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Looks names up. The answers are judged by the [`AddressPolicy`](super::AddressPolicy), all of
/// them, whoever gives them; literal addresses never come here.
pub trait Resolve: Send + Sync {
    /// The addresses of a name in its ASCII form. A name with a dot at its end is absolute: no
    /// search list must be tried.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;
}

/// The operating system's look-up, with its hosts file and its configuration.
///
/// It cannot be interrupted: a look-up that is given up goes on in its own thread until the system
/// gives up too, some 5 to 30 s later. At most 128 do so at once.
#[derive(Clone, Debug)]
pub struct SystemResolver {
    slots: Arc<Semaphore>,
}

/// Look-ups at once: twice the fetches that run at once, so that names that never answer delay
/// those that do only when there are many of them.
const SLOTS: usize = 128;

/// `getaddrinfo` of glibc and its modules needs some 100 KiB.
const STACK: usize = 256 * 1024;

impl SystemResolver {
    /// The system's resolver.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(SLOTS)),
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
        Box::pin(async move {
            let slot = Arc::clone(&self.slots)
                .acquire_owned()
                .await
                .map_err(io::Error::other)?;
            let (answer, answered) = oneshot::channel();
            let name = name.to_owned();
            // A thread of its own rather than one of the runtime's: nobody waits for it at the end.
            thread::Builder::new()
                .name("preflight-dns".to_owned())
                .stack_size(STACK)
                .spawn(move || {
                    let found = (name.as_str(), 0).to_socket_addrs();
                    drop(slot);
                    let _ = answer.send(found.map(|all| all.map(|found| found.ip()).collect()));
                })?;
            answered.await.map_err(io::Error::other)?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_knows_localhost_and_gives_the_slot_back() {
        let resolver = SystemResolver::new();
        let found = resolver.resolve("localhost").await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty());
        assert_eq!(resolver.slots.available_permits(), SLOTS);
    }
}
