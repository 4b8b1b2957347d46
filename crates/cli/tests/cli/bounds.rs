//! Every bound of the scan, its inputs and its reports is met by a test that sets it small or goes
//! beyond it.

use std::fs;
use std::path::{Path, PathBuf};

/// The bounds, by file, and the tests that meet them.
const BOUNDS: [(&str, &str, &str); 17] = [
    (
        "input/cure.rs",
        "MAX_NAMES",
        "a_name_in_another_case_is_looked_for_among_few",
    ),
    (
        "input/extension.rs",
        "LONGEST_EXTENSION",
        "a_name_promises_by_its_extension_and_what_stands_behind_it",
    ),
    (
        "input/ignore_file.rs",
        "MAX_BYTES",
        "what_is_beyond_the_bounds_is_refused_and_said_once",
    ),
    (
        "input/ignore_file.rs",
        "MAX_LINE",
        "what_is_beyond_the_bounds_is_refused_and_said_once",
    ),
    (
        "input/ignore_file.rs",
        "MAX_PATTERNS",
        "what_is_beyond_the_bounds_is_refused_and_said_once",
    ),
    (
        "input/ignores.rs",
        "MAX_PATTERNS",
        "the_patterns_of_a_run_are_bounded",
    ),
    ("input/ignores.rs", "TOLD", "few_refusals_are_told"),
    (
        "input/list.rs",
        "MAX_ENTRY",
        "an_entry_without_end_is_one_line_of_trouble",
    ),
    ("input/place.rs", "REMEMBERED", "few_folders_are_remembered"),
    (
        "resume.rs",
        "MAX_LINE",
        "a_file_that_is_not_a_report_is_refused",
    ),
    (
        "scan.rs",
        "DROP_GRACE",
        "after_an_interrupt_a_scan_ends_whatever_hangs",
    ),
    (
        "scan.rs",
        "WINDOW",
        "no_more_is_taken_than_the_window_holds",
    ),
    (
        "scan/pace.rs",
        "LARGEST",
        "batches_grow_while_images_are_quick_and_shrink_when_they_are_not",
    ),
    (
        "scan/pace.rs",
        "LEAST",
        "batches_grow_while_images_are_quick_and_shrink_when_they_are_not",
    ),
    (
        "scan/pace.rs",
        "MOST",
        "batches_grow_while_images_are_quick_and_shrink_when_they_are_not",
    ),
    (
        "sink/stdout.rs",
        "LATEST",
        "a_driver_gets_the_line_of_each_name_before_it_sends_the_next",
    ),
    ("sink/way.rs", "MAX_LINKS", "what_is_no_way_is_said"),
];

/// Constants that bound nothing: sizes of buffers, how often to look, and numbers of other kinds.
const OTHERS: [(&str, &str); 9] = [
    ("input/ignores.rs", "FIRST_OF_GIT"),
    ("input/ignores.rs", "KINDS"),
    ("input/utf16.rs", "UNITS"),
    ("scan.rs", "TICK"),
    ("scan/network.rs", "THREADS"),
    ("scan/queue.rs", "TICK"),
    ("sink/draft.rs", "IN_MEMORY"),
    ("sink/file.rs", "BUFFER_BYTES"),
    ("sink/folder/unix.rs", "OF_ANY_FILE"),
];

#[test]
fn every_bound_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = sources(&root.join("src"));
    let tests = [sources.clone(), self::sources(&root.join("tests"))].concat();
    for (file, name) in bounds(root, &sources) {
        let is_other = OTHERS.contains(&(file.as_str(), name.as_str()));
        let mut rows = BOUNDS.iter().filter(|row| (row.0, row.1) == (&file, &name));
        let row = rows.next();
        assert!(
            row.is_some() || is_other,
            "{file}: no test of {name} is known"
        );
        if let Some((_, _, test)) = row {
            let head = format!("fn {test}(");
            let is_there = tests.iter().any(|(_, text)| text.contains(&head));
            assert!(
                is_there,
                "{file}: {name} is tested by {test}, which is gone"
            );
        }
    }
    let found = bounds(root, &sources);
    for (file, name, _) in BOUNDS {
        let row = (file.to_owned(), name.to_owned());
        assert!(found.contains(&row), "{file} has no {name}");
    }
}

/// The constants of the scan, its inputs and its reports that are numbers or times.
fn bounds(root: &Path, sources: &[(PathBuf, String)]) -> Vec<(String, String)> {
    let mut bounds = Vec::new();
    for (path, text) in sources {
        let file = path.strip_prefix(root.join("src")).unwrap();
        let file = file.to_str().unwrap().replace('\\', "/");
        let is_ours = ["input", "paid", "resume", "scan", "sink"]
            .iter()
            .any(|start| file.starts_with(start));
        let (code, _) = text.split_once("#[cfg(test)]\nmod").unwrap_or((text, ""));
        for line in code.lines().filter(|_| is_ours) {
            let line = line.trim_start_matches("pub(crate) ");
            let Some((name, kind)) = line
                .strip_prefix("const ")
                .and_then(|it| it.split_once(": "))
            else {
                continue;
            };
            if ["u32 ", "u64 ", "usize ", "Duration "]
                .iter()
                .any(|it| kind.starts_with(it))
            {
                bounds.push((file.clone(), name.to_owned()));
            }
        }
    }
    bounds
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            sources.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    sources
}
