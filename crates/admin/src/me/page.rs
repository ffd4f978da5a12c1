//! One's own page.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use kernel::{Fault, Instant, Locale, SessionId};
use primitives::session::{self, SessionInfo};
use primitives::{account, mailbox, second_factor, shop};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::agent;
use crate::form::{Field, Problems, zones};
use crate::proof::page::{Proof, by_password};
use crate::settings::Done;
use crate::sign_in::brake::Attempt;
use crate::sign_in::{Secrets, cookie};
use crate::texts::Texts;
use crate::{door, password, role};

#[derive(Template)]
#[template(path = "me/templates/page.html")]
struct MePage {
    t: Texts,
    shell: Shell,
    role: &'static str,
    role_help: &'static str,
    mailboxes: String,
    language: Locale,
    zone: Field,
    zones: Vec<String>,
    email: String,
    passwords: Option<(Field, Field)>,
    sessions: Vec<SessionInfo>,
    here: SessionId,
    second_factor: bool,
    made_at: Option<Instant>,
}

impl MePage {
    fn browser(&self, session: &SessionInfo) -> String {
        agent::describe(&self.t, session.agent.as_deref())
    }

    fn place(&self, session: &SessionInfo) -> String {
        session.address.clone().unwrap_or_else(|| self.t.me_session_nowhere().to_owned())
    }
}

fn me_page(
    tx: &mut engine::Tx<'_>,
    app: &App,
    staff: &Staff,
    given_zone: Option<&str>,
    problems: &Problems,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let account = staff.actor.account.ok_or(Fault::NotFound)?;
    let credentials = super::credentials(tx, account)?;
    let names: Vec<String> =
        mailbox::visible(tx, &staff.actor)?.into_iter().map(|mailbox| mailbox.name).collect();
    let current = || {
        Field::password("current", t.me_current_password())
            .autocomplete("current-password")
            .required()
            .wrong(problems)
    };
    let new = || {
        Field::password("password", t.me_new_password())
            .hint(t.password_hint(password::LEAST))
            .autocomplete("new-password")
            .least(password::LEAST)
            .required()
            .wrong(problems)
    };
    let factors = second_factor::factors(tx, account)?;
    Reply::page(&MePage {
        shell: Shell::new(tx, staff, Room::Elsewhere)?.flash(said.map(str::to_owned)),
        role: staff.actor.role.map_or("", |it| role::name(&t, it)),
        role_help: staff.actor.role.map_or("", |it| role::help(&t, it)),
        mailboxes: if names.is_empty() { t.me_no_mailbox().to_owned() } else { names.join(", ") },
        language: staff.locale(),
        zone: Field::text("zone", t.set_up_zone())
            .value(given_zone.unwrap_or(&staff.actor.zone))
            .hint(t.me_zone_hint())
            .list("zones")
            .most(60)
            .required()
            .wrong(problems),
        zones: zones(),
        passwords: credentials.password_hash.is_some().then(|| (current(), new())),
        email: credentials.email,
        sessions: session::of_account(tx, app.clock(), account)?,
        here: staff.session,
        second_factor: factors.any(),
        made_at: factors.made_at,
        t,
    })
}

/// `GET /me`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "preferred" => Some(t.me_done_preferred()),
            "password" => Some(t.me_done_password()),
            "ended" => Some(t.me_done_ended()),
            "ended-others" => Some(t.me_done_ended_others()),
            _ => None,
        };
        me_page(tx, &for_page, staff, None, &Problems::default(), said)
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Preferences {
    #[serde(default)]
    language: String,
    #[serde(default)]
    zone: String,
}

/// `POST /me`: language and time zone.
pub(crate) async fn prefer(State(app): State<App>, request: Request, form: Form<Preferences>) -> Reply {
    let (for_page, given) = (app.clone(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let locale: Locale = given.language.parse().unwrap_or(staff.locale());
        let Ok(zone) = crate::form::zone(&given.zone) else {
            let mut problems = Problems::default();
            problems.add("zone", Texts::new(staff.locale()).set_up_zone_wrong());
            let page = me_page(tx, &for_page, staff, Some(&given.zone), &problems, None)?;
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY));
        };
        account::prefer(tx, for_page.clock(), &staff.actor, account, locale, &zone)?;
        let cookie = cookie::language(&staff.request, locale);
        Ok(Reply::redirect("/me?done=preferred").header(header::SET_COOKIE, &cookie))
    })
    .await
}

#[derive(Deserialize, Clone)]
pub(crate) struct Passwords {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
}

/// What became of a try to prove the old password and to make a new hash.
#[derive(Clone)]
enum Change {
    Given { attempt: Attempt, hash: String, secrets: Secrets },
    Wrong,
    Weak(String),
    Wait(u32),
}

/// `POST /me/password`.
pub(crate) async fn change_password(
    State(app): State<App>,
    request: Request,
    form: Form<Passwords>,
) -> Reply {
    let given = form.fields;
    let proof = match prove(&app, &request, &given).await {
        Ok(proof) => proof,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (clock, for_page) = (app.shared_clock(), app.clone());
    app.change(request, form.csrf, move |tx, staff| {
        let t = Texts::new(staff.locale());
        let mut problems = Problems::default();
        match &proof {
            None => return Err(Fault::NotFound),
            Some(Change::Wait(seconds)) => return Err(Fault::TooMany { retry_after_seconds: *seconds }),
            Some(Change::Wrong) => problems.add("current", t.me_wrong_password()),
            Some(Change::Weak(sentence)) => problems.add("password", sentence),
            Some(Change::Given { attempt, hash, secrets }) => {
                super::change_password(tx, &*clock, staff, hash, attempt, secrets)?;
                let cookie = cookie::session(&staff.request, &secrets.session);
                return Ok(Reply::redirect("/me?done=password").header(header::SET_COOKIE, &cookie));
            }
        }
        let page = me_page(tx, &for_page, staff, None, &problems, None)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

/// Compares the old password and hashes the new one, away from the writer; `None` for who is not signed in
/// or has no password.
async fn prove(app: &App, request: &Request, given: &Passwords) -> Result<Option<Change>, Fault> {
    let Some(actor) = door::actor(app, request).await? else { return Ok(None) };
    let Some(account) = actor.account else { return Ok(None) };
    let t = Texts::new(actor.locale);
    let known = app
        .engine()
        .read(move |tx| {
            let shop = shop::find(tx)?.map(|shop| shop.name).unwrap_or_default();
            Ok((super::credentials(tx, account)?.email, shop))
        })
        .await?;
    if let Err(weakness) = password::check(&given.password, &[&actor.name, &known.0, &known.1]) {
        return Ok(Some(Change::Weak(weakness.sentence(&t))));
    }
    match by_password(app, request, &given.current).await? {
        None => Ok(None),
        Some(Proof::Wait(seconds)) => Ok(Some(Change::Wait(seconds))),
        Some(Proof::Wrong) => Ok(Some(Change::Wrong)),
        Some(Proof::Given(attempt)) => {
            let hash = password::hash_aside(given.password.clone()).await?;
            let secrets = Secrets::draw(app.engine(), request)?;
            Ok(Some(Change::Given { attempt, hash, secrets }))
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Theme {
    #[serde(default)]
    theme: String,
}

/// `POST /me/theme`: the way to choose a theme without the script.
pub(crate) async fn theme(State(app): State<App>, request: Request, form: Form<Theme>) -> Reply {
    let theme = match form.fields.theme.as_str() {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    };
    let cookie = cookie::theme(&request, theme);
    app.change(request, form.csrf, move |_, _| Ok(Reply::redirect("/me").header(header::SET_COOKIE, &cookie)))
        .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /me/sessions/{id}/end`: another of one's own sessions.
pub(crate) async fn end_session(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let id: SessionId = id.parse().map_err(|_| Fault::NotFound)?;
        super::end_session(tx, &*clock, &staff.actor, account, id)?;
        Ok(Reply::redirect("/me?done=ended#sessions"))
    })
    .await
}

/// `POST /me/sessions/end-others`: every one but this.
pub(crate) async fn end_others(State(app): State<App>, request: Request, form: Form<Nothing>) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        super::end_sessions(tx, &*clock, &staff.actor, account, Some(staff.session))?;
        Ok(Reply::redirect("/me?done=ended-others#sessions"))
    })
    .await
}
