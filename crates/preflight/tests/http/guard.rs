//! What is dialled is what was judged: for answers that change, and whatever the environment says.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use crate::support::look;
use preflight::http::{AddressPolicy, Dial, Dialling, Fetcher, Resolve, Resolving};
use proptest::prelude::*;

/// Gives the next of its answers on every look-up, and notes what it gave and what was dialled.
#[derive(Clone, Default)]
struct Rebinding {
    answers: Arc<Mutex<Vec<Vec<IpAddr>>>>,
    given: Arc<Mutex<Vec<IpAddr>>>,
    dialled: Arc<Mutex<Vec<SocketAddr>>>,
    look_ups: Arc<Mutex<usize>>,
}

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, _name: &'a str) -> Resolving<'a> {
        *self.look_ups.lock().unwrap() += 1;
        let answer = self.answers.lock().unwrap().pop().unwrap_or_default();
        self.given.lock().unwrap().extend(&answer);
        Box::pin(async { Ok(answer) })
    }
}

impl Dial for Rebinding {
    fn dial(&self, address: SocketAddr, _: Option<u32>) -> Dialling<'_> {
        self.dialled.lock().unwrap().push(address);
        Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })
    }
}

fn address() -> impl Strategy<Value = IpAddr> {
    let inside = [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.100.100.200",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
    ];
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
        any::<u128>().prop_map(|bits| IpAddr::V6(bits.into())),
        prop::sample::select(inside.to_vec()).prop_map(|text| text.parse().unwrap()),
        (0_u8..9).prop_map(|n| IpAddr::from([8, 8, 8, n])),
    ]
}

proptest! {
    /// However the answers flip: one look-up a fetch, all or none of an answer, and nothing dialled
    /// that was not given and judged.
    #[test]
    fn flipping_answers_are_each_judged_whole(
        answers in prop::collection::vec(prop::collection::vec(address(), 0..6), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let world = Rebinding::default();
        let count = answers.len();
        *world.answers.lock().unwrap() = answers;
        let fetcher = Fetcher::builder().resolver(world.clone()).dialer(world.clone()).retries(0).build().unwrap();
        runtime.block_on(async {
            for _ in 0..count {
                let last = world.answers.lock().unwrap().last().cloned().unwrap();
                let before = world.dialled.lock().unwrap().len();
                let _ = look(&fetcher, "http://flip.example/").await;
                // Until then the answer of before would hold.
                tokio::time::sleep(std::time::Duration::from_secs(11)).await;
                let public = AddressPolicy::public();
                let dialled = world.dialled.lock().unwrap()[before..].to_vec();
                if last.iter().any(|address| !public.permits(*address)) {
                    assert!(dialled.is_empty(), "{last:?} has a forbidden one, dialled {dialled:?}");
                }
                let judged: HashSet<_> = last.iter().map(IpAddr::to_canonical).collect();
                assert!(dialled.iter().all(|to| judged.contains(&to.ip()) && to.port() == 80));
            }
        });
        prop_assert_eq!(*world.look_ups.lock().unwrap(), count);
    }
}
