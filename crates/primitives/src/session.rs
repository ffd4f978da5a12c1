//! Sessions: a sign-in of an account in one browser. The browser holds a secret, the store its digest.
//!
//! A session ends when it was not used for the policy's idle time, at the latest when the policy's longest time is
//! over ([`crate::policy`]), when somebody ends it, and with its account.

use engine::{DbError, Row, Signal, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant, ProviderId, SessionId};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A session's use is written down at most this often. Seconds.
const SEEN_EVERY_SECONDS: i64 = 300;
/// The signal by which live streams of an account hear that its rights or sessions changed.
pub const ACCOUNT_SIGNAL: &str = "account";

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By password, with the second factor where there is one.
    Password,
    /// By passkey.
    Passkey,
    /// By an identity provider.
    Provider,
    /// By an identity provider that answers for the second factor too.
    VouchedProvider,
    /// By one click, in the demo company.
    Demo,
    /// As the first administrator, during set-up.
    SetUp,
}

impl Way {
    /// As stored and as written in the log.
    pub fn code(self) -> &'static str {
        match self {
            Way::Password => "password",
            Way::Passkey => "passkey",
            Way::Provider => "provider",
            Way::VouchedProvider => "vouched",
            Way::Demo => "demo",
            Way::SetUp => "set-up",
        }
    }

    /// From its stored form; what an older version wrote is a password.
    pub fn from_code(code: &str) -> Way {
        [Way::Passkey, Way::Provider, Way::VouchedProvider, Way::Demo, Way::SetUp]
            .into_iter()
            .find(|way| way.code() == code)
            .unwrap_or(Way::Password)
    }
}

/// A living session and who it belongs to.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The employee who acts through it.
    pub actor: Actor,
    /// The secret that every form of this session carries.
    pub csrf: String,
    /// When its use was last written down.
    pub seen_at: Instant,
    /// When the employee last proved who they are.
    pub proved_at: Instant,
    /// How they came in.
    pub way: Way,
    /// Whether the company asks for a second factor that the account does not have yet.
    pub must_enrol: bool,
    /// The company's name.
    pub shop_name: String,
    /// Whether this is the demo company.
    pub shop_demo: bool,
}

/// A session as its owner, or who keeps the accounts, sees it in the list.
#[derive(Debug, Clone, Serialize)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// What the browser called itself.
    pub agent: Option<String>,
    /// The address from which it was last used.
    pub address: Option<String>,
    /// How it began: `password`, `passkey`, `provider`, `vouched`, `demo` or `set-up`.
    pub way: String,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used, to some minutes.
    pub seen_at: Instant,
    /// When it ends if nobody uses it.
    pub expires_at: Instant,
}

/// What a session rests on, beside what every page asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footing {
    /// The provider by whose word it began.
    pub provider: Option<ProviderId>,
    /// When its owner last showed the second factor in it, on purpose; the epoch when never.
    pub factor_at: Instant,
}

/// A session to begin.
#[derive(Debug, Clone)]
pub struct NewSession<'n> {
    /// Whose.
    pub account: AccountId,
    /// The secret that the browser keeps: random.
    pub secret: &'n str,
    /// The mark of its forms: random.
    pub csrf: &'n str,
    /// How they came in.
    pub way: Way,
    /// What the browser calls itself.
    pub agent: Option<&'n str>,
    /// The address it comes from.
    pub address: Option<&'n str>,
}

engine::statements! {
    /// A living session by the digest of its secret, with its actor and the shop: every page begins so.
    FIND = {
        sqlite: "SELECT s.id, s.csrf, s.seen_at, s.proved_at, s.way,
                   h.second_factor_required AND s.way NOT IN ('demo', 'vouched')
                     AND NOT EXISTS (SELECT 1 FROM authenticator t WHERE t.account_id = a.id AND t.confirmed_at IS NOT NULL)
                     AND NOT EXISTS (SELECT 1 FROM passkey p WHERE p.account_id = a.id),
                   h.name, h.demo, a.id, a.name, a.role, a.locale, a.zone,
                   (SELECT group_concat(g.mailbox_id, ' ') FROM mailbox_grant g WHERE g.account_id = a.id),
                   (SELECT group_concat(m.team_id, ' ') FROM team_member m WHERE m.account_id = a.id)
                 FROM session s JOIN account a ON a.id = s.account_id JOIN shop h ON h.id = 1
                 WHERE s.digest = $1 AND s.expires_at > $2 AND a.ended_at IS NULL",
        postgres: "SELECT s.id, s.csrf, s.seen_at, s.proved_at, s.way,
                     h.second_factor_required AND s.way NOT IN ('demo', 'vouched')
                       AND NOT EXISTS (SELECT 1 FROM authenticator t WHERE t.account_id = a.id AND t.confirmed_at IS NOT NULL)
                       AND NOT EXISTS (SELECT 1 FROM passkey p WHERE p.account_id = a.id),
                     h.name, h.demo, a.id, a.name, a.role, a.locale, a.zone,
                     (SELECT string_agg(CAST(g.mailbox_id AS TEXT), ' ') FROM mailbox_grant g WHERE g.account_id = a.id),
                     (SELECT string_agg(CAST(m.team_id AS TEXT), ' ') FROM team_member m WHERE m.account_id = a.id)
                   FROM session s JOIN account a ON a.id = s.account_id JOIN shop h ON h.id = 1
                   WHERE s.digest = $1 AND s.expires_at > $2 AND a.ended_at IS NULL"
    };
    /// Begins a session; before set-up has named the shop, for as long as the column's default says.
    BEGIN = "INSERT INTO session (id, digest, account_id, csrf, agent, address, way, created_at, seen_at, proved_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8,
               $8 + COALESCE((SELECT CASE WHEN session_idle_seconds < session_most_seconds THEN session_idle_seconds
                                     ELSE session_most_seconds END FROM shop WHERE id = 1), 1209600) * 1000000)";
    /// Prolongs a session by the idle time, never beyond the longest.
    SEEN = "UPDATE session SET seen_at = $2, address = COALESCE($3, address), expires_at =
              (SELECT CASE WHEN $2 + h.session_idle_seconds * 1000000 < session.created_at + h.session_most_seconds * 1000000
                 THEN $2 + h.session_idle_seconds * 1000000 ELSE session.created_at + h.session_most_seconds * 1000000 END
               FROM shop h WHERE h.id = 1)
            WHERE id = $1";
    /// The employee proved again who they are: the session goes on under a new secret and mark.
    RENEW = "UPDATE session SET digest = $2, csrf = $3, proved_at = $4 WHERE id = $1";
    /// It began by a provider's word, at which its owner proved who they are at that instant.
    VOUCHED = "UPDATE session SET provider_id = $2, proved_at = $3 WHERE id = $1";
    /// Its owner showed the second factor.
    SHOWN = "UPDATE session SET factor_at = $2 WHERE id = $1";
    /// What a session rests on.
    FOOTING = "SELECT provider_id, factor_at FROM session WHERE id = $1";
    /// Who is in by a provider's word.
    IN_BY_PROVIDER = "SELECT DISTINCT account_id FROM session WHERE provider_id = $1";
    /// Ends the sessions that rest on a provider's word.
    END_OF_PROVIDER = "DELETE FROM session WHERE provider_id = $1";
    /// Ends those of one account.
    END_OF_LINK = "DELETE FROM session WHERE provider_id = $1 AND account_id = $2";
    /// Ends a session of an account.
    END = "DELETE FROM session WHERE id = $1 AND account_id = $2";
    /// Ends every session of an account but one.
    END_OTHERS = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    /// Forgets what has expired.
    FORGET = "DELETE FROM session WHERE expires_at <= $1";
    /// Brings what was begun under another policy within the present one.
    SHORTEN = "UPDATE session SET expires_at =
                 (SELECT CASE WHEN session.seen_at + h.session_idle_seconds * 1000000 < session.created_at + h.session_most_seconds * 1000000
                    THEN session.seen_at + h.session_idle_seconds * 1000000
                    ELSE session.created_at + h.session_most_seconds * 1000000 END FROM shop h WHERE h.id = 1)";
    /// The sessions of an account.
    OF_ACCOUNT = "SELECT id, agent, address, way, created_at, seen_at, expires_at FROM session
                  WHERE account_id = $1 AND expires_at > $2 ORDER BY id DESC";
}

/// The digest under which a secret is stored. Secrets are 256 random bits, so a plain hash is enough.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Begins a session.
pub fn begin(tx: &mut Tx<'_>, clock: &dyn Clock, new: &NewSession<'_>) -> Result<SessionId, DbError> {
    let id: SessionId = tx.mint(clock);
    let agent = new.agent.map(|agent| agent.chars().take(200).collect::<String>());
    let params = params![
        id,
        digest(new.secret),
        new.account,
        new.csrf,
        agent,
        new.address,
        new.way.code(),
        clock.now()
    ];
    tx.execute(&BEGIN, params)?;
    Ok(id)
}

/// The living session of a secret, its actor and the shop: one query.
pub fn find(tx: &mut Tx<'_>, clock: &dyn Clock, secret: &str) -> Result<Option<Session>, DbError> {
    tx.find(&FIND, params![digest(secret), clock.now()], |row| {
        let (id, csrf, seen_at, proved_at) = (row.take()?, row.take()?, row.take()?, row.take()?);
        let way = Way::from_code(&row.take::<String>()?);
        let (must_enrol, shop_name, shop_demo) = (row.take()?, row.take()?, row.take()?);
        let actor = crate::account::read_actor(row)?;
        Ok(Session { id, actor, csrf, seen_at, proved_at, way, must_enrol, shop_name, shop_demo })
    })
}

/// Whether a use should be written down again.
pub fn is_stale(clock: &dyn Clock, seen_at: Instant) -> bool {
    clock.now().seconds_since(seen_at) > SEEN_EVERY_SECONDS
}

/// Writes a session's use down, from an address where it is known, which prolongs it.
pub fn seen(tx: &mut Tx<'_>, clock: &dyn Clock, id: SessionId, address: Option<&str>) -> Result<(), DbError> {
    tx.execute(&SEEN, params![id, clock.now(), address])?;
    Ok(())
}

/// The employee proved again who they are: the session goes on under a new secret and a new mark of its forms,
/// so that what somebody may have learnt of it before is worth nothing for what it may do now.
pub fn renew(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    id: SessionId,
    secret: &str,
    csrf: &str,
) -> Result<(), DbError> {
    tx.execute(&RENEW, params![id, digest(secret), csrf, clock.now()])?;
    Ok(())
}

/// A session that just began did so by a provider's word, at which its owner proved at `proved_at` who they are: the
/// epoch where the provider does not tell.
pub fn vouched(
    tx: &mut Tx<'_>,
    id: SessionId,
    provider: ProviderId,
    proved_at: Instant,
) -> Result<(), DbError> {
    tx.execute(&VOUCHED, params![id, provider, proved_at])?;
    Ok(())
}

/// The owner showed the second factor in this session, on purpose.
pub fn factor_shown(tx: &mut Tx<'_>, clock: &dyn Clock, id: SessionId) -> Result<(), DbError> {
    tx.execute(&SHOWN, params![id, clock.now()])?;
    Ok(())
}

/// What a session rests on; `NotFound` when it has ended.
pub fn footing(tx: &mut Tx<'_>, id: SessionId) -> Result<Footing, Fault> {
    let found =
        tx.find(&FOOTING, params![id], |row| Ok(Footing { provider: row.take()?, factor_at: row.take()? }))?;
    found.ok_or(Fault::NotFound)
}

/// Ends every session that rests on a provider's word: it counts no more, or for less.
pub fn end_of_provider(tx: &mut Tx<'_>, provider: ProviderId) -> Result<(), DbError> {
    let accounts: Vec<AccountId> = tx.query(&IN_BY_PROVIDER, params![provider], |row| row.take())?;
    tx.execute(&END_OF_PROVIDER, params![provider])?;
    for account in accounts {
        tell(tx, account);
    }
    Ok(())
}

/// Ends the sessions of one account that rest on a provider's word.
pub fn end_of_link(tx: &mut Tx<'_>, provider: ProviderId, account: AccountId) -> Result<(), DbError> {
    tx.execute(&END_OF_LINK, params![provider, account])?;
    tell(tx, account);
    Ok(())
}

/// Tells the live streams of an account that its rights or sessions changed: they end, and those that may open
/// again with what it may see by then.
pub fn tell(tx: &mut Tx<'_>, account: AccountId) {
    tx.signal(Signal { kind: ACCOUNT_SIGNAL.into(), id: account.to_string(), revision: 0, mailbox: None });
}

/// Ends one session of an account; `NotFound` when it is another's or has ended.
pub fn end(tx: &mut Tx<'_>, account: AccountId, id: SessionId) -> Result<(), Fault> {
    if tx.execute(&END, params![id, account])? == 0 {
        return Err(Fault::NotFound);
    }
    tell(tx, account);
    Ok(())
}

/// Ends every session of an account, except the one that is spared; gives how many ended.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId, spared: Option<SessionId>) -> Result<u64, DbError> {
    let ended = tx.execute(&END_OTHERS, params![account, spared.map_or(0, SessionId::raw)])?;
    tell(tx, account);
    Ok(ended)
}

/// Forgets what has expired.
pub fn forget_expired(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<(), DbError> {
    tx.execute(&FORGET, params![clock.now()])?;
    Ok(())
}

/// Brings every session within the present policy.
pub(crate) fn shorten(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.execute(&SHORTEN, &[])?;
    Ok(())
}

fn read_info(row: &mut Row<'_>) -> Result<SessionInfo, DbError> {
    Ok(SessionInfo {
        id: row.take()?,
        agent: row.take()?,
        address: row.take()?,
        way: row.take()?,
        created_at: row.take()?,
        seen_at: row.take()?,
        expires_at: row.take()?,
    })
}

/// The living sessions of an account, newest first.
pub fn of_account(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
) -> Result<Vec<SessionInfo>, DbError> {
    tx.query(&OF_ACCOUNT, params![account, clock.now()], read_info)
}
