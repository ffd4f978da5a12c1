//! Voices as the API takes and gives them.

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{Response, StatusCode};
use kernel::{Cursor, Fault, Instant, Permission, Reason, SourceId, VoiceId, paging};
use primitives::{Channel, source, voice};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::api::read_json;
use web::{App, Listing, Problem, Request};

use crate::intake::record::{Author, Record, TEXT, clip, key, language, short};

/// Who said it.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct NewAuthor {
    /// Their name.
    name: Option<String>,
    /// A mail address.
    email: Option<String>,
    /// A telephone number.
    phone: Option<String>,
    /// Their number in another system.
    external_id: Option<String>,
}

/// A product, by name or with its version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum NewProduct {
    /// Its name.
    Name(String),
    /// Its name and version.
    Version {
        /// Its name.
        name: String,
        /// Its version.
        #[serde(default)]
        version: String,
    },
}

/// Something that a customer said.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewVoice {
    /// Its id in your system: the same id with the same content is stored once.
    external_id: Option<String>,
    /// The mailbox, `mbx_…` or its name; your first one when left out.
    mailbox: Option<String>,
    /// mail, phone, counter, form, chat, review, survey, post or other.
    channel: String,
    /// The words; may be empty when a score says it all.
    #[serde(default)]
    text: String,
    /// A title.
    subject: Option<String>,
    /// The language (BCP 47); told from the text when left out.
    language: Option<String>,
    /// When it was said (RFC 3339); now when left out.
    occurred_at: Option<String>,
    /// The score given.
    score: Option<f64>,
    /// The highest score that could be given.
    score_most: Option<f64>,
    /// Who said it.
    #[serde(default)]
    author: NewAuthor,
    /// What it is about.
    product: Option<NewProduct>,
    /// Whether somebody waits for an answer: a conversation is opened. Mails, forms and chats always do.
    #[serde(default)]
    wants_answer: bool,
}

impl NewVoice {
    fn record(self) -> Result<Record, Fault> {
        let channel = Channel::from_code(&self.channel).ok_or(Fault::invalid(
            "channel",
            Reason::NotA("one of mail, phone, counter, form, chat, review, survey, post, other"),
        ))?;
        if self.text.chars().count() > TEXT {
            return Err(Fault::invalid("text", Reason::TooLong(TEXT)));
        }
        let occurred_at = match &self.occurred_at {
            Some(given) => Some(given.parse::<Instant>().map_err(|_| {
                Fault::invalid("occurred_at", Reason::NotA("an instant such as 2026-05-01T09:30:00Z"))
            })?),
            None => None,
        };
        let given =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let product = self.product.and_then(|product| match product {
            NewProduct::Name(name) => Some((short(&name)?, String::new())),
            NewProduct::Version { name, version } => {
                Some((short(&name)?, short(&version).unwrap_or_default()))
            }
        });
        Ok(Record {
            external_id: given(self.external_id).map(|id| key(&id)),
            channel: Some(channel),
            text: clip(&self.text, TEXT),
            subject: self.subject.as_deref().and_then(short),
            language: self.language.as_deref().and_then(language),
            occurred_at,
            score: self.score,
            score_most: self.score_most,
            author: Author {
                name: self.author.name.as_deref().and_then(short),
                email: given(self.author.email),
                phone: given(self.author.phone),
                external_id: given(self.author.external_id).map(|id| clip(&id, 200)),
            },
            product,
            wants_answer: self.wants_answer,
            flags: Vec::new(),
        })
    }
}

/// What became of a voice that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stored {
    /// The voice.
    #[schema(value_type = String)]
    id: VoiceId,
    /// The conversation that it opened.
    #[schema(value_type = Option<String>)]
    conversation: Option<kernel::ConversationId>,
    /// Whether it had been stored before.
    duplicate: bool,
}

/// Stores a voice. Its author is recognised by mail address, telephone number or external id, where the token's account
/// sees a mailbox in which they were heard, or nobody has heard them yet. The voice of somebody known only in other mailboxes
/// is nobody's until who sees both says whose it is.
#[utoipa::path(post, path = "/voices", tag = "voices", request_body = NewVoice,
    responses((status = 201, body = Stored), (status = 200, body = Stored, description = "stored before"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["voices:capture"])))]
pub async fn create(State(app): State<App>, request: Request, body: Bytes) -> Response<Body> {
    let clock = app.shared_clock();
    let raw = body.to_vec();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        actor.authorise(Permission::CaptureVoices)?;
        let new: NewVoice = read_json(&raw)?;
        let mailbox = new.mailbox.clone();
        let said = super::say(tx, &*clock, actor, mailbox.as_deref(), new.record()?, &raw)?;
        let status = if said.duplicate { StatusCode::OK } else { StatusCode::CREATED };
        Ok((status, Stored { id: said.voice, conversation: said.conversation, duplicate: said.duplicate }))
    })
    .await
}

/// A voice.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoiceView {
    /// `voi_…`.
    id: String,
    /// The source, `src_…`.
    source: Option<String>,
    /// The mailbox, `mbx_…`.
    mailbox: String,
    /// The person, `per_…`, as whom they are shown.
    person: Option<String>,
    /// Their name.
    person_name: Option<String>,
    /// The author's name as given.
    author: Option<String>,
    /// The conversation, `cnv_…`.
    conversation: Option<String>,
    /// The product, `prd_…`.
    product: Option<String>,
    /// How it came.
    channel: String,
    /// Its title.
    subject: Option<String>,
    /// The customer's own new words.
    text: String,
    /// Its language.
    language: Option<String>,
    /// The score given.
    score: Option<f64>,
    /// The highest score that could be given.
    score_most: Option<f64>,
    /// Its id in another system.
    external_id: Option<String>,
    /// Whether it was imported from the past.
    historical: bool,
    /// When it was said (RFC 3339).
    occurred_at: String,
    /// When it was written down (RFC 3339).
    recorded_at: String,
}

impl VoiceView {
    fn of(voice: voice::Voice) -> VoiceView {
        VoiceView {
            id: voice.id.to_string(),
            source: voice.source.map(|id| id.to_string()),
            mailbox: voice.mailbox.to_string(),
            person: voice.person.map(|id| id.to_string()),
            person_name: voice.person_name,
            author: voice.author,
            conversation: voice.conversation.map(|id| id.to_string()),
            product: voice.product.map(|id| id.to_string()),
            channel: voice.channel.code().to_owned(),
            subject: voice.subject,
            text: voice.body,
            language: voice.language,
            score: voice.score,
            score_most: voice.score_most,
            external_id: voice.external_id,
            historical: voice.historical,
            occurred_at: voice.occurred_at.to_string(),
            recorded_at: voice.recorded_at.to_string(),
        }
    }
}

/// Which voices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this source, `src_…`.
    source: Option<String>,
    /// Where the page starts: the `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200 (50 by default).
    limit: Option<u32>,
}

/// The voices of the visible mailboxes, newest first.
#[utoipa::path(get, path = "/voices", tag = "voices", params(Which),
    responses((status = 200, body = Listing<VoiceView>), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn list(State(app): State<App>, request: Request, Query(which): Query<Which>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ReadVoices)?;
        let source: Option<SourceId> = which.source.as_deref().map(str::parse).transpose()?;
        if let Some(source) = source {
            source::by_id(tx, source)?.filter(|source| actor.sees(source.mailbox)).ok_or(Fault::NotFound)?;
        }
        let cursor: Option<Cursor> = which.cursor.as_deref().map(str::parse).transpose()?;
        let page = voice::list(tx, actor, source, cursor, paging::limit(which.limit))?;
        Ok(Listing::of(page, VoiceView::of))
    })
    .await
}

/// One voice.
#[utoipa::path(get, path = "/voices/{id}", tag = "voices", params(("id" = String, Path, description = "voi_…")),
    responses((status = 200, body = VoiceView), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ReadVoices)?;
        let id: VoiceId = id.parse()?;
        Ok(VoiceView::of(voice::visible(tx, actor, id)?.ok_or(Fault::NotFound)?))
    })
    .await
}
