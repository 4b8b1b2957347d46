//! The content stage over URLs: the whole object is fetched once more, and must be the image that was
//! probed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gate::{Code, DecodeMemory, Gate, Outcome, Profile, Report, Screening, Stage};
use testkit::manifest;
use testkit::server::Server;
use testkit::world::World;

use crate::support::{ADDRESS, URL, codes, fetcher, png, served, sound};

fn anna() -> Vec<u8> {
    let manifest = manifest::load();
    let mut files = manifest.files.iter();
    let file = files.find(|file| file.path.ends_with("anna.jpg"));
    file.unwrap().read()
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Gives these answers, one a connection, and the last one from then on.
fn answering<const N: usize>(answers: [Vec<u8>; N]) -> Server {
    let made = Arc::new(AtomicUsize::new(0));
    Server::new(move |mut peer| {
        let at = made.fetch_add(1, Ordering::Relaxed).min(N - 1);
        let answer = answers[at].clone();
        async move {
            peer.request().await?;
            peer.send(&answer).await
        }
    })
}

async fn decoded(server: &Server, memory: DecodeMemory) -> (Report, Option<gate::Bytes>) {
    let world = World::default().server("img.example", ADDRESS, server);
    let gate = Gate::builder(Profile::emo())
        .fetcher(fetcher(&world))
        .decode(memory)
        .build();
    let (screening, bytes) = gate.screen_whole_url(URL).await;
    (Screening::into_report(screening), bytes)
}

#[tokio::test(start_paused = true)]
async fn a_whole_image_passes_and_is_given_back() {
    let anna = anna();
    let server = answering([ok(&anna)]);
    let (report, bytes) = decoded(&server, DecodeMemory::default()).await;
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Pass, Stage::Content),
        "{report:?}"
    );
    assert_eq!(bytes.as_deref(), Some(anna.as_slice()));
    assert_eq!(report.facts().bytes, Some(anna.len() as u64));
    // Both fetches are told.
    assert_eq!(report.http().unwrap().requests, 2);
    assert_eq!(server.requests().len(), 2);
    assert!(report.facts().bytes_read.unwrap() > anna.len() as u64);
    // Without the stage, the second one is not made.
    let once = answering([ok(&anna)]);
    let report = served(&once, URL).await;
    assert_eq!((report.stage(), once.requests().len()), (Stage::Limits, 1));
}

#[tokio::test(start_paused = true)]
async fn an_image_without_its_end_is_rejected() {
    let anna = anna();
    let half = &anna[..anna.len() / 2];
    let (report, bytes) = decoded(&answering([ok(half)]), DecodeMemory::default()).await;
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Reject, Stage::Content),
        "{report:?}"
    );
    assert_eq!(codes(&report), [Code::BodyTruncated]);
    // It can be shown all the same.
    assert_eq!(bytes.as_deref(), Some(half));
}

/// An image that changed between its probe and its decoding is unknown.
#[tokio::test(start_paused = true)]
async fn an_image_that_was_replaced_meanwhile_is_unknown() {
    for other in [png(840, 1120), b"<!DOCTYPE html>".to_vec(), Vec::new()] {
        let server = answering([ok(&anna()), ok(&other)]);
        let (report, bytes) = decoded(&server, DecodeMemory::default()).await;
        assert_eq!(
            (report.outcome(), report.stage()),
            (Outcome::Unknown, Stage::Input),
            "{report:?}"
        );
        assert_eq!(codes(&report), [Code::Unreachable]);
        assert!(report.findings()[0].help.is_some());
        assert_eq!(bytes, None);
    }
}

/// The second fetch fails as any fetch does: what everybody meets rejects.
#[tokio::test(start_paused = true)]
async fn an_object_that_is_gone_meanwhile_is_no_pass() {
    for (status, outcome) in [
        ("404 Not Found", Outcome::Reject),
        ("500 Internal Server Error", Outcome::Unknown),
    ] {
        let gone = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes();
        let server = answering([ok(&anna()), gone]);
        let (report, bytes) = decoded(&server, DecodeMemory::default()).await;
        assert_eq!(
            (report.outcome(), report.stage()),
            (outcome, Stage::Input),
            "{report:?}"
        );
        assert_eq!(codes(&report), [Code::HttpStatus]);
        let told = report.http().unwrap().status.unwrap().to_string();
        assert!(status.starts_with(&told), "{report:?}");
        assert_eq!(bytes, None);
    }
}

/// The memory is asked for before the object is, so that a great picture costs no traffic.
#[tokio::test(start_paused = true)]
async fn what_needs_more_memory_than_there_is_is_not_fetched() {
    let server = answering([ok(&anna())]);
    let (report, bytes) = decoded(&server, DecodeMemory::from(10_000)).await;
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Unknown, Stage::Content),
        "{report:?}"
    );
    assert_eq!(codes(&report), [Code::DecodeLimit]);
    assert_eq!((server.requests().len(), bytes), (1, None));
}

/// An image that its header rejects is not fetched whole.
#[tokio::test(start_paused = true)]
async fn a_rejected_header_costs_one_fetch() {
    let small = answering([ok(&png(399, 500))]);
    let (report, bytes) = decoded(&small, DecodeMemory::default()).await;
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Reject, Stage::Limits)
    );
    assert_eq!((small.requests().len(), bytes), (1, None));
    // An image with holes for pixels, as the other tests serve it, is found out by this stage.
    let (report, _) = decoded(&sound(""), DecodeMemory::default()).await;
    assert_eq!(report.outcome(), Outcome::Reject, "{report:?}");
}
