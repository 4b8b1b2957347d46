//! What a caller can hang into a call: a budget of its own, and a pace.

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::*;
use crate::error::Error;
use crate::pending::Pending;

/// Writes down what a budget is told.
#[derive(Default)]
struct Book {
    lines: Mutex<Vec<String>>,
    vetoed_from: usize,
}

impl Book {
    /// The number of lines, this one included.
    fn write(&self, line: impl Into<String>) -> usize {
        let mut lines = self.lines.lock().unwrap();
        lines.push(line.into());
        lines.len()
    }
}

impl RequestBudget for Book {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            match self.write("withdraw") {
                line if line > self.vetoed_from => Err(Veto::new("the book is closed")),
                _ => Ok(()),
            }
        })
    }

    fn intend(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            match self.write("intend") {
                line if line > self.vetoed_from => Err(Veto::new("the book is closed")),
                _ => Ok(()),
            }
        })
    }

    fn depart(&self) {
        self.write("depart");
    }

    fn deposit(&self) -> Pending<'_, ()> {
        Box::pin(async {
            self.write("deposit");
        })
    }

    fn settle<'a>(&'a self, end: RequestEnd<'a>) -> Pending<'a, ()> {
        Box::pin(async move {
            let outcome = end.outcome.map_or_else(ErrorKind::name, |_| "verdict");
            let status = end.http_status.unwrap_or_default();
            self.write(format!("{outcome} {status} {}", end.charge));
        })
    }
}

impl Book {
    /// A book with room for so many lines, and what it holds after a call that meets these acts.
    async fn of(room: usize, acts: &[Act]) -> (Vec<String>, Result<Detection, Error>, usize) {
        let (client, departures) = scripted(acts.to_vec());
        let book = Self {
            vetoed_from: room,
            ..Self::default()
        };
        let answer = client.detect_with(&image(), Ratio::Square, &book).await;
        let sent = departures.lock().unwrap().len();
        (book.lines.into_inner().unwrap(), answer, sent)
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_is_withdrawn_and_settled_or_deposited() {
    let acts = [answer(429, THROTTLED), Act::Refuse, answer(200, PASS)];
    let (lines, answer, sent) = Book::of(99, &acts).await;
    answer.unwrap();
    assert_eq!(
        (lines.join(", ").as_str(), sent),
        (
            "withdraw, intend, depart, throttled 429 no, \
             withdraw, deposit, \
             withdraw, intend, depart, verdict 200 yes",
            2
        )
    );
    let (lines, answer, _) = Book::of(99, &[Act::Vanish]).await;
    assert_eq!(answer.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    let written = "withdraw, intend, depart, outcome-unknown 0 unknown";
    assert_eq!(lines.join(", "), written);
}

#[tokio::test(start_paused = true)]
async fn a_veto_holds_before_the_connection_and_before_the_departure() {
    for (room, written) in [(0, "withdraw"), (1, "withdraw, intend, deposit")] {
        let (lines, answer, sent) = Book::of(room, &[answer(200, PASS)]).await;
        let error = answer.unwrap_err();
        let reason = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(
            (error.kind(), reason.as_deref()),
            (ErrorKind::Vetoed, Some("the book is closed"))
        );
        assert_eq!((lines.join(", ").as_str(), sent), (written, 0));
    }
    // A retry that is vetoed ends as the try before it.
    for room in [4, 5] {
        let (_, answer, sent) = Book::of(room, &[answer(429, THROTTLED)]).await;
        let error = answer.unwrap_err();
        let ended = (error.kind(), error.attempts(), error.sent(), sent);
        assert_eq!(ended, (ErrorKind::Throttled, 1, 1, 1));
    }
}

/// Without a pace no connection is waited for, and a request is written down all the same.
#[tokio::test(start_paused = true)]
async fn a_request_without_a_pace_has_the_same_order() {
    let script = Script {
        acts: Mutex::new([answer(200, PASS)].into()),
        ..Script::default()
    };
    let client = Client::builder(ApiKey::new("sk-1").unwrap())
        .unpaced()
        .build_over(Box::new(script))
        .unwrap();
    let book = Book {
        vetoed_from: 99,
        ..Book::default()
    };
    let answer = client.detect_with(&image(), Ratio::Square, &book).await;
    assert!(answer.is_ok());
    let lines = book.lines.into_inner().unwrap();
    assert_eq!(
        lines.join(", "),
        "withdraw, intend, depart, verdict 200 yes"
    );
}

/// Lets so many requests stand between their intent and their departure.
struct Line {
    places: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl RequestBudget for Line {
    fn withdraw(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async { Ok(()) })
    }

    fn intend(&self) -> Pending<'_, Result<(), Veto>> {
        Box::pin(async {
            let place = Arc::clone(&self.places).acquire_owned().await.unwrap();
            *self.held.lock().unwrap() = Some(place);
            Ok(())
        })
    }

    fn depart(&self) {
        *self.held.lock().unwrap() = None;
    }
}

/// Found with a service whose handshakes took 1.5 s: requests were intended before they connected,
/// five at a time, and three a second left where five may.
#[tokio::test(start_paused = true)]
async fn slow_connections_cost_no_pace_where_few_requests_may_be_intended() {
    const CALLS: u32 = 40;
    let departures = Arc::<Mutex<Vec<Instant>>>::default();
    let script = Script {
        acts: Mutex::new([answer(200, PASS)].into()),
        departures: Arc::clone(&departures),
        handshake: Duration::from_millis(1_500),
    };
    let client = Client::builder(ApiKey::new("sk-1").unwrap())
        .build_over(Box::new(script))
        .unwrap();
    let places = Arc::new(Semaphore::new(5));
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let (client, places) = (client.clone(), Arc::clone(&places));
            tokio::spawn(async move {
                let line = Line {
                    places,
                    held: Mutex::default(),
                };
                client.detect_with(&image(), Ratio::Square, &line).await
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let departures = departures.lock().unwrap();
    for window in departures.windows(6) {
        assert!(window[5] - window[0] > Duration::from_secs(1));
    }
    let took = departures[departures.len() - 1] - departures[0];
    let least = Duration::from_millis(200) * (CALLS - 1);
    // The pace's own margin is a twentieth, and it may cost no more than that.
    assert!(took <= least.mul_f64(1.051), "{took:?}");
}

/// Counts turns, and takes a minute for each.
#[derive(Debug, Default)]
struct Slow(Mutex<u32>);

impl Pace for Slow {
    fn turn(&self) -> Pending<'_, ()> {
        Box::pin(async {
            sleep(Duration::from_secs(60)).await;
            *self.0.lock().unwrap() += 1;
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_pace_of_ones_own_is_asked_once_a_request_and_costs_no_time_of_the_call() {
    let pace = Arc::new(Slow::default());
    let script = Script {
        acts: Mutex::new([answer(429, THROTTLED), answer(200, PASS)].into()),
        ..Script::default()
    };
    let client = Client::builder(ApiKey::new("sk-1").unwrap())
        .pace(Arc::<Slow>::clone(&pace))
        .timeout(Duration::from_secs(5))
        .build_over(Box::new(script))
        .unwrap();
    let detection = client.detect(&image(), Ratio::Square).await.unwrap();
    assert_eq!((detection.attempts, *pace.0.lock().unwrap()), (2, 2));
}
