//! Listening: where voices come from and how they get in. Sources and their ledger, the intake of whatever
//! they bring, imports of the past, voices written down by hand or sent by programs, and the folder
//! through which answers leave.
//!
//! A voice's way: `keep` (raw bytes and a ledger row) → `take_in` (parse, who, which conversation) → voice,
//! message, event. Each arrow is a transaction of its own and may be repeated.

pub mod arrival;
pub mod import;
pub mod intake;
pub mod outgoing;
pub mod table;

use std::sync::Arc;

use engine::Statement;
use engine::runner::Handlers;
use utoipa_axum::router::OpenApiRouter;
use web::{Module, Routes};

/// The job that finishes what a crash left between the two steps of the ledger.
pub const PENDING_JOB: &str = "intake.pending";

/// The room, for the binary to compose.
pub fn module() -> Module {
    Module {
        name: "listen",
        routes: Routes::new(),
        api: OpenApiRouter::new(),
        jobs,
        statements: statements(),
        person_panel: None,
        today_panel: None,
    }
}

fn jobs(handlers: &mut Handlers) {
    handlers.add(primitives::outbox::SEND_JOB, outgoing::send);
    handlers.add(PENDING_JOB, |context, _| {
        intake::finish_pending(&context.engine, &Arc::clone(&context.clock), None).map(|_| ())
    });
}

/// The statements of this room, for the test that prepares every one on both engines.
fn statements() -> Vec<&'static Statement> {
    [arrival::sql::ALL, intake::thread::ALL].concat()
}
