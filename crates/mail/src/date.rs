//! The Date field, in the spellings that really occur.

use mail_parser::DateTime;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date field as microseconds since 1970, UTC; `None` where it is no date.
pub(crate) fn micros(value: &str) -> Option<i64> {
    const LONGEST: usize = 200;
    let value = value.trim();
    if value.is_empty() || value.len() > LONGEST {
        return None;
    }
    let date = DateTime::parse_rfc822(&format!("{value}\n")).filter(is_sound).or_else(|| by_words(value))?;
    // A leap second is written 60.
    let date = DateTime { second: date.second.min(59), ..date };
    date.to_timestamp().checked_mul(1_000_000).filter(|m| *m >= 0)
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(micros: i64) -> String {
    DateTime::from_timestamp(micros.div_euclid(1_000_000)).to_rfc3339()
}

fn is_sound(date: &DateTime) -> bool {
    let seconds = DateTime { second: date.second.min(59), ..*date };
    seconds.is_valid()
        && date.second <= 60
        && date.year >= 1970
        && date.tz_hour <= 14
        && date.day <= month_days(date)
}

fn month_days(date: &DateTime) -> u8 {
    let leap =
        date.year.is_multiple_of(4) && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400));
    match date.month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day, month, year, time and zone wherever they stand: `Tue Jul 14 10:15:00 2026`, `2026-07-14 10:15`,
/// `14-Jul-26 10:15 CEST`, `14.07.2026 10.15`.
fn by_words(value: &str) -> Option<DateTime> {
    let mut date = DateTime {
        year: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        tz_before_gmt: false,
        tz_hour: 0,
        tz_minute: 0,
    };
    let mut numbers: Vec<(u32, usize)> = Vec::new();
    let mut timed = false;
    let value = without_iso_letters(value.split('(').next().unwrap_or(value));
    for word in value.split([' ', ',', '\t']).filter(|w| !w.is_empty()) {
        if let Some(offset) = zone(word).filter(|_| timed) {
            date.tz_before_gmt = offset < 0;
            date.tz_hour = u8::try_from(offset.unsigned_abs() / 60).ok()?;
            date.tz_minute = u8::try_from(offset.unsigned_abs() % 60).ok()?;
        } else if !timed && word.contains(':') {
            (date.hour, date.minute, date.second) = time(word, &mut date)?;
            timed = true;
        } else {
            for part in word.split(['-', '/', '.']) {
                if let Ok(number) = part.parse::<u32>() {
                    numbers.push((number, part.len()));
                } else if let Some(month) =
                    MONTHS.iter().position(|m| part.to_ascii_lowercase().starts_with(m))
                {
                    date.month = u8::try_from(month + 1).ok()?;
                }
            }
        }
    }
    let year_at = numbers.iter().position(|(_, length)| *length == 4).or(numbers.len().checked_sub(1))?;
    let (year, length) = numbers.remove(year_at);
    let century = if length > 2 {
        0
    } else if year < 70 {
        2000
    } else {
        1900
    };
    date.year = u16::try_from(year + century).ok()?;
    let mut small = numbers.into_iter().map(|(n, _)| u8::try_from(n).unwrap_or(u8::MAX));
    if date.month > 0 {
        date.day = small.next()?;
    } else if year_at == 0 {
        (date.month, date.day) = (small.next()?, small.next()?);
    } else {
        (date.day, date.month) = (small.next()?, small.next()?);
    }
    is_sound(&date).then_some(date)
}

/// The `T` and `Z` of ISO 8601 as spaces.
fn without_iso_letters(value: &str) -> String {
    let mut after_digit = false;
    let mut spaced = String::with_capacity(value.len());
    for c in value.chars() {
        spaced.push(if after_digit && matches!(c, 'T' | 'Z') { ' ' } else { c });
        after_digit = c.is_ascii_digit();
    }
    spaced
}

/// `10:15`, `10:15:30`, also with a zone that sticks to it (`10:15:30+02:00`).
fn time(word: &str, date: &mut DateTime) -> Option<(u8, u8, u8)> {
    let sign = word.find(['+', '-']);
    let (clock, rest) = word.split_at(sign.unwrap_or(word.len()));
    if let Some(offset) = zone(rest) {
        date.tz_before_gmt = offset < 0;
        date.tz_hour = u8::try_from(offset.unsigned_abs() / 60).ok()?;
        date.tz_minute = u8::try_from(offset.unsigned_abs() % 60).ok()?;
    }
    let mut parts = clock.split(':').map(|p| p.split('.').next().unwrap_or(p).parse::<u8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    Some((hour, minute, parts.next().flatten().unwrap_or(0)))
}

/// Minutes east of Greenwich.
fn zone(word: &str) -> Option<i32> {
    const NAMES: [(&str, i32); 18] = [
        ("gmt", 0),
        ("ut", 0),
        ("utc", 0),
        ("wet", 0),
        ("bst", 60),
        ("west", 60),
        ("cet", 60),
        ("met", 60),
        ("mez", 60),
        ("cest", 120),
        ("mest", 120),
        ("mesz", 120),
        ("eet", 120),
        ("eest", 180),
        ("est", -300),
        ("edt", -240),
        ("pst", -480),
        ("pdt", -420),
    ];
    if let Some(digits) = word.strip_prefix('+').map(|d| (1, d)).or(word.strip_prefix('-').map(|d| (-1, d))) {
        let (sign, digits) = (digits.0, digits.1.replace(':', ""));
        let number: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
        return Some(sign * (number / 100 * 60 + number % 100));
    }
    let word = word.to_ascii_lowercase();
    NAMES.iter().find(|(n, _)| *n == word).map(|(_, m)| *m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_utc() {
        let utc = |v: &str| micros(v).map(rfc3339).unwrap_or_default();
        for (value, expected) in [
            ("Tue, 14 Jul 2026 10:15:00 +0200", "2026-07-14T08:15:00Z"),
            ("Tue, 14 Jul 2026 10:15:00 +0200 (CEST)", "2026-07-14T08:15:00Z"),
            ("14 Jul 26 10:15 GMT", "2026-07-14T10:15:00Z"),
            ("2026-07-14 10:15:00", "2026-07-14T10:15:00Z"),
            ("2026-07-14T10:15:00+02:00", "2026-07-14T08:15:00Z"),
            ("Tue Jul 14 10:15:00 2026", "2026-07-14T10:15:00Z"),
            ("14-Jul-2026 10:15:00 CEST", "2026-07-14T08:15:00Z"),
            ("Sun, 31 Dec 2023 23:59:60 +0000", "2023-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_date_gives_none() {
        for value in
            ["yesterday", "", "Tue, 31 Feb 2026 10:00:00 +0000", "99 Foo 2026", "10:15", "-", "14 Jul"]
        {
            assert_eq!(micros(value), None, "{value}");
        }
    }
}
