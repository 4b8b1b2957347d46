//! The grammars behind the signatures.

use preflight::{Content, Format, Profile, probe_bytes};

use crate::cuts::every_cut;
use crate::shared;

/// What each format's file begins with, as far as every file has it.
const STARTS: [&[u8]; 6] = [
    b"\xFF\xD8\xFF",
    b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR",
    b"BM",
    b"RIFF",
    b"RIFF\xFF\xFF\0\0WEBPVP8X\x0A\0\0\0",
    b"RIFF\xFF\xFF\0\0WEBPVP8L",
];

/// A file that begins as an image does gets one answer, a size of at least 1 px where it gets any,
/// and a judgement that agrees with the size. The first byte chooses the format.
pub fn formats(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let start = STARTS
        .get(usize::from(*choice) % STARTS.len())
        .copied()
        .unwrap_or_default();
    let file = [start, rest].concat();
    shared::any_way_the_same(&file, &[7, 64, 0]);
    every_cut(&file);

    let probed = probe_bytes(&file);
    let violations = Profile::emo().judge(&probed.content, probed.len);
    if let Content::Image(header) = probed.content {
        assert!(header.width > 0 && header.height > 0, "{header:?}");
        assert!(
            header.format != Format::Jpeg || header.width.max(header.height) <= 65_535,
            "{header:?}"
        );
        let sides = [header.width, header.height];
        let fits = sides.iter().all(|side| (400..=7000).contains(side));
        assert!(!violations.is_empty() || fits, "{header:?}");
        let _ = header.check_whole(&file);
    }
}
