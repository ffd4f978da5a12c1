//! Sign-in: by address and password with a second factor where there is one, by passkey, by an identity provider, by
//! one click in the demo company; sign-out; the way in.

pub(crate) mod brake;
pub(crate) mod cookie;
pub(crate) mod page;
pub(crate) mod second;

use axum::http::header;
use engine::{Engine, Tx, params};
use kernel::{AccountId, Actor, ActorKind, Clock, Fault, Instant, ProviderId, Role};
use primitives::doorway::{self, Doorway};
use primitives::event::{self, EventKind, NewEvent};
use primitives::session::{NewSession, Way};
use primitives::shop::{SetupStep, Shop};
use primitives::{account, known_browser, policy, second_factor, session};
use serde::{Deserialize, Serialize};
use web::{Reply, Request};

use brake::{Attempt, Subjects};

engine::statements! {
    /// The accounts of a demo company that one enters with one click: those without a password.
    OPEN_ACCOUNTS = "SELECT id, name, role, title FROM account WHERE password_hash IS NULL AND ended_at IS NULL ORDER BY id";
}

/// How somebody came in, as their session remembers it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The way.
    way: Way,
    /// The provider by whose word, with the instant at which they proved there who they are; the epoch where it does
    /// not tell. `None` for who proved it here, just now.
    vouched: Option<(ProviderId, Instant)>,
}

impl Entry {
    /// By something that was proved here, just now.
    pub(crate) fn here(way: Way) -> Entry {
        Entry { way, vouched: None }
    }

    /// By a provider's word.
    pub(crate) fn by(way: Way, provider: ProviderId, proved_at: Instant) -> Entry {
        Entry { way, vouched: Some((provider, proved_at)) }
    }
}

/// How many characters of a browser's secret are random; the rest shows that it is ours.
const RANDOM: usize = 26;

/// Whether a browser's secret is one that we gave: only who came in has one.
fn is_ours(engine: &Engine, secret: &str) -> bool {
    let Some((random, shown)) = secret.split_at_checked(RANDOM) else { return false };
    engine.derive("browser", random) == shown
}

fn draw_browser(engine: &Engine) -> Result<String, Fault> {
    let random: String = engine::random_secret()?.chars().take(RANDOM).collect();
    let shown = engine.derive("browser", &random);
    Ok(random + &shown)
}

/// What a browser gets at a sign-in, drawn afresh every time: an old secret never outlives it.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    /// The session's secret.
    pub(crate) session: String,
    /// The mark of the session's forms.
    csrf: String,
    /// The secret by which the browser is known again.
    browser: String,
    /// The secret of a way that is half walked.
    doorway: String,
    /// The place it comes from.
    place: String,
}

impl Secrets {
    /// Draws them at random; a browser that has a secret of its own keeps it.
    pub(crate) fn draw(engine: &Engine, request: &Request) -> Result<Secrets, Fault> {
        let browser = match &request.browser {
            Some(known) if is_ours(engine, known) => known.clone(),
            _ => draw_browser(engine)?,
        };
        Ok(Secrets {
            session: engine::random_secret()?,
            csrf: engine::random_secret()?,
            browser,
            doorway: engine::random_secret()?,
            place: brake::place(engine, request),
        })
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
    /// Nobody signs in by password here.
    ByOtherWays,
}

/// Asks whether a password may be tried for an address now, and counts the attempt.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    engine: &Engine,
    request: &Request,
    email: &str,
) -> Result<Admission, Fault> {
    if !policy::find(tx)?.password_sign_in {
        return Ok(Admission::ByOtherWays);
    }
    let (account, hash) = account::credentials(tx, email)?.unzip();
    let place = brake::place(engine, request);
    // Asked for nobody's account too: who exists must not show in how long it takes.
    let of = account.unwrap_or(AccountId(0));
    let known = known_browser::known(tx, clock, of, request.browser.as_deref(), &place)?;
    match brake::admit(tx, clock, &Subjects::sign_in(engine, request, email, known))? {
        Ok(attempt) => Ok(Admission::Open { attempt, account, hash: hash.flatten() }),
        Err(seconds) => Ok(Admission::Wait(seconds)),
    }
}

/// The password was wrong, or nobody has this address: the log says that much and no more.
pub(crate) fn refuse(tx: &mut Tx<'_>, clock: &dyn Clock, account: Option<AccountId>) -> Result<(), Fault> {
    let subject = account.map_or(0, AccountId::raw);
    let event =
        NewEvent { by: Some(ActorKind::Human), ..NewEvent::new(EventKind::SignInFailed, "account", subject) };
    event::append(tx, clock, &Actor::machine(vec![]), event)?;
    Ok(())
}

/// A right first factor that awaits the second, as its doorway keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Half {
    /// Where one wants to go afterwards.
    pub(crate) then: String,
    /// How the first factor was proved.
    pub(crate) way: String,
    /// By whose word.
    pub(crate) provider: Option<ProviderId>,
}

/// How far somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// In.
    In,
    /// The second factor is awaited.
    Second,
}

/// The first factor was right: begins a session, or asks for the second factor where the account has one.
pub(crate) fn proceed(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    request: &Request,
    account: AccountId,
    secrets: &Secrets,
    entry: Entry,
    then: &str,
) -> Result<Step, Fault> {
    if !second_factor::factors(tx, account)?.any() {
        begin(tx, clock, request, account, secrets, entry)?;
        return Ok(Step::In);
    }
    let provider = entry.vouched.map(|(provider, _)| provider);
    let half = Half { then: then.to_owned(), way: entry.way.code().to_owned(), provider };
    doorway::open(tx, clock, Doorway::SecondFactor, &secrets.doorway, Some(account), &half)?;
    Ok(Step::Second)
}

/// The answer to somebody who came so far.
pub(crate) fn answer(request: &Request, step: Step, secrets: &Secrets, then: &str) -> Reply {
    match step {
        Step::In => entered(request, secrets, then),
        Step::Second => {
            let kept = Doorway::SecondFactor.seconds();
            Reply::redirect("/sign-in/second")
                .header(header::SET_COOKIE, &cookie::doorway(request, &secrets.doorway, kept))
        }
    }
}

/// Leads in, with the cookies of the session and of the browser.
pub(crate) fn entered(request: &Request, secrets: &Secrets, then: &str) -> Reply {
    let reply = Reply::redirect(page::onward(then))
        .header(header::SET_COOKIE, &cookie::session(request, &secrets.session))
        .header(header::SET_COOKIE, &cookie::browser(request, &secrets.browser));
    if request.doorway.is_some() {
        return reply.header(header::SET_COOKIE, &cookie::no_doorway(request));
    }
    reply
}

/// Begins a session for an account and ends the one that the browser had, whoever's it was. The browser and the
/// place are known from now on.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    request: &Request,
    account: AccountId,
    secrets: &Secrets,
    entry: Entry,
) -> Result<(), Fault> {
    let actor = account::actor(tx, account)?.ok_or(Fault::NotFound)?;
    if let Some(old) = &request.secret
        && let Some(found) = session::find(tx, clock, old)?
        && let Some(owner) = found.actor.account
    {
        session::end(tx, owner, found.id)?;
    }
    session::forget_expired(tx, clock)?;
    start(tx, clock, request, account, secrets, entry)?;
    let detail = serde_json::json!({ "way": entry.way.code() });
    let event = NewEvent::new(EventKind::SignedIn, "account", account.raw()).detail(detail);
    event::append(tx, clock, &actor, event)?;
    Ok(())
}

/// Begins a session, without a word in the log: a sign-in, or the one that goes on after a change of password.
pub(crate) fn start(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    request: &Request,
    account: AccountId,
    secrets: &Secrets,
    entry: Entry,
) -> Result<(), Fault> {
    let new = NewSession {
        account,
        secret: &secrets.session,
        csrf: &secrets.csrf,
        way: entry.way,
        agent: request.agent.as_deref(),
        address: Some(&request.address),
    };
    let id = session::begin(tx, clock, &new)?;
    if let Some((provider, proved_at)) = entry.vouched {
        session::vouched(tx, id, provider, proved_at)?;
    }
    if entry.way != Way::Demo {
        known_browser::remember(tx, clock, account, &secrets.browser, &secrets.place)?;
    }
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
    begin(tx, clock, request, account, secrets, Entry::here(Way::Demo))
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
