//! Passes results on to the reports, and counts them.

use gate::Outcome;

use report::{Image, RemoteTotals, Totals, display_name};

use crate::progress::Progress;
use crate::scan::{Observer, Scanned};
use crate::settings::Settings;
use crate::sink::Sink;

/// Fruitless inputs that are named when there is nothing to check.
const NAMED: usize = 3;

/// Passes results on to the reports, and counts them.
///
/// Inputs that yield nothing wait until there is something to check. If there never is, the run is
/// not done as asked, and no report of it is begun.
pub(crate) struct Reporter {
    sinks: Vec<Box<dyn Sink>>,
    totals: Totals,
    held: Vec<Image>,
    /// Whether there is something to check, or need not be.
    begun: bool,
    progress: Progress,
}

impl Reporter {
    pub(crate) fn new(
        sinks: Vec<Box<dyn Sink>>,
        settings: &Settings,
        remote: Option<RemoteTotals>,
    ) -> Self {
        Self {
            sinks,
            totals: Totals::new(remote),
            held: Vec::new(),
            begun: settings.allow_empty,
            progress: Progress::new(settings),
        }
    }

    /// Why there was nothing to check, if there was not.
    pub(crate) fn nothing_to_check(&self) -> Option<String> {
        if self.begun {
            return None;
        }
        if self.held.is_empty() {
            return Some("no input given (use --allow-empty if that is intended)".to_owned());
        }
        let named = self
            .held
            .iter()
            .take(NAMED)
            .map(|line| format!("{}: {}", display_name(line), why(line)));
        let mut words = named.collect::<Vec<_>>().join("; ");
        if self.held.len() > NAMED {
            words.push_str(&format!("; and {} more", self.held.len() - NAMED));
        }
        Some(words)
    }

    /// The reports, to be ended, and the counts.
    pub(crate) fn into_parts(mut self) -> (Vec<Box<dyn Sink>>, Totals) {
        for line in std::mem::take(&mut self.held) {
            self.pass_on(&line);
        }
        self.progress.end();
        (self.sinks, self.totals)
    }

    fn pass_on(&mut self, line: &Image) {
        self.totals.add(&line.report);
        let sinks = &mut self.sinks;
        self.progress.aside(|| {
            for sink in sinks {
                sink.image(line);
            }
        });
    }
}

impl Observer for Reporter {
    fn result(&mut self, Scanned { line, fruitless }: Scanned) {
        if !self.begun {
            if fruitless || line.report.outcome() == Outcome::Skip {
                self.held.push(line);
                return;
            }
            self.begun = true;
            for line in std::mem::take(&mut self.held) {
                self.pass_on(&line);
            }
        }
        self.pass_on(&line);
    }

    fn idle(&mut self, waiting: u64) {
        let sinks = &mut self.sinks;
        self.progress.aside(|| {
            for sink in sinks {
                sink.idle();
            }
        });
        self.progress.tick(self.totals.images() + waiting);
    }
}

/// Why an input yielded nothing.
fn why(line: &Image) -> &str {
    let finding = line
        .report
        .findings()
        .first()
        .map(|finding| finding.message.as_str());
    finding.or(line.report.reason()).unwrap_or("nothing there")
}
