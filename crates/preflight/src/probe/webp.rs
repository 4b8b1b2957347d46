//! WebP: the RIFF container (RFC 9649) and its first chunk: VP8 (RFC 6386), VP8L (RFC 9649, 3) or
//! VP8X (RFC 9649, 2.7). The checks are those of libwebp, the reference implementation.

use super::reader::{Reader, Stop};
use crate::{Defect, Format, Header, Quirk, Quirks};

/// The first chunk begins here, behind "RIFF", the RIFF size and "WEBP".
const FIRST: usize = 12;

/// The chunk behind VP8X begins here.
const SECOND: usize = FIRST + CHUNK + 10;

/// Bytes of a chunk's header: its type and size.
const CHUNK: usize = 8;

/// The greatest RIFF size: RFC 9649, 2.4.
const MAX_RIFF: u32 = u32::MAX - 9;

/// "WEBP", VP8X, and the smallest chunk of a picture: a header and the five bytes of a VP8L header.
const LEAST_EXTENDED: u32 = 4 + 18 + 8 + 5;

/// VP8X's flag for an animation: RFC 9649, 2.7.1.
const ANIMATION: u8 = 0x02;

/// Width and height in px.
type Size = (u32, u32);

/// Reads the RIFF header and the first chunk, always from the start of the file.
#[inline(always)]
pub(super) fn read(reader: &Reader<'_>) -> Result<Header, Stop> {
    let Ok(&[k1, k2, k3, k4, c1, c2, c3, c4]) = reader.peek_at::<CHUNK>(FIRST) else {
        return Err(too_short(reader.peek_up_to(FIRST)?));
    };
    let (kind, chunk) = ([k1, k2, k3, k4], u32::from_le_bytes([c1, c2, c3, c4]));
    if reader.peek()? != b"RIFF" || reader.peek_at(8)? != b"WEBP" {
        // Other RIFF files are sound and films.
        return Err(Defect::Unrecognised.at(0));
    }
    let riff = u32::from_le_bytes(*reader.peek_at(4)?);
    // 12: "WEBP" and an empty chunk.
    if !matches!(riff, 12..=MAX_RIFF) {
        return Err(riff_size(12, riff));
    }
    let (size, mut quirks) = if kind == *b"VP8X" {
        vp8x(reader, riff, chunk)?
    } else if let Some(size) = picture(reader, FIRST, kind, chunk, riff - 12)? {
        (size, Quirks::NONE)
    } else {
        return Err(Defect::FirstWebpChunk { found: kind }.at(FIRST as u64));
    };
    if riff % 2 == 1 {
        quirks = quirks.with(Quirk::OddRiffSize);
    }
    Ok(Header {
        format: Format::Webp,
        width: size.0,
        height: size.1,
        quirks,
        declared_len: Some(u64::from(riff) + 8),
    })
}

/// The window ends before the first chunk's header does: the file is another, or more is needed.
#[cold]
fn too_short(found: &[u8]) -> Stop {
    let expected: [&[u8]; 3] = [b"RIFF", &[], b"WEBP"];
    let mut words = expected.into_iter().zip(found.chunks(4));
    if !words.all(|(expected, found)| expected.is_empty() || expected.starts_with(found)) {
        Defect::Unrecognised.at(0)
    } else if found.len() < FIRST {
        Stop::More(FIRST)
    } else {
        Stop::More(FIRST + CHUNK)
    }
}

/// The size of a picture whose chunk begins at `at`; none if the chunk holds no picture. `room` is
/// what the container has behind the chunk's header.
#[inline(always)]
fn picture(
    reader: &Reader<'_>,
    at: usize,
    kind: [u8; 4],
    chunk: u32,
    room: u32,
) -> Result<Option<Size>, Stop> {
    let fits = |least| {
        if chunk < least || chunk > room {
            return Err(chunk_size(at, least, room, chunk));
        }
        Ok(())
    };
    let data = at + CHUNK;
    if kind == *b"VP8 " {
        fits(10)?;
        vp8(reader, data, chunk).map(Some)
    } else if kind == *b"VP8L" {
        fits(5)?;
        vp8l(reader, data).map(Some)
    } else {
        Ok(None)
    }
}

/// A VP8 key frame's header, `at` bytes from the start of the file: RFC 6386, 9.1. The sides are 14
/// bits each, above them stands a scale that is a hint for display only.
#[inline(always)]
fn vp8(reader: &Reader<'_>, at: usize, chunk: u32) -> Result<Size, Stop> {
    reader.peek_at::<10>(at)?;
    let tag = u32::from_le_bytes(*reader.peek_at(at)?) & 0xFF_FFFF;
    // The lowest bit is 0 in a key frame, three bits of a profile up to 3 follow, and one that is 1
    // in a frame to be shown.
    if tag & 0b1_1001 != 0b1_0000 {
        return Err(frame_tag(tag, at));
    }
    let partition = tag >> 5;
    if partition >= chunk {
        let found = partition;
        return Err(Defect::Vp8Partition { chunk, found }.at(at as u64));
    }
    let found = *reader.peek_at(at + 3)?;
    if found != [0x9D, 0x01, 0x2A] {
        return Err(Defect::Vp8StartCode { found }.at(at as u64 + 3));
    }
    let width = u32::from(u16::from_le_bytes(*reader.peek_at(at + 6)?) & 0x3FFF);
    let height = u32::from(u16::from_le_bytes(*reader.peek_at(at + 8)?) & 0x3FFF);
    if width == 0 || height == 0 {
        return Err(Defect::ZeroSide { width, height }.at(at as u64 + 6));
    }
    Ok((width, height))
}

/// The first defect in the lowest bits of a VP8 frame tag.
#[cold]
fn frame_tag(tag: u32, at: usize) -> Stop {
    let profile = (tag >> 1 & 7) as u8;
    if tag & 1 == 1 {
        Defect::Vp8KeyFrame
    } else if profile > 3 {
        Defect::Vp8Profile { found: profile }
    } else {
        Defect::Vp8NotShown
    }
    .at(at as u64)
}

/// The VP8L header, `at` bytes from the start of the file: RFC 9649, 3.4. A signature byte, 14 bits a
/// side, less one, a bit for alpha, and three bits of a version.
#[inline(always)]
fn vp8l(reader: &Reader<'_>, at: usize) -> Result<Size, Stop> {
    let bits = u32::from_le_bytes(*reader.peek_at(at + 1)?);
    let [found] = *reader.peek_at(at)?;
    if found != 0x2F {
        return Err(Defect::Vp8lSignature { found }.at(at as u64));
    }
    let version = bits >> 29;
    if version != 0 {
        let found = version as u8;
        return Err(Defect::Vp8lVersion { found }.at(at as u64 + 4));
    }
    Ok(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
}

/// The VP8X header: RFC 9649, 2.7. The canvas, 24 bits a side, less one. Of a still image, the
/// picture must be as large, which shows at once where its chunk comes next.
#[inline(always)]
fn vp8x(reader: &Reader<'_>, riff: u32, chunk: u32) -> Result<(Size, Quirks), Stop> {
    const DATA: usize = FIRST + CHUNK;
    let [flags, ..] = *reader.peek_at::<10>(DATA)?;
    // 24 bits each, one behind the other.
    let width = (u32::from_le_bytes(*reader.peek_at(DATA + 4)?) & 0xFF_FFFF) + 1;
    let height = (u32::from_le_bytes(*reader.peek_at(DATA + 6)?) >> 8) + 1;
    let canvas = (width, height);
    let is_too_large = u64::from(width) * u64::from(height) > u32::MAX.into();
    if chunk != 10 || is_too_large || riff < LEAST_EXTENDED {
        return Err(extended(riff, chunk, canvas));
    }
    if flags & ANIMATION != 0 {
        return Ok((canvas, Quirks::NONE.with(Quirk::Animated)));
    }
    let [k1, k2, k3, k4, c1, c2, c3, c4] = *reader.peek_at::<CHUNK>(SECOND)?;
    let (kind, chunk) = ([k1, k2, k3, k4], u32::from_le_bytes([c1, c2, c3, c4]));
    match picture(reader, SECOND, kind, chunk, riff - 30)? {
        Some(picture) if picture != canvas => Err(canvas_picture(canvas, picture, SECOND)),
        _ => Ok((canvas, Quirks::NONE)),
    }
}

/// Holds the canvas of a whole file, whose header was found sound, against its picture, behind
/// whichever chunks that stands.
pub(super) fn check_whole(file: &[u8], canvas: Size) -> Result<(), Stop> {
    let reader = Reader::new(0, file, Some(file.len() as u64));
    let [flags] = *reader.peek_at(FIRST + CHUNK)?;
    if reader.peek_at(FIRST)? != b"VP8X" || flags & ANIMATION != 0 {
        return Ok(());
    }
    let riff = u64::from(u32::from_le_bytes(*reader.peek_at(4)?));
    let end = usize::try_from(riff + 8).unwrap_or(usize::MAX);
    let mut at = SECOND;
    while at < end {
        let Ok(&[k1, k2, k3, k4, c1, c2, c3, c4]) = reader.peek_at::<CHUNK>(at) else {
            break;
        };
        let (kind, chunk) = ([k1, k2, k3, k4], u32::from_le_bytes([c1, c2, c3, c4]));
        let room = u32::try_from((end - at).saturating_sub(CHUNK)).unwrap_or(u32::MAX);
        match picture(&reader, at, kind, chunk, room)? {
            Some(picture) if picture == canvas => return Ok(()),
            Some(picture) => return Err(canvas_picture(canvas, picture, at)),
            None => {}
        }
        let size = usize::try_from(chunk).unwrap_or(usize::MAX);
        at = at
            .saturating_add(CHUNK)
            .saturating_add(size)
            .saturating_add(size % 2);
    }
    Err(Defect::NoPicture.at(at.min(end) as u64))
}

#[cold]
fn canvas_picture(canvas: Size, picture: Size, at: usize) -> Stop {
    Defect::CanvasPicture { canvas, picture }.at((at + CHUNK) as u64)
}

#[cold]
fn chunk_size(at: usize, least: u32, most: u32, found: u32) -> Stop {
    Defect::ChunkSize { least, most, found }.at(at as u64 + 4)
}

/// The first defect of an extended header: a chunk size other than 10, too large a canvas, or a
/// container without room for a picture behind the header.
#[cold]
fn extended(riff: u32, chunk: u32, (width, height): Size) -> Stop {
    let most = 10.min(riff - 12);
    if chunk != 10 || most < 10 {
        chunk_size(FIRST, 10, most, chunk)
    } else if width.checked_mul(height).is_none() {
        Defect::CanvasArea { width, height }.at((FIRST + CHUNK) as u64 + 4)
    } else {
        riff_size(LEAST_EXTENDED, riff)
    }
}

#[cold]
fn riff_size(least: u32, found: u32) -> Stop {
    Defect::RiffSize { least, found }.at(4)
}
