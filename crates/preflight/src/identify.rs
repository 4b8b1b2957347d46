//! Naming what is none of the four formats by its first bytes.

#[cfg(feature = "identify")]
mod foreign;
mod magic;
mod text;

use crate::kind::Kind;
use crate::sighting::Content;

pub(crate) use text::is_text;

/// Names the bytes from a file's start; only the first [`Content::PREFIX`] are looked at.
pub(crate) fn name(prefix: &[u8]) -> Content {
    let prefix = prefix.get(..Content::PREFIX).unwrap_or(prefix);
    // Strong signatures first; then formats whose signature is weak, which text could resemble.
    magic::name(prefix)
        .or_else(|| foreign::pnm(prefix))
        .or_else(|| text::name(prefix))
        .or_else(|| foreign::name(prefix))
        .unwrap_or_else(|| {
            let zeros = prefix.iter().all(|&byte| byte == 0);
            Content::NotAnImage(if zeros { Kind::Zeros } else { Kind::Unknown })
        })
}

/// Without the feature, foreign images have no size, and those with weak signatures no name.
#[cfg(not(feature = "identify"))]
mod foreign {
    use crate::sighting::Content;

    pub(super) const fn name(_prefix: &[u8]) -> Option<Content> {
        None
    }

    pub(super) const fn pnm(_prefix: &[u8]) -> Option<Content> {
        None
    }

    pub(super) const fn size(_prefix: &[u8]) -> Option<(u32, u32)> {
        None
    }
}
