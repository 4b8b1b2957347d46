//! Byte ranges: RFC 9110, section 14.

/// Bytes that are asked for, or were sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ByteRange {
    /// The first byte.
    pub(crate) start: u64,
    /// The byte behind the last one; above `start`.
    pub(crate) end: u64,
}

impl ByteRange {
    /// `len` bytes from `start` on, clipped to a file of `total` bytes: an end beyond it makes OSS
    /// send the whole object. None if nothing is left.
    pub(crate) fn clipped(start: u64, len: u64, total: Option<u64>) -> Option<Self> {
        let end = start.saturating_add(len).min(total.unwrap_or(u64::MAX));
        (start < end).then_some(Self { start, end })
    }

    /// The value of the `Range` field.
    pub(crate) fn field(self) -> String {
        format!("bytes={}-{}", self.start, self.end - 1)
    }

    /// How many bytes it has.
    pub(crate) const fn len(self) -> u64 {
        self.end - self.start
    }
}

/// The value of a `Content-Range` field that goes with 206.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ContentRange {
    /// The bytes that were sent.
    pub(crate) range: ByteRange,
    /// Bytes in the file, where the server knows.
    pub(crate) total: Option<u64>,
}

impl ContentRange {
    /// `bytes 0-99/1234` or `bytes 0-99/*`, and nothing else: section 14.4. The unit's name is
    /// compared without case (section 14.1).
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(value).ok()?;
        let (unit, rest) = text.split_once(' ')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (range, total) = rest.trim().split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (start, last) = (number(first)?, number(last)?);
        let end = last.checked_add(1)?;
        let total = match total {
            "*" => None,
            total => Some(number(total)?),
        };
        if start > last || total.is_some_and(|total| end > total) {
            return None;
        }
        let range = ByteRange { start, end };
        Some(Self { range, total })
    }
}

/// Digits only: `parse` alone would take a `+`.
fn number(text: &str) -> Option<u64> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn parse(text: &str) -> Option<(u64, u64, Option<u64>)> {
        let parsed = ContentRange::parse(text.as_bytes())?;
        Some((parsed.range.start, parsed.range.end, parsed.total))
    }

    #[test]
    fn only_the_grammar_is_taken() {
        assert_eq!(parse("bytes 0-99/1234"), Some((0, 100, Some(1234))));
        assert_eq!(parse("Bytes 5-5/*"), Some((5, 6, None)));
        for text in [
            "",
            "bytes",
            "bytes */1234",
            "bytes 0-99",
            "bytes=0-99/1234",
            "items 0-1/2",
            "bytes 2-1/9",
            "bytes 0-9/9",
            "bytes +0-1/2",
            "bytes 0-1/+2",
            "bytes -0-1/2",
            "bytes 0-1/2/3",
            "bytes 0-18446744073709551615/*",
            "bytes 0-99999999999999999999/*",
            "bytes 0--1/2",
            "bytes 0x0-0x1/2",
            "bytes 0 - 1/2",
            "bytes 0-1/",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(ContentRange::parse(b"bytes 0-1/\xFF"), None);
    }

    #[test]
    fn a_range_is_clipped_to_the_file() {
        assert_eq!(
            ByteRange::clipped(10, 5, Some(12)).unwrap().field(),
            "bytes=10-11"
        );
        assert_eq!(ByteRange::clipped(12, 5, Some(12)), None);
        assert_eq!(ByteRange::clipped(u64::MAX - 1, 5, None).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn a_sound_field_gives_its_numbers_back(start in 0..u64::MAX / 4, len in 1..u64::MAX / 4, rest in 0..u64::MAX / 4) {
            let end = start + len;
            prop_assert_eq!(parse(&format!("bytes {start}-{}/{}", end - 1, end + rest)), Some((start, end, Some(end + rest))));
        }

        #[test]
        fn no_bytes_panic_and_what_parses_is_sound(bytes: Vec<u8>, text in "bytes [0-9*/ -]{0,30}") {
            let _ = ContentRange::parse(&bytes);
            if let Some((start, end, total)) = parse(&text) {
                prop_assert!(start < end && total.is_none_or(|total| end <= total));
            }
        }
    }
}
