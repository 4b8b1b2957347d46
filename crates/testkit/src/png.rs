//! PNG, chunk by chunk (Portable Network Graphics, third edition).

/// The eight bytes that begin a PNG (section 5.2).
pub const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The image header, field for field (section 11.2.1). Any value goes.
#[derive(Clone, Copy, Debug)]
pub struct Ihdr {
    /// Width in px.
    pub width: u32,
    /// Height in px.
    pub height: u32,
    /// Bits a sample.
    pub bit_depth: u8,
    /// 0 greyscale, 2 RGB, 3 palette, 4 greyscale and alpha, 6 RGB and alpha.
    pub colour_type: u8,
    /// 0.
    pub compression: u8,
    /// 0.
    pub filter: u8,
    /// 0, or 1 for Adam7.
    pub interlace: u8,
}

impl Ihdr {
    /// RGB of 8 bits a sample.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            bit_depth: 8,
            colour_type: 2,
            compression: 0,
            filter: 0,
            interlace: 0,
        }
    }

    /// The 13 bytes of the chunk's data.
    #[must_use]
    pub fn data(self) -> Vec<u8> {
        let mut data = Vec::with_capacity(13);
        data.extend(self.width.to_be_bytes());
        data.extend(self.height.to_be_bytes());
        data.extend([
            self.bit_depth,
            self.colour_type,
            self.compression,
            self.filter,
        ]);
        data.push(self.interlace);
        data
    }
}

/// Builds a PNG from its signature on.
///
/// ```
/// use testkit::{Ihdr, Png};
///
/// let bytes = Png::new().ihdr(Ihdr::new(640, 480)).iend().build();
/// assert_eq!(bytes.len(), 8 + 25 + 12);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Png {
    bytes: Vec<u8>,
}

impl Png {
    /// Starts with the signature.
    pub fn new() -> Self {
        Self::default().raw(&SIGNATURE)
    }

    /// Starts with nothing, not even the signature.
    pub fn headless() -> Self {
        Self::default()
    }

    /// Apple's chunk that stands before IHDR in what Xcode makes of PNGs.
    pub fn cgbi(self) -> Self {
        self.chunk(*b"CgBI", &[0x50, 0x00, 0x20, 0x02])
    }

    /// The image header.
    pub fn ihdr(self, ihdr: Ihdr) -> Self {
        self.chunk(*b"IHDR", &ihdr.data())
    }

    /// A chunk with its own length and checksum (section 5.3).
    pub fn chunk(self, kind: [u8; 4], data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).expect("a chunk of less than 4 GiB");
        self.chunk_stating(kind, length, data, checksum(kind, data))
    }

    /// A chunk that states this length and checksum, whatever its data's are.
    pub fn chunk_stating(self, kind: [u8; 4], length: u32, data: &[u8], crc: u32) -> Self {
        self.raw(&length.to_be_bytes())
            .raw(&kind)
            .raw(data)
            .raw(&crc.to_be_bytes())
    }

    /// Flips the last bit that there is. Behind a chunk, this breaks its checksum.
    pub fn flip_last_bit(mut self) -> Self {
        if let Some(last) = self.bytes.last_mut() {
            *last ^= 1;
        }
        self
    }

    /// Image data that decodes: all samples 0, without compression. `row_bytes` counts the bytes
    /// of a row without its filter byte.
    ///
    /// # Panics
    ///
    /// If it all takes over 65,535 bytes, one stored block.
    pub fn idat_blank(self, row_bytes: usize, rows: usize) -> Self {
        let raw = vec![0; (row_bytes + 1) * rows];
        let len = u16::try_from(raw.len()).expect("a stored block holds 65,535 bytes");
        // RFC 1950: the two header bytes; RFC 1951 section 3.2.4: one last stored block, its length
        // and the complement; then Adler-32, which zeros leave at a = 1, b = the length.
        let mut data = vec![0x78, 0x01, 0x01];
        data.extend(len.to_le_bytes());
        data.extend((!len).to_le_bytes());
        data.extend(&raw);
        data.extend(((u32::from(len) % 65_521) << 16 | 1).to_be_bytes());
        self.chunk(*b"IDAT", &data)
    }

    /// The end chunk.
    pub fn iend(self) -> Self {
        self.chunk(*b"IEND", &[])
    }

    /// Bytes as they are.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
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

/// The checksum of a chunk, over its type and its data (annex D.1), bit by bit.
#[must_use]
pub fn checksum(kind: [u8; 4], data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in kind.iter().chain(data) {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc >>= 1;
            if low == 1 {
                crc ^= 0xEDB8_8320;
            }
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        // Every IEND chunk there is ends in these four bytes.
        assert_eq!(checksum(*b"IEND", &[]), 0xAE42_6082);
        assert_eq!(
            checksum(*b"1234", b"56789"),
            0xCBF4_3926,
            "the CRC-32 check value"
        );
    }

    #[test]
    fn blank_image_data_decodes() {
        let bytes = Png::new()
            .ihdr(Ihdr::new(5, 7))
            .idat_blank(15, 7)
            .iend()
            .build();
        let image = image::load_from_memory(&bytes).expect("a decodable PNG");
        assert_eq!((image.width(), image.height()), (5, 7));
    }
}
