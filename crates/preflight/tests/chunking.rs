//! Results must not depend on how bytes arrive: whole, in windows, from a reader or from a file;
//! errors included.
mod shared;

use preflight::{Content, measure_file, probe_bytes, probe_file};
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::manifest::{self, File};

/// Fixtures, whole or cut, with some bytes changed: near to every grammar, and off it.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let fixtures: Vec<Vec<u8>> = manifest::load()
        .files
        .iter()
        .map(File::read)
        .filter(|b| b.len() < 1 << 16)
        .collect();
    assert!(fixtures.len() > 100);
    (
        prop::sample::select(fixtures),
        any::<prop::sample::Index>(),
        vec((0..64usize, any::<u8>()), 0..4),
        any::<bool>(),
    )
        .prop_map(|(mut bytes, cut, changes, whole)| {
            if !whole {
                bytes.truncate(cut.index(bytes.len().min(400) + 1));
            }
            for (at, value) in changes {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            bytes
        })
}

/// Sequences of what JPEG headers are made of, in any order.
fn jpeg_soup() -> impl Strategy<Value = Vec<u8>> {
    let segment =
        (0xC0..=0xFEu8, 0..20u16, vec(any::<u8>(), 0..18)).prop_map(|(marker, len, data)| {
            let mut bytes = vec![0xFF, marker];
            bytes.extend(len.to_be_bytes());
            bytes.extend(data);
            bytes
        });
    let element = prop_oneof![
        4 => segment,
        1 => Just(vec![0xFF, 0xFF, 0xFF]),
        1 => Just(vec![0xFF, 0x00]),
        1 => Just(vec![0xFF, 0xD3]),
        1 => vec(any::<u8>(), 1..5),
        2 => Just(b"\xFF\xE1\x00\x08Exif\0\0".to_vec()),
        2 => Just(b"\xFF\xE2\x00\x08MPF\0\0\0".to_vec()),
        2 => Just(b"\xFF\xC0\x00\x0B\x08\x01\xF4\x01\x90\x01\x01\x11\x00".to_vec()),
    ];
    vec(element, 0..12).prop_map(|elements| [vec![vec![0xFF, 0xD8]], elements].concat().concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn damaged_fixtures_get_one_answer(bytes in damaged(), sizes in vec(any::<u8>(), 1..5)) {
        shared::any_way_the_same(&bytes, &sizes);
    }

    #[test]
    fn jpeg_soups_get_one_answer(bytes in jpeg_soup(), sizes in vec(any::<u8>(), 1..5)) {
        shared::any_way_the_same(&bytes, &sizes);
    }

    #[test]
    fn any_bytes_get_one_answer(bytes in vec(any::<u8>(), 0..200), sizes in vec(any::<u8>(), 1..5)) {
        shared::any_way_the_same(&bytes, &sizes);
    }
}

#[test]
fn files_are_what_their_bytes_are() {
    for file in &manifest::load().files {
        let bytes = file.read();
        let expected = probe_bytes(&bytes);
        for probed in [probe_file(&file.location()), measure_file(&file.location())] {
            let probed = probed.unwrap();
            assert_eq!(probed.content, expected.content, "{}", file.path);
            assert_eq!(probed.starts, expected.starts, "{}", file.path);
            let len = bytes.len() as u64;
            assert!(probed.len.is_none_or(|it| it == len), "{}", file.path);
        }
        assert_eq!(
            measure_file(&file.location()).unwrap().len,
            Some(bytes.len() as u64)
        );
        shared::any_way_the_same(&bytes, &[255, 0, 17]);
    }
}

#[test]
fn every_prefix_of_every_fixture_is_a_header_truncated_or_not_recognised() {
    let mut prefixes = 0;
    for file in &manifest::load().files {
        let bytes = file.read();
        let answer = shared::whole(&bytes);
        for len in 0..bytes.len().min(600) {
            prefixes += 1;
            match (probe_bytes(&bytes[..len]).content, answer) {
                // A header is the same header, and a defect is the same defect, from the byte on
                // that shows it.
                (Content::Image(header), Content::Image(whole)) => {
                    assert_eq!(header, whole, "{}", file.path);
                }
                (Content::Broken(error), _) if error.is_truncated() => {}
                (Content::Broken(error), Content::Broken(whole)) => {
                    assert_eq!(error, whole, "{} cut to {len}", file.path);
                }
                (found @ (Content::Image(_) | Content::Broken(_)), _) => {
                    panic!("{} cut to {len} bytes is {found:?}", file.path)
                }
                (_, whole) => {
                    let is_image = matches!(whole, Content::Image(_));
                    assert!(len < 18 || !is_image, "{} cut to {len}", file.path);
                }
            }
        }
    }
    assert!(prefixes > 10_000, "{prefixes}");
}

/// Found by fuzzing, in 72,892 runs behind a signature: of an image that is shorter than its header
/// says, and damaged by a conversion of text, only some drivers told the damage.
#[test]
fn damage_is_told_whoever_learns_the_length() {
    let rest = b"IFFes\xFF\xFF\0\0\0\0\0\0\0\0\x01\xEF\xBE\xBDB`\xEF\xBF\xBD";
    let file = [b"RIFF\xFF\xFF\0\0WEBPVP8X\x0A\0\0\0", &rest[..]].concat();
    assert!(matches!(shared::whole(&file), Content::Wrapped(_)));
    shared::any_way_the_same(&file, &[7, 64, 0]);
}
