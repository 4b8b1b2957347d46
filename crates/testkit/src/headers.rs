//! Headers by the million, sound and slightly broken, each from a seed.
//!
//! A header is whole, with what its format wants behind it, but has no pixels.

use crate::random::Random;
use crate::{Bmp, Frame, Ihdr, Jpeg, Png, Sof, Vp8, Vp8l, Vp8x, Webp};

/// The header of a seed. Seeds that follow each other go through the four formats in turn.
///
/// A third of the headers are sound; of the others each has a field of an odd value, and a few have
/// bytes changed, or are cut.
///
/// ```
/// assert_eq!(testkit::headers::generate(7), testkit::headers::generate(7));
/// assert!(testkit::headers::generate(4).starts_with(b"\xFF\xD8"));
/// ```
#[must_use]
pub fn generate(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    // Neighbouring seeds have neighbouring states; the first numbers would be alike.
    random.bits();
    let mut odd = Odd {
        chance: *random.pick(&[0, 8, 30]),
        random,
    };
    let mut bytes = match seed % 4 {
        0 => jpeg(&mut odd),
        1 => png(&mut odd),
        2 => bmp(&mut odd),
        _ => webp(&mut odd),
    };
    if odd.strikes() {
        damage(&mut bytes, &mut odd.random);
    }
    bytes
}

/// Chooses values that are sound, and now and then one that is not.
struct Odd {
    /// Percent of the choices that are odd.
    chance: u64,
    random: Random,
}

impl Odd {
    const fn strikes(&mut self) -> bool {
        self.random.below(100) < self.chance
    }

    /// One of the sound values, or by chance one of the odd ones.
    fn or<T: Copy>(&mut self, sound: &[T], odd: &[T]) -> T {
        *if self.strikes() {
            self.random.pick(odd)
        } else {
            self.random.pick(sound)
        }
    }

    /// A side in px: mostly a photograph's, now and then one of the edges of what fits in a field.
    fn side(&mut self, edges: &[u32]) -> u32 {
        if self.strikes() {
            *self.random.pick(edges)
        } else {
            self.random.between(1, 9_000) as u32
        }
    }

    /// So many bytes of anything.
    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let len = self.random.below(most + 1);
        (0..len).map(|_| self.random.bits() as u8).collect()
    }
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    if random.below(8) == 0 {
        bytes.truncate(random.below(bytes.len() as u64) as usize);
        return;
    }
    for _ in 0..random.between(1, 3) {
        let at = random.below(bytes.len().min(64) as u64) as usize;
        if let Some(byte) = bytes.get_mut(at) {
            *byte = match random.below(3) {
                0 => *byte ^ 1 << random.below(8),
                1 => *random.pick(&[0, 1, 0x7F, 0x80, 0xFF]),
                _ => random.bits() as u8,
            };
        }
    }
}

fn jpeg(odd: &mut Odd) -> Vec<u8> {
    let mut jpeg = Jpeg::new();
    for _ in 0..odd.random.below(5) {
        jpeg = match odd.or(&[0, 1, 2, 3, 4], &[5, 6, 7, 8, 9, 10]) {
            0 => jpeg.jfif(),
            1 => {
                let payload = odd.bytes(40);
                jpeg.segment(0xE0 + odd.random.below(16) as u8, &payload)
            }
            2 => jpeg.com(b"made here"),
            3 => jpeg.dri(8),
            4 => jpeg.fill(odd.random.between(1, 3) as usize),
            5 => jpeg.mpf(),
            6 => jpeg.marker(odd.random.between(0xD0, 0xD9) as u8),
            7 => jpeg.marker(0x01),
            8 => {
                let junk = odd.bytes(6);
                jpeg.junk(&junk)
            }
            9 => jpeg.com_short(odd.random.below(2) as u16),
            _ => {
                let payload = odd.bytes(20);
                jpeg.segment(odd.random.below(256) as u8, &payload)
            }
        };
    }
    let edges = [0, 1, 65_535, 65_500, 0x8000];
    let (width, height) = (odd.side(&edges) as u16, odd.side(&edges) as u16);
    let kind = if odd.strikes() {
        *odd.random.pick(&Sof::ALL)
    } else {
        *odd.random.pick(&[Sof::Baseline, Sof::Progressive])
    };
    let frame = Frame {
        length: odd.or(&[None], &[Some(0), Some(8), Some(16), Some(18)]),
        precision: odd.or(&[8], &[0, 2, 7, 9, 12, 16]),
        components: odd.or(&[1, 3], &[0, 2, 4, 5]),
        sampling: odd.or(&[0x11], &[0, 0x01, 0x15, 0x22, 0x41, 0x44]),
        ..Frame::new(kind, width, height)
    };
    let jpeg = jpeg.dqt().frame(frame).dht(0x00, 0).dht(0x10, 0);
    // SOS: the components of the frame, all with the first tables.
    let mut scan = vec![frame.components];
    scan.extend((1..=frame.components).flat_map(|id| [id, 0]));
    scan.extend([0, 63, 0]);
    jpeg.segment(0xDA, &scan).junk(&[0; 8]).eoi().build()
}

fn png(odd: &mut Odd) -> Vec<u8> {
    let edges = [0, 1, 1 << 24, (1 << 31) - 1, 1 << 31, u32::MAX];
    let (colour_type, bit_depth) = odd.or(
        &[
            (0, 1),
            (0, 8),
            (0, 16),
            (2, 8),
            (2, 16),
            (3, 4),
            (3, 8),
            (4, 8),
            (6, 8),
            (6, 16),
        ],
        &[
            (0, 3),
            (1, 8),
            (2, 4),
            (3, 16),
            (4, 4),
            (5, 8),
            (6, 0),
            (7, 8),
            (0, 32),
        ],
    );
    let ihdr = Ihdr {
        bit_depth,
        colour_type,
        compression: odd.or(&[0], &[1, 255]),
        filter: odd.or(&[0], &[1, 64]),
        interlace: odd.or(&[0, 1], &[2, 255]),
        ..Ihdr::new(odd.side(&edges), odd.side(&edges))
    };
    let mut png = Png::new();
    if odd.strikes() {
        png = match odd.random.below(3) {
            0 => png.cgbi(),
            1 => png.chunk(*b"gAMA", &[0, 0, 0xB1, 0x8F]),
            _ => Png::headless(),
        };
    }
    let data = ihdr.data();
    png = match odd.or(&[0], &[1, 2, 3]) {
        0 => png.ihdr(ihdr),
        1 => png.ihdr(ihdr).flip_last_bit(),
        2 => png.chunk(*b"IHDR", data.get(..12).unwrap_or_default()),
        _ => png.chunk(*b"IHDR", &[&data[..], &[0]].concat()),
    };
    if colour_type == 3 {
        png = png.chunk(*b"PLTE", &[0; 6]);
    }
    png.chunk(*b"IDAT", &[0x78, 0x01]).iend().build()
}

fn bmp(odd: &mut Odd) -> Vec<u8> {
    let edges = [0, 1, 65_535, 1 << 24, i32::MAX as u32, 1 << 31, u32::MAX];
    let width = odd.side(&edges) as i32;
    let height = odd.side(&edges) as i32;
    let height = if odd.strikes() {
        height.wrapping_neg()
    } else {
        height
    };
    let dib_size = odd.or(
        &[12, 40, 108, 124],
        &[0, 13, 16, 20, 39, 41, 48, 52, 56, 64, 65, 109, 200, 1 << 20],
    );
    let bits = odd.or(&[1, 4, 8, 24, 32], &[0, 2, 3, 16, 48, 64, 65_535]);
    let compression = odd.or(&[0], &[1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 0x8000_0000]);
    let colours = if bits <= 8 { 1_usize << bits } else { 0 };
    let entry = if dib_size == 12 { 3 } else { 4 };
    let palette = odd.or(&[colours], &[0, 1, 2, colours / 2, colours + 1]);
    let mut bmp = Bmp::new(width, height)
        .dib_size(dib_size)
        .planes(odd.or(&[1], &[0, 2, 65_535]))
        .bits(bits)
        .compression(compression)
        .colours_used(odd.or(&[0], &[1, 2, 16, 256, 257, u32::MAX]))
        .palette(&vec![0; palette * entry])
        .header_only();
    if odd.strikes() {
        bmp = bmp.data_offset(*odd.random.pick(&[0, 14, 26, 53, 54, 55, 1_078, u32::MAX]));
    }
    if odd.strikes() && odd.random.below(4) == 0 {
        return bmp.build_array();
    }
    bmp.build()
}

fn webp(odd: &mut Odd) -> Vec<u8> {
    let mut webp = Webp::new();
    let lossless = odd.random.below(2) == 0;
    let edges = [0, 1, 2, 16_383, 16_384];
    let (width, height) = (odd.side(&edges), odd.side(&edges));
    if odd.random.below(2) == 0 {
        let (wide, high) = odd.or(
            &[(width, height)],
            &[
                (1, 1),
                (1 << 24, 1 << 24),
                (65_536, 65_535),
                (height, width),
            ],
        );
        let flags = odd.or(
            &[0, Vp8x::ALPHA, Vp8x::ICC, Vp8x::EXIF],
            &[Vp8x::ANIMATION, 0xFF, 0x41],
        );
        webp = webp.vp8x(Vp8x {
            flags,
            ..Vp8x::new(wide, high)
        });
        if flags & Vp8x::ICC != 0 {
            webp = webp.chunk(*b"ICCP", &[0; 5]);
        }
        if flags & Vp8x::ANIMATION != 0 {
            webp = webp.chunk(*b"ANIM", &[0; 6]);
        }
    } else if odd.strikes() {
        webp = webp.chunk(*b"JUNK", &[0; 4]);
    }
    webp = if lossless {
        let header = Vp8l {
            alpha: odd.random.below(2) == 0,
            version: odd.or(&[0], &[1, 7]),
            signature: odd.or(&[0x2F], &[0, 0x2E]),
            ..Vp8l::new(width, height)
        };
        webp.vp8l(header, &[0; 7])
    } else {
        let header = Vp8 {
            scale_x: odd.or(&[0], &[1, 3]),
            scale_y: odd.or(&[0], &[1, 3]),
            key_frame: odd.or(&[true], &[false]),
            version: odd.or(&[0, 1, 2, 3], &[4, 7]),
            show_frame: odd.or(&[true], &[false]),
            partition_len: odd.or(&[4], &[0, 21, 22, 0x7_FFFF]),
            start_code: odd.or(&[[0x9D, 0x01, 0x2A]], &[[0; 3], [0x9D, 0x01, 0x2B]]),
            ..Vp8::new(width as u16, height as u16)
        };
        webp.vp8(header, &[0; 12])
    };
    if odd.strikes() {
        webp = webp.riff_size(
            *odd.random
                .pick(&[0, 4, 11, 12, 21, 23, u32::MAX - 9, u32::MAX]),
        );
    }
    webp.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each format's edges are wide enough that a third of its headers are nothing out of the way.
    #[test]
    fn a_third_of_the_headers_are_sound() {
        let sound = |seed: &u64| {
            let bytes = generate(*seed);
            image::ImageReader::new(std::io::Cursor::new(bytes))
                .with_guessed_format()
                .is_ok_and(|reader| reader.into_dimensions().is_ok())
        };
        for format in 0..4 {
            let found = (0..400).map(|n| n * 4 + format).filter(sound).count();
            assert!((133..390).contains(&found), "{found} of format {format}");
        }
    }
}
