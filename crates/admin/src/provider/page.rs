//! Going to an identity provider, and coming back.

use axum::extract::{Path, Query, State};
use axum::http::header;
use kernel::{Actor, ActorKind, Fault, ProviderId};
use primitives::doorway::{self, Doorway};
use primitives::event::{self, EventKind, NewEvent};
use primitives::session::Way;
use serde::Deserialize;
use web::request::safe_path;
use web::{App, Reply, Request};

use super::{Journey, Refusal, Returned};
use crate::door;
use crate::sign_in::page::led_nowhere;
use crate::sign_in::{Secrets, Step, answer, begin, cookie, proceed};
use crate::texts::Texts;

fn sentence(t: &Texts, refusal: Refusal) -> String {
    match refusal {
        Refusal::NoJourney => t.provider_no_journey(),
        Refusal::BrokenOff => t.provider_broken_off(),
        Refusal::Unreachable => t.provider_unreachable(),
        Refusal::Untrusted => t.provider_untrusted(),
        Refusal::Domain => t.provider_domain(),
        Refusal::Unverified => t.provider_unverified(),
        Refusal::NoAccount => t.provider_no_account(),
    }
    .to_owned()
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    then: String,
}

/// `GET /sign-in/provider/{id}?then=`: a link and no form, because our policy lets no form lead to another site.
pub(crate) async fn go(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Reply {
    let asking = request.clone();
    door::answered(&request, set_out(&app, asking, &id, asked.then).await)
}

async fn set_out(app: &App, request: Request, id: &str, then: String) -> Result<Reply, Fault> {
    app.brake(&request)?;
    let id: ProviderId = id.parse().map_err(|_| Fault::NotFound)?;
    let known = app.engine().read(move |tx| super::known(tx, id)).await?;
    let back = super::back(app, &request);
    let (url, journey) = match super::set_out(&known, &back, safe_path(&then)).await {
        Ok(set_out) => set_out,
        Err(refusal) => return refuse(app, request, Some(id), then, refusal).await,
    };
    let secret = engine::random_secret()?;
    let (clock, kept) = (app.shared_clock(), secret.clone());
    app.engine()
        .write(move |tx| doorway::open(tx, &*clock, Doorway::Provider, &kept, None, &journey))
        .await?;
    let cookie = cookie::doorway(&request, &secret, Doorway::Provider.seconds());
    Ok(Reply::redirect(&url).header(header::SET_COOKIE, &cookie))
}

/// `GET /sign-in/provider/back`.
pub(crate) async fn back(
    State(app): State<App>,
    request: Request,
    Query(returned): Query<Returned>,
) -> Reply {
    let asking = request.clone();
    door::answered(&request, come_back(&app, asking, returned).await)
}

async fn come_back(app: &App, request: Request, returned: Returned) -> Result<Reply, Fault> {
    app.brake(&request)?;
    let Some(secret) = request.doorway.clone() else {
        return refuse(app, request, None, String::new(), Refusal::NoJourney).await;
    };
    // Taken before anything else: whoever comes a second time finds nothing.
    let clock = app.shared_clock();
    let taken = app
        .engine()
        .write(move |tx| doorway::take::<Journey>(tx, &*clock, Doorway::Provider, &secret))
        .await?;
    let Some((_, journey)) = taken else {
        return refuse(app, request, None, String::new(), Refusal::NoJourney).await;
    };
    let id = journey.provider;
    let known = app.engine().read(move |tx| super::known(tx, id)).await?;
    let vouched = match super::belongs(&journey, &known, &returned) {
        Ok(()) => super::come_back(app.clock(), &known, &journey, &returned).await,
        Err(refusal) => Err(refusal),
    };
    let vouched = match vouched {
        Ok(vouched) => vouched,
        Err(refusal) => return refuse(app, request, Some(id), journey.then, refusal).await,
    };
    let secrets = Secrets::draw(app.engine(), &request)?;
    let (for_act, asking, drawn, then) =
        (app.clone(), request.clone(), secrets.clone(), journey.then.clone());
    let admitted = app.engine().write(move |tx| {
        let clock = for_act.clock();
        let account = match super::admit(tx, clock, &known.provider, &vouched)? {
            Ok(account) => account,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if known.provider.is.second_factor {
            begin(tx, clock, &asking, account, &drawn, Way::VouchedProvider)?;
            return Ok(Ok(Step::In));
        }
        proceed(tx, clock, &asking, account, &drawn, Way::Provider, &then).map(Ok)
    });
    match admitted.await? {
        Ok(step) => Ok(answer(&request, step, &secrets, &journey.then)),
        Err(refusal) => refuse(app, request, Some(id), journey.then, refusal).await,
    }
}

/// The sign-in page with a sentence; the log hears of it too.
async fn refuse(
    app: &App,
    request: Request,
    provider: Option<ProviderId>,
    then: String,
    refusal: Refusal,
) -> Result<Reply, Fault> {
    if let Some(provider) = provider {
        let clock = app.shared_clock();
        app.engine()
            .write(move |tx| {
                let detail = serde_json::json!({ "provider": provider, "cause": refusal.code() });
                let event = NewEvent {
                    by: Some(ActorKind::Human),
                    ..NewEvent::new(EventKind::SignInFailed, "account", 0).detail(detail)
                };
                event::append(tx, &*clock, &Actor::machine(Vec::new()), event)?;
                Ok(())
            })
            .await?;
    }
    led_nowhere(app, request, then, move |t| sentence(t, refusal)).await
}
