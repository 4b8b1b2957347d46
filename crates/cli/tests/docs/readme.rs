//! Compares the README's console blocks with the output of the command, in a checkout of the
//! project.
//!
//! A line `...` in a block matches any lines. Times and the ids of requests differ from run to run,
//! and are not compared.

use std::path::Path;

use crate::support::preflight;

const CARGO: &str = "cargo run --release -- ";

#[test]
fn console_blocks_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let mut run = 0;
    for block in readme.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        let (prompt, expected) = block.split_once('\n').unwrap();
        let printed = printed(prompt.strip_prefix("$ ").unwrap(), &root);
        assert!(matches(expected, &printed), "{prompt} printed\n{printed}");
        run += 1;
    }
    assert!(run >= 2, "only {run} blocks");
    assert!(
        readme.lines().count() <= 150,
        "the README is longer than anybody reads"
    );
}

/// The output of a command line of the README; `VARIABLE=value` may precede it.
fn printed(line: &str, root: &Path) -> String {
    let (variables, words) = line.split_once(CARGO).unwrap_or_else(|| panic!("{line}"));
    let mut command = preflight();
    command.current_dir(root);
    for variable in variables.split_whitespace() {
        let (name, value) = variable.split_once('=').unwrap();
        command.env(name, value);
    }
    let output = command.args(words.split_whitespace()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn matches(expected: &str, printed: &str) -> bool {
    let expected: Vec<_> = expected.lines().map(comparable).collect();
    let printed: Vec<_> = printed.lines().map(comparable).collect();
    let mut rest = printed.as_slice();
    let mut pieces = expected.split(|line| line == "...");
    let Some(after) = pieces.next().and_then(|first| rest.strip_prefix(first)) else {
        return false;
    };
    rest = after;
    let mut ends = expected.len();
    for piece in pieces {
        let Some(at) = rest
            .windows(piece.len().max(1))
            .position(|lines| lines == piece || piece.is_empty())
        else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
        ends = piece.len();
    }
    rest.is_empty() || (expected.last().is_some_and(|last| last == "...") && ends == 0)
}

/// A line without the parts that differ from run to run.
fn comparable(line: &str) -> String {
    let line = line.trim_end();
    if line.starts_with("profile ") {
        return line
            .rsplit_once(" · ")
            .map_or(line, |(before, _)| before)
            .to_owned();
    }
    match line.split_once("request standin-") {
        Some((before, _)) => before.to_owned(),
        None => line.to_owned(),
    }
}

#[test]
fn dots_match_any_lines() {
    for (expected, printed, same) in [
        ("a\nb\n", "a\nb\n", true),
        ("a\n...\n", "a\nb\nc\n", true),
        ("a\n...\nc\n", "a\nb\nc\n", true),
        ("a\n...\nc\n", "a\nb\nc\nd\n", false),
        ("a\n", "a\nb\n", false),
        ("a\n...\nx\n", "a\nb\n", false),
        ("profile emo · 1 s\n", "profile emo · 2 s\n", true),
    ] {
        assert_eq!(matches(expected, printed), same, "{expected:?} {printed:?}");
    }
}
