//! The forms by which browsers make and use passkeys. The script asks for the options, lets the browser answer them,
//! and sends the answer with the form; without the script the form is not shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, PasskeyId, fault};
use primitives::session::Way;
use primitives::{passkey, second_factor};
use serde::Deserialize;
use web::{App, Form, Reply, Request};

use super::{Challenge, Party};
use crate::second_factor::page::{Shown, codes_page, overview};
use crate::sign_in::brake::{self, Subjects};
use crate::sign_in::{Entry, Secrets, begin, entered, page as sign_in};
use crate::texts::Texts;
use crate::{door, proof, second_factor as factor};

/// Most characters of a passkey's name.
const MOST_NAME: usize = 60;

/// A form that uses a passkey.
#[derive(Template)]
#[template(path = "passkeys/templates/use.html")]
pub(crate) struct Ready {
    action: &'static str,
    csrf: String,
    then: String,
    label: String,
    failed: String,
}

impl Ready {
    /// The form for an address, with the session's mark where there is a session.
    pub(crate) fn new(t: &Texts, action: &'static str, csrf: &str, then: &str) -> Ready {
        Ready {
            action,
            csrf: csrf.to_owned(),
            then: then.to_owned(),
            label: t.passkeys_use().to_owned(),
            failed: t.passkeys_failed().to_owned(),
        }
    }
}

/// What the form brings.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Credential {
    /// The doorway's secret.
    #[serde(default)]
    pub(crate) ceremony: String,
    /// What the browser's key says, as JSON.
    #[serde(default)]
    pub(crate) credential: String,
    /// Where one wants to go.
    #[serde(default)]
    pub(crate) then: String,
    /// What a new key is called.
    #[serde(default)]
    name: String,
}

/// Answers with a challenge to whoever comes.
pub(crate) async fn challenge<F>(app: &App, request: Request, make: F) -> Reply
where
    F: Fn(&mut Tx<'_>, &App, &Party, &Request, &str) -> Result<Challenge, Fault> + Send + 'static,
{
    let secret = match engine::random_secret() {
        Ok(secret) => secret,
        Err(error) => return web::error::page(&request, None, &error.into()),
    };
    let for_make = app.clone();
    door::write(app, request, move |tx, request| {
        let party = Party::of(&for_make, request).ok_or(Fault::NotFound)?;
        Reply::json(&make(tx, &for_make, &party, request, &secret)?)
    })
    .await
}

/// Counts a way in that is begun.
///
/// # Errors
/// `TooMany` when too many were begun here and not finished.
pub(crate) fn admit(tx: &mut Tx<'_>, app: &App, request: &Request) -> Result<(), Fault> {
    match brake::admit(tx, app.clock(), &Subjects::journey(app.engine(), request))? {
        Ok(_) => Ok(()),
        Err(retry_after_seconds) => Err(Fault::TooMany { retry_after_seconds }),
    }
}

/// `POST /sign-in/passkey/begin`.
pub(crate) async fn begin_sign_in(State(app): State<App>, request: Request, _: Form<Credential>) -> Reply {
    challenge(&app, request, |tx, app, party, request, secret| {
        admit(tx, app, request)?;
        super::begin_sign_in(tx, app.clock(), party, secret)
    })
    .await
}

/// `POST /sign-in/passkey`: in by passkey alone; it stands for both factors, because its owner unlocked it.
pub(crate) async fn enter(State(app): State<App>, request: Request, form: Form<Credential>) -> Reply {
    let asking = request.clone();
    door::answered(&request, try_to_enter(&app, asking, form.fields).await)
}

async fn try_to_enter(app: &App, request: Request, given: Credential) -> Result<Reply, Fault> {
    app.brake(&request)?;
    if request.is_cross_site() {
        return Ok(web::error::forged(&request));
    }
    let secrets = Secrets::draw(app.engine(), &request)?;
    let (for_act, asking, drawn, then) = (app.clone(), request.clone(), secrets.clone(), given.then.clone());
    let entering = app.engine().write(move |tx| {
        let party = Party::of(&for_act, &asking).ok_or(Fault::NotFound)?;
        let clock = for_act.clock();
        let found = super::finish_sign_in(tx, clock, &party, &given.ceremony, &given.credential)?;
        let Some(account) = found else { return Ok(false) };
        begin(tx, clock, &asking, account, &drawn, Entry::here(Way::Passkey))?;
        brake::forget(tx, &Subjects::journey(for_act.engine(), &asking))?;
        Ok(true)
    });
    if entering.await? {
        return Ok(entered(&request, &secrets, &then));
    }
    sign_in::led_nowhere(app, request, then, |t| t.passkeys_wrong().to_owned()).await
}

/// `POST /me/security/passkeys/begin`.
pub(crate) async fn begin_making(State(app): State<App>, request: Request, form: Form<Credential>) -> Reply {
    let secret = match engine::random_secret() {
        Ok(secret) => secret,
        Err(error) => return web::error::page(&request, None, &error.into()),
    };
    let for_make = app.clone();
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(first) = proof::needed_for_factors(tx, staff)? {
            return Ok(first);
        }
        let party = Party::of(&for_make, &staff.request).ok_or(Fault::NotFound)?;
        Reply::json(&super::begin_making(tx, for_make.clock(), &party, &staff.actor, &secret)?)
    })
    .await
}

/// `POST /me/security/passkeys`: keeps what the browser made. Who has no recovery codes yet gets them now.
pub(crate) async fn make(State(app): State<App>, request: Request, form: Form<Credential>) -> Reply {
    let codes = match factor::draw_codes() {
        Ok(codes) => codes,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (for_make, given) = (app.clone(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        if let Some(first) = proof::needed_for_factors(tx, staff)? {
            return Ok(first);
        }
        let t = Texts::new(staff.locale());
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let party = Party::of(&for_make, &staff.request).ok_or(Fault::NotFound)?;
        let clock = for_make.clock();
        let is_first = !second_factor::factors(tx, account)?.any();
        let name = fault::optional("name", &given.name, MOST_NAME)?
            .unwrap_or_else(|| crate::me::agent::describe(&t, staff.request.agent.as_deref()));
        let Credential { ceremony, credential, .. } = &given;
        let made = tx.savepoint(|tx| {
            super::finish_making(tx, clock, &party, &staff.actor, ceremony, credential, &name)
        });
        let made = match made {
            Err(Fault::Invalid { .. }) => None,
            other => other?,
        };
        if made.is_none() {
            let page = overview(tx, &for_make, staff, Shown::Refused(t.passkeys_not_made().to_owned()))?;
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY));
        }
        if is_first {
            // What somebody opened with the password alone ends.
            crate::me::end_sessions(tx, clock, &staff.actor, account, Some(staff.session))?;
        }
        if second_factor::factors(tx, account)?.recovery_codes > 0 {
            return Ok(Reply::redirect("/me/security?done=passkey"));
        }
        second_factor::renew_codes(tx, clock, &staff.actor, account, &codes)?;
        codes_page(tx, staff, &codes)
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /me/security/passkeys/{id}/remove`.
pub(crate) async fn remove(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id: PasskeyId = id.parse().map_err(|_| Fault::NotFound)?;
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        if let Some(first) = proof::needed_for_factors(tx, staff)? {
            return Ok(first);
        }
        passkey::remove(tx, &*clock, &staff.actor, account, id)?;
        Ok(Reply::redirect("/me/security?done=passkey-removed"))
    })
    .await
}
