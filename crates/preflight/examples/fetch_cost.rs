//! What looking at JPEGs costs over HTTP with ranges: by the fetcher as it is, and by other plans of
//! ranges, computed with the probe alone.
//!
//! ```sh
//! cargo run --release -p preflight-emo --features http --example fetch_cost -- DIR...
//! ```
//!
//! Only files with sides of 400 to 7000 px count. Without a folder it takes 2,000 made photographs,
//! whose metadata is as long as that of 577 real ones from public test sets of cameras, phones and
//! web exports (`testkit::photos`). The server is in memory: no network is used.
#![expect(clippy::print_stdout, reason = "a report")]

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use preflight::http::{Dial, Dialling, Facts, FetchError, Fetcher, TargetUrl, Transport};
use preflight::{Content, Format, Probe, Step, Window, probe_bytes};
use testkit::photos::photos;
use testkit::server::{Ranges, Server};

/// First range and later ones, in KiB. The fetcher's own is 11 and 4.
const PLANS: [(u64, u64); 8] = [
    (8, 4),
    (8, 8),
    (10, 4),
    (11, 4),
    (12, 2),
    (12, 4),
    (12, 8),
    (14, 4),
];

/// Requests that the fetcher sends at most.
const MAX_REQUESTS: u32 = 6;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths = Vec::new();
    for folder in env::args_os().skip(1) {
        walk(Path::new(&folder), &mut paths)?;
    }
    let files: Vec<Vec<u8>> = if paths.is_empty() {
        photos(7, 2_000, 20_000).map(|photo| photo.bytes).collect()
    } else {
        paths.iter().map(fs::read).collect::<io::Result<_>>()?
    };
    let files: Vec<_> = files.into_iter().filter(|file| counts(file)).collect();
    let mut real = Costs::default();
    for file in &files {
        let (outcome, facts) = fetch(file.clone()).await?;
        real.add(facts.body_bytes, facts.requests, outcome.is_ok());
    }
    println!("{} files", files.len());
    real.print("the fetcher");
    for (first, later) in PLANS {
        let mut costs = Costs::default();
        for file in &files {
            let (bytes, requests, is_seen) = plan(file, first * 1024, later * 1024);
            costs.add(bytes, requests, is_seen);
        }
        costs.print(&format!("{first} + {later} KiB"));
    }
    Ok(())
}

/// Bytes and requests of each file.
#[derive(Default)]
struct Costs {
    bytes: Vec<u64>,
    requests: u32,
    unseen: u32,
}

impl Costs {
    fn add(&mut self, bytes: u64, requests: u32, is_seen: bool) {
        self.bytes.push(bytes);
        self.requests += requests;
        self.unseen += u32::from(!is_seen);
    }

    fn print(mut self, what: &str) {
        self.bytes.sort_unstable();
        let count = self.bytes.len();
        let p99 = self
            .bytes
            .get(count * 99 / 100)
            .copied()
            .unwrap_or_default();
        println!(
            "{what:12} mean {:.2} KiB in {:.3} requests, p99 {p99} bytes, {} without an answer",
            self.bytes.iter().sum::<u64>() as f64 / count as f64 / 1024.0,
            f64::from(self.requests) / count as f64,
            self.unseen,
        );
    }
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

/// What a plan asks for: bytes, requests, and whether the header is in them.
fn plan(file: &[u8], first: u64, later: u64) -> (u64, u32, bool) {
    let mut probe = Probe::new();
    let total = file.len() as u64;
    probe.tell_len(total);
    let (mut bytes, mut end) = (0, 0);
    for request in 1..=MAX_REQUESTS {
        let mut need = probe.need();
        let len = if request == 1 { first } else { later };
        // The rest of what the probe wants to see is asked for, not what it has seen already.
        let start = end.max(need.offset).min(total);
        end = (start + len).min(total);
        bytes += end - start;
        loop {
            let (from, to) = (need.offset as usize, end as usize);
            let window = file.get(from..to).unwrap_or_default();
            if window.len() < need.len && end < total {
                break;
            }
            match probe.feed(Window::new(need.offset, window)) {
                Step::Done(content) => {
                    return (bytes, request, matches!(content, Content::Image(_)));
                }
                Step::NeedMore(next) if next == need => break,
                Step::NeedMore(next) => need = next,
            }
        }
    }
    (bytes, MAX_REQUESTS, false)
}

type Seen = (Result<preflight::Probed, FetchError>, Facts);

/// Looks at a file behind a server of its own.
async fn fetch(file: Vec<u8>) -> Result<Seen, Box<dyn std::error::Error>> {
    let file = Arc::new(file);
    let server = Server::new(move |mut peer| {
        let file = Arc::clone(&file);
        async move { peer.serve(&file, Ranges::Honour).await }
    });
    let fetcher = Fetcher::builder().dialer(InMemory(server)).build()?;
    let address = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));
    let url = TargetUrl::parse(&format!("http://{address}/a.jpg"))?;
    let fetched = fetcher.probe(&url).await;
    Ok((fetched.outcome, fetched.facts))
}

struct InMemory(Server);

impl Dial for InMemory {
    fn dial(&self, _: SocketAddr, _: Option<u32>) -> Dialling<'_> {
        let stream = Box::new(self.0.connect()) as Box<dyn Transport>;
        Box::pin(async { Ok(stream) })
    }
}
