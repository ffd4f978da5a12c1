//! One way to break each invariant.

use engine::Statement;

macro_rules! sabotages {
    ($($name:ident: $code:literal = $sql:tt;)*) => {
        engine::statements! { $(#[doc = $code] $name = $sql;)* }
        /// Each with the name of the invariant that it breaks.
        pub static SABOTAGES: &[(&str, &Statement)] = &[$(($code, &$name)),*];
    };
}

sabotages! {
    JOB: "job.state" = "INSERT INTO job (id, kind, payload, state, run_at, created_at) VALUES (1, 'x', '{}', 'lost', 0, 0)";
    ORPHAN: "shelf.orphan" = "INSERT INTO shelf_orphan (digest, seen_at, removing)
        SELECT digest, 0, 7 FROM blob ORDER BY digest LIMIT 1";
    NODE: "node.number" = "INSERT INTO node_lease (node, leased_until) VALUES (5000, 0)";
    KEPT_ANSWER: "idempotency.answer" = "INSERT INTO idempotency (owner, key, request_digest, status, body, created_at)
        SELECT 'a', 'b', digest, 500, '', 0 FROM blob ORDER BY digest LIMIT 1";
    TERMS: "search.terms" = {
        sqlite: "DELETE FROM search_terms WHERE rowid = (SELECT MIN(id) FROM search_entry)",
        postgres: "UPDATE search_entry SET terms = ''::tsvector WHERE id = (SELECT MIN(id) FROM search_entry)"
    };
    ENTRY: "search.entry" = {
        sqlite: "DELETE FROM search_entry WHERE id = (SELECT MIN(id) FROM search_entry)",
        postgres: "UPDATE search_entry SET chunk = -1 WHERE id = (SELECT MIN(id) FROM search_entry)"
    };
    ROLE: "account.role" = "UPDATE account SET role = 'king' WHERE id = (SELECT MIN(id) FROM account)";
    ADMINISTRATOR: "shop.administrator" = "UPDATE account SET ended_at = created_at WHERE role = 'administrator'";
    ROOT: "person.root" = "UPDATE person SET root_id = 1 WHERE id = (SELECT MIN(id) FROM person)";
    PERSON_EVENT: "person.event" = "DELETE FROM event WHERE kind = 'person.created'";
    WORDS: "person.words" = "DELETE FROM person_word WHERE person_id = (SELECT MIN(id) FROM person)";
    IDENTITY: "identity.value" = "UPDATE identity SET kind = 'pigeon' WHERE id = (SELECT MIN(id) FROM identity)";
    IDENTITY_EVENT: "identity.event" = "DELETE FROM event WHERE kind = 'identity.added'";
    STATE: "conversation.state" = "UPDATE conversation SET closed_at = NULL WHERE state = 'closed'";
    NO_MESSAGE: "conversation.message" = "UPDATE message SET conversation_id = (SELECT MAX(id) FROM conversation)
        WHERE conversation_id = (SELECT MIN(id) FROM conversation)";
    JOINED: "conversation.voice" = "UPDATE conversation SET joined_into_id = (SELECT MAX(id) FROM conversation)
        WHERE id = (SELECT MIN(conversation_id) FROM voice)";
    LAST: "conversation.last" = "UPDATE conversation SET last_at = last_at + 1 WHERE id = (SELECT MIN(id) FROM conversation)";
    WAITING: "conversation.waiting" = "UPDATE conversation SET waiting_since = waiting_since + 5000000
        WHERE waiting_since IS NOT NULL";
    OPENED: "conversation.event" = "DELETE FROM event WHERE kind = 'conversation.opened'";
    CHANGE: "conversation.change" = "DELETE FROM event WHERE kind = 'conversation.state'";
    REVISION: "conversation.revision" = "UPDATE conversation SET revision = 1 WHERE id = (SELECT MIN(id) FROM conversation)";
    VOICE: "voice.shape" = "UPDATE voice SET channel = 'pigeon' WHERE id = (SELECT MIN(id) FROM voice)";
    HEARD: "voice.event" = "DELETE FROM event WHERE kind = 'voice.heard'";
    IN_THREAD: "voice.message" = "UPDATE voice SET conversation_id = NULL WHERE id = (SELECT MIN(voice_id) FROM message)";
    MAILBOX: "voice.mailbox" = "UPDATE voice SET mailbox_id = (SELECT MAX(id) FROM mailbox)
        WHERE mailbox_id = (SELECT MIN(mailbox_id) FROM conversation)";
    MESSAGE: "message.shape" = "UPDATE message SET body = 'x' WHERE kind = 'incoming'";
    MESSAGE_VOICE: "message.voice" = "UPDATE voice SET conversation_id = (SELECT MAX(id) FROM conversation)
        WHERE id = (SELECT MIN(voice_id) FROM message)";
    WRITTEN: "message.event" = "DELETE FROM event WHERE kind = 'message.answered'";
    FILE: "attachment.owner" = "UPDATE attachment SET size = size + 1 WHERE id = (SELECT MIN(id) FROM attachment)";
    SUBJECT: "search.subject" = "UPDATE search_entry SET subject_id = 1 WHERE id = (SELECT MIN(id) FROM search_entry)";
    VOICE_SEARCH: "voice.search" = "DELETE FROM search_entry WHERE subject_kind = 'voice'";
    MESSAGE_SEARCH: "message.search" = "DELETE FROM search_entry WHERE subject_kind = 'message'";
    OUTBOX: "outbox.state" = "UPDATE outbox SET state = 'lost'";
    LETTER: "outbox.message" = "UPDATE outbox SET message_key = 'another'";
    TWICE: "outbox.once" = "INSERT INTO outbox (id, unique_key, channel, state, mailbox_id, conversation_id, message_id,
          recipient, digest, message_key, not_before, created_at)
        SELECT id + 1, 'again', channel, 'queued', mailbox_id, conversation_id, message_id, recipient, digest,
          message_key, not_before, created_at FROM outbox";
    SENT: "outbox.event" = "UPDATE outbox SET state = 'sent', ended_at = 1, attempts = 1";
    SENDING: "outbox.job" = "DELETE FROM job WHERE kind = 'outbox.send'";
    ACTOR: "event.actor" = "UPDATE event SET actor_kind = 'ghost' WHERE id = (SELECT MIN(id) FROM event)";
    EVENT_SUBJECT: "event.subject" = "UPDATE event SET subject_id = 1
        WHERE id = (SELECT MIN(id) FROM event WHERE subject_kind = 'voice')";
    KIND: "event.kind" = "UPDATE event SET kind = 'voice.sung' WHERE id = (SELECT MIN(id) FROM event)";
    ANSWERED: "answer.outbox" = "DELETE FROM outbox";
    ARRIVAL: "arrival.state" = "UPDATE arrival SET state = 'pending' WHERE id = (SELECT MIN(id) FROM arrival)";
    ASIDE: "arrival.set_aside" = "UPDATE arrival SET set_aside_at = 1 WHERE id = (SELECT MIN(id) FROM arrival)";
    DAY: "arrival.day" = "UPDATE arrival SET day = day + 1 WHERE id = (SELECT MIN(id) FROM arrival)";
    BYTES: "arrival.voice" = "UPDATE voice SET raw_digest = NULL WHERE source_id IS NOT NULL";
    OURS: "arrival.ours" = "INSERT INTO arrival (id, source_id, day, fetched_at, item, format, raw_digest, external_id,
          state, historical)
        SELECT id + 1, source_id, day, fetched_at, 'x', 'api', raw_digest, 'nobody@nowhere', 'stored', historical
        FROM arrival WHERE id = (SELECT MIN(id) FROM arrival)";
    LEDGER_DAY: "ledger.day" = "INSERT INTO ledger_day (source_id, day, fetched, stored, duplicate, quarantined)
        SELECT MIN(source_id), 1, 1, 1, 0, 0 FROM arrival";
    LEDGER_MISSING: "ledger.day" = "INSERT INTO ledger_closed (source_id, through) SELECT source_id, MAX(day) FROM arrival
        WHERE source_id = (SELECT MIN(source_id) FROM arrival) GROUP BY source_id
        ON CONFLICT (source_id) DO UPDATE SET through = excluded.through";
    CAME: "awaited.came" = "INSERT INTO awaited_mail (mailbox_id, message_key, conversation_id)
        SELECT mailbox_id, message_key, conversation_id FROM voice
        WHERE id = (SELECT MIN(id) FROM voice WHERE message_key IS NOT NULL AND conversation_id IS NOT NULL)";
    IMPORT: "import.state" = "INSERT INTO import_run (id, mailbox_id, source_name, kind, file_name, size, digest, state, created_at)
        SELECT 1, (SELECT MIN(id) FROM mailbox), 'x', 'csv', 'x', 1, digest, 'lost', 0 FROM blob ORDER BY digest LIMIT 1";
    BROUGHT: "import.arrivals" = "UPDATE arrival SET import_id = (SELECT MIN(id) FROM import_run)";
    NOT_IN_LEDGER: "voice.arrival" = "DELETE FROM arrival WHERE voice_id IS NOT NULL";
    MERGE: "merge.pair" = "UPDATE merge SET winner_id = loser_id";
    MERGED: "merge.event" = "DELETE FROM event WHERE kind = 'person.merged'";
    SHOWN_AS: "merge.roots" = "UPDATE person SET root_id = id WHERE root_id <> id";
    FACT: "fact.event" = "DELETE FROM event WHERE kind = 'fact.added'";
    CONSENT: "consent.purpose" = "UPDATE consent SET purpose = ''";
    REFERENCES: "blob.references" = "UPDATE blob SET refs = refs + 1 WHERE digest = (SELECT digest FROM blob ORDER BY digest LIMIT 1)";
    GONE: "blob.references" = "DELETE FROM blob WHERE digest = (SELECT digest FROM blob ORDER BY digest LIMIT 1)";
}
