//! How to look for images, and the files that were passed over.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use report::PassedOver;

use crate::input::excludes::Excludes;

/// How to look for images.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) excludes: Arc<Excludes>,
    /// Look in hidden and git-ignored places, too.
    pub(crate) no_ignore: bool,
    /// Say nothing of inputs that yield nothing.
    pub(crate) allow_empty: bool,
}

/// The files that were passed over so far; shared with the report.
pub(crate) type SharedPassedOver = Arc<Mutex<PassedOver>>;

/// Changes the counts. A panic elsewhere leaves the counts as they are.
pub(crate) fn count(passed_over: &SharedPassedOver, change: impl FnOnce(&mut PassedOver)) {
    change(&mut passed_over.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Whether nothing has that name, as opposed to: we may not know.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    // `a.png/b` where `a.png` is a file, and names that the system cannot have, are no paths either.
    matches!(
        error.kind(),
        io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::NotFound
    )
}

/// `gif 10, avif 2`.
pub(crate) fn by_extension(passed_over: &PassedOver) -> String {
    let mut counts: Vec<_> = passed_over.by_extension.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let words: Vec<_> = counts
        .iter()
        .map(|(extension, count)| format!("{extension} {count}"))
        .collect();
    words.join(", ")
}

/// `svg 10 left out by extension, 3 excluded`.
pub(crate) fn in_words(passed_over: &PassedOver) -> String {
    let mut words = Vec::new();
    if passed_over.other_images() > 0 {
        let extensions = by_extension(passed_over);
        words.push(format!("{extensions} left out by extension"));
    }
    for (count, what) in [
        (passed_over.misnamed, "named like an image, but none"),
        (passed_over.ignored, "left out by ignore files"),
        (passed_over.excluded, "excluded"),
        (passed_over.special, "no regular file"),
    ] {
        if count > 0 {
            words.push(format!("{count} {what}"));
        }
    }
    words.join(", ")
}
