//! Prints the medians of the last `cargo bench` as Markdown tables, one a group of benches.
//!
//! `cargo run -p preflight-benches --bin table [FOLDER]`; the folder is `target/criterion`, or that
//! of `CARGO_TARGET_DIR`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// By input, then by reader: nanoseconds.
type Rows = BTreeMap<String, BTreeMap<String, f64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(default_folder, PathBuf::from);
    let mut groups = BTreeMap::<String, Rows>::new();
    collect(&folder, &mut groups)?;
    if groups.is_empty() {
        return Err(format!("expected medians in {}, but found none", folder.display()).into());
    }
    for (group, rows) in &groups {
        print(group, rows);
    }
    Ok(())
}

fn default_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    PathBuf::from(target).join("criterion")
}

/// Looks for `new/benchmark.json` beside `new/estimates.json`, wherever they are.
fn collect(folder: &Path, groups: &mut BTreeMap<String, Rows>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        if path.ends_with("new") && path.join("benchmark.json").exists() {
            let benchmark = read(&path.join("benchmark.json"))?;
            let estimates = read(&path.join("estimates.json"))?;
            let text = |key: &str| {
                benchmark
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let median = estimates
                .pointer("/median/point_estimate")
                .and_then(Value::as_f64);
            let median = median.ok_or("expected a median in estimates.json")?;
            let name = match text("function_id") {
                "" => text("value_str"),
                name => name,
            };
            let (group, input) = text("group_id")
                .split_once('/')
                .unwrap_or((text("group_id"), ""));
            // In a group without inputs, the bench's own name holds it.
            let (input, name) = match (input, name.rsplit_once('/')) {
                ("", Some((input, name))) => (input, name),
                _ => (input, name),
            };
            let rows = groups.entry(group.to_owned()).or_default();
            rows.entry(input.to_owned())
                .or_default()
                .insert(name.to_owned(), median);
        } else {
            collect(&path, groups)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

#[expect(clippy::print_stdout, reason = "a program for people")]
fn print(group: &str, rows: &Rows) {
    let names: BTreeSet<&str> = rows
        .values()
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
        .collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_by_key(|name| order(name));
    println!("| {group} | {} |", names.join(" | "));
    println!("|---|{}", "---:|".repeat(names.len()));
    for (input, medians) in rows {
        let cells: Vec<_> = names
            .iter()
            .map(|name| medians.get(*name).map_or(String::new(), |ns| time(*ns)))
            .collect();
        println!("| {input} | {} |", cells.join(" | "));
    }
    println!();
}

/// The least that can be done first, then the readers in their order.
fn order(name: &str) -> usize {
    let readers = preflight_benches::READERS.iter().map(|reader| reader.name);
    readers
        .into_iter()
        .position(|reader| reader == name)
        .map_or(0, |place| place + 1)
}

/// Three digits and a unit.
fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        1e9.. => (ns / 1e9, "s"),
        1e6.. => (ns / 1e6, "ms"),
        1e3.. => (ns / 1e3, "µs"),
        _ => (ns, "ns"),
    };
    let digits = match value {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}
