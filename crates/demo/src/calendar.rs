//! Days and hours of the shop: Italian local time, opening hours, plausible moments to write.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::dice::Dice;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Days that the stories reach back: 18 months.
pub(crate) const DAYS: i64 = 548;

/// Italian local time. The rule is written out so that the result does not depend on the machine's
/// time zone files.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    zone: TimeZone,
    today: Date,
    now_micros: i64,
}

impl Calendar {
    /// The calendar around a present.
    pub(crate) fn around(now_micros: i64) -> Calendar {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap_or(TimeZone::UTC);
        let today = local(&zone, now_micros).date();
        Calendar { zone, today, now_micros }
    }

    pub(crate) fn now_micros(&self) -> i64 {
        self.now_micros
    }

    /// The date of a day counted from the first one of the stories; the last is today.
    pub(crate) fn date(&self, day: i64) -> Date {
        self.today.saturating_sub(jiff::Span::new().days(DAYS - 1 - day))
    }

    /// Local date and time of an instant.
    pub(crate) fn local(&self, micros: i64) -> DateTime {
        local(&self.zone, micros)
    }

    /// The instant of a local date and minute of the day.
    pub(crate) fn instant(&self, date: Date, minute: i64) -> i64 {
        let time = date.at((minute / 60).clamp(0, 23) as i8, (minute % 60) as i8, 0, 0);
        self.zone.to_timestamp(time).map_or(0, Timestamp::as_microsecond)
    }

    /// A moment of a day at which somebody writes: at home early or in the evening, in trade by day.
    pub(crate) fn writing_minute(trade: bool, dice: &mut Dice) -> i64 {
        const HOME: [f64; 24] = [
            0.4, 0.1, 0.0, 0.0, 0.0, 0.1, 0.7, 2.4, 3.6, 4.5, 4.6, 3.8, 3.4, 3.6, 3.2, 3.0, 3.0, 3.4, 4.0,
            3.6, 4.4, 5.6, 4.2, 1.6,
        ];
        const TRADE: [f64; 24] = [
            0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.8, 2.5, 5.5, 7.5, 7.5, 6.2, 3.6, 3.0, 5.0, 6.0, 5.4, 4.0, 2.4,
            1.2, 0.7, 0.6, 0.5, 0.2,
        ];
        let hours = if trade { TRADE } else { HOME };
        dice.weighted(hours.iter().copied()) as i64 * 60 + dice.between(0, 59)
    }

    /// How busy a day is, 1.0 being an ordinary weekday.
    pub(crate) fn weight(date: Date) -> f64 {
        let weekday = match date.weekday() {
            Weekday::Monday => 1.35,
            Weekday::Tuesday => 1.1,
            Weekday::Saturday => 0.55,
            Weekday::Sunday => 0.4,
            _ => 1.0,
        };
        let season = match (date.month(), date.day()) {
            (12, 24..=26) | (1, 1) => 0.25,
            (12, 1..=23) => 1.5,
            (11, 20..=30) => 1.2,
            (8, 8..=22) => 0.6,
            (8, _) => 0.85,
            _ => 1.0,
        };
        weekday * season
    }

    /// The first moment at or after an instant at which somebody is at work.
    pub(crate) fn at_work(&self, micros: i64, dice: &mut Dice) -> i64 {
        let mut at = micros;
        for _ in 0..12 {
            let time = self.local(at);
            let minute = i64::from(time.hour()) * 60 + i64::from(time.minute());
            let (opens, closes) = match time.date().weekday() {
                Weekday::Sunday => (0, 0),
                Weekday::Saturday => (9 * 60, 12 * 60 + 45),
                _ => (8 * 60 + 20, 18 * 60 + 30),
            };
            if minute < opens {
                return self.instant(time.date(), opens + dice.between(2, 75)) + dice.between(0, 59) * SECOND;
            }
            if minute < closes {
                return at;
            }
            at = self.instant(time.date().saturating_add(jiff::Span::new().days(1)), 0);
        }
        at
    }

    /// The same or a later moment at which somebody is awake.
    pub(crate) fn awake(&self, micros: i64, dice: &mut Dice) -> i64 {
        let time = self.local(micros);
        if (7..23).contains(&time.hour()) {
            return micros;
        }
        let days = i64::from(time.hour() >= 23);
        self.instant(time.date().saturating_add(jiff::Span::new().days(days)), 7 * 60 + dice.between(10, 200))
            + dice.between(0, 59) * SECOND
    }
}

fn local(zone: &TimeZone, micros: i64) -> DateTime {
    Timestamp::from_microsecond(micros).map(|instant| zone.to_datetime(instant)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_answers_on_a_sunday_or_at_night() {
        let calendar = Calendar::around(1_795_000_000_000_000);
        let mut dice = Dice::new(3, &[]);
        for hours in 0..24 * 14 {
            let at = calendar.at_work(1_790_000_000_000_000 + hours * HOUR, &mut dice);
            let time = calendar.local(at);
            assert_ne!(time.date().weekday(), Weekday::Sunday);
            assert!((8..19).contains(&time.hour()), "{time}");
        }
    }
}
