//! The whole way through a store of somebody else's: moto, behind a check of signatures by botocore.
//!
//! Needs Python with `moto[server]`; `PREFLIGHT_PYTHON` names one (`.ci/run` makes it), else it is
//! `python3`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::setup::{SECRET, assert_silent, outcomes, parsed};
use crate::support::{Folder, Run, run};

/// The store's process, which ends with its input.
struct Moto {
    process: Child,
    endpoint: String,
    folder: Folder,
}

impl Moto {
    fn start() -> Self {
        let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(python)
            .arg(here.join("../stores/tests/store_in_moto.py"))
            .arg(here.join("../../fixtures/gallery"))
            .arg("0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port: u16 = line.trim().parse().unwrap();
        Self {
            process,
            endpoint: format!("http://127.0.0.1:{port}"),
            folder: Folder::new(),
        }
    }

    fn check(&self, secret: &str, words: &[&str]) -> Run {
        let mut command = self.folder.preflight();
        let run = run(command
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .args(["check", "-f", "jsonl", "-vv"])
            .args(words));
        assert!(
            !run.stdout.contains(secret) && !run.stderr.contains(secret),
            "{run:?}"
        );
        run
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs Python with moto; .ci/run runs it"]
fn a_bucket_in_moto_is_checked_from_the_list_to_the_hand_off() {
    let moto = Moto::start();
    // The gallery gives the same outcomes from a bucket as from its folder.
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gallery");
    let from_folder = moto.check(SECRET, &[gallery.to_str().unwrap()]);
    let from_bucket = moto.check(SECRET, &["s3://portraits/gallery/"]);
    let told = |run: &Run, name: &str| -> Vec<String> {
        let (images, _) = parsed(&run.stdout);
        let line = |image: &serde_json::Value| {
            let name = image[name]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            format!(
                "{name}: {} {} {}",
                image["outcome"], image["width"], image["height"]
            )
        };
        images.iter().map(line).collect()
    };
    assert_eq!(told(&from_bucket, "url"), told(&from_folder, "path"));
    assert_silent(&from_bucket.stdout);
    assert_silent(&from_bucket.stderr);

    let (images, _) = parsed(&moto.check(SECRET, &["s3://portraits/odd/"]).stdout);
    assert!(
        images.iter().all(|image| image["outcome"] != "unknown"),
        "{:?}",
        outcomes(&images)
    );
    assert_eq!(images.len(), 7);

    let paid = moto.check(SECRET, &["s3://portraits/gallery/", "--remote=standin"]);
    assert_silent(&paid.stderr);
    let (images, summary) = parsed(&paid.stdout);
    let handed = images
        .iter()
        .filter(|image| image["handoff"]["kind"] == "made-up")
        .count();
    assert_eq!(summary["remote"]["asked"], handed, "{summary}");
    assert!(handed > 10, "{summary}");

    let wrong = moto.check("a-wrong-secret", &["s3://portraits/gallery/"]);
    assert_eq!(wrong.code, 3);
    assert!(
        wrong.stdout.contains("check AWS_SECRET_ACCESS_KEY"),
        "{wrong:?}"
    );
    let missing = moto.check(SECRET, &["s3://nobodys-bucket/"]);
    assert_eq!(missing.code, 3);
    assert!(missing.stdout.contains("NoSuchBucket"), "{missing:?}");
}
