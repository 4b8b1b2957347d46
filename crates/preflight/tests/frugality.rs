//! Exactly what seeing a file costs: bytes, reads, and nothing else. Counts, not times.

use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use preflight::{Content, Format, probe_file, probe_reader};
use tempfile::TempDir;
use testkit::{Jpeg, Sof, manifest, photos};

/// Counts what a reader is asked for.
struct Counting {
    bytes: Cursor<Vec<u8>>,
    read: u64,
    reads: u32,
}

impl Counting {
    fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes: Cursor::new(bytes),
            read: 0,
            reads: 0,
        }
    }
}

impl Read for &mut Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.read += read as u64;
        self.reads += 1;
        Ok(read)
    }
}

impl Seek for &mut Counting {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// Bytes and reads that probing takes, as counted outside; what the probed says must agree.
#[expect(clippy::unwrap_used, reason = "reading from memory does not fail")]
fn cost(bytes: Vec<u8>) -> (u64, u32) {
    let mut reader = Counting::new(bytes);
    let probed = probe_reader(&mut reader).unwrap();
    assert!(
        matches!(probed.content, Content::Image(_)),
        "{:?}",
        probed.content
    );
    assert_eq!(
        (probed.bytes_read, probed.reads),
        (reader.read, reader.reads)
    );
    (reader.read, reader.reads)
}

#[test]
fn png_bmp_and_webp_take_one_read() {
    let mut seen = 0;
    for row in &manifest::load().files {
        let probed = probe_file(&row.location()).unwrap();
        if let Content::Image(header) = probed.content
            && header.format != Format::Jpeg
        {
            assert_eq!(probed.reads, 1, "{}", row.path);
            let len = row.read().len() as u64;
            assert_eq!(probed.bytes_read, len.min(4096), "{}", row.path);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn a_segment_that_leads_out_of_the_window_costs_one_read_of_512_bytes() {
    let photo = |app1: usize| {
        Jpeg::new()
            .app1(photos::EXIF, app1)
            .dqt()
            .sof(Sof::Baseline, 800, 600)
            .build()
    };
    let padded = |app1| [photo(app1), vec![0; 10_000]].concat();
    assert_eq!(cost(padded(2_000)), (4096, 1));
    assert_eq!(cost(padded(60_000)), (4096 + 512, 2));
    // Two such segments: two jumps.
    let two = Jpeg::new()
        .app1(photos::EXIF, 60_000)
        .app(13, b"Photoshop 3.0\0", 60_000)
        .sof(Sof::Progressive, 800, 600)
        .build();
    assert_eq!(cost([two, vec![0; 10_000]].concat()), (4096 + 2 * 512, 3));
}

#[test]
fn windows_grow_over_junk_so_that_it_costs_few_reads() {
    let junk = Jpeg::new()
        .junk(&[0x55; 60_000])
        .sof(Sof::Baseline, 800, 600)
        .build();
    let (bytes, reads) = cost([junk, vec![0; 10_000]].concat());
    assert!(
        reads <= 20 && bytes <= 66_000,
        "{bytes} bytes in {reads} reads"
    );
}

#[test]
fn photographs_take_less_than_two_reads_and_five_kilobytes_in_the_mean() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("photo.jpg");
    let (mut bytes, mut reads, mut count) = (0, 0, 0);
    for photo in photos::photos(1, 400, 20_000) {
        fs::write(&path, &photo.bytes).unwrap();
        let probed = probe_file(&path).unwrap();
        let Content::Image(header) = probed.content else {
            panic!("{probed:?}")
        };
        assert_eq!((header.width, header.height), (photo.width, photo.height));
        // The length was not needed, and not asked for: with open and close, the reads are all the
        // system calls there are.
        assert_eq!(probed.len, None);
        bytes += probed.bytes_read;
        reads += u64::from(probed.reads);
        count += 1;
    }
    assert_eq!(count, 400);
    assert!(bytes <= 5_000 * count, "{} bytes a file", bytes / count);
    assert!(reads <= 2 * count, "{reads} reads for {count} files");
}
