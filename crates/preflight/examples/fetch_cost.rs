//! What looking at each JPEG of a folder costs over HTTP with ranges: bytes that the server sent,
//! bytes that were taken in, requests.
//!
//! ```sh
//! cargo run --release -p preflight --features http --example fetch_cost -- DIR...
//! ```
//!
//! Only files with sides of 400 to 7000 px count. The server is in memory: no network is used.
#![expect(clippy::print_stdout, reason = "a report")]

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use preflight::http::{Dial, Dialling, Fetched, Fetcher, Transport};
use preflight::{Content, Format, probe_bytes};
use testkit::server::{Ranges, Request, Server};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for folder in env::args_os().skip(1) {
        walk(Path::new(&folder), &mut files)?;
    }
    let (mut sent, mut taken, mut requests, mut beyond) = (Vec::new(), Vec::new(), 0, 0);
    for path in files {
        let file = fs::read(&path)?;
        if !counts(&file) {
            continue;
        }
        let (fetched, bytes) = fetch(file).await;
        if let Err(error) = &fetched.outcome {
            println!("{}: {error}", path.display());
            beyond += 1;
        }
        sent.push(bytes);
        taken.push(fetched.facts.body_bytes);
        requests += fetched.facts.requests;
    }
    println!(
        "files      {}, of them without an answer {beyond}",
        sent.len()
    );
    println!(
        "requests   mean {:.3}",
        f64::from(requests) / sent.len() as f64
    );
    for (what, mut bytes) in [("sent", sent), ("taken in", taken)] {
        bytes.sort_unstable();
        let count = bytes.len();
        let at = |permille: usize| {
            bytes
                .get(count * permille / 1000)
                .copied()
                .unwrap_or_default()
        };
        let mean = bytes.iter().sum::<u64>() as f64 / count as f64 / 1024.0;
        println!(
            "{what:10} mean {mean:.2} KiB, p50 {}, p90 {}, p99 {} bytes",
            at(500),
            at(900),
            at(990)
        );
    }
    Ok(())
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            walk(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}

fn counts(file: &[u8]) -> bool {
    matches!(probe_bytes(file).content, Content::Image(header)
        if header.format == Format::Jpeg && header.shorter_side() >= 400 && header.longer_side() <= 7000)
}

/// Looks at a file behind a server of its own; also says how many bytes of bodies were asked for.
async fn fetch(file: Vec<u8>) -> (Fetched, u64) {
    let file = Arc::new(file);
    let total = file.len() as u64;
    let server = Server::new(move |mut peer| {
        let file = Arc::clone(&file);
        async move { peer.serve(&file, Ranges::Honour).await }
    });
    let fetcher = Fetcher::builder()
        .dialer(InMemory(server.clone()))
        .build()
        .unwrap_or_default();
    let address = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
    let url = TargetUrl::parse(&format!("http://{address}/a.jpg")).map_err(io::Error::other)?;
    let fetched = fetcher.probe(&url).await;
    let asked = server.requests();
    let asked = asked.iter().filter_map(Request::range);
    (
        fetched,
        asked
            .map(|(first, last)| last.min(total - 1) + 1 - first)
            .sum(),
    )
}

struct InMemory(Server);

impl Dial for InMemory {
    fn dial(&self, _: SocketAddr, _: Option<u32>) -> Dialling<'_> {
        let stream = Box::new(self.0.connect()) as Box<dyn Transport>;
        Box::pin(async { Ok(stream) })
    }
}
