//! JPEG: ITU-T T.81, annex B, with the marker rules that libjpeg made customary.
//!
//! Segments are skipped by their length, never searched for: a thumbnail's frame header inside a
//! segment is not looked at, and pictures behind the first one (MPF) are not reached.

use super::MAX_HEADER;
use super::reader::{Reader, Stop};
use crate::{Defect, Format, Header, Quirk, Quirks};

/// Segments before the frame header. An ICC profile may take 255; real files have up to 31 in the
/// range of sizes that portraits have, and 255 at the most. Beyond four times that:
/// [`Defect::TooManySegments`].
const MAX_SEGMENTS: u32 = 1024;

/// Bytes outside of segments. libjpeg skips any number of them; real files were seen to have up to
/// 4,801. Beyond this: [`Defect::TooMuchJunk`].
const MAX_JUNK: u32 = 64 << 10;

/// Fill bytes before markers (T.81, B.1.1.2: "any number"); real files have one or two. Beyond this:
/// [`Defect::TooMuchFill`].
const MAX_FILL: u32 = 64 << 10;

/// Start of image (T.81, table B.1).
const SOI: u64 = 2;

/// The sequence of marker segments from SOI to the frame header: T.81, B.2.1.
#[derive(Clone, Debug, Default)]
pub(super) struct Markers {
    quirks: Quirks,
    segments: u32,
    junk: u32,
    fill: u32,
}

impl Markers {
    /// Reads marker after marker up to and with the frame header.
    #[inline(always)]
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Result<Header, Stop> {
        if reader.offset() == 0 {
            reader.skip(SOI);
        }
        loop {
            match *reader.peek::<2>()? {
                // DHT, DQT, DNL, DRI, APPn, COM: most of what there is.
                [
                    0xFF,
                    marker @ (0xC4 | 0xDB..=0xDD | 0xE0 | 0xE1 | 0xE3..=0xEF | 0xFE),
                ] => {
                    self.segment(reader, marker)?;
                }
                // A byte stuffed after 0xFF is data (B.1.1.5), and data out of place is junk.
                [0xFF, 0x00] => self.junk(reader, 2)?,
                [0xFF, 0xFF] => self.fill(reader)?,
                [0xFF, marker] => match marker {
                    // TEM and RSTn stand alone (B.1.1.3).
                    0x01 | 0xD0..=0xD7 => {
                        self.count(reader)?;
                        reader.skip(2);
                    }
                    0xF7 => return Err(Defect::JpegLs.at(reader.offset())),
                    // DAC.
                    0xCC => self.segment(reader, marker)?,
                    0xC8 => return Err(out_of_place(reader, marker)),
                    0xC0..=0xCF => return self.frame_header(reader, marker),
                    0xE2 => self.app2(reader)?,
                    // SOI, EOI, SOS, DHP, EXP, JPGn and the reserved ones.
                    _ => return Err(out_of_place(reader, marker)),
                },
                _ => self.junk(reader, 1)?,
            }
        }
    }

    /// Skips a segment by its length, which counts its own two bytes: T.81, B.1.1.4.
    #[inline(always)]
    fn segment(&mut self, reader: &mut Reader<'_>, marker: u8) -> Result<(), Stop> {
        let [_, _, high, low] = *reader.peek::<4>()?;
        let mut length = u16::from_be_bytes([high, low]);
        if length < 2 {
            length = short(reader, marker, length)?;
        }
        self.count(reader)?;
        reader.skip(2 + u64::from(length));
        if reader.offset() > MAX_HEADER {
            return Err(too_long(reader, length));
        }
        Ok(())
    }

    /// APP2 may hold the index of a multi-picture file: CIPA DC-007, 5.2.1. Its first bytes are
    /// looked at always, so that the answer does not depend on whether they happened to arrive.
    #[inline(always)]
    fn app2(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let [_, _, high, low] = *reader.peek::<4>()?;
        if u16::from_be_bytes([high, low]) >= 6 && reader.peek::<8>()?.ends_with(b"MPF\0") {
            self.quirks = self.quirks.with(Quirk::MultiPicture);
        }
        self.segment(reader, 0xE2)
    }

    /// SOFn: T.81, B.2.2. Whatever comes behind it is not needed.
    #[inline(always)]
    fn frame_header(&self, reader: &Reader<'_>, marker: u8) -> Result<Header, Stop> {
        let [_, _, l1, l2, precision, y1, y2, x1, x2, components] = *reader.peek::<10>()?;
        let at = reader.offset();
        // Table B.2: P is 8 or 12, for lossless coding 2 to 16. libjpeg reads 12 in every frame.
        let legal = match marker {
            0xC3 | 0xC7 | 0xCB | 0xCF => matches!(precision, 2..=16),
            _ => matches!(precision, 8 | 12),
        };
        if !legal {
            return Err(Defect::SamplePrecision { found: precision }.at(at + 4));
        }
        // Table B.2 allows 255 components in sequential frames; no reader takes more than four.
        if !matches!(components, 1..=4) {
            return Err(Defect::ComponentCount { found: components }.at(at + 9));
        }
        let expected = 8 + 3 * u16::from(components);
        let found = u16::from_be_bytes([l1, l2]);
        if found != expected {
            return Err(Defect::FrameLength { expected, found }.at(at + 2));
        }
        let width = u32::from(u16::from_be_bytes([x1, x2]));
        let height = u32::from(u16::from_be_bytes([y1, y2]));
        if width == 0 {
            return Err(Defect::ZeroSide { width, height }.at(at + 7));
        }
        if height == 0 {
            return Err(Defect::HeightDeferred.at(at + 5));
        }
        let segment = reader.peek_slice(2 + usize::from(expected))?;
        // Ci, Hi and Vi, Tqi of each component.
        for (i, component) in segment
            .get(10..)
            .unwrap_or_default()
            .chunks_exact(3)
            .enumerate()
        {
            match *component {
                [_, found, _] if !(is_factor(found >> 4) && is_factor(found & 0x0F)) => {
                    return Err(Defect::SamplingFactor { found }.at(at + 11 + 3 * i as u64));
                }
                _ => {}
            }
        }
        let quirks = self.quirks.with_frame(marker, precision);
        Ok(Header {
            format: Format::Jpeg,
            width,
            height,
            quirks,
            declared_len: None,
        })
    }

    fn junk(&mut self, reader: &mut Reader<'_>, bytes: u32) -> Result<(), Stop> {
        self.junk += bytes;
        if self.junk > MAX_JUNK {
            return Err(Defect::TooMuchJunk { limit: MAX_JUNK }.at(reader.offset()));
        }
        reader.skip(u64::from(bytes));
        Ok(())
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        self.fill += 1;
        if self.fill > MAX_FILL {
            return Err(Defect::TooMuchFill { limit: MAX_FILL }.at(reader.offset()));
        }
        reader.skip(1);
        Ok(())
    }

    #[inline(always)]
    fn count(&mut self, reader: &Reader<'_>) -> Result<(), Stop> {
        self.segments += 1;
        if self.segments > MAX_SEGMENTS {
            return Err(Defect::TooManySegments {
                limit: MAX_SEGMENTS,
            }
            .at(reader.offset()));
        }
        Ok(())
    }
}

impl Quirks {
    /// The coding that a frame header names: T.81, table B.1.
    const fn with_frame(mut self, marker: u8, precision: u8) -> Self {
        if matches!(marker, 0xC9..=0xCF) {
            self = self.with(Quirk::Arithmetic);
        }
        if matches!(marker, 0xC3 | 0xC7 | 0xCB | 0xCF) {
            self = self.with(Quirk::Lossless);
        }
        if matches!(marker, 0xC5..=0xC7 | 0xCD..=0xCF) {
            self = self.with(Quirk::Hierarchical);
        }
        if precision > 8 {
            self = self.with(Quirk::DeepSamples);
        }
        self
    }
}

/// Hi or Vi: T.81, B.2.2.
const fn is_factor(found: u8) -> bool {
    matches!(found, 1..=4)
}

/// libjpeg takes a length below 2 for an empty segment, where the segment does not matter to it:
/// DNL, APPn, COM.
#[cold]
fn short(reader: &Reader<'_>, marker: u8, found: u16) -> Result<u16, Stop> {
    match marker {
        0xDC | 0xE0..=0xEF | 0xFE => Ok(2),
        _ => Err(Defect::SegmentLength { marker, found }.at(reader.offset())),
    }
}

/// At the segment that leads out of the budget, which was skipped.
#[cold]
fn too_long(reader: &Reader<'_>, length: u16) -> Stop {
    let at = reader.offset() - 2 - u64::from(length);
    Defect::HeaderTooLong { limit: MAX_HEADER }.at(at)
}

fn out_of_place(reader: &Reader<'_>, marker: u8) -> Stop {
    Defect::MarkerBeforeFrame { marker }.at(reader.offset())
}
