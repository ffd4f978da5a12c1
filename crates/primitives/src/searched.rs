//! What of a voice and of a message the search finds, and the search made again from all of it.

use engine::search::Entry;
use engine::whole::Refill;
use engine::{DbError, Row, Tx, params};
use kernel::{Instant, MailboxId};

/// Texts analysed at a time.
const BATCH: u32 = 4_000;

/// The text of a voice that is searched: its subject, body, folded parts and author.
pub fn voice_text(subject: Option<&str>, body: &str, folded: Option<&str>, author: Option<&str>) -> String {
    [subject, Some(body), folded, author].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

engine::statements! {
    /// The next voices by id.
    VOICES = "SELECT id, mailbox_id, occurred_at, language, subject, body, folded, author FROM voice
              WHERE id > $1 ORDER BY id LIMIT $2";
    /// The next messages of ours by id. What a customer said is found as a voice.
    MESSAGES = "SELECT m.id, c.mailbox_id, m.occurred_at, m.language, m.body FROM message m
                JOIN conversation c ON c.id = m.conversation_id
                WHERE m.id > $1 AND m.body IS NOT NULL AND m.voice_id IS NULL ORDER BY m.id LIMIT $2";
}

struct Said {
    id: i64,
    mailbox: MailboxId,
    at: Instant,
    language: Option<String>,
    text: String,
}

/// Fills the search, which must be empty, from every text; `progress` hears how many were read. Analyses on
/// as many threads as there are cores.
pub fn fill(tx: &mut Tx<'_>, mut progress: impl FnMut(u64)) -> Result<(), DbError> {
    let mut filling = Refill::begin(tx)?;
    let mut done = 0;
    for kind in ["voice", "message"] {
        let mut after = i64::MIN;
        loop {
            let said = if kind == "voice" {
                tx.query(&VOICES, params![after, BATCH], read_voice)?
            } else {
                tx.query(&MESSAGES, params![after, BATCH], read_message)?
            };
            let Some(last) = said.last() else { break };
            after = last.id;
            filling.add(tx, analysed(kind, done, &said))?;
            done += said.len() as u64;
            progress(done);
        }
    }
    filling.end(tx)
}

fn analysed(kind: &'static str, before: u64, said: &[Said]) -> Vec<Entry> {
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    let share = said.len().div_ceil(cores).max(1);
    let of = |(at, said): (usize, &Said)| {
        let number = before + at as u64;
        Entry::of(kind, said.id, number, said.mailbox, said.at, &said.text, said.language.as_deref())
    };
    let all = |part: usize, said: &[Said]| -> Vec<Entry> {
        said.iter().enumerate().flat_map(|(at, said)| of((part * share + at, said))).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            said.chunks(share).enumerate().map(|(part, said)| scope.spawn(move || all(part, said))).collect();
        // A part that panicked is analysed here again, so that its panic reaches the caller.
        let again = parts.into_iter().zip(said.chunks(share)).enumerate();
        again.flat_map(|(at, (part, said))| part.join().unwrap_or_else(|_| all(at, said))).collect()
    })
}

fn read_voice(row: &mut Row<'_>) -> Result<Said, DbError> {
    let (id, mailbox, at, language) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let (subject, body) = (row.take::<Option<String>>()?, row.take::<String>()?);
    let (folded, author) = (row.take::<Option<String>>()?, row.take::<Option<String>>()?);
    let text = voice_text(subject.as_deref(), &body, folded.as_deref(), author.as_deref());
    Ok(Said { id, mailbox, at, language, text })
}

fn read_message(row: &mut Row<'_>) -> Result<Said, DbError> {
    Ok(Said {
        id: row.take()?,
        mailbox: row.take()?,
        at: row.take()?,
        language: row.take()?,
        text: row.take()?,
    })
}
