//! The totals, in sentences of one line each.

use std::time::Duration;

use gate::{Outcome, Stage};
use preflight::Profile;

use crate::escape::escaped;
use crate::totals::{Summary, Totals};
use crate::words::{counted, thousands};

/// `128 images: 123 passed, 2 rejected (1 header, 1 limits), 2 unknown, 1 skipped`.
#[must_use]
pub fn images_line(totals: &Totals) -> String {
    let images = counted(totals.images(), "image", "images");
    let mut line = format!("{images}: {} passed", thousands(totals.of(Outcome::Pass)));
    let rejected = totals.of(Outcome::Reject);
    if rejected > 0 {
        let stages: Vec<_> = Stage::ALL
            .into_iter()
            .filter(|stage| totals.rejected_at(*stage) > 0)
            .map(|stage| format!("{} {stage}", thousands(totals.rejected_at(stage))))
            .collect();
        let (rejected, stages) = (thousands(rejected), stages.join(", "));
        line.push_str(&format!(", {rejected} rejected ({stages})"));
    }
    for (outcome, word) in [(Outcome::Unknown, "unknown"), (Outcome::Skip, "skipped")] {
        if totals.of(outcome) > 0 {
            line.push_str(&format!(", {} {word}", thousands(totals.of(outcome))));
        }
    }
    if totals.duplicates > 0 {
        let repeats = counted(totals.duplicates, "repeat", "repeats");
        line.push_str(&format!(" ({repeats} not counted)"));
    }
    line
}

/// A heading for readers who read nothing else: `2 of 128 images rejected, 1 unknown`.
pub(crate) fn verdict(summary: &Summary) -> String {
    let totals = &summary.totals;
    let (images, rejected, unknown) = (
        totals.images(),
        totals.of(Outcome::Reject),
        totals.of(Outcome::Unknown),
    );
    let mut verdict = match (images, rejected, unknown) {
        (0, _, _) => "nothing was checked".to_owned(),
        (1, 0, 0) if totals.of(Outcome::Skip) == 1 => "1 image skipped".to_owned(),
        (_, 0, 0) if totals.of(Outcome::Skip) == images => format!("all {images} images skipped"),
        (1, 0, 0) if totals.of(Outcome::Skip) == 0 => "1 image passed".to_owned(),
        (_, 0, 0) if totals.of(Outcome::Skip) == 0 => format!("all {images} images passed"),
        (_, 0, 0) => format!(
            "{} of {images} images passed, none rejected",
            totals.of(Outcome::Pass)
        ),
        (_, _, 0) => format!("{rejected} of {images} images rejected"),
        (_, 0, _) => format!("{unknown} of {images} images unknown"),
        (_, _, _) => format!("{rejected} of {images} images rejected, {unknown} unknown"),
    };
    if summary.interrupted {
        verdict.push_str(" (interrupted)");
    }
    verdict
}

/// A duration in one unit: `20 s`, `16 min`, `3 h`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", thousands((seconds + 1_800) / 3_600)),
    }
}

/// `profile emo (limits of 2026-03-10) · read 1.9 of 412 MB · 0.21 s`.
pub(crate) fn run_line(profile: &Profile, summary: &Summary) -> String {
    let mut line = format!("profile {}", escaped(profile.name()));
    if let Some(date) = documented(profile) {
        line.push_str(&format!(" (limits of {date})"));
    }
    let (read, total) = (summary.totals.bytes_read, summary.totals.bytes_total);
    line.push_str(&format!(
        " · read {} · {:.2} s",
        of_bytes(read, total),
        summary.elapsed.as_secs_f64()
    ));
    if summary.interrupted {
        line.push_str(" · interrupted");
    }
    line
}

/// The date of the page that the accepted formats come from: the end of the citation in all
/// built-in profiles.
fn documented(profile: &Profile) -> Option<&str> {
    let (_, date) = profile.formats().source.rsplit_once(", ")?;
    date.starts_with(|c: char| c.is_ascii_digit())
        .then_some(date)
}

/// `1.9 of 412 MB`: both in the unit of the second.
fn of_bytes(read: u64, total: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let unit = UNITS.into_iter().find(|(unit, _)| total >= *unit);
    match unit {
        Some((unit, name)) => format!("{} of {} {name}", tenths(read, unit), tenths(total, unit)),
        None => format!("{} of {} bytes", thousands(read), thousands(total)),
    }
}

/// With one decimal below ten.
fn tenths(bytes: u64, unit: u64) -> String {
    let tenths = bytes.saturating_mul(10).saturating_add(unit / 2) / unit;
    if tenths == 0 {
        "0".to_owned()
    } else if tenths < 100 {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        thousands((bytes + unit / 2) / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_the_unit_of_the_whole() {
        for (read, total, shown) in [
            (0, 0, "0 of 0 bytes"),
            (623, 999, "623 of 999 bytes"),
            (4_096, 8_422, "4.1 of 8.4 kB"),
            (623, 48_211, "0.6 of 48 kB"),
            (1_900_000, 412_000_000, "1.9 of 412 MB"),
            (3, 1_500_000, "0 of 1.5 MB"),
            (12_000_000_000, 1_234_000_000_000, "12 of 1,234 GB"),
        ] {
            assert_eq!(of_bytes(read, total), shown);
        }
    }

    #[test]
    fn the_verdict_says_the_worst_first() {
        let verdict = |passed, rejected, unknown, skipped| {
            let mut totals = Totals::new(None);
            for (count, outcome) in [
                (passed, "pass"),
                (rejected, "reject"),
                (unknown, "unknown"),
                (skipped, "skip"),
            ] {
                let report = format!(r#"{{"outcome":"{outcome}","stage":"input","findings":[]}}"#);
                let report: gate::Report = serde_json::from_str(&report).unwrap();
                (0..count).for_each(|_| totals.add(&report));
            }
            verdict(&Summary::new(totals, Duration::ZERO))
        };
        for (counts, expected) in [
            ((0, 0, 0, 0), "nothing was checked"),
            ((1, 0, 0, 0), "1 image passed"),
            ((3, 0, 0, 0), "all 3 images passed"),
            ((0, 0, 0, 1), "1 image skipped"),
            ((0, 0, 0, 2), "all 2 images skipped"),
            ((2, 0, 0, 1), "2 of 3 images passed, none rejected"),
            ((2, 1, 0, 0), "1 of 3 images rejected"),
            ((2, 0, 1, 0), "1 of 3 images unknown"),
            ((1, 1, 1, 0), "1 of 3 images rejected, 1 unknown"),
        ] {
            let (passed, rejected, unknown, skipped) = counts;
            assert_eq!(verdict(passed, rejected, unknown, skipped), expected);
        }
    }

    #[test]
    fn times_are_short() {
        let times = [1, 119, 120, 981, 7_199, 7_200, 90_000].map(Duration::from_secs);
        assert_eq!(
            times.map(duration),
            ["1 s", "119 s", "2 min", "16 min", "120 min", "2 h", "25 h"]
        );
    }
}
