//! `--remote` against a service of our own: what the server counted is what the report says, and
//! the key is nowhere.
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::support::{formats, png, preflight, wait_until};
use serde_json::Value;
use standin::{Fault, Standin, Stats};
use tempfile::TempDir;
use testkit::server::{self, Server};
use tokio::runtime::Runtime;

const KEY: &str = "sk-a-key-that-nobody-must-see";

/// A folder with portraits, a service that answers to `KEY`, and the command set up for both.
struct Setup {
    runtime: Runtime,
    standin: Option<Standin>,
    folder: TempDir,
}

impl Setup {
    fn new(portraits: &[&str]) -> Self {
        Self::with(portraits, Standin::builder())
    }

    fn with(portraits: &[&str], service: standin::Builder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let standin = runtime.block_on(service.key(KEY).start()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("portraits")).unwrap();
        for name in portraits {
            let from = testkit::manifest::folder().join("gallery").join(name);
            fs::copy(from, folder.path().join("portraits").join(name)).unwrap();
        }
        Self {
            runtime,
            standin: Some(standin),
            folder,
        }
    }

    fn standin(&self) -> &Standin {
        self.standin.as_ref().unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = preflight();
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("PREFLIGHT_CACHE_DIR", self.folder.path().join("cache"))
            .env("DASHSCOPE_HTTP_BASE_URL", self.standin().base_url())
            .env("DASHSCOPE_API_KEY", format!("  {KEY}\n"))
            .args(["check", "portraits"])
            .args(words);
        command
    }

    fn check(&self, words: &[&str]) -> Run {
        let words = [words, &["-f", "jsonl", "-vv"]].concat();
        Run::of(&self.command(&words).output().unwrap())
    }

    fn stats(&self) -> Stats {
        self.runtime.block_on(self.standin().settled());
        self.standin().stats()
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        // It must stop inside its runtime.
        let _guard = self.runtime.enter();
        drop(self.standin.take());
    }
}

/// What came of a run.
struct Run {
    exit: i32,
    images: Vec<Value>,
    summary: Value,
    stderr: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let stdout = std::str::from_utf8(&output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !stdout.contains(KEY) && !stderr.contains(KEY),
            "the key is shown: {stderr}"
        );
        let lines = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let (mut images, mut summary) = (Vec::new(), Value::Null);
        for line in lines {
            let line: Value = line;
            if line["type"] == "image" {
                images.push(line);
            } else {
                summary = line;
            }
        }
        Self {
            exit: output.status.code().unwrap(),
            images,
            summary,
            stderr,
        }
    }

    fn code(&self, image: usize) -> &str {
        self.images[image]["findings"][0]["code"].as_str().unwrap()
    }

    fn total(&self, name: &str) -> u64 {
        self.summary["remote"][name].as_u64().unwrap()
    }
}

/// The bill is the server's count, whatever happened.
#[track_caller]
fn assert_billed(run: &Run, stats: &Stats) {
    assert_eq!(run.total("asked"), stats.face_detect, "{}", run.stderr);
    assert!(run.total("charged") <= stats.billable);
    assert!(stats.billable <= run.total("charged") + run.total("maybe_charged"));
}

#[test]
fn uploads_are_asked_about_once_and_then_known() {
    let setup = Setup::new(&["anna.jpg", "elif.png", "thumbnail.jpg"]);
    let first = setup.check(&["--remote", "--upload"]);
    assert_eq!(first.exit, 1, "{}", first.stderr);
    assert_eq!(first.images[0]["remote"]["charge"], "yes");
    assert_eq!(first.images[0]["remote"]["oss_model"], "emo-detect-v1");
    assert!(
        first.images[2].get("remote").is_none(),
        "too small, and never sent"
    );
    assert_eq!((first.total("asked"), first.total("charged")), (2, 2));
    assert_billed(&first, &setup.stats());

    let second = setup.check(&["--remote", "--upload"]);
    assert_eq!((second.total("asked"), second.total("cached")), (0, 2));
    assert_eq!(
        second.images[0]["remote"]["face_bbox"],
        first.images[0]["remote"]["face_bbox"]
    );
    assert_eq!(second.images[0]["remote"]["charge"], "no");
    let stats = setup.stats();
    assert_eq!(
        (stats.billable, stats.upload),
        (2, 2),
        "not even uploaded again"
    );

    let anew = setup.check(&["--remote", "--upload", "--no-cache"]);
    assert_eq!(anew.total("asked"), 2);

    let ledger = fs::read(setup.folder.path().join("cache/ledger.sqlite3")).unwrap();
    assert!(!String::from_utf8_lossy(&ledger).contains(KEY));
}

#[test]
fn a_dry_run_needs_no_key_and_sends_nothing() {
    let setup = Setup::new(&["anna.jpg", "elif.png", "thumbnail.jpg"]);
    fs::copy(
        setup.folder.path().join("portraits/anna.jpg"),
        setup.folder.path().join("portraits/copy-of-anna.jpg"),
    )
    .unwrap();
    let mut command = setup.command(&["--dry-run", "--upload"]);
    let output = command.env_remove("DASHSCOPE_API_KEY").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout.contains(
            "would ask about 2 of 3 fit images (1 known, budget 100): \
             at most CNY 0.008, about 1 s"
        ),
        "{stdout}"
    );
    assert_eq!(setup.stats(), Stats::default());
    assert!(!setup.folder.path().join("cache").exists());
}

#[test]
fn without_a_key_nothing_runs() {
    let setup = Setup::new(&["anna.jpg"]);
    let report = setup.folder.path().join("report.jsonl");
    fs::write(&report, "an older report").unwrap();
    let mut command = setup.command(&["--remote", "--upload", "-o", "report.jsonl"]);
    let output = command.env_remove("DASHSCOPE_API_KEY").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("DASHSCOPE_API_KEY") && stderr.lines().count() == 1,
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(report).unwrap(), "an older report");
    assert_eq!(setup.stats(), Stats::default());
}

#[test]
fn another_profile_has_another_detector() {
    let setup = Setup::new(&["anna.jpg"]);
    let output = setup
        .command(&["--remote", "--upload", "-p", "s2v"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("s2v"));
}

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
fn a_base_url_that_cannot_be_right_is_refused_in_a_dry_run_too() {
    let setup = Setup::new(&["anna.jpg"]);
    for (name, value) in [
        (
            "DASHSCOPE_HTTP_BASE_URL",
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
        ),
        ("DASHSCOPE_API_KEY", "Bearer sk-0123456789abcdef"),
    ] {
        for words in [&["--dry-run"][..], &["--remote", "--upload"]] {
            let output = setup.command(words).env(name, value).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{name} {words:?}");
            assert!(output.stdout.is_empty());
        }
    }
    assert_eq!(setup.stats(), Stats::default());
}

#[test]
fn a_local_file_without_an_address_says_what_to_do() {
    let setup = Setup::new(&["anna.jpg"]);
    let run = setup.check(&["--remote"]);
    assert_eq!((run.exit, run.code(0)), (3, "PF507"));
    let help = run.images[0]["findings"][0]["help"].as_str().unwrap();
    assert!(
        help.contains("--map") && help.contains("--upload"),
        "{help}"
    );
    assert_eq!(run.total("eligible"), 0);
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
fn a_key_that_the_service_echoes_is_cut_out() {
    let setup = Setup::new(&["anna.jpg"]);
    let error = serde_json::json!({
        "code": "InvalidApiKey", "message": format!("no such key: {KEY}"), "status": 401,
    });
    setup
        .standin()
        .next(Fault::Error(serde_json::from_value(error).unwrap()));
    // `Run::of` looks for the key in everything that was said.
    let run = setup.check(&["--remote", "--upload"]);
    assert_eq!(run.code(0), "PF501");
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

#[test]
fn a_mapped_file_must_be_what_is_public() {
    let setup = Setup::new(&["anna.jpg"]);
    let served = |name: &str| testkit::manifest::folder().join("gallery").join(name);
    for (public, exit, codes) in [
        ("anna.jpg", 0, ""),
        ("bruno.bmp", 3, "PF509"),
        ("login-page.png", 3, "PF509"),
    ] {
        let bytes = fs::read(served(public)).unwrap();
        let web = Server::new(move |mut peer| {
            let bytes = bytes.clone();
            async move { peer.serve(&bytes, server::Ranges::Honour).await }
        });
        let address = setup.runtime.block_on(web.listen("127.0.0.1:0")).unwrap();
        let map = format!("portraits=http://{address}/public");
        let run = setup.check(&[
            "--remote",
            "--allow-net",
            "127.0.0.0/8",
            "--map",
            &map,
            "--no-cache",
        ]);
        assert_eq!(run.exit, exit, "{public}: {:?} {}", run.images, run.stderr);
        if exit == 0 {
            let url = format!("http://{address}/public/anna.jpg");
            assert_eq!(run.images[0]["url"], url.as_str());
            assert_eq!(web.requests()[0].target(), "/public/anna.jpg");
        } else {
            assert_eq!(run.code(0), codes);
            assert!(run.images[0].get("remote").is_none());
        }
    }
    let stats = setup.stats();
    assert_eq!((stats.face_detect, stats.billable), (1, 1));
}

#[test]
fn an_unwritable_ledger_is_found_out_before_anything_is_paid() {
    let setup = Setup::new(&["anna.jpg"]);
    fs::write(
        setup.folder.path().join("cache"),
        "a file stands where the folder should be",
    )
    .unwrap();
    let output = setup.command(&["--remote", "--upload"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--no-ledger"));
    assert_eq!(setup.stats().face_detect, 0);
    assert_eq!(
        setup.check(&["--remote", "--upload", "--no-ledger"]).exit,
        0
    );
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

#[test]
fn the_built_in_stand_in_needs_nothing_and_charges_nothing() {
    let setup = Setup::new(&["anna.jpg", "elif.png"]);
    let mut command = setup.command(&["--remote=standin", "-f", "jsonl"]);
    let run = Run::of(&command.env_remove("DASHSCOPE_API_KEY").output().unwrap());
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert_eq!(run.summary["service"], "standin");
    for image in &run.images {
        assert_eq!(image["remote"]["service"], "standin");
        assert_eq!(
            image["remote"]["charge"], "yes",
            "what the service would charge"
        );
        assert_eq!(image["handoff"]["kind"], "made-up");
        assert!(
            image.get("url").is_none(),
            "an address that only the stand-in reads"
        );
    }
    assert_eq!((run.total("asked"), run.total("charged")), (2, 2));
    assert!(run.summary["remote"].get("price").is_none());
    assert!(!Path::new(&setup.folder.path().join("cache")).exists());
    assert_eq!(
        setup.stats(),
        Stats::default(),
        "the real service was not asked"
    );
}

/// Found by trying: `--remote standin`, with a blank, asked the paid service.
#[test]
fn a_detector_behind_a_blank_is_told_before_anything_is_paid() {
    let setup = Setup::new(&["anna.jpg"]);
    let output = setup
        .command(&["--upload", "--remote", "standin"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("did you mean --remote=standin?"),
        "{stderr}"
    );
    assert_eq!(setup.stats(), Stats::default());
}

#[test]
fn a_made_up_verdict_is_called_so_wherever_it_is_told() {
    let setup = Setup::new(&["anna.jpg"]);
    let script = setup.folder.path().join("script.toml");
    fs::write(
        &script,
        "[[image]]\nname = 'anna.jpg'\nverdict = 'InvalidFile.NoHuman'\n",
    )
    .unwrap();
    for format in formats() {
        let mut command = setup.command(&["--remote=standin", "-f", format]);
        let output = command
            .env("PREFLIGHT_STANDIN_SCRIPT", &script)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains("standin"), "{format}: {stdout}");
    }
}
