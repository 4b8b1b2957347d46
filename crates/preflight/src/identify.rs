//! Naming what has none of the four signatures, from the start of the file.

mod encoding;
#[cfg(feature = "identify")]
mod foreign;
mod magic;
mod stand_in;
mod text;
mod wrapped;

use crate::{Content, OtherKind};

pub(crate) use encoding::Encoding;
pub(crate) use wrapped::{DAMAGE, damaged};

/// How many bytes of a file's start are looked at, one step after the other. The first holds every
/// signature; the second, which is what a first read brings, the text that may stand before an
/// image; the third the size of a photograph in HEIC, whose description takes some kilobytes.
pub(crate) const STEPS: [usize; 3] = [512, 4096, PREFIX];

/// More are not looked at, which bounds the work.
pub(crate) const PREFIX: usize = 16 << 10;

/// The name of what has none.
const UNKNOWN: Content = Content::NotAnImage(OtherKind::Unknown);

/// What the start of a file tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Named {
    /// More bytes would not change it.
    Surely(Content),
    /// So many bytes from the start are needed.
    From(usize),
}

/// Names a file from a part of its start, whose length is one of the [`STEPS`].
pub(crate) fn name(start: &[u8]) -> Named {
    let next = STEPS.into_iter().find(|&step| step > start.len());
    match (look(start, next.is_none()), next) {
        (None, Some(next)) => Named::From(next),
        (found, _) => Named::Surely(found.unwrap_or(UNKNOWN)),
    }
}

/// Names a file from all that there is, or will ever be shown, of its start.
pub(crate) fn name_all(start: &[u8]) -> Content {
    let start = start.get(..PREFIX).unwrap_or(start);
    if start.is_empty() {
        return Content::Empty;
    }
    // Step by step, so that the answer does not depend on how much happened to be there.
    for step in STEPS {
        let part = start.get(..step).filter(|part| part.len() < start.len());
        if let Some(found) = part.and_then(|part| look(part, false)) {
            return found;
        }
    }
    look(start, true).unwrap_or(UNKNOWN)
}

/// Looks at the start of a file; `is_all` if no more can be had. None: more bytes may tell.
fn look(start: &[u8], is_all: bool) -> Option<Content> {
    // Markup first: it is what most often stands in an image's place. Then strong signatures, then
    // formats whose signature is weak, which text could resemble.
    if let Some(found) = text::markup(start, is_all) {
        return Some(found);
    }
    if let Some(found) = magic::name(start) {
        return (is_all || !magic::may_tell_more(&found, start)).then_some(found);
    }
    if is_zeros(start) {
        return is_all.then_some(Content::NotAnImage(OtherKind::Zeros));
    }
    let encoding = Encoding::of(start);
    let found = stand_in::name(start, encoding, is_all)
        .map(Content::StandIn)
        .or_else(|| foreign::pnm(start))
        .or_else(|| wrapped::name(start, encoding).map(Content::Wrapped))
        .or_else(|| text::name(start, encoding, is_all));
    // Binary data without a signature stays that, whatever follows. Only the image in AppleSingle may
    // stand behind a long head.
    let is_binary = encoding == Encoding::Binary && !start.starts_with(b"\0\x05\x16\0");
    found.or_else(|| (is_all || is_binary).then(|| foreign::name(start).unwrap_or(UNKNOWN)))
}

fn is_zeros(start: &[u8]) -> bool {
    start.first() == Some(&0) && start.iter().fold(0, |any, byte| any | byte) == 0
}

/// Without the feature, foreign images have no size, and those with weak signatures no name.
#[cfg(not(feature = "identify"))]
mod foreign {
    use crate::Content;

    pub(super) const fn name(_start: &[u8]) -> Option<Content> {
        None
    }

    pub(super) const fn pnm(_start: &[u8]) -> Option<Content> {
        None
    }

    pub(super) const fn size(_start: &[u8]) -> Option<(u32, u32)> {
        None
    }
}
