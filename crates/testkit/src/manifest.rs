//! `fixtures/manifest.toml`: what each fixture is, and what every stage must say of it.
//!
//! ```
//! use testkit::manifest::{self, Content};
//!
//! for file in &manifest::load().files {
//!     if file.content == Content::Image {
//!         assert!(file.width.is_some() && file.height.is_some());
//!         assert!(!file.read().is_empty());
//!     }
//! }
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The folders of `fixtures` that the manifest covers, file by file.
pub const FOLDERS: [&str; 3] = ["foreign", "gallery", "headers"];

/// All fixtures.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// One row a file, in the order of their paths.
    #[serde(rename = "file")]
    pub files: Vec<File>,
}

impl Manifest {
    /// The text of `manifest.toml`: a table for each file, with a line for each verdict.
    ///
    /// # Panics
    ///
    /// Never: every row is a document.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = HEAD.to_owned();
        for file in &self.files {
            let row = toml::to_string(file).expect("a row is a document");
            let verdicts: Vec<_> = file.verdicts.iter().map(Verdict::to_inline).collect();
            let verdicts = match &verdicts[..] {
                [one] => one.clone(),
                several => format!("\n  {},\n", several.join(",\n  ")),
            };
            text += &format!("\n[[file]]\n{row}verdict = [{verdicts}]\n");
        }
        text
    }
}

/// What stands above the rows.
const HEAD: &str = "\
# What each fixture is, and what every free stage must say of it.
# Written by `cargo run -p preflight-emo-testkit --bin fixtures`: change the cases in crates/testkit/src/fixtures.
# The fields are documented in crates/testkit/src/manifest.rs; README.md beside this file is for reading.
";

/// One fixture.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// Path below `fixtures`, with forward slashes.
    pub path: String,
    /// What the file is and how it was made, in a sentence.
    pub recipe: String,
    /// What its first bytes are.
    pub content: Content,
    /// For an image or a broken one, the format that the signature names (`jpeg`, `png`, `bmp`,
    /// `webp`); for a foreign one, its name (`gif`, `heic`, ...).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Width in px, where the first bytes tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in px, where the first bytes tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The quirks of an image's coding: `arithmetic`, `cgbi`, ... sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quirks: Vec<String>,
    /// The defect of a broken header: `truncated`, `ihdr-crc`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defect: Option<String>,
    /// What it is when it is not an image: `html`, `lfs-pointer`, `base64`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the stages say of it. The first is with the defaults: profile `emo`, pixels not decoded.
    // Written apart, since the document would have a table of several lines for each.
    #[serde(rename = "verdict", skip_serializing)]
    pub verdicts: Vec<Verdict>,
}

/// What a file's first bytes are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "tests match on every one")]
pub enum Content {
    /// One of the four formats, with a broken or truncated header.
    Broken,
    /// No bytes at all.
    Empty,
    /// An image in another format.
    Foreign,
    /// One of the four formats, with a sound header.
    Image,
    /// Not an image.
    NotAnImage,
}

/// What the free stages say of a file under some settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Verdict {
    /// The profile; `emo` unless told otherwise.
    #[serde(default = "emo", skip_serializing_if = "is_emo")]
    pub profile: String,
    /// The profile's limit on the length of the file in bytes, where the settings change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// Whether the pixels are decoded.
    #[serde(default, skip_serializing_if = "is_false")]
    pub decode: bool,
    /// Bytes of memory that decoding may take, where the settings change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode_memory: Option<u64>,
    /// `pass`, `reject` or `unknown`.
    pub outcome: String,
    /// The stage that it ended in: `input`, `header`, `limits` or `content`.
    pub stage: String,
    /// The codes of all findings, sorted, each once: `PF202`, ...
    pub codes: Vec<String>,
}

impl Verdict {
    /// The verdict as a table on one line.
    fn to_inline(&self) -> String {
        let table = toml::Value::try_from(self).expect("a verdict is a table");
        table.to_string()
    }
}

/// The manifest of this checkout.
///
/// # Panics
///
/// If it cannot be read, or is not a manifest.
#[must_use]
pub fn load() -> Manifest {
    let path = folder().join("manifest.toml");
    let text = fs::read_to_string(&path).expect("fixtures/manifest.toml is readable");
    toml::from_str(&text).expect("fixtures/manifest.toml is a manifest")
}

/// The folder `fixtures` of this checkout.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// The files that there are in [`FOLDERS`], as the manifest writes their paths, sorted.
///
/// # Panics
///
/// If a folder cannot be read, or a name is not UTF-8.
#[must_use]
pub fn present() -> Vec<String> {
    let mut files = BTreeSet::new();
    for name in FOLDERS {
        for entry in fs::read_dir(folder().join(name)).expect("the folders of fixtures are there") {
            let entry = entry
                .expect("the folders of fixtures are readable")
                .file_name();
            let entry = entry.to_str().expect("fixtures have plain names");
            files.insert(format!("{name}/{entry}"));
        }
    }
    files.into_iter().collect()
}

impl File {
    /// Where the file is.
    #[must_use]
    pub fn location(&self) -> PathBuf {
        folder().join(&self.path)
    }

    /// The file's bytes.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    #[must_use]
    pub fn read(&self) -> Vec<u8> {
        fs::read(self.location()).expect("a fixture that the manifest names is there")
    }
}

fn emo() -> String {
    "emo".to_owned()
}

fn is_emo(profile: &str) -> bool {
    profile == "emo"
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}
