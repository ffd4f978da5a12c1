//! The room in which the shop itself is kept in order: the way in, set-up, accounts and what they may see,
//! mailboxes, teams, API tokens, failed jobs, and the record of what happened.
//!
//! The command line uses the same use cases as the pages: [`accounts::create`], [`tokens::create`],
//! [`password::hash`].

mod audit;
mod door;
mod doors;
mod form;
mod health;
mod jobs;
mod mailboxes;
mod me;
mod outbox;
mod passkeys;
mod password_link;
mod proof;
mod provider;
mod role;
mod second_factor;
mod set_up;
mod settings;
mod sign_in;
mod teams;

pub mod accounts;
pub mod emergency;
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
            .routes(routes!(health::api::show))
            .routes(routes!(accounts::api::list_sessions))
            .routes(routes!(accounts::api::end_sessions))
            .routes(routes!(accounts::api::end_session)),
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
        .get("/sign-in/second", Public, get(sign_in::second::show))
        .post("/sign-in/second", Public, post(sign_in::second::enter))
        .post("/sign-in/second/passkey/begin", Public, post(sign_in::second::begin_passkey))
        .post("/sign-in/second/passkey", Public, post(sign_in::second::enter_by_passkey))
        .post("/sign-in/second/leave", Public, post(sign_in::second::leave))
        .post("/sign-in/passkey/begin", Public, post(passkeys::page::begin_sign_in))
        .post("/sign-in/passkey", Public, post(passkeys::page::enter))
        .get("/sign-in/provider/back", Public, get(provider::page::back))
        .get("/sign-in/provider/{id}", Public, get(provider::page::go))
        .get("/password/{secret}", Public, get(password_link::page::show))
        .post("/password/{secret}", Public, post(password_link::page::choose))
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
        .post("/me/sessions/end-others", Staff, post(me::page::end_others))
        .get("/me/security", Staff, get(second_factor::page::show))
        .get("/me/security/confirm", Staff, get(proof::page::show))
        .post("/me/security/confirm", Staff, post(proof::page::confirm))
        .post("/me/security/confirm/passkey/begin", Staff, post(proof::page::begin_passkey))
        .post("/me/security/confirm/passkey", Staff, post(proof::page::confirm_by_passkey))
        .get("/me/security/authenticator", Staff, get(second_factor::page::authenticator))
        .post("/me/security/authenticator", Staff, post(second_factor::page::offer))
        .post("/me/security/authenticator/confirm", Staff, post(second_factor::page::confirm))
        .post("/me/security/authenticator/off", Staff, post(second_factor::page::turn_off))
        .post("/me/security/recovery-codes", Staff, post(second_factor::page::renew_codes))
        .post("/me/security/passkeys/begin", Staff, post(passkeys::page::begin_making))
        .post("/me/security/passkeys", Staff, post(passkeys::page::make))
        .post("/me/security/passkeys/{id}/remove", Staff, post(passkeys::page::remove))
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
        .post("/settings/accounts/{id}/link", Needs(ManageAccounts), post(accounts::doors::link))
        .post(
            "/settings/accounts/{id}/second-factor/reset",
            Needs(ManageAccounts),
            post(accounts::doors::reset_second_factor),
        )
        .post(
            "/settings/accounts/{id}/providers/{provider}/unlink",
            Needs(ManageAccounts),
            post(accounts::doors::unlink),
        )
        .post(
            "/settings/accounts/{id}/sessions/end",
            Needs(ManageAccounts),
            post(accounts::doors::end_sessions),
        )
        .get("/settings/doors", Needs(ManageAccounts), get(doors::page::show))
        .post("/settings/doors", Needs(ManageAccounts), post(doors::page::change))
        .get("/settings/doors/providers/new", Needs(ManageAccounts), get(doors::provider_page::new))
        .post("/settings/doors/providers", Needs(ManageAccounts), post(doors::provider_page::create))
        .get("/settings/doors/providers/{id}", Needs(ManageAccounts), get(doors::provider_page::one))
        .post("/settings/doors/providers/{id}", Needs(ManageAccounts), post(doors::provider_page::change))
        .post("/settings/doors/providers/{id}/end", Needs(ManageAccounts), post(doors::provider_page::end))
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
