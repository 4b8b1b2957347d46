//! The video call: what it takes, what it refuses, and how its task ends.

mod boxes;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use standin::{Endpoint, Fault, LocalUrl, Standin, UploadBinding, VIDEO_MODEL};

use crate::support::{Answer, Api, picture, portrait};

const VIDEO_SYNTHESIS: &str = "/services/aigc/image2video/video-synthesis";
const AUDIO: &str = "https://example.com/voice.mp3";

impl Api {
    fn video_request(&self, body: &Value) -> RequestBuilder {
        self.client
            .post(format!("{}{VIDEO_SYNTHESIS}", self.standin.base_url()))
            .bearer_auth(self.standin.key())
            .header("content-type", "application/json")
            .header("X-DashScope-Async", "enable")
            .header("X-DashScope-OssResourceResolve", "enable")
            .body(body.to_string())
    }

    pub(crate) async fn video(&self, body: &Value) -> Answer {
        Answer::read(self.video_request(body).send().await.unwrap()).await
    }

    async fn task(&self, task_id: &str) -> Answer {
        let url = format!("{}/tasks/{task_id}", self.standin.base_url());
        let request = self.client.get(url).bearer_auth(self.standin.key());
        Answer::read(request.send().await.unwrap()).await
    }

    /// The last state of an accepted call's task.
    pub(crate) async fn end(&self, accepted: &Answer) -> Value {
        let task_id = accepted.at("/output/task_id");
        self.task(&task_id).await;
        self.task(&task_id).await.json()
    }

    /// A portrait that the detector passed, and the input of the video call about it.
    async fn passed(&self, name: &str) -> (LocalUrl, Value) {
        let lent = self.lend(name);
        let verdict = self.detect(lent.url()).await;
        let call = call(lent.url(), &verdict.json()["output"]);
        (lent, call)
    }
}

/// The reference's sample body, about this image and with the boxes of a detector's output.
fn call(image_url: &str, output: &Value) -> Value {
    json!({
        "model": VIDEO_MODEL,
        "input": {
            "image_url": image_url,
            "audio_url": AUDIO,
            "face_bbox": output["face_bbox"],
            "ext_bbox": output["ext_bbox"],
        },
        "parameters": {"style_level": "normal"},
    })
}

#[tokio::test]
async fn a_pass_becomes_a_made_up_video() {
    let api = Api::start().await;
    let (_lent, call) = api.passed("a.png").await;
    let accepted = api.video(&call).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    let task_id = accepted.at("/output/task_id");
    assert_eq!(
        accepted.json(),
        json!({
            "output": {"task_id": task_id, "task_status": "PENDING"},
            "request_id": accepted.header("x-request-id"),
        })
    );
    assert!(task_id.starts_with("standin-"), "{task_id}");

    let running = api.task(&task_id).await;
    assert_eq!(running.at("/output/task_status"), "RUNNING");
    // Both spellings of the path, as of the others.
    for task_id in [task_id.clone(), format!("{task_id}/")] {
        let done = api.task(&task_id).await;
        assert_eq!(done.status, 200);
        assert_eq!(done.at("/output/task_status"), "SUCCEEDED");
        // The name leads nowhere, since no video is made.
        let video_url = done.at("/output/results/video_url");
        assert!(
            video_url.starts_with("http://standin.invalid/standin-"),
            "{video_url}"
        );
        assert_eq!(done.json()["usage"]["video_ratio"], "1:1");
        assert!(done.json()["usage"]["video_duration"].is_f64());
        assert_eq!(done.header("x-standin"), Some("made-up"));
    }
    let stats = api.standin.stats();
    assert_eq!(
        (stats.video_synthesis, stats.videos_accepted, stats.task),
        (1, 1, 3)
    );
    // A video call checks nothing: the bill of images does not grow.
    assert_eq!((stats.face_detect, stats.billable), (1, 1));
}

#[tokio::test]
async fn a_task_that_nobody_started_is_unknown_and_a_key_is_wanted() {
    let api = Api::start().await;
    let answer = api.task("0385dc79-5ff8-4d82-bcb6-7ae6ea7b4f4d").await;
    assert_eq!(
        (answer.status, answer.at("/output/task_status").as_str()),
        (200, "UNKNOWN")
    );
    let url = format!("{}/tasks/x", api.standin.base_url());
    let answer = Answer::read(api.client.get(url).send().await.unwrap()).await;
    assert_eq!(
        (answer.status, answer.at("/code").as_str()),
        (401, "InvalidApiKey")
    );
    assert_eq!(answer.header("content-type"), None);
}

#[tokio::test]
async fn a_body_is_taken_exactly_as_documented() {
    let api = Api::start().await;
    // The detector has not judged this image, so that only the form of its boxes decides.
    let boxes = json!({"face_bbox": [302, 286, 610, 593], "ext_bbox": [71, 9, 840, 778]});
    let sound = call("http://portrait.invalid/a.png", &boxes);
    let set = |pointer: &str, value: Value| {
        let mut call = sound.clone();
        *call.pointer_mut(pointer).unwrap() = value;
        call
    };
    let remove = |parent: &str, key: &str| {
        let mut call = sound.clone();
        call.pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(key);
        call
    };
    let mut accepted = 0;
    for (call, code) in [
        (sound.clone(), ""),
        (set("/parameters/style_level", "calm".into()), ""),
        (set("/parameters/style_level", "active".into()), ""),
        (remove("/parameters", "style_level"), ""),
        (remove("", "parameters"), ""),
        (
            set("/parameters/style_level", "high".into()),
            "InvalidParameter",
        ),
        (set("/parameters/style_level", 1.into()), "InvalidParameter"),
        (set("/parameters", json!([])), "InvalidParameter"),
        (json!([]), "InvalidParameter"),
        (remove("", "model"), "InvalidParameter"),
        (set("/model", "emo-detect-v1".into()), "InvalidParameter"),
        (set("/model", "emo-v2".into()), "ModelNotFound"),
        (remove("", "input"), "InvalidParameter"),
        (remove("/input", "image_url"), "InvalidParameter"),
        (remove("/input", "audio_url"), "InvalidParameter"),
        (set("/input/audio_url", "".into()), "InvalidParameter"),
        (set("/input/audio_url", "voice.mp3".into()), "InvalidURL"),
        (
            set("/input/audio_url", "oss://no/such.mp3".into()),
            "InvalidURL",
        ),
        (set("/input/image_url", "/home/a.jpg".into()), "InvalidURL"),
        (
            set("/input/image_url", "oss://no/such.jpg".into()),
            "InvalidURL",
        ),
        (remove("/input", "face_bbox"), "InvalidParameter"),
        (remove("/input", "ext_bbox"), "InvalidParameter"),
        (set("/input/face_bbox", Value::Null), "InvalidParameter"),
        (
            set("/input/face_bbox", json!([1, 2, 3])),
            "InvalidParameter",
        ),
        (
            set("/input/face_bbox", json!([1, 2, 3, 4, 5])),
            "InvalidParameter",
        ),
        (
            set("/input/face_bbox", json!(["1", "2", "3", "4"])),
            "InvalidParameter",
        ),
        (
            set("/input/face_bbox", json!([1.5, 2, 30, 40])),
            "InvalidParameter",
        ),
        (
            set("/input/face_bbox", json!([30, 40, 10, 20])),
            "InvalidParameter",
        ),
    ] {
        let answer = api.video(&call).await;
        assert_eq!(answer.at("/code"), code, "{call}: {}", answer.text);
        assert_eq!(answer.status == 200, code.is_empty());
        accepted += u64::from(code.is_empty());
        assert_eq!(api.standin.stats().videos_accepted, accepted, "{call}");
    }
    assert_eq!(
        api.video(&set("/parameters/style_level", "low".into()))
            .await
            .at("/message"),
        "The style_level is invalid."
    );
}

#[tokio::test]
async fn a_call_without_its_headers_is_refused() {
    let api = Api::start().await;
    let (_lent, call) = api.passed("a.png").await;
    for (header, status, code) in [
        ("x-dashscope-async", 403, "AccessDenied"),
        ("authorization", 401, "InvalidApiKey"),
        ("content-type", 400, "InvalidParameter"),
    ] {
        let mut request = api.video_request(&call).build().unwrap();
        request.headers_mut().remove(header);
        let answer = Answer::read(api.client.execute(request).await.unwrap()).await;
        assert_eq!((answer.status, answer.at("/code").as_str()), (status, code));
    }
    let mut request = api.video_request(&call).build().unwrap();
    request
        .headers_mut()
        .insert("x-dashscope-async", "disable".try_into().unwrap());
    assert_eq!(api.client.execute(request).await.unwrap().status(), 403);
    assert_eq!(api.standin.stats().videos_accepted, 0);
}

#[tokio::test]
async fn an_upload_serves_the_model_that_it_was_made_for() {
    for (binding, detected) in [
        (UploadBinding::Strict, false),
        (UploadBinding::Lenient, true),
    ] {
        let api = Api::with(Standin::builder().uploads(binding)).await;
        let for_detector = api.uploaded("emo-detect-v1", portrait()).await;
        let for_video = api.uploaded(VIDEO_MODEL, portrait()).await;

        let verdict = api.detect_stored(&for_detector, "emo-detect-v1").await;
        let output = verdict.json()["output"].clone();
        assert_eq!(output["check_pass"], true);
        // The video call refuses the detector's upload in either reading, and takes its own.
        let refused = api.video(&call(&for_detector, &output)).await;
        assert_eq!(
            (refused.status, refused.at("/code").as_str()),
            (400, "InvalidURL")
        );
        let accepted = api.video(&call(&for_video, &output)).await;
        assert_eq!(accepted.status, 200, "{}", accepted.text);
        assert_eq!(
            api.end(&accepted).await["output"]["task_status"],
            "SUCCEEDED"
        );
        // The same content under another address: the boxes are held against the same verdict.
        let mut invented = call(&for_video, &output);
        invented["input"]["face_bbox"] = json!([1, 2, 3, 4]);
        assert_eq!(api.video(&invented).await.at("/code"), "InvalidParameter");

        let verdict = api.detect_stored(&for_video, "emo-detect-v1").await;
        if detected {
            let one_upload = call(&for_video, &verdict.json()["output"]);
            assert_eq!(api.video(&one_upload).await.status, 200);
        } else {
            assert_eq!(
                (verdict.status, verdict.at("/code").as_str()),
                (400, "InvalidURL")
            );
        }

        // Without the header nothing is resolved.
        let mut request = api
            .video_request(&call(&for_video, &output))
            .build()
            .unwrap();
        request
            .headers_mut()
            .remove("x-dashscope-ossresourceresolve");
        let answer = Answer::read(api.client.execute(request).await.unwrap()).await;
        assert_eq!(answer.at("/code"), "invalid_parameter_error");
    }
    let api = Api::scripted("uploads = \"lenient\"\n").await;
    let for_video = api.uploaded(VIDEO_MODEL, portrait()).await;
    assert_eq!(
        api.detect_stored(&for_video, "emo-detect-v1").await.status,
        200
    );
}

#[tokio::test]
async fn a_task_fails_for_what_is_learned_at_work() {
    let script = "[[image]]\nname = \"broken.png\"\nvideo = \"InternalError.Algo\"\n\
                  [[image]]\nname = \"own.png\"\nvideo = { code = \"X\", message = \"own words\" }\n";
    let api = Api::scripted(script).await;
    let boxes = json!({"face_bbox": [10, 20, 30, 40], "ext_bbox": [0, 0, 80, 80]});
    let small = api
        .standin
        .lend_bytes("small.png", picture(100, 100, image::ImageFormat::Png))
        .unwrap();
    let (broken, own, sound) = (
        api.lend("broken.png"),
        api.lend("own.png"),
        api.lend("sound.png"),
    );
    for (url, code) in [
        ("http://portrait.invalid/a.png", "InvalidURL"),
        (small.url(), "InvalidFile.Resolution"),
        (broken.url(), "InternalError.Algo"),
        (own.url(), "X"),
        (sound.url(), ""),
    ] {
        let accepted = api.video(&call(url, &boxes)).await;
        assert_eq!(accepted.status, 200, "{url}: {}", accepted.text);
        let end = api.end(&accepted).await;
        let status = if code.is_empty() {
            "SUCCEEDED"
        } else {
            "FAILED"
        };
        assert_eq!(end["output"]["task_status"], status, "{url}");
        assert_eq!(end["output"]["code"].as_str().unwrap_or_default(), code);
        assert_eq!(end["output"]["message"].is_string(), !code.is_empty());
        assert_eq!(end.get("usage").is_some(), code.is_empty(), "{end}");
    }
    // Its content was judged under another address, and these are not the boxes.
    let (_judged, _) = api.passed("judged.png").await;
    let again = api.lend("again.png");
    let accepted = api.video(&call(again.url(), &boxes)).await;
    assert_eq!(
        api.end(&accepted).await["output"]["code"],
        "InvalidParameter"
    );
}

#[tokio::test]
async fn video_calls_have_faults_of_their_own() {
    let api = Api::start().await;
    let (_lent, call) = api.passed("a.png").await;
    api.standin
        .next_at(Endpoint::VideoSynthesis, Fault::error("Throttling"));
    api.standin
        .next_at(Endpoint::VideoSynthesis, Fault::gateway(504, true));
    api.standin
        .next_at(Endpoint::Task, Fault::error("InternalError"));
    assert_eq!(api.video(&call).await.at("/code"), "Throttling");
    assert_eq!(api.standin.stats().videos_accepted, 0);
    // The task was made, and nobody heard of it.
    assert_eq!(api.video(&call).await.status, 504);
    assert_eq!(api.standin.stats().videos_accepted, 1);
    assert_eq!(api.task("x").await.status, 500);
    assert_eq!(api.standin.verify(), Ok(()));
}
