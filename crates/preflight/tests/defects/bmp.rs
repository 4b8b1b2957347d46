//! BMP: BITMAPFILEHEADER, and the headers of Windows and OS/2 behind it.

use preflight::{Defect, Quirk};
use testkit::Bmp;

use crate::{broken, header, set};

#[test]
fn a_fault_is_told_where_it_stands() {
    let bmp = || Bmp::new(4, 5).build();
    for (file, defect, at) in [
        (
            set(bmp(), 18, [0; 4]),
            Defect::ZeroSide {
                width: 0,
                height: 5,
            },
            18,
        ),
        (
            set(bmp(), 22, [0; 4]),
            Defect::ZeroSide {
                width: 4,
                height: 0,
            },
            22,
        ),
        (
            set(bmp(), 18, [0xFF; 4]),
            Defect::NegativeWidth { found: -1 },
            18,
        ),
        (set(bmp(), 26, [2, 0]), Defect::Planes { found: 2 }, 26),
        (set(bmp(), 28, [3, 0]), Defect::BitCount { found: 3 }, 28),
        (set(bmp(), 30, [4]), Defect::EmbeddedJpeg, 30),
        (set(bmp(), 30, [5]), Defect::EmbeddedPng, 30),
    ] {
        assert_eq!(broken(&file), (defect, at));
    }
}

/// In OS/2 the numbers of the codings mean others, and a header may end before it names one.
#[test]
fn what_a_header_of_os2_says_of_its_coding() {
    // Bytes that the header says stand behind the start of the pixels.
    let rows = |file: &[u8]| {
        let pixels = u32::from_le_bytes(file[10..14].try_into().unwrap());
        header(file).declared_len.unwrap() - u64::from(pixels)
    };
    let os2 = |size, compression, bits| {
        let file = Bmp::new(4, 5)
            .dib_size(size)
            .compression(compression)
            .bits(bits)
            .palette(&vec![0; if bits < 24 { 4 << bits } else { 0 }])
            .build();
        assert!(header(&file).quirks.contains(Quirk::Os2), "{size}");
        rows(&file)
    };
    // Five rows of four times three bytes, or rows whose length no field tells.
    assert_eq!((os2(64, 0, 24), os2(64, 1, 8)), (60, 0));
    assert_eq!((os2(64, 3, 1), os2(64, 4, 24)), (0, 0));
    // What stands behind a short header are pixels, whatever coding they would name.
    let short = Bmp::new(4, 5).dib_size(16).build();
    assert_eq!(
        (rows(&short), rows(&set(short, 30, [1, 0, 0, 0]))),
        (60, 60)
    );
    // Bit fields, of Windows, are not compressed.
    assert_eq!(rows(&Bmp::new(4, 5).compression(3).build()), 60);
}

/// Readers show black for colours that are missing. Where all are, there is no palette.
#[test]
fn how_much_of_a_palette_is_one() {
    // Eight bits, 256 colours of four bytes; the palette begins at 54.
    let with_room = |room: u32, file_size: u32| {
        let file = Bmp::new(4, 5).bits(8).palette(&[7; 1_024]).build();
        let file = set(file, 2, file_size.to_le_bytes());
        set(file, 10, (54 + room).to_le_bytes())
    };
    let is_short = |file: &[u8]| header(file).quirks.contains(Quirk::ShortPalette);
    assert!(!is_short(&with_room(1_024, 9_999)));
    for (room, file_size) in [(1_023, 9_999), (300, 9_999), (4, 0)] {
        assert!(is_short(&with_room(room, file_size)), "{room}");
    }
    // bfSize has room for all colours and five rows of four bytes behind the headers, or it has not.
    let whole = 54 + 1_024 + 20;
    assert!(is_short(&with_room(3, whole)));
    let none = (Defect::NoPalette { colours: 256 }, 10);
    assert_eq!(broken(&with_room(3, whole - 1)), none);
    assert_eq!(broken(&with_room(3, 0)), none);

    // biClrUsed, where it is no more than a pixel can tell apart.
    for (used, room, short) in [
        (256, 1_023, true),
        (256, 1_024, false),
        (257, 1_024, false),
        (100, 399, true),
        (100, 400, false),
    ] {
        let file = set(with_room(room, 9_999), 46, u32::to_le_bytes(used));
        assert_eq!(is_short(&file), short, "{used} colours in {room} bytes");
    }
}
