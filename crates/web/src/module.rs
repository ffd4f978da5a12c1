//! What a room hands to the binary.

use axum::Router;
use axum::routing::MethodRouter;
use engine::invariant::Invariant;
use engine::runner::Handlers;
use engine::{Statement, Tx};
use kernel::{Fault, Permission, PersonId};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::health::Health;
use crate::staff::Staff;

/// Who may use a route. The matrix test compares what is declared here with what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever comes.
    Public,
    /// Whoever is signed in.
    Staff,
    /// Who holds a permission.
    Needs(Permission),
}

/// One declared route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path pattern.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// The pages of a room: routes that say who may use them.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    declared: Vec<Route>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Routes {
        Routes::default()
    }

    /// Adds a page (`axum::routing::get(…)`).
    pub fn get(self, path: &'static str, access: Access, handler: MethodRouter<App>) -> Routes {
        self.add("GET", path, access, handler)
    }

    /// Adds a form (`axum::routing::post(…)`).
    pub fn post(self, path: &'static str, access: Access, handler: MethodRouter<App>) -> Routes {
        self.add("POST", path, access, handler)
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        handler: MethodRouter<App>,
    ) -> Routes {
        self.declared.push(Route { method, path, access });
        self.router = self.router.route(path, handler);
        self
    }

    /// Every declared route.
    pub fn declared(&self) -> &[Route] {
        &self.declared
    }

    /// The router.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}

/// What a room shows beside a person, as HTML; empty for nothing. The person is visible to the reader.
pub type PersonPanel = fn(&mut Tx<'_>, &Staff, PersonId) -> Result<String, Fault>;

/// What a room shows on Today, as HTML; empty for nothing.
pub type TodayPanel = fn(&mut Tx<'_>, &Staff) -> Result<String, Fault>;

/// A room, whole: the binary composes these and knows nothing else of it.
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// Its pages.
    pub routes: Routes,
    /// Its part of the API, below `/api/v1`. Each operation names its scope in `security`.
    pub api: OpenApiRouter<App>,
    /// Adds the handlers of its jobs.
    pub jobs: fn(&mut Handlers),
    /// Its statements, for the test that prepares every one on both engines.
    pub statements: Vec<&'static Statement>,
    /// What must always hold of its tables; `bottega doctor --deep` checks it.
    pub invariants: Vec<&'static Invariant>,
    /// What it shows beside a person.
    pub person_panel: Option<PersonPanel>,
    /// What it shows on Today.
    pub today_panel: Option<TodayPanel>,
    /// What it says of its own state.
    pub health: Option<Health>,
}
