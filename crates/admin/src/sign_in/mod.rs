//! Sign-in: by address and password, by one click in the demo company; sign-out; the way in.

pub(crate) mod brake;
pub(crate) mod cookie;
pub(crate) mod page;

use engine::{Tx, params};
use kernel::{AccountId, Actor, ActorKind, Clock, Fault, Role};
use primitives::event::{self, EventKind, NewEvent};
use primitives::shop::{SetupStep, Shop};
use primitives::{account, session};
use web::Request;

use brake::{Attempt, Subjects};

engine::statements! {
    /// The accounts of a demo company that one enters with one click: those without a password.
    OPEN_ACCOUNTS = "SELECT id, name, role, title FROM account WHERE password_hash IS NULL AND ended_at IS NULL ORDER BY id";
}

/// What a browser gets at a sign-in, drawn afresh every time: an old secret never outlives it.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    /// The session's secret.
    pub(crate) session: String,
    /// The mark of the session's forms.
    csrf: String,
}

impl Secrets {
    /// Draws them at random.
    pub(crate) fn draw() -> Result<Secrets, Fault> {
        Ok(Secrets { session: engine::random_secret()?, csrf: engine::random_secret()? })
    }

    /// The mark of the session's forms.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// Whether somebody may try a password now.
pub(crate) enum Admission {
    /// They may: whom they claim to be, with the hash to compare.
    Open { attempt: Attempt, account: Option<AccountId>, hash: Option<String> },
    /// They must wait so many seconds.
    Wait(u32),
}

/// Asks whether a password may be tried for an address now, and counts the attempt.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    subjects: &Subjects,
    email: &str,
) -> Result<Admission, Fault> {
    let attempt = match brake::admit(tx, clock, subjects)? {
        Ok(attempt) => attempt,
        Err(seconds) => return Ok(Admission::Wait(seconds)),
    };
    let (account, hash) = account::credentials(tx, email)?.unzip();
    Ok(Admission::Open { attempt, account, hash: hash.flatten() })
}

/// The password was wrong, or nobody has this address: the log says that much and no more.
pub(crate) fn refuse(tx: &mut Tx<'_>, clock: &dyn Clock, account: Option<AccountId>) -> Result<(), Fault> {
    let subject = account.map_or(0, AccountId::raw);
    let event =
        NewEvent { by: Some(ActorKind::Human), ..NewEvent::new(EventKind::SignInFailed, "account", subject) };
    event::append(tx, clock, &Actor::machine(vec![]), event)?;
    Ok(())
}

/// The password was right: begins a session and clears the brake.
pub(crate) fn succeed(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    request: &Request,
    account: AccountId,
    attempt: &Attempt,
    secrets: &Secrets,
) -> Result<(), Fault> {
    brake::clear(tx, attempt)?;
    begin(tx, clock, request, account, secrets, "password")
}

/// Begins a session for an account and ends the one that the browser had, whoever's it was. `way` is how
/// the account was proved: `password`, `demo`, `set-up`.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    request: &Request,
    account: AccountId,
    secrets: &Secrets,
    way: &'static str,
) -> Result<(), Fault> {
    let actor = account::actor(tx, account)?.ok_or(Fault::NotFound)?;
    if let Some(old) = &request.secret
        && let Some(found) = session::find(tx, clock, old)?
        && let Some(owner) = found.actor.account
    {
        session::end(tx, owner, found.id)?;
    }
    session::forget_expired(tx, clock)?;
    session::begin(tx, clock, account, &secrets.session, &secrets.csrf, request.agent.as_deref())?;
    let detail = serde_json::json!({ "way": way });
    let event = NewEvent::new(EventKind::SignedIn, "account", account.raw()).detail(detail);
    event::append(tx, clock, &actor, event)?;
    Ok(())
}

/// Somebody whom one can be in the demo company with one click.
#[derive(Debug, Clone)]
pub(crate) struct Guise {
    /// The account.
    pub(crate) account: AccountId,
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) role: Role,
    /// What it does, in words.
    pub(crate) title: Option<String>,
}

/// The first open account of each role; nobody outside of the demo company.
pub(crate) fn guises(tx: &mut Tx<'_>, shop: &Shop) -> Result<Vec<Guise>, Fault> {
    let open = open_accounts(tx, shop)?;
    Ok(Role::ALL
        .into_iter()
        .filter_map(|role| open.iter().find(|guise| guise.role == role).cloned())
        .collect())
}

fn open_accounts(tx: &mut Tx<'_>, shop: &Shop) -> Result<Vec<Guise>, Fault> {
    if !shop.demo {
        return Ok(Vec::new());
    }
    Ok(tx.query(&OPEN_ACCOUNTS, params![], |row| {
        Ok(Guise {
            account: row.take()?,
            name: row.take()?,
            role: Role::from_code(&row.take::<String>()?).unwrap_or(Role::Function),
            title: row.take()?,
        })
    })?)
}

/// Enters the demo company as one of its open accounts. Elsewhere there is no such door.
pub(crate) fn enter_demo(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    request: &Request,
    account: AccountId,
    secrets: &Secrets,
) -> Result<(), Fault> {
    let shop = primitives::shop::find(tx)?.ok_or(Fault::NotFound)?;
    if !open_accounts(tx, &shop)?.iter().any(|guise| guise.account == account) {
        return Err(Fault::NotFound);
    }
    begin(tx, clock, request, account, secrets, "demo")
}

/// Where `/` leads.
pub(crate) fn way_in(tx: &mut Tx<'_>, clock: &dyn Clock, request: &Request) -> Result<&'static str, Fault> {
    if primitives::shop::find(tx)?.is_none_or(|shop| shop.step != SetupStep::Done) {
        return Ok("/set-up");
    }
    Ok(if is_signed_in(tx, clock, request)? { "/today" } else { "/sign-in" })
}

/// Whether the request belongs to a living session.
pub(crate) fn is_signed_in(tx: &mut Tx<'_>, clock: &dyn Clock, request: &Request) -> Result<bool, Fault> {
    match &request.secret {
        Some(secret) => Ok(session::find(tx, clock, secret)?.is_some()),
        None => Ok(false),
    }
}
