//! The calendar's time, and the machine's.

use jiff::Timestamp;

/// A time as it is written down, in milliseconds. One beyond the calendar is its nearest end.
pub(crate) fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The day of a time, in days since 1970, in UTC.
pub(crate) fn day_of(time: Timestamp) -> i64 {
    time.as_millisecond().div_euclid(24 * 60 * 60 * 1000)
}

/// The first moment of a day.
pub(crate) fn day_start(day: i64) -> Timestamp {
    timestamp(day.saturating_mul(24 * 60 * 60 * 1000))
}

/// Which start of the machine this is.
#[cfg(target_os = "linux")]
pub(crate) fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Microseconds of a clock that all processes of the machine share and that nobody sets.
#[cfg(target_os = "linux")]
pub(crate) fn machine_micros() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    now.tv_sec
        .saturating_mul(1_000_000)
        .saturating_add(now.tv_nsec / 1_000)
}

/// Microseconds of the calendar's clock: where somebody sets it, the pace is off for a moment.
#[cfg(not(target_os = "linux"))]
pub(crate) fn machine_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_before_1970_too() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(day_of(time("1969-12-31T23:59:59.999Z")), -1);
        assert_eq!(day_of(time("1970-01-01T00:00:00Z")), 0);
        assert_eq!(day_of(time("2100-01-01T00:00:00Z")), 47_482);
        assert_eq!(day_start(47_482), time("2100-01-01T00:00:00Z"));
        assert_eq!(timestamp(i64::MAX), Timestamp::MAX);
        assert_eq!(timestamp(i64::MIN), Timestamp::MIN);
    }
}
