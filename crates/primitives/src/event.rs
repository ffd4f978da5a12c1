//! The event log: facts, appended, never changed. Audit, timelines and process figures are views of it.
//!
//! Events carry ids and codes, never personal text, so that erasing a person leaves the log whole.

use engine::{DbError, Row, Tx, params};
use kernel::{
    AccountId, Actor, ActorKind, Clock, Cursor, EventId, Instant, MailboxId, Page, PersonId, ProductId,
    SourceId,
};
use serde::Serialize;

/// What happened. The code is stored; a new kind is a new line here.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind { $($(#[$doc])* $name),* }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$name),*];

            /// As stored and as named in the API.
            pub fn code(self) -> &'static str {
                match self { $(EventKind::$name => $code),* }
            }
        }
    };
}

kinds! {
    /// A voice was stored.
    VoiceHeard = "voice.heard",
    /// A voice was put to another person.
    VoiceAttributed = "voice.attributed",
    /// A conversation began.
    ConversationOpened = "conversation.opened",
    /// A conversation changed its state.
    ConversationStateChanged = "conversation.state",
    /// A conversation got another owner.
    ConversationAssigned = "conversation.assigned",
    /// A conversation was joined to the one it continues, or kept apart.
    ConversationContinuation = "conversation.continuation",
    /// An answer was written.
    MessageAnswered = "message.answered",
    /// An internal note was written.
    MessageNoted = "message.noted",
    /// An answer left.
    OutboxSent = "outbox.sent",
    /// An answer could not leave.
    OutboxFailed = "outbox.failed",
    /// Somebody let go what was held.
    OutboxReleased = "outbox.released",
    /// Somebody decided that what was held does not leave.
    OutboxWithdrawn = "outbox.withdrawn",
    /// A person became known.
    PersonCreated = "person.created",
    /// A person's details changed.
    PersonChanged = "person.changed",
    /// A person got an address or handle.
    IdentityAdded = "identity.added",
    /// An address or handle was taken away.
    IdentityRemoved = "identity.removed",
    /// Consent was given.
    ConsentGiven = "consent.given",
    /// Consent was withdrawn.
    ConsentWithdrawn = "consent.withdrawn",
    /// A fact was written into a notebook.
    FactAdded = "fact.added",
    /// A fact was removed from a notebook.
    FactRemoved = "fact.removed",
    /// Two people were merged.
    PersonMerged = "person.merged",
    /// A merge was taken back.
    PersonUnmerged = "person.unmerged",
    /// Two people were said to be different.
    PersonsDiffer = "person.differ",
    /// An organisation became known.
    OrganisationCreated = "organisation.created",
    /// A source was created.
    SourceCreated = "source.created",
    /// An import ended.
    ImportEnded = "import.ended",
    /// Something in quarantine was tried again.
    ArrivalRetried = "arrival.retried",
    /// Something in quarantine was set aside.
    ArrivalSetAside = "arrival.set_aside",
    /// Something that was set aside is to be looked at again.
    ArrivalPutBack = "arrival.put_back",
    /// Everything in a part of the quarantine was tried again.
    QuarantineRetried = "quarantine.retried",
    /// Something is wrong with what a source brings.
    LedgerAlarmRaised = "ledger.alarm_raised",
    /// It is right again.
    LedgerAlarmEnded = "ledger.alarm_ended",
    /// Whether a source is watched for gaps changed.
    SourceWatched = "source.watched",
    /// The shop was set up.
    ShopSetUp = "shop.set_up",
    /// The shop's settings changed.
    ShopChanged = "shop.changed",
    /// An account was created.
    AccountCreated = "account.created",
    /// An account changed.
    AccountChanged = "account.changed",
    /// An account ended.
    AccountEnded = "account.ended",
    /// Somebody signed in.
    SignedIn = "session.started",
    /// Somebody signed out.
    SignedOut = "session.ended",
    /// A sign-in failed.
    SignInFailed = "session.refused",
    /// Sessions of an account were ended by its owner or by who keeps the accounts.
    SessionsClosed = "session.closed",
    /// A right password was followed by a wrong second factor.
    SecondFactorRefused = "second_factor.refused",
    /// An account got an authenticator app.
    SecondFactorOn = "second_factor.on",
    /// An account's authenticator app was turned off.
    SecondFactorOff = "second_factor.off",
    /// An account's second factor, which was lost, was taken away.
    SecondFactorReset = "second_factor.reset",
    /// An account got new recovery codes.
    RecoveryCodesRenewed = "recovery_codes.renewed",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_codes.used",
    /// An account got a passkey.
    PasskeyAdded = "passkey.added",
    /// A passkey was taken away.
    PasskeyRemoved = "passkey.removed",
    /// Somebody made a link by which an account chooses a password.
    PasswordLinkMade = "password_link.made",
    /// What the company asks of whoever comes in changed.
    DoorsChanged = "doors.changed",
    /// An identity provider was added.
    ProviderCreated = "provider.created",
    /// An identity provider changed.
    ProviderChanged = "provider.changed",
    /// An identity provider was taken away.
    ProviderEnded = "provider.ended",
    /// An account was linked to somebody of an identity provider.
    ProviderLinked = "provider.linked",
    /// An account is no longer linked to anybody of an identity provider.
    ProviderUnlinked = "provider.unlinked",
    /// A token was created.
    TokenCreated = "token.created",
    /// A token was revoked.
    TokenRevoked = "token.revoked",
    /// A mailbox was created.
    MailboxCreated = "mailbox.created",
    /// A mailbox got another name or address.
    MailboxChanged = "mailbox.changed",
    /// Who sees a mailbox changed.
    MailboxGranted = "mailbox.granted",
    /// A team was created.
    TeamCreated = "team.created",
    /// Who belongs to a team changed.
    TeamChanged = "team.changed",
    /// A failed job was put back into the queue.
    JobRetried = "job.retried",
}

impl EventKind {
    /// From its stored form.
    pub fn from_code(code: &str) -> Option<EventKind> {
        EventKind::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// A fact to append. Start from [`NewEvent::new`] and set what is known.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// What it happened to: a kind such as `conversation` and its raw id.
    pub subject: (&'static str, i64),
    /// When it happened; the clock's now when `None`.
    pub occurred_at: Option<Instant>,
    /// When it could have begun.
    pub enabled_at: Option<Instant>,
    /// When it began.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// The case it belongs to, raw: a conversation unless the process says otherwise.
    pub case: Option<i64>,
    /// Where it is visible; `None` is for whoever may read the audit.
    pub mailbox: Option<MailboxId>,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// The product it concerns.
    pub product: Option<ProductId>,
    /// The source it came from.
    pub source: Option<SourceId>,
    /// The step of the process.
    pub step: Option<&'static str>,
    /// Ids and codes that tell more, as JSON.
    pub detail: Option<serde_json::Value>,
    /// Who caused it, when that is not the actor: the customer, for a voice.
    pub by: Option<ActorKind>,
}

impl NewEvent {
    /// Something happened to a subject.
    pub fn new(kind: EventKind, subject_kind: &'static str, subject_id: i64) -> NewEvent {
        NewEvent {
            kind,
            subject: (subject_kind, subject_id),
            occurred_at: None,
            enabled_at: None,
            started_at: None,
            ended_at: None,
            case: None,
            mailbox: None,
            person: None,
            product: None,
            source: None,
            step: None,
            detail: None,
            by: None,
        }
    }

    /// With more ids and codes.
    pub fn detail(mut self, detail: serde_json::Value) -> NewEvent {
        self.detail = Some(detail);
        self
    }
}

/// A fact as it stands in the log.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// What happened, as a code.
    pub kind: String,
    /// When.
    pub occurred_at: Instant,
    /// When it was written down.
    pub recorded_at: Instant,
    /// Human, robot or customer.
    pub actor_kind: String,
    /// The employee, when one acted.
    pub actor: Option<AccountId>,
    /// The employee's name now.
    pub actor_name: Option<String>,
    /// Kind of what it happened to.
    pub subject_kind: String,
    /// Raw id of what it happened to.
    #[serde(skip)]
    pub subject_id: i64,
    /// Ids and codes that tell more.
    pub detail: Option<serde_json::Value>,
}

engine::statements! {
    /// Appends a fact.
    APPEND = "INSERT INTO event (id, kind, occurred_at, recorded_at, enabled_at, started_at, ended_at, actor_kind,
                actor_id, subject_kind, subject_id, case_id, mailbox_id, person_id, product_id, source_id, step, detail)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    /// What people and customers did, newest first: the audit.
    AUDIT = "SELECT e.id, e.kind, e.occurred_at, e.recorded_at, e.actor_kind, e.actor_id, a.name, e.subject_kind,
               e.subject_id, e.detail
             FROM event e LEFT JOIN account a ON a.id = e.actor_id
             WHERE (e.occurred_at < $1 OR (e.occurred_at = $1 AND e.id < $2))
               AND (e.mailbox_id IS NULL OR e.mailbox_id IN LIST($3))
               AND (e.kind NOT IN ('session.started', 'session.ended') OR e.actor_id = $5)
             ORDER BY e.occurred_at DESC, e.id DESC LIMIT $4";
    /// The audit of one kind of fact, newest first.
    AUDIT_OF_KIND = "SELECT e.id, e.kind, e.occurred_at, e.recorded_at, e.actor_kind, e.actor_id, a.name,
                       e.subject_kind, e.subject_id, e.detail
                     FROM event e LEFT JOIN account a ON a.id = e.actor_id
                     WHERE e.kind = $5 AND (e.occurred_at < $1 OR (e.occurred_at = $1 AND e.id < $2))
                       AND (e.mailbox_id IS NULL OR e.mailbox_id IN LIST($3))
                       AND (e.kind NOT IN ('session.started', 'session.ended') OR e.actor_id = $6)
                     ORDER BY e.occurred_at DESC, e.id DESC LIMIT $4";
    /// The facts about one case, oldest first.
    OF_CASE = "SELECT e.id, e.kind, e.occurred_at, e.recorded_at, e.actor_kind, e.actor_id, a.name, e.subject_kind,
                 e.subject_id, e.detail
               FROM event e LEFT JOIN account a ON a.id = e.actor_id
               WHERE e.case_id = $1 ORDER BY e.occurred_at, e.id LIMIT $2";
}

/// Appends a fact to the log.
pub fn append(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    event: NewEvent,
) -> Result<EventId, DbError> {
    let id: EventId = tx.mint(clock);
    let now = clock.now();
    let by = event.by.unwrap_or(actor.kind);
    // Only an employee's own act carries the employee: what a customer did is nobody's work.
    let account = if by == ActorKind::Human { actor.account } else { None };
    tx.execute(
        &APPEND,
        params![
            id,
            event.kind.code(),
            event.occurred_at.unwrap_or(now),
            now,
            event.enabled_at,
            event.started_at,
            event.ended_at,
            by.code(),
            account,
            event.subject.0,
            event.subject.1,
            event.case,
            event.mailbox,
            event.person,
            event.product,
            event.source,
            event.step,
            event.detail.map(|detail| detail.to_string()),
        ],
    )?;
    Ok(id)
}

fn read(row: &mut Row<'_>) -> Result<Event, DbError> {
    Ok(Event {
        id: row.take()?,
        kind: row.take()?,
        occurred_at: row.take()?,
        recorded_at: row.take()?,
        actor_kind: row.take()?,
        actor: row.take()?,
        actor_name: row.take()?,
        subject_kind: row.take()?,
        subject_id: row.take()?,
        detail: row.take::<Option<String>>()?.and_then(|detail| serde_json::from_str(&detail).ok()),
    })
}

/// The audit: what happened, newest first, in the mailboxes the actor sees and in the shop's own affairs. When
/// colleagues came and went is nobody's affair: of sign-ins and sign-outs one reads one's own. The caller authorises.
pub fn audit(
    tx: &mut Tx<'_>,
    actor: &Actor,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Event>, DbError> {
    let from = from.unwrap_or(Cursor::NEWEST);
    let rows =
        tx.query(&AUDIT, params![from.at, from.id, actor.mailbox_keys(), limit + 1, actor.account], read)?;
    Ok(Page::from_rows(rows, limit, |event| Cursor { at: event.occurred_at, id: event.id.raw() }))
}

/// [`audit`] of one kind of fact only. The caller authorises.
pub fn audit_of_kind(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: EventKind,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Event>, DbError> {
    let from = from.unwrap_or(Cursor::NEWEST);
    let params = params![from.at, from.id, actor.mailbox_keys(), limit + 1, kind.code(), actor.account];
    let rows = tx.query(&AUDIT_OF_KIND, params, read)?;
    Ok(Page::from_rows(rows, limit, |event| Cursor { at: event.occurred_at, id: event.id.raw() }))
}

/// The facts about one case, oldest first. The caller has checked that the case is visible.
pub fn of_case(tx: &mut Tx<'_>, case: i64, limit: u32) -> Result<Vec<Event>, DbError> {
    tx.query(&OF_CASE, params![case, limit], read)
}
