//! The way in and out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use kernel::{AccountId, Fault, Locale};
use primitives::shop::{SetupStep, Shop};
use primitives::{account, event, session};
use serde::Deserialize;
use web::request::{encode, safe_path};
use web::{App, Door, Form, Reply, Request};

use super::brake::Subjects;
use super::{Admission, Guise, Secrets, cookie};
use crate::door;
use crate::form::{Field, Problems};
use crate::password;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "sign_in/templates/page.html")]
struct SignInPage {
    t: Texts,
    door: Door,
    shop: String,
    then: String,
    said: Option<&'static str>,
    refused: Option<String>,
    email: Field,
    password: Field,
    guises: Vec<Guise>,
}

impl SignInPage {
    fn new(request: &Request, shop: &Shop, guises: Vec<Guise>, then: &str, email: &str) -> SignInPage {
        let mut door = Door::new(request, Some(shop.locale));
        // A change of language leads back to the page, not to the form that was sent.
        door.here = format!("/sign-in?then={}", encode(then));
        let t = Texts::new(door.locale);
        SignInPage {
            email: Field::email("email", t.sign_in_email()).value(email).autocomplete("username").required(),
            password: Field::password("password", t.sign_in_password())
                .autocomplete("current-password")
                .required(),
            shop: shop.name.clone(),
            then: then.to_owned(),
            said: None,
            refused: None,
            guises,
            door,
            t,
        }
    }

    fn does(&self, guise: &Guise) -> String {
        let role = crate::role::name(&self.t, guise.role);
        guise.title.as_ref().map_or_else(|| role.to_owned(), |title| format!("{title} · {role}"))
    }
}

/// `GET /`: leads to where one belongs.
pub(crate) async fn way_in(State(app): State<App>, request: Request) -> Reply {
    let clock = app.shared_clock();
    door::read(&app, request, move |tx, request| Ok(Reply::redirect(super::way_in(tx, &*clock, request)?)))
        .await
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    then: String,
    #[serde(default)]
    done: String,
}

/// Where one goes after the door: never another site, and not back to the door.
fn onward(then: &str) -> &str {
    match safe_path(then) {
        "/" => "/today",
        path if path.starts_with("/sign-") => "/today",
        path => path,
    }
}

/// `GET /sign-in`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    let clock = app.shared_clock();
    door::read(&app, request, move |tx, request| {
        let Some(shop) = open_shop(tx)? else { return Ok(Reply::redirect("/set-up")) };
        if super::is_signed_in(tx, &*clock, request)? {
            return Ok(Reply::redirect(onward(&asked.then)));
        }
        let guises = super::guises(tx, &shop)?;
        let mut page = SignInPage::new(request, &shop, guises, safe_path(&asked.then), "");
        page.said = match asked.done.as_str() {
            "out" => Some(page.t.sign_in_out()),
            _ => None,
        };
        Reply::page(&page)
    })
    .await
}

/// The shop, once somebody can sign in to it.
fn open_shop(tx: &mut engine::Tx<'_>) -> Result<Option<Shop>, Fault> {
    Ok(primitives::shop::find(tx)?.filter(|shop| shop.step != SetupStep::Administrator))
}

#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    then: String,
}

/// `POST /sign-in`.
pub(crate) async fn enter(State(app): State<App>, request: Request, form: Form<Given>) -> Reply {
    let asking = request.clone();
    door::answered(&request, try_to_enter(&app, asking, form.fields).await)
}

async fn try_to_enter(app: &App, request: Request, given: Given) -> Result<Reply, Fault> {
    app.brake(&request)?;
    if request.is_cross_site() {
        return Ok(web::error::forged(&request));
    }
    let subjects = Subjects::new(app.engine(), &given.email, &request.address);
    let (clock, email) = (app.shared_clock(), given.email.clone());
    let admission = app
        .engine()
        .write(move |tx| {
            if open_shop(tx)?.is_none() {
                return Ok(None);
            }
            super::ask(tx, &*clock, &subjects, &email).map(Some)
        })
        .await?;
    let (attempt, account, hash) = match admission {
        None => return Ok(Reply::redirect("/set-up")),
        Some(Admission::Wait(seconds)) => return refused(app, request, given, Some(seconds)).await,
        Some(Admission::Open { attempt, account, hash }) => (attempt, account, hash),
    };
    let right = password::verify_aside(given.password.clone(), hash).await?;
    let clock = app.shared_clock();
    let Some(account) = account.filter(|_| right) else {
        app.engine().write(move |tx| super::refuse(tx, &*clock, account)).await?;
        return refused(app, request, given, None).await;
    };
    let secrets = Secrets::draw()?;
    let cookie = cookie::session(app, &secrets.session);
    app.engine().write(move |tx| super::succeed(tx, &*clock, &request, account, &attempt, &secrets)).await?;
    Ok(Reply::redirect(onward(&given.then)).header(header::SET_COOKIE, &cookie))
}

/// The page again: which of the two was wrong is not said.
async fn refused(
    app: &App,
    request: Request,
    given: Given,
    wait_seconds: Option<u32>,
) -> Result<Reply, Fault> {
    app.engine()
        .read(move |tx| {
            let Some(shop) = open_shop(tx)? else { return Ok(Reply::redirect("/set-up")) };
            let guises = super::guises(tx, &shop)?;
            let mut page =
                SignInPage::new(&request, &shop, guises, safe_path(&given.then), given.email.trim());
            let Some(seconds) = wait_seconds else {
                let mut problems = Problems::default();
                problems.add("password", page.t.sign_in_wrong());
                page.password = page.password.wrong(&problems);
                return Ok(Reply::page(&page)?.status(StatusCode::UNPROCESSABLE_ENTITY));
            };
            page.refused = Some(if seconds < 90 {
                page.t.sign_in_wait_seconds(seconds)
            } else {
                page.t.sign_in_wait_minutes(seconds.div_ceil(60))
            });
            Ok(Reply::page(&page)?
                .status(StatusCode::TOO_MANY_REQUESTS)
                .header(header::RETRY_AFTER, &seconds.to_string()))
        })
        .await
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    account: String,
    #[serde(default)]
    then: String,
}

/// `POST /enter`: one click, in the demo company only.
pub(crate) async fn enter_demo(State(app): State<App>, request: Request, form: Form<Chosen>) -> Reply {
    let secrets = match Secrets::draw() {
        Ok(secrets) => secrets,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (clock, cookie) = (app.shared_clock(), cookie::session(&app, &secrets.session));
    let chosen = form.fields;
    door::write(&app, request, move |tx, request| {
        let account: AccountId = chosen.account.parse().map_err(|_| Fault::NotFound)?;
        super::enter_demo(tx, &*clock, request, account, &secrets)?;
        Ok(Reply::redirect(onward(&chosen.then)).header(header::SET_COOKIE, &cookie))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /sign-out`.
pub(crate) async fn leave(State(app): State<App>, request: Request, form: Form<Nothing>) -> Reply {
    let (clock, cookie) = (app.shared_clock(), cookie::no_session(&app));
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(account) = staff.actor.account {
            session::end(tx, account, staff.session)?;
            let ended = event::NewEvent::new(event::EventKind::SignedOut, "account", account.raw());
            event::append(tx, &*clock, &staff.actor, ended)?;
        }
        Ok(Reply::redirect("/sign-in?done=out").header(header::SET_COOKIE, &cookie))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Language {
    #[serde(default)]
    language: String,
    #[serde(default)]
    then: String,
}

/// `POST /language`: for this browser, and for the account when one is signed in.
pub(crate) async fn language(State(app): State<App>, request: Request, form: Form<Language>) -> Reply {
    let chosen = form.fields;
    let back = safe_path(&chosen.then).to_owned();
    let Ok(locale) = chosen.language.parse::<Locale>() else { return Reply::redirect(&back) };
    let (clock, cookie) = (app.shared_clock(), cookie::language(&app, locale));
    if request.secret.is_none() && !request.is_cross_site() {
        return Reply::redirect(&back).header(header::SET_COOKIE, &cookie);
    }
    door::write(&app, request, move |tx, request| {
        if let Some(secret) = &request.secret
            && let Some(found) = session::find(tx, &*clock, secret)?
            && let Some(account) = found.actor.account
        {
            account::prefer(tx, &*clock, &found.actor, account, locale, &found.actor.zone)?;
        }
        Ok(Reply::redirect(&back).header(header::SET_COOKIE, &cookie))
    })
    .await
}
