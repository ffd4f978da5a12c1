//! Alarms in words, on Today, and the switch that has a source watched.

use askama::Template;
use axum::extract::{Path, State};
use kernel::{Fault, Permission, SourceId};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Staff};

use engine::Tx;

use super::rule::Usual;
use super::{Alarm, Kind};
use crate::quarantine;
use crate::texts::Texts;

/// An alarm as a page shows it.
pub(crate) struct Told {
    /// Where it leads.
    pub href: String,
    /// What the source is called.
    pub source: String,
    /// What is wrong.
    pub what: String,
    /// What is usual, where that is the measure.
    pub usual: String,
}

/// An alarm in the reader's language.
pub(crate) fn told(t: &Texts, staff: &Staff, alarm: &Alarm) -> Told {
    let since = staff.formats.moment(alarm.since.micros(), staff.now.micros());
    let count = alarm.detail.get("count").and_then(serde_json::Value::as_i64).unwrap_or(1);
    let what = match alarm.kind {
        Kind::Gap => t.watch_gap(since).to_string(),
        Kind::Pending => t.watch_pending(count, since).to_string(),
        Kind::Unbalanced => t.watch_unbalanced(crate::sources::day_text(alarm.since.utc_day())).to_string(),
    };
    let usual = match alarm.kind {
        Kind::Gap => alarm.usual().map(|usual| usual_text(t, staff, &usual)).unwrap_or_default(),
        Kind::Pending | Kind::Unbalanced => String::new(),
    };
    Told { href: format!("/listen/sources/{}", alarm.source), source: alarm.source_name.clone(), what, usual }
}

/// What is usual for a source, as a sentence.
pub(crate) fn usual_text(t: &Texts, staff: &Staff, usual: &Usual) -> String {
    match usual {
        Usual::Silence { days } => t.watch_usual_silence(*days).to_string(),
        Usual::Weekdays { weekdays, missed } => {
            let on = match weekdays.as_slice() {
                [0, 1, 2, 3, 4, 5, 6] => t.watch_every_day().to_string(),
                [0, 1, 2, 3, 4] => t.watch_working_days().to_string(),
                some => {
                    let names: Vec<String> = some.iter().map(|day| weekday(t, *day)).collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    t.watch_on(staff.formats.list(&names)).to_string()
                }
            };
            t.watch_usual_weekdays(*missed, on).to_string()
        }
    }
}

fn weekday(t: &Texts, day: i64) -> String {
    match day {
        0 => t.watch_monday(),
        1 => t.watch_tuesday(),
        2 => t.watch_wednesday(),
        3 => t.watch_thursday(),
        4 => t.watch_friday(),
        5 => t.watch_saturday(),
        _ => t.watch_sunday(),
    }
    .to_string()
}

#[derive(Template)]
#[template(path = "watch/templates/today.html")]
struct Panel {
    t: Texts,
    alarms: Vec<Told>,
    more: i64,
    left: i64,
}

/// How many alarms Today shows.
const SHOWN: usize = 3;

/// What Today says of the ledger to who can do something about it; nothing while all is well.
pub fn today(tx: &mut Tx<'_>, staff: &Staff) -> Result<String, Fault> {
    if !staff.actor.may(Permission::ImportVoices) {
        return Ok(String::new());
    }
    let alarms = super::open(tx, &staff.actor)?;
    let left = quarantine::causes(tx, &staff.actor)?.all();
    if alarms.is_empty() && left == 0 {
        return Ok(String::new());
    }
    let t = Texts::new(staff.locale());
    let more = alarms.len().saturating_sub(SHOWN) as i64;
    let alarms = alarms.iter().take(SHOWN).map(|alarm| told(&t, staff, alarm)).collect();
    Panel { t, alarms, more, left }.render().map_err(Fault::store)
}

/// The switch as a form sends it.
#[derive(Debug, Default, Deserialize)]
pub struct Switch {
    /// Whether the source is to be watched.
    #[serde(default)]
    watched: String,
}

/// `POST /listen/sources/{id}/watch`.
pub async fn set(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Switch>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ImportVoices)?;
        let id: SourceId = id.parse().map_err(|_| Fault::NotFound)?;
        let watched = form.fields.watched == "yes";
        super::set_watched(tx, &*clock, &staff.actor, id, watched)?;
        let done = if watched { "watched" } else { "unwatched" };
        Ok(Reply::redirect(&format!("/listen/sources/{id}?done={done}")))
    })
    .await
}
