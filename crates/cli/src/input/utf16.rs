//! Lists in UTF-16, as PowerShell's `>` writes them.

use std::io::{self, BufRead, BufReader, Read};

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Big,
    Little,
}

/// The text of a list, read piece by piece.
pub(crate) type Text = BufReader<Box<dyn Read + Send>>;

/// A reader whose text is UTF-8, if it begins with a byte order mark of UTF-16. Anything else is
/// passed on as it is.
///
/// # Errors
///
/// Those of reading.
pub(crate) fn decoded(mut reader: Text) -> io::Result<Text> {
    let order = match reader.fill_buf()? {
        [0xff, 0xfe, ..] => Order::Little,
        [0xfe, 0xff, ..] => Order::Big,
        _ => return Ok(reader),
    };
    reader.consume(2);
    Ok(BufReader::new(Box::new(Utf16 {
        reader,
        order,
        text: Vec::new(),
        at: 0,
        high: None,
    })))
}

/// Text in UTF-16, read as UTF-8.
struct Utf16 {
    reader: Text,
    order: Order,
    /// Decoded bytes, and how many of them are passed on.
    text: Vec<u8>,
    at: usize,
    /// The first half of a pair whose second has not come yet.
    high: Option<u16>,
}

/// Units that are decoded at a time.
const UNITS: usize = 4096;

impl Utf16 {
    /// Decodes the next units. Leaves no text at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() {
            let mut units: Vec<u16> = self.high.take().into_iter().collect();
            let kept = units.len();
            let mut is_end = false;
            while units.len() < UNITS && !is_end {
                // Units at hand are passed on at once: who writes the list may be slow.
                if units.len() > kept && self.reader.fill_buf()?.len() < 2 {
                    break;
                }
                match self.unit()? {
                    Some(unit) => units.push(unit),
                    None => is_end = true,
                }
            }
            let is_high = |unit: &u16| matches!(unit, 0xd800..=0xdbff);
            if !is_end && units.last().is_some_and(is_high) {
                self.high = units.pop();
            }
            if is_end && units.is_empty() {
                return Ok(());
            }
            let chars = char::decode_utf16(units);
            let text: String = chars
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            self.text = text.into_bytes();
        }
        Ok(())
    }

    /// The next unit; none at the end, where half a unit says nothing.
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = [0; 2];
        match self.reader.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(match self.order {
                Order::Big => u16::from_be_bytes(bytes),
                Order::Little => u16::from_le_bytes(bytes),
            })),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Read for Utf16 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.refill()?;
        }
        let mut rest = self.text.get(self.at..).unwrap_or_default();
        let read = rest.read(out)?;
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: Vec<u8>, capacity: usize) -> String {
        let bytes: Box<dyn Read + Send> = Box::new(io::Cursor::new(bytes));
        let mut text = String::new();
        decoded(BufReader::with_capacity(capacity, bytes))
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    proptest! {
        #[test]
        fn any_text_comes_back_however_it_is_read(text in "\\PC{0,40}", capacity in 2..9_usize) {
            let units: Vec<u16> = text.encode_utf16().collect();
            let little: Vec<u8> = [0xfeff].iter().chain(&units).flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = [0xfeff].iter().chain(&units).flat_map(|unit| unit.to_be_bytes()).collect();
            prop_assert_eq!(&read(little, capacity), &text);
            prop_assert_eq!(&read(big, capacity), &text);
        }
    }

    #[test]
    fn other_text_is_passed_on_and_halves_say_nothing() {
        assert_eq!(read(b"a.png\n".to_vec(), 64), "a.png\n");
        assert_eq!(read(vec![], 64), "");
        assert_eq!(read(vec![0xff, 0xfe, b'a', 0, b'b'], 64), "a");
        assert_eq!(read(vec![0xff, 0xfe, 0x00, 0xd8, b'a', 0], 64), "\u{fffd}a");
        assert_eq!(read(vec![0xff, 0xfe, 0x00, 0xd8], 64), "\u{fffd}");
    }
}
