//! The demo company loaded at once is the one that is told turn by turn through the use cases.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use engine::{Dialect, Engine, Options};
use testkit::{Store, on_both_engines};

engine::statements! {
    /// Conversations with those they belong to.
    CONVERSATIONS = "SELECT c.external_id || '|' || b.name || '|' || p.external_id || '|' || c.subject || '|' || c.state || '|' ||
                       c.channel || '|' || c.language || '|' || COALESCE(a.email, '-') || '|' || COALESCE(t.name, '-') || '|' ||
                       COALESCE(o.name || o.version, '-') || '|' || c.preview || '|' || CAST(c.historical AS TEXT) || '|' ||
                       CAST(c.opened_at AS TEXT) || '|' || CAST(c.last_at AS TEXT) || '|' ||
                       COALESCE(CAST(c.waiting_since AS TEXT), '-') || '|' || COALESCE(CAST(c.snoozed_until AS TEXT), '-') || '|' ||
                       COALESCE(CAST(c.closed_at AS TEXT), '-') || '|' || CAST(c.revision AS TEXT)
                     FROM conversation c JOIN mailbox b ON b.id = c.mailbox_id JOIN person p ON p.id = c.person_id
                     LEFT JOIN account a ON a.id = c.owner_id LEFT JOIN team t ON t.id = c.team_id
                     LEFT JOIN product o ON o.id = c.product_id ORDER BY 1";
    /// Voices with those they belong to, and what their source's ledger knows.
    VOICES = "SELECT v.external_id || '|' || s.name || '|' || s.kind || '|' || COALESCE(p.external_id, '-') || '|' ||
                COALESCE(c.external_id, '-') || '|' || COALESCE(o.name || o.version, '-') || '|' || v.channel || '|' ||
                COALESCE(v.subject, '-') || '|' || v.body || '|' || COALESCE(v.folded, '-') || '|' || v.language || '|' ||
                COALESCE(CAST(v.score AS TEXT), '-') || '|' || COALESCE(CAST(v.score_most AS TEXT), '-') || '|' ||
                COALESCE(v.message_key, '-') || '|' || COALESCE(a.email, '-') || '|' || CAST(v.occurred_at AS TEXT) || '|' ||
                CAST(v.recorded_at AS TEXT) || '|' || CAST(b.size AS TEXT) || '|' || CAST(b.refs AS TEXT) || '|' ||
                r.item || '|' || r.external_id || '|' || r.format || '|' || r.state || '|' || CAST(r.day AS TEXT) || '|' ||
                CAST(r.fetched_at AS TEXT)
              FROM voice v JOIN source s ON s.id = v.source_id JOIN arrival r ON r.voice_id = v.id JOIN blob b ON b.digest = v.raw_digest
              LEFT JOIN person p ON p.id = v.person_id LEFT JOIN conversation c ON c.id = v.conversation_id
              LEFT JOIN product o ON o.id = v.product_id LEFT JOIN account a ON a.id = v.captured_by ORDER BY 1";
    /// Messages with those they belong to.
    MESSAGES = "SELECT c.external_id || '|' || m.kind || '|' || COALESCE(p.external_id, '-') || '|' || COALESCE(v.external_id, '-') ||
                  '|' || COALESCE(a.email, '-') || '|' || COALESCE(m.body, '-') || '|' || COALESCE(m.language, '-') || '|' ||
                  COALESCE(m.message_key, '-') || '|' || CAST(m.occurred_at AS TEXT) || '|' || CAST(m.recorded_at AS TEXT)
                FROM message m JOIN conversation c ON c.id = m.conversation_id LEFT JOIN person p ON p.id = m.person_id
                LEFT JOIN voice v ON v.id = m.voice_id LEFT JOIN account a ON a.id = m.author_id ORDER BY 1";
    /// Events with what they are about.
    EVENTS = "SELECT e.kind || '|' || CAST(e.occurred_at AS TEXT) || '|' || CAST(e.recorded_at AS TEXT) || '|' ||
                COALESCE(CAST(e.enabled_at AS TEXT), '-') || '|' || COALESCE(CAST(e.started_at AS TEXT), '-') || '|' ||
                COALESCE(CAST(e.ended_at AS TEXT), '-') || '|' || e.actor_kind || '|' || COALESCE(a.email, '-') || '|' ||
                e.subject_kind || '|' || COALESCE(c.external_id, '-') || '|' || COALESCE(b.name, '-') || '|' ||
                COALESCE(p.external_id, '-') || '|' || COALESCE(o.name || o.version, '-') || '|' || COALESCE(s.name, '-') || '|' ||
                COALESCE(e.detail, '-')
              FROM event e LEFT JOIN account a ON a.id = e.actor_id LEFT JOIN conversation c ON c.id = e.case_id
              LEFT JOIN mailbox b ON b.id = e.mailbox_id LEFT JOIN person p ON p.id = e.person_id
              LEFT JOIN product o ON o.id = e.product_id LEFT JOIN source s ON s.id = e.source_id
              WHERE e.kind LIKE 'voice.%' OR e.kind LIKE 'message.%' OR e.kind LIKE 'conversation.%' OR e.kind LIKE 'source.%'
              ORDER BY 1";
    /// Files with what they came with.
    FILES = "SELECT v.external_id || '|' || f.name || '|' || f.media_type || '|' || CAST(f.size AS TEXT) || '|' || CAST(b.refs AS TEXT)
             FROM attachment f JOIN voice v ON v.id = f.voice_id JOIN blob b ON b.digest = f.digest ORDER BY 1";
    /// Tags on conversations.
    TAGS = "SELECT c.external_id || '|' || t.name FROM conversation_tag x JOIN conversation c ON c.id = x.conversation_id
            JOIN tag t ON t.id = x.tag_id ORDER BY 1";
    /// What search knows.
    ENTRIES = "SELECT COALESCE(v.external_id, m.message_key, CAST(m.occurred_at AS TEXT)) || '|' || CAST(x.chunk AS TEXT) || '|' || b.name
               FROM search_entry x JOIN mailbox b ON b.id = x.mailbox_id
               LEFT JOIN voice v ON v.id = x.subject_id AND x.subject_kind = 'voice'
               LEFT JOIN message m ON m.id = x.subject_id AND x.subject_kind = 'message' ORDER BY 1";
    /// The terms, row by row, as far as the engine shows them.
    TERMS = {
        sqlite: "SELECT CAST(COUNT(*) AS TEXT) FROM search_terms WHERE search_terms MATCH 'xgrazie OR xthanks'",
        postgres: "SELECT CAST(terms AS TEXT) FROM search_entry ORDER BY 1"
    };
}

const SEED: u64 = 7;

fn rows(engine: &Engine, statement: &'static engine::Statement) -> Vec<String> {
    engine.read_blocking(move |tx| Ok(tx.query(statement, &[], |row| row.take())?)).unwrap()
}

/// An empty database beside the store's.
fn beside(store: &Store, other: Option<&Store>) -> Options {
    match other {
        Some(other) => Options { url: other.url.clone(), data_dir: other.dir.path().join("data") },
        None => Options {
            url: store.url.replace("bottega.db", "at-once.db"),
            data_dir: store.dir.path().join("data-at-once"),
        },
    }
}

#[test]
fn a_company_loaded_at_once_is_the_one_that_is_told_turn_by_turn() {
    on_both_engines(|store| {
        let now = kernel::Clock::now(store.clock());
        bottega::demo::load(store.engine(), SEED, demo::Size::Small, now).unwrap();
        let other = if store.engine().dialect() == Dialect::Postgres { Store::postgres() } else { None };
        let options = beside(store, other.as_ref());
        bottega::demo::load_at_once(&options, SEED, demo::Size::Small, now).unwrap();
        let at_once = Engine::open(&options, store.clock()).unwrap();
        for statement in [&CONVERSATIONS, &VOICES, &MESSAGES, &EVENTS, &FILES, &TAGS, &ENTRIES, &TERMS] {
            let (told, loaded) = (rows(store.engine(), statement), rows(&at_once, statement));
            let differing: Vec<_> =
                told.iter().zip(&loaded).filter(|(told, loaded)| told != loaded).take(2).collect();
            assert!(differing.is_empty(), "{}: {differing:#?}", statement.name());
            assert_eq!(told.len(), loaded.len(), "{}", statement.name());
            assert!(!told.is_empty(), "{} compares nothing", statement.name());
        }
    });
}
