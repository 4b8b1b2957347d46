//! Where a kept connection leads, told by the kernel.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use preflight::http::{Fetcher, Resolve, Resolving};
use testkit::server::Server;

use super::{hex, parse};
use crate::support::look;

/// A kept connection leads where it was judged to lead, and nowhere else.
pub(super) async fn connections(server: &Server) {
    let moves = Moves::default();
    let fetcher = Fetcher::builder().resolver(moves.clone()).build().unwrap();
    let dialled = || {
        let all = server.dialled();
        all.iter()
            .map(|at| at.ip().to_canonical())
            .collect::<Vec<_>>()
    };
    let before = dialled().len();
    // The name moves inside behind the first look-up: there is no second one while its answer holds.
    for _ in 0..20 {
        assert!(
            look(&fetcher, "http://moves.example/a.png")
                .await
                .outcome
                .is_ok()
        );
    }
    assert_eq!(dialled()[before..], [parse("8.8.8.8")]);
    // Another name for the same address has a connection of its own, and its own judgement.
    assert!(look(&fetcher, "http://8.8.8.8/a.png").await.outcome.is_ok());
    assert_eq!(dialled()[before..], [parse("8.8.8.8"); 2]);
    // The way inside does not lead over a connection that is kept.
    for inside in [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "//127.0.0.1/",
    ] {
        let url = format!("http://8.8.8.8/to/{}", hex(inside));
        assert!(look(&fetcher, &url).await.outcome.is_err());
    }
    assert!(
        look(&fetcher, "http://inside.example/")
            .await
            .outcome
            .is_err()
    );
    assert_eq!(dialled().len(), before + 2);
    // Somebody else's fetcher looks the name up by itself, and refuses it.
    let other = Fetcher::builder().resolver(moves).build().unwrap();
    assert!(
        look(&other, "http://moves.example/a.png")
            .await
            .outcome
            .is_err()
    );
    assert_eq!(dialled().len(), before + 2);
}

/// Answers a public address once, and then one inside for everything.
#[derive(Clone, Default)]
struct Moves(Arc<AtomicBool>);

impl Resolve for Moves {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        let moved = self.0.swap(true, Ordering::Relaxed);
        let answer = parse(if moved { "10.0.0.1" } else { "8.8.8.8" });
        Box::pin(async move { Ok(vec![answer]) })
    }
}
