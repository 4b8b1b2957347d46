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

/// The least there can be: SOI, two quantisation tables, the frame header up to its sides.
const LEAST: u64 = 2 + 2 * 69 + 9;

/// How many segments of metadata photographs have, and in how many hundredths of them it is so many
/// or fewer. With the two tables, half of all real files have 3 segments before the frame header or
/// fewer, nine in ten have 6, ninety-nine in a hundred 9.
const SEGMENTS: [(u64, usize); 7] = [
    (45, 1),
    (63, 2),
    (76, 3),
    (85, 4),
    (92, 5),
    (97, 6),
    (100, 7),
];

/// The EXIF signature, and a TIFF header with one directory of no entries: nothing is broken, there
/// is just nothing in it.
pub const EXIF: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0";

/// Bytes of a marker and a length.
const HEAD: usize = 4;

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
    grown.round() as u64
}

fn photo(random: &mut Random, sides_end: u64, picture: usize) -> Photo {
    let [width, height] = [random.between(400, 7000), random.between(400, 7000)];
    // Metadata first, as cameras and editors write it, then the tables.
    let metadata = metadata(random, (sides_end - LEAST) as usize);
    let jpeg = metadata
        .into_iter()
        .enumerate()
        .fold(Jpeg::new(), |jpeg, (n, payload)| {
            let (app, signature) = signature(n);
            if payload < signature.len() {
                jpeg.com(&decoy(payload))
            } else {
                jpeg.app(app, signature, payload)
            }
        });
    let jpeg = jpeg.dqt().dqt();
    let sides_end = jpeg.len() + 9;
    let jpeg = jpeg
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

/// The payloads of segments that take `len` bytes in all: full ones while there is enough for them,
/// then a large one and some small ones.
fn metadata(random: &mut Random, len: usize) -> Vec<usize> {
    let full = len / (HEAD + PAYLOAD);
    let mut payloads = vec![PAYLOAD; full];
    let mut rest = len % (HEAD + PAYLOAD);
    let drawn = random.below(100);
    let count = SEGMENTS
        .iter()
        .find(|&&(share, _)| drawn < share)
        .map_or(1, |&(_, count)| count);
    for _ in 1..count.saturating_sub(full) {
        let large = rest * random.between(70, 95) as usize / 100;
        if large < HEAD + EXIF.len() || rest - large < HEAD {
            break;
        }
        payloads.push(large - HEAD);
        rest -= large;
    }
    // Too little for a marker and a length is left out.
    payloads.extend(rest.checked_sub(HEAD));
    payloads
}

/// What the `n`th segment is: EXIF, an ICC profile, Photoshop's resources, then a maker's own.
const fn signature(n: usize) -> (u8, &'static [u8]) {
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
        assert_eq!(ends[0], 167);
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
    fn segments_are_as_many_as_in_real_files() {
        let mut counts: Vec<_> = photos(4, 1000, 0).map(|photo| segments(&photo)).collect();
        counts.sort_unstable();
        assert_eq!([counts[500], counts[900]], [3, 6]);
        assert!((8..=9).contains(&counts[989]), "{}", counts[989]);
    }

    /// Segments before the frame header.
    fn segments(photo: &Photo) -> usize {
        let mut at = 2;
        (0..)
            .find(|_| {
                let [_, marker, high, low] = photo.bytes[at..at + 4] else {
                    panic!()
                };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
                marker == Sof::Baseline as u8
            })
            .unwrap()
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
