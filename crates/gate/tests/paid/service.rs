//! A detector that lives as long as a service.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gate::{
    Advice, Allowance, ApiKey, BaseUrl, Budget, Client, Code, Detector, ImageUrl, Ledger as _,
    MemoryLedger, Pending, Publication, Ratio, RequestBudget, UploadFor,
};
use remote::Veto;
use standin::{Endpoint, Fault};

use crate::support::{
    KEY, account, ask, ask_bytes, assert_pass, detector, gate, only_code, portrait, start,
};

/// One tenant's account, which somebody else fills.
#[derive(Debug)]
struct Tenant(AtomicU64);

impl RequestBudget for Tenant {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            let taken = self
                .0
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                });
            taken
                .map(drop)
                .map_err(|_| Veto::new("the tenant has no credit"))
        })
    }
}

impl Allowance for Tenant {
    fn left(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed))
    }
}

/// Found by the hundred-and-first image of a service.
#[tokio::test]
async fn an_allowance_that_is_filled_again_lets_calls_through_again() {
    let standin = start().await;
    let tenant = Arc::new(Tenant(1.into()));
    let detector = detector(&standin).allowance(tenant.clone()).build();
    assert_pass(&ask_bytes(&detector, &standin, portrait(1)).await);
    let refused = ask_bytes(&detector, &standin, portrait(2)).await;
    assert_eq!(only_code(&refused), Code::BudgetReached);
    let finding = refused.errors().next().unwrap();
    assert!(
        finding.message.contains("the tenant has no credit"),
        "{}",
        finding.message
    );
    assert_eq!(account(&detector).await.left, Some(0));
    tenant.0.store(5, Ordering::Relaxed);
    assert_pass(&ask_bytes(&detector, &standin, portrait(2)).await);
    assert!(detector.halted().is_none());
}

/// Found by paying an overdue bill: nothing but a restart helped.
#[tokio::test]
async fn a_halt_can_be_read_and_lifted_and_cools_down() {
    let standin = start().await;
    let cool_down = Duration::from_millis(300);
    let detector = detector(&standin).cool_down(Some(cool_down)).build();
    standin.next(Fault::error("Arrearage"));
    let first = ask(&detector, &standin, "anna.jpg").await;
    let second = ask(&detector, &standin, "bruno.jpg").await;
    for report in [&first, &second] {
        assert_eq!(only_code(report), Code::Account);
        assert_eq!(report.advice(), Advice::Stop);
    }
    assert!(
        second
            .errors()
            .next()
            .unwrap()
            .message
            .starts_with("not sent: ")
    );
    assert_eq!(standin.stats().face_detect, 1);
    let halt = detector.halted().unwrap();
    assert_eq!(halt.code, Code::Account);
    assert!(halt.remaining.unwrap() <= cool_down);

    // One call tries, and finds it as it was.
    tokio::time::sleep(cool_down).await;
    standin.next(Fault::error("Arrearage"));
    let (a, b) = tokio::join!(
        ask(&detector, &standin, "anna.jpg"),
        ask(&detector, &standin, "bruno.jpg"),
    );
    assert_eq!(
        (only_code(&a), only_code(&b)),
        (Code::Account, Code::Account)
    );
    assert_eq!(standin.stats().face_detect, 2);

    // The bill is paid: the next that tries opens the way.
    tokio::time::sleep(cool_down).await;
    assert_pass(&ask(&detector, &standin, "anna.jpg").await);
    assert!(detector.halted().is_none());
    assert_pass(&ask(&detector, &standin, "bruno.jpg").await);

    standin.next(Fault::error("InvalidApiKey"));
    let refused = ask(&detector, &standin, "elif.png").await;
    assert_eq!(only_code(&refused), Code::KeyRefused);
    assert!(!format!("{refused:?}").contains(KEY));
    detector.resume();
    assert_pass(&ask(&detector, &standin, "elif.png").await);
}

#[tokio::test]
async fn what_stopped_can_be_resumed() {
    let standin = start().await;
    let detector = detector(&standin).build();
    detector.interrupt();
    let report = ask(&detector, &standin, "anna.jpg").await;
    assert_eq!(report.outcome(), gate::Outcome::Skip);
    detector.resume();
    assert_pass(&ask(&detector, &standin, "anna.jpg").await);
}

/// A service's memory does not grow with its days: what was asked for last is known.
#[tokio::test]
async fn the_ledger_in_memory_is_bounded() {
    let standin = start().await;
    let ledger = MemoryLedger::new(3);
    let detector = detector(&standin).ledger(Arc::new(ledger.clone())).build();
    for number in 0..8 {
        assert_pass(&ask_bytes(&detector, &standin, portrait(number)).await);
        assert!(ledger.len() <= 3);
    }
    assert!(
        ask_bytes(&detector, &standin, portrait(7))
            .await
            .remote()
            .unwrap()
            .cached
    );
    assert!(
        !ask_bytes(&detector, &standin, portrait(0))
            .await
            .remote()
            .unwrap()
            .cached
    );
    ledger.forget();
    assert!(ledger.is_empty());
    assert_eq!(
        ledger.spent().await.unwrap().charged,
        standin.stats().billable
    );
}

/// Dropped at any await: what was not sent costs nothing, what was may have been charged.
#[tokio::test]
async fn who_leaves_is_accounted_for() {
    let standin = standin::Standin::builder()
        .service_time(Duration::from_millis(200))
        .start()
        .await
        .unwrap();
    let detector = detector(&standin).build();
    for pause in [0, 1, 5, 20, 60, 120, 190] {
        let asking = ask_bytes(&detector, &standin, portrait(pause));
        let _ = tokio::time::timeout(Duration::from_millis(pause.into()), asking).await;
    }
    standin.settled().await;
    let account = account(&detector).await;
    let told = account.charged + account.maybe_charged;
    assert!(told >= standin.stats().billable, "{account:?}");
    assert_eq!((account.in_flight, account.waiting), (0, 0));
    // And nobody waits for the claim of who left.
    assert_pass(&ask_bytes(&detector, &standin, portrait(60)).await);
}

/// A service spawns what it awaits.
#[tokio::test]
async fn every_future_may_cross_threads() {
    fn sendable<T: Send>(_: &T) {}

    let standin = start().await;
    let (gate, detector) = (gate(), detector(&standin).build());
    sendable(&gate.screen_url("x"));
    sendable(&gate.admit_url(&detector, "x", Ratio::Square));
    let nowhere = async || Publication::None;
    sendable(&gate.admit_bytes(&detector, portrait(1), Ratio::Square, nowhere));
    sendable(&gate.admit_file(&detector, "x", Ratio::Square, nowhere));
    sendable(&detector.account());
}

/// Found with a deployment that was taken down: each of 1,000 images was a call that could not
/// succeed.
#[tokio::test]
async fn a_model_that_cannot_be_called_stops_after_one_call() {
    for code in ["ModelNotFound", "Model.NotExist", "AccessDenied"] {
        let standin = start().await;
        let detector = detector(&standin).build();
        standin.next(Fault::error(code));
        for number in 1..4 {
            let report = ask_bytes(&detector, &standin, portrait(number)).await;
            assert_eq!(only_code(&report), Code::Account, "{code}");
        }
        assert_eq!(standin.stats().face_detect, 1, "{code}");
    }
}

#[tokio::test]
async fn a_video_model_that_the_account_lacks_stops_no_checks() {
    let standin = start().await;
    let detector = detector(&standin).build();
    standin.next_at(Endpoint::Policy, Fault::error("ModelNotFound"));
    let publish = async || Publication::Upload(UploadFor::Video);
    let report = gate()
        .admit_bytes(&detector, portrait(1), Ratio::Square, publish)
        .await;
    assert_eq!(only_code(&report), Code::Account);
    assert!(detector.halted().is_none());
    assert_pass(&ask_bytes(&detector, &standin, portrait(2)).await);
}

/// Found by planting a fault: what a request had taken of the allowance stayed taken where it could
/// not connect.
#[tokio::test]
async fn a_request_that_cannot_connect_costs_no_allowance() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let client = Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(BaseUrl::parse(&format!("http://{address}/api/v1")).unwrap())
        .tries(1.try_into().unwrap())
        .build()
        .unwrap();
    let allowance = Arc::new(Budget::new(1));
    let detector = Detector::builder(client).allowance(allowance).build();
    let publish = async || Publication::Vouched(ImageUrl::parse("http://a/a.png").unwrap());
    let report = gate()
        .admit_bytes(&detector, portrait(1), Ratio::Square, publish)
        .await;
    assert_eq!(only_code(&report), Code::ServiceUnreachable);
    let account = account(&detector).await;
    assert_eq!((account.asked, account.left), (0, Some(1)), "{account:?}");
}
