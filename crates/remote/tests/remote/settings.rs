//! What a client can be told about the network, and what it refuses to be told.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use remote::{ApiKey, CertificateDer, Client, ClientBuilder, ConfigError, ErrorKind, Proxy, Ratio};

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
