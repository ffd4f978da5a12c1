//! The hub of the settings, and the shop's own page.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use kernel::{Fault, Locale, Permission};
use primitives::shop;
use serde::Deserialize;
use web::health::Level;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::Done;
use crate::form::{Field, Problems, zones};
use crate::health;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "settings/templates/hub.html")]
struct HubPage {
    t: Texts,
    shell: Shell,
    places: Vec<Place>,
}

/// One place of the settings.
struct Place {
    href: &'static str,
    name: &'static str,
    says: &'static str,
    /// The colour and the words of what wants somebody there.
    mark: Option<(&'static str, String)>,
}

/// `GET /settings`: only what one may tend is shown.
pub(crate) async fn hub(State(app): State<App>, request: Request) -> Reply {
    let level = app.known_level();
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ReadAudit)?;
        let t = Texts::new(staff.locale());
        let may = |permission| staff.actor.may(permission);
        let place = |href, name, says| Place { href, name, says, mark: None };
        let mut places = Vec::new();
        if may(Permission::ReadHealth) {
            let mark = (level != Level::Ok)
                .then(|| (health::page::ink(level), health::page::word(&t, level).to_owned()));
            places.push(Place { mark, ..place("/settings/health", t.health_heading(), t.health_lede()) });
        }
        if may(Permission::ManageAccounts) {
            places.push(place("/settings/accounts", t.accounts_heading(), t.accounts_lede()));
        }
        if may(Permission::ManageMailboxes) {
            places.push(place("/settings/mailboxes", t.mailboxes_heading(), t.mailboxes_lede()));
            places.push(place("/settings/teams", t.teams_heading(), t.teams_lede()));
        }
        if may(Permission::ManageAccounts) {
            places.push(place("/settings/doors", t.doors_heading(), t.doors_lede()));
            places.push(place("/settings/shop", t.settings_shop(), t.settings_shop_lede()));
        }
        if may(Permission::ManageTokens) {
            places.push(place("/settings/tokens", t.tokens_heading(), t.tokens_lede()));
        }
        if may(Permission::ManageJobs) {
            let dead = engine::job::counts(tx)?.into_iter().find(|(state, _)| state == "dead");
            let mark = dead.map(|(_, count)| ("broken", t.jobs_dead_mark(count).to_string()));
            places.push(Place { mark, ..place("/settings/jobs", t.jobs_heading(), t.jobs_lede()) });
        }
        places.push(place("/settings/audit", t.audit_heading(), t.audit_lede()));
        Reply::page(&HubPage { shell: Shell::new(tx, staff, Room::Settings)?, t, places })
    })
    .await
}

#[derive(Template)]
#[template(path = "settings/templates/shop.html")]
struct ShopPage {
    t: Texts,
    shell: Shell,
    name: Field,
    zone: Field,
    zones: Vec<String>,
    language: Locale,
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenShop {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    zone: String,
}

fn shop_page(
    tx: &mut engine::Tx<'_>,
    staff: &Staff,
    given: &GivenShop,
    problems: &Problems,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    Reply::page(&ShopPage {
        shell: Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned)),
        name: Field::text("name", t.set_up_company_name())
            .value(&*given.name)
            .most(120)
            .required()
            .wrong(problems),
        zone: Field::text("zone", t.set_up_zone())
            .value(&*given.zone)
            .hint(t.set_up_zone_hint())
            .list("zones")
            .most(60)
            .required()
            .wrong(problems),
        zones: zones(),
        language: given.language.parse().unwrap_or(staff.locale()),
        t,
    })
}

/// `GET /settings/shop`.
pub(crate) async fn shop(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let shop = shop::find(tx)?.ok_or(Fault::NotFound)?;
        let given = GivenShop { name: shop.name, language: shop.locale.code().to_owned(), zone: shop.zone };
        let t = Texts::new(staff.locale());
        let said = (done.code() == "changed").then(|| t.settings_shop_changed());
        shop_page(tx, staff, &given, &Problems::default(), said)
    })
    .await
}

/// `POST /settings/shop`.
pub(crate) async fn change_shop(State(app): State<App>, request: Request, form: Form<GivenShop>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        let t = Texts::new(staff.locale());
        let mut problems = Problems::default();
        if crate::form::zone(&given.zone).is_err() {
            problems.add("zone", t.set_up_zone_wrong());
        } else {
            let locale = given.language.parse().unwrap_or(staff.locale());
            let changed = super::change_shop(tx, &*clock, &staff.actor, &given.name, locale, &given.zone);
            if problems.keep(staff.locale(), changed)?.is_some() {
                return Ok(Reply::redirect("/settings/shop?done=changed"));
            }
        }
        Ok(shop_page(tx, staff, &given, &problems, None)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}
