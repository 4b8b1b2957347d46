//! `--remote` against a service of our own: what the server counted is what the report says, and
//! the key is nowhere.

mod bill;
mod budget;
mod built_in;

use std::fs;
use std::process::{Command, Output};

use crate::support::preflight;
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

/// The result of a run.
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
