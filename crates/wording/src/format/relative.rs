//! Instants as people say them: seen from now.

use jiff::Zoned;
use kernel::Locale;

use super::Formats;

const MINUTE: i64 = 60 * 1_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The mean month and year of the calendar, for spans whose exact days nobody counts.
const MONTH: i64 = 30 * DAY + 10 * HOUR + 29 * MINUTE;
const YEAR: i64 = 12 * MONTH;

/// A span in its largest whole unit.
enum Span {
    UnderAMinute,
    Minutes(i64),
    Hours(i64),
    Days(i64),
    Months(i64),
    Years(i64),
}

impl Span {
    fn of(micros: i64) -> Span {
        match micros {
            _ if micros < MINUTE => Span::UnderAMinute,
            _ if micros < HOUR => Span::Minutes(micros / MINUTE),
            _ if micros < DAY => Span::Hours(micros / HOUR),
            // Two months are better counted in days than as "one month".
            _ if micros < 2 * MONTH => Span::Days(micros / DAY),
            _ if micros < 2 * YEAR => Span::Months(micros / MONTH),
            _ => Span::Years(micros / YEAR),
        }
    }
}

impl Formats {
    /// When something happens, told as a person would at `now`, on the reader's calendar:
    /// `oggi alle 14:05`, `ieri alle 21:14`, `domani alle 9:00`, `giovedì alle 9:30` up to six days
    /// back and `giovedì 26 alle 9:30` up to six days ahead, `12 marzo` in the same year,
    /// `12 marzo 2025` otherwise · `today at 14:05`, `yesterday at 21:14`, `Thursday at 09:30`,
    /// `12 March`.
    pub fn moment(&self, micros: i64, now: i64) -> String {
        let (then, today) = (self.zoned(micros), self.zoned(now));
        let days = (then.date() - today.date()).get_days();
        let day = match (days, self.locale) {
            (0, Locale::It) => "oggi".to_owned(),
            (0, Locale::En) => "today".to_owned(),
            (-1, Locale::It) => "ieri".to_owned(),
            (-1, Locale::En) => "yesterday".to_owned(),
            (1, Locale::It) => "domani".to_owned(),
            (1, Locale::En) => "tomorrow".to_owned(),
            (-6..=-2, _) => self.weekday_of(&then),
            // A weekday alone could be read as the one that has passed.
            (2..=6, _) => format!("{} {}", self.weekday_of(&then), then.day()),
            _ if then.year() == today.year() => return self.day_month_of(&then),
            _ => return self.date_of(&then),
        };
        format!("{day} {}", self.at(&then))
    }

    /// `alle 9:30`, `all'1:05` · `at 09:30`
    fn at(&self, then: &Zoned) -> String {
        match self.locale {
            Locale::It if then.hour() == 1 => format!("all'{}:{:02}", then.hour(), then.minute()),
            Locale::It => format!("alle {}:{:02}", then.hour(), then.minute()),
            Locale::En => format!("at {}", self.time_of(then)),
        }
    }

    /// For how long something has been so, in one unit: `da 5 minuti`, `da 1 ora`, `da 2 giorni` ·
    /// `for 5 minutes`, `for 1 hour`, `for 2 days`. An instant ahead of `now` counts as now.
    pub fn ago(&self, micros: i64, now: i64) -> String {
        let span = Span::of(now.saturating_sub(micros));
        match self.locale {
            Locale::It => format!("da {}", italian(&span)),
            Locale::En => format!("for {}", english(&span)),
        }
    }

    /// How long until something, in one unit: `tra 3 ore` · `in 3 hours`. An instant that has passed
    /// counts as now.
    pub fn until(&self, micros: i64, now: i64) -> String {
        let span = Span::of(micros.saturating_sub(now));
        match self.locale {
            Locale::It => format!("tra {}", italian(&span)),
            Locale::En => format!("in {}", english(&span)),
        }
    }
}

fn italian(span: &Span) -> String {
    let (count, one, many) = match span {
        Span::UnderAMinute => return "meno di un minuto".to_owned(),
        Span::Minutes(count) => (count, "minuto", "minuti"),
        Span::Hours(count) => (count, "ora", "ore"),
        Span::Days(count) => (count, "giorno", "giorni"),
        Span::Months(count) => (count, "mese", "mesi"),
        Span::Years(count) => (count, "anno", "anni"),
    };
    format!("{count} {}", if *count == 1 { one } else { many })
}

fn english(span: &Span) -> String {
    let (count, unit) = match span {
        Span::UnderAMinute => return "less than a minute".to_owned(),
        Span::Minutes(count) => (count, "minute"),
        Span::Hours(count) => (count, "hour"),
        Span::Days(count) => (count, "day"),
        Span::Months(count) => (count, "month"),
        Span::Years(count) => (count, "year"),
    };
    format!("{count} {unit}{}", if *count == 1 { "" } else { "s" })
}
