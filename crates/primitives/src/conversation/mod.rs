//! Conversations: exchanges with a person, and the states they go through.
//!
//! Every change here writes its event, moves the columns that lists sort and filter by, raises the
//! revision and signals the live pages, in the caller's transaction.

mod list;
mod sql;

use engine::{DbError, Row, Signal, Statement, Tx, params};
use kernel::{
    AccountId, Actor, Clash, Clock, ConversationId, Fault, Instant, MailboxId, PersonId, ProductId, Reason,
    TeamId,
};
use serde::{Deserialize, Serialize};

use crate::Channel;
use crate::event::{self, EventKind, NewEvent};

pub use list::{Summary, View, list, of_person, waiting, waiting_count};

/// Longest preview, in characters.
const PREVIEW: usize = 240;

/// Who has the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody waits for anybody.
    Open,
    /// The customer waits for us.
    WaitingForUs,
    /// We wait for the customer.
    WaitingForCustomer,
    /// Out of sight until an instant.
    Snoozed,
    /// Ended.
    Closed,
}

impl State {
    /// Every state, in the order in which a chooser lists them.
    pub const ALL: [State; 5] =
        [State::WaitingForUs, State::WaitingForCustomer, State::Open, State::Snoozed, State::Closed];

    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            State::Open => "open",
            State::WaitingForUs => "waiting_for_us",
            State::WaitingForCustomer => "waiting_for_customer",
            State::Snoozed => "snoozed",
            State::Closed => "closed",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A conversation as shown.
#[derive(Debug, Clone, Serialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Where it is visible.
    pub mailbox: MailboxId,
    /// The mailbox's name.
    pub mailbox_name: String,
    /// With whom: the person as whom they are shown.
    pub person: Option<PersonId>,
    /// Their name.
    pub person_name: Option<String>,
    /// What it is about, in words.
    pub subject: String,
    /// Who has the word.
    pub state: State,
    /// How it began.
    pub channel: Channel,
    /// The customer's language in it.
    pub language: Option<String>,
    /// The employee who has it in hand.
    pub owner: Option<AccountId>,
    /// Their name.
    pub owner_name: Option<String>,
    /// The team that has it in hand.
    pub team: Option<TeamId>,
    /// The product it is about.
    pub product: Option<ProductId>,
    /// The secret in the address that answers come back to.
    #[serde(skip)]
    pub reply_token: String,
    /// The customer's last words, shortened.
    pub preview: String,
    /// The conversation that it seems to continue, about which a human has yet to decide.
    pub continues: Option<ConversationId>,
    /// The conversation that it was joined to.
    pub joined_into: Option<ConversationId>,
    /// When it began.
    pub opened_at: Instant,
    /// When somebody last said something.
    pub last_at: Instant,
    /// Since when the customer waits for us.
    pub waiting_since: Option<Instant>,
    /// By when something is promised.
    pub due_at: Option<Instant>,
    /// Until when it is out of sight.
    pub snoozed_until: Option<Instant>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
}

/// A conversation to open.
#[derive(Debug, Clone)]
pub struct NewConversation {
    /// Where it is visible.
    pub mailbox: MailboxId,
    /// With whom.
    pub person: Option<PersonId>,
    /// What it is about; empty when nobody said.
    pub subject: String,
    /// How it begins.
    pub channel: Channel,
    /// The customer's language.
    pub language: Option<String>,
    /// The employee who has it in hand.
    pub owner: Option<AccountId>,
    /// The team that has it in hand.
    pub team: Option<TeamId>,
    /// The product it is about.
    pub product: Option<ProductId>,
    /// Whether it comes from an import of the past: it is closed, and nobody waits.
    pub historical: bool,
    /// The conversation that it seems to continue, for a human to decide.
    pub continues: Option<ConversationId>,
    /// Its id in another system.
    pub external_id: Option<String>,
    /// When it began.
    pub opened_at: Instant,
}

/// The statements of this module.
pub fn all() -> Vec<&'static Statement> {
    [sql::ALL, list::ALL].concat()
}

pub(crate) fn read(row: &mut Row<'_>) -> Result<Conversation, DbError> {
    Ok(Conversation {
        id: row.take()?,
        mailbox: row.take()?,
        mailbox_name: row.take()?,
        person: row.take()?,
        person_name: row.take()?,
        subject: row.take()?,
        state: State::from_code(&row.take::<String>()?).unwrap_or(State::Open),
        channel: Channel::from_code(&row.take::<String>()?).unwrap_or(Channel::Other),
        language: row.take()?,
        owner: row.take()?,
        owner_name: row.take()?,
        team: row.take()?,
        product: row.take()?,
        reply_token: row.take()?,
        preview: row.take()?,
        continues: row.take()?,
        joined_into: row.take()?,
        opened_at: row.take()?,
        last_at: row.take()?,
        waiting_since: row.take()?,
        due_at: row.take()?,
        snoozed_until: row.take()?,
        closed_at: row.take()?,
        revision: row.take()?,
    })
}

/// A conversation, if the actor may see it.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: ConversationId) -> Result<Option<Conversation>, DbError> {
    tx.find(&sql::VISIBLE, params![id, actor.mailbox_keys()], read)
}

/// A visible conversation, or "not found".
pub fn required(tx: &mut Tx<'_>, actor: &Actor, id: ConversationId) -> Result<Conversation, Fault> {
    visible(tx, actor, id)?.ok_or(Fault::NotFound)
}

/// The conversation to which a reply token belongs, with its mailbox and person, visible or not.
pub fn by_reply_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<crate::voice::Seen>, DbError> {
    tx.find(&sql::BY_TOKEN, params![token], |row| {
        let (conversation, mailbox, person) = (row.take()?, row.take()?, row.take()?);
        Ok(crate::voice::Seen { mailbox, conversation: Some(conversation), person })
    })
}

/// Opens a conversation. The caller authorises.
pub fn open(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    new: &NewConversation,
) -> Result<ConversationId, Fault> {
    let id: ConversationId = tx.mint(clock);
    let state = if new.historical { State::Closed } else { State::Open };
    let token = tx.derive("reply", id.raw());
    tx.execute(
        &sql::CREATE,
        params![
            id,
            new.mailbox,
            new.person,
            &new.subject,
            state.code(),
            new.channel.code(),
            new.language.as_deref(),
            new.owner,
            new.team,
            new.product,
            token,
            new.historical,
            new.continues,
            new.external_id.as_deref(),
            new.opened_at,
            new.historical.then_some(new.opened_at)
        ],
    )?;
    let event = NewEvent {
        occurred_at: Some(new.opened_at),
        started_at: Some(new.opened_at),
        case: Some(id.raw()),
        mailbox: Some(new.mailbox),
        person: new.person,
        product: new.product,
        by: Some(kernel::ActorKind::Customer),
        ..NewEvent::new(EventKind::ConversationOpened, "conversation", id.raw())
    };
    event::append(tx, clock, actor, event)?;
    signal(tx, id, new.mailbox, 1);
    Ok(id)
}

/// Something was said: how it moves the conversation.
pub(crate) struct Said<'a> {
    /// When.
    pub at: Instant,
    /// The customer's words, when the customer spoke.
    pub preview: Option<&'a str>,
    /// The state that follows; `None` leaves it.
    pub state: Option<State>,
}

/// Moves a conversation after something was said in it.
pub(crate) fn said(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    said: &Said<'_>,
) -> Result<(), Fault> {
    let before = tx.find(&sql::MOVING, params![id], read_moving)?.ok_or(Fault::NotFound)?;
    // A late arrival of something said before what is known already must not turn the state back.
    let state = said.state.filter(|_| said.at >= before.last_at).unwrap_or(before.state);
    let waiting_since = match state {
        State::WaitingForUs => Some(before.waiting_since.unwrap_or(said.at)),
        _ => None,
    };
    let preview = said.preview.filter(|_| said.at >= before.last_at).map(preview_of);
    tx.execute(
        &sql::SAID,
        params![
            id,
            said.at,
            state.code(),
            waiting_since,
            preview,
            (state == State::Closed).then_some(said.at)
        ],
    )?;
    if state != before.state {
        state_event(tx, clock, actor, id, before.mailbox, before.state, state, Some(said.at))?;
    }
    signal(tx, id, before.mailbox, before.revision + 1);
    Ok(())
}

/// What lists show of a text: one line of at most `PREVIEW` characters.
pub fn preview_of(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(PREVIEW) {
        None => line,
        Some((end, _)) => {
            let cut = line[..end].rfind(' ').unwrap_or(end);
            format!("{}…", &line[..cut])
        }
    }
}

struct Moving {
    mailbox: MailboxId,
    state: State,
    last_at: Instant,
    waiting_since: Option<Instant>,
    revision: i64,
}

fn read_moving(row: &mut Row<'_>) -> Result<Moving, DbError> {
    Ok(Moving {
        mailbox: row.take()?,
        state: State::from_code(&row.take::<String>()?).unwrap_or(State::Open),
        last_at: row.take()?,
        waiting_since: row.take()?,
        revision: row.take()?,
    })
}

#[expect(clippy::too_many_arguments, reason = "one fact of the log, told once")]
fn state_event(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    mailbox: MailboxId,
    from: State,
    to: State,
    at: Option<Instant>,
) -> Result<(), Fault> {
    let event = NewEvent {
        occurred_at: at,
        case: Some(id.raw()),
        mailbox: Some(mailbox),
        ..NewEvent::new(EventKind::ConversationStateChanged, "conversation", id.raw())
            .detail(serde_json::json!({ "from": from.code(), "to": to.code() }))
    };
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Sets the state by hand. Snoozing needs an instant in the future. The caller authorises; `revision`,
/// when given, must be the one that was read.
pub fn set_state(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    state: State,
    snoozed_until: Option<Instant>,
    revision: Option<i64>,
) -> Result<(), Fault> {
    let before = required(tx, actor, id)?;
    if revision.is_some_and(|revision| revision != before.revision) {
        return Err(Fault::Conflict(Clash::Changed));
    }
    if before.joined_into.is_some() {
        return Err(Fault::Conflict(Clash::State));
    }
    let now = clock.now();
    let snoozed_until = match state {
        State::Snoozed => match snoozed_until {
            Some(until) if until > now => Some(until),
            Some(_) => return Err(Fault::invalid("snoozed_until", Reason::NotA("an instant in the future"))),
            None => return Err(Fault::invalid("snoozed_until", Reason::Missing)),
        },
        _ => None,
    };
    let waiting_since = match (state, before.waiting_since) {
        (State::WaitingForUs, None) => Some(unanswered_since(tx, id)?.unwrap_or(now)),
        (State::WaitingForUs, since) => since,
        _ => None,
    };
    let closed_at = (state == State::Closed).then_some(now);
    tx.execute(&sql::SET_STATE, params![id, state.code(), waiting_since, snoozed_until, closed_at])?;
    if state != before.state {
        state_event(tx, clock, actor, id, before.mailbox, before.state, state, None)?;
    }
    signal(tx, id, before.mailbox, before.revision + 1);
    Ok(())
}

/// Since when the customer has had no answer: a wait that was closed or put off by hand is as long as it was.
fn unanswered_since(tx: &mut Tx<'_>, id: ConversationId) -> Result<Option<Instant>, DbError> {
    tx.one(&sql::UNANSWERED_SINCE, params![id], |row| row.take())
}

/// Wakes the conversations whose snooze has ended; gives how many.
pub fn wake(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor) -> Result<usize, Fault> {
    let due = tx.query(&sql::SNOOZE_ENDED, params![clock.now()], |row| {
        Ok((row.take::<ConversationId>()?, row.take::<MailboxId>()?, row.take::<i64>()?))
    })?;
    for (id, mailbox, revision) in &due {
        let since = unanswered_since(tx, *id)?.unwrap_or_else(|| clock.now());
        tx.execute(
            &sql::SET_STATE,
            params![*id, State::WaitingForUs.code(), since, Option::<i64>::None, Option::<i64>::None],
        )?;
        state_event(tx, clock, actor, *id, *mailbox, State::Snoozed, State::WaitingForUs, None)?;
        signal(tx, *id, *mailbox, revision + 1);
    }
    Ok(due.len())
}

/// Puts a conversation into somebody's hands, or nobody's. The new owner must see its mailbox. The
/// caller authorises.
pub fn assign(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    owner: Option<AccountId>,
    team: Option<TeamId>,
) -> Result<(), Fault> {
    let before = required(tx, actor, id)?;
    if let Some(owner) = owner {
        let sees = crate::account::actor(tx, owner)?.is_some_and(|owner| owner.sees(before.mailbox));
        if !sees {
            return Err(Fault::invalid("owner", Reason::Unknown));
        }
    }
    tx.execute(&sql::ASSIGN, params![id, owner, team])?;
    let event = NewEvent {
        case: Some(id.raw()),
        mailbox: Some(before.mailbox),
        ..NewEvent::new(EventKind::ConversationAssigned, "conversation", id.raw())
            .detail(serde_json::json!({ "owner": owner, "team": team }))
    };
    event::append(tx, clock, actor, event)?;
    signal(tx, id, before.mailbox, before.revision + 1);
    Ok(())
}

/// A human decides whether a conversation continues the one that it seems to: joined, its messages move
/// there and it is closed; apart, the question is not asked again. The caller authorises.
pub fn decide_continuation(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    join: bool,
) -> Result<ConversationId, Fault> {
    let conversation = required(tx, actor, id)?;
    let target = conversation.continues.ok_or(Fault::Conflict(Clash::State))?;
    let now_shown = if join {
        let target = required(tx, actor, target)?;
        tx.execute(&sql::MOVE_MESSAGES, params![id, target.id])?;
        tx.execute(&sql::MOVE_VOICES, params![id, target.id])?;
        tx.execute(&sql::JOINED, params![id, target.id, clock.now()])?;
        let moved = Said {
            at: conversation.last_at.max(target.last_at),
            preview: Some(&conversation.preview),
            state: Some(conversation.state),
        };
        said(tx, clock, actor, target.id, &moved)?;
        target.id
    } else {
        tx.execute(&sql::APART, params![id])?;
        id
    };
    let event = NewEvent {
        case: Some(id.raw()),
        mailbox: Some(conversation.mailbox),
        ..NewEvent::new(EventKind::ConversationContinuation, "conversation", id.raw())
            .detail(serde_json::json!({ "of": target, "joined": join }))
    };
    event::append(tx, clock, actor, event)?;
    signal(tx, id, conversation.mailbox, conversation.revision + 1);
    Ok(now_shown)
}

fn signal(tx: &mut Tx<'_>, id: ConversationId, mailbox: MailboxId, revision: i64) {
    tx.signal(Signal {
        kind: "conversation".into(),
        id: id.to_string(),
        revision,
        mailbox: Some(mailbox.raw()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_cut_between_words() {
        assert_eq!(preview_of("Buongiorno,\n\n la macchina  perde"), "Buongiorno, la macchina perde");
        let long = "perché ".repeat(100);
        let short = preview_of(&long);
        assert!(short.chars().count() <= PREVIEW + 1 && short.ends_with("perché…"), "{short}");
    }
}
