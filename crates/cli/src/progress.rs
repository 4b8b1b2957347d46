//! A progress line on standard error, for people who wait.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use remote::PRICE;
use report::{RemoteTotals, Verbosity, duration, thousands};

use crate::settings::Settings;

/// The time after which the line appears. Most runs end before.
const DELAY: Duration = Duration::from_secs(1);

/// The least number of checked images from which the time left is estimated.
const MIN_SAMPLE: u64 = 10;

/// The progress of the run.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) checked: u64,
    /// The number of inputs, once it is known.
    pub(crate) total: Option<u64>,
    /// The server with the most URLs in flight, and their number.
    pub(crate) busiest: Option<(String, u64)>,
    /// The counts of the paid stage so far.
    pub(crate) remote: Option<RemoteTotals>,
}

/// The progress line, shown on a terminal after a second.
pub(crate) struct Progress {
    wanted: bool,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(settings: &Settings) -> Self {
        let is_verbose_enough =
            (Verbosity::Normal..=Verbosity::Verbose).contains(&settings.verbosity);
        let in_ci = settings.environment.get("CI").is_some();
        Self {
            wanted: is_verbose_enough && !in_ci && io::stderr().is_terminal(),
            started: Instant::now(),
            bar: None,
        }
    }

    /// Updates the line.
    pub(crate) fn tick(&mut self, state: impl FnOnce() -> State) {
        let elapsed = self.started.elapsed();
        if !self.wanted || elapsed < DELAY {
            return;
        }
        let bar = self.bar.get_or_insert_with(new_bar);
        bar.set_message(line(&state(), elapsed));
        bar.tick();
    }

    /// Writes to the same terminal, with the line hidden meanwhile.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes the line for good.
    pub(crate) fn end(&mut self) {
        self.wanted = false;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// `312/5,000 · 31/s · 4 at once to cdn.example.com · asked 33 of 60 · CNY 0.13 · 2 min left`.
fn line(state: &State, elapsed: Duration) -> String {
    let checked = thousands(state.checked);
    let mut parts = vec![match state.total {
        Some(total) => format!("{checked}/{}", thousands(total)),
        None => format!("{checked} images"),
    }];
    let seconds = elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
    // A double holds such counts exactly.
    let rate = state.checked as f64 / seconds;
    if state.checked > 0 {
        parts.push(if rate < 10.0 {
            format!("{rate:.1}/s")
        } else {
            format!("{}/s", thousands(rate as u64))
        });
    }
    if let Some((host, count)) = &state.busiest {
        parts.push(format!("{count} at once to {host}"));
    }
    if let Some(remote) = state.remote.filter(|remote| !remote.is_plan) {
        let asked = thousands(remote.asked);
        parts.push(match remote.budget {
            Some(budget) => format!("asked {asked} of {}", thousands(budget)),
            None => format!("asked {asked}"),
        });
        let charged = remote.charged_at_most();
        if charged > 0 {
            parts.push((PRICE * charged).to_string());
        }
    }
    if let Some(total) = state.total
        && state.checked >= MIN_SAMPLE
        && rate > 0.0
    {
        let left = total.saturating_sub(state.checked) as f64 / rate;
        parts.push(format!(
            "{} left",
            duration(Duration::from_secs_f64(left.min(1e9)))
        ));
    }
    parts.join(" · ")
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{spinner} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_progress_rate_and_cost() {
        let mut state = State {
            checked: 312,
            ..State::default()
        };
        let ten = Duration::from_secs(10);
        assert_eq!(line(&state, ten), "312 images · 31/s");
        state.total = Some(5_000);
        state.busiest = Some(("cdn.example.com".to_owned(), 4));
        let mut remote = RemoteTotals::new(Some(60));
        remote.asked = 33;
        remote.charged = 32;
        state.remote = Some(remote);
        assert_eq!(
            line(&state, ten),
            "312/5,000 · 31/s · 4 at once to cdn.example.com · asked 33 of 60 · CNY 0.128 · 3 min left"
        );
        assert_eq!(line(&State::default(), Duration::ZERO), "0 images");
    }
}
