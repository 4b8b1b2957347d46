//! Clients that do not keep to HTTP, or do not stay.

use std::time::Duration;

use standin::Fault;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Api, ok, portrait};

const PATH: &str = "/api/v1/services/aigc/image2video/face-detect";

/// Sends these bytes, says that no more will come if `ends`, and reads what is answered.
async fn send(api: &Api, bytes: &[u8], ends: bool) -> String {
    let mut stream = TcpStream::connect(api.standin.address()).await.unwrap();
    // The server may have given up before all is written.
    let _ = stream.write_all(bytes).await;
    if ends {
        let _ = stream.shutdown().await;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn requests_that_are_none() {
    let api = Api::start().await;
    let lent = api.lend("a.png");
    let body = format!(
        "{{\"model\":\"emo-detect-v1\",\"input\":{{\"image_url\":\"{}\"}},\"parameters\":{{\"ratio\":\"1:1\"}}}}",
        lent.url()
    );
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\ncontent-type: application/json\r\n"
    );
    for (what, bytes) in [
        ("nothing", String::new()),
        ("no HTTP", "\x00\x01\x02 hello\r\n\r\n".to_owned()),
        ("half a head", format!("POST {PATH} HTTP/1.1\r\nhost:")),
        (
            "half a body",
            format!(
                "{head}content-length: {}\r\n\r\n{}",
                body.len(),
                &body[..20]
            ),
        ),
        (
            "a broken chunk",
            format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"),
        ),
        (
            "a negative length",
            format!("{head}content-length: -1\r\n\r\n{body}"),
        ),
        (
            "two lengths",
            format!("{head}content-length: 1\r\ncontent-length: 2\r\n\r\n{body}"),
        ),
        (
            "an endless head",
            format!("POST {PATH} HTTP/1.1\r\nx: {}", "x".repeat(1 << 20)),
        ),
    ] {
        let answer = send(&api, bytes.as_bytes(), true).await;
        assert!(!answer.contains(" 200 "), "{what}: {answer}");
        assert_eq!(api.standin.stats().billable, 0, "{what}");
    }
    // The same head and body, whole, are a request.
    let whole = format!(
        "{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(
        send(&api, whole.as_bytes(), false)
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
}

/// Found when a caller's timeout made the stand-in count less than the service would charge: a
/// server drops its handler when the connection closes, unless the work has a life of its own.
#[tokio::test]
async fn a_caller_that_leaves_is_charged_all_the_same() {
    let api = Api::start().await;
    let host = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.png", host.local_addr().unwrap());
    let call = tokio::spawn(api.request(&url).send());
    // The whole request is read, since the image is asked for.
    let (mut stream, _) = host.accept().await.unwrap();
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    stream.write_all(&ok(&portrait())).await.unwrap();
    api.standin.settled().await;
    assert_eq!(api.standin.stats().billable, 1);
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_hold_up_the_end() {
    let api = Api::start().await;
    let lent = api.lend("a.png");
    api.standin.next(Fault::Delay(Duration::from_secs(3600)));
    let call = tokio::spawn(api.request(lent.url()).send());
    api.arrived(1).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    tokio::time::timeout(Duration::from_secs(60), api.standin.shut_down())
        .await
        .unwrap()
        .unwrap();
}
