//! Where the recipes run: a repository, and a server of images.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::BINARY;
use serde_json::Value;
use tempfile::TempDir;
use testkit::server::{self, Server};
use tokio::runtime::Runtime;

/// How GitHub runs a step that names no shell, and one that says `shell: bash`.
const NO_SHELL: &[&str] = &["bash", "-e"];
const SHELL_BASH: &[&str] = &["bash", "--noprofile", "--norc", "-eo", "pipefail"];

/// The images that the branch of the repository changed.
pub(crate) const CHANGED: [&str; 3] = [
    "assets/deep/er/too small.JPG",
    "assets/new\nline.PNG",
    "assets/round.webp",
];

/// A repository on a branch with changes, and a home beside it.
pub(crate) struct Repository(TempDir);

impl Repository {
    pub(crate) fn new() -> Self {
        let new = Self(tempfile::tempdir().unwrap());
        fs::create_dir(new.home()).unwrap();
        for name in ["anna.jpg", "thumbnail.jpg"] {
            new.copy(name, &format!("portraits/{name}"));
        }
        new.copy("anna.jpg", "assets/anna.jpg");
        new.write("assets/README.md", b"What these are.\n");
        new.git(&["init", "--quiet"]);
        new.git(&["add", "."]);
        new.git(&["commit", "--quiet", "--message", "Images"]);
        new.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        new.git(&["checkout", "--quiet", "-b", "changes"]);
        for (name, to) in ["thumbnail.jpg", "elif.png", "hana.webp"]
            .iter()
            .zip(CHANGED)
        {
            new.copy(name, to);
        }
        new.write("assets/README.md", b"What these are now.\n");
        new.git(&["add", "."]);
        new.git(&["commit", "--quiet", "--message", "More images"]);
        new
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join("repository").join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn copy(&self, name: &str, to: &str) {
        self.write(to, &fs::read(gallery(name)).unwrap());
    }

    pub(crate) fn git(&self, words: &[&str]) {
        let mut command = self.bare("git");
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]);
        command.args(["-c", "init.defaultBranch=main"]);
        let run = command.args(words).output().unwrap();
        assert!(run.status.success(), "git {words:?}: {}", said(&run));
    }

    /// A program in the repository, with the built command on its path and nothing else from
    /// outside.
    fn bare(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let built = Path::new(BINARY).parent().unwrap();
        let path = format!("{}:{}", built.display(), std::env::var("PATH").unwrap());
        command
            .current_dir(self.at(""))
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home())
            .stdin(Stdio::null());
        command
    }

    /// A script, run from a file as platforms do.
    pub(crate) fn command(&self, shell: &[&str], script: &str) -> Command {
        let file = self.home().join("script.sh");
        fs::write(&file, script).unwrap();
        let mut command = self.bare(shell[0]);
        command.args(&shell[1..]).arg(file);
        command
    }

    /// A step of GitHub's, with these values for what its environment names.
    pub(crate) fn step(&self, step: &Value, values: &[(&str, &str)]) -> Command {
        let shell = match step["shell"].as_str() {
            None => NO_SHELL,
            Some("bash") => SHELL_BASH,
            Some(other) => panic!("no test knows the shell {other}"),
        };
        let mut command = self.command(shell, step["run"].as_str().unwrap());
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", self.home().join("summary.md"));
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            let mut value = value.as_str().unwrap().to_owned();
            for (name, known) in values {
                value = value.replace(&format!("${{{{ {name} }}}}"), known);
            }
            assert!(!value.contains("${{"), "no test knows {value}");
            command.env(name, value);
        }
        command
    }

    /// A path on which `preflight` ends with this code at once.
    pub(crate) fn path_with_exit(&self, code: i32) -> PathBuf {
        let file = self.home().join("preflight");
        fs::write(&file, format!("#!/bin/sh\nexit {code}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap();
        format!("{}:{path}", self.home().display()).into()
    }
}

/// A server with the gallery on it.
pub(crate) struct Web {
    /// It serves for as long as this lives.
    _runtime: Runtime,
    address: SocketAddr,
}

impl Web {
    pub(crate) fn new() -> Self {
        let runtime = runtime();
        let server = Server::new(|mut peer| async move {
            loop {
                let request = peer.request().await?;
                let answer = match fs::read(gallery(request.target().trim_start_matches('/'))) {
                    Ok(bytes) => server::partial(&request, &bytes),
                    Err(_) => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
                };
                peer.send(&answer).await?;
            }
        });
        let address = runtime.block_on(server.listen("127.0.0.1:0")).unwrap();
        Self {
            _runtime: runtime,
            address,
        }
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Runs a command that may reach this server.
    pub(crate) fn let_in(&self, command: &mut Command) -> Output {
        command
            .env("PREFLIGHT_ALLOW_NET", "127.0.0.0/8")
            .output()
            .unwrap()
    }
}

pub(crate) fn said(run: &Output) -> String {
    [&run.stdout, &run.stderr]
        .map(|stream| String::from_utf8_lossy(stream).into_owned())
        .concat()
}

fn gallery(name: &str) -> PathBuf {
    testkit::manifest::folder().join("gallery").join(name)
}

pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}
