//! The promises of `gate::Ledger`, kept by a file.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests may"
)]

mod support;

use std::time::Duration;

use gate::{Claim, Ledger, LedgerError, Question};
use ledger::{Options, Recall};
use remote::{Charge, ErrorKind, Ratio};
use support::{
    about, fail, granted, intended, known, open, options, pass, pay, question, settlement, sha256,
    url,
};

#[tokio::test]
async fn a_verdict_that_was_paid_for_is_known_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    for (n, answer) in [
        pass(1),
        fail(),
        gate::Answer {
            made_up: true,
            ..pass(3)
        },
    ]
    .into_iter()
    .enumerate()
    {
        let question = question(n as u64);
        assert_eq!(known(&ledger, &question).await, None);
        let settlement = settlement(Charge::Yes, Ok(answer.clone()));
        let (asking, call) = intended(&ledger, &question).await;
        asking.settle(call, &settlement).await.unwrap();
        drop(asking);
        for ledger in [ledger.clone(), open(dir.path())] {
            let found = known(&ledger, &question).await.unwrap();
            assert_eq!(
                (&found.answer, &found.request_id),
                (&answer, &settlement.request_id)
            );
            assert_eq!(found.at.as_millisecond(), settlement.at.as_millisecond());
            let Claim::Known(claimed) = ledger.claim(&question).await.unwrap() else {
                panic!("expected a verdict");
            };
            assert_eq!(claimed, found);
        }
    }
    let spent = ledger.spent().await.unwrap();
    assert_eq!(
        (
            spent.asked,
            spent.charged,
            spent.maybe_charged,
            spent.in_flight
        ),
        (3, 3, 0, 0)
    );
}

#[tokio::test]
async fn another_model_ratio_or_service_is_another_question() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let asked = question(1);
    pay(&ledger, &asked, pass(1)).await;
    for other in [
        Question {
            model: "emo-detect-v2".to_owned(),
            ..asked.clone()
        },
        Question {
            ratio: Ratio::ThreeFour,
            ..asked.clone()
        },
        Question {
            base_url: "http://127.0.0.1:1/api/v1".to_owned(),
            ..asked.clone()
        },
        question(2),
    ] {
        assert_eq!(known(&ledger, &other).await, None, "{other:?}");
    }
    assert!(known(&ledger, &asked).await.is_some());
}

#[tokio::test]
async fn a_verdict_is_found_by_either_identity() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    pay(&ledger, &about(Some(sha256(1)), Some(url(1))), pass(1)).await;
    assert!(
        known(&ledger, &about(Some(sha256(1)), None))
            .await
            .is_some()
    );
    assert!(known(&ledger, &about(None, Some(url(1)))).await.is_some());
    // A hash of bytes is none of a URL.
    let swapped = gate::UrlIdentity::from_bytes(*sha256(1).as_bytes());
    assert_eq!(known(&ledger, &about(None, Some(swapped))).await, None);
}

#[tokio::test]
async fn a_verdict_that_one_identity_finds_is_kept_under_the_other_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    pay(&ledger, &about(Some(sha256(1)), None), pass(1)).await;
    assert_eq!(known(&ledger, &about(None, Some(url(1)))).await, None);
    // Somebody who read the whole object knows both.
    let both = about(Some(sha256(1)), Some(url(1)));
    assert!(matches!(
        ledger.claim(&both).await.unwrap(),
        Claim::Known(_)
    ));
    assert!(known(&ledger, &about(None, Some(url(1)))).await.is_some());
    assert!(
        known(&ledger, &about(Some(sha256(1)), None))
            .await
            .is_some()
    );
    // The same bytes at another place: both places are known from then on.
    let elsewhere = about(Some(sha256(1)), Some(url(2)));
    assert!(matches!(
        ledger.claim(&elsewhere).await.unwrap(),
        Claim::Known(_)
    ));
    assert!(known(&ledger, &about(None, Some(url(1)))).await.is_some());
}

#[tokio::test]
async fn an_image_without_identity_is_written_down_and_not_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let nameless = about(None, None);
    let first = granted(&ledger, &nameless).await;
    let second = granted(&ledger, &nameless).await;
    for asking in [first, second] {
        let call = asking.intend().await.unwrap();
        asking
            .settle(call, &settlement(Charge::Yes, Ok(pass(1))))
            .await
            .unwrap();
    }
    assert_eq!(known(&ledger, &nameless).await, None);
    let verdicts = ledger::info(&options(dir.path())).unwrap().verdicts;
    assert_eq!(verdicts.total, 0, "nobody could ever find it");
    assert_eq!(ledger.spent().await.unwrap().charged, 2);
}

#[tokio::test]
async fn one_asks_while_the_others_wait_and_get_its_verdict() {
    let dir = tempfile::tempdir().unwrap();
    // Two of one process, and one that could as well be another's.
    let (ledger, other) = (open(dir.path()), open(dir.path()));
    let (asking, call) = intended(&ledger, &about(Some(sha256(1)), Some(url(1)))).await;
    let mut waiting = tokio::task::JoinSet::new();
    for (ledger, question) in [
        (ledger.clone(), about(Some(sha256(1)), None)),
        (ledger.clone(), about(None, Some(url(1)))),
        (other.clone(), about(Some(sha256(1)), Some(url(7)))),
    ] {
        waiting.spawn(async move { ledger.claim(&question).await.unwrap() });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(
        waiting.try_join_next().is_none(),
        "the question is being asked"
    );
    asking
        .settle(call, &settlement(Charge::Yes, Ok(pass(1))))
        .await
        .unwrap();
    drop(asking);
    for claim in waiting.join_all().await {
        assert!(matches!(claim, Claim::Known(_)));
    }
    assert_eq!(other.spent().await.unwrap().asked, 0);
}

#[tokio::test]
async fn a_question_that_was_dropped_unanswered_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, other) = (open(dir.path()), open(dir.path()));
    drop(granted(&ledger, &question(1)).await);
    let (asking, _) = intended(&other, &question(1)).await;
    drop(asking);
    let spent = other.spent().await.unwrap();
    assert_eq!(
        (spent.asked, spent.maybe_charged, spent.in_flight),
        (1, 1, 0)
    );
    granted(&ledger, &question(1)).await;
}

#[tokio::test]
async fn waiting_for_somebody_else_has_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let impatient =
        ledger::open(&options(dir.path()).patience(Duration::from_millis(200))).unwrap();
    let _asking = granted(&ledger, &question(1)).await;
    let error = impatient.claim(&question(1)).await.unwrap_err();
    assert!(matches!(error, LedgerError::Busy { waited } if waited >= Duration::from_millis(200)));
}

#[tokio::test]
async fn what_was_withdrawn_never_counts() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger::open(&options(dir.path()).budget_per_day(1)).unwrap();
    let (asking, call) = intended(&ledger, &question(1)).await;
    assert!(matches!(
        asking.intend().await,
        Err(LedgerError::DayBudget { limit: 1 })
    ));
    asking.withdraw(call).await.unwrap();
    assert_eq!(ledger.spent().await.unwrap().asked, 0);
    let call = asking.intend().await.unwrap();
    // Twice told is told once.
    let settlement = settlement(Charge::Unknown, Err(ErrorKind::OutcomeUnknown));
    asking.settle(call, &settlement).await.unwrap();
    asking.settle(call, &settlement).await.unwrap();
    asking.withdraw(call).await.unwrap();
    let spent = ledger.spent().await.unwrap();
    assert_eq!(
        (spent.asked, spent.maybe_charged, spent.in_flight),
        (1, 1, 0)
    );
    let info = ledger::info(&options(dir.path())).unwrap();
    assert_eq!(
        (info.today.asked, info.today.maybe_charged, info.in_vain),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn an_intent_that_nobody_waited_for_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let asking = granted(&ledger, &question(1)).await;
    for polls in 0..50 {
        let mut intent = Box::pin(asking.intend());
        for _ in 0..polls {
            if futures_poll(&mut intent).await {
                break;
            }
        }
        drop(intent);
    }
    drop(asking);
    // Polled to its end, an intent is told; dropped before, it never was.
    let told = ledger.spent().await.unwrap();
    ledger.close().await.unwrap();
    let info = ledger::info(&options(dir.path())).unwrap();
    assert_eq!(info.today.asked, told.asked);
    assert_eq!(
        info.open.iter().map(|run| run.calls).sum::<u64>(),
        told.maybe_charged
    );
}

/// Polls once, and then gives others a moment. Whether it was ready.
async fn futures_poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> bool {
    let ready = std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready())
    });
    let ready = ready.await;
    tokio::time::sleep(Duration::from_micros(300)).await;
    ready
}

#[tokio::test]
async fn the_budget_of_a_day_is_shared_and_open_calls_use_it() {
    let dir = tempfile::tempdir().unwrap();
    let budget = || ledger::open(&options(dir.path()).budget_per_day(3)).unwrap();
    let (one, other) = (budget(), budget());
    pay(&one, &question(1), pass(1)).await;
    let (left_open, _) = intended(&other, &question(2)).await;
    drop(left_open);
    pay(&one, &question(3), pass(3)).await;
    for ledger in [one, other, budget()] {
        let asking = granted(&ledger, &question(4)).await;
        let error = asking.intend().await.unwrap_err();
        assert!(
            matches!(error, LedgerError::DayBudget { limit: 3 }),
            "{error}"
        );
        drop(asking);
    }
    // Without a limit it goes on.
    pay(&open(dir.path()), &question(4), pass(4)).await;
}

#[tokio::test]
async fn an_old_verdict_is_asked_for_anew() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let asked = question(1);
    let (asking, call) = intended(&ledger, &asked).await;
    let mut old = settlement(Charge::Yes, Ok(pass(1)));
    for (at, found) in [
        (jiff::Timestamp::now() - Duration::from_secs(3500), true),
        (jiff::Timestamp::now() - Duration::from_secs(3700), false),
        (jiff::Timestamp::now() + Duration::from_secs(3700), false),
        ("1970-01-01T00:00:00Z".parse().unwrap(), false),
        ("2100-01-01T00:00:00Z".parse().unwrap(), false),
    ] {
        old.at = at;
        let call = if found {
            call
        } else {
            asking.intend().await.unwrap()
        };
        asking.settle(call, &old).await.unwrap();
        let hour = Recall::NotOlderThan(Duration::from_secs(3600));
        let hourly = ledger::open(&options(dir.path()).recall(hour)).unwrap();
        assert_eq!(known(&hourly, &asked).await.is_some(), found, "{at}");
        assert_eq!(
            known(&ledger, &asked).await.unwrap().at.as_millisecond(),
            at.as_millisecond()
        );
    }
}

#[tokio::test]
async fn asked_anew_means_once_in_a_run() {
    let dir = tempfile::tempdir().unwrap();
    let before = open(dir.path());
    pay(&before, &question(2), pass(2)).await;
    pay(&before, &question(1), pass(1)).await;
    before.close().await.unwrap();
    let anew = ledger::open(&options(dir.path()).recall(Recall::SinceOpened)).unwrap();
    assert_eq!(known(&anew, &question(1)).await, None);
    assert_eq!(known(&anew, &question(2)).await, None);
    pay(&anew, &question(1), fail()).await;
    assert_eq!(known(&anew, &question(1)).await.unwrap().answer, fail());
    let info = ledger::info(&options(dir.path())).unwrap();
    assert_eq!(
        info.verdicts.total, 2,
        "the old one makes room for the new one"
    );
}

#[tokio::test]
async fn clocks_of_1970_and_2100_change_nothing_but_the_day() {
    let dir = tempfile::tempdir().unwrap();
    let clock = |options: Options, text| match text {
        1970 => options.clock(|| "1970-01-01T00:00:00Z".parse().unwrap()),
        2100 => options.clock(|| "2100-12-31T23:59:59Z".parse().unwrap()),
        _ => options,
    };
    for (n, year) in [1970, 2026, 2100, 1970].into_iter().enumerate() {
        let options = clock(options(dir.path()), year);
        let ledger = ledger::open(&options).unwrap();
        for earlier in 0..n as u64 {
            assert!(known(&ledger, &question(earlier)).await.is_some());
        }
        pay(&ledger, &question(n as u64), pass(1)).await;
        ledger.close().await.unwrap();
        let days = if (n, year) == (3, 1970) { 2 } else { 1 };
        assert_eq!(ledger::info(&options).unwrap().today.asked, days, "{year}");
    }
    assert_eq!(ledger::info(&options(dir.path())).unwrap().ever.asked, 4);
}

#[tokio::test]
async fn after_its_end_a_ledger_does_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let (asking, call) = intended(&ledger, &question(1)).await;
    ledger.close().await.unwrap();
    assert!(matches!(
        asking.intend().await,
        Err(LedgerError::NotWritten(_))
    ));
    let late = asking
        .settle(call, &settlement(Charge::Yes, Ok(pass(1))))
        .await;
    assert!(matches!(late, Err(LedgerError::NotWritten(_))));
    // It is told all the same.
    assert_eq!(ledger.spent().await.unwrap().charged, 1);
    assert_eq!(ledger.unsaved(), 1);
    assert!(matches!(
        ledger.claim(&question(2)).await,
        Err(LedgerError::NotWritten(_))
    ));
}
