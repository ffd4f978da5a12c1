//! The pages of identity providers.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, Permission, ProviderId, Reason, Role};
use primitives::provider::{self, Provider};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::Written;
use crate::form::{Field, Problems};
use crate::texts::Texts;
use crate::{proof, role};

#[derive(Template)]
#[template(path = "doors/templates/provider.html")]
struct ProviderPage {
    t: Texts,
    shell: Shell,
    /// The provider, when it exists already.
    known: Option<(String, String)>,
    back: String,
    name: Field,
    issuer: Option<Field>,
    client_id: Field,
    client_secret: Field,
    domains: Field,
    group_claim: Field,
    group_roles: String,
    group_problem: String,
    links: bool,
    creates: bool,
    second: bool,
    roles: Vec<(&'static str, &'static str, bool)>,
}

#[derive(Deserialize, Clone, Default)]
pub(crate) struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    domains: String,
    #[serde(default)]
    links: String,
    #[serde(default)]
    creates: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    group_claim: String,
    #[serde(default)]
    group_roles: String,
}

impl Given {
    fn of(provider: &Provider) -> Given {
        let tick = |on: bool| if on { "yes" } else { "" }.to_owned();
        let is = &provider.is;
        let groups = is.group_roles.iter().map(|it| format!("{} = {}", it.group, it.role.code()));
        Given {
            name: is.name.clone(),
            issuer: is.issuer.clone(),
            client_id: is.client_id.clone(),
            client_secret: String::new(),
            domains: is.domains.join(", "),
            links: tick(is.links_by_email),
            creates: tick(is.creates_accounts),
            second: tick(is.second_factor),
            role: is.default_role.code().to_owned(),
            group_claim: is.group_claim.clone().unwrap_or_default(),
            group_roles: groups.collect::<Vec<_>>().join("\n"),
        }
    }

    fn written(&self) -> Written {
        Written {
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            domains: self.domains.clone(),
            links_by_email: self.links == "yes",
            creates_accounts: self.creates == "yes",
            role: self.role.clone(),
            group_claim: self.group_claim.clone(),
            group_roles: self.group_roles.clone(),
            second_factor: self.second == "yes",
        }
    }
}

fn page(
    tx: &mut Tx<'_>,
    app: &App,
    staff: &Staff,
    known: Option<&Provider>,
    given: &Given,
    problems: &Problems,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let text = |name, label: &'static str| Field::text(name, label).wrong(problems);
    let chosen = Role::from_code(&given.role).unwrap_or(Role::Function);
    let secret = Field::password("client_secret", t.doors_client_secret()).most(1_000).wrong(problems);
    let has_secret = known.is_some_and(Provider::has_secret);
    Reply::page(&ProviderPage {
        shell: Shell::new(tx, staff, Room::Settings)?,
        known: known.map(|it| (it.id.to_string(), it.is.issuer.clone())),
        back: crate::provider::back(app, &staff.request),
        name: text("name", t.doors_name()).value(&*given.name).hint(t.doors_name_hint()).most(60).required(),
        issuer: known.is_none().then(|| {
            text("issuer", t.doors_issuer())
                .value(&*given.issuer)
                .hint(t.doors_issuer_hint())
                .most(300)
                .required()
        }),
        client_id: text("client_id", t.doors_client_id()).value(&*given.client_id).most(300).required(),
        client_secret: if has_secret { secret.hint(t.doors_client_secret_kept()) } else { secret },
        domains: text("domains", t.doors_domains()).value(&*given.domains).hint(t.doors_domains_hint()),
        group_claim: text("group_claim", t.doors_group_claim())
            .value(&*given.group_claim)
            .hint(t.doors_group_claim_hint())
            .most(60),
        group_roles: given.group_roles.clone(),
        group_problem: problems.of("group_roles").to_owned(),
        links: given.links == "yes",
        creates: given.creates == "yes",
        second: given.second == "yes",
        // Who administers is appointed here, by a person, and not by a form of another house.
        roles: Role::ALL
            .into_iter()
            .filter(|it| *it != Role::Administrator)
            .map(|it| (it.code(), role::name(&t, it), it == chosen))
            .collect(),
        t,
    })
}

/// What is wrong with a provider that was sent, beside the field.
fn explain(t: &Texts, problems: &mut Problems, fault: Fault) -> Result<(), Fault> {
    let Fault::Invalid { field, reason } = fault else { return Err(fault) };
    let sentence = match field {
        "issuer" => t.doors_issuer_wrong(),
        "domains" if reason == Reason::Missing => t.doors_domains_missing(),
        "domains" => t.doors_domains_wrong(),
        "group_roles" => t.doors_group_roles_wrong(),
        _ => t.doors_field_wrong(),
    };
    problems.add(field, sentence);
    Ok(())
}

/// `GET /settings/doors/providers/new`.
pub(crate) async fn new(State(app): State<App>, request: Request) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/doors/providers/new") {
            return Ok(first);
        }
        page(tx, &for_page, staff, None, &Given::default(), &Problems::default())
    })
    .await
}

/// `POST /settings/doors/providers`.
pub(crate) async fn create(State(app): State<App>, request: Request, form: Form<Given>) -> Reply {
    let (for_page, given) = (app.clone(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/doors/providers/new") {
            return Ok(first);
        }
        let written = given.written();
        let created = tx.savepoint(|tx| super::create(tx, for_page.clock(), &staff.actor, &written));
        let mut problems = Problems::default();
        match created {
            Ok(_) => return Ok(Reply::redirect("/settings/doors?done=provider")),
            Err(fault) => explain(&Texts::new(staff.locale()), &mut problems, fault)?,
        }
        let page = page(tx, &for_page, staff, None, &given, &problems)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

fn parsed(id: &str) -> Result<ProviderId, Fault> {
    id.parse().map_err(|_| Fault::NotFound)
}

/// `GET /settings/doors/providers/{id}`.
pub(crate) async fn one(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    let for_page = app.clone();
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let known = provider::by_id(tx, parsed(&id)?)?.ok_or(Fault::NotFound)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/doors/providers/{id}")) {
            return Ok(first);
        }
        page(tx, &for_page, staff, Some(&known), &Given::of(&known), &Problems::default())
    })
    .await
}

/// `POST /settings/doors/providers/{id}`.
pub(crate) async fn change(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Given>,
) -> Reply {
    let (for_page, given) = (app.clone(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let known = provider::by_id(tx, parsed(&id)?)?.ok_or(Fault::NotFound)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/doors/providers/{id}")) {
            return Ok(first);
        }
        let written = given.written();
        let changed =
            tx.savepoint(|tx| super::change_provider(tx, for_page.clock(), &staff.actor, known.id, &written));
        let mut problems = Problems::default();
        match changed {
            Ok(()) => return Ok(Reply::redirect("/settings/doors?done=provider")),
            Err(fault) => explain(&Texts::new(staff.locale()), &mut problems, fault)?,
        }
        let page = page(tx, &for_page, staff, Some(&known), &given, &problems)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /settings/doors/providers/{id}/end`.
pub(crate) async fn end(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, &format!("/settings/doors/providers/{id}")) {
            return Ok(first);
        }
        super::end_provider(tx, &*clock, &staff.actor, parsed(&id)?)?;
        Ok(Reply::redirect("/settings/doors?done=ended"))
    })
    .await
}
