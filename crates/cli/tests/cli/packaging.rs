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
    // Names come from the commit, and are never options.
    assert_eq!(hook["args"], serde_json::json!(["--"]));
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
    let recipe = recipe.split("```yaml\n").nth(3).unwrap();
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
        assert_eq!(hook["args"], serde_json::json!(["--"]), "{entry}");
        let words = words.chain(["--"]);
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
    let build = yaml(".github/workflows/build.yml");
    let archives = &build["jobs"]["archives"];
    assert!(read(".github/workflows/build.yml").contains("../preflight-v$version-$TARGET.tar.gz"));
    let targets = archives["strategy"]["matrix"]["include"]
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
    for name in ["build", "ci", "release"] {
        let workflow = yaml(&format!(".github/workflows/{name}.yml"));
        // A job that may write says so itself.
        let rights = workflow["permissions"].as_object().unwrap();
        assert!(
            rights.values().all(|right| right == "read"),
            "{name}: {rights:?}"
        );
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].is_u64(), "{name} may run for hours");
            let steps = job["steps"].as_array().unwrap();
            assert!(!steps.is_empty(), "{name}");
            for step in steps {
                assert!(
                    step.get("run").is_some() != step.get("uses").is_some(),
                    "{name}: {step}"
                );
                let Some(action) = step["uses"].as_str() else {
                    continue;
                };
                let (_, hash) = action.split_once('@').unwrap();
                assert!(
                    hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{action} can change under our hands"
                );
                if action.starts_with("actions/checkout@") {
                    assert_eq!(step["with"]["persist-credentials"], false, "{name}");
                }
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

    /// What is known of the archive, and who is there to vouch for it.
    #[derive(Clone, Copy, Debug, Default)]
    struct Known {
        /// The hash that stands beside the script.
        at_the_tag: Option<&'static str>,
        /// The hash that was given as input.
        given: &'static str,
        /// What `gh` answers, where it is there.
        attestation: Option<bool>,
    }

    /// Runs the installation with a `curl` that copies from a folder, and says what came of it. The
    /// hash `right` is the archive's, in upper case.
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
