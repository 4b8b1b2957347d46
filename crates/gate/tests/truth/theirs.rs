//! What the readers say of a file, by `truth.py`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

/// A line of `truth.py`.
#[derive(Debug, Deserialize)]
pub(crate) struct Theirs {
    /// Path within the folder.
    pub(crate) path: String,
    /// Pillow's name of the format, if it has one for the file.
    pub(crate) format: Option<String>,
    /// By the reader's name.
    pub(crate) readers: BTreeMap<String, Reader>,
}

/// What one reader says.
#[derive(Debug, Deserialize)]
pub(crate) struct Reader {
    pub(crate) says: Says,
    /// Width and height in px.
    pub(crate) size: Option<(u32, u32)>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Says {
    /// The pixels, without a complaint.
    Decodes,
    /// A header, and pixels that do not decode.
    Opens,
    /// No header.
    Refuses,
    /// More than it takes, or not its format.
    Skips,
    /// The pixels, and a complaint.
    Warns,
}

impl Says {
    pub(crate) const fn has_pixels(self) -> bool {
        matches!(self, Self::Decodes | Self::Warns)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Decodes => "decodes",
            Self::Opens => "opens",
            Self::Refuses => "refuses",
            Self::Skips => "skips",
            Self::Warns => "warns",
        }
    }
}

/// Shows each file of a folder to the readers, and hands on what they say.
pub(crate) fn of_each_file(folder: &Path, mut told: impl FnMut(Theirs)) {
    let python = std::env::var_os("PREFLIGHT_PYTHON").unwrap_or_else(|| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/truth/truth.py");
    let mut child = Command::new(&python)
        .arg(script)
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        told(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")));
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{} {script}: {status}", python.display());
}
