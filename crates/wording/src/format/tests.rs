//! Both languages, in Rome, across the nights when the clocks change.

use jiff::tz::TimeZone;
use kernel::Locale;
use proptest::prelude::*;

use super::*;

fn rome(locale: Locale) -> Formats {
    Formats::new(locale, TimeZone::get("Europe/Rome").expect("the zone data knows Rome"))
}

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().expect("an instant").as_microsecond()
}

fn both(say: impl Fn(&Formats) -> String) -> [String; 2] {
    Locale::ALL.map(|locale| say(&rome(locale)))
}

#[test]
fn dates_and_times_are_told_in_the_readers_zone() {
    let instant = at("2026-11-21T13:05:59Z");
    assert_eq!(both(|f| f.date(instant)), ["21 novembre 2026", "21 November 2026"]);
    assert_eq!(both(|f| f.date_short(instant)), ["21 nov 2026", "21 Nov 2026"]);
    assert_eq!(both(|f| f.day_month(instant)), ["21 novembre", "21 November"]);
    assert_eq!(both(|f| f.time(instant)), ["14:05", "14:05"]);
    assert_eq!(both(|f| f.time(at("2026-11-21T08:05:00Z"))), ["09:05", "09:05"]);
    assert_eq!(both(|f| f.time(at("2026-11-21T23:05:00Z"))), ["00:05", "00:05"]);
    assert_eq!(both(|f| f.date_time(instant)), ["21 novembre 2026, 14:05", "21 November 2026, 14:05"]);
    assert_eq!(both(|f| f.weekday(instant)), ["sabato", "Saturday"]);
    assert_eq!(both(|f| f.iso(instant)), ["2026-11-21T13:05:59Z"; 2]);
    assert_eq!(both(|f| f.date(at("2026-12-31T23:30:00Z"))), ["1 gennaio 2027", "1 January 2027"]);
}

#[test]
fn moments_are_said_as_people_say_them() {
    let now = at("2026-11-21T13:05:00Z");
    let say = |instant: &str| both(|f| f.moment(at(instant), now));
    assert_eq!(say("2026-11-21T13:05:00Z"), ["oggi alle 14:05", "today at 14:05"]);
    assert_eq!(say("2026-11-21T00:07:00Z"), ["oggi all'1:07", "today at 01:07"]);
    assert_eq!(say("2026-11-20T20:14:00Z"), ["ieri alle 21:14", "yesterday at 21:14"]);
    // Late in the evening by UTC, but already today in Rome.
    assert_eq!(say("2026-11-20T23:30:00Z"), ["oggi alle 0:30", "today at 00:30"]);
    assert_eq!(say("2026-11-19T08:30:00Z"), ["giovedì alle 9:30", "Thursday at 09:30"]);
    assert_eq!(say("2026-11-15T08:30:00Z"), ["domenica alle 9:30", "Sunday at 09:30"]);
    assert_eq!(say("2026-11-14T08:30:00Z"), ["14 novembre", "14 November"]);
    assert_eq!(say("2026-03-12T08:30:00Z"), ["12 marzo", "12 March"]);
    assert_eq!(say("2025-03-12T08:30:00Z"), ["12 marzo 2025", "12 March 2025"]);
    assert_eq!(say("2026-11-22T08:00:00Z"), ["domani alle 9:00", "tomorrow at 09:00"]);
    assert_eq!(say("2026-11-26T08:30:00Z"), ["giovedì 26 alle 9:30", "Thursday 26 at 09:30"]);
    assert_eq!(say("2027-01-08T08:30:00Z"), ["8 gennaio 2027", "8 January 2027"]);
}

#[test]
fn a_night_of_23_or_25_hours_is_still_one_day() {
    // Clocks went forward at 2:00 on 29 March 2026 and back at 3:00 on 25 October 2026.
    let spring = at("2026-03-29T22:30:00Z");
    assert_eq!(both(|f| f.moment(at("2026-03-28T23:15:00Z"), spring))[0], "ieri alle 0:15");
    assert_eq!(
        both(|f| f.moment(at("2026-03-29T00:59:00Z"), at("2026-03-29T01:01:00Z")))[0],
        "oggi all'1:59"
    );
    assert_eq!(rome(Locale::It).time(at("2026-03-29T01:01:00Z")), "03:01");
    let autumn = at("2026-10-25T22:59:00Z");
    assert_eq!(both(|f| f.moment(at("2026-10-24T22:00:00Z"), autumn))[0], "oggi alle 0:00");
    assert_eq!(both(|f| f.moment(at("2026-10-24T21:59:00Z"), autumn))[0], "ieri alle 23:59");
    // 2:30 comes twice; both are told, an hour apart.
    assert_eq!(rome(Locale::It).time(at("2026-10-25T00:30:00Z")), "02:30");
    assert_eq!(rome(Locale::It).time(at("2026-10-25T01:30:00Z")), "02:30");
}

#[test]
fn spans_are_told_in_their_largest_unit() {
    let now = at("2026-11-21T13:05:00Z");
    let ago = |minutes: i64| both(|f| f.ago(now - minutes * 60_000_000, now));
    assert_eq!(ago(0), ["da meno di un minuto", "for less than a minute"]);
    assert_eq!(ago(-5), ["da meno di un minuto", "for less than a minute"]);
    assert_eq!(ago(1), ["da 1 minuto", "for 1 minute"]);
    assert_eq!(ago(5), ["da 5 minuti", "for 5 minutes"]);
    assert_eq!(ago(60), ["da 1 ora", "for 1 hour"]);
    assert_eq!(ago(3 * 60 + 59), ["da 3 ore", "for 3 hours"]);
    assert_eq!(ago(48 * 60), ["da 2 giorni", "for 2 days"]);
    assert_eq!(ago(90 * 24 * 60), ["da 2 mesi", "for 2 months"]);
    assert_eq!(ago(1000 * 24 * 60), ["da 2 anni", "for 2 years"]);
    let until = |minutes: i64| both(|f| f.until(now + minutes * 60_000_000, now));
    assert_eq!(until(180), ["tra 3 ore", "in 3 hours"]);
    assert_eq!(until(-1), ["tra meno di un minuto", "in less than a minute"]);
}

#[test]
fn figures_and_lists_follow_the_language() {
    assert_eq!(both(|f| f.integer(-1_234_567)), ["-1.234.567", "-1,234,567"]);
    assert_eq!(both(|f| f.integer(999)), ["999", "999"]);
    assert_eq!(both(|f| f.decimal(1234.5, 2)), ["1.234,50", "1,234.50"]);
    assert_eq!(both(|f| f.percent(0.125, 1)), ["12,5%", "12.5%"]);
    assert_eq!(both(|f| f.percent(f64::NAN, 1)), ["–", "–"]);
    assert_eq!(both(|f| f.bytes(950)), ["950 B", "950 B"]);
    assert_eq!(both(|f| f.bytes(1_240_000)), ["1,2 MB", "1.2 MB"]);
    assert_eq!(both(|f| f.bytes(999_960)), ["1 MB", "1 MB"]);
    assert_eq!(both(|f| f.bytes(u64::MAX)), ["18,4 EB", "18.4 EB"]);
    assert_eq!(both(|f| f.list(&[])), ["", ""]);
    assert_eq!(both(|f| f.list(&["a"])), ["a", "a"]);
    assert_eq!(both(|f| f.list(&["a", "b", "c"])), ["a, b e c", "a, b and c"]);
    assert_eq!(rome(Locale::It).list(&["Anna", "Elena"]), "Anna ed Elena");
}

proptest! {
    #[test]
    fn any_instant_and_any_figure_can_be_told(micros: i64, now: i64, value: f64, bytes: u64, digits in 0u8..12) {
        for locale in Locale::ALL {
            let formats = rome(locale);
            let said = [
                formats.date(micros), formats.date_short(micros), formats.date_time(micros),
                formats.moment(micros, now), formats.ago(micros, now), formats.until(micros, now),
                formats.iso(micros), formats.integer(micros), formats.decimal(value, digits),
                formats.percent(value, digits), formats.bytes(bytes), formats.weekday(micros),
            ];
            prop_assert!(said.iter().all(|text| !text.is_empty()));
        }
    }
}
