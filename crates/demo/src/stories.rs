//! Eighteen months in order: how many stories a day has, when they begin, and the lively present.

use std::iter::Peekable;
use std::vec::IntoIter;

use crate::calendar::{Calendar, DAYS, SECOND};
use crate::company::Company;
use crate::dice::Dice;
use crate::present;
use crate::story::Story;
use crate::teller::Teller;

/// The stories of a company, by their first turn, oldest first.
#[derive(Debug)]
pub struct Stories<'a> {
    teller: Teller<'a>,
    /// Stories due up to and including each day.
    due: Vec<usize>,
    day: i64,
    /// Beginnings of the current day, in order.
    beginnings: IntoIter<(u64, i64)>,
    next_told: Option<Story>,
    present: Peekable<IntoIter<Story>>,
}

impl<'a> Stories<'a> {
    pub(crate) fn of(company: &'a Company) -> Stories<'a> {
        let calendar = Calendar::around(company.now_micros);
        // The shop grows by a third over the time.
        let weight =
            |day: i64| Calendar::weight(calendar.date(day)) * (1.0 + 0.33 * day as f64 / DAYS as f64);
        let total: f64 = (0..DAYS).map(weight).sum();
        let mut sum = 0.0;
        let due = (0..DAYS)
            .map(|day| {
                sum += weight(day);
                (company.size.stories() as f64 * sum / total).round() as usize
            })
            .collect();
        let present = present::stories(company, &calendar).into_iter().peekable();
        let teller = Teller::new(company, calendar);
        Stories { teller, due, day: -1, beginnings: Vec::new().into_iter(), next_told: None, present }
    }

    /// The next story that chance tells, the present aside.
    fn tell(&mut self) -> Option<Story> {
        loop {
            if let Some((key, at)) = self.beginnings.next() {
                match self.teller.tell(key, at) {
                    Some(story) => return Some(story),
                    None => continue,
                }
            }
            self.day += 1;
            if self.day >= DAYS {
                self.day = DAYS;
                return None;
            }
            self.beginnings = self.begin_day().into_iter();
        }
    }

    fn begin_day(&self) -> Vec<(u64, i64)> {
        let day = self.day as usize;
        let before = day.checked_sub(1).map_or(0, |yesterday| self.due[yesterday]);
        let calendar = self.teller.calendar();
        let mut dice = Dice::new(self.teller.seed(), &[0x0064_6179, self.day as u64]);
        let mut moments: Vec<i64> = (before..self.due[day])
            .map(|_| {
                let trade = dice.chance(0.45);
                let minute = Calendar::writing_minute(trade, &mut dice);
                calendar.instant(calendar.date(self.day), minute) + dice.between(0, 59) * SECOND
            })
            .filter(|at| *at < calendar.now_micros())
            .collect();
        moments.sort_unstable();
        let key = |index: usize| (self.day as u64 + 1) * 1_000_000 + index as u64;
        moments.into_iter().enumerate().map(|(index, at)| (key(index), at)).collect()
    }
}

impl Iterator for Stories<'_> {
    type Item = Story;

    fn next(&mut self) -> Option<Story> {
        if self.next_told.is_none() {
            self.next_told = self.tell();
        }
        match (&self.next_told, self.present.peek()) {
            (Some(told), Some(now)) if now.began_at_micros() < told.began_at_micros() => self.present.next(),
            (None, _) => self.present.next(),
            _ => self.next_told.take(),
        }
    }
}
