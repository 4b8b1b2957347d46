//! Reports of real runs, read back by the programs that have to read them.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Folder, Run, formats, run};

/// The schema, closed: a line must not hold a key that the schema does not name at its place.
fn closed(mut schema: Value) -> Value {
    // These are parts of other objects, which they would close as well.
    let parts = ["ImageLine", "Report", "SummaryLine", "VideoCall"];
    for (name, definition) in schema["$defs"].as_object_mut().unwrap() {
        let has_keys = definition.get("properties").is_some();
        if has_keys && !parts.contains(&name.as_str()) {
            definition["additionalProperties"] = json!(false);
        }
    }
    schema["unevaluatedProperties"] = json!(false);
    schema
}

fn assert_no_null(value: &Value) {
    match value {
        Value::Null => panic!("a key whose value is not known is absent"),
        Value::Object(object) => object.values().for_each(assert_no_null),
        Value::Array(array) => array.iter().for_each(assert_no_null),
        _ => {}
    }
}

#[test]
fn every_line_validates_and_holds_no_key_that_the_schema_does_not_know() {
    let folder = Folder::with_gallery();
    let schema = run(folder.preflight().args(["generate", "schema"])).stdout;
    let schema = closed(serde_json::from_str(&schema).unwrap());
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    folder.file(
        "list.txt",
        b"gallery\nno such file\nftp://x/\noss://b/c.jpg\nno such file\n",
    );
    let mut lines: Vec<Value> = Vec::new();
    for words in [
        &["--files-from", "list.txt", "--exclude", "hana*", "--decode"][..],
        &["gallery", "--remote=standin", "--exclude", "[h-z]*"],
        &["gallery", "--dry-run"],
    ] {
        let run = folder.check(words.iter().chain(&["--format", "jsonl"]));
        let read = run.stdout.lines().map(|line| serde_json::from_str(line));
        lines.extend(read.map(Result::unwrap));
        assert_eq!(lines.last().unwrap()["type"], "summary");
    }
    for line in &lines {
        let errors: Vec<_> = validator
            .iter_errors(line)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, [] as [String; 0], "{line}");
        assert_no_null(line);
    }
    assert!(lines.len() > 50);
    // The lines hold every kind of object.
    for key in ["same_as", "remote", "handoff", "reason", "left_out"] {
        assert!(lines.iter().any(|line| line.get(key).is_some()), "{key}");
    }
    // The schema refuses something.
    let image = json!({"type": "image", "outcome": "pass", "stage": "limits", "findings": []});
    assert!(validator.is_valid(&image));
    for (key, value) in [
        ("type", json!("other")),
        ("outcome", Value::Null),
        ("by_code", json!({})),
    ] {
        let mut wrong = image.clone();
        wrong[key] = value;
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

/// Whether a line of the page holds the duration of the run.
fn is_timed(line: &str) -> bool {
    line.contains("\"elapsed_ms\":") || line.starts_with("<p>profile ")
}

#[test]
fn any_number_of_reports_in_one_run_and_the_same_for_any_number_of_jobs() {
    let formats: Vec<_> = formats().filter(|format| *format != "auto").collect();
    let run = |jobs: &str| {
        let folder = Folder::with_gallery();
        let outputs = formats
            .iter()
            .map(|format| format!("-o{format}:a.{format}"));
        let words = ["gallery", "-j", jobs].map(str::to_owned);
        let run = folder.check(words.into_iter().chain(outputs));
        assert_eq!(run.code, 1, "{run:?}");
        let read = |format: &&str| {
            let text = fs::read_to_string(folder.path().join(format!("a.{format}"))).unwrap();
            assert!(!text.is_empty(), "{format}");
            // Only the last line holds the duration.
            let end = text.trim_end().rfind('\n').unwrap_or(0);
            match *format {
                "jsonl" | "human" => text[..end].to_owned(),
                "html" => text.lines().filter(|line| !is_timed(line)).collect(),
                _ => text,
            }
        };
        formats.iter().map(read).collect::<Vec<_>>()
    };
    assert_eq!(run("1"), run("16"));
}

#[test]
fn in_github_actions_auto_annotates_and_appends_to_the_job_summary() {
    let folder = Folder::with_gallery();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "the summary of another step").unwrap();
    let run = |words: &[&str]| {
        let mut command = folder.preflight();
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &summary);
        run(command.arg("check").args(words))
    };
    let auto = run(&["gallery"]);
    let errors = |run: &Run| {
        let lines = run.stdout.lines();
        lines.filter(|line| line.starts_with("::error ")).count()
    };
    assert!((1..=10).contains(&errors(&auto)), "{auto:?}");
    assert!(auto.stdout.contains("REJECTED at"));
    let written = fs::read_to_string(&summary).unwrap();
    assert!(
        written.starts_with("the summary of another step\n## preflight: "),
        "{written}"
    );

    // A format that is named is written alone.
    let human = run(&["gallery", "--format", "human"]);
    assert_eq!(errors(&human), 0);
    assert_eq!(fs::read_to_string(&summary).unwrap(), written);
}

#[test]
fn a_run_that_is_not_done_leaves_old_reports_alone() {
    let folder = Folder::with_gallery();
    let report = folder.path().join("report.md");
    fs::write(&report, "the last one").unwrap();
    for words in [
        &["nothing*.png", "-o", "report.md"][..],
        &["gallery", "-o", "report.md", "-o", "no/such/folder.md"],
        &["gallery", "-o", "report.md", "-o", "./report.md"],
        &["gallery", "-o", "report.md", "--profile", "nosuch"],
    ] {
        let run = folder.check(words);
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        assert_eq!(
            fs::read_to_string(&report).unwrap(),
            "the last one",
            "{words:?}"
        );
        assert_eq!(run.stdout, "", "{words:?}");
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing else is left behind"
    );
}

#[test]
fn a_report_inside_the_folder_is_not_checked_by_the_next_run() {
    let folder = Folder::with_gallery();
    let words = ["gallery", "-f", "jsonl", "-o", "jsonl:gallery/[report].png"];
    let images = |run: &Run| run.stdout.lines().count();
    let first = folder.check(&words);
    assert!(
        folder.path().join("gallery/[report].png").exists(),
        "{first:?}"
    );
    assert_eq!(images(&first), images(&folder.check(&words)));
}

/// Found by trying: a report over an input, a list or the settings destroyed it, with exit code 0.
#[test]
fn no_report_is_written_over_what_is_read() {
    let folder = Folder::with_gallery();
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
        let run = folder.check(words);
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        let said = &run.stderr;
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
    let folder = Folder::with_gallery();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let gitlab = |here: &str, words: &[&str]| -> Vec<String> {
        let mut command = folder.preflight();
        let command = command.current_dir(folder.path().join(here));
        let run = run(command.args(["check", "-f", "gitlab"]).args(words));
        let issues: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
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
