//! URLs, on servers of another process.

use std::io::{BufWriter, Write as _};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use testkit::crowd::{self, Crowd, Shows};
use testkit::footprint::number;

use crate::measured::{self, field};
use crate::support::Folder;

/// Memory that a run takes whatever it is asked to do, in bytes.
const BASE: u64 = 40 << 20;

/// Memory for each URL of a list: its fingerprint and where it was named first.
const EACH: u64 = 96;

/// Memory for each fetch at once: the library promises 100 KiB of heap.
const FETCH: u64 = 160 << 10;

/// The command over the URLs of a list on standard input.
fn command(folder: &Folder, at_once: u64) -> Command {
    let mut command = measured::command(folder);
    let words = "--files-from - --allow-net 127.0.0.0/8 --jobs";
    command.args(words.split(' ')).arg(at_once.to_string());
    command
}

/// Asserts that a line is of this URL, and says of it what its server deserves.
fn assert_line(line: &str, url: &str, shows: Shows) {
    assert_eq!(field(line, "url"), url);
    let outcome = field(line, "outcome");
    // A server may always be too slow for a machine that has other work to do.
    let allowed: &[&str] = match shows {
        Shows::Image => &["pass", "unknown"],
        Shows::OtherFile => &["reject", "unknown"],
        Shows::Nothing => &["unknown"],
    };
    assert!(allowed.contains(&outcome), "{shows:?}: {line}");
}

#[test]
#[ignore = "some seconds, and some minutes at full size"]
fn urls_on_many_hosts_have_one_outcome_each() {
    const NAME: &str = "urls::urls_on_many_hosts_have_one_outcome_each";
    /// One server of a hundred is hostile.
    const CROWD: Crowd = Crowd {
        seed: 3,
        hostile: 10,
    };
    const AT_ONCE: u64 = 64;
    if crowd::serve_apart() {
        return;
    }
    let (urls, hosts) = (number("LOAD_URLS", 2_000), number("LOAD_HOSTS", 100));
    let mut servers = CROWD.apart(NAME);
    let port = servers.port();
    let host = |number: u64| u32::try_from(number % hosts).unwrap();
    let url = |number| CROWD.url(host(number), port, &format!("/{number}"));
    let (mut next, mut passed, mut honest) = (0, 0, 0);
    let folder = Folder::new();
    let run = measured::run(
        &mut command(&folder, AT_ONCE),
        |stdin| {
            let mut stdin = BufWriter::new(stdin);
            for number in 0..urls {
                writeln!(stdin, "{}", url(number)).unwrap();
            }
        },
        |line| {
            let shows = CROWD.shows(host(next), 3);
            assert_line(line, &url(next), shows);
            honest += u64::from(shows == Shows::Image);
            passed += u64::from(field(line, "outcome") == "pass");
            next += 1;
        },
    );
    run.report(&format!("{urls} URLs on {hosts} hosts"));
    let seen = servers.settled();
    eprintln!("    {passed} of {honest} honest ones passed; {seen:?}");
    assert_eq!((next, run.count("images")), (urls, urls));
    assert!(passed >= honest * 99 / 100);
    let allowed = BASE + urls * EACH + AT_ONCE * FETCH;
    assert!(run.most.peak <= allowed, "{} bytes", run.most.peak);
    assert!(run.most.descriptors <= 2 * AT_ONCE as usize + 96);
}

#[test]
#[ignore = "some seconds, and ten minutes at full size"]
fn hostile_servers_at_once_have_one_outcome_for_each_url() {
    const NAME: &str = "urls::hostile_servers_at_once_have_one_outcome_for_each_url";
    /// Nine servers of ten are hostile.
    const CROWD: Crowd = Crowd {
        seed: 17,
        hostile: 900,
    };
    if crowd::serve_apart() {
        return;
    }
    let hosts = number("LOAD_HOSTS", 100);
    let lasts = Duration::from_secs(number("LOAD_SECONDS", 4));
    let timeout = Duration::from_secs(5).min(lasts / 2);
    let mut servers = CROWD.apart(NAME);
    let port = servers.port();
    let host = |number: u64| u32::try_from(number % hosts).unwrap();
    let url = |number| CROWD.url(host(number), port, &format!("/{number}"));
    let (next, mut sent, mut passed) = (AtomicU64::new(0), 0, 0);
    let folder = Folder::new();
    let mut command = command(&folder, hosts);
    command.args(["--timeout", &format!("{}ms", timeout.as_millis())]);
    let end = Instant::now() + lasts;
    let run = measured::run(
        &mut command,
        // As many URLs ahead as keep all servers busy: those that are left are waited for.
        |stdin| {
            while Instant::now() < end {
                if sent < next.load(Ordering::Relaxed) + 3 * hosts {
                    writeln!(stdin, "{}", url(sent)).unwrap();
                    sent += 1;
                } else {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        },
        |line| {
            let number = next.load(Ordering::Relaxed);
            assert_line(line, &url(number), CROWD.shows(host(number), 3));
            passed += u64::from(field(line, "outcome") == "pass");
            next.store(number + 1, Ordering::Relaxed);
        },
    );
    run.report(&format!(
        "{hosts} servers, nine of ten hostile, for {lasts:?}"
    ));
    let seen = servers.settled();
    eprintln!("    {sent} URLs, {passed} passed; {seen:?}");
    assert_eq!((next.into_inner(), run.count("images")), (sent, sent));
    assert!(passed > 0 && passed == run.count("pass"));
    let at_once = seen.most_open;
    assert!(at_once >= hosts / 2, "{at_once} connections at once");
    let allowed = BASE + sent * EACH + hosts * FETCH;
    assert!(run.most.peak <= allowed, "{} bytes", run.most.peak);
    assert!(run.most.descriptors as u64 <= 2 * hosts + 96);
}
