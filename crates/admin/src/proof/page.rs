//! The page on which one proves again who one is.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use engine::Tx;
use kernel::{AccountId, Fault};
use primitives::session::{self, Way};
use primitives::{account, provider, second_factor};
use serde::Deserialize;
use web::request::safe_path;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::form::{Field, Problems};
use crate::passkeys::page::{Credential, Ready};
use crate::passkeys::{self, Party};
use crate::sign_in::brake::{self, Attempt, Subjects};
use crate::sign_in::{Secrets, cookie};
use crate::texts::Texts;
use crate::{door, password};

#[derive(Template)]
#[template(path = "proof/templates/page.html")]
struct ProofPage {
    t: Texts,
    shell: Shell,
    then: String,
    email: String,
    password: Option<Field>,
    passkey: Option<Ready>,
    /// Whether a click is enough: in the demo company, which one enters by one.
    by_click: bool,
    providers: Vec<String>,
}

fn page(tx: &mut Tx<'_>, app: &App, staff: &Staff, then: &str, problems: &Problems) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let id = staff.actor.account.ok_or(Fault::NotFound)?;
    let credentials = crate::me::credentials(tx, id)?;
    let factors = second_factor::factors(tx, id)?;
    let password = Field::password("password", t.sign_in_password())
        .autocomplete("current-password")
        .required()
        .wrong(problems);
    let by_passkey = factors.passkeys > 0 && Party::of(app, &staff.request).is_some();
    let shell = Shell::new(tx, staff, Room::Elsewhere)?;
    Reply::page(&ProofPage {
        password: credentials.password_hash.is_some().then_some(password),
        passkey: by_passkey
            .then(|| Ready::new(&t, "/me/security/confirm/passkey", &shell.csrf, safe_path(then))),
        by_click: staff.way == Way::Demo && staff.demo,
        providers: provider::of_account(tx, id)?,
        then: safe_path(then).to_owned(),
        email: credentials.email,
        shell,
        t,
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    then: String,
}

/// `GET /me/security/confirm?then=`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        if staff.is_proved() {
            return Ok(Reply::redirect(back(&asked.then)));
        }
        page(tx, &for_page, staff, &asked.then, &Problems::default())
    })
    .await
}

/// Where one goes afterwards.
fn back(then: &str) -> &str {
    match safe_path(then) {
        "/" => "/me/security",
        path if path.starts_with("/me/security/confirm") => "/me/security",
        path => path,
    }
}

/// The session goes on under new secrets, proved.
fn renew(tx: &mut Tx<'_>, app: &App, staff: &Staff, secrets: &Secrets, then: &str) -> Result<Reply, Fault> {
    session::renew(tx, app.clock(), staff.session, &secrets.session, secrets.csrf())?;
    Ok(Reply::redirect(back(then))
        .header(header::SET_COOKIE, &cookie::session(&staff.request, &secrets.session)))
}

#[derive(Deserialize, Clone)]
pub(crate) struct Given {
    #[serde(default)]
    password: String,
    #[serde(default)]
    then: String,
}

/// What became of a try to prove a password.
#[derive(Clone)]
pub(crate) enum Proof {
    /// It was right.
    Given(Attempt),
    /// It was not.
    Wrong,
    /// Too many tried: so many seconds.
    Wait(u32),
}

/// Compares the password of who is signed in, away from the writer; `None` for who is not signed in or has none.
pub(crate) async fn by_password(
    app: &App,
    request: &Request,
    password: &str,
) -> Result<Option<Proof>, Fault> {
    let (Some(actor), false) = (door::actor(app, request).await?, request.is_cross_site()) else {
        return Ok(None);
    };
    let Some(account) = actor.account else { return Ok(None) };
    let subjects = Subjects::proof(app.engine(), request, account);
    let clock = app.shared_clock();
    let (admitted, hash) = app
        .engine()
        .write(move |tx| {
            let hash = crate::me::credentials(tx, account)?.password_hash;
            Ok((brake::admit(tx, &*clock, &subjects)?, hash))
        })
        .await?;
    let attempt = match admitted {
        Ok(attempt) => attempt,
        Err(seconds) => return Ok(Some(Proof::Wait(seconds))),
    };
    if hash.is_none() {
        return Ok(None);
    }
    let right = password::verify_aside(password.to_owned(), hash).await?;
    Ok(Some(if right { Proof::Given(attempt) } else { Proof::Wrong }))
}

/// `POST /me/security/confirm`: by password, or by a click in the demo company.
pub(crate) async fn confirm(State(app): State<App>, request: Request, form: Form<Given>) -> Reply {
    let given = form.fields;
    let prepared = async {
        let proof = by_password(&app, &request, &given.password).await?;
        Ok::<_, Fault>((proof, Secrets::draw(app.engine(), &request)?))
    };
    let (proof, secrets) = match prepared.await {
        Ok(prepared) => prepared,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let for_page = app.clone();
    app.change(request, form.csrf, move |tx, staff| {
        let by_click = staff.way == Way::Demo && staff.demo && lacks_password(tx, staff.actor.account)?;
        match &proof {
            None if by_click => renew(tx, &for_page, staff, &secrets, &given.then),
            Some(Proof::Given(attempt)) => {
                brake::clear(tx, attempt)?;
                renew(tx, &for_page, staff, &secrets, &given.then)
            }
            Some(Proof::Wait(seconds)) => Err(Fault::TooMany { retry_after_seconds: *seconds }),
            None | Some(Proof::Wrong) => {
                let mut problems = Problems::default();
                problems.add("password", Texts::new(staff.locale()).proof_wrong());
                let page = page(tx, &for_page, staff, &given.then, &problems)?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
        }
    })
    .await
}

fn lacks_password(tx: &mut Tx<'_>, account: Option<AccountId>) -> Result<bool, Fault> {
    let id = account.ok_or(Fault::NotFound)?;
    account::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    Ok(crate::me::credentials(tx, id)?.password_hash.is_none())
}

/// `POST /me/security/confirm/passkey/begin`.
pub(crate) async fn begin_passkey(State(app): State<App>, request: Request, form: Form<Credential>) -> Reply {
    let secret = match engine::random_secret() {
        Ok(secret) => secret,
        Err(error) => return web::error::page(&request, None, &error.into()),
    };
    let for_make = app.clone();
    app.change(request, form.csrf, move |tx, staff| {
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let party = Party::of(&for_make, &staff.request).ok_or(Fault::NotFound)?;
        Reply::json(&passkeys::begin_proof(tx, for_make.clock(), &party, account, &secret)?)
    })
    .await
}

/// `POST /me/security/confirm/passkey`.
pub(crate) async fn confirm_by_passkey(
    State(app): State<App>,
    request: Request,
    form: Form<Credential>,
) -> Reply {
    let secrets = match Secrets::draw(app.engine(), &request) {
        Ok(secrets) => secrets,
        Err(fault) => return web::error::page(&request, None, &fault),
    };
    let (for_page, given) = (app.clone(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        let party = Party::of(&for_page, &staff.request).ok_or(Fault::NotFound)?;
        let clock = for_page.clock();
        if passkeys::finish_proof(tx, clock, &party, account, &given.ceremony, &given.credential)? {
            return renew(tx, &for_page, staff, &secrets, &given.then);
        }
        let mut problems = Problems::default();
        problems.add("password", Texts::new(staff.locale()).passkeys_wrong());
        let page = page(tx, &for_page, staff, &given.then, &problems)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}
