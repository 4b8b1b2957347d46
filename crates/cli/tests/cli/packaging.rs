//! Checks the files that ship around the binary, as far as that is possible without the platforms.

#[cfg(unix)]
mod scripts;
mod workflows;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{png, preflight};

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

/// Found by trying the recipe: pre-commit names the files that a commit touches. If all of them are
/// excluded, there is nothing to check, and the hook failed the commit with exit code 2.
#[test]
fn the_hook_lets_a_commit_of_excluded_images_through() {
    let recipe = read("crates/cli/docs/recipes/pre-commit.md");
    let recipe = recipe.split("```yaml\n").nth(3).unwrap();
    let recipe: Value = serde_saphyr::from_str(recipe.split("```").next().unwrap()).unwrap();
    let hooks = yaml(".pre-commit-hooks.yaml");
    let folder = tempfile::tempdir().unwrap();
    for name in ["old.png", "new.png"] {
        fs::write(folder.path().join(name), png(399, 500)).unwrap();
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

/// The files in which CONTRIBUTING says to raise the version, except those that other tests
/// compare.
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
