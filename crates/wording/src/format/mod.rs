//! Dates, times, durations, numbers and lists as each language writes them.
//!
//! Instants are microseconds since 1970 in UTC and are told in the zone of the reader; one that lies
//! outside the calendar (the years −9999 to 9999) is told as its nearest end. English is British:
//! days before months, a clock of 24 hours.

mod calendar;
mod quantity;
mod relative;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use kernel::Locale;

/// A language and a time zone: how one reader is told of instants and figures.
#[derive(Debug, Clone)]
pub struct Formats {
    /// The language that is written.
    pub locale: Locale,
    /// The zone in which instants are told.
    pub zone: TimeZone,
}

impl Formats {
    /// Formats for a reader.
    pub fn new(locale: Locale, zone: TimeZone) -> Formats {
        Formats { locale, zone }
    }

    /// The instant on the reader's clock and calendar.
    fn zoned(&self, micros: i64) -> Zoned {
        timestamp(micros).to_zoned(self.zone.clone())
    }
}

fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests;
