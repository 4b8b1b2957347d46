//! Decoding under limits.

use std::sync::LazyLock;

use gate::{Gate, Profile, Screening};

/// Bytes of memory that an image may take. Small, so that a fuzzer meets the limit.
const MEMORY: u64 = 8 << 20;

static GATE: LazyLock<Gate> = LazyLock::new(|| {
    Gate::builder(Profile::builder("any").build().unwrap())
        .decode(MEMORY)
        .build()
});

/// The content stage answers about any bytes, the same way twice, and no decoder panics.
pub fn content(data: &[u8]) {
    let report = || match GATE.screen_bytes(data.to_vec()) {
        Screening::Ended(report) => report,
        Screening::Cleared(cleared) => cleared.into_report(),
    };
    let (first, second) = (report(), report());
    assert_eq!(first.outcome(), second.outcome());
    let messages = |report: &gate::Report| -> Vec<String> {
        report
            .findings()
            .iter()
            .map(|finding| finding.message.clone())
            .collect()
    };
    assert_eq!(messages(&first), messages(&second));
    for message in messages(&first) {
        assert!(!message.contains("panic"), "{message}");
    }
}
