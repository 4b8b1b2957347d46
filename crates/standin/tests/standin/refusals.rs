//! Requests that the service turns away, each for the first thing that is wrong with it.

use serde_json::{Value, json};
use standin::Standin;

use crate::support::{Answer, Api, FACE_DETECT};

fn body(change: impl FnOnce(&mut Value)) -> String {
    let mut body = json!({
        "model": "emo-detect-v1",
        "input": {"image_url": "http://127.0.0.1:9/a.png"},
        "parameters": {"ratio": "1:1"},
    });
    change(&mut body);
    body.to_string()
}

#[tokio::test]
async fn a_body_that_is_not_as_documented() {
    let api = Api::start().await;
    let set =
        |pointer: &str, value: Value| body(|body| *body.pointer_mut(pointer).unwrap() = value);
    let remove = |parent: &str, key: &str| {
        body(|body| {
            body.pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(key);
        })
    };
    for (body, status, code) in [
        (String::new(), 400, "InvalidParameter"),
        ("{".to_owned(), 400, "InvalidParameter"),
        ("[]".to_owned(), 400, "InvalidParameter"),
        ("{}".to_owned(), 400, "InvalidParameter"),
        (remove("", "model"), 400, "InvalidParameter"),
        (set("/model", "".into()), 400, "InvalidParameter"),
        (set("/model", 1.into()), 400, "InvalidParameter"),
        (set("/model", "emo-v1-detect".into()), 404, "ModelNotFound"),
        (set("/model", "emo-v1".into()), 400, "InvalidParameter"),
        (remove("", "input"), 400, "InvalidParameter"),
        (set("/input", json!({})), 400, "InvalidParameter"),
        (
            set("/input", json!("http://a/a.jpg")),
            400,
            "InvalidParameter",
        ),
        (
            set("/input/image_url", json!(["http://a/a.jpg"])),
            400,
            "InvalidParameter",
        ),
        (set("/input/image_url", "".into()), 400, "InvalidParameter"),
        (
            set("/input/image_url", "/home/me/a.jpg".into()),
            400,
            "InvalidURL",
        ),
        (
            set("/input/image_url", "file:///home/me/a.jpg".into()),
            400,
            "InvalidURL",
        ),
        (
            set("/input/image_url", "ftp://a/a.jpg".into()),
            400,
            "InvalidURL",
        ),
        (
            set("/input/image_url", "data:image/png;base64,AAAA".into()),
            400,
            "InvalidURL",
        ),
        (
            set("/input/image_url", "oss://dashscope-instant/a.jpg".into()),
            400,
            "invalid_parameter_error",
        ),
        (remove("", "parameters"), 400, "InvalidParameter"),
        (set("/parameters", Value::Null), 400, "InvalidParameter"),
        (set("/parameters", json!([])), 400, "InvalidParameter"),
        (set("/parameters", json!("1:1")), 400, "InvalidParameter"),
        (set("/input", Value::Null), 400, "InvalidParameter"),
        (set("/model", Value::Null), 400, "InvalidParameter"),
        (remove("/input", "image_url"), 400, "InvalidParameter"),
        (
            set("/parameters/ratio", "16:9".into()),
            400,
            "InvalidParameter.Ratio",
        ),
        (
            set("/parameters/ratio", "".into()),
            400,
            "InvalidParameter.Ratio",
        ),
        (
            set("/parameters/ratio", 1.into()),
            400,
            "InvalidParameter.Ratio",
        ),
        (
            set("/parameters/ratio", Value::Null),
            400,
            "InvalidParameter.Ratio",
        ),
        (
            format!("{{\"model\":\"{}\"}}", "x".repeat(300 * 1024)),
            400,
            "BadRequest.TooLarge",
        ),
    ] {
        let request = api.post(&body).header("content-type", "application/json");
        let answer = Answer::read(request.send().await.unwrap()).await;
        let shown = &body[..body.len().min(200)];
        assert_eq!(
            (answer.status, answer.at("/code").as_str()),
            (status, code),
            "{shown}"
        );
        assert_eq!(answer.header("x-standin"), Some("made-up"));
        assert_eq!(answer.header("x-standin-origin"), Some("judged"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let is_own_message = body.contains("\"emo-v1\"");
        if code == "InvalidParameter" && !is_own_message {
            // "InvalidParameter" of the reference's status codes.
            assert_eq!(
                answer.at("/message"),
                "The request is missing required parameters or in a wrong format, please check the parameters that you send."
            );
        }
    }
    assert_eq!(api.standin.stats().billable, 0);
}

#[tokio::test]
async fn headers_that_are_not_as_documented() {
    let api = Api::start().await;
    let lent = api.lend("a.png");

    let plain = body(|body| body["input"]["image_url"] = lent.url().into());
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let mut request = api.post(&plain);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(answer.at("/code"), "InvalidParameter", "{content_type:?}");
    }

    let request = api
        .request(lent.url())
        .header("X-DashScope-Async", "enable");
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(
        (answer.status, answer.at("/code").as_str()),
        (403, "AccessDenied")
    );
    assert_eq!(
        answer.at("/message"),
        "Current user api does not support asynchronous calls."
    );
    assert_eq!(api.standin.stats().billable, 0);
}

#[tokio::test]
async fn a_key_that_is_missing_or_wrong() {
    let api = Api::with(Standin::builder().key("sk-right")).await;
    let url = format!("{}{FACE_DETECT}", api.standin.base_url());
    let lent = api.lend("a.png");
    let body = body(|body| body["input"]["image_url"] = lent.url().into());
    for (authorization, message) in [
        (None, Some("No API-key provided.")),
        (Some("Bearer sk-wrong"), Some("Invalid API-key provided.")),
        (Some("Bearer "), Some("Invalid API-key provided.")),
        (Some("sk-right"), Some("Invalid API-key provided.")),
        (Some("Bearer sk-right"), None),
    ] {
        let mut request = api
            .client
            .post(&url)
            .header("content-type", "application/json")
            .body(body.clone());
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let answer = Answer::read(request.send().await.unwrap()).await;
        let Some(message) = message else {
            assert_eq!(answer.status, 200);
            continue;
        };
        assert_eq!(
            (answer.status, answer.at("/code").as_str()),
            (401, "InvalidApiKey")
        );
        assert_eq!(answer.at("/message"), message);
        // As recorded of the service: JSON that does not say so.
        assert_eq!(answer.header("content-type"), None);
    }
    assert_eq!(api.standin.key(), "sk-right");
}

#[tokio::test]
async fn another_path_or_method() {
    let api = Api::start().await;
    let base = api.standin.base_url();
    let missing = api
        .client
        .get(format!("{base}/services/aigc/image2video/aa-detect"));
    let missing = Answer::read(missing.send().await.unwrap()).await;
    assert_eq!(
        (missing.status, missing.at("/code").as_str()),
        (404, "NotFound")
    );
    let wrong = api.client.get(format!("{base}{FACE_DETECT}"));
    let wrong = Answer::read(wrong.send().await.unwrap()).await;
    assert_eq!(
        (wrong.status, wrong.at("/code").as_str()),
        (405, "InvalidParameter")
    );
    for answer in [missing, wrong] {
        assert_eq!(answer.header("x-standin"), Some("made-up"));
    }
}

/// Public clients write the paths so.
#[tokio::test]
async fn a_slash_at_the_end_is_the_same_path() {
    let api = Api::start().await;
    let lent = api.lend("a.png");
    let body = body(|body| body["input"]["image_url"] = lent.url().into());
    let request = api
        .client
        .post(format!("{}{FACE_DETECT}/", api.standin.base_url()))
        .bearer_auth(api.standin.key())
        .header("content-type", "application/json")
        .body(body);
    assert_eq!(
        Answer::read(request.send().await.unwrap()).await.status,
        200
    );
    assert_eq!(api.standin.stats().face_detect, 1);
}
