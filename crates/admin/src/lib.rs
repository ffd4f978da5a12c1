//! The room in which the shop itself is kept in order: the way in, set-up, accounts and what they may see,
//! mailboxes, teams, API tokens, failed jobs, and the record of what happened.
//!
//! The command line uses the same use cases as the pages: `accounts::create`, `tokens::create`,
//! [`password::hash`].

mod door;
mod form;
mod role;
mod set_up;
mod sign_in;

pub mod password;

pub use set_up::set_up_code;

use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;
use web::{Access, Module, Routes};

wording::include_texts!();

/// The room, for the binary to compose.
pub fn module() -> Module {
    Module {
        name: "admin",
        routes: routes(),
        api: OpenApiRouter::new(),
        jobs: |_| {},
        statements: [sign_in::ALL, sign_in::brake::ALL].concat(),
        person_panel: None,
        today_panel: None,
    }
}

fn routes() -> Routes {
    use Access::{Needs, Public, Staff};
    use kernel::Permission::*;
    Routes::new()
        .get("/", Public, get(sign_in::page::way_in))
        .get("/sign-in", Public, get(sign_in::page::show))
        .post("/sign-in", Public, post(sign_in::page::enter))
        .post("/enter", Public, post(sign_in::page::enter_demo))
        .post("/sign-out", Staff, post(sign_in::page::leave))
        .post("/language", Public, post(sign_in::page::language))
        .get("/set-up", Public, get(set_up::page::show))
        .post("/set-up/code", Public, post(set_up::page::code))
        .post("/set-up/company", Public, post(set_up::page::company))
        .post("/set-up/administrator", Public, post(set_up::page::administrator))
        .get("/set-up/mailbox", Needs(ManageMailboxes), get(set_up::page::mailbox))
        .post("/set-up/mailbox", Needs(ManageMailboxes), post(set_up::page::open))
}
