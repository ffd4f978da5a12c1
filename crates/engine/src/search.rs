//! Full-text search, the same on both engines: the analyser in `text` makes the terms, the engine only
//! matches them. The newest visible candidates are ranked and snippeted in Rust by whoever asked.
//!
//! An entry's id follows the instant at which its text was said, so that "the newest first" is the
//! order of the index itself, and the whole history can be paged by that id.

use bytes::{BufMut, BytesMut};
use kernel::{Instant, MailboxId};
use postgres::types::IsNull;
use text::search::{Query, analyse, chunks};

use crate::terms::Change;
use crate::{DbError, Dialect, Tx, params};

/// How many of the newest candidates are ranked.
pub const CANDIDATES: u32 = 2_000;
/// Bits of an entry id below its milliseconds.
const LOW_BITS: u32 = 21;

crate::statements! {
    /// Adds an entry; on PostgreSQL with its terms.
    ADD = {
        sqlite: "INSERT INTO search_entry (id, subject_kind, subject_id, chunk, mailbox_id)
                 SELECT $1, $2, $3, $4, $5 WHERE $6 IS NOT NULL ON CONFLICT DO NOTHING RETURNING id",
        postgres: "INSERT INTO search_entry (id, subject_kind, subject_id, chunk, mailbox_id, terms)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT DO NOTHING RETURNING id"
    };
    /// The terms of an entry, on SQLite.
    ADD_TERMS = {
        sqlite: "INSERT INTO search_terms (rowid, terms) VALUES ($1, $2)",
        postgres: "SELECT 1 WHERE $1 = 0 AND $2 = ''"
    };
    /// The entries of a subject.
    OF_SUBJECT = "SELECT id, chunk FROM search_entry WHERE subject_kind = $1 AND subject_id = $2 ORDER BY chunk";
    /// Removes an entry.
    REMOVE = "DELETE FROM search_entry WHERE id = $1";
    /// Removes the terms of an entry, on SQLite.
    REMOVE_TERMS = {
        sqlite: "DELETE FROM search_terms WHERE rowid = $1",
        postgres: "SELECT 1 WHERE $1 = 0"
    };
    /// Moves the entries of a subject to another mailbox.
    MOVE = "UPDATE search_entry SET mailbox_id = $3 WHERE subject_kind = $1 AND subject_id = $2";
    /// The newest visible entries before one that match.
    CANDIDATE = {
        sqlite: "SELECT e.id, e.subject_kind, e.subject_id FROM search_terms t
                 JOIN search_entry e ON e.id = t.rowid
                 WHERE t.terms MATCH $1 AND t.rowid < $2 AND e.mailbox_id IN LIST($3)
                 ORDER BY t.rowid DESC LIMIT $4",
        postgres: "SELECT e.id, e.subject_kind, e.subject_id FROM search_entry e
                   WHERE e.terms @@ CAST($1 AS TEXT)::tsquery AND e.id < $2 AND e.mailbox_id IN LIST($3)
                   ORDER BY e.id DESC LIMIT $4"
    };
}

/// An entry that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The entry: the cursor of the page after it.
    pub entry: i64,
    /// `voice` or `message`.
    pub subject_kind: String,
    /// The raw id of the voice or message.
    pub subject_id: i64,
}

/// An entry that is yet to be written, for [`crate::bulk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id, by which it is found newest first.
    pub id: i64,
    /// `voice` or `message`.
    pub subject_kind: &'static str,
    /// The raw id of the voice or message.
    pub subject_id: i64,
    /// Which part of a long text it is, from 0.
    pub chunk: i64,
    /// Where it is visible.
    pub mailbox: i64,
    /// The terms of its text.
    pub terms: String,
}

impl Entry {
    /// The columns, without the terms.
    pub(crate) const COLUMNS: &[&str] = &["id", "subject_kind", "subject_id", "chunk", "mailbox_id"];

    /// The entries of a text. `number` counts the texts of a loading: two that were said in the same
    /// millisecond must not share its last 21 bits.
    pub fn of(
        subject_kind: &'static str,
        subject_id: i64,
        number: u64,
        mailbox: MailboxId,
        occurred_at: Instant,
        body: &str,
        language: Option<&str>,
    ) -> Vec<Entry> {
        let entry = |(chunk, text): (usize, &str)| Entry {
            id: id_of(occurred_at, number as i64 + chunk as i64),
            subject_kind,
            subject_id,
            chunk: chunk as i64,
            mailbox: mailbox.raw(),
            terms: analyse(text, language),
        };
        chunks(body).enumerate().map(entry).filter(|entry| !entry.terms.is_empty()).collect()
    }
}

/// The terms of a text, part by part: what is costly about indexing and needs no database, so that intake
/// does it before its transaction and on as many threads as it likes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prepared(Vec<(usize, String)>);

impl Prepared {
    /// Analyses a text. `language` is its BCP 47 code where that is known.
    pub fn of(body: &str, language: Option<&str>) -> Prepared {
        let parts = chunks(body).map(|chunk| analyse(chunk, language)).enumerate();
        Prepared(parts.filter(|(_, terms)| !terms.is_empty()).collect())
    }
}

/// Indexes a text under a subject; doing it again changes nothing.
pub fn index(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: i64,
    mailbox: MailboxId,
    occurred_at: Instant,
    body: &str,
    language: Option<&str>,
) -> Result<(), DbError> {
    index_prepared(tx, subject_kind, subject_id, mailbox, occurred_at, &Prepared::of(body, language))
}

/// [`index`] of a text that was analysed before.
pub fn index_prepared(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: i64,
    mailbox: MailboxId,
    occurred_at: Instant,
    prepared: &Prepared,
) -> Result<(), DbError> {
    for (number, terms) in &prepared.0 {
        let number = *number;
        let mut id = entry_id(occurred_at, subject_id, number);
        loop {
            let added = tx.find(
                &ADD,
                params![id, subject_kind, subject_id, number, mailbox, terms.as_str()],
                |row| row.take::<i64>(),
            )?;
            if added.is_some() {
                break;
            }
            let there = tx.query(&OF_SUBJECT, params![subject_kind, subject_id], |row| {
                Ok((row.take::<i64>()?, row.take::<i64>()?))
            })?;
            if there.iter().any(|(_, chunk)| usize::try_from(*chunk) == Ok(number)) {
                return Ok(());
            }
            // Another text said in the same millisecond holds this id.
            id += 1;
        }
        if tx.dialect() == Dialect::Sqlite {
            match &mut tx.terms {
                Some(waiting) => waiting.push(Change::Add(id, terms.clone())),
                None => drop(tx.execute(&ADD_TERMS, params![id, terms.as_str()])?),
            }
        }
    }
    Ok(())
}

/// Whether a text has any word by which it could be found; one that has none has no entry.
pub fn has_words(body: &str, language: Option<&str>) -> bool {
    chunks(body).any(|chunk| !analyse(chunk, language).is_empty())
}

fn entry_id(occurred_at: Instant, subject_id: i64, chunk: usize) -> i64 {
    // Spread over all low bits: a file whose rows carry a date alone has thousands in one millisecond, and
    // neighbours would then have to be passed over one by one.
    let spread = (subject_id as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - LOW_BITS);
    id_of(occurred_at, (spread as i64).wrapping_add(chunk as i64))
}

fn id_of(occurred_at: Instant, low: i64) -> i64 {
    let millis = occurred_at.millis().clamp(0, (1 << (63 - LOW_BITS)) - 1);
    (millis << LOW_BITS) | (low & ((1 << LOW_BITS) - 1))
}

/// Most positions that PostgreSQL keeps of one lexeme, and the highest.
const POSITIONS: usize = 255;
const HIGHEST_POSITION: usize = 16_383;

/// Writes terms as PostgreSQL receives a vector: what `to_tsvector('simple', …)` makes of them, without
/// its parser having to look at terms that are made of letters and digits anyway.
pub(crate) fn put_vector(
    terms: &str,
    out: &mut BytesMut,
) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
    let mut lexemes: Vec<(&str, u16)> = terms
        .split_ascii_whitespace()
        .enumerate()
        .map(|(at, term)| (term, (at + 1).min(HIGHEST_POSITION) as u16))
        .collect();
    lexemes.sort_unstable();
    lexemes.dedup();
    let groups = || lexemes.chunk_by(|one, next| one.0 == next.0);
    out.put_i32(i32::try_from(groups().count())?);
    for group in groups() {
        let positions = &group[..group.len().min(POSITIONS)];
        out.put_slice(group[0].0.as_bytes());
        out.put_u8(0);
        out.put_u16(positions.len() as u16);
        positions.iter().for_each(|(_, position)| out.put_u16(*position));
    }
    Ok(IsNull::No)
}

/// Removes a subject from the index.
pub fn remove(tx: &mut Tx<'_>, subject_kind: &str, subject_id: i64) -> Result<(), DbError> {
    for id in tx.query(&OF_SUBJECT, params![subject_kind, subject_id], |row| row.take::<i64>())? {
        tx.execute(&REMOVE, params![id])?;
        if tx.dialect() == Dialect::Sqlite {
            match &mut tx.terms {
                Some(waiting) => waiting.push(Change::Remove(id)),
                None => drop(tx.execute(&REMOVE_TERMS, params![id])?),
            }
        }
    }
    Ok(())
}

/// Moves a subject to another mailbox, with which its visibility changes.
pub fn move_to(
    tx: &mut Tx<'_>,
    subject_kind: &str,
    subject_id: i64,
    mailbox: MailboxId,
) -> Result<(), DbError> {
    tx.execute(&MOVE, params![subject_kind, subject_id, mailbox])?;
    Ok(())
}

/// The newest entries in the given mailboxes that match, older than `before` when that is given. Empty
/// when the query has no word.
pub fn candidates(
    tx: &mut Tx<'_>,
    query: &Query,
    mailboxes: Vec<i64>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Candidate>, DbError> {
    let terms = match tx.dialect() {
        Dialect::Sqlite => query.to_fts5(),
        Dialect::Postgres => query.to_tsquery(),
    };
    let Some(terms) = terms else { return Ok(Vec::new()) };
    let began = std::time::Instant::now();
    let found = tx.query(&CANDIDATE, params![terms, before.unwrap_or(i64::MAX), mailboxes, limit], |row| {
        Ok(Candidate { entry: row.take()?, subject_kind: row.take()?, subject_id: row.take()? })
    });
    tx.shared.meters.search_seconds.observe(began.elapsed().as_secs_f64());
    found
}
