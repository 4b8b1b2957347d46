//! How many requests are written down, and how many leave, before anything is known.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use gate::{
    ApiKey, BaseUrl, Client, Code, Detector, ImageUrl, Publication, Ratio, Report, Unlimited,
};
use standin::{Fault, Standin};

use crate::handshakes::SlowTls;
use crate::support::{
    KEY, account, ask_bytes, assert_pass, client, gate, only_code, portrait, start,
};

/// Asks about so many different images at once.
async fn ask_at_once(detector: &Detector, standin: &Arc<Standin>, images: u32) -> Vec<Report> {
    let tasks: Vec<_> = (0..images)
        .map(|number| {
            let (detector, standin) = (detector.clone(), Arc::clone(standin));
            tokio::spawn(async move { ask_bytes(&detector, &standin, portrait(number)).await })
        })
        .collect();
    let mut reports = Vec::new();
    for task in tasks {
        reports.push(task.await.unwrap());
    }
    reports
}

/// The line's places.
const PLACES: u64 = 5;

fn unlimited(client: Client) -> Detector {
    Detector::builder(client)
        .allowance(Arc::new(Unlimited))
        .build()
}

/// Found with a server that took two seconds for each refusal: eight requests left for one cause.
#[tokio::test]
async fn a_cause_that_stops_everything_costs_few_requests_however_slow_its_answer() {
    let refusing = Standin::builder().key("sk-another");
    let standin = Arc::new(refusing.start().await.unwrap());
    let detector = unlimited(client(&standin));
    for report in ask_at_once(&detector, &standin, 16).await {
        assert_eq!(only_code(&report), Code::KeyRefused);
    }
    let sent = standin.stats().face_detect;
    assert!((1..=PLACES).contains(&sent), "{sent}");
    assert_eq!(account(&detector).await.asked, sent);
}

/// Found with `kill -9`: 32 calls were told as maybe charged, of which 20 had never left.
#[tokio::test]
async fn few_requests_are_written_down_before_they_leave() {
    let standin = Arc::new(start().await);
    let slow = Client::builder(ApiKey::new(KEY).unwrap())
        .base_url(BaseUrl::parse(&standin.base_url()).unwrap())
        .requests_per_second(NonZeroU32::new(10).unwrap())
        .build()
        .unwrap();
    let detector = unlimited(slow);
    let images = ask_at_once(&detector, &standin, 12);
    let watch = async {
        for answered in 1..8 {
            standin.reached(|stats| stats.billable >= answered).await;
            let account = account(&detector).await;
            assert!(account.in_flight <= PLACES + 1, "{account:?}");
        }
    };
    let (reports, ()) = tokio::join!(images, watch);
    reports.iter().for_each(assert_pass);
    assert_eq!(account(&detector).await.asked, 12);
}

/// Found by reading: with handshakes of more than a second, five requests at a time were written
/// down and then connected, so that fewer left than may.
#[tokio::test]
async fn connections_that_are_being_made_are_neither_written_down_nor_held_up() {
    const IMAGES: usize = 8;
    let service = SlowTls::start(1).await;
    let detector = unlimited(service.client());
    let ask = |number: u32| {
        let detector = detector.clone();
        async move {
            let url = ImageUrl::parse("https://example.com/a.png").unwrap();
            let publish = async || Publication::Vouched(url);
            gate()
                .admit_bytes(&detector, portrait(number), Ratio::Square, publish)
                .await
        }
    };
    assert_pass(&ask(0).await);
    assert_eq!(service.requests(), 1, "the service is known to answer");
    let tasks: Vec<_> = (1..=IMAGES as u32)
        .map(|number| tokio::spawn(ask(number)))
        .collect();
    service.connected(1 + IMAGES).await;
    let before = account(&detector).await;
    assert_eq!((before.asked, before.in_flight), (1, 0), "{before:?}");
    service.let_through(IMAGES);
    for task in tasks {
        assert_pass(&task.await.unwrap());
    }
    assert_eq!(service.requests(), 1 + IMAGES);
    assert_eq!(account(&detector).await.charged, 1 + IMAGES as u64);
}

/// Found by planting a fault: a request that kept its place until it was answered left all tests
/// green, and slow answers would have let five requests leave at a time.
#[tokio::test]
async fn a_place_is_free_when_its_request_has_left() {
    const IMAGES: u64 = 8;
    let standin = Arc::new(start().await);
    let detector = unlimited(client(&standin));
    assert_pass(&ask_bytes(&detector, &standin, portrait(0)).await);
    for _ in 0..IMAGES {
        standin.next(Fault::Delay(Duration::from_secs(600)));
    }
    let asked = ask_at_once(&detector, &standin, 1 + IMAGES as u32);
    let all_left = standin.reached(|stats| stats.face_detect > IMAGES);
    tokio::select! {
        _ = asked => panic!("answered before all had left"),
        () = all_left => {}
    }
    assert_eq!(account(&detector).await.in_flight, IMAGES);
}
