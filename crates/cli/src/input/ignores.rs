//! The ignore files of a walk: `.preflightignore`, `.ignore`, and inside a repository
//! `.gitignore`, `.git/info/exclude` and the user's own file of git.

use std::collections::{HashMap, HashSet};
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::gitconfig_excludes_path;

use crate::input::ignore_file::{IgnoreFile, IgnoreFileError};

/// The files of a folder, the one that counts most first.
const FILES: [&str; 3] = [".preflightignore", ".ignore", ".gitignore"];

/// The first of `rules` that counts inside a repository only.
const FIRST_OF_GIT: usize = 2;

/// Kinds of rules that a folder may have: those of [`FILES`], and `.git/info/exclude`.
const KINDS: usize = FILES.len() + 1;

/// The most patterns of one run. More in all, in however many files, would take longer than the
/// images.
const MAX_PATTERNS: usize = 50_000;

/// Refusals that are told. A repository may hold any number of them.
const TOLD: usize = 10;

/// The rules of a folder and of those above it; nothing where no ignore file is heeded.
pub(crate) type Ignores = Option<Arc<Rules>>;

/// The rules of one folder that has some, or that is the root of a repository.
#[derive(Debug)]
pub(crate) struct Rules {
    above: Ignores,
    /// Absolute, links resolved.
    folder: PathBuf,
    kinds: [IgnoreFile; KINDS],
    is_repository: bool,
}

/// Reads ignore files, each once.
pub(crate) struct IgnoreReader {
    /// Of folders above the walks of this run.
    above: HashMap<PathBuf, Ignores>,
    /// The user's own file, which git heeds in every repository; read when it is asked for.
    of_user: Option<Arc<IgnoreFile>>,
    /// Patterns that may still be read.
    room: usize,
    told: HashSet<PathBuf>,
}

impl IgnoreReader {
    pub(crate) fn new() -> Self {
        Self {
            above: HashMap::new(),
            of_user: None,
            room: MAX_PATTERNS,
            told: HashSet::new(),
        }
    }

    /// The rules for the entries of a folder where a walk starts: its own and those above.
    pub(crate) fn start(&mut self, folder: &Path) -> Ignores {
        if let Some(known) = self.above.get(folder) {
            return known.clone();
        }
        let above = folder.parent().and_then(|parent| self.start(parent));
        let ignores = self.below(&above, folder);
        self.above.insert(folder.to_owned(), ignores.clone());
        ignores
    }

    /// The rules for the entries of a folder, where those of the folder above are known.
    pub(crate) fn below(&mut self, above: &Ignores, folder: &Path) -> Ignores {
        let git = folder.join(".git");
        let is_repository = git.symlink_metadata().is_ok();
        let mut kinds: [IgnoreFile; KINDS] = Default::default();
        let names = FILES.iter().map(|name| folder.join(name));
        let exclude = is_repository.then(|| git_folder(&git).join("info/exclude"));
        for (kind, path) in kinds.iter_mut().zip(names.chain(exclude)) {
            *kind = self.read(&path);
        }
        if !is_repository && kinds.iter().all(IgnoreFile::is_empty) {
            return above.clone();
        }
        Some(Arc::new(Rules {
            above: above.clone(),
            folder: folder.to_owned(),
            kinds,
            is_repository,
        }))
    }

    /// The answer of the ignore files for an entry, by its absolute path.
    pub(crate) fn matched(&mut self, ignores: &Ignores, path: &Path, is_dir: bool) -> Match<()> {
        let Some(rules) = ignores else {
            return Match::None;
        };
        let is_in_repository = rules.chain().any(|rules| rules.is_repository);
        let answer = (0..KINDS)
            .filter(|kind| is_in_repository || *kind < FIRST_OF_GIT)
            .map(|kind| rules.matched(kind, path, is_dir))
            .find(|answer| !answer.is_none());
        match answer {
            Some(answer) => answer,
            None => match rules.chain().find(|rules| rules.is_repository) {
                Some(root) => {
                    let below = path.strip_prefix(&root.folder).unwrap_or(path);
                    self.of_user().matched(below, is_dir)
                }
                None => Match::None,
            },
        }
    }

    fn of_user(&mut self) -> Arc<IgnoreFile> {
        if let Some(file) = &self.of_user {
            return Arc::clone(file);
        }
        // The user's own: links are no stranger's there, so its real place is read.
        let path = gitconfig_excludes_path();
        let path = path.map(|path| fs::canonicalize(&path).unwrap_or(path));
        let file = Arc::new(path.map(|path| self.read(&path)).unwrap_or_default());
        self.of_user = Some(Arc::clone(&file));
        file
    }

    fn read(&mut self, path: &Path) -> IgnoreFile {
        let told = &mut self.told;
        let file = IgnoreFile::read(path, self.room, &mut |error| tell(told, path, &error));
        self.room -= file.patterns.min(self.room);
        file
    }
}

impl Rules {
    fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |rules| rules.above.as_deref())
    }

    /// The answer of one kind of rules: that of the nearest folder which has one. Rules of git do
    /// not reach into a repository from outside.
    fn matched(&self, kind: usize, path: &Path, is_dir: bool) -> Match<()> {
        let mut is_outside = false;
        for rules in self.chain() {
            if is_outside && kind >= FIRST_OF_GIT {
                break;
            }
            is_outside |= rules.is_repository;
            let file = rules.kinds.get(kind).filter(|file| !file.is_empty());
            let below = path.strip_prefix(&rules.folder).ok();
            if let (Some(file), Some(below)) = (file, below) {
                let answer = file.matched(below, is_dir);
                if !answer.is_none() {
                    return answer;
                }
            }
        }
        Match::None
    }
}

/// Says what is not heeded, once a file.
fn tell(told: &mut HashSet<PathBuf>, path: &Path, error: &IgnoreFileError) {
    if told.len() > TOLD || !told.insert(path.to_owned()) {
        return;
    }
    if told.len() > TOLD {
        tracing::warn!("more ignore files are not heeded");
        return;
    }
    match error.source() {
        Some(source) => tracing::warn!("{error}: {source}"),
        None => tracing::warn!("{error}"),
    }
}

/// The folder that holds what is the repository's own. In a work tree beside it, `.git` is a file
/// that says where that is (gitrepository-layout(5)).
fn git_folder(git: &Path) -> PathBuf {
    let of_work_tree = first_line(git).and_then(|line| {
        let folder = git.parent()?.join(line.strip_prefix("gitdir: ")?);
        let common = first_line(&folder.join("commondir"));
        Some(common.map_or_else(|| folder.clone(), |common| folder.join(common)))
    });
    of_work_tree.unwrap_or_else(|| git.to_owned())
}

/// The first line of a small file.
fn first_line(path: &Path) -> Option<String> {
    /// Longer than any path.
    const LONGEST: u64 = 8192;
    let found = path.symlink_metadata().ok()?;
    if !found.is_file() || found.len() > LONGEST {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files in it.
    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().canonicalize().unwrap();
        for (name, text) in files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        (top, path)
    }

    fn is_left_out(reader: &mut IgnoreReader, ignores: &Ignores, path: &Path) -> bool {
        reader.matched(ignores, path, false).is_ignore()
    }

    #[test]
    fn the_nearest_file_of_the_weightiest_name_counts() {
        let (_top, path) = folder(&[
            (".git/info/exclude", "excluded.png\nours.png\n"),
            (".gitignore", "*.bmp\n"),
            (".ignore", "!git.bmp\nhere.png\n"),
            (".preflightignore", "ours.png\n"),
            ("sub/.ignore", "!here.png\n"),
        ]);
        let mut reader = IgnoreReader::new();
        let top = reader.start(&path);
        let sub = reader.below(&top, &path.join("sub"));
        for (name, is_out) in [
            ("a.bmp", true),
            ("git.bmp", false),
            ("here.png", true),
            ("sub/here.png", false),
            ("sub/ours.png", true),
            ("sub/excluded.png", true),
            ("a.png", false),
        ] {
            let found = is_left_out(&mut reader, &sub, &path.join(name));
            assert_eq!(found, is_out, "{name}");
        }
    }

    #[test]
    fn rules_of_git_stay_in_their_repository() {
        let (_top, path) = folder(&[
            (".gitignore", "a.png\n"),
            (".ignore", "b.png\n"),
            ("inner/.git/HEAD", ""),
            ("plain/x", ""),
        ]);
        let mut reader = IgnoreReader::new();
        let plain = reader.start(&path.join("plain"));
        assert!(!is_left_out(&mut reader, &plain, &path.join("plain/a.png")));
        assert!(is_left_out(&mut reader, &plain, &path.join("plain/b.png")));
        fs::create_dir(path.join(".git")).unwrap();
        let mut reader = IgnoreReader::new();
        let plain = reader.start(&path.join("plain"));
        assert!(is_left_out(&mut reader, &plain, &path.join("plain/a.png")));
        let inner = reader.start(&path.join("inner"));
        assert!(!is_left_out(&mut reader, &inner, &path.join("inner/a.png")));
        assert!(is_left_out(&mut reader, &inner, &path.join("inner/b.png")));
    }

    #[test]
    fn a_work_tree_beside_its_repository_has_the_excludes_of_it() {
        let (_top, path) = folder(&[
            ("main/.git/info/exclude", "a.png\n"),
            ("main/.git/worktrees/side/commondir", "../..\n"),
            ("side/.git", "gitdir: ../main/.git/worktrees/side\n"),
        ]);
        let side = path.join("side");
        let mut reader = IgnoreReader::new();
        let ignores = reader.start(&side);
        assert!(is_left_out(&mut reader, &ignores, &side.join("a.png")));
    }

    #[test]
    fn the_patterns_of_a_run_are_bounded() {
        let (_top, path) = folder(&[("a/.ignore", "x.png\ny.png\n"), ("b/.ignore", "z.png\n")]);
        let mut reader = IgnoreReader::new();
        reader.room = 2;
        let a = reader.below(&None, &path.join("a"));
        let b = reader.below(&None, &path.join("b"));
        assert!(is_left_out(&mut reader, &a, &path.join("a/x.png")));
        assert!(!is_left_out(&mut reader, &b, &path.join("b/z.png")));
    }

    #[test]
    fn few_refusals_are_told() {
        let mut told = HashSet::new();
        for n in 0..3 * TOLD {
            let path = PathBuf::from(n.to_string());
            let error = IgnoreFileError::Link { path: path.clone() };
            tell(&mut told, &path, &error);
        }
        assert_eq!(
            told.len(),
            TOLD + 1,
            "the last one says that there are more"
        );
    }
}
