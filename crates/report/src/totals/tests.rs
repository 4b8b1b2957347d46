//! The counts of a summary.

use serde_json::json;

use super::*;

fn report(json: serde_json::Value) -> Report {
    serde_json::from_value(json).unwrap()
}

fn finding(code: &str, severity: &str) -> serde_json::Value {
    json!({"code": code, "severity": severity, "message": "m"})
}

fn asked(charge: &str, cached: bool, attempts: u32) -> Report {
    report(json!({
        "outcome": "pass", "stage": "remote", "findings": [],
        "remote": {
            "service": "emo", "model": "emo-detect-v1", "ratio": "1:1", "check_pass": true,
            "charge": charge, "cached": cached, "attempts": attempts,
        },
    }))
}

fn added(totals: Totals, reports: impl IntoIterator<Item = Report>) -> Totals {
    let mut totals = totals;
    for report in reports {
        totals.add(&report);
    }
    totals
}

#[test]
fn each_outcome_is_counted_and_only_rejections_by_stage() {
    let outcomes = ["pass", "reject", "unknown", "skip", "reject"];
    let reports = outcomes
        .map(|outcome| report(json!({"outcome": outcome, "stage": "limits", "findings": []})));
    let totals = added(Totals::new(None), reports);
    assert_eq!(totals.images(), 5);
    assert_eq!(
        Outcome::ALL.map(|outcome| totals.of(outcome)),
        Outcome::ALL.map(|outcome| if outcome == Outcome::Reject { 2 } else { 1 })
    );
    assert_eq!(totals.rejected_at(Stage::Limits), 2);
    assert_eq!(totals.rejected_at(Stage::Header), 0);
}

#[test]
fn an_image_counts_once_for_a_code_and_not_for_notes() {
    let image = report(json!({"outcome": "reject", "stage": "header", "findings": [
        finding("PF103", "error"), finding("PF103", "error"),
        finding("PF104", "warning"), finding("PF205", "note"),
    ]}));
    let totals = added(Totals::new(None), [image.clone(), image]);
    let codes: Vec<_> = totals.by_code().map(|(code, n)| (code.id(), n)).collect();
    assert_eq!(codes, [("PF103", 2), ("PF104", 2)]);
    assert_eq!(totals.of_code(Code::OnTheBoundary), 0);
}

#[test]
fn bytes_that_were_read_exist_even_if_the_length_is_not_known() {
    let read = |facts: serde_json::Value| {
        let mut json = json!({"outcome": "pass", "stage": "limits", "findings": []});
        json.as_object_mut()
            .unwrap()
            .extend(facts.as_object().unwrap().clone());
        report(json)
    };
    let reports = [
        read(json!({"bytes": 1_000, "bytes_read": 64})),
        read(json!({"bytes_read": 100})),
    ];
    let totals = added(Totals::new(None), reports);
    assert_eq!((totals.bytes_read, totals.bytes_total), (164, 1_100));
}

#[test]
fn repeats_are_no_images() {
    let mut totals = Totals::new(None);
    totals.add_repeat();
    assert_eq!((totals.images(), totals.duplicates), (0, 1));
}

#[test]
fn the_paid_stage_is_counted_by_what_was_sent_and_charged() {
    let without_url = report(json!({"outcome": "unknown", "stage": "remote",
        "findings": [finding("PF507", "error")]}));
    let over_budget = report(json!({"outcome": "unknown", "stage": "remote",
        "findings": [finding("PF508", "error")]}));
    let rejected_before = report(json!({"outcome": "reject", "stage": "limits",
        "findings": [finding("PF202", "error")]}));
    let totals = added(
        Totals::new(Some(RemoteTotals::new(Some(9)))),
        [
            asked("yes", false, 1),
            asked("unknown", false, 2),
            asked("no", true, 0),
            asked("no", false, 0),
            asked("no", false, 0),
            without_url,
            over_budget.clone(),
            over_budget,
            rejected_before,
        ],
    );
    let expected = RemoteTotals {
        budget: Some(9),
        eligible: 7,
        without_address: 1,
        cached: 1,
        not_asked: 4,
        asked: 3,
        charged: 1,
        maybe_charged: 1,
        ..RemoteTotals::default()
    };
    let found = totals.remote.unwrap();
    assert_eq!(found, expected);
    assert_eq!(found.charged_at_most(), 2);
    let plan = RemoteTotals {
        is_plan: true,
        ..expected
    };
    assert_eq!((plan.to_ask(), plan.charged_at_most()), (2, 2));
}

#[test]
fn what_was_passed_over_is_written_down_where_there_was_any() {
    let none = PassedOver::new();
    assert_eq!(
        (none.other_images(), serde_json::to_value(&none).unwrap()),
        (0, json!({}))
    );
    let mut some = PassedOver::new();
    some.by_extension = BTreeMap::from([("gif".to_owned(), 3), ("tiff".to_owned(), 4)]);
    (some.excluded, some.ignored, some.special) = (1, 2, 3);
    (some.misnamed, some.duplicates) = (4, 5);
    assert_eq!(some.other_images(), 7);
    let written = json!({
        "by_extension": {"gif": 3, "tiff": 4},
        "excluded": 1, "ignored": 2, "special": 3, "misnamed": 4, "duplicates": 5,
    });
    assert_eq!(serde_json::to_value(&some).unwrap(), written);
}
