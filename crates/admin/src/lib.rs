//! The room in which the shop itself is kept in order: the way in, set-up, accounts and what they may see,
//! mailboxes, teams, API tokens, failed jobs, and the record of what happened.
//!
//! The command line uses the same use cases as the pages: [`accounts::create`], [`tokens::create`],
//! [`password::hash`].

mod audit;
mod door;
mod form;
mod health;
mod jobs;
mod mailboxes;
mod me;
mod outbox;
mod role;
mod set_up;
mod settings;
mod sign_in;
mod teams;

pub mod accounts;
pub mod password;
pub mod tokens;

pub use set_up::set_up_code;

use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Access, Module, Routes};

wording::include_texts!();

/// The room, for the binary to compose.
pub fn module() -> Module {
    Module {
        name: "admin",
        routes: routes(),
        api: OpenApiRouter::new()
            .routes(routes!(audit::api::list))
            .routes(routes!(me::api::show))
            .routes(routes!(health::api::show)),
        jobs: |_| {},
        statements: [health::ALL, me::ALL, outbox::ALL, sign_in::ALL, sign_in::brake::ALL].concat(),
        invariants: Vec::new(),
        person_panel: None,
        today_panel: None,
        health: Some(health::HEALTH),
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
        .get("/me", Staff, get(me::page::show))
        .post("/me", Staff, post(me::page::prefer))
        .post("/me/password", Staff, post(me::page::change_password))
        .post("/me/theme", Staff, post(me::page::theme))
        .post("/me/sessions/{id}/end", Staff, post(me::page::end_session))
        .get("/settings", Needs(ReadAudit), get(settings::page::hub))
        .get("/settings/shop", Needs(ManageAccounts), get(settings::page::shop))
        .post("/settings/shop", Needs(ManageAccounts), post(settings::page::change_shop))
        .get("/settings/accounts", Needs(ManageAccounts), get(accounts::page::list))
        .post("/settings/accounts", Needs(ManageAccounts), post(accounts::page::create))
        .get("/settings/accounts/new", Needs(ManageAccounts), get(accounts::page::new))
        .post("/settings/accounts/grants", Needs(ManageAccounts), post(accounts::page::grant))
        .get("/settings/accounts/{id}", Needs(ManageAccounts), get(accounts::page::one))
        .post("/settings/accounts/{id}", Needs(ManageAccounts), post(accounts::page::change))
        .post("/settings/accounts/{id}/password", Needs(ManageAccounts), post(accounts::page::new_password))
        .post("/settings/accounts/{id}/end", Needs(ManageAccounts), post(accounts::page::end))
        .get("/settings/mailboxes", Needs(ManageMailboxes), get(mailboxes::page::list))
        .post("/settings/mailboxes", Needs(ManageMailboxes), post(mailboxes::page::create))
        .post("/settings/mailboxes/{id}", Needs(ManageMailboxes), post(mailboxes::page::change))
        .get("/settings/teams", Needs(ManageMailboxes), get(teams::page::list))
        .post("/settings/teams", Needs(ManageMailboxes), post(teams::page::create))
        .post("/settings/teams/{id}", Needs(ManageMailboxes), post(teams::page::change))
        .get("/settings/tokens", Needs(ManageTokens), get(tokens::page::list))
        .post("/settings/tokens", Needs(ManageTokens), post(tokens::page::create))
        .post("/settings/tokens/{id}/revoke", Needs(ManageTokens), post(tokens::page::revoke))
        .get("/settings/jobs", Needs(ManageJobs), get(jobs::page::list))
        .post("/settings/jobs/{id}/retry", Needs(ManageJobs), post(jobs::page::retry))
        .get("/settings/health", Needs(ReadHealth), get(health::page::show))
        .get("/settings/outbox", Needs(ManageJobs), get(outbox::page::list))
        .get("/settings/audit", Needs(ReadAudit), get(audit::page::show))
}
