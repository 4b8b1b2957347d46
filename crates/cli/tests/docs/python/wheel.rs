//! The wheel: built, installed where nothing else is, and run.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{copy_of_gallery, done, python_with, root};

/// More than the wheel may weigh, in bytes: it is downloaded by every commit hook. It holds the
/// command and nothing else, compressed.
const MAX_BYTES: u64 = 6_000_000;

/// The wheel, which is built once for all tests.
pub(crate) fn of_project(python: &OsStr) -> &'static Path {
    static WHEEL: OnceLock<PathBuf> = OnceLock::new();
    WHEEL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wheel");
        let _ = fs::remove_dir_all(&folder);
        done(
            Command::new(python)
                .current_dir(root())
                .args(["-m", "maturin", "build", "--profile", "dist", "--out"])
                .arg(&folder),
        );
        let wheels = fs::read_dir(folder).unwrap();
        let wheels: Vec<_> = wheels.map(|wheel| wheel.unwrap().path()).collect();
        let [wheel] = wheels.as_slice() else {
            panic!("{wheels:?}")
        };
        wheel.clone()
    })
}

#[test]
#[ignore = "needs a Python package: maturin"]
fn the_wheel_brings_the_command_to_a_fresh_environment() {
    let python = python_with("maturin");
    let wheel = of_project(&python);
    let bytes = fs::metadata(wheel).unwrap().len();
    assert!(bytes < MAX_BYTES, "{bytes} bytes");

    let scratch = tempfile::tempdir().unwrap();
    let fresh = scratch.path().join("fresh");
    done(Command::new(&python).args(["-m", "venv"]).arg(&fresh));
    let bin = fresh.join(if cfg!(windows) { "Scripts" } else { "bin" });
    done(
        Command::new(bin.join("pip"))
            .args([
                "install",
                "--quiet",
                "--no-index",
                "--disable-pip-version-check",
            ])
            .arg(wheel),
    );
    let preflight = || {
        let mut command = Command::new(bin.join("preflight"));
        command.current_dir(scratch.path());
        command
    };
    let version = done(preflight().arg("--version")).stdout;
    let expected = concat!("preflight ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8(version).unwrap(), expected);
    // The index shows the README of the command.
    let page = "import importlib.metadata as m; data = m.metadata('preflight-emo'); \
                print(data['Description'] or data.get_payload())";
    let page = done(Command::new(bin.join("python")).args(["-c", page])).stdout;
    assert!(String::from_utf8(page).unwrap().contains("## Install"));
    copy_of_gallery("thumbnail.jpg", &scratch.path().join("images/a.jpg"));
    let check = preflight().args(["check", "images"]).status();
    assert_eq!(check.unwrap().code(), Some(1));
}
