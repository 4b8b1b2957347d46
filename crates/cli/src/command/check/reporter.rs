//! Passes results to the reports and counts them.

use gate::Outcome;
use preflight::Profile;
use report::{Image, Repeated, Totals, display_name};

use crate::command::check::stages::Stages;
use crate::command::flags;
use crate::paid::Paid;
use crate::progress::{self, Progress};
use crate::scan::{Finished, Observer, ScanState};
use crate::settings::Settings;
use crate::sink::Sink;

/// The most inputs that are named if there is nothing to check.
const NAMED: usize = 3;

/// Passes results to the reports and counts them.
///
/// Inputs that yield nothing are held until there is something to check. If there never is, the run
/// fails and begins no report.
pub(crate) struct Reporter {
    sinks: Vec<Box<dyn Sink>>,
    totals: Totals,
    profile: Profile,
    stages: Stages,
    held: Vec<Line>,
    /// Whether there is something to check, or nothing is allowed.
    begun: bool,
    progress: Progress,
}

/// A line of the reports.
enum Line {
    Image(Box<Image>),
    Repeated(Box<Repeated>),
}

impl Reporter {
    pub(crate) fn new(sinks: Vec<Box<dyn Sink>>, settings: &Settings, stages: Stages) -> Self {
        Self {
            sinks,
            totals: Totals::new(stages.paid().map(Paid::totals)),
            profile: settings.profile.clone(),
            stages,
            held: Vec::new(),
            // If an earlier report settled everything, there is nothing to check, which is fine.
            begun: settings.allow_empty || settings.resume.is_some(),
            progress: Progress::new(settings),
        }
    }

    /// The reason why there was nothing to check, if there was not.
    pub(crate) fn nothing_to_check(&self) -> Option<String> {
        if self.begun {
            return None;
        }
        let images: Vec<_> = self.held.iter().filter_map(Line::image).collect();
        if images.is_empty() {
            return Some("no input given (use --allow-empty if that is intended)".to_owned());
        }
        let named = images.iter().take(NAMED);
        let named = named.map(|image| format!("{}: {}", display_name(image), why(image)));
        let mut words = named.collect::<Vec<_>>().join("; ");
        if images.len() > NAMED {
            words.push_str(&format!("; and {} more", images.len() - NAMED));
        }
        Some(words)
    }

    /// The reports, which the caller must finish, and the counts.
    pub(crate) fn into_parts(mut self) -> (Vec<Box<dyn Sink>>, Totals) {
        self.pass_on_held();
        self.progress.end();
        (self.sinks, self.totals)
    }

    fn pass_on_held(&mut self) {
        for line in std::mem::take(&mut self.held) {
            self.pass_on(line);
        }
    }

    fn pass_on(&mut self, line: Line) {
        let line = match line {
            // Nothing to advise, and nothing to allocate, for most images.
            Line::Image(mut image) if !image.report.findings().is_empty() => {
                *image = self.with_advice(*image);
                Line::Image(image)
            }
            other => other,
        };
        match &line {
            Line::Image(image) => self.totals.add(&image.report),
            Line::Repeated(_) => self.totals.add_repeat(),
        }
        let sinks = &mut self.sinks;
        self.progress.aside(|| {
            for sink in sinks {
                match &line {
                    Line::Image(image) => sink.image(image),
                    Line::Repeated(repeated) => sink.repeated(repeated),
                }
            }
        });
    }

    /// The image with advice for users of this command: a flag, or a command to copy.
    fn with_advice(&self, mut image: Image) -> Image {
        let codes: Vec<_> = image.report.errors().map(|finding| finding.code).collect();
        for code in codes {
            if let Some(advice) = flags::advice(code)
                && flags::is_advice_for_findings(code)
            {
                image.report.set_help(code, advice.en);
            }
        }
        image.with_repairs(&self.profile)
    }
}

impl Observer for Reporter {
    fn result(&mut self, finished: Finished) {
        let (line, begins) = match finished {
            Finished::Image {
                image,
                yields_nothing,
            } => {
                let begins = !yields_nothing && image.report.outcome() != Outcome::Skip;
                (Line::Image(image), begins)
            }
            Finished::Repeated(repeated) => (Line::Repeated(repeated), false),
        };
        if !self.begun && !begins {
            self.held.push(line);
            return;
        }
        if !self.begun {
            self.begun = true;
            self.pass_on_held();
        }
        self.pass_on(line);
    }

    fn idle(&mut self, state: ScanState) {
        let sinks = &mut self.sinks;
        self.progress.aside(|| {
            for sink in sinks {
                sink.idle(state.in_flight == 0);
            }
        });
        let (totals, stages) = (&self.totals, &self.stages);
        self.progress.tick(|| progress::State {
            checked: totals.images() + totals.duplicates + state.waiting,
            total: state.total,
            busiest: stages.hosts().busiest(),
            remote: totals.remote,
        });
    }
}

impl Line {
    fn image(&self) -> Option<&Image> {
        match self {
            Self::Image(image) => Some(image),
            Self::Repeated(_) => None,
        }
    }
}

/// The reason why an input yielded nothing.
fn why(image: &Image) -> &str {
    let finding = image.report.findings().first();
    let message = finding.map(|finding| finding.message.as_str());
    message.or(image.report.reason()).unwrap_or("nothing there")
}
