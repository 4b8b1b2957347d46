//! Reading the size from a file in the page cache: opened, read, closed.
#![expect(clippy::unwrap_used, reason = "a bench without its files fails")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use preflight_benches::{READERS, inputs};

fn files(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    for (number, input) in inputs().into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        fs::write(&path, &input.bytes).unwrap();
        let mut group = criterion.benchmark_group(format!("files/{}", input.name));
        group.bench_function("open, read 4 KiB, close", |bencher| {
            bencher.iter(|| first_page(black_box(&path)));
        });
        for reader in READERS {
            assert_eq!((reader.file)(&path), Some(input.size), "{}", reader.name);
            group.bench_function(BenchmarkId::from_parameter(reader.name), |bencher| {
                bencher.iter(|| (reader.file)(black_box(&path)));
            });
        }
        group.finish();
    }
}

/// The least that a reader of files can do.
fn first_page(path: &Path) -> usize {
    let mut page = [0; 4096];
    File::open(path).unwrap().read(&mut page).unwrap()
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    targets = files
}
criterion_main!(benches);
