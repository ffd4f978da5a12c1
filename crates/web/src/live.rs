//! The live stream: one per browser, carrying signals only. The page fetches its part again with the
//! reader's own rights, so a missed signal heals.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use engine::Signal;
use futures_util::stream::{Stream, StreamExt};
use kernel::{Actor, Fault};
use primitives::session::ACCOUNT_SIGNAL;
use serde_json::json;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use crate::app::App;
use crate::request::Request;
use crate::staff::Staff;

/// After so long a stream ends and the browser opens another, with the rights it has by then.
const LONGEST: Duration = Duration::from_secs(600);

/// The signal of an engine that had not heard the others for a while: anything may have changed.
const EVERYTHING: &str = "everything";

/// `GET /live`: the stream of who is signed in.
pub async fn page(State(app): State<App>, request: Request) -> Response {
    let (for_find, asking) = (app.clone(), request.clone());
    if let Err(fault) = app.brake(&request) {
        return crate::error::page(&request, None, &fault).into_response();
    }
    let staff = app.engine().read(move |tx| Ok(Staff::find(tx, &for_find, &asking)?)).await;
    match staff {
        Ok(Some(staff)) if !staff.must_enrol => stream(&app, staff.actor)
            .unwrap_or_else(|fault| crate::error::page(&request, None, &fault).into_response()),
        // An EventSource that hears 204 stops asking.
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The signals that an actor may hear, as server-sent events. One account has a bounded number of streams.
pub fn stream(app: &App, actor: Actor) -> Result<Response, Fault> {
    let seat = app.admission().stream(actor.account)?;
    let signals = BroadcastStream::new(app.engine().signals());
    // A stream ends when the process stops: the browser opens another, and finds who serves next.
    let mut stopping = app.stopping();
    let over = async move {
        tokio::select! {
            () = tokio::time::sleep(LONGEST) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    };
    // The seat and the count live and die with the stream.
    let present = app.meters().streaming();
    let events = events(signals, actor).take_until(Box::pin(over)).map(move |event| {
        let _held = (&seat, &present);
        event
    });
    let hello = futures_util::stream::once(async {
        Ok::<_, Infallible>(Event::default().event("hello").retry(Duration::from_secs(2)).data("{}"))
    });
    let mut response = Sse::new(hello.chain(events))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    Ok(response)
}

fn events(
    signals: impl Stream<Item = Result<Signal, BroadcastStreamRecvError>>,
    actor: Actor,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let mine = actor.account.map(|account| account.to_string());
    let goes_on = move |signal: &Result<Signal, _>| {
        let ends = match signal {
            Ok(signal) if signal.kind == ACCOUNT_SIGNAL => Some(&signal.id) == mine.as_ref(),
            // What was missed may have been the end of these rights: the browser comes again with those that it has
            // by then, and reads everything again.
            Ok(signal) => signal.kind == EVERYTHING,
            Err(BroadcastStreamRecvError::Lagged(_)) => true,
        };
        std::future::ready(!ends)
    };
    signals.take_while(goes_on).filter_map(move |signal| {
        let heard = signal.ok().filter(|signal| hears(&actor, signal)).map(|signal| {
            let data = json!({ "kind": signal.kind, "id": signal.id, "revision": signal.revision });
            Ok(Event::default().event("signal").data(data.to_string()))
        });
        std::future::ready(heard)
    })
}

/// Whether a signal is for this actor's ears.
fn hears(actor: &Actor, signal: &Signal) -> bool {
    signal.kind != ACCOUNT_SIGNAL && signal.mailbox.is_none_or(|mailbox| actor.sees(mailbox.into()))
}

#[cfg(test)]
mod tests {
    use kernel::MailboxId;

    use super::*;

    fn signal(mailbox: Option<i64>) -> Signal {
        Signal { kind: "conversation".into(), id: "cnv_0".into(), revision: 3, mailbox }
    }

    #[tokio::test]
    async fn a_stream_tells_nothing_of_a_mailbox_that_the_actor_does_not_see() {
        let actor = Actor::machine(vec![MailboxId(7)]);
        let told = [Ok(signal(Some(7))), Ok(signal(Some(8))), Ok(signal(None))];
        let heard = events(futures_util::stream::iter(told), actor).collect::<Vec<_>>().await;
        assert_eq!(heard.len(), 2, "its own mailbox, and what is for everybody");
    }

    #[tokio::test]
    async fn a_stream_ends_when_the_rights_or_sessions_of_its_account_change() {
        let account = |raw: i64| Signal {
            kind: ACCOUNT_SIGNAL.into(),
            id: kernel::AccountId(raw).to_string(),
            revision: 0,
            mailbox: None,
        };
        let actor = Actor { account: Some(kernel::AccountId(5)), ..Actor::machine(vec![MailboxId(7)]) };
        let told = [Ok(account(6)), Ok(signal(Some(7))), Ok(account(5)), Ok(signal(Some(7)))];
        let heard = events(futures_util::stream::iter(told), actor).collect::<Vec<_>>().await;
        assert_eq!(heard.len(), 1, "another account's change is not told, its own one is the end");
    }

    #[tokio::test]
    async fn a_stream_that_missed_something_ends_because_its_rights_may_have_ended() {
        let behind = || Err(BroadcastStreamRecvError::Lagged(9));
        let reconnected = || Ok(Signal { kind: EVERYTHING.into(), ..signal(None) });
        for missed in [behind(), reconnected()] {
            let told = [Ok(signal(Some(7))), missed, Ok(signal(Some(7)))];
            let actor = Actor::machine(vec![MailboxId(7)]);
            let heard = events(futures_util::stream::iter(told), actor).collect::<Vec<_>>().await;
            assert_eq!(heard.len(), 1);
        }
    }
}
