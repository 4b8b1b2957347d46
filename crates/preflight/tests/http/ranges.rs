//! Ranges, honest and not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use preflight::http::{FetchErrorKind, FetchLimit};
use preflight::{Content, probe_bytes};
use testkit::Jpeg;
use testkit::server::{Ranges, partial, whole};

use crate::support::{Trial, jpeg, play, play_url, png};

/// A server that answers ranges honestly except for what `lie` makes of an answer, by its number.
pub(crate) async fn lying(
    file: Vec<u8>,
    lie: impl Fn(usize, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> Trial {
    let (file, lie, count) = (Arc::new(file), Arc::new(lie), Arc::new(AtomicUsize::new(0)));
    play(move |mut peer| {
        let (file, lie, count) = (Arc::clone(&file), Arc::clone(&lie), Arc::clone(&count));
        async move {
            loop {
                let request = peer.request().await?;
                let answer = lie(
                    count.fetch_add(1, Ordering::Relaxed),
                    partial(&request, &file),
                );
                peer.send(&answer).await?;
            }
        }
    })
    .await
}

fn replace(answer: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = answer
        .windows(from.len())
        .position(|part| part == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{from} is in the answer"));
    [&answer[..at], to.as_bytes(), &answer[at + from.len()..]].concat()
}

#[tokio::test(start_paused = true)]
async fn a_far_frame_header_takes_one_jump_on_the_same_connection() {
    let trial = lying(jpeg(60_000), |_, answer| answer).await;
    assert_eq!((trial.header().width, trial.header().height), (400, 500));
    let requests = trial.server.requests();
    assert_eq!((requests.len(), trial.server.connections()), (2, 1));
    let (start, end) = requests[1].range().unwrap();
    assert!(start > 60_000 && end - start < 4_096);
    assert_eq!(requests[1].field("if-range"), Some("\"v1\""));
    assert!(trial.server.sent() <= 20 * 1024);
    assert_eq!(
        trial.fetched.facts.validators.len,
        Some(jpeg(60_000).len() as u64)
    );
    assert_eq!(
        trial.fetched.facts.validators.etag.as_deref(),
        Some("\"v1\"")
    );
}

#[tokio::test(start_paused = true)]
async fn many_big_segments_end_at_the_request_budget() {
    let trial = lying(jpeg(660_000), |_, answer| answer).await;
    let limit = 6;
    assert_eq!(
        *trial.kind(),
        FetchErrorKind::Limit(FetchLimit::Requests { limit })
    );
    assert_eq!(
        (trial.server.requests().len(), trial.server.connections()),
        (6, 1)
    );
    assert!(trial.server.sent() <= 40 * 1024);
}

#[tokio::test(start_paused = true)]
async fn rows_27_to_30_a_wrong_range_is_followed_by_one_request_without() {
    for (what, from, to) in [
        ("another start", "bytes 0-", "bytes 1-"),
        ("an end before its start", "bytes 0-", "bytes 99999-"),
        ("another unit", "bytes 0-", "items 0-"),
        (
            "more than asked",
            "Content-Length: 11264",
            "Content-Length: 11265",
        ),
        (
            "multipart",
            "ETag: \"v1\"",
            "Content-Type: multipart/byteranges; boundary=x",
        ),
    ] {
        let trial = lying(jpeg(30_000), move |n, answer| {
            if n == 0 {
                replace(&answer, from, to)
            } else {
                answer
            }
        })
        .await;
        assert_eq!(trial.header().width, 400, "{what}");
        let requests = trial.server.requests();
        assert_eq!(requests.len(), 2, "{what}");
        assert_eq!(requests[1].range(), None, "{what}");
        // Who is wrong about ranges may be wrong about where an answer ends.
        assert_eq!(trial.server.connections(), 2, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_nothing_but_wrong_ranges_is_given_up() {
    let trial = play(|mut peer| async move {
        loop {
            peer.request().await?;
            peer.send(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nhello").await?;
        }
    })
    .await;
    assert_eq!(*trial.kind(), FetchErrorKind::BadRange);
    assert_eq!(trial.server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_part_without_its_place_is_taken_from_the_start() {
    let trial = lying(jpeg(3_000), |_, answer| {
        let end = answer
            .windows(2)
            .skip(30)
            .position(|w| w == b"\r\n")
            .unwrap()
            + 30;
        [b"HTTP/1.1 206 Partial Content", &answer[end..]].concat()
    })
    .await;
    assert_eq!(trial.header().width, 400);
    assert_eq!(
        (
            trial.fetched.facts.validators.len,
            trial.fetched.facts.requests
        ),
        (None, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_chunked_part_longer_than_it_says_is_not_believed() {
    let trial = play(|mut peer| async move {
        loop {
            peer.request().await?;
            let long = "x".repeat(5_000);
            let head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99/5000\r\nTransfer-Encoding: chunked\r\n\r\n";
            peer.send(format!("{head}1388\r\n{long}\r\n0\r\n\r\n").as_bytes()).await?;
        }
    })
    .await;
    assert_eq!(*trial.kind(), FetchErrorKind::BadRange);
}

#[tokio::test(start_paused = true)]
async fn a_whole_file_in_place_of_a_range_is_read_from_its_start() {
    // OSS does so where the end lies beyond the file; anyone may where the file has changed.
    let trial = lying(jpeg(60_000), |n, answer| {
        if n == 1 { whole(&jpeg(20_000)) } else { answer }
    })
    .await;
    assert_eq!((trial.header().width, trial.header().height), (400, 500));
    assert_eq!(
        trial.fetched.facts.validators.len,
        Some(jpeg(20_000).len() as u64)
    );
    assert_eq!(trial.server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_changes_is_begun_anew_once() {
    for (from, to) in [("ETag: \"v1\"", "ETag: \"v2\""), ("GMT", "UTC")] {
        let once = lying(jpeg(60_000), move |n, answer| {
            if n >= 1 {
                replace(&answer, from, to)
            } else {
                answer
            }
        })
        .await;
        assert_eq!(once.header().width, 400);
        assert_eq!(once.server.requests().len(), 4);

        let always = lying(jpeg(60_000), move |n, answer| {
            replace(&answer, from, &format!("{to}{n}"))
        })
        .await;
        assert_eq!(*always.kind(), FetchErrorKind::Changed);
        assert_eq!(always.server.requests().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_segment_beyond_the_file_needs_no_request() {
    let file = Jpeg::new().segment_stating(0xE1, 0xFFFF, b"short").build();
    let trial = lying(file, |_, answer| answer).await;
    let Content::Broken(error) = trial.content() else {
        panic!("{:?}", trial.content());
    };
    assert!(error.is_truncated());
    assert_eq!(trial.server.requests().len(), 1);
}

/// Found by fuzzing: a server that does not say how long the file is was told to have changed it,
/// where a range began behind the end of a file that was cut.
#[tokio::test(start_paused = true)]
async fn a_range_behind_an_end_that_nobody_told_is_no_change() {
    for cut in [1_454, 20_000] {
        let file = jpeg(60_000)[..cut].to_vec();
        let total = format!("/{cut}\r\n");
        let trial = lying(file.clone(), move |_, answer| {
            let is_partial = answer.starts_with(b"HTTP/1.1 206");
            match is_partial {
                true => replace(&answer, &total, "/*\r\n"),
                false => answer,
            }
        })
        .await;
        assert_eq!(trial.content(), probe_bytes(&file).content, "cut at {cut}");
        assert_eq!(trial.fetched.facts.validators.len, Some(cut as u64));
    }
}

#[tokio::test(start_paused = true)]
async fn an_unsatisfiable_first_range_is_asked_for_plainly() {
    let trial = play(|mut peer| async move {
        loop {
            let request = peer.request().await?;
            let answer = match request.range() {
                Some(_) => {
                    b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n".to_vec()
                }
                None => whole(&png()),
            };
            peer.send(&answer).await?;
        }
    })
    .await;
    assert_eq!(trial.header().width, 840);
    assert_eq!(trial.server.requests().len(), 2);

    let empty = lying(Vec::new(), |_, answer| answer).await;
    assert_eq!(empty.content(), Content::Empty);
}

#[tokio::test(start_paused = true)]
async fn a_file_smaller_than_the_first_range_is_seen_whole() {
    for ranges in [Ranges::Honour, Ranges::Ignore] {
        let trial = play(move |mut peer| async move { peer.serve(&png(), ranges).await }).await;
        assert_eq!(trial.header().width, 840);
        assert_eq!(trial.fetched.facts.validators.len, Some(png().len() as u64));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_closed_between_two_ranges_is_opened_again() {
    for announced in [true, false] {
        let trial = play(move |mut peer| async move {
            let request = peer.request().await?;
            let answer = partial(&request, &jpeg(60_000));
            let answer = if announced {
                replace(&answer, "ETag", "Connection: close\r\nETag")
            } else {
                answer
            };
            peer.send(&answer).await
        })
        .await;
        assert_eq!(trial.header().width, 400);
        assert_eq!(
            (trial.server.requests().len(), trial.server.connections()),
            (2, 2)
        );
        assert_eq!(trial.fetched.facts.requests, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_signed_range_is_not_asked_for() {
    let url = "http://img.example/a.jpg?X-Amz-Signature=s&X-Amz-SignedHeaders=host;range&X-Amz-Date=nonsense";
    let trial = play_url(url, |mut peer| async move {
        peer.serve(&png(), Ranges::Honour).await
    })
    .await;
    assert_eq!(trial.header().width, 840);
    assert_eq!(trial.server.requests()[0].range(), None);
}

#[tokio::test(start_paused = true)]
async fn a_png_by_its_name_is_asked_for_less_and_a_lie_costs_a_jump() {
    let trial = play_url("http://img.example/a.PNG", |mut peer| async move {
        peer.serve(&png(), Ranges::Honour).await
    })
    .await;
    assert_eq!(trial.server.requests()[0].range(), Some((0, 4_095)));
    let trial = play_url("http://img.example/a.png", |mut peer| async move {
        peer.serve(&jpeg(9_000), Ranges::Honour).await
    })
    .await;
    assert_eq!(trial.header().width, 400);
    assert_eq!(trial.server.requests().len(), 2);
}

/// Found by `anything`: the facts kept the length that a first answer had told, while the outcome
/// was of a second answer that told none. Cause: the total was noted where a body began, and not
/// where the file was seen.
#[tokio::test(start_paused = true)]
async fn the_length_of_an_answer_that_was_dropped_is_forgotten() {
    let trial = play(|mut peer| async move {
        let request = peer.request().await?;
        peer.send(&partial(&request, &jpeg(60_000))).await?;
        peer.request().await?;
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n")
            .await?;
        peer.send(&jpeg(0)).await
    })
    .await;
    assert_eq!(trial.header().width, 400);
    assert_eq!(trial.fetched.facts.validators.len, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_unsatisfiable_without_a_range_is_a_status() {
    let trial = play(|mut peer| async move {
        loop {
            peer.request().await?;
            peer.send(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n")
                .await?;
        }
    })
    .await;
    assert!(matches!(
        trial.kind(),
        FetchErrorKind::Status { status: 416, .. }
    ));
    assert_eq!(trial.server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_chunked_part_shorter_than_it_says_is_not_believed() {
    let trial = lying(jpeg(30_000), |n, answer| {
        let head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-11263/99999\r\nTransfer-Encoding: chunked\r\n\r\n";
        if n == 0 {
            format!("{head}5\r\n\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\r\n0\r\n\r\n").into_bytes()
        } else {
            answer
        }
    })
    .await;
    assert_eq!(trial.header().width, 400);
    let requests = trial.server.requests();
    assert_eq!((requests.len(), requests[1].range()), (2, None));
}
