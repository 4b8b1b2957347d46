//! A run of the command, which can be stopped, interrupted and killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// No run may take longer: twenty images at five a second, slow answers, and each wait that the
/// command has.
const LONGEST: Duration = Duration::from_secs(180);

/// The ends that a run may come to: those of the command, and those of a signal before it listens.
const EXITS: [i32; 5] = [0, 1, 2, 3, 130];

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    began: Instant,
    stdout: PathBuf,
    stderr: PathBuf,
    was_killed: bool,
    /// Signals that interrupt, so far.
    interrupts: u32,
}

/// What a run that has ended said of its charges.
#[derive(Debug)]
pub(super) enum Told {
    /// Nothing was sent: the run could not be done, and said why.
    Refused(String),
    /// The summary.
    Summary {
        charged: u64,
        maybe_charged: u64,
        asked: u64,
        cached: u64,
        exit: i32,
    },
    /// Nothing: it was killed, or ended while it was being interrupted.
    Killed,
}

impl Process {
    /// Starts a command whose output goes to files in a folder.
    pub(super) fn start(command: &mut Command, folder: &Path, number: u64) -> Self {
        let path = |name: &str| folder.join(format!("{number}.{name}"));
        let (stdout, stderr) = (path("jsonl"), path("stderr"));
        let child = command
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        Self {
            child,
            began: Instant::now(),
            stdout,
            stderr,
            was_killed: false,
            interrupts: 0,
        }
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        if matches!(signal, Signal::INT | Signal::TERM) {
            self.interrupts += 1;
        }
        // It may have ended, but nobody has waited for it: its number is still its own.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    pub(super) fn kill(&mut self) {
        self.was_killed = true;
        self.child.kill().unwrap();
    }

    pub(super) fn has_ended(&mut self) -> bool {
        if self.child.try_wait().unwrap().is_some() {
            return true;
        }
        assert!(
            self.began.elapsed() < LONGEST,
            "a run hangs: {}",
            self.errors()
        );
        false
    }

    /// Waits for the end.
    pub(super) fn wait(&mut self) {
        while !self.has_ended() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Reads what it told. It must have ended.
    pub(super) fn told(&mut self) -> Told {
        let exit = self.child.wait().unwrap().code();
        let stdout = fs::read_to_string(&self.stdout).unwrap();
        let last = stdout.lines().last().unwrap_or_default();
        let summary = serde_json::from_str::<Value>(last).unwrap_or_default();
        if summary["type"] != "summary" {
            // A signal that comes before the command listens ends it as by default. After a second one
            // its reports have two seconds, and a third ends it at once. An hour of chaos on a busy
            // machine found the two seconds too short for a summary; the ledger told the charges.
            let is_cut = exit == Some(130) && self.interrupts >= 2;
            if self.was_killed || exit.is_none() || is_cut {
                return Told::Killed;
            }
            let errors = self.errors();
            assert!(
                exit == Some(2) && !errors.is_empty(),
                "exit {exit:?}: {errors}"
            );
            return Told::Refused(errors);
        }
        let exit = exit.unwrap_or(-1);
        assert!(
            self.was_killed || EXITS.contains(&exit),
            "exit {exit}: {}",
            self.errors()
        );
        let total = |name: &str| summary["remote"][name].as_u64().unwrap();
        Told::Summary {
            charged: total("charged"),
            maybe_charged: total("maybe_charged"),
            asked: total("asked"),
            cached: total("cached"),
            exit,
        }
    }

    /// What it wrote so far.
    pub(super) fn output(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap() + &self.errors()
    }

    pub(super) fn errors(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // After a failed assertion nothing goes on in the background.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
