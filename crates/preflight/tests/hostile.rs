//! Bytes made to waste time or memory. The work is counted, never timed.
mod shared;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use preflight::{Content, Defect, probe_bytes, probe_reader};
use testkit::{Bmp, Ihdr, Png, Vp8, Vp8l, Vp8x, Webp};

/// Counts the bytes read.
struct Counting(Cursor<Vec<u8>>, u64);

impl Read for &mut Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1 += read as u64;
        Ok(read)
    }
}

impl Seek for &mut Counting {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// More than any header may cost to read: the limits on junk and fill, and a window a segment.
const MOST_READ: u64 = 2 * (64 << 10) + 1025 * 512 + 4096 + 16 * 1024;

#[test]
fn ten_hostile_megabytes_cost_little_to_read() {
    let mut seen = 0;
    for hostile in testkit::hostile::all(10 << 20) {
        let mut reader = Counting(Cursor::new(hostile.bytes.clone()), 0);
        let probed = probe_reader(&mut reader).unwrap();
        assert_eq!(
            probed.content,
            probe_bytes(&hostile.bytes).content,
            "{}",
            hostile.name
        );
        assert!(
            reader.1 <= MOST_READ,
            "{}: {} bytes",
            hostile.name,
            reader.1
        );
        assert!(
            probed.reads < 2_100,
            "{}: {} reads",
            hostile.name,
            probed.reads
        );
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}

#[expect(clippy::panic, reason = "a test fails by a panic")]
fn defect(bytes: &[u8]) -> Defect {
    match probe_bytes(bytes).content {
        Content::Broken(error) => error.defect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_limit_holds_at_its_value_and_not_before() {
    let frame = b"\xFF\xC0\x00\x0B\x08\x01\xF4\x01\x90\x01\x01\x11\x00";
    let jpeg = |between: &[u8]| [b"\xFF\xD8".as_slice(), between, frame].concat();
    let sound = |between: &[u8]| {
        assert!(matches!(
            probe_bytes(&jpeg(between)).content,
            Content::Image(_)
        ));
    };
    sound(&[0x55; 64 << 10]);
    assert_eq!(
        defect(&jpeg(&[0x55; (64 << 10) + 1])),
        Defect::TooMuchJunk { limit: 64 << 10 }
    );
    sound(&[0xFF; 64 << 10]);
    assert_eq!(
        defect(&jpeg(&[0xFF; (64 << 10) + 1])),
        Defect::TooMuchFill { limit: 64 << 10 }
    );
    let comments = b"\xFF\xFE\x00\x02".repeat(1024);
    sound(&comments);
    let one_more = [comments.as_slice(), b"\xFF\xFE\x00\x02"].concat();
    assert_eq!(
        defect(&jpeg(&one_more)),
        Defect::TooManySegments { limit: 1024 }
    );
    let restarts = b"\xFF\xD0".repeat(1025);
    assert_eq!(
        defect(&jpeg(&restarts)),
        Defect::TooManySegments { limit: 1024 }
    );
}

#[test]
fn a_header_ends_within_32_mib() {
    // 512 segments of 64 KiB and a few bytes lead beyond it.
    let segment = [b"\xFF\xE1\xFF\xFF".as_slice(), &[0; 65_533]].concat();
    let long = [b"\xFF\xD8".as_slice(), &segment.repeat(512)].concat();
    assert_eq!(defect(&long), Defect::HeaderTooLong { limit: 32 << 20 });
    shared::any_way_the_same(&long, &[0xFF]);
    // Apple's chunk, of four gigabytes.
    let png = Png::new()
        .chunk_stating(*b"CgBI", u32::MAX, b"\x50\x00\x20\x02", 0)
        .build();
    assert_eq!(defect(&png), Defect::HeaderTooLong { limit: 32 << 20 });
}

#[test]
fn sizes_that_overflow_do_not() {
    // The greatest rows that a BMP can declare: the file is truncated, and nothing wraps.
    let mut bmp = vec![0; 54];
    bmp[..2].copy_from_slice(b"BM");
    bmp[10..14].copy_from_slice(&u32::MAX.to_le_bytes());
    bmp[14] = 40;
    bmp[18..22].copy_from_slice(&i32::MAX.to_le_bytes());
    bmp[22..26].copy_from_slice(&i32::MIN.to_le_bytes());
    bmp[26] = 1;
    bmp[28] = 64;
    assert_eq!(
        defect(&bmp),
        Defect::Truncated {
            needed: u64::MAX,
            len: 54
        }
    );
}

#[expect(clippy::panic, reason = "a test fails by a panic")]
fn size(bytes: &[u8]) -> (u32, u32) {
    match probe_bytes(bytes).content {
        Content::Image(header) => (header.width, header.height),
        other => panic!("{other:?}"),
    }
}

/// Section 7.1 ends both sides at 2^31 - 1, and 11.2.1 the depths at 16.
#[test]
fn a_png_holds_to_its_numbers() {
    let ihdr = |ihdr| Png::new().ihdr(ihdr).build();
    let most = (1 << 31) - 1;
    assert_eq!(size(&ihdr(Ihdr::new(most, most))), (most, most));
    for (width, height) in [(1 << 31, 1), (1, 1 << 31)] {
        assert_eq!(
            defect(&ihdr(Ihdr::new(width, height))),
            Defect::SideTooLarge { found: 1 << 31 }
        );
    }
    for bit_depth in [17, 32, 255] {
        let deep = Ihdr {
            bit_depth,
            ..Ihdr::new(1, 1)
        };
        assert_eq!(
            defect(&ihdr(deep)),
            Defect::ColourType {
                colour: 2,
                depth: bit_depth
            }
        );
    }
    let twice = Png::new().cgbi().cgbi().ihdr(Ihdr::new(1, 1)).build();
    assert_eq!(defect(&twice), Defect::FirstChunk { found: *b"CgBI" });
}

/// In OS/2, 4 is a run length coding and 5 nothing; with Windows they are a JPEG and a PNG.
#[test]
fn the_codings_of_os_2_are_its_own() {
    let coded = |dib, coding| Bmp::new(7, 9).dib_size(dib).compression(coding).build();
    assert_eq!(defect(&coded(40, 4)), Defect::EmbeddedJpeg);
    assert_eq!(defect(&coded(40, 5)), Defect::EmbeddedPng);
    assert_eq!(size(&coded(64, 4)), (7, 9));
    let unknown = Defect::Compression { found: 5, bits: 24 };
    assert_eq!(defect(&coded(64, 5)), unknown);
}

#[test]
fn a_bitmap_array_is_more_than_two_letters() {
    let array = Bmp::new(7, 9).build_array();
    assert_eq!(defect(&array), Defect::BitmapArray);
    let mut other = array;
    other[14..16].copy_from_slice(b"XX");
    assert!(!matches!(
        probe_bytes(&other).content,
        Content::Image(_)
            | Content::Broken(preflight::HeaderError {
                defect: Defect::BitmapArray,
                ..
            })
    ));
}

/// If the pixels are said to begin where the palette stands, the file has room for one or has not.
#[test]
fn a_palette_may_be_where_the_header_does_not_say() {
    let palette = [0x55; 4 * 256];
    let indexed = || Bmp::new(8, 8).bits(8).palette(&palette).data_offset(54);
    assert_eq!(size(&indexed().build()), (8, 8));
    assert_eq!(
        defect(&indexed().file_size(54 + 64).build()),
        Defect::NoPalette { colours: 256 }
    );
}

/// What a chunk states, and what the container has room for.
#[test]
fn a_webp_holds_to_its_sizes() {
    let vp8 = Vp8::new(40, 30);
    let sound = Webp::new().vp8(vp8, &[0; 10]).build();
    assert_eq!(size(&sound), (40, 30));
    for (kind, least) in [(*b"VP8 ", 10), (*b"VP8L", 5)] {
        let short = Webp::new().chunk_stating(kind, least - 1, &[0; 20]).build();
        assert_eq!(
            defect(&short),
            Defect::ChunkSize {
                least,
                most: 20,
                found: least - 1
            }
        );
    }
    // Ten bytes of VP8X do not fit into the container.
    let header = Vp8x::new(40, 30);
    for riff in 12..22 {
        let tight = Webp::new().vp8x(header).riff_size(riff).build();
        assert_eq!(
            defect(&tight),
            Defect::ChunkSize {
                least: 10,
                most: riff - 12,
                found: 10
            }
        );
    }
    // They do, and no picture does.
    for riff in 22..35 {
        let no_picture = Webp::new().vp8x(header).riff_size(riff).build();
        assert!(
            matches!(defect(&no_picture), Defect::RiffSize { found, .. } if found == riff),
            "{riff}"
        );
    }
    let other = Webp::new()
        .vp8x(header)
        .vp8l(Vp8l::new(40, 31), b"")
        .build();
    assert_eq!(
        defect(&other),
        Defect::CanvasPicture {
            canvas: (40, 30),
            picture: (40, 31)
        }
    );
}

/// Behind other chunks, the picture is found only in the whole file, if it is there.
#[test]
fn the_picture_of_a_whole_webp_is_looked_for_to_its_end() {
    let icc = || {
        Webp::new()
            .vp8x(Vp8x::new(40, 30))
            .chunk(*b"ICCP", &[7; 99])
    };
    let whole = |bytes: &[u8]| match probe_bytes(bytes).content {
        Content::Image(header) => header.check_whole(bytes).map_err(|error| error.defect),
        other => panic!("{other:?}"),
    };
    let picture = |height| icc().vp8l(Vp8l::new(40, height), b"").build();
    assert_eq!(whole(&picture(30)), Ok(()));
    assert_eq!(
        whole(&picture(31)),
        Err(Defect::CanvasPicture {
            canvas: (40, 30),
            picture: (40, 31)
        })
    );
    assert_eq!(whole(&icc().build()), Err(Defect::NoPicture));
    // However it is cut, it is no panic and no picture.
    let sound = picture(30);
    let Content::Image(header) = probe_bytes(&sound).content else {
        panic!("it is an image")
    };
    for len in 0..sound.len() {
        let cut = header.check_whole(&sound[..len]);
        assert!(cut.is_err() || len >= sound.len() - 1, "{len} bytes");
    }
    for len in 0..20 {
        let error = header.check_whole(&sound[..len]).unwrap_err();
        assert_eq!(
            (error.defect, error.offset),
            (Defect::NoPicture, len as u64)
        );
    }
}
