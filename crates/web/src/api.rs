//! The API's ways: bearer tokens, problems (RFC 9457), paging, idempotency.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use engine::idempotency::{self, Answer};
use engine::{DbError, Trouble, Tx};
use kernel::{Actor, Fault, Page, Permission, TokenId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::error;
use crate::request::Request;

/// The head of the API's document; every room adds its operations.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Bottega",
        description = "Voices, people, conversations. Bearer tokens with scopes; lists page by `cursor` and \
                       `limit`; `Idempotency-Key` is honoured on every POST; errors are RFC 9457 problems.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Bearer)
)]
pub struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// `GET /api/v1/events`: the live stream for a bearer token with the scope `voices:read`.
pub async fn events(
    axum::extract::State(app): axum::extract::State<App>,
    request: Request,
) -> Response<Body> {
    let heard = app.api_read_raw(request, |_, actor| {
        // What is told are ids of voices, conversations and people of the mailboxes that the token sees.
        actor.authorise(Permission::ReadVoices)?;
        Ok(actor.clone())
    });
    match heard.await {
        Ok(actor) => crate::live::stream(&app, actor).unwrap_or_else(|fault| refuse(&fault)),
        Err(refused) => refused,
    }
}

/// An error of the API, as RFC 9457 describes it (`application/problem+json`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A name that programs can compare, such as `not-found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What exactly is wrong and what to do.
    pub detail: String,
    /// The field that is wrong, when one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    /// The problem that a fault is.
    pub fn of(fault: &Fault) -> Problem {
        let (kind, title) = match fault {
            Fault::NotFound => ("not-found", "Not found"),
            Fault::Forbidden(_) => ("forbidden", "Not allowed"),
            Fault::Invalid { .. } => ("invalid", "Invalid value"),
            Fault::Conflict(_) => ("conflict", "Conflict"),
            Fault::TooMany { .. } => ("too-many-requests", "Too many requests"),
            Fault::Store(_) => match DbError::trouble_in(fault) {
                None => ("internal", "The store failed"),
                Some(Trouble::Away | Trouble::Unsure) => ("unavailable", "The database does not answer"),
                Some(Trouble::Full) => ("disk-full", "The disk is full"),
                Some(Trouble::ReadOnly) => ("read-only", "Nothing can be stored at present"),
                Some(Trouble::Gone) => ("database-gone", "The database's file is gone"),
            },
        };
        let detail = match fault {
            Fault::NotFound => "it does not exist, or this token may not see it".to_owned(),
            Fault::Forbidden(permission) => format!("this needs the scope {}", permission.code()),
            Fault::Store(cause) => {
                tracing::error!(%cause, "an API call failed");
                match DbError::trouble_in(fault) {
                    None => "nothing was changed; try again later",
                    Some(Trouble::Away) => "nothing was changed; try again after Retry-After",
                    Some(Trouble::Unsure) => {
                        "whether it was done is not known; send the same request with the same Idempotency-Key again \
                         after Retry-After: it is then done once"
                    }
                    Some(Trouble::Full) => {
                        "nothing was changed and reading goes on; try again when the administrator has made room"
                    }
                    Some(Trouble::ReadOnly) => {
                        "nothing was changed and reading goes on; try again when the administrator has made the disk \
                         writable"
                    }
                    Some(Trouble::Gone) => {
                        "nothing was changed, and nothing is stored until the administrator has put the database back"
                    }
                }
                .to_owned()
            }
            other => other.to_string(),
        };
        let field = if let Fault::Invalid { field, .. } = fault { Some((*field).to_owned()) } else { None };
        Problem {
            kind: kind.into(),
            title: title.into(),
            status: error::status(fault).as_u16(),
            detail,
            field,
        }
    }

    /// No token, or none that lives.
    fn unauthorised() -> Problem {
        Problem {
            kind: "unauthorised".into(),
            title: "Not signed in".into(),
            status: 401,
            detail: "send a token as 'Authorization: Bearer bottega_…'".into(),
            field: None,
        }
    }

    fn response(&self, retry_after_seconds: Option<u32>) -> Response<Body> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A problem as a response.
pub fn refuse(fault: &Fault) -> Response<Body> {
    Problem::of(fault).response(error::retry_after_seconds(fault))
}

/// A refusal that no use case gave, as a problem.
pub(crate) fn refuse_with(status: StatusCode) -> Response<Body> {
    let (kind, title, detail) = match status {
        StatusCode::UNAUTHORIZED => return Problem::unauthorised().response(None),
        StatusCode::NOT_FOUND => return refuse(&Fault::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method-not-allowed", "Method not allowed", "the header Allow names the methods of this address")
        }
        StatusCode::REQUEST_TIMEOUT => ("too-slow", "Too slow", "the request came too slowly; send it again"),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            ("too-large", "Too large", "the request is larger than this address takes")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported-media-type", "Unsupported media type", "send application/json")
        }
        status if status.is_server_error() => {
            ("internal", "A fault of ours", "nothing was changed; try again")
        }
        _ => ("unreadable", "Unreadable request", "the request cannot be read; compare it with the document"),
    };
    let problem = Problem {
        kind: kind.into(),
        title: title.into(),
        status: status.as_u16(),
        detail: detail.into(),
        field: None,
    };
    problem.response(None)
}

/// How a list is paged.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApiRead {
    /// Where the page starts: the `next` of the page before.
    pub cursor: Option<String>,
    /// How many items, 1 to 200 (50 by default).
    pub limit: Option<u32>,
}

impl ApiRead {
    /// Cursor and limit, checked.
    pub fn page(&self) -> Result<(Option<kernel::Cursor>, u32), Fault> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose()?;
        Ok((cursor, kernel::paging::limit(self.limit)))
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T: ToSchema> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last one.
    pub next: Option<String>,
}

impl<T: ToSchema> Listing<T> {
    /// From a page of the store.
    pub fn of<S>(page: Page<S>, turn: impl FnMut(S) -> T) -> Listing<T> {
        let page = page.map(turn);
        Listing { items: page.items, next: page.next.map(|cursor| cursor.to_string()) }
    }
}

impl App {
    /// Answers a GET of the API for a bearer token: one read of the database.
    pub async fn api_read<T, F>(&self, request: Request, build: F) -> Response<Body>
    where
        T: Serialize + Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<T, Fault> + Send + 'static,
    {
        match self.api_read_raw(request, build).await {
            Ok(value) => Json(value).into_response(),
            Err(response) => response,
        }
    }

    /// Like [`App::api_read`], giving the value for answers that are not JSON.
    pub async fn api_read_raw<T, F>(&self, request: Request, build: F) -> Result<T, Response<Body>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Actor) -> Result<T, Fault> + Send + 'static,
    {
        self.brake(&request).map_err(|fault| refuse(&fault))?;
        let app = self.clone();
        let result = self
            .engine()
            .read(move |tx| {
                let Some((token, actor, stale)) = bearer(tx, &app, &request)? else { return Ok(None) };
                build(tx, &actor).map(|value| Some((value, stale.then_some(token))))
            })
            .await;
        match result {
            Ok(Some((value, stale))) => {
                if let Some(token) = stale {
                    let clock = self.shared_clock();
                    let noted =
                        self.engine().write(move |tx| Ok(primitives::token::used(tx, &*clock, token)?)).await;
                    if let Err(error) = noted {
                        tracing::warn!(%error, "the use of a token could not be written down");
                    }
                }
                Ok(value)
            }
            Ok(None) => Err(Problem::unauthorised().response(None)),
            Err(fault) => Err(refuse(&fault)),
        }
    }

    /// Makes a change through the API: one write, done once per `Idempotency-Key`. `body` is the request
    /// as it came, by which a repeated key is recognised. `act` gives the status and the answer.
    pub async fn api_write<T, F>(&self, request: Request, body: Vec<u8>, act: F) -> Response<Body>
    where
        T: Serialize,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<(StatusCode, T), Fault> + Send + 'static,
    {
        if let Err(fault) = self.brake(&request) {
            return refuse(&fault);
        }
        let app = self.clone();
        let result = self
            .engine()
            .write(move |tx| {
                let Some((token, actor, stale)) = bearer(tx, &app, &request)? else { return Ok(None) };
                if stale {
                    primitives::token::used(tx, app.clock(), token)?;
                }
                // An answer is given again to the token that had it, while it may do and see what it could then;
                // after that the key stands for another request, and neither is it done twice.
                let owner = format!("token:{token}");
                let rights = rights(&actor);
                let asked =
                    [request.path_and_query.as_bytes(), b"\n", rights.as_bytes(), b"\n", &body].concat();
                let key = request.idempotency_key.as_deref();
                let answer = idempotency::once(tx, app.clock(), &owner, key, &asked, |tx| {
                    let (status, value) = act(tx, &actor)?;
                    let body = serde_json::to_string(&value).map_err(Fault::store)?;
                    Ok(Answer { status: status.as_u16(), body })
                })?;
                Ok(Some(answer))
            })
            .await;
        match result {
            Ok(Some(answer)) => {
                let mut response = Response::new(Body::from(answer.body));
                *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Ok(None) => Problem::unauthorised().response(None),
            Err(fault) => refuse(&fault),
        }
    }
}

/// The living token that a request shows, who acts through it, and whether its use should be written down.
pub(crate) fn bearer(
    tx: &mut Tx<'_>,
    app: &App,
    request: &Request,
) -> Result<Option<(TokenId, Actor, bool)>, Fault> {
    let Some(secret) = &request.bearer else { return Ok(None) };
    let found = primitives::token::actor(tx, app.clock(), secret)?;
    if found.is_some() {
        app.know(secret);
    }
    Ok(found)
}

/// What an actor may do and see, as one text.
fn rights(actor: &Actor) -> String {
    let mut mailboxes = actor.mailbox_keys();
    mailboxes.sort_unstable();
    let mut scopes: Vec<&str> = Permission::ALL
        .into_iter()
        .filter(|permission| actor.may(*permission))
        .map(Permission::code)
        .collect();
    scopes.sort_unstable();
    format!("{scopes:?} {mailboxes:?}")
}

/// Reads a JSON body; what is wrong with it is a problem, not a bare status.
pub fn read_json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body)
        .map_err(|error| Fault::invalid("body", kernel::Reason::Because(error.to_string())))
}
