//! Memory: the worst image of each format, many at once, under one ceiling. The process measures
//! its own peak, so that this file holds one test.
#![cfg(all(feature = "decode", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::thread;

use gate::{DecodeMemory, Gate, Profile};
use testkit::{Frame, Ihdr, Jpeg, Png, Sof, Vp8l, Webp};

/// Bytes that the process has held at the most.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// Images of 7000 x 7000 px in a few bytes, which claim as much as they can.
fn worst() -> Vec<(&'static str, Vec<u8>)> {
    let side = 7000;
    // Quantisation and Huffman tables of one code, and a scan without data: the memory is taken
    // before that shows.
    let mut jpeg = Jpeg::new()
        .segment(0xDB, &[0; 65])
        .frame(Frame::new(Sof::Progressive, side, side))
        .segment(0xC4, &[&[0, 1][..], &[0; 15], &[0]].concat())
        .build();
    jpeg.extend(b"\xFF\xDA\x00\x0C\x03\x01\x00\x02\x00\x03\x00\x00\x00\x00");
    jpeg.extend([0x55; 5_000]);
    jpeg.extend([0xFF, 0xD9]);
    // A profile that would inflate to a gigabyte, then pixels of 16 bits and four channels.
    let png = Png::new()
        .ihdr(Ihdr::new(u32::from(side), u32::from(side)))
        .chunk(
            *b"iCCP",
            &[&b"name\0\0\x78\xDA"[..], &[0xEC; 200_000]].concat(),
        )
        .idat_blank(60_000, 1)
        .iend()
        .build();
    let webp = Webp::new()
        // No transform, no cache, one symbol for each of the five codes: every pixel takes no bit.
        .vp8l(
            Vp8l::new(u32::from(side), u32::from(side)),
            &[0x88, 0x88, 0x08, 0, 0],
        )
        .build();
    vec![("jpeg", jpeg), ("png", png), ("webp", webp)]
}

#[test]
fn many_large_images_at_once_stay_below_one_ceiling() {
    const CEILING: u64 = 420_000_000;
    let memory = DecodeMemory::new(CEILING);
    let gate = Gate::builder(Profile::emo()).decode(memory.clone()).build();
    let images = worst();
    let before = peak();
    thread::scope(|scope| {
        for _ in 0..3 {
            for (name, bytes) in &images {
                let gate = &gate;
                scope.spawn(move || {
                    let report = gate.screen_bytes(bytes.clone()).into_report();
                    assert_eq!(report.stage().name(), "content", "{name}: {report:?}");
                });
            }
        }
    });
    assert_eq!(memory.used(), 0);
    let grown = peak() - before;
    assert!(
        grown > 40_000_000,
        "the test takes memory at all: {grown} bytes"
    );
    assert!(grown < CEILING, "{grown} bytes");

    // What alone is more than the ceiling is not begun.
    let small = Gate::builder(Profile::emo()).decode(100_000_000).build();
    let (_, webp) = images.into_iter().next_back().unwrap();
    let report = small.screen_bytes(webp).into_report();
    assert_eq!(
        report.errors().next().unwrap().code,
        gate::Code::DecodeLimit
    );
}
