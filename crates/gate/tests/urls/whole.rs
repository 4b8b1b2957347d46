//! URLs through the content stage: the whole object is fetched, once, and judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gate::{Bytes, Code, DecodeMemory, Gate, Outcome, Profile, Report, Stage};
use testkit::server::{Server, whole};
use testkit::world::World;
use testkit::{Ihdr, Png};

use crate::support::{ADDRESS, URL, codes, fetcher, png, saying, sound};

/// A connection that gives each of these answers in turn, and the last one from then on.
fn in_turn(answers: Vec<Vec<u8>>) -> Server {
    let turn = Arc::new(AtomicUsize::new(0));
    Server::new(move |mut peer| {
        let turn = turn.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
        let answer = answers[turn].clone();
        async move {
            peer.request().await?;
            peer.send(&answer).await
        }
    })
}

async fn examined(server: &Server, memory: DecodeMemory) -> (Report, Option<Bytes>) {
    let world = World::default().server("img.example", ADDRESS, server);
    let gate = Gate::builder(Profile::emo())
        .fetcher(fetcher(&world))
        .decode(memory.clone())
        .build();
    let (screening, bytes) = gate.screen_whole_url(URL).await;
    assert_eq!(memory.used(), 0);
    (screening.into_report(), bytes)
}

/// All of the pixels, which `png` leaves out.
fn sound_png() -> Vec<u8> {
    Png::new()
        .ihdr(Ihdr {
            bit_depth: 1,
            colour_type: 0,
            ..Ihdr::new(500, 600)
        })
        .idat_blank(63, 600)
        .iend()
        .build()
}

#[tokio::test(start_paused = true)]
async fn what_passes_its_header_is_fetched_whole_and_told_with_its_cost() {
    let file = sound_png();
    let server = saying(whole(&file));
    let (report, bytes) = examined(&server, DecodeMemory::default()).await;
    assert_eq!(
        (report.outcome(), report.stage()),
        (Outcome::Pass, Stage::Content),
        "{report:?}"
    );
    assert_eq!(bytes.as_deref(), Some(&file[..]));
    let facts = report.facts();
    let len = file.len() as u64;
    assert_eq!(facts.bytes, Some(len));
    let first = facts.bytes_read.unwrap() - len;
    assert!(
        first > 0 && first <= len,
        "the header and the whole: {first}"
    );
    #[cfg(feature = "remote")]
    assert_eq!(facts.sha256, Some(gate::Sha256::of(&file)));
    let http = report.http().unwrap();
    assert_eq!((http.requests, http.status), (2, Some(200)));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_its_header_is_not_fetched_whole() {
    let small = whole(&png(300, 600));
    for (what, server, memory, code, stage) in [
        (
            "a small image",
            saying(small),
            DecodeMemory::default(),
            Code::SideTooSmall,
            Stage::Limits,
        ),
        (
            "no memory to decode it in",
            saying(whole(&sound_png())),
            DecodeMemory::new(1_000),
            Code::DecodeLimit,
            Stage::Content,
        ),
    ] {
        let (report, bytes) = examined(&server, memory).await;
        let codes: Vec<_> = report.errors().map(|finding| finding.code).collect();
        assert_eq!(
            (codes, report.stage()),
            (vec![code], stage),
            "{what}: {report:?}"
        );
        assert!(bytes.is_none(), "{what}");
        assert_eq!(report.http().unwrap().requests, 1, "{what}");
        assert_eq!(server.requests().len(), 1, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_is_not_whole_is_refused_after_its_header() {
    let server = sound("");
    let (report, bytes) = examined(&server, DecodeMemory::default()).await;
    assert_eq!(
        codes(&report).last(),
        Some(&Code::Undecodable),
        "{report:?}"
    );
    assert_eq!(report.stage(), Stage::Content);
    assert_eq!(bytes.as_deref(), Some(&png(840, 1120)[..]), "to look at");
}

#[tokio::test(start_paused = true)]
async fn what_happens_between_two_requests_is_told() {
    let first = whole(&sound_png());
    let busy = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n".to_vec();
    let other = whole(&png(501, 600));
    for (what, second, code, status) in [
        ("another image", other, Code::Unreachable, 200),
        ("another answer", busy, Code::HttpStatus, 401),
    ] {
        let server = in_turn(vec![first.clone(), second]);
        let (report, bytes) = examined(&server, DecodeMemory::default()).await;
        assert_eq!(
            (report.outcome(), report.stage()),
            (Outcome::Unknown, Stage::Input),
            "{what}: {report:?}"
        );
        assert_eq!(codes(&report), [code], "{what}");
        assert!(bytes.is_none(), "{what}");
        let http = report.http().unwrap();
        assert_eq!((http.requests, http.status), (2, Some(status)), "{what}");
    }
}
