//! Whole objects, under the same guard.

use std::time::Duration;

use preflight::http::{Downloaded, FetchErrorKind, FetchLimit, TargetUrl};
use testkit::server::{Ranges, Server};
use tokio::time::Instant;

use crate::support::{ADDRESS, Fetchers, URL, World, jpeg, ok};

async fn download(server: &Server, max_bytes: u64) -> Downloaded {
    let world = World::default().server("img.example", ADDRESS, server);
    let url = TargetUrl::parse(URL).unwrap();
    world.fetcher().download(&url, max_bytes).await
}

#[tokio::test(start_paused = true)]
async fn an_object_of_just_the_limit_is_fetched() {
    let file = jpeg(300_000);
    let served = file.clone();
    let server = Server::new(move |mut peer| {
        let file = served.clone();
        async move { peer.serve(&file, Ranges::Honour).await }
    });
    let size = file.len() as u64;
    let fetched = download(&server, size).await;
    assert_eq!(fetched.outcome.unwrap(), file);
    assert_eq!(
        (fetched.facts.requests, fetched.facts.validators.len),
        (1, Some(size))
    );
    assert_eq!(server.requests()[0].range(), None);

    let fetched = download(&server, size - 1).await;
    let limit = size - 1;
    assert_eq!(
        *fetched.outcome.unwrap_err().kind(),
        FetchErrorKind::Limit(FetchLimit::DownloadBytes { limit })
    );
    assert_eq!(fetched.facts.body_bytes, 0, "its length was enough to know");
}

#[tokio::test(start_paused = true)]
async fn an_object_without_a_length_is_cut_off_at_the_limit() {
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        peer.flood(&[0; 4096]).await
    });
    let fetched = download(&server, 100_000).await;
    let limit = 100_000;
    assert_eq!(
        *fetched.outcome.unwrap_err().kind(),
        FetchErrorKind::Limit(FetchLimit::DownloadBytes { limit })
    );
    assert!(fetched.facts.body_bytes <= limit + 16 * 1024);
}

#[tokio::test(start_paused = true)]
async fn an_object_cut_short_is_none() {
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(&[ok(1_000), vec![0; 999]].concat()).await
    });
    assert_eq!(
        *download(&server, 10_000).await.outcome.unwrap_err().kind(),
        FetchErrorKind::Closed
    );
}

#[tokio::test(start_paused = true)]
async fn a_status_and_a_refusal_are_told_as_for_a_probe() {
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            .await
    });
    assert!(download(&server, 9).await.outcome.unwrap_err().is_final());
    let inside = TargetUrl::parse("http://127.0.0.1/").unwrap();
    let fetched = World::default().fetcher().download(&inside, 9).await;
    assert!(matches!(
        fetched.outcome.unwrap_err().kind(),
        FetchErrorKind::Refused(_)
    ));
}

/// A server may be as slow as it likes between its pieces for longer than a probe may take in all.
#[tokio::test(start_paused = true)]
async fn a_download_has_more_time_than_a_probe() {
    let server = Server::new(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(8)).await?;
        peer.drip(b"8 pieces", Duration::from_millis(1_500)).await
    });
    let start = Instant::now();
    let fetched = download(&server, 10_000).await;
    assert_eq!(fetched.outcome.unwrap(), b"8 pieces");
    assert_eq!(start.elapsed(), Duration::from_secs(12));
}

/// What a connection may bring beside the object is bounded by the object's own bound.
#[tokio::test(start_paused = true)]
async fn frames_around_an_object_may_be_a_sixty_fourth_of_it_and_no_more() {
    for (piece, pieces, is_fetched) in [(512, 47_000, true), (1, 300_000, false)] {
        let server = Server::new(move |mut peer| async move {
            peer.request().await?;
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await?;
            let chunk = format!("{piece:x}\r\n{}\r\n", "x".repeat(piece));
            let many = chunk.repeat(1_000);
            for _ in 0..pieces / 1_000 {
                peer.send(many.as_bytes()).await?;
            }
            peer.send(b"0\r\n\r\n").await
        });
        let most = if is_fetched { 47_000 * 512 } else { 1_000_000 };
        let fetched = download(&server, most).await;
        match fetched.outcome {
            Ok(object) => assert!(is_fetched && object.len() as u64 == most),
            Err(error) => assert!(
                !is_fetched
                    && matches!(
                        error.kind(),
                        FetchErrorKind::Limit(FetchLimit::SocketBytes { .. })
                    ),
                "{error:?}"
            ),
        }
    }
}
