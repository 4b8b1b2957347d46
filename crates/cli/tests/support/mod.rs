//! The command with a clean environment, and folders with images.
#![allow(dead_code, reason = "not every binary needs all of them")]
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The command under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_preflight");

/// The deadline of every wait: long, for machines under load, but a test must end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// `preflight`, with nothing from the environment of the tests except `PATH` and folders for
/// temporary files.
pub(crate) fn preflight() -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().stdin(Stdio::null());
    // Windows starts no process without these.
    for name in ["PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Waits until a condition holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A folder with images in it.
pub(crate) struct Folder(TempDir);

/// The output and the exit code of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with a copy of the fixtures' gallery in `gallery`.
    pub(crate) fn with_gallery() -> Self {
        let folder = Self::new();
        for entry in fs::read_dir(testkit::manifest::folder().join("gallery")).unwrap() {
            let entry = entry.unwrap();
            let name = Path::new("gallery").join(entry.file_name());
            folder.file(name, &fs::read(entry.path()).unwrap());
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// An image that passes.
    pub(crate) fn good(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.file(name, &png(500, 600))
    }

    /// An image that is rejected.
    pub(crate) fn small(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.file(name, &png(399, 600))
    }

    pub(crate) fn file(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// `preflight`, in this folder.
    pub(crate) fn preflight(&self) -> Command {
        let mut command = preflight();
        command.current_dir(self.path()).env("HOME", self.path());
        command
    }

    /// `preflight check` with these words.
    pub(crate) fn check<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Run {
        run(self.preflight().arg("check").args(words))
    }

    /// The names in the report, in its order, with their outcomes' first letters: `a.png:p`.
    pub(crate) fn names<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Vec<String> {
        let run = run(self
            .preflight()
            .args(["check", "--format", "jsonl"])
            .args(words));
        let lines = run.stdout.lines().map(|line| {
            serde_json::from_str::<serde_json::Value>(line)
                .unwrap_or_else(|error| panic!("{error}: {run:?}"))
        });
        lines
            .filter(|line| line["type"] == "image")
            .map(|line| {
                let name = line["path"].as_str().or(line["url"].as_str()).unwrap();
                format!("{name}:{}", &line["outcome"].as_str().unwrap()[..1])
            })
            .collect()
    }
}

/// A PNG of this size in px, without its pixel data.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    testkit::Png::new()
        .ihdr(testkit::Ihdr::new(width, height))
        .iend()
        .build()
}

/// The words of `--format`, `auto` included.
pub(crate) fn formats() -> impl Iterator<Item = &'static str> {
    ["auto"]
        .into_iter()
        .chain(report::Format::ALL.map(report::Format::name))
}

pub(crate) fn run(command: &mut Command) -> Run {
    Run::from(command.output().unwrap())
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
