//! Reports of real runs, read back by whoever has to read them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::preflight;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with the gallery of the fixtures in it.
fn gallery() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gallery");
    fs::create_dir(folder.path().join("gallery")).unwrap();
    for entry in fs::read_dir(gallery).unwrap() {
        let entry = entry.unwrap();
        fs::copy(
            entry.path(),
            folder.path().join("gallery").join(entry.file_name()),
        )
        .unwrap();
    }
    folder
}

fn preflight_in(folder: &TempDir) -> Command {
    let mut command = preflight();
    command
        .current_dir(folder.path())
        .env("HOME", folder.path());
    command
}

fn check(folder: &TempDir, words: &[&str]) -> Output {
    preflight_in(folder)
        .arg("check")
        .args(words)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The keys that a schema names anywhere.
fn keys(schema: &Value, known: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(properties) = object.get("properties").and_then(Value::as_object) {
                known.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| keys(value, known));
        }
        Value::Array(array) => array.iter().for_each(|value| keys(value, known)),
        _ => {}
    }
}

fn assert_known(line: &Value, known: &BTreeSet<String>) {
    if let Value::Object(object) = line {
        for (key, value) in object {
            assert!(known.contains(key), "the schema does not know {key}");
            assert!(!value.is_null(), "{key} is null");
            // The keys below are the extensions and codes that were met, and headers.
            if !["by_code", "by_extension", "headers"].contains(&key.as_str()) {
                assert_known(value, known);
            }
        }
    } else if let Value::Array(array) = line {
        array.iter().for_each(|value| assert_known(value, known));
    }
}

#[test]
fn every_line_validates_and_holds_no_key_that_the_schema_does_not_know() {
    let folder = gallery();
    let schema = preflight_in(&folder)
        .args(["generate", "schema"])
        .output()
        .unwrap()
        .stdout;
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let mut known = BTreeSet::new();
    keys(&schema, &mut known);

    fs::write(
        folder.path().join("list.txt"),
        "gallery\nno such file\nftp://x/\noss://b/c.jpg\n",
    )
    .unwrap();
    let words = [
        "--files-from",
        "list.txt",
        "--exclude",
        "hana*",
        "--decode",
        "--format",
        "jsonl",
    ];
    let run = check(&folder, &words);
    let lines: Vec<Value> = text(&run.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        let errors: Vec<_> = validator
            .iter_errors(line)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, [] as [String; 0], "{line}");
        assert_known(line, &known);
    }
    assert_eq!(lines.last().unwrap()["type"], "summary");
    assert!(lines.len() > 25);
    // The schema does refuse something.
    for wrong in [r#"{"type":"image"}"#, r#"{"type":"other"}"#] {
        assert!(
            !validator.is_valid(&serde_json::from_str(wrong).unwrap()),
            "{wrong}"
        );
    }
}

#[test]
fn any_number_of_reports_in_one_run_and_the_same_for_any_number_of_jobs() {
    let reports = [
        "a.jsonl",
        "a.sarif",
        "a.xml",
        "a.md",
        "a.txt",
        "gitlab:a.json",
        "github:a.gh",
        "compact:a.c",
    ];
    let run = |jobs: &str| {
        let folder = gallery();
        let mut words = vec!["gallery", "-j", jobs];
        for report in &reports {
            words.extend(["-o", report]);
        }
        let run = check(&folder, &words);
        assert_eq!(run.status.code(), Some(1), "{run:?}");
        reports.map(|report| {
            let name = report.split(':').next_back().unwrap();
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(!text.is_empty(), "{name}");
            // How long it took is told once, at the end.
            let end = text.trim_end().rfind('\n').unwrap_or(0);
            if matches!(name, "a.jsonl" | "a.txt") {
                text[..end].to_owned()
            } else {
                text
            }
        })
    };
    assert_eq!(run("1"), run("16"));
}

#[test]
fn the_format_never_decides_the_exit_code() {
    let folder = gallery();
    for format in [
        "auto", "human", "compact", "jsonl", "sarif", "junit", "github", "gitlab", "markdown",
        "html",
    ] {
        assert_eq!(
            check(&folder, &["-f", format, "gallery"]).status.code(),
            Some(1),
            "{format}"
        );
        assert_eq!(
            check(&folder, &["-f", format, "gallery/anna.jpg"])
                .status
                .code(),
            Some(0),
            "{format}"
        );
    }
}

#[test]
fn in_github_actions_auto_annotates_and_appends_to_the_job_summary() {
    let folder = gallery();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "what another step said").unwrap();
    let run = |words: &[&str]| {
        let mut command = preflight_in(&folder);
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &summary);
        command.arg("check").args(words).output().unwrap()
    };
    let auto = run(&["gallery"]);
    let errors = |run: &Output| {
        text(&run.stdout)
            .lines()
            .filter(|line| line.starts_with("::error "))
            .count()
    };
    assert!((1..=10).contains(&errors(&auto)), "{auto:?}");
    assert!(text(&auto.stdout).contains("REJECTED at"));
    let written = fs::read_to_string(&summary).unwrap();
    assert!(
        written.starts_with("what another step said\n## preflight: "),
        "{written}"
    );

    // What is asked for by name is that and nothing more.
    let human = run(&["gallery", "--format", "human"]);
    assert_eq!(errors(&human), 0);
    assert_eq!(fs::read_to_string(&summary).unwrap(), written);
}

#[test]
fn a_run_that_is_not_done_leaves_old_reports_alone() {
    let folder = gallery();
    let report = folder.path().join("report.md");
    fs::write(&report, "the last one").unwrap();
    for words in [
        &["nothing*.png", "-o", "report.md"][..],
        &["gallery", "-o", "report.md", "-o", "no/such/folder.md"],
        &["gallery", "-o", "report.md", "-o", "./report.md"],
        &["gallery", "-o", "report.md", "--profile", "nosuch"],
    ] {
        let run = check(&folder, words);
        assert_eq!(run.status.code(), Some(2), "{words:?}: {run:?}");
        assert_eq!(
            fs::read_to_string(&report).unwrap(),
            "the last one",
            "{words:?}"
        );
        assert_eq!(text(&run.stdout), "", "{words:?}");
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing else is left behind"
    );
}

#[test]
fn a_report_inside_the_folder_is_not_checked_by_the_next_run() {
    let folder = gallery();
    let words = ["gallery", "-f", "jsonl", "-o", "jsonl:gallery/[report].png"];
    let images = |run: &Output| text(&run.stdout).lines().count();
    let first = check(&folder, &words);
    assert!(
        folder.path().join("gallery/[report].png").exists(),
        "{first:?}"
    );
    assert_eq!(images(&first), images(&check(&folder, &words)));
}

/// Found by trying: a report over an input, a list or the settings destroyed it, with exit code 0.
#[test]
fn no_report_is_written_over_what_is_read() {
    let folder = gallery();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("list.txt"), "gallery/anna.jpg\n").unwrap();
    fs::write(at("preflight.toml"), "profile = 'emo'\n").unwrap();
    for words in [
        &["gallery/anna.jpg", "-o", "markdown:gallery/anna.jpg"][..],
        &["gallery", "-o", "markdown:gallery/./anna.jpg"],
        &[
            "gallery/login-page.png",
            "-o",
            "junit:gallery/login-page.png",
        ],
        &["--files-from", "list.txt", "-o", "list.txt"],
        &["gallery", "-o", "junit:preflight.toml"],
    ] {
        let path = words.last().unwrap().rsplit(':').next().unwrap();
        let before = fs::read(at(path)).unwrap();
        let run = check(&folder, words);
        assert_eq!(run.status.code(), Some(2), "{words:?}: {run:?}");
        let said = text(&run.stderr);
        assert!(
            said.starts_with("error: --output ") && said.lines().count() == 1,
            "{said}"
        );
        assert!(fs::read(at(path)).unwrap() == before, "{words:?}");
    }
}

/// Found by trying: in a subfolder, a missing file was reported at the root of the repository.
#[test]
fn a_subfolder_reports_paths_from_the_repositorys_root() {
    let folder = gallery();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let gitlab = |here: &str, words: &[&str]| -> Vec<String> {
        let mut command = preflight_in(&folder);
        let run = command
            .current_dir(folder.path().join(here))
            .args(["check", "-f", "gitlab"])
            .args(words)
            .output()
            .unwrap();
        let issues: Vec<Value> = serde_json::from_slice(&run.stdout).unwrap();
        let path = |issue: &Value| issue["location"]["path"].as_str().unwrap().to_owned();
        issues.iter().map(path).collect()
    };
    let inside = gitlab("gallery", &["thumbnail.jpg", "missing.jpg", "../gone.jpg"]);
    assert_eq!(
        inside,
        ["gallery/thumbnail.jpg", "gallery/missing.jpg", "gone.jpg"]
    );
    let names = ["gallery/thumbnail.jpg", "gallery/missing.jpg", "gone.jpg"];
    assert_eq!(inside, gitlab(".", &names));
}
