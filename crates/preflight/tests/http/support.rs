//! A small internet in memory: names, addresses, and servers behind them.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use preflight::http::{
    Dial, Dialling, FetchErrorKind, FetchLimit, Fetched, Fetcher, FetcherBuilder, Phase, Resolve,
    Resolving, Transport,
};
use preflight::{Content, Header};
use testkit::server::{Peer, Server};
use testkit::{Ihdr, Jpeg, Png, Sof};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::time::{Instant, sleep};

/// Where the server of most tests is.
pub(crate) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
pub(crate) const URL: &str = "http://img.example/a.jpg";

/// What stands at an address.
#[derive(Clone)]
pub(crate) enum Station {
    BlackHole,
    Refuses,
    Server(Server),
    /// Answers after a round trip of this length, connecting included.
    Far(Server, Duration),
}

#[derive(Clone, Default)]
pub(crate) struct World {
    names: Arc<Mutex<HashMap<String, Vec<IpAddr>>>>,
    stations: Arc<Mutex<HashMap<IpAddr, Station>>>,
    look_ups: Arc<Mutex<Vec<String>>>,
    dialled: Arc<Mutex<Vec<SocketAddr>>>,
    sockets: Sockets,
}

/// The client's ends: open now, and at most.
#[derive(Clone, Default)]
struct Sockets(Arc<Mutex<(usize, usize)>>);

/// A client's end that is counted.
struct Socket(DuplexStream, Sockets);

impl World {
    pub(crate) fn name(self, name: &str, addresses: &[IpAddr]) -> Self {
        self.names
            .lock()
            .unwrap()
            .insert(name.to_owned(), addresses.to_vec());
        self
    }

    pub(crate) fn station(self, address: IpAddr, station: Station) -> Self {
        self.stations.lock().unwrap().insert(address, station);
        self
    }

    /// A server at an address of its own, with a name.
    pub(crate) fn server(self, name: &str, address: IpAddr, server: &Server) -> Self {
        self.name(name, &[address])
            .station(address, Station::Server(server.clone()))
    }

    pub(crate) fn builder(&self) -> FetcherBuilder {
        Fetcher::builder()
            .resolver(self.clone())
            .dialer(self.clone())
    }

    pub(crate) fn look_ups(&self) -> Vec<String> {
        self.look_ups.lock().unwrap().clone()
    }

    /// Sockets that the fetchers hold now, and the most that they held at once.
    pub(crate) fn sockets(&self) -> (usize, usize) {
        *self.sockets.0.lock().unwrap()
    }

    pub(crate) fn dialled(&self) -> Vec<SocketAddr> {
        self.dialled.lock().unwrap().clone()
    }
}

impl Sockets {
    fn open(&self, server: &Server) -> Box<dyn Transport> {
        let mut counts = self.0.lock().unwrap();
        counts.0 += 1;
        counts.1 = counts.1.max(counts.0);
        Box::new(Socket(server.connect(), self.clone()))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.1.0.lock().unwrap().0 -= 1;
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl Resolve for World {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        let name = name.trim_end_matches('.').to_owned();
        self.look_ups.lock().unwrap().push(name.clone());
        let found = self.names.lock().unwrap().get(&name).cloned();
        Box::pin(async move {
            if name.starts_with("slow") {
                sleep(Duration::from_secs(30)).await;
            }
            found.ok_or_else(|| io::Error::other("Name or service not known"))
        })
    }
}

impl Dial for World {
    fn dial(&self, address: SocketAddr, _receive_buffer: Option<u32>) -> Dialling<'_> {
        self.dialled.lock().unwrap().push(address);
        let station = self.stations.lock().unwrap().get(&address.ip()).cloned();
        let sockets = self.sockets.clone();
        Box::pin(async move {
            match station {
                None | Some(Station::BlackHole) => pending().await,
                Some(Station::Refuses) => Err(io::ErrorKind::ConnectionRefused.into()),
                Some(Station::Server(server)) => Ok(sockets.open(&server)),
                Some(Station::Far(server, round_trip)) => {
                    sleep(round_trip).await;
                    Ok(sockets.open(&server))
                }
            }
        })
    }
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
    let fetcher = world.builder().build();
    let start = Instant::now();
    let fetched = fetcher.probe(url).await;
    let took = start.elapsed();
    assert_eq!(world.sockets().0, 0, "no socket is left open");
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
