//! Dates and times of day.

use std::sync::OnceLock;

use icu_calendar::Gregorian;
use icu_calendar::preferences::CalendarAlgorithm;
use icu_datetime::fieldsets::{E, MD, T, YMD};
use icu_datetime::options::{Length, TimePrecision, YearStyle};
use icu_datetime::preferences::HourCycle;
use icu_datetime::{DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter};
use icu_time::{DateTime, Time};
use jiff::Zoned;
use kernel::Locale;

use super::{Formats, timestamp};
use crate::number::icu_locale;

/// The formatters of one language, built once: building costs a hundred times more than formatting.
struct Formatters {
    long: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    short: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    day_month: FixedCalendarDateTimeFormatter<Gregorian, MD>,
    weekday: FixedCalendarDateTimeFormatter<Gregorian, E>,
    time: FixedCalendarDateTimeFormatter<Gregorian, T>,
}

/// `None` would mean that the compiled data lacks a language; the tests would not pass.
fn formatters(locale: Locale) -> Option<&'static Formatters> {
    static FORMATTERS: [OnceLock<Option<Formatters>>; 2] = [const { OnceLock::new() }; 2];
    FORMATTERS[locale as usize]
        .get_or_init(|| {
            let mut preferences = DateTimeFormatterPreferences::from(icu_locale(locale));
            preferences.calendar_algorithm = Some(CalendarAlgorithm::Gregory);
            preferences.hour_cycle = Some(HourCycle::H23);
            // A two-digit year and an era help nobody who reads about customers.
            let day = YMD::long().with_year_style(YearStyle::Full);
            Some(Formatters {
                long: FixedCalendarDateTimeFormatter::try_new(preferences, day).ok()?,
                short: FixedCalendarDateTimeFormatter::try_new(preferences, day.with_length(Length::Medium))
                    .ok()?,
                day_month: FixedCalendarDateTimeFormatter::try_new(preferences, MD::long()).ok()?,
                weekday: FixedCalendarDateTimeFormatter::try_new(preferences, E::long()).ok()?,
                time: FixedCalendarDateTimeFormatter::try_new(
                    preferences,
                    T::medium().with_time_precision(TimePrecision::Minute),
                )
                .ok()?,
            })
        })
        .as_ref()
}

/// What ICU calls a date and time.
fn civil(zoned: &Zoned) -> Option<DateTime<Gregorian>> {
    let month = u8::try_from(zoned.month()).ok()?;
    let day = u8::try_from(zoned.day()).ok()?;
    let date = icu_calendar::Date::try_new_gregorian(i32::from(zoned.year()), month, day).ok()?;
    let time =
        Time::try_new(u8::try_from(zoned.hour()).ok()?, u8::try_from(zoned.minute()).ok()?, 0, 0).ok()?;
    Some(DateTime { date, time })
}

/// Writes with one of the formatters.
macro_rules! written {
    ($formats:expr, $zoned:expr, $which:ident) => {
        match (formatters($formats.locale), civil($zoned)) {
            (Some(formatters), Some(civil)) => formatters.$which.format(&civil).to_string(),
            // Never reached with the compiled data; RFC 3339 is at least true.
            _ => $zoned.timestamp().to_string(),
        }
    };
}

impl Formats {
    /// `21 novembre 2026` · `21 November 2026`
    pub fn date(&self, micros: i64) -> String {
        self.date_of(&self.zoned(micros))
    }

    /// `21 nov 2026` · `21 Nov 2026`
    pub fn date_short(&self, micros: i64) -> String {
        written!(self, &self.zoned(micros), short)
    }

    /// `12 marzo` · `12 March`
    pub fn day_month(&self, micros: i64) -> String {
        self.day_month_of(&self.zoned(micros))
    }

    /// `14:05`
    pub fn time(&self, micros: i64) -> String {
        self.time_of(&self.zoned(micros))
    }

    /// `21 novembre 2026, 14:05` · `21 November 2026, 14:05`
    pub fn date_time(&self, micros: i64) -> String {
        let zoned = self.zoned(micros);
        format!("{}, {}", self.date_of(&zoned), self.time_of(&zoned))
    }

    /// `giovedì` · `Thursday`
    pub fn weekday(&self, micros: i64) -> String {
        self.weekday_of(&self.zoned(micros))
    }

    /// For `<time datetime>` and machines: `2026-11-21T13:05:00Z`, whatever the zone.
    pub fn iso(&self, micros: i64) -> String {
        timestamp(micros).to_string()
    }

    pub(super) fn date_of(&self, zoned: &Zoned) -> String {
        written!(self, zoned, long)
    }

    pub(super) fn day_month_of(&self, zoned: &Zoned) -> String {
        written!(self, zoned, day_month)
    }

    pub(super) fn weekday_of(&self, zoned: &Zoned) -> String {
        written!(self, zoned, weekday)
    }

    pub(super) fn time_of(&self, zoned: &Zoned) -> String {
        written!(self, zoned, time)
    }
}
