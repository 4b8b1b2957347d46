//! What the command prints, as data: `cmd/*.trycmd`.
//!
//! `TRYCMD=overwrite cargo test -p preflight-cli --test cmd` writes what it prints now.

use crate::support::preflight;

#[test]
fn commands_print_what_is_written_down() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .env("PREFLIGHT_FORMAT", "human")
        .run();
}

#[test]
fn the_help_of_check_fits_a_screen() {
    let output = preflight().args(["check", "--help"]).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap().lines().count();
    assert!((30..=60).contains(&lines), "{lines} lines");
}
