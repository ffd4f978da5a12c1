//! The page of the doors.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, Permission};
use primitives::policy::{self, Policy};
use primitives::provider::{self, Provider};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::form::{Field, Problems};
use crate::proof;
use crate::settings::Done;
use crate::texts::Texts;

const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 86_400;

#[derive(Template)]
#[template(path = "doors/templates/page.html")]
struct DoorsPage {
    t: Texts,
    shell: Shell,
    required: bool,
    by_password: bool,
    password_problem: String,
    idle: Field,
    most: Field,
    providers: Vec<Provider>,
}

#[derive(Deserialize, Clone, Default)]
pub(crate) struct Given {
    #[serde(default)]
    second_factor: String,
    #[serde(default)]
    password_sign_in: String,
    #[serde(default)]
    idle: String,
    #[serde(default)]
    most: String,
}

impl Given {
    fn of(policy: Policy) -> Given {
        let tick = |on: bool| if on { "yes" } else { "" }.to_owned();
        Given {
            second_factor: tick(policy.second_factor_required),
            password_sign_in: tick(policy.password_sign_in),
            idle: (policy.session_idle_seconds / HOUR_SECONDS).max(1).to_string(),
            most: (policy.session_most_seconds / DAY_SECONDS).max(1).to_string(),
        }
    }
}

fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    given: &Given,
    problems: &Problems,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    Reply::page(&DoorsPage {
        shell: Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned)),
        required: given.second_factor == "yes",
        by_password: given.password_sign_in == "yes",
        password_problem: problems.of("password_sign_in").to_owned(),
        idle: Field::number("idle", t.doors_idle())
            .value(&*given.idle)
            .hint(t.doors_idle_hint())
            .required()
            .wrong(problems),
        most: Field::number("most", t.doors_most())
            .value(&*given.most)
            .hint(t.doors_most_hint())
            .required()
            .wrong(problems),
        providers: provider::list(tx)?,
        t,
    })
}

/// `GET /settings/doors`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/doors") {
            return Ok(first);
        }
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "changed" => Some(t.doors_done_changed()),
            "provider" => Some(t.doors_done_provider()),
            "ended" => Some(t.doors_done_ended()),
            _ => None,
        };
        let given = Given::of(policy::find(tx)?);
        page(tx, staff, &given, &Problems::default(), said)
    })
    .await
}

/// `POST /settings/doors`.
pub(crate) async fn change(State(app): State<App>, request: Request, form: Form<Given>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageAccounts)?;
        if let Some(first) = proof::needed(staff, "/settings/doors") {
            return Ok(first);
        }
        let t = Texts::new(staff.locale());
        let mut problems = Problems::default();
        let times = |text: &str, unit: i64| text.trim().parse::<i64>().ok().and_then(|n| n.checked_mul(unit));
        let (idle, most) = (times(&given.idle, HOUR_SECONDS), times(&given.most, DAY_SECONDS));
        if let (Some(session_idle_seconds), Some(session_most_seconds)) = (idle, most) {
            let to = Policy {
                second_factor_required: given.second_factor == "yes",
                password_sign_in: given.password_sign_in == "yes",
                session_idle_seconds,
                session_most_seconds,
            };
            match tx.savepoint(|tx| super::change(tx, &*clock, &staff.actor, to)) {
                Ok(()) => return Ok(Reply::redirect("/settings/doors?done=changed")),
                Err(Fault::Invalid { field: "idle", .. }) => problems.add("idle", t.doors_idle_wrong()),
                Err(Fault::Invalid { field: "most", .. }) => problems.add("most", t.doors_most_wrong()),
                Err(Fault::Invalid { field: "password_sign_in", .. }) => {
                    problems.add("password_sign_in", t.doors_password_wrong());
                }
                Err(other) => return Err(other),
            }
        }
        if idle.is_none() {
            problems.add("idle", t.doors_idle_wrong());
        }
        if most.is_none() {
            problems.add("most", t.doors_most_wrong());
        }
        Ok(page(tx, staff, &given, &problems, None)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}
