//! A folder of photographs, from the first to the last: the library in a loop, and the command.
//!
//! The command is that of `PREFLIGHT`, or `target/release/preflight` where it was built. It goes over
//! 1,000 and over 20,000 files, which shows how its cost grows.
#![expect(clippy::unwrap_used, reason = "a bench without its files fails")]

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use preflight_benches::READERS;
use testkit::photos::photos;

/// Photographs in a folder that the library goes through.
const FILES: usize = 2_000;

/// Files in the folders that the command goes through.
const COMMAND_FILES: [usize; 2] = [1_000, 20_000];

/// Bytes of picture behind each header: more than the first read, and little on the disk.
const PICTURE: usize = 4_096;

fn library(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), FILES);
    let mut group = criterion.benchmark_group(format!("scan/library, {FILES} photographs"));
    group.throughput(Throughput::Elements(FILES as u64));
    group.bench_function("open, read 4 KiB, close", |bencher| {
        bencher.iter(|| first_pages(&paths));
    });
    for reader in READERS {
        let read = || paths.iter().filter_map(|path| (reader.file)(path)).count();
        assert_eq!(read(), FILES, "{}", reader.name);
        group.bench_function(BenchmarkId::from_parameter(reader.name), |bencher| {
            bencher.iter(read);
        });
    }
    group.finish();
}

fn command(criterion: &mut Criterion) {
    let Some(command) = built_command() else {
        return;
    };
    for count in COMMAND_FILES {
        command_over(criterion, &command, count);
    }
}

/// The command to measure, if there is one.
fn built_command() -> Option<PathBuf> {
    if let Some(command) = std::env::var_os("PREFLIGHT") {
        return Some(command.into());
    }
    let name = format!("preflight{}", std::env::consts::EXE_SUFFIX);
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    Some(target.join("release").join(name)).filter(|command| command.exists())
}

fn command_over(criterion: &mut Criterion, command: &Path, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), count);
    let list = folder.path().join("list.txt");
    let lines: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    fs::write(&list, lines.join("\n")).unwrap();

    let mut group = criterion.benchmark_group(format!("scan/command, {count} photographs"));
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function("open, read 4 KiB, close", |bencher| {
        bencher.iter(|| first_pages(&paths));
    });
    let inputs: [(&str, Vec<&std::ffi::OsStr>); 3] = [
        ("walk", vec![folder.path().as_os_str()]),
        ("list", vec!["--files-from".as_ref(), list.as_os_str()]),
        (
            "walk, one job",
            vec!["--jobs=1".as_ref(), folder.path().as_os_str()],
        ),
    ];
    for (name, arguments) in inputs {
        let run = || {
            let mut check = Command::new(command);
            check.args(["check", "--no-config"]).args(&arguments);
            check
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap()
        };
        assert!(run().success(), "{name}: the command failed");
        group.bench_function(format!("preflight check, {name}"), |bencher| {
            bencher.iter(run);
        });
    }
    group.finish();
}

fn write(folder: &Path, count: usize) -> Vec<PathBuf> {
    photos(7, count, PICTURE)
        .enumerate()
        .map(|(number, photo)| {
            let path = folder.join(format!("{number:05}.jpg"));
            fs::write(&path, photo.bytes).unwrap();
            path
        })
        .collect()
}

fn first_pages(paths: &[PathBuf]) -> usize {
    let mut page = [0; 4096];
    paths
        .iter()
        .map(|path| File::open(path).unwrap().read(&mut page).unwrap())
        .sum()
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    targets = library, command
}
criterion_main!(benches);
