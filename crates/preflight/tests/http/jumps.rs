//! From one range to the next.

use preflight::Content;
use testkit::Jpeg;
use testkit::server::Ranges;

use crate::ranges::lying;
use crate::support::{jpeg, play_url};

#[tokio::test(start_paused = true)]
async fn a_jump_that_leads_nowhere_begins_anew_with_ranges() {
    for line in [
        "416 Range Not Satisfiable",
        "302 Found\r\nLocation: http://img.example/other.jpg",
    ] {
        let trial = lying(jpeg(60_000), move |n, answer| {
            if n == 1 {
                format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes()
            } else {
                answer
            }
        })
        .await;
        assert_eq!(trial.header().width, 400, "{line}");
        let requests = trial.server.requests();
        let ranges: Vec<_> = requests
            .iter()
            .map(testkit::server::Request::range)
            .collect();
        assert_eq!(ranges.len(), 4, "{line}");
        assert!(ranges[0].is_some() && ranges[..2] == ranges[2..], "{line}");
        assert!(requests.iter().all(|request| request.target() == "/a.jpg"));
    }
}

/// The bytes at hand are not asked for again, though what is needed begins among them.
#[tokio::test(start_paused = true)]
async fn a_frame_header_across_two_ranges_is_put_together() {
    // What stands behind the metadata is as long as all of a JPEG without them, but for SOI.
    let frame = |file: &[u8]| file.len() - (jpeg(0).len() - 2);
    let file = jpeg(11_260 - 2 - (frame(&jpeg(100)) - 2 - 100));
    assert_eq!(frame(&file), 11_260);
    let trial = lying(file, |_, answer| answer).await;
    assert_eq!((trial.header().width, trial.header().height), (400, 500));
    let requests = trial.server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].range().unwrap().0, 11_264);
}

/// What has no name is asked for once: more bytes would only show more of it.
#[tokio::test(start_paused = true)]
async fn what_is_not_recognised_in_a_first_range_takes_no_second() {
    // Zeros, of which a file is read 16 KiB before they are called unknown.
    let zeros = vec![0; 40_000];
    let trial = play_url("http://img.example/a.png", move |mut peer| {
        let zeros = zeros.clone();
        async move { peer.serve(&zeros, Ranges::Honour).await }
    })
    .await;
    assert!(matches!(trial.content(), Content::NotAnImage(_)));
    assert_eq!(trial.server.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_orientation_is_told_with_the_header() {
    let exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let jpeg = Jpeg::new()
        .segment(0xE1, exif)
        .sof(testkit::Sof::Baseline, 400, 500)
        .sos()
        .build();
    let trial = lying(jpeg, |_, answer| answer).await;
    assert_eq!(trial.header().width, 400);
    let orientation = trial.fetched.outcome.unwrap().orientation;
    assert_eq!(orientation.map(preflight::Orientation::get), Some(6));
}
