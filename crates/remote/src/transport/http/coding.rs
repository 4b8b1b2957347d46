//! Bodies out of their content codings, RFC 9110, section 8.4.1.
//!
//! Each request says that it wants none. A gateway may compress all the same, do so twice, or name
//! another coding than it used. So the first bytes decide, since JSON begins like no coding.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::transport::BodyFault;

/// Codings that are taken off, one inside of another: two gateways that each compress make two.
const MAX_CODINGS: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    /// What "deflate" means.
    Zlib,
    /// What some servers send as "deflate": the same without the frame of RFC 1950. It has no
    /// signature.
    RawDeflate,
}

impl Coding {
    fn of(body: &[u8], says_deflate: bool) -> Option<Self> {
        match body {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // RFC 1950, section 2.2: the method is 8, the window at most 32 KiB, and the two bytes
            // together a multiple of 31.
            [method, flags, ..]
                if method & 0x8f == 0x08 && u16::from_be_bytes([*method, *flags]) % 31 == 0 =>
            {
                Some(Self::Zlib)
            }
            [first, ..] if says_deflate && !begins_json(*first) => Some(Self::RawDeflate),
            _ => None,
        }
    }

    fn decoder(self, body: &[u8]) -> Box<dyn Read + '_> {
        match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(body)),
            Self::Zlib => Box::new(ZlibDecoder::new(body)),
            Self::RawDeflate => Box::new(DeflateDecoder::new(body)),
        }
    }
}

const fn begins_json(first: u8) -> bool {
    matches!(first, b'{' | b'[' | b'"') || first.is_ascii_whitespace()
}

/// The body out of at most [`MAX_CODINGS`] codings, none of which may unpack to more than `most`
/// bytes. What came out before a fault is kept: its tail may be the checksum only.
pub(super) fn unpacked(
    mut body: Bytes,
    says_deflate: bool,
    most: usize,
) -> (Bytes, Option<BodyFault>) {
    let mut fault = None;
    for _ in 0..MAX_CODINGS {
        let Some(coding) = Coding::of(&body, says_deflate) else {
            return (body, fault);
        };
        let mut plain = Vec::new();
        let decoder = coding.decoder(&body);
        let end = decoder.take(most as u64 + 1).read_to_end(&mut plain);
        if plain.len() > most {
            plain.truncate(most);
            return (plain.into(), Some(BodyFault::TooLong { most }));
        }
        match end {
            Ok(_) => {}
            // It only began like this coding.
            Err(_) if plain.is_empty() && coding != Coding::Gzip => return (body, fault),
            Err(error) => {
                fault.get_or_insert(BodyFault::Packed(error.into()));
            }
        }
        body = plain.into();
    }
    if Coding::of(&body, false).is_some() {
        let more = format!("expected at most {MAX_CODINGS} content codings, but found more");
        fault.get_or_insert(BodyFault::Packed(more.into()));
    }
    (body, fault)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    const JSON: &[u8] = br#"{"output":{"check_pass":false}}"#;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    fn deflate(plain: &[u8]) -> Vec<u8> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn every_coding_comes_off_up_to_three_deep() {
        for (packed, says_deflate) in [
            (JSON.to_vec(), true),
            (gzip(JSON), false),
            (gzip(JSON), true),
            (zlib(JSON), false),
            (deflate(JSON), true),
            (gzip(&gzip(JSON)), false),
            (gzip(&zlib(&gzip(JSON))), false),
            (gzip(&deflate(JSON)), true),
        ] {
            let (plain, fault) = unpacked(packed.into(), says_deflate, 1000);
            assert_eq!(plain, JSON);
            assert!(fault.is_none(), "{fault:?}");
        }
        let four = gzip(&gzip(&gzip(&gzip(JSON))));
        let (_, fault) = unpacked(four.into(), false, 1000);
        assert!(matches!(fault, Some(BodyFault::Packed(_))), "{fault:?}");
    }

    #[test]
    fn what_comes_out_before_a_fault_is_kept() {
        let whole = gzip(JSON);
        let without_checksum = &whole[..whole.len() - 8];
        let padded = [&*whole, b"\0\0\0\0\0\0\0\0"].concat();
        let zlib = zlib(JSON);
        let cut = &zlib[..zlib.len() - 4];
        for packed in [without_checksum, &padded, &gzip(&padded), cut] {
            let (plain, fault) = unpacked(Bytes::copy_from_slice(packed), false, 1000);
            assert_eq!(plain, JSON);
            assert!(matches!(fault, Some(BodyFault::Packed(_))), "{fault:?}");
        }
    }

    /// A stored block's first bytes, 1 and the low byte of its length, may be a multiple of 31.
    #[test]
    fn a_raw_deflate_that_begins_like_zlib_is_taken_as_it_is_named() {
        for len in JSON.len()..JSON.len() + 62 {
            let mut plain = JSON.to_vec();
            plain.resize(len, b' ');
            let mut packed = DeflateEncoder::new(Vec::new(), Compression::none());
            packed.write_all(&plain).unwrap();
            let (read, fault) = unpacked(packed.finish().unwrap().into(), true, 1000);
            assert_eq!(read, plain, "{len}");
            assert!(fault.is_none(), "{fault:?}");
        }
    }

    #[test]
    fn a_signature_with_nothing_behind_it_is_a_fault() {
        let (plain, fault) = unpacked(Bytes::from_static(b"\x1f\x8b and no more"), false, 1000);
        assert!(plain.is_empty());
        assert!(matches!(fault, Some(BodyFault::Packed(_))), "{fault:?}");
    }

    #[test]
    fn text_that_begins_like_a_coding_stays() {
        for (text, says_deflate) in [("x\u{1}?", false), ("xy", false), ("nonsense", true)] {
            let (plain, fault) = unpacked(text.into(), says_deflate, 1000);
            assert_eq!(plain, text);
            assert!(fault.is_none(), "{fault:?}");
        }
    }

    #[test]
    fn nothing_unpacks_to_more_than_the_limit() {
        let (plain, fault) = unpacked(gzip(&[b' '; 100]).into(), false, 100);
        assert_eq!((plain.len(), fault.is_none()), (100, true));
        for bomb in [
            gzip(&vec![b' '; 1_000_000]),
            gzip(&gzip(&vec![b' '; 10_000])),
        ] {
            let (plain, fault) = unpacked(bomb.into(), false, 99);
            assert!(plain.len() <= 99);
            assert!(matches!(fault, Some(BodyFault::TooLong { most: 99 })));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_or_grow_beyond_the_limit(bytes: Vec<u8>, says_deflate: bool, most in 0..300_usize) {
            let given = bytes.len();
            let (plain, _) = unpacked(bytes.into(), says_deflate, most);
            prop_assert!(plain.len() <= most.max(given));
        }
    }
}
