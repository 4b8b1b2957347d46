//! Ten megabytes of header that never comes to its point. Ours alone: others take seconds for some
//! of them.
#![expect(clippy::unwrap_used, reason = "a bench without its files fails")]

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

const LEN: usize = 10_000_000;

fn hostile(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile");
    let mut group = criterion.benchmark_group("hostile");
    for file in testkit::hostile::all(LEN) {
        fs::write(&path, &file.bytes).unwrap();
        group.bench_function(format!("{}/memory", file.name), |bencher| {
            bencher.iter(|| preflight::probe_bytes(black_box(&file.bytes)));
        });
        group.bench_function(format!("{}/file", file.name), |bencher| {
            bencher.iter(|| preflight::probe_file(black_box(&path)).unwrap());
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200));
    targets = hostile
}
criterion_main!(benches);
