//! What a probe costs the processor: instructions by format, as callgrind counts them, against the
//! table beside this package.
//!
//! `cargo test -p preflight-counts -- --ignored`, with `PREFLIGHT_BLESS=1` to write what was found.
//! The probe is built as `cargo build --release` builds it. Counts do not depend on the machine, nor on what
//! else it does, but on the compiler.
#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use testkit::counts::{Counts, Table};
use testkit::{Bmp, Ihdr, Jpeg, Png, Sof, Vp8, Vp8l, Vp8x, Webp, photos};

/// How often each file is probed: a difference of instructions by chance is divided by it.
const ROUNDS: u64 = 1_000;

/// Bytes of each file: more than any probe of these reads, and all that the BMP promises.
const LEN: usize = 700_000;

/// How far a count may be from the table's, where the compiler is the table's.
const TOLERANCE: f64 = 0.05;

/// With another compiler: it shows what has become far more work all the same.
const OTHER_COMPILER: f64 = 0.5;

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let jpeg = |metadata: usize| {
        let first = match metadata {
            0 => Jpeg::new(),
            len => Jpeg::new().app1(photos::EXIF, len),
        };
        first.dqt().sof(Sof::Baseline, 800, 600).sos().build()
    };
    let vp8x = Webp::new().vp8x(Vp8x {
        flags: Vp8x::ICC,
        ..Vp8x::new(400, 500)
    });
    vec![
        ("PNG", Png::new().ihdr(Ihdr::new(400, 500)).build()),
        ("BMP, 24 bits", Bmp::new(400, 500).build()),
        (
            "WebP, VP8",
            Webp::new().vp8(Vp8::new(400, 500), &[0; 64]).build(),
        ),
        (
            "WebP, VP8L",
            Webp::new().vp8l(Vp8l::new(400, 500), &[0; 64]).build(),
        ),
        (
            "WebP, VP8X with a profile",
            vp8x.chunk(*b"ICCP", &[0; 64]).build(),
        ),
        ("JPEG", jpeg(0)),
        ("JPEG, metadata of 30 KB", jpeg(30_000)),
        ("GIF", b"GIF89a\x40\x01\xC8\0\0\0".into()),
        ("HTML", b"<!DOCTYPE html><html>".into()),
        ("text", "a line of it\n".repeat(10).into()),
        ("zeros", vec![0]),
    ]
}

#[test]
#[ignore = "needs valgrind"]
fn a_probe_takes_as_many_instructions_as_the_table_says() {
    let driver = driver();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mut found = Counts::new();
    // What starting and reading take, which is the same for all files: they are equally long.
    let mut start = None;
    for (name, mut file) in files() {
        // Behind text, lines; behind all else, zeros.
        let filler = if name == "text" { b'\n' } else { 0 };
        file.resize(LEN, filler);
        fs::write(&path, &file).unwrap();
        let start = *start.get_or_insert_with(|| instructions(&driver, &path, 0));
        let all = instructions(&driver, &path, ROUNDS);
        // To whole instructions: what the first probe takes more is not the others'.
        let each = (all - start) / ROUNDS;
        found.insert(name.to_owned(), each as f64);
    }
    let mut table = Table::load();
    let compiler = compiler();
    let mut tolerance = TOLERANCE;
    if table.compiler != compiler {
        let theirs = &table.compiler;
        eprintln!("this is {compiler}, the table is of {theirs}: only large differences count");
        tolerance = OTHER_COMPILER;
    }
    table.compiler = compiler;
    table.compare("instructions", &found, tolerance);
}

/// Builds the driver, in seconds: it needs nothing but the probe.
fn driver() -> PathBuf {
    // The test is in `target/debug/deps`, or where somebody wants it to be.
    let deps = env::current_exe().unwrap();
    let target = deps.ancestors().nth(3).unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--release", "--quiet", "--locked"]);
    cargo.args(["--package", "preflight-counts", "--bin", "probe-driver"]);
    let built = cargo.arg("--target-dir").arg(target).status().unwrap();
    assert!(built.success(), "the driver is not built");
    target.join("release/probe-driver")
}

/// The instructions of a run, as callgrind counts them.
fn instructions(driver: &Path, file: &Path, rounds: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(driver)
        .arg(file)
        .arg(rounds.to_string())
        .output()
        .unwrap_or_else(|error| panic!("valgrind does not run: {error}"));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let collected = words
        .lines()
        .find_map(|line| line.split_once("Collected :"));
    collected.unwrap().1.trim().parse().unwrap()
}

/// The version of the compiler and what it compiles for.
fn compiler() -> String {
    let rustc = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()))
        .arg("-vV")
        .output()
        .unwrap();
    let words = String::from_utf8(rustc.stdout).unwrap();
    let field = |name: &str| {
        let line = words.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().to_owned()
    };
    format!("rustc {} for {}", field("release:"), field("host:"))
}
