//! When to ask again.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// The pause before the second try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How many times longer the pauses are where the service says that the rate grew too fast.
const SLOWER: u32 = 4;

/// Longest pause that a `Retry-After` can ask for; half of a call's default time.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Pauses double at most so often.
const MAX_DOUBLINGS: u32 = 3;

/// The tries that a call has made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    pub(crate) attempts: u32,
    /// How many of them handed their request to a connection.
    pub(crate) sent: u32,
}

/// Whether to ask again, as far as the code tells. Such answers are not charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryClass {
    /// It would fail again.
    Never,
    /// One more try: the image's host was slow, and may still be.
    Once,
    /// As often as the client tries at all.
    Yes,
    /// Likewise, with longer pauses: the rate grew too fast.
    Slower,
}

/// Whether a failed call may be repeated.
#[expect(clippy::exhaustive_enums, reason = "yes, with a pause, or no")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// It may, after this pause: nothing was charged, and it may well succeed then.
    After(Duration),
    /// It should not: it would fail again, or may be paid for twice.
    Forbidden,
}

/// Whether one more try is due after so many.
pub(crate) const fn is_due(class: RetryClass, tries: u32, most: u32) -> bool {
    match class {
        RetryClass::Never => false,
        RetryClass::Once => tries < 2 && tries < most,
        RetryClass::Yes | RetryClass::Slower => tries < most,
    }
}

/// The pause before the next try after so many, if one makes sense at all.
pub(crate) fn advice(class: RetryClass, tries: u32, retry_after: Option<Duration>) -> Retry {
    let factor = match class {
        RetryClass::Never => return Retry::Forbidden,
        RetryClass::Once | RetryClass::Yes => 1,
        RetryClass::Slower => SLOWER,
    };
    let doublings = tries.saturating_sub(1).min(MAX_DOUBLINGS);
    let pause = FIRST_PAUSE * factor * (1 << doublings);
    let told = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
    Retry::After(pause.max(told) + pause.mul_f64(jitter() / 4.0))
}

/// `Retry-After`, RFC 9110 section 10.2.3: seconds, or a date. A date gone by means now; anything
/// else is as good as absent.
pub(crate) fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let now = Timestamp::try_from(SystemTime::now()).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// A number in `0.0..1.0`, so that clients that were turned away together do not return together.
fn jitter() -> f64 {
    f64::from((random() >> 32) as u32) / 2.0_f64.powi(32)
}

/// A number that differs from call to call and run to run. Not cryptographic: for jitter and for
/// the names of uploads.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(SystemTime::now())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pause(again: RetryClass, tries: u32, retry_after: Option<Duration>) -> Duration {
        match advice(again, tries, retry_after) {
            Retry::After(pause) => pause,
            Retry::Forbidden => panic!("{again:?} after {tries}"),
        }
    }

    #[test]
    fn pauses_double_from_half_a_second() {
        for (tries, least) in [(1, 500), (2, 1000), (3, 2000)] {
            let least = Duration::from_millis(least);
            for _ in 0..50 {
                let pause = pause(RetryClass::Yes, tries, None);
                assert!((least..least * 5 / 4).contains(&pause), "{pause:?}");
            }
        }
        assert!(pause(RetryClass::Slower, 1, None) >= Duration::from_secs(2));
    }

    #[test]
    fn a_call_is_tried_as_often_as_told_and_twice_where_once_more_is_enough() {
        for most in 1..=5 {
            let tries = |again| 1 + (1..10).take_while(|n| is_due(again, *n, most)).count() as u32;
            assert_eq!(tries(RetryClass::Never), 1);
            assert_eq!(tries(RetryClass::Once), most.min(2));
            assert_eq!(tries(RetryClass::Yes), most);
            assert_eq!(tries(RetryClass::Slower), most);
        }
    }

    /// Clients that were turned away together are spread over the whole of the jitter.
    #[test]
    fn no_two_pauses_are_alike() {
        let pauses = (0..500).map(|_| pause(RetryClass::Yes, 1, None));
        let pauses: std::collections::BTreeSet<Duration> = pauses.collect();
        let (shortest, longest) = (pauses.first().unwrap(), pauses.last().unwrap());
        assert!(pauses.len() > 450, "{}", pauses.len());
        assert!(*shortest < FIRST_PAUSE.mul_f64(1.05), "{shortest:?}");
        assert!(*longest > FIRST_PAUSE.mul_f64(1.2), "{longest:?}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::ZERO)
        );
        let soon = retry_after("Fri, 01 Jan 2100 00:00:00 GMT").unwrap();
        assert!(soon > Duration::from_secs(3600));
        for nonsense in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(retry_after(nonsense), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn no_retry_after_makes_us_hasty_or_wait_for_long(seconds: u64, tries in 1u32..=3) {
            let told = Duration::from_secs(seconds);
            let pause = pause(RetryClass::Yes, tries, Some(told));
            prop_assert!(pause >= told.min(MAX_RETRY_AFTER));
            prop_assert!(pause >= FIRST_PAUSE && pause <= MAX_RETRY_AFTER + Duration::from_secs(1));
        }

        #[test]
        fn no_header_panics(value in "\\PC{0,40}") {
            let _ = retry_after(&value);
        }
    }
}
