//! Reading the size from a whole file in memory.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use preflight_benches::{READERS, inputs};

fn memory(criterion: &mut Criterion) {
    for input in inputs() {
        let mut group = criterion.benchmark_group(format!("memory/{}", input.name));
        for reader in READERS {
            // A wrong answer is no faster answer.
            assert_eq!(
                (reader.bytes)(&input.bytes),
                Some(input.size),
                "{}",
                reader.name
            );
            group.bench_function(BenchmarkId::from_parameter(reader.name), |bencher| {
                bencher.iter(|| (reader.bytes)(black_box(&input.bytes)));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    targets = memory
}
criterion_main!(benches);
