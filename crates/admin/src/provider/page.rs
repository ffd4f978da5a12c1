//! Going to an identity provider, and coming back.

use axum::extract::{Path, Query, State};
use axum::http::header;
use engine::Tx;
use kernel::{AccountId, Actor, ActorKind, Fault, Instant, ProviderId};
use primitives::doorway::{self, Doorway};
use primitives::event::{self, EventKind, NewEvent};
use primitives::second_factor;
use primitives::session::Way;
use serde::Deserialize;
use web::request::{network, safe_path};
use web::{App, Reply, Request};

use super::{Journey, Refusal, Returned};
use crate::door;
use crate::sign_in::brake::{self, Subjects};
use crate::sign_in::page::{led_nowhere, slowed};
use crate::sign_in::{Entry, Secrets, Step, answer, begin, cookie, proceed};
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
    /// Whether somebody signed in goes to prove who they are.
    #[serde(default)]
    again: String,
}

/// `GET /sign-in/provider/{id}?again=&then=`: a link and no form, because our policy lets no form lead to another site.
pub(crate) async fn go(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Reply {
    let asking = request.clone();
    door::answered(&request, set_out(&app, asking, &id, asked).await)
}

async fn set_out(app: &App, request: Request, id: &str, asked: Asked) -> Result<Reply, Fault> {
    app.brake(&request)?;
    // A page of another site does not begin a proof.
    let again = asked.again == "yes" && !request.is_cross_site();
    let then = asked.then;
    let id: ProviderId = id.parse().map_err(|_| Fault::NotFound)?;
    let known = app.engine().read(move |tx| super::known(tx, id)).await?;
    let back = super::back(app, &request);
    let set_out = super::set_out(app.clock().now(), &known, &back, safe_path(&then), again).await;
    let secret = engine::random_secret()?;
    let (for_act, asking, kept) = (app.clone(), request.clone(), secret.clone());
    let opened = app.engine().write(move |tx| {
        let clock = for_act.clock();
        // Counted before anything is written down, also what led nowhere.
        if let Err(seconds) = brake::admit(tx, clock, &Subjects::journey(for_act.engine(), &asking))? {
            return Ok(Err(seconds));
        }
        match &set_out {
            Ok((url, journey)) => {
                doorway::open(tx, clock, Doorway::Provider, &kept, None, journey)?;
                Ok(Ok(Ok(url.clone())))
            }
            Err(refusal) => {
                log(tx, &for_act, id, *refusal)?;
                Ok(Ok(Err(*refusal)))
            }
        }
    });
    let url = match opened.await? {
        Ok(Ok(url)) => url,
        Ok(Err(refusal)) => return led_nowhere(app, request, then, move |t| sentence(t, refusal)).await,
        Err(seconds) => return slowed(app, request, then, seconds).await,
    };
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
        return no_journey(app, request).await;
    };
    // Looked for before the writer's turn is taken: anybody may make a secret up.
    let (clock, looked) = (app.shared_clock(), secret.clone());
    let is_open = app
        .engine()
        .read(move |tx| Ok(doorway::look::<Journey>(tx, &*clock, Doorway::Provider, &looked)?.is_some()))
        .await?;
    if !is_open {
        return no_journey(app, request).await;
    }
    // Taken before anything else: whoever comes a second time finds nothing.
    let clock = app.shared_clock();
    let taken = app
        .engine()
        .write(move |tx| doorway::take::<Journey>(tx, &*clock, Doorway::Provider, &secret))
        .await?;
    let Some((_, journey)) = taken else {
        return no_journey(app, request).await;
    };
    let id = journey.provider;
    let known = app.engine().read(move |tx| super::known(tx, id)).await?;
    let vouched = match super::belongs(&journey, &known, &returned) {
        Ok(()) => {
            let (now, network) = (app.clock().now(), network(&request.address));
            super::come_back(now, &network, &known, &journey, &returned).await
        }
        Err(refusal) => Err(refusal),
    };
    let vouched = match vouched {
        Ok(vouched) => vouched,
        Err(refusal) => return refuse(app, request, id, journey.then, refusal).await,
    };
    let secrets = Secrets::draw(app.engine(), &request)?;
    let (for_act, asking, drawn) = (app.clone(), request.clone(), secrets.clone());
    let (then, again) = (journey.then.clone(), journey.again);
    let admitted = app.engine().write(move |tx| {
        let clock = for_act.clock();
        let account = match super::admit(tx, clock, &known.provider, &vouched)? {
            Ok(account) => account,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let proved_at = proved_at(tx, account, clock.now(), vouched.proved_at, again)?;
        let step = if known.provider.is.second_factor {
            let entry = Entry::by(Way::VouchedProvider, id, proved_at);
            begin(tx, clock, &asking, account, &drawn, entry)?;
            Step::In
        } else {
            let entry = Entry::by(Way::Provider, id, proved_at);
            proceed(tx, clock, &asking, account, &drawn, entry, &then)?
        };
        brake::forget(tx, &Subjects::journey(for_act.engine(), &asking))?;
        Ok(Ok(step))
    });
    match admitted.await? {
        Ok(step) => Ok(answer(&request, step, &secrets, &journey.then)),
        Err(refusal) => refuse(app, request, id, journey.then, refusal).await,
    }
}

/// When somebody proved who they are, as the session that begins remembers it. A provider that does not tell may have let
/// them through without asking; that they went there to prove it counts only for who has nothing else to prove it by.
fn proved_at(
    tx: &mut Tx<'_>,
    account: AccountId,
    now: Instant,
    told: Option<Instant>,
    again: bool,
) -> Result<Instant, Fault> {
    if let Some(told) = told {
        return Ok(told.min(now));
    }
    let by_password = crate::me::credentials(tx, account)?.password_hash.is_some();
    let has_nothing_else = !by_password && !second_factor::factors(tx, account)?.any();
    Ok(if again && has_nothing_else { now } else { Instant::from_micros(0) })
}

async fn no_journey(app: &App, request: Request) -> Result<Reply, Fault> {
    led_nowhere(app, request, String::new(), |t| sentence(t, Refusal::NoJourney)).await
}

fn log(tx: &mut Tx<'_>, app: &App, provider: ProviderId, refusal: Refusal) -> Result<(), Fault> {
    let detail = serde_json::json!({ "provider": provider, "cause": refusal.code() });
    let event = NewEvent {
        by: Some(ActorKind::Human),
        ..NewEvent::new(EventKind::SignInFailed, "account", 0).detail(detail)
    };
    event::append(tx, app.clock(), &Actor::machine(Vec::new()), event)?;
    Ok(())
}

/// The sign-in page with a sentence; the record hears of it too: once, because the journey was taken up.
async fn refuse(
    app: &App,
    request: Request,
    provider: ProviderId,
    then: String,
    refusal: Refusal,
) -> Result<Reply, Fault> {
    let for_act = app.clone();
    app.engine().write(move |tx| log(tx, &for_act, provider, refusal)).await?;
    led_nowhere(app, request, then, move |t| sentence(t, refusal)).await
}
