//! Options that are the names of files as well. Who writes to a repository can commit such a file, and
//! have it handed over by a pattern of the shell, a hook or a list of changed files.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

/// A word that is an option by its looks, and a file that is there.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is taken for an option, but a file of this name is here as well: put names behind --, or \
     write ./{} for the file; where the option is meant, rename the file",
    word.display(),
    word.display()
)]
pub(crate) struct OptionIsAFile {
    word: OsString,
}

/// Refuses options that name a file of the working directory. Words behind `--` are names.
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

/// A dash alone stands for standard input.
fn is_option(word: &OsStr) -> bool {
    word != "-" && word.as_encoded_bytes().starts_with(b"-")
}
