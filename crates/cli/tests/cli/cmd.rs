//! The output of commands, as data: `cmd/*.trycmd`.
//!
//! `TRYCMD=overwrite cargo test -p preflight-emo-cli --test cli cmd` writes the current output.

use crate::support::preflight;

#[test]
fn commands_print_the_recorded_output() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .env("PREFLIGHT_FORMAT", "human")
        .env("LC_ALL", "C")
        .run();
}

#[test]
fn the_help_of_check_fits_a_screen() {
    let output = preflight().args(["check", "--help"]).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap().lines().count();
    assert!((30..=60).contains(&lines), "{lines} lines");
}

/// The locale chooses the language of explanations and of nothing else: a report is the same for
/// everybody.
#[test]
fn the_locale_chooses_the_language_of_explanations_only() {
    let said = |words: &[&str], locales: &[(&str, &str)]| {
        let mut command = preflight();
        command.args(words).envs(locales.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let explain = ["explain", "PF202"];
    let english = said(&explain, &[]);
    let chinese = said(&explain, &[("LANG", "zh_CN.UTF-8")]);
    assert!(english.contains("Put it right") && chinese.contains("解决方法"));
    for (locales, expected) in [
        (
            vec![("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "C")],
            &chinese,
        ),
        (vec![("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], &english),
        (vec![("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], &chinese),
        (vec![("LANG", "zh_TW.UTF-8")], &english),
    ] {
        assert_eq!(said(&explain, &locales), *expected, "{locales:?}");
    }
    let asked = ["explain", "PF202", "--lang", "en"];
    assert_eq!(said(&asked, &[("LANG", "zh_CN.UTF-8")]), english);

    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("small.png");
    std::fs::write(&image, crate::support::png(399, 600)).unwrap();
    let check = ["check", "--format", "jsonl", image.to_str().unwrap()];
    let line = |locales: &[(&str, &str)]| {
        let report = said(&check, locales);
        report.lines().next().unwrap().to_owned()
    };
    let line_in_chinese = line(&[("LANG", "zh_CN.UTF-8")]);
    assert_eq!(line_in_chinese, line(&[]));
    assert!(line_in_chinese.contains("PF202"));
}
