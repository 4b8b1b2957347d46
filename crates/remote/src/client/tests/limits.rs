//! The limits that a client is told: its rate, its calls at a time, and what it says when the time
//! is over.

use std::num::{NonZeroU32, NonZeroUsize};

use crate::builder::ClientBuilder;

use super::*;

/// The moments, since the first, at which so many calls at once leave, each answered after a second.
async fn left(calls: usize, settings: fn(ClientBuilder) -> ClientBuilder) -> Vec<Duration> {
    let departures = Arc::<Mutex<Vec<Instant>>>::default();
    let slow = Act::Answer {
        after: Duration::from_secs(1),
        status: 200,
        retry_after: None,
        body: PASS,
    };
    let script = Script {
        acts: Mutex::new([slow].into()),
        departures: Arc::clone(&departures),
        ..Script::default()
    };
    let client = settings(Client::builder(ApiKey::new("sk-1").unwrap()))
        .build_over(Box::new(script))
        .unwrap();
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.detect(&image(), Ratio::Square).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let departures = departures.lock().unwrap();
    departures.iter().map(|at| *at - departures[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn a_rate_of_ones_own_is_kept_and_none_is_no_limit() {
    let two_a_second = left(5, |builder| {
        builder.requests_per_second(NonZeroU32::new(2).unwrap())
    });
    for pair in two_a_second.await.windows(2) {
        let gap = pair[1] - pair[0];
        assert!((500..600).contains(&gap.as_millis()), "{gap:?}");
    }
    assert_eq!(left(20, ClientBuilder::unpaced).await, [Duration::ZERO; 20]);
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_under_way_than_allowed() {
    let two_at_a_time = left(6, |builder| {
        let two = NonZeroUsize::new(2).unwrap();
        builder.unpaced().max_concurrent(two)
    });
    let seconds: Vec<u64> = two_at_a_time.await.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 0, 1, 1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn an_end_without_an_answer_says_what_was_waited_for() {
    let cause = |error: &Error| std::error::Error::source(error).map(ToString::to_string);
    let (client, _) = scripted([Act::Vanish]);
    let lost = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(cause(&lost).as_deref(), Some("reset"));
    let (client, _) = scripted([Act::Refuse]);
    let refused = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(cause(&refused).as_deref(), Some("refused"));
    let never = Act::Answer {
        after: Duration::from_secs(3_600),
        status: 200,
        retry_after: None,
        body: PASS,
    };
    let (client, _) = scripted([never]);
    let late = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert!(late.to_string().contains("no answer in time"), "{late}");
    assert_eq!((late.charge(), cause(&late)), (Charge::Unknown, None));
}
