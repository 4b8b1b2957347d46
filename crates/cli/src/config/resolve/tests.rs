//! Settings from everywhere at once.

use std::error::Error as _;
use std::fs;

use clap::Parser as _;
use preflight::Format;

use super::*;
use remote::Ratio;

use crate::args::{Args, Command};
use crate::settings::MapRule;

/// The settings of a command line, in a folder with this file.
fn settle(file: &str, environment: &Environment, words: &[&str]) -> Result<Resolved, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("preflight.toml"), file).unwrap();
    let args = Args::try_parse_from(["preflight", "check"].iter().chain(words)).unwrap();
    let Command::Check(check) = args.command else {
        unreachable!()
    };
    resolve(&args.common, &check, environment, folder.path()).map_err(|error| {
        let cause = error
            .source()
            .map_or_else(String::new, |cause| format!(": {cause}"));
        format!("{error}{cause}")
    })
}

/// An environment with nothing in it but this.
fn environment(set: &[(&str, &str)]) -> Environment {
    Environment::read(|name| {
        let found = set.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.into())
    })
}

fn refusal(file: &str, words: &[&str]) -> String {
    settle(file, &Environment::default(), words).unwrap_err()
}

fn row(resolved: &Resolved, name: &str) -> (String, String) {
    let row = resolved
        .provenance
        .rows()
        .iter()
        .find(|row| row.name == name)
        .unwrap();
    (row.value.clone(), row.set_by.clone())
}

const FILE: &str = r#"profile = "thumbs"
exclude = ["old*"]
[profiles.thumbs]
extends = "wide"
min-side = 512
[profiles.wide]
extends = "emo"
max-bytes = "1 MiB"
decode-memory = "64 MB"
[remote]
ratio = "3:4"
budget = 200
max-age = "30d"
map = { "assets" = "https://cdn.example.com/a" }
cache-dir = ".preflight"
"#;

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let environment = environment(&[
        ("PREFLIGHT_FORMAT", "jsonl"),
        ("PREFLIGHT_CACHE_DIR", "/cache"),
        ("DASHSCOPE_WORKSPACE_ID", "ws"),
    ]);
    let flags = [
        "--profile",
        "wide",
        "--set",
        "min-side=600",
        "--budget",
        "7",
        "--map",
        "assets=http://x.example/",
    ];
    let found = settle(FILE, &environment, &flags).unwrap();
    let rows = |name| row(&found, name);
    let pair = |value: &str, set_by: &str| (value.to_owned(), set_by.to_owned());
    assert_eq!(rows("profile"), pair("wide", "--profile wide"));
    assert_eq!(rows("min-side"), pair("600", "--set min-side=600"));
    assert_eq!(rows("max-bytes"), pair("1 MiB", "preflight.toml:8"));
    assert_eq!(rows("max-side").0, "7000");
    assert_eq!(rows("decode-memory"), pair("64 MB", "preflight.toml:9"));
    assert_eq!(rows("format"), pair("jsonl", "PREFLIGHT_FORMAT"));
    assert_eq!(rows("exclude"), pair("old*", "preflight.toml:2"));
    assert_eq!(rows("remote.ratio"), pair("3:4", "preflight.toml:11"));
    assert_eq!(rows("remote.budget"), pair("7", "--budget"));
    assert_eq!(rows("remote.max-age"), pair("30d", "preflight.toml:13"));
    assert_eq!(
        rows("remote.cache-dir"),
        pair("/cache", "PREFLIGHT_CACHE_DIR")
    );
    assert_eq!(rows("remote.timeout"), pair("1m", "default"));
    assert_eq!(
        rows("remote.workspace"),
        pair("ws", "DASHSCOPE_WORKSPACE_ID")
    );
    let settings = found.settings;
    assert_eq!(settings.remote.ratio, Ratio::ThreeFour);
    assert_eq!(settings.profile.min_side().unwrap().value, 600);
    let [MapRule { url, .. }] = &settings.remote.map[..] else {
        panic!(
            "the flag's rule replaces that of the file: {:?}",
            settings.remote.map
        )
    };
    assert_eq!(url.as_str(), "http://x.example/");
}

/// Found with a file of 6,000 profiles, which overflowed the stack.
#[test]
fn profiles_do_not_extend_each_other_without_end() {
    let profiles = |count: usize| -> String {
        let names = (1..count).map(|n| format!("[profiles.p{n}]\nextends = 'p{}'\n", n - 1));
        names.collect::<String>() + "[profiles.p0]\nextends = 'emo'\n"
    };
    assert!(settle(&profiles(32), &Environment::default(), &[]).is_ok());
    let message = refusal(&profiles(6_000), &[]);
    assert!(
        message.ends_with("expected at most 32 profiles that extend each other, but found more")
    );
}

/// Found in a review: a commit could raise the budget and choose the workspace that is charged.
#[test]
fn the_checked_project_may_lower_what_is_spent_and_decides_nothing_else() {
    let file = "[remote]\nbudget = 4000000000\nmodel = 'other'\nworkspace = 'ws'\n\
                timeout = '1d'\ncache-dir = '.c'\n";
    let found = settle(file, &Environment::default(), &[]).unwrap();
    let remote = &found.settings.remote;
    assert_eq!(remote.budget, 100);
    assert_eq!(remote.model, "emo-detect-v1");
    assert_eq!(remote.workspace, None);
    assert_eq!(remote.timeout.as_secs(), 60);
    assert_eq!(remote.cache_dir, None);
    for (line, name) in [
        (2, "a higher budget"),
        (3, "remote.model"),
        (4, "remote.workspace"),
        (5, "remote.timeout"),
        (6, "remote.cache-dir"),
    ] {
        let told = format!("preflight.toml:{line}: {name} is not taken from the project");
        let lines = &found.not_taken;
        assert!(lines.iter().any(|it| it.starts_with(&told)), "{lines:?}");
    }
    assert_eq!(found.not_taken.len(), 5);
    let lower = settle(
        "[remote]\nbudget = 5\nbudget-per-day = 9",
        &Environment::default(),
        &[],
    );
    let lower = lower.unwrap();
    assert_eq!(lower.settings.remote.budget, 5);
    assert_eq!(lower.settings.remote.budget_per_day, Some(9));
    assert!(lower.not_taken.is_empty());
}

#[test]
fn the_users_own_file_decides_what_the_projects_does_not() {
    let home = tempfile::tempdir().unwrap();
    let own = home.path().join(".config/preflight");
    fs::create_dir_all(&own).unwrap();
    let text = "[remote]\nbudget = 500\nmodel = 'mine'\ncache-dir = 'kept'\nmax-age = '1d'\n";
    fs::write(own.join("config.toml"), text).unwrap();
    let home = home.path().to_str().unwrap();
    let environment = environment(&[
        ("XDG_CONFIG_HOME", &format!("{home}/.config")),
        ("HOME", home),
    ]);
    if environment.user_config() != Some(own.join("config.toml")) {
        return; // A system with another folder for settings.
    }
    let found = settle(FILE, &environment, &[]).unwrap();
    let remote = &found.settings.remote;
    assert_eq!(remote.budget, 200, "the project lowers it");
    assert_eq!(remote.model, "mine");
    assert_eq!(remote.cache_dir, Some(own.join("kept")));
    assert_eq!(
        remote.max_age.unwrap().as_secs(),
        30 * 86_400,
        "the project's"
    );
}

#[test]
fn profiles_extend_each_other() {
    let found = settle(FILE, &Environment::default(), &[]).unwrap();
    let profile = found.settings.profile;
    assert_eq!(profile.name(), "thumbs");
    assert_eq!(profile.min_side().unwrap().value, 512);
    assert_eq!(profile.max_side().unwrap().value, 7000);
    assert_eq!(profile.max_bytes().unwrap().value, 1 << 20);
    assert_eq!(profile.max_bytes_severity(), preflight::Severity::Reject);
    assert_eq!(found.settings.decode_memory, 64_000_000);

    let free = settle(
        "[profiles.free]\nmax-side = 9000",
        &Environment::default(),
        &["-p", "free"],
    )
    .unwrap();
    assert_eq!(free.settings.profile.min_side(), None);
    assert_eq!(free.settings.profile.formats().value, Format::ALL);
}

#[test]
fn no_config_leaves_the_file_alone() {
    let found = settle("nonsense", &Environment::default(), &["--no-config"]).unwrap();
    assert_eq!(row(&found, "profile"), ("emo".into(), "default".into()));
    assert!(found.files.is_empty());
}

#[test]
fn networks_come_from_the_flag_or_the_variable() {
    let two = environment(&[("PREFLIGHT_ALLOW_NET", "10.0.0.0/8, fd00::/8")]);
    let found = settle("", &two, &[]).unwrap();
    assert_eq!(found.settings.allow_net.len(), 2);
    let found = settle("", &two, &["--allow-net", "127.0.0.0/8"]).unwrap();
    assert_eq!(found.settings.allow_net.len(), 1);
    let none = environment(&[("PREFLIGHT_ALLOW_NET", "intranet")]);
    assert!(
        settle("", &none, &[])
            .unwrap_err()
            .starts_with("PREFLIGHT_ALLOW_NET: expected")
    );
}

#[test]
fn an_invalid_value_is_refused_with_its_source() {
    for (file, words, message) in [
        (
            "profile = 'emi'",
            &[][..],
            "preflight.toml:1:11: expected one of the profiles emo, emoji, s2v, liveportrait, videoretalk, but found \"emi\"; did you mean \"emo\"?",
        ),
        (
            "",
            &["-p", "thumb"],
            "--profile: expected one of the profiles emo, emoji, s2v, liveportrait, videoretalk, but found \"thumb\"",
        ),
        (
            "[profiles.a]\nextends = 'b'\n[profiles.b]\nextends = 'a'",
            &[],
            "preflight.toml:1:11: expected a profile that does not extend itself, but found a -> b -> a",
        ),
        (
            "[profiles.emo]",
            &[],
            "preflight.toml:1:11: a profile named \"emo\" is built in; choose another name and write extends = \"emo\" in it",
        ),
        (
            "[profiles.a]\nmin-side = 9\nmax-side = 8",
            &[],
            "preflight.toml:1:11: no image can meet these limits: expected a least side of at most the greatest, 8 px, but found 9 px",
        ),
        (
            "[profiles.a]\nformats = ['jpg']",
            &[],
            "preflight.toml:2:11: expected the formats jpeg, png, bmp, webp, but found \"jpg\"; did you mean \"jpeg\"?",
        ),
        (
            "",
            &["--set", "min_side=5"],
            "--set min_side=5: expected one of the settings formats, min-side, max-side, max-aspect, max-bytes, decode-memory, but found \"min_side\"; did you mean \"min-side\"?",
        ),
        (
            "",
            &["--set", "min-side=wide"],
            "--set min-side=wide: expected a number of px, but found \"wide\"",
        ),
        (
            "",
            &["--set", "min-side=9000"],
            "--set: no image can meet these limits: expected a least side of at most the greatest, 7000 px, but found 9000 px",
        ),
        (
            "[remote]\nratio = '4:3'",
            &[],
            "preflight.toml:2:9: expected one of the ratios 1:1, 3:4, but found \"4:3\"",
        ),
        (
            "[remote]\ntimeout = '25h'",
            &[],
            "preflight.toml:2:11: expected a time above zero and of at most 1d, such as 20s or 500ms, but found \"25h\"",
        ),
        (
            "[remote]\ntimeout = '0s'",
            &[],
            "preflight.toml:2:11: expected a time above zero and of at most 1d, such as 20s or 500ms, but found \"0s\"",
        ),
        (
            "[remote]\nmap = { a = 'ftp://x/' }",
            &[],
            "preflight.toml:2:13: expected an http or https URL, but found \"ftp://x/\"",
        ),
        (
            "[remote]\nmap = { a = 'https://u:p@x/' }",
            &[],
            "preflight.toml:2:13: expected an http or https URL, but found one with a user name or password",
        ),
    ] {
        assert_eq!(refusal(file, words), message, "{file} {words:?}");
    }
}
