//! Voices and messages: each with its event, its place, its search entry and its files.

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Row, Tx, params, search};
use kernel::{AttachmentId, MessageId, VoiceId};

use super::walks;

pub(super) mod rules {
    engine::statements! {
        /// Voices that are not in the index.
        UNFOUND_VOICES = "SELECT v.id, v.language, v.subject, v.body, v.folded, v.author FROM voice v
                          WHERE v.id > $1 AND v.id <= $2 AND NOT EXISTS
                            (SELECT 1 FROM search_entry s WHERE s.subject_kind = 'voice' AND s.subject_id = v.id)";
        /// Messages of ours that are not in the index.
        UNFOUND_MESSAGES = "SELECT m.id, m.language, m.body FROM message m
                            WHERE m.id > $1 AND m.id <= $2 AND m.body IS NOT NULL AND NOT EXISTS
                              (SELECT 1 FROM search_entry s WHERE s.subject_kind = 'message' AND s.subject_id = m.id)";
        /// What files refer to.
        FILES = "SELECT digest FROM attachment WHERE id > $1 AND id <= $2";
    }
}

engine::invariants! {
    SHAPE: "voice.shape", walks::VOICES, VoiceId,
        "Every voice came in a way that exists, keeps the bytes that its source brought, and has no score above the highest.",
        "SELECT v.id FROM voice v WHERE v.id > $1 AND v.id <= $2 AND (
           v.channel NOT IN ('mail', 'phone', 'counter', 'form', 'chat', 'review', 'survey', 'post', 'other')
           OR (v.source_id IS NOT NULL AND v.raw_digest IS NULL) OR v.score > v.score_most)";
    HEARD: "voice.event", walks::VOICES, VoiceId,
        "Every voice has exactly one event that says it was heard.",
        "SELECT v.id FROM voice v WHERE v.id > $1 AND v.id <= $2
           AND 1 <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'voice' AND e.subject_id = v.id
                       AND e.kind = 'voice.heard')";
    IN_THREAD: "voice.message", walks::VOICES, VoiceId,
        "A voice that belongs to a conversation is exactly one message of it; one that does not is none.",
        "SELECT v.id FROM voice v WHERE v.id > $1 AND v.id <= $2
           AND (SELECT COUNT(*) FROM message m WHERE m.voice_id = v.id)
             <> CASE WHEN v.conversation_id IS NULL THEN 0 ELSE 1 END";
    SAME_MAILBOX: "voice.mailbox", walks::VOICES, VoiceId,
        "A voice is visible where its conversation is.",
        "SELECT v.id FROM voice v JOIN conversation c ON c.id = v.conversation_id
         WHERE v.id > $1 AND v.id <= $2 AND c.mailbox_id <> v.mailbox_id";
    MESSAGE_SHAPE: "message.shape", walks::MESSAGES, MessageId,
        "An incoming message is a voice and copies nothing; one of ours has a text of its own.",
        "SELECT m.id FROM message m WHERE m.id > $1 AND m.id <= $2 AND NOT (
           (m.kind = 'incoming' AND m.voice_id IS NOT NULL AND m.body IS NULL AND m.author_id IS NULL)
           OR (m.kind IN ('outgoing', 'note') AND m.voice_id IS NULL AND m.body IS NOT NULL))";
    MESSAGE_VOICE: "message.voice", walks::MESSAGES, MessageId,
        "An incoming message and its voice belong to the same conversation.",
        "SELECT m.id FROM message m WHERE m.id > $1 AND m.id <= $2 AND m.voice_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM voice v WHERE v.id = m.voice_id AND v.conversation_id = m.conversation_id)";
    WRITTEN: "message.event", walks::MESSAGES, MessageId,
        "Every message of ours has exactly one event that says it was written.",
        "SELECT m.id FROM message m WHERE m.id > $1 AND m.id <= $2 AND m.kind <> 'incoming'
           AND 1 <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'message' AND e.subject_id = m.id
                       AND e.kind = CASE WHEN m.kind = 'note' THEN 'message.noted' ELSE 'message.answered' END)";
    FILE: "attachment.owner", walks::ATTACHMENTS, AttachmentId,
        "Every file came or went with one voice or one message, is visible where that is, and is as long as its bytes.",
        "SELECT a.id FROM attachment a WHERE a.id > $1 AND a.id <= $2 AND (
           (a.voice_id IS NULL) = (a.message_id IS NULL)
           OR NOT EXISTS (SELECT 1 FROM blob b WHERE b.digest = a.digest AND b.size = a.size)
           OR (a.voice_id IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM voice v WHERE v.id = a.voice_id AND v.mailbox_id = a.mailbox_id))
           OR (a.message_id IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM message m JOIN conversation c ON c.id = m.conversation_id
                  WHERE m.id = a.message_id AND c.mailbox_id = a.mailbox_id)))";
    ENTRY: "search.subject", walks::ENTRIES, entry,
        "Every search entry is of a voice or a message that is there, and is visible where that is.",
        "SELECT s.id FROM search_entry s WHERE s.id > $1 AND s.id <= $2 AND NOT (
           (s.subject_kind = 'voice' AND EXISTS
              (SELECT 1 FROM voice v WHERE v.id = s.subject_id AND v.mailbox_id = s.mailbox_id))
           OR (s.subject_kind = 'message' AND EXISTS
              (SELECT 1 FROM message m JOIN conversation c ON c.id = m.conversation_id
               WHERE m.id = s.subject_id AND c.mailbox_id = s.mailbox_id)))";
}

/// An entry of the index has no id outside.
fn entry(raw: i64) -> String {
    format!("entry {raw}")
}

pub(super) static CODE: &[Invariant] = &[
    Invariant {
        name: "voice.search",
        sentence: "Every voice that has words is found by them.",
        id: |raw| VoiceId(raw).to_string(),
        rule: Rule::Code(voices_are_found),
    },
    Invariant {
        name: "message.search",
        sentence: "Every message of ours that has words is found by them.",
        id: |raw| MessageId(raw).to_string(),
        rule: Rule::Code(messages_are_found),
    },
    Invariant {
        name: "attachment.bytes",
        sentence: "Every file refers to its bytes.",
        id: |raw| AttachmentId(raw).to_string(),
        rule: Rule::Refers { walk: &walks::ATTACHMENTS, digests: &rules::FILES },
    },
];

/// The texts of an entry that is missing: id, language, and whatever would have been indexed.
fn texts(row: &mut Row<'_>, columns: usize) -> Result<(i64, Option<String>, String), DbError> {
    let (id, language) = (row.take()?, row.take()?);
    let mut texts = Vec::with_capacity(columns);
    for _ in 0..columns {
        texts.extend(row.take::<Option<String>>()?);
    }
    Ok((id, language, texts.join("\n")))
}

fn voices_are_found(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    ranges(tx, &walks::VOICES, |tx, from, to| {
        for (id, language, said) in
            tx.query(&rules::UNFOUND_VOICES, params![from, to], |row| texts(row, 4))?
        {
            if search::has_words(&said, language.as_deref()) {
                findings.broken(VoiceId(id));
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}

fn messages_are_found(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    ranges(tx, &walks::MESSAGES, |tx, from, to| {
        for (id, language, said) in
            tx.query(&rules::UNFOUND_MESSAGES, params![from, to], |row| texts(row, 1))?
        {
            if search::has_words(&said, language.as_deref()) {
                findings.broken(MessageId(id));
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}
