//! The recipe for Spark, run on a local Spark.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{done, python_with};
use crate::support::BINARY;

#[test]
#[ignore = "needs a Python package, pyspark, and a Java"]
fn each_line_of_the_list_has_its_line_in_the_report() {
    let python = python_with("pyspark");
    let folder = tempfile::tempdir().unwrap();
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/gallery")
        .canonicalize()
        .unwrap();
    let list = [
        "anna.jpg",
        "login-page.png",
        "thumbnail.jpg",
        "not there.jpg",
        "hana.png",
    ]
    .map(|name| gallery.join(name).display().to_string());
    fs::write(folder.path().join("list.txt"), list.join("\n")).unwrap();

    let command = Path::new(BINARY).parent().unwrap();
    let path = format!("{}:{}", command.display(), std::env::var("PATH").unwrap());
    done(
        Command::new(&python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes/screen_urls.py"))
            .args(["list.txt", "report", "3"])
            .current_dir(folder.path())
            .env("PATH", path)
            .env("PYSPARK_PYTHON", &python)
            .env("SPARK_LOCAL_IP", "127.0.0.1"),
    );

    let parts = fs::read_dir(folder.path().join("report"))
        .unwrap()
        .map(|part| part.unwrap().path());
    let parts = parts.filter(|part| {
        part.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("part-")
    });
    let text: String = parts
        .map(|part| fs::read_to_string(part).unwrap())
        .collect();
    let mut found: Vec<(String, String)> = text
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let word = |key: &str| line[key].as_str().unwrap().to_owned();
            (word("path"), word("outcome"))
        })
        .collect();
    found.sort();
    let outcomes = ["pass", "reject", "reject", "unknown", "pass"];
    let mut expected: Vec<_> = list.into_iter().zip(outcomes.map(str::to_owned)).collect();
    expected.sort();
    assert_eq!(found, expected);
}
