//! Counters and limits, and a thousand callers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use standin::{Fault, Standin, Stats};
use tokio::task::JoinSet;

use crate::support::{Answer, Api, portrait};

#[tokio::test]
async fn requests_and_charges_are_counted_by_picture() {
    let api = Api::scripted(
        "[[image]]\nname = \"b.png\"\nverdict = \"InvalidFile.NoHuman\"\nshape = \"bad400\"",
    )
    .await;
    let (a, b) = (api.lend("a.png"), api.lend("b.png"));
    api.detect(a.url()).await;
    api.detect(a.url()).await;
    api.detect(b.url()).await;
    api.standin.next(Fault::error("Throttling"));
    api.detect(b.url()).await;

    let stats = api.standin.stats();
    assert_eq!(
        (stats.face_detect, stats.billable, stats.busiest),
        (4, 2, 1)
    );
    assert_eq!(stats.images[a.url()].requests, 2);
    assert_eq!(stats.images[a.url()].billable, 2);
    assert_eq!(
        stats.images[b.url()].requests,
        1,
        "the fault came before anybody knew which picture"
    );
    assert_eq!(stats.images[b.url()].billable, 0);
    let answers: Vec<_> = stats
        .answers
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(
        answers,
        [
            ("200", 2),
            ("400 InvalidFile.NoHuman", 1),
            ("429 Throttling", 1)
        ]
    );
}

#[tokio::test]
async fn counters_are_served_as_json() {
    let api = Api::start().await;
    api.detect_named("a.png").await;
    let url = format!("http://{}/standin/stats", api.standin.address());
    let answer = Answer::read(api.client.get(url).send().await.unwrap()).await;
    let body = answer.json();
    assert_eq!(body["billable"], 1);
    assert_eq!(body["face_detect"], 1);
    assert_eq!(body["answers"]["200"], 1);
    assert_eq!(body["images"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_burst_beyond_the_rate_is_turned_away_and_not_charged() {
    let api = Api::with(Standin::builder().rate(5)).await;
    let lent = api.lend("a.png");
    let started = Instant::now();
    let mut throttled = 0;
    for _ in 0..20 {
        let answer = api.detect(lent.url()).await;
        if answer.status == 429 {
            assert_eq!(answer.at("/code"), "Throttling.RateQuota");
            throttled += 1;
        }
    }
    let stats: Stats = api.standin.stats();
    assert_eq!(
        (stats.throttled, stats.billable),
        (throttled, 20 - throttled)
    );
    // Five at once, and five more for each second that the machine took over it.
    let most = 5.0 + 5.0 * started.elapsed().as_secs_f64();
    assert!(
        stats.billable >= 5 && stats.billable as f64 <= most,
        "{} of {most}",
        stats.billable
    );
}

/// A thousand pictures, 200 at a time, each with 200 ms of service time: five rounds, so one second at best. What is
/// asserted is that the calls overlap; the time only has to show that they did not queue (200 s).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_pictures_do_not_wait_for_one_another() {
    const CALLERS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, portrait()).unwrap();
    let api =
        Arc::new(Api::with(Standin::builder().service_time(Duration::from_millis(200))).await);
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (api, path) = (Arc::clone(&api), path.clone());
        callers.spawn(async move {
            for _ in 0..1000 / CALLERS {
                let lent = api.standin.lend(&path).unwrap();
                assert_eq!(api.detect(lent.url()).await.status, 200);
            }
        });
    }
    callers.join_all().await;
    let took = started.elapsed();
    let stats = api.standin.stats();
    assert_eq!((stats.face_detect, stats.billable), (1000, 1000));
    assert!(stats.busiest > 50, "{}", stats.busiest);
    assert!(took < Duration::from_secs(30), "{took:?}");
    println!("1000 pictures in {took:?}, {} at once", stats.busiest);
}
