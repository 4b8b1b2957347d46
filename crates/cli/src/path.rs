//! Normalizes paths.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use report::lexical;

/// The absolute path without `.` and `..` that leads to the same file. Judged by its text, unless a
/// link before a `..` leads elsewhere.
pub(crate) fn without_detours(path: &Path) -> PathBuf {
    let by_text = lexical(path);
    match fs::canonicalize(path) {
        Ok(place) if fs::canonicalize(&by_text).ok().as_ref() != Some(&place) => place,
        Ok(_) | Err(_) => by_text,
    }
}

/// The text of the system that bytes are; none where it does not take them.
#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems do not take any bytes"
)]
pub(crate) fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt as _;

    Some(OsString::from_vec(bytes))
}

/// The text of the system that bytes are; none where it does not take them.
#[cfg(not(unix))]
pub(crate) fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_before_a_step_up_is_followed() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("real/sub")).unwrap();
        std::os::unix::fs::symlink("real/sub", top.join("link")).unwrap();
        for (path, found) in [
            ("link/..", "real"),
            ("link", "link"),
            ("real/./sub/..", "real"),
            ("nowhere/../real", "real"),
        ] {
            assert_eq!(without_detours(&top.join(path)), top.join(found), "{path}");
        }
    }
}
