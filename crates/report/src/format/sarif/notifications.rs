//! Notifications of the run: everything that its results do not say.

use gate::Effect;

use super::log::Notification;
use crate::escape::escaped;
use crate::image::Image;
use crate::totals::Summary;
use crate::words::{counted, display_name};

/// The most unknown images that are named. If the network is down, there is one for each image.
pub(super) const MAX_NOTIFICATIONS: usize = 100;

/// The notifications so far.
#[derive(Default)]
pub(super) struct Notifications {
    named: Vec<Notification>,
    unknown: usize,
    /// Images that have findings, but no location in a repository.
    unlocated: usize,
}

impl Notifications {
    /// Says why an image is unknown.
    pub(super) fn add_unknown(&mut self, image: &Image) {
        self.unknown += 1;
        let mut findings = image.report.findings().iter();
        let reason = findings.find(|finding| finding.effect == Effect::Unknown);
        if let Some(finding) = reason.filter(|_| self.named.len() < MAX_NOTIFICATIONS) {
            let text = format!("{}: {}", display_name(image), finding.message);
            let text = escaped(&text).into_owned();
            self.named.push(Notification::about(finding.code, text));
        }
    }

    /// Counts an image that has findings, but no location in a repository.
    pub(super) const fn add_unlocated(&mut self) {
        self.unlocated += 1;
    }

    /// All notifications of the run. `dropped` findings exceed the limit on results.
    pub(super) fn into_log(self, summary: &Summary, dropped: usize) -> Vec<Notification> {
        let unnamed = self.unknown.saturating_sub(self.named.len());
        let mut all = self.named;
        let counts = [
            (unnamed, "more image is unknown", "more images are unknown"),
            (
                self.unlocated,
                "image with findings is in no file, and not among the results",
                "images with findings are in no file, and not among the results",
            ),
            (
                dropped,
                "finding exceeds the most results that a run may have, and is left out",
                "findings exceed the most results that a run may have, and are left out",
            ),
        ];
        for (count, one, many) in counts.into_iter().filter(|(count, ..)| *count > 0) {
            all.push(Notification::new(counted(count as u64, one, many)));
        }
        if summary.interrupted {
            let text = "the run was interrupted; images that it did not reach are absent";
            all.push(Notification::new(text));
        }
        all
    }
}
