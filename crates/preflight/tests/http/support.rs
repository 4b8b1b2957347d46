//! The internet in memory as a fetcher sees it, and what is asked of every fetch.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use preflight::http::{
    Dial, Dialling, FetchErrorKind, FetchLimit, Fetched, Fetcher, FetcherBuilder, Phase, Resolve,
    Resolving, Transport,
};
use preflight::{Content, Header};
use testkit::server::{Peer, Server};
use testkit::{Ihdr, Jpeg, Png, Sof};
use tokio::time::{Instant, sleep};

pub(crate) use testkit::world::{Station, World};

/// Where the server of most tests is.
pub(crate) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
pub(crate) const URL: &str = "http://img.example/a.jpg";

/// The world as the resolver and the dialler of a fetcher.
struct Net(World);

impl Resolve for Net {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        assert!(!name.ends_with('.'), "names come in one form");
        Box::pin(self.0.resolve(name))
    }
}

impl Dial for Net {
    fn dial(&self, address: SocketAddr, _receive_buffer: Option<u32>) -> Dialling<'_> {
        let dialling = self.0.dial(address);
        Box::pin(async { Ok(Box::new(dialling.await?) as Box<dyn Transport>) })
    }
}

/// Fetchers in a world. They try once: what they try again has tests of its own.
pub(crate) trait Fetchers {
    fn builder(&self) -> FetcherBuilder;

    fn fetcher(&self) -> Fetcher {
        self.builder().build().unwrap()
    }
}

impl Fetchers for World {
    fn builder(&self) -> FetcherBuilder {
        Fetcher::builder()
            .resolver(Net(self.clone()))
            .dialer(Net(self.clone()))
            .retries(0)
    }
}

/// Probes a URL that parses.
pub(crate) async fn look(fetcher: &Fetcher, url: &str) -> Fetched {
    fetcher.probe(&fetcher.parse(url).unwrap()).await
}

/// What a fetch from one scripted server came to.
pub(crate) struct Trial {
    pub(crate) fetched: Fetched,
    pub(crate) server: Server,
    pub(crate) took: Duration,
}

impl Trial {
    /// The header that was seen.
    pub(crate) fn header(&self) -> Header {
        match self.content() {
            Content::Image(header) => header,
            other => panic!("no image: {other:?}"),
        }
    }

    pub(crate) fn content(&self) -> Content {
        self.fetched
            .outcome
            .as_ref()
            .expect("something was seen")
            .content
    }

    /// The reason that nothing was seen.
    pub(crate) fn kind(&self) -> &FetchErrorKind {
        self.fetched
            .outcome
            .as_ref()
            .expect_err("nothing was seen")
            .kind()
    }

    /// Asserts which time budget ran out, and that it ran out on time.
    pub(crate) fn assert_timed_out(&self, phase: Phase, seconds: u64) {
        let limit = Duration::from_secs(seconds);
        assert_eq!(
            *self.kind(),
            FetchErrorKind::Limit(FetchLimit::Time { phase, limit })
        );
        assert!(
            self.took >= limit && self.took < limit + Duration::from_millis(50),
            "{:?}",
            self.took
        );
    }
}

/// Fetches [`URL`] from a server that plays a script, in virtual time, and checks what holds for
/// every fetch.
pub(crate) async fn play<F, P>(script: F) -> Trial
where
    F: Fn(Peer) -> P + Send + Sync + 'static,
    P: Future<Output = io::Result<()>> + Send + 'static,
{
    play_url(URL, script).await
}

pub(crate) async fn play_url<F, P>(url: &str, script: F) -> Trial
where
    F: Fn(Peer) -> P + Send + Sync + 'static,
    P: Future<Output = io::Result<()>> + Send + 'static,
{
    let server = Server::new(script);
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetcher = world.fetcher();
    let start = Instant::now();
    let fetched = look(&fetcher, url).await;
    let took = start.elapsed();
    assert!(world.sockets().0 <= 1, "one connection may be kept");
    drop(fetcher);
    assert_eq!(world.sockets().0, 0, "no socket outlives the fetcher");
    settle().await;
    assert_eq!(server.open(), 0);
    assert!(took <= Duration::from_millis(5_200), "took {took:?}");
    assert!(
        fetched.facts.socket_bytes <= 256 * 1024,
        "{} bytes",
        fetched.facts.socket_bytes
    );
    assert!(fetched.facts.body_bytes <= 128 * 1024 + 16 * 1024);
    assert!(fetched.facts.requests as usize >= server.requests().len());
    assert_eq!(world.look_ups().len(), 1);
    Trial {
        fetched,
        server,
        took,
    }
}

/// As [`play`], for a server that reads one request and then sends these bytes and closes.
pub(crate) async fn answer(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Trial {
    let bytes = Arc::new(bytes);
    play(move |mut peer| {
        let bytes = Arc::clone(&bytes);
        async move {
            peer.request().await?;
            peer.send((*bytes).as_ref()).await
        }
    })
    .await
}

/// Lets scripts notice that their client went away. In virtual time that takes none.
pub(crate) async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    sleep(Duration::from_secs(3_600)).await;
}

/// A PNG of 840 x 1120 px.
pub(crate) fn png() -> Vec<u8> {
    Png::new()
        .ihdr(Ihdr::new(840, 1120))
        .idat_blank(100, 4)
        .iend()
        .build()
}

/// A JPEG of 400 x 500 px with so many bytes of EXIF in front of the frame header, and a little
/// noise for a picture.
pub(crate) fn jpeg(metadata: usize) -> Vec<u8> {
    let mut jpeg = Jpeg::new();
    let mut left = metadata;
    while left > 0 {
        let segment = left.min(60_000);
        jpeg = jpeg.app1(b"Exif\0\0", segment);
        left -= segment;
    }
    let mut file = jpeg.sof(Sof::Baseline, 400, 500).sos().build();
    file.extend([0x55; 2_000]);
    file.extend([0xFF, 0xD9]);
    file
}

/// The head of a 200 with a length.
pub(crate) fn ok(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}
