//! Photographs as far as a header reader can tell: metadata in front, as much as real ones have,
//! the frame header behind it, and noise for a picture.

use crate::jpeg::decoy;
use crate::random::Random;
use crate::{Jpeg, Sof};

/// A made photograph.
#[derive(Clone, Debug)]
pub struct Photo {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width in px, 400..=7000.
    pub width: u32,
    /// Height in px, 400..=7000.
    pub height: u32,
    /// Where the frame header's sides end, in bytes from the start: what a reader that does not
    /// skip has to read at the least.
    pub sides_end: usize,
}

/// Where the sides ended in 577 real JPEGs with sides of 400 to 7000 px, from public test sets of
/// cameras, phones and web exports: this share of them, in thousandths, at this byte or before.
const SIDES_END: [(u64, u64); 8] = [
    (0, 167),
    (250, 167),
    (500, 3_686),
    (750, 14_248),
    (900, 30_853),
    (950, 45_807),
    (990, 307_109),
    (1000, 1_681_411),
];

/// The least: SOI, JFIF, two quantisation tables, the frame header up to its sides.
const LEAST: u64 = 2 + 18 + 2 * 69 + 9;

/// The EXIF signature, and a TIFF header with one directory of no entries: nothing is broken, there
/// is just nothing in it.
pub const EXIF: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0";

/// The longest payload of a segment.
const PAYLOAD: usize = 65_533;

/// `count` photographs whose metadata is as long as in real ones. The lengths are spread evenly
/// over the distribution, not drawn from it, so that the mean of a few is that of many; all else
/// comes from the seed. `picture` bytes follow each header.
///
/// ```
/// use testkit::photos;
///
/// let photos: Vec<_> = photos::photos(7, 200, 1_000).collect();
/// let mut ends: Vec<_> = photos.iter().map(|photo| photo.sides_end).collect();
/// ends.sort_unstable();
/// assert!((3_000..4_500).contains(&ends[100]), "the median is {}", ends[100]);
/// ```
pub fn photos(seed: u64, count: usize, picture: usize) -> impl Iterator<Item = Photo> {
    let mut random = Random::new(seed);
    let mut ranks: Vec<u64> = (0..count as u64).collect();
    random.shuffle(&mut ranks);
    ranks.into_iter().map(move |rank| {
        // The middle of this photograph's share of the distribution, in millionths.
        let at = (2 * rank + 1) * 1_000_000 / (2 * count as u64);
        photo(&mut random, sides_end(at), picture)
    })
}

/// The quantile, between the measured ones along a curve of constant growth.
fn sides_end(millionths: u64) -> u64 {
    let next = SIDES_END
        .iter()
        .position(|&(share, _)| share * 1000 > millionths)
        .unwrap_or(SIDES_END.len() - 1);
    let (Some(&(from, low)), Some(&(to, high))) = (SIDES_END.get(next - 1), SIDES_END.get(next))
    else {
        return LEAST;
    };
    let along = (millionths - from * 1000) as f64 / ((to - from) * 1000) as f64;
    let grown = low as f64 * (high as f64 / low as f64).powf(along);
    (grown.round() as u64).max(LEAST)
}

fn photo(random: &mut Random, sides_end: u64, picture: usize) -> Photo {
    let [width, height] = [random.between(400, 7000), random.between(400, 7000)];
    let mut jpeg = Jpeg::new().jfif();
    // Metadata first, as cameras and editors write it, then the tables.
    let mut metadata = (sides_end - LEAST) as usize;
    let mut n = 0;
    while metadata >= 4 {
        let payload = segment(random, n, metadata - 4);
        jpeg = if payload >= EXIF.len() {
            let (app, signature) = signature(n);
            jpeg.app(app, signature, payload)
        } else {
            jpeg.com(&decoy(payload))
        };
        metadata -= 4 + payload;
        n += 1;
    }
    jpeg = jpeg.dqt().dqt();
    let sides_end = jpeg.len() + 9;
    jpeg = jpeg
        .sof(Sof::Baseline, width as u16, height as u16)
        .dht(0x00, 0)
        .dht(0x10, 0)
        .sos();
    let noise: Vec<u8> = (0..picture)
        .map(|_| (random.bits() >> 56) as u8 & 0x7F)
        .collect();
    Photo {
        bytes: jpeg.junk(&noise).eoi().build(),
        width: width as u32,
        height: height as u32,
        sides_end,
    }
}

/// Bytes of payload of the `n`th segment when `rest` are left: long metadata comes in full segments,
/// short metadata in a few of unequal length.
fn segment(random: &mut Random, n: u32, rest: usize) -> usize {
    let share = match rest {
        0..=PAYLOAD if n >= 3 => rest,
        0..=PAYLOAD => rest * random.between(40, 95) as usize / 100,
        _ => PAYLOAD,
    };
    // What is left must hold a segment, or be left to this one.
    if rest - share < 4 {
        rest.min(PAYLOAD)
    } else {
        share
    }
}

/// What the `n`th segment is: EXIF (a sound block without entries, so that readers of EXIF go on), ICC profile, XMP, Photoshop's, then makers' own.
const fn signature(n: u32) -> (u8, &'static [u8]) {
    match n {
        0 => (1, EXIF),
        1 => (2, b"ICC_PROFILE\0"),
        2 => (13, b"Photoshop 3.0\0"),
        _ => (4, b"maker\0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_the_measured_distribution() {
        let mut ends: Vec<_> = photos(1, 1000, 0)
            .map(|photo| photo.sides_end as u64)
            .collect();
        ends.sort_unstable();
        for (share, expected) in SIDES_END.into_iter().skip(2).take(5) {
            let [below, above] = [ends[share as usize - 1], ends[share as usize]];
            assert!(
                (below..=above).contains(&expected),
                "{share}: {below}..={above}"
            );
        }
        assert_eq!(ends[0], LEAST);
    }

    #[test]
    fn the_sides_are_where_it_says() {
        for photo in photos(2, 300, 10) {
            let [.., h1, h2, w1, w2] = photo.bytes[..photo.sides_end] else {
                panic!()
            };
            assert_eq!(u32::from(u16::from_be_bytes([h1, h2])), photo.height);
            assert_eq!(u32::from(u16::from_be_bytes([w1, w2])), photo.width);
        }
    }

    #[test]
    fn a_seed_makes_the_same_photographs_each_time() {
        let make = |seed| {
            photos(seed, 5, 10)
                .map(|photo| photo.bytes)
                .collect::<Vec<_>>()
        };
        assert_eq!(make(3), make(3));
        assert_ne!(make(3), make(4));
    }
}
