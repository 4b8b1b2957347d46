//! Calls over a scripted transport, in virtual time: a socket would make paused time jump.

use std::collections::VecDeque;
use std::sync::Mutex;

use std::time::Duration;

use super::*;
use bytes::Bytes;
use reqwest::header::{HeaderValue, RETRY_AFTER};
use tokio::time::{Instant, timeout_at};

use crate::budget::Budget;
use crate::charge::Charge;
use crate::detection::Verdict;
use crate::key::ApiKey;
use crate::pacer::Pace;
use crate::transport::{NoReplyCause, Request, Transport};

mod hooks;
mod limits;

const PASS: &str = r#"{"output":{"check_pass":true,"face_bbox":[1,2,3,4],"ext_bbox":[0,0,5,5]},"usage":{"image_count":1}}"#;

#[derive(Clone)]
enum Act {
    Answer {
        after: Duration,
        status: u16,
        retry_after: Option<Duration>,
        body: &'static str,
    },
    Refuse,
    Vanish,
}

fn answer(status: u16, body: &'static str) -> Act {
    Act::Answer {
        after: Duration::from_millis(100),
        status,
        retry_after: None,
        body,
    }
}

/// Plays its acts one by one, and the last for good.
#[derive(Default)]
struct Script {
    acts: Mutex<VecDeque<Act>>,
    departures: Arc<Mutex<Vec<Instant>>>,
    /// How long a connection takes.
    handshake: Duration,
}

impl Transport for Script {
    fn send<'a>(&'a self, _: Request, departure: &'a Arc<Departure>) -> Sending<'a> {
        Box::pin(async move {
            let act = {
                let mut acts = self.acts.lock().unwrap();
                if acts.len() > 1 {
                    acts.pop_front()
                } else {
                    acts.front().cloned()
                }
            };
            let (after, status, retry_after, body) = match act.expect("an act") {
                Act::Refuse => {
                    return Err(NoReply {
                        sent: false,
                        cause: NoReplyCause::Network("refused".into()),
                    });
                }
                Act::Vanish => {
                    let _ = departure.turn().await;
                    self.departures.lock().unwrap().push(Instant::now());
                    return Err(NoReply {
                        sent: true,
                        cause: NoReplyCause::Network("reset".into()),
                    });
                }
                Act::Answer {
                    after,
                    status,
                    retry_after,
                    body,
                } => (after, status, retry_after, body),
            };
            sleep(self.handshake).await;
            let _ = departure.turn().await;
            self.departures.lock().unwrap().push(Instant::now());
            if departure.within(sleep(after)).await.is_none() {
                return Err(NoReply {
                    sent: true,
                    cause: NoReplyCause::TimedOut,
                });
            }
            let retry_after = retry_after
                .map(|pause: Duration| (RETRY_AFTER, HeaderValue::from(pause.as_secs())));
            Ok(Reply {
                status,
                headers: retry_after.into_iter().collect(),
                body: Ok(Bytes::from(body)),
            })
        })
    }
}

fn scripted(acts: impl Into<VecDeque<Act>>) -> (Client, Arc<Mutex<Vec<Instant>>>) {
    let departures = Arc::default();
    let script = Script {
        acts: Mutex::new(acts.into()),
        departures: Arc::clone(&departures),
        ..Script::default()
    };
    let client = Client::builder(ApiKey::new("sk-1").unwrap())
        .build_over(Box::new(script))
        .unwrap();
    (client, departures)
}

fn image() -> ImageUrl {
    ImageUrl::parse("https://example.com/a.jpg").unwrap()
}

fn gaps(departures: &Mutex<Vec<Instant>>) -> Vec<Duration> {
    departures
        .lock()
        .unwrap()
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect()
}

const THROTTLED: &str =
    r#"{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded"}"#;

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_tried_three_times_with_growing_pauses() {
    let (client, departures) = scripted([answer(429, THROTTLED)]);
    let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), error.attempts(), error.sent()),
        (ErrorKind::Throttled, Charge::No, 3, 3)
    );
    assert!(matches!(error.retry(), crate::Retry::After(_)));
    let [first, second] = gaps(&departures)[..] else {
        panic!("three departures")
    };
    assert!((600..730).contains(&first.as_millis()), "{first:?}");
    assert!((1100..1360).contains(&second.as_millis()), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_up_to_half_a_minute() {
    for (told, least, most) in [(7, 7, 8), (3600, 30, 31)] {
        let late = Some(Duration::from_secs(told));
        let slow = Act::Answer {
            after: Duration::ZERO,
            status: 429,
            retry_after: late,
            body: THROTTLED,
        };
        let (client, departures) = scripted([slow, answer(200, PASS)]);
        let detection = client.detect(&image(), Ratio::Square).await.unwrap();
        assert_eq!((detection.attempts, detection.charge), (2, Charge::Yes));
        let gap = gaps(&departures)[0];
        assert!(
            gap >= Duration::from_secs(least) && gap <= Duration::from_secs(most),
            "{gap:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_call_outlives_its_time() {
    let patient = Act::Answer {
        after: Duration::from_secs(20),
        status: 429,
        retry_after: Some(Duration::from_secs(30)),
        body: THROTTLED,
    };
    let (client, departures) = scripted([patient]);
    let start = Instant::now();
    let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
    // The second try ends at 60 s, before its answer: it may be charged, and is not repeated.
    assert_eq!(
        (
            error.kind(),
            error.charge(),
            departures.lock().unwrap().len()
        ),
        (ErrorKind::OutcomeUnknown, Charge::Unknown, 2)
    );
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_never_asked_for_again() {
    let (client, departures) = scripted([Act::Vanish, answer(200, PASS)]);
    let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.charge(), error.retry()),
        (
            ErrorKind::OutcomeUnknown,
            Charge::Unknown,
            crate::Retry::Forbidden
        )
    );
    assert_eq!(departures.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn clones_share_one_pace_retries_included() {
    let (client, departures) = scripted([
        answer(429, THROTTLED),
        answer(429, THROTTLED),
        answer(200, PASS),
    ]);
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.detect(&image(), Ratio::ThreeFour).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let times = departures.lock().unwrap().clone();
    assert_eq!(times.len(), 42);
    for window in times.windows(6) {
        assert!(window[5] - window[0] > Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_counts_retries_and_is_never_exceeded() {
    let (client, departures) = scripted([answer(429, THROTTLED)]);
    let budget = Budget::new(4);
    let first = client
        .detect_with(&image(), Ratio::Square, &budget)
        .await
        .unwrap_err();
    let second = client
        .detect_with(&image(), Ratio::Square, &budget)
        .await
        .unwrap_err();
    let third = client
        .detect_with(&image(), Ratio::Square, &budget)
        .await
        .unwrap_err();
    assert_eq!((first.kind(), first.attempts()), (ErrorKind::Throttled, 3));
    // Its retry was forbidden: it tells what its only try met.
    assert_eq!(
        (second.kind(), second.attempts()),
        (ErrorKind::Throttled, 1)
    );
    assert_eq!(
        (third.kind(), third.attempts(), third.charge()),
        (ErrorKind::Vetoed, 0, Charge::No)
    );
    assert_eq!((departures.lock().unwrap().len(), budget.spent()), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_leave_is_given_back_to_the_budget() {
    let (client, _) = scripted([Act::Refuse]);
    let budget = Budget::new(1);
    let error = client
        .detect_with(&image(), Ratio::Square, &budget)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.charge()),
        (ErrorKind::Unreachable, Charge::No)
    );
    assert_eq!((error.attempts(), error.sent(), budget.spent()), (3, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn vetoed_calls_do_not_wait_for_one_another() {
    let (client, _) = scripted([answer(200, PASS)]);
    let budget = Budget::new(1);
    client
        .detect_with(&image(), Ratio::Square, &budget)
        .await
        .unwrap();
    let start = Instant::now();
    for _ in 0..1000 {
        client
            .detect_with(&image(), Ratio::Square, &budget)
            .await
            .unwrap_err();
    }
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_in_line_sends_nothing_and_delays_nobody() {
    let slow = Act::Answer {
        after: Duration::from_secs(10),
        status: 200,
        retry_after: None,
        body: PASS,
    };
    let (client, departures) = scripted([slow, answer(200, PASS)]);
    let image = image();
    let first = client.detect(&image, Ratio::Square);
    tokio::pin!(first);
    let soon = || Instant::now() + Duration::from_millis(5);
    assert!(timeout_at(soon(), &mut first).await.is_err());
    for _ in 0..5 {
        let waiting = client.detect(&image, Ratio::Square);
        assert!(timeout_at(soon(), waiting).await.is_err());
    }
    assert_eq!(departures.lock().unwrap().len(), 1);
    let second = client.detect(&image, Ratio::Square).await.unwrap();
    assert!(matches!(second.verdict, Verdict::Pass(_)));
    first.await.unwrap();
    let gap = gaps(&departures)[0];
    assert!(gap < Duration::from_millis(220), "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_take_what_the_pace_allows() {
    let (client, _) = scripted([answer(200, PASS)]);
    let start = Instant::now();
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.detect(&image(), Ratio::Square).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let best = Duration::from_millis(200 * 999);
    assert!(
        start.elapsed() >= best && start.elapsed() < best * 11 / 10,
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_gone_is_not_sent_and_one_for_another_model_is() {
    let (client, departures) = scripted([answer(200, PASS)]);
    let now = SystemTime::now();
    let upload =
        |model, at| OssUrl::uploaded("oss://dashscope-instant/a/b.jpg", model, at).unwrap();
    let gone = upload("emo-detect-v1", now - OssUrl::LIFETIME);
    let error = client
        .detect(&gone.into(), Ratio::Square)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::RequestRefused, 0),
        "{error}"
    );
    assert!(departures.lock().unwrap().is_empty());
    client
        .detect(&upload("emo-v1", now).into(), Ratio::Square)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn tries_can_be_set() {
    for tries in [1, 5] {
        let departures = Arc::default();
        let script = Script {
            acts: Mutex::new([answer(429, THROTTLED)].into()),
            departures: Arc::clone(&departures),
            ..Script::default()
        };
        let client = Client::builder(ApiKey::new("sk-1").unwrap())
            .tries(std::num::NonZeroU32::new(tries).unwrap())
            .build_over(Box::new(script))
            .unwrap();
        let error = client.detect(&image(), Ratio::Square).await.unwrap_err();
        assert_eq!(error.attempts(), tries);
        assert_eq!(departures.lock().unwrap().len(), tries as usize);
    }
}

#[test]
fn clients_and_calls_may_cross_threads() {
    fn sendable<T: Send>(_: T) {}
    let (client, _) = scripted([answer(200, PASS)]);
    let image = image();
    sendable(client.detect(&image, Ratio::Square));
    sendable((client.temporary_store(), client.clone()));
}
