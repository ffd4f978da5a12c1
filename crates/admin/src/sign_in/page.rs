//! The way in and out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use kernel::{AccountId, Fault, Locale};
use primitives::session::Way;
use primitives::shop::{SetupStep, Shop};
use primitives::{account, event, policy, provider, session};
use serde::Deserialize;
use web::request::{encode, safe_path};
use web::{App, Door, Form, Reply, Request};

use super::{Admission, Entry, Guise, Secrets, brake, cookie};
use crate::door;
use crate::form::{Field, Problems};
use crate::passkeys::Party;
use crate::passkeys::page::Ready;
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
    /// Whether one may sign in by password.
    by_password: bool,
    /// Whether browsers can use passkeys here.
    by_passkey: bool,
    passkey: Ready,
    /// The identity providers by address and name.
    providers: Vec<(String, String)>,
}

impl SignInPage {
    fn new(
        tx: &mut engine::Tx<'_>,
        app: &App,
        request: &Request,
        shop: &Shop,
        then: &str,
        email: &str,
    ) -> Result<SignInPage, Fault> {
        let mut door = Door::new(request, Some(shop.locale));
        // A change of language leads back to the page, not to the form that was sent.
        door.here = format!("/sign-in?then={}", encode(then));
        let t = Texts::new(door.locale);
        let way = |it: provider::Provider| {
            (format!("/sign-in/provider/{}?then={}", it.id, encode(then)), it.is.name)
        };
        Ok(SignInPage {
            by_password: policy::find(tx)?.password_sign_in,
            by_passkey: Party::of(app, request).is_some(),
            passkey: Ready::new(&t, "/sign-in/passkey", "", then),
            providers: provider::list(tx)?.into_iter().map(way).collect(),
            email: Field::email("email", t.sign_in_email())
                .value(email)
                .autocomplete("username webauthn")
                .required(),
            password: Field::password("password", t.sign_in_password())
                .autocomplete("current-password")
                .required(),
            shop: shop.name.clone(),
            then: then.to_owned(),
            said: None,
            refused: None,
            guises: super::guises(tx, shop)?,
            door,
            t,
        })
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
pub(crate) fn onward(then: &str) -> &str {
    match safe_path(then) {
        "/" => "/today",
        path if path.starts_with("/sign-") => "/today",
        path => path,
    }
}

/// `GET /sign-in`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    let (clock, for_page) = (app.shared_clock(), app.clone());
    door::read(&app, request, move |tx, request| {
        let Some(shop) = open_shop(tx)? else { return Ok(Reply::redirect("/set-up")) };
        if super::is_signed_in(tx, &*clock, request)? {
            return Ok(Reply::redirect(onward(&asked.then)));
        }
        let mut page = SignInPage::new(tx, &for_page, request, &shop, safe_path(&asked.then), "")?;
        page.said = match asked.done.as_str() {
            "out" => Some(page.t.sign_in_out()),
            "password" => Some(page.t.sign_in_password_set()),
            _ => None,
        };
        Reply::page(&page)
    })
    .await
}

/// The shop, once somebody can sign in to it.
pub(crate) fn open_shop(tx: &mut engine::Tx<'_>) -> Result<Option<Shop>, Fault> {
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
    let (clock, email) = (app.shared_clock(), given.email.clone());
    let (engine, asking) = (app.engine().clone(), request.clone());
    let admission = app
        .engine()
        .write(move |tx| {
            if open_shop(tx)?.is_none() {
                return Ok(None);
            }
            super::ask(tx, &*clock, &engine, &asking, &email).map(Some)
        })
        .await?;
    let (attempt, account, hash) = match admission {
        None => return Ok(Reply::redirect("/set-up")),
        Some(Admission::Wait(seconds)) => {
            return refused(app, request, given, Refusal::Wait(seconds)).await;
        }
        Some(Admission::ByOtherWays) => return refused(app, request, given, Refusal::ByOtherWays).await,
        Some(Admission::Open { attempt, account, hash }) => (attempt, account, hash),
    };
    let right = password::verify_aside(given.password.clone(), hash).await?;
    let clock = app.shared_clock();
    let Some(account) = account.filter(|_| right) else {
        app.engine().write(move |tx| super::refuse(tx, &*clock, account)).await?;
        return refused(app, request, given, Refusal::Wrong).await;
    };
    let secrets = Secrets::draw(app.engine(), &request)?;
    let (asking, drawn, then) = (request.clone(), secrets.clone(), given.then.clone());
    let step = app
        .engine()
        .write(move |tx| {
            brake::clear(tx, &attempt)?;
            super::proceed(tx, &*clock, &asking, account, &drawn, Entry::here(Way::Password), &then)
        })
        .await?;
    Ok(super::answer(&request, step, &secrets, &given.then))
}

/// Why somebody stays outside.
enum Refusal {
    /// Address and password do not belong together.
    Wrong,
    /// Too many tried: so many seconds.
    Wait(u32),
    /// Nobody signs in by password here.
    ByOtherWays,
}

/// The page again: which of the two was wrong is not said.
async fn refused(app: &App, request: Request, given: Given, why: Refusal) -> Result<Reply, Fault> {
    let for_page = app.clone();
    app.engine()
        .read(move |tx| {
            let Some(shop) = open_shop(tx)? else { return Ok(Reply::redirect("/set-up")) };
            let (then, email) = (safe_path(&given.then), given.email.trim());
            let mut page = SignInPage::new(tx, &for_page, &request, &shop, then, email)?;
            match why {
                Refusal::Wrong => {
                    let mut problems = Problems::default();
                    problems.add("password", page.t.sign_in_wrong());
                    page.password = page.password.wrong(&problems);
                    Ok(Reply::page(&page)?.status(StatusCode::UNPROCESSABLE_ENTITY))
                }
                Refusal::ByOtherWays => {
                    page.refused = Some(page.t.sign_in_by_other_ways().to_owned());
                    Ok(Reply::page(&page)?.status(StatusCode::UNPROCESSABLE_ENTITY))
                }
                Refusal::Wait(seconds) => {
                    page.refused = Some(waiting(&page.t, seconds));
                    Ok(Reply::page(&page)?
                        .status(StatusCode::TOO_MANY_REQUESTS)
                        .header(header::RETRY_AFTER, &seconds.to_string()))
                }
            }
        })
        .await
}

/// How long somebody has to wait, in words.
pub(crate) fn waiting(t: &Texts, seconds: u32) -> String {
    if seconds < 90 { t.sign_in_wait_seconds(seconds) } else { t.sign_in_wait_minutes(seconds.div_ceil(60)) }
}

/// The page again: too many ways in were begun here, so many seconds to wait.
pub(crate) async fn slowed(app: &App, request: Request, then: String, seconds: u32) -> Result<Reply, Fault> {
    let page = led_nowhere(app, request, then, move |t| waiting(t, seconds)).await?;
    Ok(page.status(StatusCode::TOO_MANY_REQUESTS).header(header::RETRY_AFTER, &seconds.to_string()))
}

/// The page again, with a sentence about a way in that led nowhere.
pub(crate) async fn led_nowhere(
    app: &App,
    request: Request,
    then: String,
    sentence: impl FnOnce(&Texts) -> String + Send + 'static,
) -> Result<Reply, Fault> {
    let for_page = app.clone();
    app.engine()
        .read(move |tx| {
            let Some(shop) = open_shop(tx)? else { return Ok(Reply::redirect("/set-up")) };
            let mut page = SignInPage::new(tx, &for_page, &request, &shop, safe_path(&then), "")?;
            page.refused = Some(sentence(&page.t));
            Ok(Reply::page(&page)?.status(StatusCode::UNPROCESSABLE_ENTITY))
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
    let secrets = match Secrets::draw(app.engine(), &request) {
        Ok(secrets) => secrets,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (clock, chosen) = (app.shared_clock(), form.fields);
    door::write(&app, request, move |tx, request| {
        let account: AccountId = chosen.account.parse().map_err(|_| Fault::NotFound)?;
        super::enter_demo(tx, &*clock, request, account, &secrets)?;
        Ok(super::entered(request, &secrets, &chosen.then))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /sign-out`.
pub(crate) async fn leave(State(app): State<App>, request: Request, form: Form<Nothing>) -> Reply {
    let (clock, cookie) = (app.shared_clock(), cookie::no_session(&request));
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
    let (clock, cookie) = (app.shared_clock(), cookie::language(&request, locale));
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
