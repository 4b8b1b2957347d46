//! The files of `fixtures`: how each is made, and which verdicts it must get.
//!
//! `cargo run -p preflight-emo-testkit --bin fixtures` writes the files, `manifest.toml` and
//! `README.md`, the same bytes each time. A few files were made once by other programs, because a file
//! that we did not write tests more; they are kept as they are.

mod bmp;
mod encode;
mod foreign;
mod gallery;
mod jpeg;
mod page;
mod png;
mod webp;

use std::fs;
use std::path::Path;

use crate::manifest::{Content, File, Manifest, Verdict};

/// A fixture: its row in the manifest, and its bytes.
#[derive(Clone, Debug)]
#[must_use]
pub struct Case {
    row: File,
    origin: Origin,
}

/// Where a fixture's bytes come from.
#[derive(Clone, Debug)]
enum Origin {
    /// Made here.
    Made(Vec<u8>),
    /// Made once by another program, and kept.
    Kept,
}

/// Every fixture, in the order of their paths.
///
/// # Panics
///
/// If two have one path.
pub fn cases() -> Vec<Case> {
    let mut cases = [
        bmp::cases(),
        foreign::cases(),
        gallery::cases(),
        jpeg::cases(),
        png::cases(),
        webp::cases(),
    ]
    .concat();
    cases.sort_by(|a, b| a.row.path.cmp(&b.row.path));
    for pair in cases.windows(2) {
        if let [a, b] = pair {
            assert_ne!(a.row.path, b.row.path, "two fixtures of one path");
        }
    }
    cases
}

/// The folder `fixtures` as the cases make it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The rows.
    pub manifest: Manifest,
    /// The path below `fixtures` and the bytes of each file: the fixtures in the order of their rows,
    /// then the manifest and the page.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Makes every file of the folder `fixtures` that this program writes.
///
/// # Panics
///
/// If a kept file is not in `folder`.
#[must_use]
pub fn render(folder: &Path) -> Rendered {
    let (rows, mut files): (Vec<_>, Vec<_>) = cases()
        .into_iter()
        .map(|Case { row, origin }| {
            let bytes = match origin {
                Origin::Made(bytes) => bytes,
                Origin::Kept => fs::read(folder.join(&row.path)).expect("a kept fixture is there"),
            };
            let file = (row.path.clone(), bytes);
            (row, file)
        })
        .unzip();
    let manifest = Manifest { files: rows };
    files.push(("manifest.toml".to_owned(), manifest.to_toml().into_bytes()));
    files.push(("README.md".to_owned(), page::of(&manifest).into_bytes()));
    Rendered { manifest, files }
}

impl Case {
    /// A file made here. What it is comes next: [`image`](Self::image), [`broken`](Self::broken), ...
    fn made(path: &str, recipe: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(path, recipe, Origin::Made(bytes.into()))
    }

    /// A file made by another program, which the recipe names.
    fn kept(path: &str, recipe: &str) -> Self {
        Self::new(path, recipe, Origin::Kept)
    }

    fn new(path: &str, recipe: &str, origin: Origin) -> Self {
        let row = File {
            path: path.to_owned(),
            recipe: recipe.to_owned(),
            content: Content::Empty,
            format: None,
            width: None,
            height: None,
            quirks: Vec::new(),
            defect: None,
            kind: None,
            verdicts: vec![Verdict::reject("input", &["PF003"])],
        };
        Self { row, origin }
    }

    /// An image with a sound header that passes.
    fn image(self, format: &str, width: u32, height: u32) -> Self {
        self.sized(Content::Image, format, width, height)
            .verdict(Verdict::pass(&[]))
    }

    /// Of an unusual coding, which is a warning.
    fn quirk(mut self, quirk: &str) -> Self {
        self.row.quirks.push(quirk.to_owned());
        self.verdict(Verdict::pass(&["PF106"]))
    }

    /// An image in another format, large enough.
    fn foreign(self, format: &str, width: u32, height: u32) -> Self {
        self.sized(Content::Foreign, format, width, height)
            .verdict(Verdict::reject("limits", &["PF201"]))
    }

    /// An image in another format, whose size the first bytes do not tell.
    fn foreign_of_unknown_size(mut self, format: &str) -> Self {
        self.row.content = Content::Foreign;
        self.row.format = Some(format.to_owned());
        self.verdict(Verdict::reject("limits", &["PF201"]))
    }

    /// Not an image.
    fn not_an_image(mut self, kind: &str) -> Self {
        self.row.content = Content::NotAnImage;
        self.row.kind = Some(kind.to_owned());
        self.verdict(match kind {
            "annex-key" | "dvc" | "git-crypt" | "lfs-pointer" | "link" => {
                Verdict::unknown("input", &["PF004"])
            }
            _ => Verdict::reject("header", &["PF101"]),
        })
    }

    /// An image of a format in a wrapping.
    fn wrapped(mut self, format: &str, wrapping: &str) -> Self {
        self.row.format = Some(format.to_owned());
        self.not_an_image(wrapping)
    }

    /// One of the four formats, with a broken header.
    fn broken(mut self, format: &str, defect: &str) -> Self {
        self.row.content = Content::Broken;
        self.row.format = Some(format.to_owned());
        self.row.defect = Some(defect.to_owned());
        let code = if defect == "truncated" {
            "PF102"
        } else {
            "PF103"
        };
        self.verdict(Verdict::reject("header", &[code]))
    }

    fn sized(mut self, content: Content, format: &str, width: u32, height: u32) -> Self {
        self.row.content = content;
        self.row.format = Some(format.to_owned());
        self.row.width = Some(width);
        self.row.height = Some(height);
        self
    }

    /// The codes of the findings under the defaults.
    fn verdict(mut self, verdict: Verdict) -> Self {
        self.row.verdicts = vec![verdict];
        self
    }

    /// The codes under other settings.
    fn also(mut self, verdict: Verdict) -> Self {
        self.row.verdicts.push(verdict);
        self
    }
}

impl Verdict {
    /// A pass at the last free stage that runs without decoding.
    fn pass(codes: &[&str]) -> Self {
        Self::new("pass", "limits", codes)
    }

    fn reject(stage: &str, codes: &[&str]) -> Self {
        Self::new("reject", stage, codes)
    }

    fn unknown(stage: &str, codes: &[&str]) -> Self {
        Self::new("unknown", stage, codes)
    }

    fn new(outcome: &str, stage: &str, codes: &[&str]) -> Self {
        Self {
            profile: "emo".to_owned(),
            max_bytes: None,
            decode: false,
            decode_memory: None,
            outcome: outcome.to_owned(),
            stage: stage.to_owned(),
            codes: codes.iter().map(ToString::to_string).collect(),
        }
    }

    fn under(self, profile: &str) -> Self {
        Self {
            profile: profile.to_owned(),
            ..self
        }
    }

    fn max_bytes(self, bytes: u64) -> Self {
        Self {
            max_bytes: Some(bytes),
            ..self
        }
    }

    /// With the pixels decoded; a pass is then one of the content stage.
    fn decoded(self) -> Self {
        let stage = if self.outcome == "pass" {
            "content".to_owned()
        } else {
            self.stage
        };
        Self {
            decode: true,
            stage,
            ..self
        }
    }

    fn decode_memory(self, bytes: u64) -> Self {
        Self {
            decode_memory: Some(bytes),
            ..self
        }
    }
}
