//! What stands in for content that is elsewhere.

use core::str;

use super::encoding::Encoding;
use crate::{ForeignFormat, Format, StandIn};

/// The greatest length of a path that a system takes, in bytes (PATH_MAX of Linux).
const MAX_PATH: usize = 4096;

/// Bytes of the start that hold a pointer, or the folders of a key.
const HEAD: usize = super::STEPS[0];

/// Links of systems that store them as files: Cygwin, Services for UNIX, Windows, macOS, and file
/// servers that keep them for a Mac.
const LINKS: [&[u8]; 5] = [
    b"!<symlink>",
    b"XSym\n",
    b"IntxLNK\x01",
    b"\x4C\0\0\0\x01\x14\x02\0",
    b"book\0\0\0\0mark\0\0\0\0",
];

/// Names a stand-in; a link that is text only where the whole file is at hand (`is_all`).
pub(super) fn name(start: &[u8], encoding: Encoding, is_all: bool) -> Option<StandIn> {
    // A longer start brings nothing new but the keys of a metafile.
    if start.len() <= HEAD {
        if let Some(found) = by_head(start, encoding) {
            return Some(found);
        }
    }
    if encoding.is_text() && is_dvc_metafile(start) {
        return Some(StandIn::Dvc);
    }
    (is_all && is_link(start)).then_some(StandIn::Link)
}

/// Names a stand-in by the first bytes.
fn by_head(head: &[u8], encoding: Encoding) -> Option<StandIn> {
    if head.starts_with(b"\0GITCRYPT\0") {
        return Some(StandIn::GitCrypt);
    }
    if begins_with_one(head, &LINKS) {
        return Some(StandIn::Link);
    }
    if !encoding.is_text() {
        return None;
    }
    if is_lfs_pointer(head) {
        let size = lfs_size(head);
        return Some(StandIn::LfsPointer { size });
    }
    let mut ends = head
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'/' | b'\\'));
    if matches!(ends.next(), None | Some(b'\n')) {
        return None;
    }
    let line = first_line(head);
    if leads_through(line, b"annex", b"objects") {
        let size = annex_size(line);
        return Some(StandIn::AnnexKey { size });
    }
    // The files of DVC's cache have no extension.
    leads_through(line, b".dvc", b"cache").then_some(StandIn::Dvc)
}

/// Git LFS specification, "The pointer": `version` comes first; hawser was its name once.
fn is_lfs_pointer(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    text.starts_with(b"version https://git-lfs.github.com/spec/")
        || text.starts_with(b"version https://hawser.github.com/spec/")
}

/// The bytes of the file that a pointer stands for.
fn lfs_size(start: &[u8]) -> Option<u64> {
    let mut lines = start.split(|&byte| byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(b"size "))?;
    str::from_utf8(line.trim_ascii_end()).ok()?.parse().ok()
}

/// DVC, "Metafiles (.dvc)": YAML that lists `outs`, each with its path and its hash. It begins with
/// a comment or one of its keys, so that few other files are searched for them.
fn is_dvc_metafile(start: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 11] = [
        b"#",
        b"always_changed:",
        b"cmd:",
        b"deps:",
        b"desc:",
        b"frozen:",
        b"md5:",
        b"meta:",
        b"outs:",
        b"params:",
        b"wdir:",
    ];
    const HASHES: [&[u8]; 4] = [b"md5:", b"hash:", b"etag:", b"checksum:"];
    if !BEGINNINGS
        .iter()
        .any(|beginning| start.starts_with(beginning))
    {
        return false;
    }
    let mut lines = start.split(|&byte| byte == b'\n');
    lines.any(|line| line.trim_ascii_end() == b"outs:")
        && holds(start, b"path:")
        && HASHES.iter().any(|hash| holds(start, hash))
}

/// Whether a path leads through a folder and its subfolder.
fn leads_through(path: &[u8], folder: &[u8], subfolder: &[u8]) -> bool {
    let mut parts = path.split(|byte| matches!(byte, b'/' | b'\\'));
    let mut before: &[u8] = b"";
    let found = parts.any(|part| {
        let found = before.ends_with(folder) && part == subfolder;
        before = part;
        found
    });
    found && parts.next().is_some()
}

/// The size field of a key, `-s` and digits: git-annex, "key format".
fn annex_size(line: &[u8]) -> Option<u64> {
    let key = line.rsplit(|byte| matches!(byte, b'/' | b'\\')).next()?;
    let field = key
        .split(|&byte| byte == b'-')
        .find_map(|field| field.strip_prefix(b"s"))?;
    str::from_utf8(field).ok()?.parse().ok()
}

/// Whether a file is the target of a symbolic link: one line, a path that ends in the extension of
/// an image, and no sentence that ends in one.
fn is_link(file: &[u8]) -> bool {
    let Ok(path) = str::from_utf8(file).map(|text| text.trim_end_matches(['\r', '\n'])) else {
        return false;
    };
    let path = path.strip_prefix("file://").unwrap_or(path);
    let odd = |c: char| c.is_control() || matches!(c, '<' | '>' | '"' | '|' | '*');
    if path.len() > MAX_PATH || path.contains(odd) || path.contains("://") || path.trim() != path {
        return false;
    }
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    let is_image = Format::by_extension(extension).is_some()
        || ForeignFormat::by_extension(extension).is_some();
    is_image && !stem.is_empty() && !is_sentence(path)
}

/// Whether words stand before a path: `Cannot GET /a.png`, `not found: b/a.png`, `see ./a.png`. A
/// name without a folder has no blanks, so that prose is prose.
fn is_sentence(path: &str) -> bool {
    let first = path.split(['/', '\\']).next().unwrap_or_default();
    first.rsplit_once(' ').is_some_and(|(words, last)| {
        first.len() == path.len() || words.ends_with(':') || matches!(last, "" | "." | "..")
    })
}

/// Looks at the first byte by itself, since to compare whole beginnings takes five times as long.
fn begins_with_one(start: &[u8], beginnings: &[&[u8]]) -> bool {
    let mut all = beginnings.iter();
    all.any(|beginning| beginning.first() == start.first() && start.starts_with(beginning))
}

fn first_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|&byte| byte == b'\n');
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

fn holds(text: &[u8], needle: &[u8]) -> bool {
    // By its first byte, since to compare whole windows takes twenty times as long.
    let mut places = text.windows(needle.len());
    places.any(|window| window.first() == needle.first() && window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &[u8], is_all: bool) -> Option<StandIn> {
        super::name(start, Encoding::of(start), is_all)
    }

    #[test]
    fn an_lfs_pointer_tells_the_size_of_the_file_it_stands_for() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\n\
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
            size 1204331\n";
        let size = Some(1_204_331);
        assert_eq!(name(pointer, true), Some(StandIn::LfsPointer { size }));
        let cut = &pointer[..pointer.len() - 20];
        assert_eq!(name(cut, true), Some(StandIn::LfsPointer { size: None }));
    }

    #[test]
    fn keys_and_locked_files_are_named() {
        let size = Some(4711);
        for key in [
            b"/annex/objects/SHA256E-s4711--9f86d081884c7d65.jpg\n".as_slice(),
            b"../.git/annex/objects/3q/Zv/SHA256E-s4711--9f86.jpg/SHA256E-s4711--9f86.jpg",
            br"..\.git\annex\objects\3q\Zv\SHA256E-s4711--9f86.jpg\SHA256E-s4711--9f86.jpg",
        ] {
            assert_eq!(name(key, false), Some(StandIn::AnnexKey { size }));
        }
        let url = b"/annex/objects/URL--http&c%%a%b.jpg\n";
        assert_eq!(name(url, false), Some(StandIn::AnnexKey { size: None }));
        assert_eq!(name(b"\0GITCRYPT\0\x8Ab", false), Some(StandIn::GitCrypt));
        let metafile =
            b"outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 3\n  path: a.png\n";
        assert_eq!(name(metafile, false), Some(StandIn::Dvc));
        for text in [
            b"../../.dvc/cache/files/md5/a3/04afb96060aad90176268345e10355".as_slice(),
            b"# a comment\nwdir: ..\nouts:\r\n- etag: abc\n  path: a.png\n",
        ] {
            assert_eq!(name(text, true), Some(StandIn::Dvc));
        }
        assert_eq!(name(b"outs:\n- nothing\n", true), None);
    }

    #[test]
    fn a_path_of_an_image_is_a_link_and_prose_is_prose() {
        for path in [
            "../shared/anna.png",
            "anna.JPG\n",
            "anna.png\n\n",
            "my photos/anna.png",
            "file:///srv/anna.png",
            "C:\\Users\\ann lee\\picture one.webp\r\n",
            "../照片/安娜.heic",
        ] {
            assert_eq!(name(path.as_bytes(), true), Some(StandIn::Link), "{path}");
            assert_eq!(name(path.as_bytes(), false), None, "{path} may go on");
        }
        for text in [
            "see anna.png",
            "Cannot GET /images/anna.png",
            "error: could not open ../x/anna.png",
            "not found: images/anna.png",
            "anna.png\nbert.png\n",
            "../notes/anna.txt",
            "https://cdn.example.com/anna.png",
            "<img src=\"a/anna.png",
            ".png",
            "Not found",
        ] {
            assert_eq!(name(text.as_bytes(), true), None, "{text}");
        }
    }
}
