//! Help for a word that names nothing.

use std::fs;
use std::path::{Path, PathBuf};

use preflight::http::shown_url;

use crate::input::quotes::{without_git_quotes, without_quotes};

/// Names of a folder that are compared with one that is missing.
const MAX_NAMES: usize = 10_000;

/// Where a word was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) here: &'a Path,
    /// The root of the repository around the working directory.
    pub(crate) repository: Option<&'a Path>,
}

/// The file that a word names without its quotation marks, if it exists.
pub(crate) fn certain(word: &Path) -> Option<PathBuf> {
    let text = word.to_str()?.trim();
    // A list in JSON has a comma behind each name.
    let text = text.strip_suffix(',').unwrap_or(text);
    let of_git = without_git_quotes(text).map(PathBuf::from);
    of_git.filter(|name| exists(name)).or_else(|| {
        without_quotes(text)
            .map(PathBuf::from)
            .filter(|name| exists(name))
    })
}

/// The help for a word that names nothing.
pub(crate) fn help(word: &Path, setting: Setting<'_>) -> Option<String> {
    let text = word.to_str()?;
    let cures: [fn(&str, Setting<'_>) -> Option<String>; 11] = [
        |text, _| divided(text),
        |text, _| data_uri(text),
        |text, _| address(text),
        |text, _| quoted(text),
        |text, _| padded(text),
        from_the_root,
        |text, _| expanded(text),
        |text, _| of_windows(text),
        |text, _| escaped(text),
        |text, _| several(text),
        |text, _| in_another_case(text, MAX_NAMES),
    ];
    cures.into_iter().find_map(|cure| cure(text, setting))
}

/// The URL that a word is nearly: it must be shown like one, for what its query holds.
pub(crate) fn near_url(word: &Path) -> Option<String> {
    let text = word.to_str()?.trim();
    let text = without_quotes(text).unwrap_or(text);
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    for scheme in ["https", "http"] {
        let Some(behind) = lower.strip_prefix(scheme) else {
            continue;
        };
        if behind.starts_with(':') || behind.starts_with("//") || behind.starts_with(";//") {
            let rest = text.get(scheme.len()..)?;
            let rest = rest.trim_start_matches([':', ';', '/', '\\']);
            return (!rest.is_empty()).then(|| format!("{scheme}://{rest}"));
        }
    }
    let rest = text.strip_prefix("//").unwrap_or(text);
    let (host, path) = rest.split_once('/')?;
    // A host without `www.` is told from a folder by the query behind its path.
    let is_host = rest.len() < text.len()
        || host.to_ascii_lowercase().starts_with("www.")
        || path
            .split_once('?')
            .is_some_and(|(_, query)| query.contains('='));
    (is_host && looks_like_a_host(host) && !path.is_empty()).then(|| format!("https://{rest}"))
}

/// `cdn.example.com`, perhaps with a port.
fn looks_like_a_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "1"));
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.')
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && last.len() >= 2
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn exists(path: impl AsRef<Path>) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn did_you_mean(name: impl AsRef<Path>) -> String {
    format!("did you mean {}?", name.as_ref().display())
}

/// Entries of a list that is divided otherwise than was said.
fn divided(text: &str) -> Option<String> {
    let zeros = text.bytes().filter(|&byte| byte == 0).count();
    if zeros > text.len() / 3 {
        return Some(
            "this list is in UTF-16, and no byte order mark says so: write it in UTF-8 \
             (PowerShell: Out-File -Encoding utf8)"
                .to_owned(),
        );
    }
    if zeros > 0 {
        return Some("the entries of this list end in NUL: add -0".to_owned());
    }
    let mut lines = text.lines();
    let first = lines.next().filter(|first| exists(first))?;
    lines.next()?;
    Some(format!(
        "-0 is for lists whose entries end in NUL; {first} and the rest stand on lines of their own: leave -0 out"
    ))
}

fn data_uri(text: &str) -> Option<String> {
    let scheme = text.get(..5)?;
    scheme.eq_ignore_ascii_case("data:").then(|| {
        "a data: URI holds the image itself: decode its base64 part into a file, or into \
         `preflight check -`"
            .to_owned()
    })
}

fn address(text: &str) -> Option<String> {
    if let Some(url) = near_url(Path::new(text)) {
        let url = shown_url(&url);
        return Some(format!("for an image on the web, give {url}"));
    }
    if text.contains("https://") || text.contains("http://") {
        return Some("there is a URL in this word: give it alone".to_owned());
    }
    let (host, path) = text.split_once('/')?;
    let is_host = looks_like_a_host(host) && !path.is_empty() && !exists(host);
    is_host.then(|| format!("for an image on the web, give https://{host}/…"))
}

fn quoted(text: &str) -> Option<String> {
    let text = text.trim();
    if text.starts_with('"') && text.contains('\\') {
        return Some(
            "git quotes names like this one: give its -z and our -0, or git -c core.quotePath=false"
                .to_owned(),
        );
    }
    without_quotes(text).map(|inner| {
        format!("the quotation marks are taken as part of the name; {inner} is not there either")
    })
}

fn padded(text: &str) -> Option<String> {
    let inner =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '\u{feff}'));
    if inner != text && !inner.is_empty() && exists(inner) {
        return Some(format!(
            "did you mean {inner}? The spaces or commas around it are taken as part of the name"
        ));
    }
    // `a.png:12:3`, as compilers and grep write.
    let (name, rest) = text.split_once(':')?;
    let is_position = rest
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b':');
    (is_position && exists(name)).then(|| did_you_mean(name))
}

/// Git gives names from the root of the repository, wherever it runs.
fn from_the_root(text: &str, setting: Setting<'_>) -> Option<String> {
    let root = setting.repository?;
    let up = setting.here.strip_prefix(root).ok()?.components().count();
    if up == 0 || Path::new(text).is_absolute() || !exists(root.join(text)) {
        return None;
    }
    let name: PathBuf = std::iter::repeat_n("..", up).collect();
    Some(format!(
        "did you mean {}? Names are taken from the working directory; git diff --relative gives such",
        name.join(text).display()
    ))
}

/// Help for names that a shell would have expanded.
fn expanded(text: &str) -> Option<String> {
    if text.starts_with("~/") || text == "~" {
        return Some(
            "only a shell expands ~, and only without quotation marks: write the whole path"
                .to_owned(),
        );
    }
    let is_variable = |open: &str, close: &str| {
        text.split_once(open)
            .is_some_and(|(_, rest)| close.is_empty() || rest.contains(close))
    };
    let is_percent = text
        .strip_prefix('%')
        .is_some_and(|rest| rest.contains('%'));
    (is_variable("${", "}") || text.starts_with('$') || is_percent).then(|| {
        "the variable in this name was not expanded: only a shell does that, and only outside of \
         single quotation marks"
            .to_owned()
    })
}

/// Names as Windows writes them.
fn of_windows(text: &str) -> Option<String> {
    if cfg!(windows) || !text.contains('\\') {
        return None;
    }
    let slashed = text.replace('\\', "/");
    if exists(&slashed) {
        return Some(did_you_mean(slashed));
    }
    let mut chars = slashed.chars();
    let (drive, colon) = (chars.next()?, chars.next()?);
    (drive.is_ascii_alphabetic() && colon == ':').then(|| {
        let mounted = format!("/mnt/{}{}", drive.to_ascii_lowercase(), chars.as_str());
        format!("this is a path of Windows; under WSL it is {mounted}")
    })
}

/// Names as they stand in URLs.
fn escaped(text: &str) -> Option<String> {
    let name = percent_decoded(text)?;
    exists(&name).then(|| did_you_mean(name))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    let mut is_escaped = false;
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        out.push(u8::try_from(high * 16 + low).ok()?);
        is_escaped = true;
    }
    is_escaped.then(|| String::from_utf8(out).ok()).flatten()
}

/// Several names in one word.
fn several(text: &str) -> Option<String> {
    [',', ';', ' ', '\t', ':'].into_iter().find_map(|mark| {
        let mut names = text
            .split(mark)
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let is_some = names.clone().nth(1).is_some() && names.all(exists);
        is_some
            .then(|| "these are several names: give each as a word or a line of its own".to_owned())
    })
}

/// A name in its folder that differs in case only, among at most so many.
fn in_another_case(text: &str, names: usize) -> Option<String> {
    let path = Path::new(text);
    let name = path.file_name()?.to_str()?.to_lowercase();
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let entries = fs::read_dir(folder).ok()?.take(names).flatten();
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let other = names.find(|other| other.to_lowercase() == name)?;
    Some(did_you_mean(path.with_file_name(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Setting<'static> {
        Setting {
            here: Path::new("/"),
            repository: None,
        }
    }

    #[test]
    fn what_is_nearly_a_url_is_told_and_shown_without_its_query() {
        for (word, url) in [
            (
                "www.example.com/a.jpg",
                Some("https://www.example.com/a.jpg"),
            ),
            (
                "//cdn.example.com/a.jpg",
                Some("https://cdn.example.com/a.jpg"),
            ),
            (
                "https:/example.com/a.jpg",
                Some("https://example.com/a.jpg"),
            ),
            (
                "https;//example.com/a.jpg",
                Some("https://example.com/a.jpg"),
            ),
            (
                "http:\\\\example.com/a.jpg",
                Some("http://example.com/a.jpg"),
            ),
            (
                "\"www.example.com/a.jpg\"",
                Some("https://www.example.com/a.jpg"),
            ),
            ("https", None),
            (
                "cdn.example.com/a.jpg?Signature=S",
                Some("https://cdn.example.com/a.jpg?Signature=S"),
            ),
            ("cdn.example.com/?.jpg", None),
            ("httpd/a.jpg", None),
            ("a/b.jpg", None),
            ("//usr/a.jpg", None),
            ("www/a.jpg", None),
        ] {
            assert_eq!(near_url(Path::new(word)).as_deref(), url, "{word}");
        }
        let help = help(Path::new("www.example.com/a.jpg?Signature=S"), nowhere()).unwrap();
        assert!(
            help.ends_with("give https://www.example.com/a.jpg?…"),
            "{help}"
        );
    }

    #[test]
    fn the_word_tells_the_cure() {
        for (word, part) in [
            ("a.png\0b.png\0", "add -0"),
            ("\0a\0.\0p\0n\0g\0\r\0", "UTF-16"),
            ("data:image/png;base64,iVBORw0KGgo=", "base64"),
            ("cdn.example.com/a.jpg", "https://cdn.example.com/"),
            ("7,https://cdn.example.com/a.jpg", "give it alone"),
            ("\"\\347\\205\\247.png\"", "core.quotePath"),
            ("'no.png'", "no.png is not there either"),
            ("~/a.png", "write the whole path"),
            ("$HOME/a.png", "variable"),
            ("${DIR}/a.png", "variable"),
            ("%USERPROFILE%\\a.png", "variable"),
            ("C:\\x\\a.png", "/mnt/c/x/a.png"),
        ] {
            let help = help(Path::new(word), nowhere()).unwrap_or_default();
            assert!(help.contains(part), "{word}: {help}");
        }
        for word in ["nosuch.png", "a/nosuch.png", "1.2/nosuch.png", ""] {
            assert_eq!(help(Path::new(word), nowhere()), None, "{word}");
        }
    }

    #[test]
    fn a_name_in_another_case_is_looked_for_among_few() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("A.png"), "").unwrap();
        let name = folder.path().join("a.PNG");
        let text = name.to_str().unwrap();
        let help = in_another_case(text, 1).unwrap();
        assert!(help.contains("A.png"), "{help}");
        assert_eq!(in_another_case(text, 0), None);
    }

    #[test]
    fn escapes_of_urls_are_read() {
        assert_eq!(percent_decoded("a%20b.png").as_deref(), Some("a b.png"));
        assert_eq!(percent_decoded("a.png"), None);
        assert_eq!(percent_decoded("100%.png"), None);
        assert_eq!(percent_decoded("%ff"), None);
    }
}
