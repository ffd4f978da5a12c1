//! `GET /people`.

use askama::Template;
use axum::extract::{Query, State};
use kernel::Permission;
use primitives::person::Person;
use serde::Deserialize;
use web::request::encode;
use web::{App, Reply, Request, Room, Shell};

use crate::texts::Texts;

/// How many people one page shows.
const LIMIT: u32 = 50;

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// What is looked for.
    #[serde(default)]
    q: String,
    /// Where the page starts.
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "list/templates/page.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    query: String,
    people: Vec<Person>,
    merges: bool,
    paged: bool,
    next: Option<String>,
}

/// The people whom the reader may know.
pub async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| {
        let after = asked.after.parse().ok();
        let people = super::list(tx, &staff.actor, &asked.q, after.as_ref(), LIMIT)?;
        let shell = Shell::new(tx, staff, Room::People)?;
        let next = people
            .next
            .map(|place| format!("/people?q={}&after={}", encode(&asked.q), encode(&place.to_string())));
        Reply::page(&ListPage {
            t: Texts::new(staff.locale()),
            shell,
            query: asked.q.trim().to_owned(),
            people: people.items,
            merges: staff.actor.may(Permission::MergePeople),
            paged: after.is_some(),
            next,
        })
    })
    .await
}
