//! What an image's server answers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use preflight::http::{Dial, Dialling, Fetcher, Resolve, Resolving, Transport};
use testkit::server::Server;
use testkit::world::World;
use tokio::runtime::Builder;
use tokio::time::Instant;

/// Ends one reply in the input and begins the next.
const BETWEEN: &[u8] = b"\xFF\x00";

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));

/// An internet in memory.
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

/// Whatever a server replies, a fetch ends within its budgets of time, bytes, requests and redirects,
/// and dials no address but the server's own. The input holds replies, parted by `FF 00`.
pub fn replies(data: &[u8]) {
    let replies = Arc::new(split(data));
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread");
    runtime.block_on(async {
        let server = Server::new(move |mut peer| {
            let replies = Arc::clone(&replies);
            async move {
                for reply in replies.iter() {
                    peer.request().await?;
                    peer.send(reply).await?;
                }
                Ok(())
            }
        });
        let world = World::default().server("img.example", ADDRESS, &server);
        let fetcher = Fetcher::builder()
            .resolver(Net(world.clone()))
            .dialer(Net(world.clone()))
            .build()
            .expect("default limits");
        let url = fetcher
            .parse("http://img.example/a.jpg")
            .expect("a plain URL");
        let start = Instant::now();
        let fetched = fetcher.probe(&url).await;
        // The fetch's own time, with what it waits between its tries.
        assert!(
            start.elapsed() <= Duration::from_millis(5_100),
            "{:?}",
            start.elapsed()
        );
        assert!(
            fetched.facts.socket_bytes <= 256 * 1024,
            "{:?}",
            fetched.facts
        );
        assert!(fetched.facts.requests <= 24, "{:?}", fetched.facts);
        assert!(fetched.facts.redirects.len() <= 3, "{:?}", fetched.facts);
        assert!(
            world
                .dialled()
                .iter()
                .all(|address| address.ip() == ADDRESS)
        );
    });
}

fn split(data: &[u8]) -> Vec<Vec<u8>> {
    let mut replies = vec![Vec::new()];
    let mut rest = data;
    while let Some((&first, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(BETWEEN) {
            replies.push(Vec::new());
            rest = tail;
        } else {
            replies.last_mut().expect("never empty").push(first);
            rest = tail;
        }
    }
    replies
}
