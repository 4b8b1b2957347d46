//! Tests with programs of others: the wheel, the hook of pre-commit, JUnit's report, the recipe for
//! Spark.
//!
//! Each needs Python packages that a Rust project does not bring. `PREFLIGHT_PYTHON` names a Python
//! that has them (`.ci/run` makes one), else it is `python3`. They are ignored unless asked for:
//! `cargo test -- --include-ignored`.

mod hook;
mod junit;
mod spark;
mod wheel;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The top of the project.
fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// A Python that has a module.
#[track_caller]
fn python_with(module: &str) -> OsString {
    let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
    done(Command::new(&python).args(["-c", &format!("import {module}")]));
    python
}

/// Runs a program, which must succeed.
#[track_caller]
fn done(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    output
}

/// All that a program said.
fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams
        .map(|stream| String::from_utf8_lossy(stream).into_owned())
        .concat()
}

fn git<W: AsRef<OsStr>>(folder: &Path, words: impl IntoIterator<Item = W>) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(words);
    command
}

fn copy_of_gallery(name: &str, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(root().join("fixtures/gallery").join(name), to).unwrap();
}
