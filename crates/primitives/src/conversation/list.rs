//! Lists of conversations: a few views, each a statement that pages by an index.

use engine::{DbError, Row, Statement, Tx, params};
use kernel::{AccountId, Actor, ConversationId, Cursor, Instant, MailboxId, Page, PersonId};
use serde::Serialize;

use super::State;
use crate::Channel;

/// Which conversations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The customer waits for us; who waits longest comes first.
    Waiting,
    /// In my hands and not closed.
    Mine,
    /// Not closed.
    Open,
    /// Out of sight for a while.
    Snoozed,
    /// Closed.
    Closed,
    /// Everything.
    All,
}

impl View {
    /// Every view, in the order in which a chooser lists them.
    pub const ALL: [View; 6] =
        [View::Waiting, View::Mine, View::Open, View::Snoozed, View::Closed, View::All];

    /// As named in addresses and in the API.
    pub fn code(self) -> &'static str {
        match self {
            View::Waiting => "waiting",
            View::Mine => "mine",
            View::Open => "open",
            View::Snoozed => "snoozed",
            View::Closed => "closed",
            View::All => "all",
        }
    }

    /// From its name.
    pub fn from_code(code: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.code() == code)
    }
}

/// A conversation as a row of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Its id.
    pub id: ConversationId,
    /// The mailbox's name.
    pub mailbox_name: String,
    /// With whom.
    pub person: Option<PersonId>,
    /// Their name.
    pub person_name: Option<String>,
    /// Where they belong.
    pub organisation_name: Option<String>,
    /// Since when they are known.
    pub person_known_since: Option<Instant>,
    /// What it is about.
    pub subject: String,
    /// The customer's last words, shortened.
    pub preview: String,
    /// Who has the word.
    pub state: State,
    /// How it began.
    pub channel: Channel,
    /// The employee who has it in hand.
    pub owner: Option<AccountId>,
    /// Their name.
    pub owner_name: Option<String>,
    /// When somebody last said something.
    pub last_at: Instant,
    /// Since when the customer waits for us.
    pub waiting_since: Option<Instant>,
    /// By when something is promised.
    pub due_at: Option<Instant>,
    /// Until when it is out of sight.
    pub snoozed_until: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
}

/// The columns of [`Summary`], in order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, b.name, p.root_id, r.name, o.name, r.known_since, c.subject, c.preview, c.state, c.channel, ",
            "c.owner_id, a.name, c.last_at, c.waiting_since, c.due_at, c.snoozed_until, c.revision ",
            "FROM conversation c JOIN mailbox b ON b.id = c.mailbox_id ",
            "LEFT JOIN person p ON p.id = c.person_id LEFT JOIN person r ON r.id = p.root_id ",
            "LEFT JOIN organisation o ON o.id = r.organisation_id ",
            "LEFT JOIN account a ON a.id = c.owner_id ",
            $rest
        )
    };
}

// A plus before a column keeps it from being looked up by its own index: SQLite would rather gather and sort
// whole mailboxes (half a second at 500,000 conversations) than read the view's index in order (under 1 ms).
engine::statements! {
    /// Who waits longest, first.
    WAITING = select("WHERE c.waiting_since IS NOT NULL AND (c.waiting_since > $1 OR (c.waiting_since = $1 AND c.id > $2))
                      AND +c.mailbox_id IN LIST($3) ORDER BY c.waiting_since, c.id LIMIT $4");
    /// In the given hands and not closed.
    MINE = select("WHERE c.owner_id = $5 AND c.state <> 'closed' AND (c.last_at < $1 OR (c.last_at = $1 AND c.id < $2))
                   AND +c.mailbox_id IN LIST($3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4");
    /// Not closed.
    OPEN = select("WHERE c.state <> 'closed' AND (c.last_at < $1 OR (c.last_at = $1 AND c.id < $2))
                   AND +c.mailbox_id IN LIST($3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4");
    /// In one state.
    IN_STATE = select("WHERE c.state = $5 AND (c.last_at < $1 OR (c.last_at = $1 AND c.id < $2))
                       AND +c.mailbox_id IN LIST($3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4");
    /// Everything that was not joined to another.
    EVERY = select("WHERE (c.last_at < $1 OR (c.last_at = $1 AND c.id < $2)) AND c.joined_into_id IS NULL
                    AND +c.mailbox_id IN LIST($3) ORDER BY c.last_at DESC, c.id DESC LIMIT $4");
    /// Who waits for one employee, or for nobody yet: the soonest promise first, then the longest wait.
    WAITING_FOR = select("WHERE c.waiting_since IS NOT NULL AND (+c.owner_id = $1 OR +c.owner_id IS NULL)
                          AND +c.mailbox_id IN LIST($2)
                          ORDER BY c.owner_id IS NULL, c.due_at NULLS LAST, c.waiting_since, c.id LIMIT $3");
    /// How many wait for one employee, and how many for nobody yet.
    WAITING_COUNT = "SELECT CAST(COUNT(CASE WHEN owner_id = $1 THEN 1 END) AS BIGINT),
                       CAST(COUNT(CASE WHEN owner_id IS NULL THEN 1 END) AS BIGINT)
                     FROM conversation WHERE waiting_since IS NOT NULL AND +mailbox_id IN LIST($2)
                     AND (+owner_id = $1 OR +owner_id IS NULL)";
    /// The conversations with one person.
    OF_PERSON = select("WHERE c.person_id IN (SELECT id FROM person WHERE root_id = $1) AND c.joined_into_id IS NULL
                        AND +c.mailbox_id IN LIST($2) ORDER BY c.last_at DESC, c.id DESC LIMIT $3");
}

fn read(row: &mut Row<'_>) -> Result<Summary, DbError> {
    Ok(Summary {
        id: row.take()?,
        mailbox_name: row.take()?,
        person: row.take()?,
        person_name: row.take()?,
        organisation_name: row.take()?,
        person_known_since: row.take()?,
        subject: row.take()?,
        preview: row.take()?,
        state: State::from_code(&row.take::<String>()?).unwrap_or(State::Open),
        channel: Channel::from_code(&row.take::<String>()?).unwrap_or(Channel::Other),
        owner: row.take()?,
        owner_name: row.take()?,
        last_at: row.take()?,
        waiting_since: row.take()?,
        due_at: row.take()?,
        snoozed_until: row.take()?,
        revision: row.take()?,
    })
}

/// A page of a view, within what the actor sees; in one mailbox, when that is given.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    view: View,
    mailbox: Option<MailboxId>,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Summary>, DbError> {
    let mailboxes = match mailbox {
        // A mailbox that the actor does not see is as empty as one that does not exist.
        Some(mailbox) if actor.sees(mailbox) => vec![mailbox.raw()],
        Some(_) => Vec::new(),
        None => actor.mailbox_keys(),
    };
    let newest = from.unwrap_or(Cursor::NEWEST);
    let by_last = |statement: &'static Statement, tx: &mut Tx<'_>| {
        tx.query(statement, params![newest.at, newest.id, mailboxes.clone(), limit + 1], read)
    };
    let rows = match view {
        View::Waiting => {
            let from = from.unwrap_or(Cursor::OLDEST);
            tx.query(&WAITING, params![from.at, from.id, mailboxes, limit + 1], read)?
        }
        View::Open => by_last(&OPEN, tx)?,
        View::All => by_last(&EVERY, tx)?,
        View::Mine => {
            tx.query(&MINE, params![newest.at, newest.id, mailboxes, limit + 1, actor.account], read)?
        }
        View::Snoozed | View::Closed => {
            let state = if view == View::Snoozed { State::Snoozed } else { State::Closed };
            tx.query(&IN_STATE, params![newest.at, newest.id, mailboxes, limit + 1, state.code()], read)?
        }
    };
    Ok(Page::from_rows(rows, limit, |row| Cursor {
        at: if view == View::Waiting { row.waiting_since.unwrap_or(row.last_at) } else { row.last_at },
        id: row.id.raw(),
    }))
}

/// Who waits for the actor, then who waits for nobody yet: the soonest promise first, then the longest wait.
pub fn waiting(tx: &mut Tx<'_>, actor: &Actor, limit: u32) -> Result<Vec<Summary>, DbError> {
    tx.query(&WAITING_FOR, params![actor.account, actor.mailbox_keys(), limit], read)
}

/// How many wait for the actor, and how many for nobody yet.
pub fn waiting_count(tx: &mut Tx<'_>, actor: &Actor) -> Result<(i64, i64), DbError> {
    tx.one(&WAITING_COUNT, params![actor.account, actor.mailbox_keys()], |row| Ok((row.take()?, row.take()?)))
}

/// The conversations with a person that the actor may see, newest first.
pub fn of_person(
    tx: &mut Tx<'_>,
    actor: &Actor,
    root: PersonId,
    limit: u32,
) -> Result<Vec<Summary>, DbError> {
    tx.query(&OF_PERSON, params![root, actor.mailbox_keys(), limit], read)
}
