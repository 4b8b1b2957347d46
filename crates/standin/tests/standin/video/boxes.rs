//! The boxes of a video call: those that the detector gave, and no others.

use super::*;

#[tokio::test]
async fn boxes_are_the_detector_s_where_it_judged_the_image() {
    let script = "[[image]]\nname = \"lady.png\"\nface_bbox = [1, 2, 300, 310]\n\
                  [[image]]\nname = \"nobody.png\"\nverdict = \"InvalidFile.NoHuman\"\n\
                  [[image]]\nname = \"outside.png\"\next_bbox = [-5, 0, 401, 400]\n";
    let api = Api::scripted(script).await;
    let (lady, sound) = api.passed("lady.png").await;
    assert_eq!(api.video(&sound).await.status, 200);
    // A whole number is whole in either dress.
    let mut dressed = sound.clone();
    dressed["input"]["face_bbox"] = json!([1.0, 2.0, 300, 310.0]);
    assert_eq!(api.video(&dressed).await.status, 200);

    let mut other = sound.clone();
    other["input"]["face_bbox"] = json!([1, 2, 300, 311]);
    let answer = api.video(&other).await;
    assert_eq!(
        (answer.status, answer.at("/code").as_str()),
        (400, "InvalidParameter")
    );
    assert!(
        answer.at("/message").contains("the detector"),
        "{}",
        answer.text
    );

    // What the detector has rejected has no boxes.
    let nobody = api.lend("nobody.png");
    assert_eq!(
        api.detect(nobody.url()).await.at("/output/code"),
        "InvalidFile.NoHuman"
    );
    let invented = call(nobody.url(), &sound["input"]);
    assert_eq!(api.video(&invented).await.at("/code"), "InvalidParameter");

    // Doubtful ones are the detector's too.
    let (_outside, doubtful) = api.passed("outside.png").await;
    assert_eq!(doubtful["input"]["ext_bbox"], json!([-5, 0, 401, 400]));
    assert_eq!(api.video(&doubtful).await.status, 200);

    // Each ratio has its own boxes, and both are its word.
    let body = json!({
        "model": "emo-detect-v1",
        "input": {"image_url": lady.url()},
        "parameters": {"ratio": "3:4"},
    });
    let request = api
        .post(&body.to_string())
        .header("content-type", "application/json");
    let half_body = Answer::read(request.send().await.unwrap()).await;
    let half_body = call(lady.url(), &half_body.json()["output"]);
    for call in [&half_body, &sound] {
        assert_eq!(api.video(call).await.status, 200);
    }
    let accepted = api.video(&half_body).await;
    assert_eq!(api.end(&accepted).await["usage"]["video_ratio"], "3:4");

    // About what it has not judged, it has said nothing.
    let unjudged = call("http://portrait.invalid/a.png", &sound["input"]);
    assert_eq!(api.video(&unjudged).await.status, 200);
}

/// One content under two names with two verdicts, as tests have it: the address decides before the
/// content does.
#[tokio::test]
async fn an_address_that_was_judged_decides_before_its_content() {
    let script = "[[image]]\nname = \"b.png\"\nface_bbox = [1, 2, 30, 40]\n\
                  [[image]]\nname = \"c.png\"\nverdict = \"InvalidFile.NoHuman\"\n";
    let api = Api::scripted(script).await;
    let (_a, a) = api.passed("a.png").await;
    let (_b, b) = api.passed("b.png").await;
    let c = api.lend("c.png");
    api.detect(c.url()).await;
    for call in [&a, &b] {
        let accepted = api.video(call).await;
        assert_eq!(
            api.end(&accepted).await["output"]["task_status"],
            "SUCCEEDED"
        );
    }
    // Boxes of another address are no word about this one.
    let mut mixed = a.clone();
    mixed["input"]["face_bbox"] = b["input"]["face_bbox"].clone();
    assert_eq!(api.video(&mixed).await.at("/code"), "InvalidParameter");
    // An address that was not judged is known by its content, about which either was said.
    let stored = api.uploaded(VIDEO_MODEL, portrait()).await;
    for call in [a, b] {
        assert_eq!(
            api.video(&self::call(&stored, &call["input"])).await.status,
            200
        );
    }
}

/// A fault on the way back changes what the caller read, and the caller hands on what it read.
#[tokio::test]
async fn boxes_are_held_against_what_was_sent() {
    let api = Api::start().await;
    api.standin
        .next(Fault::set("/output/face_bbox", vec![5, 6, 70, 80]));
    let (_lent, call) = api.passed("a.png").await;
    assert_eq!(call["input"]["face_bbox"], json!([5, 6, 70, 80]));
    assert_eq!(api.video(&call).await.status, 200);
}
