//! Files: a tree of hard links to a few hundred images, walked and listed.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use testkit::footprint::number;
use testkit::manifest;

use crate::measured::{self, Measured, field};
use crate::support::Folder;

/// Memory that a run takes whatever it is asked to do, in bytes.
const BASE: u64 = 40 << 20;

/// Memory for each entry of a list: its fingerprint and where it was named first.
const LISTED: u64 = 64;

/// Memory for each file of a walk, which names each file once.
const WALKED: u64 = 64;

/// Files of a folder, and folders of a folder.
const FAN: u64 = 100;

#[test]
#[ignore = "some seconds, and some minutes at full size"]
fn many_files_have_one_outcome_each() {
    let files = number("LOAD_FILES", 5_000);
    let folder = Folder::new();
    let images = Images::new(folder.path());
    for number in 0..files {
        images.link(number, &folder.path().join(path(number)));
    }
    let check = |words: &[&str], list: bool| {
        let mut seen = Seen::new(files);
        let mut command = measured::command(&folder);
        command.args(words);
        let run = measured::run(
            &mut command,
            |stdin| {
                let mut stdin = BufWriter::new(stdin);
                for number in (0..files).filter(|_| list) {
                    writeln!(stdin, "{}", path(number)).unwrap();
                }
            },
            |line| seen.note(line),
        );
        run.report(&format!("{files} files, {words:?}"));
        seen.check(&run);
        run
    };
    let walk = check(&["tree"], false);
    let list = check(&["--files-from", "-"], true);
    for name in ["pass", "reject", "unknown", "skip", "by_code"] {
        assert_eq!(walk.summary[name], list.summary[name], "{name}");
    }
    assert!(walk.most.peak <= BASE + files * WALKED, "{:?}", walk.most);
    assert!(list.most.peak <= BASE + files * LISTED, "{:?}", list.most);
    for run in [walk, list] {
        assert!(run.most.descriptors <= 64, "{:?}", run.most);
        assert!(run.most.threads <= 64, "{:?}", run.most);
    }
}

/// The path of a file: a number in three parts.
fn path(number: u64) -> String {
    let (folder, file) = (number / FAN, number % FAN);
    format!("tree/{}/{}/{file}.png", folder / FAN, folder % FAN)
}

/// The number of a path.
fn number_of(path: &str) -> u64 {
    let path = path.strip_prefix("tree/").unwrap();
    let parts = path.strip_suffix(".png").unwrap().split('/');
    parts.fold(0, |number, part| {
        number * FAN + part.parse::<u64>().unwrap()
    })
}

/// The fixtures, each once on the file system of the tree.
struct Images(Vec<std::path::PathBuf>);

impl Images {
    fn new(folder: &Path) -> Self {
        let folder = folder.join("images");
        fs::create_dir(&folder).unwrap();
        let manifest = manifest::load();
        let images = manifest.files.iter().enumerate().map(|(number, file)| {
            let path = folder.join(number.to_string());
            fs::write(&path, file.read()).unwrap();
            path
        });
        Self(images.collect())
    }

    fn link(&self, number: u64, path: &Path) {
        if number.is_multiple_of(FAN) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        let image = &self.0[number as usize % self.0.len()];
        fs::hard_link(image, path).unwrap();
    }
}

/// Which files had a line.
struct Seen {
    lines: Vec<bool>,
    counts: [u64; 3],
}

impl Seen {
    fn new(files: u64) -> Self {
        Self {
            lines: vec![false; files as usize],
            counts: [0; 3],
        }
    }

    fn note(&mut self, line: &str) {
        let number = number_of(field(line, "path"));
        let before = std::mem::replace(&mut self.lines[number as usize], true);
        assert!(!before, "a second line: {line}");
        let outcomes = ["pass", "reject", "unknown"];
        let said = field(line, "outcome");
        let outcome = outcomes.iter().position(|outcome| said == *outcome);
        self.counts[outcome.unwrap()] += 1;
    }

    fn check(&self, run: &Measured) {
        assert!(self.lines.iter().all(|seen| *seen), "a file has no line");
        let counts = ["pass", "reject", "unknown"].map(|name| run.count(name));
        assert_eq!(counts, self.counts);
        assert_eq!(run.count("images"), self.lines.len() as u64);
        assert_eq!(run.exit, 1, "some fixtures are rejected");
    }
}
