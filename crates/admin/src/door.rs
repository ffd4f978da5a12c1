//! Requests that need nobody signed in: the same brakes and answers as the rest, without a session.

use engine::Tx;
use kernel::{Actor, Fault};
use primitives::session::{self, Session};
use web::{App, Reply, Request};

/// Answers a page to whoever comes: one read of the database.
pub(crate) async fn read<F>(app: &App, request: Request, build: F) -> Reply
where
    F: FnOnce(&mut Tx<'_>, &Request) -> Result<Reply, Fault> + Send + 'static,
{
    if let Err(fault) = app.brake(&request) {
        return web::error::page(&request, None, &fault);
    }
    let asking = request.clone();
    answered(&request, app.engine().read(move |tx| build(tx, &asking)).await)
}

/// Makes a change for whoever comes: one write. Forms of other sites are refused; there is no session
/// yet whose mark could be compared.
pub(crate) async fn write<F>(app: &App, request: Request, act: F) -> Reply
where
    F: Fn(&mut Tx<'_>, &Request) -> Result<Reply, Fault> + Send + 'static,
{
    if let Err(fault) = app.brake(&request) {
        return web::error::page(&request, None, &fault);
    }
    if request.is_cross_site() {
        return web::error::forged(&request);
    }
    let asking = request.clone();
    answered(&request, app.engine().write(move |tx| act(tx, &asking)).await)
}

/// The answer, or the page that tells of the fault.
pub(crate) fn answered(request: &Request, result: Result<Reply, Fault>) -> Reply {
    result.unwrap_or_else(|fault| web::error::page(request, None, &fault))
}

/// Who is signed in, if anybody is: asked before dear work is done for them. It replaces no authorisation.
pub(crate) async fn actor(app: &App, request: &Request) -> Result<Option<Actor>, Fault> {
    Ok(session(app, request).await?.map(|session| session.actor))
}

/// Like [`actor`], with the session through which they act.
pub(crate) async fn session(app: &App, request: &Request) -> Result<Option<Session>, Fault> {
    let Some(secret) = request.secret.clone() else { return Ok(None) };
    let clock = app.shared_clock();
    app.engine().read(move |tx| Ok(session::find(tx, &*clock, &secret)?)).await
}
