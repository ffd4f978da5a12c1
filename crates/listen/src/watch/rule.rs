//! When a silence is longer than usual. A source is measured by its own past and by nothing else.
//!
//! The past is the eight weeks before its last arrival; three weeks of it at least, with eight days on which
//! something came. A weekday on which something came in three weeks of four is one on which it is expected.
//! With such weekdays, the silence is too long when more expected days in a row brought nothing than ever
//! before in that time. Without them, when it is half as long again as the longest before, and a day at
//! least. Today never counts: it is not over.

use serde::{Deserialize, Serialize};

/// How far back the past reaches. Days.
const PAST: i64 = 56;
/// The least past from which anything is concluded. Days.
const LEAST: i64 = 21;
/// The least days with arrivals from which anything is concluded.
const LEAST_DAYS: usize = 8;

/// What is usual for a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "usual")]
pub enum Usual {
    /// Something comes on these weekdays (0 is Monday), and never did more of them in a row bring nothing.
    Weekdays {
        /// The weekdays.
        weekdays: Vec<i64>,
        /// How many of them in a row brought nothing at most.
        missed: i64,
    },
    /// Something comes now and then, and never were there more days in a row without.
    Silence {
        /// How many days that were at most.
        days: i64,
    },
}

/// A silence that is longer than usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The last day on which something came.
    pub last: i64,
    /// What is usual.
    pub usual: Usual,
}

/// The weekday of a day: 0 is Monday.
fn weekday(day: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7)
}

/// What is usual for a source that brought something on these days (ascending); `None` while that cannot
/// be told.
pub fn usual(days: &[i64]) -> Option<Usual> {
    let last = *days.last()?;
    let days: Vec<i64> = days.iter().copied().filter(|day| *day > last - PAST).collect();
    let first = *days.first()?;
    if last - first + 1 < LEAST || days.len() < LEAST_DAYS {
        return None;
    }
    let expected = |on: &i64| {
        let weeks = (first..=last).filter(|day| weekday(*day) == *on).count();
        let brought = days.iter().filter(|day| weekday(**day) == *on).count();
        brought * 4 >= weeks * 3
    };
    let weekdays: Vec<i64> = (0..7).filter(expected).collect();
    let silences = days.windows(2).map(|pair| (pair[0], pair[1]));
    Some(if weekdays.is_empty() {
        Usual::Silence { days: silences.map(|(from, to)| to - from - 1).max().unwrap_or(0) }
    } else {
        Usual::Weekdays {
            missed: silences.map(|(from, to)| missed(&weekdays, from, to)).max().unwrap_or(0),
            weekdays,
        }
    })
}

/// How many days on which something is expected lie between two.
fn missed(weekdays: &[i64], from: i64, to: i64) -> i64 {
    let weeks = (to - from - 1) / 7;
    let rest = (from + 1 + weeks * 7..to).filter(|day| weekdays.contains(&weekday(*day))).count();
    weeks * weekdays.len() as i64 + rest as i64
}

/// Whether a source that brought something on these days (ascending, none after yesterday or today) has
/// been silent for longer than usual.
pub fn gap(days: &[i64], today: i64) -> Option<Gap> {
    let last = *days.last()?;
    let usual = usual(days)?;
    let too_long = match &usual {
        Usual::Weekdays { weekdays, missed: most } => missed(weekdays, last, today) > *most,
        Usual::Silence { days } => today - last - 1 > days + (days / 2).max(1),
    };
    too_long.then_some(Gap { last, usual })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-28, a Monday.
    const MONDAY: i64 = 20_724;

    fn weeks(weekdays: &[i64], weeks: i64) -> Vec<i64> {
        (0..weeks * 7).map(|day| MONDAY + day).filter(|day| weekdays.contains(&weekday(*day))).collect()
    }

    #[test]
    fn a_source_that_rests_at_weekends_is_not_missed_at_weekends() {
        assert_eq!(weekday(MONDAY), 0);
        let days = weeks(&[0, 1, 2, 3, 4], 6);
        let next = MONDAY + 42;
        assert_eq!(gap(&days, next), None, "on Monday morning nothing is late");
        let found = gap(&days, next + 1).unwrap();
        assert_eq!(found.last, MONDAY + 39, "the Friday");
        assert_eq!(found.usual, Usual::Weekdays { weekdays: vec![0, 1, 2, 3, 4], missed: 0 });
    }

    #[test]
    fn a_holiday_that_happened_before_is_usual() {
        let mut days = weeks(&[0, 1, 2, 3, 4, 5, 6], 5);
        days.retain(|day| !(MONDAY + 10..MONDAY + 12).contains(day));
        let last = *days.last().unwrap();
        assert_eq!(gap(&days, last + 3), None, "two days were missed before");
        assert!(gap(&days, last + 4).is_some());
    }

    #[test]
    fn one_that_comes_now_and_then_is_measured_by_its_longest_silence() {
        let days: Vec<i64> = [0, 3, 9, 11, 20, 22, 30, 33, 41].iter().map(|day| MONDAY + day).collect();
        assert_eq!(usual(&days), Some(Usual::Silence { days: 8 }));
        let last = MONDAY + 41;
        assert_eq!(gap(&days, last + 13), None);
        assert_eq!(gap(&days, last + 14).unwrap().last, last);
    }

    #[test]
    fn nothing_is_concluded_from_little() {
        assert_eq!(gap(&[], MONDAY), None);
        assert_eq!(gap(&weeks(&[0, 1, 2, 3, 4], 2), MONDAY + 60), None, "two weeks are no past");
        assert_eq!(gap(&[MONDAY, MONDAY + 30], MONDAY + 400), None);
    }

    #[test]
    fn only_the_last_eight_weeks_count() {
        let mut days = weeks(&[0, 1, 2, 3, 4, 5, 6], 3);
        days.extend(weeks(&[0], 12).into_iter().filter(|day| *day >= MONDAY + 21));
        assert_eq!(usual(&days), Some(Usual::Weekdays { weekdays: vec![0], missed: 0 }));
    }

    #[test]
    fn a_long_silence_is_counted_without_walking_through_it() {
        let days = weeks(&[0, 2], 8);
        assert_eq!(missed(&[0, 2], days[0], days[0] + 14), 3);
        assert!(gap(&days, MONDAY + 3_000_000).is_some());
    }
}
