//! JPEG: ITU-T T.81, B.1.1 and B.2.2.

use preflight::Defect;
use testkit::{Jpeg, Sof};

use crate::{broken, header, set};

/// SOI, then the frame header at 2: its length at 4, precision at 6, height at 7, width at 9, the
/// number of components at 11, and three bytes for each.
fn jpeg() -> Vec<u8> {
    Jpeg::new().sof(Sof::Baseline, 400, 500).sos().build()
}

#[test]
fn a_fault_is_told_where_it_stands() {
    for (at, byte, defect) in [
        (6, 9, Defect::SamplePrecision { found: 9 }),
        (11, 5, Defect::ComponentCount { found: 5 }),
        // Hi and Vi of each component.
        (13, 0x51, Defect::SamplingFactor { found: 0x51 }),
        (16, 0x51, Defect::SamplingFactor { found: 0x51 }),
        (19, 0x51, Defect::SamplingFactor { found: 0x51 }),
    ] {
        assert_eq!(broken(&set(jpeg(), at, [byte])), (defect, at as u64));
    }
    let length = Defect::FrameLength {
        expected: 17,
        found: 18,
    };
    assert_eq!(broken(&set(jpeg(), 4, [0, 18])), (length, 4));
    let side = Defect::ZeroSide {
        width: 0,
        height: 500,
    };
    assert_eq!(broken(&set(jpeg(), 9, [0, 0])), (side, 9));
    assert_eq!(broken(&set(jpeg(), 7, [0, 0])), (Defect::HeightDeferred, 7));
}

/// A segment's length counts its own two bytes.
#[test]
fn the_least_length_of_a_segment_is_two() {
    let segment = |length| {
        let jpeg = Jpeg::new().segment_stating(0xDB, length, &[]);
        jpeg.sof(Sof::Baseline, 400, 500).build()
    };
    assert_eq!(header(&segment(2)).width, 400);
    let short = Defect::SegmentLength {
        marker: 0xDB,
        found: 1,
    };
    assert_eq!(broken(&segment(1)), (short, 2));
}
