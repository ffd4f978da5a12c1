//! Instants and the clock that tells them.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: microseconds since the Unix epoch, UTC. RFC 3339 outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

/// A text that is not an RFC 3339 instant.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an instant such as 2026-05-01T09:30:00Z")]
pub struct InvalidInstant(pub String);

impl Instant {
    /// The last instant that every zone can still write with a four-digit year, in microseconds.
    const LAST_MICROS: i64 = 253_402_207_199_999_999;
    /// The first instant that RFC 3339 can write (start of the year 0), in microseconds.
    const FIRST_MICROS: i64 = -62_167_219_200_000_000;

    /// From microseconds since the epoch; what RFC 3339 cannot write is clamped to the years 0 to 9999,
    /// because imported clocks lie and a date must never stop an intake.
    pub const fn from_micros(micros: i64) -> Instant {
        if micros > Self::LAST_MICROS {
            Instant(Self::LAST_MICROS)
        } else if micros < Self::FIRST_MICROS {
            Instant(Self::FIRST_MICROS)
        } else {
            Instant(micros)
        }
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded towards the past.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The instant so many seconds later (earlier when negative), clamped.
    pub const fn plus_seconds(self, seconds: i64) -> Instant {
        Instant::from_micros(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The instant so many milliseconds later (earlier when negative), clamped.
    pub const fn plus_millis(self, millis: i64) -> Instant {
        Instant::from_micros(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// Seconds from `earlier` to this instant; negative when it lies before.
    pub const fn seconds_since(self, earlier: Instant) -> i64 {
        (self.0 - earlier.0) / 1_000_000
    }

    /// The day in UTC as a number: days since 1970-01-01. The ledger balances per such day.
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(86_400_000_000)
    }

    /// The civil timestamp, for calendars and formatting.
    pub fn timestamp(self) -> jiff::Timestamp {
        // The range of `Instant` lies inside the range of `Timestamp`.
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(timestamp: jiff::Timestamp) -> Instant {
        Instant::from_micros(timestamp.as_microsecond())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

impl std::str::FromStr for Instant {
    type Err = InvalidInstant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse::<jiff::Timestamp>().map(Instant::from).map_err(|_| InvalidInstant(text.to_owned()))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who tells the time. Use cases take it as a parameter, so that a test or a replay decides.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Instant {
        jiff::Timestamp::now().into()
    }
}

/// A clock that stands still until it is moved, for tests and for the demo company.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Instant) -> ManualClock {
        ManualClock(AtomicI64::new(now.micros()))
    }

    /// Moves the clock forward (back, when negative) by so many seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, now: Instant) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_as_rfc_3339() {
        let instant: Instant = "2026-05-01T09:30:00.000001+02:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-05-01T07:30:00.000001Z");
        assert_eq!("tomorrow".parse::<Instant>(), Err(InvalidInstant("tomorrow".into())));
    }

    #[test]
    fn absurd_dates_are_clamped_instead_of_refused() {
        assert_eq!(Instant::from_micros(i64::MAX).to_string(), "9999-12-30T21:59:59.999999Z");
        assert_eq!(Instant::from_micros(i64::MIN).timestamp().as_microsecond(), Instant::FIRST_MICROS);
        assert_eq!(Instant::from_micros(-1).utc_day(), -1);
    }
}
