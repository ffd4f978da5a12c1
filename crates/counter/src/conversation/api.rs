//! A conversation as operations of the API.

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State as AppState};
use axum::http::{Response, StatusCode};
use engine::Tx;
use kernel::{Actor, ConversationId, Cursor, Fault, IdentityId, Instant, Permission, Reason};
use primitives::attachment::Attachment;
use primitives::conversation::{self, Conversation, State};
use primitives::message::{self, Message};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::api::read_json;
use web::{ApiRead, App, Listing, Problem, Request};

use crate::answer::{self, Answer};

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationView {
    /// Its id, `cnv_…`.
    pub id: String,
    /// The mailbox in which it is visible, `mbx_…`.
    pub mailbox: String,
    /// The mailbox's name.
    pub mailbox_name: String,
    /// With whom, `per_…`; null when nobody knows.
    pub person: Option<String>,
    /// Their name.
    pub person_name: Option<String>,
    /// What it is about.
    pub subject: String,
    /// The customer's last words, shortened.
    pub preview: String,
    /// `open`, `waiting_for_us`, `waiting_for_customer`, `snoozed` or `closed`.
    pub state: String,
    /// How it began, such as `mail`.
    pub channel: String,
    /// The customer's language in it (BCP 47).
    pub language: Option<String>,
    /// The employee who has it in hand, `acc_…`.
    pub owner: Option<String>,
    /// Their name.
    pub owner_name: Option<String>,
    /// The product it is about, `prd_…`.
    pub product: Option<String>,
    /// The conversation that it was joined to, in which its messages are now.
    pub joined_into: Option<String>,
    /// When it began (RFC 3339).
    pub opened_at: String,
    /// When somebody last said something.
    pub last_at: String,
    /// Since when the customer waits for us.
    pub waiting_since: Option<String>,
    /// By when something is promised.
    pub due_at: Option<String>,
    /// Until when it is out of sight.
    pub snoozed_until: Option<String>,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// Grows with every change.
    pub revision: i64,
}

impl From<Conversation> for ConversationView {
    fn from(c: Conversation) -> ConversationView {
        let instant = |at: Option<Instant>| at.map(|at| at.to_string());
        ConversationView {
            id: c.id.to_string(),
            mailbox: c.mailbox.to_string(),
            mailbox_name: c.mailbox_name,
            person: c.person.map(|id| id.to_string()),
            person_name: c.person_name,
            subject: c.subject,
            preview: c.preview,
            state: c.state.code().to_owned(),
            channel: c.channel.code().to_owned(),
            language: c.language,
            owner: c.owner.map(|id| id.to_string()),
            owner_name: c.owner_name,
            product: c.product.map(|id| id.to_string()),
            joined_into: c.joined_into.map(|id| id.to_string()),
            opened_at: c.opened_at.to_string(),
            last_at: c.last_at.to_string(),
            waiting_since: instant(c.waiting_since),
            due_at: instant(c.due_at),
            snoozed_until: instant(c.snoozed_until),
            closed_at: instant(c.closed_at),
            revision: c.revision,
        }
    }
}

/// A message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Its id, `msg_…`.
    pub id: String,
    /// `incoming`, `outgoing` or `note`.
    pub kind: String,
    /// The voice that it is, for an incoming one, `voi_…`.
    pub voice: Option<String>,
    /// The employee who wrote it, `acc_…`.
    pub author: Option<String>,
    /// Who wrote it.
    pub author_name: Option<String>,
    /// The text: the customer's own new words, or ours.
    pub body: String,
    /// How an incoming one came.
    pub channel: Option<String>,
    /// The language it is in.
    pub language: Option<String>,
    /// The score that came with it.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// Where an outgoing one stands: `queued`, `attempting`, `sent`, `failed` or `held`.
    pub delivery: Option<String>,
    /// Why it failed or is held.
    pub delivery_reason: Option<String>,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// When it was said (RFC 3339).
    pub occurred_at: String,
}

/// A file of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its id, `att_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type as the sender gave it.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
}

impl MessageView {
    fn of(m: Message, files: &[Attachment]) -> MessageView {
        let attachments = files
            .iter()
            .filter(|file| file.message == Some(m.id) || (file.voice.is_some() && file.voice == m.voice))
            .map(|file| AttachmentView {
                id: file.id.to_string(),
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                size: file.size,
            })
            .collect();
        MessageView {
            id: m.id.to_string(),
            kind: m.kind.code().to_owned(),
            voice: m.voice.map(|id| id.to_string()),
            author: m.author.map(|id| id.to_string()),
            author_name: m.author_name,
            body: m.body,
            channel: m.channel.map(|channel| channel.code().to_owned()),
            language: m.language,
            score: m.score,
            score_most: m.score_most,
            delivery: m.delivery,
            delivery_reason: m.delivery_reason,
            attachments,
            occurred_at: m.occurred_at.to_string(),
        }
    }
}

/// The id of a path: what is no id of a conversation is not found.
fn read(id: &str) -> Result<ConversationId, Fault> {
    id.parse().map_err(|_| Fault::NotFound)
}

/// A stretch of the messages of a visible conversation, oldest first, and where the earlier ones end.
fn messages(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ConversationId,
    before: Option<Cursor>,
    limit: u32,
) -> Result<Listing<MessageView>, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    conversation::required(tx, actor, id)?;
    let (messages, earlier) = message::thread(tx, id, before, limit)?;
    let files = super::files(tx, &messages)?;
    let next = messages
        .first()
        .filter(|_| earlier)
        .map(|first| Cursor { at: first.occurred_at, id: first.id.raw() });
    Ok(Listing {
        next: next.map(|next| next.to_string()),
        items: messages.into_iter().map(|message| MessageView::of(message, &files)).collect(),
    })
}

/// One conversation.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "cnv_…")),
    responses((status = 200, body = ConversationView), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn show(AppState(app): AppState<App>, request: Request, Path(id): Path<String>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ReadVoices)?;
        Ok(ConversationView::from(conversation::required(tx, actor, read(&id)?)?))
    })
    .await
}

/// The messages of a conversation: the last ones, oldest of them first. `next` leads to earlier ones.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path, description = "cnv_…"), ApiRead),
    responses((status = 200, body = Listing<MessageView>), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn thread(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<ApiRead>,
) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let (before, limit) = asked.page()?;
        messages(tx, actor, read(&id)?, before, limit)
    })
    .await
}

/// A message to write.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    /// `outgoing` (the default) or `note`.
    kind: Option<String>,
    /// What it says, at most 100,000 characters.
    text: String,
    /// For an outgoing one: to which address of the person (`idn_…`); the one they wrote from last, when absent.
    to: Option<String>,
    /// For an outgoing one: whether the conversation ends with it.
    #[serde(default)]
    close: bool,
}

/// What was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct Written {
    /// The message, `msg_…`.
    id: String,
}

/// Answers the customer, or leaves a note for colleagues. An answer is queued for sending.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path, description = "cnv_…")), request_body = NewMessage,
    responses((status = 201, body = Written), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["conversations:answer"])))]
pub async fn write(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let new: NewMessage = read_json(&body)?;
        let id = read(&id)?;
        let written = match new.kind.as_deref() {
            Some("note") => answer::note(tx, &*clock, actor, id, &new.text)?,
            None | Some("outgoing") => {
                let to: Option<IdentityId> = new.to.as_deref().map(str::parse).transpose()?;
                let answer = Answer { text: &new.text, to, close: new.close, files: &[] };
                answer::answer(tx, &*clock, actor, id, &answer)?
            }
            Some(_) => return Err(Fault::invalid("kind", Reason::NotA("outgoing or note"))),
        };
        Ok((StatusCode::CREATED, Written { id: written.to_string() }))
    })
    .await
}

/// A state to set.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewState {
    /// `open`, `waiting_for_us`, `waiting_for_customer`, `snoozed` or `closed`.
    state: String,
    /// Until when, for `snoozed` (RFC 3339, in the future).
    snoozed_until: Option<String>,
}

/// Sets the state of a conversation.
#[utoipa::path(post, path = "/conversations/{id}/state", tag = "conversations",
    params(("id" = String, Path, description = "cnv_…")), request_body = NewState,
    responses((status = 200, body = ConversationView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["conversations:answer"])))]
pub async fn state(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let new: NewState = read_json(&body)?;
        let id = read(&id)?;
        let unknown = Reason::NotA("open, waiting_for_us, waiting_for_customer, snoozed or closed");
        let state = State::from_code(&new.state).ok_or(Fault::invalid("state", unknown))?;
        let until: Option<Instant> =
            new.snoozed_until.as_deref().map(str::parse).transpose().map_err(|_| {
                Fault::invalid("snoozed_until", Reason::NotA("an instant such as 2026-12-01T08:00:00Z"))
            })?;
        super::set_state(tx, &*clock, actor, id, state, until)?;
        Ok((StatusCode::OK, ConversationView::from(conversation::required(tx, actor, id)?)))
    })
    .await
}

/// New hands for a conversation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOwner {
    /// The employee (`acc_…`), who must see the mailbox; null for nobody.
    owner: Option<String>,
}

/// Puts a conversation into somebody's hands, or nobody's.
#[utoipa::path(post, path = "/conversations/{id}/assign", tag = "conversations",
    params(("id" = String, Path, description = "cnv_…")), request_body = NewOwner,
    responses((status = 200, body = ConversationView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["conversations:answer"])))]
pub async fn assign(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let new: NewOwner = read_json(&body)?;
        let id = read(&id)?;
        let owner = new
            .owner
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| Fault::invalid("owner", Reason::Unknown))?;
        super::assign(tx, &*clock, actor, id, owner)?;
        Ok((StatusCode::OK, ConversationView::from(conversation::required(tx, actor, id)?)))
    })
    .await
}
