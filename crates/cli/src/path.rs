//! Paths by their text alone.

use std::path::{Component, Path, PathBuf};

/// A path without its `.` and `..`, as far as its text tells.
pub(crate) fn lexical(path: &Path) -> PathBuf {
    path.components()
        .fold(PathBuf::new(), |mut out, component| {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    out.pop();
                }
                other => out.push(other),
            }
            out
        })
}
