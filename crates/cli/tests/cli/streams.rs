//! Standard streams, threads and signals: the outcome decides the exit code, whatever happens to
//! the report.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};

use crate::support::{Folder, PATIENCE, formats, png, run, wait_until};

#[test]
fn every_format_ends_with_the_same_code() {
    let folder = Folder::new();
    folder.good("good/a.png");
    folder.good("bad/a.png");
    folder.small("bad/b.png");
    folder.file(
        "unsure/lfs.png",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
    );
    for format in formats() {
        let code = |words: &[&str]| folder.check(words.iter().chain(&["-f", format])).code;
        assert_eq!(code(&["good"]), 0, "{format}");
        assert_eq!(code(&["bad"]), 1, "{format}");
        assert_eq!(code(&["unsure", "good"]), 3, "{format}");
        assert_eq!(
            code(&["unsure", "bad"]),
            1,
            "{format}: a rejection is definite"
        );
        assert_eq!(code(&["bad", "--exit-zero"]), 0, "{format}");
        assert_eq!(
            code(&["bad", "unsure", "--exit-zero"]),
            3,
            "{format}: only rejections are forgiven"
        );
        assert_eq!(code(&["good", "--bogus"]), 2, "{format}");
    }
}

#[test]
fn the_report_is_the_same_for_any_number_of_threads() {
    let folder = Folder::new();
    for n in 0..300 {
        let name = format!("d{}/{n:03}.png", n % 7);
        if n % 3 == 0 {
            folder.small(name)
        } else {
            folder.good(name)
        };
    }
    let report = |jobs: &str| {
        let run = folder.check([".", "-f", "jsonl", "-j", jobs]);
        assert_eq!(run.code, 1);
        let (images, summary) = run.stdout.trim_end().rsplit_once('\n').unwrap();
        assert!(
            summary.contains(r#""images":300,"pass":200,"reject":100"#),
            "{summary}"
        );
        images.to_owned()
    };
    let alone = report("1");
    for jobs in ["2", "16"] {
        assert!(alone == report(jobs), "-j{jobs} differs");
    }
}

#[test]
fn an_image_on_standard_input_is_checked_whole() {
    let folder = Folder::new();
    for (bytes, code) in [(png(500, 500), 0), (png(10, 10), 1), (Vec::new(), 1)] {
        let mut child = folder
            .preflight()
            .args(["check", "-", "-f", "jsonl"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(
            report.starts_with(r#"{"type":"image","path":"-","#),
            "{report}"
        );
    }
    assert_eq!(
        folder.check(["-", "--files-from", "-"]).code,
        2,
        "there is only one of it"
    );
}

#[test]
fn a_reader_that_leaves_changes_nothing_but_the_report() {
    let folder = Folder::new();
    for n in 0..2_000 {
        folder.small(format!("{n:04}.png"));
    }
    for format in formats() {
        let mut child = folder
            .preflight()
            .args(["check", "-f", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // As `| head -1` does.
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("error"), "{format}: {stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_never_turns_findings_into_success() {
    let folder = Folder::new();
    folder.good("good.png");
    folder.small("small.png");
    for format in formats() {
        for (image, code) in [("good.png", 2), ("small.png", 1), ("nosuch.png", 2)] {
            let full = std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .unwrap();
            let mut command = folder.preflight();
            let run = run(command.args(["check", image, "-f", format]).stdout(full));
            // These write no bytes for an image that passed, so a full disk does not matter.
            let is_empty = matches!(format, "github" | "compact") && image == "good.png";
            let code = if is_empty { 0 } else { code };
            assert_eq!(run.code, code, "{format} {image}: {run:?}");
            if code == 2 {
                let said = "error: the report could not be written to standard output: ";
                assert!(run.stderr.contains(said), "{format}: {run:?}");
            }
        }
    }
}

#[test]
fn only_the_report_goes_to_standard_output() {
    let folder = Folder::new();
    folder.good("a.png");
    folder.good("left.png");
    let run = folder.check([".", "-f", "jsonl", "--exclude", "left*"]);
    assert!(
        run.stdout.lines().all(|line| line.starts_with('{')),
        "{run:?}"
    );
    assert!(
        run.stderr
            .starts_with("1 image: 1 passed\nhint: 1 entry was left out by an exclude"),
        "{run:?}"
    );
    let quiet = folder.check([".", "-f", "jsonl", "-q"]);
    assert_eq!(quiet.stderr, "2 images: 2 passed\n");
    let silent = folder.check([".", "-qq"]);
    assert_eq!((silent.stdout.as_str(), silent.stderr.as_str()), ("", ""));
}

/// Found under load: a long list had a line on standard error for each such URL, and none named it.
#[test]
fn a_refused_address_is_told_by_the_report_alone() {
    let folder = Folder::new();
    let url = "http://127.0.0.1:9/a.png";
    let plain = folder.check(&[url]);
    assert_eq!((plain.code, plain.stderr.as_str()), (3, ""));
    assert!(plain.stdout.contains(url), "{}", plain.stdout);
    let verbose = folder.check(&[url, "-v"]);
    assert!(verbose.stderr.contains("WARN"), "{}", verbose.stderr);
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let folder = Folder::new();
    folder.small("a.png");
    for (variables, colours) in [
        (&[("FORCE_COLOR", "1")][..], true),
        (&[("FORCE_COLOR", "0")], false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
    ] {
        let mut command = folder.preflight();
        let run = run(command.args(["check", "."]).envs(variables.iter().copied()));
        assert_eq!(run.stdout.contains('\u{1b}'), colours, "{variables:?}");
    }
    assert!(!folder.check(["."]).stdout.contains('\u{1b}'));
    assert!(
        folder
            .check([".", "--color", "always"])
            .stdout
            .contains('\u{1b}')
    );
    assert!(
        !folder
            .check([".", "--color", "never"])
            .stdout
            .contains('\u{1b}')
    );
}

/// Found by a measurement: each line waited for a timer of 100 ms, so a program that sends one name
/// at a time waited for every image.
#[test]
fn a_driver_gets_the_line_of_each_name_before_it_sends_the_next() {
    let folder = Folder::new();
    folder.good("0.png");
    let mut child = folder
        .preflight()
        .args(["check", "--files-from", "-", "-f", "jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut list = child.stdin.take().unwrap();
    let lines = lines(child.stdout.take().unwrap());
    for n in 0..50 {
        let name = format!("{n}.png");
        folder.good(&name);
        // Whatever else is in the list, the line of an image must not wait for the next one.
        writeln!(list, "{name}\n# a comment\n").unwrap();
        let line = lines.recv_timeout(PATIENCE).unwrap();
        assert!(line.contains(&format!("\"path\":\"{name}\"")), "{line}");
    }
    drop(list);
    assert_eq!(ended(&mut child), Some(0));
}

/// A list that stays open simulates a long run.
#[cfg(unix)]
#[test]
fn after_ctrl_c_the_reports_are_complete_as_far_as_they_go() {
    use std::process::Command;

    let folder = Folder::new();
    folder.good("0.png");
    let mut signals = vec!["-INT", "-TERM"];
    // Under nohup, the command is not to hear of it.
    if !is_hangup_ignored() {
        signals.push("-HUP");
    }
    for signal in signals {
        let mut child = folder
            .preflight()
            .args(["check", "--files-from", "-", "-f", "jsonl"])
            .args(["-o", "report.xml", "-j1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut list = child.stdin.take().unwrap();
        let report = lines(child.stdout.take().unwrap());
        writeln!(list, "0.png").unwrap();
        let line = report.recv_timeout(PATIENCE).unwrap();
        assert!(line.contains("\"path\":\"0.png\""), "{line}");
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
        let summary = report.recv_timeout(PATIENCE).unwrap();
        assert!(summary.contains(r#""interrupted":true"#), "{summary}");
        assert!(summary.contains(r#""exit_code":130"#), "{summary}");
        assert_eq!(ended(&mut child), Some(130), "{signal}");
        let xml = std::fs::read_to_string(folder.path().join("report.xml")).unwrap();
        assert!(xml.trim_end().ends_with("</testsuites>"), "{xml}");
    }
}

#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_none_or(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1)
}

/// The lines of a stream, for a reader that does not wait for ever.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let _ = sender.send(line.unwrap());
        }
    });
    lines
}

/// The exit code, waited for within bounds.
fn ended(child: &mut Child) -> Option<i32> {
    wait_until("the command ends", || child.try_wait().unwrap().is_some());
    child.wait().unwrap().code()
}

/// Found by trying: reports were opened before the command listened for signals, so an early signal
/// left temporary files behind.
#[cfg(unix)]
#[test]
fn a_signal_at_any_moment_leaves_no_temporary_file() {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;
    use std::time::Duration;

    let folder = Folder::new();
    for n in 0..200 {
        folder.small(format!("images/{n}.png"));
    }
    let mut interrupted = 0;
    for micros in (0..60).map(|n| n * 500) {
        let mut child = folder
            .preflight()
            .args([
                "check", "images", "-o", "a.xml", "-o", "a.sarif", "-o", "a.md",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(micros));
        // The run may be over already.
        let _ = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .stderr(Stdio::null())
            .status();
        let status = child.wait().unwrap();
        // Before the command listens, the signal ends it by default, and no report is open yet.
        assert!(
            matches!(status.code(), Some(1 | 130)) || status.signal() == Some(15),
            "{micros}: {status}"
        );
        interrupted += usize::from(status.code() == Some(130));
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            left.iter()
                .all(|name| !name.to_string_lossy().starts_with('.')),
            "{micros}: {left:?}"
        );
    }
    assert!(interrupted > 0, "no signal interrupted a run");
}

/// Found by trying: a report to `/dev/stdout` replaced the file behind a redirection.
#[cfg(target_os = "linux")]
#[test]
fn a_report_to_a_stream_takes_nothing_from_the_file_behind_it() {
    let folder = Folder::new();
    folder.small("a.png");
    // Container images link their logs like this.
    std::os::unix::fs::symlink("/dev/stdout", folder.path().join("link.md")).unwrap();
    for stream in ["/dev/stdout", "/dev/stderr", "link.md", "log"] {
        let log = folder.file("log", b"the log of another step\n");
        let open = || std::fs::File::options().append(true).open(&log).unwrap();
        let status = folder
            .preflight()
            .args(["check", "a.png", "-o", &format!("markdown:{stream}")])
            .stdout(open())
            .stderr(open())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(1));
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(text.starts_with("the log of another step\n"), "{text}");
        for part in ["REJECTED at limits", "## preflight: 1 of 1 images rejected"] {
            assert!(text.contains(part), "{stream}: {text}");
        }
    }
}

/// Found by review: the beginning of a report went into the stream, although nothing was checked.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_not_done_writes_nothing_into_a_stream() {
    let folder = Folder::new();
    for report in ["sarif", "gitlab", "junit"] {
        let report = format!("{report}:/dev/stdout");
        let run = folder.check(["nothing*.png", "-o", &report]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{report}");
    }
}
