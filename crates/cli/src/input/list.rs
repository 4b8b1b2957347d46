//! Lists of inputs: `--files-from`.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read};
use std::mem;
use std::path::{Path, PathBuf};

use gate::Code;
use report::ListLine;

use crate::input::utf16::{self, Text};

/// Longer entries are not looked at: paths end at 4 KiB (Linux) or 64 KiB (Windows), URLs at 8 KiB.
const MAX_ENTRY: u64 = 64 * 1024;

/// A word of a list.
#[derive(Debug)]
pub(crate) struct ListEntry {
    pub(crate) word: OsString,
    pub(crate) listed: ListLine,
    /// The number of the list, from 0.
    pub(crate) list: u32,
}

/// A list entry that cannot be used, or where the list cannot be read any further.
#[derive(Debug)]
pub(crate) struct ListError {
    /// The name that it is reported by.
    pub(crate) name: PathBuf,
    pub(crate) listed: ListLine,
    pub(crate) code: Code,
    pub(crate) message: String,
}

/// A list that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the list {} cannot be read", path.display())]
pub(crate) struct ListsError {
    path: PathBuf,
    source: io::Error,
}

/// The words of all lists, in their order, read as they are asked for.
pub(crate) struct Lists {
    lists: VecDeque<List>,
    end: u8,
}

struct List {
    name: PathBuf,
    number: u32,
    reader: Text,
    line: u64,
    /// The bytes of the entry that is read, kept for their room.
    entry: Vec<u8>,
}

impl Lists {
    /// Opens the lists; `-` is standard input. With `null`, entries end in NUL, else in LF or CRLF.
    ///
    /// # Errors
    ///
    /// One of them is not there, not readable, or a folder.
    pub(crate) fn open(paths: &[PathBuf], null: bool) -> Result<Self, ListsError> {
        let lists = paths.iter().zip(0..).map(|(path, number)| {
            let reader = open(path).map_err(|source| ListsError {
                path: path.clone(),
                source,
            })?;
            Ok(List {
                name: path.clone(),
                number,
                reader,
                line: 0,
                entry: Vec::new(),
            })
        });
        Ok(Self {
            lists: lists.collect::<Result<_, _>>()?,
            end: if null { 0 } else { b'\n' },
        })
    }

    /// The names of the lists, by their numbers.
    pub(crate) fn names(&self) -> Vec<PathBuf> {
        self.lists.iter().map(|list| list.name.clone()).collect()
    }

    /// Whether the next entry is there without waiting for who writes the list.
    pub(crate) fn is_at_hand(&self) -> bool {
        let list = self.lists.front();
        list.is_some_and(|list| list.is_at_hand(self.end))
    }
}

impl Iterator for Lists {
    type Item = Result<ListEntry, ListError>;

    fn next(&mut self) -> Option<Result<ListEntry, ListError>> {
        loop {
            let list = self.lists.front_mut()?;
            match list.next(self.end) {
                None => {
                    self.lists.pop_front();
                }
                Some(Err(error)) if error.code == Code::Unreadable => {
                    self.lists.pop_front();
                    return Some(Err(error));
                }
                some => return some,
            }
        }
    }
}

impl List {
    /// Whether a whole entry that is neither blank nor a comment has been read ahead.
    fn is_at_hand(&self, end: u8) -> bool {
        // The first bytes tell the encoding; until they are read, nothing is known.
        let ahead = self.reader.buffer();
        let mut ahead = if self.line == 0 { &[] } else { ahead };
        while let Some(at) = ahead.iter().position(|byte| *byte == end) {
            let (entry, behind) = ahead.split_at(at);
            if !word(entry, end).is_empty() {
                return true;
            }
            ahead = behind.get(1..).unwrap_or_default();
        }
        false
    }

    /// The next entry, without blank lines and comments.
    fn next(&mut self, end: u8) -> Option<Result<ListEntry, ListError>> {
        let mut entry = mem::take(&mut self.entry);
        let next = loop {
            entry.clear();
            match self.read(end, &mut entry) {
                Err(error) => break Some(Err(self.broken_off(&error))),
                Ok(0) => break None,
                Ok(_) => {}
            }
            if entry.last() == Some(&end) {
                entry.pop();
            } else if entry.len() as u64 == MAX_ENTRY {
                break Some(Err(self.overlong(&entry, end)));
            }
            let bytes = match entry.strip_prefix(b"\xef\xbb\xbf") {
                Some(rest) if self.line == 1 => rest,
                _ => &entry,
            };
            let word = word(bytes, end);
            if !word.is_empty() {
                break Some(self.entry(word));
            }
        };
        self.entry = entry;
        next
    }

    fn entry(&self, word: &[u8]) -> Result<ListEntry, ListError> {
        match os_string(word) {
            Ok(word) => Ok(ListEntry {
                word,
                listed: self.line(),
                list: self.number,
            }),
            Err(lossy) => {
                let message = "expected a name in UTF-8".to_owned();
                Err(self.error(Code::NotFound, lossy.into(), message))
            }
        }
    }

    /// Reads the next entry, with its end. The first bytes of the list are waited for here, and not
    /// where it is opened: who writes it may be slow.
    fn read(&mut self, end: u8, bytes: &mut Vec<u8>) -> io::Result<usize> {
        if self.line == 0 {
            let empty: Box<dyn Read + Send> = Box::new(io::empty());
            let reader = mem::replace(&mut self.reader, BufReader::with_capacity(0, empty));
            self.reader = utf16::decoded(reader)?;
        }
        self.line += 1;
        self.reader.by_ref().take(MAX_ENTRY).read_until(end, bytes)
    }

    fn overlong(&mut self, start: &[u8], end: u8) -> ListError {
        // Passed over piece by piece: a list without an end is not held in memory either.
        if let Err(error) = skip_to(&mut self.reader, end) {
            return self.broken_off(&error);
        }
        let shown: String = String::from_utf8_lossy(start).chars().take(40).collect();
        let message =
            format!("expected at most {MAX_ENTRY} bytes in an entry of a list, but found more");
        self.error(Code::NotFound, format!("{shown}…").into(), message)
    }

    fn broken_off(&self, error: &io::Error) -> ListError {
        let message = format!("the list cannot be read any further: {error}");
        self.error(Code::Unreadable, self.name.clone(), message)
    }

    fn error(&self, code: Code, name: PathBuf, message: String) -> ListError {
        ListError {
            name,
            listed: self.line(),
            code,
            message,
        }
    }

    fn line(&self) -> ListLine {
        ListLine {
            file: self.name.clone(),
            line: self.line,
        }
    }
}

fn open(path: &Path) -> io::Result<Text> {
    let reader: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else if fs::metadata(path)?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    } else {
        Box::new(File::open(path)?)
    };
    Ok(BufReader::new(reader))
}

/// Leaves the reader behind the next `end`, or at its own end.
fn skip_to(reader: &mut Text, end: u8) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let found = buffer.iter().position(|byte| *byte == end);
        let len = found.map_or(buffer.len(), |at| at + 1);
        reader.consume(len);
        if found.is_some() {
            return Ok(());
        }
    }
}

/// The word of an entry; nothing if it is blank or a comment.
fn word(entry: &[u8], end: u8) -> &[u8] {
    if end == 0 { entry } else { text_line(entry) }
}

/// A line without its CR; nothing if it is blank or a comment.
fn text_line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.trim_ascii_start() {
        [] | [b'#', ..] => &[],
        _ => line,
    }
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> Result<OsString, String> {
    use std::os::unix::ffi::OsStrExt as _;

    Ok(std::ffi::OsStr::from_bytes(bytes).to_owned())
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> Result<OsString, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(String::from_utf8_lossy(bytes).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[u8], null: bool) -> Vec<(String, u64)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        fs::write(&path, list).unwrap();
        let lists = Lists::open(&[path], null).unwrap();
        lists
            .map(|entry| match entry {
                Ok(entry) => (entry.word.into_string().unwrap(), entry.listed.line),
                Err(error) => (error.message, error.listed.line),
            })
            .collect()
    }

    fn owned(words: &[(&str, u64)]) -> Vec<(String, u64)> {
        words
            .iter()
            .map(|(word, line)| ((*word).to_owned(), *line))
            .collect()
    }

    #[test]
    fn lines_end_in_lf_or_crlf_and_some_say_nothing() {
        let list = b"\xef\xbb\xbfa.png\r\n\n# none\n  # none\nb c.png \n \t\r\n#d.png\nlast";
        assert_eq!(
            words(list, false),
            owned(&[("a.png", 1), ("b c.png ", 5), ("last", 8)])
        );
    }

    #[test]
    fn a_byte_order_mark_tells_utf_16() {
        let text = "good.png\r\n照片.png\r\n";
        let units = [0xfeff].into_iter().chain(text.encode_utf16());
        let list: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            words(&list, false),
            owned(&[("good.png", 1), ("照片.png", 2)])
        );
    }

    #[test]
    fn with_nul_everything_else_belongs_to_the_name() {
        let list = b"#a.png\0b\nc.png\0\0d\r";
        assert_eq!(
            words(list, true),
            owned(&[("#a.png", 1), ("b\nc.png", 2), ("d\r", 4)])
        );
    }

    #[test]
    fn an_entry_without_end_is_one_line_of_trouble() {
        let list = [vec![b'x'; 300_000], b"\nb.png".to_vec()].concat();
        let message = "expected at most 65536 bytes in an entry of a list, but found more";
        assert_eq!(words(&list, false), owned(&[(message, 1), ("b.png", 2)]));
    }

    #[test]
    fn a_missing_list_and_a_folder_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Lists::open(&[dir.path().into()], false).is_err());
        assert!(Lists::open(&[dir.path().join("no")], false).is_err());
    }
}
