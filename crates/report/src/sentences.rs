//! The totals, in sentences of one line each.

use std::time::Duration;

use gate::{Code, Outcome, Stage};
use preflight::Profile;
use remote::{ClientBuilder, PRICE};

use crate::escape::escaped;
use crate::render::Context;
use crate::totals::{RemoteTotals, Summary, Totals};
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

/// The work and the cost of the paid stage, or of the run that it plans; empty without that stage.
#[must_use]
pub fn paid_lines(totals: &Totals, context: &Context) -> Vec<String> {
    let Some(remote) = &totals.remote else {
        return Vec::new();
    };
    let (service, budget_flag) = (context.standin(), context.budget_flag);
    let mut lines = if remote.is_plan {
        plan(remote, service, budget_flag)
    } else {
        let mut lines = vec![bill(remote, service)];
        lines.extend(left_over(totals, remote, service, budget_flag));
        lines
    };
    if remote.unsettled > 0 {
        let requests = counted(remote.unsettled, "request", "requests");
        lines.push(format!(
            "{requests} of earlier runs got no answer, and may have been charged"
        ));
    }
    lines
}

/// `would ask about 100 of 4,906 fit images (budget 100): at most CNY 0.40, about 20 s`, and the
/// same for all of them.
fn plan(remote: &RemoteTotals, service: Option<&str>, budget_flag: Option<&str>) -> Vec<String> {
    let fit = remote.eligible + remote.without_address;
    let ask = remote.to_ask();
    let mut aside = Vec::new();
    for (count, what) in [
        (remote.cached, "known"),
        (remote.without_address, "without a public URL"),
    ] {
        if count > 0 {
            aside.push(format!("{} {what}", thousands(count)));
        }
    }
    if let Some(budget) = remote.budget {
        aside.push(format!("budget {}", thousands(budget)));
    }
    let aside = if aside.is_empty() {
        String::new()
    } else {
        format!(" ({})", aside.join(", "))
    };
    let cost = |requests| match service {
        Some(service) => format!("{service}, verdicts are made up and free"),
        None => format!("{}, about {}", at_most(requests), time(requests)),
    };
    let images = counted(fit, "fit image", "fit images");
    let mut line = format!("would ask about {} of {images}{aside}", thousands(ask));
    if ask > 0 {
        let bound = if service.is_none() { "at most " } else { "" };
        line.push_str(&format!(": {bound}{}", cost(ask)));
    }
    let mut lines = vec![line];
    if remote.not_asked > 0 {
        let all = ask + remote.not_asked;
        let flag = budget_flag.map_or_else(String::new, |flag| format!(", {flag} {all}"));
        lines.push(format!("all {}: {}{flag}", thousands(all), cost(all)));
    }
    lines
}

/// `remote: 40 eligible, 31 from cache, 9 asked, 8 charged (CNY 0.032), 1 not charged`.
fn bill(remote: &RemoteTotals, service: Option<&str>) -> String {
    let mut line = match service {
        Some(service) => format!("remote ({service}, verdicts are made up): "),
        None => "remote: ".to_owned(),
    };
    line.push_str(&format!("{} eligible", thousands(remote.eligible)));
    if remote.cached > 0 {
        line.push_str(&format!(", {} from cache", thousands(remote.cached)));
    }
    line.push_str(&format!(", {} asked", thousands(remote.asked)));
    if remote.charged > 0 {
        // The stand-in charges nobody; a rehearsal says what the service would charge.
        let would = if service.is_some() { "would be " } else { "" };
        let (count, cost) = (thousands(remote.charged), PRICE * remote.charged);
        line.push_str(&format!(", {count} {would}charged ({cost})"));
    }
    if remote.maybe_charged > 0 {
        let count = thousands(remote.maybe_charged);
        line.push_str(&format!(", {count} perhaps charged"));
    }
    let settled = remote.charged + remote.maybe_charged;
    let free = remote.asked.saturating_sub(settled);
    if free > 0 {
        line.push_str(&format!(", {} not charged", thousands(free)));
    }
    line
}

/// The images that the budget left over.
fn left_over(
    totals: &Totals,
    remote: &RemoteTotals,
    service: Option<&str>,
    budget_flag: Option<&str>,
) -> Option<String> {
    let count = totals.of_code(Code::BudgetReached);
    if count == 0 {
        return None;
    }
    let images = counted(count, "image", "images");
    // If the run's own budget is not used up, it was the day's.
    let run_budget = remote.budget.filter(|budget| remote.asked >= *budget);
    let budget = match run_budget {
        Some(budget) => format!("the budget of {}", thousands(budget)),
        None => "the day's budget".to_owned(),
    };
    let mut line = format!(
        "{images} not asked: {budget} is used up. Run again to go on (known verdicts are free)"
    );
    if let (Some(flag), None, Some(_)) = (budget_flag, service, run_budget) {
        let cost = at_most(count);
        line.push_str(&format!("; all of them: {flag} {count}, {cost}"));
    }
    Some(line)
}

/// The most that so many requests cost: exact below CNY 1, else rounded up to two decimals.
fn at_most(requests: u64) -> String {
    let price = PRICE * requests;
    if price.amount() < 1.0 {
        price.to_string()
    } else {
        format!("{price:.2}")
    }
}

/// The time that so many requests take at the service's rate.
fn time(requests: u64) -> String {
    let rate = u64::from(ClientBuilder::REQUESTS_PER_SECOND.get());
    duration(Duration::from_secs(requests.div_ceil(rate).max(1)))
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
    fn a_bound_is_never_below() {
        for (requests, bound) in [(8, "CNY 0.032"), (100, "CNY 0.40"), (4_906, "CNY 19.63")] {
            assert_eq!(at_most(requests), bound);
        }
    }

    fn lines(remote: RemoteTotals, is_rehearsal: bool) -> Vec<String> {
        let mut context = Context::new(Profile::emo());
        context.budget_flag = Some("--budget");
        if is_rehearsal {
            context.service = gate::Service::Standin;
        }
        paid_lines(&Totals::new(Some(remote)), &context)
    }

    #[test]
    fn a_plan_says_what_it_costs_and_what_all_would_cost() {
        let plan = RemoteTotals {
            is_plan: true,
            budget: Some(100),
            eligible: 4_906,
            not_asked: 4_806,
            ..RemoteTotals::default()
        };
        assert_eq!(
            lines(plan, false),
            [
                "would ask about 100 of 4,906 fit images (budget 100): at most CNY 0.40, about 20 s",
                "all 4,906: CNY 19.63, about 16 min, --budget 4906",
            ]
        );
        let known = RemoteTotals {
            is_plan: true,
            budget: Some(100),
            eligible: 31,
            cached: 31,
            without_address: 2,
            ..RemoteTotals::default()
        };
        let line = "would ask about 0 of 33 fit images \
                    (31 known, 2 without a public URL, budget 100)";
        assert_eq!(lines(known, false), [line]);
    }

    #[test]
    fn a_bill_says_what_is_charged_may_be_and_is_not() {
        let bill = RemoteTotals {
            eligible: 40,
            cached: 31,
            asked: 10,
            charged: 8,
            maybe_charged: 1,
            unsettled: 2,
            ..RemoteTotals::default()
        };
        assert_eq!(
            lines(bill, false),
            [
                "remote: 40 eligible, 31 from cache, 10 asked, 8 charged (CNY 0.032), \
                 1 perhaps charged, 1 not charged",
                "2 requests of earlier runs got no answer, and may have been charged",
            ]
        );
        assert!(lines(bill, true)[0].contains("8 would be charged (CNY 0.032)"));
    }

    #[test]
    fn images_beyond_a_budget_are_one_line_that_names_the_budget() {
        let over = r#"{"outcome":"unknown","stage":"remote",
            "findings":[{"code":"PF508","severity":"error","message":"m"}]}"#;
        let over: gate::Report = serde_json::from_str(over).unwrap();
        let line = |asked, is_rehearsal| {
            let mut remote = RemoteTotals::new(Some(20));
            remote.asked = asked;
            let mut context = Context::new(Profile::emo());
            context.budget_flag = Some("--budget");
            if is_rehearsal {
                context.service = gate::Service::Standin;
            }
            let mut totals = Totals::new(Some(remote));
            totals.add(&over);
            totals.add(&over);
            paid_lines(&totals, &context).pop().unwrap()
        };
        let used_up = "is used up. Run again to go on (known verdicts are free)";
        assert_eq!(
            line(20, false),
            format!(
                "2 images not asked: the budget of 20 {used_up}; all of them: --budget 2, CNY 0.008"
            )
        );
        assert_eq!(
            line(20, true),
            format!("2 images not asked: the budget of 20 {used_up}")
        );
        assert_eq!(
            line(19, false),
            format!("2 images not asked: the day's budget {used_up}")
        );
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
