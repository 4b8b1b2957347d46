//! What befalls a call between its leave and its answer: only here can a halt or a stop come at a
//! given moment.

use std::sync::Arc;
use std::time::Duration;

use remote::{ApiKey, BaseUrl, Budget, Charge, Client, ErrorKind, Ratio};
use tokio::time::{advance, timeout};

use super::*;
use crate::{Claim, Detector, ImageIdentity, Sha256, Unlimited};

const HOUR: Duration = Duration::from_secs(3600);

/// A detector whose service nobody asks.
fn detector(allowance: Arc<dyn crate::Allowance>) -> Detector {
    let client = Client::builder(ApiKey::new("sk-0123456789abcdef").unwrap())
        .base_url(BaseUrl::parse("http://127.0.0.1:1/api/v1").unwrap())
        .build()
        .unwrap();
    Detector::builder(client)
        .allowance(allowance)
        .cool_down(Some(HOUR))
        .build()
}

/// The right to ask about so many images.
async fn rights(detector: &Detector, images: u8) -> Vec<Box<dyn Asking>> {
    let mut rights = Vec::new();
    for byte in 0..images {
        let image = ImageIdentity {
            sha256: Some(Sha256::from_bytes([byte; 32])),
            url: None,
        };
        let question = detector.question(image, Ratio::Square);
        match detector.ledger().claim(&question).await.unwrap() {
            Claim::Granted(asking) => rights.push(asking),
            Claim::Known(known) => panic!("{known:?}"),
        }
    }
    rights
}

fn calls<'a>(detector: &'a Detector, rights: &'a [Box<dyn Asking>]) -> Vec<Call<'a>> {
    let rights = rights.iter();
    rights
        .map(|asking| Call::new(&detector.inner, None, &**asking))
        .collect()
}

/// Whether a future does not end by itself. The time is virtual.
async fn waits(future: impl Future) -> bool {
    timeout(Duration::from_secs(60), future).await.is_err()
}

/// The answer of a service that cannot, or that refuses everybody.
const fn end(kind: ErrorKind) -> RequestEnd<'static> {
    RequestEnd {
        charge: Charge::No,
        http_status: Some(500),
        request_id: None,
        outcome: Err(kind),
    }
}

const FAILED: RequestEnd<'static> = end(ErrorKind::ServiceFailed);
const ARREARS: RequestEnd<'static> = end(ErrorKind::Account);

fn halt(detector: &Detector) {
    let halting = &detector.inner.halting;
    halting.begin(Code::Account, "arrears".to_owned());
}

async fn asked(detector: &Detector) -> u64 {
    detector.account().await.unwrap().asked
}

#[tokio::test(start_paused = true)]
async fn a_halt_between_leave_and_intent_stops_the_request() {
    let allowance = Arc::new(Budget::new(7));
    let detector = detector(allowance.clone());
    let rights = rights(&detector, 1).await;
    let call = &calls(&detector, &rights)[0];
    call.withdraw().await.unwrap();
    assert!(waits(call.closed()).await, "nothing closes it");
    halt(&detector);
    assert!(!waits(call.closed()).await);
    let veto = call.intend().await.unwrap_err();
    assert!(veto.to_string().contains("arrears"), "{veto}");
    assert!(matches!(call.take_refusal(), Some(Refusal::Halted(_))));
    assert_eq!((asked(&detector).await, call.is_open()), (0, false));
    call.deposit().await;
    assert_eq!(Budget::left(&allowance), 7);
}

#[tokio::test(start_paused = true)]
async fn the_one_call_that_tries_is_sent_in_spite_of_the_halt() {
    let detector = detector(Arc::new(Unlimited));
    let rights = rights(&detector, 4).await;
    let [first, other, second, third] = &calls(&detector, &rights)[..] else {
        panic!("four calls")
    };
    halt(&detector);
    advance(HOUR).await;
    first.withdraw().await.unwrap();
    other.withdraw().await.unwrap_err();
    assert!(waits(first.closed()).await, "it is meant to be sent");
    first.intend().await.unwrap();
    assert!(first.is_open());
    first.settle(ARREARS).await;
    assert!(detector.halted().is_some(), "it failed alike");
    advance(HOUR).await;
    second.withdraw().await.unwrap();
    second.intend().await.unwrap();
    second.settle(FAILED).await;
    assert!(detector.halted().is_none(), "another fault is no halt");
    third.withdraw().await.unwrap();
    third.intend().await.unwrap();
    third.settle(FAILED).await;
    halt(&detector);
    // Its turn comes again: a retry of a call that was no trial.
    third.withdraw().await.unwrap_err();
    assert_eq!(asked(&detector).await, 3);
}

/// A retry of the call that tried is a trial no longer than the halt lasts.
#[tokio::test(start_paused = true)]
async fn a_call_that_did_not_try_lifts_no_halt() {
    let detector = detector(Arc::new(Unlimited));
    let rights = rights(&detector, 1).await;
    let call = &calls(&detector, &rights)[0];
    call.withdraw().await.unwrap();
    call.intend().await.unwrap();
    halt(&detector);
    // It was on its way when another one's answer halted everything.
    call.settle(FAILED).await;
    assert!(detector.halted().is_some());
}

/// The line's places.
const PLACES: u8 = 5;

/// Before it is known that answers are of use, few requests begin.
async fn assert_few_begin(calls: &[Call<'_>]) {
    let (few, rest) = calls.split_at(PLACES.into());
    for call in few {
        call.withdraw().await.unwrap();
        call.intend().await.unwrap();
    }
    assert!(waits(rest[0].withdraw()).await, "one too many");
    few[0].depart();
    assert!(waits(rest[0].withdraw()).await, "its answer is not known");
}

#[tokio::test(start_paused = true)]
async fn few_requests_begin_before_the_first_answer_and_few_are_written_down_behind_it() {
    let detector = detector(Arc::new(Unlimited));
    let rights = rights(&detector, 20).await;
    let calls = calls(&detector, &rights);
    assert_few_begin(&calls).await;
    // One that stops everything keeps its place until that is known to the others.
    calls[0].settle(ARREARS).await;
    assert!(waits(calls[5].withdraw()).await);
    calls[1].settle(FAILED).await;
    for call in &calls[5..] {
        assert!(!waits(call.withdraw()).await, "answers are of use");
    }
    // Four hold their places from before; those that answered hold none.
    calls[5].intend().await.unwrap();
    assert!(waits(calls[6].intend()).await, "the line is full");
    calls[5].depart();
    assert!(!waits(calls[6].intend()).await, "one has left");
    calls[6].deposit().await;
    assert!(!waits(calls[7].intend()).await, "one will not leave");
}

#[cfg(feature = "test-util")]
#[tokio::test(start_paused = true)]
async fn after_a_halt_the_next_answers_decide_anew() {
    let detector = detector(Arc::new(Unlimited));
    let rights = rights(&detector, 8).await;
    let calls = calls(&detector, &rights);
    let (first, rest) = calls.split_first().unwrap();
    first.withdraw().await.unwrap();
    first.intend().await.unwrap();
    first.settle(FAILED).await;
    detector.halt_on(&remote::Error::for_tests(
        ErrorKind::ServiceFailed,
        Charge::No,
    ));
    assert!(detector.halted().is_none(), "not every call fails alike");
    detector.halt_on(&remote::Error::for_tests(ErrorKind::KeyRefused, Charge::No));
    let halt = detector.halted().unwrap();
    assert_eq!(halt.code, Code::KeyRefused);
    detector.resume();
    assert_few_begin(rest).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_holds_no_place_in_line() {
    let detector = detector(Arc::new(Unlimited));
    let rights = rights(&detector, 2 * PLACES).await;
    let calls = calls(&detector, &rights);
    halt(&detector);
    for call in &calls {
        let refused = timeout(HOUR / 2, call.withdraw()).await;
        refused
            .expect("it waits for one that was refused")
            .unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_reaches_what_waits_in_line() {
    let detector = detector(Arc::new(Unlimited));
    let rights = rights(&detector, PLACES + 1).await;
    let calls = calls(&detector, &rights);
    assert_few_begin(&calls).await;
    detector.stop_sending();
    assert!(!waits(calls[5].withdraw()).await);
    assert!(matches!(calls[5].take_refusal(), Some(Refusal::Stopped)));
    assert!(!waits(calls[0].closed()).await);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_leave_is_given_back_once() {
    let allowance = Arc::new(Budget::new(1));
    let detector = detector(allowance.clone());
    let rights = rights(&detector, 1).await;
    let run = detector.run(2);
    let (seat, other) = (run.seat(), run.seat());
    let place = seat.place.as_ref().unwrap();
    assert!(place.reserve().await);
    let call = Call::new(&detector.inner, Some(place), &*rights[0]);
    call.withdraw().await.unwrap();
    call.intend().await.unwrap();
    assert_eq!((run.left(), Budget::left(&allowance)), (1, 0));
    assert_eq!(asked(&detector).await, 1);
    for _ in 0..2 {
        call.deposit().await;
        assert_eq!((run.left(), Budget::left(&allowance)), (2, 1));
        assert_eq!((asked(&detector).await, call.sent()), (0, 0));
    }
    // Another request of the batch, beyond the one that was set aside.
    call.withdraw().await.unwrap();
    assert_eq!((run.left(), Budget::left(&allowance)), (1, 0));
    call.deposit().await;
    assert_eq!((run.left(), Budget::left(&allowance)), (2, 1));
    // What the batch has and the allowance refuses stays with the batch.
    allowance.withdraw().await.unwrap();
    let veto = call.withdraw().await.unwrap_err();
    assert!(veto.to_string().contains("budget"), "{veto}");
    assert_eq!(run.left(), 2);
    assert!(matches!(call.take_refusal(), Some(Refusal::Budget(_))));
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn a_batch_without_budget_asks_no_allowance() {
    let allowance = Arc::new(Budget::new(9));
    let detector = detector(allowance.clone());
    let rights = rights(&detector, 1).await;
    let run = detector.run(0);
    let seat = run.seat();
    let call = Call::new(&detector.inner, seat.place.as_ref(), &*rights[0]);
    call.withdraw().await.unwrap_err();
    assert!(matches!(call.take_refusal(), Some(Refusal::Budget(_))));
    assert_eq!(allowance.left(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_is_counted_and_not_given_back() {
    let allowance = Arc::new(Budget::new(9));
    let detector = detector(allowance.clone());
    let rights = rights(&detector, 1).await;
    let call = &calls(&detector, &rights)[0];
    for sent in 1..=3 {
        call.withdraw().await.unwrap();
        call.intend().await.unwrap();
        assert!(call.is_open());
        call.settle(FAILED).await;
        assert_eq!((call.sent(), call.is_open()), (sent, false));
        call.deposit().await;
        assert_eq!(allowance.left(), 9 - u64::from(sent));
    }
    assert_eq!((asked(&detector).await, call.unrecorded()), (3, None));
}
