//! Source distributions, fetched by pip and unpacked.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of a package's source distribution, which is fetched once.
pub(crate) fn unpacked(package: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("packages")
        .join(package);
    if !folder.exists() {
        let name = package.split("==").next().unwrap();
        let fetched = tempfile::tempdir().unwrap();
        let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
        done(
            Command::new(python)
                .args([
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                ])
                .args(["--no-binary", name, package, "--dest"])
                .arg(fetched.path()),
        );
        let archive = std::fs::read_dir(&fetched)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let unpacked = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        done(
            Command::new("tar")
                .arg("-xf")
                .arg(archive)
                .arg("--strip-components=1")
                .arg("-C")
                .arg(unpacked.path()),
        );
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        std::fs::rename(unpacked.keep(), &folder).unwrap();
    }
    folder
}

fn done(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
