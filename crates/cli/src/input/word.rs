//! What kind of thing a word of the command line or of a list names, by its looks alone.

use std::ffi::OsString;
use std::path::PathBuf;

/// What a word names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Word {
    /// `-`: one image on standard input.
    Stdin,
    /// An `http` or `https` URL.
    Url(String),
    /// An address of the service's own store.
    Oss(String),
    /// A URL of a scheme that is not fetched.
    OtherScheme { url: String, scheme: String },
    /// A path, or a pattern of paths.
    Path(PathBuf),
}

impl Word {
    /// The URL that it is, of whatever scheme.
    pub(crate) fn url(&self) -> Option<&str> {
        match self {
            Self::Url(url) | Self::Oss(url) | Self::OtherScheme { url, .. } => Some(url),
            Self::Path(_) | Self::Stdin => None,
        }
    }

    /// `scheme://`, in letters of any case, makes a URL; anything else is a path.
    pub(crate) fn of(word: OsString) -> Self {
        if word == "-" {
            return Self::Stdin;
        }
        let text = word.to_string_lossy();
        // Blanks around a URL are slips of a list; in a name of a file they may be meant.
        let Some(scheme) = scheme(text.trim()) else {
            return Self::Path(PathBuf::from(word));
        };
        let url = text.trim().to_owned();
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Self::Url(url),
            "oss" => Self::Oss(url),
            other => Self::OtherScheme {
                url,
                scheme: other.to_owned(),
            },
        }
    }
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let letters = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphabetic());
    letters.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_of_letters_makes_a_url() {
        let word = |text: &str| Word::of(text.into());
        assert_eq!(word("-"), Word::Stdin);
        assert_eq!(word("HTTPS://a/b"), Word::Url("HTTPS://a/b".to_owned()));
        assert_eq!(word(" http://a/b\t"), Word::Url("http://a/b".to_owned()));
        assert_eq!(word("oss://b/k.png"), Word::Oss("oss://b/k.png".to_owned()));
        assert_eq!(
            word("File:///etc/passwd"),
            Word::OtherScheme {
                url: "File:///etc/passwd".to_owned(),
                scheme: "file".to_owned()
            }
        );
        for path in [
            "a.png",
            "C:\\a.png",
            "http:/a",
            "://a",
            "a1://b",
            "./http://a",
            "--",
            " a ",
        ] {
            assert_eq!(word(path), Word::Path(path.into()), "{path}");
        }
    }
}
