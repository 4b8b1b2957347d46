//! What the ledger says, through the command, and what must hold of it.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;
use standin::Stats;

/// The answer of `ledger info --json`, as far as money goes.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    pub(super) ever: Total,
    pub(super) open: Vec<Open>,
    verdicts: Verdicts,
}

#[derive(Debug, Deserialize)]
pub(super) struct Total {
    pub(super) charged: u64,
    pub(super) maybe_charged: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Open {
    pub(super) alive: bool,
    calls: u64,
}

#[derive(Debug, Deserialize)]
struct Verdicts {
    total: u64,
    sealed: u64,
}

impl Info {
    /// What a reader of it must reckon with.
    pub(super) fn told(&self) -> u64 {
        self.ever.charged + self.ever.maybe_charged + self.open()
    }

    pub(super) fn open(&self) -> u64 {
        self.open.iter().map(|run| run.calls).sum()
    }
}

/// Reads the summary of the ledger.
///
/// # Errors
///
/// The command's words, if it could not be read.
pub(super) fn info(command: &mut Command) -> Result<Info, String> {
    let stdout = said(command.args(["ledger", "info", "--json"]).output().unwrap())?;
    let info: Info = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}"));
    assert_eq!(
        info.verdicts.sealed, info.verdicts.total,
        "nobody forges here"
    );
    Ok(info)
}

/// How often each image may have been billed, by what stands in the ledger: once for its verdict, and
/// once for each call that brought none.
///
/// # Errors
///
/// The command's words, if it could not be read.
pub(super) fn accounted_for(command: &mut Command) -> Result<BTreeMap<String, u64>, String> {
    let stdout = said(command.args(["ledger", "export"]).output().unwrap())?;
    let mut images = BTreeMap::<_, u64>::new();
    for line in stdout.lines() {
        let row: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        if let Some(sha256) = row["sha256"].as_str() {
            *images.entry(sha256.to_owned()).or_default() += 1;
        }
    }
    Ok(images)
}

/// How often each image stands on the service's own bill.
pub(super) fn by_image(bill: &Stats) -> BTreeMap<String, u64> {
    let mut images = BTreeMap::<_, u64>::new();
    for call in &bill.bill {
        *images.entry(call.sha256.clone()).or_default() += 1;
    }
    images
}

fn said(output: Output) -> Result<String, String> {
    let stderr = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => Ok(String::from_utf8(output.stdout).unwrap()),
        Some(2) if !stderr.is_empty() => Err(stderr),
        other => panic!("exit {other:?}: {stderr}"),
    }
}
