//! BMP: BITMAPFILEHEADER and the DIB headers of Windows (CORE, INFO, V2 to V5) and OS/2 2.x, as the
//! Windows SDK and the OS/2 toolkit name their fields.

use super::reader::{Reader, Stop};
use crate::{Defect, Format, Header, Quirk, Quirks};

/// Bytes of BITMAPFILEHEADER.
const FILE_HEADER: u32 = 14;

/// BITMAPCOREHEADER: 16-bit sides.
const CORE: u32 = 12;

/// A DIB header this large is none, and the file no bitmap: "BM" are but two letters, and in a text
/// that begins with them the four bytes of this field are letters, too.
const NOT_A_DIB: u32 = 0x1_0000;

/// Reads both headers, always from the start of the file.
#[inline(always)]
pub(super) fn read(reader: &Reader<'_>) -> Result<Header, Stop> {
    if let b"BA" = reader.peek::<2>()? {
        return Err(bitmap_array(reader)?);
    }
    let [.., o1, o2, o3, o4, s1, s2, s3, s4] = *reader.peek::<18>()?;
    let (pixels, size) = (
        u32::from_le_bytes([o1, o2, o3, o4]),
        u32::from_le_bytes([s1, s2, s3, s4]),
    );
    let dib = match size {
        CORE => Dib::core(reader.peek()?),
        // 16 to 64: OS/2 2.x, which may be cut after any field; 40, 52 and 56: INFO, V2, V3.
        16..=19 => Dib::info(reader.peek()?, 0),
        20..=64 | 108 | 124 => {
            let [.., c1, c2, c3, c4] = *reader.peek::<34>()?;
            Dib::info(reader.peek()?, u32::from_le_bytes([c1, c2, c3, c4]))
        }
        NOT_A_DIB.. => return Err(Defect::Unrecognised.at(0)),
        _ => return Err(Defect::DibSize { found: size }.at(14)),
    };
    let os2 = matches!(size, 16..=64) && !matches!(size, 40 | 52 | 56);
    dib.check(os2)?;
    let least = FILE_HEADER + size;
    if pixels < least {
        return Err(Defect::PixelOffset {
            least,
            found: pixels,
        }
        .at(10));
    }
    let mut quirks = if os2 {
        Quirks::NONE.with(Quirk::Os2)
    } else {
        Quirks::NONE
    };
    // Most palettes have a colour for each value of a pixel, and need no closer look.
    if dib.bits <= 8
        && pixels - least < 4 << dib.bits
        && is_short_palette(reader.rest(), size, pixels, dib.bits, dib.rows(false))?
    {
        quirks = quirks.with(Quirk::ShortPalette);
    }
    Ok(Header {
        format: Format::Bmp,
        width: dib.width.unsigned_abs(),
        height: dib.height.unsigned_abs(),
        quirks,
        declared_len: Some(u64::from(pixels).saturating_add(dib.rows(os2))),
    })
}

/// The fields that all DIB headers have.
struct Dib {
    /// biWidth, in px.
    width: i32,
    /// biHeight, in px; below zero if the rows go from the top down.
    height: i32,
    /// biPlanes.
    planes: u16,
    /// biBitCount: bits a pixel.
    bits: u16,
    /// biCompression.
    compression: u32,
    /// Where the fields are: width, height, planes, bits.
    offsets: [u64; 4],
}

impl Dib {
    /// BITMAPCOREHEADER.
    #[inline(always)]
    fn core(bytes: &[u8; 26]) -> Self {
        let [.., w1, w2, h1, h2, p1, p2, b1, b2] = *bytes;
        Self {
            width: u16::from_le_bytes([w1, w2]).into(),
            height: u16::from_le_bytes([h1, h2]).into(),
            planes: u16::from_le_bytes([p1, p2]),
            bits: u16::from_le_bytes([b1, b2]),
            compression: 0,
            offsets: [18, 20, 22, 24],
        }
    }

    /// BITMAPINFOHEADER and its successors, and OS/2's BITMAPINFOHEADER2.
    #[inline(always)]
    fn info(bytes: &[u8; 30], compression: u32) -> Self {
        let [.., w1, w2, w3, w4, h1, h2, h3, h4, p1, p2, b1, b2] = *bytes;
        Self {
            width: i32::from_le_bytes([w1, w2, w3, w4]),
            height: i32::from_le_bytes([h1, h2, h3, h4]),
            planes: u16::from_le_bytes([p1, p2]),
            bits: u16::from_le_bytes([b1, b2]),
            compression,
            offsets: [18, 22, 26, 28],
        }
    }

    #[inline(always)]
    fn check(&self, os2: bool) -> Result<(), Stop> {
        let [width_at, height_at, planes_at, bits_at] = self.offsets;
        if self.width < 0 {
            return Err(Defect::NegativeWidth { found: self.width }.at(width_at));
        }
        if self.width == 0 || self.height == 0 {
            let (width, height) = (self.width.unsigned_abs(), self.height.unsigned_abs());
            let at = if width == 0 { width_at } else { height_at };
            return Err(Defect::ZeroSide { width, height }.at(at));
        }
        if self.planes != 1 {
            return Err(Defect::Planes { found: self.planes }.at(planes_at));
        }
        match self.compression {
            // BI_JPEG and BI_PNG; in OS/2, 4 is a run length coding.
            4 if !os2 => return Err(Defect::EmbeddedJpeg.at(30)),
            5 if !os2 => return Err(Defect::EmbeddedPng.at(30)),
            _ => {}
        }
        match self.bits {
            1 | 2 | 4 | 8 | 16 | 24 | 32 | 64 => Ok(()),
            found => Err(Defect::BitCount { found }.at(bits_at)),
        }
    }

    /// The least number of bytes that the rows take: rows are padded to four bytes, but the
    /// padding of the last one is missed by nobody. 0 where a coding hides it.
    #[inline(always)]
    fn rows(&self, os2: bool) -> u64 {
        let plain = match self.compression {
            0 => true,
            // BI_BITFIELDS, BI_ALPHABITFIELDS, BI_CMYK; in OS/2, 3 is a Huffman coding.
            3 | 6 | 11 => !os2,
            _ => false,
        };
        if !plain {
            return 0;
        }
        let bits = u64::from(self.width.unsigned_abs()) * u64::from(self.bits);
        let stride = bits.div_ceil(32) * 4;
        let rows_but_one = u64::from(self.height.unsigned_abs()).saturating_sub(1);
        stride
            .saturating_mul(rows_but_one)
            .saturating_add(bits.div_ceil(8))
    }
}

/// Whether the palette between header and pixels has fewer colours than the header calls for:
/// biClrUsed, or one for each value of a pixel. Readers take a short one and show black for the rest.
/// Where there is none, no reader knows a colour, unless bfSize has room for it: then bfOffBits is wrong.
///
/// Takes the file's bytes, as [`webp`](super::webp)'s closer look does: a reference to the reader would
/// keep it in memory on the way of every image.
#[cold]
fn is_short_palette(
    start: &[u8],
    size: u32,
    pixels: u32,
    bits: u16,
    rows: u64,
) -> Result<bool, Stop> {
    let reader = Reader::new(0, start, None);
    let [_, _, f1, f2, f3, f4] = *reader.peek::<6>()?;
    let file = u64::from(u32::from_le_bytes([f1, f2, f3, f4]));
    let used = if size >= 36 {
        let [.., u1, u2, u3, u4] = *reader.peek::<50>()?;
        u32::from_le_bytes([u1, u2, u3, u4])
    } else {
        0
    };
    let most = 1 << bits;
    let colours = if matches!(used, 1..) && used < most {
        used
    } else {
        most
    };
    // RGBTRIPLE or RGBQUAD.
    let entry = if size == CORE { 3 } else { 4 };
    let headers = FILE_HEADER + size;
    let room = pixels.saturating_sub(headers);
    let whole = rows.saturating_add((headers + entry * colours).into());
    if room < entry && file < whole {
        return Err(Defect::NoPalette { colours }.at(10));
    }
    Ok(room / entry < colours)
}

/// BITMAPARRAYFILEHEADER: 14 bytes, then the first picture's own file header. Only if that is there
/// is it more than two letters.
fn bitmap_array(reader: &Reader<'_>) -> Result<Stop, Stop> {
    let [.., a, b] = *reader.peek::<16>()?;
    let known = matches!(&[a, b], b"BM" | b"IC" | b"PT" | b"CI" | b"CP");
    Ok(if known {
        Defect::BitmapArray
    } else {
        Defect::Unrecognised
    }
    .at(0))
}
