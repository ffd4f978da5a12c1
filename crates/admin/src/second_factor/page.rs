//! How one comes in: one's own page of the second factor and the passkeys.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Clock, Fault, Instant};
use primitives::passkey::{self, Passkey};
use primitives::{account, provider, second_factor};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::{Verdict, qr};
use crate::form::{Field, Problems};
use crate::passkeys::Party;
use crate::proof;
use crate::proof::page::{Proof, by_password};
use crate::settings::Done;
use crate::sign_in::brake::{self, Subjects};
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "second_factor/templates/overview.html")]
struct OverviewPage {
    t: Texts,
    shell: Shell,
    must_enrol: bool,
    refused: Option<String>,
    since: Option<Instant>,
    recovery_codes: i64,
    any: bool,
    passkeys: Vec<Passkey>,
    may_make: bool,
    providers: String,
    off: Option<(Option<Field>, Field)>,
}

/// The names of the providers by which somebody comes in.
fn names(links: &[provider::Link]) -> String {
    links.iter().map(|link| link.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// What the page shows beside how things stand.
pub(crate) enum Shown<'s> {
    /// What was done.
    Said(Option<&'s str>),
    /// What went wrong.
    Refused(String),
    /// What was wrong with the form that turns the app off.
    Problems(Problems),
}

/// The page of how one comes in.
pub(crate) fn overview(tx: &mut Tx<'_>, app: &App, staff: &Staff, shown: Shown<'_>) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let account = staff.actor.account.ok_or(Fault::NotFound)?;
    let factors = second_factor::factors(tx, account)?;
    let (said, refused, problems) = match shown {
        Shown::Said(said) => (said.map(str::to_owned), None, Problems::default()),
        Shown::Refused(refused) => (None, Some(refused), Problems::default()),
        Shown::Problems(problems) => (None, None, problems),
    };
    let has_password = crate::me::credentials(tx, account)?.password_hash.is_some();
    let password = Field::password("password", t.me_current_password())
        .autocomplete("current-password")
        .required()
        .wrong(&problems);
    let code = Field::text("code", t.sign_in_code())
        .hint(t.sign_in_code_hint())
        .autocomplete("one-time-code")
        .most(40)
        .required()
        .wrong(&problems);
    Reply::page(&OverviewPage {
        shell: Shell::new(tx, staff, Room::Elsewhere)?.flash(said),
        must_enrol: staff.must_enrol,
        refused,
        since: factors.authenticator_since,
        recovery_codes: factors.recovery_codes,
        any: factors.any(),
        passkeys: passkey::of_account(tx, account)?,
        may_make: Party::of(app, &staff.request).is_some(),
        providers: names(&provider::of_account(tx, account)?),
        off: factors.authenticator_since.map(|_| (has_password.then_some(password), code)),
        t,
    })
}

/// `GET /me/security`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "off" => Some(t.second_factor_done_off()),
            "passkey" => Some(t.passkeys_done_made()),
            "passkey-removed" => Some(t.passkeys_done_removed()),
            _ => None,
        };
        overview(tx, &for_page, staff, Shown::Said(said))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /me/security/authenticator`: offers a fresh secret and leads to its page.
pub(crate) async fn offer(State(app): State<App>, request: Request, form: Form<Nothing>) -> Reply {
    let secret = match super::draw_secret() {
        Ok(secret) => secret,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(first) = proof::needed_for_factors(tx, staff)? {
            return Ok(first);
        }
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        if second_factor::factors(tx, account)?.authenticator_since.is_some() {
            return Ok(Reply::redirect("/me/security"));
        }
        super::offer(tx, &*clock, account, staff.session, &secret)?;
        Ok(Reply::redirect("/me/security/authenticator"))
    })
    .await
}

#[derive(Template)]
#[template(path = "second_factor/templates/authenticator.html")]
struct AuthenticatorPage {
    t: Texts,
    shell: Shell,
    qr: String,
    spoken: String,
    code: Field,
}

fn authenticator_page(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    staff: &Staff,
    problems: &Problems,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let id = staff.actor.account.ok_or(Fault::NotFound)?;
    let Some(secret) = super::offered(tx, clock, id, staff.session)? else {
        return Ok(Reply::redirect("/me/security"));
    };
    let account = account::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    let address = super::address(&secret, &staff.shop, &account.email);
    Reply::page(&AuthenticatorPage {
        shell: Shell::new(tx, staff, Room::Elsewhere)?,
        qr: qr::svg(&address, t.second_factor_qr())?,
        spoken: super::spoken(&secret),
        code: Field::text("code", t.second_factor_first_code())
            .hint(t.second_factor_first_code_hint())
            .autocomplete("one-time-code")
            .most(12)
            .required()
            .wrong(problems),
        t,
    })
}

/// `GET /me/security/authenticator`: the QR code and the secret as text, until a code has confirmed it.
pub(crate) async fn authenticator(State(app): State<App>, request: Request) -> Reply {
    let clock = app.shared_clock();
    app.page(request, move |tx, staff| {
        if let Some(first) = proof::needed(staff, "/me/security") {
            return Ok(first);
        }
        authenticator_page(tx, &*clock, staff, &Problems::default())
    })
    .await
}

#[derive(Deserialize, Clone)]
pub(crate) struct GivenCode {
    #[serde(default)]
    code: String,
}

/// `POST /me/security/authenticator/confirm`: a first code; then the recovery codes, once.
pub(crate) async fn confirm(State(app): State<App>, request: Request, form: Form<GivenCode>) -> Reply {
    let codes = match super::draw_codes() {
        Ok(codes) => codes,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (clock, engine, given) = (app.shared_clock(), app.engine().clone(), form.fields.code);
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(first) = proof::needed(staff, "/me/security") {
            return Ok(first);
        }
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let attempt = match brake::admit(tx, &*clock, &Subjects::code_inside(&engine, staff.session))? {
            Ok(attempt) => attempt,
            Err(retry_after_seconds) => return Err(Fault::TooMany { retry_after_seconds }),
        };
        let is_first = !second_factor::factors(tx, account)?.any();
        if super::confirm(tx, &*clock, &staff.actor, staff.session, &given)? {
            brake::clear(tx, &attempt)?;
            if is_first {
                // What somebody opened with the password alone ends.
                crate::me::end_sessions(tx, &*clock, &staff.actor, account, Some(staff.session))?;
            }
            second_factor::renew_codes(tx, &*clock, &staff.actor, account, &codes)?;
            return codes_page(tx, staff, &codes);
        }
        let mut problems = Problems::default();
        problems.add("code", Texts::new(staff.locale()).sign_in_code_wrong());
        Ok(authenticator_page(tx, &*clock, staff, &problems)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

#[derive(Template)]
#[template(path = "second_factor/templates/codes.html")]
struct CodesPage {
    t: Texts,
    shell: Shell,
    codes: Vec<String>,
}

/// Recovery codes as they are shown once.
pub(crate) fn codes_page(tx: &mut Tx<'_>, staff: &Staff, codes: &[String]) -> Result<Reply, Fault> {
    Reply::page(&CodesPage {
        t: Texts::new(staff.locale()),
        shell: Shell::new(tx, staff, Room::Elsewhere)?,
        codes: codes.to_vec(),
    })
}

/// `POST /me/security/recovery-codes`: new codes; the old ones are worth nothing any more.
pub(crate) async fn renew_codes(State(app): State<App>, request: Request, form: Form<Nothing>) -> Reply {
    let codes = match super::draw_codes() {
        Ok(codes) => codes,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(first) = proof::needed_for_factors(tx, staff)? {
            return Ok(first);
        }
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        if !second_factor::factors(tx, account)?.any() {
            return Err(Fault::NotFound);
        }
        second_factor::renew_codes(tx, &*clock, &staff.actor, account, &codes)?;
        codes_page(tx, staff, &codes)
    })
    .await
}

#[derive(Deserialize, Clone)]
pub(crate) struct GivenBoth {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// `POST /me/security/authenticator/off`: with the password, where there is one, and a code.
pub(crate) async fn turn_off(State(app): State<App>, request: Request, form: Form<GivenBoth>) -> Reply {
    let given = form.fields;
    let proof = match by_password(&app, &request, &given.password).await {
        Ok(proof) => proof,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (clock, for_page) = (app.shared_clock(), app.clone());
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(first) = proof::needed(staff, "/me/security") {
            return Ok(first);
        }
        let t = Texts::new(staff.locale());
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        if second_factor::factors(tx, account)?.authenticator_since.is_none() {
            return Err(Fault::NotFound);
        }
        let mut problems = Problems::default();
        match &proof {
            Some(Proof::Wait(seconds)) => return Err(Fault::TooMany { retry_after_seconds: *seconds }),
            Some(Proof::Wrong) => problems.add("password", t.me_wrong_password()),
            None | Some(Proof::Given(_)) => {
                let subjects = Subjects::code_inside(for_page.engine(), staff.session);
                let attempt = match brake::admit(tx, &*clock, &subjects)? {
                    Ok(attempt) => attempt,
                    Err(retry_after_seconds) => return Err(Fault::TooMany { retry_after_seconds }),
                };
                let verdict = super::verify(tx, &*clock, account, &given.code)?;
                if verdict == Verdict::Right {
                    brake::clear(tx, &attempt)?;
                    if let Some(Proof::Given(attempt)) = &proof {
                        brake::clear(tx, attempt)?;
                    }
                    second_factor::turn_off(tx, &*clock, &staff.actor, account)?;
                    return Ok(Reply::redirect("/me/security?done=off"));
                }
                let lost = verdict == Verdict::KeyLost;
                problems.add("code", if lost { t.sign_in_key_lost() } else { t.sign_in_code_wrong() });
            }
        }
        let page = overview(tx, &for_page, staff, Shown::Problems(problems))?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}
