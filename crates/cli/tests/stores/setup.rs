//! A store in memory, and the command set up for it.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use testkit::s3::Bucket;
use testkit::server::{Request, Server};
use tokio::runtime::Runtime;

use crate::support::{Folder, Run, preflight, run};

pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "FwoGZXIvYXdzEXAMPLETOKEN";

/// What a signature looks like in a text.
const OF_A_SIGNATURE: [&str; 5] = [
    SECRET,
    TOKEN,
    "X-Amz-Signature",
    "X-Amz-Credential",
    "AKIAIOSFODNN7EXAMPLE",
];

/// An image that passes, and that a service can look at.
pub(crate) fn portrait() -> Vec<u8> {
    fs::read(testkit::manifest::folder().join("gallery/elif.png")).unwrap()
}

/// A store, a folder, and the command set up for both.
pub(crate) struct Setup {
    pub(crate) runtime: Runtime,
    pub(crate) server: Server,
    pub(crate) folder: Folder,
    endpoint: String,
}

impl Setup {
    /// A bucket `portraits` with these keys; all hold an image that passes.
    pub(crate) fn with<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        let bucket = Bucket::new("portraits", keys.into_iter().map(K::into), portrait());
        Self::answering(move |request| bucket.answer(request))
    }

    /// A store that answers as a script says.
    pub(crate) fn answering(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let answer = Arc::new(answer);
        let server = Server::new(move |mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                loop {
                    let request = peer.request().await?;
                    peer.send(&answer(&request)).await?;
                }
            }
        });
        let address = runtime.block_on(server.listen("127.0.0.1:0")).unwrap();
        Self {
            runtime,
            server,
            folder: Folder::new(),
            endpoint: format!("http://{address}"),
        }
    }

    pub(crate) fn command<W: AsRef<std::ffi::OsStr>>(&self, words: &[W]) -> Command {
        let mut command = preflight();
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("AWS_SESSION_TOKEN", TOKEN)
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .arg("check")
            .args(words);
        command
    }

    pub(crate) fn check(&self, words: &[&str]) -> Run {
        let run = run(&mut self.command(words));
        assert_silent(&run.stdout);
        assert_silent(&run.stderr);
        run
    }

    /// The images of a JSON report, and its summary.
    pub(crate) fn lines(&self, words: &[&str]) -> (Vec<Value>, Value) {
        let run = self.check(&[&["-f", "jsonl"], words].concat());
        parsed(&run.stdout)
    }
}

/// The images of a JSON report, and its summary.
pub(crate) fn parsed(report: &str) -> (Vec<Value>, Value) {
    let lines = report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.collect();
    let summary = lines.pop().unwrap_or_default();
    (lines, summary)
}

/// No secret is in a text, and nothing that is made of one.
#[track_caller]
pub(crate) fn assert_silent(text: &str) {
    for secret in OF_A_SIGNATURE {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// The addresses of images, with their outcomes' first letters.
pub(crate) fn outcomes(images: &[Value]) -> Vec<String> {
    let line = |image: &Value| {
        let outcome = &image["outcome"].as_str().unwrap()[..1];
        format!("{}:{outcome}", image["url"].as_str().unwrap())
    };
    images.iter().map(line).collect()
}
