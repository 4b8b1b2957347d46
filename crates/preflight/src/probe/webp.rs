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
        return Err(riff_size(12, riff));
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
    let ((width, height), quirks) = match &kind {
        b"VP8 " => {
            fits(10, u32::MAX)?;
            let [.., d0, d1, d2, d3, d4, d5, d6, d7, d8, d9] = *reader.peek::<30>()?;
            let size = vp8([d0, d1, d2, d3, d4, d5, d6, d7, d8, d9], chunk, DATA)?;
            (size, Quirks::NONE)
        }
        b"VP8L" => {
            fits(5, u32::MAX)?;
            let [.., d0, d1, d2, d3, d4] = *reader.peek::<25>()?;
            (vp8l([d0, d1, d2, d3, d4], DATA)?, Quirks::NONE)
        }
        b"VP8X" => {
            fits(10, 10)?;
            vp8x(reader, riff)?
        }
        _ => return Err(Defect::FirstWebpChunk { found: kind }.at(12)),
    };
    let declared_len = Some(u64::from(riff) + 8);
    let quirks = if riff % 2 == 1 {
        quirks.with(Quirk::OddRiffSize)
    } else {
        quirks
    };
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
fn vp8(data: [u8; 10], chunk: u32, at: u64) -> Result<(u32, u32), Stop> {
    let [t1, t2, t3, s1, s2, s3, w1, w2, h1, h2] = data;
    let tag = u32::from_le_bytes([t1, t2, t3, 0]);
    if tag & 1 != 0 {
        return Err(Defect::Vp8KeyFrame.at(at));
    }
    let profile = t1 >> 1 & 7;
    if profile > 3 {
        return Err(Defect::Vp8Profile { found: profile }.at(at));
    }
    if tag >> 4 & 1 == 0 {
        return Err(Defect::Vp8NotShown.at(at));
    }
    let partition = tag >> 5;
    if partition >= chunk {
        return Err(Defect::Vp8Partition {
            chunk,
            found: partition,
        }
        .at(at));
    }
    let found = [s1, s2, s3];
    if found != [0x9D, 0x01, 0x2A] {
        return Err(Defect::Vp8StartCode { found }.at(at + 3));
    }
    let width = u32::from(u16::from_le_bytes([w1, w2]) & 0x3FFF);
    let height = u32::from(u16::from_le_bytes([h1, h2]) & 0x3FFF);
    if width == 0 || height == 0 {
        return Err(Defect::ZeroSide { width, height }.at(at + 6));
    }
    Ok((width, height))
}

/// The VP8L header: RFC 9649, 3.4. A signature byte, then 14 bits a side, less one.
#[inline(always)]
fn vp8l([signature, b1, b2, b3, b4]: [u8; 5], at: u64) -> Result<(u32, u32), Stop> {
    if signature != 0x2F {
        return Err(Defect::Vp8lSignature { found: signature }.at(at));
    }
    let bits = u32::from_le_bytes([b1, b2, b3, b4]);
    let version = b4 >> 5;
    if version != 0 {
        return Err(Defect::Vp8lVersion { found: version }.at(at + 4));
    }
    Ok(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
}

/// The VP8X header: RFC 9649, 2.7. The canvas, 24 bits a side, less one. Of a still image, the
/// picture must be as large, which shows at once where its chunk comes next.
#[inline(always)]
fn vp8x(reader: &Reader<'_>, riff: u32) -> Result<((u32, u32), Quirks), Stop> {
    let [.., flags, _, _, _, w1, w2, w3, h1, h2, h3] = *reader.peek::<30>()?;
    let width = u32::from_le_bytes([w1, w2, w3, 0]) + 1;
    let height = u32::from_le_bytes([h1, h2, h3, 0]) + 1;
    if width.checked_mul(height).is_none() {
        return Err(Defect::CanvasArea { width, height }.at(DATA + 4));
    }
    if riff < LEAST_EXTENDED {
        return Err(riff_size(LEAST_EXTENDED, riff));
    }
    if flags & ANIMATION != 0 {
        return Ok(((width, height), Quirks::NONE.with(Quirk::Animated)));
    }
    let [.., k1, k2, k3, _, _, _, _, _] = *reader.peek::<38>()?;
    if [k1, k2, k3] == *b"VP8" {
        picture(reader.rest(), EXTENDED, riff - 22, (width, height))?;
    }
    Ok(((width, height), Quirks::NONE))
}

/// Holds a picture's chunk, `at` bytes from the start of the file, against the canvas. `room` is what
/// the container has from the chunk's start on. Whether it was a picture's.
#[inline(never)]
fn picture(start: &[u8], at: u64, room: u32, canvas: (u32, u32)) -> Result<bool, Stop> {
    let mut here = Reader::new(0, start, None);
    here.skip(at);
    // Needs are counted from the reader's own place.
    let shift = |stop| match stop {
        Stop::More(n) => Stop::More(n.saturating_add(usize::try_from(at).unwrap_or(usize::MAX))),
        stop => stop,
    };
    let [kind @ .., c1, c2, c3, c4] = *here.peek::<8>().map_err(shift)?;
    let (chunk, data) = (u32::from_le_bytes([c1, c2, c3, c4]), here.offset() + 8);
    let fits = |least| {
        let most = room.saturating_sub(8);
        if (least..=most).contains(&chunk) {
            return Ok(());
        }
        let found = chunk;
        Err(Defect::ChunkSize { least, most, found }.at(data - 4))
    };
    let picture = match &kind {
        b"VP8 " => {
            fits(10)?;
            let [_, _, _, _, _, _, _, _, header @ ..] = *here.peek::<18>().map_err(shift)?;
            vp8(header, chunk, data)?
        }
        b"VP8L" => {
            fits(5)?;
            let [_, _, _, _, _, _, _, _, header @ ..] = *here.peek::<13>().map_err(shift)?;
            vp8l(header, data)?
        }
        _ => return Ok(false),
    };
    if picture == canvas {
        return Ok(true);
    }
    Err(Defect::CanvasPicture { canvas, picture }.at(data))
}

/// Holds the canvas of a whole file, whose header was found sound, against its picture, behind
/// whichever chunks that stands.
pub(super) fn check_whole(file: &[u8], canvas: (u32, u32)) -> Result<(), Stop> {
    let reader = Reader::new(0, file, Some(file.len() as u64));
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
        _,
        _,
        _,
        _,
    ] = *reader.peek::<20>()?;
    let flags = reader.peek::<21>()?.last().copied().unwrap_or_default();
    if kind != *b"VP8X" || flags & ANIMATION != 0 {
        return Ok(());
    }
    let end = u64::from(u32::from_le_bytes([r1, r2, r3, r4])) + 8;
    let mut at = EXTENDED;
    let mut here = reader.clone();
    here.skip(at);
    while let Ok(&[_, _, _, _, c1, c2, c3, c4]) = here.peek::<8>()
        && at < end
    {
        let room = u32::try_from(end - at).unwrap_or(u32::MAX);
        if picture(file, at, room, canvas)? {
            return Ok(());
        }
        let chunk = u64::from(u32::from_le_bytes([c1, c2, c3, c4]));
        let size = 8 + chunk + chunk % 2;
        here.skip(size);
        at += size;
    }
    Err(Defect::NoPicture.at(at.min(end)))
}

/// Where the chunk behind VP8X begins.
const EXTENDED: u64 = 30;

/// "WEBP", VP8X, and the smallest chunk of a picture: a header and the five bytes of a VP8L header.
const LEAST_EXTENDED: u32 = 4 + 18 + 8 + 5;

/// VP8X's flag for an animation: RFC 9649, 2.7.1.
const ANIMATION: u8 = 0x02;

#[cold]
fn riff_size(least: u32, found: u32) -> Stop {
    Defect::RiffSize { least, found }.at(4)
}
