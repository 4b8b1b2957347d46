//! Any image fixture in any wrapping is named: its format, and what is around it.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;

use preflight::{Content, Wrapping, probe_bytes};
use testkit::manifest;

/// Bytes of an image that are wrapped: a dump of more shows nothing new.
const MOST: usize = 3_000;

/// A way to wrap an image, and what it is to be called.
type Wrap = (&'static str, Wrapping, fn(&[u8]) -> Vec<u8>);

const WRAPS: [Wrap; 24] = [
    ("base64", Wrapping::Base64, |bytes| base64(bytes).into()),
    ("lines of base64 in a mail", Wrapping::Base64, |bytes| {
        let lines: Vec<_> = base64(bytes)
            .as_bytes()
            .chunks(76)
            .map(<[u8]>::to_vec)
            .collect();
        let head = b"Content-Type: image/any\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        [head.to_vec(), lines.join(&b"\r\n"[..])].concat()
    }),
    ("base64 in JSON", Wrapping::Base64, |bytes| {
        format!("{{\"id\":7,\"image\":\"{}\"}}", base64(bytes)).into()
    }),
    ("data URI", Wrapping::DataUri, |bytes| {
        format!("data:image/any;base64,{}", base64(bytes)).into()
    }),
    ("data URI with parameters", Wrapping::DataUri, |bytes| {
        let head = "DATA:image/any;charset=utf-8;name=\"holiday in the mountains, 2024.png\"";
        format!("{}; BASE64 ,{}", head.replace(", ", " "), base64(bytes)).into()
    }),
    (
        "data URI, base64 percent-coded",
        Wrapping::DataUri,
        |bytes| {
            let letters = base64(bytes).replace('+', "%2B").replace('/', "%2f");
            format!("<img src=\"data:image/any;base64,{letters}\">x")
                .replace("<img src=", "url: ")
                .into()
        },
    ),
    ("data URI, percent-coded", Wrapping::DataUri, |bytes| {
        format!("data:image/any,{}", escaped(bytes, '%', usize::MAX)).into()
    }),
    ("percent-coding", Wrapping::PercentCoding, |bytes| {
        escaped(bytes, '%', usize::MAX).into()
    }),
    ("quoted-printable", Wrapping::QuotedPrintable, |bytes| {
        escaped(bytes, '=', 20).into()
    }),
    (
        "quoted-printable in a mail",
        Wrapping::QuotedPrintable,
        |bytes| {
            let head = "Content-Type: image/any\nContent-Transfer-Encoding: quoted-printable";
            format!("{head}\n\n{}", escaped(bytes, '=', 20)).into()
        },
    ),
    ("hexadecimal, xxd -p", Wrapping::Hex, |bytes| {
        lines(bytes, |line, _| line.chunks(30).map(hex).collect())
    }),
    ("an array of C, xxd -i", Wrapping::Hex, |bytes| {
        let all: Vec<_> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
        format!("unsigned char a_png[] = {{\n  {}\n}};", all.join(", ")).into()
    }),
    ("hexdump -C", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            let halves: Vec<_> = line.chunks(8).map(|half| spaced(half, 1, false)).collect();
            format!("{at:08x}  {:<48}  |{}|", halves.join("  "), printed(line))
        })
    }),
    ("xxd", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            format!(
                "{at:08x}: {:<39}  {}",
                spaced(line, 2, false),
                printed(line)
            )
        })
    }),
    ("xxd -g1", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            format!(
                "{at:08x}: {:<47}  {}",
                spaced(line, 1, false),
                printed(line)
            )
        })
    }),
    ("xxd -e", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            format!("{at:08x}: {:<35}  {}", spaced(line, 4, true), printed(line))
        })
    }),
    ("hexdump", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            format!("{at:07x} {}", spaced(line, 2, true))
        })
    }),
    ("od -t x1", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            format!("{at:07o} {}", spaced(line, 1, false))
        })
    }),
    ("od -t x4", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            format!("{at:07o} {}", spaced(line, 4, true))
        })
    }),
    ("od", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            let words = line.chunks(2).map(|pair| {
                let high = pair.get(1).copied().unwrap_or_default();
                format!(" {:06o}", u16::from_le_bytes([pair[0], high]))
            });
            format!("{at:07o}{}", words.collect::<String>())
        })
    }),
    ("od -b", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            let all: String = line.iter().map(|byte| format!(" {byte:03o}")).collect();
            format!("{at:07o}{all}")
        })
    }),
    ("od -c", Wrapping::Dump, |bytes| {
        lines(bytes, |line, at| {
            let all: String = line
                .iter()
                .map(|byte| format!("{:>4}", character(*byte)))
                .collect();
            format!("{at:07o}{all}")
        })
    }),
    ("Format-Hex", Wrapping::Dump, |bytes| {
        let head =
            "\r\n\r\n           Path: C:\\a.png\r\n\r\n           00 01 02 03 04 05 06 07\r\n\r\n";
        let body = lines(bytes, |line, at| {
            format!(
                "{at:08X}   {}  {}\r",
                spaced(line, 1, false).to_uppercase(),
                printed(line)
            )
        });
        [head.as_bytes(), &body].concat()
    }),
    ("a list of numbers", Wrapping::ByteList, |bytes| {
        format!("{bytes:?}").into()
    }),
];

#[test]
fn every_fixture_is_named_in_every_wrapping() {
    let mut wrapped = 0;
    for row in &manifest::load().files {
        let mut image = std::fs::read(row.location()).unwrap();
        let Content::Image(header) = probe_bytes(&image).content else {
            continue;
        };
        // Two bytes alone are a signature to a reader of JPEG, not to someone who looks for one.
        if image.starts_with(b"\xFF\xD8") && image[2] != 0xFF {
            continue;
        }
        image.truncate(MOST);
        for (name, wrapping, wrap) in WRAPS {
            let content = probe_bytes(&wrap(&image)).content;
            let Content::Wrapped(found) = content else {
                panic!("{} as {name}: {content:?}", row.path);
            };
            let expected = (Some(header.format), wrapping);
            assert_eq!(
                (found.format, found.wrapping),
                expected,
                "{} as {name}",
                row.path
            );
            assert!(!found.cure().is_empty());
            wrapped += 1;
        }
    }
    assert!(wrapped > 1_000, "{wrapped}");
}

#[test]
fn every_text_without_an_image_stays_what_it_is() {
    for text in [
        "00000000: 8950 4e46 0d0a 1a0a 0000 000d 4948 4452  .PNF........IHDR\n",
        "0000000 050211 043517 005015 005032\n",
        "data:text/plain,%48ello",
        "data: 7, see the table",
        "A mail\n\nwith =3D signs",
        "100% of the images",
        "Report, data:image/png;base64",
    ] {
        let content = probe_bytes(text.as_bytes()).content;
        assert!(
            matches!(content, Content::NotAnImage(_)),
            "{text}: {content:?}"
        );
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks(3).map(|group| {
        let number =
            group.iter().fold(0, |n, &byte| n << 8 | usize::from(byte)) << (8 * (3 - group.len()));
        let letter = |place: usize| match place {
            0 | 1 => char::from(LETTERS[number >> (18 - 6 * place) & 63]),
            _ if place > group.len() => '=',
            _ => char::from(LETTERS[number >> (18 - 6 * place) & 63]),
        };
        (0..4).map(letter).collect::<String>()
    });
    groups.collect()
}

/// Letters and digits as they are, all else behind a sign; lines of so many bytes, joined by the sign.
fn escaped(bytes: &[u8], sign: char, line: usize) -> String {
    let mut text = String::new();
    for (number, &byte) in bytes.iter().enumerate() {
        if number > 0 && number % line == 0 {
            text.push(sign);
            text.push_str("\r\n");
        }
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            write!(text, "{sign}{byte:02X}").unwrap();
        }
    }
    text
}

fn lines(bytes: &[u8], line: impl Fn(&[u8], usize) -> String) -> Vec<u8> {
    let lines = bytes.chunks(16).enumerate();
    let lines: Vec<_> = lines
        .map(|(number, bytes)| line(bytes, 16 * number))
        .collect();
    (lines.join("\n") + "\n").into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Words of so many bytes, the lowest byte first or last.
fn spaced(line: &[u8], width: usize, little: bool) -> String {
    let words = line.chunks(width).map(|word| {
        let mut word = word.to_vec();
        if little {
            word.resize(width, 0);
            word.reverse();
        }
        hex(&word)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn printed(line: &[u8]) -> String {
    let shown = |&byte: &u8| {
        if (0x20..0x7F).contains(&byte) {
            char::from(byte)
        } else {
            '.'
        }
    };
    line.iter().map(shown).collect()
}

/// As `od -c` shows a byte.
fn character(byte: u8) -> String {
    match byte {
        0 => r"\0".into(),
        7 => r"\a".into(),
        8 => r"\b".into(),
        9 => r"\t".into(),
        10 => r"\n".into(),
        11 => r"\v".into(),
        12 => r"\f".into(),
        13 => r"\r".into(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("{byte:03o}"),
    }
}
