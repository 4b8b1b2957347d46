//! What passes the free stages is asked about by the URL that was signed for it: no upload.

use serde_json::Value;
use standin::Standin;

use crate::setup::{Setup, assert_silent, parsed};
use crate::support::{Run, run};

#[test]
fn a_private_bucket_is_checked_from_the_list_to_the_hand_off() {
    let setup = Setup::with(["in/a b.png", "in/ü.png"]);
    let mut command = setup.command(&[
        "s3://portraits/in/",
        "--remote=standin",
        "-f",
        "jsonl",
        "-vv",
        "-o",
        "r.html",
    ]);
    let run = run(&mut command);
    assert_eq!(run.code, 0, "{run:?}");
    assert_silent(&run.stderr);
    assert_silent(&std::fs::read_to_string(setup.folder.path().join("r.html")).unwrap());
    let (mut images, summary) = parsed(&run.stdout);
    assert_eq!(summary["remote"]["asked"], 2, "{summary}");
    for image in &mut images {
        // The hand-off is what was sent, and opens the image for the video call.
        let sent = image["handoff"]["input"]["image_url"].take();
        let sent = sent.as_str().unwrap();
        assert!(sent.contains("X-Amz-Signature="), "{sent}");
        assert_eq!(image["handoff"]["kind"], "made-up");
        assert_silent(&image.to_string());
    }
}

#[test]
fn an_object_is_known_however_often_it_is_signed() {
    let setup = Setup::with(["a.png", "b.png"]);
    let service = setup.runtime.block_on(Standin::builder().start()).unwrap();
    let ask = || -> (Value, Run) {
        let mut command = setup.command(&["s3://portraits/", "--remote", "-f", "jsonl"]);
        let command = command
            .env("DASHSCOPE_API_KEY", "sk-a-key")
            .env("DASHSCOPE_HTTP_BASE_URL", service.base_url())
            .env("PREFLIGHT_CACHE_DIR", setup.folder.path().join("cache"));
        let run = run(command);
        assert_eq!(run.code, 0, "{run:?}");
        let (_, summary) = parsed(&run.stdout);
        (summary["remote"].clone(), run)
    };
    let (first, _) = ask();
    assert_eq!((&first["asked"], &first["cached"]), (&2.into(), &0.into()));
    // A signature holds the second in which it was made.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let (second, _) = ask();
    assert_eq!(
        (&second["asked"], &second["cached"]),
        (&0.into(), &2.into())
    );
    let stats = service.stats();
    assert_eq!(stats.face_detect, 2);
    for entry in std::fs::read_dir(setup.folder.path().join("cache")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert_silent(&String::from_utf8_lossy(&bytes));
    }
    let _guard = setup.runtime.enter();
    drop(service);
}
