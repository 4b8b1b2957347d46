//! The cache of paid verdicts: one JSON line each, appended, in `verdicts.jsonl`.
//!
//! Lines are independent, so that caches of several machines merge by concatenation, a torn last
//! line loses only itself, and a line of a newer version is left alone. The file is locked while it
//! is read or written; two runs may share it.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gate::{KnownVerdict, VerdictKey, Verdicts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of a line that this program reads and writes.
const VERSION: u32 = 1;

/// Lines longer than this are not ours: the longest part of one is the service's message, which is
/// a few hundred bytes.
const MAX_LINE: u64 = 64 * 1024;

const FILE_NAME: &str = "verdicts.jsonl";

/// The verdicts that are known, and the file that they are kept in.
#[derive(Debug)]
pub(crate) struct Cache {
    path: PathBuf,
    max_age: Option<Duration>,
    /// Whether what is known counts. Else everything is asked again, and kept.
    recalls: bool,
    known: Mutex<HashMap<VerdictKey, KnownVerdict>>,
}

/// What stands in a cache file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Info {
    pub(crate) verdicts: usize,
    pub(crate) passes: usize,
    /// Lines that could not be read: torn, or of a newer version.
    pub(crate) unread: usize,
    pub(crate) bytes: u64,
}

#[derive(Deserialize, Serialize)]
struct Line<K> {
    v: u32,
    key: K,
    #[serde(flatten)]
    known: KnownVerdict,
}

impl Cache {
    /// Reads the cache in a folder, which need not exist yet.
    pub(crate) fn open(dir: &Path, max_age: Option<Duration>) -> io::Result<Self> {
        let path = dir.join(FILE_NAME);
        let (known, _) = read(&path)?;
        Ok(Self {
            path,
            max_age,
            recalls: true,
            known: Mutex::new(known),
        })
    }

    /// The cache in a folder, to be written only: what is known is asked again.
    pub(crate) fn anew(dir: &Path, max_age: Option<Duration>) -> io::Result<Self> {
        Ok(Self {
            recalls: false,
            ..Self::open(dir, max_age)?
        })
    }

    /// Tries whether a verdict could be written down, before one is paid for. A run that pays for
    /// none (`dry`) makes no folder and no file.
    pub(crate) fn try_to_write(&self, dry: bool) -> io::Result<()> {
        if dry {
            Ok(())
        } else {
            open_to_append(&self.path).map(drop)
        }
    }

    /// What stands in the cache of a folder.
    pub(crate) fn info(dir: &Path) -> io::Result<Info> {
        read(&dir.join(FILE_NAME)).map(|(_, info)| info)
    }

    /// The file that the cache of a folder is kept in.
    pub(crate) fn path(dir: &Path) -> PathBuf {
        dir.join(FILE_NAME)
    }

    /// Forgets everything. Returns how many verdicts there were.
    pub(crate) fn clear(dir: &Path) -> io::Result<usize> {
        let path = dir.join(FILE_NAME);
        let (known, _) = read(&path)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(known.len()),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<VerdictKey, KnownVerdict>> {
        // The map is whole even if a thread panicked while it held the lock: it only inserts.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Verdicts for Cache {
    fn find(&self, key: &VerdictKey) -> Option<KnownVerdict> {
        let known = self.known().get(key).cloned().filter(|_| self.recalls)?;
        let age = Timestamp::now().duration_since(known.at).unsigned_abs();
        self.max_age
            .is_none_or(|max_age| age <= max_age)
            .then_some(known)
    }

    fn keep(&self, key: &VerdictKey, verdict: &KnownVerdict) -> io::Result<()> {
        self.known().insert(key.clone(), verdict.clone());
        append(
            &self.path,
            &Line {
                v: VERSION,
                key,
                known: verdict.clone(),
            },
        )
    }
}

fn read(path: &Path) -> io::Result<(HashMap<VerdictKey, KnownVerdict>, Info)> {
    let mut known = HashMap::new();
    let mut info = Info::default();
    if !is_there(path)? {
        return Ok((known, info));
    }
    let file = File::open(path)?;
    file.lock_shared()?;
    info.bytes = file.metadata()?.len();
    let mut lines = BufReader::new(&file);
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line<VerdictKey>>(&line) {
            Ok(Line {
                v: VERSION,
                key,
                known: verdict,
            }) => {
                // Later lines win: they were paid for later.
                known.insert(key, verdict);
            }
            _ => info.unread += 1,
        }
    }
    info.verdicts = known.len();
    let is_pass = |known: &&KnownVerdict| matches!(known.verdict, gate::Ruling::Pass { .. });
    info.passes = known.values().filter(is_pass).count();
    Ok((known, info))
}

/// Whether there is a file. Anything else of its name, which a repository may hold as well, would
/// lead elsewhere (a link) or block for ever (a FIFO), and is refused.
fn is_there(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "expected a file of verdicts, but found a link, a folder or a device",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Appends one line in one write, under a lock, and never onto a torn one.
fn append(path: &Path, line: &Line<&VerdictKey>) -> io::Result<()> {
    let mut file = open_to_append(path)?;
    file.lock()?;
    let mut bytes = if ends_torn(&mut file)? {
        b"\n".to_vec()
    } else {
        Vec::new()
    };
    serde_json::to_writer(&mut bytes, line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)
}

fn open_to_append(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    is_there(path)?;
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
}

/// Whether an interrupted run left a last line without its end.
fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use gate::Ruling;

    use super::*;

    fn key(name: &str) -> VerdictKey {
        serde_json::from_value(name.into()).unwrap()
    }

    fn verdict(face_x: u32) -> KnownVerdict {
        serde_json::from_value(serde_json::json!({
            "verdict": "pass", "face_bbox": [face_x, 2, 3, 4], "ext_bbox": [0, 0, 9, 9],
            "request_id": "r-1", "at": Timestamp::now().to_string(),
        }))
        .unwrap()
    }

    #[test]
    fn what_is_kept_is_found_by_this_run_and_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path(), None).unwrap();
        assert_eq!(cache.find(&key("a")), None);
        cache.keep(&key("a"), &verdict(1)).unwrap();
        cache.keep(&key("a"), &verdict(7)).unwrap();
        assert_eq!(cache.find(&key("a")), Some(verdict_at(7, &cache)));
        let next = Cache::open(dir.path(), None).unwrap();
        assert!(matches!(
            next.find(&key("a")).unwrap().verdict,
            Ruling::Pass {
                face_bbox: [7, 2, 3, 4],
                ..
            }
        ));
        assert_eq!(Cache::info(dir.path()).unwrap().verdicts, 1);
        assert_eq!(Cache::clear(dir.path()).unwrap(), 1);
        assert_eq!(Cache::clear(dir.path()).unwrap(), 0);
    }

    fn verdict_at(face_x: u32, cache: &Cache) -> KnownVerdict {
        let at = cache.find(&key("a")).unwrap().at;
        let mut known = verdict(face_x);
        known.at = at;
        known
    }

    #[test]
    fn a_torn_line_a_newer_one_and_garbage_lose_only_themselves() {
        let dir = tempfile::tempdir().unwrap();
        let path = Cache::path(dir.path());
        Cache::open(dir.path(), None)
            .unwrap()
            .keep(&key("a"), &verdict(1))
            .unwrap();
        let whole = fs::read(&path).unwrap();
        let newer = String::from_utf8(whole.clone())
            .unwrap()
            .replace("\"v\":1", "\"v\":2");
        let huge = [vec![b'x'; 200_000], vec![b'\n']].concat();
        let torn = &whole[..whole.len() / 2];
        fs::write(
            &path,
            [
                &whole,
                newer.replace("\"a\"", "\"b\"").as_bytes(),
                &huge,
                torn,
            ]
            .concat(),
        )
        .unwrap();

        let cache = Cache::open(dir.path(), None).unwrap();
        assert!(cache.find(&key("a")).is_some());
        assert_eq!(cache.find(&key("b")), None);
        cache.keep(&key("c"), &verdict(3)).unwrap();
        let next = Cache::open(dir.path(), None).unwrap();
        assert!(next.find(&key("a")).is_some() && next.find(&key("c")).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn only_a_file_is_a_cache() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "").unwrap();
        for target in [
            outside.as_path(),
            Path::new("/dev/zero"),
            Path::new("nowhere"),
        ] {
            let link = Cache::path(dir.path());
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(Cache::open(dir.path(), None).is_err(), "{target:?}");
            assert!(open_to_append(&link).is_err(), "{target:?}");
            fs::remove_file(link).unwrap();
        }
        assert_eq!(fs::read(outside).unwrap(), b"");
    }

    #[test]
    fn every_prefix_of_a_cache_opens() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path(), None).unwrap();
        cache.keep(&key("a"), &verdict(1)).unwrap();
        cache.keep(&key("b"), &verdict(2)).unwrap();
        let whole = fs::read(Cache::path(dir.path())).unwrap();
        for len in 0..=whole.len() {
            fs::write(Cache::path(dir.path()), &whole[..len]).unwrap();
            let info = Cache::info(dir.path()).unwrap();
            assert!(info.verdicts + info.unread <= 2, "cut at {len}");
        }
    }

    #[test]
    fn two_runs_that_share_a_file_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for run in 0..4 {
                let dir = dir.path();
                scope.spawn(move || {
                    let cache = Cache::open(dir, None).unwrap();
                    for i in 0..50 {
                        cache
                            .keep(&key(&format!("{run}-{i}")), &verdict(i))
                            .unwrap();
                    }
                });
            }
        });
        let info = Cache::info(dir.path()).unwrap();
        assert_eq!((info.verdicts, info.unread), (200, 0));
    }

    #[test]
    fn an_old_verdict_is_asked_for_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut old = verdict(1);
        old.at = "2020-01-01T00:00:00Z".parse().unwrap();
        Cache::open(dir.path(), None)
            .unwrap()
            .keep(&key("a"), &old)
            .unwrap();
        let month = Duration::from_secs(30 * 24 * 3600);
        assert_eq!(
            Cache::open(dir.path(), Some(month))
                .unwrap()
                .find(&key("a")),
            None
        );
        assert_eq!(
            Cache::open(dir.path(), None).unwrap().find(&key("a")),
            Some(old)
        );
    }
}
