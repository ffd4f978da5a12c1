//! Hears what other nodes signal through a PostgreSQL, until the engine is dropped.
//!
//! A connection that was cut off is made anew; a silent one is tried now and then, because something between
//! here and the server may swallow what it says. Whatever was missed meanwhile heals: the live pages are told
//! to fetch everything again.

use std::sync::{Arc, Weak};
use std::time::Duration;

use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;

use crate::dial::Dial;
use crate::{DbError, Shared, Signal};

/// How often the thread looks whether the engine is still there.
const STEP: Duration = Duration::from_millis(500);
/// After so long without a word the line is tried.
const SILENCE: Duration = Duration::from_secs(15);

/// Starts to hear.
pub(crate) fn begin(dial: Dial, shared: &Arc<Shared>) -> std::io::Result<()> {
    let shared = Arc::downgrade(shared);
    std::thread::Builder::new().name("bottega-listen".into()).spawn(move || {
        let mut first = true;
        while shared.strong_count() > 0 {
            let Ok(mut client) = connect(&dial) else {
                std::thread::sleep(STEP);
                continue;
            };
            if !std::mem::take(&mut first) {
                tell(&shared, everything());
            }
            attend(&dial, &mut client, &shared);
        }
    })?;
    Ok(())
}

fn connect(dial: &Dial) -> Result<Client, DbError> {
    let mut client = dial.connect()?;
    client.batch_execute("LISTEN bottega")?;
    Ok(client)
}

/// What was missed is not known, so everything may be old.
fn everything() -> Signal {
    Signal { kind: "everything".into(), id: String::new(), revision: 0, mailbox: None }
}

fn tell(shared: &Weak<Shared>, signal: Signal) {
    if let Some(shared) = shared.upgrade() {
        shared.publish(vec![signal], false);
    }
}

/// Hears on one line until it is cut off or nobody listens any more.
fn attend(dial: &Dial, client: &mut Client, shared: &Weak<Shared>) {
    let mut silent = Duration::ZERO;
    while shared.strong_count() > 0 {
        match next(client, STEP) {
            Ok(Some(said)) => {
                silent = Duration::ZERO;
                if let Some(signal) = said {
                    tell(shared, signal);
                }
            }
            Ok(None) => silent += STEP,
            Err(_) => return,
        }
        if silent >= SILENCE {
            silent = Duration::ZERO;
            let answered = knock(dial).and_then(|()| next(client, dial.patience()));
            match answered {
                Ok(Some(Some(signal))) => tell(shared, signal),
                Ok(Some(None)) => {}
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// The next thing said within a time: a signal, or a knock, which says nothing.
fn next(client: &mut Client, within: Duration) -> Result<Option<Option<Signal>>, DbError> {
    let said = client.notifications().timeout_iter(within).next()?;
    Ok(said.map(|said| serde_json::from_str(said.payload()).ok()))
}

/// Says nothing to every node, over a line of its own.
fn knock(dial: &Dial) -> Result<(), DbError> {
    dial.connect()?.batch_execute("NOTIFY bottega").map_err(DbError::from)
}
