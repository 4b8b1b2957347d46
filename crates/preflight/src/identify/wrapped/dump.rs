//! Dumps of an image's bytes, as hexdump, xxd, od and Format-Hex print them.

use super::sample::{Bytes, Found};
use super::signature;

/// Bytes in a line of a dump. What follows them shows the same bytes as text.
const LINE: usize = 16;

/// How the words of a line stand for bytes.
type Reading = fn(&[u8], &mut Bytes) -> Option<()>;

/// An image as a dump.
pub(super) fn find(text: &[u8]) -> Found {
    if !begins(text) {
        return None;
    }
    const READINGS: [Reading; 3] = [hexadecimal, hexadecimal_words, octal];
    let readings = READINGS.into_iter();
    let words = readings.map(|reading| lines(text, |line, bytes| words(line, reading, bytes)));
    let mut all = words.chain([lines(text, characters)]);
    all.find_map(|bytes| signature(&bytes.0))
}

/// Whether a text begins as a dump does: with an address, or the head that Format-Hex prints.
fn begins(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits = digits.count();
    let is_address = (4..=16).contains(&digits) && matches!(text.get(digits), Some(b':' | b' '));
    is_address || text.starts_with(b"Path:") || text.starts_with(b"Label:")
}

/// The bytes of all lines.
fn lines(text: &[u8], read: impl Fn(&[u8], &mut Bytes)) -> Bytes {
    let mut bytes = Bytes::default();
    for line in text.split(|&byte| byte == b'\n') {
        // Format-Hex prints a head of names and columns.
        if line.first().is_some_and(u8::is_ascii_hexdigit) && !bytes.is_full() {
            read(line, &mut bytes);
        }
    }
    bytes
}

/// Words behind an address, all as long as the first.
fn words(line: &[u8], read: Reading, bytes: &mut Bytes) {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let address = words.next().unwrap_or_default();
    if !(4..=17).contains(&address.len()) {
        return;
    }
    let mut width = None;
    let end = bytes.1 + LINE;
    for word in words {
        if *width.get_or_insert(word.len()) != word.len()
            || bytes.1 >= end
            || read(word, bytes).is_none()
        {
            break;
        }
    }
}

/// `89`, `8950`, `89504e47`: the bytes in their order.
fn hexadecimal(word: &[u8], bytes: &mut Bytes) -> Option<()> {
    if word.len() % 2 == 1 {
        return None;
    }
    word.chunks(2)
        .try_for_each(|digits| bytes.push(number(digits, 16)?))
}

/// `5089`, `474e5089`: numbers whose lowest byte comes first in the file.
fn hexadecimal_words(word: &[u8], bytes: &mut Bytes) -> Option<()> {
    if word.len() % 2 == 1 {
        return None;
    }
    word.rchunks(2)
        .try_for_each(|digits| bytes.push(number(digits, 16)?))
}

/// `211` is a byte, `050211` are two, the lower one first.
fn octal(word: &[u8], bytes: &mut Bytes) -> Option<()> {
    let number = number(word, 8)?;
    bytes.push(number & 0xFF)?;
    if word.len() == 6 {
        bytes.push(number >> 8)?;
    }
    Some(())
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = core::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, radix).ok()
}

/// Columns of four characters behind an address of seven, as `od -c` and `hexdump -c` print them: a
/// character, an escape, or three octal digits.
fn characters(line: &[u8], bytes: &mut Bytes) {
    let columns = line.get(7..).unwrap_or_default().chunks_exact(4);
    for column in columns.take(LINE) {
        let byte = match column.trim_ascii_start() {
            [] => b' '.into(),
            [character] => u32::from(*character),
            [b'\\', escape] => match escape {
                b'0' => 0,
                b'a' => 7,
                b'b' => 8,
                b't' => 9,
                b'n' => 10,
                b'v' => 11,
                b'f' => 12,
                b'r' => 13,
                _ => return,
            },
            digits => match number(digits, 8) {
                Some(byte) => byte,
                None => return,
            },
        };
        if bytes.push(byte).is_none() {
            return;
        }
    }
}
