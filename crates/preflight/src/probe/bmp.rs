//! BMP: BITMAPFILEHEADER and the DIB headers of Windows (CORE, INFO, V2 to V5) and OS/2 2.x, as the
//! Windows SDK and the OS/2 toolkit name their fields.

use super::reader::{Reader, Stop};
use crate::{Defect, Format, Header, Quirk, Quirks};

/// Bytes of BITMAPFILEHEADER.
const FILE_HEADER: u32 = 14;

/// BITMAPCOREHEADER: 16-bit sides.
const CORE: u32 = 12;

/// A size from here on means that the file is not a bitmap: "BM" are two letters only, and in a text
/// that begins with them the four bytes of this field are letters, too.
const NOT_A_DIB: u32 = 0x1_0000;

/// Reads both headers, always from the start of the file.
#[inline(always)]
pub(super) fn read(reader: &Reader<'_>) -> Result<Header, Stop> {
    if let b"BA" = reader.peek::<2>()? {
        return Err(bitmap_array(reader)?);
    }
    reader.peek::<18>()?;
    let pixels = u32::from_le_bytes(*reader.peek_at(10)?);
    let size = u32::from_le_bytes(*reader.peek_at(14)?);
    let dib = match size {
        // INFO, V2, V3, V4, V5.
        40 | 52 | 56 | 108 | 124 => Dib::info(reader, true, false)?,
        CORE => Dib::core(reader)?,
        // OS/2 2.x, which may be cut after any field.
        16..=64 => Dib::info(reader, size >= 20, true)?,
        NOT_A_DIB.. => return Err(Defect::Unrecognised.at(0)),
        found => return Err(Defect::DibSize { found }.at(14)),
    };
    dib.check()?;
    let least = FILE_HEADER + size;
    if pixels < least {
        let found = pixels;
        return Err(Defect::PixelOffset { least, found }.at(10));
    }
    let mut quirks = Quirks::NONE;
    if dib.os2 {
        quirks = quirks.with(Quirk::Os2);
    }
    if dib.bits <= 8 {
        let used = if size >= 36 {
            u32::from_le_bytes(*reader.peek_at(46)?)
        } else {
            0
        };
        let palette = Palette {
            colours: colours(dib.bits, used),
            // RGBTRIPLE or RGBQUAD.
            entry: if size == CORE { 3 } else { 4 },
            room: pixels - least,
        };
        if palette.room < palette.entry * palette.colours {
            palette.check_short(reader.peek_at(2)?, least, dib.rows())?;
            quirks = quirks.with(Quirk::ShortPalette);
        }
    }
    Ok(Header {
        format: Format::Bmp,
        width: dib.width.unsigned_abs(),
        height: dib.height.unsigned_abs(),
        quirks,
        declared_len: Some(u64::from(pixels).saturating_add(dib.rows())),
    })
}

/// The fields that all DIB headers have.
struct Dib {
    /// Whether the header is one of OS/2 2.x, whose codings have other numbers.
    os2: bool,
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
    fn core(reader: &Reader<'_>) -> Result<Self, Stop> {
        reader.peek::<26>()?;
        Ok(Self {
            os2: false,
            width: u16::from_le_bytes(*reader.peek_at(18)?).into(),
            height: u16::from_le_bytes(*reader.peek_at(20)?).into(),
            planes: u16::from_le_bytes(*reader.peek_at(22)?),
            bits: u16::from_le_bytes(*reader.peek_at(24)?),
            compression: 0,
            offsets: [18, 20, 22, 24],
        })
    }

    /// BITMAPINFOHEADER and its successors, and OS/2's BITMAPINFOHEADER2, which may end before
    /// biCompression.
    #[inline(always)]
    fn info(reader: &Reader<'_>, has_compression: bool, os2: bool) -> Result<Self, Stop> {
        let compression = if has_compression {
            u32::from_le_bytes(*reader.peek_at(30)?)
        } else {
            0
        };
        reader.peek::<30>()?;
        Ok(Self {
            os2,
            width: i32::from_le_bytes(*reader.peek_at(18)?),
            height: i32::from_le_bytes(*reader.peek_at(22)?),
            planes: u16::from_le_bytes(*reader.peek_at(26)?),
            bits: u16::from_le_bytes(*reader.peek_at(28)?),
            compression,
            offsets: [18, 22, 26, 28],
        })
    }

    #[inline(always)]
    fn check(&self) -> Result<(), Stop> {
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
        match (self.compression, self.bits) {
            (0, 1 | 2 | 4 | 8 | 16 | 24 | 32 | 64) => Ok(()),
            _ => self.check_coding(bits_at),
        }
    }

    /// Holds biCompression against the bits a pixel.
    #[cold]
    fn check_coding(&self, bits_at: u64) -> Result<(), Stop> {
        let (found, bits) = (self.compression, self.bits);
        match (self.os2, found) {
            (false, 4) => return Err(Defect::EmbeddedJpeg.at(30)),
            (false, 5) => return Err(Defect::EmbeddedPng.at(30)),
            _ => {}
        }
        if !matches!(bits, 1 | 2 | 4 | 8 | 16 | 24 | 32 | 64) {
            return Err(Defect::BitCount { found: bits }.at(bits_at));
        }
        let is_known = match (self.os2, found) {
            // BI_RLE8, BI_RLE4.
            (_, 1) => bits == 8,
            (_, 2) => bits == 4,
            // A Huffman coding, and run lengths of 24 bits.
            (true, 3) => bits == 1,
            (true, 4) => bits == 24,
            // BI_BITFIELDS, BI_ALPHABITFIELDS. The standard has no masks for 24 bits; readers take them.
            (false, 3 | 6) => matches!(bits, 16 | 24 | 32),
            // BI_CMYK, and its run lengths.
            (false, 11) => bits == 32,
            (false, 12) => bits == 8,
            (false, 13) => bits == 4,
            _ => false,
        };
        if is_known {
            Ok(())
        } else {
            Err(Defect::Compression { found, bits }.at(30))
        }
    }

    /// The least number of bytes that the rows take. Rows are padded to four bytes; readers do not
    /// miss the padding of the last one. 0 for compressed rows, whose length no field tells.
    #[inline(always)]
    fn rows(&self) -> u64 {
        // BI_BITFIELDS, BI_ALPHABITFIELDS, BI_CMYK; in OS/2, 3 is a Huffman coding.
        let is_plain = self.compression == 0 || !self.os2 && matches!(self.compression, 3 | 6 | 11);
        if !is_plain {
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

/// The colours that a header calls for: biClrUsed, or one for each value of a pixel.
#[inline(always)]
const fn colours(bits: u16, used: u32) -> u32 {
    let most = 1 << bits;
    if used == 0 || used > most { most } else { used }
}

/// The palette between header and pixels.
struct Palette {
    /// The colours that the header calls for.
    colours: u32,
    /// Bytes of a colour.
    entry: u32,
    /// Bytes between header and pixels.
    room: u32,
}

impl Palette {
    /// Whether a palette with fewer colours than the header calls for is one at all. Readers show
    /// black for the colours that are missing. If all are, no reader knows a colour, unless bfSize
    /// (`file`) has room for them behind `headers` bytes and before `rows` bytes: then bfOffBits is
    /// wrong.
    #[cold]
    fn check_short(&self, file: &[u8; 4], headers: u32, rows: u64) -> Result<(), Stop> {
        let colours = self.colours;
        let whole = rows.saturating_add((headers + self.entry * colours).into());
        if self.room < self.entry && u64::from(u32::from_le_bytes(*file)) < whole {
            return Err(Defect::NoPalette { colours }.at(10));
        }
        Ok(())
    }
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
