//! The rooms composed into one application.

use axum::Router;
use axum::body::Body;
use axum::http::{Response, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use engine::runner::Handlers;
use kernel::Fault;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::module::{Access, Module, Route};
use crate::request::Request;
use crate::{assets, live, observe, probe};

/// Most bytes of any request: an import of a large file goes by the command line.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The rooms, composed.
pub struct Composed {
    /// Everything that answers.
    pub router: Router,
    /// The API's document.
    pub openapi: OpenApi,
    /// Every page's declared route.
    pub declared: Vec<Route>,
    /// The handlers of every room's jobs.
    pub handlers: Handlers,
    /// The application's state.
    pub app: App,
}

/// Composes the rooms. `also` adds what belongs to no room.
pub fn compose(app: App, modules: Vec<Module>, also: Router<App>) -> Composed {
    let person = modules.iter().filter_map(|module| module.person_panel).collect();
    let today = modules.iter().filter_map(|module| module.today_panel).collect();
    let healths = modules.iter().filter_map(|module| module.health).collect();
    let forms = modules.iter().flat_map(|module| module.routes.declared());
    let open_forms = forms.filter(|route| route.method == "POST" && route.access == Access::Public);
    let open_forms = open_forms.map(|route| route.path).collect();
    let app = app.with_rooms(person, today, healths, open_forms);
    let mut handlers = Handlers::default();
    let mut declared = Vec::new();
    let mut pages = Router::new()
        .route("/live", get(live::page))
        .merge(assets::routes())
        .merge(probe::routes())
        .merge(also);
    let mut api = OpenApiRouter::with_openapi(crate::api::Document::openapi());
    for module in modules {
        (module.jobs)(&mut handlers);
        declared.extend_from_slice(module.routes.declared());
        pages = pages.merge(module.routes.into_router());
        api = api.nest("/api/v1", module.api);
    }
    let (api, mut openapi) = api.split_for_parts();
    crate::document::complete(&mut openapi);
    let document = openapi.to_json().unwrap_or_default();
    let router = pages
        .merge(api)
        .route(
            "/api/v1/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
        )
        .route("/api/v1/events", get(crate::api::events))
        .fallback(missing)
        .with_state(app.clone());
    let router = crate::edge::around(router, app.clone());
    let router = router.layer(from_fn_with_state(app.clone(), observe::around));
    Composed { router, openapi, declared, handlers, app }
}

async fn missing(request: Request) -> Response<Body> {
    if request.wants_json {
        crate::api::refuse(&Fault::NotFound)
    } else {
        crate::error::page(&request, None, &Fault::NotFound).into_response()
    }
}
