//! The one timeline of a person: what they said over every channel, what we answered and noted, and the
//! facts about them, newest first.

pub mod api;
pub(crate) mod page;

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, ConversationId, Cursor, Fault, Instant, MessageId, Page, PersonId, VoiceId};
use primitives::Channel;

use crate::person;

/// Characters of a text that the timeline reads; the rest is one link away.
const EXCERPT: usize = 900;

engine::statements! {
    /// A page of everything about a person and those merged into them, where the actor may see it. Each
    /// arm walks the index of its table; only ids and instants are sorted.
    PAGE = "SELECT t.kind, t.id, t.happened, v.channel, v.subject, SUBSTR(COALESCE(v.body, m.body), 1, 901),
              v.score, v.score_most, COALESCE(v.language, m.language), COALESCE(v.conversation_id, m.conversation_id),
              a.name, e.kind, e.detail
            FROM (
              SELECT * FROM (
                SELECT 'voice' AS kind, v.id AS id, v.occurred_at AS happened FROM voice v
                WHERE v.person_id IN (SELECT p.id FROM person p WHERE p.root_id = $1)
                  AND v.mailbox_id IN LIST($2) AND (v.occurred_at, v.id) < ($3, $4) AND $5 IN ('all', 'voices')
                ORDER BY v.occurred_at DESC, v.id DESC LIMIT $6) AS voices
              UNION ALL
              SELECT * FROM (
                SELECT m.kind, m.id, m.occurred_at FROM message m JOIN conversation c ON c.id = m.conversation_id
                WHERE m.person_id IN (SELECT p.id FROM person p WHERE p.root_id = $1)
                  AND c.mailbox_id IN LIST($2) AND (m.occurred_at, m.id) < ($3, $4)
                  AND ((m.kind = 'outgoing' AND $5 IN ('all', 'answers')) OR (m.kind = 'note' AND $5 IN ('all', 'notes')))
                ORDER BY m.occurred_at DESC, m.id DESC LIMIT $6) AS messages
              UNION ALL
              SELECT * FROM (
                SELECT 'fact' AS kind, e.id, e.occurred_at FROM event e
                WHERE e.subject_kind = 'person' AND e.subject_id IN (SELECT p.id FROM person p WHERE p.root_id = $1)
                  AND (e.occurred_at, e.id) < ($3, $4) AND $5 IN ('all', 'facts')
                ORDER BY e.occurred_at DESC, e.id DESC LIMIT $6) AS facts
              ORDER BY 3 DESC, 2 DESC LIMIT $6) AS t
            LEFT JOIN voice v ON v.id = t.id AND t.kind = 'voice'
            LEFT JOIN message m ON m.id = t.id AND t.kind IN ('outgoing', 'note')
            LEFT JOIN event e ON e.id = t.id AND t.kind = 'fact'
            LEFT JOIN account a ON a.id = COALESCE(m.author_id, e.actor_id)
            ORDER BY t.happened DESC, t.id DESC";
}

/// Which entries one wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// Everything.
    #[default]
    All,
    /// What the person said.
    Voices,
    /// What we answered.
    Answers,
    /// What we noted among ourselves.
    Notes,
    /// Merges, consents, changes.
    Facts,
}

impl Filter {
    /// Every filter, in the order of the chips.
    pub const ALL: [Filter; 5] = [Filter::All, Filter::Voices, Filter::Answers, Filter::Notes, Filter::Facts];

    /// As named in addresses and in the API.
    pub fn code(self) -> &'static str {
        match self {
            Filter::All => "all",
            Filter::Voices => "voices",
            Filter::Answers => "answers",
            Filter::Notes => "notes",
            Filter::Facts => "facts",
        }
    }

    /// From its name.
    pub fn from_code(code: &str) -> Option<Filter> {
        Filter::ALL.into_iter().find(|filter| filter.code() == code)
    }
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When it happened.
    pub at: Instant,
    /// Its raw id: voices, messages and events share one minting.
    pub id: i64,
    /// What it is.
    pub what: What,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The person said something.
    Voice {
        /// The voice.
        id: VoiceId,
        /// The conversation it belongs to.
        conversation: Option<ConversationId>,
        /// How it came.
        channel: Channel,
        /// Its subject line.
        subject: Option<String>,
        /// Their words.
        words: Excerpt,
        /// The language of the words.
        language: Option<String>,
        /// The score they gave and the highest one could give, as given.
        score: Option<(f64, Option<f64>)>,
    },
    /// We wrote something.
    Message {
        /// The message.
        id: MessageId,
        /// The conversation it belongs to.
        conversation: ConversationId,
        /// Whether it stayed among us.
        is_note: bool,
        /// Who wrote it.
        author: Option<String>,
        /// The text.
        words: Excerpt,
        /// The language of the text.
        language: Option<String>,
    },
    /// Something about them changed.
    Fact {
        /// What, as the event log names it.
        kind: String,
        /// Who did it.
        by: Option<String>,
        /// Ids and codes that tell more.
        detail: Option<serde_json::Value>,
    },
}

/// The beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, or its beginning.
    pub text: String,
    /// Whether there is more.
    pub is_cut: bool,
}

impl Excerpt {
    /// The first `most` characters of a text, up to the end of a word.
    pub fn of(text: &str, most: usize) -> Excerpt {
        match text.char_indices().nth(most) {
            Some((end, _)) => {
                let start = &text[..end];
                // A word is not cut in two, unless it is endless.
                let end = start.rfind(char::is_whitespace).filter(|at| *at > end / 2).unwrap_or(end);
                Excerpt { text: start[..end].trim_end().to_owned(), is_cut: true }
            }
            None => Excerpt { text: text.to_owned(), is_cut: false },
        }
    }
}

fn read(row: &mut Row<'_>) -> Result<Entry, DbError> {
    let (kind, id, at) = (row.take::<String>()?, row.take::<i64>()?, row.take()?);
    let channel = row.take::<Option<String>>()?;
    let subject = row.take()?;
    let words = Excerpt::of(&row.take::<Option<String>>()?.unwrap_or_default(), EXCERPT);
    let (score, most) = (row.take::<Option<f64>>()?, row.take()?);
    let language = row.take()?;
    let conversation = row.take::<Option<ConversationId>>()?;
    let name = row.take()?;
    let (event, detail) = (row.take::<Option<String>>()?, row.take::<Option<String>>()?);
    let what = match (kind.as_str(), conversation) {
        ("voice", conversation) => What::Voice {
            id: VoiceId(id),
            conversation,
            channel: channel.as_deref().and_then(Channel::from_code).unwrap_or(Channel::Other),
            subject,
            words,
            language,
            score: score.map(|score| (score, most)),
        },
        (kind @ ("outgoing" | "note"), Some(conversation)) => What::Message {
            id: MessageId(id),
            conversation,
            is_note: kind == "note",
            author: name,
            words,
            language,
        },
        _ => What::Fact {
            kind: event.unwrap_or_default(),
            by: name,
            detail: detail.and_then(|detail| serde_json::from_str(&detail).ok()),
        },
    };
    Ok(Entry { at, id, what })
}

/// A page of the timeline of a person whom the actor may know, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    actor: &Actor,
    person: PersonId,
    filter: Filter,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Entry>, Fault> {
    let person = person::required(tx, actor, person)?;
    of_person(tx, actor, &person, filter, from, limit)
}

/// The same for a person that was read already.
pub fn of_person(
    tx: &mut Tx<'_>,
    actor: &Actor,
    person: &primitives::person::Person,
    filter: Filter,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Entry>, Fault> {
    let from = from.unwrap_or(Cursor::NEWEST);
    let asked = params![person.id, actor.mailbox_keys(), from.at, from.id, filter.code(), limit + 1];
    let rows = tx.query(&PAGE, asked, read)?;
    Ok(Page::from_rows(rows, limit, |entry| Cursor { at: entry.at, id: entry.id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_at_a_word() {
        assert_eq!(Excerpt::of("perde acqua", 40), Excerpt { text: "perde acqua".into(), is_cut: false });
        assert_eq!(
            Excerpt::of("la macchina perde", 13),
            Excerpt { text: "la macchina".into(), is_cut: true }
        );
        assert_eq!(Excerpt::of("perchéperché", 6), Excerpt { text: "perché".into(), is_cut: true });
    }
}
