//! The totals, in one line each.

use gate::{Outcome, Stage};
use preflight::Profile;

use crate::escape::escaped;
use crate::words::thousands;
use crate::{Planned, Summary, Totals};

/// What the service charges for an image it judged, in thousandths of a CNY (emo-detect's price
/// list, 2026-03-10).
const PRICE_MILLI_CNY: u64 = 4;

/// `128 images: 123 passed, 2 rejected (1 header, 1 limits), 2 unknown, 1 skipped`.
#[must_use]
pub fn images_line(totals: &Totals) -> String {
    let images = totals.images();
    let noun = if images == 1 { "image" } else { "images" };
    let mut line = format!(
        "{} {noun}: {} passed",
        thousands(images),
        thousands(totals.of(Outcome::Pass))
    );
    let rejected = totals.of(Outcome::Reject);
    if rejected > 0 {
        let stages: Vec<_> = Stage::ALL
            .into_iter()
            .filter(|stage| totals.rejected_at(*stage) > 0)
            .map(|stage| format!("{} {stage}", thousands(totals.rejected_at(stage))))
            .collect();
        line.push_str(&format!(
            ", {} rejected ({})",
            thousands(rejected),
            stages.join(", ")
        ));
    }
    for (outcome, word) in [(Outcome::Unknown, "unknown"), (Outcome::Skip, "skipped")] {
        if totals.of(outcome) > 0 {
            line.push_str(&format!(", {} {word}", thousands(totals.of(outcome))));
        }
    }
    line
}

/// What the paid stage did, or would have done, and what that costs.
#[must_use]
pub fn paid_line(totals: &Totals, service: Option<&str>) -> Option<String> {
    match totals.planned {
        Some(planned) => Some(plan(totals, planned, service)),
        None => remote(totals, service),
    }
}

/// `would ask about 9 of 42 images (31 known, 2 rejected here): at most CNY 0.036 at CNY 0.004 each;
/// budget 100`.
fn plan(totals: &Totals, planned: Planned, service: Option<&str>) -> String {
    let rejected = totals.of(Outcome::Reject);
    let aside: Vec<_> = [
        (planned.known, "known"),
        (rejected, "rejected here"),
        (planned.without_address, "without a public URL"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", thousands(count)))
    .collect();
    let aside = if aside.is_empty() {
        String::new()
    } else {
        format!(" ({})", aside.join(", "))
    };
    let cost = match service {
        Some(service) => format!("{service}, verdicts are made up and free"),
        None => format!(
            "at most CNY {} at CNY {} each",
            cny(planned.ask.min(planned.budget)),
            cny(1)
        ),
    };
    let (ask, images) = (thousands(planned.ask), thousands(totals.images()));
    let noun = if totals.images() == 1 {
        "image"
    } else {
        "images"
    };
    let budget = thousands(planned.budget);
    format!("would ask about {ask} of {images} {noun}{aside}: {cost}; budget {budget}")
}

/// `remote: 40 eligible, 31 from cache, 9 asked, 8 charged (CNY 0.032), 1 not charged`.
fn remote(totals: &Totals, service: Option<&str>) -> Option<String> {
    let totals = totals.remote?;
    let mut line = match service {
        Some(service) => format!("remote ({service}, verdicts are made up): "),
        None => "remote: ".to_owned(),
    };
    line.push_str(&format!("{} eligible", totals.eligible));
    if totals.cached > 0 {
        line.push_str(&format!(", {} from cache", totals.cached));
    }
    line.push_str(&format!(", {} asked", totals.asked));
    if totals.charged > 0 {
        line.push_str(&format!(
            ", {} charged (CNY {})",
            totals.charged,
            cny(totals.charged)
        ));
    }
    if totals.maybe_charged > 0 {
        line.push_str(&format!(", {} perhaps charged", totals.maybe_charged));
    }
    let free = totals
        .asked
        .saturating_sub(totals.charged + totals.maybe_charged);
    if free > 0 {
        line.push_str(&format!(", {free} not charged"));
    }
    Some(line)
}

/// What so many images cost, in CNY.
#[must_use]
pub fn cny(images: u64) -> String {
    let milli = images.saturating_mul(PRICE_MILLI_CNY);
    format!("{}.{:03}", milli / 1000, milli % 1000)
}

/// `profile emo (limits as documented 2026-03-10) · read 1.9 of 412 MB · 0.21 s`.
pub(crate) fn run_line(profile: &Profile, summary: &Summary) -> String {
    let mut line = format!("profile {}", escaped(profile.name()));
    if let Some(date) = documented(profile) {
        line.push_str(&format!(" (limits as documented {date})"));
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

/// The date of the page that the accepted formats come from, which all built-in profiles end their
/// citation with.
fn documented(profile: &Profile) -> Option<&str> {
    let (_, date) = profile.formats().source.rsplit_once(", ")?;
    date.starts_with(|c: char| c.is_ascii_digit())
        .then_some(date)
}

/// `1.9 of 412 MB`: both in the unit of the second.
fn of_bytes(read: u64, total: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    // Up to 10 kB, every byte is readable.
    let unit = UNITS
        .into_iter()
        .find(|(unit, _)| total >= 10 * unit || (total >= *unit && *unit > 1_000));
    match unit {
        Some((unit, name)) => format!("{} of {} {name}", tenths(read, unit), tenths(total, unit)),
        None => format!("{} of {} bytes", thousands(read), thousands(total)),
    }
}

/// With one digit behind the point below ten.
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
            (623, 9_999, "623 of 9,999 bytes"),
            (623, 48_211, "0.6 of 48 kB"),
            (1_900_000, 412_000_000, "1.9 of 412 MB"),
            (3, 1_500_000, "0 of 1.5 MB"),
            (12_000_000_000, 1_234_000_000_000, "12 of 1,234 GB"),
        ] {
            assert_eq!(of_bytes(read, total), shown);
        }
    }

    #[test]
    fn money_is_exact() {
        assert_eq!(cny(8), "0.032");
        assert_eq!(cny(250), "1.000");
    }
}
