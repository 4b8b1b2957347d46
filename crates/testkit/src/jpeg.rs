//! JPEG, marker by marker (ITU-T T.81, annex B).

/// How a frame is coded: the marker `SOF0..=SOF15` that starts it (T.81 table B.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Sof {
    /// `SOF0`.
    Baseline = 0xC0,
    /// `SOF1`: sequential, Huffman, 8 or 12 bits.
    Extended = 0xC1,
    /// `SOF2`.
    Progressive = 0xC2,
    /// `SOF3`.
    Lossless = 0xC3,
    /// `SOF5`: a frame that corrects the one before it.
    DifferentialSequential = 0xC5,
    /// `SOF6`.
    DifferentialProgressive = 0xC6,
    /// `SOF7`.
    DifferentialLossless = 0xC7,
    /// `SOF9`.
    ArithmeticExtended = 0xC9,
    /// `SOF10`.
    ArithmeticProgressive = 0xCA,
    /// `SOF11`.
    ArithmeticLossless = 0xCB,
    /// `SOF13`.
    ArithmeticDifferentialSequential = 0xCD,
    /// `SOF14`.
    ArithmeticDifferentialProgressive = 0xCE,
    /// `SOF15`.
    ArithmeticDifferentialLossless = 0xCF,
}

impl Sof {
    /// Every kind of frame, in the order of its marker.
    pub const ALL: [Self; 13] = [
        Self::Baseline,
        Self::Extended,
        Self::Progressive,
        Self::Lossless,
        Self::DifferentialSequential,
        Self::DifferentialProgressive,
        Self::DifferentialLossless,
        Self::ArithmeticExtended,
        Self::ArithmeticProgressive,
        Self::ArithmeticLossless,
        Self::ArithmeticDifferentialSequential,
        Self::ArithmeticDifferentialProgressive,
        Self::ArithmeticDifferentialLossless,
    ];
}

/// A frame header, field for field (T.81 section B.2.2). Any value goes.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The byte behind `FF`.
    pub marker: u8,
    /// Lf, the length that the segment states; none states the true one, 8 + 3 * components.
    pub length: Option<u16>,
    /// P, bits a sample.
    pub precision: u8,
    /// Y, lines.
    pub height: u16,
    /// X, samples a line.
    pub width: u16,
    /// Nf. As many component entries follow.
    pub components: u8,
    /// H and V of every component, four bits each.
    pub sampling: u8,
}

impl Frame {
    /// Three components of 8 bits, none subsampled.
    #[must_use]
    pub const fn new(sof: Sof, width: u16, height: u16) -> Self {
        Self {
            marker: sof as u8,
            length: None,
            precision: 8,
            height,
            width,
            components: 3,
            sampling: 0x11,
        }
    }
}

/// Builds a JPEG from its start marker on.
///
/// ```
/// use testkit::{Jpeg, Sof};
///
/// let bytes = Jpeg::new().jfif().fill(3).sof(Sof::Baseline, 640, 480).build();
/// assert_eq!(bytes[..4], [0xFF, 0xD8, 0xFF, 0xE0]);
/// assert_eq!(bytes[20..26], [0xFF, 0xFF, 0xFF, 0xFF, 0xC0, 0x00]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Jpeg {
    bytes: Vec<u8>,
}

impl Jpeg {
    /// Starts with SOI.
    pub fn new() -> Self {
        Self::default().marker(0xD8)
    }

    /// Starts with nothing, not even SOI.
    pub fn headless() -> Self {
        Self::default()
    }

    /// A marker without a segment: `FF` and this byte.
    pub fn marker(self, marker: u8) -> Self {
        self.junk(&[0xFF, marker])
    }

    /// Fill bytes `FF`, of which any number may stand before a marker (T.81 section B.1.1.2).
    pub fn fill(self, count: usize) -> Self {
        self.junk(&vec![0xFF; count])
    }

    /// Bytes as they are: junk between segments, entropy-coded data, a tail.
    pub fn junk(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// A segment that states its own length.
    ///
    /// # Panics
    ///
    /// If the payload is over 65,533 bytes, more than a length can state.
    pub fn segment(self, marker: u8, payload: &[u8]) -> Self {
        let length = u16::try_from(payload.len() + 2).expect("a segment holds 65,533 bytes");
        self.segment_stating(marker, length, payload)
    }

    /// A segment that states `length`, whatever its payload's is.
    pub fn segment_stating(self, marker: u8, length: u16, payload: &[u8]) -> Self {
        self.marker(marker)
            .junk(&length.to_be_bytes())
            .junk(payload)
    }

    /// APP0 of JFIF 1.01: 18 bytes.
    pub fn jfif(self) -> Self {
        self.segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    }

    /// APP1 with `signature` and a payload of `len` bytes in all, drawn by [`decoy`].
    ///
    /// # Panics
    ///
    /// If `len` is over 65,533 or less than the signature.
    pub fn app1(self, signature: &[u8], len: usize) -> Self {
        self.app(1, signature, len)
    }

    /// APP`n` with `signature` and a payload of `len` bytes in all, drawn by [`decoy`].
    ///
    /// # Panics
    ///
    /// If `n` is over 15, or `len` over 65,533 or less than the signature.
    pub fn app(self, n: u8, signature: &[u8], len: usize) -> Self {
        assert!(n < 16, "there are APP0 to APP15");
        let rest = len
            .checked_sub(signature.len())
            .expect("a payload holds its signature");
        self.segment(0xE0 + n, &[signature, &decoy(rest)].concat())
    }

    /// APP2 of a multi-picture file (CIPA DC-007): more pictures follow the first.
    pub fn mpf(self) -> Self {
        self.segment(0xE2, b"MPF\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    }

    /// A comment.
    ///
    /// # Panics
    ///
    /// If it is over 65,533 bytes.
    pub fn com(self, text: &[u8]) -> Self {
        self.segment(0xFE, text)
    }

    /// A comment that states a length of 0 or 1, less than the two bytes of the length itself.
    /// libjpeg goes on right behind it.
    pub fn com_short(self, length: u16) -> Self {
        self.segment_stating(0xFE, length, &[])
    }

    /// DQT: one table of ones.
    pub fn dqt(self) -> Self {
        self.segment(0xDB, &[&[0x00][..], &[1; 64]].concat())
    }

    /// DHT: one table, of the class and destination in `target`, with the single code 0 for `symbol`.
    pub fn dht(self, target: u8, symbol: u8) -> Self {
        self.segment(0xC4, &[&[target, 1][..], &[0; 15], &[symbol]].concat())
    }

    /// DRI: a restart interval in MCUs.
    pub fn dri(self, interval: u16) -> Self {
        self.segment(0xDD, &interval.to_be_bytes())
    }

    /// DNL: the number of lines, deferred from a frame header that said 0.
    pub fn dnl(self, height: u16) -> Self {
        self.segment(0xDC, &height.to_be_bytes())
    }

    /// A frame header with three components of 8 bits.
    pub fn sof(self, sof: Sof, width: u16, height: u16) -> Self {
        self.frame(Frame::new(sof, width, height))
    }

    /// A frame header, field for field.
    pub fn frame(self, frame: Frame) -> Self {
        let length = frame.length.unwrap_or(8 + 3 * u16::from(frame.components));
        let mut payload = vec![frame.precision];
        payload.extend(frame.height.to_be_bytes());
        payload.extend(frame.width.to_be_bytes());
        payload.push(frame.components);
        for id in 1..=frame.components {
            payload.extend([id, frame.sampling, 0]);
        }
        self.segment_stating(frame.marker, length, &payload)
    }

    /// The scan header of a sequential scan of three components.
    pub fn sos(self) -> Self {
        self.segment(0xDA, &[3, 1, 0x00, 2, 0x00, 3, 0x00, 0, 63, 0])
    }

    /// EOI.
    pub fn eoi(self) -> Self {
        self.marker(0xD9)
    }

    /// Bytes so far: the offset at which the next thing will stand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The file.
    #[must_use]
    pub fn build(self) -> Vec<u8> {
        self.bytes
    }
}

/// `len` bytes of payload that try to be taken for headers: frame headers of 13 x 13 px, start and
/// end markers, over and over. A reader that follows lengths never sees them; one that scans for
/// `FF C0` does, which is how a thumbnail's size gets taken for the picture's.
#[must_use]
pub fn decoy(len: usize) -> Vec<u8> {
    let frame = Frame::new(Sof::Baseline, 13, 13);
    let decoy = Jpeg::new().frame(frame).eoi().build();
    decoy.into_iter().cycle().take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_state_their_length() {
        let bytes = Jpeg::headless().com(b"abc").build();
        assert_eq!(bytes, b"\xFF\xFE\0\x05abc");
        let bytes = Jpeg::headless().app1(b"Exif\0\0", 40).build();
        assert_eq!(
            (bytes.len(), &bytes[..10]),
            (44, &b"\xFF\xE1\0\x2AExif\0\0"[..])
        );
    }

    #[test]
    fn a_frame_header_is_as_long_as_it_says() {
        for components in [0, 1, 3, 4, 255] {
            let frame = Frame {
                components,
                ..Frame::new(Sof::Baseline, 2, 1)
            };
            let bytes = Jpeg::headless().frame(frame).build();
            assert_eq!(
                u16::from_be_bytes([bytes[2], bytes[3]]) as usize,
                bytes.len() - 2
            );
        }
        let bytes = Jpeg::headless()
            .sof(Sof::Progressive, 0x1234, 0x5678)
            .build();
        assert_eq!(
            bytes[..10],
            [0xFF, 0xC2, 0, 17, 8, 0x56, 0x78, 0x12, 0x34, 3]
        );
    }
}
