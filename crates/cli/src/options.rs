//! Refuses options that are also names of files. Anybody who can commit to a repository can add
//! such a file, and a pattern of the shell, a hook or a list of changed files would pass it as an
//! option.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

/// A word that looks like an option and is also an existing file.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} looks like an option, but is also a file here: to check the file, write ./{} or put -- \
     before the names; to use the option, rename the file",
    word.display(),
    word.display()
)]
pub(crate) struct OptionIsAFile {
    word: OsString,
}

/// Refuses options that name a file of the working directory. Words after `--` are names.
///
/// # Errors
///
/// One of the words could be either.
pub(crate) fn refuse_files(words: impl Iterator<Item = OsString>) -> Result<(), OptionIsAFile> {
    let mut options = words
        .take_while(|word| word != "--")
        .filter(|word| is_option(word));
    match options.find(|word| fs::symlink_metadata(Path::new(word)).is_ok()) {
        Some(word) => Err(OptionIsAFile { word }),
        None => Ok(()),
    }
}

/// A dash alone means standard input.
fn is_option(word: &OsStr) -> bool {
    word != "-" && word.as_encoded_bytes().starts_with(b"-")
}
