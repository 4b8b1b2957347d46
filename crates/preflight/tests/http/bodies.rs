//! Faults of the body.

use std::time::Duration;

use preflight::http::{FetchErrorKind, FetchLimit, Phase};
use preflight::{Content, OtherKind};
use testkit::server::WINDOW;
use tokio::time::sleep;

use crate::support::{answer, jpeg, ok, play, png};

#[tokio::test(start_paused = true)]
async fn a_dripping_body_ends_with_the_total() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(1_000_000)).await?;
        peer.drip(&jpeg(60_000), Duration::from_millis(100)).await
    })
    .await;
    trial.assert_timed_out(Phase::Total, 5);
    assert!(trial.fetched.facts.body_bytes <= 50);
}

#[tokio::test(start_paused = true)]
async fn a_pause_in_the_body_is_given_two_seconds() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(1_000)).await?;
        peer.send(&[0xFF, 0xD8]).await?;
        peer.wait_for_the_end().await
    })
    .await;
    trial.assert_timed_out(Phase::Idle, 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_cut_short_is_no_rejection_unless_the_header_was_in() {
    let trial = answer([ok(1_000_000), jpeg(0)].concat()).await;
    assert_eq!(trial.header().width, 400);
    let trial = answer([ok(1_000_000), jpeg(0)[..9].to_vec()].concat()).await;
    assert_eq!(*trial.kind(), FetchErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn what_lies_behind_the_stated_length_is_not_the_file() {
    let trial = answer([ok(10), vec![0x89; 1 << 20]].concat()).await;
    assert!(
        matches!(trial.content(), Content::Broken(_) | Content::NotAnImage(_)),
        "{:?}",
        trial.content()
    );
    assert_eq!(trial.fetched.facts.validators.len, Some(10));
    assert_eq!(
        (trial.fetched.facts.body_bytes, trial.server.connections()),
        (10, 1)
    );
    assert!(trial.server.sent() <= 64 * 1024);
}

#[tokio::test(start_paused = true)]
async fn a_mad_length_is_only_a_number() {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
        10_u64.pow(18)
    );
    let trial = answer([head.as_bytes(), &png()].concat()).await;
    assert_eq!(trial.header().width, 840);
    assert_eq!(trial.fetched.facts.validators.len, Some(10_u64.pow(18)));
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn rows_19_and_20_broken_chunks_are_bad_http() {
    for size in ["FFFFFFFFFFFFFFFFF", "xyz", "-1", ""] {
        let trial = answer(format!("{CHUNKED}{size}\r\nhello")).await;
        assert_eq!(*trial.kind(), FetchErrorKind::BadHttp, "{size:?}");
    }
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(format!("{CHUNKED}5;x=").as_bytes()).await?;
        peer.flood(b"xxxxxxxxxxxxxxxx").await
    })
    .await;
    assert_eq!(*trial.kind(), FetchErrorKind::BadHttp);
    assert!(trial.fetched.facts.socket_bytes <= 64 * 1024);
}

#[tokio::test(start_paused = true)]
async fn the_greatest_chunk_size_is_only_a_number() {
    let trial = answer([CHUNKED.as_bytes(), b"FFFFFFFFFFFFFFFF\r\n", &png()].concat()).await;
    assert_eq!(trial.header().width, 840);
}

#[tokio::test(start_paused = true)]
async fn chunks_without_a_length_are_fine() {
    let image = jpeg(3_000);
    let chunk = format!("{:x}\r\n", image.len());
    let trial = answer(
        [
            CHUNKED.as_bytes(),
            chunk.as_bytes(),
            &image,
            b"\r\n0\r\n\r\n",
        ]
        .concat(),
    )
    .await;
    assert_eq!(trial.header().height, 500);
    assert_eq!(trial.fetched.facts.validators.len, None);
}

#[tokio::test(start_paused = true)]
async fn a_large_png_without_ranges_costs_a_window() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(64 << 20)).await?;
        peer.send(&png()).await?;
        peer.flood(&[0; 4096]).await
    })
    .await;
    assert_eq!(trial.header().width, 840);
    assert!(
        trial.server.sent() <= 16 * 1024 + WINDOW as u64,
        "{}",
        trial.server.sent()
    );
}

#[tokio::test(start_paused = true)]
async fn a_jpeg_without_ranges_is_read_on() {
    let trial = answer([ok(jpeg(60_000).len()), jpeg(60_000)].concat()).await;
    assert_eq!((trial.header().width, trial.header().height), (400, 500));
    assert_eq!(trial.fetched.facts.requests, 1);
    assert!(trial.fetched.facts.body_bytes <= 80 * 1024);
}

#[tokio::test(start_paused = true)]
async fn endless_segments_end_at_the_body_budget() {
    let trial = play(|mut peer| async move {
        peer.request().await?;
        peer.send(&ok(1 << 40)).await?;
        peer.send(&[0xFF, 0xD8]).await?;
        peer.flood(&[[0xFF, 0xE1, 0x04, 0x00].as_slice(), &[0; 1022]].concat())
            .await
    })
    .await;
    let limit = 128 * 1024;
    assert_eq!(
        *trial.kind(),
        FetchErrorKind::Limit(FetchLimit::BodyBytes { limit })
    );
    assert!(trial.server.sent() <= 256 * 1024);
}

#[tokio::test(start_paused = true)]
async fn a_header_that_must_lie_beyond_the_budget_is_not_waited_for() {
    let trial = answer([ok(jpeg(200_000).len()), jpeg(200_000)].concat()).await;
    let limit = 128 * 1024;
    assert_eq!(
        *trial.kind(),
        FetchErrorKind::Limit(FetchLimit::BodyBytes { limit })
    );
    assert!(
        trial.fetched.facts.body_bytes < limit,
        "stopped as soon as that was certain"
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_is_seen_as_empty() {
    assert_eq!(answer(ok(0)).await.content(), Content::Empty);
    assert_eq!(
        answer(format!("{CHUNKED}0\r\n\r\n")).await.content(),
        Content::Empty
    );
    // Without a length its end proves nothing.
    assert_eq!(
        *answer("HTTP/1.0 200 OK\r\n\r\n").await.kind(),
        FetchErrorKind::Closed
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_without_a_length_is_seen_but_its_end_proves_nothing() {
    let trial = answer([b"HTTP/1.0 200 OK\r\n\r\n", &jpeg(0)[..]].concat()).await;
    assert_eq!(trial.header().width, 400);
    let trial = answer([b"HTTP/1.0 200 OK\r\n\r\n", &jpeg(3_000)[..2_000]].concat()).await;
    assert_eq!(*trial.kind(), FetchErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_ends_inside_its_header_is_truncated() {
    let cut = &jpeg(3_000)[..2_000];
    let trial = answer([&ok(cut.len())[..], cut].concat()).await;
    let Content::Broken(error) = trial.content() else {
        panic!("{:?}", trial.content());
    };
    assert!(error.is_truncated());
}

#[tokio::test(start_paused = true)]
async fn an_encoded_body_is_not_decoded() {
    for field in [
        "Content-Encoding: gzip",
        "Content-Encoding: br",
        "Transfer-Encoding: gzip, chunked",
    ] {
        let trial = play(move |mut peer| async move {
            peer.request().await?;
            peer.send(format!("HTTP/1.1 200 OK\r\n{field}\r\n\r\n").as_bytes())
                .await?;
            peer.flood(&[0x1F; 1024]).await
        })
        .await;
        assert!(
            matches!(trial.kind(), FetchErrorKind::Encoded { .. }),
            "{field}"
        );
        assert!(trial.server.sent() <= 64 * 1024);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_page_is_named_whatever_its_type() {
    let page = b"<!DOCTYPE html><title>Sign in</title>";
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
        page.len()
    );
    let trial = answer([head.as_bytes(), page].concat()).await;
    assert_eq!(trial.content(), Content::NotAnImage(OtherKind::Html));
    assert_eq!(
        trial.fetched.facts.content_type.as_deref(),
        Some("image/jpeg")
    );
}

#[tokio::test(start_paused = true)]
async fn a_wall_is_no_rejection() {
    let page = b"<!DOCTYPE html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script>";
    let trial = answer([&ok(page.len())[..], page].concat()).await;
    assert_eq!(*trial.kind(), FetchErrorKind::BotChallenge);
}

#[tokio::test(start_paused = true)]
async fn an_image_is_one_whatever_its_type() {
    let image = png();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        image.len()
    );
    let trial = answer([head.as_bytes(), &image].concat()).await;
    assert_eq!(trial.header().width, 840);
    assert_eq!(
        trial.fetched.facts.content_type.as_deref(),
        Some("text/html")
    );
}

/// The marks are looked for in the first kilobytes, however late it shows that they are a page.
#[tokio::test(start_paused = true)]
async fn a_wall_behind_much_white_space_is_no_rejection() {
    let page = b"<!DOCTYPE html><script src=/cdn-cgi/challenge-platform/x></script>";
    let trial = play(move |mut peer| async move {
        peer.request().await?;
        peer.send(&ok(1_200 + page.len())).await?;
        peer.send(&[b' '; 1_200]).await?;
        sleep(Duration::from_millis(10)).await;
        peer.send(page).await
    })
    .await;
    assert_eq!(*trial.kind(), FetchErrorKind::BotChallenge);
}

/// Without a length the end of a connection proves nothing, but a page needs no end to be one.
#[tokio::test(start_paused = true)]
async fn a_short_page_that_ends_with_its_connection_is_a_page() {
    let page = format!("<!DOCTYPE html><p>{}", "no ".repeat(300));
    let trial = answer(format!("HTTP/1.1 200 OK\r\n\r\n{page}")).await;
    assert_eq!(trial.content(), Content::NotAnImage(OtherKind::Html));
}

/// What a page is shows in its first bytes; the marks may come with the next ones.
#[tokio::test(start_paused = true)]
async fn a_page_is_read_on_for_the_marks_and_no_further_than_16_kib() {
    for (behind, is_wall) in [(2_000, true), (15_000, true), (17_000, false)] {
        let trial = play(move |mut peer| async move {
            peer.request().await?;
            peer.send(&ok(100_000)).await?;
            peer.send(b"<!DOCTYPE html>").await?;
            peer.send(&vec![b' '; behind]).await?;
            sleep(Duration::from_millis(10)).await;
            peer.send(b"<script src=/cdn-cgi/challenge-platform/x></script>")
                .await?;
            peer.flood(&[b' '; 512]).await
        })
        .await;
        if is_wall {
            assert_eq!(*trial.kind(), FetchErrorKind::BotChallenge, "{behind}");
        } else {
            assert_eq!(trial.content(), Content::NotAnImage(OtherKind::Html));
        }
        assert!(trial.fetched.facts.body_bytes < 40_000, "{behind}");
    }
}
