//! A batch: a budget in the order of the input, and interrupts.

use std::sync::Arc;
use std::time::Duration;

use gate::{Code, Outcome, Publication, Ratio, Report, Run, Unlimited, UploadFor};
use standin::{Fault, Standin};
use tokio::time::timeout;

use crate::support::{
    DEADLINE, account, assert_pass, at, detector, gate, only_code, portrait, start,
};

fn run(standin: &Standin, budget: u64) -> Run {
    let detector = detector(standin)
        .allowance(Arc::new(Unlimited))
        .cool_down(None)
        .build();
    detector.run(budget)
}

/// Asks about images in the order of the list; each is through the free stages after its delay.
async fn batch(run: &Run, standin: &Standin, images: &[(u32, u64)]) -> Vec<Report> {
    let mut tasks = Vec::new();
    for &(number, delay) in images {
        let seat = run.seat();
        let lent = standin.lend_bytes("p.png", portrait(number)).unwrap();
        tasks.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            gate()
                .admit_bytes(seat, portrait(number), Ratio::Square, async || at(&lent))
                .await
        }));
    }
    let mut reports = Vec::new();
    for task in tasks {
        reports.push(timeout(DEADLINE, task).await.expect("it hangs").unwrap());
    }
    reports
}

/// Found by running six times: four different sets of images got the money.
#[tokio::test]
async fn the_budget_goes_to_what_stands_first() {
    for delays in [[0, 0, 0, 0, 0], [90, 40, 60, 0, 20], [0, 100, 0, 0, 50]] {
        let standin = start().await;
        let run = run(&standin, 2);
        let images: Vec<_> = (0..5).zip(delays).collect();
        let reports = batch(&run, &standin, &images).await;
        let passed: Vec<_> = reports
            .iter()
            .map(|report| report.outcome() == Outcome::Pass)
            .collect();
        assert_eq!(passed, [true, true, false, false, false], "{delays:?}");
        for report in &reports[2..] {
            assert_eq!(only_code(report), Code::BudgetReached);
        }
        assert_eq!(standin.stats().face_detect, 2);
        let account = account(run.detector()).await;
        assert_eq!((account.asked, account.not_asked, run.left()), (2, 3, 0));
    }
}

#[tokio::test]
async fn what_is_known_or_rejected_costs_no_budget() {
    let standin = start().await;
    let run = run(&standin, 2);
    // The second and the fourth repeat the first, the third is not an image.
    let first = batch(&run, &standin, &[(7, 30)]).await;
    assert_pass(&first[0]);
    let seat = run.seat();
    let rejected = gate()
        .admit_bytes(seat, &b"<html>"[..], Ratio::Square, async || {
            Publication::None
        })
        .await;
    assert_eq!(rejected.outcome(), Outcome::Reject);
    let rest = batch(&run, &standin, &[(7, 20), (8, 0), (7, 0), (9, 0), (8, 0)]).await;
    let outcomes: Vec<_> = rest.iter().map(Report::outcome).collect();
    use Outcome::{Pass, Unknown};
    assert_eq!(outcomes, [Pass, Pass, Pass, Unknown, Pass]);
    assert_eq!(standin.stats().face_detect, 2);
}

#[tokio::test]
async fn a_request_that_was_set_aside_and_not_used_is_there_for_the_next() {
    let standin = start().await;
    let run = run(&standin, 1);
    let nowhere = run.seat();
    let next = run.seat();
    let lent = standin.lend_bytes("p.png", portrait(2)).unwrap();
    let gate = gate();
    let (nowhere, next) = tokio::join!(
        gate.admit_bytes(nowhere, portrait(1), Ratio::Square, async || {
            Publication::None
        }),
        gate.admit_bytes(next, portrait(2), Ratio::Square, async || at(&lent)),
    );
    assert_eq!(only_code(&nowhere), Code::NoPublicUrl);
    assert_pass(&next);
}

#[tokio::test]
async fn retries_count_and_the_budget_is_never_exceeded() {
    let standin = start().await;
    let run = run(&standin, 2);
    standin.next(Fault::error("Throttling"));
    let reports = batch(&run, &standin, &[(1, 0), (2, 0), (3, 0)]).await;
    assert_eq!(only_code(&reports[2]), Code::BudgetReached);
    assert_eq!(standin.stats().face_detect, 2);
    assert_eq!(account(run.detector()).await.asked, 2);
}

/// Found by running the command over a thousand files with a smaller budget: all of them were
/// uploaded before the first refusal.
#[tokio::test]
async fn nothing_is_uploaded_that_the_budget_does_not_let_ask() {
    let standin = start().await;
    let run = run(&standin, 1);
    let mut tasks = Vec::new();
    for number in 0..4 {
        let seat = run.seat();
        tasks.push(tokio::spawn(async move {
            gate()
                .admit_bytes(seat, portrait(number), Ratio::Square, async || {
                    Publication::Upload(UploadFor::Detector)
                })
                .await
        }));
    }
    for task in tasks {
        let _report = task.await.unwrap();
    }
    let stats = standin.stats();
    assert_eq!((stats.policy, stats.upload, stats.face_detect), (1, 1, 1));
}

#[tokio::test]
async fn the_first_interrupt_lets_what_was_sent_end_and_the_second_drops_it() {
    for second in [false, true] {
        let standin = Standin::builder()
            .service_time(Duration::from_millis(if second { 20_000 } else { 300 }))
            .start()
            .await
            .unwrap();
        let run = run(&standin, 10);
        let interrupt = async {
            standin.reached(|stats| stats.face_detect == 2).await;
            run.detector().stop_sending();
            let late = batch(&run, &standin, &[(9, 0)]).await;
            assert_eq!(late[0].outcome(), Outcome::Skip);
            if second {
                run.detector().interrupt();
            }
        };
        let asked = batch(&run, &standin, &[(1, 0), (2, 0)]);
        let (reports, ()) = timeout(DEADLINE, async { tokio::join!(asked, interrupt) })
            .await
            .unwrap();
        for report in &reports {
            if second {
                assert_eq!(only_code(report), Code::OutcomeLost);
                assert_eq!(report.remote().unwrap().attempts, 1);
            } else {
                assert_pass(report);
            }
        }
        let account = account(run.detector()).await;
        let told = (account.charged, account.maybe_charged);
        assert_eq!(told, if second { (0, 2) } else { (2, 0) });
        assert_eq!(standin.stats().face_detect, 2);
    }
}

/// What has leave to be sent, and waits for its turn, is not sent after a stop.
#[tokio::test]
async fn a_stop_reaches_what_waits_for_its_turn() {
    let standin = start().await;
    let base_url = gate::BaseUrl::parse(&standin.base_url()).unwrap();
    let client = gate::Client::builder(gate::ApiKey::new(crate::support::KEY).unwrap())
        .base_url(base_url)
        .requests_per_second(std::num::NonZeroU32::MIN)
        .build()
        .unwrap();
    let detector = gate::Detector::builder(client)
        .allowance(Arc::new(Unlimited))
        .build();
    let run = detector.run(100);
    let stop = async {
        standin.reached(|stats| stats.face_detect == 1).await;
        detector.stop_sending();
    };
    let images: Vec<_> = (0..12).map(|number| (number, 0)).collect();
    let (reports, ()) = tokio::join!(batch(&run, &standin, &images), stop);
    let skipped = reports
        .iter()
        .filter(|report| report.outcome() == Outcome::Skip)
        .count();
    assert!(skipped >= 10, "{skipped}");
    let account = account(&detector).await;
    assert!(account.asked <= 2, "{account:?}");
    assert_eq!(
        (account.asked, account.maybe_charged),
        (standin.stats().face_detect, 0)
    );
}

/// What waits for others, or is being published, ends with the first interrupt.
#[tokio::test]
async fn a_stop_reaches_what_is_being_prepared() {
    let standin = start().await;
    let run = run(&standin, 10);
    let blocked = run.seat();
    let (first, second) = (run.seat(), run.seat());
    let asking = gate();
    let stuck = asking.admit_bytes(first, portrait(1), Ratio::Square, async || {
        std::future::pending::<Publication>().await
    });
    let waiting = asking.admit_bytes(second, portrait(2), Ratio::Square, async || {
        Publication::None
    });
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(blocked);
        tokio::time::sleep(Duration::from_millis(50)).await;
        run.detector().stop_sending();
    };
    let ended = async { tokio::join!(stuck, waiting, stop) };
    let (stuck, waiting, ()) = timeout(DEADLINE, ended).await.expect("it hangs");
    assert_eq!(stuck.outcome(), Outcome::Skip);
    assert_eq!(only_code(&waiting), Code::NoPublicUrl);
}

/// A mutant that asked nobody before a retry survived.
#[tokio::test]
async fn a_retry_is_not_sent_after_a_stop() {
    let standin = start().await;
    let run = run(&standin, 10);
    standin.next(Fault::error("Throttling"));
    let stop = async {
        standin.reached(|stats| stats.face_detect == 1).await;
        run.detector().stop_sending();
    };
    let (reports, ()) = tokio::join!(batch(&run, &standin, &[(1, 0)]), stop);
    assert_eq!(only_code(&reports[0]), Code::Throttled);
    assert_eq!(standin.stats().face_detect, 1);
}
