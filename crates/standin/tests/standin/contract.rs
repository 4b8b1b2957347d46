//! Each row of the vendor's reference: the request, the two samples, the reasons, the codes.

use std::collections::BTreeSet;

use image::ImageFormat;
use serde_json::{Value, json};
use standin::{ApiError, FailureShape, Fault, Standin};

use crate::support::{Answer, Api, picture, portrait};

/// "Status codes" of the reference: all twelve, as printed there.
const STATUS_CODES: [(&str, &str); 12] = [
    (
        "InvalidParameter",
        "The request is missing required parameters or in a wrong format, please check the parameters that you send.",
    ),
    (
        "InvalidParameter.Ratio",
        "The request parameter is invalid, please check the request parameter.",
    ),
    (
        "InvalidURL",
        "The request URL is invalid, please check the request URL is available and the request image format is one of the following types: JPEG, JPG, PNG, BMP, and WebP.",
    ),
    (
        "InvalidFile.NoHuman",
        "The input image has no human body. Please upload other image with single person.",
    ),
    (
        "InvalidFile.MultiHuman",
        "The input image has multi human bodies. Please upload other image with single person.",
    ),
    (
        "InvalidFile.BodyProportion",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
    ),
    (
        "InvalidFile.Resolution",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and the smallest length of image is larger than 400.",
    ),
    (
        "InvalidFile.Value",
        "The value of the image is invalid, please upload other clearer image.",
    ),
    (
        "InvalidFile.FrontBody",
        "The pose of the detected person is invalid, please upload other image with the front view.",
    ),
    (
        "InvalidFile.FullFace",
        "The pose of the detected face is invalid, please upload other image with whole face.",
    ),
    (
        "InvalidFile.FacePose",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
    ),
    (
        "InvalidFile.FullBody",
        "The pose of the detected person is invalid, please upload other image with whole body, or change the ratio parameter to 1:1.",
    ),
];

/// "Failure reasons" of the reference, `output.message`: all nine, as printed there.
const SENTENCES: [&str; 9] = [
    "The input image does not contain a person. Please upload an image of a single person.",
    "The input image contains multiple people. Please upload an image of a single person.",
    "The proportion of the person in the image is too large or too small. Please upload a different image.",
    "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels and the shortest side is greater than 400 pixels.",
    "The image quality is invalid. Please upload a clearer image.",
    "The person's pose is invalid. Please upload a frontal-view image.",
    "The facial pose is invalid. Please upload an image that shows the entire face.",
    "The facial pose is invalid. Please upload an image with the correct orientation.",
    "The person's pose is invalid. Please upload an image that shows the full body, or change the aspect ratio to 1:1.",
];

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn numbers(value: &Value) -> [i64; 4] {
    let numbers: Vec<i64> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_i64().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

#[tokio::test]
async fn the_sample_request_gets_the_sample_response_passed() {
    let api = Api::start().await;
    let answer = api
        .detect_bytes("1.jpg", picture(600, 800, ImageFormat::Jpeg))
        .await;

    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(
        keys(&body),
        BTreeSet::from(["output", "request_id", "usage"])
    );
    assert_eq!(
        keys(&body["output"]),
        BTreeSet::from(["check_pass", "ext_bbox", "face_bbox"])
    );
    assert_eq!(body["output"]["check_pass"], true);
    assert_eq!(body["usage"], json!({"image_count": 1}));
    // The boxes say that they are nobody's word, and so does the id.
    assert_eq!(answer.header("x-standin"), Some("made-up"));
    assert_eq!(answer.header("x-standin-origin"), Some("made-up"));
    assert!(answer.at("/request_id").starts_with("standin-"));
    assert_eq!(
        answer.header("x-request-id"),
        Some(answer.at("/request_id").as_str())
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));

    let [left, top, right, bottom] = numbers(&body["output"]["ext_bbox"]);
    assert!(0 <= left && left < right && right <= 600);
    assert!(0 <= top && top < bottom && bottom <= 800);
    assert_eq!(right - left, bottom - top, "1:1");
}

#[tokio::test]
async fn the_ratio_that_was_asked_for_is_the_dynamic_area_s() {
    let api = Api::start().await;
    let lent = api.lend("a.png");
    for (parameters, across, down) in [
        (json!({"ratio": "1:1"}), 1, 1),
        (json!({"ratio": "3:4"}), 3, 4),
        // "The default value is "1:1"."
        (json!({}), 1, 1),
    ] {
        let body = json!({"model": "emo-detect-v1", "input": {"image_url": lent.url()}, "parameters": parameters});
        let request = api
            .post(&body.to_string())
            .header("content-type", "application/json; charset=utf-8");
        let answer = Answer::read(request.send().await.unwrap()).await;
        let [left, top, right, bottom] = numbers(&answer.json()["output"]["ext_bbox"]);
        assert_eq!(
            (right - left) * down,
            (bottom - top) * across,
            "{parameters}"
        );
    }
}

#[tokio::test]
async fn the_five_names_are_four_formats_and_the_limits_are_inclusive() {
    let api = Api::start().await;
    let formats = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::WebP,
    ];
    for format in formats {
        let answer = api.detect_bytes("a", picture(401, 999, format)).await;
        assert_eq!(answer.json()["output"]["check_pass"], true, "{format:?}");
    }
    for (width, height, passes) in [
        (400, 400, true),
        (400, 7000, true),
        (7000, 400, true),
        (399, 400, false),
        (400, 399, false),
        (400, 7001, false),
    ] {
        let answer = api
            .detect_bytes("a.png", picture(width, height, ImageFormat::Png))
            .await;
        let expected = if passes { "" } else { "InvalidFile.Resolution" };
        assert_eq!(answer.at("/output/code"), expected, "{width}x{height}");
        assert_eq!(
            answer.json()["output"]["check_pass"],
            passes,
            "{width}x{height}"
        );
        assert_eq!(
            answer.header("x-standin-origin"),
            Some(if passes { "made-up" } else { "judged" })
        );
    }
}

#[tokio::test]
async fn what_is_not_of_the_five_is_an_invalid_url() {
    let api = Api::start().await;
    let half = picture(400, 400, ImageFormat::Png).slice(..20);
    for (name, bytes) in [
        ("page.html", b"<!doctype html><title>x</title>".to_vec()),
        ("tiny.gif", b"GIF89a\xf4\x01\xf4\x01\x00\x00\x00;".to_vec()),
        ("empty.jpg", Vec::new()),
        ("half.png", half.to_vec()),
    ] {
        let answer = api.detect_bytes(name, bytes).await;
        assert_eq!(
            (answer.status, answer.at("/code").as_str()),
            (400, "InvalidURL"),
            "{name}"
        );
        assert_eq!(answer.at("/message"), STATUS_CODES[2].1);
    }
    assert_eq!(api.standin.stats().billable, 0);
}

#[tokio::test]
async fn every_failure_comes_in_every_shape() {
    let verdicts = STATUS_CODES
        .iter()
        .filter(|(code, _)| code.starts_with("InvalidFile."));
    let mut billable = 0;
    let script: String = verdicts
        .clone()
        .map(|(code, _)| format!("[[image]]\nname = \"{code}\"\nverdict = \"{code}\"\n"))
        .collect();
    for (shape, name, status) in [
        (FailureShape::Ok200, "ok200", 200),
        (FailureShape::Ok200Blank, "ok200-blank", 200),
        (FailureShape::Ok200Sentence, "ok200-sentence", 200),
        (FailureShape::Bad400, "bad400", 400),
        (FailureShape::Bad400Sentence, "bad400-sentence", 400),
    ] {
        assert_eq!(name.parse(), Ok(shape));
        let api = Api::scripted(&format!("shape = \"{name}\"\n{script}")).await;
        for ((code, message), sentence) in verdicts.clone().zip(SENTENCES) {
            let (code_sent, message_sent) = match shape {
                FailureShape::Ok200 | FailureShape::Bad400 => (*code, *message),
                FailureShape::Ok200Blank => ("", ""),
                FailureShape::Ok200Sentence | FailureShape::Bad400Sentence => ("", sentence),
            };
            let answer = api.detect_named(code).await;
            let request_id = answer.at("/request_id");
            let expected = if status == 400 {
                json!({"code": code_sent, "message": message_sent, "request_id": request_id})
            } else {
                json!({
                    "output": {"check_pass": false, "code": code_sent, "message": message_sent},
                    "usage": {"image_count": 1},
                    "request_id": request_id,
                })
            };
            assert_eq!((answer.status, answer.json()), (status, expected));
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("x-standin"), Some("made-up"));
            assert_eq!(answer.header("x-standin-origin"), Some("scripted"));
            // Whatever is sent, the counters know the reason.
            let answers = api.standin.stats().answers;
            assert_eq!(answers[&format!("{status} {code}")], 1);
        }
        billable += api.standin.stats().billable;
    }
    // Nine reasons; three of the five shapes are charged.
    assert_eq!(billable, 27);
    assert!("ok201".parse::<FailureShape>().is_err());
}

#[tokio::test]
async fn every_documented_code_can_be_had() {
    let api = Api::start().await;
    let lent = api.lend("a.png");
    let mut seen = BTreeSet::new();
    for error in ApiError::documented() {
        api.standin.next(error.clone());
        let answer = api.detect(lent.url()).await;
        assert_eq!(answer.status, error.http_status(), "{}", error.code());
        assert_eq!(answer.at("/code"), error.code());
        assert!(!answer.at("/message").is_empty());
        assert_eq!(
            keys(&answer.json()),
            BTreeSet::from(["code", "message", "request_id"])
        );
        seen.insert(error.code().to_owned());
    }
    for (code, message) in STATUS_CODES {
        assert!(seen.contains(code), "{code}");
        api.standin.next(Fault::error(code));
        assert_eq!(api.detect(lent.url()).await.at("/message"), message);
    }
    assert_eq!(api.standin.stats().billable, 0);
    assert_eq!(api.standin.waiting_faults(), 0);
}

#[tokio::test]
async fn a_deployment_has_a_name_of_its_own() {
    let api = Api::with(Standin::builder().model("emo-detect-1a2b3c")).await;
    let lent = api.standin.lend_bytes("a.png", portrait()).unwrap();
    let body = json!({
        "model": "emo-detect-1a2b3c",
        "input": {"image_url": lent.url()},
        "parameters": {"ratio": "3:4"},
    });
    let request = api
        .post(&body.to_string())
        .header("content-type", "application/json");
    assert_eq!(
        Answer::read(request.send().await.unwrap()).await.status,
        200
    );
}
