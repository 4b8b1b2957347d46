//! Statuses, and what stores say about them.

use std::time::Duration;

use preflight::http::FetchErrorKind;

use crate::support::{Trial, answer, play};

async fn status(status: &str, fields: &str, body: &str) -> Trial {
    let length = body.len();
    answer(format!(
        "HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
    ))
    .await
}

fn shown(trial: &Trial) -> (String, bool) {
    let error = trial
        .fetched
        .outcome
        .as_ref()
        .expect_err("nothing was seen");
    (error.to_string(), error.is_final())
}

#[tokio::test(start_paused = true)]
async fn rows_39_41_and_42_each_status_is_named_and_only_some_reject() {
    for (line, body, text, is_final) in [
        ("404 Not Found", "", "404 Not Found", true),
        ("410 Gone", "", "410 Gone", true),
        ("401 Unauthorized", "", "401 Unauthorized", false),
        ("403 Forbidden", "", "403 Forbidden", false),
        (
            "403 Forbidden",
            "{\"error\":\"no\"}",
            "403 Forbidden",
            false,
        ),
        (
            "403 Forbidden",
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            "403 Forbidden (AccessDenied, the signature has expired)",
            true,
        ),
        (
            "403 Forbidden",
            "<Error><Code>SignatureDoesNotMatch</Code></Error>",
            "403 Forbidden (SignatureDoesNotMatch)",
            false,
        ),
        (
            "400 Bad Request",
            "<Error><Code>ExpiredToken</Code></Error>",
            "400 Bad Request (ExpiredToken)",
            true,
        ),
        (
            "500 Internal Server Error",
            "",
            "500 Internal Server Error",
            false,
        ),
        ("204 No Content", "", "204 No Content", false),
        ("304 Not Modified", "", "304 Not Modified", false),
        ("300 Multiple Choices", "", "300 Multiple Choices", false),
        ("299 Whatever", "", "299", false),
        (
            "101 Switching Protocols",
            "",
            "101 Switching Protocols",
            false,
        ),
    ] {
        let trial = status(line, "", body).await;
        assert_eq!(shown(&trial), (text.to_owned(), is_final), "{line}");
        assert_eq!(trial.server.requests().len(), 1, "{line}");
        assert_eq!(
            trial.fetched.facts.status.map(|s| s.to_string()),
            line.split(' ').next().map(str::to_owned)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_error_page_little_is_read() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(b"HTTP/1.1 403 Forbidden\r\n\r\n").await?;
        peer.flood(&[b' '; 256]).await
    })
    .await;
    assert!(matches!(
        trial.kind(),
        FetchErrorKind::Status { status: 403, .. }
    ));
    assert!(trial.fetched.facts.body_bytes < 2_048 + 16_384);
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_stalls_is_still_that_error() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n<")
            .await?;
        peer.wait_for_the_end().await
    })
    .await;
    assert_eq!(shown(&trial), ("404 Not Found".to_owned(), true));
    assert_eq!(trial.took, Duration::from_secs(2));
}

/// Two kilobytes are enough to find a store's code in: no more are waited for.
#[tokio::test(start_paused = true)]
async fn an_error_whose_start_has_come_is_not_waited_for() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 99999\r\n\r\n")
            .await?;
        peer.send(&[b' '; 2_048]).await?;
        peer.wait_for_the_end().await
    })
    .await;
    assert_eq!(shown(&trial), ("404 Not Found".to_owned(), true));
    assert!(trial.took.is_zero(), "{:?}", trial.took);
}

/// S3 answers so for a bucket of another region: 301, the region in a field, and no way there.
#[tokio::test(start_paused = true)]
async fn a_bucket_elsewhere_is_told_with_its_region() {
    let region = "x-amz-bucket-region: eu-west-3\r\n";
    let code = "<Error><Code>PermanentRedirect</Code></Error>";
    let trial = status("301 Moved Permanently", region, code).await;
    let FetchErrorKind::Status {
        status: 301, store, ..
    } = trial.kind()
    else {
        panic!("{:?}", trial.kind());
    };
    assert_eq!(store.as_ref().unwrap().home(), Some("eu-west-3"));

    // With a way, it is a redirect as any other.
    let fields = format!("{region}Location: http://img.example/a.jpg\r\n");
    let trial = status("301 Moved Permanently", &fields, "").await;
    assert!(matches!(
        trial.kind(),
        FetchErrorKind::RedirectLoop {
            wants_cookie: false
        }
    ));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_told_and_not_waited_for() {
    for (fields, seconds) in [
        ("Retry-After: 120\r\n", Some(120)),
        ("Retry-After: soon\r\n", None),
        ("", None),
    ] {
        let trial = status("429 Too Many Requests", fields, "").await;
        let FetchErrorKind::Status {
            status: 429,
            retry_after,
            ..
        } = trial.kind()
        else {
            panic!("{:?}", trial.kind());
        };
        assert_eq!(*retry_after, seconds.map(Duration::from_secs));
        assert!(trial.took.is_zero());
    }
}

#[tokio::test(start_paused = true)]
async fn no_credentials_are_offered() {
    let trial = status(
        "401 Unauthorized",
        "WWW-Authenticate: Basic realm=x\r\n",
        "",
    )
    .await;
    assert_eq!(trial.server.requests().len(), 1);
    assert_eq!(trial.server.requests()[0].field("authorization"), None);
}

#[tokio::test(start_paused = true)]
async fn a_challenge_in_front_of_a_403_is_called_so() {
    let trial = status("403 Forbidden", "cf-mitigated: challenge\r\n", "").await;
    assert_eq!(*trial.kind(), FetchErrorKind::BotChallenge);
}
