//! Whether all of a JPEG's picture is there.
//!
//! Decoders forgive: what is missing of the data they fill with grey, and say nothing. So we pass
//! over every code of every scan ourselves, as a decoder does, and count. The transform behind the
//! codes cannot fail, so that a picture whose codes are all there decodes.
//!
//! Left alone, because decoders of the field read them without loss: bytes behind the end marker
//! (second pictures, films, padding); what stands in a segment; the numbers of restart markers; a
//! sequential scan header whose band is wrong, as some phones write it; a few stray bytes at the
//! end of a scan.

mod bits;
mod frame;
mod huffman;
mod scan;

use std::borrow::Cow;

use super::Fault;
use frame::Frame;
use huffman::Huffman;
use scan::{Ended, Part, Scan};

/// Scans of a progressive image. Writers use up to a dozen; each costs a pass over all blocks, and
/// a few bytes may claim one.
const MAX_SCANS: u32 = 100;

/// Start of image, end of image, and the markers that stand alone: T.81, table B.1.
const EOI: u8 = 0xD9;

const END_MARKER: &str = "the end marker FF D9 (T.81, B.2.1)";

/// Walks the first image of a file.
pub(super) fn examine(file: &[u8]) -> Result<(), Fault> {
    let mut walk = Walk {
        file,
        at: 2,
        dc: [const { None }; 4],
        ac: [const { None }; 4],
        quantisation: [false; 4],
        restart: 0,
        frame: None,
        scans: 0,
    };
    loop {
        let Some(marker) = walk.next_marker() else {
            return Err(walk
                .missing()
                .unwrap_or_else(|| Fault::cut(END_MARKER, file)));
        };
        match marker {
            EOI => return walk.missing().map_or(Ok(()), Err),
            // Those without a segment: a second SOI is nothing to a decoder here either.
            0x01 | 0xD0..=0xD8 => {}
            _ => walk.segment(marker)?,
        }
    }
}

struct Walk<'a> {
    file: &'a [u8],
    at: usize,
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    quantisation: [bool; 4],
    restart: usize,
    frame: Option<Frame>,
    scans: u32,
}

impl<'a> Walk<'a> {
    /// The second byte of the next marker, as libjpeg looks for it: whatever is before is passed
    /// over.
    fn next_marker(&mut self) -> Option<u8> {
        loop {
            let rest = self.file.get(self.at..)?;
            let start = rest.iter().position(|&byte| byte == 0xFF)?;
            let fill = rest
                .iter()
                .skip(start)
                .take_while(|&&byte| byte == 0xFF)
                .count();
            let marker = *rest.get(start + fill)?;
            self.at += start + fill + 1;
            if marker != 0 {
                return Some(marker);
            }
        }
    }

    /// The part that the frame calls for and the file lacks, now that it has ended.
    fn missing(&self) -> Option<Fault> {
        let missing = match &self.frame {
            _ if self.scans == 0 => Cow::Borrowed("the scan with the pixels (T.81, B.2.3)"),
            Some(frame) => Cow::Owned(frame.missing()?),
            None => return None,
        };
        Some(Fault::cut(&missing, self.file))
    }

    fn segment(&mut self, marker: u8) -> Result<(), Fault> {
        let cut = || Fault::cut(END_MARKER, self.file);
        let rest = self.file.get(self.at..).unwrap_or_default();
        let &[high, low] = rest.first_chunk::<2>().ok_or_else(cut)?;
        // A length below 2 is an empty segment, as libjpeg has it.
        let len = usize::from(u16::from_be_bytes([high, low])).max(2);
        let segment: &'a [u8] = rest.get(2..len).ok_or_else(cut)?;
        let begin = self.at - 2;
        self.at += len;
        // A scan that ends with the file was cut off there, whatever was glued behind it.
        let is_last = self.at >= self.file.len();
        let file = self.file;
        let unsound = |what: &str| {
            if is_last {
                return Fault::cut(END_MARKER, file);
            }
            Fault::Broken(format!(
                "expected {what}, but found something else at byte {begin}"
            ))
        };
        match marker {
            0xC4 => self
                .huffman_tables(segment)
                .ok_or_else(|| unsound("Huffman tables (T.81, B.2.4.2)")),
            0xDB => self
                .quantisation_tables(segment)
                .ok_or_else(|| unsound("quantisation tables (T.81, B.2.4.1)")),
            0xDD => {
                let &[high, low] = segment
                    .first_chunk()
                    .ok_or_else(|| unsound("a restart interval (T.81, B.2.4.4)"))?;
                self.restart = usize::from(u16::from_be_bytes([high, low]));
                Ok(())
            }
            0xC0..=0xC2 if self.frame.is_some() => Err(unsound("one frame header")),
            0xC0..=0xC2 => {
                self.frame = Some(Frame::new(segment, marker == 0xC2)?);
                Ok(())
            }
            0xDA => {
                let fault = || unsound("a scan header that fits its frame (T.81, B.2.3)");
                self.scan(segment, begin, fault)
            }
            _ => Ok(()),
        }
    }

    /// DHT: T.81, B.2.4.2.
    fn huffman_tables(&mut self, mut rest: &[u8]) -> Option<()> {
        while let Some((&class_and_place, behind)) = rest.split_first() {
            let (counts, values) = behind.split_first_chunk::<16>()?;
            let table = Huffman::new(counts, values)?;
            let place = usize::from(class_and_place & 0x0F);
            let tables = match class_and_place >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return None,
            };
            *tables.get_mut(place)? = Some(table);
            let len: usize = counts.iter().map(|&count| usize::from(count)).sum();
            rest = values.get(len..)?;
        }
        Some(())
    }

    /// DQT: T.81, B.2.4.1. Only that they are there matters.
    fn quantisation_tables(&mut self, mut rest: &[u8]) -> Option<()> {
        while let Some((&precision_and_place, behind)) = rest.split_first() {
            *self
                .quantisation
                .get_mut(usize::from(precision_and_place & 0x0F))? = true;
            let len = if precision_and_place >> 4 == 0 {
                64
            } else {
                128
            };
            rest = behind.get(len..)?;
        }
        Some(())
    }

    /// SOS: T.81, B.2.3, and the data behind it.
    fn scan(
        &mut self,
        segment: &[u8],
        begin: usize,
        unsound: impl Fn() -> Fault,
    ) -> Result<(), Fault> {
        let frame = self.frame.as_mut().ok_or_else(&unsound)?;
        let (&count, list) = segment.split_first().ok_or_else(&unsound)?;
        let (list, rest) = list
            .split_at_checked(2 * usize::from(count))
            .ok_or_else(&unsound)?;
        let &[from, to, approximation] = rest.first_chunk().ok_or_else(&unsound)?;
        let progressive = frame.progressive;
        let band = if progressive {
            (usize::from(from), usize::from(to))
        } else {
            (0, 63)
        };
        let (high, low) = (approximation >> 4, approximation & 0x0F);
        let is_sound = matches!(count, 1..=4)
            && (!progressive
                || band.0 == 0 && band.1 == 0
                || band.0 > 0 && band.0 <= band.1 && count == 1)
            && band.1 < 64;
        if !is_sound {
            return Err(unsound());
        }
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Fault::Unsure(format!("it has more than {MAX_SCANS} scans")));
        }
        let mut parts = Vec::with_capacity(4);
        for entry in list.chunks_exact(2) {
            let [id, tables] = *entry else {
                return Err(unsound());
            };
            // In the order of the frame (T.81, B.2.3), as far as libjpeg holds to it, and each once.
            let is_free =
                |place: &usize| parts.iter().all(|part: &Part<'_>| part.component != *place);
            let mut places = (parts.len()..frame.components.len()).filter(is_free);
            let place = places.find(|&place| {
                let component = frame.components.get(place);
                component.is_some_and(|component| component.id == id)
            });
            let component = place.ok_or_else(&unsound)?;
            let quantisation = frame.components.get(component).map(|it| it.quantisation);
            if quantisation.is_none_or(|place| self.quantisation.get(place) != Some(&true)) {
                return Err(Fault::Broken(format!(
                    "expected a quantisation table for component {id} before its scan at byte {begin}, \
                     but found none (T.81, B.2.4.1)"
                )));
            }
            let dc = self
                .dc
                .get(usize::from(tables >> 4))
                .and_then(Option::as_ref);
            let ac = self
                .ac
                .get(usize::from(tables & 0x0F))
                .and_then(Option::as_ref);
            let wants_dc = band.0 == 0 && high == 0;
            let wants_ac = band.1 > 0;
            if wants_dc && dc.is_none() || wants_ac && ac.is_none() {
                return Err(Fault::Unsure(
                    "it has no Huffman tables of its own, as a frame of a film".to_owned(),
                ));
            }
            if wants_dc && !dc.is_some_and(Huffman::is_for_dc) {
                return Err(unsound());
            }
            parts.push(Part { component, dc, ac });
        }
        let scan = Scan {
            parts,
            band,
            refines: progressive && high > 0,
            restart: self.restart,
        };
        match scan.walk(frame, self.file, self.at) {
            Ended::Whole(at) => {
                for part in &scan.parts {
                    if let Some(component) = frame.components.get_mut(part.component) {
                        component.saw(band, if progressive { low } else { 0 });
                    }
                }
                self.at = at;
                Ok(())
            }
            Ended::Short { seen, of } => Err(Fault::Cut(format!(
                "expected {of} blocks of pixels in the scan at byte {begin}, but found data for {seen}: \
                 the rest is cut off, or a part is missing (T.81, B.2.3)"
            ))),
            Ended::Spare { bytes } => Err(Fault::Cut(format!(
                "expected the scan at byte {begin} to end with its last block, but found {bytes} bytes \
                 more: a part of its data is missing or overwritten (T.81, B.2.3)"
            ))),
        }
    }
}
