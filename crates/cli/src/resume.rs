//! `--resume`: leaves out the images that an earlier report has settled.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use report::ImageName;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::path::os_string;

/// The longest line in bytes that is read; an image with every finding takes some kilobytes.
const MAX_LINE: u64 = 1 << 20;

/// The report cannot be resumed, and nothing was checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResumeError {
    #[error("--resume {}: cannot read the report", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("--resume {}: line {line}: expected a line of a .jsonl report", path.display())]
    NoReport {
        path: PathBuf,
        line: u64,
        source: serde_json::Error,
    },
    #[error("--resume {}: line {line}: expected at most {MAX_LINE} bytes, but found more", path.display())]
    TooLong { path: PathBuf, line: u64 },
    #[error(
        "--resume {}: the run of this report did not come to its end, and the report does not name \
         the inputs that were not reached; give them again",
        path.display()
    )]
    Unfinished { path: PathBuf },
}

/// The images that an earlier report has settled: all of its lines that are not unknown.
pub(crate) struct Resume {
    path: PathBuf,
    /// Two hashes of each name. Names may be long and many; 16 bytes each do not collide by chance.
    done: HashSet<(u64, u64)>,
    hashers: [RandomState; 2],
    /// The images that it left unknown.
    open: Vec<OsString>,
    /// Whether its run reached every input.
    is_finished: bool,
}

/// The keys of a line that matter here.
#[derive(Deserialize)]
struct Line {
    r#type: Type,
    path: Option<String>,
    path_b64: Option<String>,
    url: Option<String>,
    outcome: Option<gate::Outcome>,
    /// It repeats another line, which is open or settled as well.
    same_as: Option<IgnoredAny>,
    #[serde(default)]
    interrupted: bool,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Type {
    Image,
    Summary,
}

impl Resume {
    /// Reads a report. A last line that a crash cut off is ignored.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not a report.
    pub(crate) fn read(path: &Path) -> Result<Self, ResumeError> {
        let failed = |source| ResumeError::Read {
            path: path.to_owned(),
            source,
        };
        let mut resume = Self {
            path: path.to_owned(),
            done: HashSet::new(),
            hashers: [RandomState::new(), RandomState::new()],
            open: Vec::new(),
            is_finished: false,
        };
        let mut report = BufReader::new(File::open(path).map_err(failed)?);
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            let mut bounded = (&mut report).take(MAX_LINE + 1);
            if bounded.read_until(b'\n', &mut text).map_err(failed)? == 0 {
                break;
            }
            let path = || path.to_owned();
            let is_whole = text.ends_with(b"\n");
            if !is_whole && text.len() as u64 > MAX_LINE {
                return Err(ResumeError::TooLong { path: path(), line });
            }
            match serde_json::from_slice::<Line>(&text) {
                Ok(found) => resume.add(found),
                Err(_) if !is_whole && line > 1 => break,
                Err(source) => {
                    let path = path();
                    return Err(ResumeError::NoReport { path, line, source });
                }
            }
        }
        Ok(resume)
    }

    fn add(&mut self, line: Line) {
        if line.r#type == Type::Summary {
            self.is_finished = !line.interrupted;
            return;
        }
        if line.same_as.is_some() {
            return;
        }
        let exact = line.path_b64.and_then(|coded| {
            let coder = base64::engine::general_purpose::STANDARD;
            coder.decode(coded).ok()
        });
        // A file with a public copy has a path and a URL; the path is its name.
        let (kind, name) = match (exact, line.path, line.url) {
            (Some(bytes), _, _) => (b'p', bytes),
            (None, Some(path), _) => (b'p', path.into_bytes()),
            (None, None, Some(url)) => (b'u', url.into_bytes()),
            (None, None, None) => return,
        };
        match line.outcome {
            None | Some(gate::Outcome::Unknown) => self.open.extend(os_string(name)),
            Some(_) => {
                let key = self.key(kind, &name);
                self.done.insert(key);
            }
        }
    }

    /// The images that the report left unknown, for a run that is given no inputs.
    ///
    /// # Errors
    ///
    /// There are inputs that its run did not reach.
    pub(crate) fn open_inputs(&self) -> Result<Vec<OsString>, ResumeError> {
        if self.is_finished {
            Ok(self.open.clone())
        } else {
            let path = self.path.clone();
            Err(ResumeError::Unfinished { path })
        }
    }

    /// Whether the report has settled an image.
    pub(crate) fn is_done(&self, name: &ImageName) -> bool {
        let key = match name {
            ImageName::Path(path) => self.key(b'p', path.as_os_str().as_encoded_bytes()),
            ImageName::Url(url) => self.key(b'u', url.as_bytes()),
            ImageName::Stdin => return false,
        };
        self.done.contains(&key)
    }

    fn key(&self, kind: u8, name: &[u8]) -> (u64, u64) {
        let [first, second] = &self.hashers;
        (first.hash_one((kind, name)), second.hash_one((kind, name)))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(report: &str) -> Result<Resume, ResumeError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.jsonl");
        fs::write(&path, report).unwrap();
        Resume::read(&path)
    }

    #[test]
    fn an_image_is_done_if_the_report_settled_it() {
        let resume = read(
            "{\"type\":\"image\",\"path\":\"a.png\",\"outcome\":\"pass\"}\n\
             {\"type\":\"image\",\"path\":\"b.png\",\"outcome\":\"unknown\"}\n\
             {\"type\":\"image\",\"url\":\"https://x.example/c\",\"outcome\":\"reject\"}\n\
             {\"type\":\"image\",\"path\":\"d.png\",\"url\":\"https://x.example/d\",\"outcome\":\"pass\"}\n\
             {\"type\":\"summary\",\"schema\":2}\n\
             {\"type\":\"image\",\"pa",
        )
        .unwrap();
        let path = |name: &str| ImageName::Path(name.into());
        let url = |name: &str| ImageName::Url(name.to_owned());
        for (name, done) in [
            (path("a.png"), true),
            (path("b.png"), false),
            (path("other.png"), false),
            (path("d.png"), true),
            (url("https://x.example/c"), true),
            (url("https://x.example/d"), false),
            (ImageName::Stdin, false),
        ] {
            assert_eq!(resume.is_done(&name), done, "{name:?}");
        }
    }

    /// Found by trying: without inputs, the working directory was checked, whatever the report named.
    #[test]
    fn a_report_of_a_whole_run_names_the_inputs_that_are_left() {
        let lines = "{\"type\":\"image\",\"path\":\"a.png\",\"outcome\":\"pass\"}\n\
             {\"type\":\"image\",\"path\":\"b.png\",\"outcome\":\"unknown\"}\n\
             {\"type\":\"image\",\"path\":\"b.png\",\"outcome\":\"unknown\",\"same_as\":2}\n\
             {\"type\":\"image\",\"url\":\"https://x.example/c\",\"outcome\":\"unknown\"}\n";
        let whole = read(&format!("{lines}{{\"type\":\"summary\",\"schema\":2}}\n")).unwrap();
        assert_eq!(
            whole.open_inputs().unwrap(),
            ["b.png", "https://x.example/c"]
        );
        for end in ["", "{\"type\":\"summary\",\"interrupted\":true}\n"] {
            let cut = read(&format!("{lines}{end}")).unwrap();
            let refused = cut.open_inputs();
            assert!(
                matches!(refused, Err(ResumeError::Unfinished { .. })),
                "{end}"
            );
        }
    }

    #[test]
    fn a_file_that_is_not_a_report_is_refused() {
        assert!(matches!(
            read("hello"),
            Err(ResumeError::NoReport { line: 1, .. })
        ));
        let long = format!("{{\"type\":\"{}", "x".repeat(MAX_LINE as usize));
        assert!(matches!(
            read(&long),
            Err(ResumeError::TooLong { line: 1, .. })
        ));
        assert!(read("").is_ok());
    }
}
