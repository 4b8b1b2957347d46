//! All below a prefix is checked, as all in a folder is.

use std::fs;

use testkit::s3::{self, Bucket};
use testkit::server;

use crate::setup::{Setup, assert_silent, outcomes};
use crate::support::png;

#[test]
fn a_prefix_is_checked_in_the_order_of_its_keys() {
    let numbers = (0..2500).map(|number| format!("a/{number:04}.png"));
    let others = [
        "a/",
        "a/folder/",
        "a/notes.txt",
        "a/photo",
        "a/x.svg",
        "a/.hidden.png",
        "b.png",
    ];
    let setup = Setup::with(numbers.chain(others.map(str::to_owned)));
    let (images, summary) = setup.lines(&["s3://portraits/a/"]);
    let mut expected: Vec<_> = (0..2500)
        .map(|number| format!("s3://portraits/a/{number:04}.png:p"))
        .collect();
    expected.push("s3://portraits/a/photo:p".to_owned());
    assert_eq!(outcomes(&images), expected);
    assert_eq!(summary["images"], 2501);
    let pages = setup.server.requests();
    let pages = pages
        .iter()
        .filter(|request| request.target().contains("list-type=2"));
    assert_eq!(pages.count(), 3);
}

#[test]
fn odd_keys_keep_their_names() {
    let keys = [
        "a b+c.png",
        "100%.png",
        "%20.png",
        "ü//😀.png",
        "/a.png",
        "a&b=c.png",
        "what?#1.png",
        "~!'()*.png",
        "s3:x.png",
    ];
    let setup = Setup::with(keys);
    let (images, _) = setup.lines(&["s3://portraits"]);
    let mut expected = keys.map(|key| format!("s3://portraits/{key}:p"));
    expected.sort();
    assert_eq!(outcomes(&images), expected);
    let said = setup.check(&["s3://portraits", "-v"]).stdout;
    for key in keys {
        assert!(
            said.contains(&format!("s3://portraits/{key}")),
            "{key} in {said}"
        );
    }
    // One by one, in a list.
    let list: String = keys
        .iter()
        .map(|key| format!("s3://portraits/{key}\n"))
        .collect();
    setup.folder.file("list", list.as_bytes());
    let (images, _) = setup.lines(&["--files-from", "list"]);
    assert_eq!(images.len(), keys.len());
    assert!(
        images.iter().all(|image| image["outcome"] == "pass"),
        "{images:?}"
    );
}

/// `url` takes such a key for another one: found when this was written.
#[test]
fn a_key_that_no_url_can_hold_is_no_other_key() {
    let setup = Setup::with(["a/../secret.png", "secret.png"]);
    let (images, _) = setup.lines(&["s3://portraits/a/"]);
    assert_eq!(outcomes(&images), ["s3://portraits/a/../secret.png:r"]);
    let finding = &images[0]["findings"][0];
    assert_eq!(finding["code"], "PF008");
    assert!(
        finding["help"]
            .as_str()
            .unwrap()
            .contains("copy the object")
    );
    let fetched = setup.server.requests();
    assert!(
        fetched
            .iter()
            .all(|request| !request.target().starts_with("/portraits/secret"))
    );
}

#[test]
fn what_is_named_twice_is_checked_once() {
    let page = || s3::page(["a#1.png", "a#1.png", "a#2.png"], None);
    let setup = Setup::answering(move |request| match request.target() {
        list if list.contains("list-type=2") => page(),
        _ => server::partial(request, &png(500, 600)),
    });
    let words = [
        "s3://portraits/",
        "s3://portraits/a#2.png",
        "s3://portraits/a#2.png",
    ];
    let (images, summary) = setup.lines(&words);
    assert_eq!(
        outcomes(&images),
        [
            "s3://portraits/a#1.png:p",
            "s3://portraits/a#2.png:p",
            "s3://portraits/a#2.png:p",
            "s3://portraits/a#2.png:p",
        ]
    );
    assert_eq!(images[3]["same_as"], "s3://portraits/a#2.png");
    assert_eq!(
        (&summary["images"], &summary["duplicates"]),
        (&2.into(), &2.into())
    );
}

#[test]
fn excludes_and_silence_hold_for_objects() {
    let bucket = Bucket::new(
        "portraits",
        ["a/old.png", "a/_SUCCESS", "a/x.png"].map(str::to_owned),
        png(500, 600),
    );
    let setup = Setup::answering(move |request| match request.target() {
        success if success.contains("_SUCCESS") => server::whole(b""),
        _ => bucket.answer(request),
    });
    let (images, summary) = setup.lines(&["s3://portraits/a/", "--exclude", "old.png"]);
    assert_eq!(outcomes(&images), ["s3://portraits/a/x.png:p"]);
    assert_eq!(summary["images"], 1);
    // A user who names it wants it checked.
    let (images, _) = setup.lines(&["s3://portraits/a/_SUCCESS"]);
    assert_eq!(outcomes(&images), ["s3://portraits/a/_SUCCESS:r"]);
}

#[test]
fn no_report_and_no_log_holds_a_signature() {
    let setup = Setup::with(["a.png", "b c.png", "a/../b.png"]);
    let reports = [
        "r.jsonl",
        "r.sarif",
        "r.xml",
        "r.md",
        "r.html",
        "r.txt",
        "gitlab:r.json",
    ];
    let mut words = vec![
        "s3://portraits/",
        "s3://portraits/none.png",
        "s3://missing/",
        "-vv",
    ];
    words.extend(reports.iter().flat_map(|report| ["-o", *report]));
    let run = setup.check(&words);
    assert_eq!(run.code, 1, "{run:?}");
    for report in reports {
        let file = report.rsplit(':').next().unwrap();
        let text = fs::read_to_string(setup.folder.path().join(file)).unwrap();
        assert_silent(&text);
        // It points at files, and these images stand in none.
        let has_names = report != "r.sarif";
        assert_eq!(text.contains("portraits"), has_names, "{report}: {text}");
    }
}
