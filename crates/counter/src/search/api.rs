//! Search as an operation of the API.

use axum::body::Body;
use axum::extract::{Query as Asking, State};
use axum::http::Response;
use kernel::fault::required;
use kernel::{Fault, Permission, Reason, paging};
use serde::{Deserialize, Serialize};
use text::search::Query;
use utoipa::{IntoParams, ToSchema};
use web::{App, Problem, Request};

use super::{Hit, LONGEST};

/// Characters of the stretch that is given of a text.
const STRETCH: usize = 220;

/// What is looked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Words, `"phrases"`, `-excluded` ones, `begin*`nings.
    #[serde(default)]
    q: String,
    /// Only texts older than this: the `older` of the answer before.
    before: Option<String>,
    /// How many of the best to pass over.
    offset: Option<u32>,
    /// How many items, 1 to 200 (50 by default).
    limit: Option<u32>,
}

/// What a search found among the latest 2,000 matching texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// The best first.
    pub items: Vec<SearchHit>,
    /// How many of them there are in all.
    pub count: usize,
    /// Where to go on with older texts (`before`); null when everything was looked at.
    pub older: Option<String>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// `voice` or `message`.
    pub kind: String,
    /// The voice (`voi_…`) or message (`msg_…`).
    pub id: String,
    /// The conversation that it belongs to, `cnv_…`.
    pub conversation: Option<String>,
    /// Who said it.
    pub name: Option<String>,
    /// Its subject, or that of its conversation.
    pub subject: Option<String>,
    /// A stretch of the text in which it was found.
    pub snippet: String,
    /// When it was said (RFC 3339).
    pub occurred_at: String,
}

/// Searches everything that was said in the visible mailboxes.
#[utoipa::path(get, path = "/search", tag = "search", params(Asked),
    responses((status = 200, body = SearchAnswer), (status = 401, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn search(
    State(app): State<App>,
    request: Request,
    Asking(asked): Asking<Asked>,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ReadVoices)?;
        let query = Query::parse(&required("q", &asked.q, LONGEST)?);
        let before = asked
            .before
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| Fault::invalid("before", Reason::NotA("the `older` of another answer")))?;
        let answer = super::search(tx, &*clock, actor, &query, before)?;
        let (offset, limit) = (asked.offset.unwrap_or(0) as usize, paging::limit(asked.limit) as usize);
        Ok(SearchAnswer {
            count: answer.hits.len(),
            older: answer.older.map(|older| older.to_string()),
            items: answer.hits.iter().skip(offset).take(limit).map(|(_, hit)| found(&query, hit)).collect(),
        })
    })
    .await
}

fn found(query: &Query, hit: &Hit) -> SearchHit {
    let snippet = query.snippet(hit.shown(query), STRETCH).iter().map(|piece| piece.text).collect();
    let (kind, id, name, subject) = match hit {
        Hit::Voice(voice) => {
            let name = voice.person_name.clone().or_else(|| voice.author.clone());
            ("voice", voice.id.to_string(), name, voice.subject.clone())
        }
        Hit::Ours(ours) => {
            ("message", ours.id.to_string(), ours.author_name.clone(), Some(ours.subject.clone()))
        }
    };
    SearchHit {
        kind: kind.to_owned(),
        id,
        conversation: hit.conversation().map(|id| id.to_string()),
        name,
        subject,
        snippet,
        occurred_at: hit.occurred_at().to_string(),
    }
}
