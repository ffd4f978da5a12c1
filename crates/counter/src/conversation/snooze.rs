//! Until when a conversation is put off: days as a person means them, at nine in the morning of their zone.

use jiff::civil::{Date, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use kernel::{Fault, Instant, Reason};

/// The hour at which one looks again.
const HOUR: i8 = 9;

/// Tomorrow's date in a zone, as a date field takes it; empty at the end of the calendar.
pub(super) fn tomorrow(now: Instant, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let today = now.timestamp().to_zoned(zone).date();
    today.checked_add(1.day()).map(|day| day.to_string()).unwrap_or_default()
}

/// The instant that a choice of the menu means: `tomorrow`, `monday`, or a date such as `2026-12-01`.
pub(super) fn until(choice: &str, now: Instant, zone: &str) -> Result<Instant, Fault> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let unreadable = || Fault::invalid("snoozed_until", Reason::NotA("a date such as 2026-12-01"));
    let day = match choice {
        "" => return Err(Fault::invalid("snoozed_until", Reason::Missing)),
        "tomorrow" => today.checked_add(1.day()).map_err(|_| unreadable())?,
        "monday" => today.nth_weekday(1, Weekday::Monday).map_err(|_| unreadable())?,
        date => date.parse::<Date>().map_err(|_| unreadable())?,
    };
    let at: Zoned = day.to_datetime(time(HOUR, 0, 0, 0)).to_zoned(zone).map_err(|_| unreadable())?;
    let at = Instant::from(at.timestamp());
    if at <= now {
        return Err(Fault::invalid("snoozed_until", Reason::NotA("a day in the future")));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn days_begin_at_nine_in_the_readers_zone() {
        let friday = at("2026-11-20T22:30:00Z");
        assert_eq!(until("tomorrow", friday, "Europe/Rome").unwrap(), at("2026-11-21T08:00:00Z"));
        assert_eq!(until("monday", friday, "Europe/Rome").unwrap(), at("2026-11-23T08:00:00Z"));
        assert_eq!(until("2026-12-01", friday, "America/New_York").unwrap(), at("2026-12-01T14:00:00Z"));
        assert_eq!(tomorrow(friday, "Europe/Rome"), "2026-11-21");
        let sunday_night_in_rome = at("2026-11-22T23:30:00Z");
        assert_eq!(until("monday", sunday_night_in_rome, "Europe/Rome").unwrap(), at("2026-11-30T08:00:00Z"));
    }

    #[test]
    fn what_is_past_or_no_date_is_refused() {
        let now = at("2026-11-20T09:00:00Z");
        for choice in ["", "2026-11-20", "2020-01-01", "yesterday", "2026-13-01", "tomorrow; DROP"] {
            let refused = until(choice, now, "Europe/Rome");
            assert!(matches!(refused, Err(Fault::Invalid { field: "snoozed_until", .. })), "{choice}");
        }
    }
}
