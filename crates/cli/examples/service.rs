//! A service that screens uploads and URLs before anything is paid for.
//!
//! ```text
//! cargo run -p preflight-cli --example service
//! curl --data-binary @portrait.jpg http://127.0.0.1:8080/portraits
//! curl --json '{"url": "https://cdn.example.com/portrait.jpg"}' http://127.0.0.1:8080/portraits/by-url
//! ```

use std::error::Error;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use gate::{Gate, Outcome, Report};
use preflight::Profile;
use serde::Deserialize;
use tokio::net::TcpListener;

/// The longest upload. The documents of emo's siblings stop at 10 MB.
const MAX_UPLOAD: usize = 10_000_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, service(Profile::emo())).await?;
    Ok(())
}

/// The routes. All requests share one gate, and with it the fetcher and its limits.
fn service(profile: Profile) -> Router {
    Router::new()
        .route("/portraits", post(screen_upload))
        .route("/portraits/by-url", post(screen_url))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD))
        .with_state(Gate::builder(profile).build())
}

/// A header takes microseconds, so there is no thread to move it to. With `decode` there would be:
/// `tokio::task::spawn_blocking`.
async fn screen_upload(State(gate): State<Gate>, upload: Bytes) -> (StatusCode, Json<Report>) {
    answer(gate.screen_bytes(&upload))
}

#[derive(Deserialize)]
struct ByUrl {
    url: String,
}

/// Dropped where the client leaves: the fetch ends with it.
async fn screen_url(
    State(gate): State<Gate>,
    Json(ByUrl { url }): Json<ByUrl>,
) -> (StatusCode, Json<Report>) {
    answer(gate.screen_url(&url).await)
}

/// A rejection is the client's to put right. What could not be found out is no fault of the image, and
/// may be worth another try: the findings say so.
fn answer(report: Report) -> (StatusCode, Json<Report>) {
    let status = match report.outcome() {
        Outcome::Pass => StatusCode::OK,
        Outcome::Reject | Outcome::Skip => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::Unknown => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(report))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// Sends one request, and gives the status and the body of the answer.
    async fn ask(path: &str, content_type: &str, body: &[u8]) -> (u16, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, service(Profile::emo())).await });
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
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

    async fn upload(bytes: &[u8]) -> (u16, Value) {
        let (status, body) = ask("/portraits", "image/png", bytes).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    fn png(width: u32) -> Vec<u8> {
        testkit::Png::new()
            .ihdr(testkit::Ihdr::new(width, 500))
            .iend()
            .build()
    }

    #[tokio::test]
    async fn an_upload_is_judged_by_its_header() {
        let (status, report) = upload(&png(500)).await;
        assert_eq!((status, &report["outcome"]), (200, &json!("pass")));
        let (status, report) = upload(&png(399)).await;
        assert_eq!(
            (status, &report["findings"][0]["code"]),
            (422, &json!("PF202"))
        );
        let (status, report) = upload(b"").await;
        assert_eq!(
            (status, &report["findings"][0]["code"]),
            (422, &json!("PF003"))
        );
    }

    #[tokio::test]
    async fn a_request_without_a_url_is_answered_without_a_report() {
        let url = r#"{"url": "https://cdn.example.com/portrait.jpg"}"#;
        for (content_type, body, expected) in [
            ("application/json", r#"{"uri": "a slip"}"#, 422),
            ("application/json", "{", 400),
            ("text/plain", url, 415),
        ] {
            let (status, answer) = ask("/portraits/by-url", content_type, body.as_bytes()).await;
            assert_eq!(status, expected, "{body}: {answer}");
            assert!(!answer.starts_with('{'), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_address_that_only_the_service_can_look_at_is_skipped() {
        let body = br#"{"url": "oss://bucket/portrait.jpg"}"#;
        let (status, report) = ask("/portraits/by-url", "application/json", body).await;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!((status, &report["outcome"]), (422, &json!("skip")));
        assert!(report["reason"].is_string(), "{report}");
    }

    #[tokio::test]
    async fn an_upload_that_is_too_long_is_refused() {
        let (status, _) = ask("/portraits", "image/png", &vec![0; MAX_UPLOAD + 1]).await;
        assert_eq!(status, 413);
    }

    #[tokio::test]
    async fn a_url_into_our_own_network_is_not_fetched() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/secret.png", listener.local_addr().unwrap());
        let body = json!({ "url": url }).to_string();
        let (status, body) = ask("/portraits/by-url", "application/json", body.as_bytes()).await;
        let report: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, &report["findings"][0]["code"]),
            (503, &json!("PF007"))
        );
        let accepted = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
        assert!(accepted.is_err(), "it was dialled");
    }
}
