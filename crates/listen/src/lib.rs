//! Listening: where voices come from and how they get in. Sources and their ledger, the intake of whatever
//! they bring, imports of the past, voices written down by hand or sent by programs, and the folder
//! through which answers leave.
//!
//! A voice's way: `keep` (raw bytes and a ledger row) → `take_in` (parse, who, which conversation) → voice,
//! message, event. Each arrow is a transaction of its own and may be repeated.

pub mod arrival;
pub mod capture;
pub mod import;
pub mod intake;
pub mod outgoing;
pub mod quarantine;
pub mod resume;
pub mod said;
pub mod sources;
pub mod table;
pub mod upload;
pub mod watch;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use engine::Statement;
use engine::runner::Handlers;
use kernel::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Access, App, Module, Routes};

wording::include_texts!();

/// The job that finishes what a crash left between the two steps of the ledger.
pub const PENDING_JOB: &str = "intake.pending";

/// The room, for the binary to compose.
pub fn module() -> Module {
    Module {
        name: "listen",
        routes: pages(),
        api: api(),
        jobs,
        statements: statements(),
        invariants: arrival::invariant::all(),
        person_panel: None,
        today_panel: Some(watch::page::today),
        health: Some(watch::health::HEALTH),
    }
}

fn pages() -> Routes {
    let reads = Access::Needs(Permission::ReadVoices);
    let captures = Access::Needs(Permission::CaptureVoices);
    let imports = Access::Needs(Permission::ImportVoices);
    Routes::new()
        .get("/listen", reads, get(sources::page::room))
        .get("/listen/sources/{id}", reads, get(sources::page::source))
        .get("/listen/arrivals/{id}/raw", reads, get(sources::page::raw))
        .post("/listen/sources/{id}/watch", imports, post(watch::page::set))
        .get("/listen/quarantine", reads, get(quarantine::page::list))
        .post("/listen/quarantine/retry", imports, post(quarantine::page::retry_all))
        .get("/listen/quarantine/runs/{id}", imports, get(quarantine::page::run))
        .get("/listen/quarantine/{id}", reads, get(quarantine::page::one))
        .post("/listen/quarantine/{id}/retry", imports, post(quarantine::page::retry))
        .post("/listen/quarantine/{id}/set-aside", imports, post(quarantine::page::set_aside))
        .post("/listen/quarantine/{id}/put-back", imports, post(quarantine::page::put_back))
        .get("/listen/import", imports, get(upload::page::begin))
        .post("/listen/import", imports, post(upload::page::receive).layer(DefaultBodyLimit::disable()))
        .get("/listen/import/{id}", imports, get(upload::page::show))
        .post("/listen/import/{id}/look", imports, post(upload::page::look))
        .post("/listen/import/{id}/run", imports, post(upload::page::run))
        .get("/capture", captures, get(capture::page::show))
        .post("/capture", captures, post(capture::page::save))
}

fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(said::api::list, said::api::create))
        .routes(routes!(said::api::show))
        .routes(routes!(sources::api::list))
        .routes(routes!(sources::api::ledger))
        .routes(routes!(watch::api::alarms))
        .routes(routes!(quarantine::api::list))
        .routes(routes!(quarantine::api::retry_all))
        .routes(routes!(quarantine::api::show_run))
        .routes(routes!(quarantine::api::show))
        .routes(routes!(quarantine::api::retry))
        .routes(routes!(quarantine::api::set_aside))
        .routes(routes!(quarantine::api::put_back))
        .routes(routes!(quarantine::api::raw))
}

fn jobs(handlers: &mut Handlers) {
    handlers.add_quick(primitives::outbox::SEND_JOB, outgoing::send);
    handlers.add(upload::job::LOOK, upload::job::look);
    handlers.add(upload::job::RUN, upload::job::run);
    handlers.add(quarantine::run::RETRY_JOB, quarantine::run::work);
    handlers.add(watch::WATCH_JOB, |context, _| watch::work(context));
    handlers.add(PENDING_JOB, |context, _| {
        intake::finish_pending(&context.engine, &Arc::clone(&context.clock), None).map(|_| ())
    });
}

/// The statements of this room, for the test that prepares every one on both engines.
fn statements() -> Vec<&'static Statement> {
    let mut all = arrival::statements();
    all.extend(quarantine::statements());
    all.extend(watch::statements());
    all.extend([intake::thread::ALL, resume::ALL, said::ALL, upload::ALL].concat());
    all
}
