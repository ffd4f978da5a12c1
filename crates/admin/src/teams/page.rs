//! The page of teams.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use kernel::{AccountId, Fault, Permission, TeamId};
use primitives::account::{self, Account};
use primitives::team::{self, Team};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::form::{Field, Problems};
use crate::settings::Done;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "teams/templates/list.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    teams: Vec<Team>,
    accounts: Vec<Account>,
    members: Vec<(TeamId, AccountId)>,
    name: Field,
}

impl ListPage {
    fn belongs(&self, account: &Account, team: &Team) -> bool {
        self.members.contains(&(team.id, account.id))
    }

    /// The names of a team's members.
    fn names(&self, team: &Team) -> String {
        let names: Vec<&str> = self
            .accounts
            .iter()
            .filter(|account| self.belongs(account, team))
            .map(|account| account.name.as_str())
            .collect();
        if names.is_empty() { self.t.teams_nobody().to_owned() } else { names.join(", ") }
    }
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenName {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct GivenMembers {
    #[serde(default)]
    member: Vec<String>,
}

fn page(
    tx: &mut engine::Tx<'_>,
    staff: &Staff,
    given: &GivenName,
    problems: &Problems,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let mut accounts = account::list(tx)?;
    accounts.retain(|account| account.ended_at.is_none());
    Reply::page(&ListPage {
        shell: Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned)),
        teams: team::list(tx)?,
        members: team::members(tx)?,
        accounts,
        name: Field::text("name", t.teams_name())
            .value(&*given.name)
            .hint(t.teams_name_hint())
            .most(super::MOST_NAME)
            .required()
            .wrong(problems),
        t,
    })
}

/// `GET /settings/teams`.
pub(crate) async fn list(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageMailboxes)?;
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "created" => Some(t.teams_done_created()),
            "changed" => Some(t.teams_done_changed()),
            _ => None,
        };
        page(tx, staff, &GivenName::default(), &Problems::default(), said)
    })
    .await
}

/// `POST /settings/teams`.
pub(crate) async fn create(State(app): State<App>, request: Request, form: Form<GivenName>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        let created = super::create(tx, &*clock, &staff.actor, &given.name);
        let mut problems = Problems::default();
        if problems.keep(staff.locale(), created)?.is_some() {
            return Ok(Reply::redirect("/settings/teams?done=created"));
        }
        Ok(page(tx, staff, &given, &problems, None)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

/// `POST /settings/teams/{id}`: who belongs to it.
pub(crate) async fn change(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<GivenMembers>,
) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageMailboxes)?;
        let id: TeamId = id.parse().map_err(|_| Fault::NotFound)?;
        let mut members = Vec::new();
        for member in &given.member {
            members.push(member.parse::<AccountId>().map_err(|_| Fault::NotFound)?);
        }
        super::set_members(tx, &*clock, &staff.actor, id, &members)?;
        Ok(Reply::redirect("/settings/teams?done=changed"))
    })
    .await
}
