//! Feeds a probe with bodies as they come in.

use crate::{Content, Defect, Header, HeaderError, Need, Probe, Step, Window};

/// Bytes of the file's start that are kept of what the probe recognised: for an excerpt, and to tell
/// a scrap of text from a truncated image.
const START: usize = 256;

/// A probe and the few bytes that it and the naming of foreign formats need: those from the place
/// that the probe needs on, and of what it did not recognise the first [`Content::PREFIX`].
#[derive(Debug)]
pub(super) struct Assembly {
    probe: Probe,
    answer: Option<Result<Header, HeaderError>>,
    prefix: Vec<u8>,
    /// Bytes without a gap that end at `next`.
    held: Vec<u8>,
    /// The offset of the byte that comes next.
    next: u64,
    total: Option<u64>,
}

impl Assembly {
    pub(super) const fn new() -> Self {
        Self {
            probe: Probe::new(),
            answer: None,
            prefix: Vec::new(),
            held: Vec::new(),
            next: 0,
            total: None,
        }
    }

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

    /// What is needed next: from where on, and how many bytes at the least.
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

    /// Takes the bytes that come next.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let from = self.next;
        self.next += bytes.len() as u64;
        if self.answer.is_none() {
            self.held.extend_from_slice(bytes);
            self.advance();
        }
        if from == self.prefix.len() as u64 {
            let most = if self.is_unrecognised() {
                Content::PREFIX
            } else {
                START
            };
            let wanted = most.saturating_sub(self.prefix.len());
            self.prefix.extend(bytes.iter().take(wanted));
        }
    }

    /// The file ends here.
    pub(super) fn end(&mut self) {
        self.tell_total(self.next);
        if self.answer.is_none() && self.next > 0 {
            self.advance();
            let from = self.held_from();
            if self.answer.is_none() {
                self.answer = match self.probe.feed(Window::last(from, &self.held)) {
                    Ok(Step::Header(header)) => Some(Ok(header)),
                    Ok(Step::NeedMore(_)) => None,
                    Err(error) => Some(Err(error)),
                };
            }
        }
    }

    /// What the file is, once that is certain. What is no image of ours is certain when there are
    /// enough bytes to put a name to it, or when no more are to come (`is_enough`).
    pub(super) fn content(&self, is_enough: bool) -> Option<Content> {
        let is_end = self.total.is_some_and(|total| self.next >= total);
        if is_end && self.next == 0 {
            return Some(Content::Empty);
        }
        let answer = self.answer?;
        let is_named = is_enough || is_end || self.prefix.len() >= Content::PREFIX;
        if self.is_unrecognised() && !is_named {
            return None;
        }
        Some(Content::of(answer, &self.prefix, self.total))
    }

    fn is_unrecognised(&self) -> bool {
        matches!(self.answer, Some(Err(error)) if error.defect == Defect::Unrecognised)
    }

    fn held_from(&self) -> u64 {
        self.next - self.held.len() as u64
    }

    /// Feeds what is at hand, and lets go of what the probe has passed.
    fn advance(&mut self) {
        while self.answer.is_none() {
            let need = self.probe.need();
            let from = self.held_from();
            let passed = usize::try_from(need.offset.saturating_sub(from)).unwrap_or(usize::MAX);
            let Some(window) = self
                .held
                .get(passed..)
                .filter(|window| window.len() >= need.len)
            else {
                self.held.drain(..passed.min(self.held.len()));
                return;
            };
            match self.probe.feed(Window::new(need.offset, window)) {
                // A probe that wants the same again would want it for ever.
                Ok(Step::NeedMore(next)) if next == need => return,
                Ok(Step::NeedMore(_)) => {}
                Ok(Step::Header(header)) => self.answer = Some(Ok(header)),
                Err(error) => self.answer = Some(Err(error)),
            }
        }
        self.held = Vec::new();
    }
}
