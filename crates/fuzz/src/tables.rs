//! Tables and lines, as other programs export them.

use std::io::BufReader;

use jiff::tz::TimeZone;
use listen::arrival::{Cause, Format};
use listen::intake::{self, Parsed};
use listen::table::{Choice, Field, Table};

/// Records of one file that are read: mutations make many of one kind.
const MOST: usize = 2_000;

fn parsed(raw: &[u8], format: &Format) {
    // The intake keeps a panic of its readers to the item; here it must not go unseen.
    let parsed = intake::parse(raw, format, &TimeZone::UTC);
    assert!(!matches!(parsed, Parsed::Unreadable(Cause::Failed)), "a reader panicked");
}

/// A whole file: its dialect, its columns, its records.
pub fn tables(bytes: &[u8]) {
    // A small buffer, so that records are cut everywhere.
    let input = BufReader::with_capacity(7, bytes);
    let Ok(Some(table)) = Table::look(input, &Choice::default()) else { return };
    let format = Format::Row(table.reading.to_json().into());
    let mut length = 0;
    for record in table.records.take(MOST).map_while(Result::ok) {
        length += record.len();
        parsed(&record, &format);
    }
    assert!(length <= bytes.len(), "nothing is invented: {length} of {}", bytes.len());
}

/// Somebody's choice of columns, over a file: `field=column` lines, a blank one, the file.
pub fn choices(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let (pairs, file) = given.split_once("\n\n").unwrap_or((&given, "testo,data\nciao,2026-01-02\n"));
    let pairs: Vec<&str> = pairs.lines().take(40).collect();
    let mut choice = Choice::default();
    for pair in &pairs {
        let (field, column) = pair.split_once('=').unwrap_or((pair, ""));
        if let Some(field) = Field::from_code(field) {
            choice.columns.push((field, column.to_owned()));
        }
    }
    let _ = Choice::parse(&pairs);
    let Ok(Some(table)) = Table::look(file.as_bytes(), &choice) else { return };
    let _ = choice.missing(&table.columns);
    let format = Format::Row(table.reading.to_json().into());
    for record in table.records.take(MOST).map_while(Result::ok) {
        parsed(&record, &format);
    }
}

/// One line of JSON.
pub fn lines(bytes: &[u8]) {
    parsed(bytes, &Format::Line);
    parsed(bytes, &Format::Api);
}
