//! The pages of set-up.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use kernel::{Fault, Locale, Permission, fault};
use primitives::session::Way;
use primitives::shop::{self, SetupStep, Shop};
use serde::Deserialize;
use web::{App, Door, Form, Reply, Request};

use super::Company;
use super::gate::{Gate, is_code};
use crate::form::{Field, Problems, zone, zones};
use crate::password;
use crate::sign_in::{Entry, Secrets, begin, cookie};
use crate::texts::Texts;
use crate::{door, form};

/// The zone that is offered first.
const USUAL_ZONE: &str = "Europe/Rome";

#[derive(Template)]
#[template(path = "set_up/templates/code.html")]
struct CodePage {
    t: Texts,
    door: Door,
    code: Field,
}

#[derive(Template)]
#[template(path = "set_up/templates/company.html")]
struct CompanyPage {
    t: Texts,
    door: Door,
    name: Field,
    zone: Field,
    zones: Vec<String>,
    chosen: Locale,
}

#[derive(Template)]
#[template(path = "set_up/templates/administrator.html")]
struct AdministratorPage {
    t: Texts,
    door: Door,
    shop: String,
    name: Field,
    email: Field,
    password: Field,
}

#[derive(Template)]
#[template(path = "set_up/templates/mailbox.html")]
struct MailboxPage {
    t: Texts,
    door: Door,
    csrf: String,
    name: Field,
    address: Field,
    first: String,
}

/// The frame of a step. A change of language leads back to the step, not to the form that was sent.
fn frame(request: &Request, shop: Option<&Shop>, here: &str) -> (Door, Texts) {
    let mut door = Door::new(request, shop.map(|shop| shop.locale));
    door.here = here.to_owned();
    let t = Texts::new(door.locale);
    (door, t)
}

fn code_page(request: &Request, shop: Option<&Shop>, problems: &Problems) -> Result<Reply, Fault> {
    let (door, t) = frame(request, shop, "/set-up");
    let code =
        Field::text("code", t.set_up_code()).hint(t.set_up_code_hint()).most(40).required().wrong(problems);
    Reply::page(&CodePage { t, door, code })
}

fn company_page(
    request: &Request,
    shop: Option<&Shop>,
    given: &GivenCompany,
    problems: &Problems,
) -> Result<Reply, Fault> {
    let (door, t) = frame(request, shop, "/set-up?step=company");
    let name = Field::text("name", t.set_up_company_name())
        .value(&*given.name)
        .autocomplete("organization")
        .most(120)
        .required()
        .wrong(problems);
    let zone = Field::text("zone", t.set_up_zone())
        .value(&*given.zone)
        .hint(t.set_up_zone_hint())
        .list("zones")
        .most(60)
        .required()
        .wrong(problems);
    let chosen = given.language.parse().unwrap_or(door.locale);
    Reply::page(&CompanyPage { t, door, name, zone, zones: zones(), chosen })
}

fn administrator_page(
    request: &Request,
    shop: &Shop,
    given: &GivenAdministrator,
    problems: &Problems,
) -> Result<Reply, Fault> {
    let (door, t) = frame(request, Some(shop), "/set-up");
    let name = Field::text("name", t.set_up_your_name())
        .value(&*given.name)
        .hint(t.set_up_your_name_hint())
        .autocomplete("name")
        .most(120)
        .required()
        .wrong(problems);
    let email = Field::email("email", t.set_up_your_email())
        .value(&*given.email)
        .autocomplete("username")
        .most(254)
        .required()
        .wrong(problems);
    let password = Field::password("password", t.set_up_your_password())
        .hint(t.password_hint(password::LEAST))
        .autocomplete("new-password")
        .least(password::LEAST)
        .required()
        .wrong(problems);
    Reply::page(&AdministratorPage { t, door, shop: shop.name.clone(), name, email, password })
}

fn mailbox_page(
    request: &Request,
    locale: Locale,
    csrf: &str,
    given: &GivenMailbox,
    problems: &Problems,
) -> Result<Reply, Fault> {
    // Who is signed in reads in the account's language, whatever the browser asks for.
    let mut reading = request.clone();
    reading.locale = Some(locale);
    let (door, t) = frame(&reading, None, "/set-up/mailbox");
    let name = Field::text("name", t.set_up_mailbox_name())
        .value(given.name.as_deref().unwrap_or_else(|| t.set_up_mailbox_usual()))
        .hint(t.set_up_mailbox_name_hint())
        .most(80)
        .required()
        .wrong(problems);
    let address = Field::email("address", t.set_up_mailbox_address())
        .value(&*given.address)
        .hint(t.set_up_mailbox_address_hint())
        .most(254)
        .wrong(problems);
    let first = if given.first.is_empty() { "capture".to_owned() } else { given.first.clone() };
    Reply::page(&MailboxPage { t, door, csrf: csrf.to_owned(), name, address, first })
}

#[derive(Deserialize)]
pub(crate) struct Step {
    #[serde(default)]
    step: String,
}

/// `GET /set-up`: the step that is due.
pub(crate) async fn show(
    State(app): State<App>,
    gate: Gate,
    request: Request,
    Query(asked): Query<Step>,
) -> Reply {
    door::read(&app, request, move |tx, request| {
        let shop = shop::find(tx)?;
        match shop.as_ref().map(|shop| shop.step) {
            Some(SetupStep::Done) => return Ok(Reply::redirect("/")),
            Some(SetupStep::Source) => return Ok(Reply::redirect("/set-up/mailbox")),
            _ => {}
        }
        if !gate.open {
            return code_page(request, shop.as_ref(), &Problems::default());
        }
        match &shop {
            Some(shop) if asked.step != "company" => {
                administrator_page(request, shop, &GivenAdministrator::default(), &Problems::default())
            }
            shop => {
                let given = match shop {
                    Some(shop) => GivenCompany {
                        name: shop.name.clone(),
                        language: shop.locale.code().to_owned(),
                        zone: shop.zone.clone(),
                    },
                    None => GivenCompany { zone: USUAL_ZONE.to_owned(), ..GivenCompany::default() },
                };
                company_page(request, shop.as_ref(), &given, &Problems::default())
            }
        }
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct GivenCode {
    #[serde(default)]
    code: String,
}

/// `POST /set-up/code`: shows the code that the console printed.
pub(crate) async fn code(State(app): State<App>, request: Request, form: Form<GivenCode>) -> Reply {
    if request.is_cross_site() {
        return web::error::forged(&request);
    }
    if is_code(app.engine(), &form.fields.code) {
        let cookie = cookie::set_up(&request, &super::set_up_code(app.engine()));
        return Reply::redirect("/set-up").header(header::SET_COOKIE, &cookie);
    }
    door::read(&app, request, |tx, request| {
        let shop = shop::find(tx)?;
        let mut problems = Problems::default();
        problems.add("code", Texts::new(frame(request, shop.as_ref(), "").0.locale).set_up_code_wrong());
        Ok(code_page(request, shop.as_ref(), &problems)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenCompany {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    zone: String,
}

/// `POST /set-up/company`.
pub(crate) async fn company(
    State(app): State<App>,
    gate: Gate,
    request: Request,
    form: Form<GivenCompany>,
) -> Reply {
    if !gate.open {
        return Reply::redirect("/set-up");
    }
    let given = form.fields;
    door::write(&app, request, move |tx, request| {
        let shop = shop::find(tx)?;
        let (door, t) = frame(request, shop.as_ref(), "");
        let mut problems = Problems::default();
        let name = problems.keep(door.locale, fault::required("name", &given.name, 120))?;
        let zone = zone(&given.zone).ok();
        if zone.is_none() {
            problems.add("zone", t.set_up_zone_wrong());
        }
        let (Some(name), Some(zone)) = (name, zone) else {
            let page = company_page(request, shop.as_ref(), &given, &problems)?;
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY));
        };
        let locale = given.language.parse().unwrap_or(door.locale);
        super::name_company(tx, &Company { name, locale, zone })?;
        Ok(Reply::redirect("/set-up"))
    })
    .await
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenAdministrator {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// `POST /set-up/administrator`: creates the first account and signs it in.
pub(crate) async fn administrator(
    State(app): State<App>,
    gate: Gate,
    request: Request,
    form: Form<GivenAdministrator>,
) -> Reply {
    if !gate.open {
        return Reply::redirect("/set-up");
    }
    let asking = request.clone();
    door::answered(&request, appoint(&app, asking, form.fields).await)
}

async fn appoint(app: &App, request: Request, given: GivenAdministrator) -> Result<Reply, Fault> {
    app.brake(&request)?;
    if request.is_cross_site() {
        return Ok(web::error::forged(&request));
    }
    let (asking, checking) = (request.clone(), given.clone());
    let refused = app
        .engine()
        .read(move |tx| {
            let Some(shop) = shop::find(tx)? else { return Ok(Some(Reply::redirect("/set-up"))) };
            let (door, t) = frame(&asking, Some(&shop), "");
            let mut problems = Problems::default();
            problems.keep(door.locale, fault::required("name", &checking.name, 120))?;
            if !primitives::identity::is_email(checking.email.trim()) {
                problems.add("email", t.form_email_wrong());
            }
            if let Err(weakness) =
                password::check(&checking.password, &[&checking.name, &checking.email, &shop.name])
            {
                problems.add("password", weakness.sentence(&t));
            }
            if problems.none() {
                return Ok(None);
            }
            let page = administrator_page(&asking, &shop, &checking, &problems)?;
            Ok(Some(page.status(StatusCode::UNPROCESSABLE_ENTITY)))
        })
        .await?;
    if let Some(refused) = refused {
        return Ok(refused);
    }
    let hash = password::hash_aside(given.password.clone()).await?;
    let secrets = Secrets::draw(app.engine(), &request)?;
    let (clock, cookie) = (app.shared_clock(), cookie::session(&request, &secrets.session));
    let locale = Door::new(&request, None).locale;
    app.engine()
        .write(move |tx| {
            // Whoever named the company chose its language a moment ago.
            let locale = shop::find(tx)?.map_or(locale, |shop| shop.locale);
            let account = super::appoint(tx, &*clock, given.name.trim(), &given.email, &hash, locale)?;
            begin(tx, &*clock, &request, account, &secrets, Entry::here(Way::SetUp))
        })
        .await?;
    Ok(Reply::redirect("/set-up/mailbox").header(header::SET_COOKIE, &cookie))
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenMailbox {
    name: Option<String>,
    #[serde(default)]
    address: String,
    #[serde(default)]
    first: String,
}

/// `GET /set-up/mailbox`: the last step, for the administrator who is signed in by now.
pub(crate) async fn mailbox(State(app): State<App>, request: Request) -> Reply {
    app.page(request, |tx, staff| {
        staff.actor.authorise(Permission::ManageMailboxes)?;
        if shop::find(tx)?.is_none_or(|shop| shop.step != SetupStep::Source) {
            return Ok(Reply::redirect("/"));
        }
        let given = GivenMailbox::default();
        mailbox_page(&staff.request, staff.locale(), &staff.csrf, &given, &Problems::default())
    })
    .await
}

/// `POST /set-up/mailbox`: opens the shop and leads to what comes first.
pub(crate) async fn open(State(app): State<App>, request: Request, form: Form<GivenMailbox>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageMailboxes)?;
        let mut problems = Problems::default();
        let given_name = given.name.as_deref().unwrap_or_default();
        let name = problems.keep(staff.locale(), fault::required("name", given_name, 80))?;
        let address = problems.keep(staff.locale(), form::address(&given.address))?;
        if let (Some(name), Some(address)) = (name, address) {
            let opened =
                tx.savepoint(|tx| super::open_shop(tx, &*clock, &staff.actor, &name, address.as_deref()));
            if problems.keep(staff.locale(), opened)?.is_some() {
                return Ok(Reply::redirect(match given.first.as_str() {
                    "capture" => "/capture",
                    "import" => "/listen/import",
                    _ => "/today",
                }));
            }
        }
        let page = mailbox_page(&staff.request, staff.locale(), &staff.csrf, &given, &problems)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}
