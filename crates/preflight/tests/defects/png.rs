//! PNG: the third edition of its specification, 5.2, 5.3 and 11.2.1.

use preflight::Defect;
use testkit::{Ihdr, Png};

use crate::{broken, header, set};

/// The 33 bytes up to the end of IHDR. Its data begin at 16, its checksum at 29.
fn png(change: impl FnOnce(&mut Ihdr)) -> Vec<u8> {
    let mut ihdr = Ihdr::new(400, 500);
    change(&mut ihdr);
    Png::new().ihdr(ihdr).build()
}

#[test]
fn a_fault_is_told_where_it_stands() {
    const MAX: u32 = (1 << 31) - 1;
    let sides = |width, height| png(|ihdr| (ihdr.width, ihdr.height) = (width, height));
    let too_large = |found| Defect::SideTooLarge { found };
    assert_eq!(
        (header(&sides(MAX, 1)).width, header(&sides(1, MAX)).height),
        (MAX, MAX)
    );
    let plain = || png(|_| ());
    for (file, defect, at) in [
        (
            sides(0, 9),
            Defect::ZeroSide {
                width: 0,
                height: 9,
            },
            16,
        ),
        (sides(MAX + 1, 9), too_large(MAX + 1), 16),
        (sides(MAX + 2, 9), too_large(MAX + 2), 16),
        (sides(9, MAX + 1), too_large(MAX + 1), 20),
        (sides(9, MAX + 2), too_large(MAX + 2), 20),
        (
            png(|i| i.colour_type = 1),
            Defect::ColourType {
                colour: 1,
                depth: 8,
            },
            24,
        ),
        (
            png(|i| (i.compression, i.filter) = (1, 1)),
            Defect::CompressionMethod { found: 1 },
            26,
        ),
        (png(|i| i.filter = 1), Defect::FilterMethod { found: 1 }, 27),
        (
            png(|i| i.interlace = 2),
            Defect::InterlaceMethod { found: 2 },
            28,
        ),
        (
            set(plain(), 8, [0, 0, 0, 14]),
            Defect::IhdrLength { found: 14 },
            8,
        ),
        (
            set(plain(), 12, *b"IDAT"),
            Defect::FirstChunk { found: *b"IDAT" },
            12,
        ),
    ] {
        assert_eq!(broken(&file), (defect, at));
    }
    let (defect, at) = broken(&set(plain(), 29, [0; 4]));
    assert!(matches!(defect, Defect::IhdrCrc { found: 0, .. }));
    assert_eq!(at, 29);
}

#[test]
fn only_one_of_apples_chunks_may_come_first() {
    let twice = Png::new().cgbi().cgbi().ihdr(Ihdr::new(4, 5)).build();
    let second = Png::new().cgbi().len() as u64;
    let found = *b"CgBI";
    assert_eq!(broken(&twice), (Defect::FirstChunk { found }, second + 4));
}
