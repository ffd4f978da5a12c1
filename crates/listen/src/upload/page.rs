//! `/listen/import`: upload, preview, run.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use askama::Template;
use axum::RequestPartsExt;
use axum::extract::{FromRequest, Multipart, Path, Request as HttpRequest, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::Tx;
use kernel::{Fault, Instant, Permission};
use primitives::mailbox::{self, Mailbox};
use primitives::source::{self, Source};
use web::admission::FilesTurn;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::problem::Problem;
use super::{NewRun, Run, RunId};
use crate::import::Kind;
use crate::import::input::{Origin, open_text};
use crate::import::items::{Items, Named};
use crate::intake::{self, Parsed};
use crate::sources::page::sentence;
use crate::table::{Choice, Field, Table};
use crate::texts::Texts;

/// How many rows are shown before an import.
const SHOWN: usize = 20;
/// Longest stretch of a row's words that is shown.
const WORDS: usize = 160;

#[derive(Template)]
#[template(path = "upload/templates/begin.html")]
struct BeginPage {
    t: Texts,
    shell: Shell,
    sources: Vec<Source>,
    mailboxes: Vec<Mailbox>,
    runs: Vec<Run>,
    source: String,
    most: i64,
    bad: Option<String>,
}

impl BeginPage {
    fn state(&self, state: &str) -> String {
        state_name(&self.t, state)
    }
}

fn state_name(t: &Texts, state: &str) -> String {
    match state {
        "counting" => t.upload_counting(),
        "looked" => t.upload_looked(),
        "running" => t.upload_running(),
        "ended" => t.upload_ended(),
        _ => t.upload_failed(),
    }
    .to_string()
}

/// The form for a file, and the latest imports.
pub async fn begin(State(app): State<App>, request: Request) -> Reply {
    app.page(request, |tx, staff| begin_page(tx, staff, String::new(), None)).await
}

fn begin_page(tx: &mut Tx<'_>, staff: &Staff, source: String, bad: Option<String>) -> Result<Reply, Fault> {
    let runs = super::latest(tx, &staff.actor)?;
    let page = BeginPage {
        t: Texts::new(staff.locale()),
        sources: source::visible(tx, &staff.actor)?,
        mailboxes: mailbox::visible(tx, &staff.actor)?,
        shell: Shell::new(tx, staff, Room::Listen)?,
        runs,
        source,
        most: i64::try_from(web::serve::MOST_BYTES).unwrap_or(i64::MAX),
        bad,
    };
    let wrong = page.bad.is_some();
    let reply = Reply::page(&page)?;
    Ok(if wrong { reply.status(StatusCode::UNPROCESSABLE_ENTITY) } else { reply })
}

/// A form with a file.
#[derive(Debug, Default)]
pub struct Sent {
    csrf: String,
    source: String,
    mailbox: String,
    kind: String,
    file: String,
    bytes: Vec<u8>,
    turn: Option<FilesTurn>,
}

/// Most bytes of a field that is no file, and most fields of the form.
const MOST_FIELD_BYTES: usize = 4 * 1024;
const MOST_FIELDS: usize = 16;

impl FromRequest<App> for Sent {
    type Rejection = Response;

    async fn from_request(request: HttpRequest, state: &App) -> Result<Sent, Response> {
        let (mut parts, body) = request.into_parts();
        let asking =
            parts.extract_with_state::<Request, App>(state).await.map_err(IntoResponse::into_response)?;
        let turn = state.admit_files(&asking).await?;
        let request = HttpRequest::from_parts(parts, body);
        let mut multipart =
            Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let mut sent = Sent { turn: Some(turn), ..Sent::default() };
        let mut fields = 0;
        while let Some(mut field) = multipart.next_field().await.map_err(IntoResponse::into_response)? {
            fields += 1;
            if fields > MOST_FIELDS {
                return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
            }
            let name = field.name().unwrap_or_default().to_owned();
            let is_file = name == "file";
            if is_file {
                sent.file = field.file_name().unwrap_or_default().to_owned();
            }
            let mut bytes = Vec::new();
            while let Some(chunk) = field.chunk().await.map_err(IntoResponse::into_response)? {
                if !is_file && bytes.len() + chunk.len() > MOST_FIELD_BYTES {
                    return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
                }
                bytes.extend_from_slice(&chunk);
            }
            if is_file {
                sent.bytes = bytes;
                continue;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            match name.as_str() {
                "csrf" => sent.csrf = text,
                "source" => sent.source = text,
                "mailbox" => sent.mailbox = text,
                "kind" => sent.kind = text,
                _ => {}
            }
        }
        Ok(sent)
    }
}

/// What a file holds, by its name: a table unless it says otherwise.
fn kind_of(name: &str) -> Kind {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit('.').next() {
        Some("mbox") => Kind::Mbox,
        Some("eml") => Kind::Eml,
        Some("jsonl" | "ndjson" | "json") => Kind::Jsonl,
        _ => Kind::Csv,
    }
}

/// Takes a file and leads to its preview.
pub async fn receive(State(app): State<App>, request: Request, sent: Sent) -> Reply {
    let clock = app.shared_clock();
    // The turn is kept until the answer is made: so long the bytes are held.
    let Sent { csrf, source, mailbox, kind, file, bytes, turn: _turn } = sent;
    let new = NewRun {
        source,
        mailbox: mailbox.parse().ok(),
        kind: Kind::from_code(&kind).filter(|kind| *kind != Kind::Maildir).unwrap_or_else(|| kind_of(&file)),
        file: file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
        bytes,
    };
    app.change(request, csrf, move |tx, staff| {
        match tx.savepoint(|tx| super::begin(tx, &*clock, &staff.actor, &new)) {
            Ok(id) => Ok(Reply::redirect(&format!("/listen/import/{id}"))),
            Err(fault @ Fault::Invalid { .. }) => {
                let bad = web::error::sentence(staff.locale(), &fault);
                begin_page(tx, staff, new.source.clone(), Some(bad))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// An item as the preview shows it.
struct Shown {
    name: String,
    who: String,
    at: Option<Instant>,
    score: String,
    words: String,
    cause: Option<String>,
}

/// A field and the columns that it may be read from.
struct Chooser {
    code: &'static str,
    name: String,
    place: Option<usize>,
}

#[derive(Template)]
#[template(path = "upload/templates/run.html")]
struct RunPage {
    t: Texts,
    shell: Shell,
    run: Run,
    columns: Vec<String>,
    choosers: Vec<Chooser>,
    shown: Vec<Shown>,
    source: Option<Source>,
}

impl RunPage {
    fn state(&self) -> String {
        state_name(&self.t, &self.run.state)
    }

    /// What stopped it, in the reader's language.
    fn problem(&self) -> Option<String> {
        self.run.problem.as_deref().map(|stored| Problem::from_json(stored).sentence(&self.t))
    }

    fn is_chosen(&self, chooser: &Chooser, place: &usize) -> bool {
        chooser.place == Some(*place)
    }
}

/// What a field is called.
fn field_name(t: &Texts, field: Field) -> String {
    match field {
        Field::Text => t.upload_field_text(),
        Field::Title => t.upload_field_title(),
        Field::Date => t.upload_field_date(),
        Field::Score => t.upload_field_score(),
        Field::Author => t.upload_field_author(),
        Field::Email => t.upload_field_email(),
        Field::Phone => t.upload_field_phone(),
        Field::Id => t.upload_field_id(),
        Field::Product => t.upload_field_product(),
        Field::Version => t.upload_field_version(),
        Field::Language => t.upload_field_language(),
        Field::Channel => t.upload_field_channel(),
    }
    .to_string()
}

/// An import: what it would bring, how far it is, what it brought.
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        let id: RunId = id.parse().map_err(|_| Fault::NotFound)?;
        let run = super::visible(tx, &staff.actor, id)?;
        let t = Texts::new(staff.locale());
        let (mut columns, mut choosers, mut shown) = (Vec::new(), Vec::new(), Vec::new());
        let uploaded = match run.position == 0 && run.state != "ended" {
            true => super::bytes(tx, &run)?,
            false => None,
        };
        if let Some(bytes) = uploaded {
            let origin = Origin::Bytes(bytes.into());
            let zone = intake::zone(tx)?;
            if run.kind == Kind::Csv
                && let Some(table) = look_at(&origin, &run.choice)
            {
                choosers = Field::ALL
                    .into_iter()
                    .map(|field| Chooser {
                        code: field.code(),
                        name: field_name(&t, field),
                        place: table.reading.place(field),
                    })
                    .collect();
                columns = table.columns;
            }
            let files = vec![Named { name: String::new(), origin }];
            let items = Items::new(run.kind, run.choice.clone(), files, Arc::new(AtomicU64::new(0)));
            shown = items
                .map_while(Result::ok)
                .take(SHOWN)
                .map(|item| preview(&t, item.name, &intake::parse(&item.raw, &item.format, &zone)))
                .collect();
        }
        let source = source::by_name(tx, &run.source)?;
        let shell = Shell::new(tx, staff, Room::Listen)?;
        Reply::page(&RunPage { t, shell, run, columns, choosers, shown, source })
    })
    .await
}

fn look_at(origin: &Origin, choice: &Choice) -> Option<Table<Box<dyn std::io::BufRead + Send>>> {
    let input = open_text(origin, &Arc::new(AtomicU64::new(0))).ok()?;
    Table::look(input, choice).ok().flatten()
}

fn preview(t: &Texts, name: String, parsed: &Parsed) -> Shown {
    let name = name.trim_start_matches(':').to_owned();
    let words =
        |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS).collect();
    match parsed {
        Parsed::Mail(read) => Shown {
            name,
            who: read
                .message
                .from
                .as_ref()
                .map(|from| from.name.clone().unwrap_or_else(|| from.address.clone()))
                .unwrap_or_default(),
            at: read.message.date_micros.map(Instant::from_micros),
            score: String::new(),
            words: words(&format!("{} {}", read.message.subject, read.words)),
            cause: None,
        },
        Parsed::Record(read) => Shown {
            name,
            who: read.record.author.name.clone().or(read.record.author.email.clone()).unwrap_or_default(),
            at: read.record.occurred_at,
            score: match (read.record.score, read.record.score_most) {
                (Some(score), Some(most)) => format!("{score}/{most}"),
                (Some(score), None) => score.to_string(),
                (None, _) => String::new(),
            },
            words: words(&format!(
                "{} {}",
                read.record.subject.as_deref().unwrap_or_default(),
                read.record.text
            )),
            cause: None,
        },
        Parsed::Unreadable(cause) => Shown {
            name,
            who: String::new(),
            at: None,
            score: String::new(),
            words: String::new(),
            cause: Some(sentence(t, cause)),
        },
    }
}

/// Chooses columns and looks again.
pub async fn look(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ImportVoices)?;
        let id: RunId = id.parse().map_err(|_| Fault::NotFound)?;
        let mut choice = Choice::default();
        for (name, column) in &form.fields {
            if let Some(field) = Field::from_code(name) {
                choice.columns.push((field, column.clone()));
            }
        }
        super::choose(tx, &*clock, &staff.actor, id, &choice)?;
        Ok(Reply::redirect(&format!("/listen/import/{id}")))
    })
    .await
}

/// Sets an import going.
pub async fn run(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Vec<(String, String)>>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id: RunId = id.parse().map_err(|_| Fault::NotFound)?;
        super::start(tx, &*clock, &staff.actor, id)?;
        Ok(Reply::redirect(&format!("/listen/import/{id}")))
    })
    .await
}
