//! Signatures that nothing else resembles.

use super::PREFIX;
use crate::{Content, Foreign, ForeignFormat, OtherKind};

/// What a signature stands for.
#[derive(Clone, Copy)]
enum Named {
    Image(ForeignFormat),
    Other(OtherKind),
}

use Named::{Image, Other};

/// What stands at the start of a file. The first match counts.
const SIGNATURES: &[(&[u8], Named)] = &[
    // Images.
    (b"GIF87a", Image(ForeignFormat::Gif)),
    (b"GIF89a", Image(ForeignFormat::Gif)),
    (b"II\x2A\0", Image(ForeignFormat::Tiff)),
    (b"MM\0\x2A", Image(ForeignFormat::Tiff)),
    (b"II\x2B\0", Image(ForeignFormat::Tiff)),
    (b"MM\0\x2B", Image(ForeignFormat::Tiff)),
    // Camera raw formats that are TIFF but for these bytes: Olympus, Panasonic.
    (b"IIRO", Image(ForeignFormat::Tiff)),
    (b"IIU\0", Image(ForeignFormat::Tiff)),
    (b"II\xBC\x01", Image(ForeignFormat::JpegXr)),
    (b"8BPS\0", Image(ForeignFormat::Psd)),
    (b"\0\0\x01\0", Image(ForeignFormat::Ico)),
    // A cursor is an icon with another number, and a hot spot.
    (b"\0\0\x02\0\x01\0", Image(ForeignFormat::Ico)),
    (b"icns", Image(ForeignFormat::Icns)),
    (b"\0\0\0\x0CJXL \r\n\x87\n", Image(ForeignFormat::Jxl)),
    (b"\0\0\0\x0CjP  \r\n\x87\n", Image(ForeignFormat::Jp2)),
    (b"\xFF\x4F\xFF\x51", Image(ForeignFormat::Jp2)),
    (b"\x8AMNG\r\n\x1A\n", Image(ForeignFormat::Mng)),
    (b"gimp xcf ", Image(ForeignFormat::Xcf)),
    (b"AT&TFORM", Image(ForeignFormat::Djvu)),
    (b"%!PS-Adobe", Image(ForeignFormat::Eps)),
    (b"\xC5\xD0\xD3\xC6", Image(ForeignFormat::Eps)),
    (b"\xD7\xCD\xC6\x9A", Image(ForeignFormat::Wmf)),
    (b"\xABKTX 11\xBB", Image(ForeignFormat::Ktx)),
    (b"\xABKTX 20\xBB", Image(ForeignFormat::Ktx)),
    (b"DDS \x7C\0\0\0", Image(ForeignFormat::Dds)),
    (b"\x76\x2F\x31\x01", Image(ForeignFormat::Exr)),
    (b"farbfeld", Image(ForeignFormat::Farbfeld)),
    (b"qoif", Image(ForeignFormat::Qoi)),
    (b"#?RADIANCE\n", Image(ForeignFormat::Hdr)),
    (b"#?RGBE\n", Image(ForeignFormat::Hdr)),
    (b"VTF\0", Image(ForeignFormat::Vtf)),
    (b"\x13\xAB\xA1\x5C", Image(ForeignFormat::Astc)),
    (b"\x01\xDA\x00\x01", Image(ForeignFormat::Sgi)),
    (b"\x01\xDA\x01\x01", Image(ForeignFormat::Sgi)),
    (b"\x01\xDA\x00\x02", Image(ForeignFormat::Sgi)),
    (b"\x01\xDA\x01\x02", Image(ForeignFormat::Sgi)),
    (b"Pf\n", Image(ForeignFormat::Pnm)),
    (b"PF\n", Image(ForeignFormat::Pnm)),
    (b"\x0A\x05\x01\x08", Image(ForeignFormat::Pcx)),
    (b"\x0A\x05\x01\x01", Image(ForeignFormat::Pcx)),
    (b"BLP1", Image(ForeignFormat::Blp)),
    (b"BLP2", Image(ForeignFormat::Blp)),
    // Documents, archives, programs.
    (b"%PDF-", Other(OtherKind::Pdf)),
    // The container of old Office documents.
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        Other(OtherKind::Document),
    ),
    (b"PK\x03\x04", Other(OtherKind::Zip)),
    (b"PK\x05\x06", Other(OtherKind::Zip)),
    (b"\x1F\x8B\x08", Other(OtherKind::Gzip)),
    (b"7z\xBC\xAF\x27\x1C", Other(OtherKind::Archive)),
    (b"Rar!\x1A\x07", Other(OtherKind::Archive)),
    (b"\xFD7zXZ\0", Other(OtherKind::Archive)),
    (b"BZh", Other(OtherKind::Archive)),
    (b"\x28\xB5\x2F\xFD", Other(OtherKind::Archive)),
    (b"\x7FELF", Other(OtherKind::Executable)),
    (b"MZ\x90\0", Other(OtherKind::Executable)),
    (b"\xFE\xED\xFA\xCE", Other(OtherKind::Executable)),
    (b"\xFE\xED\xFA\xCF", Other(OtherKind::Executable)),
    (b"\xCE\xFA\xED\xFE", Other(OtherKind::Executable)),
    (b"\xCF\xFA\xED\xFE", Other(OtherKind::Executable)),
    (b"\0asm\x01\0\0\0", Other(OtherKind::Executable)),
    // Sound and films.
    (b"OggS\0", Other(OtherKind::Audio)),
    (b"fLaC\0", Other(OtherKind::Audio)),
    (b"ID3\x02", Other(OtherKind::Audio)),
    (b"ID3\x03", Other(OtherKind::Audio)),
    (b"ID3\x04", Other(OtherKind::Audio)),
    (b"\xFF\xFB", Other(OtherKind::Audio)),
    (b"\xFF\xF3", Other(OtherKind::Audio)),
    (b"\xFF\xF1", Other(OtherKind::Audio)),
    (b"#!AMR", Other(OtherKind::Audio)),
    (b"\x1A\x45\xDF\xA3", Other(OtherKind::Video)),
    (b"FLV\x01", Other(OtherKind::Video)),
    (b"\0\0\x01\xBA", Other(OtherKind::Video)),
    (b"\0\0\x01\xB3", Other(OtherKind::Video)),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", Other(OtherKind::Video)),
];

/// What stands further inside, where.
const INSIDE: [(usize, &[u8], Named); 5] = [
    (40, b" EMF", Image(ForeignFormat::Emf)),
    (257, b"ustar", Other(OtherKind::Archive)),
    (8, b"WAVE", Other(OtherKind::Audio)),
    (8, b"AIFF", Other(OtherKind::Audio)),
    (8, b"AVI ", Other(OtherKind::Video)),
];

/// Whether a signature begins with a byte, so that most files are asked about none.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler; no signature is empty"
)]
const BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let mut i = 0;
    while i < SIGNATURES.len() {
        begins[SIGNATURES[i].0[0] as usize] = true;
        i += 1;
    }
    begins
};

/// Names a file by its signature.
pub(super) fn name(prefix: &[u8]) -> Option<Content> {
    let named = iso_media(prefix)
        .or_else(|| at_start(prefix))
        .or_else(|| inside(prefix))?;
    Some(match named {
        Image(format) => Content::Foreign(Foreign {
            format,
            size: match (format, directory(prefix)) {
                // Nothing to be found there yet.
                (ForeignFormat::Tiff, Some(at)) if at >= prefix.len() => None,
                _ => super::foreign::size(prefix),
            },
        }),
        Other(kind) => Content::NotAnImage(kind),
    })
}

fn at_start(prefix: &[u8]) -> Option<Named> {
    let &first = prefix.first()?;
    let begins = BEGINS.get(usize::from(first)).copied();
    let mut known = SIGNATURES.iter().filter(|_| begins == Some(true));
    // The first byte by itself, since to compare whole signatures takes five times as long.
    let found = known.find(|(bytes, _)| bytes.first() == Some(&first) && prefix.starts_with(bytes));
    found.map(|&(_, named)| named)
}

fn inside(prefix: &[u8]) -> Option<Named> {
    let found = INSIDE.iter().find(|(at, bytes, _)| {
        let there = prefix.get(*at..).unwrap_or_default();
        there.starts_with(bytes)
    });
    found.map(|&(.., named)| named)
}

/// Whether more bytes may tell a size that these did not: of formats that describe themselves first,
/// at any length, or elsewhere.
pub(super) fn may_tell_more(found: &Content, start: &[u8]) -> bool {
    let Content::Foreign(Foreign { format, size: None }) = found else {
        return false;
    };
    match format {
        ForeignFormat::Avif
        | ForeignFormat::Cr3
        | ForeignFormat::Heic
        | ForeignFormat::Heif
        | ForeignFormat::Icns
        | ForeignFormat::Jp2
        | ForeignFormat::Jxl => true,
        ForeignFormat::Tiff => directory(start).is_none_or(|at| at < PREFIX),
        _ => false,
    }
}

/// Where the directory of a TIFF stands: bytes 4 to 7, TIFF 6.0, section 2. None of a BigTIFF, which
/// has it elsewhere.
fn directory(start: &[u8]) -> Option<usize> {
    let [order, _, v1, v2, at @ ..] = *start.first_chunk::<8>()?;
    if [v1, v2].contains(&0x2B) {
        return None;
    }
    let at = if order == b'I' {
        u32::from_le_bytes(at)
    } else {
        u32::from_be_bytes(at)
    };
    usize::try_from(at).ok()
}

/// The family of MP4, HEIF and AVIF, told apart by their brands: ISO/IEC 14496-12, 4.3 (the file
/// type box: major brand, minor version, compatible brands) and 23008-12, 10.
fn iso_media(prefix: &[u8]) -> Option<Named> {
    let [s1, s2, s3, s4, b'f', b't', b'y', b'p', major @ ..] = *prefix.first_chunk::<12>()? else {
        return None;
    };
    let end = usize::try_from(u32::from_be_bytes([s1, s2, s3, s4])).unwrap_or(usize::MAX);
    let compatible = prefix.get(16..end.min(prefix.len())).unwrap_or_default();
    let brands = core::iter::once(major.as_slice()).chain(compatible.chunks_exact(4));
    // The specific brands of a file count before the general ones (mif1, msf1, miaf).
    let mut general = None;
    for brand in brands {
        match brand {
            b"avif" | b"avis" | b"avio" | b"MA1A" | b"MA1B" => {
                return Some(Image(ForeignFormat::Avif));
            }
            b"heic" | b"heix" | b"heis" | b"heim" | b"hevc" | b"hevx" | b"hevs" | b"hevm" => {
                return Some(Image(ForeignFormat::Heic));
            }
            b"mif1" | b"mif2" | b"msf1" | b"miaf" | b"jpeg" | b"jpgs" | b"avci" | b"avcs" => {
                general = Some(Image(ForeignFormat::Heif));
            }
            b"crx " => return Some(Image(ForeignFormat::Cr3)),
            b"M4A " | b"M4B " => return Some(Other(OtherKind::Audio)),
            _ => {}
        }
    }
    general.or(Some(Other(OtherKind::Video)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_reached() {
        let at_start = SIGNATURES.iter().map(|&(bytes, named)| (0, bytes, named));
        for (at, bytes, named) in at_start.chain(INSIDE) {
            let mut file = vec![b'?'; 300];
            file[at..at + bytes.len()].copy_from_slice(bytes);
            match (name(&file), named) {
                (Some(Content::Foreign(found)), Image(format)) => assert_eq!(found.format, format),
                (Some(Content::NotAnImage(found)), Other(kind)) => assert_eq!(found, kind),
                (found, _) => panic!("{}: {found:?}", bytes.escape_ascii()),
            }
        }
    }

    #[test]
    fn the_iso_family_is_told_apart_by_its_brands() {
        let named = |brands: &[u8; 16]| {
            let file = [b"\0\0\0\x18ftyp".as_slice(), brands, b"\0\0\0\0mdat"].concat();
            match name(&file) {
                Some(Content::Foreign(foreign)) => foreign.format.name(),
                Some(Content::NotAnImage(kind)) => kind.name(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(named(b"heic\0\0\0\0mif1heic"), "heic");
        assert_eq!(named(b"mif1\0\0\0\0mif1heic"), "heic");
        assert_eq!(named(b"avif\0\0\0\0mif1miaf"), "avif");
        assert_eq!(named(b"mif1\0\0\0\0miafMA1B"), "avif");
        assert_eq!(named(b"mif1\0\0\0\0mif1unci"), "heif");
        assert_eq!(named(b"crx \0\0\0\x01crx isom"), "cr3");
        assert_eq!(named(b"isom\0\0\x02\0isommp42"), "video");
        assert_eq!(named(b"qt  \0\0\x02\0qt  \0\0\0\0"), "video");
        assert_eq!(named(b"M4A \0\0\0\0M4A mp42"), "audio");
    }
}
