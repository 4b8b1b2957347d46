//! The documents that are made from what the program knows say what it knows.
//!
//! `PREFLIGHT_BLESS=1 cargo test -p preflight-cli --test documents` writes them anew.

use crate::support::preflight;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_page_of_codes_is_the_registry() {
    hold_between_marks("codes.md", &generated("codes"));
}

#[test]
fn the_page_of_settings_is_their_types() {
    hold_between_marks("configuration.md", &generated("settings"));
}

#[test]
fn the_schemas_are_those_that_the_program_prints() {
    hold("schema/report-line.json", &generated("schema"));
    hold("schema/preflight-toml.json", &generated("config-schema"));
}

#[test]
fn no_link_between_documents_is_broken() {
    let mut links = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if target.starts_with("http") || target.starts_with('#') {
                continue;
            }
            let path = target.split('#').next().unwrap();
            assert!(
                document.parent().unwrap().join(path).exists(),
                "{} -> {target}",
                document.display()
            );
            links += 1;
        }
    }
    assert!(links > 10, "only {links} links were looked at");
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn documents() -> Vec<PathBuf> {
    let folders = [docs(), docs().join("recipes")];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let readmes = ["README.md", "../../README.md"]
        .map(|readme| Path::new(env!("CARGO_MANIFEST_DIR")).join(readme));
    files
        .chain(readmes)
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// What stands between these is generated; all else of a page is written by hand.
const MARKS: [&str; 2] = ["<!-- begin generated -->\n", "<!-- end generated -->"];

/// Holds the generated part of a page against its text, or writes it.
fn hold_between_marks(name: &str, text: &str) {
    let [begin, end] = MARKS;
    let page = fs::read_to_string(docs().join(name)).unwrap();
    let page = page.replace("\r\n", "\n");
    let (before, rest) = page.split_once(begin).unwrap();
    let (_, behind) = rest.split_once(end).unwrap();
    hold(name, &format!("{before}{begin}{text}{end}{behind}"));
}

/// Holds a document against its text, or writes it.
fn hold(name: &str, text: &str) {
    let path = docs().join(name);
    if std::env::var_os("PREFLIGHT_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        found == text,
        "{name} is out of date: PREFLIGHT_BLESS=1 cargo test -p preflight-cli --test documents"
    );
}

fn generated(what: &str) -> String {
    let output = preflight().args(["generate", what]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
