//! What was to leave and has not: for those who keep the shop. Whoever may not see its mailbox learns that it is
//! there and since when, and neither to whom nor why.

pub(crate) mod page;

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, ConversationId, Cursor, Fault, Instant, MailboxId, OutboxId, Page, Permission};
use primitives::held;

engine::statements! {
    /// What has not left, by state, in the order in which it was to leave.
    NOT_LEFT = "SELECT o.id, o.channel, o.mailbox_id, o.conversation_id, o.not_before, o.attempts, o.reason, c.subject
                FROM outbox o LEFT JOIN conversation c ON c.id = o.conversation_id
                WHERE o.state = $1 AND (o.not_before > $2 OR (o.not_before = $2 AND o.id > $3))
                  AND (o.reason IS NULL OR o.reason NOT IN ($5, $6))
                ORDER BY o.not_before, o.id LIMIT $4";
    /// What does not leave because somebody decided so.
    WITHDRAWN = "SELECT o.id, o.channel, o.mailbox_id, o.conversation_id, o.not_before, o.attempts, o.reason, c.subject
                 FROM outbox o LEFT JOIN conversation c ON c.id = o.conversation_id
                 WHERE o.state = 'failed' AND (o.not_before > $1 OR (o.not_before = $1 AND o.id > $2))
                   AND o.reason IN ($4, $5)
                 ORDER BY o.not_before, o.id LIMIT $3";
}

/// Something that has not left.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) id: OutboxId,
    pub(crate) channel: String,
    pub(crate) since: Instant,
    pub(crate) attempts: i64,
    /// What only those may know who see its mailbox.
    pub(crate) seen: Option<Seen>,
}

/// What a visible item says.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) conversation: Option<(ConversationId, String)>,
    pub(crate) reason: Option<String>,
}

/// The states in which something has not left, those first that want somebody; what was withdrawn wants nobody.
pub(crate) const STATES: [&str; 5] = ["failed", "queued", "attempting", "held", "withdrawn"];

/// A page of what has not left in a state.
pub(crate) fn not_left(
    tx: &mut Tx<'_>,
    actor: &Actor,
    state: &str,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Waiting>, Fault> {
    actor.authorise(Permission::ManageJobs)?;
    let from = from.unwrap_or(Cursor::OLDEST);
    let (restored, other) = (held::WITHDRAWN_RESTORED, held::WITHDRAWN);
    let rows = if state == "withdrawn" {
        tx.query(&WITHDRAWN, params![from.at, from.id, limit + 1, restored, other], |row| read(row, actor))?
    } else {
        let asked = params![state, from.at, from.id, limit + 1, restored, other];
        tx.query(&NOT_LEFT, asked, |row| read(row, actor))?
    };
    Ok(Page::from_rows(rows, limit, |waiting| Cursor { at: waiting.since, id: waiting.id.raw() }))
}

fn read(row: &mut Row<'_>, actor: &Actor) -> Result<Waiting, DbError> {
    let (id, channel, mailbox): (OutboxId, String, MailboxId) = (row.take()?, row.take()?, row.take()?);
    let conversation: Option<ConversationId> = row.take()?;
    let (since, attempts) = (row.take()?, row.take()?);
    let (reason, subject): (Option<String>, Option<String>) = (row.take()?, row.take()?);
    let seen = actor.sees(mailbox).then(|| Seen { conversation: conversation.zip(subject), reason });
    Ok(Waiting { id, channel, since, attempts, seen })
}
