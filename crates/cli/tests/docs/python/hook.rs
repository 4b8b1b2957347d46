//! The recipes for pre-commit, as written, against a clone of this project and against the wheel.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::{copy_of_gallery, done, git, python_with, root, said, wheel};

/// A configuration of the recipe, by its place there.
fn recipe(nth: usize) -> String {
    let recipe = root().join("crates/cli/docs/recipes/pre-commit.md");
    let recipe = fs::read_to_string(recipe).unwrap();
    let block = recipe.split("```yaml\n").nth(nth + 1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// A repository with portraits: one is rejected, one is excluded, and one file is not an image.
fn portraits(configuration: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["anna.jpg", "bruno.bmp", "hana.webp", "thumbnail.jpg"] {
        copy_of_gallery(name, &at("portraits").join(name));
    }
    copy_of_gallery("thumbnail.jpg", &at("old/it's old.jpg"));
    fs::write(at("notes.txt"), "no image").unwrap();
    fs::write(at("preflight.toml"), "exclude = ['old/']\n").unwrap();
    fs::write(at(".pre-commit-config.yaml"), configuration).unwrap();
    done(&mut git(folder.path(), ["init", "--quiet"]));
    done(&mut git(folder.path(), ["add", "."]));
    folder
}

/// Runs the hook on all files, in a home of its own.
fn run_hook(python: &OsStr, repository: &Path, home: &Path, index: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(python);
    command
        .current_dir(repository)
        .args(["-m", "pre_commit", "run", "--all-files", "--verbose"])
        .env("PRE_COMMIT_HOME", home)
        .env_remove("GITHUB_ACTIONS")
        .envs(index.iter().copied());
    command.output().unwrap()
}

/// The hook rejects the one portrait that is too small, and passes without it.
fn assert_holds(python: &OsStr, configuration: &str, index: &[(&str, &Path)]) {
    let home = tempfile::tempdir().unwrap();
    let repository = portraits(configuration);
    let run = || run_hook(python, repository.path(), home.path(), index);
    let rejected = run();
    let words = said(&rejected);
    assert_eq!(rejected.status.code(), Some(1), "{words}");
    for line in [
        "portraits/thumbnail.jpg  REJECTED at limits",
        "old/it's old.jpg  SKIPPED: excluded by preflight.toml:1 exclude = 'old/'",
        "5 images: 3 passed, 1 rejected (1 limits), 1 skipped",
    ] {
        assert!(words.contains(line), "{words}");
    }
    let small = ["rm", "--quiet", "--force", "portraits/thumbnail.jpg"];
    done(&mut git(repository.path(), small));
    let passed = run();
    assert!(passed.status.success(), "{}", said(&passed));
    assert!(said(&passed).contains("3 passed"), "{}", said(&passed));
}

/// Builds the command as a commit hook would: from a clone, with nothing but what the clone names.
#[test]
#[ignore = "needs Python packages: pre_commit, maturin"]
fn the_hook_of_a_clone_rejects_bad_images() {
    let python = python_with("pre_commit");
    let scratch = tempfile::tempdir().unwrap();
    let clone = scratch.path().join("preflight");
    let cloned = git(scratch.path(), ["clone", "--quiet"])
        .args([root().as_path(), clone.as_path()])
        .status();
    assert!(
        cloned.is_ok_and(|status| status.success()),
        "this is not a clone of the project"
    );
    done(&mut git(
        &clone,
        ["tag", concat!("v", env!("CARGO_PKG_VERSION"))],
    ));
    let project = env!("CARGO_PKG_REPOSITORY");
    let configuration = recipe(0);
    assert!(configuration.contains(project), "{configuration}");
    let configuration = configuration.replace(project, clone.to_str().unwrap());
    // As the tests are built, whose dependencies are at hand: what is shipped is built by others.
    let target = root().join("target");
    python_with("maturin");
    let build = [
        ("CARGO_TARGET_DIR", target.as_path()),
        ("MATURIN_PEP517_ARGS", Path::new("--profile dev")),
    ];
    assert_holds(&python, &configuration, &build);
}

#[test]
#[ignore = "needs Python packages: pre_commit, maturin"]
fn the_hook_of_the_wheel_rejects_bad_images() {
    let (python, _) = (python_with("pre_commit"), python_with("maturin"));
    // A folder replaces the package index. Its other package is the one with which pre-commit installs
    // a hook.
    let index = tempfile::tempdir().unwrap();
    let wheel = wheel::of_project(&python);
    fs::copy(wheel, index.path().join(wheel.file_name().unwrap())).unwrap();
    done(
        Command::new(&python)
            .args(["-m", "pip", "download", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "setuptools", "--dest"])
            .arg(index.path()),
    );
    let index = [
        ("PIP_NO_INDEX", Path::new("1")),
        ("PIP_FIND_LINKS", index.path()),
    ];
    assert_holds(&python, &recipe(2), &index);
}
