//! Dates as people and programs write them.
//!
//! Which way round `03/04/2021` is cannot be told from one row; the whole file decides, day first where
//! it says nothing. A date without a time stands at noon UTC, so that it is the same day to everybody.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use kernel::Instant;
use serde::{Deserialize, Serialize};

/// Which way round numeric dates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// 31/12/2021, as Europe writes.
    #[default]
    DayFirst,
    /// 12/31/2021, as the United States write.
    MonthFirst,
}

const MONTHS: [[&str; 2]; 12] = [
    ["jan", "gen"],
    ["feb", "feb"],
    ["mar", "mar"],
    ["apr", "apr"],
    ["may", "mag"],
    ["jun", "giu"],
    ["jul", "lug"],
    ["aug", "ago"],
    ["sep", "set"],
    ["oct", "ott"],
    ["nov", "nov"],
    ["dec", "dic"],
];

/// Hears the dates of a file and says which way round they are.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    day_first: usize,
    month_first: usize,
}

impl Witness {
    pub(crate) fn hear(&mut self, given: &str) {
        let parts = Parts::of(given);
        self.day_first += usize::from(parts.date(Order::DayFirst).is_some());
        self.month_first += usize::from(parts.date(Order::MonthFirst).is_some());
    }

    pub(crate) fn order(&self) -> Order {
        if self.month_first > self.day_first { Order::MonthFirst } else { Order::DayFirst }
    }
}

/// Reads a date out of its context: day first, UTC.
pub(crate) fn alone(given: &str) -> Option<Instant> {
    read(given, Order::DayFirst, &TimeZone::UTC)
}

/// Reads a date; a time without an offset was written in `zone`.
pub(crate) fn read(given: &str, order: Order, zone: &TimeZone) -> Option<Instant> {
    let given = given.trim();
    if given.len() > 64 {
        return None;
    }
    if let Ok(timestamp) = given.parse::<jiff::Timestamp>() {
        return Some(timestamp.into());
    }
    if given.matches('.').count() < 2 && given.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return number(given);
    }
    let parts = Parts::of(given);
    let date = parts.date(order)?;
    let Some(time) = parts.time else {
        return date.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok().map(|noon| noon.timestamp().into());
    };
    let civil = date.to_datetime(time);
    match parts.offset_minutes {
        Some(minutes) => {
            let utc = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
            Some(Instant::from(utc).plus_seconds(-i64::from(minutes) * 60))
        }
        None => civil.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp().into()),
    }
}

/// A date that is one number: a spreadsheet's serial day, `20210930`, seconds or milliseconds since 1970.
fn number(given: &str) -> Option<Instant> {
    const SERIAL_OF_1970: f64 = 25_569.0;
    if given.len() == 8 && !given.contains('.') {
        let (year, month, day) =
            (given[..4].parse().ok()?, given[4..6].parse().ok()?, given[6..].parse().ok()?);
        let date = Date::new(year, month, day).ok().filter(|_| (1900..=2100).contains(&year))?;
        return date.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok().map(|noon| noon.timestamp().into());
    }
    let value: f64 = given.parse().ok()?;
    if (20_000.0..80_000.0).contains(&value) {
        let seconds = (value - SERIAL_OF_1970) * 86_400.0;
        let noon = if value.fract() == 0.0 { 43_200 } else { 0 };
        return Some(Instant::from_micros(0).plus_seconds(seconds.round() as i64 + noon));
    }
    match given.len() {
        10 if !given.contains('.') => Some(Instant::from_micros(0).plus_seconds(value as i64)),
        13 if !given.contains('.') => Some(Instant::from_micros(0).plus_millis(value as i64)),
        _ => None,
    }
}

/// A written date taken apart.
#[derive(Debug, Default)]
struct Parts {
    /// The numbers of the date, with how many digits each was written.
    numbers: Vec<(i16, usize)>,
    /// A month by name, and how many numbers stood before it.
    month: Option<(i8, usize)>,
    time: Option<Time>,
    offset_minutes: Option<i32>,
    broken: bool,
}

impl Parts {
    fn of(given: &str) -> Parts {
        let mut parts = Parts::default();
        let lower = given.trim().to_lowercase();
        let (date, time) = match clock_at(&lower, ':') {
            Some(at) => lower.split_at(at),
            None => match lower.rsplit_once(' ').map(|(date, last)| (date, last, clock_at(last, '.'))) {
                // "30/09/2021 14.30", as Italian offices write.
                Some((date, last, Some(0)))
                    if last.matches('.').count() <= 2 && date.contains(['/', '-', ' ']) =>
                {
                    lower.split_at(date.len() + 1)
                }
                _ => (lower.as_str(), ""),
            },
        };
        parts.read_date(date);
        if !time.is_empty() {
            parts.read_time(time);
        }
        parts
    }

    fn read_date(&mut self, date: &str) {
        for piece in date.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()) {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = piece.split_at(digits);
            if !number.is_empty() {
                match number.parse() {
                    Ok(value) if number.len() <= 4 => self.numbers.push((value, number.len())),
                    _ => self.broken = true,
                }
            }
            // "1st" and the "t" between date and time say nothing; weekdays neither.
            if rest.chars().count() >= 3 {
                let month = MONTHS.iter().position(|names| names.iter().any(|name| rest.starts_with(name)));
                match (month, self.month) {
                    (Some(month), None) => self.month = Some((month as i8 + 1, self.numbers.len())),
                    (None, _) if is_weekday(rest) => {}
                    _ => self.broken = true,
                }
            }
        }
    }

    fn read_time(&mut self, time: &str) {
        let mut rest = time.trim();
        let mut numbers = Vec::new();
        loop {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 || numbers.len() == 3 {
                break;
            }
            numbers.push(rest[..digits.min(9)].parse::<u32>().unwrap_or(u32::MAX));
            rest = &rest[digits..];
            match rest.as_bytes() {
                [b':' | b'.', after, ..] if after.is_ascii_digit() => rest = &rest[1..],
                _ => break,
            }
        }
        rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',').trim();
        let mut hour = numbers.first().copied().unwrap_or(99);
        if let Some(after) = rest.strip_prefix("pm").or(rest.strip_prefix("p.m.")) {
            hour = if hour < 12 { hour + 12 } else { hour };
            rest = after.trim();
        } else if let Some(after) = rest.strip_prefix("am").or(rest.strip_prefix("a.m.")) {
            hour = if hour == 12 { 0 } else { hour };
            rest = after.trim();
        }
        let part = |value: Option<&u32>| i8::try_from(value.copied().unwrap_or(0)).unwrap_or(99);
        let hour = i8::try_from(hour).unwrap_or(99);
        match Time::new(hour, part(numbers.get(1)), part(numbers.get(2)), 0) {
            Ok(time) => self.time = Some(time),
            Err(_) => self.broken = true,
        }
        self.offset_minutes = offset(rest);
    }

    /// The date, when the parts make one.
    fn date(&self, order: Order) -> Option<Date> {
        if self.broken {
            return None;
        }
        let (year, month, day) = match (self.month, self.numbers.as_slice()) {
            (Some((month, _)), [(year, 4), (day, 1 | 2)]) => ((*year, 4), month, *day),
            (Some((month, _)), [(day, 1 | 2), year]) => (*year, month, *day),
            (None, [(year, 4), (month, 1 | 2), (day, 1 | 2)]) => ((*year, 4), *month as i8, *day),
            (None, [(first, 1 | 2), (second, 1 | 2), year]) => match order {
                Order::DayFirst => (*year, *second as i8, *first),
                Order::MonthFirst => (*year, *first as i8, *second),
            },
            _ => return None,
        };
        let year = match year {
            (year, 4) => year,
            (year, 2) => year + if year < 69 { 2000 } else { 1900 },
            _ => return None,
        };
        let plausible = (1900..=2100).contains(&year);
        Date::new(year, month, i8::try_from(day).ok()?).ok().filter(|_| plausible)
    }
}

/// Where a time such as `9:05` begins.
fn clock_at(text: &str, between: char) -> Option<usize> {
    let at = text.find(between)?;
    let before = text[..at].bytes().rev().take_while(u8::is_ascii_digit).count();
    let after = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
    ((1..=2).contains(&before) && after == 2).then_some(at - before)
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 14] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mer", "gio", "ven", "sab", "dom", "martedì",
    ];
    DAYS.iter().any(|day| word.starts_with(day)) || word == "marted"
}

/// Minutes east of Greenwich: `z`, `utc`, `+02:00`, `-0500`.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim_start_matches("utc").trim_start_matches("gmt").trim();
    if text.is_empty() || text == "z" {
        return (text == "z").then_some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).take(4).collect();
    let number: i32 = digits.parse().ok()?;
    Some(sign * if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rome() -> TimeZone {
        TimeZone::get("Europe/Rome").unwrap()
    }

    fn day_first(given: &str) -> Option<String> {
        read(given, Order::DayFirst, &rome()).map(|instant| instant.to_string())
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (given, expected) in [
            ("2021-09-30", "2021-09-30T12:00:00Z"),
            ("2021/9/3", "2021-09-03T12:00:00Z"),
            ("30/09/2021", "2021-09-30T12:00:00Z"),
            ("3.9.21", "2021-09-03T12:00:00Z"),
            ("30-09-99", "1999-09-30T12:00:00Z"),
            ("Mar 03, 2016", "2016-03-03T12:00:00Z"),
            ("3 marzo 2016", "2016-03-03T12:00:00Z"),
            ("giovedì 3 marzo 2016", "2016-03-03T12:00:00Z"),
            ("1st May 2020", "2020-05-01T12:00:00Z"),
            ("2016 Mar 03", "2016-03-03T12:00:00Z"),
            ("30/09/2021 14:30", "2021-09-30T12:30:00Z"),
            ("30/09/2021 14.30", "2021-09-30T12:30:00Z"),
            ("2021-09-30 14:30:15.123", "2021-09-30T12:30:15Z"),
            ("2021-09-30T14:30:00+02:00", "2021-09-30T12:30:00Z"),
            ("2021-09-30 14:30:00 +0200", "2021-09-30T12:30:00Z"),
            ("2021-09-30 14:30 UTC", "2021-09-30T12:30:00Z"),
            ("09/30/2021", ""),
            ("44469", "2021-09-30T12:00:00Z"),
            ("44469.5", "2021-09-30T12:00:00Z"),
            ("20210930", "2021-09-30T12:00:00Z"),
            ("1633003800", "2021-09-30T12:10:00Z"),
            ("1633003800000", "2021-09-30T12:10:00Z"),
            ("31/02/2021", ""),
            ("yesterday", ""),
            ("12/2021", ""),
            ("", ""),
            ("25:61", ""),
        ] {
            let read = day_first(given).unwrap_or_default();
            let utc = given.ends_with("UTC") && read == "2021-09-30T14:30:00Z";
            assert!(read == expected || utc, "{given:?}: {read:?}, expected {expected:?}");
        }
        assert_eq!(
            read("9/30/2021 2:30 PM", Order::MonthFirst, &TimeZone::UTC).unwrap().to_string(),
            "2021-09-30T14:30:00Z"
        );
    }

    #[test]
    fn the_file_decides_which_way_round_its_dates_are() {
        let order = |dates: &[&str]| {
            let mut witness = Witness::default();
            dates.iter().for_each(|date| witness.hear(date));
            witness.order()
        };
        assert_eq!(order(&["03/04/2021", "05/06/2021"]), Order::DayFirst);
        assert_eq!(order(&["03/04/2021", "03/25/2021"]), Order::MonthFirst);
        assert_eq!(order(&["25/03/2021", "03/25/2021"]), Order::DayFirst);
        assert_eq!(order(&[]), Order::DayFirst);
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_a_date_panic(given in "\\PC{0,40}") {
            let _ = day_first(&given);
        }

        #[test]
        fn every_day_is_read_back(day in 1_i8..=28, month in 1_i8..=12, year in 1950_i16..=2090) {
            let expected = format!("{year:04}-{month:02}-{day:02}T12:00:00Z");
            prop_assert_eq!(day_first(&format!("{day}/{month}/{year}")), Some(expected.clone()));
            prop_assert_eq!(day_first(&format!("{year}-{month:02}-{day:02}")), Some(expected));
        }
    }
}
