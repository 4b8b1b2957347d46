//! The action's scripts, run as GitHub runs them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::root;
use crate::support::{BINARY, png};

fn script(folder: &TempDir, name: &str) -> Command {
    let at = |name: &str| folder.path().join(name);
    let mut command = Command::new("bash");
    command
        .arg(fs::canonicalize(root().join(".github/action").join(name)).unwrap())
        .current_dir(folder.path())
        .env("RUNNER_TEMP", folder.path())
        .env("RUNNER_OS", "Linux")
        .env("RUNNER_ARCH", "X64")
        .env("GITHUB_OUTPUT", at("outputs"))
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY");
    command
}

fn outputs(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("outputs")).unwrap_or_default()
}

fn check(folder: &TempDir, args: &str) -> Output {
    script(folder, "check.sh")
        .env("PREFLIGHT_BIN", BINARY)
        .env("PREFLIGHT_ARGS", args)
        .output()
        .unwrap()
}

#[test]
fn a_line_is_an_argument_whatever_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a b $(touch pwned) *.png";
    fs::write(folder.path().join(name), png(399, 500)).unwrap();
    let run = check(&folder, &format!("--strict\r\n\n{name}\n"));
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(!folder.path().join("pwned").exists());
    let outputs = outputs(&folder);
    for line in [
        "exit-code=1\n",
        "images=1\n",
        "pass=0\n",
        "reject=1\n",
        "unknown=0\n",
        "skip=0\n",
    ] {
        assert!(outputs.contains(line), "{outputs}");
    }
    let report = outputs
        .lines()
        .find_map(|line| line.strip_prefix("report="))
        .unwrap();
    assert_eq!(fs::read_to_string(report).unwrap().lines().count(), 2);
}

#[test]
fn a_run_that_fails_has_an_exit_code_and_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let run = check(&folder, "--no-such-flag");
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(outputs(&folder), "exit-code=2\n");
}

/// The facts that the installation knows about the archive.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The hash in the file beside the script.
    at_the_tag: Option<&'static str>,
    /// The hash given as an input.
    given: &'static str,
    /// The answer of `gh`, if it is installed.
    attestation: Option<bool>,
}

/// Runs the installation with a `curl` that copies from a folder. The hash `right` is the archive's, in
/// upper case.
fn install(folder: &TempDir, known: Known) -> Output {
    let at = |name: &str| folder.path().join(name);
    let program = |name: &str, text: &str| {
        fs::create_dir_all(at("bin")).unwrap();
        fs::write(at("bin").join(name), text).unwrap();
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(at("bin").join(name), executable).unwrap();
    };
    let archive = "preflight-v0.1.0-x86_64-unknown-linux-musl.tar.gz";
    fs::write(at("preflight"), "the command").unwrap();
    let packed = Command::new("tar")
        .args(["-czf", archive, "preflight"])
        .current_dir(folder.path())
        .status();
    assert!(packed.unwrap().success());
    let right = Sha256::digest(fs::read(at(archive)).unwrap());
    let right: String = right.iter().map(|byte| format!("{byte:02X}")).collect();
    let hash = |word: &str| {
        if word == "right" {
            right.clone()
        } else {
            word.to_owned()
        }
    };
    let sums = known.at_the_tag.map_or(String::new(), |sum| {
        format!(
            "{}  other.tar.gz\n{}  {archive}\n",
            "1".repeat(64),
            hash(sum).to_lowercase()
        )
    });
    fs::create_dir(at("action")).unwrap();
    fs::write(at("action/sha256sums"), sums).unwrap();
    let script_of_action = root().join(".github/action/install.sh");
    fs::copy(script_of_action, at("action/install.sh")).unwrap();
    program(
        "curl",
        "#!/usr/bin/env bash\n\
        while [ $# -gt 1 ]; do [ \"$1\" = --output ] && out=$2; shift; done\n\
        cp \"$RUNNER_TEMP/${1##*/}\" \"$out\"\n",
    );
    let mut command = script(folder, "install.sh");
    if let Some(is_attested) = known.attestation {
        let expected = "attestation verify preflight-v0.1.0-x86_64-unknown-linux-musl.tar.gz --repo preflight-emo/preflight";
        let code = i32::from(!is_attested);
        program(
            "gh",
            &format!(
                "#!/usr/bin/env bash\n[[ \"$*\" = \"{expected}\"* ]] || exit 9\nexit {code}\n"
            ),
        );
        command.env("GH_TOKEN", "token");
    } else {
        command.env_remove("GH_TOKEN");
    }
    let path = std::env::var("PATH").unwrap();
    let mut command_of_copy = Command::new("bash");
    command_of_copy
        .arg(at("action/install.sh"))
        .current_dir(folder.path())
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", format!("{}:{path}", at("bin").display()))
        .env("PREFLIGHT_VERSION", "0.1.0")
        .env("PREFLIGHT_SHA256", hash(known.given));
    if known.attestation.is_none() {
        command_of_copy.env_remove("GH_TOKEN");
    }
    command_of_copy.output().unwrap()
}

#[test]
fn only_an_archive_of_known_origin_is_unpacked() {
    const WRONG: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    for (at_the_tag, given, attestation, refusal) in [
        (Some("right"), "", None, None),
        (Some("right"), "", Some(true), None),
        (None, "right", None, None),
        (None, "", Some(true), None),
        (Some(WRONG), "right", None, None),
        (Some(WRONG), "", Some(true), Some("expected SHA-256 0000")),
        (
            Some("no-hash"),
            "",
            None,
            Some("expected a SHA-256 in hexadecimal"),
        ),
        (
            Some("right"),
            WRONG,
            Some(true),
            Some("expected SHA-256 0000"),
        ),
        (Some("right"), "", Some(false), Some("no attestation says")),
        (None, "right", Some(false), Some("no attestation says")),
        (
            None,
            "",
            None,
            Some("the SHA-256 of this version is not known here"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let known = Known {
            at_the_tag,
            given,
            attestation,
        };
        let run = install(&folder, known);
        assert_eq!(
            run.status.success(),
            refusal.is_none(),
            "{known:?}: {run:?}"
        );
        let outputs = outputs(&folder);
        let bin = outputs.trim_end().strip_prefix("bin=");
        let is_there = bin.is_some_and(|bin| Path::new(bin).exists());
        assert_eq!(is_there, refusal.is_none(), "{known:?}");
        if let Some(refusal) = refusal {
            assert_eq!(run.status.code(), Some(2));
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(said.contains(refusal), "{known:?}: {run:?}");
        }
    }
}

#[test]
fn an_invalid_version_is_not_downloaded() {
    let folder = tempfile::tempdir().unwrap();
    let run = script(&folder, "install.sh")
        .env("PREFLIGHT_VERSION", "../../../evil/repo")
        .env("PREFLIGHT_SHA256", "")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2), "{run:?}");
}
