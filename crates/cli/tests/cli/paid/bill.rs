//! The bill under faults, signals and crashes: never less than the server counted.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use standin::{Fault, Standin};

use super::{Setup, assert_billed};
use crate::support::{png, preflight, wait_until};

/// Found in a review: kill -9 in the middle of a run left charges that nothing spoke of.
#[cfg(unix)]
#[test]
fn calls_of_a_run_that_was_killed_are_told_by_the_next() {
    let slow = Standin::builder().service_time(Duration::from_secs(30));
    let setup = Setup::with(&["anna.jpg"], slow);
    let mut child = setup
        .command(&["--remote", "--upload"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("a call is under way", || {
        setup.standin().stats().face_detect > 0
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let run = setup.check(&["--remote", "--budget", "0", "--upload"]);
    assert_eq!(run.total("unsettled"), 1);
    assert!(
        run.stderr.contains("was never answered") && run.stderr.contains("CNY 0.004 at most"),
        "{}",
        run.stderr
    );
    let mut info = preflight();
    info.env("PREFLIGHT_CACHE_DIR", setup.folder.path().join("cache"));
    let info = info.args(["ledger", "info"]).output().unwrap();
    let info = String::from_utf8(info.stdout).unwrap();
    assert!(
        info.contains("open: 1 call maybe charged in the run of"),
        "{info}"
    );
}

#[test]
fn arrears_stop_the_run() {
    const IMAGES: u64 = 40;
    let setup = Setup::new(&[]);
    for n in 0..IMAGES {
        let image = png(500 + n as u32, 600);
        let name = format!("portraits/{n:02}.png");
        fs::write(setup.folder.path().join(name), image).unwrap();
        setup.standin().next(Fault::error("Arrearage"));
    }
    let run = setup.check(&["--remote", "--upload"]);
    assert_eq!(run.exit, 3);
    for image in 0..run.images.len() {
        assert_eq!(run.code(image), "PF502");
    }
    assert_eq!(run.images.len() as u64, IMAGES);
    let stats = setup.stats();
    assert!(stats.face_detect < IMAGES, "{stats:?}");
    assert_billed(&run, &stats);
}

#[test]
fn the_bill_is_right_under_every_kind_of_fault() {
    let faults = [
        Fault::error("Throttling"),
        Fault::gateway(502, true),
        Fault::gateway(504, false),
        Fault::error("InvalidFile.NoHuman"),
        Fault::Truncated,
        Fault::Doubled,
        Fault::remove("/output/face_bbox"),
        Fault::Cut(standin::Cut::Worked),
        Fault::Cut(standin::Cut::Request),
    ];
    for fault in faults {
        let setup = Setup::new(&["anna.jpg", "bruno.jpg"]);
        let name = format!("{fault:?}");
        setup.standin().next(fault);
        let run = setup.check(&["--remote", "--upload"]);
        assert!([0, 1, 3].contains(&run.exit), "{name}: {}", run.stderr);
        assert_billed(&run, &setup.stats());
        // Only verdicts are kept, so that what is unknown is asked again.
        let unknown = run.summary["unknown"].as_u64().unwrap();
        let again = setup.check(&["--remote", "--upload"]);
        assert_eq!(again.total("cached"), 2 - unknown, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_complete_report_and_an_honest_bill() {
    let slow = Standin::builder().service_time(Duration::from_secs(30));
    let setup = Setup::with(&["anna.jpg", "bruno.jpg", "thumbnail.jpg"], slow);
    let child = setup
        .command(&["--remote", "--upload", "-o", "report.jsonl"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("a call is under way", || {
        setup.standin().stats().face_detect > 0
    });
    interrupt(&child);
    // The first signal stops sending; the second drops what was sent.
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report = fs::read_to_string(setup.folder.path().join("report.jsonl")).unwrap();
    let lines: Vec<Value> = report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.last().unwrap();
    assert_eq!(summary["interrupted"], true);
    assert!(summary["remote"]["maybe_charged"].as_u64().unwrap() >= 1);
    let lost = lines
        .iter()
        .find(|line| line["findings"][0]["code"] == "PF505")
        .unwrap();
    assert_eq!(lost["remote"]["charge"], "unknown");
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}
