//! What is checked, in which order, and what is said of what is not.

#[cfg(unix)]
mod unix;

use std::fs;

use crate::support::{Folder, run};

#[test]
fn a_folder_yields_images_by_extension_in_byte_order_depth_first() {
    let folder = Folder::new();
    for name in [
        "b.png",
        "B.JPG",
        "a/z.webp",
        "a/b/c.bmp",
        "c.dib",
        "a.jfif",
        "x.jpe",
        "é.jpeg",
    ] {
        folder.good(name);
    }
    for name in ["notes.txt", "a.pngx", "data.json"] {
        folder.good(name);
    }
    folder.file("Makefile", b"all:\n");
    // A name without an extension, or with a tail behind one, is looked at by its first bytes.
    for name in ["b4f2c9aa", "photo.jpg!w400"] {
        folder.good(name);
    }
    let expected = [
        "B.JPG:p",
        "a/b/c.bmp:p",
        "a/z.webp:p",
        "a.jfif:p",
        "b.png:p",
        "b4f2c9aa:p",
        "c.dib:p",
        "photo.jpg!w400:p",
        "x.jpe:p",
        "é.jpeg:p",
    ];
    assert_eq!(folder.names([""; 0]), expected);
    assert_eq!(folder.names(["."]), expected);
    assert_eq!(
        folder.names(["a/", "./a.jfif"]),
        ["a/b/c.bmp:p", "a/z.webp:p", "a.jfif:p"]
    );
}

#[test]
fn nothing_to_check_is_an_error_unless_allowed() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("empty")).unwrap();
    folder.file("texts/a.txt", b"text");
    folder.file("texts/a.svg", b"<svg/>");
    folder.file("list", b"# nothing\n\n");
    folder.good("a.png");
    for words in [
        vec!["empty"],
        vec!["texts"],
        vec!["typo*.png"],
        vec!["photo[1.png"],
        vec!["--files-from", "list"],
        vec!["--files-from", "list", "empty", "texts"],
        vec!["a.png", "--exclude", "*.png"],
        vec![".", "--exclude", "*"],
        vec!["oss://bucket/a.png"],
    ] {
        for format in ["human", "jsonl", "sarif"] {
            let run = folder.check(words.iter().copied().chain(["-f", format]));
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{words:?}");
            assert!(
                run.stderr.starts_with("error: nothing to check: "),
                "{run:?}"
            );
        }
        let run = folder.check(words.iter().copied().chain(["--allow-empty"]));
        assert_eq!(run.code, 0, "{words:?}: {run:?}");
    }
}

#[test]
fn an_empty_input_beside_a_good_one_leaves_the_run_unknown() {
    let folder = Folder::new();
    folder.good("good.png");
    fs::create_dir(folder.path().join("empty")).unwrap();
    let words = ["typo*.png", "good.png", "nosuch.png", "empty", "good.png/x"];
    assert_eq!(
        folder.names(words),
        [
            "typo*.png:u",
            "good.png:p",
            "nosuch.png:u",
            "empty:u",
            "good.png/x:u"
        ]
    );
    assert_eq!(folder.check(words).code, 3);
    assert_eq!(
        folder.names(words.into_iter().chain(["--allow-empty"])),
        ["good.png:p"]
    );
    // A missing file is an image that was asked for, not a pattern without a match.
    assert_eq!(folder.check(["nosuch.png"]).code, 3);
}

#[test]
fn an_image_is_checked_once_and_each_word_has_its_line() {
    let folder = Folder::new();
    folder.good("a.png");
    folder.good("sub/b.png");
    let words = ["./sub/../a.png", "a.png", ".", "sub/b.png", "*.png"];
    assert_eq!(
        folder.names(words),
        ["sub/../a.png:p", "a.png:p", "sub/b.png:p", "sub/b.png:p"]
    );
    let run = folder.check(words.iter().chain(&["-f", "jsonl"]));
    assert!(
        run.stdout.contains(r#""same_as":"sub/../a.png""#),
        "{run:?}"
    );
    assert!(run.stdout.contains(r#""images":2,"pass":2"#), "{run:?}");
    folder.file("list", b"# comment\na.png\n./a.png\nno.png\nno.png\n");
    let run = folder.check(["--files-from", "list", "-f", "jsonl"]);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "one line in, one line out: {run:?}");
    assert!(lines[1].contains(r#""same_as":2"#) && lines[1].contains(r#""outcome":"pass""#));
    assert!(lines[3].contains(r#""same_as":4"#) && lines[3].contains(r#""outcome":"unknown""#));
}

#[test]
fn patterns_are_a_walks_and_what_exists_is_no_pattern() {
    let folder = Folder::new();
    for name in [
        "a1.png",
        "a2.png",
        "b.png",
        "sub/a3.png",
        "photo[1].png",
        ".hidden/a4.png",
    ] {
        folder.good(name);
    }
    folder.file("a5.svg", b"<svg/>");
    assert_eq!(folder.names(["a*"]), ["a1.png:p", "a2.png:p"]);
    assert_eq!(
        folder.names(["**/a*.png"]),
        ["a1.png:p", "a2.png:p", "sub/a3.png:p"]
    );
    assert_eq!(folder.names(["s*"]), ["sub/a3.png:p"]);
    assert_eq!(folder.names(["{b,a1}.png"]), ["a1.png:p", "b.png:p"]);
    assert_eq!(folder.names(["photo[1].png"]), ["photo[1].png:p"]);
    assert_eq!(folder.names(["./a?.png"]), ["a1.png:p", "a2.png:p"]);
}

#[test]
fn excludes_win_over_everything() {
    let folder = Folder::new();
    for name in [
        "keep.png",
        "old.png",
        "fixtures/x.png",
        "deep/fixtures/y.png",
    ] {
        folder.good(name);
    }
    let words = [
        "keep.png",
        "old.png",
        ".",
        "--exclude",
        "old*",
        "--exclude",
        "**/fixtures/**",
    ];
    assert_eq!(folder.names(words), ["keep.png:p", "old.png:s"]);
    let run = folder.check(words);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout
            .starts_with("old.png  SKIPPED: excluded by --exclude 'old*'\n"),
        "{run:?}"
    );

    folder.file("preflight.toml", b"exclude = [\n  'old*',\n]\n");
    let run = folder.check(["keep.png", "old.png"]);
    let line = "old.png  SKIPPED: excluded by preflight.toml:2 exclude = 'old*'\n";
    assert!(run.stdout.starts_with(line), "{run:?}");
    assert_eq!(folder.names(["old.png", "--no-config"]), ["old.png:p"]);
}

#[test]
fn a_pattern_that_is_none_ends_the_run() {
    let folder = Folder::new();
    folder.good("a.png");
    let run = folder.check(["a.png", "--exclude", "a{b", "--exclude", "b"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: --exclude 'a{b'"), "{run:?}");
}

#[test]
fn ignore_files_hold_for_walking_only() {
    let folder = Folder::new();
    for name in [
        "a.png",
        "git.png",
        "ignored.png",
        "ours.png",
        ".hidden/h.png",
    ] {
        folder.good(name);
    }
    folder.file(".gitignore", b"git.png\n");
    folder.file(".ignore", b"ignored.png\n");
    folder.file(".preflightignore", b"ours.png\n");
    // .gitignore counts inside a repository only.
    assert_eq!(folder.names(["."]), ["a.png:p", "git.png:p"]);
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(folder.names(["."]), ["a.png:p"]);
    // A green run that left images out says so.
    let run = folder.check([".", "-f", "jsonl"]);
    assert!(run.stdout.contains(r#""ignored":3"#), "{run:?}");
    let hint = "hint: 3 entries were hidden or left out by an ignore file";
    assert!(run.stderr.contains(hint), "{run:?}");
    assert_eq!(
        folder.names(["git.png", "ignored.png"]),
        ["git.png:p", "ignored.png:p"]
    );
    assert_eq!(
        folder.names([".", "--no-ignore"]),
        [
            ".hidden/h.png:p",
            "a.png:p",
            "git.png:p",
            "ignored.png:p",
            "ours.png:p"
        ]
    );
}

#[test]
fn a_list_names_inputs_with_their_lines() {
    let folder = Folder::new();
    folder.good("a b.png");
    folder.small("sub/c.png");
    folder.file(
        "list.txt",
        b"\xef\xbb\xbf# ours\r\na b.png\r\n\r\nsub\r\nnosuch*.png\nftp://x/y",
    );
    let run = folder.check(["--files-from", "list.txt", "-f", "jsonl"]);
    let lines: Vec<_> = run
        .stdout
        .lines()
        .map(|line| line.split(",\"outcome").next().unwrap())
        .collect();
    assert_eq!(
        lines[..4],
        [
            r#"{"type":"image","path":"a b.png","origin":{"file":"list.txt","line":2}"#,
            r#"{"type":"image","path":"sub/c.png","origin":{"file":"list.txt","line":4}"#,
            r#"{"type":"image","path":"nosuch*.png","origin":{"file":"list.txt","line":5}"#,
            r#"{"type":"image","url":"ftp://x/y","origin":{"file":"list.txt","line":6}"#,
        ]
    );
    assert_eq!(run.code, 1);
    let missing = folder.check(["--files-from", "no.txt"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert!(
        missing
            .stderr
            .starts_with("error: the list no.txt cannot be read: "),
        "{missing:?}"
    );
}

#[test]
fn addresses_that_cannot_be_fetched_say_so_without_a_request() {
    let folder = Folder::new();
    folder.good("a.png");
    let words = [
        "OSS://b/a.png",
        "file:///etc/passwd",
        "http://user:pw@example.com/a.png",
        "a.png",
    ];
    let run = folder.check(words);
    assert_eq!(run.code, 1);
    assert!(!run.stdout.contains("user:pw"), "{run:?}");
    let outcomes: Vec<_> = folder
        .names(words)
        .iter()
        .map(|name| name[name.len() - 1..].to_owned())
        .collect();
    assert_eq!(outcomes, ["s", "r", "r", "p"]);
}

/// Found by trying: what is settled at a glance was settled before the excludes were asked.
#[test]
fn excludes_win_over_what_is_settled_at_a_glance_too() {
    let folder = Folder::new();
    folder.good("a.png");
    let words = [
        "a.png",
        "missing.png",
        "ftp://x.example/a.png",
        "oss://bucket/a.png",
        "HTTPS://x.example/a.png",
        "--exclude",
        "missing.png",
        "--exclude",
        "*://**",
    ];
    assert_eq!(
        folder.names(words),
        [
            "a.png:p",
            "missing.png:s",
            "ftp://x.example/a.png:s",
            "oss://bucket/a.png:s",
            "HTTPS://x.example/a.png:s"
        ]
    );
    let run = folder.check(words);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stdout.matches("excluded by --exclude").count(), 4);
}

#[test]
fn what_is_not_there_is_said_as_often_as_it_is_named() {
    let folder = Folder::new();
    assert_eq!(
        folder.names(["no.png", "./no.png", "no.png"]),
        ["no.png:u"; 3]
    );
    let run = folder.check([""]);
    assert!(
        run.stdout.starts_with("\"\"  UNKNOWN at input\n"),
        "{run:?}"
    );
}

/// Found by trying: the excludes of a file that is named by way of `..` left nothing out.
#[test]
fn a_configuration_by_a_detour_leaves_out_the_same() {
    let folder = Folder::new();
    folder.good("sub/a.png");
    folder.good("sub/b.png");
    folder.file("conf.toml", b"exclude = ['sub/b.png']");
    for config in [
        "../conf.toml",
        "./../sub/../conf.toml",
        "../sub/.././conf.toml",
    ] {
        let run = run(folder
            .preflight()
            .current_dir(folder.path().join("sub"))
            .args(["check", ".", "-f", "jsonl", "--config", config]));
        assert!(!run.stdout.contains("b.png"), "{config}: {run:?}");
        assert!(run.stdout.contains("a.png"), "{config}: {run:?}");
    }
}

/// Found by trying: without inputs, the working directory was checked, whatever the report named.
#[test]
fn a_report_is_resumed_without_inputs() {
    let folder = Folder::new();
    folder.good("a.png");
    folder.good("never-named.png");
    let run = folder.check(["a.png", "late.png", "-o", "first.jsonl"]);
    assert_eq!(run.code, 3);
    folder.good("late.png");
    assert_eq!(folder.names(["--resume", "first.jsonl"]), ["late.png:p"]);

    let report = fs::read_to_string(folder.path().join("first.jsonl")).unwrap();
    let cut = report.rsplit_once("{\"type\":\"summary\"").unwrap().0;
    folder.file("cut.jsonl", cut.as_bytes());
    let run = folder.check(["--resume", "cut.jsonl"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("give them again"), "{run:?}");
    let names = folder.names(["--resume", "cut.jsonl", "."]);
    assert_eq!(names, ["late.png:p", "never-named.png:p"]);
}

/// Found by trying: `--exclude '!x'` alone left nothing out, and nothing said so.
#[test]
fn a_negation_that_takes_nothing_back_is_told() {
    let folder = Folder::new();
    folder.good("a.png");
    let run = folder.check([".", "--exclude", "!a.png"]);
    assert_eq!(run.code, 0);
    let hint = "hint: --exclude '!a.png' leaves nothing out";
    assert!(run.stderr.contains(hint), "{run:?}");
    let run = folder.check([".", "--exclude", "*", "--exclude", "!a.png"]);
    assert!(!run.stderr.contains("leaves nothing out"), "{run:?}");
}
