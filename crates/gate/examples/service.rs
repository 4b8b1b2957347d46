//! A service that takes portraits, pays for a verdict only where one can come of it, and answers
//! with what the video call wants.
//!
//! ```text
//! export DASHSCOPE_API_KEY=sk-...     # or, to try it without a key, the stand-in:
//! # cargo run -p preflight-emo-standin -- --port 8787 &
//! # export DASHSCOPE_API_KEY=sk-standin DASHSCOPE_HTTP_BASE_URL=http://127.0.0.1:8787/api/v1
//! cargo run -p preflight-emo-gate --all-features --example service
//! curl --data-binary @portrait.jpg http://127.0.0.1:8080/portraits
//! curl --json '{"url": "https://cdn.example.com/portrait.jpg"}' http://127.0.0.1:8080/portraits/by-url
//! ```

use std::error::Error;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use gate::{
    Advice, Bytes, Client, DailyBudget, Detector, Gate, Outcome, Profile, Publication, Ratio,
    Report, UploadFor,
};
use serde::Deserialize;
use tokio::net::TcpListener;

/// The longest upload. The documents of emo's siblings stop at 10 MB.
const MAX_UPLOAD: usize = 10_000_000;

/// Paid requests a day: CNY 4 at the documented price.
const REQUESTS_A_DAY: u64 = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let detector = Detector::builder(Client::from_env()?)
        .allowance(Arc::new(DailyBudget::new(REQUESTS_A_DAY)))
        .build();
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, service(detector)).await?;
    Ok(())
}

/// What all requests share: the gate with its fetcher, and the detector with its allowance and what
/// it knows.
#[derive(Clone)]
struct Portraits {
    gate: Gate,
    detector: Detector,
}

fn service(detector: Detector) -> Router {
    let gate = Gate::builder(Profile::emo()).build();
    Router::new()
        .route("/portraits", post(of_upload))
        .route("/portraits/by-url", post(of_url))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD))
        .with_state(Portraits { gate, detector })
}

type Answer = (StatusCode, HeaderMap, Json<Report>);

/// The image is uploaded for the video model, so that a pass can be handed over as it is. A service
/// with a bucket of its own puts the bytes there instead, and gives `Publication::Vouched`.
async fn of_upload(State(portraits): State<Portraits>, upload: Bytes) -> Answer {
    let Portraits { gate, detector } = portraits;
    let report = gate
        .admit_bytes(&detector, upload, Ratio::Square, async || {
            Publication::Upload(UploadFor::Video)
        })
        .await;
    answer(report)
}

#[derive(Deserialize)]
struct ByUrl {
    url: String,
}

/// Dropped where the client leaves: the fetch ends with it.
async fn of_url(State(portraits): State<Portraits>, Json(ByUrl { url }): Json<ByUrl>) -> Answer {
    let Portraits { gate, detector } = portraits;
    answer(gate.admit_url(&detector, &url, Ratio::Square).await)
}

/// Another image is for the client to bring. Where nothing could be found out, the image is not to
/// blame: it may be worth another try, or it is ours to mend, which a service logs and alarms about.
fn answer(report: Report) -> Answer {
    let mut headers = HeaderMap::new();
    let status = match report.advice() {
        Advice::Nothing if report.outcome() == Outcome::Skip => StatusCode::UNPROCESSABLE_ENTITY,
        Advice::Nothing => StatusCode::OK,
        Advice::Replace => StatusCode::UNPROCESSABLE_ENTITY,
        Advice::AskAgain { after, .. } => {
            if let Some(after) = after {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
            }
            StatusCode::SERVICE_UNAVAILABLE
        }
        Advice::FixSetup | Advice::Stop => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, headers, Json(report))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use gate::{ApiKey, BaseUrl};
    use serde_json::{Value, json};
    use standin::{Fault, Standin};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// Our service, and the stand-in that it asks.
    struct World {
        standin: Standin,
        service: SocketAddr,
    }

    impl World {
        async fn start() -> Self {
            let standin = Standin::builder().start().await.unwrap();
            let client = Client::builder(ApiKey::new(standin.key()).unwrap())
                .base_url(BaseUrl::parse(&standin.base_url()).unwrap())
                .unpaced()
                .build()
                .unwrap();
            let detector = Detector::builder(client).build();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let service = listener.local_addr().unwrap();
            tokio::spawn(async { axum::serve(listener, super::service(detector)).await });
            Self { standin, service }
        }

        async fn upload(&self, bytes: &[u8]) -> (u16, Value) {
            let (status, body) = send(self.service, "/portraits", "image/png", "", bytes).await;
            (status, serde_json::from_str(&body).unwrap())
        }

        async fn url(&self, content_type: &str, body: &str) -> (u16, String) {
            let body = body.as_bytes();
            send(self.service, "/portraits/by-url", content_type, "", body).await
        }

        /// Generates a video from what our service answered.
        async fn generate(&self, handoff: &Value) -> (u16, Value) {
            let mut input = handoff["input"].clone();
            input["audio_url"] = json!("https://example.com/voice.mp3");
            let body = json!({
                "model": "emo-v1",
                "input": input,
                "parameters": {"style_level": "normal"},
            });
            let mut headers = format!(
                "Authorization: Bearer {}\r\nX-DashScope-Async: enable\r\n",
                self.standin.key()
            );
            for (name, value) in handoff["headers"].as_object().unwrap() {
                headers.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
            }
            let path = "/api/v1/services/aigc/image2video/video-synthesis";
            let body = body.to_string();
            let (status, answer) = send(
                self.standin.address(),
                path,
                "application/json",
                &headers,
                body.as_bytes(),
            )
            .await;
            (status, serde_json::from_str(&answer).unwrap())
        }
    }

    /// Sends one request, and gives the status and the body of the answer.
    async fn send(
        to: SocketAddr,
        path: &str,
        content_type: &str,
        headers: &str,
        body: &[u8],
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(to).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The service may answer before it has read all of a body that is too long.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    fn portrait() -> Vec<u8> {
        std::fs::read(testkit::manifest::folder().join("gallery/anna.jpg")).unwrap()
    }

    #[tokio::test]
    async fn an_upload_becomes_a_video_call_and_the_same_again_costs_nothing() {
        let world = World::start().await;
        for cached in [false, true] {
            let (status, report) = world.upload(&portrait()).await;
            assert_eq!(
                (status, &report["outcome"]),
                (200, &json!("pass")),
                "{report}"
            );
            assert_eq!(report["remote"]["cached"], cached);
            let (status, task) = world.generate(&report["handoff"]).await;
            assert_eq!(
                (status, &task["output"]["task_status"]),
                (200, &json!("PENDING")),
                "{task}"
            );
        }
        assert_eq!(world.standin.stats().billable, 1);
        assert_eq!(world.standin.stats().videos_accepted, 2);
    }

    #[tokio::test]
    async fn what_its_header_condemns_is_never_paid_for() {
        let world = World::start().await;
        let small = testkit::Png::new()
            .ihdr(testkit::Ihdr::new(399, 500))
            .iend();
        for (bytes, code) in [(small.build(), "PF202"), (Vec::new(), "PF003")] {
            let (status, report) = world.upload(&bytes).await;
            assert_eq!(
                (status, &report["findings"][0]["code"]),
                (422, &json!(code))
            );
            assert!(report["findings"][0]["help"].is_string(), "{report}");
        }
        assert_eq!(world.standin.stats().face_detect, 0);
    }

    #[tokio::test]
    async fn who_can_put_it_right_is_told_by_the_status() {
        for (fault, status, code) in [
            (Fault::error("InvalidFile.NoHuman"), 422, "PF401"),
            (Fault::error("Arrearage"), 503, "PF502"),
            (Fault::gateway(504, true), 503, "PF505"),
        ] {
            let world = World::start().await;
            world.standin.next(fault.clone());
            // The first request is free: the stand-in's detector reads no upload for the video
            // model.
            let (answered, report) = world.upload(&portrait()).await;
            let found = &report["findings"][0]["code"];
            assert_eq!(
                (answered, found),
                (status, &json!(code)),
                "{fault:?}: {report}"
            );
        }
    }

    #[tokio::test]
    async fn a_request_without_a_url_is_answered_without_a_report() {
        let world = World::start().await;
        let url = r#"{"url": "https://cdn.example.com/portrait.jpg"}"#;
        for (content_type, body, expected) in [
            ("application/json", r#"{"uri": "a slip"}"#, 422),
            ("application/json", "{", 400),
            ("text/plain", url, 415),
        ] {
            let (status, answer) = world.url(content_type, body).await;
            assert_eq!(status, expected, "{body}: {answer}");
            assert!(!answer.starts_with('{'), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_address_that_only_the_service_can_look_at_is_skipped() {
        let world = World::start().await;
        let body = r#"{"url": "oss://bucket/portrait.jpg"}"#;
        let (status, report) = world.url("application/json", body).await;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!((status, &report["outcome"]), (422, &json!("skip")));
        assert!(report["reason"].is_string(), "{report}");
    }

    #[tokio::test]
    async fn an_upload_that_is_too_long_is_refused() {
        let world = World::start().await;
        let body = vec![0; MAX_UPLOAD + 1];
        let (status, _) = send(world.service, "/portraits", "image/png", "", &body).await;
        assert_eq!(status, 413);
    }

    #[tokio::test]
    async fn a_url_into_our_own_network_is_not_fetched() {
        let world = World::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/secret.png", listener.local_addr().unwrap());
        let body = json!({ "url": url }).to_string();
        let (status, body) = world.url("application/json", &body).await;
        let report: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, &report["findings"][0]["code"]),
            (422, &json!("PF007"))
        );
        let accepted = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
        assert!(accepted.is_err(), "it was dialled");
    }
}
