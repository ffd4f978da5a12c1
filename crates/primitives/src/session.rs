//! Sessions: a sign-in of an account in one browser. The browser holds a secret, the store its digest.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Actor, Clock, Instant, SessionId};
use sha2::{Digest, Sha256};

/// How long a session lives without being used. Seconds.
pub const IDLE_SECONDS: i64 = 14 * 86_400;
/// A session's use is written down at most this often. Seconds.
const SEEN_EVERY_SECONDS: i64 = 300;

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
    /// The company's name.
    pub shop_name: String,
    /// Whether this is the demo company.
    pub shop_demo: bool,
}

/// A session as its owner sees it in the list.
#[derive(Debug, Clone)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// What the browser called itself.
    pub agent: Option<String>,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used, to some minutes.
    pub seen_at: Instant,
}

engine::statements! {
    /// A living session by the digest of its secret, with its actor and the shop: every page begins so.
    FIND = {
        sqlite: "SELECT s.id, s.csrf, s.seen_at, h.name, h.demo, a.id, a.name, a.role, a.locale, a.zone,
                   (SELECT group_concat(g.mailbox_id, ' ') FROM mailbox_grant g WHERE g.account_id = a.id),
                   (SELECT group_concat(m.team_id, ' ') FROM team_member m WHERE m.account_id = a.id)
                 FROM session s JOIN account a ON a.id = s.account_id JOIN shop h ON h.id = 1
                 WHERE s.digest = $1 AND s.expires_at > $2 AND a.ended_at IS NULL",
        postgres: "SELECT s.id, s.csrf, s.seen_at, h.name, h.demo, a.id, a.name, a.role, a.locale, a.zone,
                     (SELECT string_agg(CAST(g.mailbox_id AS TEXT), ' ') FROM mailbox_grant g WHERE g.account_id = a.id),
                     (SELECT string_agg(CAST(m.team_id AS TEXT), ' ') FROM team_member m WHERE m.account_id = a.id)
                   FROM session s JOIN account a ON a.id = s.account_id JOIN shop h ON h.id = 1
                   WHERE s.digest = $1 AND s.expires_at > $2 AND a.ended_at IS NULL"
    };
    /// Begins a session.
    BEGIN = "INSERT INTO session (id, digest, account_id, csrf, agent, created_at, seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    /// Prolongs a session.
    SEEN = "UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1";
    /// Ends a session of an account.
    END = "DELETE FROM session WHERE id = $1 AND account_id = $2";
    /// Ends every session of an account.
    END_ALL = "DELETE FROM session WHERE account_id = $1";
    /// Forgets what has expired.
    FORGET = "DELETE FROM session WHERE expires_at <= $1";
    /// The sessions of an account.
    OF_ACCOUNT = "SELECT id, agent, created_at, seen_at FROM session
                  WHERE account_id = $1 AND expires_at > $2 ORDER BY id DESC";
}

/// The digest under which a secret is stored. Secrets are 256 random bits, so a plain hash is enough.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Begins a session for a secret that the caller drew at random.
pub fn begin(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    secret: &str,
    csrf: &str,
    agent: Option<&str>,
) -> Result<SessionId, DbError> {
    let id: SessionId = tx.mint(clock);
    let now = clock.now();
    let agent = agent.map(|agent| agent.chars().take(200).collect::<String>());
    tx.execute(
        &BEGIN,
        params![id, digest(secret), account, csrf, agent, now, now.plus_seconds(IDLE_SECONDS)],
    )?;
    Ok(id)
}

/// The living session of a secret, its actor and the shop: one query.
pub fn find(tx: &mut Tx<'_>, clock: &dyn Clock, secret: &str) -> Result<Option<Session>, DbError> {
    tx.find(&FIND, params![digest(secret), clock.now()], |row| {
        let (id, csrf, seen_at, shop_name, shop_demo) =
            (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
        let actor = crate::account::read_actor(row)?;
        Ok(Session { id, actor, csrf, seen_at, shop_name, shop_demo })
    })
}

/// Whether a use should be written down again.
pub fn is_stale(clock: &dyn Clock, seen_at: Instant) -> bool {
    clock.now().seconds_since(seen_at) > SEEN_EVERY_SECONDS
}

/// Writes a session's use down, which prolongs it.
pub fn seen(tx: &mut Tx<'_>, clock: &dyn Clock, id: SessionId) -> Result<(), DbError> {
    let now = clock.now();
    tx.execute(&SEEN, params![id, now, now.plus_seconds(IDLE_SECONDS)])?;
    Ok(())
}

/// Ends one session of an account; nothing happens when it is another's.
pub fn end(tx: &mut Tx<'_>, account: AccountId, id: SessionId) -> Result<(), DbError> {
    tx.execute(&END, params![id, account])?;
    Ok(())
}

/// Ends every session of an account.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId) -> Result<(), DbError> {
    tx.execute(&END_ALL, params![account])?;
    Ok(())
}

/// Forgets what has expired.
pub fn forget_expired(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<(), DbError> {
    tx.execute(&FORGET, params![clock.now()])?;
    Ok(())
}

/// The living sessions of an account, newest first.
pub fn of_account(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
) -> Result<Vec<SessionInfo>, DbError> {
    tx.query(&OF_ACCOUNT, params![account, clock.now()], |row| {
        Ok(SessionInfo { id: row.take()?, agent: row.take()?, created_at: row.take()?, seen_at: row.take()? })
    })
}
