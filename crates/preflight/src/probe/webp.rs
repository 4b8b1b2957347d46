//! WebP: the RIFF container (RFC 9649) and its first chunk: VP8 (RFC 6386), VP8L (RFC 9649, 3) or
//! VP8X (RFC 9649, 2.7). The checks are those of libwebp, the reference implementation.

use super::reader::{Reader, Stop};
use crate::{Defect, Format, Header, Quirk, Quirks};

/// The first chunk's data begins here: RIFF header (12 bytes), chunk header (8 bytes).
const DATA: u64 = 20;

/// The greatest RIFF size: RFC 9649, 2.4.
const MAX_RIFF: u32 = u32::MAX - 9;

/// Reads the RIFF header and the first chunk, always from the start of the file.
#[inline(always)]
pub(super) fn read(reader: &Reader<'_>) -> Result<Header, Stop> {
    signature(reader)?;
    let [
        _,
        _,
        _,
        _,
        r1,
        r2,
        r3,
        r4,
        _,
        _,
        _,
        _,
        kind @ ..,
        c1,
        c2,
        c3,
        c4,
    ] = *reader.peek::<20>()?;
    let riff = u32::from_le_bytes([r1, r2, r3, r4]);
    // 12: "WEBP" and an empty chunk.
    if !matches!(riff, 12..=MAX_RIFF) {
        return Err(Defect::RiffSize { found: riff }.at(4));
    }
    let chunk = u32::from_le_bytes([c1, c2, c3, c4]);
    let fits = |least: u32, most: u32| {
        let most = most.min(riff - 12);
        let fits = least <= chunk && chunk <= most;
        if fits {
            Ok(())
        } else {
            Err(Defect::ChunkSize {
                least,
                most,
                found: chunk,
            }
            .at(16))
        }
    };
    let (width, height, quirks) = match &kind {
        b"VP8 " => {
            fits(10, u32::MAX)?;
            vp8(reader, chunk)?
        }
        b"VP8L" => {
            fits(5, u32::MAX)?;
            vp8l(reader)?
        }
        b"VP8X" => {
            fits(10, 10)?;
            vp8x(reader)?
        }
        _ => return Err(Defect::FirstWebpChunk { found: kind }.at(12)),
    };
    let declared_len = Some(u64::from(riff) + 8);
    Ok(Header {
        format: Format::Webp,
        width,
        height,
        quirks,
        declared_len,
    })
}

/// "RIFF", four bytes of size, "WEBP": RFC 9649, 2.4. Other RIFF files are sound and films.
#[inline(always)]
fn signature(reader: &Reader<'_>) -> Result<(), Stop> {
    match *reader.peek_up_to(12)? {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => Ok(()),
        ref found => Err(cut_or_another(found)),
    }
}

/// The file is another, or ends inside the signature.
#[cold]
fn cut_or_another(found: &[u8]) -> Stop {
    let expected: [&[u8]; 3] = [b"RIFF", &[], b"WEBP"];
    let fits = expected
        .into_iter()
        .zip(found.chunks(4))
        .all(|(expected, found)| expected.is_empty() || expected.starts_with(found));
    if fits && found.len() < 12 {
        Stop::More(12)
    } else {
        Defect::Unrecognised.at(0)
    }
}

/// A VP8 key frame's header: RFC 6386, 9.1. The sides are 14 bits each, above them stands a scale
/// that is a hint for display only.
#[inline(always)]
fn vp8(reader: &Reader<'_>, chunk: u32) -> Result<(u32, u32, Quirks), Stop> {
    let [.., t1, t2, t3, s1, s2, s3, w1, w2, h1, h2] = *reader.peek::<30>()?;
    let tag = u32::from_le_bytes([t1, t2, t3, 0]);
    if tag & 1 != 0 {
        return Err(Defect::Vp8KeyFrame.at(DATA));
    }
    let profile = t1 >> 1 & 7;
    if profile > 3 {
        return Err(Defect::Vp8Profile { found: profile }.at(DATA));
    }
    if tag >> 4 & 1 == 0 {
        return Err(Defect::Vp8NotShown.at(DATA));
    }
    let partition = tag >> 5;
    if partition >= chunk {
        return Err(Defect::Vp8Partition {
            chunk,
            found: partition,
        }
        .at(DATA));
    }
    let found = [s1, s2, s3];
    if found != [0x9D, 0x01, 0x2A] {
        return Err(Defect::Vp8StartCode { found }.at(DATA + 3));
    }
    let width = u32::from(u16::from_le_bytes([w1, w2]) & 0x3FFF);
    let height = u32::from(u16::from_le_bytes([h1, h2]) & 0x3FFF);
    if width == 0 || height == 0 {
        return Err(Defect::ZeroSide { width, height }.at(DATA + 6));
    }
    Ok((width, height, Quirks::NONE))
}

/// The VP8L header: RFC 9649, 3.4. A signature byte, then 14 bits a side, less one.
#[inline(always)]
fn vp8l(reader: &Reader<'_>) -> Result<(u32, u32, Quirks), Stop> {
    let [.., signature, b1, b2, b3, b4] = *reader.peek::<25>()?;
    if signature != 0x2F {
        return Err(Defect::Vp8lSignature { found: signature }.at(DATA));
    }
    let bits = u32::from_le_bytes([b1, b2, b3, b4]);
    let version = b4 >> 5;
    if version != 0 {
        return Err(Defect::Vp8lVersion { found: version }.at(DATA + 4));
    }
    Ok(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, Quirks::NONE))
}

/// The VP8X header: RFC 9649, 2.7. The canvas, 24 bits a side, less one.
#[inline(always)]
fn vp8x(reader: &Reader<'_>) -> Result<(u32, u32, Quirks), Stop> {
    const ANIMATION: u8 = 0x02;
    let [.., flags, _, _, _, w1, w2, w3, h1, h2, h3] = *reader.peek::<30>()?;
    let width = u32::from_le_bytes([w1, w2, w3, 0]) + 1;
    let height = u32::from_le_bytes([h1, h2, h3, 0]) + 1;
    if width.checked_mul(height).is_none() {
        return Err(Defect::CanvasArea { width, height }.at(DATA + 4));
    }
    let animated = flags & ANIMATION != 0;
    let quirks = if animated {
        Quirks::NONE.with(Quirk::Animated)
    } else {
        Quirks::NONE
    };
    Ok((width, height, quirks))
}
