//! What networks and gateways do: how far the request got, and what that means for the bill.

use std::time::Duration;

use remote::{
    ApiKey, BaseUrl, Budget, Charge, Client, ErrorKind, Pending, Ratio, RequestBudget, Retry, Veto,
};

use crate::server::{Act, KEY, Server, http, image, json};

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[1,2,3,4],"ext_bbox":[0,0,5,5]},"usage":{"image_count":1}}"#;

#[tokio::test]
async fn a_request_that_arrived_whole_and_was_not_answered_may_be_charged_and_is_not_repeated() {
    let long = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n";
    for act in [
        Act::Answer(Vec::new()),
        Act::Answer(b"HTTP/1.1 200".to_vec()),
        Act::Answer(b"not http at all\r\n\r\n".to_vec()),
        Act::Answer(format!("{long}{}", &PASS[..PASS.len() - 1]).into_bytes()),
        Act::Answer(http(200, "", "")),
        Act::Answer(http(200, "content-type: text/plain\r\n", "<200>")),
        Act::Answer(http(200, "", &PASS[..PASS.len() - 1])),
        Act::Answer(http(502, "", "<html>Bad Gateway</html>")),
        Act::Answer(http(504, "", "<html>Gateway Time-out</html>")),
        Act::Answer(http(504, "", r#"{"code":"GatewayTimeout","message":""}"#)),
        Act::Answer(http(
            200,
            "",
            &format!("{{\"a\":\"{}\"}}", "x".repeat(70_000)),
        )),
    ] {
        let server = Server::start([act.clone()]).await;
        let error = server.ask().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge(), error.retry()),
            (ErrorKind::OutcomeUnknown, Charge::Unknown, Retry::Forbidden),
            "{act:?}: {error}"
        );
        assert_eq!(
            (server.requests().len(), error.sent(), error.attempts()),
            (1, 1, 1),
            "{act:?}"
        );
    }
}

#[tokio::test]
async fn silence_and_dripping_end_with_the_calls_time() {
    let endless_body = b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n{\"a\":".to_vec();
    for (act, said) in [
        (Act::Hang(Vec::new()), "no answer in time"),
        (Act::Hang(endless_body), "did not end in time"),
        (
            Act::Drip(b"HTTP/1.1 200 OK\r\n".to_vec()),
            "no answer in time",
        ),
    ] {
        let server = Server::start([act.clone()]).await;
        let client = server
            .builder()
            .timeout(Duration::from_millis(400))
            .build()
            .unwrap();
        let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge()),
            (ErrorKind::OutcomeUnknown, Charge::Unknown),
            "{act:?}"
        );
        assert!(error.to_string().contains(said), "{act:?}: {error}");
        assert_eq!(server.requests().len(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let endless = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        .iter()
        .copied();
    let chunks = std::iter::repeat_n(*b"400\r\n", 1)
        .flatten()
        .chain(std::iter::repeat_n(b'x', 1024))
        .chain(*b"\r\n");
    let bytes = endless
        .chain(chunks.collect::<Vec<_>>().repeat(200))
        .collect();
    let server = Server::start([Act::Hang(bytes)]).await;
    let error = server.ask().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::OutcomeUnknown, Some(200))
    );
    assert!(
        error
            .to_string()
            .contains("expected a body of at most 65536 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_gateways_500_and_503_may_be_charged_and_are_not_repeated() {
    for status in [500, 503] {
        for body in ["", "<html>", r#"{"message":"no code"}"#, "[]", "null"] {
            let server = Server::start([json(status, body)]).await;
            let error = server.ask().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.charge()),
                (ErrorKind::ServiceFailed, Charge::Unknown),
                "{status} {body}: {error}"
            );
            assert_eq!(
                (error.retry(), server.requests().len()),
                (Retry::Forbidden, 1)
            );
        }
    }
}

#[tokio::test]
async fn what_never_left_is_not_charged_is_repeated_and_is_given_back() {
    // A port that nobody listens on any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // A port behind which somebody speaks no TLS.
    let deaf = Server::start([Act::CloseAtOnce]).await;
    for base in [
        format!("http://127.0.0.1:{port}/api/v1"),
        format!("https://127.0.0.1:{}/api/v1", deaf.port),
    ] {
        let client = Client::builder(ApiKey::new(KEY).unwrap())
            .base_url(BaseUrl::parse(&base).unwrap())
            .build()
            .unwrap();
        let budget = Budget::new(1);
        let error = client
            .detect_with(&image(), Ratio::Square, &budget)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.charge()),
            (ErrorKind::Unreachable, Charge::No),
            "{base}: {error}"
        );
        assert_eq!(
            (error.attempts(), error.sent(), budget.spent()),
            (3, 0, 0),
            "{base}"
        );
        assert!(std::error::Error::source(&error).is_some());
    }
    assert_eq!((deaf.connections(), deaf.requests().len()), (3, 0));
}

#[tokio::test]
async fn a_handshake_that_never_ends_has_sent_nothing() {
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/api/v1", mute.local_addr().unwrap());
    let builder =
        Client::builder(ApiKey::new(KEY).unwrap()).base_url(BaseUrl::parse(&base).unwrap());
    let client = builder.timeout(Duration::from_millis(300)).build().unwrap();
    let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), error.sent()),
        (ErrorKind::Unreachable, Charge::No, 0),
        "{error}"
    );
    assert!(
        error.to_string().contains("no connection in time"),
        "{error}"
    );
}

/// The statement that money rests on, under every way to end a connection early.
#[tokio::test]
async fn whoever_says_not_charged_has_not_been_heard() {
    for act in [
        Act::CloseAtOnce,
        Act::CloseAfterHead,
        Act::Answer(Vec::new()),
    ] {
        for _ in 0..20 {
            let server = Server::start([act.clone()]).await;
            let budget = Budget::new(1);
            // Too short for a second try, which would only make the test slow.
            let client = server
                .builder()
                .timeout(Duration::from_millis(450))
                .build()
                .unwrap();
            let error = client
                .detect_with(&image(), Ratio::Square, &budget)
                .await
                .unwrap_err();
            if error.charge() == Charge::No {
                assert_eq!(
                    (server.requests().len(), budget.spent()),
                    (0, 0),
                    "{act:?}: {error}"
                );
            } else {
                assert_eq!(
                    (error.retry(), budget.spent()),
                    (Retry::Forbidden, 1),
                    "{act:?}: {error}"
                );
            }
            assert!(server.requests().len() <= 1);
        }
    }
}

#[tokio::test]
async fn a_throttle_that_passes_is_waited_out() {
    let throttled = http(
        429,
        "retry-after: 1\r\n",
        r#"{"code":"Throttling","message":"slow down"}"#,
    );
    let server = Server::start([Act::Answer(throttled), json(200, PASS)]).await;
    let budget = Budget::new(5);
    let detection = server
        .client()
        .detect_with(&image(), Ratio::Square, &budget)
        .await
        .unwrap();
    assert_eq!(
        (detection.attempts, detection.sent, detection.charge),
        (2, 2, Charge::Yes)
    );
    assert_eq!((server.requests().len(), budget.spent()), (2, 2));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_key_stays() {
    let elsewhere = Server::start([json(200, PASS)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: http://127.0.0.1:{}/api/v1/x\r\n", elsewhere.port);
        let server = Server::start([Act::Answer(http(status, &location, ""))]).await;
        let error = server.ask().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge(), error.http_status()),
            (ErrorKind::NotTheApi, Charge::No, Some(status))
        );
        assert!(error.to_string().contains("redirect"), "{error}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

/// A connection that the server closed while it lay idle must not cost a call.
#[tokio::test]
async fn calls_one_after_another_survive_a_server_that_closes_each_time() {
    let keep_alive = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{PASS}",
        PASS.len()
    )
    .into_bytes();
    let server = Server::start([Act::Answer(keep_alive)]).await;
    let client = server.client();
    for _ in 0..20 {
        client.detect(&image(), Ratio::Square).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.requests().len(), 20);
}

#[tokio::test]
async fn a_veto_sends_nothing() {
    struct Never;
    impl RequestBudget for Never {
        fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
            Box::pin(async { Err(Veto::new("never")) })
        }
    }
    let server = Server::start([json(200, PASS)]).await;
    let error = server
        .client()
        .detect_with(&image(), Ratio::Square, &Never)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), server.connections()),
        (ErrorKind::Vetoed, 0, 0)
    );
}
