//! The internet in memory, as a fetcher sees it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use preflight::http::{Dial, Dialling, Fetched, Fetcher, Resolve, Resolving, Transport};
use testkit::world::World;
use tokio::runtime::{Builder, Runtime};

/// Where the server is that an image is asked of.
pub(crate) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));

/// The longest that a fetch may take, with what it waits between its tries.
pub(crate) const LONGEST: Duration = Duration::from_millis(5_100);

/// A world, for a fetcher.
struct Net(World);

impl Resolve for Net {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(self.0.resolve(name))
    }
}

impl Dial for Net {
    fn dial(&self, address: SocketAddr, _receive_buffer: Option<u32>) -> Dialling<'_> {
        let dialling = self.0.dial(address);
        Box::pin(async { Ok(Box::new(dialling.await?) as Box<dyn Transport>) })
    }
}

/// A fetcher of that world, with the limits that are the default.
pub(crate) fn fetcher(world: &World) -> Fetcher {
    Fetcher::builder()
        .resolver(Net(world.clone()))
        .dialer(Net(world.clone()))
        .build()
        .expect("default limits")
}

/// Whatever happened, the budgets of requests, bytes and redirects hold.
pub(crate) fn within_budgets(fetched: &Fetched) {
    let facts = &fetched.facts;
    assert!(facts.socket_bytes <= 256 * 1024, "{facts:?}");
    // Six requests to each of four servers.
    assert!(facts.requests <= 24, "{facts:?}");
    assert!(facts.redirects.len() <= 3, "{facts:?}");
}

/// Time stands still, and passes where everybody waits.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread")
}
