//! What ships around the binary is sound, as far as can be told without the platforms themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{BINARY, preflight};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn toml(path: &str) -> toml::Table {
    read(path).parse().unwrap()
}

#[test]
fn the_hook_takes_the_formats_and_never_pays() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    assert_eq!(hook["id"], "preflight");
    assert_eq!(hook["entry"], "preflight check --allow-empty");
    assert_eq!(hook["language"], "python");
    // The tags of pre-commit's `identify`, which calls .bmp `bitmap`.
    assert_eq!(
        hook["types_or"],
        serde_json::json!(["jpeg", "png", "bitmap", "webp"])
    );
    assert_eq!(hook["require_serial"], true);
    assert!(!read(".pre-commit-hooks.yaml").contains("--remote"));
}

/// pre-commit names what a commit touches. If all of that is excluded, there is nothing to check, and
/// the hook ended the commit with exit code 2 (found by trying the recipe). Both entries forgive it.
#[test]
fn the_hook_lets_a_commit_of_excluded_images_through() {
    let recipe = read("crates/cli/docs/recipes/pre-commit.md");
    let recipe = recipe.split("```yaml\n").nth(2).unwrap();
    let recipe: Value = serde_saphyr::from_str(recipe.split("```").next().unwrap()).unwrap();
    let hooks = yaml(".pre-commit-hooks.yaml");
    let folder = tempfile::tempdir().unwrap();
    let small = testkit::Png::new()
        .ihdr(testkit::Ihdr::new(399, 500))
        .iend()
        .build();
    for name in ["old.png", "new.png"] {
        fs::write(folder.path().join(name), &small).unwrap();
    }
    let settings = folder.path().join("preflight.toml");
    fs::write(settings, "exclude = ['old.png']\n").unwrap();
    for hook in [&hooks[0], &recipe["repos"][0]["hooks"][0]] {
        let entry = hook["entry"].as_str().unwrap();
        let words = entry.strip_prefix("preflight ").unwrap().split(' ');
        for (named, code) in [("old.png", 0), ("new.png", 1)] {
            let run = preflight()
                .current_dir(folder.path())
                .args(words.clone())
                .arg(named)
                .output()
                .unwrap();
            assert_eq!(run.status.code(), Some(code), "{entry} {named}: {run:?}");
        }
    }
}

/// Where CONTRIBUTING says that the version must be raised, less what the other tests hold.
#[test]
fn the_version_is_the_same_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    let marks = [
        "archive=preflight-v",
        "preflight-emo==",
        "preflight-emo/preflight@v",
        "releases/download/v",
        "rev: v",
        "tag = \"v",
    ];
    let mut found = 0;
    for document in [
        "crates/cli/README.md",
        "crates/cli/docs/recipes/github.md",
        "crates/cli/docs/recipes/gitlab.md",
        "crates/cli/docs/recipes/pre-commit.md",
        "crates/cli/docs/recipes/service.md",
    ] {
        let text = read(document);
        for (mark, rest) in marks
            .iter()
            .flat_map(|mark| text.split(mark).skip(1).map(move |rest| (mark, rest)))
        {
            let stated = rest.split(['"', ']', '/', '\n']).next().unwrap();
            let stated = stated.trim_end_matches("-x86_64-unknown-linux-musl.tar.gz");
            assert_eq!(stated, version, "{document}, {mark}");
            found += 1;
        }
    }
    assert!(found >= 12, "only {found} places name a version");

    let workspace = toml("Cargo.toml");
    for (name, of_crate) in workspace["workspace"]["dependencies"].as_table().unwrap() {
        if let (Some(_), Some(stated)) = (of_crate.get("path"), of_crate.get("version")) {
            assert_eq!(stated.as_str(), Some(version), "{name} in Cargo.toml");
        }
    }
    let lock = toml("crates/preflight/fuzz/Cargo.lock");
    let mut locked = lock["package"].as_array().unwrap().iter();
    let probe = locked.find(|package| package["name"].as_str() == Some("preflight"));
    assert_eq!(probe.unwrap()["version"].as_str(), Some(version));
}

#[test]
fn the_wheel_is_this_command() {
    let project = toml("pyproject.toml");
    assert_eq!(
        project["build-system"]["build-backend"].as_str(),
        Some("maturin")
    );
    let maturin = &project["tool"]["maturin"];
    assert_eq!(maturin["bindings"].as_str(), Some("bin"));
    assert_eq!(maturin["strip"].as_bool(), Some(true));
    assert_eq!(
        maturin["manifest-path"].as_str(),
        Some("crates/cli/Cargo.toml")
    );
    for licence in project["project"]["license-files"].as_array().unwrap() {
        assert!(root().join(licence.as_str().unwrap()).exists());
    }
}

#[test]
fn the_archives_have_one_name_everywhere() {
    let release = yaml(".github/workflows/release.yml");
    assert_eq!(
        release["jobs"]["build"]["env"]["ARCHIVE"],
        "preflight-${{ github.ref_name }}-${{ matrix.target }}.tar.gz"
    );
    let targets = release["jobs"]["build"]["strategy"]["matrix"]["include"]
        .as_array()
        .unwrap();
    let install = read(".github/action/install.sh");
    assert!(install.contains("archive=\"preflight-v$PREFLIGHT_VERSION-$target.tar.gz\""));
    assert_eq!(install.matches(") target=").count(), targets.len());
    for target in targets {
        let target = target["target"].as_str().unwrap();
        assert!(install.contains(&format!("target={target} ")), "{target}");
    }
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    assert_eq!(
        binstall["pkg-url"].as_str(),
        Some("{ repo }/releases/download/v{ version }/preflight-v{ version }-{ target }.tar.gz")
    );
    for (_, target) in binstall["overrides"].as_table().unwrap() {
        let url = target["pkg-url"].as_str().unwrap();
        assert!(
            targets
                .iter()
                .any(|known| url.contains(known["target"].as_str().unwrap())),
            "{url}"
        );
    }
}

#[test]
fn the_action_hands_every_input_over_by_environment() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    assert_eq!(
        action["inputs"]["version"]["default"],
        env!("CARGO_PKG_VERSION")
    );
    for step in action["runs"]["steps"].as_array().unwrap() {
        let script = step["run"].as_str().unwrap();
        assert!(
            !script.contains("${{"),
            "an input in a script could be run: {script}"
        );
        let script = script.trim_matches('"').replace("$GITHUB_ACTION_PATH/", "");
        assert!(root().join(&script).exists(), "{script}");
    }
    let check = read(".github/action/check.sh");
    for output in action["outputs"].as_object().unwrap().keys() {
        let name = format!("steps.check.outputs.{output}");
        assert!(read("action.yml").contains(&name));
        assert!(check.contains(output), "{output}");
    }
    for script in ["install.sh", "check.sh"] {
        assert!(!read(&format!(".github/action/{script}")).contains("eval"));
    }
}

#[test]
fn every_workflow_states_its_rights_and_its_end() {
    for workflow in ["ci", "release"] {
        let workflow = yaml(&format!(".github/workflows/{workflow}.yml"));
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({"contents": "read"})
        );
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let steps = job["steps"].as_array().unwrap();
            assert!(!steps.is_empty(), "{name}");
            for step in steps {
                assert!(
                    step.get("run").is_some() != step.get("uses").is_some(),
                    "{name}: {step}"
                );
            }
        }
    }
}

/// The action's scripts, run as GitHub runs them.
#[cfg(unix)]
mod scripts {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Output;

    use sha2::{Digest as _, Sha256};
    use tempfile::TempDir;

    use super::*;

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
        let bytes = testkit::Png::new()
            .ihdr(testkit::Ihdr::new(399, 500))
            .iend()
            .build();
        fs::write(folder.path().join(name), bytes).unwrap();
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
    fn a_run_that_was_not_done_has_an_exit_code_and_no_report() {
        let folder = tempfile::tempdir().unwrap();
        let run = check(&folder, "--no-such-flag");
        assert_eq!(run.status.code(), Some(2));
        assert_eq!(outputs(&folder), "exit-code=2\n");
    }

    /// Runs the installation with a `curl` that copies from a folder, and says what came of it.
    fn install(folder: &TempDir, checksum: Option<&str>, pinned: &str) -> Output {
        let at = |name: &str| folder.path().join(name);
        let archive = "preflight-v0.1.0-x86_64-unknown-linux-musl.tar.gz";
        fs::create_dir_all(at("bin")).unwrap();
        fs::write(at("preflight"), "the command").unwrap();
        let packed = Command::new("tar")
            .args(["-czf", archive, "preflight"])
            .current_dir(folder.path())
            .status();
        assert!(packed.unwrap().success());
        let right = Sha256::digest(fs::read(at(archive)).unwrap());
        let right: String = right.iter().map(|byte| format!("{byte:02x}")).collect();
        let stated = checksum.unwrap_or(&right);
        fs::write(
            at(&format!("{archive}.sha256")),
            format!("{stated}  {archive}\n"),
        )
        .unwrap();
        let curl = "#!/usr/bin/env bash\n\
            while [ $# -gt 1 ]; do [ \"$1\" = --output ] && out=$2; shift; done\n\
            cp \"$RUNNER_TEMP/${1##*/}\" \"$out\"\n";
        fs::write(at("bin/curl"), curl).unwrap();
        fs::set_permissions(at("bin/curl"), fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap();
        let pinned = if pinned == "right" {
            right.to_uppercase()
        } else {
            pinned.to_owned()
        };
        script(folder, "install.sh")
            .env("PATH", format!("{}:{path}", at("bin").display()))
            .env("PREFLIGHT_VERSION", "0.1.0")
            .env("PREFLIGHT_SHA256", pinned)
            .output()
            .unwrap()
    }

    #[test]
    fn only_an_archive_with_the_right_checksum_is_unpacked() {
        let wrong = "0".repeat(64);
        for (checksum, pinned, works) in [
            (None, "", true),
            (None, "right", true),
            (Some(&*wrong), "right", true),
            (Some(&*wrong), "", false),
            (Some("not a checksum"), "", false),
            (None, &*wrong, false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let run = install(&folder, checksum, pinned);
            assert_eq!(
                run.status.success(),
                works,
                "{checksum:?} {pinned}: {run:?}"
            );
            let outputs = outputs(&folder);
            let bin = outputs.trim_end().strip_prefix("bin=");
            assert_eq!(bin.is_some_and(|bin| Path::new(bin).exists()), works);
            if !works {
                assert_eq!(run.status.code(), Some(2));
                assert!(
                    String::from_utf8_lossy(&run.stderr).contains("SHA-256"),
                    "{run:?}"
                );
            }
        }
    }

    #[test]
    fn a_version_that_is_none_is_not_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let run = script(&folder, "install.sh")
            .env("PREFLIGHT_VERSION", "../../../evil/repo")
            .env("PREFLIGHT_SHA256", "")
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2), "{run:?}");
    }
}
