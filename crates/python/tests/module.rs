//! The tests of the module, which are in Python: `tests/python`.
//!
//! `PREFLIGHT_PYTHON` names a Python of 3.10 or newer (`.ci/run` makes one), else it is `python3`.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A folder that holds the module as a wheel would: Python's part, and what cargo has built.
fn site() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(|| {
        let site = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
        let module = site.join("preflight_emo");
        let _ = fs::remove_dir_all(&site);
        fs::create_dir_all(&module).unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in fs::read_dir(here.join("python/preflight_emo")).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                fs::copy(file.path(), module.join(file.file_name())).unwrap();
            }
        }
        // The library lies beside this test.
        let mut built = std::env::current_exe().unwrap();
        built.pop();
        let native = if cfg!(windows) {
            "_native.pyd"
        } else {
            "_native.abi3.so"
        };
        fs::copy(
            built.join(format!("{DLL_PREFIX}_native{DLL_SUFFIX}")),
            module.join(native),
        )
        .unwrap();
        site
    })
}

#[track_caller]
fn passes(tests: &[&str]) {
    let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let ended = Command::new(python)
        .args([
            "-X",
            "faulthandler",
            "-W",
            "error::ResourceWarning",
            "-m",
            "unittest",
            "--verbose",
        ])
        .args(tests)
        .current_dir(here)
        .env("PYTHONPATH", site())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("DASHSCOPE_API_KEY")
        .status();
    assert!(ended.unwrap().success(), "see above");
}

#[test]
#[ignore = "needs Python"]
fn one_image_and_many() {
    passes(&["test_check", "test_many"]);
}

#[test]
#[ignore = "needs Python, and the command"]
fn the_module_says_what_the_command_says() {
    passes(&["test_command"]);
}

#[test]
#[ignore = "needs Python, and the stand-in"]
fn the_paid_stage() {
    passes(&["test_gate"]);
}

#[test]
#[ignore = "needs Python"]
fn forks_threads_and_the_end() {
    passes(&["test_processes"]);
}

#[test]
#[ignore = "needs a Python package: mypy"]
fn types_and_examples() {
    passes(&["test_types"]);
}

#[test]
#[ignore = "needs Python packages, ray, daft, pyspark, pandas and pyarrow, and a Java"]
fn the_recipes_of_the_engines() {
    passes(&["test_engines"]);
}
