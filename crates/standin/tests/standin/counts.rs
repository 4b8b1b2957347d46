//! Counters and limits, and a thousand callers.

use std::sync::Arc;
use std::time::Duration;

use standin::{Fault, Script, Standin, Stats, key_id};
use tokio::task::JoinSet;

use crate::support::{Answer, Api, portrait};

#[tokio::test]
async fn requests_and_charges_are_counted_by_image() {
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
        "the fault came before anybody knew which image"
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

/// How many calls of a burst pass is told by the unit tests of the throttle, which are given a
/// clock.
#[tokio::test]
async fn what_the_rate_limit_turns_away_is_counted_and_not_charged() {
    let api = Api::with(Standin::builder().rate(5)).await;
    let lent = api.lend("a.png");
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
    assert!(stats.billable >= 5, "{}", stats.billable);

    let api = Api::with(Standin::builder().rate(0)).await;
    let lent = api.lend("a.png");
    for _ in 0..3 {
        assert_eq!(api.detect(lent.url()).await.status, 429);
    }
    let stats = api.standin.stats();
    assert_eq!((stats.throttled, stats.billable), (3, 0));
}

/// Each of the callers is at work at the same time as many others: were they served one after the
/// other, `busiest` would be 1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_images_do_not_wait_for_one_another() {
    const CALLERS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, portrait()).unwrap();
    let api =
        Arc::new(Api::with(Standin::builder().service_time(Duration::from_millis(200))).await);
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
    let stats = api.standin.stats();
    assert_eq!((stats.face_detect, stats.billable), (1000, 1000));
    assert!(stats.busiest > 50, "{}", stats.busiest);
}

#[tokio::test]
async fn the_bill_names_each_call_and_whose_it_was() {
    let api = Api::scripted(
        "[[image]]\nname = \"b.png\"\nverdict = \"InvalidFile.NoHuman\"\nshape = \"bad400\"\n\
         [[image]]\nname = \"c.png\"\nfault = { gateway = { status = 504, worked = true } }\n",
    )
    .await;
    let lent = ["a.png", "b.png", "c.png"].map(|name| api.lend(name));
    let mut answered = Vec::new();
    for (lent, key) in lent.iter().zip(["sk-one", "sk-one", "sk-two"]) {
        let request = api.request(lent.url()).build().unwrap();
        let mut request = request;
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {key}").try_into().unwrap());
        let answer = Answer::read(api.client.execute(request).await.unwrap()).await;
        answered.push(answer.header("x-request-id").unwrap().to_owned());
    }
    let stats = api.standin.stats();
    // The second was answered with 400; the third was charged, although its answer was lost.
    let bill: Vec<_> = stats
        .bill
        .iter()
        .map(|call| {
            (
                call.request_id.as_str(),
                call.image_url.as_str(),
                call.key_id.as_str(),
            )
        })
        .collect();
    let (one, two) = (key_id("sk-one"), key_id("sk-two"));
    assert_eq!(
        bill,
        [
            (answered[0].as_str(), lent[0].url(), one.as_str()),
            (answered[2].as_str(), lent[2].url(), two.as_str()),
        ]
    );
    assert_eq!(stats.billable, 2);
    assert_eq!(
        (stats.billable_by_key[&one], stats.billable_by_key[&two]),
        (1, 1)
    );
    assert_eq!(
        stats.images[lent[0].url()].sha256.as_ref(),
        Some(&stats.bill[0].sha256)
    );
    // The keys themselves are nowhere.
    assert!(!serde_json::to_string(&stats).unwrap().contains("sk-"));
}

#[tokio::test]
async fn faults_can_be_required_to_have_happened() {
    let script = Script::parse(
        "[[image]]\nname = \"a.png\"\nfaults = [\"doubled\"]\nfault = \"truncated\"\n",
    )
    .unwrap();
    let api = Api::with(Standin::builder().script(script)).await;
    api.standin.next(Fault::error("Throttling"));
    api.standin.refuse_connections(1);
    let unmet = || match api.standin.verify() {
        Ok(()) => String::new(),
        Err(unmet) => unmet.to_string(),
    };
    let said = unmet();
    for part in [
        "4 met no request",
        "Throttling",
        "face-detect",
        "Doubled about a.png",
        "Truncated",
        "1 connections",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let lent = api.lend("a.png");
    assert!(api.request(lent.url()).send().await.is_err());
    for left in ["3 met", "2 met", "1 met"] {
        assert!(unmet().contains(left), "{left}: {}", unmet());
        api.detect(lent.url()).await;
    }
    assert_eq!(unmet(), "");
}

#[tokio::test]
async fn a_strict_stand_in_fails_the_test_that_met_no_fault() {
    let end = async |requests: usize| {
        let api = Api::with(Standin::builder().strict()).await;
        api.standin.next(Fault::error("Throttling"));
        for _ in 0..requests {
            api.detect_named("a.png").await;
        }
        let standin = api.standin;
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(standin)))
    };
    let said = end(0).await.unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert!(
        said.contains("1 met no request") && said.contains("Throttling"),
        "{said}"
    );
    assert!(end(1).await.is_ok());
}
