//! What the room says of its ledger: for people in a sentence, for programs in figures by kind of source.

use std::collections::BTreeMap;

use engine::Tx;
use kernel::{Fault, Permission};
use web::health::{Asking, Health, Kind, Level, Metric, Place, Vital};

use super::State;
use crate::texts::Texts;

/// What the room says of its own state.
pub(crate) const HEALTH: Health = Health { look, metrics: METRICS };

const METRICS: &[&Metric] = &[&ARRIVALS, &TO_LOOK_AT, &OLDEST_PENDING_SECONDS, &ALARMS];

const fn gauge(
    name: &'static str,
    unit: &'static str,
    labels: &'static [&'static str],
    means: &'static str,
    when_high: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, labels, means, when_high }
}

static ARRIVALS: Metric = gauge(
    "bottega_ledger_arrivals",
    "items",
    &["kind", "state"],
    "Everything that the sources of each kind (import, api, …) ever brought, by what became of it: fetched, stored, duplicate, quarantined, \
     pending. fetched = stored + duplicate + quarantined + pending, and pending is 0 except for moments.",
    "`quarantined` growing: open Listening, Quarantine; the cause stands beside each. `fetched` not growing where it \
     usually does: see the alarms.",
);
static TO_LOOK_AT: Metric = gauge(
    "bottega_quarantine_to_look_at",
    "items",
    &[],
    "What stands in quarantine in all mailboxes and nobody has set aside.",
    "Growing: open Listening, Quarantine; mend what the causes name, and try all of one cause again.",
);
static OLDEST_PENDING_SECONDS: Metric = gauge(
    "bottega_ledger_oldest_pending_seconds",
    "seconds",
    &["kind"],
    "For how long the oldest arrival of a kind of source has been waiting to be read; 0 when none does.",
    "Above 900: it is finished at every round of the watch and that fails; the log says why.",
);
static ALARMS: Metric = gauge(
    "bottega_ledger_alarms",
    "alarms",
    &["kind"],
    "Open alarms of the sources of a kind: one silent for longer than usual, something waiting for too long, or a day whose sum was \
     not that of its arrivals.",
    "Above 0: open Listening; the alarm says since when and what is usual.",
);

fn look(tx: &mut Tx<'_>, asking: &Asking<'_>) -> Result<Vec<Vital>, Fault> {
    let t = Texts::new(asking.formats.locale);
    let standing = super::state(tx, asking.clock)?;
    Ok(vec![ledger(&t, &standing.sources), quarantine(&t, standing.to_look_at)])
}

/// What the sources of a kind have brought together.
#[derive(Debug, Default)]
struct OfKind {
    fetched: i64,
    stored: i64,
    duplicate: i64,
    quarantined: i64,
    pending: i64,
    oldest_pending_seconds: i64,
    alarms: i64,
}

impl OfKind {
    fn add(&mut self, state: &State) {
        self.fetched += state.ever.fetched;
        self.stored += state.ever.stored;
        self.duplicate += state.ever.duplicate;
        self.quarantined += state.ever.quarantined;
        self.pending += state.ever.pending;
        self.oldest_pending_seconds = self.oldest_pending_seconds.max(state.oldest_pending_seconds);
        self.alarms += state.alarms;
    }
}

fn ledger(t: &Texts, sources: &[State]) -> Vital {
    let alarms: i64 = sources.iter().map(|state| state.alarms).sum();
    let waits = sources.iter().any(|state| state.oldest_pending_seconds > super::TOO_LONG);
    let (level, sentence) = match alarms {
        _ if waits => (Level::Bad, t.health_ledger_waits().to_string()),
        0 => (Level::Ok, t.health_ledger_ok(sources.len()).to_string()),
        alarms => (Level::Attention, t.health_ledger_alarms(alarms).to_string()),
    };
    let mut vital = Vital::new("ledger", t.health_ledger().to_string(), level, sentence)
        .place(Place::new("/listen", Permission::ReadVoices));
    if level != Level::Ok {
        vital = vital.next(t.health_ledger_next().to_string());
    }
    // By kind: a source's name may say whose mailbox it fills, and not every reader of figures sees that mailbox.
    let mut kinds: BTreeMap<&str, OfKind> = BTreeMap::new();
    for state in sources {
        kinds.entry(state.source.kind.as_str()).or_default().add(state);
    }
    for (kind, of) in kinds {
        for (code, count) in [
            ("fetched", of.fetched),
            ("stored", of.stored),
            ("duplicate", of.duplicate),
            ("quarantined", of.quarantined),
            ("pending", of.pending),
        ] {
            vital = vital.reading(&ARRIVALS, &[kind, code], count as f64);
        }
        vital = vital.reading(&OLDEST_PENDING_SECONDS, &[kind], of.oldest_pending_seconds as f64).reading(
            &ALARMS,
            &[kind],
            of.alarms as f64,
        );
    }
    vital
}

fn quarantine(t: &Texts, left: i64) -> Vital {
    let (level, sentence) = match left {
        0 => (Level::Ok, t.health_quarantine_ok().to_string()),
        left => (Level::Attention, t.health_quarantine_left(left).to_string()),
    };
    let vital = Vital::new("quarantine", t.health_quarantine().to_string(), level, sentence)
        .place(Place::new("/listen/quarantine", Permission::ReadVoices))
        .reading(&TO_LOOK_AT, &[], left as f64);
    if left == 0 { vital } else { vital.next(t.health_quarantine_next().to_string()) }
}
