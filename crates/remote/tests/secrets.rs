//! The key shows nowhere: not in errors, not in `Debug`, not in the most talkative log.
//!
//! A process of its own, with this one test in it. Beside the others it failed now and then with an
//! empty log: what another thread without a subscriber meets first, tracing turns off for good.
#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
#[path = "remote/server.rs"]
mod server;

use std::error::Error;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use remote::Ratio;
use tokio::task::JoinSet;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use server::{Act, KEY, Server, http, image, json};

/// Writes down every field of every span and event at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// An error as the most curious caller sees it.
fn everything(error: &(dyn Error + 'static)) -> String {
    let mut shown = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        write!(shown, "{error} {error:?} {error:#?} ").unwrap();
        next = error.source();
    }
    shown
}

#[tokio::test]
async fn the_key_is_in_no_error_and_no_log_even_if_the_service_echoes_it() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let echo = format!("Incorrect API key provided: {KEY}. Bearer {KEY}");
    let echoing = format!(r#"{{"code":"{KEY}","message":"{echo}","request_id":"{KEY}"}}"#);
    let rejecting = format!(
        r#"{{"output":{{"check_pass":false,"code":"{KEY}","message":"{echo}"}},"request_id":"{KEY}"}}"#
    );
    let acts = [
        json(401, &echoing),
        json(429, &echoing),
        json(500, &echoing),
        json(200, &echoing),
        json(200, &rejecting),
        json(200, &echo),
        json(502, &format!("{}{echo}", "x".repeat(110))),
        Act::Answer(http(
            400,
            &format!("x-request-id: {KEY}\r\nretry-after: {KEY}\r\n"),
            "{}",
        )),
        Act::Answer(format!("HTTP/1.1 {KEY}\r\n\r\n").into_bytes()),
        Act::Answer(http(
            302,
            &format!("location: https://example.com/{KEY}\r\n"),
            "",
        )),
        Act::CloseAtOnce,
        Act::Hang(Vec::new()),
    ];
    let mut checks: JoinSet<()> = acts.into_iter().map(shows_no_key).collect();
    while let Some(check) = checks.join_next().await {
        check.unwrap();
    }
    drop(guard);
    let log = log.0.lock().unwrap();
    assert!(log.contains("asking"), "the log was on");
    assert!(!log.contains("SECRET"), "{log}");
}

async fn shows_no_key(act: Act) {
    let server = Server::start([act.clone()]).await;
    let client = server
        .builder()
        .timeout(Duration::from_millis(400))
        .build()
        .unwrap();
    let detection = match client.detect(&image(), Ratio::Square).await {
        Ok(detection) => format!("{detection:?}"),
        Err(error) => everything(&error),
    };
    let upload = match client.temporary_store().upload_bytes(vec![1], "jpg").await {
        Ok(upload) => format!("{upload:?}"),
        Err(error) => everything(&error),
    };
    let settings = format!(
        "{client:?} {:?} {:?}",
        server.builder(),
        client.temporary_store()
    );
    for shown in [detection, upload, settings] {
        assert!(!shown.contains("SECRET"), "{act:?}: {shown}");
    }
}
