//! A sign of life on standard error, for people who wait.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use report::Verbosity;

use crate::settings::Settings;

/// Most runs are over before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(1);

/// A sign of life, shown to a terminal after a second.
pub(crate) struct Progress {
    wanted: bool,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(settings: &Settings) -> Self {
        let talkative = (Verbosity::Normal..=Verbosity::Verbose).contains(&settings.verbosity);
        let in_ci = settings.environment.get("CI").is_some();
        Self {
            wanted: talkative && !in_ci && io::stderr().is_terminal(),
            started: Instant::now(),
            bar: None,
        }
    }

    /// So many images were checked so far.
    pub(crate) fn tick(&mut self, checked: u64) {
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(new_bar);
        bar.set_position(checked);
        bar.tick();
    }

    /// Writes to the same terminal without a trace of the sign in between.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the sign away for good.
    pub(crate) fn end(&mut self) {
        self.wanted = false;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{spinner} images checked: {human_pos}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
