//! The kind of thing that a word of the command line or of a list names, by its looks alone.

use std::ffi::OsString;
use std::path::PathBuf;

use preflight::http::shown_url;

use crate::input::quotes::without_quotes;

/// The kind of thing that a word names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum InputKind {
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

impl InputKind {
    /// `scheme://` makes a URL; anything else is a path. Spaces and quotation marks around a URL are
    /// slips of a list or a shell; in the name of a file they may be meant.
    pub(crate) fn of(word: OsString) -> Self {
        if word == "-" {
            return Self::Stdin;
        }
        // Most words have no colon, and no more needs to be asked of them.
        if !word.as_encoded_bytes().contains(&b':') {
            return Self::Path(PathBuf::from(word));
        }
        let text = word.to_string_lossy();
        let text = without_quotes(text.trim()).unwrap_or(text.trim());
        let Some(scheme) = scheme(text) else {
            return Self::Path(PathBuf::from(word));
        };
        let url = text.to_owned();
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

/// The scheme of a URL (RFC 3986, section 3.1).
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme.then_some(scheme)
}

/// The help for a URL of a scheme that is not fetched.
pub(crate) fn scheme_help(url: &str, scheme: &str) -> String {
    let rest = url.get(scheme.len() + "://".len()..).unwrap_or_default();
    match scheme {
        // A URL that holds a secret must not be repeated.
        _ if shown_url(url) != url => {
            "give the https URL of the image; for a store that is not public, sign an https URL"
                .to_owned()
        }
        "file" => {
            // An authority may stand before the path (RFC 8089, section 2).
            let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(rest);
            format!("give the path itself: {path}")
        }
        "s3" if cfg!(feature = "stores") => format!(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign an https URL for it: \
             aws s3 presign s3://{rest}"
        ),
        "s3" | "s3a" | "s3n" => format!("sign an https URL for it: aws s3 presign s3://{rest}"),
        "gs" => format!("sign an https URL for it: gcloud storage sign-url gs://{rest}"),
        "cos" | "obs" | "tos" | "bos" | "minio" | "r2" | "b2" | "swift" | "az" | "abfs"
        | "abfss" | "wasb" | "wasbs" | "azure" => {
            format!("sign an https URL for it with the tools of the store ({scheme})")
        }
        "hdfs" | "dbfs" | "webhdfs" | "ftp" | "ftps" | "sftp" | "scp" | "ssh" | "smb" | "nfs" => {
            "copy the file to this machine, or sign an https URL for it".to_owned()
        }
        slip if strsim::damerau_levenshtein(slip, "https") <= 2 => {
            format!("did you mean https://{rest}?")
        }
        _ => "give the https URL of the image; for a store that is not public, sign an https URL"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_of_rfc_3986_makes_a_url() {
        let kind = |text: &str| InputKind::of(text.into());
        let other = |url: &str, scheme: &str| InputKind::OtherScheme {
            url: url.to_owned(),
            scheme: scheme.to_owned(),
        };
        let url = |url: &str| InputKind::Url(url.to_owned());
        assert_eq!(kind("-"), InputKind::Stdin);
        assert_eq!(kind("HTTPS://a/b"), url("HTTPS://a/b"));
        assert_eq!(kind(" http://a/b\t"), url("http://a/b"));
        assert_eq!(kind("\"https://a/b\""), url("https://a/b"));
        assert_eq!(kind("<https://a/b>"), url("https://a/b"));
        assert_eq!(
            kind("oss://b/k.png"),
            InputKind::Oss("oss://b/k.png".to_owned())
        );
        for (text, scheme) in [
            ("File:///etc/passwd", "file"),
            ("s3://b/k.jpg", "s3"),
            ("git+https://h/r", "git+https"),
            ("x-web.1://h/r", "x-web.1"),
        ] {
            assert_eq!(kind(text), other(text, scheme));
        }
        for path in [
            "a.png",
            "C:\\a.png",
            "http:/a",
            "://a",
            "1a://b",
            "+a://b",
            "./http://a",
            "a b://c",
            "ü://c",
            "--",
            " a ",
        ] {
            assert_eq!(kind(path), InputKind::Path(path.into()), "{path}");
        }
    }

    #[test]
    fn the_help_says_what_to_give_instead() {
        for (url, scheme, help) in [
            ("file:///x/a.png", "file", "give the path itself: /x/a.png"),
            (
                "file://host/x/a.png",
                "file",
                "give the path itself: /x/a.png",
            ),
            (
                "s3a://b/k",
                "s3a",
                "sign an https URL for it: aws s3 presign s3://b/k",
            ),
            ("htps://h/a.png", "htps", "did you mean https://h/a.png?"),
        ] {
            assert_eq!(scheme_help(url, scheme), help);
        }
        assert!(!scheme_help("s3://key:secret@b/k", "s3").contains("secret"));
        for scheme in ["gs", "cos", "abfss", "hdfs", "git+https", "ipfs", "blob"] {
            let help = scheme_help(&format!("{scheme}://b/k"), scheme);
            assert!(help.contains("https") && help.contains("sign"), "{help}");
        }
    }
}
