//! What we say of files against what Pillow, libwebp and libjpeg-turbo say of them: format, size,
//! and whether the picture is whole. Each disagreement is a row of `fixtures/disagreements.toml`.
//!
//! Needs Python with Pillow (`PREFLIGHT_PYTHON` names one, as `.ci/run` makes it, else it is
//! `python3`), libjpeg-turbo's command `djpeg`, and a way to the packages. Over any other folder:
//!
//! ```sh
//! PREFLIGHT_IMAGES=/some/folder cargo test --release -p preflight-emo-gate --features decode \
//!   --test truth -- --ignored --nocapture any_folder
//! ```
#![cfg(feature = "decode")]
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test shows its counts, and its helpers may"
)]

mod compare;
mod ours;
mod packages;
mod theirs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use testkit::disagreements::{self, File, Pair};

/// The files of a folder, and how both sides differ about them.
#[derive(Default)]
struct Seen {
    files: usize,
    /// Images by format, as we see it.
    images: BTreeMap<String, usize>,
    /// Path within the folder, and what both sides say.
    disagreements: Vec<(String, Pair)>,
}

fn look_at(folder: &Path) -> Seen {
    let mut seen = Seen::default();
    theirs::of_each_file(folder, |theirs| {
        let bytes = std::fs::read(folder.join(&theirs.path)).unwrap();
        let ours = ours::of(bytes);
        seen.files += 1;
        if let Some(format) = ours.image() {
            *seen.images.entry(format.to_string()).or_default() += 1;
        }
        if let Some(pair) = compare::disagreement(&ours, &theirs) {
            seen.disagreements.push((theirs.path, pair));
        }
    });
    println!(
        "{}: {} files, {:?}, {} disagreements",
        folder.display(),
        seen.files,
        seen.images,
        seen.disagreements.len()
    );
    seen
}

#[test]
#[ignore = "needs Pillow, djpeg and a way to the packages"]
fn the_packages_images_differ_where_the_table_says_and_nowhere_else() {
    let table = disagreements::load();
    let (mut images, mut found) = (0, BTreeSet::new());
    for package in &table.packages {
        let folder = packages::unpacked(package);
        let seen = look_at(&folder);
        images += seen.images.values().sum::<usize>();
        found.extend(seen.disagreements.into_iter().map(|(path, differs)| File {
            package: package.clone(),
            path,
            differs,
        }));
    }
    assert!(images > 500, "{images}");
    let listed: BTreeSet<_> = table.files.iter().cloned().collect();
    let rows = |rows: Vec<&File>| {
        rows.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let new = rows(found.difference(&listed).collect());
    let stale = rows(listed.difference(&found).collect());
    assert!(
        new.is_empty() && stale.is_empty(),
        "not in the table:\n{new}\nin the table, and not found:\n{stale}"
    );
}

#[test]
#[ignore = "needs Pillow and djpeg; PREFLIGHT_IMAGES names the folder"]
fn any_folder_differs_in_ways_that_the_table_has_a_reason_for() {
    let folder: PathBuf = std::env::var_os("PREFLIGHT_IMAGES")
        .expect("PREFLIGHT_IMAGES names a folder with images")
        .into();
    let table = disagreements::load();
    let seen = look_at(&folder);
    assert!(seen.files > 0, "no file in {}", folder.display());
    let mut by_pair: BTreeMap<Pair, Vec<String>> = BTreeMap::new();
    for (path, pair) in seen.disagreements {
        by_pair.entry(pair).or_default().push(path);
    }
    for (pair, paths) in &by_pair {
        println!("{:6}  {pair}", paths.len());
    }
    let unknown: Vec<_> = by_pair
        .iter()
        .filter(|(pair, _)| disagreements::reason(&table.kinds, pair).is_none())
        .map(|(pair, paths)| format!("{pair}: {}", sample(paths)))
        .collect();
    assert!(
        unknown.is_empty(),
        "no reason in the table for:\n{}",
        unknown.join("\n")
    );
}

fn sample(paths: &[String]) -> String {
    let named = paths.get(..5).unwrap_or(paths).join(", ");
    format!("{} files, such as {named}", paths.len())
}
