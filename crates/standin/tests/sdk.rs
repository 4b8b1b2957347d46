//! The official Python SDK (`dashscope` of PyPI), unmodified, against the stand-in.
//!
//! `PREFLIGHT_PYTHON` names a Python that has the package, else it is `python3`.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, wherever it stands"
)]

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use image::{DynamicImage, ImageFormat};
use standin::Standin;
use tokio::process::Command;

/// For all that the script does, waits of the SDK's own between two looks at a task included.
const DEADLINE: Duration = Duration::from_secs(180);

#[tokio::test]
#[ignore = "needs the dashscope package"]
async fn the_official_python_sdk_gets_from_an_upload_to_a_video() {
    let standin = Standin::builder().key("sk-made-up").start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (portrait, small) = (folder.path().join("a.png"), folder.path().join("small.png"));
    std::fs::write(&portrait, png(480)).unwrap();
    std::fs::write(&small, png(399)).unwrap();
    let lent = standin.lend(&portrait).unwrap();

    let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk.py");
    let mut command = Command::new(&python);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DASHSCOPE_") {
            command.env_remove(name);
        }
    }
    let ran = command
        .arg(script)
        .arg(lent.url())
        .args([&portrait, &small])
        .env("DASHSCOPE_HTTP_BASE_URL", standin.base_url())
        .env("DASHSCOPE_API_KEY", standin.key())
        .env("NO_PROXY", "127.0.0.1")
        // Its key file and settings are not the user's.
        .env("HOME", folder.path())
        .kill_on_drop(true)
        .output();
    let ran = tokio::time::timeout(DEADLINE, ran).await.unwrap();
    let ran = ran.unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");

    // The server's own count of what the script says that it did.
    let stats = standin.stats();
    assert_eq!((stats.face_detect, stats.billable), (10, 6), "{stats:?}");
    assert_eq!((stats.policy, stats.upload), (2, 4));
    assert_eq!((stats.video_synthesis, stats.videos_accepted), (4, 2));
}

fn png(side: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(side, side)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}
