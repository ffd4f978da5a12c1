//! The counter: conversations at work.
//!
//! Here people who work in the shop see who waits for them (`today`), go through conversations (`list`),
//! read one and act on it (`conversation`), write an answer that leaves by the outbox (`answer`), answer
//! a voice that is no conversation yet (`voice`), open its files (`attachment`) and find anything that was
//! ever said (`search`). Rules about states, waiting and visibility are the primitives'; this room
//! authorises, writes what leaves, and shows.

pub mod answer;
pub(crate) mod attachment;
mod channel;
pub mod conversation;
mod line;
pub mod list;
pub mod search;
pub mod today;
pub mod voice;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use engine::Statement;
use kernel::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Access, App, Module, Routes};

wording::include_texts!();

/// The room, for the binary to compose.
pub fn module() -> Module {
    Module {
        name: "counter",
        routes: pages(),
        api: api(),
        jobs: conversation::job::register,
        statements: statements(),
        invariants: answer::invariant::INVARIANTS.iter().collect(),
        person_panel: None,
        today_panel: None,
        health: None,
    }
}

/// The statements of this room, for the test that prepares every one on both engines.
pub fn statements() -> Vec<&'static Statement> {
    [answer::invariant::ALL, today::sql::ALL, conversation::job::ALL, conversation::sql::ALL].concat()
}

fn pages() -> Routes {
    let reads = Access::Needs(Permission::ReadVoices);
    let answers = Access::Needs(Permission::AnswerConversations);
    // A form with files is bounded where it is read, so that what is too large is told and not cut off.
    let unbounded = || DefaultBodyLimit::disable();
    Routes::new()
        .get("/today", reads, get(today::page::show))
        .get("/conversations", reads, get(list::page::show))
        .get("/conversations/{id}", reads, get(conversation::page::show))
        .post("/conversations/{id}/reply", answers, post(conversation::act::reply).layer(unbounded()))
        .post(
            "/conversations/{id}/note",
            Access::Needs(Permission::WriteNotes),
            post(conversation::act::note).layer(unbounded()),
        )
        .post("/conversations/{id}/state", answers, post(conversation::act::state))
        .post("/conversations/{id}/assign", answers, post(conversation::act::assign))
        .post("/conversations/{id}/continuation", answers, post(conversation::act::continuation))
        .get("/voices/{id}", reads, get(voice::page::show))
        .post("/voices/{id}/answer", answers, post(voice::page::answer).layer(unbounded()))
        .post("/voices/{id}/attribute", Access::Needs(Permission::EditPeople), post(voice::attribute::set))
        .get("/voices/{id}/original", reads, get(voice::original::show))
        .get("/voices/{id}/raw", reads, get(voice::original::raw))
        .get("/attachments/{id}", reads, get(attachment::show))
        .get("/search", reads, get(search::page::show))
}

fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::api::list))
        .routes(routes!(conversation::api::show))
        .routes(routes!(conversation::api::thread, conversation::api::write))
        .routes(routes!(conversation::api::state))
        .routes(routes!(conversation::api::assign))
        .routes(routes!(voice::attribute::api))
        .routes(routes!(search::api::search))
}
