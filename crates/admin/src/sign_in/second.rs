//! The second step of a sign-in: a code of the app, a recovery code, or a passkey.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use engine::Tx;
use kernel::{AccountId, Actor, ActorKind, Fault, Instant};
use primitives::doorway::{self, Doorway};
use primitives::event::{self, EventKind, NewEvent};
use primitives::session::Way;
use primitives::{known_browser, provider, second_factor};
use serde::Deserialize;
use web::{App, Door, Form, Reply, Request};

use super::brake::{self, Subjects};
use super::{Entry, Half, Secrets, begin, cookie, entered};
use crate::form::{Field, Problems};
use crate::passkeys::page::{Credential, Ready};
use crate::passkeys::{self, Party};
use crate::second_factor::Verdict;
use crate::texts::Texts;
use crate::{door, second_factor as factor};

#[derive(Template)]
#[template(path = "sign_in/templates/second.html")]
struct SecondPage {
    t: Texts,
    door: Door,
    code: Option<Field>,
    passkey: Option<Ready>,
    refused: Option<String>,
}

/// Whose second factor is awaited, and how the first was proved.
fn half(tx: &mut Tx<'_>, app: &App, request: &Request) -> Result<Option<(AccountId, Half)>, Fault> {
    let Some(secret) = &request.doorway else { return Ok(None) };
    let found = doorway::look::<Half>(tx, app.clock(), Doorway::SecondFactor, secret)?;
    Ok(found.and_then(|(account, half)| account.map(|account| (account, half))))
}

fn page(
    tx: &mut Tx<'_>,
    app: &App,
    request: &Request,
    account: AccountId,
    problems: &Problems,
    refused: Option<String>,
) -> Result<Reply, Fault> {
    let door = Door::new(request, primitives::shop::find(tx)?.map(|shop| shop.locale));
    let t = Texts::new(door.locale);
    let factors = second_factor::factors(tx, account)?;
    let typed = factors.authenticator_since.is_some() || factors.recovery_codes > 0;
    let label = match factors.authenticator_since.map(|_: Instant| ()) {
        Some(()) => t.sign_in_code(),
        None => t.sign_in_recovery_code(),
    };
    let code = Field::text("code", label)
        .hint(t.sign_in_code_hint())
        .autocomplete("one-time-code")
        .most(40)
        .required()
        .wrong(problems);
    let by_passkey = factors.passkeys > 0 && Party::of(app, request).is_some();
    Reply::page(&SecondPage {
        code: typed.then_some(code),
        passkey: by_passkey.then(|| Ready::new(&t, "/sign-in/second/passkey", "", "")),
        refused,
        door,
        t,
    })
}

/// `GET /sign-in/second`.
pub(crate) async fn show(State(app): State<App>, request: Request) -> Reply {
    let for_page = app.clone();
    door::read(&app, request, move |tx, request| match half(tx, &for_page, request)? {
        Some((account, _)) => page(tx, &for_page, request, account, &Problems::default(), None),
        None => Ok(Reply::redirect("/sign-in")),
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct GivenCode {
    #[serde(default)]
    code: String,
}

/// `POST /sign-in/second`: a code of the app, or a recovery code.
pub(crate) async fn enter(State(app): State<App>, request: Request, form: Form<GivenCode>) -> Reply {
    let secrets = match Secrets::draw(app.engine(), &request) {
        Ok(secrets) => secrets,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (for_page, given) = (app.clone(), form.fields.code);
    door::write(&app, request, move |tx, request| {
        let Some((account, half)) = half(tx, &for_page, request)? else {
            return Ok(Reply::redirect("/sign-in"));
        };
        let (clock, engine) = (for_page.clock(), for_page.engine());
        let (browser, place) = (request.browser.as_deref(), brake::place(engine, request));
        let known = known_browser::known(tx, clock, account, browser, &place)?.browser;
        let subjects = Subjects::code(engine, account, browser.filter(|_| known));
        let attempt = match brake::admit(tx, clock, &subjects)? {
            Ok(attempt) => attempt,
            Err(seconds) => {
                let t = Texts::new(Door::new(request, None).locale);
                let refused = super::page::waiting(&t, seconds);
                let page = page(tx, &for_page, request, account, &Problems::default(), Some(refused))?;
                return Ok(page
                    .status(StatusCode::TOO_MANY_REQUESTS)
                    .header(header::RETRY_AFTER, &seconds.to_string()));
            }
        };
        let verdict = factor::verify(tx, clock, account, &given)?;
        if verdict == Verdict::Right {
            brake::clear(tx, &attempt)?;
            return finish(tx, &for_page, request, account, &half, &secrets);
        }
        refuse(tx, &for_page, account)?;
        let (mut problems, t) = (Problems::default(), Texts::new(Door::new(request, None).locale));
        problems.add(
            "code",
            if verdict == Verdict::KeyLost { t.sign_in_key_lost() } else { t.sign_in_code_wrong() },
        );
        let page = page(tx, &for_page, request, account, &problems, None)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

/// Both factors are proved: the doorway closes and a session begins, unless the provider that vouched for the first was
/// taken away meanwhile.
fn finish(
    tx: &mut Tx<'_>,
    app: &App,
    request: &Request,
    account: AccountId,
    half: &Half,
    secrets: &Secrets,
) -> Result<Reply, Fault> {
    if let Some(secret) = &request.doorway {
        doorway::close(tx, Doorway::SecondFactor, secret)?;
    }
    let way = Way::from_code(&half.way);
    let entry = match half.provider {
        Some(id) if provider::by_id(tx, id)?.is_none() => return Ok(Reply::redirect("/sign-in")),
        // The second factor was shown just now.
        Some(id) => Entry::by(way, id, app.clock().now()),
        None => Entry::here(way),
    };
    begin(tx, app.clock(), request, account, secrets, entry)?;
    brake::forget(tx, &Subjects::journey(app.engine(), request))?;
    Ok(entered(request, secrets, &half.then))
}

fn refuse(tx: &mut Tx<'_>, app: &App, account: AccountId) -> Result<(), Fault> {
    let by = Some(ActorKind::Human);
    let event = NewEvent { by, ..NewEvent::new(EventKind::SecondFactorRefused, "account", account.raw()) };
    event::append(tx, app.clock(), &Actor::machine(Vec::new()), event)?;
    Ok(())
}

/// `POST /sign-in/second/passkey/begin`: what the browser needs to use one of the account's passkeys.
pub(crate) async fn begin_passkey(State(app): State<App>, request: Request, _: Form<Credential>) -> Reply {
    passkeys::page::challenge(&app, request, move |tx, app, party, request, secret| {
        let (account, _) = half(tx, app, request)?.ok_or(Fault::NotFound)?;
        passkeys::page::admit(tx, app, request)?;
        passkeys::begin_proof(tx, app.clock(), party, account, secret)
    })
    .await
}

/// `POST /sign-in/second/passkey`.
pub(crate) async fn enter_by_passkey(
    State(app): State<App>,
    request: Request,
    form: Form<Credential>,
) -> Reply {
    let secrets = match Secrets::draw(app.engine(), &request) {
        Ok(secrets) => secrets,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (for_page, given) = (app.clone(), form.fields);
    door::write(&app, request, move |tx, request| {
        let Some((account, half)) = half(tx, &for_page, request)? else {
            return Ok(Reply::redirect("/sign-in"));
        };
        let party = Party::of(&for_page, request).ok_or(Fault::NotFound)?;
        let clock = for_page.clock();
        if passkeys::finish_proof(tx, clock, &party, account, &given.ceremony, &given.credential)? {
            return finish(tx, &for_page, request, account, &half, &secrets);
        }
        let refused = Texts::new(Door::new(request, None).locale).passkeys_wrong().to_owned();
        let page = page(tx, &for_page, request, account, &Problems::default(), Some(refused))?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

/// `POST /sign-in/second/leave`: back to the first step.
pub(crate) async fn leave(State(app): State<App>, request: Request, _: Form<Credential>) -> Reply {
    door::write(&app, request, move |tx, request| {
        if let Some(secret) = &request.doorway {
            doorway::close(tx, Doorway::SecondFactor, secret)?;
        }
        Ok(Reply::redirect("/sign-in").header(header::SET_COOKIE, &cookie::no_doorway(request)))
    })
    .await
}
