//! `GET /people/{id}/timeline` of the API.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Response;
use kernel::{ConversationId, EventId, Fault, Instant, Reason};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{ApiRead, App, Listing, Problem, Request};

use super::{Entry, Filter, What};

/// Which part of a timeline.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadTimeline {
    /// `all` (the default), `voices`, `answers`, `notes` or `facts`.
    kind: Option<String>,
    /// Where the page starts: the `next` of the page before.
    cursor: Option<String>,
    /// How many entries, 1 to 200 (50 by default).
    limit: Option<u32>,
}

/// An entry of a timeline.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct EntryView {
    /// `voice`, `answer`, `note` or `fact`.
    pub kind: &'static str,
    /// The id of the voice (`voi_…`), message (`msg_…`) or event (`evt_…`).
    pub id: String,
    /// When it happened (RFC 3339).
    #[schema(value_type = String)]
    pub at: Instant,
    /// The conversation it belongs to.
    #[schema(value_type = Option<String>)]
    pub conversation_id: Option<ConversationId>,
    /// How a voice came.
    pub channel: Option<&'static str>,
    /// The subject line of a voice.
    pub subject: Option<String>,
    /// The words: a voice's or a message's own, or their beginning.
    pub text: Option<String>,
    /// Whether `text` is only the beginning.
    pub is_cut: bool,
    /// The language of the words.
    pub language: Option<String>,
    /// The score that the customer gave.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// The colleague who wrote a message or did a fact.
    pub by: Option<String>,
    /// What a fact is, as the event log names it.
    pub event: Option<String>,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> EntryView {
        let at = entry.at;
        match entry.what {
            What::Voice { id, conversation, channel, subject, words, language, score } => EntryView {
                kind: "voice",
                id: id.to_string(),
                at,
                conversation_id: conversation,
                channel: Some(channel.code()),
                subject,
                text: Some(words.text),
                is_cut: words.is_cut,
                language,
                score: score.map(|(score, _)| score),
                score_most: score.and_then(|(_, most)| most),
                ..EntryView::default()
            },
            What::Message { id, conversation, is_note, author, words, language } => EntryView {
                kind: if is_note { "note" } else { "answer" },
                id: id.to_string(),
                at,
                conversation_id: Some(conversation),
                text: Some(words.text),
                is_cut: words.is_cut,
                language,
                by: author,
                ..EntryView::default()
            },
            What::Fact { kind, by, .. } => EntryView {
                kind: "fact",
                id: EventId(entry.id).to_string(),
                at,
                by,
                event: Some(kind),
                ..EntryView::default()
            },
        }
    }
}

/// Everything about a person within the mailboxes of the token's owner, newest first.
#[utoipa::path(get, path = "/people/{id}/timeline", tag = "people",
    params(("id" = String, Path, description = "per_…"), ReadTimeline),
    responses((status = 200, body = Listing<EntryView>), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["people:read"])))]
pub async fn show(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<ReadTimeline>,
) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let id = id.parse()?;
        let filter = match asked.kind.as_deref() {
            None => Filter::All,
            Some(code) => Filter::from_code(code)
                .ok_or(Fault::invalid("kind", Reason::NotA("all, voices, answers, notes or facts")))?,
        };
        let (from, limit) = ApiRead { cursor: asked.cursor, limit: asked.limit }.page()?;
        let page = super::page(tx, actor, id, filter, from, limit)?;
        Ok(Listing::of(page, EntryView::from))
    })
    .await
}
