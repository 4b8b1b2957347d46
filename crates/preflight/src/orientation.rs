//! EXIF orientation, where it stands in bytes that are at hand.

use core::fmt;

/// How a stored image is to be turned for display: EXIF's tag 274, 1 to 8 (CIPA DC-008, 4.6.5).
///
/// Sides in this crate are those of the stored image. Whoever hands on coordinates must know which
/// frame they are of, wherever the orientation is not 1.
///
/// ```
/// use preflight::Orientation;
///
/// // A JPEG whose EXIF block has one entry: the orientation, 6.
/// let jpeg = b"\xFF\xD8\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
/// let orientation = Orientation::find(jpeg).unwrap();
/// assert_eq!(orientation.get(), 6);
/// assert!(orientation.swaps_sides());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(try_from = "u8", into = "u8")
)]
pub struct Orientation(u8);

impl Orientation {
    /// The orientation with a number from 1 to 8; none for another number.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1..=8 => Some(Self(number)),
            _ => None,
        }
    }

    /// The number, 1 to 8.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether the image is displayed as it is stored.
    #[must_use]
    pub const fn is_upright(self) -> bool {
        self.0 == 1
    }

    /// Whether width and height change places on display: 5 to 8.
    #[must_use]
    pub const fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// The orientation that the first bytes of a JPEG, PNG or WebP file tell.
    ///
    /// Looks only at `start`, the bytes from the file's start that are at hand: for JPEG at APP1
    /// segments before the frame header, for PNG and WebP at the chunks `eXIf` and `EXIF`, which
    /// some writers put behind the pixels. None may therefore mean that it stands further behind.
    /// The work is bounded by the length of `start`.
    #[must_use]
    pub fn find(start: &[u8]) -> Option<Self> {
        match start {
            [0xFF, 0xD8, segments @ ..] => in_segments(segments),
            [0x89, b'P', b'N', b'G', _, _, _, _, chunks @ ..] => in_png_chunks(chunks),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                chunks @ ..,
            ] => in_riff_chunks(chunks),
            _ => None,
        }
    }
}

/// The number, and what is to be done for display: `6 (turned by 90 degrees)`.
impl fmt::Display for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let turn = match self.0 {
            2 => "mirrored",
            3 => "turned by 180 degrees",
            4 => "mirrored and turned by 180 degrees",
            5 => "mirrored and turned by 270 degrees",
            6 => "turned by 90 degrees",
            7 => "mirrored and turned by 90 degrees",
            8 => "turned by 270 degrees",
            _ => "upright",
        };
        write!(f, "{} ({turn})", self.0)
    }
}

impl From<Orientation> for u8 {
    fn from(orientation: Orientation) -> Self {
        orientation.0
    }
}

impl TryFrom<u8> for Orientation {
    type Error = OrientationError;

    fn try_from(found: u8) -> Result<Self, Self::Error> {
        Self::new(found).ok_or(OrientationError { found })
    }
}

/// A number outside 1 ..= 8, the EXIF orientations.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected an orientation of 1 to 8, but found {found}")]
#[non_exhaustive]
pub struct OrientationError {
    /// The number found.
    pub found: u8,
}

/// Segments of a JPEG behind SOI: ITU-T T.81, B.1.1.4. The first EXIF block counts.
fn in_segments(mut rest: &[u8]) -> Option<Orientation> {
    loop {
        let [0xFF, marker, high, low, behind @ ..] = rest else {
            return None;
        };
        // APPn, COM, and the tables that may stand between them.
        if !matches!(marker, 0xC4 | 0xDB | 0xDD | 0xE0..=0xEF | 0xFE) {
            return None;
        }
        let len = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(2);
        let data = behind.get(..len).unwrap_or(behind);
        match data.strip_prefix(b"Exif\0\0") {
            Some(tiff) if *marker == 0xE1 => return in_tiff(tiff),
            _ => rest = behind.get(len..)?,
        }
    }
}

/// Chunks of a PNG behind the signature, up to the pixels: PNG (third edition), 11.3.4.5 (eXIf).
fn in_png_chunks(mut rest: &[u8]) -> Option<Orientation> {
    loop {
        let (head, behind) = rest.split_first_chunk::<8>()?;
        let [l1, l2, l3, l4, kind @ ..] = *head;
        let len = usize::try_from(u32::from_be_bytes([l1, l2, l3, l4])).ok()?;
        match &kind {
            b"eXIf" => return in_tiff(behind.get(..len).unwrap_or(behind)),
            b"IDAT" => return None,
            _ => rest = behind.get(len.checked_add(4)?..)?,
        }
    }
}

/// Chunks of a WebP: RFC 9649, 2.3 and 2.7.1.5. Some writers begin the data as JPEG's.
fn in_riff_chunks(mut rest: &[u8]) -> Option<Orientation> {
    loop {
        let (head, behind) = rest.split_first_chunk::<8>()?;
        let [kind @ .., l1, l2, l3, l4] = *head;
        let len = usize::try_from(u32::from_le_bytes([l1, l2, l3, l4])).ok()?;
        if let [b'E', b'X', b'I', b'F'] = kind {
            let data = behind.get(..len).unwrap_or(behind);
            return in_tiff(data.strip_prefix(b"Exif\0\0").unwrap_or(data));
        }
        rest = behind.get(len.checked_add(len % 2)?..)?;
    }
}

/// The tag in the first directory of a TIFF structure: TIFF 6.0, section 2.
fn in_tiff(tiff: &[u8]) -> Option<Orientation> {
    const ORIENTATION: u16 = 274;
    const SHORT: u16 = 3;

    let (order, rest) = tiff.split_first_chunk::<4>()?;
    let is_little = match order {
        b"II\x2A\0" => true,
        b"MM\0\x2A" => false,
        _ => return None,
    };
    let short = |[a, b]: [u8; 2]| {
        if is_little {
            u16::from_le_bytes([a, b])
        } else {
            u16::from_be_bytes([a, b])
        }
    };
    let at = rest.first_chunk::<4>().map(|&at| {
        if is_little {
            u32::from_le_bytes(at)
        } else {
            u32::from_be_bytes(at)
        }
    })?;
    let directory = tiff.get(usize::try_from(at).ok()?..)?;
    let (count, entries) = directory.split_first_chunk::<2>()?;
    entries
        .chunks_exact(12)
        .take(usize::from(short(*count)))
        .find_map(|entry| match *entry {
            // Tag, type, how many (four bytes), the value.
            [t1, t2, y1, y2, _, _, _, _, v1, v2, _, _]
                if short([t1, t2]) == ORIENTATION && short([y1, y2]) == SHORT =>
            {
                Some(short([v1, v2]))
            }
            _ => None,
        })
        .and_then(|number| Orientation::new(u8::try_from(number).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiff(order: &[u8; 2], number: u16) -> Vec<u8> {
        let little = order == b"II";
        let short = |n: u16| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let long = |n: u32| {
            if little {
                n.to_le_bytes()
            } else {
                n.to_be_bytes()
            }
        };
        let mut tiff = order.to_vec();
        tiff.extend(short(42));
        tiff.extend(long(8));
        tiff.extend(short(2));
        // Image width first, then the orientation.
        for (tag, value) in [(256, 9), (274, number)] {
            tiff.extend(short(tag));
            tiff.extend(short(3));
            tiff.extend(long(1));
            tiff.extend(short(value));
            tiff.extend([0, 0]);
        }
        tiff.extend(long(0));
        tiff
    }

    fn jpeg(tiff: &[u8]) -> Vec<u8> {
        let mut file = b"\xFF\xD8\xFF\xE0\x00\x04JF\xFF\xE1".to_vec();
        file.extend((8 + tiff.len() as u16).to_be_bytes());
        file.extend(b"Exif\0\0");
        file.extend(tiff);
        file
    }

    fn png(tiff: &[u8]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1A\n\0\0\0\x01sRGB\0....".to_vec();
        file.extend((tiff.len() as u32).to_be_bytes());
        file.extend(b"eXIf");
        file.extend(tiff);
        file
    }

    fn webp(tiff: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF....WEBPICCP\x01\0\0\0..EXIF".to_vec();
        file.extend((tiff.len() as u32).to_le_bytes());
        file.extend(tiff);
        file
    }

    #[test]
    fn every_orientation_is_found_in_each_format_and_byte_order() {
        for order in [b"II", b"MM"] {
            for number in 1..=8 {
                let tiff = tiff(order, u16::from(number));
                for file in [jpeg(&tiff), png(&tiff), webp(&tiff)] {
                    assert_eq!(Orientation::find(&file).map(Orientation::get), Some(number));
                }
            }
        }
    }

    #[test]
    fn a_number_out_of_range_is_none_and_no_cut_file_panics() {
        assert_eq!(Orientation::find(&jpeg(&tiff(b"II", 0))), None);
        assert_eq!(Orientation::find(&jpeg(&tiff(b"MM", 9))), None);
        assert_eq!(Orientation::find(&jpeg(&tiff(b"MM", 0x0106))), None);
        for file in [
            jpeg(&tiff(b"II", 6)),
            png(&tiff(b"II", 6)),
            webp(&tiff(b"MM", 6)),
        ] {
            for len in 0..file.len() {
                let found = Orientation::find(&file[..len]);
                assert!(found.is_none_or(|found| found.get() == 6));
            }
        }
    }

    #[test]
    fn what_stands_behind_the_frame_header_is_not_the_images() {
        let mut file = b"\xFF\xD8\xFF\xC0\x00\x0B\x08\x01\xF4\x01\x90\x01\x01\x11\x00".to_vec();
        file.extend(&jpeg(&tiff(b"II", 6))[2..]);
        assert_eq!(Orientation::find(&file), None);
        let mut file = b"\x89PNG\r\n\x1A\n\0\0\0\0IDAT\0\0\0\0".to_vec();
        file.extend(&png(&tiff(b"II", 6))[8..]);
        assert_eq!(Orientation::find(&file), None);
    }

    #[test]
    fn four_of_the_eight_swap_the_sides_and_one_is_upright() {
        for number in 1..=8 {
            let orientation = Orientation::new(number).unwrap();
            assert_eq!(orientation.is_upright(), number == 1);
            assert_eq!(orientation.swaps_sides(), number >= 5);
            assert_eq!(u8::from(orientation), number);
        }
        assert_eq!((Orientation::new(0), Orientation::new(9)), (None, None));
    }
}
