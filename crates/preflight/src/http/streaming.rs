//! Feeds a probe with bodies as they come in.

use crate::{Content, Need, OtherKind, Probe, Step, Window};

/// Bytes of the file's start that are kept of an image: for an excerpt, and for its orientation,
/// which stands in the first entries of EXIF.
const START: usize = 512;

/// Bytes of a page that are looked at for the marks of a bot challenge.
const PAGE: usize = 16 << 10;

/// A probe and the few bytes that it needs: those from the place that the probe needs on.
#[derive(Debug, Default)]
pub(super) struct StreamingProbe {
    probe: Probe,
    answer: Option<Content>,
    prefix: Vec<u8>,
    /// Bytes without a gap that end at `next`.
    held: Vec<u8>,
    /// The offset of the byte that comes next.
    next: u64,
    total: Option<u64>,
}

impl StreamingProbe {
    /// Whether nothing has been taken yet.
    pub(super) const fn is_fresh(&self) -> bool {
        self.next == 0
    }

    /// Whether the probe has answered.
    pub(super) const fn is_answered(&self) -> bool {
        self.answer.is_some()
    }

    /// Bytes in the file, where known.
    pub(super) const fn total(&self) -> Option<u64> {
        self.total
    }

    /// The first bytes of the file.
    pub(super) fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Tells the length of the file, in bytes.
    pub(super) fn tell_total(&mut self, total: u64) {
        self.total = Some(total);
        self.probe.tell_len(total);
    }

    /// The window that is needed next.
    pub(super) fn need(&self) -> Need {
        let need = self.probe.need();
        if self.answer.is_some() || self.held_from() <= need.offset && need.offset <= self.next {
            let at_hand =
                usize::try_from(self.next.saturating_sub(need.offset)).unwrap_or(usize::MAX);
            return Need {
                offset: self.next,
                len: need.len.saturating_sub(at_hand).max(1),
            };
        }
        need
    }

    /// Goes on at another place: what was held is of no use there.
    pub(super) fn move_to(&mut self, offset: u64) {
        if offset != self.next {
            self.held.clear();
            self.next = offset;
        }
    }

    /// Takes the bytes that come next. Those that the probe skips are not copied.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let from = self.next;
        self.next += bytes.len() as u64;
        if self.answer.is_none() {
            let mut held = core::mem::take(&mut self.held);
            if held.is_empty() {
                let passed = self.feed(from, bytes);
                held.extend(bytes.iter().skip(passed));
            } else {
                held.extend_from_slice(bytes);
                let passed = self.feed(self.next - held.len() as u64, &held);
                held.drain(..passed);
            }
            self.held = held;
        }
        if from == self.prefix.len() as u64 {
            let most = match self.answer {
                Some(Content::Image(_) | Content::Broken(_)) => START,
                None if self.probe.need().offset > 0 => START,
                _ => PAGE,
            };
            let wanted = most.saturating_sub(self.prefix.len());
            self.prefix.extend(bytes.iter().take(wanted));
        }
    }

    /// The file ends here.
    pub(super) fn end(&mut self) {
        self.tell_total(self.next);
        if self.answer.is_none() && self.next > 0 {
            let last = Window::last(self.held_from(), &self.held);
            self.answer = match self.probe.feed(last) {
                Step::Done(content) => Some(content),
                Step::NeedMore(_) => None,
            };
        }
    }

    /// What the file is, once that is certain: also when no more bytes are to come (`is_enough`). Of a
    /// page more is read than its name needs, for the marks of a bot challenge.
    pub(super) fn content(&mut self, is_enough: bool) -> Option<Content> {
        let is_end = self.total.is_some_and(|total| self.next >= total);
        if is_end && self.next == 0 {
            return Some(Content::Empty);
        }
        if is_enough && self.answer.is_none() && self.probe.is_unrecognised() {
            self.answer = Some(self.probe.conclude(&self.held));
        }
        match self.answer? {
            Content::NotAnImage(OtherKind::Html)
                if !is_enough && !is_end && self.prefix.len() < PAGE =>
            {
                None
            }
            content => Some(content),
        }
    }

    fn held_from(&self) -> u64 {
        self.next - self.held.len() as u64
    }

    /// Shows the probe bytes from an offset on, and returns how many of them it is done with.
    fn feed(&mut self, from: u64, bytes: &[u8]) -> usize {
        while self.answer.is_none() {
            let need = self.probe.need();
            let passed = need.offset.saturating_sub(from);
            let passed =
                usize::try_from(passed).map_or(bytes.len(), |passed| passed.min(bytes.len()));
            let window = bytes.get(passed..).unwrap_or_default();
            if window.len() < need.len {
                return passed;
            }
            match self.probe.feed(Window::new(from + passed as u64, window)) {
                // A probe that wants the same again would want it for ever.
                Step::NeedMore(next) if next == need => return passed,
                Step::NeedMore(_) => {}
                Step::Done(content) => self.answer = Some(content),
            }
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;
    use testkit::photos::photos;

    use crate::probe_bytes;

    /// Takes a file in pieces of these lengths, again and again, skipping what is not needed in
    /// steps of whole pieces, as ranges do.
    fn stream(file: &[u8], cuts: &[usize], jumps: bool) -> Content {
        let mut probe = StreamingProbe::default();
        for length in cuts.iter().cycle() {
            if let Some(content) = probe.content(false) {
                return content;
            }
            if jumps && !probe.is_answered() {
                let need = probe.need();
                if need.offset < file.len() as u64 {
                    probe.move_to(need.offset);
                }
            }
            let from = probe.next as usize;
            let piece = &file[from..(from + length).min(file.len())];
            if piece.is_empty() {
                probe.end();
                return probe.content(true).unwrap();
            }
            probe.take(piece);
            assert!(
                probe.held.len() <= 2 * length + 64,
                "only what is needed is held"
            );
        }
        unreachable!("the cuts are cycled");
    }

    proptest! {
        /// However the bytes come, the file is the same.
        #[test]
        fn the_answer_does_not_depend_on_the_pieces(
            seed: u64,
            cut: bool,
            cuts in prop::collection::vec(1..5_000_usize, 1..9),
            jumps: bool,
        ) {
            let mut file = photos(seed, 3, 500).next().unwrap().bytes;
            if cut {
                file.truncate(file.len() / 3);
            }
            prop_assert_eq!(stream(&file, &cuts, jumps), probe_bytes(&file).content);
        }

        #[test]
        fn what_is_no_image_is_named_alike(
            file in prop::collection::vec(any::<u8>(), 0..40),
            html: bool,
            cuts in prop::collection::vec(1..50_usize, 1..9),
        ) {
            let file = if html { [b"<!DOCTYPE html>", &file[..]].concat() } else { file };
            prop_assert_eq!(stream(&file, &cuts, false), probe_bytes(&file).content);
        }
    }

    /// Of a header that has just come whole, not a byte more is waited for.
    #[test]
    fn a_header_is_read_as_soon_as_it_is_there() {
        let file = testkit::Png::new().ihdr(testkit::Ihdr::new(4, 5)).build();
        let mut probe = StreamingProbe::default();
        probe.take(&file[..file.len() - 1]);
        assert_eq!(probe.content(false), None);
        probe.take(&file[file.len() - 1..]);
        assert!(matches!(probe.content(false), Some(Content::Image(_))));
    }

    #[test]
    fn little_is_kept_of_an_image() {
        for photo in photos(7, 40, 20_000) {
            let mut probe = StreamingProbe::default();
            for piece in photo.bytes.chunks(700) {
                probe.take(piece);
            }
            assert!(matches!(probe.content(true), Some(Content::Image(_))));
            assert_eq!(probe.prefix(), &photo.bytes[..START.min(photo.bytes.len())]);
        }
    }
}
