//! Names without an extension, and inputs that are nearly right.

use std::fs;

use crate::support::{Folder, run};

#[test]
fn every_name_of_a_photograph_is_checked_and_other_images_are_counted() {
    let folder = Folder::new();
    folder.good("a.png");
    for name in [
        "1.gif", "2.GIF", "3.heic", "4.avif", "5.tiff", "6.jxl", "7.jp2",
    ] {
        folder.file(name, b"GIF89a\x02\0\x02\0\0\0\0");
    }
    for name in ["x.svg", "y.psd", "z.svg"] {
        folder.file(name, b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    }
    let run = folder.check(["."]);
    assert_eq!(run.code, 1);
    let hint = "hint: 3 other images were left out by extension (svg 2, psd 1); ";
    assert!(run.stderr.starts_with(hint), "{run:?}");
    assert_eq!(
        run.stdout.matches("PF201 format-not-accepted: ").count(),
        7,
        "{run:?}"
    );
    let excludes = ["a.png", ".", "--exclude", "*.gif", "--exclude", "[2-7]*"];
    assert_eq!(folder.check(excludes).code, 0);
    assert_eq!(folder.names(["x.svg", "a.png"]), ["x.svg:r", "a.png:p"]);
}

/// Found in the field: a folder of downloads was green, most of its images unseen.
#[test]
fn a_name_without_an_extension_is_judged_by_its_first_bytes() {
    let folder = Folder::new();
    for name in [
        "b4f2c9aa",
        "a.jpg!w400",
        "a.jpg?w=8",
        "a.jpeg.1",
        "x.jpg_large",
        "n.jpg:large",
        "a.png@2x",
        "b.png.part",
        "trailing.",
        "IMG.2024.01",
    ] {
        folder.small(name);
    }
    // Neither images nor named like one: they are not mentioned.
    folder.file("LICENSE", b"Permission is hereby granted\n");
    folder.file("a.jpg.json", b"{}");
    // Named like one.
    folder.file("page.jpg!w8", b"<!DOCTYPE html><html></html>");
    folder.good("good.png");
    let run = folder.check([".", "-f", "jsonl"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains(r#""images":11,"pass":1,"reject":10"#),
        "{run:?}"
    );
    assert!(run.stdout.contains(r#""misnamed":1"#), "{run:?}");
    assert!(
        run.stderr
            .contains("hint: 1 entry was left out because it is named like"),
        "{run:?}"
    );
}

#[test]
fn an_exclude_may_begin_with_the_folder_and_must_match_something() {
    let folder = Folder::new();
    folder.good("a.png");
    folder.good("b.png");
    let run = folder.check([
        ".",
        "--exclude",
        "./a.png",
        "--exclude",
        "c.png",
        "-f",
        "jsonl",
    ]);
    assert!(run.stdout.contains(r#""images":1,"#), "{run:?}");
    assert!(
        run.stderr
            .contains("hint: --exclude 'c.png' matched nothing\n"),
        "{run:?}"
    );
    assert!(!run.stderr.contains("./a.png"), "{run:?}");
}

/// Words that people typed instead of a name or a URL, and the advice that the report must give.
#[test]
fn an_input_that_is_nearly_right_gets_advice() {
    let folder = Folder::new();
    folder.good("照片.png");
    folder.good("a.png");
    folder.good("b c.png");
    folder.good("sub/deep.png");
    fs::create_dir(folder.path().join(".git")).unwrap();
    for (word, outcome, cure) in [
        (r#""\347\205\247\347\211\207.png""#, "pass", ""),
        ("\"a.png\"", "pass", ""),
        ("'b c.png'", "pass", ""),
        (r#""\347\205.png""#, "unknown", "core.quotePath=false"),
        (" a.png", "unknown", "did you mean a.png?"),
        ("a.png,", "unknown", "did you mean a.png?"),
        ("a.png:12:3", "unknown", "did you mean a.png?"),
        ("A.PNG", "unknown", "did you mean a.png?"),
        ("b%20c.png", "unknown", "did you mean b c.png?"),
        ("a.png,sub/deep.png", "unknown", "several names"),
        ("sub\\deep.png", "unknown", "did you mean sub/deep.png?"),
        ("~/a.png", "unknown", "only a shell expands ~"),
        (
            "www.example.com/a.jpg?sig=SECRET",
            "unknown",
            "https://www.example.com/a.jpg?…",
        ),
        ("data:image/png;base64,iVBORw0KGgo=", "unknown", "base64"),
        (
            "s3://bucket/a.jpg",
            "reject",
            "aws s3 presign s3://bucket/a.jpg",
        ),
        ("file:///x/a.jpg", "reject", "/x/a.jpg"),
        ("git+https://h/r", "reject", "sign an https URL"),
    ] {
        folder.file("list", word.as_bytes());
        let run = folder.check(["--files-from", "list", "-f", "human", "-v", "--no-ignore"]);
        let said = match outcome {
            "pass" => "  passed",
            "reject" => "REJECTED at input",
            _ => "UNKNOWN at input",
        };
        assert!(run.stdout.contains(said), "{word}: {run:?}");
        assert!(run.stdout.contains(cure), "{word}: {run:?}");
        assert!(!run.stdout.contains("=SECRET"), "{word}: {run:?}");
    }
    let sub = folder.path().join("sub");
    let below = run(folder
        .preflight()
        .current_dir(sub)
        .args(["check", "sub/deep.png"]));
    assert!(
        below.stdout.contains("did you mean ../sub/deep.png?"),
        "{below:?}"
    );
}
