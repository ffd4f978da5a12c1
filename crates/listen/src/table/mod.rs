//! Tables of voices: CSV in the dialects that people's programs write.
//!
//! A file is looked at once ([`Table::look`]): encoding, delimiter, which column is what, which way round
//! its dates are. Then its records are cut out as bytes, one by one, and each is read alone, so that a
//! broken row is that row's fault and its bytes are kept as they stood in the file.

pub(crate) mod date;
mod dialect;
mod mapping;
mod records;
pub(crate) mod score;

use std::io::{BufRead, Chain, Cursor, Read, Result};

use jiff::tz::TimeZone;
use primitives::Channel;
use serde::{Deserialize, Serialize};

use crate::arrival::Cause;
use crate::intake::record::{Author, Record, TEXT, clip, key, language, short};
pub use date::Order;
pub use dialect::{Dialect, decode, fields};
pub use mapping::{Choice, Field, UnknownField, detect};
pub use records::Records;

/// How many bytes of a file are looked at before it is read.
const SAMPLE: usize = 256 * 1024;
/// How many of its rows decide about dates and scores.
const SAMPLE_ROWS: usize = 1_000;

/// How the rows of one file are read: kept with each arrival, so that a row can be read again alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What parts the columns.
    #[serde(rename = "d")]
    pub dialect: Dialect,
    /// How many columns the header has.
    #[serde(rename = "n")]
    pub width: usize,
    /// Which column is what.
    #[serde(rename = "f")]
    pub places: Vec<(Field, usize)>,
    /// Which way round numeric dates are.
    #[serde(rename = "o")]
    pub order: Order,
    /// The highest score that could be given.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// How its voices came, when no column says so.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

impl Reading {
    /// From its stored form; what cannot be read is a file of one column of text.
    pub fn from_json(json: &str) -> Reading {
        serde_json::from_str(json).unwrap_or(Reading {
            dialect: Dialect::lines(),
            width: 1,
            places: vec![(Field::Text, 0)],
            order: Order::DayFirst,
            most: None,
            channel: None,
        })
    }

    /// As stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The column that holds a field.
    pub fn place(&self, field: Field) -> Option<usize> {
        self.places.iter().find(|(of, _)| *of == field).map(|(_, place)| *place)
    }

    /// Reads one row. Dates without an offset were written in `zone`.
    pub fn record(&self, raw: &[u8], zone: &TimeZone) -> std::result::Result<Record, Cause> {
        let line = decode(raw);
        let mut cells = fields(&line, self.dialect.delimiter);
        while cells.len() > self.width && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.len() != self.width {
            return Err(Cause::Columns { expected: self.width, found: cells.len() });
        }
        let cell = |field| {
            let place = self.place(field)?;
            cells.get(place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
        };
        let mut flags = Vec::new();
        let occurred_at = cell(Field::Date).and_then(|given| {
            let read = date::read(given, self.order, zone);
            if read.is_none() {
                flags.push("date");
            }
            read
        });
        let score = cell(Field::Score).and_then(|given| {
            let read = score::read(given);
            if read.is_none() {
                flags.push("score");
            }
            read
        });
        let product = cell(Field::Product).and_then(short);
        let version = cell(Field::Version).and_then(short);
        let record = Record {
            external_id: cell(Field::Id).map(key),
            channel: cell(Field::Channel).and_then(mapping::channel).or(self.channel),
            text: clip(cell(Field::Text).unwrap_or_default(), TEXT),
            subject: cell(Field::Title).and_then(short),
            language: cell(Field::Language).and_then(language),
            occurred_at,
            score: score.map(|(score, _)| score),
            score_most: score.and_then(|(score, of)| of.or(self.most.filter(|most| score <= *most))),
            author: Author {
                name: cell(Field::Author).and_then(short),
                email: cell(Field::Email).map(str::to_owned),
                phone: cell(Field::Phone).map(str::to_owned),
                external_id: None,
            },
            product: product.map(|name| (name, version.unwrap_or_default())),
            wants_answer: false,
            flags,
        };
        if record.is_silent() { Err(Cause::NothingSaid) } else { Ok(record) }
    }
}

/// A file that was looked at.
pub struct Table<R> {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// How its rows are read; without a text column when none was found.
    pub reading: Reading,
    /// Its first rows, as they stand in the file.
    pub sample: Vec<Vec<u8>>,
    /// Its rows from the first, the header left out.
    pub records: Records<Chain<Cursor<Vec<u8>>, R>>,
}

impl<R: BufRead> Table<R> {
    /// Looks at a file: `None` when there is nothing in it. `choice` names columns that somebody chose.
    pub fn look(mut input: R, choice: &Choice) -> Result<Option<Table<R>>> {
        let mut start = Vec::with_capacity(SAMPLE);
        input.by_ref().take(SAMPLE as u64).read_to_end(&mut start)?;
        let whole = start.len() < SAMPLE;
        let dialect = Dialect::detect(&start, whole);
        let mut records = Records::new(Cursor::new(start).chain(input), dialect);
        let header = loop {
            match records.next().transpose()? {
                None => return Ok(None),
                Some(header) if header.trim_ascii().is_empty() => {}
                Some(header) => break header,
            }
        };
        let columns: Vec<String> = fields(&decode(&header), dialect.delimiter)
            .into_iter()
            .map(|name| short(name.trim_start_matches('\u{feff}')).unwrap_or_default())
            .collect();
        records.expect(columns.len());
        let sample = records.peek_rows(SAMPLE, SAMPLE_ROWS)?;
        let mut reading = detect(&columns, choice);
        reading.dialect = dialect;
        reading.width = columns.len();
        reading.learn(&sample, choice);
        Ok(Some(Table { columns, reading, sample, records }))
    }
}

impl Reading {
    /// Learns from the first rows which way round dates are and how high scores go.
    fn learn(&mut self, rows: &[Vec<u8>], choice: &Choice) {
        let mut dates = date::Witness::default();
        let mut highest: Option<f64> = None;
        for row in rows {
            let line = decode(row);
            let cells = fields(&line, self.dialect.delimiter);
            let cell = |field| self.place(field).and_then(|place| cells.get(place));
            if let Some(given) = cell(Field::Date) {
                dates.hear(given);
            }
            if let Some((score, None)) = cell(Field::Score).and_then(|given| score::read(given)) {
                highest = Some(highest.map_or(score, |highest| highest.max(score)));
            }
        }
        self.order = choice.order.unwrap_or(dates.order());
        self.most = choice.most.or(highest.and_then(score::most));
    }
}
