//! What a caller can hang into a call: a budget of its own, and a pace.

use super::*;
use crate::budget::{Pending, Veto};

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

#[tokio::test(start_paused = true)]
async fn every_request_is_withdrawn_and_settled_or_deposited() {
    let (client, _) = scripted([answer(429, THROTTLED), Act::Refuse, answer(200, PASS)]);
    let book = Book {
        vetoed_from: 8,
        ..Book::default()
    };
    client
        .detect_with(&image(), Ratio::Square, &book)
        .await
        .unwrap();
    assert_eq!(
        *book.lines.lock().unwrap(),
        [
            "withdraw",
            "throttled 429 no",
            "withdraw",
            "deposit",
            "withdraw",
            "verdict 200 yes"
        ]
    );
    let (client, departures) = scripted([Act::Vanish]);
    let error = client
        .detect_with(&image(), Ratio::Square, &book)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let error = client
        .detect_with(&image(), Ratio::Square, &book)
        .await
        .unwrap_err();
    let reason = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(
        (error.kind(), reason.as_deref()),
        (ErrorKind::Vetoed, Some("the book is closed"))
    );
    let lines = book.lines.lock().unwrap();
    assert_eq!(
        lines[6..],
        ["withdraw", "outcome-unknown 0 unknown", "withdraw"]
    );
    assert_eq!(departures.lock().unwrap().len(), 1);
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
        departures: Arc::default(),
    };
    let client = Client::builder(ApiKey::new("sk-1").unwrap())
        .pace(Arc::<Slow>::clone(&pace))
        .timeout(Duration::from_secs(5))
        .build_over(Box::new(script))
        .unwrap();
    let detection = client.detect(&image(), Ratio::Square).await.unwrap();
    assert_eq!((detection.attempts, *pace.0.lock().unwrap()), (2, 2));
}
