//! The room of the people: who the customers are, as one remembers them in a good shop.
//!
//! A person is known by any number of identities and heard over any number of channels; their page holds
//! the one timeline of everything that was said and done, the notebook of small facts that they may read
//! and correct, their consents and the merges that made them one. Nobody sees a person whom they have not
//! heard in a mailbox of theirs, and no figure here counts an employee or scores a customer.

/// The condition under which an actor may know a root: heard in a visible mailbox, or not heard anywhere
/// yet; the same as `primitives::person::visible` asks. Takes the root's column and the parameter that
/// holds the visible mailboxes.
macro_rules! known {
    ($root:literal, $mailboxes:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM voice kv JOIN person km ON km.id = kv.person_id WHERE km.root_id = ",
            $root,
            " AND kv.mailbox_id IN LIST(",
            $mailboxes,
            ")) OR EXISTS (SELECT 1 FROM conversation kc JOIN person km ON km.id = kc.person_id WHERE km.root_id = ",
            $root,
            " AND kc.mailbox_id IN LIST(",
            $mailboxes,
            ")) OR (NOT EXISTS (SELECT 1 FROM voice kv JOIN person km ON km.id = kv.person_id WHERE km.root_id = ",
            $root,
            ") AND NOT EXISTS (SELECT 1 FROM conversation kc JOIN person km ON km.id = kc.person_id WHERE km.root_id = ",
            $root,
            ")))"
        )
    };
}

pub mod consent;
pub mod details;
pub mod identities;
pub mod list;
pub mod merge;
pub mod notebook;
pub mod organisation;
pub mod panel;
pub mod person;
pub mod timeline;

use axum::routing::{get, post};
use kernel::Permission::{EditPeople, MergePeople, ReadPeople};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Access, App, Module, Routes};

wording::include_texts!();

/// The room as the binary composes it.
pub fn module() -> Module {
    Module {
        name: "people",
        routes: pages(),
        api: api(),
        jobs: |_| {},
        statements: [
            consent::ALL,
            list::ALL,
            merge::ALL,
            &merge::invariant::statements(),
            merge::suggest::ALL,
            notebook::ALL,
            organisation::ALL,
            panel::ALL,
            person::ALL,
            timeline::ALL,
        ]
        .concat(),
        invariants: merge::invariant::all(),
        person_panel: Some(panel::panel),
        today_panel: None,
        health: None,
    }
}

fn pages() -> Routes {
    let (reads, edits, merges) =
        (Access::Needs(ReadPeople), Access::Needs(EditPeople), Access::Needs(MergePeople));
    Routes::new()
        .get("/people", reads, get(list::page::show))
        .get("/people/merges", reads, get(merge::suggestions_page::show))
        .post("/people/merges", merges, post(merge::suggestions_page::decide))
        .get("/people/{id}", reads, get(timeline::page::show))
        .get("/people/{id}/notebook", reads, get(notebook::page::show))
        .post("/people/{id}/facts", edits, post(notebook::page::add))
        .post("/people/{id}/facts/{fact}/remove", edits, post(notebook::page::remove))
        .get("/people/{id}/identities", reads, get(identities::page::show))
        .post("/people/{id}/identities", edits, post(identities::page::add))
        .post("/people/{id}/identities/{identity}/remove", edits, post(identities::page::remove))
        .get("/people/{id}/details", reads, get(details::page::show))
        .post("/people/{id}/details", edits, post(details::page::change))
        .post("/people/{id}/consent", edits, post(details::page::give_consent))
        .post("/people/{id}/consent/{consent}/withdraw", edits, post(details::page::withdraw_consent))
        .get("/people/{id}/merge", merges, get(merge::page::show))
        .post("/people/{id}/merge", merges, post(merge::page::merge))
        .post("/people/{id}/unmerge", merges, post(merge::page::unmerge))
        .post("/people/{id}/differ", merges, post(merge::page::differ))
        .get("/organisations/{id}", reads, get(organisation::page::show))
}

fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::api::list, list::api::create))
        .routes(routes!(person::api::show, person::api::change))
        .routes(routes!(timeline::api::show))
        .routes(routes!(notebook::api::add))
        .routes(routes!(merge::api::merge))
        .routes(routes!(merge::api::undo))
        .routes(routes!(organisation::api::list))
}
