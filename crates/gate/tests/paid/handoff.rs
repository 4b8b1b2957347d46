//! From a pass to a video call that is accepted.

use gate::{Code, HandOff, Publication, Ratio, Source, UploadError, UploadFor};
use standin::{Standin, UploadBinding};

use crate::support::{
    account, ask, assert_pass, bytes, client_of_the_unmarked, detector, gate, generate, local_gate,
    only_code, portrait, serve, start,
};

#[tokio::test]
async fn bytes_go_from_an_upload_to_an_accepted_video_call_and_again_for_nothing() {
    for binding in [UploadBinding::Strict, UploadBinding::Lenient] {
        let standin = Standin::builder().uploads(binding).start().await.unwrap();
        let detector = detector(&standin).build();
        for cached in [false, true] {
            let report = gate()
                .admit_bytes(&detector, bytes("anna.jpg"), Ratio::Square, async || {
                    Publication::Upload(UploadFor::Video)
                })
                .await;
            assert_pass(&report);
            assert_eq!(report.remote().unwrap().cached, cached);
            let handoff = report.handoff().unwrap();
            let HandOff::MadeUp(call) = handoff else {
                panic!("{handoff:?}")
            };
            assert_eq!(call.bound_to.as_deref(), Some("emo-v1"));
            assert!(call.expires.is_some() && call.sha256.is_some());
            assert_eq!(call.headers["X-DashScope-OssResourceResolve"], "enable");
            let (status, answer) = generate(&standin, call).await;
            assert_eq!(status, 200, "{binding:?}: {answer}");
        }
        assert_eq!(standin.stats().billable, 1, "{binding:?}");
        assert_eq!(standin.stats().videos_accepted, 2);
    }
}

/// The video call refuses an image that was uploaded for the detector; an upload for the video
/// model makes it ready.
#[tokio::test]
async fn an_upload_for_the_detector_is_uploaded_again() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let image = bytes("anna.jpg");
    let report = gate()
        .admit_bytes(&detector, image.clone(), Ratio::Square, async || {
            Publication::Upload(UploadFor::Detector)
        })
        .await;
    let handoff = report.handoff().unwrap();
    assert_eq!(handoff.call().bound_to.as_deref(), Some("emo-detect-v1"));
    assert_ne!(generate(&standin, handoff.call()).await.0, 200);

    let source = Source::bytes(image);
    let ready = detector.upload_for_video(&source, handoff).await.unwrap();
    assert_eq!(generate(&standin, ready.call()).await.0, 200);
    let url = ready.call().input.image_url.as_deref().unwrap();
    assert!(url.ends_with(".jpeg"), "named as its bytes are: {url}");

    let other = Source::bytes(bytes("bruno.jpg"));
    let error = detector
        .upload_for_video(&other, handoff)
        .await
        .unwrap_err();
    assert!(matches!(error, UploadError::Changed), "{error}");
    assert_eq!(account(&detector).await.asked, 1);
}

#[tokio::test]
async fn a_remembered_pass_has_a_hand_off_also_without_an_address() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let live = ask(&detector, &standin, "anna.jpg").await;
    let known = gate()
        .admit_bytes(&detector, bytes("anna.jpg"), Ratio::Square, async || {
            Publication::None
        })
        .await;
    assert_pass(&known);
    let call = known.handoff().unwrap().call();
    assert_eq!(call.input.image_url, None);
    assert_eq!(
        call.input.face_bbox,
        live.handoff().unwrap().call().input.face_bbox
    );
    let source = Source::bytes(bytes("anna.jpg"));
    let ready = detector
        .upload_for_video(&source, known.handoff().unwrap())
        .await
        .unwrap();
    assert_eq!(generate(&standin, ready.call()).await.0, 200);
    assert_eq!(standin.stats().billable, 1);
}

/// Where the detector cannot read what was uploaded for the video model, it is found out once.
#[tokio::test]
async fn that_the_detector_reads_no_video_uploads_is_found_out_once() {
    let standin = Standin::builder()
        .uploads(UploadBinding::Strict)
        .start()
        .await
        .unwrap();
    let detector = detector(&standin).build();
    for number in 0..3 {
        let report = gate()
            .admit_bytes(&detector, portrait(number), Ratio::Square, async || {
                Publication::Upload(UploadFor::Video)
            })
            .await;
        assert_pass(&report);
        assert_eq!(
            report.remote().unwrap().oss_model.as_deref(),
            Some("emo-detect-v1")
        );
        assert_eq!(
            report.handoff().unwrap().call().bound_to.as_deref(),
            Some("emo-v1")
        );
    }
    let stats = standin.stats();
    assert_eq!((stats.face_detect, stats.billable, stats.upload), (4, 3, 6));
}

#[tokio::test]
async fn a_url_is_handed_on_as_it_was_sent() {
    let standin = start().await;
    let detector = detector(&standin).build();
    let lent = standin.lend_bytes("anna.jpg", bytes("anna.jpg")).unwrap();
    // The stand-in serves nobody, so that the gate has to look elsewhere.
    let report = local_gate()
        .admit_url(&detector, lent.url(), Ratio::Square)
        .await;
    assert!(matches!(only_code(&report), Code::HttpStatus), "{report:?}");

    let url = serve(bytes("anna.jpg")).await;
    let report = local_gate().admit_url(&detector, &url, Ratio::Square).await;
    assert_pass(&report);
    let call = report.handoff().unwrap().call();
    assert_eq!(call.input.image_url.as_deref(), Some(&*url));
    assert!(call.headers.is_empty() && call.bound_to.is_none());
    assert_eq!(generate(&standin, call).await.0, 200);
}

/// A mutant that handed every upload on as ready survived: the stand-in's hand-offs are all made
/// up.
#[tokio::test]
async fn the_services_hand_off_says_whether_the_video_call_can_take_it() {
    let standin = Standin::builder()
        .uploads(UploadBinding::Lenient)
        .start()
        .await
        .unwrap();
    let client = client_of_the_unmarked(&standin).await;
    let detector = gate::Detector::builder(client).build();
    let ask = async |number, publication: fn() -> Publication| {
        let publish = async || publication();
        let report = gate()
            .admit_bytes(&detector, portrait(number), Ratio::Square, publish)
            .await;
        assert_eq!(report.remote().unwrap().service, gate::Service::Emo);
        report.handoff().unwrap().clone()
    };
    let for_detector = ask(1, || Publication::Upload(UploadFor::Detector)).await;
    assert!(
        matches!(for_detector, HandOff::UploadAgain(_)),
        "{for_detector:?}"
    );
    assert!(for_detector.ready().is_none());
    let source = Source::bytes(portrait(1));
    let again = detector
        .upload_for_video(&source, &for_detector)
        .await
        .unwrap();
    let url = again.call().input.image_url.as_deref().unwrap();
    assert!(url.ends_with(".png"), "named as its bytes are: {url}");
    assert!(matches!(again, HandOff::Ready(_)), "{again:?}");
    assert_eq!(generate(&standin, again.ready().unwrap()).await.0, 200);
    // Known now, and published nowhere.
    let known = ask(1, || Publication::None).await;
    assert!(matches!(known, HandOff::UploadAgain(_)), "{known:?}");

    let for_video = ask(2, || Publication::Upload(UploadFor::Video)).await;
    assert_eq!(generate(&standin, for_video.ready().unwrap()).await.0, 200);

    let strangers = ask(1, || {
        Publication::Vouched(gate::ImageUrl::parse("oss://bucket/anna.jpg").unwrap())
    });
    let strangers = strangers.await;
    assert!(
        matches!(strangers, HandOff::UploadAgain(_)),
        "{strangers:?}"
    );

    let url = serve(portrait(3)).await;
    let report = local_gate().admit_url(&detector, &url, Ratio::Square).await;
    assert!(
        matches!(report.handoff(), Some(HandOff::Ready(_))),
        "{report:?}"
    );
}
