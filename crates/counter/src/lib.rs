//! The counter: conversations at work.
//!
//! Here people who work in the shop see who waits for them (`today`), go through conversations (`list`),
//! read one and act on it (`conversation`), write an answer that leaves by the outbox (`answer`), answer
//! a voice that is no conversation yet (`voice`), open its files (`attachment`) and find anything that was
//! ever said (`search`). Rules about states, waiting and visibility are the primitives'; this room
//! authorises, writes what leaves, and shows.

mod channel;
mod line;
pub mod list;
pub mod today;
mod voice;

use axum::routing::get;
use kernel::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Access, Module, Routes};

wording::include_texts!();

/// The room, for the binary to compose.
pub fn module() -> Module {
    let reads = Access::Needs(Permission::ReadVoices);
    Module {
        name: "counter",
        routes: Routes::new().get("/today", reads, get(today::page::show)).get(
            "/conversations",
            reads,
            get(list::page::show),
        ),
        api: OpenApiRouter::new().routes(routes!(list::api::list)),
        jobs: |_| {},
        statements: [today::sql::ALL].concat(),
        person_panel: None,
        today_panel: None,
    }
}
