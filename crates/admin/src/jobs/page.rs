//! The page of jobs.

use askama::Template;
use axum::extract::{Path, Query, State};
use engine::job::{self, JobState};
use kernel::{Fault, JobId, Permission};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell};

use crate::texts::Texts;

#[derive(Template)]
#[template(path = "jobs/templates/list.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    pills: Vec<Pill>,
    state: &'static str,
    jobs: Vec<JobState>,
    next: Option<String>,
}

/// One state of the chooser.
struct Pill {
    state: &'static str,
    name: String,
    current: bool,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    state: String,
    cursor: Option<String>,
    #[serde(default)]
    done: String,
}

/// `GET /settings/jobs?state=dead|waiting|running`.
pub(crate) async fn list(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageJobs)?;
        let t = Texts::new(staff.locale());
        let counts = job::counts(tx)?;
        let count = |state: &str| counts.iter().find(|(it, _)| it == state).map_or(0, |(_, count)| *count);
        let state = match asked.state.as_str() {
            "waiting" => "waiting",
            "running" => "running",
            _ => "dead",
        };
        let cursor = asked.cursor.as_deref().map(str::parse).transpose().map_err(|_| Fault::NotFound)?;
        let page = job::in_state(tx, state, cursor, kernel::paging::DEFAULT_LIMIT)?;
        let said = (asked.done == "retried").then(|| t.jobs_done_retried().to_owned());
        let pill = |code, name| Pill { state: code, name, current: code == state };
        Reply::page(&ListPage {
            shell: Shell::new(tx, staff, Room::Settings)?.flash(said),
            pills: vec![
                pill("dead", t.jobs_dead(count("dead"))),
                pill("waiting", t.jobs_waiting(count("waiting"))),
                pill("running", t.jobs_running(count("running"))),
            ],
            state,
            jobs: page.items,
            next: page.next.map(|cursor| cursor.to_string()),
            t,
        })
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `POST /settings/jobs/{id}/retry`.
pub(crate) async fn retry(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageJobs)?;
        let id: JobId = id.parse().map_err(|_| Fault::NotFound)?;
        super::retry(tx, &*clock, &staff.actor, id)?;
        Ok(Reply::redirect("/settings/jobs?done=retried"))
    })
    .await
}
