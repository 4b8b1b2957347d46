//! Ignore files, read as settings are: regular files, no links, within bounds. They come with the
//! checked repository, from strangers.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The longest ignore file in bytes: some 20,000 paths of an ordinary length.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

/// The longest line in bytes: as long as paths can be (`PATH_MAX`).
pub(crate) const MAX_LINE: usize = 4096;

/// The most patterns of one file. Each costs some 0.1 ms to prepare.
pub(crate) const MAX_PATTERNS: usize = 25_000;

/// The patterns of one ignore file; empty if there is no such file.
#[derive(Debug, Default)]
pub(crate) struct IgnoreFile {
    /// In their order, divided where they would be too large for one matcher. The last match counts.
    matchers: Vec<Gitignore>,
    /// How many there are.
    pub(crate) patterns: usize,
}

/// Why an ignore file, or a line of it, is not heeded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IgnoreFileError {
    #[error("{}: the file is not heeded: it is a link", path.display())]
    Link { path: PathBuf },
    #[error("{}: line {line} is not heeded: {reason}", path.display())]
    Line {
        path: PathBuf,
        line: usize,
        reason: String,
    },
    #[error("{}: the file is not heeded: it is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    #[error("{}: the file is not heeded: expected at most {MAX_BYTES} bytes, but found more", path.display())]
    TooLong { path: PathBuf },
    #[error(
        "{}: the file is not heeded: expected at most {limit} patterns, but found more",
        path.display()
    )]
    TooMany { path: PathBuf, limit: usize },
    #[error("{}: the file is not heeded: it cannot be read", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

impl IgnoreFile {
    /// Reads a file, if it is there. `room` says how many patterns it may hold at the most; what is
    /// wrong is told to `refused`.
    pub(crate) fn read(path: &Path, room: usize, refused: &mut dyn FnMut(IgnoreFileError)) -> Self {
        match read_text(path) {
            Ok(Some(text)) => Self::parse(path, &text, room, refused),
            Ok(None) => Self::default(),
            Err(error) => {
                refused(error);
                Self::default()
            }
        }
    }

    fn parse(
        path: &Path,
        text: &[u8],
        room: usize,
        refused: &mut dyn FnMut(IgnoreFileError),
    ) -> Self {
        let limit = room.min(MAX_PATTERNS);
        let mut patterns = Vec::new();
        let mut first_refused = None;
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            match pattern(line) {
                Ok(None) => {}
                Ok(Some(pattern)) if patterns.len() < limit => patterns.push(pattern),
                Ok(Some(_)) => {
                    refused(IgnoreFileError::TooMany {
                        path: path.to_owned(),
                        limit,
                    });
                    return Self::default();
                }
                // The first of a file speaks for all.
                Err(reason) => {
                    first_refused.get_or_insert((index + 1, reason));
                }
            }
        }
        if let Some((line, reason)) = first_refused {
            refused(IgnoreFileError::Line {
                path: path.to_owned(),
                line,
                reason,
            });
        }
        let mut file = Self {
            matchers: Vec::new(),
            patterns: patterns.len(),
        };
        file.compile(&patterns);
        file
    }

    /// Prepares patterns, in two halves where all of them are too large for one matcher.
    fn compile(&mut self, patterns: &[&str]) {
        let mut builder = GitignoreBuilder::new(".");
        for pattern in patterns {
            // Tried when it was read.
            let _ = builder.add_line(None, pattern);
        }
        match builder.build() {
            Ok(matcher) if !matcher.is_empty() => self.matchers.push(matcher),
            Ok(_) => {}
            Err(_) if patterns.len() > 1 => {
                let (first, second) = patterns.split_at(patterns.len() / 2);
                self.compile(first);
                self.compile(second);
            }
            // One alone that cannot be prepared leaves nothing out.
            Err(_) => {}
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.matchers.is_empty()
    }

    /// The answer of the patterns for a path, which is given from the file's folder.
    pub(crate) fn matched(&self, path: &Path, is_dir: bool) -> Match<()> {
        let mut answers = self.matchers.iter().rev();
        answers
            .find_map(|matcher| match matcher.matched(path, is_dir) {
                Match::None => None,
                some => Some(some.map(|_| ())),
            })
            .unwrap_or(Match::None)
    }
}

/// The pattern of a line, if it holds one.
fn pattern(line: &[u8]) -> Result<Option<&str>, String> {
    if line.len() > MAX_LINE {
        return Err(format!(
            "expected at most {MAX_LINE} bytes, but found {}",
            line.len()
        ));
    }
    let line = std::str::from_utf8(line).map_err(|_| "expected UTF-8".to_owned())?;
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.trim().is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut builder = GitignoreBuilder::new(".");
    match builder.add_line(None, line) {
        Ok(_) => Ok(Some(line)),
        Err(error) => Err(error.to_string()),
    }
}

/// The text of a regular file, if there is one of that name. Links are not followed.
fn read_text(path: &Path) -> Result<Option<Vec<u8>>, IgnoreFileError> {
    let owned = || path.to_owned();
    let unreadable = |source: io::Error| IgnoreFileError::Unreadable {
        path: owned(),
        source,
    };
    match fs::symlink_metadata(path) {
        Err(error) if crate::input::search::is_absent(&error) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(found) if found.is_symlink() => return Err(IgnoreFileError::Link { path: owned() }),
        // A pipe must not be opened: that waits for a writer.
        Ok(found) if !found.is_file() => return Err(IgnoreFileError::NotAFile { path: owned() }),
        Ok(_) => {}
    }
    let file = open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(IgnoreFileError::NotAFile { path: owned() });
    }
    let mut text = Vec::new();
    let read = file
        .take(MAX_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    if read as u64 > MAX_BYTES {
        return Err(IgnoreFileError::TooLong { path: owned() });
    }
    // Windows editors put a byte order mark at the start.
    if text.starts_with(b"\xef\xbb\xbf") {
        text.drain(..3);
    }
    Ok(Some(text))
}

/// Opens what was a regular file a moment ago. What has taken its place since is not followed, and
/// not waited for.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The patterns that were read of a text, and the messages about those that were refused.
    fn read(text: &[u8], room: usize) -> (IgnoreFile, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".ignore"), text).unwrap();
        read_in(&folder, room)
    }

    fn read_in(folder: &tempfile::TempDir, room: usize) -> (IgnoreFile, Vec<String>) {
        let mut refused = Vec::new();
        let file = IgnoreFile::read(&folder.path().join(".ignore"), room, &mut |error| {
            let text = error.to_string();
            refused.push(text.split_once(": ").unwrap().1.to_owned());
        });
        (file, refused)
    }

    fn leaves_out(file: &IgnoreFile, path: &str) -> bool {
        file.matched(Path::new(path), false).is_ignore()
    }

    #[test]
    fn the_last_pattern_that_matches_counts() {
        let (file, refused) = read(b"\xef\xbb\xbf*.png\r\n\n# comment\n!keep.png\n/a/\n", 100);
        assert_eq!((file.patterns, refused.len()), (3, 0));
        assert!(leaves_out(&file, "x/b.png"));
        assert!(file.matched(Path::new("keep.png"), false).is_whitelist());
        assert!(file.matched(Path::new("a"), true).is_ignore());
        assert!(file.matched(Path::new("a"), false).is_none());
    }

    /// Found by trying: 20,000 patterns were dropped whole, because one matcher does not hold them.
    #[test]
    fn many_patterns_within_the_bounds_hold_and_keep_their_order() {
        let mut text = String::new();
        for n in 0..20_000 {
            text.push_str(&format!("assets/*-{n:05}-*/old*\n"));
        }
        text.push_str("!assets/x-00007-x/old7.png\n");
        assert!((text.len() as u64) < MAX_BYTES);
        let (file, refused) = read(text.as_bytes(), MAX_PATTERNS);
        assert_eq!(refused, [""; 0]);
        assert!(file.matchers.len() > 1, "else nothing was divided");
        assert!(leaves_out(&file, "assets/x-00007-x/old.png"));
        assert!(leaves_out(&file, "assets/x-19999-x/old.png"));
        assert!(!leaves_out(&file, "assets/x-00007-x/old7.png"));
        assert!(!leaves_out(&file, "assets/x-20000-x/old.png"));
    }

    #[test]
    fn what_is_beyond_the_bounds_is_refused_and_said_once() {
        let long = [
            b"a.png\n".to_vec(),
            vec![b'x'; MAX_LINE + 1],
            b"\n{\n".to_vec(),
        ]
        .concat();
        let (file, refused) = read(&long, 100);
        assert!(leaves_out(&file, "a.png"));
        assert_eq!(
            refused,
            ["line 2 is not heeded: expected at most 4096 bytes, but found 4097"]
        );
        let (file, refused) = read(b"a\nb\nc\n", 2);
        assert!(file.is_empty());
        assert_eq!(
            refused,
            ["the file is not heeded: expected at most 2 patterns, but found more"]
        );
        let (file, refused) = read(&vec![b'\n'; 1 + MAX_BYTES as usize], 100);
        assert!(file.is_empty());
        assert_eq!(
            refused,
            ["the file is not heeded: expected at most 1048576 bytes, but found more"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_a_pipe_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".ignore");
        for target in ["/dev/zero", "/etc/passwd", "nowhere"] {
            std::os::unix::fs::symlink(target, &path).unwrap();
            let (file, refused) = read_in(&folder, 100);
            assert!(file.is_empty());
            assert_eq!(refused, ["the file is not heeded: it is a link"]);
            fs::remove_file(&path).unwrap();
        }
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let (_, refused) = read_in(&folder, 100);
        assert_eq!(
            refused,
            ["the file is not heeded: it is not a regular file"]
        );
    }
}
