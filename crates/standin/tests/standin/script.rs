//! The script, from a file, and the example that the README shows.

use standin::{Script, ScriptError, Standin};

use crate::support::{Answer, Api, picture, portrait};

/// sha256 of a sound portrait, as the stand-in reports it.
async fn sha256_of_a_portrait() -> String {
    let api = Api::start().await;
    api.detect_named("a.png").await;
    let images = api.standin.stats().images;
    images.into_values().next().unwrap().sha256.unwrap()
}

#[tokio::test]
async fn content_wins_over_the_name() {
    let sha256 = sha256_of_a_portrait().await;
    let api = Api::scripted(&format!(
        "[[image]]\nname = \"a.png\"\nverdict = \"InvalidFile.NoHuman\"\n\
         [[image]]\nsha256 = \"{}\"\nface_bbox = [1, 2, 3, 4]\nhumanoid = true\nfaults = [\"truncated\"]\n",
        sha256.to_uppercase()
    ))
    .await;
    assert!(
        api.detect_named("b.png").await.text.len() < 100,
        "truncated"
    );
    for name in ["a.png", "b.png"] {
        let body = api.detect_named(name).await.json();
        assert_eq!(
            body["output"]["face_bbox"],
            serde_json::json!([1, 2, 3, 4]),
            "{name}"
        );
        assert_eq!(body["output"]["humanoid"], true);
        assert_eq!(
            body["output"]["ext_bbox"].as_array().unwrap().len(),
            4,
            "made up, as it was not given"
        );
    }
}

#[tokio::test]
async fn names_are_decoded_and_a_fault_needs_no_image() {
    let api = Api::scripted(
        "[[image]]\nname = \"图 1.png\"\nverdict = \"InvalidFile.Value\"\nmessage = \"too dark\"\n\
         [[image]]\nname = \"nowhere.png\"\nfault = { error = \"DataInspectionFailed\" }\n\
         [[image]]\nname = \"blocked.png\"\nverdict = \"DataInspectionFailed\"\n",
    )
    .await;
    let answer = api.detect_named("图 1.png").await;
    assert_eq!(answer.at("/output/code"), "InvalidFile.Value");
    assert_eq!(answer.at("/output/message"), "too dark");

    let answer = api.detect("http://portrait.invalid/nowhere.png").await;
    assert_eq!(
        (answer.status, answer.at("/code").as_str()),
        (400, "DataInspectionFailed")
    );
    // A verdict about the call is an error in any shape.
    let answer = api.detect_named("blocked.png").await;
    assert_eq!(
        (answer.status, answer.at("/code").as_str()),
        (400, "DataInspectionFailed")
    );
    assert_eq!(api.standin.stats().billable, 1);
}

#[tokio::test]
async fn a_script_says_nothing_about_what_is_no_portrait() {
    let api = Api::scripted("[[image]]\nname = \"a.png\"\nverdict = \"pass\"\n").await;
    assert_eq!(
        api.detect_bytes("a.png", "no image").await.at("/code"),
        "InvalidURL"
    );
}

#[tokio::test]
async fn a_script_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.toml");
    std::fs::write(
        &path,
        "shape = \"bad400\"\n[[image]]\nname = \"a\"\nverdict = \"InvalidFile.FullFace\"\n",
    )
    .unwrap();
    let api = Api::with(Standin::builder().script(Script::load(&path).unwrap())).await;
    assert_eq!(
        api.detect_named("a").await.at("/code"),
        "InvalidFile.FullFace"
    );

    let missing = Script::load(folder.path().join("none.toml")).unwrap_err();
    assert!(matches!(missing, ScriptError::Read { .. }));
    assert!(missing.to_string().contains("none.toml"));
}

#[tokio::test]
async fn the_readme_s_script_does_what_the_readme_says() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (script, _) = rest.split_once("```").unwrap();
    let api = Api::scripted(script).await;

    let crowd = api.detect_named("crowd.jpg").await;
    assert_eq!(
        (crowd.status, crowd.at("/code").as_str()),
        (400, "InvalidFile.MultiHuman")
    );
    let lady = api.detect_named("lady.png").await;
    assert_eq!(
        lady.json()["output"]["ext_bbox"],
        serde_json::json!([71, 9, 840, 778])
    );
    let odd = api.detect_named("odd.png").await.json();
    assert_eq!(
        odd["output"],
        serde_json::json!({"check_pass": true, "face_bbox": [-3, 12.5, 1001]})
    );
    let throttled = api.detect_named("flaky.png").await;
    assert_eq!(
        (throttled.status, throttled.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(api.detect_named("flaky.png").await.status, 504);
    assert_eq!(api.detect_named("flaky.png").await.status, 200);
    let lost = api.standin.lend_bytes("lost.png", portrait()).unwrap();
    assert!(api.request(lost.url()).send().await.is_err());
    assert_eq!(api.standin.stats().images[lost.url()].billable, 1);
}

/// The two bodies that the README sends with curl, about an image that is lent instead of hosted.
#[tokio::test]
async fn the_readme_s_calls_get_from_a_portrait_to_a_video() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (script, _) = rest.split_once("```").unwrap();
    let api = Api::scripted(script).await;
    let lady = api
        .standin
        .lend_bytes("lady.png", picture(850, 800, image::ImageFormat::Png))
        .unwrap();
    let bodies = readme.split("-d '").skip(1).map(|rest| {
        let (body, _) = rest.split_once('\'').unwrap();
        body.replace("http://127.0.0.1:8000/lady.png", lady.url())
    });
    let bodies: Vec<String> = bodies.collect();
    let request = api
        .post(&bodies[0])
        .header("content-type", "application/json");
    let passed = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(passed.json()["output"]["check_pass"], true);
    let call: serde_json::Value = serde_json::from_str(&bodies[1]).unwrap();
    for field in ["face_bbox", "ext_bbox"] {
        assert_eq!(passed.json()["output"][field], call["input"][field]);
    }
    let accepted = api.video(&call).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    assert_eq!(
        api.end(&accepted).await["output"]["task_status"],
        "SUCCEEDED"
    );
}
