//! JUnit's report, read by a program that others read it with.

use std::process::Command;

use super::{done, python_with, root};
use crate::support::preflight;

/// Prints the counts, and each case with what came of it.
const READER: &str = r"
import sys
from junitparser import JUnitXml
report = JUnitXml.fromfile(sys.argv[1])
print(report.tests, report.failures, report.errors, sum(suite.skipped for suite in report))
for suite in report:
    for case in suite:
        results = ' '.join(f'{type(result).__name__}:{result.type}' for result in case.result)
        print(case.classname, case.name, results or 'Passed', sep='|')
";

#[test]
#[ignore = "needs a Python package: junitparser"]
fn an_independent_parser_reads_what_was_meant() {
    let python = python_with("junitparser");
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.xml");
    let check = preflight()
        .current_dir(root().join("fixtures"))
        .env_remove("GITHUB_ACTIONS")
        .args(["check", "gallery", "oss://bucket/a.png", "-q", "-o"])
        .arg(&report)
        .status();
    assert_eq!(check.unwrap().code(), Some(1));

    let read = done(Command::new(python).args(["-c", READER]).arg(report));
    let read = String::from_utf8(read.stdout).unwrap();
    assert!(read.starts_with("27 8 1 1\n"), "{read}");
    for case in [
        "gallery|anna.jpg|Passed",
        "gallery|thumbnail.jpg|Failure:PF202",
        "gallery|not-fetched.webp|Error:PF004",
        "oss://bucket|a.png|Skipped:None",
    ] {
        assert!(read.lines().any(|line| line == case), "{case}: {read}");
    }
}
