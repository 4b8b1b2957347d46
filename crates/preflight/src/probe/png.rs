//! PNG: the signature and the IHDR chunk, W3C Portable Network Graphics (third edition).

use super::reader::{Reader, Stop};
use super::{MAX_HEADER, crc};
use crate::{Defect, Format, Header, Quirk, Quirks};

/// 5.2. Made so that a transfer which changes line ends or drops the eighth bit shows.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1A\n";

/// Bytes of a chunk that are not its data: length, type, checksum (5.3).
const CHUNK_FRAME: u64 = 12;

/// The greatest length of a side (7.1, "PNG four-byte unsigned integers").
const MAX_SIDE: u32 = (1 << 31) - 1;

/// The sequence of chunks up to IHDR: 5.6.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    quirks: Quirks,
}

impl Chunks {
    /// Reads the signature, Apple's CgBI chunk where there is one, and IHDR.
    #[inline(always)]
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Result<Header, Stop> {
        if reader.offset() == 0 {
            signature(reader)?;
        }
        loop {
            let [l1, l2, l3, l4, kind @ ..] = *reader.peek::<8>()?;
            let length = u32::from_be_bytes([l1, l2, l3, l4]);
            match &kind {
                b"IHDR" => return self.ihdr(reader, length),
                b"CgBI" if self.quirks.is_empty() => self.cgbi(reader, length)?,
                _ => return Err(Defect::FirstChunk { found: kind }.at(reader.offset() + 4)),
            }
        }
    }

    /// Apple's own chunk before IHDR; what it holds does not matter here.
    fn cgbi(&mut self, reader: &mut Reader<'_>, length: u32) -> Result<(), Stop> {
        let size = CHUNK_FRAME + u64::from(length);
        if reader.offset() + size > MAX_HEADER {
            return Err(Defect::HeaderTooLong { limit: MAX_HEADER }.at(reader.offset()));
        }
        self.quirks = self.quirks.with(Quirk::Cgbi);
        reader.skip(size);
        Ok(())
    }

    /// 11.2.1. The checksum first: where it is wrong, no field can be believed.
    #[inline(always)]
    fn ihdr(&self, reader: &Reader<'_>, length: u32) -> Result<Header, Stop> {
        let at = reader.offset();
        if length != 13 {
            return Err(Defect::IhdrLength { found: length }.at(at));
        }
        let [.., c1, c2, c3, c4] = *reader.peek::<25>()?;
        let [_, _, _, _, _, _, _, _, data @ ..] = *reader.peek::<21>()?;
        let (found, computed) = (u32::from_be_bytes([c1, c2, c3, c4]), crc::ihdr(&data));
        if found != computed {
            return Err(Defect::IhdrCrc { computed, found }.at(at + 21));
        }
        let [
            w1,
            w2,
            w3,
            w4,
            h1,
            h2,
            h3,
            h4,
            depth,
            colour,
            compression,
            filter,
            interlace,
        ] = data;
        let (width, height) = (
            u32::from_be_bytes([w1, w2, w3, w4]),
            u32::from_be_bytes([h1, h2, h3, h4]),
        );
        if width == 0 || height == 0 {
            return Err(Defect::ZeroSide { width, height }.at(at + 8));
        }
        if width > MAX_SIDE {
            return Err(Defect::SideTooLarge { found: width }.at(at + 8));
        }
        if height > MAX_SIDE {
            return Err(Defect::SideTooLarge { found: height }.at(at + 12));
        }
        let depths = DEPTHS.get(usize::from(colour)).copied().unwrap_or_default();
        if depth > 16 || depths >> depth & 1 == 0 {
            return Err(Defect::ColourType { colour, depth }.at(at + 16));
        }
        if compression | filter != 0 || interlace > 1 {
            return Err(method(compression, filter, interlace, at + 18));
        }
        let quirks = self.quirks;
        Ok(Header {
            format: Format::Png,
            width,
            height,
            quirks,
            declared_len: None,
        })
    }
}

/// Table 12: the bit depths that each colour type allows, each a bit of a set.
const DEPTHS: [u32; 7] = {
    let deep = 1 << 8 | 1 << 16;
    let indexed = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8;
    [indexed | deep, 0, deep, indexed, deep, 0, deep]
};

/// The first of the three methods that has an unknown number. They stand at `at`.
#[cold]
fn method(compression: u8, filter: u8, interlace: u8, at: u64) -> Stop {
    match (compression, filter) {
        (0, 0) => Defect::InterlaceMethod { found: interlace }.at(at + 2),
        (0, found) => Defect::FilterMethod { found }.at(at + 1),
        (found, _) => Defect::CompressionMethod { found }.at(at),
    }
}

#[inline(always)]
fn signature(reader: &mut Reader<'_>) -> Result<(), Stop> {
    let found = reader.peek_up_to(SIGNATURE.len())?;
    let Ok(found) = <&[u8; 8]>::try_from(found) else {
        // The file ends inside: of a PNG, if it is one as far as it goes.
        let cut = SIGNATURE.starts_with(found);
        return Err(if cut {
            Stop::More(SIGNATURE.len())
        } else {
            Defect::Unrecognised.at(0)
        });
    };
    if found != SIGNATURE {
        let named = found.starts_with(b"\x89PNG");
        let found = *found;
        return Err(if named {
            Defect::PngSignature { found }
        } else {
            Defect::Unrecognised
        }
        .at(0));
    }
    reader.skip(SIGNATURE.len() as u64);
    Ok(())
}
