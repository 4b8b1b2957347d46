//! What is tried again: what may pass, a few times, within the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use preflight::http::{FetchErrorKind, Fetched};
use testkit::server::{Server, whole};
use tokio::time::Instant;

use crate::support::{ADDRESS, Fetchers, Station, URL, World, look, png};

/// A server that gives these answers, one a connection, and then the image.
fn answering(answers: &[&str]) -> Server {
    let answers: Arc<Vec<Vec<u8>>> =
        Arc::new(answers.iter().map(|a| a.as_bytes().to_vec()).collect());
    let count = Arc::new(AtomicUsize::new(0));
    Server::new(move |mut peer| {
        let (answers, count) = (Arc::clone(&answers), Arc::clone(&count));
        async move {
            peer.request().await?;
            let n = count.fetch_add(1, Ordering::Relaxed);
            match answers.get(n) {
                Some(answer) => peer.send(answer).await,
                None => peer.send(&whole(&png())).await,
            }
        }
    })
}

fn status(line: &str, fields: &str) -> String {
    format!("HTTP/1.1 {line}\r\n{fields}Content-Length: 0\r\n\r\n")
}

/// What a fetch with so many retries came to, and how long it took.
async fn fetch(server: &Server, retries: u32) -> (Fetched, Duration) {
    let world = World::default().server("img.example", ADDRESS, server);
    let fetcher = world.builder().retries(retries).build().unwrap();
    let start = Instant::now();
    let fetched = look(&fetcher, URL).await;
    (fetched, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again() {
    for failure in [
        status("429 Too Many Requests", ""),
        status("502 Bad Gateway", ""),
        status("503 Service Unavailable", ""),
        status("504 Gateway Timeout", ""),
        // Closed before an answer, in the head, and in the body.
        String::new(),
        "HTTP/1.1 200 O".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".to_owned(),
    ] {
        let server = answering(&[&failure, &failure]);
        let (fetched, took) = fetch(&server, 2).await;
        assert!(fetched.outcome.is_ok(), "{failure:?}: {fetched:?}");
        assert_eq!(
            (fetched.facts.retries, fetched.facts.requests),
            (2, 3),
            "{failure:?}"
        );
        assert_eq!(took, Duration::from_millis(250 + 500));
        assert!(fetch(&answering(&[&failure]), 0).await.0.outcome.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_asked_for_once() {
    for failure in [
        "400 Bad", "401 No", "403 No", "404 No", "410 Gone", "500 No", "501 No", "204 None",
    ] {
        let server = answering(&[&status(failure, "")]);
        let (fetched, took) = fetch(&server, 2).await;
        assert!(fetched.outcome.is_err(), "{failure}");
        assert_eq!(
            (fetched.facts.retries, took),
            (0, Duration::ZERO),
            "{failure}"
        );
    }
    // A challenge does not pass either.
    let server = answering(&[&status("503 Busy", "cf-mitigated: challenge\r\n")]);
    assert_eq!(fetch(&server, 2).await.0.facts.requests, 1);
}

#[tokio::test(start_paused = true)]
async fn the_pause_is_what_the_server_asks_for_if_there_is_time_for_it() {
    let busy = |asked: &str| status("503 Busy", &format!("Retry-After: {asked}\r\n"));
    for (asked, seconds) in [("3", 3), ("0", 0)] {
        let (fetched, took) = fetch(&answering(&[&busy(asked)]), 2).await;
        assert!(fetched.outcome.is_ok());
        assert_eq!((took.as_secs(), fetched.facts.retries), (seconds, 1));
    }
    let dated = status(
        "503 Busy",
        "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\nRetry-After: Fri, 02 Jan 2026 03:04:07 GMT\r\n",
    );
    let (fetched, took) = fetch(&answering(&[&dated]), 2).await;
    assert_eq!((fetched.outcome.is_ok(), took.as_secs()), (true, 2));
    // Five seconds are all that there is; and beyond ten nobody waits.
    for (asked, timeout) in [("5", 5), ("11", 60)] {
        let server = answering(&[&busy(asked)]);
        let world = World::default().server("img.example", ADDRESS, &server);
        let timeout = Duration::from_secs(timeout);
        let fetcher = world.builder().retries(2).timeout(timeout).build().unwrap();
        let start = Instant::now();
        let error = look(&fetcher, URL).await.outcome.unwrap_err();
        let FetchErrorKind::Status { retry_after, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(
            retry_after
                .map(|pause| pause.as_secs().to_string())
                .as_deref(),
            Some(asked)
        );
        assert!(start.elapsed().is_zero());
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_refused_is_dialled_again() {
    let world = World::default()
        .name("img.example", &[ADDRESS])
        .station(ADDRESS, Station::Refuses);
    let fetcher = world.builder().retries(2).build().unwrap();
    let start = Instant::now();
    let fetched = look(&fetcher, URL).await;
    assert_eq!(
        *fetched.outcome.unwrap_err().kind(),
        FetchErrorKind::Connect
    );
    assert_eq!((world.dialled().len(), fetched.facts.requests), (3, 0));
    assert_eq!(start.elapsed(), Duration::from_millis(750));
}

#[tokio::test(start_paused = true)]
async fn retries_count_against_the_six_requests_to_a_server() {
    let busy = status("503 Busy", "Retry-After: 0\r\n");
    let server = answering(&[busy.as_str(); 99]);
    let (fetched, _) = fetch(&server, 5).await;
    assert!(matches!(
        fetched.outcome.unwrap_err().kind(),
        FetchErrorKind::Status { status: 503, .. }
    ));
    assert_eq!((server.requests().len(), fetched.facts.retries), (6, 5));
}

#[tokio::test(start_paused = true)]
async fn a_download_is_tried_again_from_its_start() {
    let server = answering(&["HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"]);
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetcher = world.builder().retries(1).build().unwrap();
    let downloaded = fetcher.download(&fetcher.parse(URL).unwrap(), 9_999).await;
    assert_eq!(downloaded.outcome.unwrap(), png());
    assert_eq!(downloaded.facts.retries, 1);
}

#[tokio::test(start_paused = true)]
async fn the_user_agent_is_the_callers() {
    let server = answering(&[]);
    let world = World::default().server("img.example", ADDRESS, &server);
    let fetcher = world
        .builder()
        .user_agent("thumbs/2 (+https://a.example)")
        .build()
        .unwrap();
    assert!(look(&fetcher, URL).await.outcome.is_ok());
    assert_eq!(
        server.requests()[0].field("user-agent"),
        Some("thumbs/2 (+https://a.example)")
    );
}

/// A store's word that an object is gone holds under any status.
#[tokio::test(start_paused = true)]
async fn what_is_gone_for_good_is_not_tried_again_under_a_status_that_passes() {
    let body = "<Error><Code>NoSuchKey</Code></Error>";
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let server = answering(&[&answer]);
    let (fetched, took) = fetch(&server, 2).await;
    assert!(fetched.outcome.unwrap_err().is_final());
    assert_eq!((fetched.facts.requests, took), (1, Duration::ZERO));
}
