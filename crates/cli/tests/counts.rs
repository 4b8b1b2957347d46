//! What the command asks of the kernel and of servers: system calls and bytes a file, requests,
//! connections and bytes a URL, against the table in `benches/counts`.
//!
//! `cargo test -p preflight-emo-cli --test counts -- --ignored`, with `PREFLIGHT_BLESS=1` to write what was
//! found. A count is the difference of two runs, divided by the difference of their sizes: starting and
//! ending are not in it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use testkit::counts::{Counts, Table};
use testkit::crowd::{Crowd, Manner};
use testkit::photos::photos;

use crate::support::{BINARY, Folder};

/// How far a count may be from the table's.
const TOLERANCE: f64 = 0.05;

/// Files of the smaller run, and how many more those of the larger one are.
const FEW: u64 = 200;
const MORE: u64 = 1_000;

/// URLs of each kind.
const URLS: u64 = 100;

/// System calls that say nothing of a file: threads that wait for each other, reports that are
/// written as they come, memory, and what builds for tests check of descriptors.
const NOT_COUNTED: [&str; 8] = [
    "brk", "fcntl", "futex", "madvise", "mmap", "mprotect", "munmap", "write",
];

#[test]
#[ignore = "needs strace"]
fn a_file_takes_as_many_system_calls_and_bytes_as_the_table_says() {
    let folder = Folder::new();
    // The photographs of `fetch_cost`, whose metadata is as long as in real ones.
    for (number, photo) in photos(7, (FEW + MORE) as usize, 20_000).enumerate() {
        let tree = if (number as u64) < FEW { "few" } else { "more" };
        folder.file(format!("{tree}/{number}.jpg"), &photo.bytes);
    }
    for (list, trees) in [("few.txt", &["few"][..]), ("all.txt", &["few", "more"])] {
        let names = trees.iter().flat_map(|tree| {
            let entries = fs::read_dir(folder.path().join(tree)).unwrap();
            entries.map(move |entry| format!("{tree}/{}\n", entry.unwrap().file_name().display()))
        });
        folder.file(list, names.collect::<String>().as_bytes());
    }
    let mut found = Counts::new();
    for (name, few, all) in [
        (
            "list",
            &["--files-from", "few.txt"][..],
            &["--files-from", "all.txt"][..],
        ),
        ("walk", &["few"], &["few", "more"]),
    ] {
        let [few, all] = [few, all].map(|words| Trace::of(&folder, words));
        for (call, count) in &all.calls {
            let more = count.saturating_sub(few.calls.get(call).copied().unwrap_or(0));
            let each = rounded(more, MORE, 100.0);
            // Less is of the list, not of a file.
            if each >= 0.05 && !NOT_COUNTED.contains(&call.as_str()) {
                found.insert(format!("{name}, {call}"), each);
            }
        }
        let bytes = (all.bytes - few.bytes) / MORE;
        found.insert(format!("{name}, bytes read"), bytes as f64);
    }
    compare("file", &found);
}

#[test]
fn a_url_takes_as_many_requests_connections_and_bytes_as_the_table_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let _context = runtime.enter();
    let crowd = Crowd {
        seed: 1,
        hostile: 0,
    };
    let folder = Folder::new();
    let mut found = Counts::new();
    for manner in Manner::HONEST {
        let (server, address) = crowd.listen().unwrap();
        let number = (0..)
            .find(|number| crowd.manner(*number) == manner)
            .unwrap();
        let urls = (0..URLS).map(|path| crowd.url(number, address.port(), &format!("/{path}\n")));
        folder.file("urls.txt", urls.collect::<String>().as_bytes());
        // One at a time, so that a connection is either kept or not.
        let words = "--files-from urls.txt --allow-net 127.0.0.0/8 --jobs 1 --timeout 60s --quiet";
        let run = folder.check(words.split(' '));
        assert_eq!(run.code, 0, "{manner:?}: {run:?}");
        // A connection that was kept may be closed at an odd moment: one of a hundred is none.
        let each = |count: u64| rounded(count, URLS, 10.0);
        for (what, count) in [
            ("requests", each(server.asked())),
            ("connections", each(server.connections() as u64)),
            ("bytes sent", (server.sent() / URLS) as f64),
        ] {
            found.insert(format!("{manner:?}, {what}"), count);
        }
    }
    compare("url", &found);
}

/// What the kernel was asked for.
#[derive(Debug, Default)]
struct Trace {
    /// How often, by name.
    calls: BTreeMap<String, u64>,
    /// Bytes that were read.
    bytes: u64,
}

impl Trace {
    /// Of the command over these inputs, one at a time: threads that wait for each other would make
    /// calls of their own.
    fn of(folder: &Folder, inputs: &[&str]) -> Self {
        let file = folder.path().join("trace");
        let status = Command::new("strace")
            .args(["--follow-forks", "--quiet=all", "--output"])
            .arg(&file)
            .arg(BINARY)
            .args(["check", "--no-config", "--format", "jsonl", "--jobs", "1"])
            .args(inputs)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(fs::File::create(folder.path().join("report")).unwrap())
            .status()
            .unwrap_or_else(|error| panic!("strace does not run: {error}"));
        assert_eq!(status.code(), Some(0));
        let mut trace = Self::default();
        for line in fs::read_to_string(file).unwrap().lines() {
            trace.note(line);
        }
        trace
    }

    /// A line of strace: `pid name(arguments) = result`, or two if another thread came between.
    fn note(&mut self, line: &str) {
        let Some((_, call)) = line.split_once(' ') else {
            return;
        };
        let call = call.trim_start();
        let (is_second_half, name) = match call.strip_prefix("<... ") {
            Some(rest) => (true, rest.split(' ').next()),
            None => (false, call.split_once('(').map(|(name, _)| name)),
        };
        let Some(name) = name else {
            // A signal, or the end of a thread.
            return;
        };
        if !is_second_half {
            *self.calls.entry(name.to_owned()).or_default() += 1;
        }
        if matches!(name, "pread64" | "preadv" | "read" | "readv") {
            let result = call.rsplit_once("= ").map_or("", |(_, result)| result);
            self.bytes += result.split(' ').next().unwrap().parse().unwrap_or(0);
        }
    }
}

/// How many each of so many takes, to one of so many parts: what is less is chance.
fn rounded(count: u64, of: u64, parts: f64) -> f64 {
    (count as f64 / of as f64 * parts).round() / parts
}

fn compare(section: &str, found: &Counts) {
    Table::load().compare(section, found, TOLERANCE);
}
