//! A run of the command whose lines are read while it runs, and whose footprint is watched.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use serde_json::Value;
use testkit::Footprint;

use crate::support::Folder;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The most of each that the process held.
    pub(crate) most: Footprint,
    pub(crate) exit: i32,
    /// The last line.
    pub(crate) summary: Value,
    pub(crate) took: Duration,
}

/// How often the process is looked at. The kernel keeps the peak of its memory itself.
const LOOK: Duration = Duration::from_millis(20);

/// The command under load: `preflight check` in a folder. `PREFLIGHT` in the environment names another
/// binary than that of the tests, such as the one that is shipped.
pub(crate) fn command(folder: &Folder) -> Command {
    let mut command = folder.preflight();
    if let Some(binary) = env::var_os("PREFLIGHT") {
        command = Command::new(binary);
        command.current_dir(folder.path()).env_clear();
        command.env("HOME", folder.path());
    }
    command.args(["check", "--format", "jsonl"]);
    command
}

/// A text of a line's own level. Other tests read the lines as JSON; this one reads a million, of names
/// that need no escapes.
pub(crate) fn field<'l>(line: &'l str, name: &str) -> &'l str {
    let key = format!("\"{name}\":\"");
    let (_, rest) = line
        .split_once(&key)
        .unwrap_or_else(|| panic!("no {name}: {line}"));
    rest.split('"').next().unwrap()
}

/// Runs a command to its end. `feed` writes its standard input on another thread; `see` gets each
/// line of its report but the last.
pub(crate) fn run(
    command: &mut Command,
    feed: impl FnOnce(&mut ChildStdin) + Send,
    mut see: impl FnMut(&str),
) -> Measured {
    let began = Instant::now();
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // A line for each address that was refused.
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let stdout = BufReader::new(process.stdout.take().unwrap());
    let pid = process.id();
    let mut last: Option<String> = None;
    let (most, exit) = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut most = Footprint::default();
            // Until it has ended, whatever becomes of the other threads.
            while let Ok(now) = Footprint::of(pid) {
                most = most.most(now);
                thread::sleep(LOOK);
            }
            most
        });
        scope.spawn(move || {
            feed(&mut stdin);
            // Gone already is for the exit code to tell.
            let _ = stdin.flush();
        });
        for line in stdout.lines() {
            if let Some(before) = last.replace(line.unwrap()) {
                see(&before);
            }
        }
        let exit = process.wait().unwrap().code().unwrap();
        (looking.join().unwrap(), exit)
    });
    let summary: Value = serde_json::from_str(&last.unwrap()).unwrap();
    assert_eq!(summary["type"], "summary", "{summary}");
    assert_eq!(summary["interrupted"], false, "{summary}");
    Measured {
        most,
        exit,
        summary,
        took: began.elapsed(),
    }
}

impl Measured {
    /// Says what a load took.
    pub(crate) fn report(&self, what: &str) {
        let Footprint {
            descriptors,
            threads,
            peak,
            ..
        } = self.most;
        eprintln!(
            "{what}: {:.1} s, peak {:.1} MiB, {descriptors} descriptors, {threads} threads, exit {}\n    {}",
            self.took.as_secs_f64(),
            peak as f64 / f64::from(1 << 20),
            self.exit,
            self.summary,
        );
    }

    /// A number of the summary.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.summary[name].as_u64().unwrap()
    }
}
