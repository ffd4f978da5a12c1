//! The page on which one proves again who one is.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use engine::Tx;
use kernel::Fault;
use primitives::second_factor::{self, Factors};
use primitives::session::{self, Way};
use primitives::{account, provider};
use serde::Deserialize;
use web::request::{encode, safe_path};
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::form::{Field, Problems};
use crate::passkeys::page::{Credential, Ready};
use crate::passkeys::{self, Party};
use crate::second_factor::Verdict;
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
    code: Option<Field>,
    passkey: Option<Ready>,
    /// Whether a click is enough: in the demo company, which one enters by one.
    by_click: bool,
    /// The identity providers by address and name, for who has nothing else to prove it by.
    providers: Vec<(String, String)>,
}

/// Whether the account has a second factor that one types.
fn is_typed(factors: &Factors) -> bool {
    factors.any() && (factors.authenticator_since.is_some() || factors.recovery_codes > 0)
}

fn code_field(t: &Texts, factors: &Factors, problems: &Problems) -> Field {
    let label = match factors.authenticator_since {
        Some(_) => t.sign_in_code(),
        None => t.sign_in_recovery_code(),
    };
    Field::text("code", label)
        .hint(t.sign_in_code_hint())
        .autocomplete("one-time-code")
        .most(40)
        .required()
        .wrong(problems)
}

fn page(tx: &mut Tx<'_>, app: &App, staff: &Staff, then: &str, problems: &Problems) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let id = staff.actor.account.ok_or(Fault::NotFound)?;
    let credentials = crate::me::credentials(tx, id)?;
    let factors = second_factor::factors(tx, id)?;
    let typed = is_typed(&factors);
    let by_password = credentials.password_hash.is_some() && (typed || !factors.any());
    let then = safe_path(then);
    let again = |link: provider::Link| {
        let way = format!("/sign-in/provider/{}?again=yes&then={}", link.provider, encode(then));
        (way, link.name)
    };
    let password = Field::password("password", t.sign_in_password())
        .autocomplete("current-password")
        .required()
        .wrong(problems);
    let by_passkey = factors.passkeys > 0 && Party::of(app, &staff.request).is_some();
    let shell = Shell::new(tx, staff, Room::Elsewhere)?;
    Reply::page(&ProofPage {
        password: by_password.then_some(password),
        code: typed.then(|| code_field(&t, &factors, problems)),
        passkey: by_passkey.then(|| Ready::new(&t, "/me/security/confirm/passkey", &shell.csrf, then)),
        by_click: staff.way == Way::Demo && staff.demo && credentials.password_hash.is_none(),
        providers: provider::of_account(tx, id)?.into_iter().map(again).collect(),
        then: then.to_owned(),
        email: credentials.email,
        shell,
        t,
    })
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    then: String,
    /// Whether the second factor is to be shown, however lately one came in.
    #[serde(default)]
    factor: String,
}

/// `GET /me/security/confirm?factor=&then=`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        if staff.is_proved() && (asked.factor != "yes" || super::has_shown_factor(tx, staff)?) {
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

/// The session goes on under new secrets, proved; by the second factor too, where there is one.
fn renew(tx: &mut Tx<'_>, app: &App, staff: &Staff, secrets: &Secrets, then: &str) -> Result<Reply, Fault> {
    session::factor_shown(tx, app.clock(), staff.session)?;
    session::renew(tx, app.clock(), staff.session, &secrets.session, secrets.csrf())?;
    Ok(Reply::redirect(back(then))
        .header(header::SET_COOKIE, &cookie::session(&staff.request, &secrets.session)))
}

#[derive(Deserialize, Clone)]
pub(crate) struct Given {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
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
    let (Some(session), false) = (door::session(app, request).await?, request.is_cross_site()) else {
        return Ok(None);
    };
    let Some(account) = session.actor.account else { return Ok(None) };
    let subjects = Subjects::proof(app.engine(), session.id);
    let clock = app.shared_clock();
    let (admitted, hash) = app
        .engine()
        .write(move |tx| {
            let hash = crate::me::credentials(tx, account)?.password_hash;
            if hash.is_none() {
                return Ok((None, None));
            }
            Ok((Some(brake::admit(tx, &*clock, &subjects)?), hash))
        })
        .await?;
    let attempt = match admitted {
        None => return Ok(None),
        Some(Ok(attempt)) => attempt,
        Some(Err(seconds)) => return Ok(Some(Proof::Wait(seconds))),
    };
    let right = password::verify_aside(password.to_owned(), hash).await?;
    Ok(Some(if right { Proof::Given(attempt) } else { Proof::Wrong }))
}

/// What became of the code beside a password.
enum Code {
    /// It was right, or none is asked for.
    Shown,
    /// It was not.
    Wrong,
    /// It cannot be checked, and is no recovery code.
    KeyLost,
    /// This account shows its second factor by passkey only.
    ByPasskey,
}

fn by_code(tx: &mut Tx<'_>, app: &App, staff: &Staff, factors: &Factors, given: &str) -> Result<Code, Fault> {
    if !factors.any() {
        return Ok(Code::Shown);
    }
    if !is_typed(factors) {
        return Ok(Code::ByPasskey);
    }
    let account = staff.actor.account.ok_or(Fault::NotFound)?;
    let attempt = match brake::admit(tx, app.clock(), &Subjects::code_inside(app.engine(), staff.session))? {
        Ok(attempt) => attempt,
        Err(retry_after_seconds) => return Err(Fault::TooMany { retry_after_seconds }),
    };
    match crate::second_factor::verify(tx, app.clock(), account, given)? {
        Verdict::Right => {}
        Verdict::Wrong => return Ok(Code::Wrong),
        Verdict::KeyLost => return Ok(Code::KeyLost),
    }
    brake::clear(tx, &attempt)?;
    Ok(Code::Shown)
}

/// `POST /me/security/confirm`: by password and code, by a code alone for who has no password, or by a click in the demo
/// company.
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
        let account = staff.actor.account.ok_or(Fault::NotFound)?;
        account::by_id(tx, account)?.ok_or(Fault::NotFound)?;
        let has_password = crate::me::credentials(tx, account)?.password_hash.is_some();
        let factors = second_factor::factors(tx, account)?;
        let by_click = staff.way == Way::Demo && staff.demo && !has_password;
        let t = Texts::new(staff.locale());
        let mut problems = Problems::default();
        match &proof {
            None if by_click => return renew(tx, &for_page, staff, &secrets, &given.then),
            Some(Proof::Wait(seconds)) => return Err(Fault::TooMany { retry_after_seconds: *seconds }),
            Some(Proof::Wrong) => problems.add("password", t.proof_wrong()),
            None if has_password || !is_typed(&factors) => problems.add("password", t.proof_wrong()),
            None | Some(Proof::Given(_)) => match by_code(tx, &for_page, staff, &factors, &given.code)? {
                Code::Shown => {
                    if let Some(Proof::Given(attempt)) = &proof {
                        brake::clear(tx, attempt)?;
                    }
                    return renew(tx, &for_page, staff, &secrets, &given.then);
                }
                Code::Wrong => problems.add("code", t.sign_in_code_wrong()),
                Code::KeyLost => problems.add("code", t.sign_in_key_lost()),
                Code::ByPasskey => problems.add("password", t.proof_wrong()),
            },
        }
        let page = page(tx, &for_page, staff, &given.then, &problems)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
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
