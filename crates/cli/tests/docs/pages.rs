//! Compares the generated documents with the program's output, and checks links.
//!
//! `PREFLIGHT_BLESS=1 cargo test -p preflight-emo-cli --test docs pages` writes them again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::preflight;

#[test]
fn the_page_of_codes_is_the_registry() {
    compare_between_marks("codes.md", &generated("codes"));
}

#[test]
fn the_page_of_settings_is_their_types() {
    compare_between_marks("configuration.md", &generated("settings"));
}

#[test]
fn the_schemas_are_those_that_the_program_prints() {
    compare("schema/report-line.json", &generated("schema"));
    compare("schema/preflight-toml.json", &generated("config-schema"));
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
            // A page of a registry knows no other files, so its links name the repository.
            let (folder, path) = match target.strip_prefix(REPOSITORY) {
                Some(path) => (root(), path),
                None if target.starts_with("http") => continue,
                None => (document.parent().unwrap().to_owned(), target),
            };
            let (path, anchor) = path.split_once('#').unwrap_or((path, ""));
            let file = if path.is_empty() {
                document.clone()
            } else {
                folder.join(path)
            };
            assert!(file.exists(), "{} -> {target}", document.display());
            assert!(
                anchor.is_empty() || anchors(&file).iter().any(|known| known == anchor),
                "{} -> {target}",
                document.display()
            );
            links += 1;
        }
    }
    assert!(links > 10, "only {links} links were looked at");
}

/// A registry shows each package alone: its page must not link to files beside it, and it must
/// contain its licences.
#[test]
fn each_package_is_complete_by_itself() {
    let mut packages = 0;
    for package in fs::read_dir(root().join("crates")).unwrap() {
        let package = package.unwrap().path();
        let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
        if manifest.contains("publish = false") {
            continue;
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            // Where a checkout makes no links, a link is a file that holds its target.
            let text = fs::read_to_string(package.join(licence)).unwrap();
            let ours = fs::read_to_string(root().join(licence)).unwrap();
            assert!(
                text == ours || text == format!("../../{licence}"),
                "{}",
                package.display()
            );
        }
        let readme = fs::read_to_string(package.join("README.md")).unwrap();
        assert!(
            manifest.contains("\nreadme = \"README.md\"\n"),
            "{}",
            package.display()
        );
        let targets = readme.split("](").skip(1);
        for target in targets.map(|rest| rest.split(')').next().unwrap()) {
            let is_whole = target.starts_with("http") || target.starts_with('#');
            assert!(is_whole, "{} -> {target}", package.display());
        }
        packages += 1;
    }
    assert!(packages >= 8, "only {packages} packages");
}

const REPOSITORY: &str = "https://github.com/preflight-emo/preflight/blob/main/";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn documents() -> Vec<PathBuf> {
    let folders = [docs(), docs().join("recipes"), docs().join("zh")];
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

/// The anchors that hosts give a document's headings: lower case, hyphens for spaces, no marks.
fn anchors(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).unwrap_or_default();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let headings = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    headings
        .map(|heading| {
            heading
                .chars()
                .filter(kept)
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect()
}

/// The text between these marks is generated; the rest of a page is written by hand.
const MARKS: [&str; 2] = ["<!-- begin generated -->\n", "<!-- end generated -->"];

/// Compares the generated part of a page with its text, or writes it.
fn compare_between_marks(name: &str, text: &str) {
    let [begin, end] = MARKS;
    let page = fs::read_to_string(docs().join(name)).unwrap();
    let page = page.replace("\r\n", "\n");
    let (before, rest) = page.split_once(begin).unwrap();
    let (_, behind) = rest.split_once(end).unwrap();
    compare(name, &format!("{before}{begin}{text}{end}{behind}"));
}

/// Compares a document with its text, or writes it.
fn compare(name: &str, text: &str) {
    let path = docs().join(name);
    if std::env::var_os("PREFLIGHT_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        found == text,
        "{name} is out of date: PREFLIGHT_BLESS=1 cargo test -p preflight-emo-cli --test docs pages"
    );
}

fn generated(what: &str) -> String {
    let output = preflight().args(["generate", what]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
