//! `benches/counts/counts.toml`: what things cost, in units that are the same on every machine, and
//! the comparison of what a test has found with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use serde::{Deserialize, Serialize};

/// Counts by the name of what was counted.
pub type Counts = BTreeMap<String, f64>;

/// The table.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Table {
    /// The compiler that instructions are of.
    pub compiler: String,
    #[serde(flatten)]
    sections: BTreeMap<String, Counts>,
}

/// What stands above the rows.
const HEAD: &str = "\
# What things cost. Tests compare these counts with what they find; PREFLIGHT_BLESS=1 has them written.
# [instructions]: of one probe of bytes in memory. cargo test -p preflight-counts -- --ignored
# The rest: of the command. cargo test -p preflight-emo-cli --test counts -- --ignored

";

impl Table {
    /// The table as it stands.
    ///
    /// # Panics
    ///
    /// There is none, or it is not a table.
    #[must_use]
    pub fn load() -> Self {
        let text = fs::read_to_string(path()).expect("the table is in the repository");
        toml::from_str(&text).expect("the table can be read")
    }

    /// Compares a section with what was found: the same rows, each at most so much more or less, as a
    /// share of it. With `PREFLIGHT_BLESS=1` in the environment, the section becomes what was found, of
    /// this table's compiler.
    ///
    /// # Panics
    ///
    /// They differ.
    pub fn compare(&self, section: &str, found: &Counts, tolerance: f64) {
        let none = Counts::new();
        let expected = self.sections.get(section).unwrap_or(&none);
        let differences = differences(expected, found, tolerance);
        if env::var_os("PREFLIGHT_BLESS").is_some() {
            return self.write(section, found);
        }
        assert!(
            differences.is_empty(),
            "[{section}] of {} differs by more than {} %; PREFLIGHT_BLESS=1 writes what was found:\n{}",
            path().display(),
            tolerance * 100.0,
            differences.join("\n")
        );
    }

    fn write(&self, section: &str, found: &Counts) {
        /// Tests of one binary write other sections at the same time.
        static WRITING: Mutex<()> = Mutex::new(());
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = Self::load();
        table.compiler.clone_from(&self.compiler);
        table.sections.insert(section.to_owned(), found.clone());
        let rows = toml::to_string(&table).expect("counts are a document");
        fs::write(path(), format!("{HEAD}{rows}")).expect("the table can be written");
    }
}

/// Rows that only one side has, and counts that are too far apart.
fn differences(expected: &Counts, found: &Counts, tolerance: f64) -> Vec<String> {
    let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let row = |name: &String| match (expected.get(name), found.get(name)) {
        (Some(expected), Some(found)) if (found - expected).abs() <= expected * tolerance => None,
        (expected, found) => {
            let said = |count: Option<&f64>| count.map_or("none".to_owned(), ToString::to_string);
            Some(format!(
                "{name}: expected {}, but found {}",
                said(expected),
                said(found)
            ))
        }
    };
    names.into_iter().filter_map(row).collect()
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/counts/counts.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_missing_or_too_far_away_is_a_difference() {
        let counts = |rows: &[(&str, f64)]| -> Counts {
            rows.iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        let expected = counts(&[("a", 100.0), ("b", 100.0), ("c", 100.0)]);
        let found = counts(&[("a", 105.0), ("b", 94.9), ("d", 1.0)]);
        assert_eq!(
            differences(&expected, &found, 0.05),
            [
                "b: expected 100, but found 94.9",
                "c: expected 100, but found none",
                "d: expected none, but found 1"
            ]
        );
        assert!(differences(&expected, &expected, 0.0).is_empty());
    }
}
