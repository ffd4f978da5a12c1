//! Dates, times, durations, numbers and lists as each language writes them.

use jiff::tz::TimeZone;
use kernel::Locale;

/// A language and a time zone.
#[derive(Debug, Clone)]
pub struct Formats {
    /// The language that is written.
    pub locale: Locale,
    /// The zone in which instants are told.
    pub zone: TimeZone,
}
