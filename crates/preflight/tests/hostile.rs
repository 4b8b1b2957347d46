//! Bytes made to waste time or memory. The work is counted, never timed.
mod shared;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use preflight::{Content, Defect, probe_bytes, probe_reader};
use testkit::Png;

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
