//! The stand-in that is built in: nothing is charged, and every report says that it is made up.

use std::fs;
use std::path::Path;

use standin::Stats;

use super::{Run, Setup};
use crate::support::formats;

#[test]
fn the_built_in_stand_in_needs_nothing_and_charges_nothing() {
    let setup = Setup::new(&["anna.jpg", "elif.png"]);
    let mut command = setup.command(&["--remote=standin", "-f", "jsonl"]);
    let run = Run::of(&command.env_remove("DASHSCOPE_API_KEY").output().unwrap());
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert_eq!(run.summary["service"], "standin");
    for image in &run.images {
        assert_eq!(image["remote"]["service"], "standin");
        assert_eq!(
            image["remote"]["charge"], "yes",
            "what the service would charge"
        );
        assert_eq!(image["handoff"]["kind"], "made-up");
        assert!(
            image.get("url").is_none(),
            "an address that only the stand-in reads"
        );
    }
    assert_eq!((run.total("asked"), run.total("charged")), (2, 2));
    assert!(run.summary["remote"].get("price").is_none());
    assert!(!Path::new(&setup.folder.path().join("cache")).exists());
    assert_eq!(
        setup.stats(),
        Stats::default(),
        "the real service was not asked"
    );
}

/// Found by trying: `--remote standin`, with a blank, asked the paid service.
#[test]
fn a_detector_behind_a_blank_is_told_before_anything_is_paid() {
    let setup = Setup::new(&["anna.jpg"]);
    let output = setup
        .command(&["--upload", "--remote", "standin"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("did you mean --remote=standin?"),
        "{stderr}"
    );
    assert_eq!(setup.stats(), Stats::default());
}

#[test]
fn a_made_up_verdict_is_called_so_wherever_it_is_told() {
    let setup = Setup::new(&["anna.jpg"]);
    let script = setup.folder.path().join("script.toml");
    fs::write(
        &script,
        "[[image]]\nname = 'anna.jpg'\nverdict = 'InvalidFile.NoHuman'\n",
    )
    .unwrap();
    for format in formats() {
        let mut command = setup.command(&["--remote=standin", "-f", format]);
        let output = command
            .env("PREFLIGHT_STANDIN_SCRIPT", &script)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains("standin"), "{format}: {stdout}");
    }
}
