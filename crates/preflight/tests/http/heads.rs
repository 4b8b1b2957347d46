//! Faults before the body.

use std::time::Duration;

use preflight::http::{FetchErrorKind, FetchLimit, Phase};

use crate::support::{answer, play, png};

const HEAD_LIMIT: FetchErrorKind = FetchErrorKind::Limit(FetchLimit::Head {
    bytes: 16 * 1024,
    fields: 64,
});

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_three_seconds() {
    let trial = play(|mut peer| async move { peer.wait_for_the_end().await }).await;
    trial.assert_timed_out(Phase::Head, 3);
}

#[tokio::test(start_paused = true)]
async fn closing_at_once_is_no_rejection() {
    let trial = play(|_| async { Ok(()) }).await;
    assert_eq!(*trial.kind(), FetchErrorKind::Closed);
    assert!(trial.took.is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_dripping_head_is_cut_off_as_a_whole() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.drip(&[b'H'; 99], Duration::ZERO).await?;
        Ok(())
    })
    .await;
    assert_eq!(*trial.kind(), FetchErrorKind::BadHttp);

    let trial = play(|mut peer| async move {
        peer.request().await?;
        let head = format!("HTTP/1.1 200 OK\r\nX-Padding: {}", "x".repeat(999));
        peer.drip(head.as_bytes(), Duration::from_millis(200)).await
    })
    .await;
    trial.assert_timed_out(Phase::Head, 3);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_early_hints_ends_at_the_byte_budget() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.flood(b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>\r\n\r\n")
            .await
    })
    .await;
    let limit = 256 * 1024;
    assert_eq!(
        *trial.kind(),
        FetchErrorKind::Limit(FetchLimit::SocketBytes { limit })
    );
    assert_eq!(trial.fetched.facts.socket_bytes, limit);
    assert!(trial.server.sent() <= limit + testkit::server::WINDOW as u64);
}

#[tokio::test(start_paused = true)]
async fn a_long_head_is_refused_at_16_kib() {
    let trial = answer(format!(
        "HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n",
        "x".repeat(300_000)
    ))
    .await;
    assert_eq!(*trial.kind(), HEAD_LIMIT);
    assert!(trial.fetched.facts.socket_bytes <= 32 * 1024);
}

#[tokio::test(start_paused = true)]
async fn a_head_of_many_fields_is_refused() {
    let fields = "X-Many: 1\r\n".repeat(200);
    let trial = answer(format!("HTTP/1.1 200 OK\r\n{fields}\r\n")).await;
    assert_eq!(*trial.kind(), HEAD_LIMIT);
    let fields = "X-Many: 1\r\n".repeat(62);
    let image = png();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{fields}\r\n",
        image.len()
    );
    let trial = answer([head.as_bytes(), &image].concat()).await;
    assert_eq!(trial.header().width, 840);
}

#[tokio::test(start_paused = true)]
async fn rows_13_to_15_and_56_what_is_not_sound_http_is_called_so() {
    for (what, bytes) in [
        ("a banner", "SSH-2.0-OpenSSH_9.6\r\n"),
        ("HTTP/0.9", "<html>hello</html>\r\n\r\n"),
        ("garbage", "\0\u{1}\u{2}\r\n\r\n"),
        ("an h2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("an h2 answer", "HTTP/2.0 200 OK\r\n\r\n"),
        (
            "a negative length",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        ),
        (
            "a signed length",
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        ),
        (
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        ),
        ("a folded field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"),
        ("NUL in a field", "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"),
        (
            "a space before the colon",
            "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
        ),
        ("a status of letters", "HTTP/1.1 abc OK\r\n\r\n"),
    ] {
        let trial = answer(bytes).await;
        assert_eq!(*trial.kind(), FetchErrorKind::BadHttp, "{what}");
        assert!(
            std::error::Error::source(trial.fetched.outcome.as_ref().unwrap_err()).is_some(),
            "{what}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn bare_line_feeds_are_taken_every_time() {
    for _ in 0..3 {
        let image = png();
        let head = format!("HTTP/1.1 200 OK\nContent-Length: {}\n\n", image.len());
        let trial = answer([head.as_bytes(), &image].concat()).await;
        assert_eq!(trial.header().height, 1120);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_cut_short_is_no_rejection() {
    let trial = answer("HTTP/1.1 200 OK\r\nContent-Le").await;
    assert_eq!(*trial.kind(), FetchErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn the_request_says_what_it_must_and_nothing_more() {
    let trial = answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    let [request] = &trial.server.requests()[..] else {
        panic!("one request");
    };
    assert!(request.head().starts_with("GET /a.jpg HTTP/1.1\r\n"));
    assert_eq!(request.field("host"), Some("img.example"));
    assert_eq!(request.field("range"), Some("bytes=0-11263"));
    assert_eq!(request.field("accept-encoding"), Some("identity"));
    assert!(
        request
            .field("user-agent")
            .unwrap()
            .starts_with("preflight/")
    );
    assert_eq!(
        request
            .head()
            .lines()
            .filter(|line| line.contains(':'))
            .count(),
        5
    );
}

#[tokio::test(start_paused = true)]
async fn chunks_win_over_a_length_beside_them() {
    // RFC 9112, section 6.3: the transfer coding overrides the length.
    let image = png();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        image.len()
    );
    let trial = answer([head.as_bytes(), &image, b"\r\n0\r\n\r\n"].concat()).await;
    assert_eq!(trial.header().width, 840);
    assert_eq!(trial.fetched.facts.validators.len, None);
}
