//! Servers in memory, and a gate that reaches them.

use std::net::{IpAddr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use gate::{Code, Fetcher, Gate, Outcome, Profile, Report, Stage};
use preflight::http::{Dial, Dialling, Resolve, Resolving, Transport};
use testkit::server::Server;
use testkit::world::World;
use testkit::{Ihdr, Png};

pub(crate) const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(93, 184, 216, 34));
pub(crate) const URL: &str = "http://img.example/a.png";

/// The world as the resolver and the dialler of a fetcher.
pub(crate) struct Net(World);

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

pub(crate) fn fetcher(world: &World) -> Fetcher {
    Fetcher::builder()
        .resolver(Net(world.clone()))
        .dialer(Net(world.clone()))
        .build()
        .unwrap()
}

pub(crate) fn gate(world: &World) -> Gate {
    Gate::builder(Profile::emo())
        .fetcher(fetcher(world))
        .build()
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    Png::new()
        .ihdr(Ihdr::new(width, height))
        .idat_blank(100, 4)
        .iend()
        .build()
}

/// A server that gives everyone these bytes, at each request of a connection, and closes.
pub(crate) fn saying(answer: impl AsRef<[u8]>) -> Server {
    let answer = answer.as_ref().to_vec();
    Server::new(move |mut peer| {
        let answer = answer.clone();
        async move {
            peer.request().await?;
            peer.send(&answer).await
        }
    })
}

pub(crate) fn status(line: &str, fields: &str, body: &str) -> Server {
    let length = body.len();
    saying(format!(
        "HTTP/1.1 {line}\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
    ))
}

/// The image, with a field in the head.
pub(crate) fn sound(field: &str) -> Server {
    let file = png(840, 1120);
    let head = format!(
        "HTTP/1.1 200 OK\r\n{field}Content-Length: {}\r\n\r\n",
        file.len()
    );
    saying([head.as_bytes(), &file].concat())
}

pub(crate) fn silent() -> Server {
    Server::new(|mut peer| async move { peer.wait_for_the_end().await })
}

/// A head, and then the same bytes for ever.
pub(crate) fn flood(head: &'static [u8], bytes: impl AsRef<[u8]>) -> Server {
    let bytes = bytes.as_ref().to_vec();
    Server::new(move |mut peer| {
        let bytes = bytes.clone();
        async move {
            peer.request().await?;
            peer.send(head).await?;
            peer.flood(&bytes).await
        }
    })
}

pub(crate) async fn screen(world: &World, url: &str) -> Report {
    gate(world).screen_url(url).await.into_report()
}

pub(crate) async fn served(server: &Server, url: &str) -> Report {
    screen(
        &World::default().server("img.example", ADDRESS, server),
        url,
    )
    .await
}

pub(crate) fn codes(report: &Report) -> Vec<Code> {
    report
        .findings()
        .iter()
        .map(|finding| finding.code)
        .collect()
}

#[track_caller]
pub(crate) fn assert_row(what: &str, report: &Report, outcome: Outcome, code: Code) {
    assert_eq!(
        (report.outcome(), report.stage()),
        (outcome, Stage::Input),
        "{what}: {report:?}"
    );
    assert_eq!(codes(report), [code], "{what}");
    let finding = &report.findings()[0];
    assert!(finding.help.is_some(), "{what}: an error says what to do");
}

/// Seconds from 1970 to so many seconds from now.
pub(crate) fn epoch(from_now: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + from_now
}
