//! Faults on demand: what arrives, and what would have been charged.

use std::time::Duration;

use serde_json::{Value, json};
use standin::fault::Answer as Raw;
use standin::{ApiError, Cut, ErrorStyle, Fault, Standin};

use crate::support::{Answer, Api};

async fn api_with(fault: impl Into<Fault>) -> Api {
    let api = Api::start().await;
    api.standin.next(fault);
    api
}

#[tokio::test]
async fn a_cut_is_charged_only_after_the_work() {
    for (cut, billable) in [
        (Cut::Head, 0),
        (Cut::Request, 0),
        (Cut::Worked, 1),
        (Cut::Response, 1),
    ] {
        let api = api_with(Fault::Cut(cut)).await;
        let lent = api.lend("a.png");
        match api.request(lent.url()).send().await {
            // Status and headers came; the body breaks off.
            Ok(response) => {
                assert_eq!(cut, Cut::Response);
                assert!(response.content_length().is_some_and(|length| length > 100));
                assert!(response.bytes().await.is_err());
            }
            Err(error) => {
                assert_ne!(cut, Cut::Response);
                assert!(!error.is_connect(), "{error:?}");
            }
        }
        let stats = api.standin.stats();
        assert_eq!(stats.billable, billable, "{cut:?}");
        assert_eq!(stats.face_detect, 1, "{cut:?}");
        // It is over: the next call is served.
        assert_eq!(api.detect(lent.url()).await.status, 200);
    }
}

#[tokio::test]
async fn a_refused_connection_is_no_request() {
    let api = Api::start().await;
    let lent = api.lend("a.png");
    api.standin.refuse_connections(2);
    for _ in 0..2 {
        assert!(api.request(lent.url()).send().await.is_err());
    }
    assert_eq!(api.detect(lent.url()).await.status, 200);
    let stats = api.standin.stats();
    assert_eq!(
        (stats.refused_connections, stats.face_detect, stats.billable),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn a_gateway_hides_whether_the_work_was_done() {
    for (status, worked) in [(502, false), (504, false), (502, true), (504, true)] {
        let api = api_with(Fault::gateway(status, worked)).await;
        let answer = api.detect_named("a.png").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("text/html"));
        assert!(answer.text.starts_with("<html>"));
        assert_eq!(api.standin.stats().billable, u64::from(worked));
    }
}

#[tokio::test]
async fn bodies_that_are_not_one_whole_json_text() {
    let api = Api::start().await;
    let whole = api.detect_named("a.png").await.text;

    api.standin.next(Fault::Truncated);
    let truncated = api.detect_named("a.png").await;
    assert!(serde_json::from_str::<Value>(&truncated.text).is_err());
    // Request ids are of one length, hence all bodies are.
    assert_eq!(truncated.text.len(), whole.len() / 2);

    api.standin.next(Fault::Doubled);
    let doubled = api.detect_named("a.png").await.text;
    let (first, second) = doubled.split_at(doubled.len() / 2);
    assert_eq!(first, second);
    assert!(serde_json::from_str::<Value>(first).is_ok());

    api.standin.next(Fault::Huge(3));
    let lent = api.lend("a.png");
    let response = api.request(lent.url()).send().await.unwrap();
    assert_eq!(response.content_length(), None);
    let huge = response.text().await.unwrap();
    assert_eq!(huge.len(), whole.len() + 3 * 1024 * 1024);
    assert!(serde_json::from_str::<Value>(&huge).is_ok());

    assert_eq!(api.standin.stats().billable, 4);
}

#[tokio::test]
async fn an_answer_may_drip() {
    let api = api_with(Fault::drip(10, Duration::from_millis(1))).await;
    let lent = api.lend("a.png");
    let mut response = api.request(lent.url()).send().await.unwrap();
    let length = usize::try_from(response.content_length().unwrap()).unwrap();
    let (mut pieces, mut read) = (0, 0);
    while let Some(piece) = response.chunk().await.unwrap() {
        pieces += 1;
        read += piece.len();
    }
    assert_eq!(read, length);
    // Pieces may merge on their way, but hardly all of them.
    assert!(pieces > 1, "{pieces}");
}

/// No clock is read: of two calls the one that was asked first is answered last, since it is
/// delayed.
#[tokio::test]
async fn a_delay_holds_up_its_own_call_only() {
    let api = api_with(Fault::Delay(Duration::from_secs(3600))).await;
    let lent = api.lend("a.png");
    let delayed = tokio::spawn(api.request(lent.url()).send());
    api.arrived(1).await;
    assert_eq!(api.detect(lent.url()).await.status, 200);
    assert!(!delayed.is_finished());
    delayed.abort();

    let api = api_with(Fault::Delay(Duration::from_millis(20))).await;
    assert_eq!(api.detect_named("a.png").await.status, 200);
}

#[tokio::test]
async fn any_value_may_stand_in_any_field() {
    let api = Api::start().await;
    for (at, to) in [
        ("/output", Value::Null),
        ("/output/check_pass", json!("true")),
        ("/output/face_bbox", json!([1.5, 2, 3, 4])),
        ("/output/face_bbox", json!([610, 593, 302, 286])),
        ("/output/ext_bbox", json!([0, 0, 99_999, 99_999])),
        ("/output/ext_bbox", Value::Null),
        ("/output/ext_bbox/2", json!("30")),
        ("/usage", json!("1")),
        ("/request_id", json!(7)),
        ("/code", json!("InvalidApiKey")),
        ("", json!([])),
    ] {
        api.standin.next(Fault::set(at, to.clone()));
        let answer = api.detect_named("a.png").await;
        assert_eq!(answer.json().pointer(at), Some(&to), "{at}");
        assert_eq!(answer.status, 200);
    }
    for at in [
        "/output",
        "/output/check_pass",
        "/output/face_bbox",
        "/usage",
        "/request_id",
    ] {
        api.standin.next(Fault::remove(at));
        assert_eq!(
            api.detect_named("a.png").await.json().pointer(at),
            None,
            "{at}"
        );
    }
    api.standin.next(Fault::remove("/output/face_bbox/0"));
    assert_eq!(
        api.detect_named("a.png").await.json()["output"]["face_bbox"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    // A pointer to nowhere harms nothing.
    for at in ["/nowhere/at/all", "/output/face_bbox/9", "no slash"] {
        api.standin.next(Fault::remove(at));
        assert_eq!(
            api.detect_named("a.png").await.json()["output"]["check_pass"],
            true,
            "{at}"
        );
    }
}

#[tokio::test]
async fn errors_in_other_dress() {
    let api = Api::start().await;

    api.standin
        .next(ApiError::new("Throttling").retry_after("2"));
    let answer = api.detect_named("a.png").await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("2"))
    );

    api.standin.next(Fault::error("Throttling"));
    assert_eq!(api.detect_named("a.png").await.header("retry-after"), None);

    api.standin.next(
        ApiError::new("Throttling.AllocationQuota").message("Free allocated quota exceeded."),
    );
    assert_eq!(
        api.detect_named("a.png").await.at("/message"),
        "Free allocated quota exceeded."
    );

    api.standin.next(
        ApiError::new("invalid_api_key")
            .status(400)
            .style(ErrorStyle::OpenAi),
    );
    let answer = api.detect_named("a.png").await;
    assert_eq!(
        (answer.status, answer.at("/error/code").as_str()),
        (400, "invalid_api_key")
    );

    api.standin.next(ApiError::new("BrandNew").status(99));
    assert_eq!(api.detect_named("a.png").await.status, 500);

    assert_eq!(api.standin.stats().billable, 0);
}

#[tokio::test]
async fn any_answer_at_all() {
    let api = Api::start().await;
    api.standin.next(Fault::Answer(Raw {
        status: 307,
        location: Some("http://127.0.0.1:9/elsewhere".to_owned()),
        ..Raw::default()
    }));
    let answer = api.detect_named("a.png").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, Some("http://127.0.0.1:9/elsewhere"))
    );

    api.standin.next(Fault::Answer(Raw {
        status: 200,
        ..Raw::default()
    }));
    let answer = api.detect_named("a.png").await;
    assert_eq!(
        (
            answer.status,
            answer.text.as_str(),
            answer.header("content-type")
        ),
        (200, "", None)
    );
    assert_eq!(answer.header("x-standin"), Some("made-up"));
    assert_eq!(answer.header("x-standin-origin"), Some("fault"));
    assert_eq!(api.standin.stats().billable, 0);
}

#[tokio::test]
async fn an_ordered_fault_comes_before_the_script_s() {
    let script =
        standin::Script::parse("[[image]]\nname = \"a.png\"\nfault = { error = \"Arrearage\" }")
            .unwrap();
    let api = Api::with(Standin::builder().script(script)).await;
    api.standin.next(Fault::error("SystemError"));
    let codes: Vec<String> = [
        api.detect_named("a.png").await,
        api.detect_named("a.png").await,
    ]
    .iter()
    .map(|a: &Answer| a.at("/code"))
    .collect();
    assert_eq!(codes, ["SystemError", "Arrearage"]);
}
