use proptest::prelude::*;
use remote::{ErrorKind, Ratio};

use super::*;
use crate::ImageIdentity;

fn question(byte: u8) -> Question {
    Question {
        image: ImageIdentity {
            sha256: Some(Sha256::from_bytes([byte; 32])),
            url: None,
        },
        model: "emo-detect-v1".to_owned(),
        ratio: Ratio::Square,
        base_url: "https://example.com/api/v1".to_owned(),
    }
}

fn known() -> Known {
    let boxes = remote::BoundingBox::from([1, 2, 3, 4]);
    Known {
        answer: crate::Answer {
            verdict: remote::Verdict::Pass(remote::Boxes {
                face: boxes.clone(),
                ext: boxes,
            }),
            humanoid: None,
            made_up: false,
        },
        request_id: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn failed(charge: Charge) -> Settlement {
    Settlement {
        charge,
        http_status: None,
        request_id: None,
        outcome: Err(ErrorKind::ServiceFailed),
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

async fn granted(ledger: &MemoryLedger, question: &Question) -> Box<dyn Asking> {
    match ledger.claim(question).await.unwrap() {
        Claim::Granted(asking) => asking,
        Claim::Known(known) => panic!("{known:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_question_waits_and_gives_up_in_time() {
    let ledger = MemoryLedger::with_patience(10, Duration::from_secs(3));
    let first = granted(&ledger, &question(1)).await;
    drop(granted(&ledger, &question(2)).await);
    let begun = Instant::now();
    let busy = ledger.claim(&question(1)).await.unwrap_err();
    let patience = Duration::from_secs(3);
    assert!(
        matches!(busy, LedgerError::Busy { waited } if waited == patience),
        "{busy}"
    );
    assert_eq!(begun.elapsed(), patience);
    drop(first);
    drop(granted(&ledger, &question(1)).await);
    assert!(locked(&ledger.shared.asking).is_empty());
}

/// An image with two identities takes the room of two, and is known by either.
#[tokio::test]
async fn what_is_remembered_is_counted_and_can_be_forgotten() {
    let ledger = MemoryLedger::new(3);
    assert_eq!((ledger.len(), ledger.capacity()), (0, 3));
    assert!(ledger.is_empty());
    let mut both = question(1);
    both.image.url = Some(UrlIdentity::from_bytes([9; 32]));
    let asking = granted(&ledger, &both).await;
    let call = asking.intend().await.unwrap();
    let settlement = Settlement {
        charge: Charge::Yes,
        outcome: Ok(known().answer),
        ..failed(Charge::Yes)
    };
    asking.settle(call, &settlement).await.unwrap();
    drop(asking);
    assert_eq!((ledger.len(), ledger.is_empty()), (2, false));
    let mut by_url = both.clone();
    by_url.image.sha256 = None;
    for question in [&question(1), &by_url] {
        assert!(ledger.recall(question).await.unwrap().is_some());
        let claim = ledger.claim(question).await.unwrap();
        assert!(matches!(claim, Claim::Known(_)), "{claim:?}");
    }
    ledger.forget();
    assert!(ledger.is_empty() && ledger.recall(&by_url).await.unwrap().is_none());
    assert_eq!(ledger.spent().await.unwrap().charged, 1);
}

#[tokio::test]
async fn an_image_without_identity_waits_for_nobody() {
    let ledger = MemoryLedger::new(10);
    let mut nobody = question(1);
    nobody.image = ImageIdentity::default();
    let _first = granted(&ledger, &nobody).await;
    drop(granted(&ledger, &nobody).await);
}

#[tokio::test]
async fn what_is_dropped_unsettled_may_be_charged() {
    let ledger = MemoryLedger::new(10);
    let asking = granted(&ledger, &question(1)).await;
    let (a, b, c) = (
        asking.intend().await.unwrap(),
        asking.intend().await.unwrap(),
        asking.intend().await.unwrap(),
    );
    assert_eq!(ledger.spent().await.unwrap().in_flight, 3);
    asking.withdraw(a).await.unwrap();
    asking.settle(b, &failed(Charge::Yes)).await.unwrap();
    // Told twice, counted once.
    asking.settle(b, &failed(Charge::Yes)).await.unwrap();
    let _ = c;
    drop(asking);
    let spent = ledger.spent().await.unwrap();
    assert_eq!(
        (
            spent.asked,
            spent.charged,
            spent.maybe_charged,
            spent.in_flight
        ),
        (2, 1, 1, 0)
    );
}

proptest! {
    /// Whatever is kept and asked for, the ledger holds no more than it has room for, and what was
    /// asked for last is still there.
    #[test]
    fn it_never_outgrows_its_room(
        capacity in 1_usize..6,
        steps in proptest::collection::vec((any::<bool>(), 0_u8..12), 1..60),
    ) {
        let mut verdicts = Verdicts::default();
        let mut recent: Vec<u8> = Vec::new();
        let known = Arc::new(known());
        for (keep, byte) in steps {
            let key = keys(&question(byte)).remove(0);
            let found = verdicts.find(&key).is_some();
            prop_assert_eq!(found, recent.iter().rev().take(capacity).any(|kept| *kept == byte));
            if keep {
                verdicts.keep(&key, &known, capacity);
            }
            if keep || found {
                recent.retain(|kept| *kept != byte);
                recent.push(byte);
            }
            prop_assert!(verdicts.known.len() <= capacity);
            prop_assert_eq!(verdicts.known.len(), verdicts.order.len());
        }
    }
}
