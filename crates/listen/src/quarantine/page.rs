//! `/listen/quarantine`: what nobody could read, one of them, and many tried again.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{ArrivalId, Fault, Permission, SourceId};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::run::{self, Run, RunId};
use super::{Causes, Filter, Held, Preview, Tried};
use crate::arrival::Cause;
use crate::sources::page::sentence;
use crate::texts::Texts;

/// How many one page shows.
const SHOWN: u32 = 50;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Only of this source, `src_…`.
    #[serde(default)]
    source: String,
    /// Only for this kind of cause.
    #[serde(default)]
    cause: String,
    /// `1` for what was set aside.
    #[serde(default)]
    aside: String,
    /// Those before this one, `arr_…`.
    #[serde(default)]
    before: String,
    /// What was just done, as a code.
    #[serde(default)]
    done: String,
}

impl Asked {
    fn filter(&self) -> Result<Filter, Fault> {
        let source: Option<SourceId> = match self.source.as_str() {
            "" => None,
            source => Some(source.parse().map_err(|_| Fault::NotFound)?),
        };
        let cause = (!self.cause.is_empty()).then(|| self.cause.clone());
        Ok(Filter { source, cause, set_aside: self.aside == "1" })
    }
}

/// A chip of the filters.
struct Chip {
    href: String,
    label: String,
    count: i64,
    current: bool,
}

#[derive(Template)]
#[template(path = "quarantine/templates/list.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    held: Vec<Held>,
    left: i64,
    matching: i64,
    sources: Vec<Chip>,
    causes: Vec<Chip>,
    filter: Filter,
    next: Option<String>,
    acts: bool,
}

impl ListPage {
    fn cause(&self, cause: &Cause) -> String {
        sentence(&self.t, cause)
    }

    /// This page with another filter.
    fn href(&self, set_aside: bool) -> String {
        href(&Filter { set_aside, ..self.filter.clone() })
    }

    fn source_key(&self) -> String {
        self.filter.source.map(|source| source.to_string()).unwrap_or_default()
    }

    fn cause_key(&self) -> &str {
        self.filter.cause.as_deref().unwrap_or_default()
    }
}

/// The address of a part of the quarantine.
fn href(filter: &Filter) -> String {
    let mut query = Vec::new();
    query.extend(filter.source.map(|source| format!("source={source}")));
    query.extend(filter.cause.as_deref().map(|cause| format!("cause={}", web::request::encode(cause))));
    query.extend(filter.set_aside.then(|| "aside=1".to_owned()));
    match query.is_empty() {
        true => "/listen/quarantine".to_owned(),
        false => format!("/listen/quarantine?{}", query.join("&")),
    }
}

/// What a kind of cause is called, without its figures.
fn cause_name(t: &Texts, kind: &str) -> String {
    match kind {
        "columns" => t.quarantine_columns().to_string(),
        kind => sentence(t, &Cause::from_code(kind)),
    }
}

/// `GET /listen/quarantine`.
pub async fn list(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| list_page(tx, staff, &asked)).await
}

fn list_page(tx: &mut Tx<'_>, staff: &Staff, asked: &Asked) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let filter = asked.filter()?;
    let before: Option<ArrivalId> = match asked.before.as_str() {
        "" => None,
        before => Some(before.parse().map_err(|_| Fault::NotFound)?),
    };
    let mut held = super::list(tx, &staff.actor, &filter, before, SHOWN + 1)?;
    let more = held.len() > SHOWN as usize;
    held.truncate(SHOWN as usize);
    let last = if more { held.last().map(|held| held.id) } else { None };
    let causes = super::causes(tx, &staff.actor)?;
    let flash = match asked.done.as_str() {
        "nothing" => Some(t.quarantine_nothing_to_try().to_string()),
        "aside" => Some(t.quarantine_done_aside().to_string()),
        _ => None,
    };
    let joined = |href: String| if href.contains('?') { format!("{href}&") } else { format!("{href}?") };
    let shell = Shell::new(tx, staff, Room::Listen)?.flash(flash);
    Reply::page(&ListPage {
        sources: source_chips(&t, &causes, &filter),
        causes: cause_chips(&t, &causes, &filter),
        left: causes.all(),
        matching: causes.matching(&filter),
        next: last.map(|last| format!("{}before={last}", joined(href(&filter)))),
        acts: staff.actor.may(Permission::ImportVoices),
        t,
        shell,
        held,
        filter,
    })
}

fn source_chips(t: &Texts, causes: &Causes, filter: &Filter) -> Vec<Chip> {
    let of = |source: Option<SourceId>| href(&Filter { source, ..filter.clone() });
    let mut chips = vec![Chip {
        href: of(None),
        label: t.quarantine_all_sources().to_string(),
        count: causes.all(),
        current: filter.source.is_none(),
    }];
    chips.extend(causes.by_source().into_iter().map(|(id, name, count)| Chip {
        href: of(Some(id)),
        label: name,
        count,
        current: filter.source == Some(id),
    }));
    chips
}

fn cause_chips(t: &Texts, causes: &Causes, filter: &Filter) -> Vec<Chip> {
    let of = |cause: Option<String>| href(&Filter { cause, ..filter.clone() });
    let mut chips = vec![Chip {
        href: of(None),
        label: t.quarantine_all_causes().to_string(),
        count: causes.all(),
        current: filter.cause.is_none(),
    }];
    chips.extend(causes.by_cause().into_iter().map(|(cause, count)| Chip {
        href: of(Some(cause.clone())),
        label: cause_name(t, &cause).trim_end_matches('.').to_owned(),
        count,
        current: filter.cause.as_ref() == Some(&cause),
    }));
    chips
}

/// How one is to be shown, and what was just done.
#[derive(Debug, Default, Deserialize)]
pub struct View {
    /// `hex` or `text`; what it seems to be when left out.
    #[serde(default, rename = "as")]
    shown_as: String,
    /// What was just done, as a code.
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "quarantine/templates/one.html")]
struct OnePage {
    t: Texts,
    shell: Shell,
    held: Held,
    /// The bytes; `None` where they are lost.
    preview: Option<Preview>,
    cause: String,
    format: String,
    acts: bool,
    reason: String,
    error: String,
}

impl OnePage {
    /// How much of how much is shown, where that is not everything.
    fn cut(&self) -> Option<String> {
        let size = |bytes: usize| self.shell.bytes(&i64::try_from(bytes).unwrap_or(i64::MAX));
        let Preview { size: all, shown, .. } = *self.preview.as_ref()?;
        (shown < all).then(|| self.t.quarantine_cut(size(all), size(shown)).to_string())
    }
}

/// `GET /listen/quarantine/{id}`. One of which something was made leads there.
pub async fn one(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(view): Query<View>,
) -> Reply {
    app.page(request, move |tx, staff| {
        let id: ArrivalId = id.parse().map_err(|_| Fault::NotFound)?;
        one_page(tx, staff, id, &view, String::new(), String::new())
    })
    .await
}

fn one_page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    id: ArrivalId,
    view: &View,
    reason: String,
    error: String,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let held = super::visible(tx, &staff.actor, id)?;
    if held.state != "quarantined" {
        return Ok(Reply::redirect(&became(&held.state, held.voice.map(|id| id.to_string()), held.source)));
    }
    let hexadecimal = match view.shown_as.as_str() {
        "hex" => Some(true),
        "text" => Some(false),
        _ => None,
    };
    let preview = super::preview(tx, &staff.actor, id, hexadecimal)?;
    let flash = match view.done.as_str() {
        "still" => Some(t.quarantine_done_still().to_string()),
        "back" => Some(t.quarantine_done_back().to_string()),
        _ => None,
    };
    let format = match held.format.as_str() {
        "mail" => t.quarantine_format_mail(),
        "csv" => t.quarantine_format_csv(),
        "jsonl" => t.quarantine_format_jsonl(),
        _ => t.quarantine_format_api(),
    };
    let page = OnePage {
        cause: sentence(&t, &held.cause),
        format: format.to_string(),
        shell: Shell::new(tx, staff, Room::Listen)?.flash(flash),
        acts: staff.actor.may(Permission::ImportVoices),
        t,
        held,
        preview,
        reason,
        error,
    };
    let wrong = !page.error.is_empty();
    let reply = Reply::page(&page)?;
    Ok(if wrong { reply.status(StatusCode::UNPROCESSABLE_ENTITY) } else { reply })
}

/// Where something is found that is in quarantine no more.
fn became(state: &str, voice: Option<String>, source: SourceId) -> String {
    match voice {
        Some(voice) => format!("/voices/{voice}"),
        None => format!("/listen/sources/{source}?state={state}#entries"),
    }
}

/// A form that carries nothing but its mark.
#[derive(Debug, Default, Deserialize)]
pub struct Nothing {}

/// `POST /listen/quarantine/{id}/retry`.
pub async fn retry(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id: ArrivalId = id.parse().map_err(|_| Fault::NotFound)?;
        let to = match super::retry(tx, &*clock, &staff.actor, id)? {
            Tried::Later(run) => format!("/listen/quarantine/runs/{run}"),
            Tried::Now { state, .. } if state == "quarantined" => {
                format!("/listen/quarantine/{id}?done=still")
            }
            Tried::Now { state, voice } => {
                let source = super::visible(tx, &staff.actor, id)?.source;
                became(&state, voice.map(|id| id.to_string()), source)
            }
        };
        Ok(Reply::redirect(&to))
    })
    .await
}

/// A reason as a form sends it.
#[derive(Debug, Default, Deserialize)]
pub struct Reason {
    /// Why.
    #[serde(default)]
    reason: String,
}

/// `POST /listen/quarantine/{id}/set-aside`.
pub async fn set_aside(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Reason>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id: ArrivalId = id.parse().map_err(|_| Fault::NotFound)?;
        let reason = &form.fields.reason;
        match tx.savepoint(|tx| super::set_aside(tx, &*clock, &staff.actor, id, reason)) {
            Ok(()) => Ok(Reply::redirect("/listen/quarantine?done=aside")),
            Err(fault @ Fault::Invalid { .. }) => {
                let error = web::error::sentence(staff.locale(), &fault);
                one_page(tx, staff, id, &View::default(), reason.clone(), error)
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// `POST /listen/quarantine/{id}/put-back`.
pub async fn put_back(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id: ArrivalId = id.parse().map_err(|_| Fault::NotFound)?;
        super::put_back(tx, &*clock, &staff.actor, id)?;
        Ok(Reply::redirect(&format!("/listen/quarantine/{id}?done=back")))
    })
    .await
}

/// Which of them are to be tried again.
#[derive(Debug, Default, Deserialize)]
pub struct Which {
    /// Only of this source, `src_…`.
    #[serde(default)]
    source: String,
    /// Only for this kind of cause.
    #[serde(default)]
    cause: String,
}

/// `POST /listen/quarantine/retry`.
pub async fn retry_all(State(app): State<App>, request: Request, form: Form<Which>) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ImportVoices)?;
        let Which { source, cause } = &form.fields;
        let asked = Asked { source: source.clone(), cause: cause.clone(), ..Asked::default() };
        Ok(Reply::redirect(&match run::begin(tx, &*clock, &staff.actor, &asked.filter()?)? {
            Some(run) => format!("/listen/quarantine/runs/{run}"),
            None => "/listen/quarantine?done=nothing".to_owned(),
        }))
    })
    .await
}

#[derive(Template)]
#[template(path = "quarantine/templates/run.html")]
struct RunPage {
    t: Texts,
    shell: Shell,
    run: Run,
    still: i64,
    what: String,
}

/// `GET /listen/quarantine/runs/{id}`.
pub async fn run(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        let id: RunId = id.parse().map_err(|_| Fault::NotFound)?;
        let run = run::visible(tx, &staff.actor, id)?;
        let t = Texts::new(staff.locale());
        let cause = run.cause.as_deref().map(|cause| cause_name(&t, cause));
        let parts = [run.source_name.clone(), cause];
        let what: Vec<String> = parts.into_iter().flatten().collect();
        let shell = Shell::new(tx, staff, Room::Listen)?;
        Reply::page(&RunPage { t, shell, still: run.still(), run, what: what.join(" · ") })
    })
    .await
}
