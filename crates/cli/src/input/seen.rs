//! Which images were named before: the first mention counts.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

/// The images that were named so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Canonical paths.
    files: HashSet<Arc<Path>>,
    /// Normalised URLs.
    urls: HashSet<String>,
    stdin: bool,
    /// Folders as they were named, and their canonical paths. Asking the system for one a folder
    /// and not for one a file is what makes a long list as cheap as a walk.
    folders: HashMap<PathBuf, PathBuf>,
}

impl Seen {
    /// The canonical path of a file, unless it was named before. `is_link` says whether the file
    /// itself is a link.
    pub(crate) fn new_file(&mut self, path: &Path, is_link: bool) -> Option<Arc<Path>> {
        let canonical: Arc<Path> = self.canonical(path, is_link).into();
        self.files
            .insert(Arc::clone(&canonical))
            .then_some(canonical)
    }

    /// Whether a URL was not named before.
    pub(crate) fn is_new_url(&mut self, url: &str) -> bool {
        let normalised = Url::parse(url).map_or_else(
            |_| url.to_owned(),
            |mut url| {
                // It is not sent.
                url.set_fragment(None);
                url.into()
            },
        );
        self.urls.insert(normalised)
    }

    /// Whether standard input was not named before.
    pub(crate) const fn is_new_stdin(&mut self) -> bool {
        !std::mem::replace(&mut self.stdin, true)
    }

    fn canonical(&mut self, path: &Path, is_link: bool) -> PathBuf {
        let (Some(folder), Some(name), false) = (path.parent(), path.file_name(), is_link) else {
            return fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        };
        if let Some(canonical) = self.folders.get(folder) {
            return canonical.join(name);
        }
        let named = if folder == Path::new("") {
            Path::new(".")
        } else {
            folder
        };
        let canonical = fs::canonicalize(named).unwrap_or_else(|_| folder.to_owned());
        let file = canonical.join(name);
        self.folders.insert(folder.to_owned(), canonical);
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_by_several_names_is_new_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.png");
        fs::write(&file, "").unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        let mut seen = Seen::default();
        let is_new = |seen: &mut Seen, path: &Path, is_link| seen.new_file(path, is_link).is_some();
        assert!(is_new(&mut seen, &file, false));
        assert!(!is_new(&mut seen, &file, false));
        assert!(!is_new(&mut seen, &dir.path().join("sub/../a.png"), false));
        assert!(!is_new(&mut seen, &dir.path().join("./a.png"), false));
        assert!(
            is_new(&mut seen, &dir.path().join("b.png"), false),
            "absent, but another"
        );
        #[cfg(unix)]
        {
            let link = dir.path().join("link.png");
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert!(!is_new(&mut seen, &link, true));
        }
    }

    #[test]
    fn urls_are_held_together_normalised() {
        let mut seen = Seen::default();
        assert!(seen.is_new_url("https://Example.com:443/a.png#top"));
        assert!(!seen.is_new_url("https://example.com/a.png"));
        assert!(seen.is_new_url("https://example.com/a.png?x=1"));
        assert!(seen.is_new_url("https://["));
        assert!(!seen.is_new_url("https://["));
    }
}
