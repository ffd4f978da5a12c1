//! One's own page.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use kernel::{Fault, Locale, SessionId};
use primitives::session::{self, SessionInfo};
use primitives::{account, mailbox};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::agent;
use crate::form::{Field, Problems, zones};
use crate::settings::Done;
use crate::sign_in::brake::{self, Attempt, Subjects};
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
}

impl MePage {
    fn browser(&self, session: &SessionInfo) -> String {
        agent::describe(&self.t, session.agent.as_deref())
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
        let cookie = cookie::language(&for_page, locale);
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
enum Proof {
    Given { attempt: Attempt, hash: String, secrets: Secrets },
    Wrong,
    Weak,
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
            Some(Proof::Wait(seconds)) => return Err(Fault::TooMany { retry_after_seconds: *seconds }),
            Some(Proof::Wrong) => problems.add("current", t.me_wrong_password()),
            Some(Proof::Weak) => {
                let known = password::check(&given.password, &[&staff.actor.name]);
                problems.add("password", known.err().map(|it| it.sentence(&t)).unwrap_or_default());
            }
            Some(Proof::Given { attempt, hash, secrets }) => {
                let agent = staff.request.agent.as_deref();
                super::change_password(tx, &*clock, &staff.actor, hash, attempt, secrets, agent)?;
                let cookie = cookie::session(&for_page, &secrets.session);
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
async fn prove(app: &App, request: &Request, given: &Passwords) -> Result<Option<Proof>, Fault> {
    let (Some(actor), false) = (door::actor(app, request).await?, request.is_cross_site()) else {
        return Ok(None);
    };
    let Some(account) = actor.account else { return Ok(None) };
    if password::check(&given.password, &[&actor.name]).is_err() {
        return Ok(Some(Proof::Weak));
    }
    let subjects = Subjects::new(app.engine(), &account.to_string(), &request.address);
    let clock = app.shared_clock();
    let (admitted, credentials) = app
        .engine()
        .write(move |tx| Ok((brake::admit(tx, &*clock, &subjects)?, super::credentials(tx, account)?)))
        .await?;
    let attempt = match admitted {
        Ok(attempt) => attempt,
        Err(seconds) => return Ok(Some(Proof::Wait(seconds))),
    };
    if credentials.password_hash.is_none() {
        return Ok(None);
    }
    if !password::verify_aside(given.current.clone(), credentials.password_hash).await? {
        return Ok(Some(Proof::Wrong));
    }
    let hash = password::hash_aside(given.password.clone()).await?;
    Ok(Some(Proof::Given { attempt, hash, secrets: Secrets::draw()? }))
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
    let cookie = cookie::theme(&app, theme);
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
        if !session::of_account(tx, &*clock, account)?.iter().any(|session| session.id == id) {
            return Err(Fault::NotFound);
        }
        session::end(tx, account, id)?;
        Ok(Reply::redirect("/me?done=ended"))
    })
    .await
}
