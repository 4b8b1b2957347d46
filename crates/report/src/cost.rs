//! The work and the cost of the paid stage, in sentences of one line each.

use std::time::Duration;

use gate::Code;
use remote::{ClientBuilder, PRICE};

use crate::render::Context;
use crate::sentences::duration;
use crate::totals::{RemoteTotals, Totals};
use crate::words::{counted, thousands};

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

#[cfg(test)]
mod tests {
    use preflight::Profile;

    use super::*;

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

    /// Where a count is zero, the line does not speak of it.
    #[test]
    fn a_bill_is_silent_about_what_there_was_none_of() {
        let line = |cached, asked, charged, maybe_charged| {
            let bill = RemoteTotals {
                eligible: 3,
                cached,
                asked,
                charged,
                maybe_charged,
                ..RemoteTotals::default()
            };
            lines(bill, false).join("; ")
        };
        for (line, expected) in [
            (line(0, 0, 0, 0), "0 asked"),
            (line(0, 3, 3, 0), "3 asked, 3 charged (CNY 0.012)"),
            (line(0, 3, 0, 3), "3 asked, 3 perhaps charged"),
            (line(0, 3, 0, 0), "3 asked, 3 not charged"),
            (
                line(2, 1, 1, 0),
                "2 from cache, 1 asked, 1 charged (CNY 0.004)",
            ),
        ] {
            assert_eq!(line, format!("remote: 3 eligible, {expected}"));
        }
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
}
