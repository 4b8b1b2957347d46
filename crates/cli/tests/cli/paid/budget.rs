//! The budget of a run and of a day, and what is left for the next run.

use std::fs;

use super::{Setup, assert_billed};

#[test]
fn nothing_goes_beyond_the_budget() {
    let setup = Setup::new(&["anna.jpg", "bruno.jpg", "dayo.JPG", "elif.png"]);
    let run = setup.check(&["--remote", "--upload", "--budget", "2"]);
    assert_eq!(run.exit, 3);
    assert_eq!(run.total("asked"), 2);
    assert_billed(&run, &setup.stats());
    let left_over: Vec<_> = run
        .images
        .iter()
        .filter(|image| image["findings"][0]["code"] == "PF508")
        .collect();
    assert_eq!(left_over.len(), 2);
    assert!(left_over.iter().all(|image| image["outcome"] == "unknown"));
}

/// Found in a review: which images were paid for depended on timing.
#[test]
fn the_budget_goes_to_images_in_the_order_of_the_input() {
    let setup = Setup::new(&["anna.jpg", "bruno.jpg", "dayo.JPG", "elif.png"]);
    let run = setup.check(&["--remote", "--upload", "--budget", "2", "-j", "8"]);
    let asked = run.images.iter().map(|image| image["outcome"] == "pass");
    assert_eq!(asked.collect::<Vec<_>>(), [true, true, false, false]);
    assert_eq!((run.total("eligible"), run.total("not_asked")), (4, 2));
    assert_eq!(run.summary["remote"]["price"]["at_most"], 0.008);
    // Known verdicts cost no budget, so that the next run goes on.
    let next = setup.check(&["--remote", "--upload", "--budget", "2"]);
    assert_eq!(
        (next.exit, next.total("cached"), next.total("asked")),
        (0, 2, 2)
    );
}

#[test]
fn what_the_budget_left_over_is_one_line() {
    let setup = Setup::new(&["anna.jpg", "bruno.jpg", "dayo.JPG", "elif.png"]);
    let output = setup
        .command(&["--remote", "--upload", "--budget", "1"])
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let line = "3 images not asked: the budget of 1 is used up. Run again to go on \
                (known verdicts are free); all of them: --budget 3, CNY 0.012\n";
    assert!(stdout.contains(line), "{stdout}");
    assert_eq!(stdout.matches("PF508").count(), 0, "{stdout}");
}

#[test]
fn the_day_has_a_budget_over_all_runs() {
    let setup = Setup::new(&["anna.jpg", "bruno.jpg", "dayo.JPG", "elif.png"]);
    let words = [
        "--remote",
        "--upload",
        "--budget-per-day",
        "3",
        "--no-cache",
    ];
    let first = setup.check(&[&words[..], &["--budget", "2"]].concat());
    assert_eq!(first.total("asked"), 2);
    let plan = setup.check(&[&words[..], &["--dry-run"]].concat());
    assert_eq!((plan.total("to_ask"), plan.total("not_asked")), (1, 3));
    // What the day leaves is not raised by the flag of the run.
    assert!(!plan.stderr.contains("--budget "), "{}", plan.stderr);
    let left = "note: the day's budget (--budget-per-day) leaves 1 request";
    assert!(plan.stderr.contains(left), "{}", plan.stderr);
    let second = setup.check(&words);
    assert_eq!(
        (second.exit, second.total("asked")),
        (3, 1),
        "{}",
        second.stderr
    );
    assert_eq!(setup.stats().face_detect, 3);
}

#[test]
fn a_report_is_resumed_where_it_left_off() {
    let setup = Setup::new(&["anna.jpg", "bruno.jpg", "thumbnail.jpg"]);
    let report = setup.folder.path().join("first.jsonl");
    let words = ["--remote", "--upload", "--budget", "1", "-o", "first.jsonl"];
    assert_eq!(setup.check(&words).exit, 1);
    let run = setup.check(&["--remote", "--upload", "--resume", "first.jsonl"]);
    let names: Vec<_> = run
        .images
        .iter()
        .map(|image| image["path"].as_str().unwrap())
        .collect();
    assert_eq!((names, run.exit), (vec!["portraits/bruno.jpg"], 0));
    fs::write(&report, "no report\n").unwrap();
    let output = setup
        .command(&["--resume", "first.jsonl"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
