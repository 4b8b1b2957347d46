//! What an operator sees of a call: one span with the documented fields, and a warning where money
//! or the run is at stake.
//!
//! A process of its own, with this one test in it: what another thread without a subscriber meets
//! first, tracing turns off for good.
#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
#[path = "remote/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use remote::{ImageUrl, Ratio};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use server::{Act, Server, json};

/// The fields of the last call's span, and the warnings since it began.
#[derive(Clone, Default)]
struct Seen {
    fields: Arc<Mutex<BTreeMap<&'static str, String>>>,
    warnings: Arc<Mutex<Vec<String>>>,
}

struct Fields<'a>(&'a Mutex<BTreeMap<&'static str, String>>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}").trim_matches('"').to_owned();
        self.0.lock().unwrap().insert(field.name(), value);
    }
}

const CALL: u64 = 1;
const OTHER: u64 = 2;

impl Subscriber for Seen {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        if span.metadata().name() != "detect" {
            return Id::from_u64(OTHER);
        }
        self.fields.lock().unwrap().clear();
        self.warnings.lock().unwrap().clear();
        span.record(&mut Fields(&self.fields));
        Id::from_u64(CALL)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        if span.into_u64() == CALL {
            values.record(&mut Fields(&self.fields));
        }
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::WARN {
            let fields = Mutex::default();
            event.record(&mut Fields(&fields));
            let message = fields.lock().unwrap().remove("message").unwrap();
            self.warnings.lock().unwrap().push(message);
        }
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_is_one_span_and_money_is_a_warning() {
    let seen = Seen::default();
    let _guard = tracing::subscriber::set_default(seen.clone());
    let image = ImageUrl::parse("https://example.com/a.jpg?Signature=SECRET").unwrap();
    let pass = r#"{"output":{"check_pass":true,"face_bbox":[1,2,3,4],"ext_bbox":[0,0,5,5]},"usage":{"image_count":1}}"#;
    let fail = r#"{"code":"InvalidFile.NoHuman","message":"m"}"#;
    let lost = "no verdict for a call that is or may be charged";
    let stop = "every further call will end alike";
    for (act, outcome, code, charge, warnings) in [
        (json(200, pass), "pass", None, "yes", vec![]),
        (
            json(400, fail),
            "fail",
            Some("InvalidFile.NoHuman"),
            "no",
            vec![],
        ),
        (
            json(400, r#"{"code":"InvalidParameter"}"#),
            "request-refused",
            Some("InvalidParameter"),
            "no",
            vec![],
        ),
        (
            Act::Answer(Vec::new()),
            "outcome-unknown",
            None,
            "unknown",
            vec![lost],
        ),
        (
            json(200, r#"{"usage":{"image_count":1}}"#),
            "contract-broken",
            None,
            "yes",
            vec![lost],
        ),
        (
            json(401, r#"{"code":"InvalidApiKey"}"#),
            "key-refused",
            Some("InvalidApiKey"),
            "no",
            vec![stop],
        ),
        (json(404, ""), "not-the-api", None, "no", vec![stop]),
    ] {
        let server = Server::start([act]).await;
        let _ = server.client().detect(&image, Ratio::Square).await;
        let fields = seen.fields.lock().unwrap().clone();
        let field = |name| fields.get(name).map(String::as_str);
        assert_eq!(
            (field("outcome"), field("code"), field("charge")),
            (Some(outcome), code, Some(charge))
        );
        assert_eq!(
            (field("attempts"), field("ratio"), field("model")),
            (Some("1"), Some("1:1"), Some("emo-detect-v1"))
        );
        assert_eq!(field("image"), Some("https://example.com/a.jpg?…"));
        field("elapsed_ms").unwrap().parse::<u64>().unwrap();
        assert_eq!(*seen.warnings.lock().unwrap(), warnings, "{outcome}");
    }
}
