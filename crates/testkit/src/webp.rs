//! WebP: the container (RFC 9649 section 2), the lossy key frame (RFC 6386 section 9.1), the
//! lossless header (RFC 9649 section 3.4).

/// The first ten bytes of a VP8 key frame, field for field. Any value goes.
#[derive(Clone, Copy, Debug)]
pub struct Vp8 {
    /// Width in px, 14 bits.
    pub width: u16,
    /// Height in px, 14 bits.
    pub height: u16,
    /// How a player should scale it across, 2 bits. Not part of the width.
    pub scale_x: u8,
    /// How a player should scale it down, 2 bits. Not part of the height.
    pub scale_y: u8,
    /// Whether this is a key frame, the only kind that WebP has.
    pub key_frame: bool,
    /// The profile, 0..=3; 3 bits.
    pub version: u8,
    /// Whether the frame is to be shown.
    pub show_frame: bool,
    /// Bytes of the first partition, 19 bits.
    pub partition_len: u32,
    /// `9D 01 2A`.
    pub start_code: [u8; 3],
}

impl Vp8 {
    /// A shown key frame whose first partition is `partition_len` bytes.
    #[must_use]
    pub const fn new(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            scale_x: 0,
            scale_y: 0,
            key_frame: true,
            version: 0,
            show_frame: true,
            partition_len: 4,
            start_code: [0x9D, 0x01, 0x2A],
        }
    }

    /// The ten bytes.
    #[must_use]
    pub fn data(self) -> Vec<u8> {
        let tag = u32::from(!self.key_frame)
            | u32::from(self.version & 7) << 1
            | u32::from(self.show_frame) << 4
            | self.partition_len << 5;
        let [a, b, c, _] = tag.to_le_bytes();
        let mut data = vec![a, b, c];
        data.extend(self.start_code);
        data.extend((self.width & 0x3FFF | u16::from(self.scale_x) << 14).to_le_bytes());
        data.extend((self.height & 0x3FFF | u16::from(self.scale_y) << 14).to_le_bytes());
        data
    }
}

/// The first five bytes of a lossless image, field for field. Any value goes.
#[derive(Clone, Copy, Debug)]
pub struct Vp8l {
    /// Width in px, 1..=16,384.
    pub width: u32,
    /// Height in px, 1..=16,384.
    pub height: u32,
    /// A hint that there is transparency.
    pub alpha: bool,
    /// 0; 3 bits.
    pub version: u8,
    /// `2F`.
    pub signature: u8,
}

impl Vp8l {
    /// An opaque image.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            alpha: false,
            version: 0,
            signature: 0x2F,
        }
    }

    /// The five bytes.
    #[must_use]
    pub fn data(self) -> Vec<u8> {
        let bits = self.width.wrapping_sub(1) & 0x3FFF
            | (self.height.wrapping_sub(1) & 0x3FFF) << 14
            | u32::from(self.alpha) << 28
            | u32::from(self.version & 7) << 29;
        let mut data = vec![self.signature];
        data.extend(bits.to_le_bytes());
        data
    }
}

/// The header of an extended file (RFC 9649 section 2.7.1), field for field. Any value goes.
#[derive(Clone, Copy, Debug)]
pub struct Vp8x {
    /// Width of the canvas in px, 1..=2^24.
    pub width: u32,
    /// Height of the canvas in px, 1..=2^24.
    pub height: u32,
    /// Which chunks there are: [`Vp8x::ANIMATION`] and its like.
    pub flags: u8,
}

impl Vp8x {
    /// The file is animated.
    pub const ANIMATION: u8 = 0x02;
    /// The file has XMP.
    pub const XMP: u8 = 0x04;
    /// The file has EXIF.
    pub const EXIF: u8 = 0x08;
    /// The file has transparency.
    pub const ALPHA: u8 = 0x10;
    /// The file has an ICC profile.
    pub const ICC: u8 = 0x20;

    /// A canvas without any flag.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            flags: 0,
        }
    }

    /// The ten bytes.
    #[must_use]
    pub fn data(self) -> Vec<u8> {
        let [w0, w1, w2, _] = self.width.wrapping_sub(1).to_le_bytes();
        let [h0, h1, h2, _] = self.height.wrapping_sub(1).to_le_bytes();
        vec![self.flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]
    }
}

/// Builds a WebP, chunk by chunk.
///
/// ```
/// use testkit::{Vp8l, Webp};
///
/// let bytes = Webp::new().vp8l(Vp8l::new(640, 480), &[0; 7]).build();
/// assert_eq!(bytes.len(), 12 + 8 + 12);
/// assert_eq!(bytes[4..8], 24_u32.to_le_bytes());
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Webp {
    chunks: Vec<u8>,
    riff_size: Option<u32>,
}

impl Webp {
    /// A container without chunks.
    pub fn new() -> Self {
        Self::default()
    }

    /// A lossy image: its header, then `rest`.
    pub fn vp8(self, vp8: Vp8, rest: &[u8]) -> Self {
        self.chunk(*b"VP8 ", &[&vp8.data(), rest].concat())
    }

    /// A lossless image: its header, then `rest`.
    pub fn vp8l(self, vp8l: Vp8l, rest: &[u8]) -> Self {
        self.chunk(*b"VP8L", &[&vp8l.data(), rest].concat())
    }

    /// The header of an extended file.
    pub fn vp8x(self, vp8x: Vp8x) -> Self {
        self.chunk(*b"VP8X", &vp8x.data())
    }

    /// A chunk with its own size, padded to an even one (RFC 9649 section 2.3).
    pub fn chunk(self, kind: [u8; 4], data: &[u8]) -> Self {
        let pad: &[u8] = if data.len().is_multiple_of(2) {
            &[]
        } else {
            &[0]
        };
        self.chunk_stating(kind, data.len() as u32, &[data, pad].concat())
    }

    /// A chunk that states this size, whatever its data's is.
    pub fn chunk_stating(mut self, kind: [u8; 4], size: u32, data: &[u8]) -> Self {
        self.chunks.extend(kind);
        self.chunks.extend(size.to_le_bytes());
        self.chunks.extend(data);
        self
    }

    /// The RIFF size that the file states: 8 less than its length, when it is sound.
    pub const fn riff_size(mut self, size: u32) -> Self {
        self.riff_size = Some(size);
        self
    }

    /// The file.
    #[must_use]
    pub fn build(self) -> Vec<u8> {
        let mut file = b"RIFF".to_vec();
        file.extend(
            self.riff_size
                .unwrap_or(self.chunks.len() as u32 + 4)
                .to_le_bytes(),
        );
        file.extend(b"WEBP");
        file.extend(self.chunks);
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_bits_stand_above_the_sides() {
        let vp8 = Vp8 {
            scale_x: 3,
            scale_y: 1,
            ..Vp8::new(176, 144)
        };
        assert_eq!(vp8.data()[..6], [0x90, 0x00, 0x00, 0x9D, 0x01, 0x2A]);
        assert_eq!(vp8.data()[6..], [0xB0, 0xC0, 0x90, 0x40]);
    }

    #[test]
    fn lossless_sides_are_packed_less_one() {
        let data = Vp8l {
            alpha: true,
            ..Vp8l::new(16_384, 1)
        }
        .data();
        assert_eq!(data, [0x2F, 0xFF, 0x3F, 0x00, 0x10]);
    }

    #[test]
    fn odd_chunks_are_padded() {
        let bytes = Webp::new().chunk(*b"EXIF", b"abc").build();
        assert_eq!(bytes, b"RIFF\x10\0\0\0WEBPEXIF\x03\0\0\0abc\0");
    }
}
