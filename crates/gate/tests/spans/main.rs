//! What an operator sees. In a process of its own: what is traced is decided for all threads at
//! once.
#![cfg(feature = "remote")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

#[path = "../paid/support.rs"]
#[allow(dead_code, reason = "the other test uses the rest")]
mod support;

use std::io;
use std::sync::{Arc, Mutex};

use gate::Ratio;
use standin::Fault;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::{KEY, ask, detector, local_gate, portrait, serve, start};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_fetch_and_each_call_is_a_span_and_a_halt_is_a_warning() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let standin = start().await;
    let detector = detector(&standin).build();
    let url = format!(
        "{}?Signature=SECRET&OSSAccessKeyId=k&Expires=1999999999",
        serve(portrait(1)).await
    );
    let _passed = local_gate().admit_url(&detector, &url, Ratio::Square).await;
    standin.next(Fault::error("Arrearage"));
    let _halted = ask(&detector, &standin, "anna.jpg").await;
    let policy = gate::Gate::builder(gate::Profile::emo()).build();
    let _refused = policy.screen_url("http://169.254.169.254/latest").await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = |words: &[&str]| {
        text.lines()
            .any(|line| words.iter().all(|word| line.contains(word)))
    };
    assert!(
        line(&[
            "fetch{host=",
            "outcome=\"pass\"",
            "status=206",
            "body_bytes=",
            "elapsed_ms="
        ]),
        "{text}"
    );
    assert!(
        line(&[
            "call{model=",
            "outcome=\"pass\"",
            "charge=\"yes\"",
            "cached=false",
            "attempts=1"
        ]),
        "{text}"
    );
    assert!(
        line(&["call{", "outcome=\"unknown\"", "code=\"PF502\""]),
        "{text}"
    );
    assert!(line(&["WARN", "nothing more is sent", "PF502"]), "{text}");
    assert!(
        line(&["WARN", "an address that must not be fetched"]),
        "{text}"
    );
    assert!(!text.contains("SECRET") && !text.contains(KEY), "{text}");
}
