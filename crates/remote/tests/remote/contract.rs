//! The founding document, row by row: "EMO image detection API reference", 2025-09-04.

use remote::{Charge, ErrorKind, FailureReason, ImageUrl, Ratio, Retry, Verdict};
use serde_json::{Value, json};

use crate::server::{Act, KEY, Server, http, image, json};

/// "Failure reasons" and "Status codes": code, reason, `output.message`, and the status code's
/// `message`.
const REASONS: [(&str, FailureReason, &str, &str); 9] = [
    (
        "InvalidFile.NoHuman",
        FailureReason::NoHuman,
        "The input image does not contain a person. Please upload an image of a single person.",
        "The input image has no human body. Please upload other image with single person.",
    ),
    (
        "InvalidFile.MultiHuman",
        FailureReason::MultiHuman,
        "The input image contains multiple people. Please upload an image of a single person.",
        "The input image has multi human bodies. Please upload other image with single person.",
    ),
    (
        "InvalidFile.BodyProportion",
        FailureReason::BodyProportion,
        "The proportion of the person in the image is too large or too small. Please upload a different image.",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
    ),
    (
        "InvalidFile.Resolution",
        FailureReason::Resolution,
        "The image resolution is invalid. Ensure that the longest side of the image is less than 7,000 pixels and the shortest side is greater than 400 pixels.",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and the smallest length of image is larger than 400.",
    ),
    (
        "InvalidFile.Value",
        FailureReason::Value,
        "The image quality is invalid. Please upload a clearer image.",
        "The value of the image is invalid, please upload other clearer image.",
    ),
    (
        "InvalidFile.FrontBody",
        FailureReason::FrontBody,
        "The person's pose is invalid. Please upload a frontal-view image.",
        "The pose of the detected person is invalid, please upload other image with the front view.",
    ),
    (
        "InvalidFile.FullFace",
        FailureReason::FullFace,
        "The facial pose is invalid. Please upload an image that shows the entire face.",
        "The pose of the detected face is invalid, please upload other image with whole face.",
    ),
    (
        "InvalidFile.FacePose",
        FailureReason::FacePose,
        "The facial pose is invalid. Please upload an image with the correct orientation.",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
    ),
    (
        "InvalidFile.FullBody",
        FailureReason::FullBody,
        "The person's pose is invalid. Please upload an image that shows the full body, or change the aspect ratio to 1:1.",
        "The pose of the detected person is invalid, please upload other image with whole body, or change the ratio parameter to 1:1.",
    ),
];

/// "Status codes": the three that are no verdict.
const REFUSALS: [(&str, &str, ErrorKind); 3] = [
    (
        "InvalidParameter",
        "The request is missing required parameters or in a wrong format, please check the parameters that you send.",
        ErrorKind::RequestRefused,
    ),
    (
        "InvalidParameter.Ratio",
        "The request parameter is invalid, please check the request parameter.",
        ErrorKind::RequestRefused,
    ),
    (
        "InvalidURL",
        "The request URL is invalid, please check the request URL is available and the request image format is one of the following types: JPEG, JPG, PNG, BMP, and WebP.",
        ErrorKind::NotFetched,
    ),
];

const ID: &str = "c56f62df-724e-9c19-96bd-308627cf5262";

/// "Sample response (passed)", without its comments.
fn passed() -> Value {
    json!({
        "output": {"check_pass": true, "face_bbox": [10, 20, 30, 40], "ext_bbox": [40, 60, 80, 90]},
        "usage": {"image_count": 1},
        "request_id": ID,
    })
}

#[tokio::test]
async fn request_parameters() {
    for (ratio, word) in [(Ratio::Square, "1:1"), (Ratio::ThreeFour, "3:4")] {
        let server = Server::start([json(200, &passed().to_string())]).await;
        server.client().detect(&image(), ratio).await.unwrap();
        let request = server.requests().remove(0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(
            lines.next(),
            Some("POST /api/v1/services/aigc/image2video/face-detect HTTP/1.1")
        );
        let headers: Vec<(String, &str)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        let header = |name: &str| {
            headers
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| *value)
        };
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!(
            header("authorization"),
            Some(format!("Bearer {KEY}").as_str())
        );
        assert!(header("user-agent").is_some_and(|agent| agent.starts_with("preflight-remote/")));
        // Newer pages: the call is synchronous, and refuses the header of the asynchronous ones.
        assert_eq!(header("x-dashscope-async"), None);
        assert_eq!(header("accept-encoding"), Some("identity"));
        assert_eq!(header("x-dashscope-ossresourceresolve"), None);
        assert_eq!(
            serde_json::from_str::<Value>(body).unwrap(),
            json!({"model": "emo-detect-v1", "input": {"image_url": "http://a/a.jpg"}, "parameters": {"ratio": word}})
        );
    }
}

#[tokio::test]
async fn settings_reach_the_wire_and_oss_addresses_are_resolved() {
    let server = Server::start([json(200, &passed().to_string())]).await;
    let client = server
        .builder()
        .model("emo-detect-mine")
        .workspace("ws-1".parse().unwrap())
        .build()
        .unwrap();
    let upload = ImageUrl::parse("oss://dashscope-instant/a/b.jpg").unwrap();
    let detection = client.detect(&upload, Ratio::Square).await.unwrap();
    assert_eq!(detection.model, "emo-detect-mine");
    let request = server.requests().remove(0).to_lowercase();
    for part in [
        "x-dashscope-workspace: ws-1\r\n",
        "x-dashscope-ossresourceresolve: enable\r\n",
        "\"emo-detect-mine\"",
        "oss://dashscope-instant/a/b.jpg",
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn response_parameters_of_a_pass() {
    let server = Server::start([json(200, &passed().to_string())]).await;
    let detection = server.ask().await.unwrap();
    let boxes = detection.boxes().unwrap();
    assert_eq!(
        (boxes.face.corners(), boxes.ext.corners()),
        ([10.0, 20.0, 30.0, 40.0], [40.0, 60.0, 80.0, 90.0])
    );
    assert_eq!(detection.usage.map(|usage| usage.image_count), Some(1));
    assert_eq!(detection.request_id.as_deref(), Some(ID));
    assert_eq!(
        (detection.charge, detection.attempts, detection.humanoid),
        (Charge::Yes, 1, None)
    );
}

#[tokio::test]
async fn newer_fields_are_read_and_unknown_ones_do_no_harm() {
    let mut body = passed();
    body["output"]["humanoid"] = json!(true);
    body["output"]["new"] = json!({"a": [1]});
    body["output"]["face_bbox"] = json!([10.0, 20, 30.0, 40]);
    body["request_id"] = Value::Null;
    let answer = http(200, "x-request-id: from-header\r\n", &body.to_string());
    let server = Server::start([Act::Answer(answer)]).await;
    let detection = server.ask().await.unwrap();
    assert_eq!(
        (detection.humanoid, detection.request_id.as_deref()),
        (Some(true), Some("from-header"))
    );
    assert_eq!(
        detection.boxes().unwrap().face.to_string(),
        "[10.0,20,30.0,40]"
    );
}

/// "Sample response (failed)": its code and message are empty.
#[tokio::test]
async fn a_failed_check_without_a_reason_is_a_verdict() {
    let body = json!({
        "output": {"check_pass": false, "code": "", "message": ""}, "usage": {"image_count": 1}, "request_id": ID,
    });
    let server = Server::start([json(200, &body.to_string())]).await;
    let detection = server.ask().await.unwrap();
    let Verdict::Fail(failure) = detection.verdict else {
        panic!("{detection:?}")
    };
    assert_eq!(
        (failure.reason(), failure.code(), failure.message()),
        (FailureReason::Other, None, None)
    );
    assert_eq!(
        (detection.charge, detection.request_id.as_deref()),
        (Charge::Yes, Some(ID))
    );
}

#[tokio::test]
async fn nine_reasons_in_every_shape_in_which_they_come() {
    for (code, reason, said, status_said) in REASONS {
        let shapes = [
            (
                200,
                json!({"output": {"check_pass": false, "code": code, "message": status_said}, "usage": {"image_count": 1}}),
                Charge::Yes,
            ),
            (
                200,
                json!({"output": {"check_pass": false, "code": "", "message": said}, "usage": {"image_count": 1}}),
                Charge::Yes,
            ),
            (
                400,
                json!({"code": code, "message": status_said, "request_id": ID}),
                Charge::No,
            ),
            (
                400,
                json!({"output": {"code": code, "message": status_said}, "request_id": ID}),
                Charge::No,
            ),
        ];
        let acts: Vec<Act> = shapes
            .iter()
            .map(|(status, body, _)| json(*status, &body.to_string()))
            .collect();
        let server = Server::start(acts).await;
        let client = server.client();
        for (status, body, charge) in &shapes {
            let detection = client.detect(&image(), Ratio::Square).await.unwrap();
            let Verdict::Fail(failure) = &detection.verdict else {
                panic!("{detection:?}")
            };
            assert_eq!(failure.reason(), reason, "{body}");
            assert_eq!(
                (detection.http_status, detection.charge),
                (*status, *charge),
                "{body}"
            );
            assert!(failure.message() == Some(said) || failure.message() == Some(status_said));
        }
        assert_eq!(server.requests().len(), 4, "a verdict is asked for once");
        assert_eq!(reason.code(), Some(code));
    }
}

#[tokio::test]
async fn three_status_codes_that_are_no_verdict() {
    for (code, message, kind) in REFUSALS {
        let body = json!({"code": code, "message": message, "request_id": ID}).to_string();
        let server = Server::start([json(400, &body)]).await;
        let error = server.ask().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.charge(), error.retry()),
            (kind, Charge::No, Retry::Forbidden)
        );
        assert_eq!(
            (error.http_status(), error.api_code(), error.api_message()),
            (Some(400), Some(code), Some(message))
        );
        assert_eq!((error.request_id(), server.requests().len()), (Some(ID), 1));
    }
}
