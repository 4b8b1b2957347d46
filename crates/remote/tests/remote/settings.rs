//! What a client can be told about the network, and what it refuses to be told.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use remote::{
    ApiKey, CertificateDer, Charge, Client, ClientBuilder, ConfigError, ErrorKind, Proxy, Ratio,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::pace::TlsServer;
use crate::server::{KEY, Server, image, json};

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[1,2,3,4],"ext_bbox":[0,0,5,5]},"usage":{"image_count":1}}"#;

fn builder() -> ClientBuilder {
    Client::builder(ApiKey::new(KEY).unwrap())
}

#[test]
fn settings_that_cannot_be_right_are_refused_and_not_clamped() {
    let tries = |n| NonZeroU32::new(n).unwrap();
    for (builder, words) in [
        (
            builder().timeout(Duration::ZERO),
            "timeout of 1 ms to 1 day, but found 0ns",
        ),
        (builder().timeout(Duration::MAX), "timeout of 1 ms to 1 day"),
        (builder().connect_timeout(Duration::ZERO), "connect timeout"),
        (
            builder().tries(tries(11)),
            "number of tries of 1 to 10, but found 11",
        ),
        (
            builder().max_concurrent(NonZeroUsize::MAX),
            "concurrent calls",
        ),
        (builder().user_agent("a\nb"), "user agent"),
        (builder().model("emo-v1"), "video model emo-v1"),
        (
            builder().model("liveportrait-detect"),
            "liveportrait-detect",
        ),
        (builder().model(" "), "blanks"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.to_string().contains(words), "{words} in {error}");
        assert!(!format!("{error:?}").contains(KEY));
    }
    let garbage = CertificateDer::from(b"no certificate".to_vec());
    let error = builder().tls_certs_merge([garbage]).build().unwrap_err();
    assert!(matches!(error, ConfigError::Tls(_)), "{error:?}");
}

#[test]
fn settings_at_their_bounds_are_taken() {
    let day = Duration::from_secs(86_400);
    let millisecond = Duration::from_millis(1);
    let permits = NonZeroUsize::new(usize::MAX >> 3).unwrap();
    for builder in [
        builder().timeout(day),
        builder().timeout(millisecond),
        builder().connect_timeout(day),
        builder().tries(NonZeroU32::new(10).unwrap()),
        builder().max_concurrent(permits),
    ] {
        builder.build().unwrap();
    }
    for builder in [
        builder().timeout(day + millisecond),
        builder().max_concurrent(permits.saturating_add(1)),
    ] {
        builder.build().unwrap_err();
    }
}

/// A container without certificates: nobody can be known there, and loopback needs nobody to be known.
#[cfg(target_os = "linux")]
#[test]
fn without_certificates_there_is_a_client_for_loopback_only() {
    const BARE: &str = "REMOTE_TEST_WITHOUT_CERTIFICATES";
    if std::env::var_os(BARE).is_none() {
        let nothing = tempfile::tempdir().unwrap();
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "settings::without_certificates_there_is_a_client_for_loopback_only",
                "--exact",
            ])
            .env(BARE, "1")
            .env("SSL_CERT_FILE", nothing.path().join("none.pem"))
            .env("SSL_CERT_DIR", nothing.path())
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&again.stdout);
        assert!(
            again.status.success() && stdout.contains("1 passed"),
            "{stdout}"
        );
        return;
    }
    let plain = "http://127.0.0.1:9/api/v1".parse().unwrap();
    builder().base_url(plain).build().unwrap();
    let error = builder().build().unwrap_err();
    assert!(matches!(error, ConfigError::Tls(_)), "{error:?}");
}

/// A path that a URL may have and a request may not.
#[tokio::test]
async fn a_request_that_cannot_be_made_is_refused_and_costs_nothing() {
    let service = Server::start([json(200, PASS)]).await;
    let base = format!("http://127.0.0.1:{}/{}", service.port, "x".repeat(70_000));
    let client = service.builder().base_url(base.parse().unwrap()).build();
    let error = client.unwrap().detect(&image(), Ratio::Square).await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), error.attempts(), error.sent()),
        (ErrorKind::RequestRefused, Charge::No, 1, 0),
        "{error}"
    );
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(service.connections(), 0);
}

/// Answers each request on a connection, and keeps it. The number of requests on each.
async fn keeping_server() -> (u16, Arc<Mutex<Vec<usize>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = Arc::<Mutex<Vec<usize>>>::default();
    let counts = Arc::clone(&served);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counts = Arc::clone(&counts);
            let number = {
                let mut counts = counts.lock().unwrap();
                counts.push(0);
                counts.len() - 1
            };
            tokio::spawn(async move {
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{PASS}",
                    PASS.len()
                );
                let mut seen = Vec::new();
                while stream.read_buf(&mut seen).await.unwrap_or_default() > 0 {
                    // The end of a check's body.
                    if seen.ends_with(b"}}") {
                        seen.clear();
                        *counts.lock().unwrap().get_mut(number).unwrap() += 1;
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                }
            });
        }
    });
    (port, served)
}

#[tokio::test]
async fn connections_are_kept_without_a_pace_and_each_is_its_requests_own_with_one() {
    let fast = NonZeroU32::new(1_000).unwrap();
    for (builder, expected) in [
        (builder().unpaced(), &[3][..]),
        (builder().requests_per_second(fast), &[1, 1, 1]),
    ] {
        let (port, served) = keeping_server().await;
        let base = format!("http://127.0.0.1:{port}/api/v1").parse().unwrap();
        let client = builder.base_url(base).build().unwrap();
        for _ in 0..3 {
            client.detect(&image(), Ratio::Square).await.unwrap();
        }
        assert_eq!(*served.lock().unwrap(), expected);
    }
}

#[tokio::test]
async fn a_root_of_ones_own_is_trusted_only_when_given() {
    let server = TlsServer::start(Duration::ZERO, 0).await;
    let client = |builder: ClientBuilder| builder.base_url(server.base.clone()).build().unwrap();
    let trusting = client(builder().tls_certs_merge([server.certificate.clone()]));
    trusting.detect(&image(), Ratio::Square).await.unwrap();
    let wary = client(builder().tries(NonZeroU32::MIN));
    let error = wary.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Unreachable, 0),
        "{error}"
    );
}

#[tokio::test]
async fn a_proxy_is_used_outwards_and_never_for_loopback() {
    let proxy = Server::start([json(403, "")]).await;
    let through = Proxy::all(format!("http://127.0.0.1:{}", proxy.port)).unwrap();
    let outward = builder()
        .proxy(through.clone())
        .tries(NonZeroU32::MIN)
        .build()
        .unwrap();
    let error = outward.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Unreachable, 0),
        "{error}"
    );
    let asked = proxy.requests().remove(0);
    assert!(
        asked.starts_with("CONNECT dashscope.aliyuncs.com:443 "),
        "{asked}"
    );
    assert!(!asked.contains(KEY), "{asked}");
    let service = Server::start([json(200, PASS)]).await;
    let inward = service.builder().proxy(through).build().unwrap();
    inward.detect(&image(), Ratio::Square).await.unwrap();
    assert_eq!(proxy.requests().len(), 1);
}

#[tokio::test]
async fn the_connect_timeout_and_the_user_agent_are_those_given() {
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/api/v1", mute.local_addr().unwrap());
    let client = builder()
        .base_url(base.parse().unwrap())
        .connect_timeout(Duration::from_millis(100))
        .tries(NonZeroU32::MIN)
        .build()
        .unwrap();
    let start = std::time::Instant::now();
    let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Unreachable, 0),
        "{error}"
    );
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    let service = Server::start([json(200, PASS)]).await;
    let client = service.builder().user_agent("mine/1").build().unwrap();
    client.detect(&image(), Ratio::Square).await.unwrap();
    assert!(
        service.requests()[0]
            .to_lowercase()
            .contains("user-agent: mine/1\r\n")
    );
}
