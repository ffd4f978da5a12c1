//! `GET /listen`, `GET /listen/sources/{id}` and the raw bytes of what arrived.

use askama::Template;
use axum::extract::{Path, Query, State};
use kernel::{ArrivalId, Fault, Permission, SourceId};
use primitives::source::Source;
use primitives::voice::{self, Voice};
use serde::Deserialize;
use web::{App, Reply, Request, Room, Shell};

use super::{Line, day_text};
use crate::arrival::{self, Cause, Counts, Day, Entry};
use crate::texts::Texts;
use crate::watch::page::Told;
use crate::{quarantine, watch};

/// How many of the latest voices the room shows.
const LATEST: u32 = 15;
/// How many entries one page of a ledger shows.
const ENTRIES: u32 = 50;

#[derive(Template)]
#[template(path = "sources/templates/room.html")]
struct RoomPage {
    t: Texts,
    shell: Shell,
    lines: Vec<Line>,
    alarms: Vec<Told>,
    left: i64,
    today: i64,
    voices: Vec<Voice>,
    imports: bool,
}

impl RoomPage {
    fn face(&self, voice: &Voice) -> String {
        author(&self.t, voice)
    }

    fn href(&self, voice: &Voice) -> String {
        match voice.conversation {
            Some(conversation) => format!("/conversations/{conversation}"),
            None => format!("/voices/{}", voice.id),
        }
    }

    fn words(&self, voice: &Voice) -> String {
        shorten(&voice.body, 240)
    }

    fn score(&self, voice: &Voice) -> Option<String> {
        score_text(voice.score, voice.score_most)
    }
}

/// A score as it is shown: `4/5`.
fn score_text(score: Option<f64>, most: Option<f64>) -> Option<String> {
    match (score, most) {
        (Some(score), Some(most)) => Some(format!("{score}/{most}")),
        (Some(score), None) => Some(score.to_string()),
        (None, _) => None,
    }
}

/// Who said it, as far as anybody knows.
fn author(t: &Texts, voice: &Voice) -> String {
    let name = voice.person_name.clone().or_else(|| voice.author.clone());
    name.unwrap_or_else(|| t.sources_unknown().to_string())
}

/// A text as one line of at most so many characters.
fn shorten(text: &str, most: usize) -> String {
    let line = text.split_whitespace().take(most).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    /// What was just done, as a code.
    #[serde(default)]
    done: String,
}

/// The room: sources with their figures, the latest voices.
pub async fn room(State(app): State<App>, request: Request, Query(asked): Query<Done>) -> Reply {
    let clock = app.shared_clock();
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ReadVoices)?;
        let t = Texts::new(staff.locale());
        let lines = super::list(tx, &*clock, &staff.actor)?;
        let alarms = watch::open(tx, &staff.actor)?;
        let alarms = alarms.iter().map(|alarm| watch::page::told(&t, staff, alarm)).collect();
        let left = quarantine::causes(tx, &staff.actor)?.all();
        let voices = voice::list(tx, &staff.actor, None, None, LATEST)?.items;
        let flash = (asked.done == "captured").then(|| t.sources_captured().to_string());
        let shell = Shell::new(tx, staff, Room::Listen)?.flash(flash);
        let imports = staff.actor.may(Permission::ImportVoices);
        Reply::page(&RoomPage {
            t,
            shell,
            lines,
            alarms,
            left,
            today: clock.now().utc_day(),
            voices,
            imports,
        })
    })
    .await
}

/// Which part of a source's ledger.
#[derive(Debug, Default, Deserialize)]
pub struct Part {
    /// quarantined (when left out), duplicate, stored, pending, or all.
    #[serde(default)]
    state: String,
    /// What was just done, as a code.
    #[serde(default)]
    done: String,
    /// Only of this day.
    day: Option<i64>,
    /// Entries before this one.
    before: Option<String>,
    /// Days before this one.
    older: Option<i64>,
}

#[derive(Template)]
#[template(path = "sources/templates/source.html")]
struct SourcePage {
    t: Texts,
    shell: Shell,
    source: Source,
    mailbox: String,
    ever: Counts,
    days: Vec<Day>,
    older: Option<i64>,
    state: &'static str,
    day: Option<i64>,
    entries: Vec<Entry>,
    next: Option<ArrivalId>,
    alarms: Vec<Told>,
    usual: String,
    regular: bool,
    watched: bool,
    acts: bool,
}

impl SourcePage {
    fn day_of(&self, day: &i64) -> String {
        day_text(*day)
    }

    fn cause(&self, cause: &Cause) -> String {
        sentence(&self.t, cause)
    }

    fn name(&self, entry: &Entry) -> String {
        if entry.name.is_empty() { entry.id.to_string() } else { entry.name.clone() }
    }

    fn flag(&self, flag: &str) -> String {
        let t = &self.t;
        let one = |flag: &str| match flag {
            "same-id" => t.sources_flag_same_id().to_string(),
            "date" => t.sources_flag_date().to_string(),
            _ => t.sources_flag_score().to_string(),
        };
        flag.split(' ').map(one).collect::<Vec<_>>().join(" ")
    }

    fn title(&self) -> String {
        match self.state {
            "stored" => self.t.sources_stored_title(),
            "duplicate" => self.t.sources_duplicate_title(),
            "pending" => self.t.sources_is_pending(),
            "all" => self.t.sources_fetched_title(),
            _ => self.t.sources_quarantine_title(),
        }
        .to_string()
    }
}

/// Why something stands in quarantine, in the reader's language.
pub(crate) fn sentence(t: &Texts, cause: &Cause) -> String {
    match cause {
        Cause::Empty => t.cause_empty().to_string(),
        Cause::Binary => t.cause_binary().to_string(),
        Cause::NoHeader => t.cause_no_header().to_string(),
        Cause::NobodyNamed => t.cause_nobody_named().to_string(),
        Cause::Columns { expected, found } => t.cause_columns(*expected, *found).to_string(),
        Cause::NothingSaid => t.cause_nothing_said().to_string(),
        Cause::NotJson => t.cause_not_json().to_string(),
        Cause::NotAnObject => t.cause_not_an_object().to_string(),
        Cause::TooLarge => t.cause_too_large().to_string(),
        Cause::BytesLost => t.cause_bytes_lost().to_string(),
        Cause::Failed => t.cause_failed().to_string(),
    }
}

/// One source: its ledger by day and what its figures are made of.
pub async fn source(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Reply {
    let clock = app.shared_clock();
    app.page(request, move |tx, staff| {
        let id: SourceId = id.parse().map_err(|_| Fault::NotFound)?;
        let (source, days, ever) = super::ledger(tx, &*clock, &staff.actor, id, part.older)?;
        let state = match part.state.as_str() {
            "stored" => "stored",
            "duplicate" => "duplicate",
            "pending" => "pending",
            "all" => "all",
            _ => "quarantined",
        };
        let before = part.before.as_deref().map(str::parse).transpose().map_err(|_| Fault::NotFound)?;
        let mut entries = arrival::entries(tx, id, state, part.day, before, ENTRIES + 1)?;
        let more = entries.len() > ENTRIES as usize;
        entries.truncate(ENTRIES as usize);
        let next = if more { entries.last().map(|entry| entry.id) } else { None };
        let older = (days.len() == super::DAYS as usize).then(|| days.last().map(|day| day.day)).flatten();
        let (mailbox, watched) = watch::about(tx, &source)?;
        let t = Texts::new(staff.locale());
        let alarms = watch::of_source(tx, &source)?;
        let flash = match part.done.as_str() {
            "watched" => Some(t.watch_turned_on().to_string()),
            "unwatched" => Some(t.watch_turned_off().to_string()),
            _ => None,
        };
        let brought: Vec<i64> = days.iter().rev().map(|day| day.day).collect();
        Reply::page(&SourcePage {
            alarms: alarms.iter().map(|alarm| watch::page::told(&t, staff, alarm)).collect(),
            usual: match watch::rule::usual(&brought) {
                Some(usual) => watch::page::usual_text(&t, staff, &usual),
                None => t.watch_not_yet().to_string(),
            },
            regular: watch::is_regular(&source.kind),
            watched,
            acts: staff.actor.may(Permission::ImportVoices),
            shell: Shell::new(tx, staff, Room::Listen)?.flash(flash),
            day: part.day,
            t,
            source,
            mailbox,
            ever,
            days,
            older,
            state,
            entries,
            next,
        })
    })
    .await
}

/// The raw bytes of an arrival, to keep.
pub async fn raw(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ReadVoices)?;
        let id: ArrivalId = id.parse().map_err(|_| Fault::NotFound)?;
        let (name, bytes) = arrival::raw(tx, &staff.actor, id)?.ok_or(Fault::NotFound)?;
        let name = name.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("raw");
        Ok(Reply::file(name, "application/octet-stream", bytes))
    })
    .await
}
