//! Headers far behind: 32 MiB may stand before one, and not a byte more.

use preflight::Defect;
use testkit::Png;

use crate::broken;

const LIMIT: u64 = 32 << 20;

/// Where what leads too far begins; none if the file ends before.
fn too_long(file: &[u8]) -> Option<u64> {
    match broken(file) {
        (Defect::HeaderTooLong { limit: LIMIT }, at) => Some(at),
        (Defect::Truncated { .. }, _) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_chunk_before_ihdr() {
    // Behind the signature, the chunk and its frame of twelve bytes.
    let room = LIMIT as u32 - 8 - 12;
    let chunk = |length| {
        let png = Png::new().chunk_stating(*b"CgBI", length, &[0; 9], 0);
        png.build()
    };
    assert_eq!(too_long(&chunk(room)), None);
    assert_eq!(too_long(&chunk(room + 1)), Some(8));
}

#[test]
fn segments_before_a_frame() {
    // SOI, and segments of 65,537 bytes: 511 of them end 65,023 bytes before the limit.
    let full = [&[0xFF, 0xE1, 0xFF, 0xFF][..], &[0; 65_533]].concat();
    let start = [&[0xFF, 0xD8][..], &full.repeat(511)].concat();
    let left = LIMIT as usize - start.len();
    let last = |len: usize| {
        let [high, low] = u16::try_from(len - 2).unwrap().to_be_bytes();
        [&start[..], &[0xFF, 0xE1, high, low], &vec![0; len - 4]].concat()
    };
    assert_eq!(too_long(&last(left)), None);
    assert_eq!(too_long(&last(left + 1)), Some(start.len() as u64));
}
