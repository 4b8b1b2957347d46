//! WebP: RFC 9649, 2 and 3, and RFC 6386, 9.1.

use preflight::Defect;
use testkit::{Vp8, Vp8l, Vp8x, Webp};

use crate::{broken, header, set};

fn vp8(change: impl FnOnce(&mut Vp8)) -> Vec<u8> {
    let mut vp8 = Vp8::new(40, 50);
    change(&mut vp8);
    Webp::new().vp8(vp8, &[0; 30]).build()
}

fn vp8l(change: impl FnOnce(&mut Vp8l)) -> Vec<u8> {
    let mut vp8l = Vp8l::new(40, 50);
    change(&mut vp8l);
    Webp::new().vp8l(vp8l, &[0; 30]).build()
}

fn size(least: u32, most: u32, found: u32) -> Defect {
    Defect::ChunkSize { least, most, found }
}

/// The RIFF size stands at 4, the first chunk at 12, its size at 16, its data at 20.
#[test]
fn a_fault_is_told_where_it_stands() {
    let file = vp8l(|_| ());
    assert_eq!(header(&file).declared_len, Some(file.len() as u64));
    let file = || vp8(|_| ());
    for (file, defect, at) in [
        (
            set(file(), 4, [11, 0, 0, 0]),
            Defect::RiffSize {
                least: 12,
                found: 11,
            },
            4,
        ),
        (
            set(file(), 12, *b"JUNK"),
            Defect::FirstWebpChunk { found: *b"JUNK" },
            12,
        ),
        (set(file(), 16, [9, 0, 0, 0]), size(10, 40, 9), 16),
        (set(file(), 16, [41, 0, 0, 0]), size(10, 40, 41), 16),
        (vp8(|v| v.key_frame = false), Defect::Vp8KeyFrame, 20),
        (vp8(|v| v.version = 4), Defect::Vp8Profile { found: 4 }, 20),
        (
            vp8(|v| (v.version, v.show_frame) = (3, false)),
            Defect::Vp8NotShown,
            20,
        ),
        (
            vp8(|v| v.partition_len = 40),
            Defect::Vp8Partition {
                chunk: 40,
                found: 40,
            },
            20,
        ),
        (
            vp8(|v| v.start_code = [1, 2, 3]),
            Defect::Vp8StartCode { found: [1, 2, 3] },
            23,
        ),
        (
            vp8(|v| v.width = 0),
            Defect::ZeroSide {
                width: 0,
                height: 50,
            },
            26,
        ),
        (
            vp8l(|v| v.signature = 0x2E),
            Defect::Vp8lSignature { found: 0x2E },
            20,
        ),
        (
            vp8l(|v| v.version = 1),
            Defect::Vp8lVersion { found: 1 },
            24,
        ),
    ] {
        assert_eq!(broken(&file), (defect, at));
    }
}

#[test]
fn a_cut_file_says_how_much_is_missing() {
    for (len, needed) in [(5, 12), (11, 12), (12, 20), (19, 20)] {
        let cut = &set(vp8(|_| ()), 4, [0, 1, 0, 0])[..len];
        let defect = Defect::Truncated {
            needed,
            len: len as u64,
        };
        assert_eq!(broken(cut).0, defect, "{len}");
    }
}

fn extended(canvas: (u32, u32), picture: (u32, u32)) -> Vec<u8> {
    let (width, height) = picture;
    Webp::new()
        .vp8x(Vp8x::new(canvas.0, canvas.1))
        .vp8l(Vp8l::new(width, height), &[0; 9])
        .build()
}

/// VP8X's data stand at 20, the canvas at 24; the next chunk is at 30, its size at 34.
#[test]
fn a_fault_of_an_extended_file_is_told_where_it_stands() {
    let file = || extended((40, 50), (40, 50));
    assert_eq!((header(&file()).width, header(&file()).height), (40, 50));
    let room = file().len() as u32 - 38;
    let (canvas, picture) = ((40, 50), (41, 50));
    for (file, defect, at) in [
        (
            extended(canvas, picture),
            Defect::CanvasPicture { canvas, picture },
            38,
        ),
        (set(file(), 16, [11, 0, 0, 0]), size(10, 10, 11), 16),
        (set(file(), 34, [99, 0, 0, 0]), size(5, room, 99), 34),
        (
            set(file(), 4, [34, 0, 0, 0]),
            Defect::RiffSize {
                least: 35,
                found: 34,
            },
            4,
        ),
        // So small a container has no room for the ten bytes themselves.
        (set(file(), 4, [16, 0, 0, 0]), size(10, 4, 10), 16),
    ] {
        assert_eq!(broken(&file), (defect, at));
    }
}

#[test]
fn the_largest_canvas_and_the_smallest_container() {
    let animated = |width, height| {
        let vp8x = Vp8x {
            flags: Vp8x::ANIMATION,
            ..Vp8x::new(width, height)
        };
        Webp::new().vp8x(vp8x).chunk(*b"ANIM", &[0; 6]).build()
    };
    // 2^32 - 1 px, and one more.
    assert_eq!(header(&animated(65_537, 65_535)).width, 65_537);
    let (width, height) = (65_536, 65_536);
    let area = Defect::CanvasArea { width, height };
    assert_eq!(broken(&animated(width, height)), (area, 24));

    let vp8l = Vp8l::new(4, 5);
    let least = Webp::new().vp8x(Vp8x::new(4, 5)).vp8l(vp8l, &[]).build();
    assert_eq!(header(&set(least, 4, [35, 0, 0, 0])).width, 4);
}

/// Behind a profile of an odd number of bytes, which one more pads, stands the picture.
#[test]
fn the_picture_of_a_whole_file_is_held_against_the_canvas() {
    let behind = |chunk: usize, picture: (u32, u32)| {
        Webp::new()
            .vp8x(Vp8x::new(40, 50))
            .chunk(*b"ICCP", &vec![7; chunk])
            .vp8l(Vp8l::new(picture.0, picture.1), &[0; 9])
            .build()
    };
    let whole = |file: &[u8]| {
        let checked = header(file).check_whole(file);
        checked.map_err(|error| (error.defect, error.offset))
    };
    let (canvas, picture) = ((40, 50), (41, 50));
    for chunk in [6_usize, 7] {
        // Two headers of chunks, and one chunk, stand before its data.
        let at = 30 + 8 + chunk.next_multiple_of(2) as u64 + 8;
        assert_eq!(whole(&behind(chunk, canvas)), Ok(()));
        let defect = Defect::CanvasPicture { canvas, picture };
        assert_eq!(whole(&behind(chunk, picture)), Err((defect, at)));
    }
    // No picture before the end that RIFF names, though one stands behind it.
    let file = behind(6, canvas);
    let none = set(file.clone(), 4, [36, 0, 0, 0]);
    assert_eq!(whole(&none), Err((Defect::NoPicture, 44)));
    // A picture whose chunk leads out of the container.
    let room = file.len() as u32 - 52;
    let out = set(file, 48, (room + 1).to_le_bytes());
    assert_eq!(whole(&out), Err((size(5, room, room + 1), 48)));
    // Without VP8X there is no canvas.
    let plain = vp8l(|_| ());
    assert_eq!(whole(&plain), Ok(()));
}
