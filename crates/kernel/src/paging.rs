//! Keyset paging: lists page by (occurred_at, id), because imported things keep their own times.

use crate::Instant;

/// How many rows a page has when nobody says otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows that a page may have.
pub const MAX_LIMIT: u32 = 200;

/// A place between two rows of a list ordered by (instant, raw id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The instant that the list is ordered by.
    pub at: Instant,
    /// The raw id of the row, which breaks ties.
    pub id: i64,
}

/// A text that is not a cursor of ours.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the cursor is not one that a page of this list gave")]
pub struct InvalidCursor;

impl Cursor {
    /// After every row of a list that starts with the newest.
    pub const NEWEST: Cursor = Cursor { at: Instant::from_micros(i64::MAX), id: i64::MAX };
    /// Before every row of a list that starts with the oldest.
    pub const OLDEST: Cursor = Cursor { at: Instant::from_micros(i64::MIN), id: i64::MIN };
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}-{}",
            crate::id::encode(self.at.micros() ^ i64::MIN),
            crate::id::encode(self.id ^ i64::MIN)
        )
    }
}

impl std::str::FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, id) = text.split_once('-').ok_or(InvalidCursor)?;
        let number = |digits: &str| -> Result<i64, InvalidCursor> {
            if digits.len() != 13 {
                return Err(InvalidCursor);
            }
            let mut value: u128 = 0;
            for byte in digits.bytes() {
                let digit = b"0123456789abcdefghjkmnpqrstvwxyz".iter().position(|c| *c == byte);
                value = (value << 5) | digit.ok_or(InvalidCursor)? as u128;
            }
            u64::try_from(value).map(|value| (value as i64) ^ i64::MIN).map_err(|_| InvalidCursor)
        };
        Ok(Cursor { at: Instant::from_micros(number(at)?), id: number(id)? })
    }
}

/// One page of a list and where the next one starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page from rows fetched with one row more than `limit`: the extra row only tells that
    /// there is more.
    pub fn from_rows(mut rows: Vec<T>, limit: u32, cursor_of: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(cursor_of) } else { None };
        Page { items: rows, next }
    }

    /// The same page with each row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

/// A page's size from what a client asked for: between 1 and [`MAX_LIMIT`].
pub fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_cursor_survives_the_way_out_and_in(at in any::<i64>(), id in any::<i64>()) {
            let cursor = Cursor { at: Instant::from_micros(at), id };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>(), Ok(cursor));
        }

        #[test]
        fn no_text_makes_reading_a_cursor_panic(text in ".*") {
            let _ = text.parse::<Cursor>();
        }
    }

    #[test]
    fn the_extra_row_only_tells_that_there_is_more() {
        let cursor_of = |id: &i64| Cursor { at: Instant::from_micros(0), id: *id };
        let page = Page::from_rows(vec![3, 2, 1], 2, cursor_of);
        assert_eq!((page.items, page.next.map(|cursor| cursor.id)), (vec![3, 2], Some(2)));
        assert_eq!(Page::from_rows(vec![1], 2, cursor_of).next, None);
    }
}
