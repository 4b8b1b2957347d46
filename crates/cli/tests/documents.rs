//! The documents that are made from what the program knows say what it knows.
//!
//! `PREFLIGHT_BLESS=1 cargo test -p preflight-cli --test documents` writes them anew.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says why it is skipped"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gate::{Code, Effect, Stage};
use serde_json::Value;

#[test]
fn the_page_of_codes_is_the_registry() {
    hold("codes.md", &codes());
}

#[test]
fn the_page_of_settings_is_their_types() {
    let schema: Value = serde_json::from_str(&generated("config-schema")).unwrap();
    hold("configuration.md", &configuration(&schema));
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
    let output = Command::new(env!("CARGO_BIN_EXE_preflight"))
        .args(["generate", what])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn codes() -> String {
    let mut page = String::from(
        "# Codes\n\n\
         Every reason that preflight gives. `preflight explain CODE` prints the table of one of them.\n\n\
         A *reject* is definite: the image is bad. An *unknown* means that it could not be told. A *warning*\n\
         rejects with `--strict`, a *note* never.\n",
    );
    for stage in Stage::ALL {
        let of_stage = || Code::ALL.iter().filter(|code| code.stage() == stage);
        write!(
            page,
            "\n## Stage {stage}\n\n| code | name | usually | |\n|---|---|---|---|\n"
        )
        .unwrap();
        for code in of_stage() {
            let entry = code.entry();
            writeln!(
                page,
                "| [{id}](#{anchor}) | {slug} | {effect} | {summary} |",
                id = entry.id,
                anchor = anchor(*code),
                slug = entry.slug,
                effect = entry.effect.name(),
                summary = cell(entry.summary),
            )
            .unwrap();
        }
        for code in of_stage() {
            page.push_str(&section(*code));
        }
    }
    page
}

fn section(code: Code) -> String {
    let entry = code.entry();
    let mut section = format!("\n### {code}\n\n{}.\n\n", entry.summary);
    let api_codes = entry.api_codes.join("`, `");
    let rows = [
        ("What it checks", entry.checks),
        ("Why", entry.why),
        ("Where from", entry.source),
        ("Put it right", entry.remedy),
        ("Change it", entry.change),
    ];
    section.push_str("| | |\n|---|---|\n");
    for (name, text) in rows {
        writeln!(section, "| {name} | {} |", cell(text)).unwrap();
    }
    if !api_codes.is_empty() {
        writeln!(section, "| API codes | `{api_codes}` |").unwrap();
    }
    if code.effect() == Effect::Warning && !entry.change.contains("--strict") {
        section.push_str("\nRejects with `--strict`.\n");
    }
    section
}

/// The anchor that hosts give a heading: lower case, blanks as hyphens.
fn anchor(code: Code) -> String {
    code.to_string().to_lowercase().replace(' ', "-")
}

/// Text that ends no cell and starts no tag.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn configuration(schema: &Value) -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         `preflight.toml`, the nearest one from the working directory upwards to the repository's root. `--config FILE`\n\
         or `PREFLIGHT_CONFIG` names another, `--no-config` reads none. `preflight config` prints every setting in force\n\
         and where it came from. An unknown key is an error.\n\n\
         A flag beats the environment (`PREFLIGHT_FORMAT`, `PREFLIGHT_CACHE_DIR`, `DASHSCOPE_WORKSPACE_ID`), which beats\n\
         the file, which beats the default. Three things are never read from a file, because whoever can write to a\n\
         repository could send the key elsewhere or look into a network with them: the key (`DASHSCOPE_API_KEY`, or a\n\
         file: `DASHSCOPE_API_KEY_FILE_PATH`, `~/.dashscope/api_key`), the service's address (`DASHSCOPE_HTTP_BASE_URL`)\n\
         and the networks that may be reached (`--allow-net`, `PREFLIGHT_ALLOW_NET`).\n\n\
         No file starts a paid check: that takes `--remote` and a key. But with both, the file's `budget`, `model` and\n\
         `workspace` count. Where others may change the file, as in CI, give `--budget` and set `DASHSCOPE_WORKSPACE_ID`:\n\
         they win over it.\n\n\
         Editors complete and check the file with [its schema](schema/preflight-toml.json).\n\n\
         ```toml\n\
         profile = \"emo\"\n\
         exclude = [\"assets/old*\", \"**/fixtures/**\"]\n\n\
         [profiles.thumbs]\n\
         extends = \"emo\"\n\
         min-side = 512\n\
         formats = [\"jpeg\", \"png\"]\n\n\
         [remote]\n\
         budget = 200\n\
         max-age = \"30d\"\n\
         map = { \"assets/portraits\" = \"https://cdn.example.com/portraits\" }\n\
         ```\n\n\
         `--profile thumbs` checks against the other profile. `--remote` goes with `emo` only, whose detector it asks;\n\
         with any other profile it ends with exit code 2.\n",
    );
    let properties = &schema["properties"];
    page.push_str(&table("At the top", &schema["description"], properties));
    let profile = &properties["profiles"]["additionalProperties"];
    page.push_str(&table(
        "`[profiles.NAME]`",
        &profile["description"],
        &profile["properties"],
    ));
    page.push_str("\n`--set KEY=VALUE` takes the keys of a profile less `extends`.\n");
    let remote = &properties["remote"];
    page.push_str(&table(
        "`[remote]`",
        &remote["description"],
        &remote["properties"],
    ));
    page
}

fn table(title: &str, description: &Value, properties: &Value) -> String {
    let description = description
        .as_str()
        .unwrap()
        .replace("\n\n", "\u{0}")
        .replace('\n', " ");
    let mut table = format!(
        "\n## {title}\n\n{}\n\n",
        description.replace('\u{0}', "\n\n")
    );
    table.push_str("| key | what it says | for example |\n|---|---|---|\n");
    for (key, schema) in properties.as_object().unwrap() {
        let text = schema["description"].as_str().unwrap().replace('\n', " ");
        let example = schema["examples"]
            .get(0)
            .map(|example| format!("`{example}`"))
            .unwrap_or_default();
        writeln!(table, "| `{key}` | {} | {example} |", cell(&text)).unwrap();
    }
    table
}
