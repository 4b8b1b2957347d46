//! The names of files that are no image of the four formats: foreign ones, wrapped ones, and the rest.

use preflight::{Content, Format, Wrapping};

use crate::draw::Draw;
use crate::shared;

/// What files of other kinds begin with; the first is none.
const STARTS: [&[u8]; 24] = [
    b"",
    b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR",
    b"\xFF\xD8\xFF",
    b"RIFF\xFF\xFF\0\0WEBP",
    b"BM\xFF\xFF\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x20ftypheic",
    b"\0\0\0\x0CJXL \r\n\x87\n",
    b"8BPS",
    b"\0\0\x01\0",
    b"P6 ",
    b"<svg ",
    b"<!DOCTYPE html>",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"HTTP/1.1 200 OK\r\n",
    b"data:image/png;base64,",
    b"iVBORw0KGgo",
    b"/9j/4",
    b"{\"image\":\"",
    b"0000000 8950 4e47",
    b"\xEF\xBF\xBDPNG",
];

/// Bytes of a file's start from which it is named.
const SEEN: usize = 16 << 10;

/// The first byte chooses a start, the second what is put around it all.
///
/// Only a file that begins with a signature is an image; where an image is said to stand, its
/// signature does; a wrapping is named by what it was made of; bytes behind the first 16 KiB name
/// nothing; and every text about it fits a line.
pub fn naming(data: &[u8]) {
    let mut draw = Draw::new(data);
    let start = draw.of(STARTS);
    let wrap = draw.of(WRAPS);
    let image = [start, draw.rest()].concat();
    let file = wrap(&image);
    shared::any_way_the_same(&file, &[200, 255, 90]);

    let content = shared::whole(&file);
    match content {
        Content::Image(header) => {
            // Readers of JPEG look for the first marker behind SOI.
            let is_jpeg = header.format == Format::Jpeg && file.starts_with(b"\xFF\xD8");
            assert!(is_jpeg || begins_as(header.format, &file), "{header:?}");
        }
        Content::Wrapped(wrapped) => {
            if let (Some(format), Some(offset)) = (wrapped.format, wrapped.offset) {
                let inner = file.get(offset as usize..).unwrap_or_default();
                assert!(begins_as(format, inner), "{wrapped:?}");
            }
            one_line(&wrapped.to_string());
            one_line(wrapped.cure());
        }
        Content::Foreign(foreign) => one_line(&foreign.to_string()),
        Content::StandIn(found) => one_line(&found.to_string()),
        Content::NotAnImage(found) => one_line(&found.to_string()),
        Content::Broken(error) => one_line(&error.to_string()),
        Content::Empty => {}
    }
    if !matches!(content, Content::Image(_) | Content::Broken(_)) {
        let mut long = file.clone();
        long.resize(SEEN, b' ');
        let named = shared::whole(&long);
        long.extend(file.iter().rev());
        assert_eq!(shared::whole(&long), named, "behind {SEEN} bytes");
    }
    is_seen_through(wrap, &image, content);
}

type Wrap = fn(&[u8]) -> Vec<u8>;

const WRAPS: [Wrap; 4] = [<[u8]>::to_vec, base64, data_uri, hex];

/// A wrapped image is called one, in its wrapping.
fn is_seen_through(wrap: Wrap, image: &[u8], content: Content) {
    let formats = [Format::Jpeg, Format::Png, Format::Webp];
    let Some(format) = formats.into_iter().find(|format| begins_as(*format, image)) else {
        return;
    };
    let wrapping = match WRAPS
        .into_iter()
        .position(|known| std::ptr::fn_addr_eq(known, wrap))
    {
        Some(1) => Wrapping::Base64,
        Some(2) => Wrapping::DataUri,
        Some(3) => Wrapping::Hex,
        _ => return,
    };
    let found = match content {
        Content::Wrapped(wrapped) => Some((wrapped.format, wrapped.wrapping)),
        _ => None,
    };
    assert!(
        image.len() < 64 || found == Some((Some(format), wrapping)),
        "{content:?}, but it is a {format} {wrapping}"
    );
}

/// Whether bytes begin with a format's whole signature.
fn begins_as(format: Format, bytes: &[u8]) -> bool {
    match format {
        Format::Jpeg => bytes.starts_with(b"\xFF\xD8\xFF"),
        Format::Png => bytes.starts_with(b"\x89PNG\r\n\x1A\n"),
        Format::Webp => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        Format::Bmp => bytes.starts_with(b"BM"),
    }
}

fn one_line(text: &str) {
    assert!(
        !text.is_empty() && !text.contains(char::is_control),
        "{text:?}"
    );
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for three in bytes.chunks(3) {
        let mut padded = [0; 3];
        for (place, byte) in padded.iter_mut().zip(three) {
            *place = *byte;
        }
        let [a, b, c] = padded.map(u32::from);
        let bits = a << 16 | b << 8 | c;
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = LETTERS.get(bits as usize >> shift & 63).copied();
            let is_padding = at > three.len();
            text.extend(if is_padding { Some(b'=') } else { letter });
        }
    }
    text
}

fn data_uri(bytes: &[u8]) -> Vec<u8> {
    [b"data:image/any;base64,".as_slice(), &base64(bytes)].concat()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<String>().into()
}
