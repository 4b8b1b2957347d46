//! The registry in Simplified Chinese: the words of each entry, one file a stage, as in English.

pub(super) mod content;
pub(super) mod header;
pub(super) mod input;
pub(super) mod limits;
#[cfg(feature = "remote")]
pub(super) mod remote;

use super::Entry;

/// All of an entry that is said in words.
struct Words {
    summary: &'static str,
    checks: &'static str,
    why: &'static str,
    source: &'static str,
    remedy: &'static str,
    change: &'static str,
}

impl Words {
    /// The entry that the English one is in these words.
    const fn of(self, english: &Entry) -> Entry {
        Entry {
            id: english.id,
            slug: english.slug,
            stage: english.stage,
            effect: english.effect,
            summary: self.summary,
            checks: self.checks,
            why: self.why,
            source: self.source,
            remedy: self.remedy,
            change: self.change,
        }
    }
}
