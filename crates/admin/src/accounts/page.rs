//! The pages of accounts.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use kernel::{AccountId, Fault, Locale, MailboxId, Permission, Role};
use primitives::account::Account;
use primitives::mailbox::Mailbox;
use primitives::provider::Link;
use primitives::second_factor::Factors;
use primitives::session::SessionInfo;
use primitives::token::Held;
use primitives::{account, mailbox, provider, second_factor, session, token};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::Sight;
use crate::form::{Field, Problems};
use crate::settings::Done;
use crate::texts::Texts;
use crate::{door, me, password, proof, role};

#[derive(Template)]
#[template(path = "accounts/templates/list.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    accounts: Vec<Account>,
    mailboxes: Vec<Mailbox>,
    grants: Vec<(MailboxId, AccountId)>,
}

impl ListPage {
    fn living(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.ended_at.is_none())
    }

    fn sees(&self, account: &Account, mailbox: &Mailbox) -> bool {
        self.grants.contains(&(mailbox.id, account.id))
    }

    /// The names of the mailboxes that an account sees.
    fn seen(&self, account: &Account) -> String {
        let names: Vec<&str> = self
            .mailboxes
            .iter()
            .filter(|mailbox| self.sees(account, mailbox))
            .map(|mailbox| mailbox.name.as_str())
            .collect();
        if names.is_empty() { self.t.accounts_sees_nothing().to_owned() } else { names.join(", ") }
    }

    fn role(&self, role: &Role) -> &'static str {
        role::name(&self.t, *role)
    }
}

#[derive(Template)]
#[template(path = "accounts/templates/new.html")]
struct NewPage {
    t: Texts,
    shell: Shell,
    name: Field,
    email: Field,
    title: Field,
    password: Field,
    roles: Vec<RoleChoice>,
    mailboxes: Vec<(Mailbox, bool)>,
    own: bool,
    language: Locale,
    mailbox_problem: String,
}

#[derive(Template)]
#[template(path = "accounts/templates/one.html")]
struct OnePage {
    t: Texts,
    shell: Shell,
    account: Account,
    name: Field,
    title: Field,
    roles: Vec<RoleChoice>,
    factors: Factors,
    sessions: Vec<SessionInfo>,
    links: Vec<Link>,
    tokens: Vec<Held>,
}

impl OnePage {
    /// What is needed to recognise a session and end it: not when and from where a colleague works.
    fn browser(&self, session: &SessionInfo) -> String {
        me::agent::describe(&self.t, session.agent.as_deref())
    }
}

#[derive(Template)]
#[template(path = "accounts/templates/password.html")]
struct PasswordPage {
    t: Texts,
    shell: Shell,
    name: String,
    email: String,
    password: String,
}

/// A role as a card of a chooser.
struct RoleChoice {
    code: &'static str,
    name: &'static str,
    help: &'static str,
    chosen: bool,
}

fn roles(t: &Texts, chosen: Role) -> Vec<RoleChoice> {
    let choice = |role: Role| RoleChoice {
        code: role.code(),
        name: role::name(t, role),
        help: role::help(t, role),
        chosen: role == chosen,
    };
    Role::ALL.into_iter().map(choice).collect()
}

/// `GET /settings/accounts`.
pub(crate) async fn list(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "changed" => Some(t.accounts_done_changed()),
            "created" => Some(t.accounts_done_created()),
            "ended" => Some(t.accounts_done_ended()),
            "granted" => Some(t.accounts_done_granted()),
            _ => None,
        };
        let shell = Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned));
        let (accounts, mailboxes, grants) = (account::list(tx)?, mailbox::list(tx)?, mailbox::grants(tx)?);
        Reply::page(&ListPage { t, shell, accounts, mailboxes, grants })
    })
    .await
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenNew {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    mailbox: Vec<String>,
    #[serde(default)]
    way: String,
    #[serde(default)]
    password: String,
}

fn new_page(
    tx: &mut engine::Tx<'_>,
    staff: &Staff,
    given: &GivenNew,
    problems: &Problems,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let mailboxes = mailbox::list(tx)?
        .into_iter()
        .map(|mailbox| {
            let chosen = given.mailbox.contains(&mailbox.id.to_string());
            (mailbox, chosen)
        })
        .collect();
    Reply::page(&NewPage {
        shell: Shell::new(tx, staff, Room::Settings)?,
        name: Field::text("name", t.accounts_name()).value(&*given.name).most(120).required().wrong(problems),
        email: Field::email("email", t.accounts_email())
            .value(&*given.email)
            .hint(t.accounts_email_hint())
            .most(254)
            .required()
            .wrong(problems),
        title: Field::text("title", t.accounts_title_field())
            .value(&*given.title)
            .hint(t.accounts_title_hint())
            .most(80)
            .wrong(problems),
        password: Field::password("password", t.accounts_password())
            .hint(t.password_hint(password::LEAST))
            .autocomplete("new-password")
            .wrong(problems),
        roles: roles(&t, Role::from_code(&given.role).unwrap_or(Role::Keeper)),
        mailboxes,
        own: given.way == "own",
        language: given.language.parse().unwrap_or(staff.locale()),
        mailbox_problem: problems.of("mailbox").to_owned(),
        t,
    })
}

/// `GET /settings/accounts/new`.
pub(crate) async fn new(State(app): State<App>, request: Request) -> Reply {
    app.page(request, |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/accounts/new") {
            return Ok(first);
        }
        new_page(tx, staff, &GivenNew::default(), &Problems::default())
    })
    .await
}

/// A password and its hash. What an administrator typed is used if it is strong enough, else it is refused
/// later, with the rest of the form; without one, a first password is drawn.
async fn prepared(
    app: &App,
    request: &Request,
    typed: Option<&str>,
) -> Result<Option<(String, String)>, Fault> {
    // Hashing is dear: not for whoever has no business here. The change itself authorises again.
    if !door::actor(app, request).await?.is_some_and(|actor| actor.may(Permission::ManageAccounts)) {
        return Ok(None);
    }
    let password = match typed {
        Some(typed) if password::check(typed, &[]).is_err() => return Ok(None),
        Some(typed) => typed.to_owned(),
        None => password::first()?,
    };
    let hash = password::hash_aside(password.clone()).await?;
    Ok(Some((password, hash)))
}

/// `POST /settings/accounts`: creates an account. A drawn password is shown once, on the answer.
pub(crate) async fn create(State(app): State<App>, request: Request, form: Form<GivenNew>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    let typed = (given.way == "own").then_some(given.password.as_str());
    let prepared = match prepared(&app, &request, typed).await {
        Ok(prepared) => prepared,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/accounts/new") {
            return Ok(first);
        }
        let t = Texts::new(staff.locale());
        let mut problems = Problems::default();
        let own = given.way == "own";
        if own && let Err(weakness) = password::check(&given.password, &[&given.name, &given.email]) {
            problems.add("password", weakness.sentence(&t));
        }
        if !primitives::identity::is_email(given.email.trim()) {
            problems.add("email", t.form_email_wrong());
        }
        let mut mailboxes = Vec::new();
        for mailbox in &given.mailbox {
            mailboxes.push(mailbox.parse::<MailboxId>().map_err(|_| Fault::NotFound)?);
        }
        if let Some((password, hash)) = prepared.as_ref().filter(|_| problems.none()) {
            let new = super::New {
                email: given.email.clone(),
                name: given.name.clone(),
                role: Role::from_code(&given.role).unwrap_or(Role::Keeper),
                title: given.title.clone(),
                locale: given.language.parse().unwrap_or(staff.locale()),
                zone: staff.actor.zone.clone(),
                password_hash: Some(hash.clone()),
                mailboxes,
            };
            let created = tx.savepoint(|tx| super::create(tx, &*clock, &staff.actor, &new));
            if problems.keep(staff.locale(), created)?.is_some() {
                if own {
                    return Ok(Reply::redirect("/settings/accounts?done=created"));
                }
                return shown_once(tx, staff, given.name.trim(), given.email.trim(), password);
            }
        }
        Ok(new_page(tx, staff, &given, &problems)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

fn shown_once(
    tx: &mut engine::Tx<'_>,
    staff: &Staff,
    name: &str,
    email: &str,
    password: &str,
) -> Result<Reply, Fault> {
    Reply::page(&PasswordPage {
        t: Texts::new(staff.locale()),
        shell: Shell::new(tx, staff, Room::Settings)?,
        name: name.to_owned(),
        email: email.to_owned(),
        password: password.to_owned(),
    })
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenChange {
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    title: String,
}

fn one_page(
    tx: &mut engine::Tx<'_>,
    app: &App,
    staff: &Staff,
    account: Account,
    given: Option<&GivenChange>,
    problems: &Problems,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let (name, title, chosen) = match given {
        Some(given) => (given.name.clone(), given.title.clone(), Role::from_code(&given.role)),
        None => (account.name.clone(), account.title.clone().unwrap_or_default(), None),
    };
    Reply::page(&OnePage {
        shell: Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned)),
        factors: second_factor::factors(tx, account.id)?,
        sessions: session::of_account(tx, app.clock(), account.id)?,
        links: provider::of_account(tx, account.id)?,
        tokens: token::of_account(tx, account.id)?,
        name: Field::text("name", t.accounts_name()).value(name).most(120).required().wrong(problems),
        title: Field::text("title", t.accounts_title_field())
            .value(title)
            .hint(t.accounts_title_hint())
            .most(80)
            .wrong(problems),
        roles: roles(&t, chosen.unwrap_or(account.role)),
        account,
        t,
    })
}

fn parsed(id: &str) -> Result<AccountId, Fault> {
    id.parse().map_err(|_| Fault::NotFound)
}

/// `GET /settings/accounts/{id}`.
pub(crate) async fn one(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let account = account::by_id(tx, parsed(&id)?)?.ok_or(Fault::NotFound)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/accounts/{}", account.id)) {
            return Ok(first);
        }
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "reset" => Some(t.accounts_done_reset()),
            "sessions" => Some(t.accounts_done_sessions()),
            "unlinked" => Some(t.accounts_done_unlinked()),
            _ => None,
        };
        one_page(tx, &for_page, staff, account, None, &Problems::default(), said)
    })
    .await
}

/// `POST /settings/accounts/{id}`: name, role, title.
pub(crate) async fn change(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<GivenChange>,
) -> Reply {
    let (for_page, given) = (app.clone(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let id = parsed(&id)?;
        let role = Role::from_code(&given.role).ok_or(Fault::NotFound)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/accounts/{id}")) {
            return Ok(first);
        }
        let changed = super::change(tx, for_page.clock(), &staff.actor, id, &given.name, role, &given.title);
        let mut problems = Problems::default();
        if problems.keep(staff.locale(), changed)?.is_some() {
            return Ok(Reply::redirect("/settings/accounts?done=changed"));
        }
        let account = account::by_id(tx, id)?.ok_or(Fault::NotFound)?;
        let page = one_page(tx, &for_page, staff, account, Some(&given), &problems, None)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
pub(crate) struct GivenTaken {
    /// Whether every other way in is taken away too.
    #[serde(default)]
    everything: String,
}

/// `POST /settings/accounts/{id}/password`: draws a new password and shows it once.
pub(crate) async fn new_password(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<GivenTaken>,
) -> Reply {
    let prepared = match prepared(&app, &request, None).await {
        Ok(prepared) => prepared,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (clock, everything) = (app.shared_clock(), form.fields.everything == "yes");
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let account = account::by_id(tx, parsed(&id)?)?.ok_or(Fault::NotFound)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/accounts/{id}")) {
            return Ok(first);
        }
        let (password, hash) = prepared.as_ref().ok_or(Fault::NotFound)?;
        if everything {
            super::take_ways_in(tx, &*clock, &staff.actor, account.id, hash)?;
        } else {
            super::set_password(tx, &*clock, &staff.actor, account.id, hash)?;
        }
        shown_once(tx, staff, &account.name, &account.email, password)
    })
    .await
}

/// `POST /settings/accounts/{id}/end`.
pub(crate) async fn end(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/accounts/{id}")) {
            return Ok(first);
        }
        super::end(tx, &*clock, &staff.actor, parsed(&id)?)?;
        Ok(Reply::redirect("/settings/accounts?done=ended"))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct GivenSight {
    /// What was ticked when the page was made: `acc_….mbx_…`.
    #[serde(default)]
    was: Vec<String>,
    /// What is ticked now.
    #[serde(default)]
    sees: Vec<String>,
}

/// `POST /settings/accounts/grants`: only what was changed on the page is changed, so that two who tend it
/// at once do not undo each other.
pub(crate) async fn grant(State(app): State<App>, request: Request, form: Form<GivenSight>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/accounts") {
            return Ok(first);
        }
        let changes = changes(&given.was, &given.sees)?;
        super::grant(tx, &*clock, &staff.actor, &changes)?;
        Ok(Reply::redirect("/settings/accounts?done=granted#sight"))
    })
    .await
}

fn changes(was: &[String], now: &[String]) -> Result<Vec<Sight>, Fault> {
    let pair = |text: &String, sees: bool| {
        let (account, mailbox) = text.split_once('.').ok_or(Fault::NotFound)?;
        Ok(Sight { account: parsed(account)?, mailbox: mailbox.parse().map_err(|_| Fault::NotFound)?, sees })
    };
    let given = now.iter().filter(|pair| !was.contains(pair)).map(|text| pair(text, true));
    let taken = was.iter().filter(|pair| !now.contains(pair)).map(|text| pair(text, false));
    given.chain(taken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_ticked_or_unticked_is_changed() {
        let pair = |account: i64, mailbox: i64| format!("{}.{}", AccountId(account), MailboxId(mailbox));
        let (was, now) = ([pair(1, 1), pair(1, 2)], [pair(1, 2), pair(2, 1)]);
        let changed = changes(&was, &now).unwrap();
        let sight =
            |account, mailbox, sees| Sight { account: AccountId(account), mailbox: MailboxId(mailbox), sees };
        assert_eq!(changed, [sight(2, 1, true), sight(1, 1, false)]);
        assert!(changes(&[], &["nonsense".to_owned()]).is_err());
    }
}
